"""Passages of a response that an annotator marks as the ground of an answer: checked, stored, quoted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext as _

from ihlannotate.pipeline.masking import Masked
from ihlannotate.pipeline.refusals import Problem, Refused
from ihlannotate.readers.rubric import RubricSpec

MAX_PASSAGES = 50  # a submission
MAX_QUOTE = 200  # characters


class Mark(NamedTuple):
    """A passage marked for one criterion: code points `start` to before `end` of the stored, unmasked text."""

    criterion: str
    start: int
    end: int


@dataclass(frozen=True)
class Passage:
    """A mark as its annotator sees it. `quote` comes from the masked text: it shows nothing that a bar hides."""

    criterion: str
    start: int
    end: int
    quote: str


def checked(spec: RubricSpec, text: str, marks: Iterable[Sequence[str | int]]) -> tuple[Mark, ...]:
    """The marks as they are stored: each once, in the order in which they were made.

    Raises Refused, with a problem that names no criterion, where a mark is for no question of the rubric, lies
    outside the text or is empty, or where there are more than MAX_PASSAGES.
    """
    kept = list(dict.fromkeys(Mark(str(key), int(start), int(end)) for key, start, end in marks))
    keys = {criterion.key for criterion in spec.criteria}
    if len(kept) > MAX_PASSAGES:
        raise _refused(_("At most %(n)d passages can be marked. Remove some.") % {"n": MAX_PASSAGES})
    for one in kept:
        if one.criterion not in keys or not lies_in(text, one):
            raise _refused(_("A marked passage does not lie in this response. Remove it and mark it again."))
    return tuple(kept)


def lies_in(text: str, mark: Mark) -> bool:
    return 0 <= mark.start < mark.end <= len(text)


def _refused(message: str) -> Refused:
    return Refused(message, problems=(Problem(message),))


def passages(masked: Masked, marks: Iterable[Mark]) -> tuple[Passage, ...]:
    """The marks with what they say, in the order of the text."""
    return tuple(
        Passage(one.criterion, one.start, one.end, _quote(masked, one)) for one in sorted(marks, key=_place)
    )


def _place(mark: Mark) -> tuple[int, int]:
    return mark.start, mark.end


def _quote(masked: Masked, mark: Mark) -> str:
    quote = masked.text[_shown(masked, mark.start) : _shown(masked, mark.end, end=True)]
    return quote if len(quote) <= MAX_QUOTE else quote[: MAX_QUOTE - 1].rstrip() + "…"


def _shown(masked: Masked, offset: int, *, end: bool = False) -> int:
    """The place in the masked text of a place in the original; a place that a bar hides is the bar's own edge."""
    shift = 0
    for bar in masked.bars:
        if offset <= bar.original_start:
            break
        if offset < bar.original_end:
            return bar.end if end else bar.start
        shift = bar.end - bar.original_end
    return offset + shift
