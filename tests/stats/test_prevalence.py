"""Prevalence corrected by gold: published answers, refusals with reasons, agreement of the methods."""

from typing import Any

import numpy as np
import pytest

from ihlannotate.stats.prevalence import (
    calibration_allocation,
    corrected_rate,
    ppi_mean,
    prevalence,
    rogan_gladen,
)
from ihlannotate.stats.proportions import wilson


def judged(
    seed: int, n: int, *, rate: float = 0.3, q0: float = 0.85, q1: float = 0.9
) -> tuple[np.ndarray, np.ndarray]:
    """True labels and verdicts (0 or 1) of a judge with this specificity and sensitivity."""
    rng = np.random.default_rng(seed)
    truth = (rng.random(n) < rate).astype(int)
    right = rng.random(n) < np.where(truth == 1, q1, q0)
    return truth, np.where(right, truth, 1 - truth)


def test_corrected_prevalence_and_interval_of_lee(cases: dict[str, Any]) -> None:
    for case in cases["llm_judge_reporting"]["cases"]:
        p, q0, q1, n, m0, m1, alpha = case["p,q0,q1,n,m0,m1,alpha"]
        found = rogan_gladen(
            rate=p, n=n, specificity=q0, negatives=m0, sensitivity=q1, positives=m1, confidence=1 - alpha
        )
        assert found.value == pytest.approx(case["theta"], abs=1e-12)
        assert [found.low, found.high] == pytest.approx(case["ci"], abs=1e-9)


def test_allocation_of_lee(cases: dict[str, Any]) -> None:
    for case in cases["llm_judge_reporting"]["allocation"]:
        size, p, q0, q1, pilot = case["m,p,q0,q1,m_pilot"]
        found = calibration_allocation(size, rate=p, specificity=q0, sensitivity=q1, pilot=pilot)
        assert list(found) == case["m0_m1"]


def test_allocation_leaves_each_side_its_pilot() -> None:
    assert calibration_allocation(100, rate=0.001, specificity=0.5, sensitivity=0.9, pilot=20) == (80, 20)
    with pytest.raises(ValueError, match="room for the pilot"):
        calibration_allocation(30, rate=0.5, specificity=0.9, sensitivity=0.9, pilot=20)


def test_brucellosis_of_epir_with_known_errors(cases: dict[str, Any]) -> None:
    case = cases["rogan_gladen_brucellosis"]
    apparent = wilson(case["pos"], case["n"])
    found = [
        corrected_rate(rate, specificity=case["sp"], sensitivity=case["se"])
        for rate in (apparent.value, apparent.low, apparent.high)
    ]
    assert found == pytest.approx([case["theta"], *case["ci_known_se_sp_wilson"]], abs=1e-12)


def sized(**changed: float) -> dict[str, float]:
    """Arguments of rogan_gladen, with some changed."""
    plain = {"rate": 0.5, "n": 100, "specificity": 0.9, "negatives": 50, "sensitivity": 0.8, "positives": 50}
    return plain | changed


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"specificity": 0.3, "sensitivity": 0.7}, "sensitivity + specificity is at most 1"),
        ({"negatives": 0}, "no gold negative"),
        ({"positives": 0}, "no gold positive"),
        ({"n": 0}, "no response outside gold"),
    ],
)
def test_correction_that_cannot_be_made_is_refused_with_the_reason(
    changed: dict[str, float], reason: str
) -> None:
    found = rogan_gladen(**sized(**changed))
    assert found.value is None
    assert reason in found.note


def test_correction_from_a_handful_of_gold_may_lack_an_interval() -> None:
    found = rogan_gladen(**sized(specificity=1.0, negatives=1, sensitivity=0.1, positives=100, rate=0.05))
    assert (found.value, found.low, found.note) == (
        pytest.approx(0.5),
        None,
        "too few gold responses for an interval",
    )


def test_ppi_mean_of_ppi_python_for_fixed_and_tuned_lambda(cases: dict[str, Any]) -> None:
    case = cases["ppi_mean"]
    data = [np.array(case[name], float) for name in ("Y", "Yhat", "Yhat_unlabeled")]
    for tuning, expected in case["by_lambda"].items():
        found = ppi_mean(*data, tuning=None if tuning == "None" else float(tuning))
        assert found.value == pytest.approx(expected["point"], abs=1e-12)
        assert [found.low, found.high] == pytest.approx(expected["ci95"], abs=1e-12)
    y, f, others = data
    tuned = (ppi_mean(*data).value - y.mean()) / (others.mean() - f.mean())
    assert tuned == pytest.approx(case["lambda_tuned_own"], abs=1e-12)


