"""EM for the Dawid-Skene model, for many starts at once: S starts, P patterns, A annotators, V levels."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from ihlannotate.stats.bootstrap import FloatArray

TOLERANCE = 1e-10
_BATCH_CELLS = 20_000


@dataclass(frozen=True)
class Votes:
    """Distinct rating patterns: `given` (P × A·V) the weight of each level from each annotator, `copies` (P)."""

    given: sparse.csr_matrix
    copies: FloatArray
    annotators: int
    levels: int

    @cached_property
    def taken(self) -> sparse.csc_matrix:
        """`given` by annotator and level (A·V × P), which every step of every start needs."""
        return self.given.T

    @property
    def totals(self) -> FloatArray:
        """Weight of the annotations of each pattern by level (P × V)."""
        return np.asarray(self.given @ np.tile(np.eye(self.levels), (self.annotators, 1)))


@dataclass(frozen=True)
class Fit:
    """Where EM rests: `posterior` (P × V), `confusion` (A × V × V), `marginals` (V)."""

    posterior: FloatArray
    confusion: FloatArray
    marginals: FloatArray
    log_likelihood: float
    iterations: int
    converged: bool


def expectation_maximisation(
    votes: Votes, posteriors: FloatArray, smoothing: float, max_iterations: int
) -> list[Fit]:
    """The fit from each start (`posteriors`, S × P × V)."""
    # Few patterns: a step of all starts costs little more than one call. Many: arrays that leave the cache
    size = max(1, _BATCH_CELLS // max(votes.given.shape[0] * votes.levels, 1))
    fits: list[Fit] = []
    for at in range(0, len(posteriors), size):
        fits += _fits(votes, posteriors[at : at + size], smoothing, max_iterations)
    return fits


def _fits(votes: Votes, posterior: FloatArray, smoothing: float, max_iterations: int) -> list[Fit]:
    """All starts take their steps together; whichever has come to rest leaves."""
    found: dict[int, Fit] = {}
    running, likelihood = np.arange(len(posterior)), np.full(len(posterior), -np.inf)
    for iteration in range(1, max_iterations + 1):
        marginals, confusion = _maximisation(votes, posterior, smoothing)
        posterior, reached = _expectation(votes, marginals, confusion)
        # Smoothed EM climbs the penalised likelihood; the plain one may move either way until it rests
        rests = np.abs(reached - likelihood) <= TOLERANCE * (1 + np.abs(reached))
        leaving = rests | (iteration == max_iterations)
        for at in np.flatnonzero(leaving):
            found[int(running[at])] = Fit(
                posterior[at], confusion[at], marginals[at], float(reached[at]), iteration, bool(rests[at])
            )
        likelihood = reached
        if leaving.any():
            running, posterior, likelihood = running[~leaving], posterior[~leaving], likelihood[~leaving]
        if not len(running):
            break
    return [found[at] for at in sorted(found)]


def _maximisation(votes: Votes, posterior: FloatArray, smoothing: float) -> tuple[FloatArray, FloatArray]:
    starts, patterns, levels = posterior.shape
    weighted = posterior * votes.copies[:, None]
    marginals = shares(weighted.sum(axis=1) + smoothing)
    side_by_side = weighted.transpose(1, 0, 2).reshape(patterns, starts * levels)
    given = np.asarray(votes.taken @ side_by_side)
    cells = given.reshape(votes.annotators, levels, starts, levels).transpose(2, 0, 3, 1)
    return marginals, shares(cells + smoothing)


def shares(amounts: FloatArray) -> FloatArray:
    """`amounts` over their sum along the last axis; equal shares where there is nothing."""
    totals = amounts.sum(axis=-1, keepdims=True)
    if (totals > 0).all():
        return np.asarray(amounts / totals)
    out = np.full(amounts.shape, 1.0 / amounts.shape[-1])
    np.divide(amounts, totals, out=out, where=np.broadcast_to(totals > 0, amounts.shape))
    return out


def _expectation(votes: Votes, marginals: FloatArray, confusion: FloatArray) -> tuple[FloatArray, FloatArray]:
    starts, annotators, levels, _ = confusion.shape
    by_cell = _log(confusion).transpose(1, 3, 0, 2).reshape(annotators * levels, starts * levels)
    evidence = np.asarray(votes.given @ by_cell).reshape(-1, starts, levels).transpose(1, 0, 2)
    joint = evidence + _log(marginals)[:, None, :]
    top = joint.max(axis=2, keepdims=True)
    scaled = np.exp(joint - top)
    size = scaled.sum(axis=2, keepdims=True)
    # Added up row by row: the rounding of a matrix product depends on how many starts go together
    each = np.ascontiguousarray((top + np.log(size))[:, :, 0]) * votes.copies
    return scaled / size, each.sum(axis=1)


def _log(amounts: FloatArray) -> FloatArray:
    if (amounts > 0).all():
        return np.asarray(np.log(amounts))
    out = np.full(amounts.shape, -np.inf)
    np.log(amounts, out=out, where=amounts > 0)
    return out
