"""What every writer takes: sheets of typed columns; and the checks that hold for all formats."""

import datetime as dt
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Cell = str | int | float | bool | dt.datetime | dt.date | None
Kind = Literal["text", "integer", "number", "datetime", "flag"]

TYPES: Mapping[Kind, tuple[type, ...]] = {
    "text": (str,),
    "integer": (int,),
    "number": (int, float),
    "datetime": (dt.date,),
    "flag": (bool,),
}
SHEET_NAME = r"[A-Za-z0-9][A-Za-z0-9_ -]{0,30}"
RESERVED = ("read me", "dictionary", "manifest")
MAX_INTEGER = 2**63 - 1
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class WriteError(Exception):
    """An export that cannot be written as asked: what is wrong, and what to do about it."""


@dataclass(frozen=True)
class Column:
    """One column: `help` goes into the data dictionary, `width` (in characters) into spreadsheets."""

    name: str
    kind: Kind = "text"
    width: int | None = None
    help: str = ""


@dataclass(frozen=True)
class Sheet:
    """One table to write. Each row holds one cell for each column; None is an empty cell.

    A `number` takes whole numbers too, a `datetime` takes dates; times without a zone are taken as UTC.
    """

    name: str
    columns: tuple[Column, ...]
    rows: Iterable[Sequence[Cell]]


@dataclass
class Tally:
    """What happened while a sheet was written.

    `escaped` counts texts that a spreadsheet might have run as formulas, `replaced` texts with characters
    that the format cannot hold, `cut` texts that were longer than a cell.
    """

    sheet: Sheet = field(repr=False)
    rows: int = 0
    escaped: int = 0
    replaced: int = 0
    cut: int = 0


def check_sheets(sheets: Sequence[Sheet]) -> None:
    """Raise WriteError for no sheets, and for names that are unusable or occur twice."""
    if not sheets:
        raise WriteError("There is nothing to export: no sheet was given.")
    names = [sheet.name.casefold() for sheet in sheets]
    for sheet in sheets:
        if not re.fullmatch(SHEET_NAME, sheet.name) or sheet.name.casefold() in RESERVED:
            raise WriteError(f"“{sheet.name}” cannot name a sheet; use up to 31 letters, digits, - and _.")
        if names.count(sheet.name.casefold()) > 1:
            raise WriteError(f"Two sheets are called “{sheet.name}”; rename one of them.")
        columns = [column.name for column in sheet.columns]
        if not columns or not all(columns) or len(set(columns)) < len(columns):
            raise WriteError(f"Sheet “{sheet.name}” needs columns, each with a name of its own.")


def checked_rows(tally: Tally) -> Iterator[list[Cell]]:
    """Yield the rows of the tally's sheet with every cell of its column's kind, and count them.

    Times come out in UTC, texts as plain str. Raises WriteError for a row of another length, and for a cell
    of another kind, a whole number beyond 64 bits, or a number that is not finite (undefined is None).
    """
    sheet = tally.sheet
    for row in sheet.rows:
        tally.rows += 1
        if len(row) != len(sheet.columns):
            raise WriteError(
                f"Sheet “{sheet.name}”, row {tally.rows}: {len(row)} cells for {len(sheet.columns)} columns."
            )
        yield [
            None if cell is None else _checked(cell, column, tally)
            for cell, column in zip(row, sheet.columns, strict=True)
        ]


def _checked(cell: str | float | dt.date, column: Column, tally: Tally) -> Cell:
    fits = isinstance(cell, TYPES[column.kind]) and isinstance(cell, bool) == (column.kind == "flag")
    if fits and isinstance(cell, int | float):
        fits = math.isfinite(cell) and not (isinstance(cell, int) and abs(cell) > MAX_INTEGER)
    if not fits:
        raise WriteError(
            f"Sheet “{tally.sheet.name}”, row {tally.rows}, column “{column.name}”: "
            f"{cell!r:.100} is not a {column.kind} that can be written."
        )
    if isinstance(cell, dt.datetime):
        return cell.replace(tzinfo=dt.UTC) if cell.tzinfo is None else cell.astimezone(dt.UTC)
    return str(cell) if isinstance(cell, str) else cell


def fit_for_xml(text: str) -> str:
    """The text with U+FFFD in place of each character that XML 1.0 cannot hold.

    >>> fit_for_xml("a\\x01b")
    'a\ufffdb'
    """
    return _NOT_IN_XML.sub("\ufffd", text)


def manifest_text(value: object) -> str:
    """Return a date or time of a manifest as text: what `json.dumps` calls for what JSON does not know."""
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"{value!r:.100} cannot stand in a manifest")
