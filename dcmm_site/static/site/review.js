// The review page: one key per verdict, evidence in a panel beside it, and nothing that was typed is lost.
(function () {
  "use strict";
  const page = document.querySelector("[data-reviewing]");
  if (!page) return;
  const cases = Array.from(page.querySelectorAll("[data-case]"));
  const help = page.querySelector("#keys-help");
  const panel = document.getElementById("side-panel");
  const lettersSwitch = page.querySelector("[data-keys-switch]");
  let opener = null;

  // ---- what is typed is kept in this browser until the server says that it is saved

  const keyOf = (judge) => `dcmm-verdict-${page.dataset.user}-${judge.dataset.url}`;

  function store(act) {
    try {
      return act(window.localStorage);
    } catch {
      return null; // a browser that keeps nothing: the page still holds the words
    }
  }

  function wordsIn(judge) {
    const words = {};
    judge.querySelectorAll("textarea, select, input[type=radio]:checked").forEach((field) => (words[field.name] = field.value));
    return words;
  }

  function keep(judge) {
    store((kept) => kept.setItem(keyOf(judge), JSON.stringify(wordsIn(judge))));
  }

  function bringBack(judge) {
    const words = store((kept) => JSON.parse(kept.getItem(keyOf(judge)) || "null"));
    if (!words) return;
    judge.querySelectorAll("textarea, select").forEach((field) => {
      if (words[field.name]) field.value = words[field.name];
    });
    judge.querySelectorAll("input[type=radio]").forEach((radio) => (radio.checked = radio.value === words.rating));
    if (words.note || words.rating) part(judge, "adjust").open = true;
    if (words.question) part(judge, "more").open = true;
  }

  const part = (judge, name) => judge.querySelector(`[data-part=${name}]`);
  const judgeOf = (element) => element.closest("[data-judge]");

  page.addEventListener("input", (event) => {
    const judge = judgeOf(event.target);
    if (judge) keep(judge);
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    const judge = event.detail.elt && judgeOf(event.detail.elt);
    if (!judge) return;
    const saved = event.detail.xhr && event.detail.xhr.getResponseHeader("X-Saved");
    if (saved || event.detail.elt.hasAttribute("data-keep")) store((kept) => kept.removeItem(keyOf(judge)));
    const failed = !event.detail.xhr || event.detail.xhr.status === 0 || event.detail.xhr.status >= 500;
    judge.querySelectorAll("[data-unsaved]").forEach((line) => (line.hidden = !failed));
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    const row = event.detail.target.closest && event.detail.target.closest("[data-case]");
    const here = row || (event.detail.elt && event.detail.elt.closest && event.detail.elt.closest("[data-case]"));
    if (here && here.querySelector("[data-judge]") && !here.contains(document.activeElement)) here.focus({ preventScroll: true });
  });

  page.querySelectorAll("[data-judge]").forEach((judge) => judge.querySelector("form") && bringBack(judge));

  // ---- evidence beside the answer

  page.addEventListener("click", (event) => {
    const link = event.target.closest("[data-side]");
    if (!link || event.ctrlKey || event.metaKey) return;
    opener = link;
    if (!panel.open) panel.show();
    panel.querySelector("button").focus();
  });
  panel.addEventListener("close", () => {
    document.getElementById("side-body").replaceChildren();
    if (opener) opener.focus();
  });

  // ---- keys

  lettersSwitch.checked = store((kept) => kept.getItem("dcmm-letters")) !== "0";
  lettersSwitch.addEventListener("change", () => store((kept) => kept.setItem("dcmm-letters", lettersSwitch.checked ? "1" : "0")));
  page.querySelector("[data-keys-open]").addEventListener("click", () => help.showModal());

  const current = () => {
    const focused = document.activeElement && document.activeElement.closest("[data-case]");
    return focused || cases.find((row) => row.getBoundingClientRect().bottom > 140) || cases[0];
  };

  function goTo(row) {
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "start", behavior: "auto" });
  }

  function step(direction) {
    const focused = document.activeElement && document.activeElement.closest("[data-case]");
    const place = focused ? cases.indexOf(focused) + direction : cases.indexOf(current());
    goTo(cases[Math.max(0, Math.min(cases.length - 1, place))]);
  }

  function open(row, name) {
    const fold = part(row, name);
    if (!fold) return null;
    fold.open = true;
    return fold;
  }

  const LETTERS = {
    a: (row) => { const button = row.querySelector("[data-key=a]"); if (button) button.click(); },
    A: (row) => { LETTERS.a(row); goTo(row); step(1); },
    m: (row) => { const fold = open(row, "more"); if (fold) fold.querySelector("textarea").focus(); },
    e: (row) => { const link = row.querySelector("[data-side]"); if (link) link.click(); },
    j: () => step(1),
    k: () => step(-1),
    n: () => { if (page.dataset.next) window.location.assign(page.dataset.next); },
    "?": () => help.showModal(),
  }; // prettier-ignore

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("textarea, select, input:not([type=radio]):not([type=checkbox])");
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && typing && typing.form) {
      event.preventDefault();
      return typing.form.requestSubmit();
    }
    if (event.key === "Escape" && panel.open) return panel.close();
    if (event.ctrlKey || event.metaKey || event.altKey || help.open || typing || event.repeat) return;
    if (!lettersSwitch.checked) return;
    const row = current();
    const letter = LETTERS[event.key];
    if (letter) {
      event.preventDefault();
      return letter(row);
    }
    const radio = row.querySelector(`[data-part=adjust] input[data-key="${CSS.escape(event.key)}"]`);
    if (!radio) return;
    event.preventDefault();
    open(row, "adjust");
    radio.checked = true;
    keep(judgeOf(radio));
    judgeOf(radio).querySelector("select[name=reason]").focus();
  });
})();
