"""Plots for pages: estimates and counts in, a drawing with all its words in the reader's language out.

`ihlannotate.writers.plots` draws. It is imported by its name when the first plot is asked for, because matplotlib
takes half a second to import and commands that draw nothing load these pages too.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.module_loading import import_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from ihlannotate.pipeline.reporting.figures import (
    as_percentage,
    counted,
    fixed,
    interval,
    percent,
    plain,
    round_numbers,
)
from ihlannotate.stats.estimate import Estimate
from ihlannotate.writers.plots.shapes import Axis, Bin, Cell, Drawing, Pair, Panel, Point, Row

DRAWINGS = 128  # kept of those drawn last: pages are looked at more often than their figures change


@dataclass(frozen=True)
class Plot:
    """A plot: `inline` for a page, in its colours; `standalone` an SVG file. `title` states the finding.

    `coordinate/_plot.html` shows one.
    """

    title: str
    inline: SafeString
    standalone: str


@lru_cache(maxsize=DRAWINGS)
def _drawn(kind: str, parts: tuple[object, ...], words: tuple[tuple[str, str], ...]) -> Plot:
    draw: Callable[..., Drawing] = import_string(f"ihlannotate.writers.plots.{kind}")
    drawing = draw(*parts, **dict(words))
    # Every word in it went through an XML serialiser
    return Plot(drawing.title, mark_safe(drawing.inline), drawing.standalone)  # noqa: S308


def forest(
    rows: Sequence[tuple[str, Estimate]],
    *,
    title: str,
    axis: str,
    marks: Sequence[tuple[float, str]] = (),
    as_percent: bool = False,
) -> Plot:
    """A forest plot of labelled estimates with their intervals, on an axis to 1 that starts at 0 or, where an
    estimate or limit lies below, at the next -0.5 or -1 that holds it all. `marks` are labelled reference lines.
    """
    scale = _axis(axis, [one for _label, one in rows], marks, as_percent=as_percent)
    drawn = tuple(Row(label, _point(one, as_percent=as_percent)) for label, one in rows)
    return _drawn("forests.forest", (drawn, scale), (("title", title),))


def dumbbell(
    rows: Sequence[tuple[str, Estimate, Estimate]],
    *,
    first: str,
    second: str,
    title: str,
    axis: str,
    span: tuple[float, float] | None = None,
    as_percent: bool = False,
) -> Plot:
    """Two estimates a row, joined: what they are under `first` and under `second`. The axis is that of `drift`."""
    estimates = [one for _label, *both in rows for one in both]
    scale = _axis(axis, estimates, (), as_percent=as_percent, span=span)
    pairs = tuple(
        Pair(
            label,
            _point(one, as_percent=as_percent),
            _point(other, as_percent=as_percent),
            _("%(first)s → %(second)s")
            % {"first": _bare(one, as_percent=as_percent), "second": _bare(other, as_percent=as_percent)},
        )
        for label, one, other in rows
    )
    return _drawn(
        "dumbbells.dumbbell", (pairs, scale), (("title", title), ("first", first), ("second", second))
    )


def heat_map(
    rows: Sequence[str],
    columns: Sequence[str],
    values: Sequence[Sequence[float | None]],
    *,
    title: str,
    row_title: str,
    column_title: str,
    written: Callable[[float], str] = plain,
    most: float = 1.0,
    framed: bool = False,
    absent: str = "",
) -> Plot:
    """A matrix as a heat map: tints go from 0 to `most`, `written` makes a value's words, None is `absent`.

    `framed` draws a frame around the cells of the diagonal, where rows and columns are the same levels.
    """
    cells = tuple(
        tuple(
            Cell(None, absent)
            if value is None
            else Cell(value / most if most else 0.0, written(value), framed and at == column)
            for column, value in enumerate(line)
        )
        for at, line in enumerate(values)
    )
    words = (("title", title), ("row_title", row_title), ("column_title", column_title))
    return _drawn("grids.heat_map", (tuple(rows), tuple(columns), cells), words)


def level_use(
    annotators: Sequence[str], levels: Sequence[str], counts: Sequence[Sequence[int]], *, title: str
) -> Plot:
    """The share of each level among each annotator's annotations, as bars. `counts` has a row for each annotator."""
    cells = tuple(
        tuple(Cell(count / sum(row) if sum(row) else None, _share_of(count, sum(row))) for count in row)
        for row in counts
    )
    return _drawn("grids.bars", (tuple(annotators), tuple(levels), cells), (("title", title),))


def _share_of(count: int, n: int) -> str:
    return percent(count / n if n else None)


@dataclass(frozen=True)
class Curve:
    """A curve over thirds: its label (may be empty), its three estimates, and each annotator's own three values."""

    label: str
    thirds: Sequence[Estimate]
    others: Sequence[Sequence[float | None]] = ()


