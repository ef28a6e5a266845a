"""Tables of a paper as LaTeX: no text is a command, and none is too wide or too small to be read."""

import doctest
import re

import pytest

from ihlannotate.writers import latex as module
from ihlannotate.writers.latex import FIT, LONG, SPECIAL, latex, table_latex
from ihlannotate.writers.tables import Cell, Figure, Table, TableColumn

COLUMNS = (TableColumn("Model"), TableColumn("Refused", numeric=True), TableColumn("n", numeric=True))
KNOWN = Figure("0.81 [0.76, 0.85]", 0.8123456789012345, 0.76, 0.85)
PANEL = re.compile(r"^ *Rule group & (.*) \\\\$", re.MULTILINE)


def made(*rows: tuple[Cell, ...], note: str = "") -> Table:
    return Table("refusals", "Refusals by model", COLUMNS, rows, note)


def by_run(runs: int, rows: int = 3, *, words: str = "Rule group") -> Table:
    """A column for each run, as findings on parts of a study have."""
    columns = (TableColumn(words), *(TableColumn(f"Borealis-{k} · none", numeric=True) for k in range(runs)))
    named = "Group {} of the rules on the conduct of hostilities"
    return Table(
        "t", "c", columns, tuple((named.format(at), *[KNOWN] * runs) for at in range(rows)), "A note."
    )


def test_the_examples_hold() -> None:
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize("letter", sorted(SPECIAL))
def test_no_letter_is_a_command(letter: str) -> None:
    assert latex(f"a{letter}b") == f"a{SPECIAL[letter]}b"
    assert letter not in latex(letter).replace(SPECIAL[letter], "")


def test_line_ends_and_control_characters_in_a_text_are_spaces() -> None:
    assert latex("one\ntwo\r\nthree\x07\x1b") == "one two three  "


def test_numbers_are_aligned_and_figures_shown_as_on_pages() -> None:
    text = table_latex(made(("50% & more", KNOWN, 12), note="Release_1"))
    assert r"\begin{tabular}{lrr}" in text
    assert r"50\% \& more & 0.81 [0.76, 0.85] & 12 \\" in text
    assert r"\caption{Refusals by model}" in text
    assert r"\label{tab:refusals}" in text
    assert r"Release\_1" in text
    assert "scriptsize" not in text


def test_a_row_that_begins_with_a_bracket_is_no_option_of_the_line_before() -> None:
    assert r"{[0, 1]} & " in table_latex(made(("[0, 1]", KNOWN, 12)))
    assert r"{*} & " in table_latex(made(("*", KNOWN, 12)))


@pytest.mark.parametrize("table", [made(("a", KNOWN, 12)), by_run(6), by_run(8)])
def test_a_table_on_one_page_shrinks_to_the_line_and_never_grows(table: Table) -> None:
    text = table_latex(table)
    before, _, inside = text.partition(FIT)
    assert r"\ifdim\width>\linewidth\linewidth\else\width\fi" in FIT
    assert before.count(r"\begin{tabular}") == 0
    assert inside.lstrip().startswith(r"\begin{tabular}{")
    assert re.search(r"\\end\{tabular\}%\n  \}\n", inside)


@pytest.mark.parametrize(
    ("table", "packages"),
    [
        (made(("a", KNOWN, 12)), "booktabs,graphicx"),
        (made(*[("a", KNOWN, 12)] * (LONG + 1)), "booktabs,longtable"),
        (by_run(6), "array,booktabs,graphicx"),
        (by_run(6, LONG + 1), "array,booktabs,longtable"),
    ],
)
def test_the_first_line_names_the_packages_whose_commands_stand_below(table: Table, packages: str) -> None:
    first, _, text = table_latex(table).partition("\n")
    assert first == f"% \\usepackage{{{packages}}}"
    commands = {
        "array": r"\arraybackslash",
        "graphicx": r"\resizebox",
        "longtable": r"\begin{longtable}",
        "booktabs": r"\toprule",
    }
    assert {name for name, command in commands.items() if command in text} == set(packages.split(","))


