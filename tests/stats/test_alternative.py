"""The alternative annotator test gives the answers of its authors' code and refuses thin data."""

from typing import Any

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from ihlannotate.stats.alternative import AltTest, alternative_annotator_test

SYNTHETIC = [f"{metric}|eps={epsilon}" for metric in ("accuracy", "neg_rmse") for epsilon in (0.0, 0.1, 0.2)]


@pytest.fixture(scope="module")
def synthetic(cases: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Ratings (4 × 60) and verdicts (60) on five levels."""
    case = cases["alt_test_synthetic"]
    ratings, verdicts = np.full((4, 60), -1), np.full(60, -1)
    for row, human in enumerate(case["humans"].values()):
        for item, value in human.items():
            ratings[row, int(item)] = value - 1
    for item, value in case["llm"].items():
        verdicts[int(item)] = value - 1
    return ratings, verdicts


@pytest.mark.parametrize("key", SYNTHETIC)
def test_the_synthetic_case_as_the_code_of_calderon_answers_it(
    cases: dict[str, Any], synthetic: tuple[np.ndarray, np.ndarray], key: str
) -> None:
    expected = cases["alt_test_synthetic"]["expected"][key]
    metric, epsilon = key.split("|eps=")
    level: Any = "nominal" if metric == "accuracy" else "ordinal"
    found = alternative_annotator_test(*synthetic, epsilon=float(epsilon), level=level)
    assert found.winning_rate == expected["winning_rate"]
    assert found.passed == (expected["winning_rate"] >= 0.5)
    assert found.annotators_tested == 4
    assert found.advantage_probability == pytest.approx(expected["advantage_probability"], abs=1e-12)
    assert [one.p_value for one in found.per_annotator] == pytest.approx(
        list(expected["p_values"].values()), rel=1e-9
    )
    assert [one.advantage_probability for one in found.per_annotator] == pytest.approx(
        list(expected["rho_f_by_human"].values()), abs=1e-12
    )


def test_distances_follow_the_values_of_interval_levels(synthetic: tuple[np.ndarray, np.ndarray]) -> None:
    ordinal, even, uneven = (
        alternative_annotator_test(*synthetic, epsilon=0.1, level=level, values=values).advantage_probability
        for level, values in (
            ("ordinal", None),
            ("interval", [1, 2, 3, 4, 5]),
            ("interval", [1, 2, 3, 4, 50]),
        )
    )
    assert ordinal == even != uneven


def panel(units: int, *, annotators: int = 3) -> np.ndarray:
    """Annotators who agree on four of five items."""
    rng = np.random.default_rng(1)
    truth = rng.integers(2, size=units)
    return np.where(rng.random((annotators, units)) < 0.8, truth, 1 - truth)


def test_a_judge_who_copies_the_majority_passes_and_one_who_contradicts_it_fails() -> None:
    ratings = panel(200)
    majority = (ratings.sum(axis=0) >= 2).astype(int)
    good, bad = (
        alternative_annotator_test(ratings, said, epsilon=0.1, level="nominal")
        for said in (majority, 1 - majority)
    )
    assert (good.winning_rate, good.passed, good.note) == (1.0, True, "")
    assert (bad.winning_rate, bad.passed) == (0.0, False)
    assert good.advantage_probability > bad.advantage_probability


@pytest.mark.parametrize("significance", [0.001, 0.01, 0.05, 0.2])
def test_annotators_are_outdone_where_benjamini_and_yekutieli_reject_as_in_statsmodels(
    significance: float,
) -> None:
    rng = np.random.default_rng(7)
    truth = rng.integers(2, size=80)
    right = rng.random((9, 80)) < np.linspace(0.6, 0.95, 9)[:, None]
    verdicts = np.where(rng.random(80) < 0.85, truth, 1 - truth)
    found = alternative_annotator_test(
        np.where(right, truth, 1 - truth), verdicts, epsilon=0.1, level="nominal", significance=significance
    ).per_annotator
    expected = multipletests([one.p_value for one in found], alpha=significance, method="fdr_by")[1]
    assert [one.rejected for one in found] == list(expected <= significance)
    assert 0 < sum(one.rejected for one in found) < 9


def test_a_judge_equal_to_everybody_wins_by_epsilon_alone() -> None:
    ratings = np.zeros((3, 40), int)
    verdicts = np.zeros(40, int)
    with_margin, without = (
        alternative_annotator_test(ratings, verdicts, epsilon=epsilon, level="nominal")
        for epsilon in (0.1, 0.0)
    )
    assert ([one.p_value for one in with_margin.per_annotator], with_margin.passed) == ([0.0] * 3, True)
    assert ([one.p_value for one in without.per_annotator], without.passed) == ([1.0] * 3, False)


@pytest.mark.parametrize("level", ["nominal", "ordinal"])
def test_an_unparsed_verdict_never_wins(level: Any) -> None:
    ratings = np.zeros((3, 40), int)
    ratings[:, ::2] = 1
    found = alternative_annotator_test(ratings, np.full(40, -1), epsilon=0.2, level=level)
    assert (found.winning_rate, found.advantage_probability) == (0.0, 0.0)
    assert found.note == "40 unparsed verdicts agree with nobody"


def not_computed(found: AltTest) -> bool:
    figures = (found.winning_rate, found.advantage_probability, found.passed)
    return (
        figures == (None, None, None) and found.note.startswith("not computed") and found.per_annotator == ()
    )


def test_fewer_than_thirty_items_are_not_enough() -> None:
    for ratings in (panel(29), np.zeros((0, 50), int), np.zeros((2, 0), int)):
        verdicts = np.zeros(ratings.shape[1], int)
        assert not_computed(alternative_annotator_test(ratings, verdicts, epsilon=0.2, level="nominal"))


def test_items_that_nobody_else_rated_do_not_count() -> None:
    ratings = panel(60)
    ratings[1:, 29:] = -1
    assert not_computed(alternative_annotator_test(ratings, ratings[0], epsilon=0.2, level="nominal"))
    ratings = panel(60)
    ratings[2, 29:] = -1
    found = alternative_annotator_test(ratings, ratings[0], epsilon=0.2, level="nominal")
    assert found.annotators_tested == 2
    assert [(one.annotator, one.items) for one in found.per_annotator] == [(0, 60), (1, 60)]


def test_one_annotator_with_enough_items_is_not_enough() -> None:
    ratings = panel(58)
    ratings[1, 29:] = -1
    ratings[2, :29] = -1
    found = alternative_annotator_test(ratings, ratings[0], epsilon=0.2, level="nominal")
    assert not_computed(found)
    assert found.annotators_tested == 1


def test_a_lone_annotator_is_not_enough() -> None:
    found = alternative_annotator_test(
        panel(60, annotators=1), np.zeros(60, int), epsilon=0.2, level="nominal"
    )
    assert not_computed(found)
    assert found.note == "not computed: 0 of 1 annotators have 30 items others rated too, and 2 are needed"


def test_verdicts_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="60 rated items against 3 verdicts"):
        alternative_annotator_test(panel(60), np.zeros(3, int), epsilon=0.2, level="nominal")


def test_a_level_that_nobody_gave_changes_nothing() -> None:
    ratings = panel(60)
    found, without = (
        alternative_annotator_test(ratings, ratings[0], epsilon=0.1, level="interval", values=values)
        for values in ([1, 2, 4, 8], [1, 2])
    )
    assert found == without


def test_ties_are_ties_whatever_rounding_makes_of_the_values() -> None:
    # .3 - .2 is a little less than .2 - .1
    ratings = np.array([[2] * 40, [1] * 40, [1] * 40])
    found = alternative_annotator_test(
        ratings, np.zeros(40, int), epsilon=0.1, level="interval", values=[0.1, 0.2, 0.3]
    )
    assert found.per_annotator[0].advantage_probability == 1.0


def test_codes_beyond_the_values_are_refused() -> None:
    with pytest.raises(ValueError, match="ratings lie between"):
        alternative_annotator_test(
            panel(60) + 1, np.zeros(60, int), epsilon=0.1, level="interval", values=[1, 2]
        )
