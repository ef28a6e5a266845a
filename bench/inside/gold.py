"""Gold: the model of annotators' errors on ratings in memory, and a release from the database."""

import os
import sys
from importlib import import_module
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.inside.agreement import quickest
from bench.inside.world import SEED, open_world, rate_all
from ihlannotate.models.gold import GoldLabel
from ihlannotate.pipeline.lifecycle import close_study
from ihlannotate.pipeline.releasing import STARTS, release_gold
from ihlannotate.stats.aggregation import dawid_skene, tiers

LEVELS = 3
ANNOTATORS = 3
STEPS = 10  # of both programs, from the same start; neither has come to rest by then


def model(*, units: int) -> dict[str, float]:
    """Dawid and Skene's model with the starts that a release uses, against majority vote over the same ratings."""
    ratings = _ratings(units)
    counts = np.stack([(ratings == k).sum(axis=0) for k in range(LEVELS)], axis=1)
    return {
        "seconds": quickest(lambda: dawid_skene(ratings, level_count=LEVELS, starts=STARTS, seed=SEED)),
        "vote": quickest(lambda: tiers(counts)),
    }


def crowd_kit(*, units: int) -> dict[str, float]:
    """The same steps of the model from the same start, by us and by crowd-kit, which CROWD_KIT says where to find.

    `apart` is the largest difference between our posteriors and theirs. Their table of annotations is made before
    the clock starts.
    """
    sys.path.append(os.environ["CROWD_KIT"])
    model_of = import_module("crowdkit.aggregation").DawidSkene
    table_of = import_module("pandas").DataFrame
    ratings = _ratings(units)
    worker, task = np.indices(ratings.shape).reshape(2, -1)
    table = table_of({"task": task, "worker": worker, "label": ratings.ravel()})

    def ours() -> NDArray[np.float64]:
        fitted = dawid_skene(
            ratings, level_count=LEVELS, smoothing=0, start="proportions", max_iterations=STEPS
        )
        return fitted.posterior

    def theirs() -> Any:
        return model_of(n_iter=STEPS, tol=-np.inf).fit_predict_proba(table)

    return {
        "seconds": quickest(ours),
        "theirs": quickest(theirs),
        "apart": float(np.abs(ours() - theirs().sort_index()[range(LEVELS)].to_numpy()).max()),
    }


def _ratings(units: int) -> NDArray[np.int64]:
    """ANNOTATORS ratings of each unit, mostly of its own level."""
    rng = np.random.default_rng(SEED)
    own = rng.choice(LEVELS, size=units, p=[0.85, 0.05, 0.1])
    strays = rng.integers(LEVELS, size=(ANNOTATORS, units))
    return np.where(rng.random((ANNOTATORS, units)) < 0.8, own, strays)


def release(*, responses: int) -> dict[str, float]:
    """Release the gold of a study of three annotators: the labels of all its criteria."""
    study, members = open_world(responses=responses, annotators=ANNOTATORS)
    rate_all(study, members)
    close_study(study, actor=None)
    start = perf_counter()
    release_gold(study, actor=None)
    return {"seconds": perf_counter() - start, "labels": GoldLabel.objects.count()}
