"""Drift: thirds of the annotators' sequences, and slopes along them."""

import krippendorff
import numpy as np
import pytest
import statsmodels.api as sm

from ihlannotate.stats.reliability import Third, drift


def in_order(ratings: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A random order of their own for every annotator's present ratings: positions and lengths."""
    positions = np.full(ratings.shape, -1)
    for row, given in enumerate(ratings):
        own = np.flatnonzero(given >= 0)
        positions[row, own] = rng.permutation(len(own))
    return positions, (ratings >= 0).sum(axis=1)


@pytest.fixture(scope="module")
def ratings() -> np.ndarray:
    """5 annotators, 120 units, 4 levels, a fifth missing."""
    rng = np.random.default_rng(83)
    truth = rng.integers(4, size=120)
    given = np.where(rng.random((5, 120)) < 0.6, truth, rng.integers(4, size=(5, 120)))
    return np.where(rng.random((5, 120)) < 0.2, -1, given)


def thirds_of(ratings: np.ndarray, positions: np.ndarray, lengths: np.ndarray, which: int) -> np.ndarray:
    """The ratings that fall into one third, written out one by one; -1 elsewhere."""
    kept = np.full(ratings.shape, -1)
    for row in range(len(ratings)):
        for unit in range(ratings.shape[1]):
            place = positions[row, unit]
            if ratings[row, unit] >= 0 and place >= 0 and 3 * place // lengths[row] == which:
                kept[row, unit] = ratings[row, unit]
    return kept


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
def test_each_third_has_the_figures_of_the_ratings_made_in_it(ratings: np.ndarray, level: str) -> None:
    positions, lengths = in_order(ratings, np.random.default_rng(1))
    values = [1.0, 2.0, 5.0, 9.0] if level == "interval" else None
    numbers = np.array(values or [1.0, 2.0, 3.0, 4.0])
    found = drift(ratings, positions, lengths, level_count=4, level=level, values=values, replicates=50)
    for which, third in enumerate(found.thirds):
        own = thirds_of(ratings, positions, lengths, which)
        given = own[own >= 0]
        assert third.annotations == len(given)
        assert third.pairable_units == ((own >= 0).sum(axis=0) >= 2).sum()
        assert third.krippendorff_alpha.value == pytest.approx(
            krippendorff.alpha(
                np.where(own >= 0, numbers[own], np.nan), value_domain=numbers, level_of_measurement=level
            ),
            abs=1e-12,
        )
        assert third.krippendorff_alpha.low < third.krippendorff_alpha.value < third.krippendorff_alpha.high
        assert [one.value for one in third.shares] == pytest.approx([(given == k).mean() for k in range(4)])
        if level == "nominal":
            assert (third.mean.value, third.mean.note) == (None, "the levels are not numbers")
        else:
            assert third.mean.value == pytest.approx(numbers[given].mean())


def test_a_third_is_counted_by_the_annotators_own_items_asked_or_not() -> None:
    ratings = np.array([[-1, -1, 0, -1, 1, -1, -1, -1, 0]])
    positions = np.where(ratings >= 0, np.arange(9), -1)
    found = drift(ratings, positions, np.array([9]), level_count=2, level="nominal", replicates=10)
    assert [third.annotations for third in found.thirds] == [1, 1, 1]
    assert [third.shares[1].value for third in found.thirds] == [0.0, 1.0, 0.0]
    assert found.thirds[0].krippendorff_alpha.note == "no unit has two annotations"


def test_slopes_equal_least_squares_with_an_effect_of_each_annotator(ratings: np.ndarray) -> None:
    positions, lengths = in_order(ratings, np.random.default_rng(2))
    found = drift(ratings, positions, lengths, level_count=4, level="ordinal", replicates=50)
    annotators, units = np.nonzero(ratings >= 0)
    given = ratings[annotators, units]
    design = np.column_stack([positions[annotators, units] / 100, np.eye(5)[annotators]])
    for k, slope in enumerate(found.slopes):
        assert slope.value == pytest.approx(sm.OLS(given == k, design).fit().params[0])
        assert slope.low < slope.value < slope.high
    assert found.slope.value == pytest.approx(sm.OLS(given + 1, design).fit().params[0])
    assert sum(slope.value for slope in found.slopes) == pytest.approx(0.0, abs=1e-12)


def test_a_slope_is_that_of_annotators_who_grow_lenient_not_of_who_rates_more() -> None:
    steady = np.array([[0] * 4 + [-1] * 96, [1] * 100])
    positions = np.where(steady >= 0, np.arange(100), -1)
    lengths = np.array([4, 100])
    found = drift(steady, positions, lengths, level_count=2, level="ordinal", replicates=20)
    assert found.slope.value == 0.0
    growing = np.array([[0] * 50 + [1] * 50])
    found = drift(growing, np.arange(100)[None, :], np.array([100]), level_count=2, level="ordinal")
    assert found.slope.value == pytest.approx(found.slopes[1].value)
    assert 1.0 < found.slope.low < found.slope.value < found.slope.high < 2.0


def test_ratings_without_a_place_are_left_out(ratings: np.ndarray) -> None:
    positions, lengths = in_order(ratings, np.random.default_rng(3))
    unplaced = np.where(positions % 2 == 0, positions, -1)
    placed = np.where(unplaced >= 0, ratings, -1)
    arguments = {"level_count": 4, "level": "ordinal", "replicates": 20}
    assert drift(ratings, unplaced, lengths, **arguments) == drift(placed, positions, lengths, **arguments)


def test_prompts_are_what_is_resampled(ratings: np.ndarray) -> None:
    positions, lengths = in_order(ratings, np.random.default_rng(4))
    arguments = {"level_count": 4, "level": "nominal", "replicates": 400}
    twice = np.concatenate([ratings, ratings], axis=1)
    again = np.concatenate([positions, positions], axis=1)
    prompts = np.concatenate([np.arange(120), np.arange(120)])
    one = drift(ratings, positions, lengths, clusters=np.arange(120), **arguments)
    both = drift(twice, again, lengths, clusters=prompts, **arguments)
    assert both.slopes[0].high - both.slopes[0].low == pytest.approx(
        one.slopes[0].high - one.slopes[0].low, rel=0.1
    )
    assert both.thirds[1].shares[0].low == pytest.approx(one.thirds[1].shares[0].low, abs=0.03)


def test_the_interval_of_a_slope_covers_a_slope_of_nothing() -> None:
    rng = np.random.default_rng(5)
    covered = 0
    for _ in range(200):
        ratings = rng.integers(2, size=(4, 1)) ^ (rng.random((4, 30)) < 0.3)
        positions, lengths = in_order(ratings, rng)
        slope = drift(ratings, positions, lengths, level_count=2, level="nominal", replicates=200).slopes[1]
        covered += slope.low <= 0.0 <= slope.high
    assert 0.89 <= covered / 200 <= 0.98


def test_nothing_in_order_says_so() -> None:
    def reasons(third: Third) -> list[str]:
        return [third.krippendorff_alpha.note, third.shares[0].note, third.mean.note]

    none = np.full((2, 3), -1)
    for ratings in (none, np.array([[0, 1, 1], [0, 0, 1]]), none[:, :0], none[:0]):
        places = np.full(ratings.shape, -1)
        found = drift(ratings, places, np.zeros(len(ratings), int), level_count=2, level="ordinal")
        for third in found.thirds:
            assert (third.annotations, third.pairable_units) == (0, 0)
            assert reasons(third) == [
                "no unit has two annotations",
                "no annotation has a place in this third",
                "no annotation has a place in this third",
            ]
        for slope in (*found.slopes, found.slope):
            assert slope.note == "no annotator has two annotations with a place in their sequence"


def test_positions_that_do_not_fit_are_refused() -> None:
    ratings, ends = np.zeros((2, 3), int), np.array([3, 3])
    for places, lengths, message in (
        (np.zeros((2, 2), int), ends, "of their shape"),
        (np.zeros((2, 3), int), ends[:1], "a length for each"),
        (np.zeros((2, 3)), ends, "whole numbers"),
        (np.full((2, 3), 3), ends, "less 1"),
        (np.full((2, 3), -2), ends, "less 1"),
    ):
        with pytest.raises(ValueError, match=message):
            drift(ratings, places, lengths, level_count=2, level="nominal")
