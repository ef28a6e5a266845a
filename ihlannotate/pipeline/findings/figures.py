"""Every figure of findings as rows of one table, for CSV."""

from collections.abc import Iterator

from ihlannotate.pipeline.findings.results import Cell, Comparison, Effect, FindingsReport, MeasureFindings
from ihlannotate.stats.estimate import Estimate

FIGURE_HEADER = (
    "measure",
    "given",
    "part",
    "model",
    "condition",
    "statistic",
    "method",
    "n",
    "n_elsewhere",
    "value",
    "low",
    "high",
    "p",
    "p_holm",
    "judge",
    "release",
    "replicates",
    "seed",
    "note",
)
Row = tuple[object, ...]


def figure_rows(report: FindingsReport) -> Iterator[Row]:
    """A row for each figure of a report, under FIGURE_HEADER; undefined values are empty and say why in `note`.

    Names are English in every language, so that programs can read them.
    """
    how = (report.judge, report.release, report.replicates, report.seed)
    for one in report.measures:
        for part, cell in _placed(one):
            for method, n, elsewhere, estimate in _methods(cell):
                yield _row(
                    one,
                    part,
                    (cell.model, cell.condition),
                    method,
                    (n, elsewhere),
                    estimate,
                    (None, None),
                    how,
                )
        for effect in one.effects:
            for method, pairs, estimate, p in _differences(effect):
                name = (effect.model, effect.condition)
                yield _row(one, "", name, method, (pairs, None), estimate, p, how, statistic="difference")


def _placed(one: MeasureFindings) -> Iterator[tuple[str, Cell]]:
    yield from (("", cell) for cell in one.cells)
    for part in one.slices:
        yield from ((f"{part.kind}: {part.name}", cell) for cell in part.cells)


def _methods(cell: Cell) -> Iterator[tuple[str, int, int | None, Estimate]]:
    found = cell.figure
    yield "judge alone", found.n_judge, None, found.judge.naive
    yield "gold alone", found.n_gold, None, found.gold
    yield "corrected", found.n_both, found.n_elsewhere, found.judge.corrected
    yield "PPI++", found.n_both, found.n_elsewhere, found.judge.ppi


def _differences(
    effect: Effect,
) -> Iterator[tuple[str, int, Estimate, tuple[float | None, float | None]]]:
    sides: tuple[tuple[str, Comparison], ...] = (("judge alone", effect.naive), ("gold alone", effect.gold))
    for method, one in sides:
        yield method, one.effect.pairs, one.effect.difference, (one.p, one.p_holm)
    yield "PPI++", effect.gold.effect.pairs, effect.ppi, (None, None)


def _row(
    one: MeasureFindings,
    part: str,
    run: tuple[str, str],
    method: str,
    n: tuple[int | None, int | None],
    it: Estimate,
    p: tuple[float | None, float | None],
    how: tuple[object, ...],
    statistic: str = "",
) -> Row:
    given = "; ".join(f"{key}: {'|'.join(values)}" for key, values in one.measure.condition)
    shown = statistic or one.measure.statistic
    return (
        one.measure.name,
        given,
        part,
        *run,
        shown,
        method,
        *n,
        it.value,
        it.low,
        it.high,
        *p,
        *how,
        it.note,
    )
