"""Votes and the Dawid-Skene model: the 1979 answers, planted truth, and no surprises on thin data."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ihlannotate.stats.aggregation import TIERS, dawid_skene, tiers

OBSERVERS = np.array([0, 0, 0, 1, 2, 3, 4])


def planted(
    seed: int, *, skill: tuple[float, ...], units: int = 600, levels: int = 3
) -> tuple[np.ndarray, np.ndarray]:
    """True levels (U) and ratings (R × U) by annotators who are right with these probabilities."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(levels, size=units)
    wrong = (truth + rng.integers(1, levels, size=(len(skill), units))) % levels
    return truth, np.where(rng.random(wrong.shape) < np.array(skill)[:, None], truth, wrong)


def test_tiers_follow_from_the_counts() -> None:
    found = tiers(np.array([[0, 0, 0], [0, 1, 0], [0, 2, 0], [2, 1, 0], [1, 1, 0], [2, 1, 1], [3, 1, 1]]))
    assert found.names() == [
        "unrated",
        "single",
        "unanimous",
        "majority",
        "contested",
        "contested",
        "majority",
    ]
    assert found.winner.tolist() == [-1, 1, 1, 0, -1, -1, 0]
    assert found.n.tolist() == [0, 1, 2, 3, 2, 4, 5]
    assert found.shares[5].tolist() == [0.5, 0.25, 0.25]
    assert found.shares[0].tolist() == [0.0, 0.0, 0.0]


@given(counts=arrays(np.int64, st.tuples(st.integers(0, 10), st.integers(1, 4)), elements=st.integers(0, 4)))
@settings(deadline=None, max_examples=60)
def test_a_winner_has_more_than_half_and_no_winner_means_nobody_has(counts: np.ndarray) -> None:
    found = tiers(counts)
    for unit, winner, tier in zip(counts, found.winner, found.tier, strict=True):
        assert (winner >= 0) == (TIERS[tier] in ("single", "unanimous", "majority"))
        assert (2 * unit > unit.sum()).any() == (winner >= 0)
        assert winner < 0 or 2 * unit[winner] > unit.sum()


@pytest.fixture(scope="module")
def anaesthesia(cases: dict[str, Any]) -> np.ndarray:
    """Seven ratings of 45 patients, the first three by one observer (7 × 45, codes 0..3)."""
    return np.array(cases["dawid_skene_1979_anaesthesia"]["patients"]).T - 1


def test_the_1979_solution_from_the_proportions_of_each_patient(
    cases: dict[str, Any], anaesthesia: np.ndarray
) -> None:
    case = cases["dawid_skene_1979_anaesthesia"]
    expected = case["computed_EM_MLE"]
    found = dawid_skene(anaesthesia, level_count=4, annotators=OBSERVERS, smoothing=0, start="proportions")
    assert [round(share, 2) for share in found.marginals] == case["published"]["class_marginals_2dp"]
    assert found.marginals == pytest.approx(expected["class_marginals"], abs=1e-7)
    assert found.log_likelihood == pytest.approx(expected["log_likelihood_no_multinomial_coef"], abs=1e-6)
    assert found.posterior == pytest.approx(np.array(expected["posterior"]), abs=1e-6)
    assert found.confusion == pytest.approx(
        np.array(expected["error_rates[observer][true][observed]"]), abs=1e-6
    )
    assert (found.posterior.argmax(axis=1) + 1).tolist() == expected["hard_labels"]
    assert (found.start, found.starts, found.converged) == ("proportions", 1, True)


def test_the_1979_data_has_several_maxima_and_many_starts_find_the_best(
    cases: dict[str, Any], anaesthesia: np.ndarray
) -> None:
    expected = cases["dawid_skene_1979_anaesthesia"]["multimodality"]
    voted = dawid_skene(anaesthesia, level_count=4, annotators=OBSERVERS, smoothing=0, start="majority")
    assert voted.log_likelihood == pytest.approx(expected["majority_vote_init_ll"], abs=1e-6)
    best = dawid_skene(anaesthesia, level_count=4, annotators=OBSERVERS, smoothing=0, starts=30)
    assert best.log_likelihood == pytest.approx(expected["best_of_30_random_starts_ll"], abs=1e-3)
    assert (best.start.split()[0], best.starts) == ("random", 32)


def test_likelihood_is_that_of_the_model() -> None:
    _, ratings = planted(1, skill=(0.8, 0.7, 0.6), units=40)
    ratings[np.random.default_rng(2).random(ratings.shape) < 0.3] = -1
    found = dawid_skene(ratings, level_count=3, starts=3)
    total, posterior = 0.0, []
    for unit in ratings.T:
        joint = found.marginals.copy()
        for annotator, level in enumerate(unit):
            joint *= found.confusion[annotator, :, level] if level >= 0 else 1.0
        total += np.log(joint.sum())
        posterior.append(joint / joint.sum())
    assert found.log_likelihood == pytest.approx(total, abs=1e-9)
    assert found.posterior == pytest.approx(np.array(posterior), abs=1e-9)


