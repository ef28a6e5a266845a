"""Small pieces of Markdown: tables, figures with their intervals, and texts of people that must not be Markdown."""

import datetime
import re
from collections.abc import Iterable, Iterator, Sequence

from ihlannotate.stats.estimate import Estimate

_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~&!])")
_NUMERIC = re.compile(r"[\d–-]")


def escaped(text: str) -> str:
    """A text of somebody's as one line of Markdown, or a cell of a table, that says just that.

    >>> escaped("a * b\\n| <i> [x](y)")
    'a \\\\* b \\\\| \\\\<i\\\\> \\\\[x\\\\](y)'
    """
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The lines of a table. Columns whose cells all begin with a figure stand right."""
    body = [[str(cell) for cell in row] for row in rows]
    right = [bool(body) and all(_NUMERIC.match(row[at]) for row in body) for at in range(len(header))]
    yield f"| {' | '.join(header)} |"
    yield f"|{'|'.join('---:' if one else '---' for one in right)}|"
    for row in body:
        yield f"| {' | '.join(row)} |"


def number(count: int) -> str:
    """A count with its thousands apart."""
    return f"{count:,}"


def share(part: int, whole: int) -> str:
    """`9 of 10 (90.0%)`; a dash where there is nothing to share."""
    return f"{number(part)} of {number(whole)} ({100 * part / whole:.1f}%)" if whole else "–"


def figure(found: Estimate, *, percent: bool = False) -> str:
    """`0.81 [0.76, 0.85]`, or `93.8% [91.0, 95.9]`, or why there is none."""
    if found.value is None:
        return f"undefined: {escaped(found.note)}"
    scale, decimals, sign = (100, 1, "%") if percent else (1, 2, "")

    def plain(value: float) -> str:
        return f"{round(value * scale, decimals) + 0.0:.{decimals}f}"

    if found.low is None or found.high is None:
        return f"{plain(found.value)}{sign} (no interval)"
    return f"{plain(found.value)}{sign} [{plain(found.low)}, {plain(found.high)}]"


def day(moment: datetime.datetime) -> str:
    """The day in UTC, as `2026-11-24`."""
    return moment.astimezone(datetime.UTC).date().isoformat()


def listing(parts: Iterable[str]) -> str:
    """`a, b and c`."""
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last
