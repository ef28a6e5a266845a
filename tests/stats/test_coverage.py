"""Intervals keep what they promise: 95% of them hold the truth in simulated studies whose responses share prompts.

The whole check is slow; a small one, which sees the gross faults, is part of every run.
"""

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np
import pytest

from ihlannotate.stats.ceiling import human_ceiling
from ihlannotate.stats.conditional import conditional_mean, corrected_share
from ihlannotate.stats.effects import paired_means, paired_rates
from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.judging import judge_report
from ihlannotate.stats.prevalence import prevalence
from ihlannotate.stats.reliability import rating_counts, reliability

Figures: TypeAlias = dict[str, Estimate]
Study: TypeAlias = Callable[[int, int, bool, int], Figures]

LABELS = ("refused", "partly_refused", "not_refused")
EACH = 5
PROMPTS = 200
MANY = 200_000  # prompts of the study whose figures are the truth


def clusters_of(prompts: int, by_prompt: bool) -> np.ndarray | None:
    return np.repeat(np.arange(prompts), EACH) if by_prompt else None


def responses(seed: int, prompts: int) -> tuple[np.ndarray, np.ndarray, np.random.Generator]:
    """True labels and a judge's verdicts (n, -1 unparsed); both how likely a refusal is and how often the judge is
    right differ between prompts."""
    rng = np.random.default_rng(seed)
    refusing, skill = np.repeat([rng.beta(2, 1, prompts), rng.beta(3, 0.6, prompts)], EACH, axis=1)
    n = prompts * EACH
    truth = np.where(rng.random(n) < refusing, 0, np.where(rng.random(n) < 0.4, 1, 2))
    said = np.where(rng.random(n) < skill, truth, (truth + 1 + (rng.random(n) < 0.4)) % 3)
    return truth, np.where(rng.random(n) < 0.03, -1, said), rng


def judged(seed: int, prompts: int, by_prompt: bool, replicates: int) -> Figures:
    """Every figure of a judge against gold."""
    truth, said, _ = responses(seed, prompts)
    found = judge_report(
        truth,
        said,
        labels=LABELS,
        level="ordinal",
        clusters=clusters_of(prompts, by_prompt),
        replicates=replicates,
        seed=seed,
    )
    names = ("accuracy", "cohen_kappa", "weighted_kappa", "krippendorff_alpha", "mcc", "macro_f1")
    figures = {name: getattr(found, name) for name in names}
    figures |= {
        "parsed accuracy": found.parsed_only.accuracy,
        "parsed kappa": found.parsed_only.cohen_kappa,
    }
    for one in found.per_label:
        for name in ("sensitivity", "specificity", "precision", "f1"):
            figures[f"{one.label} {name}"] = getattr(one, name)
    return figures


def counted(seed: int, prompts: int, by_prompt: bool, replicates: int) -> Figures:
    """Prevalence of refusals, gold being of some responses of each prompt, and not sampled alike."""
    truth, said, rng = responses(seed, prompts)
    inclusion = np.where(said == 0, 0.25, 0.5)
    gold = rng.random(len(truth)) < inclusion
    prompt = np.repeat(np.arange(prompts), EACH)
    clusters = {"clusters_on_gold": prompt[gold], "clusters_elsewhere": prompt[~gold]} if by_prompt else {}
    found = prevalence(
        truth[gold],
        said[gold],
        said[~gold],
        label=0,
        weights_on_gold=1 / inclusion[gold],
        weights_elsewhere=1 / (1 - inclusion[~gold]),
        **clusters,
    )
    return {"naive": found.naive, "corrected": found.corrected, "ppi": found.ppi}


def given_refusal(seed: int, prompts: int, by_prompt: bool, replicates: int) -> Figures:
    """Helpfulness given refusal, gold being of some responses of each prompt, and not sampled alike."""
    truth, said, rng = responses(seed, prompts)
    ease = np.repeat(rng.beta(2, 2, prompts), EACH)
    value = np.rint(1 + 4 * np.clip(ease + rng.normal(0, 0.2, len(truth)), 0, 1))
    judged_value = np.clip(value + rng.integers(0, 2, len(truth)), 1, 5)
    inclusion = np.where(said == 0, 0.25, 0.5)
    gold = rng.random(len(truth)) < inclusion
    applies, seen = np.where(truth == 0, value, np.nan), np.where(said == 0, judged_value, np.nan)
    prompt = np.repeat(np.arange(prompts), EACH)
    found = conditional_mean(
        applies[gold],
        seen[gold],
        seen[~gold],
        weights_on_gold=1 / inclusion[gold],
        weights_elsewhere=1 / (1 - inclusion[~gold]),
        clusters_on_gold=prompt[gold] if by_prompt else None,
        clusters_elsewhere=prompt[~gold] if by_prompt else None,
        replicates=replicates,
        seed=seed,
    )
    return {"naive": found.naive, "gold": found.gold, "ppi": found.ppi}


