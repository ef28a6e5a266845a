"""How common a label is: a judge's rate, Rogan-Gladen's correction by gold, prediction-powered inference."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ihlannotate.phrases import Phrase
from ihlannotate.stats.bootstrap import FloatArray
from ihlannotate.stats.estimate import Estimate, apart, bounded
from ihlannotate.stats.proportions import Clusters, clustered_proportion, effective_size, normal_quantile

NO_BETTER_THAN_CHANCE = Phrase(
    "sensitivity + specificity is at most 1: the verdicts say nothing about the label"
)
NO_NEGATIVE = Phrase("no gold negative to measure with")
NO_POSITIVE = Phrase("no gold positive to measure with")
GOLD_OF_ONE_PROMPT = Phrase("gold of one prompt: no interval")
_NO_WIDTH = 1e-9
_ROUNDING = 1e-12
GOLD_COVERS_ALL = Phrase("gold covers every response: nothing is left to correct")
GOLD_ALONE = Phrase("gold covers every response: this is gold alone")


def corrected_rate(rate: float, *, specificity: float, sensitivity: float) -> float | None:
    """(rate + specificity - 1)/(specificity + sensitivity - 1), unclipped; None where the divisor is not
    positive (but for rounding).

    Source: Rogan and Gladen 1978, American Journal of Epidemiology 107, 71-76.
    """
    divisor = specificity + sensitivity - 1
    return (rate + specificity - 1) / divisor if divisor > _ROUNDING else None


def rogan_gladen(
    *,
    rate: float,
    n: float,
    specificity: float,
    negatives: float,
    sensitivity: float,
    positives: float,
    confidence: float = 0.95,
) -> Estimate:
    """Prevalence from the judge's `rate` of the label on `n` responses, corrected for its errors, clipped to
    0..1.

    `specificity` was measured on `negatives` gold responses and `sensitivity` on `positives`; sizes may be
    fractional (effective sizes). The interval counts the uncertainty of all three. Undefined, with the
    reason, where sensitivity + specificity is at most 1 or one of the sizes is 0; without an interval where all
    of it lies outside 0..1. Raises ValueError on rates outside 0..1. Source: Rogan and Gladen 1978; interval of
    Lee et al., arXiv 2511.21140.

    >>> found = rogan_gladen(rate=.4, n=1000, specificity=.7, negatives=200, sensitivity=.9, positives=200)
    >>> round(found.value, 4), round(found.low, 4), round(found.high, 4)
    (0.1667, 0.0564, 0.2627)
    """
    if not all(0 <= share <= 1 for share in (rate, specificity, sensitivity)):
        raise ValueError("rates, specificity and sensitivity lie between 0 and 1")
    for size, why in (
        (n, Phrase("no response outside gold to measure with")),
        (negatives, NO_NEGATIVE),
        (positives, NO_POSITIVE),
    ):
        if size <= 0:
            return Estimate.undefined(why)
    point = corrected_rate(rate, specificity=specificity, sensitivity=sensitivity)
    if point is None:
        return Estimate.undefined(NO_BETTER_THAN_CHANCE)
    z = normal_quantile(confidence)
    p, size = (n * rate + z * z / 2) / (n + z * z), n + z * z
    q0, m0 = (negatives * specificity + 1) / (negatives + 2), negatives + 2
    q1, m1 = (positives * sensitivity + 1) / (positives + 2), positives + 2
    centre = corrected_rate(p, specificity=q0, sensitivity=q1)
    if centre is None:
        value = float(np.clip(point, 0, 1))
        return Estimate(value, None, None, Phrase("too few gold responses for an interval"))
    from_negatives = (1 - centre) * q0 * (1 - q0) / m0
    from_positives = centre * q1 * (1 - q1) / m1
    shift = 2 * z * z * (from_positives - from_negatives)
    variance = p * (1 - p) / size + (1 - centre) * from_negatives + centre * from_positives
    half = z * np.sqrt(variance) / (q0 + q1 - 1)
    return bounded(point, centre + shift - half, centre + shift + half, span=(0, 1))


def calibration_allocation(
    size: int, *, rate: float, specificity: float, sensitivity: float, pilot: int
) -> tuple[int, int]:
    """How to split `size` gold responses into (negatives, positives) for the shortest corrected interval.

    `rate` (above 0) is the judge's, `specificity` and `sensitivity` come from `pilot` responses of each kind;
    each side gets at least `pilot`. Raises ValueError where that is impossible. Source: Lee et al., arXiv
    2511.21140.

    >>> calibration_allocation(200, rate=.4, specificity=.7, sensitivity=.9, pilot=10)
    (136, 64)
    """
    if not 0 < rate <= 1 or size < 2 * pilot:
        raise ValueError("needs a rate above 0 and room for the pilot on both sides")
    ratio = (pilot * (1 - specificity) + 1) / (pilot * (1 - sensitivity) + 1)
    positives = round(size / (1 + (1 / rate - 1) * np.sqrt(ratio)))
    positives = min(max(positives, pilot), size - pilot)
    return size - positives, positives


def ppi_mean(
    labelled: FloatArray,
    predicted: FloatArray,
    unlabelled: FloatArray,
    *,
    tuning: float | None = None,
    weights: FloatArray | None = None,
    unlabelled_weights: FloatArray | None = None,
    clusters: Clusters = None,
    unlabelled_clusters: Clusters = None,
    confidence: float = 0.95,
) -> Estimate:
    """The mean of a gold value by prediction-powered inference, with power tuning (PPI++).

    `labelled` (n) gold values Y, `predicted` (n) the judge's values f on the same responses, `unlabelled` (N)
    its values F on others. The mean is λ·mean(F) + mean(Y - λf); `tuning` fixes λ, None estimates the best λ
    in 0..1. Without unlabelled values λ is 0 and the estimate is the gold mean, the limit of the method.
    `weights` (n) and `unlabelled_weights` (N) are inverse inclusion probabilities where responses were
    sampled unequally. With `clusters` (n) and `unlabelled_clusters` (N), prompt codes from one list, the
    variance sums over prompts. Undefined for n = 0, without an interval where gold is of one response or one
    prompt. Source: Angelopoulos, Duchi and Zrnic, arXiv 2311.01453.
    """
    y, f, others = (np.asarray(values, dtype=np.float64) for values in (labelled, predicted, unlabelled))
    if len(y) == 0:
        return Estimate.undefined(Phrase("no gold response"))
    if len(y) != len(f) or (clusters is None) != (unlabelled_clusters is None):
        raise ValueError(
            "labelled and predicted pair up, and clusters are known for all responses or for none"
        )
    held = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=np.float64)
    beyond = (
        np.ones(len(others)) if unlabelled_weights is None else np.asarray(unlabelled_weights, np.float64)
    )
    tuned = _best_tuning(y, f, others, held) if tuning is None else tuning
    power = tuned if len(others) else 0.0
    rest = y - power * f
    mean_rest, mean_others = _mean(rest, held), _mean(others, beyond)
    value = power * mean_others + mean_rest
    if len(y) == 1:
        return Estimate(value, None, None, Phrase("one gold response: no interval"))
    if clusters is not None and len(np.unique(clusters)) == 1:
        # Its deviations from its own mean sum to 0, as if gold were known exactly
        return Estimate(value, None, None, GOLD_OF_ONE_PROMPT)
    influence = np.concatenate(
        [
            held / held.sum() * (rest - mean_rest),
            power * (beyond / (beyond.sum() or 1)) * (others - mean_others),
        ]
    )
    if clusters is not None and unlabelled_clusters is not None:
        _, codes = np.unique(np.concatenate([clusters, unlabelled_clusters]), return_inverse=True)
        influence = np.bincount(codes, influence)
    half = normal_quantile(confidence) * float(np.sqrt(influence @ influence))
    return Estimate(value, value - half, value + half)


def _mean(values: FloatArray, weights: FloatArray) -> float:
    return float(weights @ values / weights.sum()) if len(values) else 0.0


def _best_tuning(y: FloatArray, f: FloatArray, others: FloatArray, weights: FloatArray) -> float:
    spread = float(np.concatenate([f, others]).var(ddof=1)) if len(others) else 0.0
    if spread == 0:
        return 0.0
    covariance = _mean((y - _mean(y, weights)) * (f - _mean(f, weights)), weights)
    size = float(weights.sum() ** 2 / (weights @ weights))
    return min(max(covariance / ((1 + size / len(others)) * spread), 0.0), 1.0)


@dataclass(frozen=True)
class Prevalence:
    """How common one label is: by the judge alone, corrected for its errors, by PPI++, and by gold alone."""

    naive: Estimate
    corrected: Estimate
    ppi: Estimate
    gold: Estimate

    @property
    def corrections_disagree(self) -> bool:
        """Whether `corrected` and `ppi` have intervals that do not meet, which the reader is warned of."""
        return apart(self.corrected, self.ppi)


def prevalence(
    gold: NDArray[np.integer],
    verdicts_on_gold: NDArray[np.integer],
    verdicts_elsewhere: NDArray[np.integer],
    *,
    label: int,
    clusters_on_gold: Clusters = None,
    clusters_elsewhere: Clusters = None,
    weights_on_gold: FloatArray | None = None,
    weights_elsewhere: FloatArray | None = None,
) -> Prevalence:
    """Prevalence of `label` (a code) among all responses that a judge scored, three ways, and by gold alone.

    `gold` (n) and `verdicts_on_gold` (n) are codes of the responses with gold, `verdicts_elsewhere` (N) of
    those without; a verdict of -1 could not be parsed and is not the label. `naive` is the judge's share over
    all n + N. `corrected` (Rogan-Gladen) takes the judge's rate elsewhere and its errors on gold, at
    effective sizes; where gold covers everything there is nothing to correct and it is undefined. `ppi` is
    then the gold share, and says so. Clusters (n and N prompt codes from one list; both or neither) widen the
    intervals for shared prompts. Weights are inverse inclusion probabilities: 1/π on gold and 1/(1-π)
    elsewhere. Raises ValueError on unequal lengths.
    """
    if len(gold) != len(verdicts_on_gold):
        raise ValueError(f"{len(gold)} gold labels against {len(verdicts_on_gold)} verdicts")
    if (clusters_on_gold is None) != (clusters_elsewhere is None):
        raise ValueError("clusters are known for gold and elsewhere, or for neither")
    truth, said, said_elsewhere = (
        np.asarray(codes) == label for codes in (gold, verdicts_on_gold, verdicts_elsewhere)
    )
    everywhere = None
    if clusters_on_gold is not None and clusters_elsewhere is not None:
        everywhere = np.concatenate([clusters_on_gold, clusters_elsewhere])
    naive = clustered_proportion(
        np.concatenate([said, said_elsewhere]), everywhere, empty=Phrase("no response was scored")
    )
    if len(said_elsewhere) == 0:
        corrected = Estimate.undefined(GOLD_COVERS_ALL)
    else:
        errors = _errors(truth, said, clusters_on_gold, weights_on_gold)
        corrected = rogan_gladen(
            rate=float(np.average(said_elsewhere, weights=weights_elsewhere)),
            n=effective_size(said_elsewhere, clusters_elsewhere, weights_elsewhere),
            specificity=errors.specificity,
            negatives=errors.negatives,
            sensitivity=errors.sensitivity,
            positives=errors.positives,
        )
    ppi = ppi_mean(
        truth.astype(np.float64),
        said.astype(np.float64),
        said_elsewhere.astype(np.float64),
        weights=weights_on_gold,
        unlabelled_weights=weights_elsewhere,
        clusters=clusters_on_gold,
        unlabelled_clusters=clusters_elsewhere,
    )
    gold_share = clustered_proportion(
        truth, clusters_on_gold, weights_on_gold, empty=Phrase("no gold response")
    )
    return Prevalence(naive, corrected, _bounded(ppi, gold_share, len(said_elsewhere)), gold_share)


@dataclass(frozen=True)
class _Errors:
    """A judge's specificity and sensitivity, and the effective sizes on which they were measured."""

    specificity: float
    negatives: float
    sensitivity: float
    positives: float