def test_ppi_counts_a_repeated_prompt_once() -> None:
    truth, said = judged(1, 80)
    _, others = judged(2, 300)
    data = [values.astype(float) for values in (truth, said, others)]
    doubled = [np.repeat(values, 2) for values in data]
    once = ppi_mean(*data, tuning=0.5)
    repeated = ppi_mean(
        *doubled,
        tuning=0.5,
        clusters=np.repeat(np.arange(80), 2),
        unlabelled_clusters=np.repeat(np.arange(100, 400), 2),
    )
    assert (repeated.low, repeated.high) == pytest.approx((once.low, once.high), abs=1e-12)


def test_ppi_weights_stand_for_copies() -> None:
    y, f, others = np.array([0.0, 1, 1]), np.array([0.0, 0, 1]), np.array([1.0, 0, 1, 1])
    weighted = ppi_mean(
        y, f, others, tuning=0.4, weights=np.array([1.0, 2, 1]), unlabelled_weights=np.array([3.0, 1, 1, 1])
    )
    copied = ppi_mean(y[[0, 1, 1, 2]], f[[0, 1, 1, 2]], others[[0, 0, 0, 1, 2, 3]], tuning=0.4)
    assert weighted.value == pytest.approx(copied.value, abs=1e-12)


def test_ppi_tunes_by_the_effective_size_of_weighted_gold() -> None:
    y, f = (values.astype(float) for values in judged(9, 120))
    others = judged(10, 90)[1].astype(float)
    weights = np.where(np.arange(120) % 3 == 0, 9.0, 1.0)
    found = ppi_mean(y, f, others, weights=weights)
    mean_y, mean_f = np.average(y, weights=weights), np.average(f, weights=weights)
    power = (found.value - mean_y) / (others.mean() - mean_f)
    size = weights.sum() ** 2 / (weights**2).sum()
    covariance = np.average((y - mean_y) * (f - mean_f), weights=weights)
    spread = np.concatenate([f, others]).var(ddof=1)
    assert power == pytest.approx(covariance / ((1 + size / 90) * spread), abs=1e-9)


def test_ppi_is_unbiased_under_unequal_sampling_when_weighted() -> None:
    rng = np.random.default_rng(3)
    weighted, plain = [], []
    for seed in range(60):
        truth, said = judged(seed, 3000, rate=0.3)
        inclusion = np.where(said == 1, 0.3, 0.05)
        chosen = rng.random(3000) < inclusion
        data = (truth[chosen].astype(float), said[chosen].astype(float), said[~chosen].astype(float))
        weights = {"weights": 1 / inclusion[chosen], "unlabelled_weights": 1 / (1 - inclusion[~chosen])}
        weighted.append(ppi_mean(*data, **weights).value - truth.mean())
        plain.append(ppi_mean(*data).value - truth.mean())
    assert abs(np.mean(weighted)) < 0.01
    assert abs(np.mean(plain)) > 0.03


def test_ppi_without_gold_is_undefined_and_with_one_has_no_interval() -> None:
    nothing, one = np.zeros(0), np.ones(1)
    assert ppi_mean(nothing, nothing, one).note == "no gold response"
    assert (ppi_mean(one, one, np.zeros(3)).low, ppi_mean(one, one, np.zeros(3)).note) == (
        None,
        "one gold response: no interval",
    )


def test_both_corrections_recover_the_truth_that_the_judge_misses() -> None:
    gold, on_gold = judged(4, 800)
    _, elsewhere = judged(5, 8000)
    found = prevalence(gold, on_gold, elsewhere, label=1)
    assert found.naive.low > 0.34
    for estimate in (found.corrected, found.ppi):
        assert estimate.low < 0.3 < estimate.high
        assert estimate.value == pytest.approx(0.3, abs=0.03)


def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    covered = []
    for seed in range(300):
        gold, on_gold = judged(2 * seed, 200)
        _, elsewhere = judged(2 * seed + 1, 1000)
        found = prevalence(gold, on_gold, elsewhere, label=1)
        covered.append([one.low <= 0.3 <= one.high for one in (found.corrected, found.ppi)])
    assert (np.mean(covered, axis=0) > 0.92).all()


def test_shared_prompts_widen_all_three_intervals() -> None:
    gold, on_gold = (np.repeat(values, 4) for values in judged(6, 100))
    elsewhere = np.repeat(judged(7, 200)[1], 4)
    clusters = {
        "clusters_on_gold": np.repeat(np.arange(100), 4),
        "clusters_elsewhere": np.repeat(np.arange(100, 300), 4),
    }
    plain, clustered = (prevalence(gold, on_gold, elsewhere, label=1, **groups) for groups in ({}, clusters))
    for name in ("naive", "corrected", "ppi"):
        one, other = getattr(plain, name), getattr(clustered, name)
        assert other.value == pytest.approx(one.value, abs=1e-12)
        assert other.high - other.low > 1.5 * (one.high - one.low)
    # Copies within a prompt are worth one unit less than there are prompts
    positives = int(gold[::4].sum())
    errors = rogan_gladen(
        rate=elsewhere.mean(),
        n=199,
        specificity=(on_gold[gold == 0] == 0).mean(),
        negatives=100 - positives - 1,
        sensitivity=(on_gold[gold == 1] == 1).mean(),
        positives=positives - 1,
    )
    assert (clustered.corrected.low, clustered.corrected.high) == pytest.approx(
        (errors.low, errors.high), abs=1e-9
    )


