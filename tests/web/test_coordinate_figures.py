"""Figures as pages write them, the sentences about them, and the geometry of plots."""

import doctest
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from django.template import Context, Template
from django.utils import translation

from ihlannotate.pipeline.reporting import agreement_plots, drift_plots, figures, plots, words
from ihlannotate.pipeline.reporting.figures import (
    coefficient,
    counted,
    digest,
    minutes,
    percent,
    plain,
    points,
    share,
)
from ihlannotate.pipeline.reporting.plots import (
    Curve,
    Plot,
    by_threshold,
    drift,
    forest,
    heat_map,
    level_use,
    reliability_curve,
    shade,
    stack,
)
from ihlannotate.stats.alternative import AltAnnotator, AltTest
from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.prevalence import Prevalence
from ihlannotate.stats.reliability import Reliability, reliability
from ihlannotate.web.coordinate import methods, pace
from tests.web.coordinators import words_of

WHY = "no unit has two annotations"


@pytest.mark.parametrize("module", [figures, plots, pace, methods, words])
def test_the_examples_in_docstrings_hold(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]  # a module is one


def test_a_coefficient_has_two_decimals_its_interval_and_n() -> None:
    assert words_of(coefficient(Estimate(0.8149, 0.7649, 0.851), 402)) == "0.81 [0.76, 0.85] n=402"
    assert words_of(coefficient(Estimate(0.8149, None, None, "one prompt only"))) == "0.81"
    assert words_of(coefficient(Estimate(-0.1249, -0.3, 0.051), 1234)) == "−0.12 [−0.30, 0.05] n=1,234"


def test_a_share_has_one_decimal_in_percent() -> None:
    assert words_of(share(Estimate(0.9375, 0.91, 0.959), 16)) == "93.8% [91.0, 95.9] n=16"
    assert words_of(points(Estimate(-0.006, -0.046, 0.045))) == "−0.6 pp [−4.6, 4.5]"


def test_the_full_value_and_the_note_stand_in_the_title() -> None:
    html = coefficient(Estimate(2 / 3, 0.5, 0.75, "drawn from 3 prompts"))
    assert 'title="0.6666666666666666 [0.5, 0.75] (drawn from 3 prompts)"' in html


def test_an_undefined_figure_says_why_and_shows_no_number() -> None:
    assert words_of(coefficient(Estimate.undefined(WHY), 0)) == f"undefined: {WHY} n=0"


def test_what_stands_in_a_figure_is_text_and_no_html() -> None:
    assert "<b>" not in coefficient(Estimate.undefined("<b>why</b>"))


def test_small_figures() -> None:
    assert (percent(0.5), percent(None), plain(0.333), plain(None)) == ("50.0%", "–", "0.33", "–")
    assert (counted(1234567), counted(None), minutes(90), minutes(None)) == ("1,234,567", "–", "1.5 min", "–")
    assert words_of(digest("a" * 64)) == "aaaaaaaaaaaa…"


def test_the_filters_are_at_hand_in_every_template() -> None:
    text = Template("{{ one|share:n }}").render(Context({"one": Estimate(0.5, 0.4, 0.6), "n": 9}))
    assert words_of(text) == "50.0% [40.0, 60.0] n=9"


@pytest.mark.parametrize(
    ("alpha", "tone", "sentence"),
    [
        (Estimate(0.9, 0.8, 0.95), "strong", "Agreement is strong (Krippendorff’s α 0.90)"),
        (Estimate(0.9, 0.799, 0.95), "moderate", "Agreement is moderate (Krippendorff’s α 0.90)"),
        (Estimate(0.71, 0.667, 0.75), "moderate", "Agreement is moderate (Krippendorff’s α 0.71)"),
        (Estimate(0.9, 0.6, 0.95), "uncertain", "Agreement is uncertain (Krippendorff’s α 0.90)"),
        (Estimate(0.5, 0.4, 0.66), "low", "Agreement is low (Krippendorff’s α 0.50)"),
        (Estimate.undefined(WHY), "unknown", f"Agreement can’t be measured yet: {WHY}"),
        (
            Estimate(0.9, None, None, "one prompt"),
            "unknown",
            "Agreement has no interval yet (Krippendorff’s α 0.90)",
        ),
    ],
)
def test_agreement_is_put_into_words_by_its_lower_bound(alpha: Estimate, tone: str, sentence: str) -> None:
    reading = words.agreement_reading(alpha)
    assert (reading.tone, reading.text) == (tone, sentence)


def test_an_interval_that_holds_both_limits_does_not_rule_out_strong_agreement() -> None:
    assert "low or at least moderate" in words.agreement_reading(Estimate(0.83, 0.62, 1.0)).hint


