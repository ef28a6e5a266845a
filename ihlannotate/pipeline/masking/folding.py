"""A text as its reader sees it, made plain for matching, with the way back to the original.

Markdown's marks and invisible characters are gone; spaces, hyphens, apostrophes, accents and full-width letters are
plain ones; character references are what they stand for. So “**Chat**GPT”, “ＧＰＴ‑4” and “d&eacute;velopp&eacute;”
match as “ChatGPT”, “GPT-4” and “developpe”.
"""

import html
import re
import string
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

MARKS = "*_~`"
_INVISIBLE = "\u00ad\u034f\u061c\u0640\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff"
_ACCENTS = "\u0300-\u036f\u064b-\u0652\u0670"
_SPACES = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_HYPHENS = "\u2010-\u2015\u2212\ufe58\ufe63\uff0d"
_APOSTROPHES = "\u2018\u2019\u201b\u02b9\u02bc\u2032\u00b4\uff07"
_LETTERS = "\u00c0-\u024f\u1e00-\u1eff\uff01-\uff5e\U0001d400-\U0001d7ff\u0401\u0451"
_PLAIN = {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "،": ",", "؛": ";", "؟": "?", "ё": "е", "Ё": "Е"}
_GONE = re.compile(f"[{re.escape(MARKS)}{_INVISIBLE}{_ACCENTS}]")
_AS = (
    (re.compile(f"[{_SPACES}]"), " "),
    (re.compile(f"[{_HYPHENS}]"), "-"),
    (re.compile(f"[{_APOSTROPHES}]"), "'"),
)
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,30}\d{0,2});")
_SPECIAL = re.compile(
    f"[{re.escape(MARKS)}{_INVISIBLE}{_ACCENTS}{_SPACES}{_HYPHENS}{_APOSTROPHES}{_LETTERS}{''.join(_PLAIN)}&\\\\]"
)


@dataclass(frozen=True)
class Folded:
    """The plain text, and for each piece of it where it begins here and there, and whether it was copied as it is."""

    text: str
    _here: Sequence[int]
    _there: Sequence[tuple[int, int]]  # beginning and end in the original
    _copied: Sequence[bool]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The passage of the original behind text[start:end], which is not empty."""
        return self._place(start)[0], self._place(end - 1)[1]

    def _place(self, offset: int) -> tuple[int, int]:
        piece = bisect_right(self._here, offset) - 1
        start, end = self._there[piece]
        if not self._copied[piece]:
            return start, end
        at = start + offset - self._here[piece]
        return at, at + 1


def fold(text: str) -> Folded:
    """The text made plain. Its letters keep their case."""
    parts: list[str] = []
    here: list[int] = []
    there: list[tuple[int, int]] = []
    copied: list[bool] = []
    length = 0

    def add(part: str, start: int, end: int, *, as_it_is: bool) -> None:
        nonlocal length
        if part:
            parts.append(part)
            here.append(length)
            there.append((start, end))
            copied.append(as_it_is)
            length += len(part)

    done = 0
    while match := _SPECIAL.search(text, done):
        start = match.start()
        plain, end = _plain(text, start)
        add(text[done:start], done, start, as_it_is=True)
        add(plain, start, end, as_it_is=False)
        done = end
    add(text[done:], done, len(text), as_it_is=True)
    return Folded("".join(parts), here, there, copied)


def _plain(text: str, start: int) -> tuple[str, int]:
    """What stands for the special passage that begins here, empty for what a reader does not see; and where it ends."""
    found = text[start]
    if found == "\\":
        escapes = text[start + 1 : start + 2] in string.punctuation
        return "" if escapes and start + 1 < len(text) else found, start + 1
    if found == "&":
        reference = _REFERENCE.match(text, start)
        meant = html.unescape(reference.group()) if reference else found
        if reference is None or meant == reference.group():
            return found, start + 1
        return fold(meant).text, reference.end()
    if _GONE.match(found):
        return "", start + 1
    for kind, plain in _AS:
        if kind.match(found):
            return plain, start + 1
    return "".join(_letter(one) for one in unicodedata.normalize("NFKC", found)), start + 1


def _letter(letter: str) -> str:
    """The letter without its accent; Russian and Arabic ones as they are most often typed."""
    return _PLAIN.get(letter) or unicodedata.normalize("NFD", letter)[0]
