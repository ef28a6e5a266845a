"""Reads Excel workbooks (xlsx): the first sheet that holds data, one row at a time."""

import datetime as dt
import re
import zlib
from collections.abc import Iterator, Mapping
from typing import IO, BinaryIO
from xml.etree.ElementTree import Element, ParseError
from zipfile import BadZipFile

from openpyxl.utils.cell import column_index_from_string
from openpyxl.utils.datetime import from_excel
from openpyxl.xml.functions import iterparse

from ihlannotate.phrases import Phrase
from ihlannotate.readers.base import ReadError, Row, check_columns, make_row
from ihlannotate.readers.xlsx_package import (
    NAMESPACE,
    BoundedPart,
    Sheet,
    item_text,
    open_sheet,
    unescape,
)

OLE_MAGIC = b"\xd0\xcf\x11\xe0"
ZIP_MAGIC = b"PK\x03\x04"
MAX_ROWS = 1_048_576

DATA, ROW, VALUE, FORMULA, INLINE = (f"{NAMESPACE}{tag}" for tag in ("sheetData", "row", "v", "f", "is"))

# What openpyxl, zipfile and the XML parser raise for a damaged file; none of it says what to do.
DAMAGE = (
    BadZipFile,
    zlib.error,
    ParseError,
    EOFError,
    OSError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)


def read_xlsx(binary: BinaryIO, *, file: str, scratch: IO[bytes]) -> tuple[tuple[str, ...], Iterator[Row]]:
    """Return the column names and an iterator of the rows of a workbook's first sheet of data.

    A sheet called “Read me” is passed over, so that our own exports can be read. The header is the first row
    that is not empty; empty rows are skipped. Numbers are written as a person sees them (3, not 3.0), dates
    in ISO 8601, booleans as true and false. `scratch` is an empty temporary file that outlives
    the rows: the workbook's shared texts go there, so that memory stays flat. Raises ReadError, also while
    iterating.
    """
    _check_container(binary, file=file)
    try:
        records = _records(open_sheet(binary, file=file, scratch=scratch), file=file)
        number, header = next(records)
    except StopIteration as error:
        raise ReadError(
            Phrase("the first sheet is empty"), do=Phrase("Put the data into the first sheet"), file=file
        ) from error
    except DAMAGE as error:
        raise _damaged(file=file) from error
    last = max(position for position, name in header.items() if name.strip())
    names = [header.get(position, "") for position in range(1, last + 1)]
    columns = check_columns(names, file=file, row=number)
    return columns, _rows(records, columns, file=file)


def _check_container(binary: BinaryIO, *, file: str) -> None:
    """Raise ReadError for the old binary format and for encrypted workbooks, which share a container."""
    head = binary.read(len(OLE_MAGIC))
    binary.seek(0)
    if head == OLE_MAGIC:
        raise ReadError(
            Phrase("this is an old Excel file (.xls) or a workbook with a password"),
            do=Phrase(
                "Open it in a spreadsheet program, remove the password if there is one, and save it as .xlsx"
            ),
            file=file,
        )


def _damaged(*, file: str) -> ReadError:
    return ReadError(
        Phrase("this is not an Excel workbook, or it is damaged"),
        do=Phrase("Open it in a spreadsheet program and save it as .xlsx"),
        file=file,
    )


def _rows(
    records: Iterator[tuple[int, Mapping[int, str]]], columns: tuple[str, ...], *, file: str
) -> Iterator[Row]:
    while True:
        try:
            number, cells = next(records)
        except StopIteration:
            return
        except DAMAGE as error:
            raise _damaged(file=file) from error
        yield make_row(number, columns, [cells.get(i, "") for i in range(1, max(cells) + 1)], file=file)


def _records(sheet: Sheet, *, file: str) -> Iterator[tuple[int, Mapping[int, str]]]:
    """Yield the number and the texts by column (counted from 1) of each row that is not empty."""
    number = 0
    for element in _elements(sheet.part):
        number = int(element.get("r") or number + 1)
        if number > MAX_ROWS:
            raise ReadError(
                Phrase("the sheet has more than %(max_rows)s rows", max_rows=MAX_ROWS),
                do=Phrase("Save it as CSV UTF-8"),
                file=file,
            )
        cells = _texts(element, sheet, file=file, row=number)
        if any(text.strip() for text in cells.values()):
            yield number, cells


def _elements(part: BoundedPart) -> Iterator[Element]:
    """Yield the row elements of a sheet, each forgotten when the next one is asked for."""
    data = None
    for event, element in iterparse(part, events=("start", "end")):
        if event == "start":
            data = element if element.tag == DATA else data
        elif element.tag == ROW and data is not None:
            yield element
            data.clear()
            part.begin_record()
        elif element.tag == DATA:
            return


def _texts(element: Element, sheet: Sheet, *, file: str, row: int) -> dict[int, str]:
    texts: dict[int, str] = {}
    column = 0
    for cell in element:
        letters = cell.get("r", "").rstrip("0123456789")
        column = column_index_from_string(letters) if letters else column + 1
        text = _text(cell, sheet, file=file, row=row)
        if text:
            texts[column] = text
    return texts


def _text(cell: Element, sheet: Sheet, *, file: str, row: int) -> str:
    """Return what a person sees in a cell."""
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        inline = cell.find(INLINE)
        return "" if inline is None else item_text(inline)
    value = cell.findtext(VALUE) or ""
    # A formula whose result is the empty text has kind "str"; without a stored result, there is no kind.
    if not value and kind != "str" and cell.find(FORMULA) is not None:
        raise ReadError(
            Phrase("cell %(value)s holds a formula whose result was never stored", value=cell.get("r", "")),
            do=Phrase("Save the file in a spreadsheet program, or paste the values in place of the formulas"),
            file=file,
            row=row,
        )
    match kind:
        case _ if not value:
            return ""
        case "s":
            return sheet.strings[int(value)]
        case "b":
            return "true" if value == "1" else "false"
        case "n":
            return _number_text(value, sheet, style=int(cell.get("s", "0")), file=file, row=row)
        case _:
            return unescape(value)


def _number_text(value: str, sheet: Sheet, *, style: int, file: str, row: int) -> str:
    if style not in sheet.date_styles:
        return number_text(value)
    try:
        moment = from_excel(float(value), sheet.epoch, timedelta=style in sheet.duration_styles)
    except (OverflowError, ValueError) as error:
        raise ReadError(
            Phrase("%(value)s is shown as a date, but is none", value=value),
            do=Phrase("Correct the cell or its format"),
            file=file,
            row=row,
        ) from error
    if isinstance(moment, dt.datetime) and moment.time() == dt.time():
        return moment.date().isoformat()
    return str(moment) if isinstance(moment, dt.timedelta) else moment.isoformat()


def number_text(value: str) -> str:
    """Return a stored number as a spreadsheet shows it: whole numbers without a fraction, else 15 digits."""
    if re.fullmatch(r"[+-]?\d+", value):
        return str(int(value))
    number = float(value)
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else f"{number:.15g}"
