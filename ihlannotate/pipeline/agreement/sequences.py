"""In which order each annotator worked: the place of every rating in its annotator's own sequence."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ihlannotate.models.annotation import Revision
from ihlannotate.models.study import Study
from ihlannotate.phrases import Phrase
from ihlannotate.pipeline.agreement.columns import IntArray, chunks, table
from ihlannotate.pipeline.agreement.ratings import Codes, Ratings
from ihlannotate.stats.bootstrap import FloatArray
from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.reliability.drift import NO_ANNOTATION, NOMINAL, THIRDS

ONE_ANNOTATOR = Phrase("of one annotator, without interval")


@dataclass(frozen=True)
class Course:
    """One annotator's items, n of them: `responses` (n, database ids, ascending) and their `places` (n), from 0."""

    responses: IntArray
    places: IntArray


@dataclass(frozen=True)
class OwnThird:
    """What one annotator chose in a third of their own sequence: `annotations`, and of these the `shares` of each
    level (V) and the `mean` of the levels' numbers, undefined for nominal levels; neither has an interval."""

    annotations: int
    shares: tuple[Estimate, ...]
    mean: Estimate


def sequences_of(study: Study) -> Mapping[int, Course]:
    """Annotator (membership id) -> what they annotated here, by when they first submitted it.

    What was imported has no order: a file tells who rated what, not when. Nor do silent repeats have a place.
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
    rows = table(chunks(pairs, width=2), width=2)
    found = {}
    for annotator in np.unique(rows[:, 0]).tolist():
        own = rows[rows[:, 0] == annotator, 1]
        places = np.argsort(own)
        found[annotator] = Course(own[places], places)
    return found


def positions_of(ratings: Ratings, sequences: Mapping[int, Course]) -> tuple[IntArray, IntArray]:
    """The place of each rating in its annotator's own sequence, from 0 (R × U; -1 where it has none), and how many
    items each sequence has (R).

    Places count the annotator's items whether or not the criterion was asked there.
    """
    positions = np.full(ratings.codes.shape, -1, dtype=np.int64)
    lengths = np.zeros(len(ratings.annotators), dtype=np.int64)
    for row, annotator in enumerate(ratings.annotators):
        if (own := sequences.get(annotator)) is None:
            continue
        at = np.minimum(np.searchsorted(own.responses, ratings.responses), len(own.responses) - 1)
        rated = (own.responses[at] == ratings.responses) & (ratings.codes[row] >= 0)
        positions[row] = np.where(rated, own.places[at], -1)
        lengths[row] = len(own.responses)
    return positions, lengths


def own_thirds(
    codes: Codes, positions: IntArray, length: int, *, level_count: int, numbers: FloatArray | None
) -> tuple[OwnThird, ...]:
    """One annotator's thirds, from their ratings' `codes` and `positions` (U each) in a sequence of that `length`.

    `numbers` (V) are those of the levels, None where levels have none.
    """
    placed = np.flatnonzero(positions >= 0)
    cells = THIRDS * positions[placed] // max(length, 1) * level_count + codes[placed]
    counts = np.bincount(cells, minlength=THIRDS * level_count).reshape(THIRDS, level_count)
    return tuple(_own_third(each, numbers) for each in counts)


def _own_third(counts: IntArray, numbers: FloatArray | None) -> OwnThird:
    annotations = int(counts.sum())
    if not annotations:
        missing = Estimate.undefined(NO_ANNOTATION)
        return OwnThird(0, (missing,) * len(counts), missing)
    mean = Estimate.undefined(NOMINAL) if numbers is None else _point(float(counts @ numbers) / annotations)
    return OwnThird(annotations, tuple(_point(one / annotations) for one in counts.tolist()), mean)


def _point(value: float) -> Estimate:
    return Estimate(value, None, None, ONE_ANNOTATOR)
