"""Thresholds: every confusion as scikit-learn counts it, the best by the stated measure, honest on other prompts."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import metrics

from ihlannotate.stats.thresholds import (
    SAME_ANSWER,
    choose_threshold,
    measure_of_decisions,
    measured,
    threshold_counts,
)

MEASURES: Any = ("accuracy", "f1", "mcc", "youden")
OF_SKLEARN: dict[str, Any] = {
    "accuracy": metrics.accuracy_score,
    "f1": metrics.f1_score,
    "mcc": metrics.matthews_corrcoef,
    "youden": lambda truth, said: metrics.balanced_accuracy_score(truth, said, adjusted=True),
}


def scored(seed: int, n: int, *, rate: float = 0.4, gap: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Scores of a judge which are higher by `gap` standard deviations where the label holds, and outcomes."""
    rng = np.random.default_rng(seed)
    outcomes = rng.random(n) < rate
    return rng.normal(size=n) + gap * outcomes, outcomes


columns = st.integers(1, 25).flatmap(
    lambda n: st.tuples(
        arrays(np.float64, n, elements=st.integers(0, 8).map(lambda k: k / 8)), arrays(np.bool_, n)
    )
)


@given(columns=columns)
@settings(max_examples=100)
def test_counts_and_measures_at_every_threshold_equal_scikit_learn(
    columns: tuple[np.ndarray, np.ndarray],
) -> None:
    scores, outcomes = columns
    thresholds, counts = threshold_counts(scores, outcomes)
    assert len(thresholds) == len(np.unique(scores)) + 1
    assert (np.diff(thresholds) > 0).all()
    for at, row in zip(thresholds, counts, strict=True):
        said = scores >= at
        tn, fp, fn, tp = metrics.confusion_matrix(outcomes, said, labels=[False, True]).ravel()
        assert row.tolist() == [tp, fp, fn, tn]
        for measure in MEASURES:
            value = measured(row[None, :], measure)[0]
            if not np.isnan(value):
                assert value == pytest.approx(OF_SKLEARN[measure](outcomes, said), abs=1e-12)
    assert counts[0].tolist()[2:] == counts[-1].tolist()[:2] == [0, 0]


@pytest.mark.parametrize("measure", MEASURES)
def test_the_best_threshold_is_the_lowest_that_nothing_exceeds(measure: Any) -> None:
    scores, outcomes = scored(1, 200)
    found = choose_threshold(scores, outcomes, measure=measure, replicates=50)
    of = OF_SKLEARN[measure]
    values = [of(outcomes, scores >= at) for at in found.thresholds]
    best = found.best
    assert best.value == pytest.approx(max(values))
    assert best.at == found.thresholds[np.flatnonzero(np.isclose(values, max(values)))[0]]
    said = scores >= best.at
    assert best.true_positives == (said & outcomes).sum()
    assert best.false_positives == (said & ~outcomes).sum()
    assert best.false_negatives == (~said & outcomes).sum()
    assert best.true_negatives == (~said & ~outcomes).sum()
    assert found.note == ""


@pytest.mark.parametrize("measure", MEASURES)
def test_on_other_prompts_the_choice_is_not_flattered(measure: Any) -> None:
    chosen, elsewhere, truth = [], [], []
    for seed in range(25):
        scores, outcomes = scored(seed, 60)
        found = choose_threshold(scores, outcomes, measure=measure, replicates=0, seed=seed)
        new, labels = scored(seed + 1000, 20_000)
        chosen.append(found.best.value)
        elsewhere.append(found.on_other_prompts.value)
        truth.append(OF_SKLEARN[measure](labels, new >= found.best.at))
    assert np.mean(chosen) > np.mean(truth) + 0.02
    assert abs(np.mean(elsewhere) - np.mean(truth)) < np.mean(chosen) - np.mean(truth)


def test_copies_of_a_prompt_are_never_on_both_sides_and_count_once() -> None:
    scores, outcomes = scored(2, 80)
    once = choose_threshold(scores, outcomes, measure="accuracy", seed=3)
    prompts = np.tile(np.arange(80), 4)
    copied = choose_threshold(
        np.tile(scores, 4), np.tile(outcomes, 4), measure="accuracy", clusters=prompts, seed=3
    )
    assert (copied.n, copied.clusters, copied.folds) == (320, 80, 5)
    assert copied.on_other_prompts == once.on_other_prompts
    assert copied.best.at == once.best.at


