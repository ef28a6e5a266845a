"""What gold labels cost."""

from collections.abc import Iterator

from bench.databases import Engine
from bench.processes import measure
from bench.table import Ratio, Row


def statistics_rows(engine: Engine, *, units: int) -> Iterator[Row]:
    """The model of annotators' errors on ratings in memory; no database takes part."""
    with engine.fresh() as surroundings:
        found = measure("gold:model", surroundings, units=units)
    vote = Ratio(found["seconds"] / found["vote"], "majority vote")
    yield Row("none", "Dawid-Skene, 22 starts", f"3 × {units:,}", 1000 * found["seconds"], "ms", (vote,))


def database_rows(engine: Engine, *, responses: int) -> Iterator[Row]:
    """A release of gold from the database: votes, the model, snapshot and hash."""
    with engine.fresh() as surroundings:
        found = measure("gold:release", surroundings, responses=responses)
    at = f"3 × {responses:,}"
    yield Row(engine.name, "release gold", at, found["seconds"], "s")
    yield Row(engine.name, "  labels", at, found["labels"] / found["seconds"], "labels/s")
