"""Where each piece of parsed Markdown stands in its source: the way back from the page to the stored text."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from markdown_it.helpers import parseLinkDestination, parseLinkTitle
from markdown_it.token import Token

from ihlannotate.pipeline.masking import Masked

_NEWLINE = re.compile(r"\r\n?|\n")


@dataclass(frozen=True)
class Way:
    """From places in a masked text to places in the original. All offsets count code points."""

    masked: Masked

    @cached_property
    def _stretches(self) -> list[tuple[int, int, int]]:
        """What stands between the bars: start, end, and start in the original."""
        edges = [(0, 0), *((bar.end, bar.original_end) for bar in self.masked.bars)]
        ends = [*(bar.start for bar in self.masked.bars), len(self.masked.text)]
        return [(start, end, original) for (start, original), end in zip(edges, ends, strict=True)]

    def pieces(self, text: str, at: int) -> Iterator[tuple[str, int | None]]:
        """`text`, which stands at `at` in the masked text, in pieces, each with its place in the original.

        A bar has none.
        """
        done, end = at, at + len(text)
        first = bisect_right(self._stretches, at, key=lambda one: one[1])
        for start, stop, original in self._stretches[first:]:
            if start >= end:
                break
            if start > done:
                yield text[done - at : start - at], None
                done = start
            upto = min(stop, end)
            if upto > done:
                yield text[done - at : upto - at], original + done - start
                done = upto
        if done < end:
            yield text[done - at :], None


def place_tokens(tokens: Sequence[Token], source: str) -> None:
    """Note in each token's `meta` where its text stands in `source`: `at`, or `lines` for a block of code.

    A token whose text does not stand there letter by letter gets no place.
    """
    starts = [0, *(found.end() for found in _NEWLINE.finditer(source))]
    lines = _NEWLINE.sub("\n", source).split("\n")
    line, cursor = -1, 0
    for before, token in pairwise([Token("", "", 0), *tokens]):
        if token.map is None:
            continue
        first = token.map[0]
        if token.type in ("fence", "code_block"):
            first += token.type == "fence"
            token.meta["lines"] = _code_places(token.content, lines[first:], starts[first:])
        elif token.type == "inline" and before.type in ("td_open", "th_open"):
            line, cursor = first, cursor if line == first else 0
            place, cursor = _cell_place(token.content, lines[first], cursor)
            if place is not None:
                _place_inline(token, [starts[first] + place], source)
        elif token.type == "inline":
            _place_inline(token, _line_places(token.content, lines[first:], starts[first:]), source)


def _line_places(content: str, lines: Sequence[str], starts: Sequence[int]) -> list[int | None]:
    """Where each line of a block begins: what stands before it are signs of lists, quotations and headings."""
    found = zip(content.split("\n"), lines, starts, strict=False)
    return [start + line.rfind(text) if text in line else None for text, line, start in found]


def _code_places(content: str, lines: Sequence[str], starts: Sequence[int]) -> list[int | None]:
    found = zip(content.split("\n"), lines, starts, strict=False)
    return [start + len(line) - len(text) if line.endswith(text) else None for text, line, start in found]


def _cell_place(content: str, line: str, cursor: int) -> tuple[int | None, int]:
    """Where a table's cell begins, and where the next one may."""
    place = line.find(content, cursor)
    if place >= 0:
        return place, place + len(content)
    written = content.replace("|", "\\|")
    place = line.find(written, cursor)
    return None, place + len(written) if place >= 0 else cursor


def _place_inline(token: Token, places: Sequence[int | None], source: str) -> None:
    content = token.content
    line_starts = [0, *(found.end() for found in re.finditer("\n", content))]

    def place(at: int, text: str) -> int | None:
        line = bisect_right(line_starts, at) - 1
        begin = places[line] if line < len(places) else None
        found = None if begin is None else begin + at - line_starts[line]
        return found if found is not None and source.startswith(text, found) else None

    for child, at in _Reading(content).texts(token.children or []):
        if (found := place(at, child.content)) is not None:
            child.meta["at"] = found


@dataclass
class _Reading:
    """A block's source, read along with the tokens that were made of it."""

    source: str
    at: int = 0

    def texts(self, children: Sequence[Token]) -> Iterator[tuple[Token, int]]:
        """Each token with a text that stands in the source letter by letter, and where."""
        for child in children:
            found = self._read(child)
            if found is not None:
                yield child, found

    def _read(self, token: Token) -> int | None:
        """Go past a token. The place of its text, if it has one."""
        match token.type:
            case "text":
                return self._text(token.content)
            case "text_special":
                self._past(token.markup)
                return self.at - len(token.content) if token.markup.startswith("\\") else None
            case "code_inline":
                self._past(token.markup)
                found = self._code(token.content)
                self._past(token.markup)
                return found
            case "link_open":
                self._past("<" if token.markup == "autolink" else "[")
            case "link_close" if token.markup == "autolink":
                self._past(">")
            case "link_close":
                self._past_address()
            case "image":
                self._past("![")
                for child in token.children or []:
                    self._read(child)
                self._past_address()
            case "softbreak" | "hardbreak":
                self._past("\n")
            case _:
                self._past(token.markup)
        return None

    def _text(self, text: str) -> int | None:
        found = self.source.find(text, self.at)
        if found < 0 or self.source[self.at : found].strip():
            return None
        self.at = found + len(text)
        return found

    def _code(self, text: str) -> int | None:
        """Code in a line: its line breaks were made spaces, and one space at each end was taken off."""
        found = self.source.replace("\n", " ").find(text, self.at)
        if found < 0:
            return None
        self.at = found + len(text)
        return found

    def _past(self, markup: str) -> None:
        found = self.source.find(markup, self.at)
        if found >= 0:
            self.at = found + len(markup)

    def _past_address(self) -> None:
        """Past the `](address "title")` of a link or an image."""
        self._past("](")
        end = len(self.source)
        self._past_space()
        address = parseLinkDestination(self.source, self.at, end)
        if address.ok:
            self.at = address.pos
        self._past_space()
        title = parseLinkTitle(self.source, self.at, end)
        if title.ok:
            self.at = title.pos
        self._past(")")

    def _past_space(self) -> None:
        rest = self.source[self.at :]
        self.at += len(rest) - len(rest.lstrip())
