"""Dumbbell plots: two values a row on one axis, with the line that leads from the first to the second."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from ihlannotate.writers.plots.canvas import CHARACTER, LEADING, NARROW, SMALL, Canvas, bounded, fitted
from ihlannotate.writers.plots.marking import drawn
from ihlannotate.writers.plots.palette import EDGE, SOFT
from ihlannotate.writers.plots.shapes import Axis, Drawing, Pair, Point

BOTTOM = 32  # pixels beneath the last row, without the axis' title
LABELS, FIGURES = 200, 135  # pixels of the columns beside the axis of the wide form
KEY = 34  # pixels above the first row, for what the two signs mean
APART = 5  # pixels from the middle of a row to either value, so that their intervals do not cover each other


def dumbbell(pairs: Sequence[Pair], axis: Axis, *, first: str, second: str, title: str) -> Drawing:
    """Each row's two values with their intervals: `first` is what the hollow sign means, `second` the full one.

    Wide, the words stand beside the axis; on a phone, above each row's lines.
    """
    description = "; ".join(
        f"{one.label}: {first} {one.first.words}, {second} {one.second.words}" for one in pairs
    )

    def draw(width: int) -> Canvas:
        return (
            _narrow(pairs, axis, first, second)
            if width == NARROW
            else _wide(pairs, axis, first, second, width)
        )

    return drawn(draw, title=title, description=description)


def _wide(pairs: Sequence[Pair], axis: Axis, first: str, second: str, width: int) -> Canvas:
    labels = [fitted(one.label, LABELS - 12, lines=2) for one in pairs]
    each, down = 44, max(len(pairs), 1)
    title = fitted(axis.title, width - LABELS, lines=2)
    canvas = Canvas(width, KEY + each * down + BOTTOM + LEADING * len(title))
    frame = canvas.axes(
        LABELS, KEY, width - LABELS - FIGURES, each * down, x=(axis.start, axis.end), y=(down, 0)
    )
    canvas.scale(frame, axis)
    _key(canvas, first, second, LABELS, width - LABELS)
    for place, (one, lines) in enumerate(zip(pairs, labels, strict=True)):
        middle = KEY + each * (place + 0.5) + 4
        canvas.paragraph(lines, 0, middle - (len(lines) - 1) / 2 * LEADING)
        _values(canvas, frame, axis, one, place + 0.5, APART / each)
        canvas.words(one.words, width, middle, anchor="right", colour=SOFT)
    canvas.paragraph(title, LABELS, canvas.height - 8 - LEADING * (len(title) - 1), colour=SOFT, size=SMALL)
    return canvas


def _narrow(pairs: Sequence[Pair], axis: Axis, first: str, second: str) -> Canvas:
    labels = [fitted(one.label, NARROW - (len(one.words) + 2) * CHARACTER, lines=2) for one in pairs]
    words = 26 + LEADING * (
        max((len(lines) for lines in labels), default=1) - 1
    )  # pixels above a row's lines
    each, edge = words + 28, 6
    title = fitted(axis.title, NARROW, lines=2)
    down = max(len(pairs), 1)
    canvas = Canvas(NARROW, KEY + each * down + BOTTOM + LEADING * len(title))
    frame = canvas.axes(edge, KEY, NARROW - 2 * edge, each * down, x=(axis.start, axis.end), y=(down, 0))
    # The grid leaves the lines of words free
    free = [(place + (words - 4) / each, place + 0.94) for place in range(len(pairs))]
    canvas.scale(frame, axis, along=free)
    _key(canvas, first, second, edge, NARROW - edge)
    for place, (one, lines) in enumerate(zip(pairs, labels, strict=True)):
        last = KEY + each * place + words - 8
        canvas.paragraph(lines, 0, last - LEADING * (len(lines) - 1))
        canvas.words(one.words, NARROW, last, anchor="right", colour=SOFT)
        _values(canvas, frame, axis, one, place + (words + 10) / each, APART / each)
    canvas.paragraph(title, 0, canvas.height - 8 - LEADING * (len(title) - 1), colour=SOFT, size=SMALL)
    return canvas


def _values(canvas: Canvas, frame: Axes, axis: Axis, pair: Pair, y: float, apart: float) -> None:
    one, other = bounded(axis, pair.first), bounded(axis, pair.second)
    if one.value is not None and other.value is not None:
        canvas.rule((one.value, other.value), (y - apart, y + apart), axes=frame, colour=EDGE, width=2)
    canvas.point(frame, one, x=0, y=y - apart, upright=False, hollow=True)
    canvas.point(frame, other, x=0, y=y + apart, upright=False)


def _key(canvas: Canvas, first: str, second: str, left: float, width: float) -> None:
    """What the two signs mean, above the first row; each takes at most half of the width."""
    sheet = canvas.axes(0, 0, canvas.width, canvas.height, x=(0, canvas.width), y=(canvas.height, 0))
    room, x = width / 2 - 24, left + 6
    for name, hollow in ((first, True), (second, False)):
        (line,) = fitted(name, room)
        canvas.point(sheet, Point(x, None, None, ""), x=0, y=10, upright=False, hollow=hollow)
        canvas.words(line, x + 12, 14, colour=SOFT, size=SMALL)
        x += 12 + len(line) * CHARACTER + 18
