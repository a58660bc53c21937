// The site's one script: answering (one gesture per rating, saved when it changes, nothing lost without network), folds, busy buttons.
(function () {
  "use strict";
  const RETRY_MS = 4000;
  const TYPING_MS = 1200;
  const pending = new Set();

  const rating = (form) => form.querySelector("input[name=rating]:checked");

  function save(form) {
    const chosen = rating(form);
    const isNa = chosen && chosen.value === "na";
    const reason = form.querySelector("[name=na_reason]");
    const note = form.querySelector("[name=note]");
    form.querySelector("[data-na]").hidden = !isNa;
    if (isNa && !(reason.value && note.value.trim())) {
      form.querySelector("[data-note]").open = true;
      (reason.value ? note : reason).focus();
      return; // an n/a is saved once its reason and note are given
    }
    if (!isNa) reason.value = "";
    pending.add(form);
    form.classList.toggle("answered", Boolean(chosen));
    htmx.trigger(form, "save");
  }

  function fail(form) {
    const notice = form.querySelector("[data-unsaved]");
    if (notice) notice.hidden = false;
    window.setTimeout(() => pending.has(form) && htmx.trigger(form, "save"), RETRY_MS);
  }

  function wasChecked(input) {
    const was = input.dataset.was === "1";
    input.form.querySelectorAll("input[name=rating]").forEach((radio) => (radio.dataset.was = radio.checked ? "1" : ""));
    return was;
  }

  document.addEventListener("click", (event) => {
    const take = event.target.closest("[data-take]");
    if (take) return choose(take.closest("form"), take);
    const input = event.target.closest("input[name=rating]");
    if (!input || !input.closest("[data-question]") || !wasChecked(input)) return;
    input.checked = false; // a second click takes the rating back
    input.dataset.was = "";
    save(input.form);
  });

  function choose(form, button) {
    if (button.dataset.take === "theirs") {
      form.querySelectorAll("input[name=rating]").forEach((radio) => (radio.checked = radio.value === button.dataset.rating));
      form.querySelector("[name=na_reason]").value = button.dataset.reason;
      form.querySelector("[name=note]").value = button.dataset.text;
    }
    save(form);
  }

  document.addEventListener("change", (event) => {
    const form = event.target.closest("[data-question]");
    if (form) save(form);
  });

  let typing;
  document.addEventListener("input", (event) => {
    const form = event.target.name === "note" && event.target.closest("[data-question]");
    if (!form) return;
    window.clearTimeout(typing);
    typing = window.setTimeout(() => save(form), TYPING_MS);
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest && event.target.closest("[data-question]");
    if (!form) return;
    const status = event.detail.xhr ? event.detail.xhr.status : 0;
    if (status === 200 || status === 409 || status === 422) pending.delete(form);
    else fail(form);
  });

  window.addEventListener("beforeunload", (event) => {
    if (pending.size) event.preventDefault();
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("textarea, select, input[type=text]")) return;
    const questions = Array.from(document.querySelectorAll("[data-question]"));
    if (!questions.length) return;
    const here = event.target.closest("[data-question]");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : -1;
      const place = here ? questions.indexOf(here) + step : 0;
      const goal = questions[Math.max(0, Math.min(questions.length - 1, place))];
      const input = rating(goal) || goal.querySelector("input[name=rating]");
      event.preventDefault();
      input.focus();
      goal.scrollIntoView({ block: "center" });
      return;
    }
    const input = here && here.querySelector(`input[data-key="${event.key}"]`);
    if (!input || input.disabled) return;
    event.preventDefault();
    input.checked = true;
    wasChecked(input);
    input.focus();
    save(here);
  });

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

  document.querySelectorAll("[data-question] input[name=rating]").forEach((radio) => (radio.dataset.was = radio.checked ? "1" : ""));
  if (window.matchMedia("(max-width: 900px)").matches) {
    document.querySelectorAll("[data-drawer]").forEach((drawer) => (drawer.open = false));
  }
})();
