"""Where to cut a judge's scores: every threshold with its confusion counts, and the one that maximises a measure."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ihlannotate.phrases import Phrase
from ihlannotate.stats.bootstrap import FloatArray, IntArray, percentile_estimate, resample_rows
from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.proportions import Clusters
from ihlannotate.stats.reliability.coefficients import divide
from ihlannotate.stats.score_maps import FOLDS, ONE_LABEL, ONE_PROMPT, ONE_SCORE, checked_scores, dealt_folds

Measure: TypeAlias = Literal["accuracy", "f1", "mcc", "youden"]
MEASURES: tuple[Measure, ...] = ("accuracy", "f1", "mcc", "youden")
NO_GOLD = Phrase("no response with gold has a score")
SAME_ANSWER = Phrase("no threshold does better than one answer for all responses")
UNDEFINED = Phrase("the measure is undefined at this threshold on other prompts")
UNDEFINED_HERE = Phrase("the measure is undefined for these decisions")


@dataclass(frozen=True)
class Threshold:
    """What becomes of the responses where a score of `at` or more gives the label; `value` is the measure."""

    at: float
    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int
    value: float


@dataclass(frozen=True)
class ThresholdChoice:
    """All thresholds for the scores of `n` responses from `clusters` prompts, and the `best` by `measure`.

    `thresholds` (T, rising) are the distinct scores and a last one just above the highest, which gives nothing the
    label; `counts` (T × 4) are true positives, false positives, false negatives and true negatives at each. `best` was
    chosen on these very responses and flatters itself; `on_other_prompts` is the measure of decisions by thresholds
    that were chosen on the other `folds` of prompts. Both are undefined where `note` says why.
    """

    measure: Measure
    n: int
    clusters: int
    folds: int
    replicates: int
    seed: int
    thresholds: FloatArray
    counts: IntArray
    best: Threshold | None
    on_other_prompts: Estimate
    note: str = ""


def choose_threshold(
    scores: FloatArray,
    outcomes: NDArray[np.bool_],
    *,
    measure: Measure,
    clusters: Clusters = None,
    replicates: int = 1000,
    seed: int = 0,
) -> ThresholdChoice:
    """The threshold on `scores` (n, any finite numbers) that maximises `measure`, the lowest of equals.

    `outcomes` (n) says which responses have the label, `clusters` (n codes) which prompt each answers. "youden" is
    sensitivity + specificity - 1 (Youden 1950). Prompts are dealt to folds as in `cross_fit`; the interval resamples
    prompts and takes the thresholds as they are. Raises ValueError on scores that are not finite and on columns that
    do not match.
    """
    given, true = checked_scores(scores, outcomes)
    fold_of, count = dealt_folds(len(given), clusters, seed)
    folds = min(FOLDS, count)
    thresholds, counts = threshold_counts(given, true)
    best: Threshold | None = None
    note: str = NO_GOLD
    expected = Estimate.undefined(NO_GOLD)
    if len(given) and (true.all() or not true.any()):
        expected, note = Estimate.undefined(ONE_LABEL), ONE_LABEL
    elif len(given):
        values = measured(counts, measure)
        if np.isnan(values).all():
            # Both labels are there, and one score tells none from the other
            none = Estimate.undefined(ONE_SCORE)
            return ThresholdChoice(
                measure, len(given), count, folds, replicates, seed, thresholds, counts, None, none, ONE_SCORE
            )
        at = int(np.nanargmax(values))
        tp, fp, fn, tn = counts[at].tolist()
        best = Threshold(float(thresholds[at]), tp, fp, fn, tn, float(values[at]))
        expected = _on_other_prompts(given, true, fold_of, folds, measure, clusters, replicates, seed)
        note = SAME_ANSWER if at in (0, len(values) - 1) else ""
    return ThresholdChoice(
        measure, len(given), count, folds, replicates, seed, thresholds, counts, best, expected, note
    )


def threshold_counts(scores: FloatArray, outcomes: NDArray[np.bool_]) -> tuple[FloatArray, IntArray]:
    """Thresholds (T) and their counts (T × 4) as in ThresholdChoice; both empty without scores.

    >>> threshold_counts(np.array([0.2, 0.9]), np.array([False, True]))[1].tolist()
    [[1, 1, 0, 0], [1, 0, 0, 1], [0, 0, 1, 1]]
    """
    values, at = np.unique(scores, return_inverse=True)
    if len(values) == 0:
        return np.zeros(0), np.zeros((0, 4), np.int64)
    size = len(values) + 1
    below = np.array([np.bincount(at[side], minlength=size) for side in (outcomes, ~outcomes)])
    missed, spared = (np.concatenate([[0], np.cumsum(side)[:-1]]) for side in below)
    positives, negatives = below.sum(axis=1)
    counts = np.column_stack([positives - missed, negatives - spared, missed, spared])
    return np.append(values, np.nextafter(values[-1], np.inf)), counts.astype(np.int64)


def measured(counts: NDArray[np.integer] | FloatArray, measure: Measure) -> FloatArray:
    """The measure (T) of `counts` (T × 4), NaN where it is undefined."""
    tp, fp, fn, tn = np.asarray(counts, dtype=np.float64).T
    if measure == "accuracy":
        return divide(tp + tn, tp + fp + fn + tn)
    if measure == "f1":
        return divide(2 * tp, 2 * tp + fp + fn)
    if measure == "mcc":
        return divide(tp * tn - fp * fn, np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)))
    return divide(tp, tp + fn) + divide(tn, tn + fp) - 1


def _on_other_prompts(
    scores: FloatArray,
    outcomes: NDArray[np.bool_],
    fold_of: IntArray,
    folds: int,
    measure: Measure,
    clusters: Clusters,
    replicates: int,
    seed: int,
) -> Estimate:
    if folds < 2:
        return Estimate.undefined(ONE_PROMPT)
    given = np.zeros(len(scores), np.bool_)
    for fold in range(folds):
        own = fold_of == fold
        thresholds, counts = threshold_counts(scores[~own], outcomes[~own])
        values = measured(counts, measure)
        if np.isnan(values).all():
            why = ONE_SCORE if len(thresholds) == 2 else ONE_LABEL
            return Estimate.undefined(Phrase("not to be checked on other prompts: %(why)s", why=why))
        given[own] = scores[own] >= thresholds[np.nanargmax(values)]
    return measure_of_decisions(
        given,
        outcomes,
        measure=measure,
        clusters=clusters,
        replicates=replicates,
        seed=seed,
        undefined=UNDEFINED,
    )


def measure_of_decisions(
    given: NDArray[np.bool_],
    outcomes: NDArray[np.bool_],
    *,
    measure: Measure,
    clusters: Clusters = None,
    replicates: int = 1000,
    seed: int = 0,
    undefined: str = UNDEFINED_HERE,
) -> Estimate:
    """The measure of decisions to give the label (`given`, n) against `outcomes` (n), resampling prompts.

    `undefined` is the note where it has no value. Raises ValueError on columns that do not match.
    """
    sums = resample_rows(
        np.column_stack(decision_cells(given, outcomes)).astype(np.float64),
        clusters=clusters,
        replicates=replicates,
        seed=seed,
    )
    return percentile_estimate(
        float(measured(sums.total[None, :], measure)[0]),
        measured(sums.replicates, measure),
        clusters=sums.clusters,
        undefined=undefined,
    )


def decision_cells(given: NDArray[np.bool_], outcomes: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """Which decisions (`given`, n) are true positives, false positives, false negatives and true negatives (n each).

    Raises ValueError on columns that do not match.
    """
    if given.shape != outcomes.shape:
        raise ValueError(f"{given.shape} decisions and {outcomes.shape} outcomes do not match")
    return [given & outcomes, given & ~outcomes, ~given & outcomes, ~given & ~outcomes]
