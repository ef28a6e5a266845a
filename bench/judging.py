"""What it costs to hold a judge's verdicts against gold, and whether memory grows with them."""

from collections.abc import Iterator

from bench.agreement import SAME
from bench.databases import Engine
from bench.importing import MEGABYTE
from bench.processes import measure
from bench.sizes import Sizes
from bench.table import Ratio, Row


def rows(engine: Engine, sizes: Sizes) -> Iterator[Row]:
    """The validation report of one judge on one criterion, against scikit-learn in a loop over the same labels."""
    first: float | None = None
    for verdicts, gold in sizes.judging:
        with engine.fresh() as surroundings:
            measure("judging:prepare", surroundings, responses=verdicts, rated=gold)
            found = measure("judging:validate", surroundings)
            loop = measure("judging:loop", surroundings, naive=sizes.naive)
        at = f"{verdicts:,} verdicts, gold of {gold:,} by 3"
        faster = Ratio(
            loop["loop"] / found["seconds"],
            f"as fast as scikit-learn's accuracy and kappa alone ({sizes.naive} replicates, scaled)",
        )
        flat = (Ratio(found.peak / first, f"with gold of {sizes.judging[0][1]:,}"),) if first else ()
        first = first or found.peak
        yield Row(engine.name, "validation report, 1,000 replicates", at, found["seconds"], "s", (faster,))
        yield Row(engine.name, "  peak memory of the process", at, found.peak / MEGABYTE, "MiB", flat)
        missing = verdicts - found["with gold"] - found["without gold"]
        yield Row(engine.name, "  verdicts not counted", at, missing, "", must_be=0)
        apart = max(abs(found[name] - loop[name]) for name in ("accuracy", "kappa"))
        differing = float(apart > SAME)
        yield Row(
            engine.name, f"  figures more than {SAME:.0e} from scikit-learn's", at, differing, "", must_be=0
        )
