"""From a judge's scores to probabilities of a label: isotonic and Platt maps, checked on prompts they have not seen."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression, minimize
from scipy.special import expit

from ihlannotate.phrases import Phrase
from ihlannotate.stats.bootstrap import FloatArray, IntArray, cluster_codes
from ihlannotate.stats.calibration import Calibration, calibration_of_scores, why_too_few
from ihlannotate.stats.proportions import Clusters

MapMethod: TypeAlias = Literal["isotonic", "platt"]
FOLDS = 5
ONE_LABEL = Phrase("gold is all of one label: there is nothing to learn from")
ONE_SCORE = Phrase("the judge gives one score only")
NOT_RISING = Phrase("higher scores do not make the label likelier: the judge is no better than chance")
TOO_CLOSE = Phrase("the scores differ by too little to fit a curve to them")
ONE_PROMPT = Phrase("one prompt only: nothing to check a map on")
NO_PROBABILITIES = Phrase("scores lie outside 0 to 1, so they are no probabilities as they are")


@dataclass(frozen=True)
class IsotonicMap:
    """The line through the knots (`scores` rising, `probabilities` not falling), level beyond both ends."""

    scores: tuple[float, ...]
    probabilities: tuple[float, ...]

    def apply(self, scores: FloatArray) -> FloatArray:
        """The probability of each score (n)."""
        between = np.interp(scores, self.scores, self.probabilities)
        # Between scores that differ by next to nothing the line is too steep for a float
        return np.clip(between, self.probabilities[0], self.probabilities[-1])

    def as_dict(self) -> dict[str, str | list[float]]:
        """The JSON form: `{"method": "isotonic", "scores": [...], "probabilities": [...]}`."""
        return {
            "method": "isotonic",
            "scores": list(self.scores),
            "probabilities": list(self.probabilities),
        }


@dataclass(frozen=True)
class PlattMap:
    """The logistic curve 1/(1 + exp(-(slope · score + intercept))), rising."""

    slope: float
    intercept: float

    def apply(self, scores: FloatArray) -> FloatArray:
        """The probability of each score (n)."""
        found: FloatArray = expit(self.slope * np.asarray(scores, dtype=np.float64) + self.intercept)
        return found

    def as_dict(self) -> dict[str, str | float]:
        """The JSON form: `{"method": "platt", "slope": ..., "intercept": ...}`."""
        return {"method": "platt", "slope": self.slope, "intercept": self.intercept}


ScoreMap: TypeAlias = IsotonicMap | PlattMap


@dataclass(frozen=True)
class CrossFit:
    """A map of one `method`, fitted to `n` responses of `clusters` prompts, and how it does on prompts it has not seen.

    `map` is fitted to everything, for use on other responses. `probabilities` (n) are those that maps fitted to the
    other folds of prompts give each response, and `calibration` is theirs: what the map can be trusted with, its
    interval taking the maps as they are. All three are None where `note` says why there is no map.
    """

    method: MapMethod
    n: int
    clusters: int
    folds: int
    seed: int
    map: ScoreMap | None
    probabilities: FloatArray | None
    calibration: Calibration | None
    note: str = ""


def why_no_probabilities(scores: FloatArray) -> str:
    """Why `scores` (n) cannot be read as probabilities without a map; empty where they can.

    >>> why_no_probabilities(np.array([0.2, 7.0]))
    'scores lie outside 0 to 1, so they are no probabilities as they are'
    """
    return NO_PROBABILITIES if len(scores) and (np.min(scores) < 0 or np.max(scores) > 1) else ""


def fit_map(
    scores: FloatArray, outcomes: NDArray[np.bool_], *, method: MapMethod
) -> tuple[ScoreMap | None, str]:
    """The map from `scores` (n, any finite numbers) to the chance of the label (`outcomes`, n), or None and the reason.

    Isotonic: least squares among all that do not fall. Platt: logistic, with targets (n₊+1)/(n₊+2) and 1/(n₋+2) in
    place of 1 and 0, which keeps it finite where scores part the labels. There is no map of one label or one score,
    nor where the map would not rise. Raises ValueError on scores that are not finite and on columns that do not
    match. Sources: Zadrozny and Elkan 2002 (isotonic); Platt 1999.

    >>> found, _ = fit_map(np.array([1, 2, 2, 3]), np.array([False, True, False, True]), method="isotonic")
    >>> found.apply(np.array([0, 2, 2.5])).tolist()
    [0.0, 0.5, 0.75]
    """
    given, true = checked_scores(scores, outcomes)
    if true.all() or not true.any():
        return None, ONE_LABEL
    if given.min() == given.max():
        return None, ONE_SCORE
    found: ScoreMap
    if method == "isotonic":
        found = _isotonic(given, true)
        rises = len(found.scores) > 1
    else:
        found = _platt(given, true)
        rises = found.slope > 0
        if not np.isfinite(found.slope):
            return None, TOO_CLOSE
    return (found, "") if rises else (None, NOT_RISING)


def checked_scores(scores: FloatArray, outcomes: NDArray[np.bool_]) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Both columns as arrays. Raises ValueError where they do not match, or a score is not finite."""
    given, true = np.asarray(scores, dtype=np.float64), np.asarray(outcomes)
    if given.ndim != 1 or given.shape != true.shape:
        raise ValueError(f"{given.shape} scores and {true.shape} outcomes are not two equal columns")
    if true.dtype != np.bool_:
        raise ValueError("outcomes are true or false")
    if not np.isfinite(given).all():
        raise ValueError("scores are finite numbers")
    return given, true


