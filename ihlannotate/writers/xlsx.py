"""Writes Excel workbooks (xlsx): the manifest, each sheet with real numbers and dates, a data dictionary."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, BinaryIO
from zipfile import ZIP_DEFLATED

from openpyxl import Workbook
from openpyxl.cell import Cell as ExcelCell
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.writer.excel import ExcelWriter

from ihlannotate.writers.base import Cell, Column, Kind, Sheet, Tally, WriteError, checked_rows, manifest_text
from ihlannotate.writers.formulas import looks_like_formula
from ihlannotate.writers.xlsx_package import EPOCH, TimelessZip, remove_scratch
from ihlannotate.writers.xlsx_text import MAX_CELL, cell_text

MAX_ROWS = 1_048_576
EXACT_DIGITS = 10**15
WIDTHS: Mapping[Kind, int] = {"text": 40, "integer": 12, "number": 12, "datetime": 22, "flag": 10}
READ_ME = (Column("Item", width=36), Column("Value", width=100))
DICTIONARY = (Column("Sheet"), Column("Column"), Column("Kind", width=12), Column("Meaning", width=100))


def write_xlsx(stream: BinaryIO, tallies: Sequence[Tally], *, manifest: Mapping[str, object]) -> None:
    """Write the tallies' sheets to a binary stream, between a sheet “Read me” and a sheet “Dictionary”.

    A text is stored as a text, whatever it starts with. Whole numbers of more than 15 digits are texts,
    because a cell would round them; times are in UTC, because a cell knows no zone. Raises WriteError for
    more rows than a sheet holds. openpyxl streams the rows through temporary files, which are gone in any
    case.
    """
    workbook = Workbook(write_only=True)
    # The same rows give the same bytes: the date of an export belongs into its manifest, not its package.
    workbook.properties.created = workbook.properties.modified = EPOCH
    try:
        read_me = _start(workbook, "Read me", READ_ME)
        for tally in tallies:
            _fill(_start(workbook, tally.sheet.name, tally.sheet.columns), tally)
        _fill(read_me, _note("Read me", READ_ME, _read_me(tallies, manifest)))
        dictionary = _start(workbook, "Dictionary", DICTIONARY)
        _fill(dictionary, _note("Dictionary", DICTIONARY, _dictionary(tallies)))
        ExcelWriter(workbook, TimelessZip(stream, "w", ZIP_DEFLATED)).save()
    finally:
        remove_scratch(workbook)


def _start(workbook: Workbook, name: str, columns: Sequence[Column]) -> Any:
    """Return a new sheet with its header, which stays in view."""
    sheet = workbook.create_sheet(name)
    sheet.freeze_panes = "A2"
    for position, column in enumerate(columns, start=1):
        width = column.width or WIDTHS[column.kind]
        sheet.column_dimensions[get_column_letter(position)].width = width
    sheet.append([_header_cell(sheet, column.name) for column in columns])
    return sheet


def _header_cell(sheet: Any, name: str) -> ExcelCell:
    cell = _text_cell(sheet, name)
    cell.font = Font(bold=True)
    return cell


def _fill(sheet: Any, tally: Tally) -> None:
    for row in checked_rows(tally):
        if tally.rows >= MAX_ROWS:
            raise WriteError(
                f"“{tally.sheet.name}” has more rows than a workbook's sheet holds ({MAX_ROWS - 1:,}). "
                "Export it as csv, jsonl or parquet."
            )
        sheet.append([_xlsx_cell(sheet, cell, tally) for cell in row])
    last = get_column_letter(len(tally.sheet.columns))
    sheet.auto_filter.ref = f"A1:{last}{tally.rows + 1}"


def _xlsx_cell(sheet: Any, cell: Cell, tally: Tally) -> object:
    match cell:
        case bool():
            return cell
        case int() if abs(cell) >= EXACT_DIGITS:
            return str(cell)
        case dt.datetime():
            return cell.replace(tzinfo=None)
        case str():
            return _safe_text(sheet, cell_text(cell, tally), tally)
        case _:
            return cell


def _safe_text(sheet: Any, text: str, tally: Tally) -> object:
    """Return the text itself, or a cell that forces it to be a text where openpyxl or Excel might not."""
    active = looks_like_formula(text)
    tally.escaped += active
    return _text_cell(sheet, text) if active or text.startswith("#") else text


def _text_cell(sheet: Any, text: str) -> ExcelCell:
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    # What Excel sets when a person types an apostrophe first: the text stays one when the cell is edited.
    cell.quotePrefix = looks_like_formula(text)
    return cell


def _note(name: str, columns: tuple[Column, ...], rows: Iterable[Sequence[Cell]]) -> Tally:
    return Tally(Sheet(name, columns, rows))


def _read_me(tallies: Sequence[Tally], manifest: Mapping[str, object]) -> Iterable[Sequence[Cell]]:
    """Yield the manifest item by item, then what is in each sheet and what its cells could not keep."""
    for key, value in manifest.items():
        text = (
            value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=manifest_text)
        )
        yield key, text
    for tally in tallies:
        name = tally.sheet.name
        yield f"{name}: rows", str(tally.rows)
        yield f"{name}: columns", ", ".join(column.name for column in tally.sheet.columns)
        yield f"{name}: texts cut at {MAX_CELL:,} characters", str(tally.cut)
        yield f"{name}: texts with characters replaced by \ufffd", str(tally.replaced)
    yield "Times", "UTC"
    yield "Line ends in texts", "line feeds; csv, jsonl and parquet keep them as they were"


def _dictionary(tallies: Sequence[Tally]) -> Iterable[Sequence[Cell]]:
    for tally in tallies:
        for column in tally.sheet.columns:
            yield tally.sheet.name, column.name, column.kind, column.help
