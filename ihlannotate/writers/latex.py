"""Tables of a paper as LaTeX that is never wider than its text: two-line cells, then panels, then smaller letters."""

import math
import textwrap
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ihlannotate.writers.tables import Cell, Figure, Table, TableColumn, shown

TEXT = 70  # letters of \normalsize on a line of the class article
GAP, NARROW_GAP = 2.4, 1.3  # letters between two columns, of tables as they are and of wide ones
SMALL, SMALLER = 0.85, 0.75  # letters of \footnotesize and \scriptsize, in those of \normalsize
LEAST = 0.75  # how far a table may shrink; one that is wider still stands in panels
LONG = 30  # rows, from which on a table breaks over pages
PAGE = 40  # lines of \footnotesize, from which on a wide one does
BROKEN = 9  # letters that a broken title's line has room for at least
PROSE = 28  # letters, from which on a cell of a wide table is a paragraph
LEAST_SHARE, MOST_SHARE = 0.2, 0.5  # of the line, for a column of paragraphs
END, APART = r" \\", r" \\[2pt]"  # of a row, and of one that has several lines
FIT = r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%"
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
class _Column:
    """A column as it is set: its letters on a line, its title and cells with the lines of each, and its type."""

    letters: float
    kind: str
    title: str
    cells: tuple[str, ...]
    lines: tuple[int, ...]


def table_latex(table: Table) -> str:
    """The table as LaTeX, labelled tab:NAME, no wider than \\linewidth; its first line names the packages it needs.

    One that does not fit has its intervals below their values, smaller letters, and titles and texts that break; one
    that would be illegible stands in panels, each with the first columns that are words. One that is longer than a
    page is a longtable.

    >>> print(table_latex(Table("t", "A & B", (TableColumn("x"), TableColumn("y", True)), (("a_b", 0.5),))))
    % \\usepackage{booktabs,graphicx}
    \\begin{table}
      \\centering
      \\caption{A \\& B}
      \\label{tab:t}
      \\resizebox{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}{!}{%
        \\begin{tabular}{lr}
          \\toprule
          x & y \\\\
          \\midrule
          a\\_b & 0.5 \\\\
          \\bottomrule
        \\end{tabular}%
      }
    \\end{table}
    <BLANKLINE>
    """
    wide = _is_wide(table)
    columns = _columns(table, wide=wide)
    panels = _panels(table, columns, most=TEXT / LEAST) if wide else [columns]
    if is_long := len(table.rows) > LONG or (wide and _height(table, panels) > PAGE):
        panels = _panels(table, columns, most=TEXT) if wide else panels
    packages = ["array"] if any("arraybackslash" in one.kind for one in columns) else []
    packages += ["booktabs", "longtable" if is_long else "graphicx"]
    lines = _long(table, panels, wide=wide) if is_long else _float(table, panels, wide=wide)
    return "\n".join([f"% \\usepackage{{{','.join(packages)}}}", *lines]) + "\n"


def latex(text: str) -> str:
    """A text in which nothing is a command, on one line; control characters are spaces.

    >>> print(latex("50% of a_b"))
    50\\% of a\\_b
    """
    line = " ".join(text.splitlines())
    return "".join(" " if unicodedata.category(one) == "Cc" else SPECIAL.get(one, one) for one in line)


def _float(table: Table, panels: Sequence[Sequence[_Column]], *, wide: bool) -> list[str]:
    widest = max(panels, key=len)
    body = ["\\toprule"]
    for at, panel in enumerate(panels):
        missing = len(widest) - len(panel)
        body += ["\\midrule\\addlinespace"] if at else []
        body += [_line([one.title for one in panel], missing), "\\midrule", *_rows(table, panel, missing)]
    return [
        "\\begin{table}",
        *_indented(["\\centering", _caption(table), _label(table), *_size(wide=wide), FIT], 1),
        *_indented([f"\\begin{{tabular}}{{{_kinds(widest)}}}"], 2),
        *_indented([*body, "\\bottomrule"], 3),
        *_indented(["\\end{tabular}%"], 2),
        "  }",
        *_indented(
            [f"\\par\\smallskip {{\\footnotesize {latex(table.note)}\\par}}"] if table.note else [], 1
        ),
        "\\end{table}",
    ]


def _long(table: Table, panels: Sequence[Sequence[_Column]], *, wide: bool) -> list[str]:
    size = _size(wide=wide)
    lines = ["% a longtable stands in a text of one column", *(f"{{{one}" for one in size)]
    for at, panel in enumerate(panels):
        head = [_line([one.title for one in panel]), "\\midrule"]
        again = f"\\caption*{{\\tablename~\\ref{{tab:{table.name}}}}} \\\\"
        lines += [
            f"\\begin{{longtable}}{{{_kinds(panel)}}}",
            *_indented([again if at else f"{_caption(table)} {_label(table)} \\\\"], 1),
            *_indented(["\\toprule", *head, "\\endfirsthead", "\\toprule", *head, "\\endhead"], 1),
            *_indented(["\\bottomrule", "\\endfoot", *_rows(table, panel)], 1),
            "\\end{longtable}",
        ]
    return [*lines, *("}" for _one in size), *([latex(table.note)] if table.note else [])]


def _is_wide(table: Table) -> bool:
    lines = [[column.title for column in table.columns], *(map(shown, row) for row in table.rows)]
    return sum(max(map(len, column)) + GAP for column in zip(*lines, strict=True)) > TEXT


