// Find in the text: in the prompt and the response, whatever their case and accents, as they are read.
const WAIT = 120;
const box = () => document.getElementById("find");
const field = () => document.getElementById("find-words");
const INLINE = "span, code, em, strong, s";

let text = null; // what is searched: { folded, marks }, built anew for each item
let hits = [];
let place = -1;
let timer = 0;
let searched = ""; // what the hits are hits of
let before = null;

/* The text in small letters without accents, and for each of its characters the place that it comes from. */
function fold(character) {
  if (/\s/.test(character)) return " ";
  const bare = character.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
  return bare.replace(/[\u2018\u2019]/g, "'").replace(/[\u201c\u201d]/g, '"');
}

const blockOf = (node) => {
  let element = node.parentElement;
  while (element.matches(INLINE)) element = element.parentElement;
  return element;
};

function read() {
  const [characters, marks] = [[], []];
  let block = null;
  for (const root of document.querySelectorAll("[data-searched]")) {
    if (root.closest("[data-cover]:not([open])")) continue;
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (blockOf(node) !== block) {
        block = blockOf(node);
        characters.push("\n");
        marks.push(null);
      }
      let offset = 0;
      for (const character of node.data) {
        for (const one of fold(character)) {
          if (one === " " && characters.at(-1) === " ") continue;
          characters.push(one);
          marks.push({ node, offset, end: offset + character.length });
        }
        offset += character.length;
      }
    }
  }
  return { folded: characters, marks };
}

function search() {
  searched = field().value;
  const words = [...field().value].map(fold).join("").replace(/ +/g, " ").trim();
  text ??= read();
  hits = [];
  place = -1;
  if (words) {
    const whole = text.folded.join("");
    const units = [];
    text.folded.forEach((character, index) => units.push(...Array(character.length).fill(index)));
    for (let at = whole.indexOf(words); at >= 0; at = whole.indexOf(words, at + words.length)) {
      const range = new Range();
      const [first, last] = [text.marks[units[at]], text.marks[units[at + words.length - 1]]];
      range.setStart(first.node, first.offset);
      range.setEnd(last.node, last.end);
      hits.push(range);
    }
    place = hits.length ? 0 : -1;
  }
  show();
}

function show() {
  const { dataset } = box();
  const count = document.getElementById("find-count");
  if (hits.length) {
    count.textContent = dataset.count.replace("{n}", place + 1).replace("{total}", hits.length);
    reveal(hits[place]);
  } else count.textContent = field().value.trim() ? dataset.none : "";
  if (!CSS.highlights) return;
  const all = new Highlight();
  for (const hit of hits) all.add(hit);
  CSS.highlights.set("found", all);
  CSS.highlights.set("found-now", new Highlight(...hits.slice(place, place + 1)));
  CSS.highlights.get("found-now").priority = 1;
}

function go(by) {
  clearTimeout(timer);
  if (!hits.length || field().value !== searched) search();
  else {
    place = (place + by + hits.length) % hits.length;
    show();
  }
}

/* Scroll whatever scrolls around a range, so that it can be read. */
export function reveal(range) {
  for (let one = range.startContainer.parentElement; one; one = one.parentElement) {
    if (one.matches("details")) one.open = true;
    const [inner, outer] = [range.getBoundingClientRect(), one.getBoundingClientRect()];
    if (one === document.body) break;
    if (!/auto|scroll/.test(getComputedStyle(one).overflow)) continue;
    if (inner.top < outer.top || inner.bottom > outer.bottom) one.scrollTop += inner.top - outer.top - outer.height / 3;
    if (inner.left < outer.left || inner.right > outer.right) one.scrollLeft += inner.left - outer.left - outer.width / 3;
  }
  const { top, bottom } = range.getBoundingClientRect();
  if (top < innerHeight * 0.4 || bottom > innerHeight * 0.8) scrollBy(0, top - innerHeight * 0.5);
}

/* `from`: what had the focus before the field. */
export function open(from) {
  before = from ?? before;
  if (field().value) search();
}

/* Where one was looking stays selected: it can be marked as evidence at once. */
function close() {
  clearTimeout(timer);
  box().hidden = true;
  CSS.highlights?.delete("found");
  CSS.highlights?.delete("found-now");
  (before?.isConnected && before !== document.body ? before : document.getElementById("item-title")).focus({ preventScroll: true });
  if (place < 0) return;
  getSelection().removeAllRanges();
  getSelection().addRange(hits[place]);
}

document.addEventListener("input", (event) => {
  if (event.target !== field()) return;
  clearTimeout(timer);
  timer = setTimeout(search, WAIT);
});

document.addEventListener("keydown", (event) => {
  if (!event.target.closest?.("#find")) return;
  if (event.key === "Escape") close();
  else if (event.key === "Enter" && event.target === field()) go(event.shiftKey ? -1 : 1);
  else return;
  event.preventDefault();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-find]");
  if (!button) return;
  if (button.dataset.find === "close") close();
  else go(Number(button.dataset.find));
});

function begin() {
  text = null;
  hits = [];
  place = -1;
  CSS.highlights?.delete("found");
  CSS.highlights?.delete("found-now");
}

document.addEventListener("htmx:after:swap", begin);
document.addEventListener("toggle", (event) => event.target.matches?.("[data-cover]") && (text = null), true);
