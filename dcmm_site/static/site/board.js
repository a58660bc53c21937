// The board of a plan: a card is dragged into another column. The server decides, and answers with all columns as they stand.
(function () {
  "use strict";
  const board = () => document.getElementById("plan-board");
  const columnOf = (target) => (target.closest ? target.closest("#plan-board [data-column]") : null);
  let card = null;

  function ready() {
    board().querySelectorAll("[data-move]").forEach((one) => (one.draggable = true));
  }

  function mark(column) {
    board().querySelectorAll("[data-column]").forEach((one) => one.classList.toggle("over", one === column));
  }

  function fail() {
    const said = board().querySelector("[data-said]");
    said.className = "board-said message error";
    said.setAttribute("role", "alert");
    said.textContent = board().dataset.failed;
  }

  document.addEventListener("dragstart", (event) => {
    card = event.target.closest ? event.target.closest("#plan-board [data-move]") : null;
    if (!card) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", card.querySelector("a").textContent.trim());
    card.classList.add("dragged");
  });
  document.addEventListener("dragover", (event) => {
    const column = card && columnOf(event.target);
    if (card) mark(column);
    if (column) event.preventDefault();
  });
  document.addEventListener("dragend", () => {
    if (card) card.classList.remove("dragged");
    card = null;
    if (board()) mark(null);
  });
  document.addEventListener("drop", (event) => {
    const column = card && columnOf(event.target);
    if (!column) return;
    event.preventDefault();
    if (column.contains(card)) return;
    const values = { status: column.dataset.column, csrfmiddlewaretoken: document.querySelector("[name=csrfmiddlewaretoken]").value };
    window.htmx.ajax("POST", card.dataset.move, { target: "#plan-board", swap: "outerHTML", values });
  });

  document.addEventListener("htmx:responseError", fail);
  document.addEventListener("htmx:sendError", fail);
  document.addEventListener("htmx:afterSettle", () => board() && ready());
  if (board()) ready();
})();
