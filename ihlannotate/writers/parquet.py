"""Writes Parquet files, where the optional package pyarrow is installed."""

import datetime as dt
import importlib
from collections.abc import Iterator
from itertools import islice
from types import ModuleType
from typing import BinaryIO

from ihlannotate.writers.base import Cell, Tally, WriteError, checked_rows

BATCH_ROWS = 1_000


def write_parquet(stream: BinaryIO, tally: Tally) -> None:
    """Write the tally's sheet to a binary stream, BATCH_ROWS rows at a time.

    Texts are string, integers int64, numbers float64, flags bool, dates and times timestamps in UTC (a date
    is its midnight). Raises WriteError where pyarrow is not installed.
    """
    arrow, parquet = _load("pyarrow"), _load("pyarrow.parquet")
    types = {
        "text": arrow.string(),
        "integer": arrow.int64(),
        "number": arrow.float64(),
        "datetime": arrow.timestamp("us", tz="UTC"),
        "flag": arrow.bool_(),
    }
    schema = arrow.schema([(column.name, types[column.kind]) for column in tally.sheet.columns])
    with parquet.ParquetWriter(stream, schema) as writer:
        for batch in _batches(checked_rows(tally)):
            arrays = [
                arrow.array([_arrow_cell(cell) for cell in cells], type=kind)
                for cells, kind in zip(zip(*batch, strict=True), schema.types, strict=True)
            ]
            writer.write_table(arrow.Table.from_arrays(arrays, schema=schema))


def _load(name: str) -> ModuleType:
    # Not at the top: pyarrow is an extra, and big enough that only those who export Parquet should load it.
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise WriteError(
            "Parquet needs the package pyarrow. Install it (the extra “parquet”: pip install 'pyarrow>=20'), "
            "or export to xlsx, csv or jsonl."
        ) from error


def _batches(rows: Iterator[list[Cell]]) -> Iterator[list[list[Cell]]]:
    while batch := list(islice(rows, BATCH_ROWS)):
        yield batch


def _arrow_cell(cell: Cell) -> Cell:
    if isinstance(cell, dt.date) and not isinstance(cell, dt.datetime):
        return dt.datetime(cell.year, cell.month, cell.day, tzinfo=dt.UTC)
    return cell
