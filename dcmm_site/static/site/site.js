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

  // one box for all boxes of a group; without a script each is ticked by itself
  document.querySelectorAll("[data-tick-all]").forEach((group) => {
    const all = group.querySelector(".tick-all input");
    const each = Array.from(group.querySelectorAll("input[type=checkbox]")).filter((box) => box !== all);
    const show = () => {
      const ticked = each.filter((box) => box.checked).length;
      all.checked = ticked === each.length;
      all.indeterminate = ticked > 0 && !all.checked;
    };
    group.querySelector(".tick-all").hidden = false;
    all.addEventListener("change", () => each.forEach((box) => (box.checked = all.checked)));
    group.addEventListener("change", show);
    show();
  });

  // a field that only one choice of another field needs
  document.querySelectorAll("[data-only-for]").forEach((part) => {
    const chosen = document.getElementById(part.dataset.onlyFor);
    const show = () => (part.hidden = chosen.value !== part.dataset.onlyValue);
    chosen.addEventListener("change", show);
    show();
  });

  // what scrolls sideways can be reached and scrolled by key
  document.querySelectorAll(".table-scroll").forEach((box) => {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  });

  if (window.matchMedia("(max-width: 900px)").matches) {
    document.querySelectorAll("[data-drawer]").forEach((drawer) => (drawer.open = false));
  }
})();
