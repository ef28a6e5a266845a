"""Means given a condition: gold mends what the judge gets wrong, in the value and in where it exists at all."""

from typing import Any

import numpy as np
import pytest

from ihlannotate.stats.conditional import ConditionalMean, conditional_mean, corrected_share
from ihlannotate.stats.prevalence import corrected_rate, ppi_mean
from ihlannotate.stats.proportions import wilson

NAN = np.nan


def helpful(seed: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Helpfulness (1 to 5) of n responses where they refuse (7 of 10), and by a judge who is too kind and misses or
    invents some refusals; the true mean given refusal is 3."""
    rng = np.random.default_rng(seed)
    refused = rng.random(n) < 0.7
    value = rng.integers(1, 6, size=n).astype(float)
    seen = np.where(rng.random(n) < 0.9, refused, ~refused)
    said = np.clip(value + rng.choice([0, 0, 1, 2], size=n), 1, 5)
    return np.where(refused, value, NAN), np.where(seen, said, NAN)


def test_gold_mends_the_mean_of_a_judge_who_is_too_kind() -> None:
    gold, judged = helpful(1, 600)
    _, elsewhere = helpful(2, 8000)
    found = conditional_mean(gold, judged, elsewhere)
    assert found.naive.low > 3.3
    assert found.applicable == (~np.isnan(gold)).sum()
    assert found.gold.value == pytest.approx(np.nanmean(gold))
    for estimate in (found.gold, found.ppi):
        assert estimate.low < 3 < estimate.high
    assert found.ppi.high - found.ppi.low < 0.9 * (found.gold.high - found.gold.low)


def test_where_the_condition_always_holds_it_is_the_mean() -> None:
    rng = np.random.default_rng(3)
    gold = rng.normal(size=80)
    judged, elsewhere = gold + rng.normal(size=80), rng.normal(size=300)
    found, plain = conditional_mean(gold, judged, elsewhere).ppi, ppi_mean(gold, judged, elsewhere)
    assert (found.value, found.low, found.high) == pytest.approx((plain.value, plain.low, plain.high))


def test_it_is_the_ratio_of_two_means_within_their_rounding() -> None:
    gold, judged = helpful(4, 2000)
    _, elsewhere = helpful(5, 20_000)
    found = conditional_mean(gold, judged, elsewhere).ppi
    sums, shares = (
        ppi_mean(*(make(column) for column in (gold, judged, elsewhere)))
        for make in (np.nan_to_num, lambda column: (~np.isnan(column)).astype(float))
    )
    assert found.value == pytest.approx(sums.value / shares.value, abs=0.02)


def test_a_share_has_wilsons_interval_by_gold() -> None:
    gold = np.array([1.0, 0, 1, 1, NAN, 0, 1, NAN])
    found = conditional_mean(gold, gold, np.array([1.0, 0, NAN]))
    assert found.gold == wilson(4, 6)
    assert found.naive == wilson(5, 8)
    assert found.applicable == 6
    assert 0 <= found.ppi.low < found.ppi.value < found.ppi.high <= 1


def test_copies_of_a_prompt_count_once() -> None:
    gold, judged = helpful(6, 200)
    _, elsewhere = helpful(7, 600)
    once = conditional_mean(gold, judged, elsewhere, seed=1)
    copied = conditional_mean(
        np.repeat(gold, 4),
        np.repeat(judged, 4),
        np.repeat(elsewhere, 4),
        clusters_on_gold=np.repeat(np.arange(200), 4),
        clusters_elsewhere=np.repeat(np.arange(200, 800), 4),
        seed=1,
    )
    assert copied.gold == once.gold
    for name in ("naive", "ppi"):
        one, other = getattr(once, name), getattr(copied, name)
        assert other.value == pytest.approx(one.value, abs=0.02)
        assert other.high - other.low == pytest.approx(one.high - one.low, rel=0.1)


def test_weights_undo_unequal_sampling() -> None:
    rng = np.random.default_rng(8)
    weighted, plain = [], []
    for seed in range(40):
        gold, judged = helpful(seed, 3000)
        inclusion = np.where(np.nan_to_num(judged) >= 4, 0.4, 0.05)
        chosen = rng.random(3000) < inclusion
        data = (gold[chosen], judged[chosen], judged[~chosen])
        weights = {
            "weights_on_gold": 1 / inclusion[chosen],
            "weights_elsewhere": 1 / (1 - inclusion[~chosen]),
        }
        found = conditional_mean(*data, **weights, replicates=0)
        weighted.append([found.gold.value, found.ppi.value])
        plain.append(conditional_mean(*data, replicates=0).gold.value)
    assert np.mean(weighted, axis=0) == pytest.approx([3, 3], abs=0.05)
    assert np.mean(plain) > 3.3


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    held = []
    for seed in range(200):
        gold, judged = helpful(2 * seed, 150)
        _, elsewhere = helpful(2 * seed + 1, 600)
        found = conditional_mean(gold, judged, elsewhere, replicates=200, seed=seed)
        held.append([one.low <= 3 <= one.high for one in (found.gold, found.ppi)])
    assert (np.mean(held, axis=0) > 0.91).all()


def test_a_step_is_taken_per_response_of_which_the_condition_holds_by_weight() -> None:
    gold, judged = helpful(10, 100)
    _, elsewhere = helpful(11, 400)
    weights = np.where(np.isnan(gold), 1.0, 9.0)
    found = conditional_mean(gold, judged, elsewhere, weights_on_gold=weights, replicates=0)
    centred = [np.nan_to_num(column - found.gold.value) for column in (gold, judged, elsewhere)]
    plain = ppi_mean(*centred, weights=weights)
    share = weights[~np.isnan(gold)].sum() / weights.sum()
    assert abs(plain.value) > 0.01
    assert found.ppi.value - found.gold.value == pytest.approx(plain.value / share)
    assert found.ppi.high - found.ppi.low == pytest.approx((plain.high - plain.low) / share)


def reasons(found: ConditionalMean) -> list[str]:
    estimates = (found.naive, found.gold, found.ppi)
    assert all(one.value is None for one in estimates)
    return [one.note for one in estimates]


def test_a_condition_that_never_holds_is_said() -> None:
    never, nothing = np.full(9, NAN), np.zeros(0)
    expected = ["the condition holds of no response"] + 2 * ["the condition holds of no response with gold"]
    assert reasons(conditional_mean(never, never, never)) == expected
    assert reasons(conditional_mean(nothing, nothing, nothing)) == expected


def test_gold_that_covers_everything_leaves_nothing_to_infer() -> None:
    gold, judged = helpful(9, 60)
    found = conditional_mean(gold, judged, np.zeros(0))
    assert found.gold.value is not None
    assert (found.ppi.value, found.ppi.low, found.ppi.high) == (
        found.gold.value,
        found.gold.low,
        found.gold.high,
    )
    assert found.ppi.note == "gold covers every response: this is gold alone"


def test_values_that_are_all_the_same_are_not_certain() -> None:
    threes = np.full(40, 3.0)
    found = conditional_mean(threes, threes, threes)
    for estimate in (found.naive, found.gold, found.ppi):
        assert (estimate.value, estimate.low) == (3.0, None)
        assert estimate.note == "all values are the same: nothing to resample, so no interval"
    ones = conditional_mean(np.ones(40), np.ones(40), np.ones(40))
    assert ones.gold == wilson(40, 40)
    assert (ones.ppi.low, ones.ppi.high) == (ones.gold.low, 1.0)


@pytest.mark.parametrize("among", [[0, 0, 0, 0], [0, 0, 0, 1]])
def test_gold_that_applies_to_one_prompt_has_no_interval(among: list[int]) -> None:
    gold, judged = np.array([1.0, 2, 5, NAN]), np.array([2.0, 2, 4, 3])
    found = conditional_mean(
        gold,
        judged,
        np.array([1.0, 3, 4, 2]),
        clusters_on_gold=np.array(among),
        clusters_elsewhere=np.arange(4) + 2,
    ).ppi
    assert 1 <= found.value <= 5
    assert (found.low, found.note) == (None, "gold of one prompt: no interval")


def test_columns_that_do_not_match_are_refused() -> None:
    two: Any = np.zeros(2)
    with pytest.raises(ValueError, match="of the judge"):
        conditional_mean(two, np.zeros(3), two)
    with pytest.raises(ValueError, match="or for neither"):
        conditional_mean(two, two, two, clusters_on_gold=np.zeros(2, int))


def columns(counts: dict[tuple[float, float], int], elsewhere: dict[float, int]) -> tuple[np.ndarray, ...]:
    """Gold and judge on gold, by how often each pair of values occurs, and the judge elsewhere."""
    pairs = np.array([pair for pair, n in counts.items() for _ in range(n)])
    return pairs[:, 0], pairs[:, 1], np.array([value for value, n in elsewhere.items() for _ in range(n)])


GOLD_AND_JUDGE = {
    (1.0, 1.0): 40,
    (1.0, 0.0): 5,
    (1.0, NAN): 5,
    (0.0, 1.0): 4,
    (0.0, 0.0): 20,
    (0.0, NAN): 6,
    (NAN, 1.0): 3,
    (NAN, 0.0): 2,
    (NAN, NAN): 15,
}


def test_a_corrected_share_is_the_ratio_of_two_corrected_rates() -> None:
    """Refused: 80 of 100, 69 of them seen, 15 of 20 others; refused with reason: 50, 40 seen, of the rest 43 denied."""
    found = corrected_share(*columns(GOLD_AND_JUDGE, {1.0: 100, 0.0: 60, NAN: 40}), seed=1)
    refused = corrected_rate(160 / 200, specificity=15 / 20, sensitivity=69 / 80)
    with_reason = corrected_rate(100 / 200, specificity=43 / 50, sensitivity=40 / 50)
    assert found.value == pytest.approx(with_reason / refused)
    assert found.low < found.value < found.high


def test_a_corrected_share_knows_prompts_and_weights() -> None:
    gold, judged, elsewhere = columns(GOLD_AND_JUDGE, {1.0: 100, 0.0: 60, NAN: 40})
    once = corrected_share(gold, judged, elsewhere, seed=1)
    copied = corrected_share(
        *(np.repeat(column, 3) for column in (gold, judged, elsewhere)),
        clusters_on_gold=np.repeat(np.arange(100), 3),
        clusters_elsewhere=np.repeat(np.arange(100, 300), 3),
        seed=1,
    )
    assert (copied.value, copied.low, copied.high) == pytest.approx((once.value, once.low, once.high))
    # To count one kind of response double is to have it twice
    often = np.where(np.isnan(gold), 2.0, 1.0)
    twice = np.repeat(np.arange(100), often.astype(int))
    weighted = corrected_share(gold, judged, elsewhere, weights_on_gold=often, replicates=0)
    doubled = corrected_share(gold[twice], judged[twice], elsewhere, replicates=0)
    assert weighted.value == pytest.approx(doubled.value)
    assert weighted.value != pytest.approx(once.value)


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ({(NAN, NAN): 5, (NAN, 1.0): 2}, "no gold positive to measure with"),
        ({(1.0, 1.0): 5, (0.0, 0.0): 2}, "no gold negative to measure with"),
        (
            {(1.0, NAN): 5, (0.0, NAN): 2, (NAN, 1.0): 5},
            "at most 1: the verdicts say nothing about the label",
        ),
    ],
)
def test_a_share_that_cannot_be_corrected_says_why(
    counts: dict[tuple[float, float], int], reason: str
) -> None:
    found = corrected_share(*columns(counts, {1.0: 5, NAN: 5}))
    assert found.value is None
    assert found.note.endswith(reason)


def test_a_condition_that_the_correction_leaves_nowhere_is_said() -> None:
    counts = {(1.0, 1.0): 5, (0.0, 0.0): 5, (NAN, 1.0): 5, (NAN, NAN): 5}
    found = corrected_share(*columns(counts, {NAN: 20}))
    assert found.note == "corrected for the judge's errors, the condition holds of no response"
    everywhere = corrected_share(*columns(counts, {}))
    assert everywhere.note == "gold covers every response: nothing is left to correct"
