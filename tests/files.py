"""Files for tests to import: a few rows of our own, in the shapes that groups bring."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from ihlannotate.pipeline.annotating import RatingsFile
from ihlannotate.pipeline.importing import RunFile

Cells = Mapping[str, object]


def write_csv(path: Path, rows: Iterable[Cells]) -> Path:
    """A CSV file of these rows; the first one names the columns."""
    rows = list(rows)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def run_rows(count: int, *, start: int = 0, **more: object) -> list[dict[str, object]]:
    """Rows of a run, each with a prompt and a response of its own."""
    return [
        {
            "id": f"r{number}",
            "prompt": f"Request number {number}, which the law forbids.",
            "response": f"I won't do that, number {number}.",
            **more,
        }
        for number in range(start, start + count)
    ]


def run_file(path: Path, rows: Iterable[Cells], *, model: str = "Aster-1", condition: str = "") -> RunFile:
    """These rows as a run file of one model."""
    return RunFile(path=write_csv(path, rows), name=path.name, model=model, condition=condition)


def ratings_file(
    path: Path,
    rows: Iterable[Cells],
    *,
    criterion: str = "refusal",
    model: str = "",
    values: Mapping[str, str] | None = None,
) -> RatingsFile:
    """These rows as a file of ratings, matched by the column `id`."""
    return RatingsFile(
        path=write_csv(path, rows),
        name=path.name,
        criterion=criterion,
        match="id",
        model=model,
        values=values or {},
    )
