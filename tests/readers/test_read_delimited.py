"""csv and tsv: separators, encodings, quoting, and every bad file as one clear error."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from ihlannotate.readers import ReadError, Row, open_table
from ihlannotate.readers.base import MAX_COLUMNS, MAX_RECORD_BYTES


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., list[Row]]:
    def read_bytes(content: bytes, name: str = "runs.csv", **options: str) -> list[Row]:
        path = tmp_path / name
        path.write_bytes(content)
        with open_table(path, **options) as table:
            return list(table.rows)

    return read_bytes


@pytest.fixture
def error(read: Callable[..., list[Row]]) -> Callable[..., ReadError]:
    def read_error(content: bytes, name: str = "runs.csv", **options: str) -> ReadError:
        with pytest.raises(ReadError) as caught:
            read(content, name, **options)
        assert str(caught.value).startswith(name)
        assert str(caught.value).endswith(".")
        assert caught.value.do
        return caught.value

    return read_error


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_guessed_from_the_header(read, separator):
    content = separator.join(["id", "prompt"]) + "\n" + separator.join(["1", "Is it lawful?"]) + "\n"
    assert read(content.encode()) == [Row(2, {"id": "1", "prompt": "Is it lawful?"})]


def test_separators_inside_quoted_names_do_not_count(read):
    assert read(b'"a;b;c;d",e\n1,2\n')[0].cells == {"a;b;c;d": "1", "e": "2"}


def test_a_line_that_announces_the_separator_is_obeyed(read):
    assert read(b"sep=|\nid|a,b\n1|2\n") == [Row(3, {"id": "1", "a,b": "2"})]


def test_tsv_splits_at_tabs_only(read):
    assert read(b"id\tprompt\n1\ta,b;c\n", "runs.tsv")[0].cells["prompt"] == "a,b;c"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_with_or_without_a_byte_order_mark(read, encoding):
    rows = read("id,prompt\n1,Genève – 日本 🕊\n".encode(encoding))
    assert rows[0].cells == {"id": "1", "prompt": "Genève – 日本 🕊"}


def test_rows_carry_the_number_of_the_line_on_which_they_start(read):
    rows = read(b'\r\nid,text\r\n1,"two\r\nlines"\r\n\r\n2,one\r\n,\r\n3,x\r\n\r\n\r\n')
    assert [row.number for row in rows] == [3, 6, 8]
    assert rows[0].cells["text"] == "two\r\nlines"


def test_line_ends_of_old_macintoshes_separate_rows(read):
    assert [row.cells["id"] for row in read(b"id,a\r1,x\r2,y\r")] == ["1", "2"]


def test_texts_are_kept_exactly(read):
    assert read(b'id,text\n 007 ,"  say ""no"" "\n')[0].cells == {"id": " 007 ", "text": '  say "no" '}


def test_cells_missing_at_the_end_are_empty(read):
    assert read(b"a,b,c\n1\n")[0].cells == {"a": "1", "b": "", "c": ""}


def test_an_empty_cell_beyond_the_header_is_passed_over(read):
    assert read(b"a,b\n1,2,,\n")[0].cells == {"a": "1", "b": "2"}


def test_names_of_columns_lose_the_space_around_them(read):
    assert read(b" a , b\n1,2\n")[0].cells == {"a": "1", "b": "2"}


def test_more_cells_than_the_header_has(error):
    caught = error(b"a,b\n1,2\n1,2,3\n")
    assert (caught.row, "3 cells" in caught.what, "2 columns" in caught.what) == (3, True, True)


def test_a_column_without_a_name(error):
    caught = error(b"a,,c\n1,2,3\n")
    assert caught.row == 1
    assert "column number 2 has no name" in caught.what


def test_two_columns_of_one_name(error):
    caught = error(b"a,b, a\n1,2,3\n")
    assert (caught.row, caught.column) == (1, "a")


def test_more_columns_than_anyone_needs(error):
    header = ",".join(f"c{number}" for number in range(MAX_COLUMNS + 1))
    assert "columns" in error(f"{header}\n1\n".encode()).what


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_an_empty_file(error, content):
    assert error(content).what == "the file is empty"


def test_a_header_without_rows(error):
    assert "no rows" in error(b"a,b\n\n,\n").what


def test_another_encoding_is_refused_with_row_and_byte(error):
    caught = error("id,text\n1,ok\n2,Genève\n".encode("latin-1"))
    assert caught.row == 3
    assert "byte 19 of the file is not valid UTF-8" in caught.what
    assert "UTF-8" in caught.do


@pytest.mark.parametrize("lines", [10, 20_000])
def test_the_bad_byte_is_found_wherever_it_is(error, lines):
    before = b"\xef\xbb\xbfid,text\n" + "1,é\n".encode() * lines
    caught = error(before + b"2,\xe9x\n")
    assert caught.row == lines + 2
    assert f"byte {len(before) + 3} of" in caught.what


def test_a_character_cut_off_at_the_end_of_the_file(error):
    caught = error(b"id,text\n1,caf\xc3")
    assert (caught.row, "byte 14 of" in caught.what) == (2, True)


def test_half_a_character_of_utf_16(error):
    caught = error(b"\xff\xfe" + "id,a\n1,b".encode("utf-16-le") + b"\x00")
    assert "UTF-16" in caught.what


@pytest.mark.parametrize(
    "content", [b"id,text\n1,a\x00b\n", "id,text\n1,b\n".encode("utf-16-le"), "id,t\n1,b\n".encode("utf-32")]
)
def test_nul_bytes_are_refused(error, content):
    assert "NUL" in error(content).what


def test_a_stray_quotation_mark_names_its_row(error):
    caught = error(b'id,text\n1,ok\n2,"a" b\n3,c\n')
    assert caught.row == 3
    assert "quotation mark" in caught.do


def test_an_unclosed_quotation_mark_names_the_row_where_it_opens(error):
    assert error(b'id,text\n1,ok\n2,"a\n3,b\n').row == 3


def test_an_unclosed_quotation_mark_does_not_swallow_a_big_file(error):
    line = b"x" * 999 + b"\n"
    caught = error(b'id,text\n1,ok\n2,"' + line * (MAX_RECORD_BYTES // 1000 + 1))
    assert caught.row == 3
    assert "longer than 10 MB" in caught.what


def test_the_limit_counts_bytes_of_each_record(read, error):
    content = "é" * (MAX_RECORD_BYTES // 2 - 10)
    assert len(read(f"id,text\n1,{content}\n2,{content}\n".encode())) == 2
    assert error(f"id,text\n1,{content}{'é' * 10}\n".encode()).row == 2


def test_a_text_beyond_the_csv_modules_default_limit(read):
    assert len(read(b"id,text\n1," + b"x" * 500_000)[0].cells["text"]) == 500_000
    assert csv.field_size_limit() >= MAX_RECORD_BYTES


def test_a_workbook_under_a_false_name(error):
    assert ".xlsx" in error(b"PK\x03\x04rest").do
