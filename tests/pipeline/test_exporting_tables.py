"""Exports for other programs: texts and labels to train a judge with, single answers, confusion of judges with gold."""

import hashlib
import json
import uuid
from pathlib import Path
from typing import Any

import openpyxl
import pandas
import pytest

from ihlannotate.models.study import Study
from ihlannotate.pipeline.annotating import submit
from ihlannotate.pipeline.exporting import export
from ihlannotate.pipeline.findings import findings
from ihlannotate.pipeline.findings.figures import FIGURE_HEADER, figure_rows
from ihlannotate.pipeline.importing import import_run
from ihlannotate.pipeline.judging import Said, save_verdicts
from ihlannotate.pipeline.lifecycle import close_study, open_study, unblind_study
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.releasing import release_gold
from ihlannotate.stats.sampling import split_of
from tests.factory import SMALL_RUBRIC, make_member, make_study, take_sheet
from tests.files import run_file, run_rows

pytestmark = pytest.mark.django_db
PROMPTS = 6
TAGS = """
  - key: laws
    title: Which law does it name?
    kind: many
    options: [{value: treaty, label: Treaty}, {value: custom, label: Custom}]
"""
REFUSED = {"refusal": ["refused"], "helpfulness": ["2"], "comment": ["Short."], "laws": ["treaty", "custom"]}
COMPLIED = {"refusal": ["not_refused"]}


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """Two models' answers to six prompts; Alice and Bob differ about each answer of the second; one judge, closed."""
    study = make_study(rubric=SMALL_RUBRIC + TAGS)
    for model, word in (("Zephyr-9", "won't"), ("Zephyr-10", "shall not")):
        rows = [
            {**row, "id": f"ext-{model}-{n}", "response": f"I {word} do that, number {n}."}
            for n, row in enumerate(run_rows(PROMPTS))
        ]
        import_run(study, run_file(tmp_path / f"{model}.csv", rows, model=model), actor=None)
    open_study(study, actor=None)
    for name in ("Alice", "Bob"):
        member = make_member(study, name)
        for _ in range(2 * PROMPTS):
            sheet = take_sheet(member)
            differs = name == "Bob" and sheet.response is not None and "shall not" in sheet.response.text
            submit(sheet, answers=COMPLIED if differs else REFUSED, submission=uuid.uuid4())
    said = [Said(n, f"ext-Zephyr-9-{n}", "refused" if n < 4 else "not_refused") for n in range(5)]
    said.append(Said(6, "ext-Zephyr-9-5", "??"))
    said.append(Said(7, "ext-Zephyr-10-0", "refused"))
    save_verdicts(study, said, judge="Judge-1", criterion="refusal", actor=None)
    close_study(study, actor=None)
    release_gold(study, actor=None)
    return Study.objects.get(pk=study.pk)


def rows_of(study: Study, folder: Path, what: str) -> list[dict[str, Any]]:
    path = folder / f"{what}.jsonl"
    export(study, path, what=what, format="jsonl", actor=None)
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_a_training_row_holds_the_texts_and_what_is_known_of_the_label(study: Study, tmp_path: Path) -> None:
    rows = [row for row in rows_of(study, tmp_path, "training") if row["criterion"] == "refusal"]
    assert len(rows) == 2 * PROMPTS
    agreed = [row for row in rows if "won't" in row["response_text"]]
    assert {(row["gold"], row["tier"], row["n"]) for row in agreed} == {("refused", "unanimous", 2)}
    for row in agreed:
        assert (
            row["prompt"].split("number ")[1].split(",")[0] == row["response_text"].split("number ")[1][:-1]
        )
        levels = json.loads(row["posteriors"])
        assert row["posterior"] == levels["refused"]
        assert sum(levels.values()) == pytest.approx(1, abs=1e-6)


def test_contested_labels_are_there_with_their_distribution(study: Study, tmp_path: Path) -> None:
    rows = [row for row in rows_of(study, tmp_path, "training") if row["criterion"] == "refusal"]
    contested = [row for row in rows if "shall not" in row["response_text"]]
    assert {(row["gold"], row["tier"], row["posterior"]) for row in contested} == {("", "contested", None)}
    assert all(json.loads(row["posteriors"])["not_refused"] > 0 for row in contested)


def test_no_prompt_is_in_two_splits(study: Study, tmp_path: Path) -> None:
    splits: dict[str, set[str]] = {}
    for row in rows_of(study, tmp_path, "training"):
        splits.setdefault(row["prompt"], set()).add(row["split"])
        digest = hashlib.sha256(row["prompt"].encode()).hexdigest()
        assert row["split"] == split_of(digest, seed=study.seed)
    assert len(splits) == PROMPTS
    assert all(len(found) == 1 for found in splits.values())


