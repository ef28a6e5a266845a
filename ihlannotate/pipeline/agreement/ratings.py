"""Ratings out of the database as compact arrays: one packed row a response, so that the database does the grouping.

A response's answers to one criterion are the digits of a few whole numbers, which the database sums while it walks
its index; no annotation becomes a Python object.
"""

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter
from typing import Any, Literal

import numpy as np
from django.db.models import QuerySet
from numpy.typing import NDArray

from ihlannotate.models.annotation import Answer
from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement.columns import BITS, CHUNK, IntArray, chosen, coded_chunks, packed, table
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.readers.rubric import CriterionSpec
from ihlannotate.stats.reliability import coded_sets

Codes = NDArray[np.signedinteger[Any]]
Level = Literal["nominal", "ordinal", "interval"]
LEVELLED = ("choice", "scale", "flag")
COUNT_BITS = 12  # more annotators than 4,095 of one response are not expected


@dataclass(frozen=True)
class Counts:
    """The present annotations of one criterion. U units (responses with an annotation), V levels.

    `counts` U × V, `prompts` U (database ids, the clusters), `responses` U (database ids, ascending).
    """

    counts: IntArray
    prompts: IntArray
    responses: IntArray


@dataclass(frozen=True)
class Ratings:
    """The same, annotator by annotator: `codes` R × U level indices (-1: none) in as few
    bytes as hold them, `aliases` and `annotators`
    (membership ids) R. Annotators without a rating are left out."""

    codes: Codes
    aliases: tuple[str, ...]
    annotators: tuple[int, ...]
    prompts: IntArray
    responses: IntArray


@dataclass(frozen=True)
class SetRatings:
    """Ratings whose `codes` are rows of `members` (S × L: whether the set holds the criterion's option)."""

    ratings: Ratings
    members: NDArray[np.bool_]


@dataclass(frozen=True)
class Repeats:
    """Silent repeats of one criterion, n of them: level indices at `first` and `second` (-1: none), whose they are
    (`annotators`, rows of the ratings) and the `prompts` (database ids)."""

    first: IntArray
    second: IntArray
    annotators: IntArray
    prompts: IntArray


def levelled_criteria(study: Study) -> list[CriterionSpec]:
    """The criteria whose answers are one of a list of levels: those that agreement and gold are made of.

    What annotators report of themselves is not among them: nobody else could give the same answer.
    """
    criteria = spec_of(study.rubric).criteria
    return [one for one in criteria if one.kind in LEVELLED and not one.self_report]


def set_criteria(study: Study) -> list[CriterionSpec]:
    """The criteria whose answers are sets of options: agreement is measured on them, with MASI distance."""
    criteria = spec_of(study.rubric).criteria
    return [one for one in criteria if one.kind == "many" and not one.self_report]


def numbers_of(spec: CriterionSpec) -> NDArray[np.float64] | None:
    """The numeric values of an interval criterion's levels; None for the others."""
    if spec.level != "interval":
        return None
    return np.array([option.number for option in spec.options], dtype=np.float64)


