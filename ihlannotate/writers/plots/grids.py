"""Grids of labelled cells: heat maps, and how each annotator used the levels."""

from collections.abc import Sequence

from ihlannotate.writers.plots.canvas import CHARACTER, LEADING, NARROW, SMALL, Canvas, fitted
from ihlannotate.writers.plots.marking import drawn
from ihlannotate.writers.plots.palette import ACCENT, EDGE, PAPER, SOFT, tint
from ihlannotate.writers.plots.shapes import Cell, Drawing

Cells = Sequence[Sequence[Cell]]
VALUE = 48  # pixels that a value beside a bar takes
COLUMN = 96  # pixels that a column of bars needs at least


def heat_map(
    rows: Sequence[str],
    columns: Sequence[str],
    cells: Cells,
    *,
    title: str,
    row_title: str,
    column_title: str,
) -> Drawing:
    """A cell for each row and column, the darker the larger its part; its words stand in it where there is room."""

    def draw(width: int) -> Canvas:
        return _heat_map(width, rows, columns, cells, row_title, column_title)

    return drawn(draw, title=title, description=_description(rows, columns, cells))


def _description(rows: Sequence[str], columns: Sequence[str], cells: Cells) -> str:
    return "; ".join(
        f"{row}, {column}: {cell.words}"
        for row, line in zip(rows, cells, strict=True)
        for column, cell in zip(columns, line, strict=True)
        if cell.words
    )


def _heat_map(
    width: int,
    rows: Sequence[str],
    columns: Sequence[str],
    cells: Cells,
    row_title: str,
    column_title: str,
) -> Canvas:
    most, deep = (108, 3) if width == NARROW else (180, 2)
    left = min(max(len(one) for one in [*rows, ""]) * CHARACTER + 12, most)
    across = min((width - left) / max(len(columns), 1), 110)
    headings = [fitted(one, across - 4, lines=3) for one in columns]
    head = 24 + LEADING * max((len(one) for one in headings), default=1)
    down = 40 if across > 40 else across
    labels = [fitted(one, left - 4, lines=deep) for one in rows]
    down = max([down, *(LEADING * len(lines) + 6 for lines in labels)])
    canvas = Canvas(width, round(head + down * len(rows) + 4))
    canvas.words(column_title, left, 13, colour=SOFT, size=SMALL)
    canvas.words(row_title, 0, head - 8, colour=SOFT, size=SMALL)
    for place, lines in enumerate(headings):
        centre = left + across * (place + 0.5)
        canvas.paragraph(lines, centre, head - 8 - (len(lines) - 1) * LEADING, anchor="center")
    for place, (lines, line_of_cells) in enumerate(zip(labels, cells, strict=True)):
        top = head + down * place
        canvas.paragraph(lines, 0, top + down / 2 + 4 - (len(lines) - 1) / 2 * LEADING)
        for column, cell in enumerate(line_of_cells):
            _cell(canvas, cell, left + across * column, top, across, down)
    return canvas


def _cell(canvas: Canvas, cell: Cell, x: float, y: float, width: float, height: float) -> None:
    if cell.part is not None:
        canvas.box(x + 1, y + 1, width - 2, height - 2, colour=tint(cell.part))
    if cell.framed:
        canvas.box(x + 3, y + 3, width - 6, height - 6, colour="none", frame=ACCENT)
    if len(cell.words) * CHARACTER <= width + 4:
        canvas.words(cell.words, x + width / 2, y + height / 2 + 4, anchor="center", bold=cell.framed)


def bars(rows: Sequence[str], columns: Sequence[str], cells: Cells, *, title: str) -> Drawing:
    """A bar for each row and column, as long as its part. Where the columns don't fit they stand one below another."""

    def draw(width: int) -> Canvas:
        left = min(max(len(one) for one in [*rows, ""]) * CHARACTER + 12, 150 if width > NARROW else 90)
        if (width - left) / max(len(columns), 1) < COLUMN:
            return _stacked(width, left, rows, columns, cells)
        return _columns(width, left, rows, columns, cells)

    return drawn(draw, title=title, description=_description(rows, columns, cells))


def _columns(width: int, left: float, rows: Sequence[str], columns: Sequence[str], cells: Cells) -> Canvas:
    across = (width - left) / max(len(columns), 1)
    headings = [fitted(one, across - 12, lines=3) for one in columns]
    head = 14 + LEADING * max((len(one) for one in headings), default=1)
    canvas = Canvas(width, head + 28 * len(rows) + 6)
    for place, lines in enumerate(headings):
        x = left + across * place
        canvas.paragraph(lines, x, head - 10 - (len(lines) - 1) * LEADING)
        canvas.rule((x, x), (head, head + 28 * len(rows)), colour=EDGE)
    for place, (row, line_of_cells) in enumerate(zip(rows, cells, strict=True)):
        y = head + 28 * place
        canvas.words(fitted(row, left - 10)[0], 0, y + 18)
        for column, cell in enumerate(line_of_cells):
            _bar(canvas, cell, left + across * column, y, across - 12)
    return canvas


def _stacked(width: int, left: float, rows: Sequence[str], columns: Sequence[str], cells: Cells) -> Canvas:
    block = 30 + 28 * len(rows) + 10
    canvas = Canvas(width, block * max(len(columns), 1))
    for column, heading in enumerate(columns):
        top = block * column
        canvas.words(fitted(heading, width)[0], 0, top + 18, bold=True)
        canvas.rule((left, left), (top + 28, top + 28 + 28 * len(rows)), colour=EDGE)
        for place, row in enumerate(rows):
            y = top + 28 + 28 * place
            canvas.words(fitted(row, left - 10)[0], 0, y + 18)
            _bar(canvas, cells[place][column], left, y, width - left)
    return canvas


def _bar(canvas: Canvas, cell: Cell, x: float, y: float, width: float) -> None:
    length = (width - VALUE) * min(max(cell.part or 0.0, 0.0), 1.0)
    if length:
        canvas.box(x, y + 6, length, 16, colour=ACCENT, frame=PAPER)
    canvas.words(cell.words, x + length + 6, y + 18, colour=SOFT, size=SMALL)
