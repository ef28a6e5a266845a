"""What agreement costs against the krippendorff package, and from the database to the report."""

from collections.abc import Iterator, Sequence

from bench.databases import Engine
from bench.processes import measure
from bench.sizes import Sizes
from bench.table import Ratio, Row

RATERS = 10
SAME = 1e-9
MOST_ON_SQLITE = 100_000  # responses that everybody has rated
FILLING = 3 * 60 * 60  # seconds that the largest database may take to be filled


def rows(engine: Engine, sizes: Sizes, *, statistics: bool) -> Iterator[Row]:
    """Agreement from the database; with `statistics`, that on counts in memory too."""
    if statistics:
        yield from _in_memory(engine, sizes.statistics, sizes.naive)
    yield from _from_database(engine, sizes.agreement)
    yield from _whole(engine, sizes.whole)


def _in_memory(engine: Engine, units: Sequence[int], naive: int) -> Iterator[Row]:
    """Point estimates and 1,000 replicates on counts in memory; no database takes part."""
    for size in units:
        for clustered in (False, True):
            with engine.fresh() as surroundings:
                found = measure(
                    "agreement:bootstrap", surroundings, units=size, clustered=clustered, naive=naive
                )
            at = f"{RATERS} × {size:,}{', by prompt' if clustered else ''}"
            point = Ratio(found["point"] / found["package point"], "krippendorff.alpha")
            scaled = f"as fast as its loop on %s ({naive} replicates, scaled)"
            against = (
                Ratio(found["replicates"] / found["package point"], "krippendorff.alpha once"),
                Ratio(found["loop on ratings"] / found["replicates"], scaled % "ratings"),
                Ratio(found["loop on counts"] / found["replicates"], scaled % "counts"),
            )
            yield Row("none", "alpha, point estimate", at, 1000 * found["point"], "ms", (point,))
            yield Row(
                "none",
                "all coefficients, 1,000 replicates",
                at,
                1000 * found["replicates"],
                "ms",
                against,
            )
            differing = float(found["apart"] > SAME)
            yield Row(
                "none", f"figures more than {SAME:.0e} from the package's", at, differing, "", must_be=0
            )


def _from_database(engine: Engine, responses: Sequence[int]) -> Iterator[Row]:
    """Agreement on one criterion of studies of three annotators, from the database to the report."""
    first: float | None = None
    for size in responses:
        with engine.fresh() as surroundings:
            found = measure("agreement:end_to_end", surroundings, responses=size)
        at = f"3 × {size:,}"
        ratios = (Ratio(found["seconds"] / first, f"at {responses[0]:,}"),) if first else ()
        first = first or found["seconds"]
        detail = Ratio(found["with detail"] / found["seconds"], "without them")
        yield Row(engine.name, "agreement, 1,000 replicates", at, found["seconds"], "s", ratios)
        yield Row(engine.name, "  with pairs and leave-one-out", at, found["with detail"], "s", (detail,))
        missing = 3 * size - found["annotations"]
        yield Row(engine.name, "  annotations not counted", at, missing, "", must_be=0)


def _whole(engine: Engine, sizes: Sequence[tuple[int, int]]) -> Iterator[Row]:
    """Agreement on all criteria from the database, every annotator having answered everything: seconds, memory."""
    first: float | None = None
    for annotators, responses in sizes:
        if responses > MOST_ON_SQLITE and engine.name == "SQLite":
            continue
        with engine.fresh() as surroundings:
            filled = measure(
                "agreement:fill_whole",
                surroundings,
                most_seconds=FILLING,
                responses=responses,
                annotators=annotators,
            )
            found = measure("agreement:whole", surroundings)
            detailed = measure("agreement:whole_detail", surroundings)
        at = f"{annotators} × {responses:,} × {found['criteria']:.0f}"
        own = (Ratio(found["peak"] / first, f"at {sizes[0][0]} × {sizes[0][1]:,}"),) if first else ()
        first = first or found["peak"]
        detail = (Ratio(detailed["seconds"] / found["seconds"], "without it"),)
        more = (Ratio(detailed["peak"] / found["peak"], "without it"),)
        missing = filled["answers"] - found["annotations"]
        yield Row(engine.name, "agreement on all criteria, 1,000 replicates", at, found["seconds"], "s")
        yield Row(engine.name, "  peak memory of the process", at, found["peak"], "MB", own)
        yield Row(engine.name, "  with everything in detail", at, detailed["seconds"], "s", detail)
        yield Row(engine.name, "  peak memory with it", at, detailed["peak"], "MB", more)
        yield Row(engine.name, "  annotations not counted", at, missing, "", must_be=0)
