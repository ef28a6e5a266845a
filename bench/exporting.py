"""How fast annotations are exported, and whether memory stays flat."""

from collections.abc import Iterator
from pathlib import Path

from bench.databases import Engine
from bench.importing import MEGABYTE
from bench.processes import measure
from bench.sizes import Sizes
from bench.table import Ratio, Row

FORMATS = ("xlsx", "csv", "jsonl", "parquet")


def rows(engine: Engine, sizes: Sizes, folder: Path) -> Iterator[Row]:
    """Exports of annotations in each format, against csv.writer and openpyxl alone; memory against a third as many."""
    annotations = sizes.exported
    third = annotations // 3
    few = {}
    with engine.fresh() as surroundings:
        measure("exporting:prepare", surroundings, annotations=third)
        for format in FORMATS:
            path = folder / f"third.{format}"
            few[format] = measure("exporting:write", surroundings, path=str(path), format=format)
    with engine.fresh() as surroundings:
        measure("exporting:prepare", surroundings, annotations=annotations)
        many = {
            format: measure(
                "exporting:write", surroundings, path=str(folder / f"all.{format}"), format=format
            )
            for format in FORMATS
        }
        bare = measure("exporting:write_bare", surroundings, path=str(folder / "all.csv"))
        # It takes minutes, and each row as long as any other
        openpyxl = measure("exporting:write_openpyxl", surroundings, path=str(folder / "third.csv"))
    for path in folder.iterdir():
        if path.stem in ("all", "third"):
            path.unlink()
    at = f"{annotations:,} annotations"
    for format in FORMATS:
        times = [Ratio(many[format]["seconds"] / bare["seconds"], "the time of csv.writer alone")]
        if format == "xlsx":
            alone = openpyxl["seconds"] * annotations / openpyxl["rows"]
            times.append(
                Ratio(many[format]["seconds"] / alone, "the time of openpyxl's write-only mode alone")
            )
        flat = Ratio(many[format].peak / few[format].peak, f"at {third:,}")
        rate = annotations / many[format]["seconds"]
        yield Row(engine.name, f"export {format}", at, rate, "rows/s", tuple(times))
        yield Row(
            engine.name, f"export {format}: peak memory", at, many[format].peak / MEGABYTE, "MiB", (flat,)
        )
    yield Row(engine.name, "  csv.writer alone, rows in memory", at, annotations / bare["seconds"], "rows/s")
    yield Row(engine.name, "  rows missing", at, annotations - bare["rows"], "", must_be=0)
