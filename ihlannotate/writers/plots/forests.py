"""Forest plots: labelled values with their intervals on one axis."""

from collections.abc import Sequence

from ihlannotate.writers.plots.canvas import CHARACTER, LEADING, NARROW, SMALL, Canvas, bounded, fitted
from ihlannotate.writers.plots.marking import drawn
from ihlannotate.writers.plots.palette import SOFT
from ihlannotate.writers.plots.shapes import Axis, Drawing, Row

BOTTOM = 32  # pixels beneath the last row, without the axis' title
LABELS, FIGURES = 250, 165  # pixels of the columns beside the axis of the wide form


def forest(rows: Sequence[Row], axis: Axis, *, title: str) -> Drawing:
    """Each row's value and interval. Wide, the words stand beside the axis; on a phone, above each row's line."""
    description = "; ".join(f"{row.label}: {row.point.words}" for row in rows)

    def draw(width: int) -> Canvas:
        return _narrow(rows, axis) if width == NARROW else _wide(rows, axis, width)

    return drawn(draw, title=title, description=description)


def _wide(rows: Sequence[Row], axis: Axis, width: int) -> Canvas:
    labels = [fitted(row.label, LABELS - 12, lines=2) for row in rows]
    each = 44 if any(len(lines) > 1 for lines in labels) else 32
    title = fitted(axis.title, width - LABELS, lines=2)
    top, down = _top(axis), max(len(rows), 1)
    canvas = Canvas(width, top + each * down + BOTTOM + LEADING * len(title))
    frame = canvas.axes(
        LABELS, top, width - LABELS - FIGURES, each * down, x=(axis.start, axis.end), y=(down, 0)
    )
    canvas.scale(frame, axis)
    for place, (row, lines) in enumerate(zip(rows, labels, strict=True)):
        middle = top + each * (place + 0.5) + 4
        canvas.paragraph(lines, 0, middle - (len(lines) - 1) / 2 * LEADING)
        canvas.point(frame, bounded(axis, row.point), x=0, y=place + 0.5, upright=False)
        canvas.words(row.point.words, width, middle, anchor="right", colour=SOFT)
    canvas.paragraph(title, LABELS, canvas.height - 8 - LEADING * (len(title) - 1), colour=SOFT, size=SMALL)
    return canvas


def _top(axis: Axis) -> int:
    """Pixels above the first row: the words of marks need some."""
    return 26 if axis.marks else 10


def _narrow(rows: Sequence[Row], axis: Axis) -> Canvas:
    labels = [fitted(row.label, NARROW - (len(row.point.words) + 2) * CHARACTER, lines=2) for row in rows]
    words = 26 + LEADING * (max((len(lines) for lines in labels), default=1) - 1)  # pixels above a row's line
    each, edge = words + 22, 6
    title = fitted(axis.title, NARROW, lines=2)
    top, down = _top(axis), max(len(rows), 1)
    canvas = Canvas(NARROW, top + each * down + BOTTOM + LEADING * len(title))
    frame = canvas.axes(edge, top, NARROW - 2 * edge, each * down, x=(axis.start, axis.end), y=(down, 0))
    # The grid leaves the lines of words free
    free = [(place + (words - 4) / each, place + 0.94) for place in range(len(rows))]
    canvas.scale(frame, axis, along=free)
    for place, (row, lines) in enumerate(zip(rows, labels, strict=True)):
        last = top + each * place + words - 8
        canvas.paragraph(lines, 0, last - LEADING * (len(lines) - 1))
        canvas.words(row.point.words, NARROW, last, anchor="right", colour=SOFT)
        canvas.point(frame, bounded(axis, row.point), x=0, y=place + (words + 7) / each, upright=False)
    canvas.paragraph(title, 0, canvas.height - 8 - LEADING * (len(title) - 1), colour=SOFT, size=SMALL)
    return canvas
