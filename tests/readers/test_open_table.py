"""Which format a file is taken for, and what its table says about itself."""

from pathlib import Path

import pytest

from ihlannotate.readers import FORMATS, ReadError, open_table

CSV = b"id,prompt\n1,a\n"
TSV = b"id\tprompt\n1\ta\n"
JSONL = b'{"id": 1, "prompt": "a"}\n'


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.csv", CSV, "csv"),
        ("a.CSV", CSV, "csv"),
        ("a.tsv", TSV, "tsv"),
        ("a.tab", TSV, "tsv"),
        ("a.jsonl", JSONL, "jsonl"),
        ("a.ndjson", JSONL, "jsonl"),
        ("a.json", JSONL, "jsonl"),
        ("upload", CSV, "csv"),
        ("upload", TSV, "tsv"),
        ("upload", JSONL, "jsonl"),
        ("upload.txt", b"\xef\xbb\xbf \n" + JSONL, "jsonl"),
        ("upload.txt", CSV.decode().encode("utf-16"), "csv"),
    ],
)
def test_the_format_is_guessed_from_the_ending_then_from_the_content(tmp_path, name, content, expected):
    path = tmp_path / name
    path.write_bytes(content)
    with open_table(path) as table:
        assert table.format == expected
        assert table.columns == ("id", "prompt")
        assert table.size == len(content)
        assert [dict(row.cells) for row in table.rows] == [{"id": "1", "prompt": "a"}]


def test_the_format_that_is_asked_for_wins(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(JSONL)
    with open_table(path, format="jsonl") as table:
        assert table.format == "jsonl"


def test_the_name_of_an_upload_decides_and_is_what_messages_say(tmp_path):
    path = tmp_path / "tmp8f3k"
    path.write_bytes(b"a\tb\n1\t2\t3\n")
    with (
        open_table(path, name="answers.tsv") as table,
        pytest.raises(ReadError, match=r"^answers\.tsv, row 2: "),
    ):
        list(table.rows)


def test_an_unknown_format_is_refused_with_the_known_ones(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(CSV)
    with pytest.raises(ReadError, match="csv, tsv, jsonl, xlsx, inspect"), open_table(path, format="ods"):
        pass
    assert FORMATS == ("csv", "tsv", "jsonl", "xlsx", "inspect")


@pytest.mark.parametrize("name", ["missing.csv", ""])
def test_a_path_that_is_no_file(tmp_path, name):
    with pytest.raises(ReadError, match="cannot be opened"), open_table(tmp_path / name):
        pass


def test_an_error_of_the_caller_passes_through_unchanged(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(CSV)
    with pytest.raises(ZeroDivisionError), open_table(path):
        _ = 1 / 0


def test_an_error_names_file_row_and_column_in_one_sentence():
    error = ReadError("two columns have this name", do="Rename one", file="a.csv", row=1, column="id")
    assert str(error) == "a.csv, row 1, column “id”: two columns have this name. Rename one."
    assert str(ReadError("the file is empty", do="Choose another")) == "the file is empty. Choose another."


@pytest.mark.parametrize(
    ("name", "rows", "last"),
    [
        ("xstest/xstest_v2_completions_mistralguard_gpteval.csv", 450, "v2-450"),
        ("xstest/xstest_v2_completions_mistralinstruct_streval.csv", 450, "v2-450"),
        ("ihl/mistral_retain_base_vs_cb.csv", 322, "321"),
    ],
)
def test_real_runs_of_other_groups_are_read(name, rows, last):
    path = Path(__file__).parents[3] / "shared" / "data" / name
    if not path.exists():
        pytest.skip(f"the shared data are not here: {path.name}")
    with open_table(path) as table:
        assert table.format == "csv"
        read = list(table.rows)
    assert len(read) == rows
    assert read[-1].cells["id"] == last
    assert all(row.cells["prompt"] for row in read)
    text = path.read_text(encoding="utf-8").splitlines()
    assert all(text[row.number - 1].startswith(row.cells["id"]) for row in read)
