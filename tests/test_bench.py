"""The benchmarks run, on the kind of database that this suite runs on; no time is held against anything."""

import json
import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from bench.table import Ratio, Row, text
from tests.once import once

KINDS = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}


@pytest.fixture(scope="module")
def run(database_kind: str) -> tuple[str, list[dict[str, Any]], list[str]]:
    """What a smoke run printed, the rows it kept, and the names of what it left in its temporary folder."""
    folder = once("bench", lambda folder: _smoke(folder, database_kind))
    rows = json.loads((folder / "bench.json").read_text("utf-8"))["rows"]
    left = json.loads((folder / "left.json").read_text("utf-8"))
    return (folder / "printed.txt").read_text("utf-8"), rows, left


def _smoke(folder: Path, kind: str) -> None:
    kept = folder / "bench.json"
    # A place of its own, for PostgreSQL's socket must not lie too deep
    with tempfile.TemporaryDirectory(prefix="ihlannotate-smoke-") as temporary:
        done = subprocess.run(
            [sys.executable, "-m", "bench", "--smoke", "--database", kind, "--json", str(kept)],
            cwd=settings.BASE_DIR,
            env=os.environ | {"TMPDIR": temporary},
            capture_output=True,
            text=True,
            timeout=1200,
        )
        assert done.returncode == 0, done.stderr
        left = [path.name for path in Path(temporary).iterdir()]
    (folder / "left.json").write_text(json.dumps(left), "utf-8")
    (folder / "printed.txt").write_text(done.stdout, "utf-8")


def test_every_row_has_a_figure_and_every_counter_of_correctness_is_right(run) -> None:
    _, rows, _ = run
    counters = [row for row in rows if row["must_be"] is not None]
    assert len(counters) >= 15
    assert [row for row in counters if row["figure"] != row["must_be"] or row["wrong"]] == []
    figures = [row for row in rows if row["must_be"] is None]
    assert all(math.isfinite(row["figure"]) and row["figure"] > 0 for row in figures)
    assert all(math.isfinite(ratio["value"]) for row in rows for ratio in row["ratios"])


def test_every_subject_is_in_the_table_for_this_kind_of_database(run, database_kind) -> None:
    printed, rows, _ = run
    of_kind = [row["what"].strip() for row in rows if row["database"] == KINDS[database_kind]]
    for subject in (
        "import jsonl",
        "submit-and-next over HTTP",
        "agreement",
        "export xlsx",
        "export parquet",
        "release gold",
        "validation report",
    ):
        assert any(what.startswith(subject) for what in of_kind)
    assert all(row["what"] in printed for row in rows)


def test_nothing_is_left_behind(run) -> None:
    assert run[2] == []


def test_a_wrong_counter_says_so() -> None:
    row = Row("SQLite", "duplicates", "40 responses", 1, "", must_be=0)
    assert row.wrong
    assert "must be 0: WRONG" in text([row])


def test_ratios_stand_beside_their_figure() -> None:
    row = Row("SQLite", "import", "40 responses", 1234.5, "items/s", (Ratio(0.25, "reading alone"),))
    line = " ".join(text([row]).splitlines()[1].split())
    assert line == "SQLite import 40 responses 1,234 items/s 0.25 × reading alone"