def test_planted_error_rates_and_levels_are_recovered() -> None:
    skill = (0.9, 0.75, 0.6, 0.85)
    truth, ratings = planted(3, skill=skill, units=3000)
    found = dawid_skene(ratings, level_count=3)
    assert found.converged
    for matrix, right in zip(found.confusion, skill, strict=True):
        assert np.diagonal(matrix) == pytest.approx(right, abs=0.05)
    assert (found.posterior.argmax(axis=1) == truth).mean() > 0.93
    # Posteriors are calibrated where the model is true
    assert found.posterior.max(axis=1).mean() == pytest.approx(
        (found.posterior.argmax(axis=1) == truth).mean(), abs=0.02
    )


def test_one_good_annotator_outweighs_two_poor_ones() -> None:
    truth, ratings = planted(4, skill=(0.97, 0.55, 0.55), units=2000)
    voted = tiers(np.stack([(ratings == level).sum(axis=0) for level in range(3)], axis=1)).winner
    found = dawid_skene(ratings, level_count=3).posterior.argmax(axis=1)
    assert (found == truth).mean() > (voted == truth).mean() + 0.1


@pytest.mark.parametrize("seed", [1, 5, 7])
def test_levels_keep_their_names_though_the_best_start_swapped_them(seed: int) -> None:
    truth, ratings = planted(seed, skill=(0.7, 0.4, 0.4), units=150, levels=2)
    found = dawid_skene(ratings, level_count=2)
    assert (found.posterior.argmax(axis=1) == truth).mean() > 0.65


def test_units_may_come_in_any_order() -> None:
    _, ratings = planted(6, skill=(0.8, 0.7, 0.6), units=120)
    order = np.random.default_rng(7).permutation(120)
    first = dawid_skene(ratings, level_count=3, seed=1)
    shuffled = dawid_skene(ratings[:, order], level_count=3, seed=1)
    assert shuffled.posterior == pytest.approx(first.posterior[order], abs=1e-12)


def test_missing_ratings_say_nothing() -> None:
    truth, ratings = planted(8, skill=(0.9, 0.85, 0.9, 0.8), units=2000)
    ratings[np.random.default_rng(9).random(ratings.shape) < 0.5] = -1
    found = dawid_skene(ratings, level_count=3)
    assert np.diagonal(found.confusion, axis1=1, axis2=2).mean(axis=1) == pytest.approx(
        [0.9, 0.85, 0.9, 0.8], abs=0.06
    )
    unrated = (ratings < 0).all(axis=0)
    assert unrated.any()
    assert (found.posterior[unrated] == found.marginals).all()
    assert (found.posterior.argmax(axis=1) == truth)[~unrated].mean() > 0.85


def test_smoothing_leaves_no_error_impossible() -> None:
    ratings = np.array([[0, 1, 0, 1, 0, 1], [0, 1, 0, 1, 0, 1]])
    assert dawid_skene(ratings, level_count=2, smoothing=0).confusion.min() == 0
    assert dawid_skene(ratings, level_count=2).confusion.min() > 0


def test_the_seed_decides_the_fit() -> None:
    _, ratings = planted(10, skill=(0.6, 0.5, 0.5), units=50)
    first, again = (dawid_skene(ratings, level_count=3, seed=3) for _ in range(2))
    assert (first.start, first.log_likelihood) == (again.start, again.log_likelihood)
    assert (first.posterior == again.posterior).all()


def test_too_few_iterations_are_said() -> None:
    _, ratings = planted(11, skill=(0.6, 0.5, 0.5), units=50)
    found = dawid_skene(ratings, level_count=3, max_iterations=2)
    assert (found.converged, found.iterations) == (False, 2)


@pytest.mark.parametrize("smoothing", [0.0, 0.01])
@pytest.mark.parametrize(
    "ratings",
    [
        np.zeros((0, 3), int),
        np.zeros((2, 0), int),
        np.full((2, 3), -1),
        np.zeros((2, 3), int),
        np.array([[0, 1]]),
    ],
    ids=["nobody", "no units", "all missing", "all the same", "one annotator"],
)
def test_thin_data_gives_distributions_and_no_warning(ratings: np.ndarray, smoothing: float) -> None:
    found = dawid_skene(ratings, level_count=2, smoothing=smoothing)
    assert found.posterior.shape == (ratings.shape[1], 2)
    assert found.posterior.sum(axis=1) == pytest.approx(1.0)
    assert found.confusion.sum(axis=2) == pytest.approx(1.0)
    assert found.marginals.sum() == pytest.approx(1.0)


def test_ratings_that_are_no_levels_are_refused() -> None:
    with pytest.raises(ValueError, match="between -1"):
        dawid_skene(np.array([[0, 2]]), level_count=2)
    with pytest.raises(ValueError, match="one code for each row"):
        dawid_skene(np.array([[0, 1]]), level_count=2, annotators=np.array([0, 0]))
