"""Bundles are streamed: memory stays flat in what goes into them, and a failure leaves nothing behind."""

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from ihlannotate.writers.bundle import Part, write_bundle

LINE = b"x" * 500


def peak(path: Path, count: int) -> int:
    """The most memory, in bytes, that writing so many lines held at once."""
    tracemalloc.start()
    try:
        write_bundle(path, [Part("lines.txt", "lines", (LINE for _ in range(count)))], manifest={})
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_lines(tmp_path: Path) -> None:
    peak(tmp_path / "b.zip", 1)
    growth = peak(tmp_path / "b.zip", 20_000) - peak(tmp_path / "b.zip", 2_000)
    assert growth < 18_000 * len(LINE) / 10


def test_an_error_on_the_way_leaves_no_file(tmp_path: Path) -> None:
    def lines() -> Iterator[bytes]:
        yield LINE
        raise LookupError("gone")

    with pytest.raises(LookupError):
        write_bundle(tmp_path / "b.zip", [Part("lines.txt", "lines", lines())], manifest={})
    assert list(tmp_path.iterdir()) == []
