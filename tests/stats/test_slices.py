"""Slices have the reliability of their own units, and share their replicates."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ihlannotate.stats.bootstrap import resample, resample_rows
from ihlannotate.stats.parts import resample_subsets
from ihlannotate.stats.reliability import reliability, reliability_by_slice, slices_of


@pytest.fixture(scope="module")
def counts() -> np.ndarray:
    """120 units at three levels, up to four annotations each."""
    rng = np.random.default_rng(41)
    own = rng.integers(3, size=120)
    table = rng.multinomial(1, [1 / 3] * 3, size=120) * rng.integers(0, 2, size=(120, 1))
    table[np.arange(120), own] += rng.integers(0, 4, size=120)
    return table


def values(found: object) -> dict[str, float | None]:
    names = ("percent_agreement", "krippendorff_alpha", "gwet_ac", "fleiss_kappa")
    return {name: getattr(found, name).value for name in names}


@pytest.mark.parametrize("clustered", [True, False])
def test_a_slice_has_the_figures_of_its_units(counts: np.ndarray, clustered: bool) -> None:
    clusters = np.arange(120) // 4 if clustered else None
    group = np.arange(120) % 3
    for code, found in enumerate(
        reliability_by_slice(counts, slices_of(group, 3), level="ordinal", clusters=clusters, replicates=50)
    ):
        own = group == code
        alone = reliability(
            counts[own], level="ordinal", clusters=None if clusters is None else clusters[own], replicates=50
        )
        assert values(found) == pytest.approx(values(alone), abs=1e-12)
        assert (found.units, found.pairable_units, found.annotations, found.clusters) == (
            alone.units,
            alone.pairable_units,
            alone.annotations,
            alone.clusters,
        )
        assert [one.value for _, one in found.per_category] == pytest.approx(
            [one.value for _, one in alone.per_category], abs=1e-12
        )


@pytest.mark.parametrize("clustered", [True, False])
def test_the_slice_of_everything_is_the_reliability(counts: np.ndarray, clustered: bool) -> None:
    clusters = np.arange(120) // 4 if clustered else None
    whole = reliability(counts, level="nominal", clusters=clusters, replicates=100, seed=4)
    (found,) = reliability_by_slice(
        counts, np.ones((1, 120), bool), level="nominal", clusters=clusters, replicates=100, seed=4
    )
    assert found == whole


@pytest.mark.parametrize("clustered", [True, False])
def test_slices_of_a_replicate_add_up_to_the_whole(counts: np.ndarray, clustered: bool) -> None:
    clusters = np.arange(120) // 4 if clustered else None
    parts = slices_of(np.arange(120) % 5, 5)
    found = resample_subsets(
        counts, subsets=np.concatenate([parts, np.ones((1, 120), bool)]), summarise=np.float64,
        clusters=clusters, replicates=30, seed=2,
    )  # fmt: skip
    assert sum(sums.replicates for sums in found[:5]) == pytest.approx(found[5].replicates)
    if clustered:
        alone = resample(counts, summarise=np.float64, clusters=clusters, replicates=30, seed=2)
        assert (found[5].replicates == alone.replicates).all()


def test_slices_may_overlap_and_be_empty(counts: np.ndarray) -> None:
    slices = np.stack([np.ones(120, bool), np.arange(120) < 60, np.zeros(120, bool)])
    whole, half, nothing = reliability_by_slice(counts, slices, level="nominal", replicates=20)
    assert whole.units > half.units > nothing.units == 0
    assert nothing.krippendorff_alpha.note == "no unit has two annotations"
    assert (nothing.clusters, nothing.annotations) == (0, 0)


def test_each_slice_gives_its_own_reason() -> None:
    counts = np.array([[2, 0], [2, 0], [1, 0], [0, 1], [1, 1], [0, 2]])
    found = reliability_by_slice(counts, slices_of(np.arange(6) // 2, 3), level="nominal", replicates=50)
    assert [one.krippendorff_alpha.note for one in found[:2]] == [
        "no variation: all paired annotations are of one level",
        "no unit has two annotations",
    ]
    assert found[2].krippendorff_alpha.value is not None


def test_a_slice_within_one_prompt_has_no_interval() -> None:
    counts = np.array([[2, 0], [1, 1], [0, 2], [1, 1]])
    first, second = reliability_by_slice(
        counts, slices_of(np.array([0, 0, 1, 1]), 2), level="nominal", clusters=np.array([0, 0, 1, 2])
    )
    assert (first.clusters, second.clusters) == (1, 2)
    assert first.krippendorff_alpha.low is None
    assert "one prompt only" in first.percent_agreement.note


def test_slices_of_another_length_are_refused(counts: np.ndarray) -> None:
    with pytest.raises(ValueError, match="120 units"):
        reliability_by_slice(counts, np.ones((2, 5), bool), level="nominal")


@given(
    counts=arrays(np.int64, st.tuples(st.integers(0, 9), st.integers(1, 3)), elements=st.integers(0, 3)),
    seed=st.integers(0, 99),
    clustered=st.booleans(),
)
@settings(deadline=None, max_examples=50)
def test_whatever_is_missing_every_slice_is_a_value_or_a_reason(
    counts: np.ndarray, seed: int, clustered: bool
) -> None:
    rng = np.random.default_rng(seed)
    slices = rng.random((3, len(counts))) < 0.5
    clusters = rng.integers(3, size=len(counts)) if clustered else None
    for mask, found in zip(
        slices,
        reliability_by_slice(counts, slices, level="interval", clusters=clusters, replicates=20),
        strict=True,
    ):
        alone = reliability(counts[mask], level="interval", replicates=5)
        assert values(found) == pytest.approx(values(alone), abs=1e-9)


def test_rows_of_numbers_are_resampled_as_patterns_are() -> None:
    rng = np.random.default_rng(3)
    units = rng.integers(5, size=(40, 2))
    clusters = np.arange(40) // 2
    found = resample_rows(units.astype(float), clusters=clusters, replicates=20, seed=6)
    expected = resample(units, summarise=np.float64, clusters=clusters, replicates=20, seed=6)
    assert found.total == pytest.approx(expected.total)
    assert found.replicates == pytest.approx(expected.replicates)
    assert found.clusters == expected.clusters == 20
    alone = resample_rows(np.ones((7, 1)), replicates=9)
    assert (alone.replicates == 7).all()
    assert resample_rows(np.zeros((0, 2))).replicates.shape == (0, 2)
