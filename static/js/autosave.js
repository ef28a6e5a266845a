// Drafts: saved a second after a change, kept in this browser while the server has not got them.
// Each form counts the drafts that it sends, so that the server can tell a late or repeated one.
const WAIT = 1000;
const RETRY = 10_000;
const PRIVATE = new Set(["csrfmiddlewaretoken", "submission", "draft_base", "draft_sequence"]);

let timer = 0;
let running = null;
let pending = false;
let savedAt = 0;
let begun;
let page = ""; // the form that is counted
let sequence = 0;
let inherited = false; // the count goes on from the page that this tab showed just before

const rating = () => document.querySelector("#rating[data-editable]");
const place = (code) => `ihl:draft:${code}`;
const entriesOf = (form) => [...new FormData(form)].filter(([name]) => !PRIVATE.has(name));

function keep(form) {
  const record = { at: Date.now(), entries: entriesOf(form) };
  try {
    localStorage.setItem(place(form.dataset.code), JSON.stringify(record));
  } catch {
    // Full or forbidden: the server still gets the draft.
  }
}

/* A draft sent on leaving may reach the server after the next page was made: that page goes on with its count. */
const lineage = (code) => `ihl:page:${code}`;

function bequeath(code) {
  try {
    sessionStorage.setItem(lineage(code), JSON.stringify({ page, sequence }));
  } catch {
    // Forbidden: the server takes the next page for another tab's and says so.
  }
}

function inherit(form) {
  [page, sequence, inherited] = [form.elements.submission.value, 0, false];
  try {
    const before = JSON.parse(sessionStorage.getItem(lineage(form.dataset.code)));
    sessionStorage.removeItem(lineage(form.dataset.code));
    if (before) [page, sequence, inherited] = [before.page, before.sequence, true];
  } catch {
    // As above.
  }
}

const forget = (code) => localStorage.removeItem(place(code));

function kept(form) {
  try {
    return JSON.parse(localStorage.getItem(place(form.dataset.code)));
  } catch {
    return null;
  }
}

/* What the reader is told */
function say(form, state, text) {
  const line = form.querySelector("#save-state");
  line.dataset.state = state;
  line.textContent = text;
  if (state !== "signed-out") return;
  const link = document.createElement("a");
  link.href = form.dataset.signInUrl;
  link.textContent = form.dataset.signIn;
  line.append(" ", link);
}

function sayHowLongAgo() {
  const form = rating();
  if (!form || !savedAt || form.querySelector("#save-state").dataset.state !== "saved") return;
  const seconds = Math.round((Date.now() - savedAt) / 1000);
  let ago = form.dataset.justNow;
  if (seconds >= 60) ago = form.dataset.minutes.replace("{n}", Math.floor(seconds / 60));
  else if (seconds >= 2) ago = form.dataset.seconds.replace("{n}", seconds);
  say(form, "saved", form.dataset.saved.replace("{ago}", ago));
}

function notice(form, text, buttons = []) {
  const box = document.createElement("div");
  box.className = "notice notice-warning";
  const line = document.createElement("p");
  line.textContent = text;
  box.append(line);
  if (buttons.length) {
    const row = document.createElement("p");
    row.className = "actions";
    row.append(...buttons);
    box.append(row);
  }
  form.querySelector("#form-notice").replaceChildren(box);
}

/* Sending */
function send(form, { last = false } = {}) {
  const body = new FormData(form);
  body.delete("csrfmiddlewaretoken");
  const own = body.get("submission");
  if (page !== own && !inherited) [page, sequence] = [own, 0];
  sequence += 1;
  body.set("submission", page);
  body.set("draft_sequence", sequence);
  running = new AbortController();
  return fetch(form.dataset.draft, {
    method: "POST",
    body,
    keepalive: last,
    signal: running.signal,
    headers: { "HX-Request": "true", "HX-Current-URL": location.href, "X-CSRFToken": csrfToken() },
  });
}

const csrfToken = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";

function schedule(wait) {
  clearTimeout(timer);
  timer = setTimeout(save, wait);
}

