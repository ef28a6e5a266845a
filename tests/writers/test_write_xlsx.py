"""xlsx: what Excel users find in the workbook, and what can never happen to them."""

import csv
import datetime as dt
import shutil
import subprocess
import zipfile

import openpyxl
import pandas as pd
import pytest

from ihlannotate.readers import open_table
from ihlannotate.writers import Column, Sheet, write

COLUMNS = (
    Column("text", width=50, help="What the expert wrote."),
    Column("n", "integer"),
    Column("x", "number"),
    Column("at", "datetime"),
    Column("ok", "flag"),
)
AT = dt.datetime(2026, 3, 4, 5, 6, 7, tzinfo=dt.timezone(dt.timedelta(hours=1)))
ARMED = ("=1+1", "+1", "-1", "@a", " =1", "\t=1", "＝1", "=", "=HYPERLINK('x')", "{=1}", "#N/A", "#REF!")


def book(tmp_path, rows, columns=COLUMNS, manifest=None) -> openpyxl.Workbook:
    path = tmp_path / "out.xlsx"
    write(path, [Sheet("gold", columns, rows)], manifest=manifest or {}, format="xlsx")
    return openpyxl.load_workbook(path)


def texts(tmp_path, *values) -> list[str]:
    sheet = book(tmp_path, [(value,) for value in values], COLUMNS[:1])["gold"]
    return [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)]


def read_me(workbook: openpyxl.Workbook) -> dict[str, str]:
    return dict(workbook["Read me"].iter_rows(min_row=2, values_only=True))


def test_cells_have_real_types(tmp_path):
    sheet = book(tmp_path, [("a", 3, 0.5, AT, True), (None, -7, -1, dt.date(2026, 3, 4), False)])["gold"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)] == [
        ["a", 3, 0.5, dt.datetime(2026, 3, 4, 4, 6, 7), True],
        [None, -7, -1, dt.datetime(2026, 3, 4), False],
    ]
    assert [cell.data_type for cell in sheet[2]] == ["s", "n", "n", "d", "b"]


def test_the_header_stays_in_view_is_bold_and_filters(tmp_path):
    sheet = book(tmp_path, [("a", 1, 1, AT, True)] * 4)["gold"]
    assert sheet.freeze_panes == "A2"
    assert [cell.value for cell in sheet[1]] == ["text", "n", "x", "at", "ok"]
    assert all(cell.font.bold for cell in sheet[1])
    assert not any(cell.font.bold for cell in sheet[2])
    assert sheet.auto_filter.ref == "A1:E5"
    assert sheet.column_dimensions["A"].width == 50
    assert sheet.column_dimensions["B"].width < 20


def test_the_workbook_starts_with_the_manifest_and_ends_with_a_dictionary(tmp_path):
    workbook = book(tmp_path, [("a", 1, 1, AT, True)], manifest={"study": "=demo", "k": 3, "at": {"t": AT}})
    assert workbook.sheetnames == ["Read me", "gold", "Dictionary"]
    notes = read_me(workbook)
    assert (notes["study"], notes["k"], notes["at"]) == ("=demo", "3", '{"t": "2026-03-04T05:06:07+01:00"}')
    assert (notes["gold: rows"], notes["gold: columns"]) == ("1", "text, n, x, at, ok")
    assert list(workbook["Dictionary"].iter_rows(values_only=True))[:2] == [
        ("Sheet", "Column", "Kind", "Meaning"),
        ("gold", "text", "text", "What the expert wrote."),
    ]


def test_a_text_is_never_a_formula(tmp_path):
    sheet = book(tmp_path, [(text,) for text in ARMED], (Column("=head"),), {"=key": "=value"})
    cells = [cell for name in sheet.sheetnames for row in sheet[name].iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}
    values = [row[0].value for row in sheet["gold"].iter_rows()]
    assert values == ["=head", *ARMED]
    assert [cell.quotePrefix for cell in sheet["gold"]["A"]] == [True] * 10 + [False] * 3
    with zipfile.ZipFile(tmp_path / "out.xlsx") as package:
        assert not any(b"<f>" in package.read(name) for name in package.namelist())


