"""Tables of a paper: captioned figures with their intervals, as CSV with full precision and as LaTeX."""

import csv
import io
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ihlannotate.writers.formulas import escape_formula

LONG = 30  # rows, from which on a table breaks over pages
WIDE = 66  # letters of a line, from which on intervals stand below their values and titles break
BROKEN = 14  # letters of a broken title's line
SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "\u2212": r"\ensuremath{-}",
    "\u2013": "--",
    "\u00a0": "~",
    "\u202f": "~",
    "α": r"\ensuremath{\alpha}",
    "β": r"\ensuremath{\beta}",
    "ε": r"\ensuremath{\varepsilon}",
    "κ": r"\ensuremath{\kappa}",
    "λ": r"\ensuremath{\lambda}",
    "ρ": r"\ensuremath{\rho}",
    "ω": r"\ensuremath{\omega}",
    "≥": r"\ensuremath{\geq}",
    "≤": r"\ensuremath{\leq}",
    "×": r"\ensuremath{\times}",
    "→": r"\ensuremath{\rightarrow}",
    "±": r"\ensuremath{\pm}",
}


@dataclass(frozen=True)
class Figure:
    """A figure with its interval: as it is `shown`, and in full. An undefined one has no value and says why."""

    shown: str
    value: float | None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    note: str = ""


Cell: TypeAlias = str | int | float | Figure


@dataclass(frozen=True)
class TableColumn:
    title: str
    numeric: bool = False


@dataclass(frozen=True)
class Table:
    """A captioned table. `name` is a slug, unique in a report; a row has a cell for each column."""

    name: str
    caption: str
    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


def shown(cell: Cell) -> str:
    """A cell as readers see it."""
    return cell.shown if isinstance(cell, Figure) else str(cell)


def table_csv(table: Table) -> str:
    """The table as CSV, in full precision. A column of figures becomes “X”, “X low”, “X high”, and “X n” and “X note”
    where any row has one. Texts cannot be taken for formulas.
    """
    parts = [_parts(table, at) for at in range(len(table.columns))]
    out = io.StringIO(newline="")
    rows = csv.writer(out)
    rows.writerow(
        escape_formula(f"{column.title} {part}".strip())
        for column, names in zip(table.columns, parts, strict=True)
        for part in names
    )
    for row in table.rows:
        rows.writerow(value for cell, names in zip(row, parts, strict=True) for value in _values(cell, names))
    return out.getvalue()


def _parts(table: Table, at: int) -> Sequence[str]:
    """What a column becomes in CSV: the value (“”) alone, or a figure's parts."""
    figures = [row[at] for row in table.rows if isinstance(row[at], Figure)]
    if not figures:
        return [""]
    parts = ["", "low", "high"]
    if any(isinstance(one, Figure) and one.n is not None for one in figures):
        parts.append("n")
    if any(isinstance(one, Figure) and one.note for one in figures):
        parts.append("note")
    return parts


def _values(cell: Cell, parts: Sequence[str]) -> Iterator[str | int | float | None]:
    if isinstance(cell, Figure):
        known = {
            "": cell.value,
            "low": cell.low,
            "high": cell.high,
            "n": cell.n,
            "note": escape_formula(cell.note),
        }
        yield from (known[part] for part in parts)
    else:
        yield escape_formula(cell) if isinstance(cell, str) else cell
        yield from [None] * (len(parts) - 1)


def table_latex(table: Table) -> str:
    """The table as LaTeX for the package booktabs (longtable too, where it is longer than a page), labelled tab:NAME.

    >>> print(table_latex(Table("t", "A & B", (TableColumn("x"), TableColumn("y", True)), (("a_b", 0.5),))))
    \\begin{table}
      \\centering
      \\caption{A \\& B}
      \\label{tab:t}
      \\begin{tabular}{lr}
        \\toprule
        x & y \\\\
        \\midrule
        a\\_b & 0.5 \\\\
        \\bottomrule
      \\end{tabular}
    \\end{table}
    <BLANKLINE>
    """
    wide = _is_wide(table)
    shape = "".join(_column(table, at, wide=wide) for at in range(len(table.columns)))
    head = _line([_title(column, wide=wide) for column in table.columns])
    rows = [_line([_cell(cell, wide=wide) for cell in row]) for row in table.rows]
    size = ["\\footnotesize\\setlength{\\tabcolsep}{3pt}"] if wide else []
    caption = f"\\caption{{{latex(table.caption)}}}"
    label = f"\\label{{tab:{table.name}}}"
    if len(table.rows) > LONG:
        lines = [
            *(f"{{{one}" for one in size),
            f"\\begin{{longtable}}{{{shape}}}",
            *_indented([f"{caption} {label} \\\\", "\\toprule", head, "\\midrule", "\\endfirsthead"], 1),
            *_indented(["\\toprule", head, "\\midrule", "\\endhead", "\\bottomrule", "\\endfoot"], 1),
            *_indented(rows, 1),
            "\\end{longtable}",
            *("}" for _one in size),
            *([f"{latex(table.note)}"] if table.note else []),
        ]
    else:
        lines = [
            "\\begin{table}",
            *_indented(["\\centering", caption, label, *size, f"\\begin{{tabular}}{{{shape}}}"], 1),
            *_indented(["\\toprule", head, "\\midrule", *rows, "\\bottomrule"], 2),
            *_indented(["\\end{tabular}"], 1),
            *_indented([f"\\par\\smallskip {{\\footnotesize {latex(table.note)}}}"] if table.note else [], 1),
            "\\end{table}",
        ]
    return "\n".join(lines) + "\n"


def latex(text: str) -> str:
    """A text in which nothing is a command.

    >>> print(latex("50% of a_b"))
    50\\% of a\\_b
    """
    return "".join(SPECIAL.get(letter, letter) for letter in " ".join(text.splitlines()))


def _is_wide(table: Table) -> bool:
    lines = [[column.title for column in table.columns], *(map(shown, row) for row in table.rows)]
    return sum(max(map(len, column)) for column in zip(*lines, strict=True)) > WIDE


def _column(table: Table, at: int, *, wide: bool) -> str:
    if table.columns[at].numeric:
        return "r"
    longest = max((len(shown(row[at])) for row in table.rows), default=0)
    return "p{0.2\\linewidth}" if wide and longest > 2 * BROKEN else "l"


def _title(column: TableColumn, *, wide: bool) -> str:
    lines = textwrap.wrap(column.title, BROKEN, break_long_words=False, break_on_hyphens=False)
    if not wide or len(lines) < 2:
        return _safe(column.title)
    return _stacked([_safe(one) for one in lines], "r" if column.numeric else "l")


def _cell(cell: Cell, *, wide: bool) -> str:
    value, bracket, limits = shown(cell).partition(" [")
    if wide and bracket and isinstance(cell, Figure):
        return _stacked([latex(value), f"{{\\scriptsize [{latex(limits)}}}"], "r")
    return _safe(shown(cell))


def _stacked(lines: Sequence[str], side: str) -> str:
    stacked = r" \\ ".join(lines)
    return f"\\begin{{tabular}}[t]{{@{{}}{side}@{{}}}}{stacked}\\end{{tabular}}"


def _safe(text: str) -> str:
    # A cell that begins with a bracket or a star would be an option of the line before
    return f"{{{latex(text)}}}" if text[:1] in ("[", "*") else latex(text)


def _line(cells: Sequence[str]) -> str:
    return " & ".join(cells) + r" \\"


def _indented(lines: Sequence[str], steps: int) -> list[str]:
    return [f"{'  ' * steps}{line}" for line in lines]
