"""Files as they really come: each is refused in words that say where, without a traceback, and nothing of it stays."""

import sqlite3
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings

from tests.commands.processes import Installation
from tests.files import run_rows, write_csv

MEMORY = 240 * 2**20  # what an import needs, and about 100 MB more
TABLES = (
    "prompt",
    "response",
    "run",
    "origin",
    "importedfile",
    "annotation",
    "assignment",
    "event",
    "membership",
)

pytestmark = pytest.mark.skipif(
    settings.DATABASES["default"]["ENGINE"].endswith("postgresql"),
    reason="a file is refused before the database has a say: the run on SQLite shows it",
)


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """An installation with a study of one imported run, r0 to r2."""
    folder = tmp_path_factory.mktemp("installation")
    here = Installation(folder / "var")
    good = write_csv(folder / "good.csv", run_rows(3))
    for words in (
        ("migrate", "-v0"),
        ("create_study", "s", "--title", "S", "--rubric", "fixtures/three-way-refusal.yaml"),
        ("import_run", "s", good, "--model", "Aster-1"),
    ):
        done = here.manage(*words)
        assert done.returncode == 0, done.stderr
    return here


def _latin(path: Path) -> None:
    path.write_bytes("id,prompt,response\n1,Un prompt,Non\n2,Un café,Non\n".encode("latin-1"))


def _long_line(path: Path) -> None:
    with path.open("wb") as stream:
        stream.write(b'id,prompt,response\n1,"')
        for _ in range(200):
            stream.write(b"x" * 1_000_000)
        stream.write(b'",No\n')


def _archive(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("notes.txt", "id,prompt,response\n")


def _text(content: str) -> Callable[[Path], object]:
    return partial(_write, content)


def _write(content: str, path: Path) -> None:
    path.write_text(content, "utf-8")


RUNS: dict[str, tuple[str, Callable[[Path], object], tuple[str, ...]]] = {
    "another encoding": ("latin.csv", _latin, ("row 3", "UTF-8")),
    "a missing column": (
        "m.csv",
        _text("id,prompt,text\n1,P,No\n"),
        ("recognised as the response", "“text”"),
    ),
    "an empty file": ("empty.csv", _text(""), ("empty",)),
    "a header only": ("header.csv", _text("id,prompt,response\n"), ("header but no rows",)),
    "one id with two texts": (
        "twice.csv",
        _text("id,prompt,response\n7,P,No\n8,P,No\n7,P,Yes\n"),
        ("row 4", "id “7”", "another response"),
    ),
    "an id of the study with another text": (
        "other.csv",
        _text("id,prompt,response\nr9,P,No\nr1,P,No\n"),
        ("row 3", "id “r1”", "already in this study"),
    ),
    "a line of 200 MB": ("long.csv", _long_line, ("row 2", "longer than 10 MB")),
    "NUL bytes": ("nul.csv", _text("id,prompt,response\n1,P,No\n2,P,N\0o\n"), ("row 3", "NUL")),
    "a zip that is no workbook": ("zip.xlsx", _archive, ("not an Excel workbook",)),
    "a zip that says it is CSV": ("zip.csv", _archive, ("a workbook or an archive",)),
    "broken JSON": (
        "broken.jsonl",
        _text('{"id": 1, "prompt": "P", "response": "No"}\n{"id": 2,\n'),
        ("row 2",),
    ),
    "an empty prompt": (
        "blank.csv",
        _text("id,prompt,response\n1,P,No\n2, ,No\n"),
        ("row 3", "column “prompt”"),
    ),
}


@pytest.mark.parametrize("kind", RUNS)
def test_a_run_that_cannot_be_imported_is_refused(
    installation: Installation, tmp_path: Path, kind: str
) -> None:
    name, write, expected = RUNS[kind]
    write(tmp_path / name)
    _refused(installation, ("import_run", "s", tmp_path / name, "--model", "Aster-1"), (name, *expected))


def test_a_label_that_is_not_in_the_rubric_is_refused(installation: Installation, tmp_path: Path) -> None:
    rows = [{"id": "r0", "given": "full_refusal"}, {"id": "r1", "given": "perhaps"}]
    path = write_csv(tmp_path / "ratings.csv", rows)
    words = ("import_annotations", "s", path, "--criterion", "refusal", "--match", "external_id=id")
    expected = ("ratings.csv", "row 3", "column “given”", "“perhaps” is no level of “refusal”")
    _refused(installation, (*words, "--annotator", "given=R1"), expected)


def _refused(installation: Installation, words: tuple[object, ...], expected: tuple[str, ...]) -> None:
    """The command ends with one message, which says all that is expected, and the database is as it was."""
    before = _rows(installation)
    done = installation.manage(*words, most_bytes=MEMORY)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    for part in expected:
        assert part in done.stderr
    assert _rows(installation) == before


def _rows(installation: Installation) -> dict[str, int]:
    database = sqlite3.connect(installation.var / "db.sqlite3")
    try:
        return {
            table: database.execute(f"SELECT count(*) FROM ihlannotate_{table}").fetchone()[0]
            for table in TABLES
        }
    finally:
        database.close()


def test_a_database_that_was_never_set_up_is_named_in_one_line(tmp_path: Path) -> None:
    done = Installation(tmp_path / "var").manage("agreement", "s", "--json")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "CommandError: The database is not up to date. Run `manage.py migrate` first.\n"