def alt_test(*, won: int) -> AltTest:
    each = tuple(AltAnnotator(j, 40, 0.5, 0.01, j < won) for j in range(3))
    return AltTest(0.2, won / 3, 0.5, 3, won / 3 >= 0.5, "", each)


def test_the_alternative_annotator_test_is_told_in_counts() -> None:
    assert "passed: the judge does at least as well as 2 of the 3" in words.alt_test_words(alt_test(won=2))
    assert "not passed: the judge does at least as well as 1 of the 3" in words.alt_test_words(
        alt_test(won=1)
    )
    undone = AltTest(0.2, None, None, 1, None, "not computed: 1 of 3 annotators have 30 items", ())
    assert words.alt_test_words(undone) == (
        "The alternative annotator test was not computed: 1 of 3 annotators have 30 items."
    )


def test_corrections_disagree_where_their_intervals_do_not_meet() -> None:
    naive = Estimate(0.5, 0.4, 0.6)

    def disagree(corrected: Estimate, ppi: Estimate) -> bool:
        return Prevalence(naive, corrected, ppi, naive).corrections_disagree

    assert disagree(Estimate(0.2, 0.1, 0.3), Estimate(0.5, 0.31, 0.6))
    assert disagree(Estimate(0.8, 0.7, 0.9), Estimate(0.5, 0.31, 0.6))
    assert not disagree(Estimate(0.2, 0.1, 0.3), Estimate(0.5, 0.3, 0.6))
    assert not disagree(Estimate.undefined("no"), Estimate(0.5, 0.3, 0.6))


def ticks(plot: Plot) -> set[str]:
    return set(re.findall(r"<text[^>]*>([^<]*)</text>", plot.inline))


@pytest.mark.parametrize(
    ("low", "first", "others"),
    [(0.2, "0.00", ()), (-0.1, "−0.50", ("0.00",)), (-0.5, "−0.50", ()), (-0.7, "−1.00", ("0.00",))],
)
def test_the_axis_reaches_down_to_what_lies_below_zero(low: float, first: str, others: tuple[str]) -> None:
    plot = forest([("x", Estimate(max(low, 0.3), low, 0.9))], title="t", axis="a")
    assert {first, *others, "1.00"} <= ticks(plot)
    assert ("−1.00" in ticks(plot)) == (first == "−1.00")


def test_a_forest_plot_says_what_it_shows_and_that_a_figure_is_undefined() -> None:
    rows = [("<Refused>", Estimate(0.75, 0.5, 1.0)), ("Helpful", Estimate.undefined(WHY))]
    plot = forest(rows, title="They agree", axis="share", as_percent=True, marks=[(0.8, ".80")])
    assert 'aria-label="They agree. &lt;Refused&gt;: 75.0% [50.0, 100.0]; Helpful: undefined"' in plot.inline
    assert {"75.0% [50.0, 100.0]", "undefined", "50%", ".80", "share"} <= ticks(plot)
    assert "<Refused>" not in plot.inline


def test_a_heat_map_writes_its_values_and_leaves_blank_what_is_none() -> None:
    plot = heat_map(
        ["A1", "A2"], ["A1"], [[None], [0.714]], title="t", row_title="r", column_title="Cohen’s κ"
    )
    assert {"A1", "A2", "0.71", "Cohen’s κ"} <= ticks(plot)
    assert plot.inline.count("fill-tint-") == 2  # in two widths


def test_a_heat_map_marks_what_is_none_where_it_is_asked_to() -> None:
    plot = heat_map(
        ["A", "B"], ["X"], [[None], [0.5]], title="t", row_title="r", column_title="c", absent="–"
    )
    assert {"–", "0.50"} <= ticks(plot)


def test_ticks_of_thresholds_are_round_numbers() -> None:
    plot = by_threshold(
        [(0.15, 0.5), (0.62, 0.9), (0.99, None)], (0.62, 0.9), title="t", axis="accuracy", as_percent=True
    )
    assert {"0.20", "0.40", "0.60", "0.80", "100%"} <= ticks(plot)
    assert "0.15" not in ticks(plot)


def test_parts_have_the_names_that_people_read() -> None:
    assert [words.slice_label("language", code) for code in ("ar", "fr", "tlh")] == [
        "Arabic",
        "French",
        "tlh",
    ]
    assert words.slice_label("complexity", "code") == "Code"
    assert words.slice_label("category", "weapons") == "weapons"
    with translation.override("fr"):
        assert words.slice_label("language", "ar") == "Arabe"


def test_level_use_is_told_in_shares_of_each_annotators_own() -> None:
    plot = level_use(["A1", "A2"], ["Refused", "Not"], [[3, 1], [0, 0]], title="t")
    assert {"75.0%", "25.0%", "–", "A2", "Not"} <= ticks(plot)


