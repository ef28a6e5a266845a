"""Gold that is unlike the other responses: corrections that leave the possible have no interval, and say why."""

import numpy as np
import pytest

from ihlannotate.stats.conditional import conditional_mean, corrected_share
from ihlannotate.stats.estimate import BEYOND, Estimate, bounded
from ihlannotate.stats.means import ppi_level_mean
from ihlannotate.stats.prevalence import prevalence, rogan_gladen

# Where gold is, the judge misses two of five; elsewhere it says the label of nearly everything.
GOLD = np.repeat([1, 1, 0], [60, 35, 5])
SAID = np.repeat([1, 0], [60, 40])
ELSEWHERE = np.repeat([1, 0], [9990, 10])


def beyond(found: Estimate, value: float) -> bool:
    return (found.value, found.low, found.high, found.note) == (value, None, None, BEYOND)


@pytest.mark.parametrize("clustered", [False, True])
def test_a_prevalence_beyond_1_has_no_interval(clustered: bool) -> None:
    prompts = {"clusters_on_gold": np.arange(100), "clusters_elsewhere": np.arange(100, 10_100)}
    found = prevalence(GOLD, SAID, ELSEWHERE, label=1, **(prompts if clustered else {}))
    assert beyond(found.ppi, 1.0)
    assert beyond(found.corrected, 1.0)
    assert not found.corrections_disagree


def test_a_mean_beyond_its_levels_has_no_interval() -> None:
    levels = [1.0 + 4.0 * column for column in (GOLD, SAID, ELSEWHERE)]
    assert beyond(ppi_level_mean(*levels, span=(1.0, 5.0)), 5.0)


def test_a_share_given_its_condition_beyond_1_has_no_interval() -> None:
    found = conditional_mean(*(column.astype(float) for column in (GOLD, SAID, ELSEWHERE)))
    assert beyond(found.ppi, 1.0)


def test_a_rate_that_the_judges_errors_do_not_allow_has_no_interval() -> None:
    sizes = {"n": 1000, "negatives": 2000, "positives": 200}
    assert beyond(rogan_gladen(rate=0.0, specificity=0.7, sensitivity=0.9, **sizes), 0.0)
    assert beyond(rogan_gladen(rate=1.0, specificity=0.9, sensitivity=0.7, **sizes), 1.0)
    near = rogan_gladen(rate=0.29, specificity=0.7, sensitivity=0.9, **sizes)
    assert (near.value, near.low, near.note) == (0.0, 0.0, "")
    assert 0 < near.high < 0.1


def test_a_corrected_share_that_never_varies_has_no_interval() -> None:
    gold = np.repeat([1.0, np.nan], 10)
    found = corrected_share(np.append(gold, 0.0), np.append(gold, 0.0), np.repeat([1.0, np.nan], 30))
    assert (found.value, found.low, found.high) == (1.0, None, None)
    assert found.note.startswith("all values are the same")


def test_limits_are_bounded_and_kept_where_any_of_the_interval_is_possible() -> None:
    assert bounded(0.5, 0.2, 1.7, span=(0, 1)) == Estimate(0.5, 0.2, 1.0)
    assert bounded(-0.1, -0.3, 0.1, span=(0, 1)) == Estimate(0.0, 0.0, 0.1)
    assert bounded(0.5, 0.5, 0.5, span=(0, 1)) == Estimate(0.5, 0.5, 0.5)
