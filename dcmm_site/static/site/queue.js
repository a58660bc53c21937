// Answers on their way: kept in this browser until the server has confirmed them, sent in order, one at a time.
// An entry per criterion: {code, url, place, revision, words, state, message, sent, order, stamp, tries, tab}.
// States: waiting (to be sent), draft (n/a without reason or note), conflict (somebody else saved), refused (the server said no).
(function () {
  "use strict";
  const line = document.querySelector("[data-queue]");
  if (!line) return;
  const RETRY_MS = 4000;
  const GIVE_UP_MS = 20000;
  const PREFIX = `dcmm-answer:${line.dataset.user}:${line.dataset.assessment}:`;
  const memory = new Map(); // what the browser's storage does not take
  const tab = tabId();
  let trouble = ""; // why nothing is sent at the moment: waiting, signed-out, somebody-else
  let sending = false;
  let timer;
  let counter = 0;

  // ---- keeping

  function tabId() {
    try {
      const id = window.sessionStorage.getItem("dcmm-tab") || `${Date.now()}-${Math.random()}`;
      window.sessionStorage.setItem("dcmm-tab", id);
      return id;
    } catch {
      return `${Date.now()}-${Math.random()}`;
    }
  }

  function read(code) {
    if (memory.has(code)) return memory.get(code);
    try {
      return JSON.parse(window.localStorage.getItem(PREFIX + code));
    } catch {
      return null;
    }
  }

  function write(entry) {
    try {
      window.localStorage.setItem(PREFIX + entry.code, JSON.stringify(entry));
      memory.delete(entry.code);
    } catch {
      memory.set(entry.code, entry);
    }
  }

  function remove(code) {
    memory.delete(code);
    try {
      window.localStorage.removeItem(PREFIX + code);
    } catch {
      // nothing was kept there
    }
  }

  function entries() {
    const codes = new Set(memory.keys());
    try {
      Object.keys(window.localStorage).forEach((key) => key.startsWith(PREFIX) && codes.add(key.slice(PREFIX.length)));
    } catch {
      // only what is in memory
    }
    const found = Array.from(codes, read).filter((entry) => entry && entry.words);
    return found.sort((one, other) => one.tries - other.tries || one.order - other.order);
  }

  const inState = (state) => entries().filter((entry) => entry.state === state);

  function put(change, chosen) {
    const was = read(change.code);
    const stands = was && was.state === "conflict" && !chosen; // still to be chosen; only the words are newer
    counter += 1;
    write({
      message: "",
      sent: was && !chosen ? was.sent : [],
      order: was ? was.order : Date.now() + counter / 1000,
      tries: 0,
      ...change,
      revision: was && !chosen ? was.revision : change.revision,
      state: stands ? "conflict" : change.state,
      stamp: `${tab}-${Date.now()}-${counter}`,
      tab,
    });
    show();
  }

  function again(code) {
    const entry = read(code);
    if (entry) write({ ...entry, state: entry.state === "draft" ? "draft" : "waiting", tab });
  }

  // ---- sending

  function sendSoon(wait) {
    window.clearTimeout(timer);
    timer = window.setTimeout(send, wait || 0);
  }

  async function send() {
    window.clearTimeout(timer);
    if (sending) return;
    sending = true;
    try {
      await adoptOrphans();
      await exclusively(sendAll);
    } finally {
      sending = false;
      show();
      if (mine().length) sendSoon(trouble ? RETRY_MS : 50);
      else if (inState("waiting").length) sendSoon(RETRY_MS); // another tab's: it may be closed before it has sent them
    }
  }

  const mine = () => inState("waiting").filter((entry) => entry.tab === tab);

  async function sendAll() {
    for (let next = mine()[0]; next; next = mine()[0]) {
      if (!(await sendOne(next))) return;
    }
    trouble = "";
  }

  function exclusively(work) {
    return navigator.locks ? navigator.locks.request(`${PREFIX}send`, work) : work();
  }

  async function adoptOrphans() {
    const living = new Set([tab]);
    if (navigator.locks) (await navigator.locks.query()).held.forEach((lock) => living.add(lock.name.replace("dcmm-tab:", "")));
    entries().forEach((entry) => living.has(entry.tab) || write({ ...entry, tab }));
  }

  // True: settled one way or another, go on with the next. False: stop here and try again later.
  async function sendOne(entry, isSecondTry) {
    write({ ...entry, sent: [...entry.sent, entry.words].slice(-20) });
    const answer = await post(entry);
    if (!answer) return later("waiting");
    if (isSignedOut(answer)) return later("signed-out");
    const saved = (answer.headers.get("X-Saved") || "").split(" ");
    if (answer.status === 200 && saved[0] === entry.code) return confirm(entry, Number(saved[1]), answer.page);
    if (answer.status === 409 && !answer.headers.get("X-Closed")) return conflict(entry, answer.page);
    if (answer.status === 403 && !answer.headers.get("X-Refused") && !isSecondTry) {
      const why = await renewToken();
      return why ? later(why) : sendOne(read(entry.code) || entry, true);
    }
    const isFinal = answer.status >= 400 && answer.status < 500 && ![408, 425, 429].includes(answer.status);
    if (isFinal) return refuse(entry, answer.page);
    const now = read(entry.code);
    if (now) write({ ...now, tries: now.tries + 1 }); // the others first: it may be this one that the server fails at
    return later("waiting");
  }

  async function post(entry) {
    const body = new URLSearchParams({ ...entry.words, revision: entry.revision });
    const headers = { "HX-Request": "true", "X-CSRFToken": token() };
    const abort = new AbortController();
    const giveUp = window.setTimeout(() => abort.abort(), GIVE_UP_MS);
    try {
      const response = await fetch(entry.url, {
        method: "POST", body, headers, redirect: "manual", keepalive: true, signal: abort.signal,
      });
      response.page = new DOMParser().parseFromString(await response.text(), "text/html");
      return response;
    } catch {
      return null; // no connection, or cut while the answer came
    } finally {
      window.clearTimeout(giveUp);
    }
  }

  const isSignedOut = (response) => response.type === "opaqueredirect" || response.status === 401;
  const token = (page) => ((page || document).querySelector("input[name=csrfmiddlewaretoken]") || {}).value || "";

  // After signing in again the page's token is an old one. "" when there is a new one, else why not.
  async function renewToken() {
    try {
      const response = await fetch(window.location.pathname, { redirect: "manual" });
      if (isSignedOut(response)) return "signed-out";
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const there = page.querySelector("[data-queue]");
      if (!there) return "somebody-else"; // whoever is signed in now does not see this page
      if (there.dataset.user !== line.dataset.user) return "somebody-else";
      const fresh = token(page);
      document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach((input) => (input.value = fresh));
      document.querySelectorAll("[hx-headers]").forEach((part) => part.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": fresh })));
      return "";
    } catch {
      return "waiting";
    }
  }

  function later(why) {
    trouble = why;
    show();
    return false;
  }

  function confirm(entry, revision, page) {
    trouble = "";
    const now = read(entry.code);
    const isNewer = Boolean(now) && now.stamp !== entry.stamp;
    if (isNewer) write({ ...now, revision, sent: [], tries: 0 });
    else remove(entry.code);
    return tell("saved", entry, page, isNewer);
  }

  function conflict(entry, page) {
    trouble = "";
    const now = read(entry.code);
    const theirs = page.querySelector("[data-take=theirs]");
    const revision = page.querySelector("input[name=revision]");
    if (!now || !theirs || !revision) return later("waiting");
    const stands = { rating: theirs.dataset.rating, na_reason: theirs.dataset.reason, note: theirs.dataset.text };
    const isOurs = now.sent.slice(0, -1).some((words) => same(words, stands));
    if (isOurs) write({ ...now, revision: Number(revision.value), sent: [] }); // saved, but the confirmation was lost
    if (isOurs || now.stamp !== entry.stamp) return true; // newer words: they are sent next, and show the conflict
    write({ ...now, state: "conflict", sent: [] });
    return tell("conflict", entry, page, false);
  }

  function refuse(entry, page) {
    trouble = "";
    const now = read(entry.code);
    if (!now || now.stamp !== entry.stamp) return true;
    const sentence = page.querySelector("[data-message], .stop");
    write({ ...now, state: "refused", message: sentence ? sentence.textContent.trim() : "", sent: [] });
    return tell("refused", entry, page, false);
  }

  const plain = (note) => (note || "").replace(/\r\n?/g, "\n").normalize("NFC").trim();
  const same = (one, other) =>
    one.rating === other.rating && one.na_reason === other.na_reason && plain(one.note) === plain(other.note);

  function tell(outcome, entry, page, isNewer) {
    document.dispatchEvent(new CustomEvent("answer", { detail: { outcome, code: entry.code, page, isNewer } }));
    show();
    return true;
  }

  // ---- the line that says what waits

  const say = (name, n) => line.querySelector(`[data-say="${name}"]`).content.textContent.replace("{n}", n);

  function show() {
    line.querySelectorAll("p").forEach((part) => part.remove());
    const waiting = inState("waiting").length;
    if (trouble && waiting) paragraph(say(trouble, waiting)).append(...(trouble === "waiting" ? [] : [signIn()]));
    entries().forEach((entry) => ["conflict", "draft", "refused"].includes(entry.state) && line.append(about(entry)));
    if (memory.size) paragraph(say("no-store"));
    line.classList.toggle("speaks", Boolean(line.querySelector("p")));
    document.dispatchEvent(new CustomEvent("queue", { detail: { trouble, codes: entries().map((entry) => entry.code) } }));
  }

  function paragraph(text) {
    const part = document.createElement("p");
    part.textContent = text;
    line.append(part);
    return part;
  }

  function signIn() {
    const link = document.createElement("a");
    Object.assign(link, { href: line.dataset.signIn, target: "_blank", textContent: say("sign-in") });
    return link;
  }

  function about(entry) {
    const part = document.createElement("p");
    const link = document.createElement("a");
    Object.assign(link, { href: entry.place, textContent: entry.code });
    part.append(link, ` ${entry.message || say(entry.state)} `);
    if (entry.state === "refused") {
      const words = document.createElement("q");
      words.textContent = entry.words.note;
      const button = document.createElement("button");
      Object.assign(button, { type: "button", className: "btn btn-sm btn-outline-secondary", textContent: say("discard") });
      button.addEventListener("click", () => discard(entry));
      part.append(...(entry.words.note ? [words, " "] : []), button);
    }
    return part;
  }

  function discard(entry) {
    remove(entry.code);
    show();
    tell("discarded", entry, null, false);
  }

  // ---- beginning

  if (navigator.locks) navigator.locks.request(`dcmm-tab:${tab}`, () => new Promise(() => {})); // held while this tab lives
  window.addEventListener("online", () => sendSoon(0));
  document.addEventListener("visibilitychange", () => inState("waiting").length && sendSoon(0));
  window.addEventListener("beforeunload", (event) => memory.size && event.preventDefault());
  window.addEventListener("storage", (event) => {
    if (!event.key || !event.key.startsWith(PREFIX)) return;
    show();
    if (event.newValue) document.dispatchEvent(new CustomEvent("answer", { detail: { outcome: "elsewhere", code: event.key.slice(PREFIX.length) } }));
  });
  window.answerQueue = { put, read, again, sendSoon };
  show();
  if (entries().length) sendSoon(0);
})();
