"""Aggregation into gold: tiers by majority vote, and the Dawid-Skene model of annotators' errors."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linear_sum_assignment

from ihlannotate.stats.bootstrap import FloatArray, IntArray, distinct_rows
from ihlannotate.stats.reliability.annotators import checked_ratings
from ihlannotate.stats.reliability.summary import checked_counts

Tier: TypeAlias = Literal["unrated", "single", "unanimous", "majority", "contested"]
Start: TypeAlias = Literal["majority", "proportions"]
TIERS: tuple[Tier, ...] = ("unrated", "single", "unanimous", "majority", "contested")
_TOLERANCE = 1e-10


@dataclass(frozen=True)
class Tiers:
    """How U units were settled by vote; `adjudicated` is not here, because it is a decision and not a count.

    `winner` (U): the level with more than half of the annotations, -1 where there is none. `tier` (U): index
    into TIERS. `unrated` has no annotation and no winner; `single` has one annotation, which is its winner
    but nobody's agreement; `unanimous` two or more that are all alike; `majority` more than half; `contested`
    anything else. `shares` (U × V): distribution of the annotations, all 0 where unrated. `n` (U):
    annotations.
    """

    winner: IntArray
    tier: IntArray
    shares: FloatArray
    n: IntArray

    def names(self) -> list[Tier]:
        """The tier of each unit by name."""
        return [TIERS[code] for code in self.tier]


def tiers(counts: NDArray[np.integer]) -> Tiers:
    """The tier and the winning level of each unit from `counts` (U × V: annotations of each unit by level).

    Raises ValueError on counts that are not whole numbers from 0 up.

    >>> import numpy as np
    >>> settled = tiers(np.array([[3, 0], [2, 1], [1, 1], [0, 1], [0, 0]]))
    >>> settled.names()
    ['unanimous', 'majority', 'contested', 'single', 'unrated']
    >>> settled.winner.tolist()
    [0, 0, -1, 1, -1]
    """
    table = checked_counts(counts)
    n = table.sum(axis=1)
    most = table.max(axis=1)
    decided = 2 * most > n
    tier = np.select([n == 0, n == 1, most == n, decided], [0, 1, 2, 3], default=4)
    winner = np.where(decided, table.argmax(axis=1), -1)
    return Tiers(winner, tier.astype(np.int64), table / np.maximum(n, 1)[:, None], n)


@dataclass(frozen=True)
class DawidSkene:
    """The fitted model: U units, A annotators, V levels.

    `posterior` (U × V): probability of each level being the true one. `confusion` (A × V × V): probability
    that the annotator gives level k (last axis) where c (middle axis) is true; uniform where nothing was
    learnt. `marginals` (V): share of each true level. `log_likelihood` leaves out multinomial coefficients.
    `start` names the start that won ("majority", "proportions", "random 0" and on); `starts` is how many were
    tried.
    """

    posterior: FloatArray
    confusion: FloatArray
    marginals: FloatArray
    log_likelihood: float
    start: str
    starts: int
    iterations: int
    converged: bool


@dataclass(frozen=True)
class _Votes:
    """Distinct rating patterns: `given` (P × A·V) how often each annotator gave each level, `copies` (P)."""

    given: sparse.csr_matrix
    copies: FloatArray
    annotators: int
    levels: int

    @property
    def totals(self) -> FloatArray:
        """Annotations of each pattern by level (P × V)."""
        return np.asarray(self.given @ np.tile(np.eye(self.levels), (self.annotators, 1)))


@dataclass(frozen=True)
class _Fit:
    posterior: FloatArray
    confusion: FloatArray
    marginals: FloatArray
    log_likelihood: float
    iterations: int
    converged: bool


def dawid_skene(
    ratings: NDArray[np.integer],
    *,
    level_count: int,
    annotators: NDArray[np.integer] | None = None,
    smoothing: float = 0.01,
    start: Start | None = None,
    starts: int = 20,
    max_iterations: int = 1000,
    seed: int = 0,
) -> DawidSkene:
    """Dawid and Skene's model of true levels and annotators' error rates, fitted by EM.

    `ratings` (R × U) are level indices, -1 missing. `annotators` (R) tells whose each row is (codes 0..A-1),
    for annotators who rated units more than once; None means a row each. `smoothing` is a symmetric Dirichlet
    prior's excess over 1, added to every cell of the confusion matrices and of the marginals; 0 is maximum
    likelihood.

    `start` pins the first posterior: majority vote (split evenly among ties) or the proportions of the
    annotations of each unit. None tries both and `starts` random ones, drawn from `seed` around the
    proportions, and keeps the best log-likelihood. Likelihood does not care which class bears which name, so
    each solution is relabelled to the assignment under which annotators are most often right. A unit without
    ratings gets the marginals. Raises ValueError on ratings that are no levels. Source: Dawid and Skene 1979,
    Applied Statistics 28, 20-28.
    """
    table = checked_ratings(ratings, level_count)
    rows = np.arange(len(table)) if annotators is None else np.asarray(annotators, dtype=np.int64)
    if rows.shape != (len(table),):
        raise ValueError("annotators holds one code for each row of the ratings")
    rated = (table >= 0).any(axis=0)
    patterns, inverse, copies = distinct_rows(np.ascontiguousarray(table[:, rated].T))
    votes = _votes(patterns, copies, rows, level_count)
    best, name, tried = None, "", 0
    for label, first in _first_posteriors(votes, start=start, starts=starts, seed=seed):
        tried += 1
        fit = _expectation_maximisation(votes, first, smoothing, max_iterations)
        if best is None or fit.log_likelihood > best.log_likelihood + _TOLERANCE:
            best, name = fit, label
    assert best is not None
    named = _relabelled(best)
    posterior = np.tile(named.marginals, (table.shape[1], 1))
    posterior[rated] = named.posterior[inverse]
    return DawidSkene(
        posterior,
        named.confusion,
        named.marginals,
        named.log_likelihood,
        name,
        tried,
        named.iterations,
        named.converged,
    )


def _votes(patterns: IntArray, copies: IntArray, rows: IntArray, levels: int) -> _Votes:
    annotators = int(rows.max(initial=-1)) + 1
    unit, row = np.nonzero(patterns >= 0)
    cells = rows[row] * levels + patterns[unit, row]
    given = sparse.csr_matrix(
        (np.ones(len(unit)), (unit, cells)), shape=(len(patterns), annotators * levels), dtype=np.float64
    )
    return _Votes(given, copies.astype(np.float64), annotators, levels)


def _first_posteriors(
    votes: _Votes, *, start: Start | None, starts: int, seed: int
) -> list[tuple[str, FloatArray]]:
    totals = votes.totals
    leading = (totals == totals.max(axis=1, keepdims=True, initial=0)).astype(np.float64)
    first: list[tuple[str, FloatArray]] = []
    if start in (None, "majority"):
        first.append(("majority", leading / leading.sum(axis=1, keepdims=True)))
    if start in (None, "proportions"):
        first.append(("proportions", totals / totals.sum(axis=1, keepdims=True)))
    if start is None:
        rng = np.random.default_rng(seed)
        for number in range(starts):
            drawn = rng.standard_gamma(totals + 1.0)
            first.append((f"random {number}", drawn / drawn.sum(axis=1, keepdims=True)))
    return first


def _expectation_maximisation(
    votes: _Votes, posterior: FloatArray, smoothing: float, max_iterations: int
) -> _Fit:
    likelihood = -np.inf
    for iteration in range(1, max_iterations + 1):
        marginals, confusion = _maximisation(votes, posterior, smoothing)
        posterior, reached = _expectation(votes, marginals, confusion)
        # Smoothed EM climbs the penalised likelihood; the plain one may move either way until it rests
        if abs(reached - likelihood) <= _TOLERANCE * (1 + abs(reached)):
            return _Fit(posterior, confusion, marginals, reached, iteration, True)
        likelihood = reached
    return _Fit(posterior, confusion, marginals, likelihood, max_iterations, False)


def _maximisation(votes: _Votes, posterior: FloatArray, smoothing: float) -> tuple[FloatArray, FloatArray]:
    weighted = posterior * votes.copies[:, None]
    marginals = _shares(weighted.sum(axis=0) + smoothing)
    given = np.asarray(votes.given.T @ weighted)
    cells = given.reshape(votes.annotators, votes.levels, votes.levels).transpose(0, 2, 1)
    return marginals, _shares(cells + smoothing)


def _shares(amounts: FloatArray) -> FloatArray:
    totals = amounts.sum(axis=-1, keepdims=True)
    out = np.full(amounts.shape, 1.0 / amounts.shape[-1])
    np.divide(amounts, totals, out=out, where=np.broadcast_to(totals > 0, amounts.shape))
    return out


def _expectation(votes: _Votes, marginals: FloatArray, confusion: FloatArray) -> tuple[FloatArray, float]:
    by_cell = _log(confusion).transpose(0, 2, 1).reshape(-1, votes.levels)
    joint = np.asarray(votes.given @ by_cell) + _log(marginals)
    top = joint.max(axis=1, keepdims=True)
    scaled = np.exp(joint - top)
    size = scaled.sum(axis=1, keepdims=True)
    return scaled / size, float(votes.copies @ (top + np.log(size))[:, 0])


def _log(shares: FloatArray) -> FloatArray:
    out = np.full(shares.shape, -np.inf)
    np.log(shares, out=out, where=shares > 0)
    return out


def _relabelled(fit: _Fit) -> _Fit:
    # right[c, k]: how often annotators say k where the latent class c is true
    right = fit.marginals[:, None] * fit.confusion.sum(axis=0)
    _, names = linear_sum_assignment(-right)
    order = np.argsort(names)
    return _Fit(
        fit.posterior[:, order],
        fit.confusion[:, order],
        fit.marginals[order],
        fit.log_likelihood,
        fit.iterations,
        fit.converged,
    )
