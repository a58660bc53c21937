// Uploads: files by choice or drop, one request each, with its progress; and the progress of an upload under a question.
(function () {
  "use strict";
  const MEGABYTE = 1024 * 1024;

  function line(list, name) {
    const row = document.createElement("li");
    const label = document.createElement("span");
    const progress = document.createElement("progress");
    const outcome = document.createElement("span");
    label.textContent = name;
    progress.max = 100;
    progress.value = 0;
    progress.setAttribute("aria-label", name);
    row.append(label, progress, outcome);
    list.append(row);
    return { row, progress, outcome };
  }

  function say(entry, words) {
    entry.progress.remove();
    entry.outcome.className = "stop";
    entry.outcome.textContent = words;
  }

  function send(form, file, entry) {
    return new Promise((resolve) => {
      const request = new XMLHttpRequest();
      const data = new FormData(form);
      data.delete("files");
      data.append("files", file);
      request.open("POST", form.action || window.location.href);
      request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) entry.progress.value = (event.loaded / event.total) * 100;
      });
      request.addEventListener("load", () => {
        const answered = (request.status === 200 || request.status === 422) && !/<html/i.test(request.responseText);
        if (answered) {
          entry.progress.remove();
          entry.outcome.innerHTML = request.responseText; // made by our own template, escaped there
        } else {
          say(entry, form.dataset.failed);
        }
        resolve();
      });
      request.addEventListener("error", () => {
        say(entry, form.dataset.failed);
        resolve();
      });
      request.send(data);
    });
  }

  async function upload(form, files) {
    const list = form.querySelector("[data-list]");
    const button = form.querySelector("button");
    if (files.length > Number(form.dataset.most)) return say(line(list, ""), form.dataset.tooMany);
    button.disabled = true;
    for (const file of files) {
      const entry = line(list, file.name);
      if (file.size > Number(form.dataset.bytes) * MEGABYTE) say(entry, form.dataset.tooLarge);
      else await send(form, file, entry);
    }
    button.disabled = false;
    form.querySelector("input[type=file]").value = "";
    offerNext(form);
  }

  function offerNext(form) {
    const pieces = Array.from(form.querySelectorAll("[data-piece]"), (row) => "piece=" + row.dataset.piece);
    const next = form.querySelector("[data-next]");
    if (!pieces.length) return;
    next.href = form.dataset.describe + "?" + pieces.join("&");
    next.hidden = false;
    form.querySelector("button").className = "btn btn-outline-secondary";
    next.focus();
  }

  document.querySelectorAll("[data-uploads]").forEach((form) => {
    const drop = form.querySelector("[data-drop]");
    const input = form.querySelector("input[type=file]");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (input.files.length) upload(form, Array.from(input.files));
    });
    ["dragenter", "dragover"].forEach((name) => drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    }));
    drop.addEventListener("dragleave", () => drop.classList.remove("over"));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      drop.classList.remove("over");
      if (event.dataTransfer.files.length) upload(form, Array.from(event.dataTransfer.files));
    });
  });

  document.addEventListener("htmx:xhr:progress", (event) => {
    const progress = event.target.querySelector && event.target.querySelector("[data-progress]");
    if (!progress || !event.detail.lengthComputable) return;
    progress.hidden = false;
    progress.value = (event.detail.loaded / event.detail.total) * 100;
  });
})();
