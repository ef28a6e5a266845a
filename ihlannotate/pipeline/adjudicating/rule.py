"""Which questions of which items are contested, and why: from counts grouped by the database, kept by data version."""

import enum
from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ihlannotate.models.annotation import Answer
from ihlannotate.models.gold import Adjudication
from ihlannotate.models.item import Response
from ihlannotate.models.rubric import Criterion
from ihlannotate.models.study import Study
from ihlannotate.pipeline.adjudicating.applying import IntArray, ruled_out
from ihlannotate.pipeline.agreement import Counts, counts_of, kept, levelled_criteria
from ihlannotate.pipeline.agreement.lots import lots
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.readers.rubric import CriterionSpec
from ihlannotate.stats.aggregation import tiers

CHUNK = 10_000  # rows that are Python objects at once
DIFFER, NONE = -1, -2  # beside the levels' indices: reasonable lawyers differ; nobody has settled it


class Reason(enum.IntFlag):
    """Why a question of an item is contested. For coordinators only: an adjudicator would look for it."""

    NO_MAJORITY = 1
    SPREAD = 2
    LOW_CONFIDENCE = 4
    AUDIT = 8


@dataclass(frozen=True)
class Contested:
    """The items of a study with contested questions that nobody has settled, I of them, by their random codes.

    `codes` and `responses` (database ids) have I entries; `reasons` is I × K, for each of the K `keys` the flags of
    Reason, 0 where that question is not open.
    """

    keys: tuple[str, ...]
    codes: tuple[str, ...]
    responses: IntArray
    reasons: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.codes)

    def open_at(self, place: int) -> dict[str, Reason]:
        """The open questions of the item at this place, with the reasons."""
        flags = self.reasons[place].tolist()
        return {key: Reason(one) for key, one in zip(self.keys, flags, strict=True) if one}

    def open_of(self, code: str) -> dict[str, Reason]:
        """The open questions of the item with this code; none where it has none."""
        place = bisect_left(self.codes, code)
        return self.open_at(place) if self.codes[place : place + 1] == (code,) else {}


def contested(study: Study) -> Contested:
    """What waits for an adjudicator by the study's rule: no majority of two or more, ordinal levels far apart, an
    annotator who reported the lowest confidence, or the draw of the audit.

    Kept by data version. A question that does not apply, given the gold of those that it hangs on, is not open; one
    that is open itself rules nothing out.
    """
    return kept(study, "contested", {}, lambda: _contested(study))


def _contested(study: Study) -> Contested:
    specs = levelled_criteria(study)
    ids = dict(Criterion.objects.filter(rubric=study.rubric_id).values_list("key", "pk"))
    counts = [counts_of(study, spec, ids[spec.key]) for spec in specs]
    responses = np.unique(np.concatenate([np.zeros(0, np.int64), *(one.responses for one in counts)]))
    unsure = _unsure(study)
    reasons = np.zeros((len(responses), len(specs)), dtype=np.int64)
    outcomes = np.full(reasons.shape, NONE, dtype=np.int64)
    voted = np.full(reasons.shape, -1, dtype=np.int64)
    for k, (spec, found) in enumerate(zip(specs, counts, strict=True)):
        rows = np.searchsorted(responses, found.responses)
        reasons[rows, k] = _reasons(study, spec, found, unsure)
        voted[rows, k] = tiers(found.counts).winner
        outcomes[:, k] = _outcomes(study, spec, ids[spec.key], responses)
    decided = outcomes != NONE
    reasons[decided | ruled_out(specs, _standing(reasons, outcomes, voted), decided)] = 0
    waiting = reasons.any(axis=1)
    return _by_code(tuple(one.key for one in specs), responses[waiting], reasons[waiting].astype(np.int8))


def _reasons(study: Study, spec: CriterionSpec, found: Counts, unsure: IntArray) -> IntArray:
    """Why each rated response (U) is contested in this criterion, as flags."""
    total, most = found.counts.sum(axis=1), found.counts.max(axis=1)
    flags = np.where((total > 1) & (2 * most <= total), Reason.NO_MAJORITY, 0).astype(np.int64)
    if spec.level == "ordinal" and study.adjudicate_spread:
        chosen = found.counts > 0
        last = chosen.shape[1] - 1 - np.argmax(chosen[:, ::-1], axis=1)
        flags[last - np.argmax(chosen, axis=1) >= study.adjudicate_spread] |= Reason.SPREAD
    # One annotation among several that are to come is nothing to settle yet
    enough = total >= min(2, study.overlap)
    flags[enough & np.isin(found.responses, unsure)] |= Reason.LOW_CONFIDENCE
    share = study.adjudicate_audit_percent / 100
    flags[enough & (flags == 0) & (lots(study, f"audit {spec.key}", found.responses) < share)] = Reason.AUDIT
    return flags


def _unsure(study: Study) -> IntArray:
    """The responses of which an annotator reported the lowest confidence, where the study's rule asks for them.

    That is the first level of an ordinal question that annotators answer about themselves.
    """
    if not study.adjudicate_low_confidence:
        return np.zeros(0, dtype=np.int64)
    scales = [one for one in spec_of(study.rubric).criteria if one.self_report and one.level == "ordinal"]
    found: set[int] = set()
    for one in scales:
        rows = Answer.objects.filter(
            study=study,
            criterion__key=one.key,
            criterion__rubric=study.rubric_id,
            value=one.options[0].value,
            occasion=1,
            live=True,
        )
        found.update(rows.values_list("response_id", flat=True).iterator(CHUNK))
    return np.array(sorted(found), dtype=np.int64)


def _outcomes(study: Study, spec: CriterionSpec, criterion: int, responses: IntArray) -> IntArray:
    """How each response is settled: the level's index, DIFFER or NONE."""
    index = {"": DIFFER} | {value: k for k, value in enumerate(spec.values)}
    rows = Adjudication.objects.filter(study=study, criterion=criterion).order_by("number")
    latest = dict(rows.values_list("response_id", "value").iterator(CHUNK))
    settled = np.fromiter(latest, dtype=np.int64, count=len(latest))
    levels = np.fromiter((index[value] for value in latest.values()), dtype=np.int64, count=len(latest))
    outcomes = np.full(len(responses), NONE, dtype=np.int64)
    rated = np.isin(settled, responses)
    outcomes[np.searchsorted(responses, settled[rated])] = levels[rated]
    return outcomes


def _standing(reasons: IntArray, outcomes: IntArray, voted: IntArray) -> IntArray:
    """The level that stands on each question (U × K), -1 for none: what waits for an adjudicator has none yet."""
    by_vote = np.where(reasons == 0, voted, -1)
    return np.where(outcomes == NONE, by_vote, outcomes)


def _by_code(keys: tuple[str, ...], responses: IntArray, reasons: NDArray[np.int8]) -> Contested:
    codes: dict[int, str] = {}
    for start in range(0, len(responses), CHUNK):
        rows = Response.objects.filter(pk__in=responses[start : start + CHUNK].tolist())
        codes.update(rows.values_list("pk", "code"))
    in_order = sorted((codes[pk], place) for place, pk in enumerate(responses.tolist()))
    order = np.array([place for _code, place in in_order], dtype=np.int64)
    return Contested(keys, tuple(code for code, _place in in_order), responses[order], reasons[order])
