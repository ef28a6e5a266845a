"""Tables of a paper: what CSV keeps in full, and that no text of theirs is a command to LaTeX or a formula."""

import csv
import doctest
import io

import pytest

from ihlannotate.writers import tables
from ihlannotate.writers.tables import (
    LONG,
    SPECIAL,
    Figure,
    Table,
    TableColumn,
    latex,
    table_csv,
    table_latex,
)

COLUMNS = (TableColumn("Model"), TableColumn("Refused", numeric=True), TableColumn("n", numeric=True))
KNOWN = Figure("0.81 [0.76, 0.85]", 0.8123456789012345, 0.76, 0.85)
UNDEFINED = Figure("undefined", None, note="no gold, so nothing")


def made(*rows: tuple[tables.Cell, ...], note: str = "") -> Table:
    return Table("refusals", "Refusals by model", COLUMNS, rows, note)


def parsed(table: Table) -> list[list[str]]:
    return list(csv.reader(io.StringIO(table_csv(table), newline="")))


def test_the_examples_hold() -> None:
    assert doctest.testmod(tables).failed == 0


def test_csv_holds_the_full_value_and_both_limits() -> None:
    header, row = parsed(made(("a", KNOWN, 12)))
    assert header == ["Model", "Refused", "Refused low", "Refused high", "n"]
    assert row[0] == "a"
    assert [float(cell) for cell in row[1:4]] == [KNOWN.value, KNOWN.low, KNOWN.high]
    assert row[4] == "12"


def test_csv_says_why_a_figure_is_undefined() -> None:
    header, known, undefined = parsed(made(("a", KNOWN, 12), ("b", UNDEFINED, 3)))
    assert header[1:5] == ["Refused", "Refused low", "Refused high", "Refused note"]
    assert known[4] == ""
    assert undefined[1:5] == ["", "", "", "no gold, so nothing"]


def test_a_cell_beside_figures_that_is_none_keeps_its_column() -> None:
    header, *rows = parsed(made(("a", KNOWN, 12), ("b", "not asked", 3)))
    assert rows[1] == ["b", "not asked", "", "", "3"]
    assert all(len(row) == len(header) for row in rows)


def test_no_text_in_csv_is_a_formula() -> None:
    header, row = parsed(
        Table("t", "c", (TableColumn("=x"), TableColumn("y")), (("+1", Figure("", None, note="@a")),))
    )
    assert header[0] == "'=x"
    assert row == ["'+1", "", "", "", "'@a"]


@pytest.mark.parametrize("letter", sorted(SPECIAL))
def test_no_letter_is_a_command_to_latex(letter: str) -> None:
    assert latex(f"a{letter}b") == f"a{SPECIAL[letter]}b"
    assert letter not in latex(letter).replace(SPECIAL[letter], "")


def test_latex_aligns_numbers_and_shows_figures_as_pages_do() -> None:
    text = table_latex(made(("50% & more", KNOWN, 12), note="Release_1"))
    assert r"\begin{tabular}{lrr}" in text
    assert r"50\% \& more & 0.81 [0.76, 0.85] & 12 \\" in text
    assert r"\caption{Refusals by model}" in text
    assert r"\label{tab:refusals}" in text
    assert r"Release\_1" in text


def test_a_row_that_begins_with_a_bracket_is_no_option_of_the_line_before() -> None:
    assert r"{[0, 1]} & " in table_latex(made(("[0, 1]", KNOWN, 12)))
    assert r"{*} & " in table_latex(made(("*", KNOWN, 12)))


def test_a_line_end_in_a_text_is_a_space() -> None:
    assert latex("one\ntwo\r\nthree") == "one two three"


def test_a_table_longer_than_a_page_breaks_and_repeats_its_head() -> None:
    text = table_latex(made(*((f"m{k}", KNOWN, k) for k in range(LONG + 1)), note="All of them."))
    assert text.startswith(r"\begin{longtable}{lrr}")
    assert text.count("Model & Refused & n") == 2
    assert r"\endfirsthead" in text
    assert text.endswith("All of them.\n")


def test_a_wide_table_has_intervals_below_their_values_and_breaks_its_titles() -> None:
    columns = (TableColumn("Model"), *(TableColumn(f"Borealis-2 · run {k}", numeric=True) for k in range(6)))
    wide = Table("t", "c", columns, (("A model whose name is longer than a column", *[KNOWN] * 6),))
    text = table_latex(wide)
    assert r"0.81 \\ {\scriptsize [0.76, 0.85]}" in text
    assert r"\begin{tabular}[t]{@{}r@{}}Borealis-2 · \\ run 0\end{tabular}" in text
    assert r"\begin{tabular}{p{0.2\linewidth}rrrrrr}" in text
    assert r"\footnotesize" in text
    assert "scriptsize" not in table_latex(made(("a", KNOWN, 12)))


@pytest.mark.parametrize("rows", [1, LONG + 1])
def test_every_environment_that_begins_ends(rows: int) -> None:
    text = table_latex(made(*(("m", KNOWN, k) for k in range(rows))))
    assert text.count(r"\begin{") == text.count(r"\end{")
    assert text.count("{") == text.count("}")
