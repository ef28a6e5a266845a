"""Maps from scores to probabilities: scikit-learn and statsmodels as oracles, checked on prompts they have not seen."""

import json
import math
from bisect import bisect_right
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import brier_score_loss

from ihlannotate.stats.calibration import LEAST, calibration_of_scores
from ihlannotate.stats.score_maps import (
    IsotonicMap,
    PlattMap,
    cross_fit,
    dealt_folds,
    fit_map,
    why_no_probabilities,
)

METHODS: Any = ("isotonic", "platt")


def scored(seed: int, prompts: int, each: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores of a judge who is too sure of itself (true chance .2 to .8 for scores 0 to 1), outcomes and prompts."""
    rng = np.random.default_rng(seed)
    scores = rng.random(prompts * each)
    return scores, rng.random(prompts * each) < 0.2 + 0.6 * scores, np.arange(prompts * each) // each


@given(data=st.data(), n=st.integers(2, 40))
@settings(max_examples=120)
def test_isotonic_equals_scikit_learn_everywhere(data: st.DataObject, n: int) -> None:
    scores = data.draw(arrays(np.float64, n, elements=st.integers(-5, 12).map(lambda k: k / 4)))
    outcomes = data.draw(arrays(np.bool_, n))
    found, why = fit_map(scores, outcomes, method="isotonic")
    expected = IsotonicRegression(out_of_bounds="clip").fit(scores, outcomes)
    grid = np.linspace(-3, 4, 141)
    if found is None:
        assert np.ptp(expected.predict(scores)) == 0
        assert why
        return
    assert found.apply(grid) == pytest.approx(np.clip(expected.predict(grid), 0, 1), abs=1e-12)
    assert isinstance(found, IsotonicMap)
    assert (np.diff(found.scores) > 0).all()
    assert (np.diff(found.probabilities) >= 0).all()


@pytest.mark.parametrize(("scale", "shift"), [(1, 0), (100, 0), (1e-3, 5), (7, -400)])
def test_platt_is_the_logistic_regression_on_smoothed_targets(scale: float, shift: float) -> None:
    scores, outcomes, _ = scored(1, 400)
    given_scores = scores * scale + shift
    found, _ = fit_map(given_scores, outcomes, method="platt")
    positives, negatives = outcomes.sum(), (~outcomes).sum()
    target = np.where(outcomes, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    # Weighed as failures and successes: statsmodels accepts shares
    expected = sm.GLM(target, sm.add_constant(scores), family=sm.families.Binomial()).fit(tol=1e-14)
    assert isinstance(found, PlattMap)
    assert found.slope * scale == pytest.approx(expected.params[1], rel=1e-6)
    assert found.apply(given_scores) == pytest.approx(expected.fittedvalues, abs=1e-7)


def test_scores_that_part_the_labels_have_a_finite_map() -> None:
    scores = np.array([0.1, 0.2, 0.3, 0.7, 0.8, 0.9] * 10)
    found, _ = fit_map(scores, scores > 0.5, method="platt")
    assert isinstance(found, PlattMap)
    left = found.apply(scores) - np.where(scores > 0.5, 31 / 32, 1 / 32)
    assert [left.sum(), (scores * left).sum()] == pytest.approx([0, 0], abs=1e-7)
    assert 0.001 < found.apply(np.array([0.1]))[0] < 0.05
    steps, _ = fit_map(scores, scores > 0.5, method="isotonic")
    assert steps == IsotonicMap((0.1, 0.3, 0.7, 0.9), (0.0, 0.0, 1.0, 1.0))


def by_hand(exported: dict[str, Any], score: float) -> float:
    """What the judge's owner needs, without any library: the docs show these lines."""
    if exported["method"] == "platt":
        return 1 / (1 + math.exp(-(exported["slope"] * score + exported["intercept"])))
    scores, probabilities = exported["scores"], exported["probabilities"]
    at = bisect_right(scores, score)
    if at in (0, len(scores)):
        return probabilities[0 if at == 0 else -1]
    share = (score - scores[at - 1]) / (scores[at] - scores[at - 1])
    return probabilities[at - 1] + share * (probabilities[at] - probabilities[at - 1])


@pytest.mark.parametrize("method", METHODS)
def test_the_exported_map_is_applied_with_a_few_lines_and_no_library(method: Any) -> None:
    scores, outcomes, _ = scored(2, 200)
    found, _ = fit_map(scores * 10, outcomes, method=method)
    exported = json.loads(json.dumps(found.as_dict()))
    grid = np.concatenate([np.linspace(-2, 12, 57), scores * 10])
    assert [by_hand(exported, score) for score in grid] == pytest.approx(found.apply(grid), abs=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_probabilities_are_right_where_scores_were_too_sure(method: Any) -> None:
    scores, outcomes, prompts = scored(3, 400, 5)
    before = calibration_of_scores(scores, outcomes.astype(int), clusters=prompts, replicates=100)
    found = cross_fit(scores, outcomes, method=method, clusters=prompts, replicates=100)
    assert found.calibration.brier.value < before.brier.value
    assert found.calibration.ece.value < before.ece.value / 3
    assert found.calibration.brier.value == pytest.approx(brier_score_loss(outcomes, found.probabilities))
    assert np.abs(found.probabilities - (0.2 + 0.6 * scores)).mean() < 0.05
    assert (found.n, found.clusters, found.folds, found.note) == (2000, 400, 5, "")
    assert found.map == fit_map(scores, outcomes, method=method)[0]


@pytest.mark.parametrize("method", METHODS)
def test_each_probability_comes_from_the_other_folds(method: Any) -> None:
    scores, outcomes, prompts = scored(4, 60, 3)
    found = cross_fit(scores, outcomes, method=method, clusters=prompts, replicates=0, seed=9)
    fold_of, _ = dealt_folds(180, prompts, 9)
    for fold in range(5):
        own = fold_of == fold
        part, _ = fit_map(scores[~own], outcomes[~own], method=method)
        assert found.probabilities[own] == pytest.approx(part.apply(scores[own]))


def test_memorising_is_not_rewarded() -> None:
    # Scores that know nothing: a steep map fits its own responses, and no other ones
    rng = np.random.default_rng(5)
    scores, outcomes = rng.random(100), rng.random(100) < 0.5
    found = cross_fit(scores, outcomes, method="isotonic", replicates=0)
    own = brier_score_loss(outcomes, found.map.apply(scores))
    assert own < 0.25 < found.calibration.brier.value


def test_a_prompt_is_in_one_fold_and_folds_are_even() -> None:
    prompts = np.random.default_rng(6).integers(53, size=400)
    folds, count = dealt_folds(400, prompts, 1)
    assert count == len(np.unique(prompts))
    assert all(len(np.unique(folds[prompts == prompt])) == 1 for prompt in prompts)
    per_fold = [len(np.unique(prompts[folds == fold])) for fold in range(5)]
    assert max(per_fold) - min(per_fold) <= 1
    assert (folds != dealt_folds(400, prompts, 2)[0]).any()
    assert (folds == dealt_folds(400, prompts, 1)[0]).all()


def refused(scores: Any, outcomes: Any, method: Any, **more: Any) -> str:
    found = cross_fit(np.asarray(scores, float), np.asarray(outcomes, bool), method=method, **more)
    assert (found.map, found.probabilities, found.calibration) == (None, None, None)
    return found.note


@pytest.mark.parametrize("method", METHODS)
def test_where_nothing_can_be_learnt_the_reason_is_said(method: Any) -> None:
    half = np.arange(100) % 2 == 0
    rising = np.arange(100.0)
    assert refused(rising, np.ones(100), method).startswith("gold is all of one label")
    assert refused(np.full(100, 0.7), half, method) == "the judge gives one score only"
    assert refused(-rising, rising > 50, method).startswith("higher scores do not make the label likelier")
    few = refused(rising[: LEAST - 1], half[: LEAST - 1], method)
    assert few == "items with a known outcome: 49; calibration is reported from 50 on"
    assert refused([], [], method).startswith("items with a known outcome: 0")
    one = refused(rising, rising > 50, method, clusters=np.zeros(100, int))
    assert one == "one prompt only: nothing to check a map on"


@pytest.mark.parametrize("method", METHODS)
def test_a_label_that_occurs_with_one_prompt_only_cannot_be_checked_on_others(method: Any) -> None:
    prompts = np.arange(100) // 10
    note = refused(np.arange(100.0), prompts == 9, method, clusters=prompts)
    assert note == (
        "not to be checked on other prompts: gold is all of one label: there is nothing to learn from"
    )


@pytest.mark.parametrize("method", METHODS)
def test_a_perfect_judge_and_two_prompts_are_enough(method: Any) -> None:
    outcomes = np.arange(60) % 2 == 0
    found = cross_fit(outcomes.astype(float), outcomes, method=method, clusters=np.arange(60) // 30)
    assert found.folds == 2
    assert found.calibration.brier.value < 0.01


def test_scores_beyond_0_and_1_are_no_probabilities_and_have_a_map_all_the_same() -> None:
    scores, outcomes, _ = scored(7, 100)
    assert why_no_probabilities(scores) == ""
    assert why_no_probabilities(np.zeros(0)) == ""
    for wide in (scores * 10, scores - 0.5):
        assert why_no_probabilities(wide).startswith("scores lie outside 0 to 1")
        with pytest.raises(ValueError, match="between 0 and 1"):
            calibration_of_scores(wide, outcomes.astype(int))
        assert cross_fit(wide, outcomes, method="platt", replicates=0).calibration.n == 100


@pytest.mark.parametrize(
    ("scores", "outcomes", "reason"),
    [
        ([0.1, float("nan")], [True, False], "finite numbers"),
        ([0.1, float("inf")], [True, False], "finite numbers"),
        ([0.1], [True, False], "not two equal columns"),
        ([[0.1, 0.2]], [[True, False]], "not two equal columns"),
        ([0.1, 0.2], [0, 1], "true or false"),
    ],
)
def test_what_does_not_fit_is_refused(scores: Any, outcomes: Any, reason: str) -> None:
    for refuse in (fit_map, cross_fit):
        with pytest.raises(ValueError, match=reason):
            refuse(np.array(scores), np.array(outcomes), method="platt")


@pytest.mark.parametrize("unit", [1e308, 1e200, 1e-200, 1e-300])
@pytest.mark.parametrize("method", METHODS)
def test_the_unit_of_scores_makes_no_difference(unit: float, method: Any) -> None:
    scores, outcomes, prompts = scored(8, 120)
    plain = cross_fit(scores, outcomes, method=method, clusters=prompts, replicates=20)
    found = cross_fit(scores * unit, outcomes, method=method, clusters=prompts, replicates=20)
    assert found.probabilities == pytest.approx(plain.probabilities, abs=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_scores_that_hardly_differ_give_probabilities_or_a_reason(method: Any) -> None:
    scores, outcomes, prompts = scored(8, 120)
    found = cross_fit(scores * 1e-320, outcomes, method=method, clusters=prompts, replicates=20)
    if method == "platt":
        assert (found.map, found.note) == (None, "the scores differ by too little to fit a curve to them")
    else:
        assert 0 <= found.probabilities.min() < found.probabilities.max() <= 1
