"""docs/tutorial.md is carried out as it stands, in a new installation; what it promises must come out."""

import csv
import fnmatch
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from django.conf import settings
from django.db import connection
from pytest_django import DjangoDbBlocker

from tests.once import once

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"
DATA = SHARED / "xstest"
IHL = SHARED / "ihl"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MARK = "== end of block"

pytestmark = pytest.mark.skipif(
    not (DATA.is_dir() and IHL.is_dir()), reason="the published ratings are not in ../shared/data"
)


@dataclass(frozen=True)
class Step:
    """A block of commands, and the lines that the reader is told to expect."""

    commands: str
    expected: tuple[str, ...]


def steps() -> list[Step]:
    found: list[Step] = []
    for language, text in BLOCK.findall((ROOT / "docs" / "tutorial.md").read_text("utf-8")):
        if language == "sh":
            found.append(Step(text, ()))
        elif language == "text":
            found[-1] = Step(found[-1].commands, tuple(text.splitlines()))
    return found


@dataclass(frozen=True)
class Run:
    """What the tutorial left behind: its folder, and what each block printed."""

    var: Path
    printed: tuple[str, ...]

    def json(self, name: str) -> Any:
        return json.loads((self.var / f"{name}.json").read_text("utf-8"))

    def agreement(self, of: str) -> Any:
        return self.json(f"agreement-{of}")["criteria"]["refusal"]

    def judged(self, judge: str, model: str) -> Any:
        return self.json(f"{judge}-{model}")["criteria"]["refusal"]