def test_characters_that_xml_cannot_hold_are_replaced_and_counted(tmp_path):
    rows = [("a\x00b\x1f\ufffe",), ("fine \t\n",)]
    workbook = book(tmp_path, rows, COLUMNS[:1])
    assert workbook["gold"]["A2"].value == "a\ufffdb\ufffd\ufffd"
    assert workbook["gold"]["A3"].value == "fine \t\n"
    assert read_me(workbook)["gold: texts with characters replaced by \ufffd"] == "1"


def test_line_ends_become_line_feeds(tmp_path):
    assert texts(tmp_path, "a\r\nb\rc\n") == ["a\nb\nc\n"]


def test_what_looks_like_an_escape_is_shown_as_it_was(tmp_path):
    book(tmp_path, [("x_x000D_y_x0041_",), ("_x00",)], COLUMNS[:1])
    with open_table(tmp_path / "out.xlsx") as table:
        assert [row.cells["text"] for row in table.rows] == ["x_x000D_y_x0041_", "_x00"]


@pytest.mark.parametrize("unit", ["a", "🕊", "_x0041_", "\r\n"])
def test_texts_beyond_a_cell_are_cut_with_a_mark_and_counted(tmp_path, unit):
    workbook = book(tmp_path, [(unit * 40_000,), ("short",)], COLUMNS[:1])
    text = workbook["gold"]["A2"].value
    assert text.endswith("characters]")
    assert "cut here: the text has" in text
    assert 30_000 < len(text.encode("utf-16-le")) / 2 <= 32_767 or unit == "_x0041_"
    assert read_me(workbook)["gold: texts cut at 32,767 characters"] == "1"


def test_a_text_that_just_fits_is_not_cut(tmp_path):
    assert texts(tmp_path, "a" * 32_767, "🕊" * 16_383) == ["a" * 32_767, "🕊" * 16_383]


def test_whole_numbers_that_a_cell_would_round_are_texts(tmp_path):
    sheet = book(tmp_path, [(10**15,), (10**15 - 1,), (-(2**63) + 1,)], COLUMNS[1:2])["gold"]
    assert [cell.value for cell in sheet["A"][1:]] == ["1000000000000000", 999999999999999, str(-(2**63) + 1)]


def test_the_package_carries_no_clock_time(tmp_path):
    workbook = book(tmp_path, [])
    assert workbook.properties.created == workbook.properties.modified == dt.datetime(1980, 1, 1)
    with zipfile.ZipFile(tmp_path / "out.xlsx") as package:
        assert {part.date_time for part in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_pandas_reads_the_sheet(tmp_path):
    book(tmp_path, [("a\nb", 3, 0.5, AT, True), ("=c", 4, 1 / 3, AT, False)])
    frame = pd.read_excel(tmp_path / "out.xlsx", sheet_name="gold")
    assert frame["text"].tolist() == ["a\nb", "=c"]
    assert frame["n"].tolist() == [3, 4]
    assert frame["x"].tolist() == [0.5, 1 / 3]
    assert frame["at"].tolist() == [pd.Timestamp(2026, 3, 4, 4, 6, 7)] * 2
    assert frame["ok"].tolist() == [True, False]


def test_libreoffice_shows_every_text_as_it_was_and_saves_what_we_can_read(tmp_path):
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    values = [*ARMED, "é 🕊\nsecond line", "x_x000D_y", " spaces "]
    book(tmp_path, [(value, 3, 0.5, AT, True) for value in values])
    command = [
        office,
        "--headless",
        f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
        "--convert-to",
    ]
    every_sheet = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
    for target in (every_sheet, "xlsx:Calc MS Excel 2007 XML"):
        subprocess.run(
            [*command, target, "--outdir", str(tmp_path / "office"), str(tmp_path / "out.xlsx")],
            check=True,
            capture_output=True,
            timeout=120,
        )
    with (tmp_path / "office" / "out-gold.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    assert [row[0] for row in rows] == ["text", *values]
    assert rows[1][1:3] == ["3", "0.5"]
    assert rows[1][4] == "TRUE"
    with open_table(tmp_path / "office" / "out.xlsx") as table:
        saved = [row.cells for row in table.rows]
    assert [cells["text"] for cells in saved] == values
    assert {(cells["n"], cells["x"], cells["at"], cells["ok"]) for cells in saved} == {
        ("3", "0.5", "2026-03-04T04:06:07", "true")
    }