async function save() {
  const form = rating();
  if (!form) return;
  pending = false;
  say(form, "saving", form.dataset.saving);
  const sending = send(form);
  const own = sequence;
  let answer;
  try {
    answer = await sending;
  } catch (error) {
    if (error.name !== "AbortError" && own === sequence) retryLater(form);
    return;
  }
  if (form !== rating() || own !== sequence) return; // A later one tells how things stand.
  if (answer.status === 204) {
    if (!pending) forget(form.dataset.code);
    savedAt = Date.now();
    say(form, "saved", "");
    sayHowLongAgo();
  } else if (answer.status === 401) {
    say(form, "signed-out", form.dataset.signedOut);
  } else if (answer.status === 409 && inherited) {
    inherited = false;
    schedule(0);
  } else if (answer.status === 409) {
    say(form, "failed", await answer.text());
  } else {
    retryLater(form);
  }
}

function retryLater(form) {
  if (form !== rating()) return;
  pending = true;
  say(form, "failed", form.dataset.failed);
  schedule(RETRY);
}

function changed(event) {
  const form = event.target.closest?.("#rating[data-editable]");
  if (!form || event.target.matches("[data-filter]")) return;
  pending = true;
  keep(form);
  schedule(WAIT);
}

/* Coming back to what this browser kept */
function fill(form, entries) {
  for (const input of form.elements) {
    if (PRIVATE.has(input.name) || !input.name || input.name === "evidence") continue;
    const values = entries.filter(([name]) => name === input.name).map(([, value]) => value);
    if (input.type === "radio" || input.type === "checkbox") input.checked = values.includes(input.value);
    else input.value = values[0] ?? "";
  }
  restoreEvidence(entries.filter(([name]) => name === "evidence").map(([, value]) => value));
  form.querySelector("input[type=radio], input[type=checkbox]")?.dispatchEvent(new Event("change", { bubbles: true }));
}

/* Passages are no fields of the form until they are marked: they are made again from their places in the text. */
async function restoreEvidence(values) {
  const form = rating();
  if (!values.length && !form.querySelector("[name=evidence]")) return;
  const { restore } = await import(document.getElementById("desk").dataset.evidenceScript);
  restore(values);
  form.dispatchEvent(new Event("change", { bubbles: true }));
}

function button(text, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "quiet";
  made.textContent = text;
  made.addEventListener("click", () => {
    made.closest(".notice").remove();
    act();
  });
  return made;
}

function offerKept() {
  const form = rating();
  const record = form && kept(form);
  if (!record) return;
  const { code, use, drop } = form.dataset;
  if (JSON.stringify(record.entries) === JSON.stringify(entriesOf(form))) forget(code);
  else notice(form, form.dataset.kept, [button(use, () => fill(form, record.entries)), button(drop, () => forget(code))]);
}

function leave() {
  const form = rating();
  if (!form || !pending) return;
  clearTimeout(timer);
  send(form, { last: true }).catch(() => {});
  bequeath(form.dataset.code);
  pending = false;
}

document.addEventListener("input", changed);
document.addEventListener("change", changed);
document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && leave());
addEventListener("pagehide", leave);
addEventListener("online", () => pending && schedule(0));
setInterval(sayHowLongAgo, 1000);

/* Submitting: a draft that is still on its way must not arrive after the answers it became. */
const isSubmission = (event) => event.detail?.ctx?.sourceElement?.id === "rating";

/* While the answers are on their way nothing can be changed: a late click would be lost with the old form. */
function underWay(form, is) {
  form.ariaBusy = String(is);
  form.querySelector(".rating-questions").inert = is;
}

document.addEventListener("htmx:before:request", (event) => {
  if (!isSubmission(event)) return;
  underWay(event.detail.ctx.sourceElement, true);
  clearTimeout(timer);
  running?.abort();
  pending = false;
});

document.addEventListener("htmx:after:request", (event) => {
  if (isSubmission(event) && event.detail.ctx.response.status === 200) {
    forget(event.detail.ctx.sourceElement.dataset.code);
  }
});

function notSubmitted(event) {
  const form = rating();
  const status = event.detail?.ctx?.response?.status ?? 0;
  if (!form || !isSubmission(event) || [401, 409, 422].includes(status)) return;
  keep(form);
  notice(form, form.dataset.notSent);
  retryLater(form);
}

document.addEventListener("htmx:finally:request", (event) => isSubmission(event) && underWay(event.detail.ctx.sourceElement, false));
document.addEventListener("htmx:error", notSubmitted);
document.addEventListener("htmx:response:error", notSubmitted);
/* Another item is on the desk: not merely the same form again, with what is wrong in it. */
function begin() {
  const code = rating()?.dataset.code;
  if (code === begun) return;
  begun = code;
  savedAt = 0;
  if (!code) return;
  inherit(rating());
  offerKept();
}

document.addEventListener("htmx:after:swap", begin);
begin();
