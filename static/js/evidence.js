// Evidence: words of the response marked as the ground of an answer, kept as places in the stored text.
const LIMIT = 50; // as the server's
const LONGEST_QUOTE = 200;
const WAIT = 150;
const desk = () => document.getElementById("desk");
const response = () => document.getElementById("response");
const rating = () => document.querySelector("#rating[data-editable]");
const offer = () => document.getElementById("mark");
const say = (words) => (document.getElementById("live").textContent = words);

let timer = 0;

/* Places: an element with data-at holds, letter by letter, the stored text from that code point on. */
const length = (words) => [...words].length;
const units = (words, count) => [...words].slice(0, count).join("").length;

function pieces() {
  return [...(response()?.querySelectorAll("[data-at]") ?? [])].map((element) => {
    const start = Number(element.dataset.at);
    return { node: element.firstChild, start, end: start + length(element.textContent) };
  });
}

/* The part of a piece that a range covers, without the spaces at its ends; null where it covers none. */
function covered(range, { node, start }) {
  let from = range.startContainer === node ? range.startOffset : null;
  let to = range.endContainer === node ? range.endOffset : null;
  if (range.comparePoint(node, 0) === 0) from ??= 0;
  if (range.comparePoint(node, node.length) === 0) to ??= node.length;
  if (from === null || to === null) return null;
  const words = node.data.slice(from, to);
  const bare = words.trim();
  if (!bare) return null;
  const begin = start + length(node.data.slice(0, from) + words.slice(0, words.indexOf(bare)));
  return { start: begin, end: begin + length(bare) };
}

const rangeNow = () => (getSelection().rangeCount ? getSelection().getRangeAt(0) : null);

/* Of a range in the response, the places from the first to the last piece that has one. */
function placesIn(range) {
  if (!range || range.collapsed || !response()?.contains(range.startContainer)) return null;
  const parts = pieces()
    .filter(({ node }) => range.intersectsNode(node))
    .map((piece) => covered(range, piece))
    .filter(Boolean);
  return parts.length ? { start: parts[0].start, end: parts.at(-1).end } : null;
}

function rangeOf(start, end) {
  const inside = pieces().filter((piece) => piece.end > start && piece.start < end);
  if (!inside.length) return null;
  const [first, last] = [inside[0], inside.at(-1)];
  const range = new Range();
  range.setStart(first.node, units(first.node.data, Math.max(start - first.start, 0)));
  range.setEnd(last.node, units(last.node.data, end - last.start));
  return range;
}

const inputs = () => [...document.querySelectorAll("#rating [name=evidence]")];

function placeOf(input) {
  const [, start, end] = input.value.split(":");
  return rangeOf(Number(start), Number(end));
}

function paint() {
  if (!CSS.highlights) return;
  CSS.highlights.delete("evidence-now");
  CSS.highlights.set("evidence", new Highlight(...inputs().map(placeOf).filter(Boolean)));
}

/* The question that a passage is for: the one at hand. */
function question() {
  const form = document.getElementById("rating");
  const all = [...form.querySelectorAll("[data-question][id^='q-']:not([data-off])")];
  return all.find((one) => one.matches(".is-current")) ?? all[0];
}

const titleOf = (one) => one.querySelector("[data-title]").textContent.trim();
const about = (name, one) => desk().dataset[name].replace("{question}", titleOf(one));

/* The one button */
function show() {
  const box = offer();
  const rects = rating() && placesIn(rangeNow()) ? [...rangeNow().getClientRects()] : [];
  box.hidden = !rects.some(({ top, bottom }) => bottom > 0 && top < innerHeight);
  if (box.hidden) return;
  box.querySelector("[data-words]").textContent = about("markFor", question());
  const { bottom, left, width } = rects.at(-1);
  const [button] = box.children; // it has no id: htmx copies what has one, and may not copy styles
  const end = document.documentElement.clientWidth - button.offsetWidth - 8;
  button.style.setProperty("top", `${bottom + scrollY + 8}px`);
  button.style.setProperty("left", `${Math.max(8, Math.min(left + width / 2 - button.offsetWidth / 2, end))}px`);
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(show, WAIT);
}

function add(one, value) {
  const [, start, end] = value.split(":").map(Number);
  const range = rangeOf(start, end);
  if (!range) return;
  const entry = document.getElementById("passage").content.cloneNode(true);
  const words = range.toString().replace(/\s+/g, " ").trim();
  const quote = length(words) > LONGEST_QUOTE ? `${words.slice(0, units(words, LONGEST_QUOTE - 1))}…` : words;
  const input = entry.querySelector("input");
  input.value = value;
  input.checked = true;
  entry.querySelector("[data-passage]").textContent = quote;
  for (const named of entry.querySelectorAll("[aria-label]")) named.ariaLabel += ` ${quote}`;
  const list = one.querySelector("[data-passages]");
  list.append(entry);
  list.hidden = false;
}

const changed = (one) => one.dispatchEvent(new Event("change", { bubbles: true }));

/* Mark what is selected. False where none of it has a place in the stored text. */
export function mark(range) {
  if (!rating()) return true;
  const place = placesIn(range);
  if (!place) {
    say(desk().dataset.selectFirst);
    return false;
  }
  const one = question();
  const value = `${one.id.slice(2)}:${place.start}:${place.end}`;
  if (inputs().some((input) => input.value === value)) say(desk().dataset.markedAlready);
  else if (inputs().length >= LIMIT) say(desk().dataset.markedEnough);
  else {
    add(one, value);
    say(about("marked", one));
    changed(one);
  }
  getSelection().removeAllRanges();
  paint();
  return true;
}

/* The passages that this browser kept, in place of those on the page. */
export function restore(values) {
  for (const input of inputs()) input.closest("li").remove();
  for (const list of document.querySelectorAll("[data-passages]")) list.hidden = true;
  for (const value of values) {
    const one = document.getElementById(`q-${value.split(":")[0]}`);
    if (one) add(one, value);
  }
  paint();
}

function remove(button) {
  const entry = button.closest("li");
  const [list, one] = [entry.parentElement, entry.closest("[data-question]")];
  const next = entry.nextElementSibling ?? entry.previousElementSibling;
  entry.remove();
  list.hidden = !list.children.length;
  (next?.querySelector("[data-unmark]") ?? one).focus();
  say(about("unmarked", one));
  changed(one);
  paint();
}

async function lookAt(link) {
  const range = placeOf(link.closest("li").querySelector("input"));
  if (!range) return;
  CSS.highlights?.set("evidence-now", new Highlight(range));
  (await import(desk().dataset.findScript)).reveal(range);
}

document.addEventListener("selectionchange", soon);
document.addEventListener("focusin", soon);
document.addEventListener("scroll", soon, { passive: true });

document.addEventListener("pointerdown", (event) => {
  if (event.target.closest("[data-mark]")) event.preventDefault(); // What is selected stays selected.
});

document.addEventListener("click", (event) => {
  const acts = { "[data-mark]": () => mark(rangeNow()), "[data-unmark]": remove, "[data-passage]": lookAt };
  for (const [selector, act] of Object.entries(acts)) {
    const element = event.target.closest(selector);
    if (!element) continue;
    event.preventDefault();
    act(element);
  }
});

document.addEventListener("htmx:after:swap", () => {
  paint();
  soon();
});

paint();
soon();
