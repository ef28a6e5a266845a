"""Writes comma-separated text (csv): RFC 4180, UTF-8, texts quoted, formulas disarmed."""

import csv
import datetime as dt
import io
from typing import BinaryIO

from ihlannotate.writers.base import Cell, Tally, checked_rows
from ihlannotate.writers.formulas import escape_formula


def write_csv(stream: BinaryIO, tally: Tally) -> None:
    """Write the tally's sheet to a binary stream, and count the texts that were disarmed.

    There is no byte order mark. All texts are quoted: a program that splits at semicolons instead must not
    find a formula in the middle of one.
    """
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow([escape_formula(column.name) for column in tally.sheet.columns])
    for row in checked_rows(tally):
        writer.writerow([_csv_cell(cell, tally) for cell in row])
    text.flush()
    text.detach()


def _csv_cell(cell: Cell, tally: Tally) -> str | float:
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case dt.date():
            return cell.isoformat()
        case str():
            escaped = escape_formula(cell)
            tally.escaped += escaped != cell
            return escaped
        case _:
            return cell
