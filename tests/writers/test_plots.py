"""Plots: every value in its place, every word in it, fit for a strict page, the same bytes each time."""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path

import pytest

from ihlannotate.writers.plots import palette
from ihlannotate.writers.plots.curves import by_threshold, drift, reliability_curve
from ihlannotate.writers.plots.dumbbells import dumbbell
from ihlannotate.writers.plots.forests import forest
from ihlannotate.writers.plots.grids import bars, heat_map
from ihlannotate.writers.plots.shapes import Axis, Bin, Cell, Drawing, Pair, Panel, Point, Row

AXIS = Axis("α", 0.0, 1.0, ((0.0, "0.00"), (0.5, "0.50"), (1.0, "1.00")), ((0.8, ".80"),))
NAME = "A question <so> long that no column beside an axis has room for all of it, however it is broken into lines"
ROWS = (
    Row("Did it refuse?", Point(0.75, 0.5, 1.0, "0.75 [0.50, 1.00]")),
    Row(NAME, Point(0.5, None, None, "0.50")),
    Row("日本 $x$", Point(None, None, None, "undefined")),
)
LEVELS = ("Refused", "Partly", "Not")
CELLS = tuple(tuple(Cell(at / 4, f"{at}{column}", at == column) for column in range(3)) for at in range(3))
THIRDS = tuple(Point(value, value - 0.1, value + 0.1, f"{value}") for value in (0.25, 0.5, 0.75))
PLACES = ("first", "middle", "last")
PAIRS = (
    Pair("Aster-1", Point(0.25, 0.1, 0.4, "25%"), Point(0.75, 0.6, 0.9, "75%"), "25% → 75%"),
    Pair(NAME, Point(None, None, None, "undefined"), Point(0.5, None, None, "50%"), "undefined → 50%"),
)
DRAWINGS = {
    "dumbbell": lambda: dumbbell(PAIRS, AXIS, first="none", second=NAME, title="More <refusals>"),
    "no pair": lambda: dumbbell((), AXIS, first="none", second="safety", title="t"),
    "forest": lambda: forest(ROWS, AXIS, title="They <agree>"),
    "heat map": lambda: heat_map(LEVELS, LEVELS, CELLS, title="t", row_title="gold", column_title="said"),
    "bars": lambda: bars(("A1", "A2", "A3"), LEVELS, CELLS, title="t"),
    "drift": lambda: drift([Panel("Refused", THIRDS, ((0.1, None, 0.3),))], PLACES, AXIS, title="t"),
    "reliability": lambda: reliability_curve([Bin(0.3, THIRDS[0])], AXIS, AXIS, title="t", reference="same"),
    "thresholds": lambda: by_threshold(
        [(0.0, 0.5), (0.5, 0.75), (1.0, None)],
        (0.5, Point(0.75, None, None, "0.75 at 0.50")),
        AXIS,
        AXIS,
        title="t",
    ),
    "nothing": lambda: forest((), AXIS, title="t"),
    "no cells": lambda: heat_map((), (), (), title="t", row_title="r", column_title="c"),
    "no bars": lambda: bars((), (), (), title="t"),
    "no panel": lambda: drift((), PLACES, AXIS, title="t"),
}
Element = ElementTree.Element


def wide(drawing: Drawing) -> Element:
    return ElementTree.fromstring(f"<div>{drawing.inline}</div>")[0]


def narrow(drawing: Drawing) -> Element:
    return ElementTree.fromstring(f"<div>{drawing.inline}</div>")[1]


def lines_of(svg: Element, name: str) -> list[tuple[float, float, float, float]]:
    """The ends of each straight line whose stroke has this name."""
    paths = [one.get("d", "") for one in svg if f"stroke-{name}" in (one.get("class") or "").split()]
    ends = [re.findall(r"-?[\d.]+", path) for path in paths if path.count("L") == 1]
    return [tuple(map(float, one)) for one in ends]  # type: ignore[misc]  # two ends have four numbers


def points_of(svg: Element) -> list[tuple[float, float]]:
    moved = [one.get("transform", "") for one in svg if "fill-accent" in (one.get("class") or "")]
    return [tuple(map(float, re.findall(r"-?[\d.]+", one))) for one in moved if one]  # type: ignore[misc]  # x, y


def words_of(svg: Element) -> list[str]:
    return [one.text or "" for one in svg.iter("text")]


