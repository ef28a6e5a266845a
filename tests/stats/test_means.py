"""Means of levels: plain ones by hand, corrected ones against ppi_mean, and intervals that claim nothing."""

import numpy as np
import pytest

from ihlannotate.stats.means import clustered_mean, ppi_level_mean
from ihlannotate.stats.prevalence import ppi_mean

SPAN = (1.0, 5.0)


def test_a_mean_has_the_interval_of_its_prompts() -> None:
    values, prompts = np.repeat([1.0, 2.0, 4.0, 5.0], 10), np.repeat([0, 1, 2, 3], 10)
    by_prompt = clustered_mean(values, prompts, empty="none")
    by_response = clustered_mean(values, empty="none")
    assert by_prompt.value == by_response.value == 3.0
    assert by_prompt.low is not None
    assert by_prompt.high is not None
    assert by_response.low is not None
    assert by_response.high is not None
    assert by_prompt.high - by_prompt.low > 2 * (by_response.high - by_response.low)


def test_values_that_are_all_the_same_have_no_interval() -> None:
    found = clustered_mean(np.full(9, 4.0), empty="none")
    assert (found.value, found.low, found.high) == (4.0, None, None)
    assert "the same" in found.note


def test_no_value_has_no_mean() -> None:
    assert clustered_mean(np.array([]), empty="nothing here").note == "nothing here"


def test_what_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        clustered_mean(np.array([1.0, np.nan]), empty="none")


def test_missing_predictions_stand_as_the_mean_of_the_others() -> None:
    gold, said, others = np.array([1.0, 3.0, 4.0]), np.array([2.0, np.nan, 4.0]), np.array([3.0, 3.0])
    assert ppi_level_mean(gold, said, others, span=SPAN) == ppi_mean(gold, np.array([2.0, 3.0, 4.0]), others)


def test_limits_stay_within_the_levels() -> None:
    found = ppi_level_mean(np.array([5.0, 5.0, 5.0, 1.0]), np.ones(4), np.array([]), span=SPAN)
    assert found.high == 5.0
    alike = ppi_level_mean(np.full(4, 2.0), np.full(4, 2.0), np.full(3, 2.0), span=SPAN)
    assert (alike.value, alike.low, alike.high) == (2.0, None, None)


def test_a_judge_that_never_spoke_leaves_golds_mean() -> None:
    found = ppi_level_mean(np.array([1.0, 3.0]), np.full(2, np.nan), np.array([]), span=SPAN)
    assert found.value == 2.0
