"""Memory stays flat in the number of rows that are written."""

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from ihlannotate.writers import FORMATS, Cell, Column, Sheet, write

COLUMNS = (Column("id", "integer"), Column("text"))
TEXT = "x" * 500


def rows(count: int) -> Iterator[tuple[Cell, ...]]:
    for number in range(count):
        yield number, f"{'=' if number % 3 == 0 else ''}{number}{TEXT}"


def peak(path: Path, format: str, count: int) -> int:
    """Return the most memory, in bytes, that an export of so many rows held at once."""
    tracemalloc.start()
    try:
        write(path, [Sheet("data", COLUMNS, rows(count))], manifest={}, format=format)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("format", FORMATS)
def test_memory_does_not_grow_with_the_rows(tmp_path, format):
    write(tmp_path / "out", [Sheet("data", COLUMNS, rows(1))], manifest={}, format=format)
    growth = peak(tmp_path / "out", format, 8_000) - peak(tmp_path / "out", format, 2_000)
    assert growth < 6_000 * len(TEXT) / 10