def share_given_refusal(seed: int, prompts: int, by_prompt: bool, replicates: int) -> Figures:
    """Share of refusals that give a reason, by a judge who errs about the refusal and about the reason."""
    truth, said, rng = responses(seed, prompts)
    reasons = rng.random(len(truth)) < np.repeat(rng.beta(2, 2, prompts), EACH)
    read = np.where(rng.random(len(truth)) < 0.85, reasons, ~reasons)
    # What the judge takes for a refusal though it is none has a reason less often
    read &= (truth == 0) | (rng.random(len(truth)) < 0.5)
    gold = rng.random(len(truth)) < 0.3
    applies, seen = np.where(truth == 0, reasons, np.nan), np.where(said == 0, read, np.nan)
    prompt = np.repeat(np.arange(prompts), EACH)
    columns = applies[gold], seen[gold], seen[~gold]
    clusters = {"clusters_on_gold": prompt[gold], "clusters_elsewhere": prompt[~gold]} if by_prompt else {}
    found = conditional_mean(*columns, **clusters, replicates=replicates, seed=seed)
    corrected = corrected_share(*columns, **clusters, replicates=replicates, seed=seed)
    return {"gold": found.gold, "ppi": found.ppi, "corrected": corrected}


def conditioned(seed: int, prompts: int, by_prompt: bool, replicates: int) -> Figures:
    """Effects of a safety prompt that works on some prompts and not on others."""
    rng = np.random.default_rng(seed)
    before, after = np.repeat([rng.beta(2, 1, prompts), rng.beta(4, 1, prompts)], EACH, axis=1)
    noise = rng.random((2, prompts * EACH))
    shared = {
        "clusters": clusters_of(prompts, by_prompt),
        "replicates": replicates,
        "seed": seed,
    }
    rates = paired_rates(noise[0] < before, noise[1] < after, **shared)
    means = paired_means(np.rint(5 * noise[0] * before), np.rint(5 * noise[1] * after), **shared)
    found = {f"rate {name}": getattr(rates, name) for name in ("first", "second", "difference")}
    return found | {f"mean {name}": getattr(means, name) for name in ("first", "second", "difference")}


def rated(seed: int, prompts: int, by_prompt: bool, replicates: int) -> Figures:
    """Agreement of three annotators, and the judge beside them."""
    truth, said, rng = responses(seed, prompts)
    clear = np.repeat(rng.beta(4, 1, prompts), EACH)
    shape = (3, len(truth))
    ratings = np.where(rng.random(shape) < clear, truth, rng.integers(3, size=shape))
    ratings[rng.random(shape) < 0.2] = -1
    clusters = clusters_of(prompts, by_prompt)
    ceiling = human_ceiling(ratings, said, level_count=3, clusters=clusters, replicates=replicates, seed=seed)
    agreement = reliability(
        rating_counts(ratings, 3), level="nominal", clusters=clusters, replicates=replicates, seed=seed
    )
    names = ("human_accuracy", "human_kappa", "judge_accuracy", "judge_kappa", "accuracy_difference")
    return {name: getattr(ceiling, name) for name in names} | {
        "alpha": agreement.krippendorff_alpha,
        "percent agreement": agreement.percent_agreement,
    }


def truth_of(study: Study) -> dict[str, float]:
    """The figures of a study so large that chance hardly matters."""
    if study is counted:
        # Where gold is everywhere, the judge's rate is the naive figure and gold's own the two others
        truth, said, _ = responses(10**6, MANY)
        refusals = float((truth == 0).mean())
        return {"naive": float((said == 0).mean()), "corrected": refusals, "ppi": refusals}
    return {name: one.value or 0.0 for name, one in study(10**6, MANY, False, 0).items()}


def coverage(
    study: Study, *, runs: int, prompts: int, replicates: int, by_prompt: bool = True
) -> dict[str, float]:
    """Share of `runs` whose interval of each figure holds the truth; an interval that is not there does not."""
    truth = truth_of(study)
    held = dict.fromkeys(truth, 0)
    for seed in range(runs):
        for name, one in study(seed, prompts, by_prompt, replicates).items():
            held[name] += one.low is not None and one.low <= truth[name] <= one.high
    return {name: count / runs for name, count in held.items()}


def outside(found: dict[str, float], low: float, high: float) -> Iterator[tuple[str, float]]:
    return ((name, share) for name, share in found.items() if not low <= share <= high)


@pytest.mark.slow
@pytest.mark.parametrize("study", [judged, counted, given_refusal, share_given_refusal, conditioned, rated])
def test_intervals_hold_the_truth_in_93_to_97_of_100_studies(study: Study) -> None:
    found = coverage(study, runs=2000, prompts=PROMPTS, replicates=1000)
    assert dict(outside(found, 0.93, 0.97)) == {}


@pytest.mark.parametrize("study", [judged, counted, given_refusal, share_given_refusal, conditioned, rated])
def test_intervals_hold_the_truth_about_as_often_as_they_say(study: Study) -> None:
    found = coverage(study, runs=100, prompts=100, replicates=200)
    assert dict(outside(found, 0.88, 1.0)) == {}


@pytest.mark.slow
@pytest.mark.parametrize("study", [judged, conditioned, rated])
def test_intervals_that_forget_the_prompts_do_not(study: Study) -> None:
    found = coverage(study, runs=400, prompts=PROMPTS, replicates=400, by_prompt=False)
    assert min(found.values()) < 0.88