def test_gold_that_covers_everything_leaves_the_gold_share() -> None:
    gold, on_gold = judged(8, 100)
    found = prevalence(gold, on_gold, np.zeros(0, int), label=1)
    assert found.naive.value == pytest.approx((on_gold == 1).mean())
    assert (found.corrected.value, found.corrected.note) == (
        None,
        "gold covers every response: nothing is left to correct",
    )
    assert found.ppi.value == pytest.approx(gold.mean())
    assert found.ppi.note == "gold covers every response: this is gold alone"


def test_an_unparsed_verdict_is_not_the_label() -> None:
    found = prevalence(np.array([1, 0]), np.array([1, -1]), np.array([-1, 1]), label=1)
    assert found.naive.value == 0.5


def test_a_judge_without_information_is_not_corrected() -> None:
    gold = np.array([0, 1] * 20)
    found = prevalence(gold, 1 - gold, np.array([0, 1, 1]), label=1)
    assert "sensitivity + specificity" in found.corrected.note
    assert found.ppi.value is not None


def test_a_label_that_gold_never_has_is_not_corrected() -> None:
    found = prevalence(np.zeros(10, int), np.zeros(10, int), np.array([0, 1]), label=1)
    assert found.corrected.note == "no gold positive to measure with"


def test_no_variation_does_not_claim_certainty() -> None:
    found = prevalence(np.ones(30, int), np.ones(30, int), np.ones(50, int), label=1)
    assert found.ppi.value == 1.0
    assert found.ppi.low < 0.95
    assert found.ppi.note == "no variation: Wilson's interval of the gold share"


def test_no_gold_leaves_the_naive_share() -> None:
    nothing = np.zeros(0, int)
    found = prevalence(nothing, nothing, np.array([0, 1]), label=1)
    assert found.naive.value == 0.5
    assert (found.corrected.value, found.ppi.value) == (None, None)


def test_columns_that_do_not_match_are_refused() -> None:
    with pytest.raises(ValueError, match="2 gold labels against 1 verdicts"):
        prevalence(np.array([0, 1]), np.array([0]), np.array([0]), label=1)
    with pytest.raises(ValueError, match="or for neither"):
        prevalence(np.array([0]), np.array([0]), np.array([0]), label=1, clusters_on_gold=np.array([0]))


@pytest.mark.parametrize("changed", [{"rate": 1.1}, {"specificity": -0.1}, {"sensitivity": 90}])
def test_rates_that_are_none_are_refused(changed: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        rogan_gladen(**sized(**changed))


def test_rounding_makes_no_judge_better_than_chance() -> None:
    # Weights share one sum between right and wrong: sensitivity + specificity is 1 but for the last digit
    rng = np.random.default_rng(1)
    for _ in range(300):
        weights = rng.uniform(1, 9, 30)
        hits = rng.random(30) < 0.6
        specificity, sensitivity = (float(np.average(side, weights=weights)) for side in (hits, ~hits))
        assert corrected_rate(0.4, specificity=specificity, sensitivity=sensitivity) is None


def test_gold_of_one_prompt_has_no_interval() -> None:
    y, f = np.array([0.0, 1, 1]), np.array([0.0, 1, 0])
    others = np.random.default_rng(1).random(50)
    one, two = (
        ppi_mean(y, f, others, clusters=np.array(codes), unlabelled_clusters=np.arange(50) + 2)
        for codes in ([0, 0, 0], [0, 0, 1])
    )
    assert (one.low, one.note) == (None, "gold of one prompt: no interval")
    assert two.low < two.value == one.value < two.high
    found = prevalence(
        y.astype(int),
        f.astype(int),
        np.array([0, 1, 1, 0]),
        label=1,
        clusters_on_gold=np.zeros(3, int),
        clusters_elsewhere=np.arange(4) + 1,
    ).ppi
    assert 0 <= found.value <= 1
    assert (found.low, found.note) == (None, "gold of one prompt: no interval")


def test_a_perfect_judge_leaves_its_rate_and_an_interval() -> None:
    truth, _ = judged(12, 700)
    found = prevalence(truth[:200], truth[:200], truth[200:], label=1)
    assert found.corrected.value == pytest.approx(truth[200:].mean())
    for estimate in (found.corrected, found.ppi):
        assert estimate.low < truth[200:].mean() < estimate.high
