"""Agreement of annotators with themselves: the first rating of a unit against a second, later one."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ihlannotate.phrases import Phrase
from ihlannotate.stats.bootstrap import FloatArray, IntArray, percentile_estimate, resample
from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.reliability.annotators import checked_ratings
from ihlannotate.stats.reliability.coefficients import alpha, cohen, divide
from ihlannotate.stats.weights import Level, Values, disagreement

NO_REPEAT = Phrase("nothing was rated twice")
NO_VARIATION = Phrase("no variation: both occasions gave one and the same level")


@dataclass(frozen=True)
class IntraAgreement:
    """First against second occasion of `annotator` (a code), or of all together (None).

    `n` units were rated on both, from `clusters` prompts. `weighted_kappa` has quadratic weights and is
    undefined, with the note "nominal", where levels have no order.
    """

    annotator: int | None
    n: int
    clusters: int
    percent_agreement: Estimate
    krippendorff_alpha: Estimate
    cohen_kappa: Estimate
    weighted_kappa: Estimate


@dataclass(frozen=True)
class IntraAnnotator:
    """`pooled` over annotators, and `per_annotator` in the order of their codes."""

    pooled: IntraAgreement
    per_annotator: tuple[IntraAgreement, ...]


def intra_annotator(
    first: NDArray[np.integer],
    second: NDArray[np.integer],
    annotators: NDArray[np.integer],
    *,
    annotator_count: int,
    level_count: int,
    level: Level,
    values: Values = None,
    clusters: NDArray[np.integer] | None = None,
    replicates: int = 1000,
    seed: int = 0,
) -> IntraAnnotator:
    """How far annotators agree with themselves, for each and for all repeats pooled.

    Each of n repeats has its `first` and `second` rating (level indices, -1 missing: the repeat is left out),
    whose they are (`annotators`, codes 0..A-1) and the prompt of the unit (`clusters`; None lets every repeat
    stand for itself). Each annotator resamples the prompts of their own repeats. Pooled kappa takes chance from
    the levels of all annotators together. Raises ValueError on codes that are no levels or annotators and on
    columns of unequal length. Sources: Krippendorff 2011; Cohen 1960, 1968.
    """
    columns = [np.asarray(one) for one in (first, second, annotators)]
    if any(one.shape != (len(columns[0]),) for one in columns):
        raise ValueError("first, second and annotators are columns of one length")
    both = checked_ratings(np.stack(columns[:2]), level_count)
    whose = checked_ratings(columns[2][None, :], annotator_count)[0]
    prompts = None if clusters is None else np.asarray(clusters)
    if len(whose) and whose.min() < 0:
        raise ValueError("every repeat has an annotator")
    if prompts is not None and prompts.shape != whose.shape:
        raise ValueError(f"{len(whose)} repeats need {len(whose)} cluster codes, not {prompts.shape}")
    complete = (both >= 0).all(axis=0)

    def agreement_of(annotator: int | None) -> IntraAgreement:
        own = complete if annotator is None else complete & (whose == annotator)
        return _agreement(
            annotator,
            both[:, own],
            level_count=level_count,
            level=level,
            values=values,
            clusters=None if prompts is None else prompts[own],
            replicates=replicates,
            seed=seed,
        )

    return IntraAnnotator(agreement_of(None), tuple(agreement_of(one) for one in range(annotator_count)))


def _agreement(
    annotator: int | None,
    both: IntArray,
    *,
    level_count: int,
    level: Level,
    values: Values,
    clusters: NDArray[np.integer] | None,
    replicates: int,
    seed: int,
) -> IntraAgreement:
    sums = resample(
        (both[0] * level_count + both[1])[:, None],
        summarise=lambda patterns: np.eye(level_count**2)[patterns[:, 0]],
        clusters=clusters,
        replicates=replicates,
        seed=seed,
    )
    tables = np.concatenate([sums.total[None, :], sums.replicates]).reshape(-1, level_count, level_count)
    n = both.shape[1]
    no_chance = NO_VARIATION if n else NO_REPEAT
    # Ordinal kappa weighs by ranks, whatever numbers the levels carry
    squared = disagreement("quadratic", level_count, values if level == "interval" else None)

    def estimate(found: FloatArray, undefined: str) -> Estimate:
        return percentile_estimate(float(found[0]), found[1:], clusters=sums.clusters, undefined=undefined)

    agreeing = divide(np.trace(tables, axis1=1, axis2=2), tables.sum(axis=(1, 2)))
    weighted = (
        Estimate.undefined(Phrase("nominal"))
        if level == "nominal"
        else estimate(cohen(tables, squared), no_chance)
    )
    return IntraAgreement(
        annotator=annotator,
        n=n,
        clusters=sums.clusters,
        percent_agreement=estimate(agreeing, NO_REPEAT),
        krippendorff_alpha=estimate(alpha(tables + tables.transpose(0, 2, 1), level, values), no_chance),
        cohen_kappa=estimate(cohen(tables, disagreement(None, level_count)), no_chance),
        weighted_kappa=weighted,
    )
