"""The human ceiling: same reference, same responses, for annotators and judge."""

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from ihlannotate.stats.ceiling import human_ceiling
from ihlannotate.stats.proportions import wilson


def rated(seed: int, *, units: int = 300, judge: float = 0.7) -> tuple[np.ndarray, np.ndarray]:
    """Four annotators (right 85% of the time, a fifth missing) and a judge on three levels."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(3, size=units)
    ratings = np.where(rng.random((4, units)) < 0.85, truth, rng.integers(3, size=(4, units)))
    ratings[rng.random(ratings.shape) < 0.2] = -1
    return ratings, np.where(rng.random(units) < judge, truth, rng.integers(-1, 3, size=units))


def majority_of_others(ratings: np.ndarray, annotator: int, unit: int) -> int:
    given = [level for row, level in enumerate(ratings[:, unit]) if row != annotator and level >= 0]
    for level in set(given):
        if 2 * given.count(level) > len(given):
            return int(level)
    return -1


def test_annotators_and_judge_are_held_against_the_majority_of_the_others() -> None:
    ratings, verdicts = rated(1)
    found = human_ceiling(ratings, verdicts, level_count=3, replicates=20)
    for one in found.per_annotator:
        reference = np.array([majority_of_others(ratings, one.annotator, unit) for unit in range(300)])
        scored = (reference >= 0) & (ratings[one.annotator] >= 0)
        human, judge = ratings[one.annotator][scored], verdicts[scored]
        assert one.n == scored.sum()
        assert one.human_accuracy == wilson(int((human == reference[scored]).sum()), one.n)
        assert one.judge_accuracy == wilson(int((judge == reference[scored]).sum()), one.n)
        assert one.human_kappa.value == pytest.approx(cohen_kappa_score(human, reference[scored]), abs=1e-12)
        assert one.judge_kappa.value == pytest.approx(cohen_kappa_score(judge, reference[scored]), abs=1e-12)


def test_the_ceiling_is_the_mean_over_annotators() -> None:
    found = human_ceiling(*rated(2), level_count=3, replicates=200)
    for name in ("human_accuracy", "human_kappa", "judge_accuracy", "judge_kappa"):
        mean = np.mean([getattr(one, name).value for one in found.per_annotator])
        assert getattr(found, name).value == pytest.approx(mean, abs=1e-12)
        assert getattr(found, name).low < mean < getattr(found, name).high
    assert found.accuracy_difference.value == pytest.approx(
        found.judge_accuracy.value - found.human_accuracy.value, abs=1e-12
    )


def test_a_worse_judge_lies_below_the_ceiling_and_a_perfect_one_above() -> None:
    worse = human_ceiling(*rated(3, judge=0.5), level_count=3).accuracy_difference
    better = human_ceiling(*rated(3, judge=1.0), level_count=3).accuracy_difference
    assert worse.high < 0 < better.low


def test_an_unparsed_verdict_is_wrong() -> None:
    found = human_ceiling(np.array([[0, 1], [0, 1]]), np.array([0, -1]), level_count=2, replicates=20)
    assert (found.human_accuracy.value, found.judge_accuracy.value) == (1.0, 0.5)


def test_with_two_annotators_each_is_the_others_reference() -> None:
    found = human_ceiling(np.array([[0, 1, 1, 0], [0, 1, 0, 0]]), np.array([0, 1, 1, 0]), level_count=2)
    assert [one.human_accuracy.value for one in found.per_annotator] == [0.75, 0.75]
    assert [one.judge_accuracy.value for one in found.per_annotator] == [0.75, 1.0]


def test_shared_prompts_widen_the_intervals() -> None:
    ratings, verdicts = rated(4, units=80)
    many, clusters = np.repeat(ratings, 6, axis=1), np.repeat(np.arange(80), 6)
    plain, clustered = (
        human_ceiling(many, np.repeat(verdicts, 6), level_count=3, clusters=groups, replicates=400)
        for groups in (None, clusters)
    )
    for name in ("human_accuracy", "judge_kappa", "accuracy_difference"):
        one, other = getattr(plain, name), getattr(clustered, name)
        assert other.high - other.low > 1.8 * (one.high - one.low)


@pytest.mark.parametrize(
    "ratings",
    [np.zeros((0, 4), int), np.zeros((2, 0), int), np.full((3, 4), -1), np.array([[0, 1, 0, 1]])],
    ids=["nobody", "no units", "all missing", "one annotator"],
)
def test_without_a_reference_nothing_is_defined(ratings: np.ndarray) -> None:
    found = human_ceiling(ratings, np.zeros(ratings.shape[1], int), level_count=2)
    for estimate in (
        found.human_accuracy,
        found.judge_accuracy,
        found.human_kappa,
        found.accuracy_difference,
    ):
        assert estimate.value is None
        assert estimate.note == "no rated response on which most of the other annotators agree"
    assert all(one.n == 0 for one in found.per_annotator)


def test_all_the_same_has_accuracy_and_no_kappa() -> None:
    found = human_ceiling(np.zeros((3, 6), int), np.zeros(6, int), level_count=2)
    assert (found.human_accuracy.value, found.human_kappa.value) == (1.0, None)
    assert found.human_kappa.note == "no variation: reference and rater use one and the same label"


def test_verdicts_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="2 rated responses against 1 verdicts"):
        human_ceiling(np.array([[0, 1], [0, 1]]), np.array([0]), level_count=2)