def _errors(
    truth: NDArray[np.bool_], said: NDArray[np.bool_], clusters: Clusters, weights: FloatArray | None
) -> _Errors:
    negatives, specificity = _rate_right(said, truth, ~truth, clusters, weights)
    positives, sensitivity = _rate_right(said, truth, truth, clusters, weights)
    return _Errors(specificity, negatives, sensitivity, positives)


def _rate_right(
    said: NDArray[np.bool_],
    truth: NDArray[np.bool_],
    among: NDArray[np.bool_],
    clusters: Clusters,
    weights: FloatArray | None,
) -> tuple[float, float]:
    right = (said == truth)[among]
    own_clusters = None if clusters is None else np.asarray(clusters)[among]
    own_weights = None if weights is None else np.asarray(weights)[among]
    rate = float(np.average(right, weights=own_weights)) if len(right) else 0.0
    return effective_size(right, own_clusters, own_weights), rate


def _bounded(ppi: Estimate, gold_share: Estimate, others: int) -> Estimate:
    if ppi.value is None:
        return ppi
    if others == 0:
        return replace(gold_share, note=GOLD_ALONE)
    value = min(max(ppi.value, 0.0), 1.0)
    if ppi.low is None or ppi.high is None:
        return replace(ppi, value=value)
    if ppi.high - ppi.low < _NO_WIDTH:
        # A normal interval without variation has no width (but for rounding), which would claim certainty
        return Estimate(
            value,
            gold_share.low,
            gold_share.high,
            Phrase("no variation: Wilson's interval of the gold share"),
        )
    return bounded(ppi.value, ppi.low, ppi.high, span=(0, 1))
