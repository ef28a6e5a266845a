"""Paired effects: McNemar as published and as statsmodels, prompt bootstrap, Holm, and saying what cannot be said."""

import gc
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import mcnemar as statsmodels_mcnemar
from statsmodels.stats.multitest import multipletests

from ihlannotate.stats.effects import holm, mcnemar, paired_means, paired_rates
from ihlannotate.stats.proportions import wilson


def pairs(seed: int, n: int, *, gain: float = 0.2) -> tuple[np.ndarray, np.ndarray]:
    """Yes or no of n prompts, and the same where a share `gain` of the noes became yes."""
    rng = np.random.default_rng(seed)
    first = rng.random(n) < 0.5
    return first, first | (rng.random(n) < gain)


def test_airway_reactivity_of_fagerland_2013() -> None:
    # Bentur et al. 2009, as analysed in Fagerland, Lydersen and Laake 2013, table 1: 1 and 7 discordant children
    found = mcnemar(1, 7)
    assert (round(found.exact, 3), round(found.mid_p, 3)) == (0.070, 0.039)


@given(b=st.integers(0, 60), c=st.integers(0, 60))
def test_the_exact_test_equals_statsmodels_and_mid_p_lies_half_of_the_observed_below(b: int, c: int) -> None:
    found = mcnemar(b, c)
    expected = statsmodels_mcnemar([[5, b], [c, 5]], exact=True).pvalue
    assert found.exact == pytest.approx(expected, abs=1e-12)
    assert 0 < found.mid_p <= found.exact <= 1
    assert found.mid_p == pytest.approx(mcnemar(c, b).mid_p)
    if b + c:
        chances = np.array([1.0])
        for _ in range(b + c):
            chances = (np.append(chances, 0) + np.append(0, chances)) / 2
        observed = chances[b]
        likelier = chances[chances > observed * (1 + 1e-9)].sum()
        as_likely = chances[np.isclose(chances, observed, rtol=1e-9, atol=0)].sum()
        assert found.mid_p == pytest.approx(1 - likelier - as_likely / 2, abs=1e-12)


def test_where_no_pair_differs_nothing_speaks_for_a_difference() -> None:
    assert (mcnemar(0, 0).exact, mcnemar(0, 0).mid_p) == (1.0, 1.0)


def test_negative_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="counted from 0"):
        mcnemar(-1, 3)


def test_rates_of_both_sides_and_their_difference() -> None:
    first, second = pairs(1, 200)
    found = paired_rates(first, second, replicates=500)
    assert (found.pairs, found.clusters) == (200, 200)
    assert found.first == wilson(int(first.sum()), 200)
    assert found.second == wilson(int(second.sum()), 200)
    assert found.difference.value == pytest.approx(second.mean() - first.mean())
    assert 0 < found.difference.low < found.difference.value < found.difference.high
    assert (found.mcnemar.first_only, found.mcnemar.second_only) == (0, int((second & ~first).sum()))
    assert found.mcnemar.exact < 0.001
    assert found.p_value == pytest.approx(2 / 501)


def test_pairing_is_what_makes_the_interval_narrow() -> None:
    first, second = pairs(2, 300)
    shuffled = np.random.default_rng(3).permutation(second)
    paired, apart = (paired_rates(first, other).difference for other in (second, shuffled))
    assert paired.value == pytest.approx(apart.value)
    assert apart.high - apart.low > 1.5 * (paired.high - paired.low)


def test_the_interval_is_that_of_the_normal_approximation_where_prompts_are_many() -> None:
    first, second = pairs(4, 2000)
    found = paired_rates(first, second, replicates=4000).difference
    apart = second.astype(float) - first
    half = 1.959964 * apart.std() / np.sqrt(2000)
    assert (found.low, found.high) == pytest.approx((apart.mean() - half, apart.mean() + half), abs=0.002)


def test_copies_of_a_prompt_count_once_and_mcnemar_is_not_computed() -> None:
    first, second = pairs(5, 100)
    prompts = np.tile(np.arange(100), 4)
    alone = paired_rates(first, second, seed=1)
    copied = paired_rates(np.tile(first, 4), np.tile(second, 4), clusters=prompts, seed=1)
    assert (copied.pairs, copied.clusters) == (400, 100)
    assert copied.difference == alone.difference
    assert copied.p_value == alone.p_value
    assert (copied.mcnemar.exact, copied.mcnemar.mid_p) == (None, None)
    assert copied.mcnemar.note.startswith("several pairs share a prompt")
    assert copied.mcnemar.second_only == 4 * alone.mcnemar.second_only


@pytest.mark.parametrize("difference", [-1, 0, 1])
def test_pairs_that_all_differ_alike_are_not_certain(difference: int) -> None:
    first = np.full(40, difference < 0)
    second = np.full(40, difference > 0)
    found = paired_rates(first, second)
    assert found.difference.value == difference
    assert found.difference.low <= difference <= found.difference.high
    assert found.difference.high - found.difference.low == pytest.approx(2 * wilson(0, 40).high)
    assert -1 <= found.difference.low < found.difference.high <= 1
    assert found.difference.note.startswith("all prompts differ by the same amount: the interval")
    assert found.p_value is None
    assert found.mcnemar.exact == mcnemar(int(first.sum()), int(second.sum())).exact


