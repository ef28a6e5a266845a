"""What holds for every format: files appear whole or not at all, with digests, the same bytes each time."""

import datetime as dt
import hashlib
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ihlannotate.writers import FORMATS, Cell, Column, Sheet, WriteError, write

COLUMNS = (
    Column("item", "text", help="The opaque code."),
    Column("n", "integer"),
    Column("score", "number", width=9),
    Column("at", "datetime"),
    Column("gold", "flag"),
)
AT = dt.datetime(2026, 3, 4, 5, 6, 7, tzinfo=dt.timezone(dt.timedelta(hours=2)))
ROWS = (
    ("a1", 3, 0.5, AT, True),
    ("é\n🕊", None, None, None, None),
    ("=x", -7, -1, dt.date(2026, 3, 4), False),
)
MANIFEST = {"study": "demo", "exported_at": AT, "parameters": {"k": 3}}


def sheet(name: str = "gold", rows: object = ROWS) -> Sheet:
    return Sheet(name, COLUMNS, rows)


def failing_rows() -> Iterator[tuple[Cell, ...]]:
    yield ROWS[0]
    raise ConnectionError("the database went away")


@pytest.mark.parametrize("format", FORMATS)
def test_digests_of_all_files_are_returned(tmp_path, format):
    digests = write(tmp_path / f"out.{format}", [sheet()], manifest=MANIFEST, format=format)
    assert set(digests) == {path.name for path in tmp_path.iterdir()}
    assert f"out.{format}" in digests
    for name, digest in digests.items():
        assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == digest


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_rows_and_manifest_give_the_same_bytes(tmp_path, format):
    sheets = [sheet(), sheet("verdicts")]
    first = write(tmp_path / f"out.{format}", sheets, manifest=MANIFEST, format=format)
    again = write(tmp_path / f"out.{format}", sheets, manifest=MANIFEST, format=format)
    assert first == again
    other = write(tmp_path / f"out.{format}", [sheet(rows=ROWS[:1])], manifest=MANIFEST, format=format)
    assert other[f"out.{format}" if format == "xlsx" else f"out.{format}.manifest.json"] not in first.values()


@pytest.mark.parametrize("format", FORMATS)
def test_failing_rows_leave_no_file_and_do_not_touch_what_was_there(tmp_path, format):
    target = tmp_path / "out" / f"out.{format}"
    target.parent.mkdir()
    target.write_bytes(b"the last export")
    with pytest.raises(ConnectionError):
        write(target, [sheet("first"), sheet("second", failing_rows())], manifest=MANIFEST, format=format)
    with pytest.raises(ConnectionError):
        write(target, [sheet(rows=failing_rows())], manifest=MANIFEST, format=format)
    assert [path.name for path in target.parent.iterdir()] == [target.name]
    assert target.read_bytes() == b"the last export"


@pytest.mark.parametrize("format", FORMATS)
def test_failing_rows_leave_no_temporary_file(tmp_path, monkeypatch, format):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    with pytest.raises(ConnectionError):
        write(tmp_path / "out", [sheet("a"), sheet("b", failing_rows())], manifest={}, format=format)
    write(tmp_path / "out", [sheet("a"), sheet("b")], manifest={}, format=format)
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("format", ["csv", "jsonl", "parquet"])
def test_several_sheets_become_sibling_files_and_one_manifest(tmp_path, format):
    sheets = [sheet("annotations"), sheet("gold labels", ROWS[:2])]
    digests = write(tmp_path / f"study.{format}", sheets, manifest=MANIFEST, format=format)
    names = [f"study-annotations.{format}", f"study-gold-labels.{format}"]
    assert set(digests) == {*names, f"study.{format}.manifest.json"}
    manifest = json.loads((tmp_path / f"study.{format}.manifest.json").read_text(encoding="utf-8"))
    assert [file["name"] for file in manifest["files"]] == names
    assert [file["rows"] for file in manifest["files"]] == [3, 2]


