"""Plans: the half-widths that METHODS states, closed forms, and stopping by precision alone."""

from collections.abc import Callable

import numpy as np
import pytest

from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.planning import alpha_half_width, ppi_half_width, precision, share_half_width
from ihlannotate.stats.prevalence import ppi_mean
from ihlannotate.stats.reliability import reliability

# METHODS "Sampling": alpha near .55, by items and annotators
STATED = {
    50: {2: 0.23, 3: 0.17, 5: 0.14},
    100: {2: 0.16, 3: 0.12, 5: 0.10},
    200: {2: 0.11, 3: 0.085, 5: 0.07},
    400: {2: 0.077, 3: 0.059, 5: 0.049},
}


@pytest.mark.parametrize("n", STATED)
def test_half_widths_of_alpha_are_those_of_methods(n: int) -> None:
    for raters, half in STATED[n].items():
        found = alpha_half_width(n, raters, expected=0.55)
        assert found.half_width == pytest.approx(half, rel=0.12)


def test_the_planned_half_width_is_that_of_the_interval_such_a_study_gets() -> None:
    rng = np.random.default_rng(2)
    widths = []
    for seed in range(20):
        truth = rng.integers(2, size=150)
        told = np.where(rng.random((150, 3)) < 0.6**0.5, truth[:, None], rng.integers(2, size=(150, 3)))
        counts = np.stack([(told == level).sum(axis=1) for level in (0, 1)], axis=1)
        found = reliability(counts, level="nominal", replicates=300, seed=seed).krippendorff_alpha
        assert found.low is not None
        assert found.high is not None
        widths.append((found.high - found.low) / 2)
    assert alpha_half_width(150, 3, expected=0.6).half_width == pytest.approx(np.mean(widths), rel=0.1)


def test_rare_levels_and_shared_prompts_need_more_items() -> None:
    plain = alpha_half_width(200, 3, expected=0.55, studies=400).half_width
    rare = alpha_half_width(200, 3, expected=0.55, prevalence=(0.95, 0.05), studies=400).half_width
    together = alpha_half_width(
        200, 3, expected=0.55, prevalence=(0.9, 0.1), per_prompt=10, shared=0.9, studies=400
    ).half_width
    alone = alpha_half_width(200, 3, expected=0.55, prevalence=(0.9, 0.1), studies=400).half_width
    assert plain is not None and rare is not None and together is not None and alone is not None  # noqa: PT018 (mypy)
    assert rare > 1.5 * plain
    assert together > 1.3 * alone


def test_where_nothing_varies_no_half_width_is_made_up() -> None:
    found = alpha_half_width(3, 2, expected=0.9, prevalence=(0.99, 0.01), studies=100)
    assert found.half_width is None
    assert "no variation" in found.note


def test_the_half_width_of_a_share_is_wilsons_at_the_effective_size() -> None:
    # Newcombe 1998, table I: 81/263 is .2553 to .3662
    assert share_half_width(81 / 263, 263) == pytest.approx((0.3662 - 0.2553) / 2, abs=1e-4)
    assert share_half_width(0.3, 400, design_effect=2) == share_half_width(0.3, 200)


def test_the_half_width_by_ppi_is_that_of_ppi_means_own_interval() -> None:
    rng = np.random.default_rng(4)
    widths, correlations = [], []
    for _study in range(40):
        truth = rng.random(2400) < 0.4
        said = np.where(rng.random(2400) < 0.9, truth, ~truth)
        found = ppi_mean(truth[:400].astype(float), said[:400].astype(float), said[400:].astype(float))
        assert found.low is not None
        assert found.high is not None
        widths.append((found.high - found.low) / 2)
        correlations.append(np.corrcoef(truth, said)[0, 1])
    planned = ppi_half_width(0.4, 400, others=2000, correlation=float(np.mean(correlations)))
    assert planned == pytest.approx(np.mean(widths), rel=0.03)
    assert planned < share_half_width(0.4, 400)


def test_precision_is_reached_by_the_width_alone() -> None:
    assert precision(Estimate(0.2, 0.15, 0.25), target=0.06).reached is True
    assert precision(Estimate(0.95, 0.6, 0.99), target=0.06).reached is False
    without = precision(Estimate.undefined("no unit has two annotations"), target=0.06)
    assert (without.reached, without.note) == (None, "no unit has two annotations")


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (lambda: alpha_half_width(1, 2, expected=0.5), "at least two items"),
        (lambda: alpha_half_width(10, 2, expected=1.5), "lie between 0 and 1"),
        (lambda: alpha_half_width(10, 2, expected=0.5, prevalence=(0.5, 0.6)), "1 in all"),
        (lambda: share_half_width(0.5, 0), "needs labels"),
        (lambda: ppi_half_width(0.5, 10, others=-1, correlation=0.5), "responses"),
        (lambda: precision(Estimate(0.5, 0.4, 0.6), target=0), "above 0"),
    ],
)
def test_numbers_out_of_range_are_refused(asked: Callable[[], object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        asked()
