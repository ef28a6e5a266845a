"""Wilson's interval and effective sizes."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from ihlannotate.stats.proportions import clustered_proportion, effective_size, normal_quantile, wilson


def test_newcombe_1998_table_1(cases: dict[str, Any]) -> None:
    for case in cases["wilson_newcombe_1998"]["cases"]:
        found = wilson(case["x"], case["n"])
        assert [round(found.low, 4), round(found.high, 4)] == case["published"]
        assert [found.low, found.high] == pytest.approx(case["exact"], abs=1e-12)


@given(n=st.integers(1, 500), share=st.floats(0, 1), confidence=st.sampled_from([0.8, 0.9, 0.95, 0.99]))
@settings(deadline=None, max_examples=100)
def test_wilson_equals_statsmodels(n: int, share: float, confidence: float) -> None:
    x = round(n * share)
    low, high = proportion_confint(x, n, alpha=1 - confidence, method="wilson")
    found = wilson(x, n, confidence)
    assert (found.value, found.low, found.high) == pytest.approx(
        (x / n, max(low, 0), min(high, 1)), abs=1e-12
    )
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_nothing_counted_is_undefined() -> None:
    assert wilson(0, 0).as_dict() == {"value": None, "ci": [None, None], "note": "nothing to count: n is 0"}


@pytest.mark.parametrize(("x", "n"), [(-1, 5), (6, 5), (1, 0)])
def test_more_hits_than_trials_are_refused(x: int, n: int) -> None:
    with pytest.raises(ValueError, match="not a proportion"):
        wilson(x, n)


@pytest.mark.parametrize("confidence", [0, 1, 95])
def test_confidence_is_a_probability(confidence: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        normal_quantile(confidence)


def test_units_of_their_own_are_worth_their_number() -> None:
    hits = np.array([True, False, True, True])
    assert effective_size(hits) == effective_size(hits, np.array([4, 1, 9, 2])) == 4


def test_copies_within_a_prompt_are_worth_one_unit() -> None:
    prompts = np.random.default_rng(1).random(200) < 0.7
    size = effective_size(np.repeat(prompts, 5), np.repeat(np.arange(200), 5))
    assert size == pytest.approx(199)


def test_independent_units_in_prompts_are_worth_nearly_their_number() -> None:
    hits = np.random.default_rng(2).random(2000) < 0.5
    assert effective_size(hits, np.arange(2000) // 4) > 1600


def test_prompts_that_balance_themselves_are_worth_no_more_than_their_units() -> None:
    hits = np.array([True, False] * 20 + [True, True])
    assert effective_size(hits, np.arange(42) // 2) == 42


def test_without_variation_each_prompt_counts_once() -> None:
    assert effective_size(np.ones(12, bool), np.arange(12) // 3) == pytest.approx(4)


def test_equal_weights_are_no_weights_and_unequal_ones_cost_units() -> None:
    hits = np.random.default_rng(3).random(400) < 0.4
    assert effective_size(hits, None, np.full(400, 7.0)) == pytest.approx(399)
    weights = np.where(np.random.default_rng(4).random(400) < 0.5, 1.0, 9.0)
    kish = weights.sum() ** 2 / (weights**2).sum()
    assert effective_size(hits, None, weights) == pytest.approx(kish, rel=0.1)


def test_weighted_share_has_the_weighted_value() -> None:
    found = clustered_proportion(np.array([True, False]), None, np.array([3.0, 1.0]), empty="none")
    assert found.value == pytest.approx(0.75)


def test_no_units_are_undefined_for_the_reason_given() -> None:
    assert clustered_proportion(np.zeros(0, bool), np.zeros(0, int), empty="nobody").note == "nobody"


def test_clustered_wilson_covers_where_plain_wilson_does_not() -> None:
    rng = np.random.default_rng(5)
    clusters = np.repeat(np.arange(60), 6)
    covered = np.zeros((400, 2))
    for row in covered:
        prompts = rng.beta(0.7, 0.3, size=60)
        hits = rng.random(360) < np.repeat(prompts, 6)
        for k, groups in enumerate((clusters, None)):
            found = clustered_proportion(hits, groups, empty="")
            row[k] = found.low <= 0.7 <= found.high
    by_prompt, by_unit = covered.mean(axis=0)
    assert by_prompt > 0.92
    assert by_unit < 0.8


@pytest.mark.parametrize("share", [0.0, 1.0])
@pytest.mark.parametrize("seed", range(8))
def test_without_variation_weights_cost_what_kish_says_whatever_they_are(seed: int, share: float) -> None:
    # Weights whose sum in another order differs in the last digit: the share is then a hair from 1
    weights = np.random.default_rng(seed).uniform(1, 20, 37)
    hits = np.full(37, bool(share))
    kish = weights.sum() ** 2 / (weights @ weights)
    assert effective_size(hits, None, weights) == pytest.approx(kish)
    found = clustered_proportion(hits, None, weights, empty="none")
    assert found.value == share
    assert found.high - found.low == pytest.approx(wilson(0, kish).high)
