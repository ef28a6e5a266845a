"""Tables of a paper as CSV: kept in full, and no text of theirs is a formula."""

import csv
import io

from ihlannotate.writers.tables import Cell, Figure, Table, TableColumn, table_csv

COLUMNS = (TableColumn("Model"), TableColumn("Refused", numeric=True), TableColumn("n", numeric=True))
KNOWN = Figure("0.81 [0.76, 0.85]", 0.8123456789012345, 0.76, 0.85)
UNDEFINED = Figure("undefined", None, note="no gold, so nothing")


def made(*rows: tuple[Cell, ...]) -> Table:
    return Table("refusals", "Refusals by model", COLUMNS, rows)


def parsed(table: Table) -> list[list[str]]:
    return list(csv.reader(io.StringIO(table_csv(table), newline="")))


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


def test_texts_in_csv_are_quoted_for_programs_that_split_at_semicolons() -> None:
    text = table_csv(Table("t", "c", (TableColumn("x"), TableColumn("y", True)), (("a;=1+1", 0.5),)))
    assert text == '"x","y"\r\n"a;=1+1",0.5\r\n'
