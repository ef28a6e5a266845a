"""Estimates as cells of a report's tables: how they are written, and in full."""

from collections.abc import Callable, Sequence

from django.utils.translation import gettext as _

from ihlannotate.pipeline.refusals import translated
from ihlannotate.pipeline.reporting.figures import as_percentage, counted, fixed, interval, p_value
from ihlannotate.stats.estimate import Estimate
from ihlannotate.writers.tables import Cell, Figure, Table, TableColumn

UNDEFINED = "–"


def coefficient_cell(estimate: Estimate, n: int | None = None) -> Figure:
    """`0.81 [0.76, 0.85]`."""
    return _cell(estimate, n, scale=1, decimals=2, unit=str)


def share_cell(estimate: Estimate, n: int | None = None) -> Figure:
    """`93.8% [91.0, 95.9]`; in full it is a share between 0 and 1."""
    return _cell(estimate, n, scale=100, decimals=1, unit=as_percentage)


def points_cell(estimate: Estimate, n: int | None = None) -> Figure:
    """A difference of shares in percentage points, `−0.6 pp [−4.6, 4.5]`; in full a difference of shares."""
    return _cell(
        estimate, n, scale=100, decimals=1, unit=lambda number: _("%(number)s pp") % {"number": number}
    )


def p_cell(p: float | None) -> Figure:
    """`p=0.012`; a dash where nothing was tested."""
    return Figure(UNDEFINED if p is None else p_value(p), p)


def _cell(
    estimate: Estimate, n: int | None, *, scale: float, decimals: int, unit: Callable[[str], str]
) -> Figure:
    note = translated(estimate.note)
    if estimate.value is None:
        return Figure(UNDEFINED, None, n=n, note=note)
    shown = unit(fixed(estimate.value * scale, decimals))
    if estimate.low is not None and estimate.high is not None:
        low, high = (fixed(limit * scale, decimals) for limit in (estimate.low, estimate.high))
        shown = f"{shown} {interval(low, high)}"
    return Figure(shown, estimate.value, estimate.low, estimate.high, n, note)


def table(
    name: str,
    caption: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    *,
    texts: int = 1,
    note: str = "",
) -> Table:
    """A table whose first `texts` columns are words and the others numbers; its note says why figures are undefined."""
    undefined = [
        cell.note
        for row in rows
        for cell in row
        if isinstance(cell, Figure) and cell.value is None and cell.note
    ]
    reasons = "; ".join(dict.fromkeys(undefined))
    said = [note, _("%(dash)s: undefined (%(reasons)s).") % {"dash": UNDEFINED, "reasons": reasons}]
    return Table(
        name=name,
        caption=caption,
        columns=tuple(TableColumn(title, numeric=at >= texts) for at, title in enumerate(columns)),
        rows=tuple(tuple(row) for row in rows),
        note=" ".join(part for part in (said if reasons else said[:1]) if part),
    )


def sentences(*said: str) -> str:
    """What is said, one after another, each with a capital and a full stop; what is empty is left out."""
    whole = (f"{one[0].upper()}{one[1:]}" for one in said if one)
    return " ".join(one if one.endswith(".") else f"{one}." for one in whole)


def how(replicates: int, seed: int) -> str:
    """How the intervals of a table were made."""
    return _("95%% intervals from %(replicates)s bootstrap replicates over prompts, seed %(seed)s.") % {
        "replicates": counted(replicates),
        "seed": seed,
    }
