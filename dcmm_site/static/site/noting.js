// Pages that save a choice and a note per question: every change at once into the queue (queue.js).
(function () {
  "use strict";
  const TYPING_MS = 1200;
  const page = document.querySelector("[data-noting]");
  const queue = window.answerQueue;
  if (!page || !queue) return;
  const questions = Array.from(page.querySelectorAll("[data-question]"));
  const byCode = new Map(questions.map((question) => [question.dataset.code, question]));
  const formOf = (question) => question.querySelector("form[data-note-form]");
  const radios = (question) => Array.from(question.querySelectorAll("input[name=rating]"));
  const isOpen = (question) => !formOf(question).querySelector("fieldset").disabled;
  const remember = (question) => radios(question).forEach((radio) => (radio.dataset.was = radio.checked ? "1" : ""));

  function wordsOf(question) {
    const chosen = radios(question).find((radio) => radio.checked);
    return { rating: chosen ? chosen.value : "", na_reason: "", note: formOf(question).elements.note.value };
  }

  function fill(question, words) {
    radios(question).forEach((radio) => (radio.checked = radio.value === words.rating));
    formOf(question).elements.note.value = words.note;
    remember(question);
    question.classList.toggle("answered", Boolean(words.rating));
  }

  function keep(question, options = {}) {
    const form = formOf(question);
    const words = wordsOf(question);
    question.classList.toggle("answered", Boolean(words.rating));
    question.classList.add("pending");
    queue.put(
      {
        code: question.dataset.code,
        url: form.getAttribute("action"),
        place: `${window.location.pathname}#${question.id}`,
        revision: Number(form.elements.revision.value),
        words,
        state: "waiting",
      },
      options.chosen,
    );
    queue.sendSoon(options.wait);
  }

  function rate(question, radio) {
    radio.checked = radio.dataset.was !== "1"; // a second click takes the choice back
    remember(question);
    keep(question);
  }

  page.addEventListener("click", (event) => {
    const question = event.target.closest("[data-question]");
    const take = event.target.closest("[data-take]");
    if (take && take.dataset.take === "theirs") fill(question, { rating: take.dataset.rating, note: take.dataset.text });
    if (take) return keep(question, { chosen: true });
    if (event.target.matches("input[name=rating]") && isOpen(question) && event.target.dataset.was === "1") rate(question, event.target);
  });

  page.addEventListener("change", (event) => {
    if (!["rating", "note"].includes(event.target.name)) return;
    const question = event.target.closest("[data-question]");
    remember(question);
    keep(question);
  });

  page.addEventListener("input", (event) => {
    if (event.target.name === "note") keep(event.target.closest("[data-question]"), { wait: TYPING_MS });
  });

  page.addEventListener("submit", (event) => {
    if (event.target.matches("form[data-note-form]")) event.preventDefault(); // every change is on its way already
  });

  page.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.target.closest("textarea")) return;
    const here = event.target.closest("[data-question]");
    const radio = here && here.querySelector(`input[data-key="${event.key}"]`);
    if (!radio || !isOpen(here)) return;
    event.preventDefault();
    radio.focus();
    if (!radio.checked) rate(here, radio);
  });

  document.addEventListener("answer", (event) => {
    const { outcome, code, page: answer, isNewer } = event.detail;
    const question = byCode.get(code);
    if (!question) return;
    if (outcome === "elsewhere") {
      const entry = queue.read(code);
      if (entry && isOpen(question) && !question.contains(document.activeElement)) fill(question, entry.words);
      return;
    }
    if (outcome === "discarded") return window.location.reload();
    const state = answer.querySelector("[data-state]");
    const here = question.querySelector("[data-state]");
    const line = answer.querySelector("p.stop");
    if (state) here.replaceChildren(...state.childNodes);
    else if (line) here.prepend(line);
    if (!isNewer) question.classList.remove("pending");
    count();
  });

  document.addEventListener("queue", (event) => {
    const { trouble, codes } = event.detail;
    questions.forEach((question) => {
      const waits = codes.includes(question.dataset.code);
      const notice = question.querySelector("[data-unsaved]");
      if (notice) notice.hidden = !(trouble && waits);
      if (!waits) question.classList.remove("pending");
    });
  });

  function count() {
    const line = document.querySelector(".progress-line");
    if (!line) return;
    const done = questions.filter((question) => question.classList.contains("answered")).length;
    line.querySelector("progress").value = done;
    line.querySelector(".tabular").textContent = `${done} / ${questions.length}`;
  }

  questions.forEach((question) => {
    const entry = queue.read(question.dataset.code);
    if (entry && isOpen(question)) {
      fill(question, entry.words);
      question.classList.add("pending");
      queue.again(entry.code);
    }
    remember(question);
  });
  queue.sendSoon(0);
})();
