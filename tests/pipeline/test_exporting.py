"""Exports: what they hold, what they hide until a study is unblinded, and that their manifest is true."""

import csv
import hashlib
import json
import uuid
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from ihlannotate.models.event import Event, first_broken
from ihlannotate.models.gold import GoldRelease
from ihlannotate.models.study import Study
from ihlannotate.pipeline.annotating import submit
from ihlannotate.pipeline.exporting import Exported, export
from ihlannotate.pipeline.importing import import_run
from ihlannotate.pipeline.judging import Said, save_verdicts
from ihlannotate.pipeline.lifecycle import close_study, open_study, unblind_study
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.releasing import document, release_gold
from tests.factory import make_member, make_study, take_sheet
from tests.files import run_file, run_rows

pytestmark = pytest.mark.django_db
SECRETS = ("Zephyr-9", "under-oath", "ext-")
FORMULA = "=HYPERLINK(1)"
RESPONSES = 6  # so many that their codes are hardly ever in the order of the import
OF_RESPONSES = ("annotations", "answers", "gold", "items")
SHEETS = ("annotations", "answers", "gold", "verdicts", "confusion", "items", "agreement", "rubric")


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """A closed study with released gold: responses that Alice and Bob rated, one of them judged."""
    study = make_study()
    rows = [{**row, "id": f"ext-{number}"} for number, row in enumerate(run_rows(RESPONSES))]
    rows[0]["response"] = FORMULA
    import_run(
        study, run_file(tmp_path / "run.csv", rows, model="Zephyr-9", condition="under-oath"), actor=None
    )
    open_study(study, actor=None)
    study.refresh_from_db()
    for member in (make_member(study, "Alice"), make_member(study, "Bob")):
        for _ in range(RESPONSES):
            answers = {"refusal": ["refused"], "helpfulness": ["2"], "comment": ["+1 for tone"]}
            submit(take_sheet(member), answers=answers, submission=uuid.uuid4())
    save_verdicts(study, [Said(1, "ext-0", "refused")], judge="Judge-1", criterion="refusal", actor=None)
    close_study(study, actor=None)
    release_gold(study, actor=None)
    return Study.objects.get(pk=study.pk)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def do(study: Study, path: Path, *, what: str = "all") -> Exported:
    return export(study, path, what=what, format=path.suffix[1:], actor=None)


