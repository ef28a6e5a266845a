"""The rows of the table, and the table as text and as JSON."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

HEAD = ("database", "what", "size", "figure", "p95", "unit", "ratio")
TO_THE_RIGHT = ("figure", "p95")


@dataclass(frozen=True)
class Ratio:
    """How many times another figure of the same run this figure is."""

    value: float
    of: str

    def text(self) -> str:
        return f"{number(self.value)} × {self.of}"


@dataclass(frozen=True)
class Row:
    """One figure; of latencies the median, with the 95th percentile in `p95`.

    `must_be` is set on counters of correctness: any other figure is a fault, not a slow day.
    """

    database: str
    what: str
    size: str
    figure: float
    unit: str
    ratios: tuple[Ratio, ...] = ()
    p95: float | None = None
    must_be: float | None = None

    @property
    def wrong(self) -> bool:
        return self.must_be is not None and self.figure != self.must_be

    def cells(self) -> tuple[str, ...]:
        notes = [ratio.text() for ratio in self.ratios]
        if self.must_be is not None:
            notes.append(f"must be {number(self.must_be)}{': WRONG' if self.wrong else ''}")
        tail = "" if self.p95 is None else number(self.p95)
        return (self.database, self.what, self.size, number(self.figure), tail, self.unit, "; ".join(notes))


def number(value: float) -> str:
    """A figure for people: whole from 100 on, below that three significant digits."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1e}" if abs(value) < 0.001 else f"{value:.3g}"


def text(rows: Sequence[Row]) -> str:
    """The table with aligned columns, figures to the right."""
    lines = [HEAD, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    return "\n".join(_line(line, widths) for line in lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    aligned = [
        cell.rjust(width) if name in TO_THE_RIGHT else cell.ljust(width)
        for name, cell, width in zip(HEAD, cells, widths, strict=True)
    ]
    return "  ".join(aligned).rstrip()


def as_dicts(rows: Iterable[Row]) -> list[dict[str, object]]:
    """The rows as JSON holds them."""
    return [asdict(row) | {"wrong": row.wrong} for row in rows]
