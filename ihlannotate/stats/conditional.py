"""Figures that exist only where something else holds, such as helpfulness given refusal: judge, gold and both."""

from dataclasses import dataclass

import numpy as np

from ihlannotate.phrases import Phrase
from ihlannotate.stats.bootstrap import FloatArray, percentile_estimate, resample_rows
from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.prevalence import GOLD_COVERS_ALL, GOLD_OF_ONE_PROMPT, ppi_mean
from ihlannotate.stats.proportions import Clusters, clustered_proportion
from ihlannotate.stats.reliability.coefficients import divide

NEVER_HOLDS = Phrase("the condition holds of no response")
NO_GOLD_HOLDS = Phrase("the condition holds of no response with gold")
NO_VARIATION = Phrase("all values are the same: nothing to resample, so no interval")
_NO_WIDTH = 1e-9


@dataclass(frozen=True)
class ConditionalMean:
    """The mean of a value among the responses of which its condition holds: by the judge alone, by gold alone and by
    prediction-powered inference.

    `applicable` of the responses with gold fulfil the condition, by gold.
    """

    applicable: int
    naive: Estimate
    gold: Estimate
    ppi: Estimate


def conditional_mean(
    gold: FloatArray,
    judged_on_gold: FloatArray,
    judged_elsewhere: FloatArray,
    *,
    clusters_on_gold: Clusters = None,
    clusters_elsewhere: Clusters = None,
    weights_on_gold: FloatArray | None = None,
    weights_elsewhere: FloatArray | None = None,
    replicates: int = 1000,
    seed: int = 0,
) -> ConditionalMean:
    """The mean of a value given its condition, among all responses that a judge scored, three ways.

    `gold` (n), `judged_on_gold` (n) and `judged_elsewhere` (N) are values (0 and 1 for a share), NaN where the
    condition does not hold by gold or by the judge; a verdict that could not be read counts as NaN too. `naive` is
    the judge's mean over all n + N; `ppi` is solved for the gold mean from both, by one step from the gold mean of the
    estimating equation E[holds · (value - mean)] = 0, and undefined where gold covers everything. Intervals: Wilson at
    the effective size for shares, the prompt bootstrap's percentiles for other means, normal for `ppi`. Clusters (n and
    N prompt codes from one list; both or neither) and weights (1/π on gold and 1/(1-π) elsewhere) as in `prevalence`.
    Raises ValueError on unequal lengths. Source: Angelopoulos, Duchi and Zrnic, arXiv 2311.01453.
    """
    truth, said, said_elsewhere = (
        np.asarray(values, dtype=np.float64) for values in (gold, judged_on_gold, judged_elsewhere)
    )
    if truth.ndim != 1 or truth.shape != said.shape or said_elsewhere.ndim != 1:
        raise ValueError(f"{truth.shape} gold values against {said.shape} of the judge")
    if (clusters_on_gold is None) != (clusters_elsewhere is None):
        raise ValueError("clusters are known for gold and elsewhere, or for neither")
    everywhere = None
    if clusters_on_gold is not None and clusters_elsewhere is not None:
        everywhere = np.concatenate([clusters_on_gold, clusters_elsewhere])
    by_judge = np.concatenate([said, said_elsewhere])
    by_gold = _mean(truth, clusters_on_gold, weights_on_gold, NO_GOLD_HOLDS, replicates, seed)
    ppi = Estimate.undefined(GOLD_COVERS_ALL)
    if by_gold.value is None:
        ppi = by_gold
    elif len(said_elsewhere):
        mean = by_gold.value
        # Solved at the gold mean, where the sum over gold is 0: what is left is what the judge's verdicts add
        found = ppi_mean(
            _centred(truth, mean),
            _centred(said, mean),
            _centred(said_elsewhere, mean),
            weights=weights_on_gold,
            unlabelled_weights=weights_elsewhere,
            clusters=clusters_on_gold,
            unlabelled_clusters=clusters_elsewhere,
        )
        holding = float(np.average(~np.isnan(truth), weights=weights_on_gold))
        if clusters_on_gold is not None and len(np.unique(clusters_on_gold[~np.isnan(truth)])) == 1:
            found = Estimate(found.value, None, None, GOLD_OF_ONE_PROMPT)
        ppi = _solved(found, by_gold, mean, holding, np.concatenate([truth, by_judge]))
    return ConditionalMean(
        applicable=int((~np.isnan(truth)).sum()),
        naive=_mean(by_judge, everywhere, None, NEVER_HOLDS, replicates, seed),
        gold=by_gold,
        ppi=ppi,
    )


def _centred(values: FloatArray, mean: float) -> FloatArray:
    return np.where(np.isnan(values), 0.0, values - mean)


def _solved(found: Estimate, by_gold: Estimate, mean: float, holding: float, values: FloatArray) -> Estimate:
    least, most = float(np.nanmin(values)), float(np.nanmax(values))

    def placed(step: float) -> float:
        return min(max(mean + step / holding, least), most)

    value = placed(found.value or 0.0)
    if found.low is None or found.high is None:
        return Estimate(value, None, None, found.note)
    if found.high - found.low < _NO_WIDTH:
        return Estimate(value, by_gold.low, by_gold.high, by_gold.note)
    return Estimate(value, placed(found.low), placed(found.high))


def _mean(
    values: FloatArray,
    clusters: Clusters,
    weights: FloatArray | None,
    undefined: str,
    replicates: int,
    seed: int,
) -> Estimate:
    holds = ~np.isnan(values)
    own = values[holds]
    prompts = None if clusters is None else np.asarray(clusters)[holds]
    shares = None if weights is None else np.asarray(weights, dtype=np.float64)[holds]
    if np.isin(own, (0.0, 1.0)).all():
        return clustered_proportion(own == 1, prompts, shares, empty=undefined)
    counted = np.ones(len(own)) if shares is None else shares
    sums = resample_rows(
        np.column_stack([counted, counted * own]), clusters=prompts, replicates=replicates, seed=seed
    )
    value, draws = (divide(rows[:, 1], rows[:, 0]) for rows in (sums.total[None, :], sums.replicates))
    found = percentile_estimate(float(value[0]), draws, clusters=sums.clusters, undefined=undefined)
    if found.low is not None and found.high is not None and found.high - found.low < _NO_WIDTH:
        return Estimate(found.value, None, None, NO_VARIATION)
    return found
