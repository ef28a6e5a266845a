"""Curves: figures by thirds of a sequence, how often predicted probabilities come true, a measure by its threshold."""

from collections.abc import Sequence

from ihlannotate.writers.plots.canvas import LEADING, NARROW, SMALL, Canvas, bounded, fitted
from ihlannotate.writers.plots.marking import drawn
from ihlannotate.writers.plots.palette import ACCENT, EDGE, SOFT
from ihlannotate.writers.plots.shapes import Axis, Bin, Drawing, Panel, Point

LEFT = 52  # pixels for the words of an upright axis
HEIGHT = 150  # pixels of a panel


def drift(panels: Sequence[Panel], places: Sequence[str], axis: Axis, *, title: str) -> Drawing:
    """A panel for each curve over the same places and on the same axis; thin lines are single annotators."""
    description = "; ".join(
        f"{panel.label}, {place}: {point.words}" if panel.label else f"{place}: {point.words}"
        for panel in panels
        for place, point in zip(places, panel.points, strict=True)
    )

    def draw(width: int) -> Canvas:
        return _drift(width, panels, places, axis)

    return drawn(draw, title=title, description=description)


def _drift(width: int, panels: Sequence[Panel], places: Sequence[str], axis: Axis) -> Canvas:
    in_a_line = 1 if width == NARROW else min(max(len(panels), 1), 3)
    across = min((width - LEFT) / in_a_line, 420)
    labels = [fitted(panel.label, across - 30, lines=2) for panel in panels]
    deepest = max((len(one) for one in labels if any(one)), default=0)
    head, foot = 14 + (10 + LEADING * deepest if deepest else 0), 44
    block = head + HEIGHT + foot
    title = fitted(axis.title, width, lines=2)
    above = 6 + LEADING * len(title)
    canvas = Canvas(width, above + block * -(-max(len(panels), 1) // in_a_line))
    canvas.paragraph(title, 0, 13, colour=SOFT, size=SMALL)
    for number, (panel, label) in enumerate(zip(panels, labels, strict=True)):
        line, column = divmod(number, in_a_line)
        left, top = LEFT + across * column, above + block * line
        canvas.paragraph(label, left, top + head - 16 - LEADING * (len(label) - 1), bold=True)
        _panel(canvas, panel, places, axis, left=left, top=top + head, width=across - 24, first=column == 0)
    return canvas


def _panel(
    canvas: Canvas,
    panel: Panel,
    places: Sequence[str],
    axis: Axis,
    *,
    left: float,
    top: float,
    width: float,
    first: bool,
) -> None:
    frame = canvas.axes(left, top, width, HEIGHT, x=(0, len(places)), y=(axis.start, axis.end))
    canvas.upright_scale(frame, axis, labels=first)
    centres = [place + 0.5 for place in range(len(places))]
    for other in panel.others:
        canvas.curve(frame, centres, other, colour=EDGE, width=1)
    points = [bounded(axis, point) for point in panel.points]
    canvas.curve(frame, centres, [one.value for one in points], colour=ACCENT, width=2)
    for x, place, point in zip(centres, places, points, strict=True):
        canvas.point(frame, point, x=x, y=0, upright=True)
        canvas.words(
            place, x, axis.start, axes=frame, shift=(0, 18), colour=SOFT, size=SMALL, anchor="center"
        )


def reliability_curve(bins: Sequence[Bin], x: Axis, y: Axis, *, title: str, reference: str) -> Drawing:
    """How often what was predicted with a probability came true; on the diagonal, `reference`, both are the same."""
    description = "; ".join(one.point.words for one in bins)

    def draw(width: int) -> Canvas:
        return _reliability(width, bins, x, y, reference)

    return drawn(draw, title=title, description=description)


def _reliability(width: int, bins: Sequence[Bin], x: Axis, y: Axis, reference: str) -> Canvas:
    side = min(width - LEFT - 12, 380)
    canvas = Canvas(width, side + 84)
    canvas.words(fitted(y.title, width)[0], 0, 13, colour=SOFT, size=SMALL)
    frame = canvas.axes(LEFT, 30, side, side, x=(x.start, x.end), y=(y.start, y.end))
    canvas.upright_scale(frame, y)
    canvas.scale(frame, x)
    canvas.rule((x.start, x.end), (y.start, y.end), axes=frame, colour=EDGE, dotted=True)
    canvas.words(
        reference, x.end, y.start, axes=frame, shift=(-8, -10), colour=SOFT, size=SMALL, anchor="right"
    )
    points = [(one.predicted, bounded(y, one.point)) for one in bins]
    values = [point.value for _at, point in points]
    canvas.curve(frame, [at for at, _point in points], values, colour=ACCENT, width=2)
    for at, point in points:
        canvas.point(frame, point, x=at, y=0, upright=True)
    canvas.words(x.title, LEFT, canvas.height - 8, colour=SOFT, size=SMALL)
    return canvas


def by_threshold(
    values: Sequence[tuple[float, float | None]], best: tuple[float, Point], x: Axis, y: Axis, *, title: str
) -> Drawing:
    """What a measure is at each threshold (rising), and a point at the `best` of them."""

    def draw(width: int) -> Canvas:
        across = min(width - LEFT - 12, 640)
        canvas = Canvas(width, HEIGHT + 114)
        canvas.words(fitted(y.title, width)[0], 0, 13, colour=SOFT, size=SMALL)
        frame = canvas.axes(LEFT, 30, across, HEIGHT + 30, x=(x.start, x.end), y=(y.start, y.end))
        canvas.upright_scale(frame, y)
        canvas.scale(frame, x)
        along, up = zip(*values, strict=True)
        canvas.curve(frame, along, up, colour=ACCENT, width=2)
        at, point = best
        canvas.point(frame, bounded(y, point), x=at, y=0, upright=True)
        canvas.words(x.title, LEFT, canvas.height - 8, colour=SOFT, size=SMALL)
        return canvas

    return drawn(draw, title=title, description=best[1].words)