def test_the_manifest_tells_what_each_file_holds(tmp_path):
    digests = write(tmp_path / "out.csv", [sheet()], manifest=MANIFEST, format="csv")
    assert json.loads((tmp_path / "out.csv.manifest.json").read_text(encoding="utf-8")) == {
        "study": "demo",
        "exported_at": "2026-03-04T05:06:07+02:00",
        "parameters": {"k": 3},
        "files": [
            {
                "name": "out.csv",
                "sheet": "gold",
                "rows": 3,
                "columns": [
                    {"name": "item", "kind": "text", "help": "The opaque code."},
                    {"name": "n", "kind": "integer", "help": ""},
                    {"name": "score", "kind": "number", "help": ""},
                    {"name": "at", "kind": "datetime", "help": ""},
                    {"name": "gold", "kind": "flag", "help": ""},
                ],
                "texts_with_apostrophe_added": 1,
                "sha256": digests["out.csv"],
            }
        ],
    }


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    ("kind", "cell"),
    [
        ("text", 3),
        ("text", True),
        ("text", b"a"),
        ("integer", 1.0),
        ("integer", True),
        ("integer", 2**63),
        ("number", "1"),
        ("number", True),
        ("number", float("nan")),
        ("number", float("inf")),
        ("datetime", "2026-01-01"),
        ("flag", 1),
    ],
)
def test_a_cell_of_another_kind_is_refused_with_its_place(tmp_path, format, kind, cell):
    bad = Sheet("gold", (Column("x"), Column("y", kind)), [("a", None), ("b", cell)])
    with pytest.raises(WriteError, match=r"“gold”, row 2, column “y”"):
        write(tmp_path / "out", [bad], manifest={}, format=format)
    assert list(tmp_path.iterdir()) == []


def test_a_row_of_another_length_is_refused_with_its_number(tmp_path):
    with pytest.raises(WriteError, match=r"row 2: 1 cells for 2 columns"):
        write(
            tmp_path / "out",
            [Sheet("gold", (Column("x"), Column("y")), [("a", "b"), ("c",)])],
            manifest={},
            format="csv",
        )


@pytest.mark.parametrize(
    "sheets",
    [
        [],
        [sheet("gold"), sheet("Gold")],
        [sheet("Read me")],
        [sheet("dictionary")],
        [sheet("a/b")],
        [sheet("../a")],
        [sheet("x" * 32)],
        [Sheet("gold", (), [])],
        [Sheet("gold", (Column("a"), Column("a")), [])],
        [Sheet("gold", (Column(""),), [])],
    ],
)
def test_sheets_that_cannot_be_told_apart_or_named_are_refused(tmp_path, sheets):
    with pytest.raises(WriteError):
        write(tmp_path / "out", sheets, manifest={}, format="csv")


def test_an_unknown_format_is_refused_with_the_known_ones(tmp_path):
    with pytest.raises(WriteError, match="xlsx, csv, jsonl, parquet"):
        write(tmp_path / "out", [sheet()], manifest={}, format="ods")


def test_a_manifest_that_is_no_json_is_refused(tmp_path):
    with pytest.raises(TypeError):
        write(tmp_path / "out", [sheet()], manifest={"path": Path()}, format="csv")
    with pytest.raises(TypeError):
        write(tmp_path / "out", [sheet()], manifest={"path": Path()}, format="xlsx")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def _clock_of_tokyo(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("_clock_of_tokyo")
def test_times_without_a_zone_are_taken_as_utc(tmp_path):
    times = [(dt.datetime(2026, 1, 2, 3, 4),), (dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC),)]
    write(tmp_path / "a", [Sheet("s", (Column("at", "datetime"),), times)], manifest={}, format="jsonl")
    assert len(set((tmp_path / "a").read_text().splitlines())) == 1


@pytest.mark.parametrize("format", FORMATS)
def test_a_sheet_without_rows_is_written_with_its_columns(tmp_path, format):
    write(tmp_path / "out", [sheet(rows=[])], manifest={}, format=format)
    assert (tmp_path / "out").exists()
