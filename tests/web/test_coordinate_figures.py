"""Figures as pages write them, the sentences about them, and the geometry of plots."""

import doctest
import xml.etree.ElementTree as ElementTree

import pytest
from django.template import Context, Template

from ihlannotate.stats.alternative import AltAnnotator, AltTest
from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.prevalence import Prevalence
from ihlannotate.web import figures, plots
from ihlannotate.web.coordinate import methods, pace, words
from ihlannotate.web.figures import coefficient, counted, digest, minutes, percent, plain, points, share
from ihlannotate.web.plots import forest, shade, stack
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
        return words.corrections_disagree(Prevalence(naive, corrected, ppi))

    assert disagree(Estimate(0.2, 0.1, 0.3), Estimate(0.5, 0.31, 0.6))
    assert disagree(Estimate(0.8, 0.7, 0.9), Estimate(0.5, 0.31, 0.6))
    assert not disagree(Estimate(0.2, 0.1, 0.3), Estimate(0.5, 0.3, 0.6))
    assert not disagree(Estimate.undefined("no"), Estimate(0.5, 0.3, 0.6))


ROWS = [
    ("Did it <refuse>?", Estimate(0.75, 0.5, 1.0)),
    ("A question so long that no phone has room for it", Estimate(0.5, None, None, "one prompt")),
    ("Undefined", Estimate.undefined(WHY)),
]


def drawing() -> ElementTree.Element:
    found = ElementTree.fromstring(forest(ROWS, title="They agree", axis="α", marks=[(0.8, ".80")]).svg())
    svg = found.find("svg")
    assert svg is not None
    return svg


def test_a_forest_plot_draws_each_point_and_interval_in_its_place() -> None:
    svg = drawing()
    circles = svg.findall("circle")
    assert [one.get("cx") for one in circles] == ["75.000%", "50.000%"]
    (interval,) = (one for one in svg.findall("line") if one.get("class") == "interval")
    assert (interval.get("x1"), interval.get("x2")) == ("50.000%", "100.000%")
    (mark,) = (one for one in svg.findall("line") if one.get("class") == "reference")
    assert mark.get("x1") == "80.000%"
    heights = [float(one.get("cy") or 0) for one in circles]
    assert heights[0] < heights[1] < float(svg.get("height") or 0)


def test_a_forest_plot_can_be_read_without_being_seen() -> None:
    svg = drawing()
    assert svg.findtext("title") == "They agree"
    description = svg.findtext("desc") or ""
    assert "Did it <refuse>?: 0.75 [0.50, 1.00]" in description
    assert "A question so long that no phone has room for it: 0.50" in description
    assert "Undefined: undefined" in description


def test_a_label_that_does_not_fit_is_cut_and_told_in_full() -> None:
    texts = [one for one in drawing().findall("text") if one.get("class") == "row-label"]
    shown, full = (texts[1].find("title").tail or ""), texts[1].findtext("title")  # type: ignore[union-attr]  # checked
    assert shown.endswith("…")
    assert len(shown) <= plots.LABEL
    assert full == "A question so long that no phone has room for it"


@pytest.mark.parametrize(
    ("low", "zero"), [(0.2, "0.000%"), (-0.1, "33.333%"), (-0.5, "33.333%"), (-0.7, "50.000%")]
)
def test_the_axis_reaches_down_to_what_lies_below_zero(low: float, zero: str) -> None:
    plot = forest([("x", Estimate(max(low, 0.3), low, 0.9))], title="t", axis="a")
    assert {tick.label: f"{tick.at:.3f}%" for tick in plot.ticks}["0.00"] == zero
    assert 0 <= (plot.rows[0].low or 0) <= 100


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


def test_the_median_is_of_all_annotations() -> None:
    assert pace.median([(10, 3), (100, 2)]) == 10
