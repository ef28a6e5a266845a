"""The bars over what a response says of its own identity, and the way back from masked to original text."""

from collections.abc import Iterator
from dataclasses import dataclass

from ihlannotate.pipeline.masking.folding import MARKS, fold
from ihlannotate.pipeline.masking.forms import stated
from ihlannotate.pipeline.masking.names import named

MASK = "▮▮▮"


@dataclass(frozen=True)
class Bar:
    """One masked passage: where its bar stands in the masked text, and what it hides in the original."""

    start: int
    end: int
    original_start: int
    original_end: int


@dataclass(frozen=True)
class Masked:
    """A text as annotators see it, with the way back to the original. All offsets count code points."""

    text: str
    bars: tuple[Bar, ...]

    def original(self, offset: int, *, end: bool = False) -> int:
        """The place in the original of a place in the masked text.

        A place inside a bar is where the hidden passage begins; with `end`, where it ends.
        """
        shift = 0
        for bar in self.bars:
            if offset <= bar.start:
                break
            if offset < bar.end:
                return bar.original_end if end else bar.original_start
            shift = bar.original_end - bar.end
        return offset + shift


def masked(text: str, words: str) -> Masked:
    """The text with a study's masked words (one a line) and statements of identity replaced by a bar.

    “I was developed by X”, “I am X, an AI …” are recognised by their form, so that an unlisted name is caught too.
    """
    pieces: list[str] = []
    bars: list[Bar] = []
    done = length = 0
    for start, end in _hidden(text, words):
        pieces += [text[done:start], MASK]
        length += start - done + len(MASK)
        bars.append(Bar(length - len(MASK), length, start, end))
        done = end
    return Masked("".join([*pieces, text[done:]]), tuple(bars))


def mask(text: str, words: str) -> str:
    """The text of `masked` alone."""
    return masked(text, words).text


@dataclass(frozen=True)
class Passage:
    """A passage that is hidden, by which listed word; `word` is empty where it was found by its form alone."""

    start: int
    end: int
    word: str


def passages(text: str, words: str) -> list[Passage]:
    """All that is to be hidden, in order; those that overlap stand as they were found."""
    found = [*_by_word(text, words), *_by_form(text)]
    return sorted(set(found), key=lambda one: (one.start, one.end, one.word))


def _by_word(text: str, words: str) -> Iterator[Passage]:
    """Listed words as they are typed, and as they are read: in “Claude*s*” one is found, in “**Chat**GPT” the other."""
    for one in named(text, words):
        yield Passage(one.start, one.end, one.word)
    folded = fold(text)
    if folded.text != text:
        for one in named(folded.text, words):
            yield Passage(*_with_marks(text, *folded.span(one.start, one.end)), one.word)


def _by_form(text: str) -> Iterator[Passage]:
    folded = fold(text)
    for one in stated(folded.text):
        yield Passage(*_with_marks(text, *folded.span(one.start, one.end)), "")


def _with_marks(text: str, start: int, end: int) -> tuple[int, int]:
    """The passage; where Markdown's marks split it, with those beside it, so that none is left without its pair."""
    if any(mark in text[start:end] for mark in MARKS):
        while start and text[start - 1] in MARKS:
            start -= 1
        while end < len(text) and text[end] in MARKS:
            end += 1
    return start, end


def _hidden(text: str, words: str) -> list[tuple[int, int]]:
    """The passages to hide, in order, those that overlap as one."""
    merged: list[tuple[int, int]] = []
    for one in passages(text, words):
        if merged and one.start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(one.end, merged[-1][1])
        else:
            merged.append((one.start, one.end))
    return merged
