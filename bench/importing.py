"""How fast runs are imported, and whether memory stays flat."""

from collections.abc import Iterator
from pathlib import Path

from bench.databases import Engine
from bench.processes import Measured, measure
from bench.sizes import Sizes
from bench.table import Ratio, Row
from bench.texts import write_run

MEGABYTE = 2**20


def rows(engine: Engine, sizes: Sizes, folder: Path) -> Iterator[Row]:
    """Imports as JSONL and CSV against reading and inserting alone; memory at 5 times as many."""
    responses = sizes.imported
    peaks = {}
    for suffix in ("jsonl", "csv"):
        path = folder / f"run.{suffix}"
        write_run(path, responses)
        imported = _fresh(engine, "import_file", path)
        reading = _fresh(engine, "read_file", path)
        bare = _fresh(engine, "insert_bare", path)
        path.unlink()
        assert imported["responses"] == reading["responses"] == bare["responses"] == responses
        peaks[suffix] = imported.peak
        size = f"{responses:,} responses"
        ratios = (
            Ratio(rate(imported) / rate(reading), "reading alone"),
            Ratio(rate(imported) / rate(bare), "bare executemany"),
        )
        yield Row(engine.name, f"import {suffix}", size, rate(imported), "items/s", ratios)
        yield Row(engine.name, f"  reading {suffix} alone", size, rate(reading), "items/s")
        yield Row(engine.name, "  bare executemany", size, rate(bare), "items/s")
        yield Row(engine.name, f"import {suffix}: peak memory", size, imported.peak / MEGABYTE, "MiB")
    many = 5 * responses
    path = folder / "many.jsonl"
    write_run(path, many)
    larger = _fresh(engine, "import_file", path)
    path.unlink()
    flat = Ratio(larger.peak / peaks["jsonl"], f"at {responses:,}")
    size = f"{many:,} responses"
    yield Row(engine.name, "import jsonl", size, rate(larger), "items/s")
    yield Row(engine.name, "import jsonl: peak memory", size, larger.peak / MEGABYTE, "MiB", (flat,))


def rate(measured: Measured) -> float:
    """Responses a second."""
    return measured["responses"] / measured["seconds"]


def _fresh(engine: Engine, function: str, path: Path) -> Measured:
    with engine.fresh() as surroundings:
        return measure(f"importing:{function}", surroundings, path=str(path))