def test_a_perfect_judge_has_a_threshold_without_errors() -> None:
    outcomes = np.arange(60) % 3 == 0
    for measure in MEASURES:
        found = choose_threshold(outcomes.astype(float), outcomes, measure=measure, replicates=50)
        assert (found.best.at, found.best.value, found.on_other_prompts.value) == (1.0, 1.0, 1.0)


def test_a_judge_worse_than_chance_is_said_to_help_nothing() -> None:
    scores, outcomes = scored(3, 300, gap=-2)
    found = choose_threshold(scores, outcomes, measure="accuracy", replicates=20)
    assert found.note == "no threshold does better than one answer for all responses"
    assert found.best.true_positives + found.best.false_positives in (0, 300)


@pytest.mark.parametrize("label", [True, False])
def test_gold_of_one_label_has_no_choice(label: bool) -> None:
    found = choose_threshold(np.arange(40.0), np.full(40, label), measure="youden")
    assert found.best is None
    assert found.note == found.on_other_prompts.note
    assert found.note.startswith("gold is all of one label")
    assert len(found.thresholds) == len(found.counts) == 41


def test_no_gold_and_one_prompt_are_said() -> None:
    nothing = choose_threshold(np.zeros(0), np.zeros(0, bool), measure="f1")
    assert (nothing.best, nothing.note, len(nothing.counts)) == (None, "no response with gold has a score", 0)
    scores, outcomes = scored(4, 30)
    one = choose_threshold(scores, outcomes, measure="f1", clusters=np.zeros(30, int))
    assert one.best is not None
    assert one.on_other_prompts.note == "one prompt only: nothing to check a map on"


def test_a_label_of_one_prompt_only_is_not_checked_on_others() -> None:
    prompts = np.arange(50) // 10
    found = choose_threshold(np.arange(50.0), prompts == 4, measure="youden", clusters=prompts)
    assert found.best.value == 1
    assert found.on_other_prompts.value is None
    assert found.on_other_prompts.note.startswith("not to be checked on other prompts")
    by_accuracy = choose_threshold(np.arange(50.0), prompts == 4, measure="accuracy", clusters=prompts)
    assert by_accuracy.on_other_prompts.value is not None


@pytest.mark.parametrize(
    ("scores", "outcomes"), [([np.nan], [True]), ([0.5], [1]), ([0.5, 0.6], [True])], ids=str
)
def test_what_does_not_fit_is_refused(scores: list[float], outcomes: list[Any]) -> None:
    with pytest.raises(ValueError, match=r"finite|true or false|equal columns"):
        choose_threshold(np.array(scores), np.array(outcomes), measure="f1")


@pytest.mark.parametrize("measure", MEASURES)
def test_decisions_are_measured_as_scikit_learn_does_with_an_interval_around(measure: Any) -> None:
    scores, outcomes = scored(3, 200)
    given = scores > 0.5
    found = measure_of_decisions(
        given, outcomes, measure=measure, clusters=np.arange(200) // 4, replicates=200
    )
    assert found.value == pytest.approx(OF_SKLEARN[measure](outcomes, given))
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.value < found.high


def test_a_measure_without_a_value_says_so_and_columns_must_match() -> None:
    nothing = np.zeros(4, np.bool_)
    assert (
        measure_of_decisions(nothing, nothing, measure="f1").note
        == "the measure is undefined for these decisions"
    )
    with pytest.raises(ValueError, match="do not match"):
        measure_of_decisions(nothing, nothing[:3], measure="f1")


@pytest.mark.parametrize("measure", MEASURES)
def test_a_judge_of_one_score_breaks_no_measure(measure: Any) -> None:
    found = choose_threshold(np.full(60, 0.5), np.arange(60) % 3 == 0, measure=measure, replicates=20)
    assert found.note in ("the judge gives one score only", SAME_ANSWER)
    assert (found.best is None) == (measure == "mcc")


def test_a_judge_of_one_score_on_other_prompts_is_not_told_that_gold_is_of_one_label() -> None:
    scores = np.repeat([0.2, 0.8], 30)
    found = choose_threshold(
        scores, np.arange(60) % 2 == 0, measure="mcc", clusters=np.repeat([0, 1], 30), replicates=20
    )
    assert found.on_other_prompts.note.endswith("the judge gives one score only")