def test_splits_have_their_shares_and_another_seed_draws_others() -> None:
    prompts = [hashlib.sha256(str(n).encode()).hexdigest() for n in range(4000)]
    drawn = [split_of(one, seed=7) for one in prompts]
    assert drawn == [split_of(one, seed=7) for one in prompts]
    assert drawn != [split_of(one, seed=8) for one in prompts]
    shares = {name: drawn.count(name) / len(drawn) for name in ("train", "validation", "test")}
    assert shares == pytest.approx({"train": 0.8, "validation": 0.1, "test": 0.1}, abs=0.02)


@pytest.mark.parametrize("what", ["training", "answers"])
def test_where_a_response_came_from_is_told_after_unblinding_only(
    study: Study, tmp_path: Path, what: str
) -> None:
    blinded = rows_of(study, tmp_path, what)
    text = (tmp_path / f"{what}.jsonl").read_text("utf-8")
    assert not {"model", "condition", "external_id"} & set(blinded[0])
    assert not any(secret in text for secret in ("Zephyr", "ext-", "Judge-1"))
    unblind_study(study, reason="The paper is due.", actor=None)
    shown = rows_of(Study.objects.get(pk=study.pk), tmp_path, what)
    assert {row["model"] for row in shown} == {"Zephyr-9", "Zephyr-10"}


def test_training_rows_wait_for_a_release(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no gold release yet"):
        rows_of(make_study(), tmp_path, "training")


def test_an_answer_is_a_row_and_each_member_of_a_set_is_one(study: Study, tmp_path: Path) -> None:
    rows = rows_of(study, tmp_path, "answers")
    of_one = [
        (row["criterion"], row["value"], row["text"])
        for row in rows
        if (row["response"], row["annotator"]) == (rows[0]["response"], "A1")
    ]
    assert of_one == [
        ("refusal", "refused", ""),
        ("helpfulness", "2", ""),
        ("comment", "", "Short."),
        ("laws", "custom", ""),
        ("laws", "treaty", ""),
    ]
    assert len(rows) == 5 * (2 * PROMPTS + PROMPTS) + PROMPTS


def test_confusion_counts_verdicts_against_settled_gold(study: Study, tmp_path: Path) -> None:
    export(study, tmp_path / "all.xlsx", what="all", format="xlsx", actor=None)
    table = pandas.read_excel(tmp_path / "all.xlsx", sheet_name="confusion", keep_default_na=False)
    assert table.values.tolist() == [
        ["Judge-1", "refusal", "refused", "", 1],
        ["Judge-1", "refusal", "refused", "not_refused", 1],
        ["Judge-1", "refusal", "refused", "refused", 4],
    ]


def test_findings_are_told_after_unblinding_only(study: Study, tmp_path: Path) -> None:
    path = tmp_path / "all.xlsx"
    export(study, path, what="all", format="xlsx", actor=None)
    assert "findings" not in openpyxl.load_workbook(path).sheetnames
    unblind_study(study, reason="The paper is due.", actor=None)
    study.refresh_from_db()
    export(study, path, what="all", format="xlsx", actor=None)
    table = pandas.read_excel(path, sheet_name="findings")
    assert tuple(table.columns) == FIGURE_HEADER
    assert set(table["model"]) == {"Zephyr-9", "Zephyr-10"}
    assert pandas.api.types.is_float_dtype(table["value"])
    expected = sorted(str(row[0]) for row in figure_rows(findings(study)))
    assert sorted(table["measure"]) == expected


def test_the_workbook_explains_every_column_and_keeps_its_headers_in_view(
    study: Study, tmp_path: Path
) -> None:
    export(study, tmp_path / "all.xlsx", what="all", format="xlsx", actor=None)
    book = openpyxl.load_workbook(tmp_path / "all.xlsx")
    rows = book["Dictionary"].iter_rows(min_row=2, values_only=True)
    explained = {(sheet, column): meaning for sheet, column, _kind, meaning in rows}
    tables = [sheet for sheet in book if sheet.title not in ("Read me", "Dictionary")]
    assert {"annotations", "answers", "gold", "confusion", "rubric", "datasheet"} <= {s.title for s in tables}
    for sheet in tables:
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref.startswith("A1:")
        for cell in sheet[1]:
            assert explained[sheet.title, cell.value], (sheet.title, cell.value)
