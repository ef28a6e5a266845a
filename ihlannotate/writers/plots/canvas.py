"""A sheet of pixels that matplotlib draws on: origin at the top left, words at their own size."""

import io
import textwrap
from collections.abc import Sequence
from threading import Lock
from typing import Literal

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from ihlannotate.writers.plots.palette import ACCENT, EDGE, INK, LINE, PAPER, SOFT
from ihlannotate.writers.plots.shapes import Axis, Point

# Whatever this machine's own matplotlibrc says, the same plot is the same bytes
matplotlib.rcdefaults()
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "ihlannotate"})
DRAWING = Lock()  # matplotlib's artists are not safe to draw in several threads at once
WIDE, NARROW = 760, 350  # pixels: a page, and a phone of 390
TEXT, SMALL = 13, 12  # pixels
CHARACTER = 6.9  # pixels that a character of TEXT takes, rather more than less
LEADING = TEXT + 3  # pixels from one line of words to the next
Anchor = Literal["left", "center", "right"]


class Canvas:
    """One drawing of `width` × `height` pixels. `texts` are its words: matplotlib only places their numbers."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.texts: list[str] = []
        self.figure = Figure(figsize=(width / 72, height / 72), dpi=72, facecolor="none")
        FigureCanvasSVG(self.figure)
        self._sheet = self.axes(0, 0, width, height, x=(0, width), y=(height, 0))

    def axes(
        self,
        left: float,
        top: float,
        width: float,
        height: float,
        *,
        x: tuple[float, float],
        y: tuple[float, float],
    ) -> Axes:
        """A frame at this place (pixels) whose data run over `x` and, from the bottom up, over `y`."""
        box = (left / self.width, 1 - (top + height) / self.height, width / self.width, height / self.height)
        axes = self.figure.add_axes(box)
        axes.set_axis_off()
        axes.set_xlim(*x)
        axes.set_ylim(*y)
        return axes

    def words(
        self,
        text: str,
        x: float,
        y: float,
        *,
        axes: Axes | None = None,
        shift: tuple[float, float] = (0, 0),
        colour: str = INK,
        size: float = TEXT,
        anchor: Anchor = "left",
        bold: bool = False,
    ) -> None:
        """Words with their baseline at a place of the sheet, or of `axes` and then `shift` pixels right and down."""
        self.texts.append(text)
        (axes or self._sheet).annotate(
            str(len(self.texts) - 1),
            (x, y),
            xytext=(shift[0], -shift[1]),
            textcoords="offset pixels",
            ha=anchor,
            va="baseline",
            color=colour,
            fontsize=size,
            fontweight="bold" if bold else "normal",
            annotation_clip=False,
        )

    def paragraph(
        self,
        lines: Sequence[str],
        x: float,
        y: float,
        *,
        colour: str = INK,
        size: float = TEXT,
        anchor: Anchor = "left",
        bold: bool = False,
    ) -> None:
        """Lines of words one below another on the sheet, the first at this place."""
        for number, line in enumerate(lines):
            self.words(line, x, y + number * LEADING, colour=colour, size=size, anchor=anchor, bold=bold)

    def box(self, x: float, y: float, width: float, height: float, *, colour: str, frame: str = "") -> None:
        """A filled rectangle on the sheet, with a frame of another colour if one is named."""
        corners_x, corners_y = [x, x + width, x + width, x], [y, y, y + height, y + height]
        self._sheet.fill(
            corners_x,
            corners_y,
            facecolor=colour,
            edgecolor=frame or "none",
            linewidth=1.5 if frame else 0,
            clip_on=False,
        )

    def rule(
        self,
        x: tuple[float, float],
        y: tuple[float, float],
        *,
        axes: Axes | None = None,
        colour: str = LINE,
        width: float = 1,
        dotted: bool = False,
    ) -> None:
        """A straight line between two places."""
        style = (0, (2, 4)) if dotted else "solid"
        (axes or self._sheet).plot(x, y, color=colour, linewidth=width, linestyle=style, clip_on=False)

    def curve(
        self,
        axes: Axes,
        x: Sequence[float],
        y: Sequence[float | None],
        *,
        colour: str,
        width: float,
    ) -> None:
        """A line from value to value, over those that are undefined."""
        known = [(at, value) for at, value in zip(x, y, strict=True) if value is not None]
        along, up = [at for at, _value in known], [value for _at, value in known]
        axes.plot(along, up, color=colour, linewidth=width, clip_on=False)

    def point(
        self, axes: Axes, at: Point, *, x: float, y: float, upright: bool, hollow: bool = False
    ) -> None:
        """A value and its interval; `x` and `y` are where it stands on the axis that is not its own.

        A `hollow` one has its colour at the edge alone.
        """
        if at.low is not None and at.high is not None:
            span = (at.low, at.high)
            along = ((x, x), span) if upright else (span, (y, y))
            axes.plot(*along, color=SOFT, linewidth=2, solid_capstyle="round", clip_on=False)
        if at.value is not None:
            place = ([x], [at.value]) if upright else ([at.value], [y])
            axes.plot(
                *place,
                marker="o",
                markersize=9,
                markerfacecolor=PAPER if hollow else ACCENT,
                markeredgecolor=ACCENT if hollow else PAPER,
                markeredgewidth=1.5,
                linestyle="none",
                clip_on=False,
            )

    def scale(self, axes: Axes, axis: Axis, *, along: Sequence[tuple[float, float]] = ()) -> None:
        """A level axis: grid (or the parts of it `along` the other axis), marks, and the words of both."""
        bottom, top = axes.get_ylim()
        parts = along or [(bottom, top)]
        for at, label in axis.ticks:
            for part in parts:
                self.rule((at, at), part, axes=axes)
            side: Anchor = "left" if at == axis.start else "right" if at == axis.end else "center"
            self._aside(label, axes, at, bottom, shift=(0, 17), anchor=side)
        for at, label in axis.marks:
            for part in parts:
                self.rule((at, at), part, axes=axes, colour=EDGE, dotted=True)
            self._aside(label, axes, at, top, shift=(0, -7), anchor="center")
        self.rule((axis.start, axis.end), (bottom, bottom), axes=axes, colour=EDGE)

    def upright_scale(self, axes: Axes, axis: Axis, *, labels: bool = True) -> None:
        """An upright axis: grid and marks, and at the left the words of the ticks."""
        across = axes.get_xlim()
        for at, label in axis.ticks:
            self.rule(across, (at, at), axes=axes)
            if labels:
                self._aside(label, axes, across[0], at, shift=(-8, 4), anchor="right")
        for at, _label in axis.marks:
            self.rule(across, (at, at), axes=axes, colour=EDGE, dotted=True)

    def _aside(
        self, text: str, axes: Axes, x: float, y: float, *, shift: tuple[float, float], anchor: Anchor
    ) -> None:
        self.words(text, x, y, axes=axes, shift=shift, colour=SOFT, size=SMALL, anchor=anchor)

    def svg(self) -> str:
        """What matplotlib makes of it."""
        out = io.StringIO()
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        self.figure.savefig(out, format="svg", metadata=nothing, transparent=True)
        return out.getvalue()


def fitted(text: str, pixels: float, *, lines: int = 1) -> Sequence[str]:
    """Words broken into at most so many lines of this width; what does not fit ends in “…”."""
    room = max(int(pixels / CHARACTER), 3)
    return textwrap.wrap(text, room, max_lines=lines, placeholder="…") or [""]


def bounded(axis: Axis, point: Point) -> Point:
    """The point with whatever lies beyond the axis moved to its end; the words stay."""

    def within(value: float | None) -> float | None:
        return None if value is None else min(max(value, axis.start), axis.end)

    return Point(within(point.value), within(point.low), within(point.high), point.words)
