"""Writes one JSON object a line (jsonl), with real numbers, booleans and nulls."""

import datetime as dt
import json
from collections.abc import Iterator
from typing import BinaryIO

from ihlannotate.writers.base import Cell, Tally, checked_rows

# Legal inside JSON texts, but some tools take them for line ends.
LINE_ENDS = {code: f"\\u{code:04x}" for code in (0x85, 0x2028, 0x2029)}


def write_jsonl(stream: BinaryIO, tally: Tally) -> None:
    """Write the tally's sheet to a binary stream; dates and times are texts in ISO 8601."""
    for line in json_lines(tally):
        stream.write(line)


def json_lines(tally: Tally) -> Iterator[bytes]:
    """Yield the lines of the tally's sheet, each with its end, as `write_jsonl` writes them."""
    names = [column.name for column in tally.sheet.columns]
    for row in checked_rows(tally):
        item = {name: _json_cell(cell) for name, cell in zip(names, row, strict=True)}
        line = json.dumps(item, ensure_ascii=False, allow_nan=False).translate(LINE_ENDS)
        yield f"{line}\n".encode()


def _json_cell(cell: Cell) -> str | float | None:
    return cell.isoformat() if isinstance(cell, dt.date) else cell
