"""Tables of a paper: captioned figures with their intervals, as CSV with full precision; `latex` sets them."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ihlannotate.writers.formulas import escape_formula


@dataclass(frozen=True)
class Figure:
    """A figure with its interval: as it is `shown`, and in full. An undefined one has no value and says why."""

    shown: str
    value: float | None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    note: str = ""


Cell: TypeAlias = str | int | float | Figure


@dataclass(frozen=True)
class TableColumn:
    title: str
    numeric: bool = False


@dataclass(frozen=True)
class Table:
    """A captioned table. `name` is a slug, unique in a report; a row has a cell for each column."""

    name: str
    caption: str
    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


def shown(cell: Cell) -> str:
    """A cell as readers see it."""
    return cell.shown if isinstance(cell, Figure) else str(cell)


def table_csv(table: Table) -> str:
    """The table as CSV, in full precision. A column of figures becomes “X”, “X low”, “X high”, and “X n” and “X note”
    where any row has one. Texts cannot be taken for formulas, and are quoted for programs that split at semicolons.
    """
    parts = [_parts(table, at) for at in range(len(table.columns))]
    out = io.StringIO(newline="")
    rows = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC)
    rows.writerow(
        escape_formula(f"{column.title} {part}".strip())
        for column, names in zip(table.columns, parts, strict=True)
        for part in names
    )
    for row in table.rows:
        rows.writerow(value for cell, names in zip(row, parts, strict=True) for value in _values(cell, names))
    return out.getvalue()


def _parts(table: Table, at: int) -> Sequence[str]:
    """What a column becomes in CSV: the value (“”) alone, or a figure's parts."""
    figures = [row[at] for row in table.rows if isinstance(row[at], Figure)]
    if not figures:
        return [""]
    parts = ["", "low", "high"]
    if any(isinstance(one, Figure) and one.n is not None for one in figures):
        parts.append("n")
    if any(isinstance(one, Figure) and one.note for one in figures):
        parts.append("note")
    return parts


def _values(cell: Cell, parts: Sequence[str]) -> Iterator[str | int | float | None]:
    if isinstance(cell, Figure):
        known = {
            "": cell.value,
            "low": cell.low,
            "high": cell.high,
            "n": cell.n,
            "note": escape_formula(cell.note),
        }
        yield from (known[part] for part in parts)
    else:
        yield escape_formula(cell) if isinstance(cell, str) else cell
        yield from [None] * (len(parts) - 1)
