"""What is masked in a study's responses, for the coordinator: every hit in its context, counted by word and by form."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ihlannotate.models.item import Response
from ihlannotate.models.study import Study
from ihlannotate.pipeline.masking.bars import Passage, passages
from ihlannotate.pipeline.masking.names import listed

HITS_A_PAGE = 50
AROUND = 80  # characters of context on either side
MOST_PHRASES = 500  # different phrases that are counted one by one, so that memory stays flat


@dataclass(frozen=True)
class WordCount:
    """A listed word, or a phrase that was found by its form: how often it is masked, in how many responses."""

    word: str
    hits: int
    responses: int


@dataclass(frozen=True)
class Hit:
    """One masked passage with its context. Nothing here says which run the response came from."""

    response: str  # opaque code
    word: str  # as listed; empty where it was found by its form
    before: str
    hidden: str
    after: str


@dataclass(frozen=True)
class MaskingReport:
    """What is masked in all responses of a study.

    `by_word` holds listed words, `by_form` phrases that no listed word covers, both most frequent first; `never` the
    listed words that mask nothing. `hits` is one page of the `matching` hits. `other_hits` are by form, of phrases
    beyond those that are counted one by one.
    """

    responses: int
    with_hits: int
    by_word: tuple[WordCount, ...]
    by_form: tuple[WordCount, ...]
    other_hits: int
    never: tuple[str, ...]
    matching: int
    hits: tuple[Hit, ...]


def hits(study: Study, *, only: str = "", page: int = 1) -> MaskingReport:
    """Look through all responses, in the order of their random codes, keeping one page of hits and the counts.

    `only` bounds the page to hits of one listed word, or of one phrase found by its form.
    """
    words, forms, in_words, in_forms = (Counter[str]() for _ in range(4))
    kept: list[Hit] = []
    looked = with_hits = matching = other = 0
    first = (page - 1) * HITS_A_PAGE
    responses = Response.objects.filter(study=study).order_by("code").values_list("code", "text")
    for code, text in responses.iterator(chunk_size=500):
        looked += 1
        found = list(_apart(passages(text, study.masked_words)))
        with_hits += bool(found)
        for one in found:
            phrase = one.word or _line(text[one.start : one.end])
            if not one.word and phrase not in forms and len(forms) >= MOST_PHRASES:
                other += 1
            else:
                (words if one.word else forms)[phrase] += 1
            if not only or phrase == only:
                if first <= matching < first + HITS_A_PAGE:
                    kept.append(_hit(code, text, one))
                matching += 1
        in_words.update({one.word for one in found if one.word})
        phrases = {_line(text[one.start : one.end]) for one in found if not one.word}
        in_forms.update(phrases & forms.keys())
    return MaskingReport(
        responses=looked,
        with_hits=with_hits,
        by_word=_counts(words, in_words),
        by_form=_counts(forms, in_forms),
        other_hits=other,
        never=tuple(word for word in listed(study.masked_words) if word not in words),
        matching=matching,
        hits=tuple(kept),
    )


def _apart(found: Sequence[Passage]) -> Iterator[Passage]:
    """Of passages that overlap, one: a listed word before a form, the longest before shorter ones."""
    end = 0
    for one in sorted(found, key=lambda one: (not one.word, one.start - one.end, one.start)):
        others = [
            other for other in found if other != one and other.start < one.end and one.start < other.end
        ]
        if all(_comes_first(one, other) for other in others):
            yield one
            end = max(end, one.end)


def _comes_first(one: Passage, other: Passage) -> bool:
    return (bool(one.word), one.end - one.start, -one.start) > (
        bool(other.word),
        other.end - other.start,
        -other.start,
    )


def _hit(code: str, text: str, one: Passage) -> Hit:
    before, after = max(0, one.start - AROUND), one.end + AROUND
    return Hit(
        response=code,
        word=one.word,
        before=("…" if before else "") + _line(text[before : one.start], keep_ends=True),
        hidden=_line(text[one.start : one.end]),
        after=_line(text[one.end : after], keep_ends=True) + ("…" if after < len(text) else ""),
    )


def _line(text: str, *, keep_ends: bool = False) -> str:
    """The text on one line."""
    line = " ".join(text.split())
    if not keep_ends:
        return line
    return (" " if text[:1].isspace() else "") + line + (" " if text[-1:].isspace() and line else "")


def _counts(hits: Counter[str], responses: Counter[str]) -> tuple[WordCount, ...]:
    ordered = sorted(hits.items(), key=lambda item: (-item[1], item[0].casefold()))
    return tuple(WordCount(word, count, responses[word]) for word, count in ordered)
