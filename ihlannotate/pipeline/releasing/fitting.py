"""Dawid and Skene's model of one criterion, and what a release keeps of it: starts, errors by alias, calibration."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ihlannotate.pipeline.agreement import Ratings
from ihlannotate.pipeline.releasing.settling import DIGITS, TIERS, Settled, Tier
from ihlannotate.readers.rubric import CriterionSpec
from ihlannotate.stats.aggregation import DawidSkene, dawid_skene
from ihlannotate.stats.calibration import Bin, Calibration, calibration_of_posteriors, why_too_few
from ihlannotate.stats.estimate import Estimate

FloatArray = NDArray[np.float64]
Matrix = tuple[tuple[float, ...], ...]
STARTS = 20
SMOOTHING = 0.01
MEASURES = ("brier", "ece", "ece_by_chance")  # of a Calibration


@dataclass(frozen=True)
class Start:
    """Where one start of the fit ended."""

    name: str
    log_likelihood: float
    iterations: int
    converged: bool


@dataclass(frozen=True)
class Errors:
    """What the model says of one annotator, V levels.

    `confusion` (V × V): the probability that they choose a level (column) where another (row) is true. `rests_on`
    (V): the expected number of their `ratings` behind each row.
    """

    alias: str
    ratings: int
    confusion: Matrix
    rests_on: tuple[float, ...]


@dataclass(frozen=True)
class Fit:
    """How the model of one criterion was fitted: the start that won (`start`) and all others, and what was found.

    `marginals` (V): the share of each level among the true ones. `calibration`: the posterior before any adjudication
    against the level that an adjudicator then chose.
    """

    levels: tuple[str, ...]
    start: str
    log_likelihood: float
    iterations: int
    converged: bool
    starts: tuple[Start, ...]
    marginals: tuple[float, ...]
    annotators: tuple[Errors, ...]
    calibration: Calibration

    @property
    def behind(self) -> float:
        """How far the log-likelihood of the worst start lies below the best."""
        return self.log_likelihood - min(one.log_likelihood for one in self.starts)

    def as_dict(self) -> dict[str, Any]:
        """The form in which a release keeps it, as JSON."""
        said = asdict(self)
        found = self.calibration
        said["calibration"] = {
            **asdict(found),
            **{name: _estimate(getattr(found, name)) for name in MEASURES},
            "bins": [_bin(one) for one in found.bins],
        }
        return said

    @classmethod
    def from_dict(cls, said: Mapping[str, Any]) -> "Fit":
        """Read back what `as_dict` wrote, also after JSON."""
        return cls(
            levels=tuple(said["levels"]),
            start=said["start"],
            log_likelihood=said["log_likelihood"],
            iterations=said["iterations"],
            converged=said["converged"],
            starts=tuple(Start(**one) for one in said["starts"]),
            marginals=tuple(said["marginals"]),
            annotators=tuple(
                Errors(one["alias"], one["ratings"], _matrix(one["confusion"]), tuple(one["rests_on"]))
                for one in said["annotators"]
            ),
            calibration=_calibration(said["calibration"]),
        )


def _matrix(rows: Sequence[Sequence[float]]) -> Matrix:
    return tuple(tuple(row) for row in rows)


def _bin(found: Bin) -> dict[str, Any]:
    rounded = {name: _round(getattr(found, name)) for name in ("low", "high", "predicted")}
    return {**rounded, "n": found.n, "observed": _estimate(found.observed)}


def _estimate(found: Estimate) -> dict[str, Any]:
    return {"value": _round(found.value), "ci": [_round(found.low), _round(found.high)], "note": found.note}


def _round(number: float | None) -> float | None:
    return None if number is None else round(number, DIGITS)


def _calibration(said: Mapping[str, Any]) -> Calibration:
    few = why_too_few(said["n"])  # again, so that pages can translate it
    measures = {name: _read(said[name] | ({"note": few} if few else {})) for name in MEASURES}
    bins = tuple(Bin(**{**one, "observed": _read(one["observed"])}) for one in said["bins"])
    return Calibration(**{**said, **measures, "bins": bins})


def _read(said: Mapping[str, Any]) -> Estimate:
    low, high = said["ci"]
    return Estimate(said["value"], low, high, said["note"])


def fitted(
    spec: CriterionSpec, ratings: Ratings, *, weights: FloatArray | None, seed: int
) -> DawidSkene | None:
    """The model of a criterion's ratings, fitted from STARTS random starts of `seed` and the two usual ones.

    `weights` (R × U) is how much each rating counts, None for all alike. None where there are no ratings.
    """
    if not ratings.codes.size:
        return None
    return dawid_skene(
        ratings.codes,
        level_count=len(spec.options),
        weights=weights,
        smoothing=SMOOTHING,
        starts=STARTS,
        seed=seed,
    )


def fit_of(ratings: Ratings, model: DawidSkene, settled: Settled, *, seed: int) -> Fit:
    """What a release keeps of a fitted model. `settled` is of the same ratings; `seed` is of the intervals."""
    given = (ratings.codes >= 0).sum(axis=1).tolist()
    return Fit(
        levels=settled.levels,
        start=model.start,
        log_likelihood=round(model.log_likelihood, DIGITS),
        iterations=model.iterations,
        converged=model.converged,
        starts=tuple(
            Start(one.name, round(one.log_likelihood, DIGITS), one.iterations, one.converged)
            for one in model.fits
        ),
        marginals=_rounded(model.marginals),
        annotators=tuple(
            Errors(alias, given[row], _matrix([_rounded(cells) for cells in confusion]), _rounded(rests_on))
            for row, (alias, confusion, rests_on) in enumerate(
                zip(ratings.aliases, model.confusion, model.rests_on, strict=True)
            )
        ),
        calibration=_calibrated(ratings, model, settled, seed),
    )


def _calibrated(ratings: Ratings, model: DawidSkene, settled: Settled, seed: int) -> Calibration:
    """The posterior of what annotators said against what an adjudicator, who had the last word, then decided."""
    rated = len(model.posterior)
    by_adjudicator = settled.tiers[:rated] == TIERS.index(Tier.ADJUDICATED)
    outcomes = np.where(by_adjudicator, settled.values[:rated], -1)
    return calibration_of_posteriors(model.posterior, outcomes, clusters=ratings.prompts, seed=seed)


def _rounded(numbers: FloatArray) -> tuple[float, ...]:
    return tuple(round(number, DIGITS) for number in numbers.tolist())
