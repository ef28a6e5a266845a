"""Gold: the model of annotators' errors on ratings in memory, and a release from the database."""

from time import perf_counter

import numpy as np

from bench.inside.agreement import quickest
from bench.inside.world import SEED, open_world, rate_all
from ihlannotate.models.gold import GoldLabel
from ihlannotate.pipeline.lifecycle import close_study
from ihlannotate.pipeline.releasing import STARTS, release_gold
from ihlannotate.stats.aggregation import dawid_skene, tiers

LEVELS = 3
ANNOTATORS = 3


def model(*, units: int) -> dict[str, float]:
    """Dawid and Skene's model with the starts that a release uses, against majority vote over the same ratings."""
    rng = np.random.default_rng(SEED)
    own = rng.choice(LEVELS, size=units, p=[0.85, 0.05, 0.1])
    strays = rng.integers(LEVELS, size=(ANNOTATORS, units))
    ratings = np.where(rng.random((ANNOTATORS, units)) < 0.8, own, strays)
    counts = np.stack([(ratings == k).sum(axis=0) for k in range(LEVELS)], axis=1)
    return {
        "seconds": quickest(lambda: dawid_skene(ratings, level_count=LEVELS, starts=STARTS, seed=SEED)),
        "vote": quickest(lambda: tiers(counts)),
    }


def release(*, responses: int) -> dict[str, float]:
    """Release the gold of a study of three annotators: the labels of all its criteria."""
    study, members = open_world(responses=responses, annotators=ANNOTATORS)
    rate_all(study, members)
    close_study(study, actor=None)
    start = perf_counter()
    release_gold(study, actor=None)
    return {"seconds": perf_counter() - start, "labels": GoldLabel.objects.count()}
