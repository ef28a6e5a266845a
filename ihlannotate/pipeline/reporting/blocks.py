"""What a report is made of: sections of prose, lists, facts, tables and plots, numbered as they come."""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ihlannotate.pipeline.reporting.figures import fixed
from ihlannotate.pipeline.reporting.plots import Plot
from ihlannotate.writers.latex import table_latex
from ihlannotate.writers.tables import Cell, Table, TableColumn, shown, table_csv

ACROSS = 105  # characters that fit beside each other on a page that stands
DENSE = 125  # and that fit in smaller type; wider tables are printed on a page that lies
WORD = 24  # characters up to which a word is not broken
BETWEEN = 2  # characters' room between columns
SHORT = 16  # rows up to which a table is not split over pages
SENTENCE = 20  # characters from which on a text may run on over the empty cells beside it
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Prose:
    """A paragraph; a `lead` one is set larger, a `warning` in a frame."""

    text: str
    style: str = ""


@dataclass(frozen=True)
class Listing:
    """Texts below one another, in `lang` where that is not the report's."""

    items: tuple[str, ...]
    lang: str = ""


@dataclass(frozen=True)
class Facts:
    """Terms and what they are."""

    rows: tuple[tuple[str, str], ...]


Block: TypeAlias = Prose | Listing | Facts | Table | Plot


@dataclass(frozen=True)
class Section:
    """A part of a report under a heading; parts of an `appendix` are lettered and not numbered."""

    title: str
    blocks: tuple[Block, ...] = ()
    sections: tuple["Section", ...] = ()
    appendix: bool = False


@dataclass(frozen=True)
class Report:
    """A report of a study. `facts` stand below its title; `blinded` ones name no model and no condition."""

    title: str
    facts: Facts
    sections: tuple[Section, ...]
    blinded: bool

    @property
    def tables(self) -> tuple[Table, ...]:
        """Every table in it, in order."""
        return tuple(one for one in _blocks(self.sections) if isinstance(one, Table))

    @property
    def plots(self) -> tuple[Plot, ...]:
        """Every plot in it, in order."""
        return tuple(one for one in _blocks(self.sections) if isinstance(one, Plot))

    @property
    def texts(self) -> tuple[str, ...]:
        """Every paragraph in it, in order."""
        return tuple(one.text for one in _blocks(self.sections) if isinstance(one, Prose))


def _blocks(sections: Sequence[Section]) -> Iterator[Block]:
    for section in sections:
        yield from section.blocks
        yield from _blocks(section.sections)


@dataclass(frozen=True)
class SetCell:
    """A cell ready to be set, over `span` columns."""

    text: str
    numeric: bool
    span: int = 1

    @property
    def classes(self) -> str:
        """`num` for a number; `word` for one word, which stays in one piece also where it has a hyphen."""
        word = len(self.text) <= WORD and " " not in self.text
        return " ".join(name for name, holds in (("num", self.numeric), ("word", word)) if holds)


@dataclass(frozen=True)
class SetTable:
    """A table ready to be set: its number, its cells as readers see them, and its downloads as data: addresses."""

    number: int
    name: str
    caption: str
    heads: tuple[SetCell, ...]
    rows: tuple[tuple[SetCell, ...], ...]
    note: str
    size: str  # "", dense or wide
    short: bool
    csv: str
    latex: str


@dataclass(frozen=True)
class SetPlot:
    """A plot with its number."""

    number: int
    plot: Plot


@dataclass(frozen=True)
class SetBlock:
    """A block ready to be set; `kind` names its template."""

    kind: str
    content: Prose | Listing | Facts | SetTable | SetPlot


@dataclass(frozen=True)
class SetSection:
    """A section with its number, as 2.1 or B.1, and what makes its anchor; `level` is that of its heading."""

    number: str
    anchor: str
    level: int
    title: str
    blocks: tuple[SetBlock, ...]
    sections: tuple["SetSection", ...]
    appendix: bool

    @property
    def wide(self) -> bool:
        """Whether an appendix is printed on pages that lie, because one of its tables has to be."""
        tables = [one.content for one in self.blocks if isinstance(one.content, SetTable)]
        return self.appendix and any(one.size == "wide" for one in tables)


class Typesetter:
    """Numbers the sections, tables and plots of one report."""

    def __init__(self) -> None:
        self._tables = 0
        self._plots = 0

    def set(self, report: Report) -> tuple[SetSection, ...]:
        """The sections of a report, numbered."""
        body = [one for one in report.sections if not one.appendix]
        appendices = [one for one in report.sections if one.appendix]
        return (
            *(self._section(one, str(at), 2) for at, one in enumerate(body, start=1)),
            *(self._section(one, LETTERS[at], 2) for at, one in enumerate(appendices)),
        )

    def _section(self, section: Section, number: str, level: int) -> SetSection:
        return SetSection(
            number=number,
            anchor=f"s-{number.replace('.', '-')}",
            level=level,
            title=section.title,
            blocks=tuple(self._block(one) for one in section.blocks),
            sections=tuple(
                self._section(one, f"{number}.{at}", level + 1)
                for at, one in enumerate(section.sections, start=1)
            ),
            appendix=section.appendix,
        )

    def _block(self, block: Block) -> SetBlock:
        if isinstance(block, Table):
            return SetBlock("table", self._table(block))
        if isinstance(block, Plot):
            self._plots += 1
            return SetBlock("plot", SetPlot(self._plots, block))
        return SetBlock(type(block).__name__.lower(), block)

    def _table(self, table: Table) -> SetTable:
        self._tables += 1
        rows = [[_words(cell) for cell in row] for row in table.rows]
        return SetTable(
            number=self._tables,
            name=table.name,
            caption=table.caption,
            heads=tuple(SetCell(column.title, column.numeric) for column in table.columns),
            rows=tuple(tuple(_cells(row, table.columns)) for row in rows),
            note=table.note,
            size=_size([[column.title for column in table.columns], *rows]),
            short=len(rows) <= SHORT,
            csv=_address("text/csv", table_csv(table)),
            latex=_address("text/plain", table_latex(table)),
        )


def _cells(row: Sequence[str], columns: Sequence[TableColumn]) -> Iterator[SetCell]:
    """A row's cells; a sentence takes the empty cells beside it too."""
    at = 0
    while at < len(row):
        span = 1
        if len(row[at]) >= SENTENCE and columns[at].numeric:
            while at + span < len(row) and not row[at + span]:
                span += 1
        yield SetCell(row[at], columns[at].numeric and span == 1, span)
        at += span


def _size(rows: Sequence[Sequence[str]]) -> str:
    """How a table fits on a page: by the characters that it takes at least, its cells broken where they may be."""
    longest = (
        max(len(word) for cell in column for word in cell.split(" ")) for column in zip(*rows, strict=True)
    )
    width = sum(one + BETWEEN for one in longest)
    return "wide" if width > DENSE else "dense" if width > ACROSS else ""


def _words(cell: Cell) -> str:
    """A cell as readers see it, its interval in one piece."""
    if isinstance(cell, float):
        return fixed(cell, 2)
    value, bracket, limits = shown(cell).partition("[")
    limits, closing, rest = limits.partition("]")
    return value + bracket + limits.replace(" ", "\u00a0") + closing + rest


def _address(kind: str, text: str) -> str:
    return f"data:{kind};charset=utf-8;base64,{b64encode(text.encode()).decode()}"
