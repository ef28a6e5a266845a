"""What stands for each response as annotations and adjudications are now: the votes, and who decided."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ihlannotate.models.gold import Adjudication, GoldLabel
from ihlannotate.models.rubric import Criterion
from ihlannotate.models.study import Study
from ihlannotate.pipeline.adjudicating import ruled_out
from ihlannotate.pipeline.agreement import counts_of, kept, levelled_criteria
from ihlannotate.readers.rubric import CriterionSpec
from ihlannotate.stats.aggregation import TIERS as VOTED
from ihlannotate.stats.aggregation import tiers

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
Tier = GoldLabel.Tier
TIERS = (
    Tier.UNANIMOUS,
    Tier.MAJORITY,
    Tier.ADJUDICATED,
    Tier.CONTESTED,
    Tier.SINGLE,
    Tier.INAPPLICABLE,
)
DIGITS = 12  # of a probability that is kept
_ADJUDICATED = TIERS.index(Tier.ADJUDICATED)
_INAPPLICABLE = TIERS.index(Tier.INAPPLICABLE)
_BY_VOTE = np.array([TIERS.index(Tier(name)) if name in Tier.values else -1 for name in VOTED])


@dataclass(frozen=True)
class Label:
    """The gold value of one response for one criterion.

    `value` is empty where the annotators found no majority and nobody settled it, where the adjudicator recorded
    that reasonable lawyers differ, or where the question does not apply. `counts` and `posterior` are by level value,
    as annotators rated.
    """

    response_id: int
    criterion: str
    value: str
    tier: str
    n: int
    counts: dict[str, int]
    posterior: dict[str, float]


@dataclass(frozen=True)
class Settled:
    """One criterion. U responses with an annotation or an adjudication, V levels (`levels`).

    `responses` (U) are database ids: those with an annotation in ascending order, then the others. `values` (U) are
    indices of levels, -1 where no single one stands; `tiers` (U) indices into TIERS; `counts` (U × V) annotations.
    """

    criterion: str
    levels: tuple[str, ...]
    responses: IntArray
    values: IntArray
    tiers: IntArray
    counts: IntArray

    def by_tier(self) -> dict[str, int]:
        """How many responses are in each tier that has some, in alphabetical order."""
        found = np.bincount(self.tiers, minlength=len(TIERS)).tolist()
        return {str(tier): n for tier, n in sorted(zip(TIERS, found, strict=True)) if n}

    def labels(self, units: IntArray, posterior: FloatArray | None = None) -> Iterator[Label]:
        """The labels of these units, in their order.

        `posterior` (R × V) is that of the first R units, which have annotations; None leaves it out. Where an
        adjudicator chose a level, that level is certain.
        """
        for unit in units.tolist():
            chosen = int(self.values[unit])
            value = self.levels[chosen] if chosen >= 0 else ""
            counts = self.counts[unit].tolist()
            probable: dict[str, float] = {}
            if posterior is not None and unit < len(posterior):
                shares = posterior[unit].tolist()
                probable = {level: round(p, DIGITS) for level, p in zip(self.levels, shares, strict=True)}
            if value and self.tiers[unit] == _ADJUDICATED and posterior is not None:
                probable = dict.fromkeys(probable, 0.0) | {value: 1.0}
            yield Label(
                response_id=int(self.responses[unit]),
                criterion=self.criterion,
                value=value,
                tier=str(TIERS[self.tiers[unit]]),
                n=sum(counts),
                counts={level: n for level, n in zip(self.levels, counts, strict=True) if n},
                posterior=probable,
            )


def settle_votes(
    spec: CriterionSpec, counts: IntArray, responses: IntArray, adjudicated: Mapping[int, str]
) -> Settled:
    """The votes `counts` (R × V) of `responses` (R, ascending) and the adjudications by response, settled.

    The level of more than half of the annotators stands; an adjudication decides against any vote, and an empty one
    (reasonable lawyers differ) leaves no level. A response without either is not among the units.
    """
    vote = tiers(counts)
    others = sorted(adjudicated.keys() - set(responses.tolist()))
    units = np.concatenate([responses, np.array(others, dtype=np.int64)])
    blank = np.full(len(others), -1, dtype=np.int64)
    values, codes = np.concatenate([vote.winner, blank]), np.concatenate([_BY_VOTE[vote.tier], blank])
    index = {value: k for k, value in enumerate(spec.values)} | {"": -1}
    for unit, response in enumerate(units.tolist()):
        if response in adjudicated:
            values[unit], codes[unit] = index[adjudicated[response]], _ADJUDICATED
    empty = np.zeros((len(others), counts.shape[1]), dtype=np.int64)
    return Settled(spec.key, spec.values, units, values, codes, np.concatenate([counts, empty]))


def where_they_apply(specs: Sequence[CriterionSpec], settled: Sequence[Settled]) -> tuple[Settled, ...]:
    """The same, without a value and in the tier `inapplicable` where a question does not apply by gold of others.

    `specs` are the criteria with levels, in the rubric's order; `settled` those of them that have units. What an
    adjudicator decided stands. Annotations are counted as they were.
    """
    place = {spec.key: k for k, spec in enumerate(specs)}
    responses = np.unique(np.concatenate([np.zeros(0, np.int64), *(one.responses for one in settled)]))
    levels = np.full((len(responses), len(specs)), -1, dtype=np.int64)
    decided = np.zeros(levels.shape, dtype=np.bool_)
    rows = [np.searchsorted(responses, one.responses) for one in settled]
    for one, at in zip(settled, rows, strict=True):
        levels[at, place[one.criterion]] = one.values
        decided[at, place[one.criterion]] = one.tiers == _ADJUDICATED
    out = ruled_out(specs, levels, decided)
    found = []
    for one, at in zip(settled, rows, strict=True):
        away = out[at, place[one.criterion]]
        values, codes = np.where(away, -1, one.values), np.where(away, _INAPPLICABLE, one.tiers)
        found.append(replace(one, values=values, tiers=codes))
    return tuple(found)


def shown_tiers(counts: Iterable[Mapping[str, int]]) -> tuple[Tier, ...]:
    """TIERS for a table of these counts by tier; labels that do not apply have a column only where there are some."""
    some = any(one.get(Tier.INAPPLICABLE) for one in counts)
    return TIERS if some else TIERS[:_INAPPLICABLE]


def adjudications_of(study: Study, criterion_id: int) -> dict[int, str]:
    """Response id -> the value that its latest adjudication on a criterion settled; empty: lawyers differ."""
    rows = Adjudication.objects.filter(study=study, criterion=criterion_id).order_by("number")
    return dict(rows.values_list("response_id", "value"))


def criterion_ids(study: Study) -> dict[str, int]:
    """Criterion key -> database id."""
    return dict(Criterion.objects.filter(rubric=study.rubric_id).values_list("key", "pk"))


def standing(study: Study) -> tuple[Settled, ...]:
    """How the gold labels stand now, by criterion; kept until an annotation or an adjudication changes them.

    Criteria that nobody has answered or settled are left out.
    """
    return kept(study, "gold as it stands", {}, lambda: _standing(study))


def _standing(study: Study) -> tuple[Settled, ...]:
    ids, specs = criterion_ids(study), levelled_criteria(study)
    found = []
    for spec in specs:
        votes = counts_of(study, spec, ids[spec.key])
        adjudicated = adjudications_of(study, ids[spec.key])
        found.append(settle_votes(spec, votes.counts, votes.responses, adjudicated))
    return where_they_apply(specs, [one for one in found if len(one.responses)])
