"""Forest plots: labelled values with their intervals on one axis."""

from collections.abc import Sequence

from ihlannotate.writers.plots.canvas import CHARACTER, NARROW, SMALL, TEXT, Canvas, bounded, fitted
from ihlannotate.writers.plots.marking import drawn
from ihlannotate.writers.plots.palette import SOFT
from ihlannotate.writers.plots.shapes import Axis, Drawing, Row

TOP, BOTTOM = 26, 48  # pixels above the first row, and beneath the last
LABELS, FIGURES = 250, 140  # pixels of the columns beside the axis of the wide form


def forest(rows: Sequence[Row], axis: Axis, *, title: str) -> Drawing:
    """Each row's value and interval. Wide, the words stand beside the axis; on a phone, above each row's line."""
    description = "; ".join(f"{row.label}: {row.point.words}" for row in rows)

    def draw(width: int) -> Canvas:
        return _narrow(rows, axis) if width == NARROW else _wide(rows, axis, width)

    return drawn(draw, title=title, description=description)


def _wide(rows: Sequence[Row], axis: Axis, width: int) -> Canvas:
    labels = [fitted(row.label, LABELS - 12, lines=2) for row in rows]
    each = 44 if any(len(lines) > 1 for lines in labels) else 32
    down = max(len(rows), 1)
    canvas = Canvas(width, TOP + each * down + BOTTOM)
    frame = canvas.axes(
        LABELS,
        TOP,
        width - LABELS - FIGURES,
        each * down,
        x=(axis.start, axis.end),
        y=(down, 0),
    )
    canvas.scale(frame, axis)
    for place, (row, lines) in enumerate(zip(rows, labels, strict=True)):
        middle = TOP + each * (place + 0.5) + 4
        for number, line in enumerate(lines):
            canvas.words(line, 0, middle + (number - (len(lines) - 1) / 2) * (TEXT + 3))
        canvas.point(frame, bounded(axis, row.point), x=0, y=place + 0.5, upright=False)
        canvas.words(row.point.words, width, middle, anchor="right", colour=SOFT)
    canvas.words(axis.title, LABELS, canvas.height - 8, colour=SOFT, size=SMALL)
    return canvas


def _narrow(rows: Sequence[Row], axis: Axis) -> Canvas:
    each, edge, down = 48, 6, max(len(rows), 1)
    canvas = Canvas(NARROW, TOP + each * down + BOTTOM)
    frame = canvas.axes(edge, TOP, NARROW - 2 * edge, each * down, x=(axis.start, axis.end), y=(down, 0))
    # The grid leaves the lines of words free
    canvas.scale(frame, axis, along=[(place + 0.44, place + 0.9) for place in range(len(rows))])
    for place, row in enumerate(rows):
        line = TOP + each * place + 18
        room = NARROW - (len(row.point.words) + 2) * CHARACTER
        canvas.words(fitted(row.label, room)[0], 0, line)
        canvas.words(row.point.words, NARROW, line, anchor="right", colour=SOFT)
        canvas.point(frame, bounded(axis, row.point), x=0, y=place + 0.66, upright=False)
    canvas.words(axis.title, 0, canvas.height - 8, colour=SOFT, size=SMALL)
    return canvas
