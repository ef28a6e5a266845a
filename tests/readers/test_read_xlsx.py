"""xlsx: what a person sees in a cell is what the row holds, and every unusable workbook is one clear error."""

import datetime as dt
import io
import random
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import pytest

from ihlannotate.readers import ReadError, Row, open_table
from ihlannotate.readers.base import MAX_RECORD_BYTES
from ihlannotate.readers.xlsx import number_text

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., list[Row]]:
    def read_bytes(content: bytes) -> list[Row]:
        path = tmp_path / "runs.xlsx"
        path.write_bytes(content)
        with open_table(path) as table:
            assert table.format == "xlsx"
            return list(table.rows)

    return read_bytes


@pytest.fixture
def error(read: Callable[..., list[Row]]) -> Callable[..., ReadError]:
    def read_error(content: bytes) -> ReadError:
        with pytest.raises(ReadError) as caught:
            read(content)
        assert str(caught.value).startswith("runs.xlsx")
        assert caught.value.do
        return caught.value

    return read_error


def workbook(*rows: Sequence[object], title: str = "Data") -> bytes:
    """Return a workbook as openpyxl saves it: texts stand in their cells."""
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def with_part(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """Return the workbook with one part of its package changed."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.namelist():
            data = old.read(part)
            new.writestr(part, change(data) if part == name else data)
    return stream.getvalue()


def with_sheet(xml: str) -> bytes:
    """Return a workbook whose sheet consists of these row elements."""
    sheet = f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{xml}</sheetData></worksheet>'
    return with_part(workbook(["a"]), "xl/worksheets/sheet1.xml", lambda _: sheet.encode())


def with_shared_texts(items: str, xml: str) -> bytes:
    """Return a workbook with these row elements and a table of shared texts, as Excel saves it."""
    override = (
        '<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-'
        'officedocument.spreadsheetml.sharedStrings+xml"/></Types>'
    )
    content = with_part(
        with_sheet(xml),
        "[Content_Types].xml",
        lambda data: data.replace(b"</Types>", override.encode()),
    )
    stream = io.BytesIO(content)
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", f'{HEAD}<sst xmlns="{MAIN}">{items}</sst>')
    return stream.getvalue()


def shared(*numbers: int) -> str:
    return "<row>" + "".join(f'<c t="s"><v>{number}</v></c>' for number in numbers) + "</row>"


def test_cells_are_what_a_person_sees(read):
    rows = read(
        workbook(
            ["text", "whole", "float", "sum", "yes", "date", "time"],
            ["a\nb ", 3, 3.0, 0.1 + 0.2, True, dt.date(2026, 1, 2), dt.datetime(2026, 1, 2, 3, 4, 5)],
        )
    )
    assert rows == [
        Row(
            2,
            {
                "text": "a\nb ",
                "whole": "3",
                "float": "3",
                "sum": "0.3",
                "yes": "true",
                "date": "2026-01-02",
                "time": "2026-01-02T03:04:05",
            },
        )
    ]


@pytest.mark.parametrize(
    ("stored", "seen"),
    [
        ("3", "3"),
        ("-3.0", "-3"),
        ("0.5", "0.5"),
        ("1E5", "100000"),
        ("123456789012345678", "123456789012345678"),
        ("2.3E+20", "2.3e+20"),
        ("0.30000000000000004", "0.3"),
    ],
)
def test_numbers_are_shown_as_a_spreadsheet_does(stored, seen):
    assert number_text(stored) == seen


def test_dates_of_workbooks_that_count_from_1904(read):
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active.append(["when"])
    book.active.append([dt.datetime(2026, 5, 6)])
    assert read(saved(book))[0].cells == {"when": "2026-05-06"}


def test_times_and_durations(read):
    rows = read(workbook(["t", "d"], [dt.time(9, 30), dt.timedelta(hours=26)]))
    assert rows[0].cells == {"t": "09:30:00", "d": "1 day, 2:00:00"}


def test_the_header_is_the_first_row_that_is_not_empty_and_empty_rows_are_skipped(read):
    rows = read(workbook([], [None, " "], ["id", "text"], [1, "a"], [None, None], ["", " "], [2, "b"]))
    assert [(row.number, row.cells["id"]) for row in rows] == [(4, "1"), (7, "2")]


def test_white_space_is_kept_beside_other_cells_and_passed_over_beyond_the_header(read):
    assert read(workbook(["a", "b", " "], ["  ", 2, " "]))[0].cells == {"a": "  ", "b": "2"}


def test_missing_cells_are_empty(read):
    assert read(workbook(["a", "b", "c"], [None, 2]))[0].cells == {"a": "", "b": "2", "c": ""}


def test_the_first_sheet_that_is_not_a_read_me_is_read(read):
    book = openpyxl.Workbook()
    book.active.title = "Read me"
    book.active.append(["Item", "Value"])
    for title in ("Data", "More"):
        sheet = book.create_sheet(title)
        sheet.append(["from"])
        sheet.append([title])
    assert read(saved(book)) == [Row(2, {"from": "Data"})]


def test_shared_texts_are_read_in_any_order(read):
    items = "<si><t>a</t></si><si><t>é–🕊</t></si><si/><si><t xml:space='preserve'> z </t></si>"
    rows = read(with_shared_texts(items, shared(0) + shared(3) + shared(1) + shared(2) + shared(3)))
    assert [(row.number, row.cells["a"]) for row in rows] == [(2, " z "), (3, "é–🕊"), (5, " z ")]


def test_rich_texts_are_read_without_their_formatting_and_hints(read):
    runs = "<r><t>one </t></r><r><rPr><b/></rPr><t>two</t></r><rPh sb='0' eb='1'> <t>hint</t></rPh>"
    rows = read(with_shared_texts(f"<si><t>a</t></si><si>{runs}</si>", shared(0) + shared(1)))
    assert rows[0].cells == {"a": "one two"}


@pytest.mark.parametrize("number", [-1, 1, 7])
def test_a_shared_text_that_does_not_exist_is_refused(error, number):
    assert "damaged" in error(with_shared_texts("<si><t>a</t></si>", shared(0) + shared(number))).what


def test_escaped_characters_are_resolved(read):
    xml = (
        '<row><c t="inlineStr"><is><t>a</t></is></c></row>'
        '<row><c t="inlineStr"><is><t>x_x000D_\ny_x005F_x000D_</t></is></c></row>'
    )
    assert read(with_sheet(xml))[0].cells == {"a": "x\r\ny_x000D_"}


def test_cells_and_rows_without_addresses_are_counted(read):
    xml = "<row><c><v>1</v></c><c><v>2</v></c></row><row><c/><c><v>5</v></c></row>"
    assert read(with_sheet(xml)) == [Row(2, {"1": "", "2": "5"})]


def test_the_stored_result_of_a_formula_is_read(read):
    xml = (
        '<row><c t="str"><f>A1</f><v>a</v></c><c t="str"><f>B1</f><v>b</v></c></row>'
        '<row><c><f>1+2</f><v>3</v></c><c t="str"><f>""</f><v></v></c></row>'
    )
    assert read(with_sheet(xml))[0].cells == {"a": "3", "b": ""}


def test_a_formula_without_a_stored_result_is_refused(error):
    caught = error(workbook(["a", "b"], [1, 2], [1, "=A2+1"]))
    assert (caught.row, "cell B3" in caught.what) == (3, True)


def test_a_cell_beyond_the_header_is_refused(error):
    caught = error(workbook(["a", "b"], [1, 2, 3]))
    assert (caught.row, "2 columns" in caught.what) == (2, True)


def test_a_missing_name_and_a_name_twice_are_refused(error):
    assert "column number 2 has no name" in error(workbook(["a", None, "c"], [1, 2, 3])).what
    assert error(workbook(["a", "a "], [1, 2])).column == "a"


def test_a_header_without_rows_and_an_empty_sheet(error):
    assert "no rows" in error(workbook(["a", "b"])).what
    assert "empty" in error(workbook()).what


def test_a_workbook_with_nothing_but_a_read_me(error):
    assert "no sheet" in error(workbook(["a"], ["b"], title="README")).what


def test_a_number_that_is_no_date_is_refused(error):
    book = openpyxl.Workbook()
    book.active.append(["when"])
    book.active.append([-5_000_000])
    book.active["A2"].number_format = "yyyy-mm-dd"
    assert error(saved(book)).row == 2


def test_an_old_or_encrypted_workbook_is_refused(error):
    caught = error(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    assert "password" in caught.what
    assert ".xlsx" in caught.do


def test_a_zip_file_that_is_no_workbook_is_refused(error):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("content.xml", "<a/>")
    assert "not an Excel workbook" in error(stream.getvalue()).what


@pytest.mark.parametrize("content", [b"", b"id,prompt\n1,a\n", b"PK\x03\x04" + bytes(100)])
def test_a_file_that_is_no_zip_file_is_refused(error, content):
    assert "not an Excel workbook" in error(content).what


def test_a_row_that_unpacks_to_too_much_is_refused(error):
    text = f'<row><c t="inlineStr"><is><t>{"x" * (3 * MAX_RECORD_BYTES)}</t></is></c></row>'
    content = with_sheet(text)
    assert len(content) < MAX_RECORD_BYTES // 100
    assert "longer than 10 MB" in error(content).what


def test_a_shared_text_that_unpacks_to_too_much_is_refused(error):
    items = f"<si><t>a</t></si><si><t>{'x' * (3 * MAX_RECORD_BYTES)}</t></si>"
    assert "longer than 10 MB" in error(with_shared_texts(items, shared(0) + shared(1))).what


@pytest.mark.parametrize("part", ["xl/styles.xml", "xl/workbook.xml", "[Content_Types].xml"])
def test_a_part_that_must_be_held_whole_has_a_limit(error, part):
    content = with_part(workbook(["a"], [1]), part, lambda data: data + b" " * 60_000_000)
    assert "too big" in error(content).what


def test_more_rows_than_a_sheet_can_have_are_refused(error):
    assert "1,048,576 rows" in error(with_sheet('<row r="1"><c><v>1</v></c></row><row r="1048577"/>')).what


def test_entities_that_expand_to_too_much_are_refused(error):
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE x [<!ENTITY e0 "0123456789">{levels}]>'
    content = with_part(
        with_sheet("<row><c t='inlineStr'><is><t>&e9;</t></is></c></row>"),
        "xl/worksheets/sheet1.xml",
        lambda data: data.replace(HEAD.encode(), HEAD.encode() + bomb.encode()),
    )
    assert error(content).do


def test_a_damaged_workbook_is_read_or_refused_but_never_crashes(read):
    """Bytes of the parts, unpacked, are changed at random."""
    content = workbook(["id", "text", "n"], *([number, f"text {number}", number / 2] for number in range(5)))
    parts = [name for name in zipfile.ZipFile(io.BytesIO(content)).namelist() if "theme" not in name]
    generator = random.Random(20260102)
    refused = 0
    for _ in range(300):

        def damage(data: bytes) -> bytes:
            changed = bytearray(data)
            for _ in range(generator.randint(1, 3)):
                changed[generator.randrange(len(changed))] = generator.choice(b'<>/"=&0aZ \x00\xff')
            return bytes(changed)

        damaged = with_part(content, generator.choice(parts), damage)
        try:
            read(damaged)
        except ReadError:
            refused += 1
    assert refused > 50
