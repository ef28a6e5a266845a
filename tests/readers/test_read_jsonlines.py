"""jsonl: objects become rows, values become texts, and every bad line is one clear error."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ihlannotate.readers import ReadError, Row, open_table
from ihlannotate.readers.base import MAX_COLUMNS, MAX_RECORD_BYTES


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., list[Row]]:
    def read_text(content: str | bytes, name: str = "runs.jsonl") -> list[Row]:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with open_table(path) as table:
            assert table.format == "jsonl"
            return list(table.rows)

    return read_text


@pytest.fixture
def error(read: Callable[..., list[Row]]) -> Callable[..., ReadError]:
    def read_error(content: str | bytes) -> ReadError:
        with pytest.raises(ReadError) as caught:
            read(content)
        assert str(caught.value).startswith("runs.jsonl")
        return caught.value

    return read_error


def test_values_become_texts_as_they_are_written(read):
    line = '{"t": "a\\nb", "i": 3, "f": 2.50, "e": 1E3, "b": true, "n": null, "l": [1, {"é": 2.5}], "x": NaN}'
    assert read(line) == [
        Row(
            1,
            {
                "t": "a\nb",
                "i": "3",
                "f": "2.50",
                "e": "1E3",
                "b": "true",
                "n": "",
                "l": '[1,{"é":2.5}]',
                "x": "",
            },
        )
    ]


def test_a_key_that_first_occurs_in_the_last_line_is_a_column_of_all_rows(read):
    rows = read('{"id": 1}\n\n{"id": 2, "error": "timeout"}\n')
    assert rows == [Row(1, {"id": "1", "error": ""}), Row(3, {"id": "2", "error": "timeout"})]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_no_part_of_the_first_line(read, encoding):
    assert read('{"id": "é"}\r\n{"id": "b"}\r\n'.encode(encoding))[0].cells == {"id": "é"}


def test_line_separators_inside_texts_do_not_end_the_line(read):
    assert read('{"t": "a\u2028b\x85c"}')[0].cells["t"] == "a\u2028b\x85c"


def test_a_small_array_of_objects_is_read_with_positions_as_numbers(read):
    rows = read(json.dumps([{"ruleId": 1}, {"ruleId": 2, "p": ["a"]}], indent=2), name="rules.json")
    assert rows == [Row(1, {"ruleId": "1", "p": ""}), Row(2, {"ruleId": "2", "p": '["a"]'})]


def test_broken_json_names_the_line(error):
    caught = error('{"id": 1}\n{"id": \n')
    assert caught.row == 2
    assert "JSON object on each line" in caught.do


@pytest.mark.parametrize("line", ["3", '"text"', "null", "[1]"])
def test_a_line_that_is_no_object(error, line):
    caught = error('{"id": 1}\n' + line)
    assert (caught.row, "object" in caught.what) == (2, True)


@pytest.mark.parametrize("content", ["[1, 2]", '[{"id": 1}, 5]', '[{"id": 1}\n{"id": 2}]', '[{"id": 1}] x'])
def test_an_array_that_is_no_list_of_objects(error, content):
    assert error(content).row is not None


def test_an_object_over_several_lines(error):
    assert error('{\n "id": 1\n}\n').row == 1


def test_a_key_that_occurs_twice(error):
    caught = error('{"id": 1}\n{"id": 1, "id": 2}\n')
    assert (caught.row, "“id”" in caught.what) == (2, True)


@pytest.mark.parametrize("value", ["Infinity", "-Infinity", "9" * 5000, "[" * 100_000])
def test_values_that_are_no_values(error, value):
    assert error(f'{{"id": 1}}\n{{"id": {value}}}\n').row == 2


@pytest.mark.parametrize("text", ["a\\u0000b", "\\ud800"])
def test_texts_that_no_database_stores(error, text):
    caught = error(f'{{"id": 1}}\n{{"id": "{text}"}}\n')
    assert (caught.row, caught.column) == (2, "id")


def test_a_new_key_on_every_line_is_refused_early(error):
    content = "\n".join(f'{{"k{number}": 1}}' for number in range(MAX_COLUMNS + 5))
    assert "columns" in error(content + "\nbroken").what


def test_a_huge_line_is_refused(error):
    caught = error(b'{"id": 1}\n{"id": "' + b"x" * MAX_RECORD_BYTES)
    assert (caught.row, "longer than 10 MB" in caught.what) == (2, True)


def test_a_huge_array_is_refused(error):
    assert "longer than 10 MB" in error(b'[{"id": "' + b"x\n" * MAX_RECORD_BYTES).what


@pytest.mark.parametrize("content", ["", "\n \n"])
def test_an_empty_file(error, content):
    assert error(content).what == "the file is empty"


@pytest.mark.parametrize("content", ["[]", "{}"])
def test_a_file_without_any_value(error, content):
    assert "no columns" in error(content).what
