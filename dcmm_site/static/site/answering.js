// The answer page: one gesture per rating, every change at once into the queue (queue.js), keys for everything.
(function () {
  "use strict";
  const TYPING_MS = 1200;
  const page = document.querySelector("[data-answering]");
  const queue = window.answerQueue;
  if (!page || !queue) return;
  const questions = Array.from(page.querySelectorAll("[data-question]"));
  const byCode = new Map(questions.map((question) => [question.dataset.code, question]));
  const formOf = (question) => question.querySelector("form[data-answer]");
  const radios = (question) => Array.from(question.querySelectorAll("input[name=rating]"));
  const isOpen = (question) => !formOf(question).querySelector("fieldset").disabled;

  // ---- what the form says

  function wordsOf(question) {
    const form = formOf(question);
    const chosen = radios(question).find((radio) => radio.checked);
    const rating = chosen ? chosen.value : "";
    const reason = form.elements.na_reason;
    return { rating, na_reason: rating === "na" && reason ? reason.value : "", note: form.elements.note.value };
  }

  function fill(question, words) {
    const form = formOf(question);
    radios(question).forEach((radio) => (radio.checked = radio.value === words.rating));
    if (form.elements.na_reason) form.elements.na_reason.value = words.na_reason;
    form.elements.note.value = words.note;
    remember(question);
    arrange(question);
  }

  function arrange(question) {
    const { rating, note } = wordsOf(question);
    const na = question.querySelector("[data-na]");
    if (na) na.hidden = rating !== "na";
    if (rating === "na" || note) question.querySelector("[data-note]").open = true;
    question.classList.toggle("answered", Boolean(rating));
    count(question);
  }

  function count(question) {
    const { length } = formOf(question).elements.note.value;
    question.querySelector("[data-counter]").textContent = length ? `${length} / 2000` : "";
  }

  const remember = (question) => radios(question).forEach((radio) => (radio.dataset.was = radio.checked ? "1" : ""));

  // ---- saving

  function keep(question, options = {}) {
    const form = formOf(question);
    const words = wordsOf(question);
    const isDraft = words.rating === "na" && !(words.na_reason && words.note.trim());
    arrange(question);
    question.classList.add("pending");
    queue.put(
      {
        code: question.dataset.code,
        url: form.getAttribute("action"),
        place: `${window.location.pathname}#${question.id}`,
        revision: Number(form.elements.revision.value),
        words,
        state: isDraft ? "draft" : "waiting",
      },
      options.chosen,
    );
    const mine = question.querySelector("[data-mine]");
    if (mine) mine.textContent = `${labelOf(question)} ${words.note}`;
    if (!isDraft) queue.sendSoon(options.wait);
    else if (options.byRating) (words.na_reason ? form.elements.note : form.elements.na_reason).focus();
  }

  function labelOf(question) {
    const chosen = radios(question).find((radio) => radio.checked);
    return chosen ? chosen.closest("label").textContent.trim() : "–";
  }

  function rate(question, radio) {
    const takesBack = radio.dataset.was === "1"; // a second click takes the rating back
    radio.checked = !takesBack;
    remember(question);
    keep(question, { byRating: true });
  }

  page.addEventListener("click", (event) => {
    const question = event.target.closest("[data-question]");
    const take = event.target.closest("[data-take]");
    if (take) return choose(question, take);
    if (event.target.matches("input[name=rating]") && isOpen(question) && event.target.dataset.was === "1") rate(question, event.target);
  });

  function choose(question, button) {
    if (button.dataset.take === "theirs") {
      const { rating, reason, text } = button.dataset;
      fill(question, { rating, na_reason: reason, note: text });
    }
    keep(question, { chosen: true });
  }

  page.addEventListener("change", (event) => {
    const question = event.target.closest("[data-question]");
    if (!question || !["rating", "na_reason", "note"].includes(event.target.name)) return;
    const byRating = event.target.name === "rating";
    if (byRating) remember(question);
    keep(question, { byRating });
  });

  page.addEventListener("input", (event) => {
    if (event.target.name !== "note") return;
    keep(event.target.closest("[data-question]"), { wait: TYPING_MS });
  });

  page.addEventListener("submit", (event) => {
    if (event.target.matches("form[data-answer]")) event.preventDefault(); // every change is on its way already
  });

  // ---- what comes back

  document.addEventListener("answer", (event) => {
    const { outcome, code, page: answer, isNewer } = event.detail;
    const question = byCode.get(code);
    if (outcome === "elsewhere") return question && fromElsewhere(question);
    if (outcome === "discarded") return question && window.location.reload();
    if (outcome === "saved") showStanding(answer);
    if (!question) return;
    const state = answer.querySelector("[data-state]");
    const here = question.querySelector("[data-state]");
    if (state) swap(here, state);
    else here.prepend(...sentence(here, answer));
    if (outcome === "saved") question.querySelector("[data-history]").hidden = false;
    if (!isNewer) question.classList.remove("pending");
  });

  function sentence(here, answer) {
    here.querySelectorAll(".stop").forEach((old) => old.remove());
    const line = answer.querySelector("p.stop");
    return line ? [line] : [];
  }

  function swap(here, there) {
    const hadFocus = here.contains(document.activeElement);
    here.replaceChildren(...there.childNodes);
    if (hadFocus) focusOn(here.closest("[data-question]"));
  }

  function showStanding(answer) {
    answer.querySelectorAll("[id^=count-], #standing").forEach((part) => {
      const here = document.getElementById(part.id);
      if (!here || here.dataset.item !== part.dataset.item) return;
      here.replaceChildren(...part.childNodes);
      here.classList.toggle("ok", part.classList.contains("ok"));
    });
  }

  // Another tab of the same person has newer words for this question.
  function fromElsewhere(question) {
    const entry = queue.read(question.dataset.code);
    if (entry && isOpen(question) && !question.contains(document.activeElement)) fill(question, entry.words);
  }

  document.addEventListener("queue", (event) => {
    const { trouble, codes } = event.detail;
    questions.forEach((question) => {
      const waits = codes.includes(question.dataset.code);
      const notice = question.querySelector("[data-unsaved]");
      if (notice) notice.hidden = !(trouble && waits);
      if (!waits) question.classList.remove("pending");
    });
  });

  // ---- keys

  const lettersSwitch = page.querySelector("[data-keys-switch]");
  const help = page.querySelector("#keys-help");
  lettersSwitch.checked = setting() !== "0";
  lettersSwitch.addEventListener("change", () => setting(lettersSwitch.checked ? "1" : "0"));
  page.querySelector("[data-keys-open]").addEventListener("click", () => help.showModal());

  function setting(value) {
    try {
      if (value !== undefined) window.localStorage.setItem("dcmm-letters", value);
      return window.localStorage.getItem("dcmm-letters");
    } catch {
      return null;
    }
  }

  const LETTERS = {
    n: () => toUnanswered(1), j: () => toUnanswered(1), p: () => toUnanswered(-1), k: () => toUnanswered(-1),
    m: (question) => question && question.querySelector("[data-mark]") && question.querySelector("[data-mark]").click(),
    "?": () => help.showModal(),
  }; // prettier-ignore

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    if (event.target.closest("textarea, select, input[type=text], input[type=search], input[type=file], input[type=date]")) return;
    const here = event.target.closest("[data-question]");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") return step(event, here);
    const letter = LETTERS[event.key];
    if (letter && lettersSwitch.checked) {
      event.preventDefault();
      return letter(here || current());
    }
    const radio = here && here.querySelector(`input[data-key="${event.key}"]`);
    if (!radio || !isOpen(here) || event.repeat) return;
    event.preventDefault();
    radio.focus();
    if (!radio.checked) rate(here, radio);
  });

  function step(event, here) {
    const place = here ? questions.indexOf(here) + (event.key === "ArrowDown" ? 1 : -1) : 0;
    event.preventDefault();
    focusOn(questions[Math.max(0, Math.min(questions.length - 1, place))]);
  }

  function focusOn(question) {
    const goal = radios(question).find((radio) => radio.checked) || radios(question)[0];
    if (isOpen(question)) goal.focus({ preventScroll: true });
    question.scrollIntoView({ block: "center" });
  }

  const current = () => {
    const focused = document.activeElement && document.activeElement.closest("[data-question]");
    return focused || questions.find((question) => question.getBoundingClientRect().bottom > 120);
  };

  function toUnanswered(direction) {
    const focused = document.activeElement && document.activeElement.closest("[data-question]");
    const place = focused ? questions.indexOf(focused) : direction > 0 ? -1 : questions.length;
    const rest = direction > 0 ? questions.slice(place + 1) : questions.slice(0, place).reverse();
    const goal = rest.find((question) => !question.classList.contains("answered"));
    const elsewhere = direction > 0 ? page.dataset.next : page.dataset.previous;
    if (goal) focusOn(goal);
    else if (elsewhere) window.location.assign(elsewhere);
  }

  const onward = page.querySelector("[data-next-open]");
  if (onward) {
    onward.addEventListener("click", (event) => {
      event.preventDefault();
      toUnanswered(1);
    });
  }

  // ---- beginning: what this browser still keeps goes back into the form and is sent

  questions.forEach((question) => {
    const entry = queue.read(question.dataset.code);
    if (entry && isOpen(question)) {
      fill(question, entry.words);
      question.classList.add("pending");
      queue.again(entry.code);
    }
    remember(question);
    count(question);
  });
  queue.sendSoon(0);
  // once the browser has gone to the address's anchor, which takes the focus away
  if (window.location.hash === "#unanswered") window.addEventListener("load", () => window.setTimeout(() => toUnanswered(1)));
})();