def counts_of(study: Study, spec: CriterionSpec, criterion_id: int) -> Counts:
    """Annotations of each response by level, grouped by the database."""
    levels = len(spec.options)
    groups = list(_groups(range(levels), BITS // COUNT_BITS))
    columns = [
        chosen(value=[(spec.options[k].value, 1 << COUNT_BITS * place) for place, k in enumerate(group)])
        for group in groups
    ]
    ids, parts = [], [np.zeros((0, levels), dtype=np.int64)]
    for chunk in packed(_live(study, criterion_id), columns):
        counts = np.zeros((len(chunk), levels), dtype=np.int64)
        for group, column in zip(groups, chunk.T[2:], strict=True):
            for place, k in enumerate(group):
                counts[:, k] = (column >> COUNT_BITS * place) & ((1 << COUNT_BITS) - 1)
        ids.append(chunk[:, :2].copy())
        parts.append(counts)
    responses, prompts = _columns(ids)
    return Counts(np.concatenate(parts), prompts, responses)


def ratings_of(study: Study, spec: CriterionSpec, criterion_id: int) -> Ratings:
    """Who chose which level of each response, annotators in the order of their aliases."""
    members = _members(study)
    base = len(spec.options) + 1
    groups = list(_groups(members, int(BITS / math.log2(base))))
    digit = chosen(value=[(option.value, k) for k, option in enumerate(spec.options, start=1)])
    columns = [
        digit * chosen(annotator_id=[(pk, base**place) for place, (pk, _alias) in enumerate(group)])
        for group in groups
    ]
    ids, parts = [], []
    for chunk in packed(_live(study, criterion_id), columns):
        codes = np.empty((len(members), len(chunk)), dtype=np.min_scalar_type(-base))
        rows = iter(codes)
        for group, column in zip(groups, chunk.T[2:], strict=True):
            for _member in group:
                column, digits = np.divmod(column, base)
                np.subtract(digits, 1, out=next(rows), casting="unsafe")
        ids.append(chunk[:, :2].copy())
        parts.append(codes)
    return _ratings(members, ids, parts)


def _members(study: Study) -> list[tuple[int, str]]:
    return sorted(study.memberships.values_list("pk", "alias"), key=itemgetter(1))


def _columns(ids: Sequence[IntArray]) -> tuple[IntArray, IntArray]:
    first, second = (np.ascontiguousarray(column) for column in table(ids, width=2).T)
    return first, second


def _ratings(members: Sequence[tuple[int, str]], ids: Sequence[IntArray], parts: Sequence[Codes]) -> Ratings:
    """Chunks of ids (n × 2) and codes (members × n) as ratings of those members that rated anything."""
    responses, prompts = _columns(ids)
    codes = np.concatenate(parts, axis=1) if parts else np.zeros((len(members), 0), dtype=np.int8)
    rated = [row for row, given in enumerate(codes) if (given >= 0).any()]
    return Ratings(
        codes if len(rated) == len(members) else codes[rated],
        tuple(members[row][1] for row in rated),
        tuple(members[row][0] for row in rated),
        prompts,
        responses,
    )


def set_ratings_of(study: Study, spec: CriterionSpec, criterion_id: int) -> SetRatings:
    """Who chose which set of options of each response. Nothing chosen is no answer, as in the form."""
    members = _members(study)
    row = {pk: place for place, (pk, _alias) in enumerate(members)}
    known: dict[str, int] = {}
    answers = _live(study, criterion_id).order_by("response_id", "prompt_id")
    wanted = answers.values_list("response_id", "prompt_id", "annotator_id", "value")
    coded = (
        (response, prompt, row[who], known.setdefault(value, len(known)))
        for response, prompt, who, value in wanted.iterator(CHUNK)
    )
    ids, parts = [], []
    for chunk in _whole_responses(coded_chunks(coded, width=4)):
        _found, first, unit = np.unique(chunk[:, 0], return_index=True, return_inverse=True)
        codes = np.full((len(members), len(first)), -1, dtype=np.int32)
        codes[chunk[:, 2], unit] = chunk[:, 3]
        ids.append(chunk[first, :2])
        parts.append(codes)
    option = {value: k for k, value in enumerate(spec.values)}
    code, sets = coded_sets(([option[one] for one in json.loads(value)] for value in known), len(option))
    # One more entry, so that -1 (none) stays -1
    final = np.append(code, -1).astype(np.int32)
    return SetRatings(_ratings(members, ids, [final[codes] for codes in parts]), sets)


def _whole_responses(parts: Iterable[IntArray]) -> Iterator[IntArray]:
    """Chunks whose rows ascend by response (their first column), cut anew so that none is in two of them."""
    held = np.zeros((0, 4), dtype=np.int64)
    for part in parts:
        rows = np.concatenate([held, part])
        last = int(np.searchsorted(rows[:, 0], rows[-1, 0]))
        if last:
            yield rows[:last]
        held = rows[last:]
    if len(held):
        yield held


def repeats_of(study: Study, spec: CriterionSpec, criterion_id: int, ratings: Ratings) -> Repeats:
    """The silent repeats beside what the same annotators said at first. `ratings` are those of the criterion."""
    index = {option.value: k for k, option in enumerate(spec.options)}
    row = {who: place for place, who in enumerate(ratings.annotators)}
    again = _live(study, criterion_id, occasion=2).order_by("annotator_id", "response_id")
    found = again.values_list("response_id", "prompt_id", "annotator_id", "value")
    repeated = table(
        coded_chunks(
            (
                (response, prompt, row[who], index[value])
                for response, prompt, who, value in found.iterator(CHUNK)
                if who in row
            ),
            width=4,
        ),
        width=4,
    )
    unit = np.searchsorted(ratings.responses, repeated[:, 0])
    at = np.minimum(unit, max(len(ratings.responses) - 1, 0))
    there = ratings.responses[at] == repeated[:, 0] if len(ratings.responses) else np.zeros(0, dtype=np.bool_)
    first = np.where(there, ratings.codes[repeated[:, 2], at], -1) if len(repeated) else repeated[:, 3]
    return Repeats(first, repeated[:, 3], repeated[:, 2], repeated[:, 1])


def _live(study: Study, criterion_id: int, occasion: int = 1) -> QuerySet[Answer]:
    return Answer.objects.filter(study=study, criterion=criterion_id, occasion=occasion, live=True)


def _groups(things: Iterable[Any], size: int) -> Iterator[list[Any]]:
    rest = iter(things)
    while group := list(islice(rest, size)):
        yield group
