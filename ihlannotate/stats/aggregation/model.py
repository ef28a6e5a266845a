"""The Dawid-Skene model of true levels and annotators' errors."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linear_sum_assignment

from ihlannotate.stats.aggregation.expectation import TOLERANCE, Fit, Votes, expectation_maximisation
from ihlannotate.stats.bootstrap import FloatArray, IntArray, distinct_rows
from ihlannotate.stats.reliability.annotators import checked_ratings

Start: TypeAlias = Literal["majority", "proportions"]


@dataclass(frozen=True)
class StartFit:
    """Where one start ended: its `name` ("majority", "proportions", "random 0" and on) and log-likelihood."""

    name: str
    log_likelihood: float
    iterations: int
    converged: bool


@dataclass(frozen=True)
class DawidSkene:
    """The fitted model: U units, A annotators, V levels.

    `posterior` (U × V): probability of each level being the true one. `confusion` (A × V × V): probability
    that the annotator gives level k (last axis) where c (middle axis) is true; uniform where nothing was
    learnt. `rests_on` (A × V): how many of the annotator's ratings each row of `confusion` rests on, that is
    the expected number of units truly c among those rated; over c they sum to the annotator's ratings.
    `marginals` (V): share of each true level. `log_likelihood` leaves out multinomial coefficients. `start`
    names the start that won; `starts` is how many were tried, and `fits` says of each, in order, where it
    ended.
    """

    posterior: FloatArray
    confusion: FloatArray
    rests_on: FloatArray
    marginals: FloatArray
    log_likelihood: float
    start: str
    starts: int
    iterations: int
    converged: bool
    fits: tuple[StartFit, ...]


def dawid_skene(
    ratings: NDArray[np.integer],
    *,
    level_count: int,
    annotators: NDArray[np.integer] | None = None,
    weights: FloatArray | None = None,
    smoothing: float = 0.01,
    start: Start | None = None,
    starts: int = 20,
    max_iterations: int = 1000,
    seed: int = 0,
) -> DawidSkene:
    """Dawid and Skene's model of true levels and annotators' error rates, fitted by EM.

    `ratings` (R × U) are level indices, -1 missing. `annotators` (R) tells whose each row is (codes 0..A-1),
    for annotators who rated units more than once; None means a row each. `weights` (R × U, from 0 up) is how
    much each annotation counts, from the annotator's confidence for instance: the exponent of its factor in
    the likelihood, so that 1 is an annotation, .5 half of one and 0 none; None means 1 everywhere.
    `smoothing` is a symmetric Dirichlet prior's excess over 1, added to every cell of the confusion matrices
    and of the marginals; 0 is maximum likelihood.

    `start` pins the first posterior: majority vote (split evenly among ties) or the proportions of the
    annotations of each unit. None tries both and `starts` random ones, drawn from `seed` around the
    proportions, and keeps the best log-likelihood. Likelihood does not care which class bears which name, so
    each solution is relabelled to the assignment under which annotators are most often right. A unit without
    ratings gets the marginals. Raises ValueError on ratings that are no levels and on weights that are not
    finite numbers from 0 up. Source: Dawid and Skene 1979, Applied Statistics 28, 20-28; weights: Hu and
    Zidek 2002, Canadian Journal of Statistics 30, 347-371 (weighted likelihood).
    """
    table = checked_ratings(ratings, level_count)
    rows = np.arange(len(table)) if annotators is None else np.asarray(annotators, dtype=np.int64)
    if rows.shape != (len(table),):
        raise ValueError("annotators holds one code for each row of the ratings")
    amounts, kinds = _checked_weights(weights, table)
    table = np.where(amounts[kinds] > 0, table, -1)
    rated = (table >= 0).any(axis=0)
    # One code for level and weight together, so that units alike in both are fitted as one
    marked = np.where(table >= 0, table * len(amounts) + kinds, -1)[:, rated]
    patterns, inverse, copies = distinct_rows(np.ascontiguousarray(marked.T))
    votes, counted = _votes(patterns, copies, rows, level_count, amounts)
    first = _first_posteriors(votes, start=start, starts=starts, seed=seed)
    fits = expectation_maximisation(
        votes, np.stack([posterior for _, posterior in first]), smoothing, max_iterations
    )
    won = _best(fits)
    named = _relabelled(fits[won])
    posterior = np.tile(named.marginals, (table.shape[1], 1))
    posterior[rated] = named.posterior[inverse]
    return DawidSkene(
        posterior=posterior,
        confusion=named.confusion,
        rests_on=np.asarray(counted.T @ (named.posterior * votes.copies[:, None])),
        marginals=named.marginals,
        log_likelihood=named.log_likelihood,
        start=first[won][0],
        starts=len(first),
        iterations=named.iterations,
        converged=named.converged,
        fits=tuple(
            StartFit(name, fit.log_likelihood, fit.iterations, fit.converged)
            for (name, _), fit in zip(first, fits, strict=True)
        ),
    )


def _checked_weights(weights: FloatArray | None, table: IntArray) -> tuple[FloatArray, IntArray]:
    """The distinct weights, and which of them each rating has (R × U)."""
    if weights is None or not table.size:
        return np.ones(1), np.zeros(table.shape, np.int64)
    given = np.asarray(weights, dtype=np.float64)
    if given.shape != table.shape or not np.isfinite(given).all() or given.min() < 0:
        raise ValueError("weights are one finite number from 0 up for each rating")
    amounts, kinds = np.unique(given, return_inverse=True)
    return amounts, kinds.reshape(table.shape).astype(np.int64)


def _votes(
    patterns: IntArray, copies: IntArray, rows: IntArray, levels: int, amounts: FloatArray
) -> tuple[Votes, sparse.csr_matrix]:
    """The votes of each pattern, and how many ratings each annotator has in it (P × A)."""
    annotators = int(rows.max(initial=-1)) + 1
    unit, row = np.nonzero(patterns >= 0)
    level, kind = np.divmod(patterns[unit, row], len(amounts))
    given = sparse.csr_matrix(
        (amounts[kind], (unit, rows[row] * levels + level)),
        shape=(len(patterns), annotators * levels),
        dtype=np.float64,
    )
    counted = sparse.csr_matrix(
        (np.ones(len(unit)), (unit, rows[row])), shape=(len(patterns), annotators), dtype=np.float64
    )
    return Votes(given, copies.astype(np.float64), annotators, levels), counted


def _first_posteriors(
    votes: Votes, *, start: Start | None, starts: int, seed: int
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


def _best(fits: list[Fit]) -> int:
    """The fit with the best log-likelihood; the earlier one where they are as good as equal."""
    won = 0
    for at, fit in enumerate(fits):
        if fit.log_likelihood > fits[won].log_likelihood + TOLERANCE:
            won = at
    return won


def _relabelled(fit: Fit) -> Fit:
    # right[c, k]: how often annotators say k where the latent class c is true
    right = fit.marginals[:, None] * fit.confusion.sum(axis=0)
    _, names = linear_sum_assignment(-right)
    order = np.argsort(names)
    return Fit(
        fit.posterior[:, order],
        fit.confusion[:, order],
        fit.marginals[order],
        fit.log_likelihood,
        fit.iterations,
        fit.converged,
    )
