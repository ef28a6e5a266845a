"""Pairs of annotators and alpha without each of them."""

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from ihlannotate.stats.reliability import leave_one_out, pairwise, rating_counts, reliability


@pytest.fixture(scope="module")
def ratings() -> np.ndarray:
    """Four annotators, 90 units, three levels, a quarter missing."""
    rng = np.random.default_rng(21)
    truth = rng.integers(3, size=90)
    given = np.where(rng.random((4, 90)) < 0.7, truth, rng.integers(3, size=(4, 90)))
    given[rng.random(given.shape) < 0.25] = -1
    return given


def test_leave_one_out_of_krippendorff_2011(cases: dict[str, Any]) -> None:
    case = cases["krippendorff_2011_C"]
    codes = np.array(
        [[-1 if value is None else value - 1 for value in rater] for rater in case["raters_x_units"]]
    )
    found = leave_one_out(codes, level_count=5, level="ordinal", replicates=10)
    expected = case["leave_one_rater_out_ordinal_computed"].values()
    assert [annotator for annotator, _ in found] == [0, 1, 2, 3]
    assert [one.value for _, one in found] == pytest.approx(list(expected), abs=1e-12)


def test_leaving_one_out_is_the_reliability_of_the_others(ratings: np.ndarray) -> None:
    clusters = np.arange(90) // 3
    found = leave_one_out(ratings, level_count=3, level="nominal", clusters=clusters, seed=3)
    others = reliability(rating_counts(ratings[1:], 3), level="nominal", clusters=clusters, seed=3)
    assert found[0] == (0, others.krippendorff_alpha)


def test_pairs_are_all_pairs_in_order_with_the_units_in_common(ratings: np.ndarray) -> None:
    found = pairwise(ratings, level_count=3, level="nominal", replicates=10)
    assert [(pair.a, pair.b) for pair in found] == [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    assert [pair.n for pair in found] == [
        int(((ratings[pair.a] >= 0) & (ratings[pair.b] >= 0)).sum()) for pair in found
    ]


def test_kappas_of_a_pair_equal_scikit_learn(ratings: np.ndarray) -> None:
    for pair in pairwise(ratings, level_count=3, level="ordinal", replicates=10):
        common = (ratings[pair.a] >= 0) & (ratings[pair.b] >= 0)
        first, second = ratings[pair.a][common], ratings[pair.b][common]
        assert pair.percent_agreement.value == pytest.approx((first == second).mean(), abs=1e-12)
        assert pair.cohen_kappa.value == pytest.approx(cohen_kappa_score(first, second), abs=1e-12)
        squared = cohen_kappa_score(first, second, weights="quadratic")
        assert pair.weighted_kappa.value == pytest.approx(squared, abs=1e-12)


def test_quadratic_weights_follow_the_values_of_interval_levels(ratings: np.ndarray) -> None:
    by_rank, spaced, even = (
        pairwise(ratings, level_count=3, level=level, values=values, replicates=10)[0].weighted_kappa.value
        for level, values in (("ordinal", [0, 1, 9]), ("interval", [0, 1, 9]), ("interval", [2, 4, 6]))
    )
    assert by_rank == pytest.approx(even, abs=1e-12)
    assert spaced != pytest.approx(even, abs=1e-3)


def test_nominal_pairs_have_no_weighted_kappa(ratings: np.ndarray) -> None:
    pair = pairwise(ratings, level_count=3, level="nominal", replicates=10)[0]
    assert (pair.weighted_kappa.value, pair.weighted_kappa.note) == (None, "nominal")


def test_prompts_widen_the_interval_of_a_pair() -> None:
    rng = np.random.default_rng(22)
    prompts = rng.integers(2, size=(2, 100))
    repeated = np.repeat(prompts, 6, axis=1)
    by_unit, by_prompt = (
        pairwise(repeated, level_count=2, level="nominal", clusters=clusters)[0].percent_agreement
        for clusters in (None, np.repeat(np.arange(100), 6))
    )
    assert by_prompt.high - by_prompt.low > 2 * (by_unit.high - by_unit.low)


def test_all_pairs_come_from_one_draw_of_the_prompts(ratings: np.ndarray) -> None:
    prompts = np.arange(90) // 3
    twice = np.stack([ratings[0], ratings[1], ratings[0], ratings[1]])
    found = pairwise(twice, level_count=3, level="ordinal", clusters=prompts, replicates=50)
    same = [pair for pair in found if {pair.a % 2, pair.b % 2} == {0, 1}]
    assert len(same) == 4
    assert len({(pair.percent_agreement, pair.cohen_kappa, pair.weighted_kappa) for pair in same}) == 1


def test_no_unit_in_common_is_said() -> None:
    apart = np.array([[0, 1, -1, -1], [-1, -1, 1, 0]])
    pair = pairwise(apart, level_count=2, level="ordinal")[0]
    assert pair.n == 0
    for estimate in (pair.percent_agreement, pair.cohen_kappa, pair.weighted_kappa):
        assert (estimate.value, estimate.note) == (None, "no unit in common")


def test_a_pair_without_variation_agrees_but_has_no_kappa() -> None:
    pair = pairwise(np.zeros((2, 5), int), level_count=2, level="ordinal")[0]
    assert pair.percent_agreement.value == 1.0
    assert (pair.cohen_kappa.value, pair.cohen_kappa.note) == (
        None,
        "no variation: both gave one and the same level",
    )


def test_without_the_second_of_two_annotators_there_is_no_alpha() -> None:
    found = leave_one_out(np.array([[0, 1, 0], [0, 1, 1]]), level_count=2, level="nominal")
    assert [one.note for _, one in found] == ["no unit has two annotations"] * 2


@pytest.mark.parametrize("shape", [(0, 5), (1, 5), (3, 0)])
def test_nobody_or_nothing_to_pair_is_no_error(shape: tuple[int, int]) -> None:
    nothing = np.full(shape, -1)
    assert all(pair.n == 0 for pair in pairwise(nothing, level_count=2, level="nominal"))
    assert all(one.value is None for _, one in leave_one_out(nothing, level_count=2, level="nominal"))


@pytest.mark.parametrize("code", [-2, 3])
def test_codes_that_are_no_levels_are_refused(code: int) -> None:
    with pytest.raises(ValueError, match="between -1"):
        pairwise(np.array([[0, code], [1, 1]]), level_count=3, level="nominal")
