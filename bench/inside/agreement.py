"""Agreement: our coefficients and bootstrap against the krippendorff package; from the database to the report."""

import resource
from collections.abc import Callable
from time import perf_counter

import krippendorff
import numpy as np

from bench.inside.filling import answer_everything
from bench.inside.world import SEED, open_world, rate_all
from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement import measured
from ihlannotate.stats.bootstrap import FloatArray, IntArray, cluster_weights, resample
from ihlannotate.stats.reliability import krippendorff_alpha, reliability
from ihlannotate.stats.reliability.coefficients import alpha
from ihlannotate.stats.reliability.tally import read_tally, tally_rows
from ihlannotate.stats.weights import Level

RATERS = 10
LEVELS = 5
MODELS = 8  # responses a prompt, where clustered
COMPARED = 3  # replicates that are drawn again and computed by the package


def bootstrap(*, units: int, clustered: bool, naive: int) -> dict[str, float]:
    """Seconds of a point estimate and of 1,000 replicates, ours and the package's (`naive` replicates, scaled).

    The loop is given the ratings of the units drawn, as one would write it, or their counts, which the package takes
    too and is quicker with. `apart` is the largest difference between our figures and the package's: the point
    estimates at three levels of measurement, and replicates of the same draws.
    """
    ratings = _ratings(units)
    counts = _counts(ratings)
    clusters = np.arange(units) // MODELS if clustered else None
    draws = _draws(units, clusters, naive)

    def loop_on_counts() -> None:
        for drawn in draws:
            _package(np.repeat(counts, drawn, axis=0))

    def loop_on_ratings() -> None:
        for drawn in draws:
            krippendorff.alpha(
                reliability_data=np.repeat(ratings, drawn, axis=1), level_of_measurement="ordinal"
            )

    return {
        "point": quickest(lambda: krippendorff_alpha(counts, "ordinal")),
        "package point": quickest(lambda: _package(counts)),
        "replicates": quickest(
            lambda: reliability(counts, level="ordinal", clusters=clusters, replicates=1000, seed=SEED)
        ),
        "loop on ratings": quickest(loop_on_ratings) * 1000 / naive,
        "loop on counts": quickest(loop_on_counts) * 1000 / naive,
        "apart": max(_levels_apart(counts), _replicates_apart(counts)),
    }


def end_to_end(*, responses: int) -> dict[str, float]:
    """Agreement on one criterion of a study of three annotators, from the database, without and with its detail."""
    study, members = open_world(responses=responses, annotators=3)
    rate_all(study, members)
    report = measured(study, keys=["refusal"], detail=False)
    return {
        "seconds": quickest(lambda: measured(study, keys=["refusal"], detail=False)),
        "with detail": quickest(lambda: measured(study, keys=["refusal"])),
        "annotations": report.criteria[0].reliability.annotations,
    }


def fill_whole(*, responses: int, annotators: int) -> dict[str, float]:
    """A study in which every annotator has answered every criterion of every response; how many answers."""
    study, members = open_world(responses=responses, annotators=annotators, overlap=annotators)
    return {"answers": answer_everything(study, members)}


def whole() -> dict[str, float]:
    """Seconds and peak memory (MB) of agreement on all criteria with levels, in a process that does nothing else."""
    return _whole(detail=False)


def whole_detail() -> dict[str, float]:
    """The same with pairs, slices, drift and all else that is behind the coefficients."""
    return _whole(detail=True)


def _whole(*, detail: bool) -> dict[str, float]:
    study = Study.objects.select_related("rubric").get()
    start = perf_counter()
    report = measured(study, detail=detail)
    return {
        "seconds": perf_counter() - start,
        "peak": _peak(),
        "criteria": len(report.criteria),
        "annotations": sum(one.reliability.annotations for one in report.criteria),
    }


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def quickest(act: Callable[[], object]) -> float:
    """Seconds of the quickest of three turns."""
    seconds = []
    for _ in range(3):
        start = perf_counter()
        act()
        seconds.append(perf_counter() - start)
    return min(seconds)


def _ratings(units: int) -> FloatArray:
    """RATERS ratings of each unit at LEVELS levels, one in ten missing (NaN), mostly at the unit's own level."""
    rng = np.random.default_rng(SEED)
    own = rng.choice(LEVELS, size=units, p=[0.6, 0.15, 0.1, 0.1, 0.05])
    strays = rng.integers(LEVELS, size=(RATERS, units))
    given = np.where(rng.random((RATERS, units)) < 0.75, own, strays)
    return np.where(rng.random((RATERS, units)) < 0.9, given, np.nan)


def _counts(ratings: FloatArray) -> IntArray:
    return np.stack([(ratings == k).sum(axis=0) for k in range(LEVELS)], axis=1)


def _package(counts: IntArray, level: Level = "ordinal") -> float:
    return float(krippendorff.alpha(value_counts=counts, level_of_measurement=level))


def _draws(units: int, clusters: IntArray | None, replicates: int) -> list[IntArray]:
    """How often each unit is in each of a few resamples."""
    count = units if clusters is None else int(clusters[-1]) + 1
    drawn = [
        batch.astype(np.int64) for batch in cluster_weights(count, replicates, np.random.default_rng(SEED))
    ]
    rows = np.concatenate(drawn)
    return list(rows if clusters is None else rows[:, clusters])


def _levels_apart(counts: IntArray) -> float:
    apart = 0.0
    levels: tuple[Level, ...] = ("nominal", "ordinal", "interval")
    for level in levels:
        values = np.arange(LEVELS, dtype=np.float64)
        ours = krippendorff_alpha(counts, level, values if level == "interval" else None)
        assert ours is not None
        apart = max(apart, abs(ours - _package(counts, level)))
    return apart


def _replicates_apart(counts: IntArray) -> float:
    """Our clustered replicates against the package on the same draws."""
    clusters = np.arange(len(counts)) // MODELS
    weights = np.eye(LEVELS)
    sums = resample(
        counts,
        summarise=lambda patterns: tally_rows(patterns, weights),
        clusters=clusters,
        replicates=COMPARED,
        seed=SEED,
    )
    ours: FloatArray = alpha(read_tally(sums.replicates, LEVELS).coincidences, "ordinal")
    theirs = [_package(np.repeat(counts, drawn, axis=0)) for drawn in _draws(len(counts), clusters, COMPARED)]
    return float(np.abs(ours - np.array(theirs)).max())
