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
from django.db.models import BigIntegerField, Case, Expression, QuerySet, Sum, Value, When
from django.db.models.functions import Cast
from numpy.typing import NDArray

from ihlannotate.models.annotation import Answer, Revision
from ihlannotate.models.study import Study
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.readers.rubric import CriterionSpec
from ihlannotate.stats.reliability import coded_sets

IntArray = NDArray[np.int64]
Level = Literal["nominal", "ordinal", "interval"]
LEVELLED = ("choice", "scale", "flag")
CHUNK = 20_000  # rows that are Python objects at once
BITS = 62  # of a packed number
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
    """The same, annotator by annotator: `codes` R × U level indices (-1: none), `aliases` and `annotators`
    (membership ids) R. Annotators without a rating are left out."""

    codes: IntArray
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
        _chosen(value=[(spec.options[k].value, 1 << COUNT_BITS * place) for place, k in enumerate(group)])
        for group in groups
    ]
    responses, prompts, packed = _packed(_live(study, criterion_id), columns)
    counts = np.zeros((len(responses), levels), dtype=np.int64)
    for group, column in zip(groups, packed, strict=True):
        for place, k in enumerate(group):
            counts[:, k] = (column >> COUNT_BITS * place) & ((1 << COUNT_BITS) - 1)
    return Counts(counts, prompts, responses)


def ratings_of(study: Study, spec: CriterionSpec, criterion_id: int) -> Ratings:
    """Who chose which level of each response, annotators in the order of their aliases."""
    members = sorted(study.memberships.values_list("pk", "alias"), key=itemgetter(1))
    base = len(spec.options) + 1
    groups = list(_groups(members, int(BITS / math.log2(base))))
    digit = _chosen(value=[(option.value, k) for k, option in enumerate(spec.options, start=1)])
    columns = [
        digit * _chosen(annotator_id=[(pk, base**place) for place, (pk, _alias) in enumerate(group)])
        for group in groups
    ]
    responses, prompts, packed = _packed(_live(study, criterion_id), columns)
    people, rows = [], []
    for group, column in zip(groups, packed, strict=True):
        for member in group:
            column, digits = np.divmod(column, base)
            if digits.any():
                people.append(member)
                rows.append(digits - 1)
    codes = np.array(rows, dtype=np.int64).reshape(len(rows), len(responses))
    return Ratings(
        codes, tuple(alias for _pk, alias in people), tuple(pk for pk, _ in people), prompts, responses
    )


def set_ratings_of(study: Study, spec: CriterionSpec, criterion_id: int) -> SetRatings:
    """Who chose which set of options of each response. Nothing chosen is no answer, as in the form."""
    known: dict[str, int] = {}
    rows = _live(study, criterion_id).order_by("response_id")
    wanted = rows.values_list("response_id", "prompt_id", "annotator_id", "value")
    coded = (
        (response, prompt, who, known.setdefault(value, len(known)))
        for response, prompt, who, value in wanted.iterator(CHUNK)
    )
    table = _table(coded, width=4)
    option = {value: k for k, value in enumerate(spec.values)}
    code, members = coded_sets(([option[one] for one in json.loads(value)] for value in known), len(option))
    aliases = dict(study.memberships.values_list("pk", "alias"))
    people = sorted(set(table[:, 2].tolist()), key=lambda who: aliases[who])
    responses, first, unit = np.unique(table[:, 0], return_index=True, return_inverse=True)
    codes = np.full((len(people), len(responses)), -1, dtype=np.int64)
    for row, who in enumerate(people):
        own = table[:, 2] == who
        codes[row, unit[own]] = code[table[own, 3]]
    named = tuple(aliases[who] for who in people)
    return SetRatings(Ratings(codes, named, tuple(people), table[first, 1], responses), members)