@pytest.mark.parametrize("kind", DRAWINGS)
def test_a_page_with_a_strict_policy_takes_a_plot(kind: str) -> None:
    drawing = DRAWINGS[kind]()
    page = ElementTree.fromstring(f"<div>{drawing.inline}</div>")
    assert len(page) == 2
    for one in page.iter():
        assert one.tag in ("div", "svg", "path", "text")
        assert not {"style", "id", "href", "onload"} & set(one.attrib)
        for colour in (one.get("fill", "none"), one.get("stroke", "none")):
            assert colour == "none", "colours are classes"


@pytest.mark.parametrize("kind", DRAWINGS)
def test_a_file_carries_its_own_colours_and_title(kind: str) -> None:
    drawing = DRAWINGS[kind]()
    file = ElementTree.fromstring(drawing.standalone)
    assert file.tag == "{http://www.w3.org/2000/svg}svg"
    assert "class=" not in drawing.standalone
    paints = {one.get(paint) for one in file.iter() for paint in ("fill", "stroke")} - {None, "none"}
    assert paints <= set(palette.NAMES)
    assert drawing.title in [one.text for one in file.iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("kind", DRAWINGS)
def test_the_same_plot_is_the_same_bytes(kind: str) -> None:
    assert DRAWINGS[kind]() == DRAWINGS[kind]()


@pytest.mark.parametrize("form", [wide, narrow])
def test_a_forest_plot_draws_each_point_and_interval_in_its_place(form: object) -> None:
    svg = form(DRAWINGS["forest"]())  # type: ignore[operator]  # wide or narrow
    (axis,) = (one for one in lines_of(svg, "edge") if one[1] == one[3])
    start, end = axis[0], axis[2]

    def at(x: float) -> float:
        return round((x - start) / (end - start), 3)

    assert [at(x) for x, _y in points_of(svg)] == [0.75, 0.5]
    (interval,) = lines_of(svg, "soft")
    assert (at(interval[0]), at(interval[2])) == (0.5, 1.0)
    assert {at(one[0]) for one in lines_of(svg, "edge") if one[0] == one[2]} == {0.8}
    heights = [y for _x, y in points_of(svg)]
    assert heights[0] < heights[1] < axis[1]


def test_words_stand_in_a_plot_as_they_are_and_cut_only_where_there_is_no_room() -> None:
    svg = wide(DRAWINGS["forest"]())
    assert "日本 $x$" in words_of(svg)
    assert "0.75 [0.50, 1.00]" in words_of(svg)
    assert any(word.endswith("…") for word in words_of(svg))
    assert NAME in (svg.get("aria-label") or "")


def test_a_name_with_characters_that_xml_cannot_hold_leaves_the_plot_whole() -> None:
    drawing = forest([Row("Aster\x01\x1b", ROWS[0].point)], AXIS, title="A\x00")
    ElementTree.fromstring(drawing.standalone)
    assert "Aster\ufffd\ufffd" in words_of(wide(drawing))


def test_what_lies_beyond_an_axis_is_drawn_at_its_end_and_told_in_full() -> None:
    beyond = Point(-0.5, -2.0, 3.0, "-0.50 [-2.00, 3.00]")
    svg = wide(forest((Row("x", beyond),), AXIS, title="t"))
    (axis,) = (one for one in lines_of(svg, "edge") if one[1] == one[3])
    (interval,) = lines_of(svg, "soft")
    assert (interval[0], interval[2]) == (axis[0], axis[2])
    assert "-0.50 [-2.00, 3.00]" in words_of(svg)


def hollow_points_of(svg: Element) -> list[float]:
    moved = [one.get("transform", "") for one in svg if "stroke-accent" in (one.get("class") or "")]
    return [float(re.findall(r"-?[\d.]+", one)[0]) for one in moved if one]


@pytest.mark.parametrize("form", [wide, narrow])
def test_a_dumbbell_leads_from_the_hollow_value_to_the_full_one(form: Callable[[Drawing], Element]) -> None:
    svg = form(DRAWINGS["dumbbell"]())
    first, key = hollow_points_of(svg)  # the second row has no first value
    last, of_second_row, other_key = (x for x, _y in points_of(svg))
    assert key < other_key, "what the signs mean is told in their order"
    ends = [(a, b) for a, _c, b, _d in lines_of(svg, "edge")]
    assert (pytest.approx(first, abs=0.1), pytest.approx(last, abs=0.1)) in ends
    assert first < last
    # .25, .75 and .5 are measured on one axis
    assert of_second_row == pytest.approx((first + last) / 2, abs=0.1)
    assert "25% → 75%" in words_of(svg)


def tints(svg: Element) -> list[str]:
    return [word for one in svg for word in (one.get("class") or "").split() if word.startswith("fill-tint")]


def test_the_cells_of_a_heat_map_are_darker_where_more_is() -> None:
    cells = ((Cell(0.0, "a"), Cell(0.5, "b")), (Cell(None, ""), Cell(1.0, "d")))
    svg = wide(heat_map(("r", "s"), ("x", "y"), cells, title="t", row_title="", column_title=""))
    assert tints(svg) == ["fill-tint-0", "fill-tint-5", "fill-tint-9"]


def test_framed_cells_have_a_frame() -> None:
    svg = wide(DRAWINGS["heat map"]())
    assert sum("stroke-accent" in (one.get("class") or "") for one in svg) == 3


def test_words_of_a_crowded_heat_map_are_left_to_the_table() -> None:
    many = [str(number) for number in range(20)]
    cells = [[Cell(0.5, "0.50")] * 20] * 20
    drawing = heat_map(many, many, cells, title="t", row_title="", column_title="")
    assert "0.50" not in words_of(narrow(drawing))
    assert "0, 19: 0.50" in drawing.description


def boxes(svg: Element) -> list[float]:
    """The width of each bar."""
    shapes = [one.get("d", "") for one in svg if "fill-accent" in (one.get("class") or "").split()]
    across = [[float(x) for x in re.findall(r"[ML] (-?[\d.]+)", shape)] for shape in shapes]
    return [round(max(one) - min(one), 2) for one in across]


def test_bars_are_as_long_as_their_part() -> None:
    svg = wide(bars(("A1",), ("x", "y"), ((Cell(0.25, "25%"), Cell(0.75, "75%")),), title="t"))
    short, long = boxes(svg)
    assert long == pytest.approx(3 * short, abs=0.05)


def test_many_levels_stand_one_below_another() -> None:
    levels = tuple(f"level {number}" for number in range(11))
    svg = wide(bars(("A1",), levels, ((Cell(0.1, "10%"),) * 11,), title="t"))
    heights = [float(one.get("y", "0")) for one in svg.iter("text") if (one.text or "").startswith("level")]
    assert len(set(heights)) == 11


def test_drift_shows_each_third_with_its_interval_and_each_annotator_as_a_thin_line() -> None:
    svg = wide(DRAWINGS["drift"]())
    heights = [y for _x, y in points_of(svg)]
    assert heights[0] - heights[1] == pytest.approx(heights[1] - heights[2], abs=0.05)
    assert len(lines_of(svg, "soft")) == 3
    assert {"first", "middle", "last", "Refused"} <= set(words_of(svg))


def test_what_came_true_as_often_as_stated_lies_on_the_diagonal() -> None:
    bins = [Bin(0.5, Point(0.5, None, None, "")), Bin(1.0, Point(0.8, None, None, ""))]
    svg = wide(reliability_curve(bins, AXIS, AXIS, title="t", reference="same"))
    diagonal = next(one for one in lines_of(svg, "edge") if one[0] != one[2] and one[1] != one[3])
    on, below = points_of(svg)
    assert on == ((diagonal[0] + diagonal[2]) / 2, (diagonal[1] + diagonal[3]) / 2)
    assert below[0] == diagonal[2]
    assert below[1] > diagonal[3]


def test_the_best_threshold_is_marked_where_it_stands() -> None:
    best = Point(0.5, None, None, "0.50 at 0.50")
    (at,) = points_of(wide(by_threshold([(0.0, 0.25), (1.0, 0.0)], (0.5, best), AXIS, AXIS, title="t")))
    (same,) = points_of(wide(by_threshold([(0.0, 0.0), (1.0, 1.0)], (0.5, best), AXIS, AXIS, title="t")))
    ((left, above),) = points_of(
        wide(by_threshold([(0.0, 0.0), (1.0, 1.0)], (0.0, best), AXIS, AXIS, title="t"))
    )
    assert at == same
    assert (left < at[0], above) == (True, at[1])


def test_the_colours_are_those_of_the_light_scheme() -> None:
    css = (Path(__file__).parents[2] / "static" / "app.css").read_text("utf-8")
    light = dict(re.findall(r"--([\w-]+): light-dark\((#\w+)", css))
    for colour, name in palette.NAMES.items():
        if not name.startswith("tint"):
            assert light[{"paper": "surface", "soft": "ink-soft"}.get(name, name)] == colour


def test_every_class_of_a_plot_has_its_colour_in_the_style_sheet() -> None:
    css = (Path(__file__).parents[2] / "static" / "app.css").read_text("utf-8")
    for kind in DRAWINGS:
        for name in set(re.findall(r"(?:fill|stroke)-(?:[a-z]+(?:-\d)?)", DRAWINGS[kind]().inline)):
            if name not in ("stroke-width", "stroke-linejoin", "stroke-linecap", "stroke-dasharray"):
                assert f".{name} {{" in css, name