def _columns(table: Table, *, wide: bool) -> list[_Column]:
    own = [[row[at] for row in table.rows] for at in range(len(table.columns))]
    prose = [
        wide and not column.numeric and max((len(shown(one)) for one in cells), default=0) > PROSE
        for column, cells in zip(table.columns, own, strict=True)
    ]
    found = {
        at: _stacked(table.columns[at], cells) if wide else _plain(table.columns[at], cells)
        for at, cells in enumerate(own)
        if not prose[at]
    }
    room = TEXT - sum(one.letters for one in found.values()) - NARROW_GAP * len(own)
    hundredths = math.floor(100 * room / TEXT / max(sum(prose), 1))
    share = min(max(hundredths / 100, LEAST_SHARE), MOST_SHARE)
    found |= {at: _prose(table.columns[at], own[at], share) for at, is_prose in enumerate(prose) if is_prose}
    return [found[at] for at in range(len(own))]


def _plain(column: TableColumn, cells: Sequence[Cell]) -> _Column:
    texts = [shown(one) for one in cells]
    return _Column(
        letters=max(map(len, (column.title, *texts))),
        kind="r" if column.numeric else "l",
        title=_safe(column.title),
        cells=tuple(map(_safe, texts)),
        lines=(1,) * len(cells),
    )


def _stacked(column: TableColumn, cells: Sequence[Cell]) -> _Column:
    """A column with its intervals below their values, and a title that is hardly wider than what it stands above."""
    kind = "r" if column.numeric else "l"
    parts = [shown(one).partition(" [") if isinstance(one, Figure) else (shown(one), "", "") for one in cells]
    letters = max((max(SMALL * len(value), SMALLER * len(limits)) for value, _, limits in parts), default=0)
    title = column.title.replace(" ·", "\u00a0·")  # no line begins with a point
    room = max(BROKEN, int(letters / SMALL))
    wrapped = textwrap.wrap(title, room, break_long_words=False, break_on_hyphens=False)
    return _Column(
        letters=max(letters, *(SMALL * len(one) for one in wrapped), 0),
        kind=kind,
        title=_on_lines([_safe(one) for one in wrapped], kind),
        cells=tuple(
            _on_lines([latex(value), f"{{\\scriptsize [{latex(limits)}}}"], "r") if bracket else _safe(value)
            for value, bracket, limits in parts
        ),
        lines=tuple(2 if bracket else 1 for _, bracket, _ in parts),
    )


def _prose(column: TableColumn, cells: Sequence[Cell], share: float) -> _Column:
    """A column of paragraphs, ragged right, which a name_like_this may break, too."""
    letters = share * TEXT
    texts = [shown(one) for one in cells]
    return _Column(
        letters=letters,
        kind=f">{{\\raggedright\\arraybackslash\\hspace{{0pt}}}}p{{{share:.2f}\\linewidth}}",
        title=_safe(column.title),
        cells=tuple(_safe(one).replace(r"\_", r"\_\allowbreak{}") for one in texts),
        lines=tuple(math.ceil(SMALL * len(one) / letters) or 1 for one in texts),
    )


def _panels(table: Table, columns: Sequence[_Column], *, most: float) -> list[Sequence[_Column]]:
    """The columns in as many panels as it takes for none to have more letters than `most`; words before the first
    number stand in each."""
    words = next((at for at, column in enumerate(table.columns) if column.numeric), len(columns))
    first, rest = columns[:words], columns[words:]
    panels: list[Sequence[_Column]] = [columns]
    for count in range(2, len(rest) + 1):
        if all(sum(one.letters + NARROW_GAP for one in panel) <= most for panel in panels):
            break
        size = math.ceil(len(rest) / count)
        panels = [[*first, *rest[at : at + size]] for at in range(0, len(rest), size)]
    return panels


def _height(table: Table, panels: Sequence[Sequence[_Column]]) -> int:
    """How many lines panels below each other have, with the note."""
    of_rows = sum(max(one.lines[at] for one in panel) for panel in panels for at in range(len(table.rows)))
    return of_rows + 3 * len(panels) + math.ceil(SMALL * len(table.note) / TEXT)


def _rows(table: Table, panel: Sequence[_Column], missing: int = 0) -> Iterator[str]:
    for at in range(len(table.rows)):
        tall = any(one.lines[at] > 1 for one in panel)
        yield _line([one.cells[at] for one in panel], missing, APART if tall else END)


def _kinds(panel: Sequence[_Column]) -> str:
    return "".join(one.kind for one in panel)


def _caption(table: Table) -> str:
    return f"\\caption{{{latex(table.caption)}}}"


def _label(table: Table) -> str:
    return f"\\label{{tab:{table.name}}}"


def _size(*, wide: bool) -> list[str]:
    return ["\\footnotesize\\setlength{\\tabcolsep}{3pt}"] if wide else []


def _on_lines(lines: Sequence[str], side: str) -> str:
    if len(lines) < 2:
        return "".join(lines)
    joined = r" \\ ".join(lines)
    return f"\\begin{{tabular}}[t]{{@{{}}{side}@{{}}}}{joined}\\end{{tabular}}"


def _safe(text: str) -> str:
    # A cell that begins with a bracket or a star would be an option of the line before
    return f"{{{latex(text)}}}" if text[:1] in ("[", "*") else latex(text)


def _line(cells: Sequence[str], missing: int = 0, end: str = END) -> str:
    return " & ".join([*cells, *[""] * missing]).rstrip() + end


def _indented(lines: Sequence[str], steps: int) -> list[str]:
    return [f"{'  ' * steps}{line}" for line in lines]