def test_a_wide_table_has_intervals_below_their_values_and_breaks_its_titles_and_texts() -> None:
    text = table_latex(by_run(6))
    assert r"0.81 \\ {\scriptsize [0.76, 0.85]}" in text
    assert r"\begin{tabular}[t]{@{}r@{}}Borealis-5~· \\ none\end{tabular}" in text
    assert r"\begin{tabular}{>{\raggedright\arraybackslash\hspace{0pt}}p{0.20\linewidth}rrrrrr}" in text
    assert r"\footnotesize" in text


def test_a_title_of_a_wide_table_is_hardly_wider_than_the_numbers_below_it() -> None:
    columns = (
        TableColumn("Model"),
        *(TableColumn("With gold and a verdict", numeric=True) for _ in range(4)),
    )
    text = table_latex(Table("t", "c", columns, (("a", 1, 2, 3, 4),)))
    assert r"With gold \\ and a \\ verdict" in text


def test_a_name_in_a_column_of_texts_can_break_where_it_is_joined() -> None:
    words = "contrast_real_groups_nonsense_discrimination"
    columns = (TableColumn("Part"), *(TableColumn("Accuracy", numeric=True) for _ in range(3)))
    text = table_latex(Table("t", "c", columns, ((words, KNOWN, KNOWN, KNOWN),)))
    assert words.replace("_", r"\_\allowbreak{}") in text


@pytest.mark.parametrize(("runs", "panels"), [(6, 1), (8, 2), (16, 3)])
def test_a_table_that_would_be_illegible_stands_in_panels_that_repeat_what_is_words(
    runs: int, panels: int
) -> None:
    text = table_latex(by_run(runs, rows=2))
    heads = PANEL.findall(text)
    assert len(heads) == panels
    assert re.findall(r"Borealis-(\d+)", "".join(heads)) == [str(k) for k in range(runs)]
    assert text.count("Group 1 of the rules") == panels
    assert text.count("0.81") == 2 * runs


def test_every_row_of_a_panel_has_as_many_cells_as_the_widest() -> None:
    text = table_latex(by_run(13, rows=2))
    inside = re.sub(r"\\begin\{tabular\}\[t\].*?\\end\{tabular\}", "x", text)
    rows = re.findall(r"^ *(?:Rule group|Group).*$", inside, re.MULTILINE)
    kinds = re.search(r"linewidth\}(r+)\}", text)
    assert kinds
    assert {row.count("&") for row in rows} == {len(kinds[1])}


def test_a_table_longer_than_a_page_breaks_and_repeats_its_head() -> None:
    text = table_latex(made(*((f"m{k}", KNOWN, k) for k in range(LONG + 1)), note="All of them."))
    assert r"\begin{longtable}{lrr}" in text
    assert text.count("Model & Refused & n") == 2
    assert r"\endfirsthead" in text
    assert text.endswith("All of them.\n")


def test_rows_of_two_lines_fill_a_page_sooner() -> None:
    rows = LONG - 5
    assert r"\begin{longtable}" in table_latex(by_run(5, rows))
    assert r"\begin{longtable}" not in table_latex(made(*[("a", KNOWN, 12)] * rows))


def test_panels_of_a_long_table_are_longtables_that_refer_to_the_first() -> None:
    text = table_latex(by_run(16, LONG + 1))
    panels = text.count(r"\begin{longtable}")
    assert panels > 1
    assert text.count(r"\label{tab:t}") == 1
    assert text.count(r"\caption*{\tablename~\ref{tab:t}}") == panels - 1
    assert text.count("0.81") == 16 * (LONG + 1)


@pytest.mark.parametrize("table", [made(("m", KNOWN, 1)), by_run(16), by_run(16, LONG + 1)])
def test_every_environment_that_begins_ends(table: Table) -> None:
    text = table_latex(table)
    assert text.count(r"\begin{") == text.count(r"\end{")
    assert text.count("{") == text.count("}")


def test_a_table_without_rows_has_its_head() -> None:
    assert "Model & Refused & n" in table_latex(made())
    assert table_latex(by_run(8, rows=0)).count("Borealis") == 8
