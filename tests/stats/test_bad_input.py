"""Thin, one-sided and missing data: every figure is a number or says why it is none, and numpy never warns."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import cohen_kappa_score

from ihlannotate.stats.aggregation import dawid_skene, tiers
from ihlannotate.stats.disagreement import confusions, disagreement_by_unit
from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.reliability import (
    drift,
    intra_annotator,
    krippendorff_alpha,
    leave_one_out,
    leave_one_out_sets,
    pairwise,
    rating_counts,
    reliability,
    reliability_by_slice,
    set_reliability,
    slices_of,
)

V = 4  # levels; three of them are used at most, so that one never is
NOTHING = np.full((3, 5), -1)
NAMED = {
    "nobody": NOTHING[:0],
    "nothing": NOTHING[:, :0],
    "missing everywhere": NOTHING,
    "one annotator": np.array([[0, 1, 2, 1, -1]]),
    "no pairable unit": np.array([[0, 1, -1, -1], [-1, -1, 2, 0]]),
    "all the same": np.full((3, 5), 1),
    "two units": np.array([[0, 1], [0, 2], [1, 1]]),
    "one unit": np.array([[0], [2]]),
    "ties everywhere": np.array([[0, 1, 2, 0], [1, 2, 0, 2]]),
    "one pair among singles": np.array([[0, 1, 2, 0, 1], [-1, -1, -1, -1, 1]]),
}
ratings_tables = st.tuples(st.integers(0, 4), st.integers(0, 7)).flatmap(
    lambda shape: arrays(np.int64, shape, elements=st.sampled_from([-1, -1, 0, 1, 2]))
)
prompts = st.sampled_from(["own", "shared", "one"])
levels = st.sampled_from(["nominal", "ordinal", "interval"])


def clusters_of(kind: str, units: int) -> np.ndarray | None:
    return {"own": None, "shared": np.arange(units) // 2, "one": np.zeros(units, int)}[kind]


def estimates_in(found: Any) -> Iterator[Estimate]:
    """Every Estimate within dataclasses, tuples and lists; and no number on the way is NaN or infinite."""
    if isinstance(found, Estimate):
        yield found
    elif is_dataclass(found):
        for field in fields(found):
            yield from estimates_in(getattr(found, field.name))
    elif isinstance(found, tuple | list):
        for one in found:
            yield from estimates_in(one)
    elif isinstance(found, float | np.ndarray):
        assert np.isfinite(found).all()


def everything_about(table: np.ndarray, level: Any, kind: str, v: int = V) -> Iterator[Any]:
    """The results of every public measurement on one table of ratings at `v` levels."""
    annotators, units = table.shape
    shared: dict[str, Any] = {"clusters": clusters_of(kind, units), "replicates": 12, "seed": 3}
    scaled: dict[str, Any] = {"level": level, "values": [1.0, 2.0, 4.0, 8.0][:v], **shared}
    counts = rating_counts(table, v)
    members = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], bool)
    yield reliability(counts, **scaled)
    yield reliability_by_slice(counts, slices_of(np.arange(units) % 3, 3), **scaled)
    yield pairwise(table, level_count=v, **scaled)
    yield leave_one_out(table, level_count=v, **scaled)
    yield set_reliability(table, members, **shared)
    yield leave_one_out_sets(table, members, **shared)
    places = np.where(table >= 0, np.arange(units), -1)
    yield drift(table, places, np.full(annotators, units), level_count=v, **scaled)
    yield disagreement_by_unit(counts)
    yield confusions(counts)
    yield tiers(counts)
    yield dawid_skene(table, level_count=v, starts=2)
    first = table[0] if annotators else np.full(units, -1)
    yield intra_annotator(
        first, first[::-1].copy(), np.zeros(units, int), annotator_count=1, level_count=v, **scaled
    )


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
@pytest.mark.parametrize("kind", ["own", "shared", "one"])
@pytest.mark.parametrize("name", NAMED)
def test_a_named_misfortune_gives_figures_or_reasons(name: str, kind: str, level: str) -> None:
    check_all(NAMED[name], level, kind)


@given(table=ratings_tables, level=levels, kind=prompts)
@settings(deadline=None, max_examples=60)
def test_whatever_is_missing_gives_figures_or_reasons(table: np.ndarray, level: str, kind: str) -> None:
    check_all(table, level, kind)


@given(table=ratings_tables, level=levels, kind=prompts)
@settings(deadline=None, max_examples=20)
def test_a_criterion_of_one_level_gives_figures_or_reasons(table: np.ndarray, level: str, kind: str) -> None:
    check_all(np.minimum(table, 0), level, kind, v=1)


def check_all(table: np.ndarray, level: str, kind: str, v: int = V) -> None:
    for result in everything_about(table, level, kind, v):
        for estimate in estimates_in(result):
            if estimate.value is None:
                assert estimate.note
                assert estimate.low is estimate.high is None
            else:
                assert np.isfinite(estimate.value)
                assert (estimate.low is None) == (estimate.high is None)
                assert estimate.low is None or estimate.low <= estimate.high
                assert estimate.low is not None or estimate.note


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("nobody", "no unit has two annotations"),
        ("nothing", "no unit has two annotations"),
        ("missing everywhere", "no unit has two annotations"),
        ("one annotator", "no unit has two annotations"),
        ("no pairable unit", "no unit has two annotations"),
        ("all the same", "no variation: all paired annotations are of one level"),
        ("one pair among singles", "no variation: all paired annotations are of one level"),
    ],
)
def test_alpha_says_why_it_is_undefined(name: str, reason: str) -> None:
    found = reliability(rating_counts(NAMED[name], V), level="ordinal", replicates=5)
    assert (found.krippendorff_alpha.value, found.krippendorff_alpha.note) == (None, reason)


@pytest.mark.parametrize("name", ["two units", "one unit", "ties everywhere"])
def test_little_is_enough_for_a_value_and_a_level_never_used_has_none(name: str) -> None:
    found = reliability(rating_counts(NAMED[name], V), level="nominal", replicates=5)
    assert found.krippendorff_alpha.value is not None
    assert found.per_category[3][1].note == "no variation: no paired annotation is of this level"


@given(table=ratings_tables, kind=prompts)
@settings(deadline=None, max_examples=60)
def test_pairs_equal_scikit_learn_whatever_is_missing(table: np.ndarray, kind: str) -> None:
    found = pairwise(
        table, level_count=V, level="ordinal", clusters=clusters_of(kind, table.shape[1]), replicates=5
    )
    for pair in found:
        both = (table[pair.a] >= 0) & (table[pair.b] >= 0)
        a, b = table[pair.a][both], table[pair.b][both]
        assert pair.n == both.sum()
        if len(np.unique([a, b])) < 2:
            assert pair.cohen_kappa.value is pair.weighted_kappa.value is None
            continue
        assert pair.cohen_kappa.value == pytest.approx(cohen_kappa_score(a, b), abs=1e-12)
        squared = cohen_kappa_score(a, b, labels=list(range(V)), weights="quadratic")
        assert pair.weighted_kappa.value == pytest.approx(squared, abs=1e-12)


@given(table=ratings_tables, kind=prompts)
@settings(deadline=None, max_examples=60)
def test_every_part_has_the_alpha_of_its_own_counts(table: np.ndarray, kind: str) -> None:
    units = table.shape[1]
    shared: dict[str, Any] = {"level": "ordinal", "clusters": clusters_of(kind, units), "replicates": 5}

    def alpha(part: np.ndarray) -> float | None:
        return krippendorff_alpha(rating_counts(part, V), "ordinal")

    for row, estimate in leave_one_out(table, level_count=V, **shared):
        assert estimate.value == pytest.approx(alpha(np.delete(table, row, axis=0)), abs=1e-12)
    slices = slices_of(np.arange(units) % 3, 3)
    for own, one in zip(slices, reliability_by_slice(rating_counts(table, V), slices, **shared), strict=True):
        assert one.krippendorff_alpha.value == pytest.approx(alpha(table[:, own]), abs=1e-12)
