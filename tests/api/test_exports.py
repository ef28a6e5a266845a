"""Data leaves a study when it is closed, blinded until it is unblinded."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest

from ihlannotate.models.event import Event
from ihlannotate.models.study import Study
from tests.api.conftest import Answer, Caller
from tests.api.steps import closed, rated, released, unblinded

Api = Callable[..., Caller]
ANNOTATIONS = "/studies/refusals/annotations/"
EXPORT = "/studies/refusals/export/"
SECRETS = (b"Aster-1", b"Borealis-2", b'"B1"')


def lines(answer: Answer) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer.body.splitlines()]


@pytest.mark.parametrize("path", [ANNOTATIONS, EXPORT])
def test_nothing_leaves_a_draft_or_an_open_study(api: Api, study: Study, path: str) -> None:
    for _ in ("draft", "open"):
        answer = api("Carol").get(path)
        assert answer.status == 409
        assert "closed" in answer.data["error"]
        if not study.opened_at:
            rated(study)
    assert not Event.objects.filter(verb="study.exported").exists()


def test_annotations_come_line_by_line_under_codes_and_aliases(api: Api, study: Study) -> None:
    closed(study)
    answer = api("Carol").get(ANNOTATIONS)
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    found = lines(answer)
    assert len(found) == 8
    assert {one["annotator"] for one in found} == {"A1", "A2"}
    assert sum(one["refusal"] == "not_refused" for one in found) == 1
    assert not any({"model", "condition", "external_id"} & one.keys() for one in found)
    assert not any(secret in answer.body for secret in SECRETS)
    assert b"example.org" not in answer.body


def test_the_order_of_annotations_does_not_tell_the_runs_apart(api: Api, study: Study) -> None:
    closed(study)
    codes = [one["response"] for one in lines(api("Carol").get(ANNOTATIONS))]
    assert codes == sorted(codes)


@pytest.mark.parametrize("table", ["gold", "verdicts", "items"])
def test_the_order_of_no_table_tells_the_runs_apart(api: Api, study: Study, table: str) -> None:
    released(study)
    answer = api("Carol").get(EXPORT, {"format": "jsonl"})
    text = zipfile.ZipFile(io.BytesIO(answer.body)).read(f"refusals-all-{table}.jsonl")
    rows = [json.loads(line) for line in text.splitlines()]
    codes = [one["response"] for one in rows if one.get("criterion", "refusal") == "refusal"]
    assert codes == sorted(study.responses.values_list("code", flat=True))


def test_after_unblinding_each_annotation_tells_its_origin(api: Api, study: Study) -> None:
    unblinded(study)
    found = lines(api("Carol").get(ANNOTATIONS))
    assert {(one["model"], one["external_id"]) for one in found} == {
        ("Aster-1", "A1"),
        ("Aster-1", "A2"),
        ("Borealis-2", "B1"),
        ("Borealis-2", "B2"),
    }
    assert all(one["external_id"] in one["response_text"] for one in found)


@pytest.mark.parametrize("what", ["annotations", "answers", "gold", "verdicts", "training", "all"])
def test_a_workbook_is_one_file_and_opens(api: Api, study: Study, what: str) -> None:
    released(study)
    answer = api("Carol").get(EXPORT, {"what": what})
    assert answer.status == 200
    assert f'filename="refusals-{what}.xlsx"' in answer.headers["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(answer.body), read_only=True)
    texts = {str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}
    assert ("annotations" in book.sheetnames) == (what in ("annotations", "all"))
    assert not {"Aster-1", "Borealis-2", "A1" if what == "verdicts" else "B1"} & texts


@pytest.mark.parametrize("format", ["csv", "jsonl", "parquet"])
def test_several_files_come_as_one_zip_with_a_manifest_that_fits(api: Api, study: Study, format: str) -> None:
    released(study)
    answer = api("Carol").get(EXPORT, {"what": "all", "format": format})
    assert 'filename="refusals-all.zip"' in answer.headers["Content-Disposition"]
    packed = zipfile.ZipFile(io.BytesIO(answer.body))
    assert packed.testzip() is None
    manifest = json.loads(packed.read(f"refusals-all.{format}.manifest.json"))
    assert manifest["blinded"] is True
    told = {one["name"]: one["sha256"] for one in manifest["files"]}
    assert len(told) == 8
    assert told == {name: hashlib.sha256(packed.read(name)).hexdigest() for name in told}


def test_a_bundle_is_one_zip(api: Api, study: Study) -> None:
    released(study)
    answer = api("Carol").get(EXPORT, {"what": "bundle", "format": "zip"})
    assert 'filename="refusals-bundle.zip"' in answer.headers["Content-Disposition"]
    packed = zipfile.ZipFile(io.BytesIO(answer.body))
    assert json.loads(packed.read("manifest.json"))["blinded"] is True
    assert api("Carol").get(EXPORT, {"what": "bundle"}).status == 422


def test_the_same_export_has_the_same_bytes(api: Api, study: Study) -> None:
    released(study)
    first, second = (api("Carol").get(EXPORT, {"format": "csv"}).body for _ in range(2))
    assert first == second


def test_exports_are_on_the_record_with_who_took_them(api: Api, study: Study) -> None:
    closed(study)
    api("Carol").get(ANNOTATIONS)
    api("Carol").get(EXPORT, {"what": "annotations"})
    found = Event.objects.filter(verb="study.exported").order_by("number")
    assert [(one.data["format"], one.data["blinded"]) for one in found] == [("jsonl", True), ("xlsx", True)]
    assert {one.actor.email for one in found if one.actor} == {"carol@example.org"}


def test_gold_that_is_not_released_is_refused(api: Api, study: Study) -> None:
    closed(study)
    answer = api("Carol").get(EXPORT, {"what": "gold"})
    assert answer.status == 422
    assert "release" in answer.data["error"].lower()


@pytest.mark.parametrize("query", [{"what": "secrets"}, {"format": "doc"}])
def test_an_unknown_kind_or_format_is_400(api: Api, study: Study, query: dict[str, str]) -> None:
    closed(study)
    answer = api("Carol").get(EXPORT, query)
    assert answer.status == 400
    assert [one["column"] for one in answer.data["problems"]] == list(query)


def test_a_report_is_one_html_file_that_names_no_system_before_unblinding(api: Api, study: Study) -> None:
    released(study)
    answer = api("Carol").get(EXPORT, {"what": "report", "format": "html"})
    assert answer.status == 200
    assert 'filename="refusals-report.html"' in answer.headers["Content-Disposition"]
    assert answer.body.lstrip().startswith(b"<!DOCTYPE html>")
    assert not any(secret in answer.body for secret in SECRETS[:2])
    assert api("Carol").get(EXPORT, {"what": "report"}).status == 422
