"""Annotators against themselves: first occasion against second."""

import krippendorff
import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from ihlannotate.stats.reliability import intra_annotator


@pytest.fixture(scope="module")
def repeats() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """First and second rating of 90 repeats at four levels, and whose they are."""
    rng = np.random.default_rng(61)
    first = rng.integers(4, size=90)
    return first, np.where(rng.random(90) < 0.7, first, rng.integers(4, size=90)), np.arange(90) % 3


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
def test_each_annotator_and_all_equal_the_reference_packages(
    repeats: tuple[np.ndarray, np.ndarray, np.ndarray], level: str
) -> None:
    first, second, whose = repeats
    found = intra_annotator(
        first, second, whose, annotator_count=3, level_count=4, level=level, replicates=50
    )
    assert [one.annotator for one in found.per_annotator] == [0, 1, 2]
    for one in (found.pooled, *found.per_annotator):
        own = np.ones(90, bool) if one.annotator is None else whose == one.annotator
        a, b = first[own], second[own]
        assert one.n == own.sum()
        assert one.percent_agreement.value == pytest.approx((a == b).mean())
        assert one.krippendorff_alpha.value == pytest.approx(
            krippendorff.alpha(np.stack([a, b]), value_domain=[0, 1, 2, 3], level_of_measurement=level)
        )
        assert one.cohen_kappa.value == pytest.approx(cohen_kappa_score(a, b))
        assert one.cohen_kappa.low < one.cohen_kappa.value < one.cohen_kappa.high
        if level == "nominal":
            assert (one.weighted_kappa.value, one.weighted_kappa.note) == (None, "nominal")
        else:
            assert one.weighted_kappa.value == pytest.approx(cohen_kappa_score(a, b, weights="quadratic"))


def test_a_repeat_without_both_ratings_is_left_out() -> None:
    found = intra_annotator(
        np.array([0, 1, -1, 1]), np.array([0, -1, 1, 0]), np.zeros(4, int),
        annotator_count=2, level_count=2, level="nominal", clusters=np.array([1, 1, 2, 3]),
    )  # fmt: skip
    assert (found.pooled.n, found.pooled.clusters, found.pooled.percent_agreement.value) == (2, 2, 0.5)
    assert found.per_annotator[1].percent_agreement.note == "nothing was rated twice"
    assert found.per_annotator[1].krippendorff_alpha.note == "nothing was rated twice"


def test_one_level_only_agrees_but_has_no_chance_corrected_figure() -> None:
    same = np.zeros(5, int)
    found = intra_annotator(same, same, same, annotator_count=1, level_count=2, level="ordinal").pooled
    assert found.percent_agreement.value == 1.0
    for one in (found.krippendorff_alpha, found.cohen_kappa, found.weighted_kappa):
        assert (one.value, one.note) == (None, "no variation: both occasions gave one and the same level")


def test_nothing_repeated_and_one_prompt_say_so() -> None:
    none = np.zeros(0, int)
    found = intra_annotator(none, none, none, annotator_count=1, level_count=2, level="nominal")
    assert (found.pooled.n, found.pooled.cohen_kappa.note) == (0, "nothing was rated twice")
    first, second = np.array([0, 1, 1]), np.array([0, 1, 0])
    one = intra_annotator(
        first,
        second,
        np.zeros(3, int),
        annotator_count=1,
        level_count=2,
        level="nominal",
        clusters=np.ones(3, int),
    ).pooled
    assert one.percent_agreement.low is None
    assert "one prompt only" in one.percent_agreement.note


def test_columns_that_do_not_fit_are_refused() -> None:
    a = np.zeros(3, int)
    for whose, message in ((a[:2], "one length"), (a - 1, "has an annotator"), (a + 1, "between -1")):
        with pytest.raises(ValueError, match=message):
            intra_annotator(a, a, whose, annotator_count=1, level_count=2, level="nominal")