def repeats_of(study: Study, spec: CriterionSpec, criterion_id: int, ratings: Ratings) -> Repeats:
    """The silent repeats beside what the same annotators said at first. `ratings` are those of the criterion."""
    index = {option.value: k for k, option in enumerate(spec.options)}
    row = {who: place for place, who in enumerate(ratings.annotators)}
    again = _live(study, criterion_id, occasion=2).order_by("annotator_id", "response_id")
    found = again.values_list("response_id", "prompt_id", "annotator_id", "value")
    table = _table(
        (
            (response, prompt, row[who], index[value])
            for response, prompt, who, value in found.iterator(CHUNK)
            if who in row
        ),
        width=4,
    )
    unit = np.searchsorted(ratings.responses, table[:, 0])
    at = np.minimum(unit, max(len(ratings.responses) - 1, 0))
    there = ratings.responses[at] == table[:, 0] if len(ratings.responses) else np.zeros(0, dtype=np.bool_)
    first = np.where(there, ratings.codes[table[:, 2], at], -1) if len(table) else table[:, 3]
    return Repeats(first, table[:, 3], table[:, 2], table[:, 1])


def sequence_of(study: Study) -> IntArray:
    """The annotations made here, as rows (annotator, response), in the order in which they were first submitted.

    What was imported has no order: a file tells who rated what, not when.
    """
    first = Revision.objects.filter(
        number=1,
        seconds__isnull=False,
        annotation__assignment__study=study,
        annotation__assignment__occasion=1,
    )
    pairs = first.order_by("pk").values_list(
        "annotation__assignment__annotator_id", "annotation__assignment__response_id"
    )
    return _table(pairs.iterator(CHUNK), width=2)


def positions_of(ratings: Ratings, sequence: IntArray) -> IntArray:
    """The place of each rating in its annotator's own sequence, from 0 (R × U; -1 where it has none).

    Places count the annotator's items in `sequence` (of `sequence_of`) whether or not the criterion was asked there.
    """
    places = np.full(ratings.codes.shape, -1, dtype=np.int64)
    for row, who in enumerate(ratings.annotators):
        own = sequence[sequence[:, 0] == who, 1]
        order = np.argsort(own, kind="stable")
        at = np.searchsorted(own, ratings.responses, sorter=order)
        if len(own):
            place = order[np.minimum(at, len(own) - 1)]
            rated = (own[place] == ratings.responses) & (ratings.codes[row] >= 0)
            places[row] = np.where(rated, place, -1)
    return places


def _live(study: Study, criterion_id: int, occasion: int = 1) -> QuerySet[Answer]:
    return Answer.objects.filter(study=study, criterion=criterion_id, occasion=occasion, live=True)


def _groups(things: Iterable[Any], size: int) -> Iterator[list[Any]]:
    rest = iter(things)
    while group := list(islice(rest, size)):
        yield group


def _chosen(**choices: Sequence[tuple[object, int]]) -> Case:
    """The number that goes with a column's value, 0 where none does: `_chosen(value=[("refused", 1)])`."""
    ((column, numbers),) = choices.items()
    return Case(
        *(When(**{column: value}, then=Value(number, BigIntegerField())) for value, number in numbers),
        default=Value(0, BigIntegerField()),
        output_field=BigIntegerField(),
    )


def _packed(
    rows: QuerySet[Answer], columns: Sequence[Expression]
) -> tuple[IntArray, IntArray, list[IntArray]]:
    """The responses (U, ascending), their prompts (U), and the sum of each column over a response's rows."""
    # PostgreSQL sums whole numbers into decimals, which would each become a Python object of their own kind
    sums = {
        f"sum_{n}": Cast(Sum(column, output_field=BigIntegerField()), BigIntegerField())
        for n, column in enumerate(columns)
    }
    grouped = rows.values("response_id", "prompt_id").annotate(**sums).order_by("response_id")
    table = _table(
        grouped.values_list("response_id", "prompt_id", *sums).iterator(CHUNK), width=2 + len(columns)
    )
    responses, prompts, *packed = (np.ascontiguousarray(column) for column in table.T)
    return responses, prompts, packed


def _table(rows: Iterable[Sequence[int]], *, width: int) -> IntArray:
    """The rows as an array (N × width), never more than CHUNK of them as Python objects."""
    stream = iter(rows)
    parts = [np.zeros((0, width), dtype=np.int64)]
    while batch := list(islice(stream, CHUNK)):
        parts.append(np.array(batch, dtype=np.int64))
    return np.concatenate(parts)
