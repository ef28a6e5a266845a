"""Which responses experts will see: a stratified random sample in which each one's probability is known."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ihlannotate.stats.bootstrap import FloatArray, IntArray

# Upper ends of the shares of prompts: 80% train, 10% validation, 10% test.
SPLITS = ((0.8, "train"), (0.9, "validation"), (1.0, "test"))
LEAST_SURE = 0.25  # the share of a judge's verdicts that counts as those of which it was least sure
_HALVINGS = 200
_DIGITS = 9  # remainders that differ by less than this are a tie, on every machine


@dataclass(frozen=True)
class Drawn:
    """A sample of N units in H strata: how many units each stratum has (`sizes`, H) and how many were taken
    (`taken`, H), each unit's inclusion probability (`probabilities`, N: taken/size of its stratum) and whether it
    was `chosen` (N)."""

    sizes: IntArray
    taken: IntArray
    probabilities: FloatArray
    chosen: NDArray[np.bool_]


def allocation(
    sizes: NDArray[np.integer], target: int, factors: NDArray[np.floating] | None = None
) -> IntArray:
    """How many units to take from each stratum (H) so that there are `target` in all.

    In proportion to `sizes` (H) times `factors` (H; all 1 where None), but at least one from each stratum that has
    any and at most all it has; what is left of whole units goes to the largest remainders, the earlier stratum first
    in a tie. Raises ValueError on a target that is less than the strata with units or more than all units, and on
    factors that are not positive. Source: Cochran 1977, Sampling Techniques, chapter 5 (proportional allocation).

    >>> allocation(np.array([50, 30, 20]), 10).tolist()
    [5, 3, 2]
    >>> allocation(np.array([90, 10]), 20, np.array([1.0, 9.0])).tolist()
    [10, 10]
    """
    held = np.asarray(sizes, dtype=np.int64)
    wanted = np.ones(len(held)) if factors is None else np.asarray(factors, dtype=np.float64)
    if wanted.shape != held.shape or not (np.isfinite(wanted).all() and (wanted > 0).all()):
        raise ValueError("every stratum needs one factor above 0")
    if not int((held > 0).sum()) <= target <= int(held.sum()):
        raise ValueError(
            f"{target} units can't be taken from strata of {held.tolist()}, at least one from each"
        )
    shares = held * wanted
    least = np.minimum(held, 1)

    def at(scale: float) -> FloatArray:
        return np.clip(scale * shares, least, held)

    low, high = 0.0, 1.0 / float(wanted.min())
    for _round in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if at(middle).sum() < target else (low, middle)
    ideal = np.round(at(high), _DIGITS)
    taken = np.floor(ideal).astype(np.int64)
    order = np.argsort(-np.round(ideal - taken, _DIGITS), kind="stable")
    taken[order[: target - int(taken.sum())]] += 1
    return taken


def draw(
    strata: NDArray[np.integer],
    *,
    target: int,
    factors: NDArray[np.floating] | None = None,
    seed: int = 0,
) -> Drawn:
    """Draw `target` of N units without replacement, at random within their `strata` (N codes 0..H-1).

    `factors` (H) oversample strata, or undersample them. The same seed gives the same sample. Raises ValueError as
    `allocation` does. Source: Cochran 1977, Sampling Techniques, chapter 5; estimates that weigh each unit by the
    inverse of its probability are unbiased (Horvitz and Thompson 1952, JASA 47, 663-685).

    >>> found = draw(np.array([0, 0, 0, 0, 1, 1]), target=3, seed=1)
    >>> found.taken.tolist(), found.probabilities.tolist()
    ([2, 1], [0.5, 0.5, 0.5, 0.5, 0.5, 0.5])
    """
    codes = np.asarray(strata, dtype=np.int64)
    sizes = np.bincount(codes, minlength=0 if factors is None else len(factors))
    taken = allocation(sizes, target, factors)
    order = np.lexsort((np.random.default_rng(seed).random(len(codes)), codes))
    rank = np.arange(len(codes)) - (np.cumsum(sizes) - sizes)[codes[order]]
    chosen = np.zeros(len(codes), dtype=np.bool_)
    chosen[order] = rank < taken[codes[order]]
    probabilities = taken[codes] / sizes[codes]
    return Drawn(sizes.astype(np.int64), taken, probabilities.astype(np.float64), chosen)


def weighed_size(taken: Sequence[int], probabilities: Sequence[float]) -> float:
    """How many units drawn alike would tell as much of a mean as `taken` (H) units of these `probabilities` (H) do.

    (Σ w)²/Σ w² over the units, w = 1/probability: their number where all weigh alike, and the less, the more their
    weights differ. It supposes that what is measured varies as much in every stratum. Source: Kish 1965, Survey
    Sampling.

    >>> weighed_size([10, 10], [.5, .5]), round(weighed_size([10, 10], [.9, .1]), 2)
    (20.0, 12.2)
    """
    count, weight = np.asarray(taken, dtype=np.float64), 1 / np.asarray(probabilities, dtype=np.float64)
    return float((count @ weight) ** 2 / (count @ weight**2))


def least_sure(probabilities: FloatArray) -> NDArray[np.bool_]:
    """Which of N verdicts their judge was least sure of, by its `probabilities` (N, 0..1) of one level.

    A judge is the less sure, the nearer to ½ its probability is, whichever side it lies on. LEAST_SURE of the verdicts
    are among them, and as many more as are just as near.

    >>> least_sure(np.array([0.05, 0.45, 0.99, 0.7])).tolist()
    [False, True, False, False]
    """
    doubt = np.round(np.abs(np.asarray(probabilities, dtype=np.float64) - 0.5), _DIGITS)
    last = math.ceil(LEAST_SURE * len(doubt)) - 1
    return np.asarray(doubt <= np.partition(doubt, last)[last], dtype=np.bool_)


def split_of(prompt_sha256: str, *, seed: int) -> str:
    """The split of a prompt (by the SHA-256 of its text): all its responses are in it, and stay there.

    It depends on the prompt and the study's seed alone, so that more prompts move none from one split to another.
    """
    digest = hashlib.sha256(f"{seed}:{prompt_sha256}".encode()).digest()
    place = int.from_bytes(digest[:8]) / 2**64
    return next(name for end, name in SPLITS if place < end)
