"""What gold labels cost."""

import os
from collections.abc import Iterator

from bench.agreement import SAME
from bench.databases import Engine
from bench.processes import measure
from bench.sizes import Sizes
from bench.table import Ratio, Row


def rows(engine: Engine, sizes: Sizes, *, statistics: bool) -> Iterator[Row]:
    """A release from the database; with `statistics`, the model on ratings in memory too."""
    if statistics:
        yield _model(engine, sizes.gold)
        if os.environ.get("CROWD_KIT"):
            yield from _crowd_kit(engine, sizes.gold)
    yield from _release(engine, sizes.gold)


def _model(engine: Engine, units: int) -> Row:
    """The model of annotators' errors on ratings in memory; no database takes part."""
    with engine.fresh() as surroundings:
        found = measure("gold:model", surroundings, units=units)
    vote = Ratio(found["seconds"] / found["vote"], "majority vote")
    return Row("none", "Dawid-Skene, 22 starts", f"3 × {units:,}", 1000 * found["seconds"], "ms", (vote,))


def _crowd_kit(engine: Engine, units: int) -> Iterator[Row]:
    """Ten steps of the model against crowd-kit, which is too large to be installed for this: see docs."""
    with engine.fresh() as surroundings:
        found = measure("gold:crowd_kit", surroundings, units=units)
    at = f"3 × {units:,}"
    faster = (Ratio(found["theirs"] / found["seconds"], "as fast as crowd-kit"),)
    yield Row("none", "Dawid-Skene, 10 steps of one start", at, 1000 * found["seconds"], "ms", faster)
    differing = float(found["apart"] > SAME)
    yield Row("none", f"posteriors more than {SAME:.0e} from crowd-kit's", at, differing, "", must_be=0)


def _release(engine: Engine, responses: int) -> Iterator[Row]:
    """A release of gold from the database: votes, the model, snapshot and hash."""
    with engine.fresh() as surroundings:
        found = measure("gold:release", surroundings, responses=responses)
    at = f"3 × {responses:,}"
    yield Row(engine.name, "release gold", at, found["seconds"], "s")
    yield Row(engine.name, "  labels", at, found["labels"] / found["seconds"], "labels/s")