@contextmanager
def new_database() -> Iterator[dict[str, str]]:
    """A database of the kind that the tests run on, as a process's environment names it; SQLite's is in VAR_DIR."""
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        yield {}
        return
    name = f"tutorial_{os.getpid()}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        address = os.environ["TEST_DATABASE_URL"]
        yield {"DATABASE_URL": re.sub(r"(//[^/]*/)[^?]*", rf"\g<1>{name}", address, count=1)}
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def run(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Run:
    """The tutorial, carried out."""
    with django_db_blocker.unblock():
        folder = once("tutorial", _follow)
    return Run(folder / "var", tuple((folder / "printed.txt").read_text("utf-8").split(f"{MARK}\n")[:-1]))


def _follow(folder: Path) -> None:
    with new_database() as database:
        done = _carry_out(folder / "var", database)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    (folder / "printed.txt").write_text(done.stdout, "utf-8")


def _carry_out(var: Path, database: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    environment |= {"VAR_DIR": str(var), "DATA": str(DATA), "OPENBLAS_NUM_THREADS": "1", **database}
    script = "set -eu\n" + "".join(f"{step.commands}echo '{MARK}'\n" for step in steps())
    return subprocess.run(
        ["bash", "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600
    )


def test_every_block_prints_what_the_reader_is_told_to_expect(run: Run) -> None:
    for step, printed in zip(steps(), run.printed, strict=True):
        lines = printed.splitlines()
        for line in step.expected:
            pattern = line.replace("[", "[[]").replace("...", "*")
            assert fnmatch.filter(lines, pattern), f"{line!r} is not in:\n{printed}"


@pytest.mark.parametrize(
    ("model", "percent", "kappa"), [("mistralguard", "93.8", "0.89"), ("mistralinstruct", "97.6", "0.92")]
)
def test_agreement_is_the_published_one(run: Run, model: str, percent: str, kappa: str) -> None:
    found = run.agreement(model)
    assert f"{100 * found['percent_agreement']['value']:.1f}" == percent
    assert f"{found['fleiss_kappa']['value']:.2f}" == kappa
    assert (found["units"], found["pairable_units"], found["annotations"], found["annotators"]) == (
        450,
        450,
        900,
        2,
    )
    for name in ("percent_agreement", "fleiss_kappa", "krippendorff_alpha", "gwet_ac"):
        low, high = found[name]["ci"]
        assert low < found[name]["value"] < high
    assert found["gwet_kind"] == "AC1"


@pytest.mark.parametrize(
    ("judge", "model", "accuracy", "kappa"),
    [
        ("gpt4", "mistralguard", "0.7667", "0.5714"),
        ("strmatch", "mistralguard", "0.7600", "0.5577"),
        ("gpt4", "mistralinstruct", "0.7400", "0.0637"),
        ("strmatch", "mistralinstruct", "0.8511", "0.2533"),
    ],
)
def test_judges_are_as_good_as_the_published_files_say(
    run: Run, judge: str, model: str, accuracy: str, kappa: str
) -> None:
    found = run.judged(judge, model)
    assert found["n"] == 450
    assert f"{found['accuracy']['value']:.4f}" == accuracy
    assert f"{found['cohen_kappa']['value']:.4f}" == kappa


def test_verdicts_that_cannot_be_parsed_are_counted_shown_and_scored_both_ways(run: Run) -> None:
    found = run.judged("gpt4", "mistralinstruct")
    only = found["parsed_only"]
    assert (found["unparsed"], only["n"]) == (11, 439)
    assert f"{only['accuracy']['value']:.4f}" == "0.7585"
    assert f"{only['cohen_kappa']['value']:.4f}" == "0.0818"
    assert sum(row[-1] for row in found["confusion"]["matrix"]) == 11
    unparsed = [row for row in _read(run.var / "unblinded-verdicts.csv") if not row["value"]]
    assert len(unparsed) == 11
    assert all(row["raw"] for row in unparsed)
    assert run.judged("gpt4", "mistralguard")["unparsed"] == 0


def test_the_pooled_study_holds_both_models_and_resamples_their_common_prompts(run: Run) -> None:
    found = run.agreement("both")
    each = [
        run.agreement(model)["percent_agreement"]["value"] for model in ("mistralguard", "mistralinstruct")
    ]
    assert found["units"] == 900
    assert found["percent_agreement"]["value"] == pytest.approx(sum(each) / 2, abs=1e-12)


def test_the_tables_of_the_tutorial_are_read_by_pandas(run: Run) -> None:
    gold = pd.read_csv(run.var / "unblinded-gold.csv")
    assert gold.groupby("model").size().to_dict() == {"mistralguard": 450, "mistralinstruct": 450}
    annotations = pd.read_json(run.var / "unblinded-annotations.jsonl", lines=True)
    assert annotations.groupby(["model", "annotator"]).size().to_list() == [450] * 4
    book = pd.read_excel(run.var / "unblinded.xlsx", sheet_name="gold")
    assert len(book) == 900
    assert set(book["value"]) == {"full_compliance", "full_refusal", "partial_refusal"}


def test_workbooks_and_files_carry_a_manifest(run: Run) -> None:
    for name, blinded in (("blinded", True), ("unblinded", False)):
        book = openpyxl.load_workbook(run.var / f"{name}.xlsx", read_only=True)
        cells = {
            str(row[0]): row[1] for row in book["Read me"].iter_rows(values_only=True, max_col=2) if row[0]
        }
        header = next(book["gold"].iter_rows(values_only=True))
        book.close()
        assert cells["study"] == "xstest-both"
        assert ("model" in header) is not blinded
    for format in ("csv", "jsonl"):
        manifest = json.loads((run.var / f"unblinded.{format}.manifest.json").read_text("utf-8"))
        assert manifest["gold_release"] == 1
        assert [one["rows"] for one in manifest["files"] if one["sheet"] in ("annotations", "gold")] == [
            1800,
            900,
        ]


def test_the_workbook_opens_in_libreoffice(run: Run, tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    sheet = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
    command = [
        office,
        profile,
        "--headless",
        "--convert-to",
        sheet,
        "--outdir",
        tmp_path,
        run.var / "unblinded.xlsx",
    ]
    subprocess.run(list(map(str, command)), check=True, capture_output=True, timeout=300)
    assert len(_read(tmp_path / "unblinded-gold.csv")) == 900
    assert len(_read(tmp_path / "unblinded-annotations.csv")) == 1800


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))
