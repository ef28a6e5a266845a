"""A right-to-left language for tests: every string in brackets and a third longer, so that a page shows what escaped.

code = pseudo_locale.install(settings, tmp_path)     # pytest-django's settings: it ends with the test
visitor.context.add_cookies([pseudo_locale.cookie(code, visitor.site)])
page.goto(...)
assert pseudo_locale.untranslated(page, study_texts) == []
"""

import ast
import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings as project
from playwright.sync_api import Page

CATALOGUE = project.BASE_DIR / "locale" / "fr" / "LC_MESSAGES" / "django.po"
CODE = "qps"  # for private use, so that Django brings no strings of its own
OPEN, SHUT = "⟦", "⟧"
HOLES = re.compile(r"%\([a-z_0-9]+\)[sd]|%%|\{[a-z]+\}|<[^>]+>|`[^`]+`")
STRETCH = "ÀÉÎØÜ "  # the last word grows, and words are added
# What is the same in every language: the product's name, keys, names of languages and of figures.
FIXED = ("ihlannotate", "English", "Français", "Pseudo", "SHA-256", "PPI++", "(UTC)")
HASHES = re.compile(r"[0-9a-f]{12,64}…?")


@dataclass(frozen=True)
class Entry:
    """One message of a catalogue; `strings` has two members where there is a plural."""

    context: str
    msgid: str
    plural: str | None
    strings: tuple[str, ...]
    fuzzy: bool


def entries(catalogue: Path) -> list[Entry]:
    """The messages of a .po file, without its header and what is obsolete."""
    blocks = re.split(r"\n\s*\n", catalogue.read_text(encoding="utf-8"))
    found = [_entry(block) for block in blocks if re.search(r"^msgid ", block, re.MULTILINE)]
    return [one for one in found if one.msgid]


def _entry(block: str) -> Entry:
    fields: dict[str, str] = {}
    name = ""
    for line in block.splitlines():
        keyword = re.match(r"(msg\w+(?:\[\d\])?) (?=\")", line)
        if keyword:
            name = keyword[1]
            fields[name] = ""
        if keyword or line.startswith('"'):
            fields[name] += ast.literal_eval(line[keyword.end() :] if keyword else line)
    strings = tuple(text for key, text in fields.items() if key.startswith("msgstr"))
    flags = " ".join(line for line in block.splitlines() if line.startswith("#,"))
    return Entry(
        fields.get("msgctxt", ""), fields["msgid"], fields.get("msgid_plural"), strings, "fuzzy" in flags
    )


def pseudo(text: str) -> str:
    """The text in brackets and a third longer, with its placeholders and the white space around it; a form as it is.

    >>> pseudo("%(n)s items are open")
    '⟦%(n)s items are openÀÉÎØÜ⟧'
    >>> pseudo("[%(low)s, %(high)s]")
    '[%(low)s, %(high)s]'
    """
    words = text.strip()
    bare = HOLES.sub("", words)
    if not any(sign.isalpha() for sign in bare):
        return text
    length = len(bare)
    extra = (STRETCH * (length // 3 // len(STRETCH) + 1))[: max(1, length // 3)]
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{before}{OPEN}{words}{extra.rstrip()}{SHUT}{after}"


def install(settings: Any, folder: Path) -> str:
    """Make the language one of the site's until the test ends; its code. `settings` is pytest-django's fixture."""
    place = folder / CODE / "LC_MESSAGES"
    place.mkdir(parents=True)
    texts = {
        "": f"Content-Type: text/plain; charset=UTF-8\nLanguage: {CODE}\nPlural-Forms: nplurals=2; plural=(n > 1);\n"
    }
    for one in entries(CATALOGUE):
        key = f"{one.context}\4{one.msgid}" if one.context else one.msgid
        if one.plural is None:
            texts[key] = pseudo(one.msgid)
        else:
            texts[f"{key}\0{one.plural}"] = f"{pseudo(one.msgid)}\0{pseudo(one.plural)}"
    (place / "django.mo").write_bytes(_compiled(texts))
    settings.LANGUAGES_BIDI = [*project.LANGUAGES_BIDI, CODE]
    settings.LANGUAGES = [*project.LANGUAGES, (CODE, "Pseudo")]
    settings.LOCALE_PATHS = [folder, *project.LOCALE_PATHS]
    return CODE


def _compiled(texts: dict[str, str]) -> bytes:
    """The bytes of a .mo file: a header, a table of originals, one of translations, then all texts."""
    pairs = sorted((key.encode(), text.encode()) for key, text in texts.items())
    start = 28 + 16 * len(pairs)
    body, tables = b"", (b"", b"")
    for column in (0, 1):
        table = b""
        for pair in pairs:
            table += struct.pack("<II", len(pair[column]), start + len(body))
            body += pair[column] + b"\0"
        tables = (table, b"") if column == 0 else (tables[0], table)
    head = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    return head + tables[0] + tables[1] + body


def cookie(code: str, site: str) -> dict[str, Any]:
    """The cookie that chooses a language."""
    return {"name": project.LANGUAGE_COOKIE_NAME, "value": code, "url": site}


def untranslated(page: Page, data: Iterable[str]) -> list[str]:
    """Texts and names on the page that are neither in brackets nor the study's own (`data`)."""
    own = {re.sub(r"\s+", " ", text).strip() for text in (*data, *FIXED)}
    own |= {re.sub(r"^\d+ · ", "", text) for text in own}
    longest_first = sorted(own - {""}, key=len, reverse=True)
    return [text for text in page.evaluate(_OUTSIDE) if not _is_data(text, longest_first)]


def _is_data(text: str, own: list[str]) -> bool:
    """Whether a text is part of the study's own texts, or put together of them."""
    if any(text in one for one in own):
        return True
    text = HASHES.sub(" ", text)
    for one in own:
        text = text.replace(one, " ")
    return not re.search(r"[^\W\d_]{2}", text)


_OUTSIDE = r"""
() => {
  const found = [];
  const plain = (text) => text.replace(/⟦[^⟦⟧]*⟧/g, " ").replace(/⟦[^⟦⟧]*⟧/g, " ").replace(/\s+/g, " ").trim();
  const words = (text) => /\p{L}{2,}/u.test(text);
  let depth = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (parent.closest("script, style, template, kbd, time, code")) continue;
    let outside = "";
    for (const sign of walker.currentNode.data) {
      if (sign === "⟦") depth += 1;
      else if (sign === "⟧") depth -= 1;
      else if (depth === 0) outside += sign;
    }
    outside = outside.replace(/\s+/g, " ").trim();
    if (words(outside)) found.push(outside);
  }
  for (const element of document.querySelectorAll("[aria-label], [title], [placeholder], [alt]")) {
    for (const name of ["aria-label", "title", "placeholder", "alt"]) {
      const left = plain(element.getAttribute(name) ?? "");
      if (words(left)) found.push(left);
    }
  }
  for (const element of document.querySelectorAll("*")) {
    for (const [name, value] of Object.entries(element.dataset)) {
      if (/\p{L}{2,} \p{L}{2,}/u.test(plain(value))) found.push(`data-${name}: ${plain(value)}`);
    }
  }
  const title = plain(document.title);
  if (words(title)) found.push(...title.split(/ ?· ?/).filter(words));
  return found;
}
"""
