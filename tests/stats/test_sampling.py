"""Samples: allocation, known probabilities, and estimates that are right once they are weighed by them."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ihlannotate.stats.effects import paired_means, paired_rates
from ihlannotate.stats.means import clustered_mean
from ihlannotate.stats.prevalence import ppi_mean
from ihlannotate.stats.sampling import SPLITS, allocation, draw, least_sure, split_of


def test_an_allocation_is_proportional_with_the_largest_remainders() -> None:
    # By hand: 11·(45, 35, 20)/100 = 4.95, 3.85, 2.2: floors 4, 3, 2 and two left, for .95 and .85
    assert allocation(np.array([45, 35, 20]), 11).tolist() == [5, 4, 2]


def test_a_small_stratum_gets_one_and_a_full_one_no_more_than_it_has() -> None:
    assert allocation(np.array([1000, 1, 0]), 10).tolist() == [9, 1, 0]
    assert allocation(np.array([10, 100]), 50, np.array([100.0, 1.0])).tolist() == [10, 40]


@given(st.lists(st.tuples(st.integers(0, 60), st.floats(0.05, 20)), min_size=1, max_size=12), st.floats(0, 1))
def test_an_allocation_adds_up_within_its_bounds(strata: list[tuple[int, float]], place: float) -> None:
    sizes, factors = np.array([size for size, _ in strata]), np.array([factor for _, factor in strata])
    least = int((sizes > 0).sum())
    target = least + round(place * (int(sizes.sum()) - least))
    taken = allocation(sizes, target, factors)
    assert taken.sum() == target
    assert (taken >= np.minimum(sizes, 1)).all()
    assert (taken <= sizes).all()


@pytest.mark.parametrize(
    ("target", "factors"),
    [(1, [1.0, 1.0]), (21, [1.0, 1.0]), (5, [0.0, 1.0]), (5, [np.nan, 1.0]), (5, [1.0])],
)
def test_an_impossible_allocation_is_refused(target: int, factors: list[float]) -> None:
    with pytest.raises(ValueError, match=r"strat"):
        allocation(np.array([10, 10]), target, np.array(factors))


def test_least_sure_are_the_quarter_nearest_to_one_half_on_either_side() -> None:
    probabilities = np.array([0.0, 0.1, 0.35, 0.6, 0.8, 0.9, 0.95, 1.0])
    assert np.flatnonzero(least_sure(probabilities)).tolist() == [2, 3]
    assert (least_sure(probabilities) == least_sure(1 - probabilities)).all()


def test_verdicts_that_are_just_as_near_to_one_half_are_among_the_least_sure() -> None:
    # .3 and .7 lie at the same distance, though not by floating point
    assert np.flatnonzero(least_sure(np.array([0.3, 0.7, 0.7, 0.99]))).tolist() == [0, 1, 2]
    assert least_sure(np.array([0.9, 0.9])).all()
    assert least_sure(np.array([0.2])).all()


def test_the_same_seed_draws_the_same_sample_with_the_probabilities_it_states() -> None:
    strata = np.random.default_rng(3).integers(4, size=200)
    found = draw(strata, target=60, seed=5)
    assert (found.chosen == draw(strata, target=60, seed=5).chosen).all()
    assert (found.chosen != draw(strata, target=60, seed=6).chosen).any()
    assert found.chosen.sum() == 60
    for stratum in range(4):
        own = strata == stratum
        assert found.chosen[own].sum() == found.taken[stratum]
        assert set(found.probabilities[own]) == {found.taken[stratum] / own.sum()}


def test_every_unit_is_chosen_as_often_as_its_probability_says() -> None:
    strata = np.array([0] * 8 + [1] * 3 + [2])
    drawn = [draw(strata, target=6, factors=np.array([1.0, 2.0, 1.0]), seed=seed) for seed in range(4000)]
    often = np.mean([one.chosen for one in drawn], axis=0)
    assert np.abs(often - drawn[0].probabilities).max() < 0.03


def test_horvitz_thompson_is_exactly_unbiased_over_every_sample_of_a_small_population() -> None:
    strata = np.array([0, 0, 0, 0, 1, 1, 2])
    values = np.array([3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0])
    found = draw(strata, target=4, seed=0)
    assert found.taken.tolist() == [2, 1, 1]
    samples = [
        np.array(chosen)
        for chosen in product([0, 1], repeat=7)
        if np.bincount(strata, chosen, minlength=3).tolist() == found.taken.tolist()
    ]
    # Each of the 6·2·1 samples is equally likely
    assert len(samples) == 12
    totals = [float((values * chosen / found.probabilities).sum()) for chosen in samples]
    assert np.mean(totals) == pytest.approx(values.sum(), abs=1e-12)


def oversampled(seed: int) -> tuple[float, float, bool]:
    """Share of refusals where judge positives are oversampled: unweighted, weighed back, and whether PPI++ held it."""
    rng = np.random.default_rng(seed)
    truth = rng.random(2000) < 0.3
    said = np.where(rng.random(2000) < 0.85, truth, ~truth)
    found = draw(said.astype(np.int64), target=300, factors=np.array([1.0, 4.0]), seed=10**6 + seed)
    chosen, pi = found.chosen, found.probabilities
    shown = ppi_mean(
        truth[chosen].astype(float),
        said[chosen].astype(float),
        said[~chosen].astype(float),
        weights=1 / pi[chosen],
        unlabelled_weights=1 / (1 - pi[~chosen]),
    )
    assert shown.low is not None
    assert shown.high is not None
    weighed = float(np.average(truth[chosen], weights=1 / pi[chosen]))
    return float(truth[chosen].mean()), weighed, shown.low <= 0.3 <= shown.high


def test_a_sample_with_unequal_probabilities_is_right_once_it_is_weighed_back() -> None:
    plain, weighed, held = (np.mean(found) for found in zip(*map(oversampled, range(150)), strict=True))
    assert plain > 0.4
    assert weighed == pytest.approx(0.3, abs=0.01)
    assert held > 0.9


@pytest.mark.slow
def test_intervals_of_weighed_samples_hold_the_truth_in_93_to_98_of_100_studies() -> None:
    held = np.mean([oversampled(seed)[2] for seed in range(2000)])
    assert 0.93 <= held <= 0.98


def test_means_and_pairs_of_a_sample_are_weighed() -> None:
    values, weights = np.array([1.0, 2.0, 4.0]), np.array([1.0, 1.0, 4.0])
    assert clustered_mean(values, weights=weights, empty="").value == pytest.approx(19 / 6)
    first, second = np.array([True, True, False, False]), np.array([True, False, True, True])
    found = paired_rates(first, second, weights=np.array([1.0, 2.0, 3.0, 4.0]), replicates=50)
    assert found.first.value == pytest.approx(0.3)
    assert found.difference.value == pytest.approx((3 + 4 - 2) / 10)
    assert found.mcnemar is not None
    assert (found.mcnemar.mid_p, found.mcnemar.first_only) == (None, 1)
    means = paired_means(values, 2 * values, weights=weights, replicates=50)
    assert means.difference.value == pytest.approx(19 / 6)


def test_splits_are_by_prompt_in_the_shares_they_state() -> None:
    names = [split_of(f"{number:064x}", seed=1) for number in range(3000)]
    assert names == [split_of(f"{number:064x}", seed=1) for number in range(3000)]
    shares = [names.count(name) / len(names) for _end, name in SPLITS]
    assert shares == pytest.approx([0.8, 0.1, 0.1], abs=0.02)
