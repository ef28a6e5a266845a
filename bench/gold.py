"""What gold labels cost."""

from collections.abc import Iterator

from bench.databases import Engine
from bench.processes import measure
from bench.sizes import Sizes
from bench.table import Ratio, Row


def rows(engine: Engine, sizes: Sizes, *, statistics: bool) -> Iterator[Row]:
    """A release from the database; with `statistics`, the model on ratings in memory too."""
    if statistics:
        yield _model(engine, sizes.gold)
    yield from _release(engine, sizes.gold)


def _model(engine: Engine, units: int) -> Row:
    """The model of annotators' errors on ratings in memory; no database takes part."""
    with engine.fresh() as surroundings:
        found = measure("gold:model", surroundings, units=units)
    vote = Ratio(found["seconds"] / found["vote"], "majority vote")
    return Row("none", "Dawid-Skene, 22 starts", f"3 × {units:,}", 1000 * found["seconds"], "ms", (vote,))


def _release(engine: Engine, responses: int) -> Iterator[Row]:
    """A release of gold from the database: votes, the model, snapshot and hash."""
    with engine.fresh() as surroundings:
        found = measure("gold:release", surroundings, responses=responses)
    at = f"3 × {responses:,}"
    yield Row(engine.name, "release gold", at, found["seconds"], "s")
    yield Row(engine.name, "  labels", at, found["labels"] / found["seconds"], "labels/s")
