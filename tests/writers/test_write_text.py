"""csv and jsonl: exact bytes, real types, nothing that a spreadsheet runs."""

import csv
import datetime as dt
import json

import pandas as pd
import pytest

from ihlannotate.writers import Column, Sheet, write

COLUMNS = (
    Column("text"),
    Column("n", "integer"),
    Column("x", "number"),
    Column("at", "datetime"),
    Column("ok", "flag"),
)
AT = dt.datetime(2026, 3, 4, 5, 6, 7, tzinfo=dt.UTC)


def written(tmp_path, format, rows, columns=COLUMNS) -> bytes:
    write(tmp_path / "out", [Sheet("data", columns, rows)], manifest={}, format=format)
    return (tmp_path / "out").read_bytes()


def test_csv_is_rfc_4180_in_utf_8_without_a_byte_order_mark(tmp_path):
    content = written(
        tmp_path,
        "csv",
        [('a "b", é\nc', 3, 0.1, AT, True), ("", None, None, None, None), ("z", -2, -0.5, AT.date(), False)],
    )
    assert content.decode() == (
        '"text","n","x","at","ok"\r\n'
        '"a ""b"", é\nc",3,0.1,"2026-03-04T05:06:07+00:00","true"\r\n'
        '"","","","",""\r\n'
        '"z",-2,-0.5,"2026-03-04","false"\r\n'
    )


def test_csv_disarms_texts_and_leaves_numbers(tmp_path):
    content = written(tmp_path, "csv", [("=1+1", -1, -2.5, None, None), (" @x", None, None, None, None)])
    rows = list(csv.reader(content.decode().splitlines()))
    assert [row[:3] for row in rows[1:]] == [["'=1+1", "-1", "-2.5"], ["' @x", "", ""]]


def test_csv_disarms_names_of_columns(tmp_path):
    assert written(tmp_path, "csv", [], (Column("=a"),)).startswith(b'"\'=a"')


def test_csv_hides_formulas_from_programs_that_split_at_semicolons(tmp_path):
    content = written(tmp_path, "csv", [("a;=1+1", 1, None, None, None)])
    assert next(csv.reader(content.decode().splitlines()[1:], delimiter=";"))[0].startswith("a;=1+1")


def test_pandas_reads_csv_with_types(tmp_path):
    written(tmp_path, "csv", [("a\r\nb", 3, 0.1, AT, True), ("c", 4, 1 / 3, AT, False)])
    frame = pd.read_csv(tmp_path / "out", parse_dates=["at"])
    assert frame["text"].tolist() == ["a\r\nb", "c"]
    assert frame["n"].tolist() == [3, 4]
    assert frame["x"].tolist() == [0.1, 1 / 3]
    assert frame["at"].tolist() == [AT, AT]
    assert frame["ok"].tolist() == [True, False]


def test_jsonl_has_one_object_a_line_with_real_types(tmp_path):
    content = written(tmp_path, "jsonl", [("é\n=1", 3, 0.1, AT, True), (None, None, None, AT.date(), None)])
    assert [json.loads(line) for line in content.splitlines()] == [
        {"text": "é\n=1", "n": 3, "x": 0.1, "at": "2026-03-04T05:06:07+00:00", "ok": True},
        {"text": None, "n": None, "x": None, "at": "2026-03-04", "ok": None},
    ]
    assert "é".encode() in content


@pytest.mark.parametrize("text", ["a\u2028b", "a\u2029b", "a\x85b", "a\x0bb\x0c\x1c"])
def test_jsonl_holds_no_character_that_a_tool_takes_for_a_line_end(tmp_path, text):
    content = written(tmp_path, "jsonl", [(text,)], COLUMNS[:1])
    assert len(content.decode().splitlines()) == 1
    assert json.loads(content) == {"text": text}
