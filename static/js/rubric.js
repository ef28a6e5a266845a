// The rubric: asks only what applies, marks the question at hand, answers to keys, and searches long lists.
// Finding in the text and marking evidence come from modules of their own, when they are first asked for.
const PHONE = matchMedia("(max-width: 62.49em)");
const SINGLE_KEYS = "ihl:single-keys";

const rating = () => document.getElementById("rating");
const say = (words) => (document.getElementById("live").textContent = words);
let prepared;
const questionsOf = (form) => [...form.querySelectorAll("[data-question]")].filter((one) => !("off" in one.dataset));
const currentOf = (form) => form.querySelector(".is-current");
const isAnswered = (question) =>
  question.querySelector(":checked") !== null || Boolean(question.querySelector("textarea")?.value.trim());

/* What applies: a question shows if every field that it names shows and has one of the values listed. A form that can't
   be changed any more is disabled, and its answers count too. */
function applyConditions(form) {
  const given = (name) => [...form.elements].filter((one) => one.name === name && one.checked);
  const shown = new Set();
  for (const question of form.querySelectorAll("[data-question]")) {
    const conditions = Object.entries(JSON.parse(question.dataset.showIf ?? "{}"));
    const applies = conditions.every(
      ([name, values]) => shown.has(name) && given(name).some((one) => values.includes(one.value)),
    );
    question.toggleAttribute("data-off", !applies);
    if (applies) shown.add(`c-${question.id.slice(2)}`);
  }
}

/* The question at hand: where digits go. */
function makeCurrent(question) {
  for (const other of rating().querySelectorAll(".is-current")) other.classList.remove("is-current");
  question?.classList.add("is-current");
}

function moveTo(question) {
  makeCurrent(question);
  question.focus({ preventScroll: true });
  question.scrollIntoView({ block: "nearest" });
}

function step(form, by) {
  const all = questionsOf(form);
  const place = all.indexOf(currentOf(form));
  const next = all[Math.min(Math.max(place + by, 0), all.length - 1)];
  if (next) moveTo(next);
}

/* By its letter: where a question is answered in words, the caret goes there. */
function goTo(question) {
  moveTo(question);
  question.querySelector("textarea, [data-filter]")?.focus();
}

function goOn(form) {
  const all = questionsOf(form);
  const rest = all.slice(all.indexOf(currentOf(form)) + 1);
  const wanted = (one) => "required" in one.dataset || one.querySelector("[type=radio]");
  const next = rest.find((one) => wanted(one) && !isAnswered(one));
  if (next) moveTo(next);
  else form.querySelector("button.submit")?.focus();
}

function choose(form, key) {
  const input = currentOf(form)?.querySelector(`input[data-key="${key}"]:enabled`);
  if (!input) return false;
  input.checked = true;
  input.dispatchEvent(new Event("change", { bubbles: true }));
  const words = input.closest("[data-question]").querySelector("textarea");
  if (words) words.focus(); // an outcome goes with its reason
  else goOn(form);
  return true;
}

/* What is not needed on every item */
const load = (name) =>
  import(document.getElementById("desk").dataset[`${name}Script`]).catch(() => {
    say(document.getElementById("desk").dataset.unavailable);
    return null;
  });

/* The field is there at once, so that nothing typed after the key is lost while the module is on its way. */
function find() {
  const box = document.getElementById("find");
  const before = box.hidden ? document.activeElement : null;
  box.hidden = false;
  document.getElementById("find-words").select();
  load("find").then((module) => module?.open(before));
}

function selectedInResponse() {
  const words = getSelection();
  const within = document.getElementById("response")?.contains(words.anchorNode);
  return within && !words.isCollapsed ? words.getRangeAt(0).cloneRange() : null;
}

/* What is selected at the key is what is meant, whenever the module arrives. The way to words is to find them. */
function evidence() {
  const range = selectedInResponse();
  if (range) load("evidence").then((module) => module?.mark(range) || find());
  else find();
  if (!range) say(document.getElementById("desk").dataset.selectFirst);
}

/* With Shift the arrows widen a selection, as in a field, also where browsers don't: after a search, for one. */
function widen(event) {
  const way = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "backward", ArrowDown: "forward" }[event.key];
  if (!way || !event.shiftKey || !selectedInResponse()) return false;
  const line = event.key === "ArrowUp" || event.key === "ArrowDown";
  getSelection().modify("extend", way, line ? "line" : event.ctrlKey ? "word" : "character");
  return true;
}

/* Keys */
const singleKeys = () => localStorage.getItem(SINGLE_KEYS) !== "off";
const openDialog = (name) => document.querySelector(`[data-dialog="${name}"]`)?.click();
const writes = (element) =>
  element.matches("textarea, select, input:not([type=radio], [type=checkbox]), [contenteditable]");

const ACTIONS = {
  j: (form) => step(form, 1),
  k: (form) => step(form, -1),
  d: () => openDialog("definitions"),
  g: () => openDialog("guidelines"),
  s: () => openDialog("skip"),
  "?": () => openDialog("keys"),
  u: () => document.querySelector("[data-undo]")?.click(),
  v: () => document.querySelector("[data-cover] > summary")?.click(),
  w: () => document.querySelector('[data-toggle="wide"]')?.click(),
  e: evidence,
  f: find,
  "/": find,
};

/* The letter or digit that is printed on the key, whatever the layout writes with it. */
function keyOf(event) {
  const key = event.key.toLowerCase();
  if (key.length > 1 || /[a-z0-9?/]/.test(key)) return key;
  return /^(?:Key|Digit)(\w)$/.exec(event.code)?.[1].toLowerCase() ?? key;
}

