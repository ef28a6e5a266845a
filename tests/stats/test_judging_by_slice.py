"""A judge on parts of the data: the figures of the part alone, from replicates that all parts share."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, cohen_kappa_score

from ihlannotate.stats.judging import judge_report
from ihlannotate.stats.judging_by_slice import judge_by_slice
from ihlannotate.stats.proportions import wilson
from ihlannotate.stats.reliability import slices_of

LABELS = ("a", "b", "c")


@pytest.fixture(scope="module")
def judged() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """240 responses to 60 prompts: gold, verdicts that are right in two of three, and prompts."""
    rng = np.random.default_rng(7)
    gold = rng.integers(3, size=240)
    said = np.where(rng.random(240) < 2 / 3, gold, rng.integers(-1, 3, size=240))
    return gold, said, np.arange(240) // 4


def test_a_part_has_the_figures_of_its_responses_as_scikit_learn_gives_them(
    judged: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    gold, said, prompts = judged
    group = np.arange(240) % 3
    found = judge_by_slice(gold, said, slices_of(group, 3), label_count=3, clusters=prompts, replicates=50)
    for code, one in enumerate(found):
        own = group == code
        assert one.accuracy.value == pytest.approx(accuracy_score(gold[own], said[own]), abs=1e-12)
        assert one.cohen_kappa.value == pytest.approx(cohen_kappa_score(gold[own], said[own]), abs=1e-12)
        assert (one.n, one.unparsed, one.clusters) == (80, int((said[own] < 0).sum()), 60)
        for figure in (one.accuracy, one.cohen_kappa):
            assert figure.low < figure.value < figure.high


@pytest.mark.parametrize("clustered", [True, False])
def test_the_part_of_everything_has_the_kappa_and_interval_of_the_whole_report(
    judged: tuple[np.ndarray, np.ndarray, np.ndarray], clustered: bool
) -> None:
    gold, said, prompts = judged
    clusters = prompts if clustered else None
    whole = judge_report(
        gold, said, labels=LABELS, level="nominal", clusters=clusters, replicates=100, seed=3
    )
    (found,) = judge_by_slice(
        gold, said, np.ones((1, 240), bool), label_count=3, clusters=clusters, replicates=100, seed=3
    )
    assert found.cohen_kappa == whole.cohen_kappa
    assert found.accuracy.value == pytest.approx(whole.accuracy.value, abs=1e-12)


def test_parts_say_their_own_reasons_where_something_is_undefined() -> None:
    gold = np.array([0, 0, 0, 1, 1, 0])
    slices = np.array([[0, 0, 0, 0, 0, 0], [1, 1, 1, 0, 0, 0], [0, 0, 0, 0, 1, 1]], bool)
    prompts = np.array([0, 1, 2, 3, 4, 4])
    empty, same, one_prompt = judge_by_slice(
        gold, gold, slices, label_count=2, clusters=prompts, replicates=50
    )
    assert empty.accuracy.value is None
    assert (
        empty.accuracy.note
        == empty.cohen_kappa.note
        == "no response of this part has both gold and a verdict"
    )
    assert same.cohen_kappa.value is None
    assert "one and the same label" in same.cohen_kappa.note
    assert (one_prompt.cohen_kappa.value, one_prompt.cohen_kappa.low) == (1.0, None)
    assert "one prompt only" in one_prompt.cohen_kappa.note


def test_a_part_judged_without_error_still_has_an_interval_with_width() -> None:
    gold = np.array([0, 1] * 10)
    (found,) = judge_by_slice(
        gold, gold, np.ones((1, 20), bool), label_count=2, clusters=np.arange(20), replicates=50
    )
    assert found.accuracy.low == pytest.approx(wilson(20, 20).low)
    assert (found.accuracy.value, found.accuracy.high) == (1.0, 1.0)


def test_slices_of_another_length_and_codes_that_are_no_labels_are_refused() -> None:
    with pytest.raises(ValueError, match="subsets of as many columns"):
        judge_by_slice(np.zeros(3, int), np.zeros(3, int), np.ones((1, 4), bool), label_count=2)
    with pytest.raises(ValueError, match="codes lie between"):
        judge_by_slice(np.array([2]), np.array([0]), np.ones((1, 1), bool), label_count=2)
