"""What the writers write, the readers read: the same texts, whatever is in them."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ihlannotate.readers import open_table
from ihlannotate.writers import Column, Sheet, write
from ihlannotate.writers.formulas import unescape_formula

# Texts of a database hold no NUL and no half characters.
CHARACTER = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
TEXT = st.one_of(
    st.text(CHARACTER, max_size=30),
    st.text(alphabet="'\"=+-@,;\t\r\n \ufeff\u2028\x85_x0041é🕊", max_size=12),
)
ROWS = st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=6)
COLUMNS = (Column("id", "integer"), Column("prompt"), Column("response"))


def round_trip(format: str, rows: list[tuple[str, str]]) -> list[tuple[str, str, str]]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"out.{format}"
        numbered = [(number, *row) for number, row in enumerate(rows)]
        write(path, [Sheet("data", COLUMNS, numbered)], manifest={}, format=format)
        with open_table(path) as table:
            assert table.columns == ("id", "prompt", "response")
            return [(row.cells["id"], row.cells["prompt"], row.cells["response"]) for row in table.rows]


@settings(deadline=None)
@given(ROWS)
def test_jsonl_gives_back_every_text(rows):
    assert round_trip("jsonl", rows) == [(str(number), *row) for number, row in enumerate(rows)]


@settings(deadline=None)
@given(ROWS)
def test_csv_gives_back_every_text_with_its_apostrophe_removed(rows):
    read = [(number, *map(unescape_formula, row)) for number, *row in round_trip("csv", rows)]
    assert read == [(str(number), *row) for number, row in enumerate(rows)]


def as_in_a_cell(text: str) -> str:
    """Return what a workbook is documented to keep of a text."""
    return re.sub("[\x01-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "\ufffd", re.sub("\r\n?", "\n", text))


@settings(deadline=None)
@given(ROWS)
def test_xlsx_gives_back_every_text_that_a_cell_can_hold(rows):
    expected = [(str(number), *map(as_in_a_cell, row)) for number, row in enumerate(rows)]
    assert round_trip("xlsx", rows) == expected


@pytest.mark.parametrize("format", ["csv", "jsonl", "xlsx"])
def test_long_responses_survive(format):
    text = "A paragraph – with “quotes”,\n\n- a list;\n- and more.\n" * 500
    assert round_trip(format, [(text, text)])[0][1:] == (text, text)
