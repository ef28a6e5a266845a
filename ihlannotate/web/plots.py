"""Plots as SVG: pure functions make the geometry, one template a kind of plot draws it.

Positions along the axis are percentages of the width and heights are pixels, so that a plot fits a phone without its
text shrinking. Colours come from CSS classes: light, dark and print share one drawing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ihlannotate.stats.estimate import Estimate
from ihlannotate.web.figures import as_percentage, fixed, interval

ROW = 44  # pixels
TOP = 30
BOTTOM = 46
LABEL = 36  # characters that fit beside a figure on a phone


@dataclass(frozen=True)
class Tick:
    at: float  # percent of the width
    label: str

    @property
    def anchor(self) -> str:
        """How the label hangs on its place, so that the first and the last stay inside."""
        return "start" if self.at < 1 else "end" if self.at > 99 else "middle"


@dataclass(frozen=True)
class ForestRow:
    """One line of a forest plot, drawn. `point`, `low`, `high` are percent of the width, None where undefined.

    `label` is cut to fit, `full` is not.
    """

    label: str
    full: str
    figure: str
    y: int
    point: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Forest:
    """The geometry of a forest plot; `height`, `top` and `bottom` are in pixels."""

    title: str
    description: str
    axis: str
    height: int
    top: int
    bottom: int
    rows: tuple[ForestRow, ...]
    ticks: tuple[Tick, ...]
    marks: tuple[Tick, ...]

    def svg(self) -> SafeString:
        return render_to_string("coordinate/plots/_forest.html", {"plot": self})


def forest(
    rows: Sequence[tuple[str, Estimate]],
    *,
    title: str,
    axis: str,
    marks: Sequence[tuple[float, str]] = (),
    as_percent: bool = False,
) -> Forest:
    """A forest plot of labelled estimates with their intervals, on an axis to 1 that starts at 0 or, where an
    estimate or limit lies below, at the next -0.5 or -1 that holds it all. `marks` are labelled reference lines.
    """
    lowest = min((x for _, one in rows for x in (one.value, one.low) if x is not None), default=0.0)
    start = 0.0 if lowest >= 0 else -0.5 if lowest >= -0.5 else -1.0

    def scale(x: float) -> float:
        return 100 * (min(max(x, start), 1.0) - start) / (1 - start)

    drawn = tuple(
        ForestRow(
            label=label if len(label) <= LABEL else f"{label[: LABEL - 1].rstrip()}…",
            full=label,
            figure=_words(one, as_percent=as_percent),
            y=TOP + place * ROW,
            point=None if one.value is None else scale(one.value),
            low=None if one.low is None else scale(one.low),
            high=None if one.high is None else scale(one.high),
        )
        for place, (label, one) in enumerate(rows)
    )
    steps = 6 if start == -0.5 else 4
    values = [start + (1 - start) * step / steps for step in range(steps + 1)]
    return Forest(
        title=title,
        description="; ".join(f"{row.full}: {row.figure}" for row in drawn),
        axis=axis,
        height=TOP + len(rows) * ROW + BOTTOM,
        top=TOP,
        bottom=TOP + len(rows) * ROW,
        rows=drawn,
        ticks=tuple(Tick(scale(x), _tick(x, as_percent=as_percent)) for x in values),
        marks=tuple(Tick(scale(x), label) for x, label in marks),
    )


def _tick(value: float, *, as_percent: bool) -> str:
    return as_percentage(fixed(value * 100, 0)) if as_percent else fixed(value, 2)


def _words(one: Estimate, *, as_percent: bool) -> str:
    if one.value is None:
        return _("undefined")
    scale, decimals = (100, 1) if as_percent else (1, 2)
    value = fixed(one.value * scale, decimals)
    if as_percent:
        value = as_percentage(value)
    if one.low is None or one.high is None:
        return value
    return f"{value} {interval(fixed(one.low * scale, decimals), fixed(one.high * scale, decimals))}"


@dataclass(frozen=True)
class Segment:
    """One part of a stacked bar: `x` and `width` in percent, `shade` 0 to 9 names its colour."""

    label: str
    count: int
    x: float
    width: float
    shade: int


@dataclass(frozen=True)
class Stack:
    """The geometry of one stacked bar."""

    segments: tuple[Segment, ...]
    total: int

    @property
    def description(self) -> str:
        return ", ".join(f"{one.label} {one.count}" for one in self.segments)

    def svg(self) -> SafeString:
        return render_to_string("coordinate/plots/_stack.html", {"stack": self})


def stack(counts: Sequence[tuple[str, int]]) -> Stack:
    """A bar of the shares of labelled counts, in the order given; empty where all are 0."""
    total = sum(count for _, count in counts)
    done, segments = 0, []
    for place, (label, count) in enumerate(counts):
        if count:
            shade = round(9 * place / max(len(counts) - 1, 1))
            segments.append(Segment(label, count, 100 * done / total, 100 * count / total, shade))
        done += count
    return Stack(tuple(segments), total)


def shade(count: int, most: int) -> int:
    """How dark a cell of a table is, 0 to 9, by the square root of its share of the largest."""
    return 0 if most <= 0 else round(9 * math.sqrt(count / most))
