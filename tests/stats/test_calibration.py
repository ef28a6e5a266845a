"""Calibration: Brier, reliability curve and calibration error, and saying so when there are too few items."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from ihlannotate.stats.calibration import (
    LEAST,
    Calibration,
    calibration_of_posteriors,
    calibration_of_scores,
    why_too_few,
)
from ihlannotate.stats.proportions import wilson


def forecasts(seed: int, n: int, bias: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """n probabilities, and outcomes that come true less often than they say by the share `bias`."""
    rng = np.random.default_rng(seed)
    scores = rng.random(n)
    return scores, (rng.random(n) < scores * (1 - bias)).astype(int)


def test_brier_is_that_of_the_published_example(cases: dict[str, Any]) -> None:
    case = cases["judge_metrics"]["brier"]
    scores, outcomes = (np.tile(case[name], LEAST) for name in ("y_prob", "y_true"))
    found = calibration_of_scores(scores, outcomes, replicates=10)
    assert found.brier.value == pytest.approx(case["expected"], abs=1e-15)


@pytest.mark.parametrize(("strategy", "edges"), [("uniform", np.linspace(0, 1, 6)), ("quantile", None)])
def test_curve_and_brier_equal_scikit_learn(strategy: str, edges: np.ndarray | None) -> None:
    scores, outcomes = forecasts(1, 500)
    found = calibration_of_scores(scores, outcomes, edges=edges, replicates=100)
    shares, means = calibration_curve(outcomes, scores, n_bins=len(found.bins), strategy=strategy)
    assert len(found.bins) == (5 if strategy == "uniform" else 10)
    assert [one.predicted for one in found.bins] == pytest.approx(means, abs=0.01)
    assert [one.observed.value for one in found.bins] == pytest.approx(shares, abs=0.03)
    assert found.brier.value == pytest.approx(brier_score_loss(outcomes, scores), abs=1e-12)
    assert found.brier.low < found.brier.value < found.brier.high
    if strategy == "uniform":
        assert [one.observed.value for one in found.bins] == pytest.approx(shares, abs=1e-12)
    else:
        assert {one.n for one in found.bins} == {50}


def test_calibration_error_is_the_gap_of_each_bin_weighed_by_its_items() -> None:
    scores, outcomes = forecasts(2, 300, bias=0.3)
    found = calibration_of_scores(scores, outcomes, edges=[0, 0.25, 0.5, 0.75, 1], replicates=50)
    gap, inside = 0.0, np.digitize(scores, [0.25, 0.5, 0.75], right=True)
    for at, one in enumerate(found.bins):
        own = inside == at
        assert (one.n, one.low, one.high) == (own.sum(), at / 4, (at + 1) / 4)
        assert one.observed == wilson(outcomes[own].sum(), own.sum())
        gap += own.sum() * abs(scores[own].mean() - outcomes[own].mean()) / 300
    assert found.ece.value == pytest.approx(gap, abs=1e-12)


def test_brier_of_posteriors_equals_scikit_learn_and_the_curve_is_of_the_top_level() -> None:
    rng = np.random.default_rng(3)
    posteriors = rng.dirichlet([0.3, 0.3, 0.3], size=200)
    outcomes = np.array([rng.choice(3, p=row) for row in posteriors])
    found = calibration_of_posteriors(posteriors, outcomes, edges=[0, 0.7, 1], replicates=20)
    assert found.brier.value == pytest.approx(
        brier_score_loss(outcomes, posteriors, labels=[0, 1, 2], scale_by_half=False), abs=1e-12
    )
    top, promised = posteriors.argmax(axis=1), posteriors.max(axis=1)
    for one, own in zip(found.bins, (promised <= 0.7, promised > 0.7), strict=True):
        assert one.predicted == pytest.approx(promised[own].mean())
        assert one.observed.value == pytest.approx((top == outcomes)[own].mean())


def test_two_levels_are_twice_the_score_of_one_event() -> None:
    scores, outcomes = forecasts(4, 120)
    one = calibration_of_scores(scores, outcomes, replicates=0)
    both = calibration_of_posteriors(np.column_stack([1 - scores, scores]), outcomes, replicates=0)
    assert both.brier.value == pytest.approx(2 * one.brier.value)
    assert "no replicates" in one.brier.note
    assert "no replicates" in one.ece_by_chance.note


def test_the_yardstick_is_what_true_probabilities_show_by_chance() -> None:
    errors = [
        calibration_of_scores(*forecasts(seed, 100), replicates=0).ece.value for seed in range(100, 300)
    ]
    found = calibration_of_scores(*forecasts(5, 100), replicates=300).ece_by_chance
    assert found.value == pytest.approx(np.mean(errors), abs=0.01)
    assert np.mean([found.low <= error <= found.high for error in errors]) >= 0.9
    biased = calibration_of_scores(*forecasts(5, 300, bias=0.6), replicates=300)
    assert biased.ece.value > biased.ece_by_chance.high


def test_the_interval_of_the_error_covers_the_truth_where_probabilities_are_wrong() -> None:
    covered = 0
    for seed in range(150):
        # Scores of mean 1/2 that come true a fifth less often than they say: an error of .1. Plain percentiles
        # cover it in little more than half of the cases
        ece = calibration_of_scores(*forecasts(seed, 150, bias=0.2), replicates=200).ece
        covered += ece.low <= 0.1 <= ece.high
    assert covered / 150 >= 0.8


def test_prompts_are_what_is_resampled() -> None:
    scores, outcomes = forecasts(6, 100)
    alone = calibration_of_scores(scores, outcomes)
    copied = calibration_of_scores(
        np.tile(scores, 5), np.tile(outcomes, 5), clusters=np.tile(np.arange(100), 5)
    )
    assert (copied.n, copied.clusters) == (500, 100)
    assert copied.brier.low == pytest.approx(alone.brier.low, abs=0.01)
    assert copied.brier.high == pytest.approx(alone.brier.high, abs=0.01)
    assert copied.bins[0].observed.high - copied.bins[0].observed.low > 0.1


def test_items_of_unknown_outcome_are_left_out() -> None:
    scores, outcomes = forecasts(7, 200)
    unknown = np.where(np.arange(200) % 4 == 0, -1, outcomes)
    prompts, known = np.arange(200) // 2, unknown >= 0
    some = calibration_of_scores(scores, unknown, clusters=prompts, replicates=20)
    assert some == calibration_of_scores(
        scores[known], outcomes[known], clusters=prompts[known], replicates=20
    )


def test_equal_probabilities_stay_in_one_bin() -> None:
    scores = np.repeat([0.2, 0.9, 1.0], [10, 10, 80])
    found = calibration_of_scores(scores, np.ones(100, int), replicates=10)
    assert sorted(one.n for one in found.bins if one.n)[-1] == 80
    assert sum(one.n for one in found.bins) == 100
    same = calibration_of_scores(np.ones(60), np.ones(60, int), replicates=10)
    assert [(one.n, one.predicted, one.observed.value) for one in same.bins] == [(60, 1.0, 1.0)]
    assert (same.ece.value, same.ece.low, same.ece.high, same.brier.value) == (0.0, 0.0, 0.0, 0.0)


def test_an_empty_bin_and_one_prompt_say_so() -> None:
    scores, outcomes = forecasts(8, 60)
    found = calibration_of_scores(scores / 2, outcomes, edges=[0, 0.5, 1], clusters=np.zeros(60, int))
    assert (found.bins[1].n, found.bins[1].predicted) == (0, None)
    assert found.bins[1].observed.note == "no item in this bin"
    for estimate in (found.brier, found.ece):
        assert (estimate.low, "one prompt only" in estimate.note) == (None, True)


@pytest.mark.parametrize("n", [0, 1, LEAST - 1])
def test_too_few_items_give_the_reason_and_no_figure(n: int) -> None:
    found = calibration_of_scores(*forecasts(9, n), clusters=np.zeros(n, int))
    assert (found.n, found.clusters, found.bins) == (n, min(n, 1), ())
    for estimate in (found.brier, found.ece, found.ece_by_chance):
        assert estimate.value is None
        assert estimate.note == f"items with a known outcome: {n}; calibration is reported from 50 on"


def test_enough_begins_where_figures_do() -> None:
    assert why_too_few(LEAST) == ""
    assert calibration_of_scores(*forecasts(10, LEAST), replicates=5).brier.value is not None
    assert why_too_few(LEAST - 1)


def test_what_is_no_probability_or_outcome_is_refused() -> None:
    half, zero = np.full(3, 0.5), np.zeros(3, int)
    for scores, outcomes, edges, message in (
        (half + 1, zero, None, "between 0 and 1"),
        (np.full(3, np.nan), zero, None, "between 0 and 1"),
        (half[:2], zero, None, "one length"),
        (half, zero + 2, None, "-1 .unknown. and 1"),
        (half, half, None, "whole numbers"),
        (half, zero, [0, 0.5], "from 0 to 1"),
        (half, zero, [0, 0.5, 0.5, 1], "from 0 to 1"),
    ):
        with pytest.raises(ValueError, match=message):
            calibration_of_scores(scores, outcomes, edges=edges)
    with pytest.raises(ValueError, match="cluster codes"):
        calibration_of_scores(half, zero, clusters=zero[:2])
    with pytest.raises(ValueError, match="sum to 1"):
        calibration_of_posteriors(np.full((3, 3), 0.5), zero)
    with pytest.raises(ValueError, match="items by levels"):
        calibration_of_posteriors(half, zero)
    with pytest.raises(ValueError, match="has an outcome"):
        calibration_of_posteriors(np.full((2, 2), 0.5), zero)


@given(
    n=st.integers(0, 90),
    levels=st.integers(1, 4),
    distinct=st.integers(1, 6),
    prompts=st.integers(1, 30),
    seed=st.integers(0, 999),
)
@settings(deadline=None, max_examples=60)
def test_random_posteriors_give_figures_in_range_or_reasons(
    n: int, levels: int, distinct: int, prompts: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    posteriors = rng.dirichlet(np.full(levels, 0.2), size=distinct)[rng.integers(distinct, size=n)]
    found: Calibration = calibration_of_posteriors(
        posteriors.reshape(n, levels), rng.integers(-1, levels, size=n), clusters=rng.integers(prompts, size=n),
        replicates=20,
    )  # fmt: skip
    assert (found.n >= LEAST) == bool(found.bins)
    assert sum(one.n for one in found.bins) == (found.n if found.bins else 0)
    for estimate, most in ((found.brier, 2.0), (found.ece, 1.0), (found.ece_by_chance, 1.0)):
        assert (estimate.value is None) == (found.n < LEAST)
        for number in (estimate.value, estimate.low, estimate.high):
            assert number is None or 0 <= number <= most
