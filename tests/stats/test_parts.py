"""Parts of the data share the draws of one bootstrap."""

import numpy as np
import pytest

from ihlannotate.stats import parts
from ihlannotate.stats.bootstrap import Sums, cluster_weights, resample
from ihlannotate.stats.parts import resample_parts

PROMPTS = np.repeat(np.arange(30), 4)


def as_floats(patterns: np.ndarray) -> np.ndarray:
    return patterns.astype(float)


def some_parts() -> list[tuple[np.ndarray, np.ndarray]]:
    """A part of everything, one of every third unit, one of a few prompts, one of a single unit, an empty one."""
    rng = np.random.default_rng(51)
    chosen = [np.arange(120), np.arange(0, 120, 3), np.arange(8), np.array([77]), np.arange(0)]
    return [(own, rng.integers(4, size=(len(own), 2))) for own in chosen]


def found_in(clusters: np.ndarray | None) -> list[Sums]:
    return list(
        resample_parts(some_parts(), units=120, summarise=as_floats, clusters=clusters, replicates=40, seed=5)
    )


def test_a_replicate_of_each_part_sums_its_units_among_the_prompts_drawn() -> None:
    (drawn,) = cluster_weights(30, 40, np.random.default_rng(5))
    found = found_in(PROMPTS)
    assert [one.clusters for one in found] == [30, 30, 2, 1, 0]
    for (own, known), sums in zip(some_parts(), found, strict=True):
        assert (sums.total == known.sum(axis=0)).all()
        assert (sums.replicates == drawn[:, PROMPTS[own]] @ known).all()


def test_parts_of_everything_are_what_resample_gives() -> None:
    own, known = some_parts()[0]
    for clusters in (PROMPTS, None):
        alone = resample(known, summarise=as_floats, clusters=clusters, replicates=40, seed=5)
        first = found_in(clusters)[0]
        assert (first.replicates == alone.replicates).all()
        assert first.clusters == alone.clusters == (30 if clusters is PROMPTS else len(own))


def test_how_many_parts_are_held_at_once_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = found_in(PROMPTS)
    monkeypatch.setattr(parts, "_HELD_CELLS", 1)
    for one, other in zip(whole, found_in(PROMPTS), strict=True):
        assert (one.replicates == other.replicates).all()


def test_no_parts_and_no_units_are_no_error() -> None:
    assert list(resample_parts([], units=0, summarise=as_floats, clusters=np.zeros(0, int))) == []
    empty = (np.zeros(0, int), np.zeros((0, 2), int))
    for clusters in (None, np.zeros(0, int)):
        (sums,) = resample_parts([empty], units=0, summarise=as_floats, clusters=clusters)
        assert (sums.total.tolist(), sums.clusters, len(sums.replicates)) == ([0.0, 0.0], 0, 0)