function answerKey(form, event) {
  const key = keyOf(event);
  if (/^\d$/.test(key)) return choose(form, key);
  const arrow = { arrowdown: 1, arrowup: -1 }[key];
  if (arrow && event.target.matches("[data-question]")) return step(form, arrow) ?? true;
  const question = questionsOf(form).find((one) => one.dataset.letter === key);
  if (question) return goTo(question) ?? true;
  if (!Object.hasOwn(ACTIONS, key)) return false;
  ACTIONS[key](form);
  return true;
}

document.addEventListener("keydown", (event) => {
  const form = rating();
  if (!form || event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
  if (event.target.closest("#find")) return;
  if (form !== prepared) prepare(); // A key may come between the next item's arrival and the event that tells of it.
  if (form.ariaBusy === "true") return;
  if (event.altKey || event.metaKey) return;
  const submit = form.querySelector("button.submit");
  if (event.key === "Enter" && event.ctrlKey) {
    event.preventDefault();
    if (submit) form.requestSubmit(submit);
    return;
  }
  if (writes(event.target)) {
    if (event.key === "Escape") event.target.closest("[data-question]")?.focus();
    return;
  }
  if (widen(event)) {
    event.preventDefault();
    return;
  }
  if (event.ctrlKey) return;
  if (event.key === "Enter" && !event.target.closest("a, button, summary")) {
    event.preventDefault();
    if (submit) form.requestSubmit(submit);
  } else if (singleKeys() && answerKey(form, event)) {
    event.preventDefault();
  }
});

/* The letters of this rubric, in the list of keys. */
function listLetters(form) {
  const list = document.getElementById("letters");
  if (!list || list.children.length) return;
  for (const question of form.querySelectorAll("[data-letter]")) {
    const [letter, title] = [document.createElement("dt"), document.createElement("dd")];
    letter.append(Object.assign(document.createElement("kbd"), { textContent: question.dataset.letter.toUpperCase() }));
    title.textContent = question.querySelector("[data-title]").textContent;
    list.append(letter, title);
  }
}

/* Long lists */
function filterPicker(search) {
  const picker = search.parentElement.querySelector(".picker");
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let any = false;
  for (const group of picker.querySelectorAll("details")) {
    let found = false;
    for (const label of group.querySelectorAll("label")) {
      const text = label.textContent.toLowerCase();
      const number = label.querySelector("input").value;
      const fits = words.every((word) => (/^\d+$/.test(word) ? number === word : text.includes(word)));
      label.hidden = !fits;
      found ||= fits;
    }
    group.hidden = !found;
    group.open = found && words.length > 0;
    any ||= found;
  }
  picker.querySelector(".none").hidden = any;
}

function listChosen(question) {
  const list = question.querySelector("[data-chosen]");
  const picker = question.querySelector(".picker");
  const boxes = [...picker.querySelectorAll("[type=checkbox]")];
  const chosen = boxes.filter((box) => box.checked);
  const full = chosen.length >= Number(picker.dataset.maximum ?? Infinity);
  for (const box of boxes) box.disabled = full && !box.checked;
  list.replaceChildren(
    ...chosen.map((box) => {
      const remove = document.createElement("button");
      remove.type = "button";
      remove.dataset.remove = box.value;
      remove.textContent = `${box.parentElement.querySelector("b").textContent} ${box.parentElement.querySelector("span").textContent} ×`;
      const entry = document.createElement("li");
      entry.append(remove);
      return entry;
    }),
  );
}

function prepare() {
  const form = rating();
  if (!form) return;
  prepared = form;
  applyConditions(form);
  for (const list of form.querySelectorAll("[data-chosen]")) listChosen(list.closest("[data-question]"));
  const all = questionsOf(form);
  makeCurrent(form.querySelector(".question-wrong") ?? all.find((one) => !isAnswered(one)) ?? all[0]);
  if (PHONE.matches) document.querySelector(".prompt").open = false;
  document.getElementById("single-keys").checked = singleKeys();
  listLetters(form);
  if (form.querySelector("[name=evidence]")) load("evidence");
}

document.addEventListener("change", (event) => {
  if (event.target.id === "single-keys") {
    localStorage.setItem(SINGLE_KEYS, event.target.checked ? "on" : "off");
  }
  const form = event.target.closest?.("#rating");
  if (!form) return;
  applyConditions(form);
  if (event.target.matches(".picker input")) listChosen(event.target.closest("[data-question]"));
});

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-filter]")) filterPicker(event.target);
});

document.addEventListener("focusin", (event) => {
  const question = event.target.closest?.("#rating [data-question]");
  if (question) makeCurrent(question);
});

document.addEventListener("selectionchange", () => {
  if (selectedInResponse()) load("evidence");
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-find-open]")) find();
  const remove = event.target.closest("[data-remove]");
  if (!remove) return;
  const box = remove.closest("[data-question]").querySelector(`.picker input[value="${CSS.escape(remove.dataset.remove)}"]`);
  box.checked = false;
  box.dispatchEvent(new Event("change", { bubbles: true }));
});

document.addEventListener("htmx:after:swap", () => {
  prepare();
  const said = document.querySelector("#desk [data-announce]")?.cloneNode(true);
  for (const act of said?.querySelectorAll("form, button") ?? []) act.remove();
  if (said) say(said.textContent.trim());
});

prepare();