def _isotonic(scores: FloatArray, outcomes: NDArray[np.bool_]) -> IsotonicMap:
    values, at, copies = np.unique(scores, return_inverse=True, return_counts=True)
    shares = np.bincount(at, outcomes) / copies
    fitted = isotonic_regression(shares, weights=copies.astype(np.float64)).x
    # Within a level stretch only its ends matter
    kept = np.ones(len(values), np.bool_)
    kept[1:-1] = (fitted[1:-1] != fitted[:-2]) | (fitted[1:-1] != fitted[2:])
    if fitted[0] == fitted[-1]:
        kept[1:] = False
    return IsotonicMap(tuple(values[kept].tolist()), tuple(np.clip(fitted[kept], 0, 1).tolist()))


def _platt(scores: FloatArray, outcomes: NDArray[np.bool_]) -> PlattMap:
    # Squares of very large or small scores are no floats, those of their ratios to the largest are
    largest = float(np.abs(scores).max())
    ratios = scores / largest
    centre, spread = float(ratios.mean()), float(ratios.std())
    x = (ratios - centre) / spread
    positives = int(outcomes.sum())
    negatives = len(outcomes) - positives
    target = np.where(outcomes, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    design = np.column_stack([x, np.ones(len(x))])

    def loss(at: FloatArray) -> float:
        margin = design @ at
        return float((np.logaddexp(0, margin) - target * margin).mean())

    def slope_of_loss(at: FloatArray) -> FloatArray:
        return np.asarray(design.T @ (expit(design @ at) - target) / len(x), dtype=np.float64)

    def bend_of_loss(at: FloatArray) -> FloatArray:
        p = expit(design @ at)
        return np.asarray((design.T * (p * (1 - p))) @ design / len(x), dtype=np.float64)

    found = minimize(
        loss, np.zeros(2), method="trust-exact", jac=slope_of_loss, hess=bend_of_loss, options={"gtol": 1e-10}
    )
    steepness, shift = (float(value) for value in found.x)
    with np.errstate(over="ignore"):
        slope = float(np.float64(steepness / spread) / largest)
    return PlattMap(slope, shift - steepness * centre / spread)


def cross_fit(
    scores: FloatArray,
    outcomes: NDArray[np.bool_],
    *,
    method: MapMethod,
    clusters: Clusters = None,
    replicates: int = 1000,
    seed: int = 0,
) -> CrossFit:
    """Fit a map to all responses, and check the method by maps that have not seen the prompts they are checked on.

    `scores` (n), `outcomes` (n: does gold give the label), `clusters` (n prompt codes; None: a prompt each). Prompts
    are dealt by `seed` to FOLDS folds, or as many as there are prompts. There is no map from fewer responses than
    calibration is reported for, nor where one of the folds leaves nothing to learn from. Raises ValueError as
    `fit_map` does. Source for cross-fitting: Chernozhukov et al. 2018.
    """
    given, true = checked_scores(scores, outcomes)
    fold_of, count = dealt_folds(len(given), clusters, seed)
    folds = min(FOLDS, count)
    whole, why = fit_map(given, true, method=method)
    why = why_too_few(len(given)) or why or ("" if count > 1 else ONE_PROMPT)
    held_out = np.zeros(len(given))
    for fold in range(0 if why else folds):
        own = fold_of == fold
        part, why = fit_map(given[~own], true[~own], method=method)
        if part is None:
            why = Phrase("not to be checked on other prompts: %(why)s", why=why)
            break
        held_out[own] = part.apply(given[own])
    if why:
        return CrossFit(method, len(given), count, folds, seed, None, None, None, why)
    calibration = calibration_of_scores(
        held_out, true.astype(np.int64), clusters=clusters, replicates=replicates, seed=seed
    )
    return CrossFit(method, len(given), count, folds, seed, whole, held_out, calibration)


def dealt_folds(n: int, clusters: Clusters, seed: int) -> tuple[IntArray, int]:
    """The fold of each of `n` responses (0 .. FOLDS-1, prompts whole, as even as can be), and how many prompts."""
    codes = cluster_codes(clusters, n)
    owner = np.arange(n) if codes is None else codes
    count = int(owner.max(initial=-1)) + 1
    turns = np.random.default_rng(seed).permutation(count) % FOLDS
    return turns[owner].astype(np.int64), count