def test_gains_and_losses_that_cancel_within_each_prompt_are_not_certain() -> None:
    first, second = np.tile([True, False], 20), np.tile([False, True], 20)
    found = paired_rates(first, second, clusters=np.arange(40) // 2)
    assert found.difference.low < found.difference.value == 0 < found.difference.high
    assert found.difference.high == pytest.approx(wilson(0, 20).high)


def test_means_of_both_sides_and_their_difference() -> None:
    rng = np.random.default_rng(6)
    first = rng.integers(1, 6, size=250).astype(float)
    second = np.clip(first + rng.choice([-1, 0, 1, 1], size=250), 1, 5)
    found = paired_means(first, second, replicates=2000)
    for estimate, values in (
        (found.first, first),
        (found.second, second),
        (found.difference, second - first),
    ):
        half = 1.959964 * values.std() / np.sqrt(250)
        assert estimate.value == pytest.approx(values.mean())
        assert (estimate.low, estimate.high) == pytest.approx(
            (values.mean() - half, values.mean() + half), abs=0.03
        )
    assert found.mcnemar is None


@pytest.mark.parametrize("gain", [0.0, 0.15, 0.2, 0.3, 0.6])
def test_p_is_below_five_percent_where_the_interval_leaves_0_out(gain: float) -> None:
    rng = np.random.default_rng(7)
    first = rng.normal(size=80)
    found = paired_means(first, first + rng.normal(gain, 1, size=80), replicates=1999)
    holds_0 = found.difference.low <= 0 <= found.difference.high
    assert (found.p_value > 0.05) == holds_0


def test_p_of_a_true_null_is_as_often_small_as_it_says() -> None:
    small = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        first, second = rng.integers(1, 6, size=(2, 60)).astype(float)
        small += paired_means(first, second, replicates=199, seed=seed).p_value <= 0.05
    assert 2 <= small <= 20


def test_means_without_variation_of_the_difference_have_no_interval_and_no_p() -> None:
    found = paired_means(np.array([1.0, 2, 3]), np.array([2.0, 3, 4]))
    assert (found.difference.value, found.difference.low, found.p_value) == (1.0, None, None)
    assert (
        found.difference.note == "all prompts differ by the same amount: nothing to resample, so no interval"
    )
    assert found.first.low < found.first.value < found.first.high


@pytest.mark.parametrize("compare", [paired_rates, paired_means])
def test_no_pair_and_one_prompt_are_said(compare: Any) -> None:
    kind = bool if compare is paired_rates else float
    nothing = compare(np.zeros(0, kind), np.zeros(0, kind))
    for estimate in (nothing.first, nothing.second, nothing.difference):
        assert (estimate.value, estimate.note) == (None, "no prompt was answered under both conditions")
    assert nothing.p_value is None
    one = compare(np.array([0, 1, 1], kind), np.array([1, 1, 0], kind), clusters=np.zeros(3, int))
    assert (one.difference.value, one.difference.low, one.p_value) == (0, None, None)
    assert "one prompt only" in one.difference.note


def test_no_pair_has_no_test() -> None:
    found = paired_rates(np.zeros(0, bool), np.zeros(0, bool)).mcnemar
    assert (found.exact, found.mid_p, found.note) == (
        None,
        None,
        "no prompt was answered under both conditions",
    )


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="not two columns of pairs"):
        paired_rates(np.zeros(3, bool), np.zeros(2, bool))
    with pytest.raises(ValueError, match="true and false"):
        paired_rates(np.zeros(2), np.ones(2))
    with pytest.raises(ValueError, match="not two columns of pairs"):
        paired_means(np.zeros(1), np.zeros(2))
    with pytest.raises(ValueError, match="finite numbers"):
        paired_means(np.array([1.0, np.nan]), np.zeros(2))
    with pytest.raises(ValueError, match="cluster codes"):
        paired_means(np.zeros(2), np.zeros(2), clusters=np.zeros(3, int))


@given(p_values=st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_equals_statsmodels(p_values: list[float]) -> None:
    # statsmodels collects garbage in every call, which takes as long as the other tests have left objects behind
    gc.freeze()
    expected = multipletests(p_values, method="holm")[1]
    gc.unfreeze()
    assert holm(p_values) == pytest.approx(expected, abs=1e-15)


def test_holm_leaves_out_what_is_undefined() -> None:
    assert holm([None, 0.04, None, 0.01]) == (None, 0.04, None, 0.02)
    assert holm([]) == ()


@pytest.mark.parametrize("wrong", [-0.1, 1.5, float("nan")])
def test_holm_refuses_what_is_no_p_value(wrong: float) -> None:
    with pytest.raises(ValueError, match="no P value"):
        holm([0.1, wrong])
