"""Exports of a rated study, and the same cells through a bare csv.writer and through openpyxl."""

import csv
from pathlib import Path
from time import perf_counter

from openpyxl import Workbook

from bench.inside.world import open_world, rate_all
from ihlannotate.models.study import Study
from ihlannotate.pipeline.exporting import export

ANNOTATORS = 3


def prepare(*, annotations: int) -> dict[str, float]:
    """A study with that many annotations by ANNOTATORS annotators."""
    study, members = open_world(responses=annotations // ANNOTATORS, annotators=ANNOTATORS)
    rate_all(study, members)
    return {}


def write(*, path: str, format: str) -> dict[str, float]:
    """Export the annotations to `path`."""
    start = perf_counter()
    export(Study.objects.get(), Path(path), what="annotations", format=format, actor=None)
    return {"seconds": perf_counter() - start}


def write_bare(*, path: str) -> dict[str, float]:
    """Write the rows of an exported CSV file, already in memory, with csv.writer."""
    rows = _rows(path)
    start = perf_counter()
    with Path(f"{path}.bare").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    return {"seconds": perf_counter() - start, "rows": len(rows) - 1}


def write_openpyxl(*, path: str) -> dict[str, float]:
    """Write the rows of an exported CSV file, already in memory, in openpyxl's write-only mode."""
    rows = _rows(path)
    start = perf_counter()
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    book.save(f"{path}.xlsx")
    return {"seconds": perf_counter() - start, "rows": len(rows) - 1}


def _rows(path: str) -> list[list[str]]:
    csv.field_size_limit(10_000_000)
    with Path(path).open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))