def test_drift_of_levels_numbers_has_a_tick_for_each_level() -> None:
    thirds = [Estimate(2.0, 1.5, 2.5), Estimate.undefined(WHY), Estimate(4.0, 3.5, 4.5)]
    plot = drift([Curve("", thirds)], title="t", axis="mean level", span=(1, 5))
    assert {"1", "2", "3", "4", "5", "first third", "last third"} <= ticks(plot)
    assert "first third: 2.00 [1.50, 2.50]; middle: undefined" in plot.inline


def test_a_reliability_curve_tells_each_bin() -> None:
    plot = reliability_curve([0.92], [Estimate(0.75, 0.5, 0.9)], [1200], title="Too sure")
    assert "given 92.0%, proved right 75.0% [50.0, 90.0], n=1,200" in plot.inline


def test_matplotlib_is_not_imported_before_something_is_drawn() -> None:
    ask = "import django; django.setup(); import ihlannotate.urls, sys; print('matplotlib' in sys.modules)"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "ihlannotate.settings"}
    said = subprocess.run(
        [sys.executable, "-c", ask], capture_output=True, text=True, check=True, env=environment
    )
    assert said.stdout.strip() == "False"


def test_a_stacked_bar_fills_its_width_in_the_order_given() -> None:
    bar = stack([("refused", 3), ("partly", 0), ("not", 1)])
    assert [(one.label, one.x, one.width) for one in bar.segments] == [("refused", 0, 75), ("not", 75, 25)]
    assert bar.description == "refused 3, not 1"
    ElementTree.fromstring(bar.svg())


def test_a_bar_of_nothing_is_empty() -> None:
    assert stack([("refused", 0)]).segments == ()


def test_the_shade_of_a_cell_grows_with_its_count() -> None:
    assert [shade(n, 100) for n in (0, 1, 25, 100)] == [0, 1, 4, 9]
    assert shade(0, 0) == 0


@pytest.mark.parametrize(
    ("first", "last", "begins"),
    [
        (Estimate(0.8, 0.7, 0.9), Estimate(0.5, 0.4, 0.6), "Agreement goes from α 0.80"),
        (Estimate(0.5, 0.4, 0.6), Estimate(0.8, 0.7, 0.9), "Agreement goes from α 0.50"),
        (Estimate(0.8, 0.7, 0.9), Estimate(0.6, 0.4, 0.7), "No clear change of agreement: α 0.80"),
        (Estimate(0.8, None, None, "one prompt"), Estimate(0.5, 0.4, 0.6), "No clear change"),
        (Estimate.undefined(WHY), Estimate(0.5, 0.4, 0.6), "Agreement in each third"),
    ],
)
def test_a_change_of_agreement_is_named_only_where_intervals_part(
    first: Estimate, last: Estimate, begins: str
) -> None:
    assert drift_plots.agreement_drift_title(first, last).startswith(begins)


def test_the_clearest_change_of_a_level_is_named() -> None:
    up, down = Estimate(0.1, 0.05, 0.2), Estimate(-0.3, -0.4, -0.2)
    assert drift_plots.drift_title([("Refused", up), ("Not", down)]) == (
        "“Not” is chosen less often as annotators go on: by 30.0 pp per 100 items"
    )
    assert drift_plots.drift_title([("Refused", up), ("Not", Estimate(0.5, -0.1, 0.9))]).startswith(
        "“Refused”"
    )
    unclear = [("Refused", Estimate(0.1, -0.05, 0.2)), ("Not", Estimate.undefined(WHY))]
    assert drift_plots.drift_title(unclear).startswith("No level is chosen clearly more or less often")


def test_only_parts_with_prompts_enough_are_compared() -> None:
    def part(prompts: int, count: int, apart: int) -> Reliability:
        rows = [[1, 1]] * apart + [[2, 0], [0, 2]] * count
        units = len(rows)
        clusters = np.arange(units) % prompts
        return reliability(np.array(rows), level="nominal", clusters=clusters, replicates=200)

    high, low, few = part(20, 20, 0), part(20, 2, 20), part(2, 2, 20)
    assert agreement_plots.slices_title([("a", high), ("b", low)]) == "Agreement is higher on “a” than on “b”"
    assert agreement_plots.slices_title([("a", high), ("b", high)]).startswith("No part with at least 5")
    assert agreement_plots.slices_title([("a", high), ("b", few)]).endswith("too few prompts to compare them")


def test_the_median_is_of_all_annotations() -> None:
    assert pace.median([(10, 3), (100, 2)]) == 10
