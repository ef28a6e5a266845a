"""Reads comma-, semicolon- and tab-separated text (csv, tsv)."""

import csv
import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import BinaryIO

from ihlannotate.phrases import Phrase
from ihlannotate.readers.base import MAX_RECORD_BYTES, ReadError, Row, check_columns, make_row
from ihlannotate.readers.lines import Lines

SEPARATORS = ",;\t"
UNCLOSED = Phrase("Check that every quotation mark in this row is closed")


def read_delimited(
    binary: BinaryIO, *, file: str, stack: ExitStack, separator: str | None = None
) -> tuple[tuple[str, ...], Iterator[Row]]:
    """Return the column names and an iterator of the rows.

    The header is the first line that is not empty. `separator` is guessed from it where None is given; a line
    `sep=;` before it, as spreadsheets write, decides. `stack` must be open while rows are read. Raises
    ReadError (also while iterating) for anything that cannot be read, naming the row.
    """
    # The csv module has one limit for the whole process: only raised, since other threads may be reading.
    if csv.field_size_limit() < MAX_RECORD_BYTES:
        csv.field_size_limit(MAX_RECORD_BYTES)
    lines = Lines(binary, file=file, hint=UNCLOSED, stack=stack)
    first = _first_line(lines, file=file)
    announced = re.fullmatch(r"sep=(.)\s*", first)
    if announced and separator is None:
        separator = announced[1]
        first = _first_line(lines, file=file)
    records = _records(_chain(first, lines), lines, separator=separator or guess_separator(first), file=file)
    number, header = next(records)
    columns = check_columns(header, file=file, row=number)
    return columns, _rows(records, columns, file=file)


def guess_separator(header: str) -> str:
    """Return the separator that occurs most often in a header line outside quotation marks."""
    bare = re.sub(r'"[^"]*"', "", header)
    return max(SEPARATORS, key=bare.count)


def _first_line(lines: Lines, *, file: str) -> str:
    lines.begin_record()
    for line in lines:
        if line.strip():
            return line
        lines.begin_record()
    raise ReadError(
        Phrase("the file is empty"),
        do=Phrase("Choose a file with a header row and at least one row"),
        file=file,
    )


def _chain(first: str, lines: Lines) -> Iterator[str]:
    yield first
    yield from lines


def _records(
    text: Iterator[str], lines: Lines, *, separator: str, file: str
) -> Iterator[tuple[int, list[str]]]:
    """Yield each record that is not empty, with the number of its first line."""
    # strict: a stray or unclosed quotation mark is reported instead of swallowing the rows behind it.
    reader = csv.reader(text, delimiter=separator, strict=True)
    while True:
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise ReadError(
                Phrase("the row cannot be split into cells (%(error)s)", error=str(error)),
                do=UNCLOSED,
                file=file,
                row=lines.start,
            ) from error
        if any(text.strip() for text in record):
            yield lines.start, record
        lines.begin_record()


def _rows(records: Iterator[tuple[int, list[str]]], columns: tuple[str, ...], *, file: str) -> Iterator[Row]:
    for number, record in records:
        yield make_row(number, columns, record, file=file)
