// Handing out items: a domain's box selects its items, shift-click a range; the bar says how many are selected.
(function () {
  "use strict";
  const form = document.querySelector("[data-assigning]");
  const boxes = form ? Array.from(form.querySelectorAll("input[name=item]")) : [];
  if (!boxes.length) return;
  let last = null;

  const groupOf = (box) => box.closest("tbody");
  const itemsOf = (group) => Array.from(group.querySelectorAll("input[name=item]"));

  function show() {
    form.querySelectorAll("input[name=domain]").forEach((head) => {
      const items = itemsOf(groupOf(head));
      const chosen = items.filter((box) => box.checked).length;
      head.checked = chosen === items.length;
      head.indeterminate = chosen > 0 && chosen < items.length;
    });
    const count = boxes.filter((box) => box.checked).length;
    form.querySelector("[data-count]").textContent = count;
    form.querySelector("[data-chosen]").hidden = !count;
    form.querySelector("[data-chosen-none]").hidden = Boolean(count);
  }

  form.addEventListener("click", (event) => {
    const box = event.target;
    if (box.name === "domain") itemsOf(groupOf(box)).forEach((item) => (item.checked = box.checked));
    if (box.name === "item") {
      if (event.shiftKey && last) {
        const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
        boxes.slice(from, to + 1).forEach((item) => (item.checked = box.checked));
      }
      last = box;
    }
    show();
  });
  form.addEventListener("submit", () => form.querySelectorAll("input[name=domain]").forEach((head) => (head.disabled = true)));
  show();
})();
