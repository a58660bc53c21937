// The site's one script for every page: folds, drawers, busy buttons.
(function () {
  "use strict";

  function openTarget() {
    const goal = document.getElementById(window.location.hash.slice(1));
    if (goal && goal.tagName === "DETAILS") {
      goal.open = true;
      goal.scrollIntoView();
    }
  }
  window.addEventListener("hashchange", openTarget);
  openTarget();

  document.addEventListener("submit", (event) => {
    const busy = event.target.dataset.busy;
    const button = busy && event.target.querySelector("button");
    if (button) window.setTimeout(() => Object.assign(button, { disabled: true, textContent: busy }));
  });

  // what scrolls sideways can be reached and scrolled by key
  document.querySelectorAll(".table-scroll").forEach((box) => {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  });

  if (window.matchMedia("(max-width: 900px)").matches) {
    document.querySelectorAll("[data-drawer]").forEach((drawer) => (drawer.open = false));
  }
})();