def drift(
    curves: Sequence[Curve],
    *,
    title: str,
    axis: str,
    span: tuple[float, float] | None = None,
    marks: Sequence[tuple[float, str]] = (),
    as_percent: bool = False,
) -> Plot:
    """Figures in the first, middle and last third of annotators' sequences, a panel for each curve.

    The axis is that of `forest`, or over `span` where the figures are of another kind.
    """
    estimates = [one for curve in curves for one in curve.thirds]
    scale = _axis(axis, estimates, marks, as_percent=as_percent, span=span)
    panels = tuple(
        Panel(
            curve.label,
            tuple(_point(one, as_percent=as_percent) for one in curve.thirds),
            tuple(tuple(values) for values in curve.others),
        )
        for curve in curves
    )
    places = (_("first third"), _("middle"), _("last third"))
    return _drawn("curves.drift", (panels, places, scale), (("title", title),))


def reliability_curve(
    predicted: Sequence[float], observed: Sequence[Estimate], counts: Sequence[int], *, title: str
) -> Plot:
    """How often labels held, by the probability given to them. A bin: mean probability, share that held, n."""
    bins = tuple(
        Bin(mean, Point(held.value, held.low, held.high, _bin_words(mean, held, n)))
        for mean, held, n in zip(predicted, observed, counts, strict=True)
    )
    x = _axis(_("probability given"), [], (), as_percent=True)
    y = _axis(_("share that proved right, with its interval"), [], (), as_percent=True)
    words = (("title", title), ("reference", _("dotted: as often as stated")))
    return _drawn("curves.reliability_curve", (bins, x, y), words)


def by_threshold(
    values: Sequence[tuple[float, float | None]],
    best: tuple[float, float],
    *,
    title: str,
    axis: str,
    as_percent: bool,
) -> Plot:
    """A measure (0 or more) at thresholds that rise, two or more of them; `best` is the one to mark."""
    ends = values[0][0], values[-1][0]
    x = Axis(_("threshold on the score"), *ends, tuple((at, plain(at)) for at in round_numbers(*ends)))
    held = [Estimate(value, None, None) for _at, value in values if value is not None]
    value = percent(best[1]) if as_percent else plain(best[1])
    words = _("%(value)s at %(threshold)s") % {"value": value, "threshold": plain(best[0])}
    y = _axis(axis, held, (), as_percent=as_percent)
    parts = (tuple(values), (best[0], Point(best[1], None, None, words)), x, y)
    return _drawn("curves.by_threshold", parts, (("title", title),))


def _bin_words(mean: float, held: Estimate, n: int) -> str:
    return _("given %(mean)s, proved right %(held)s, n=%(n)s") % {
        "mean": percent(mean),
        "held": _words(held, as_percent=True),
        "n": counted(n),
    }


def _axis(
    title: str,
    estimates: Sequence[Estimate],
    marks: Sequence[tuple[float, str]],
    *,
    as_percent: bool,
    span: tuple[float, float] | None = None,
) -> Axis:
    if span:
        start, end = span
        steps = max(round(end - start), 1)
    else:
        lowest = min((x for one in estimates for x in (one.value, one.low) if x is not None), default=0.0)
        start, end = (0.0 if lowest >= 0 else -0.5 if lowest >= -0.5 else -1.0), 1.0
        steps = 3 if start == -0.5 else 4
    values = [start + (end - start) * step / steps for step in range(steps + 1)]
    ticks = tuple((x, _tick(x, as_percent=as_percent, decimals=0 if span else 2)) for x in values)
    return Axis(title, start, end, ticks, tuple(marks))


def _tick(value: float, *, as_percent: bool, decimals: int) -> str:
    return as_percentage(fixed(value * 100, 0)) if as_percent else fixed(value, decimals)


def _point(one: Estimate, *, as_percent: bool) -> Point:
    return Point(one.value, one.low, one.high, _words(one, as_percent=as_percent))


def _bare(one: Estimate, *, as_percent: bool) -> str:
    return percent(one.value) if as_percent else plain(one.value)


def _words(one: Estimate, *, as_percent: bool) -> str:
    if one.value is None:
        return _("undefined")
    scale, decimals = (100, 1) if as_percent else (1, 2)
    value = _bare(one, as_percent=as_percent)
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
    """The geometry of one stacked bar, small enough for a cell of a table."""

    segments: tuple[Segment, ...]
    total: int

    @property
    def description(self) -> str:
        return ", ".join(f"{one.label} {one.count}" for one in self.segments)

    def svg(self) -> SafeString:
        return render_to_string("coordinate/_stack.html", {"stack": self})


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