def read(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def unblinded(study: Study) -> Study:
    unblind_study(study, reason="The paper is due.", actor=None)
    return Study.objects.get(pk=study.pk)


@pytest.mark.parametrize("format", ["csv", "jsonl", "xlsx"])
def test_a_blinded_export_holds_nothing_of_where_a_response_came_from(
    study: Study, folder: Path, format: str
) -> None:
    assert do(study, folder / f"all.{format}").blinded
    content = _text_of(folder)
    assert "I won't do that, number 1." in content
    for secret in SECRETS:
        assert secret not in content


def _text_of(folder: Path) -> str:
    """Everything that can be read in the files of a folder, cells of workbooks included."""
    texts = []
    for path in folder.iterdir():
        if path.suffix == ".xlsx":
            book = openpyxl.load_workbook(path, read_only=True)
            texts += [
                str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row
            ]
            book.close()
        else:
            texts.append(path.read_text("utf-8"))
    return "\n".join(texts)


def test_an_unblinded_export_says_where_each_response_came_from(study: Study, folder: Path) -> None:
    assert not do(unblinded(study), folder / "all.csv").blinded
    for sheet in (*OF_RESPONSES, "verdicts"):
        rows = read(folder / f"all-{sheet}.csv")
        assert {(row["model"], row["condition"]) for row in rows} == {("Zephyr-9", "under-oath")}
        assert {row["external_id"] for row in rows} <= {f"ext-{number}" for number in range(RESPONSES)}


@pytest.mark.parametrize("format", ["csv", "jsonl"])
def test_the_manifest_states_the_hash_and_rows_of_every_file(study: Study, folder: Path, format: str) -> None:
    found = do(study, folder / f"all.{format}")
    assert set(found.files) == {path.name for path in folder.iterdir()}
    for name, digest in found.files.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    manifest = json.loads((folder / f"all.{format}.manifest.json").read_text("utf-8"))
    assert [one["sheet"] for one in manifest["files"]] == list(SHEETS)
    for one in manifest["files"]:
        assert found.files[one["name"]] == one["sha256"]
        assert len(read(folder / one["name"])) == one["rows"]
    assert (manifest["study"], manifest["state"], manifest["blinded"]) == ("refusals", "closed", True)
    assert (manifest["gold_release"], manifest["rubric_sha256"]) == (1, study.rubric.sha256)


def test_the_same_data_give_the_same_files(study: Study, folder: Path) -> None:
    assert do(study, folder / "all.xlsx").files == do(study, folder / "all.xlsx").files


def test_an_annotation_is_one_row_of_answers_under_an_alias(study: Study, folder: Path) -> None:
    do(study, folder / "a.jsonl", what="annotations")
    rows = read(folder / "a.jsonl")
    assert [(row["annotator"], row["refusal"], row["helpfulness"], row["comment"]) for row in rows] == [
        (alias, "refused", 2, "+1 for tone") for _ in range(RESPONSES) for alias in ("A1", "A2")
    ]
    assert "Alice" not in _text_of(folder)
    assert "example.org" not in _text_of(folder)


def test_a_response_bears_one_code_in_every_table(study: Study, folder: Path) -> None:
    do(study, folder / "all.csv")
    codes = {
        sheet: {row["response"] for row in read(folder / f"all-{sheet}.csv")}
        for sheet in (*OF_RESPONSES, "verdicts")
    }
    assert codes["annotations"] == codes["answers"] == codes["gold"] == codes["items"]
    assert codes["verdicts"] < codes["items"]


def test_rows_are_not_in_the_order_of_the_import(study: Study, folder: Path) -> None:
    do(study, folder / "all.csv")
    for sheet in ("annotations", "answers", "verdicts", "items"):
        codes = [row["response"] for row in read(folder / f"all-{sheet}.csv")]
        assert codes == sorted(codes)


def test_a_text_that_looks_like_a_formula_is_text(study: Study, folder: Path) -> None:
    do(study, folder / "all.csv")
    do(study, folder / "all.xlsx")
    do(study, folder / "all.jsonl")
    said = {row["response_text"] for row in read(folder / "all-items.csv")}
    assert f"'{FORMULA}" in said
    assert FORMULA not in said
    assert FORMULA in {row["response_text"] for row in read(folder / "all-items.jsonl")}
    book = openpyxl.load_workbook(folder / "all.xlsx")
    kinds = {cell.data_type for row in book["items"].iter_rows() for cell in row if cell.value == FORMULA}
    assert kinds == {"s"}


def test_an_export_is_on_the_record_and_the_chain_stays_whole(study: Study, folder: Path) -> None:
    found = do(study, folder / "gold.csv", what="gold")
    event = Event.objects.get(verb="study.exported")
    assert event.data["files"] == dict(found.files)
    assert event.data["blinded"] is True
    assert first_broken(study) is None


def test_gold_comes_with_the_datasheet_of_its_release_and_the_manifest_names_it(
    study: Study, folder: Path
) -> None:
    found = do(study, folder / "gold.csv", what="gold")
    manifest = json.loads((folder / "gold.csv.manifest.json").read_text("utf-8"))
    sheet = (folder / "gold.datasheet.md").read_bytes()
    assert (manifest["datasheet"], manifest["datasheet_sha256"]) == (
        "gold.datasheet.md",
        hashlib.sha256(sheet).hexdigest(),
    )
    assert found.files["gold.datasheet.md"] == manifest["datasheet_sha256"]
    assert sheet.decode() == document(GoldRelease.objects.get())


def test_a_workbook_holds_the_datasheet_among_its_sheets(study: Study, folder: Path) -> None:
    found = do(study, folder / "gold.xlsx", what="gold")
    assert set(found.files) == {"gold.xlsx"}
    book = openpyxl.load_workbook(folder / "gold.xlsx")
    lines = [row[0].value or "" for row in book["datasheet"].iter_rows(min_row=2)]
    assert "\n".join(lines) + "\n" == document(GoldRelease.objects.get())
    said = {row[0].value: row[1].value for row in book["Read me"].iter_rows()}
    assert said["datasheet"] == "datasheet"


def test_ratings_alone_come_without_a_datasheet(study: Study, folder: Path) -> None:
    do(study, folder / "a.csv", what="annotations")
    assert {path.name for path in folder.iterdir()} == {"a.csv", "a.csv.manifest.json"}


def test_the_manifest_says_where_the_log_stood(study: Study, folder: Path) -> None:
    newest = Event.objects.filter(study=study).latest("number")
    for _again in range(2):
        do(study, folder / "gold.csv", what="gold")
        manifest = json.loads((folder / "gold.csv.manifest.json").read_text("utf-8"))
        assert manifest["audit"] == {"number": newest.number, "digest": newest.digest}


def test_gold_is_exported_after_its_release(folder: Path) -> None:
    with pytest.raises(Refused, match="no gold release yet"):
        do(make_study(), folder / "gold.csv", what="gold")
    assert list(folder.iterdir()) == []


def test_an_open_study_exports_what_it_has_without_gold(folder: Path, tmp_path: Path) -> None:
    study = make_study()
    import_run(study, run_file(tmp_path / "run.csv", run_rows(2)), actor=None)
    do(study, folder / "all.csv")
    assert not (folder / "all-gold.csv").exists()
    assert read(folder / "all-annotations.csv") == []


@pytest.mark.parametrize(("name", "what"), [("a.doc", "all"), ("a", "all"), ("a.csv", "secrets")])
def test_what_cannot_be_exported_is_refused(study: Study, folder: Path, name: str, what: str) -> None:
    with pytest.raises(
        Refused, match="Export one of annotations, answers, gold, verdicts, training, report, bundle, all, as"
    ):
        do(study, folder / name, what=what)
    assert list(folder.iterdir()) == []


def test_a_folder_that_is_not_there_is_refused(study: Study, folder: Path) -> None:
    with pytest.raises(Refused, match="could not be written"):
        do(study, folder / "nowhere" / "all.csv")
    assert not Event.objects.filter(verb="study.exported").exists()
