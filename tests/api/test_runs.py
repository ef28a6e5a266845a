"""Importing runs: all of a file or nothing, the same file twice changes nothing."""

import json
from collections.abc import Callable, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import override_settings

from ihlannotate.models.assignment import Assignment
from ihlannotate.models.event import Event
from ihlannotate.models.item import Response
from ihlannotate.models.study import Study
from ihlannotate.pipeline.lifecycle import close_study, open_study
from tests.api.conftest import Answer, Caller
from tests.api.steps import upload

Api = Callable[..., Caller]
PATH = "/studies/refusals/runs/"
RUN = "id,prompt,response\nc1,Request 1 in a file,No.\nc2,Request 2 in a file,I will not.\n"


def send(api: Api, text: str | bytes = RUN, *, name: str = "run.csv", **fields: Any) -> Answer:
    return api("Carol").send_form(PATH, {"file": upload(text, name), **fields})


def test_a_new_run_is_201_and_the_same_again_200_and_changes_nothing(api: Api, study: Study) -> None:
    first = send(api, model="Cinder-7b", condition="safety")
    assert first.status == 201
    assert (first.data["prompts_new"], first.data["responses_new"], first.data["unchanged"]) == (2, 2, 0)
    assert first.data["runs"][0] | {"code": ""} == {
        "code": "",
        "model": "Cinder-7b",
        "condition": "safety",
        "responses": 2,
    }
    before = Response.objects.count()
    again = send(api, model="Cinder-7b", condition="safety")
    assert again.status == 200
    assert (again.data["responses_new"], again.data["unchanged"], again.data["run"]) == (
        0,
        2,
        first.data["run"],
    )
    assert Response.objects.count() == before


def test_the_answer_is_that_of_the_command(api: Api, study: Study, tmp_path: Path) -> None:
    (tmp_path / "run.csv").write_text(RUN)
    mine = send(api, model="Cinder-7b").data
    out = StringIO()
    call_command(
        "import_run", "refusals", str(tmp_path / "run.csv"), "--model", "Cinder-7b", "--json", stdout=out
    )
    theirs = json.loads(out.getvalue())
    assert theirs.keys() == mine.keys()
    assert theirs["run"] == mine["run"]


@pytest.mark.parametrize(
    "fields",
    [
        {"map": ["prompt=Q", "response=A", "external_id=Key"]},
        {"mapping": json.dumps({"prompt": "Q", "response": "A", "external_id": "Key"})},
        {"map": "prompt=Q", "mapping": json.dumps({"response": "A", "external_id": "Key"})},
    ],
)
def test_columns_are_mapped_by_json_or_by_pairs(api: Api, study: Study, fields: Mapping[str, Any]) -> None:
    answer = send(api, "Key,Q,A\nk1,Asked,Answered\n", model="Cinder-7b", **fields)
    assert (answer.status, answer.data["responses_new"]) == (201, 1)


def test_a_format_may_be_named_where_the_file_name_does_not_tell(api: Api, study: Study) -> None:
    line = json.dumps({"id": "j1", "prompt": "Asked", "response": "Answered", "model": "Cinder-7b"})
    assert send(api, line, name="run.dat", format="jsonl").status == 201


def test_a_large_file_goes_through_the_disk(api: Api, study: Study) -> None:
    with override_settings(FILE_UPLOAD_MAX_MEMORY_SIZE=10):
        assert send(api, model="Cinder-7b").status == 201


def test_rows_without_a_response_are_listed_with_their_reason(api: Api, study: Study) -> None:
    answer = send(api, "id,prompt,response,error\ne1,Asked,,timeout\ne2,Asked,No.,\n", model="Cinder-7b")
    assert answer.status == 201
    assert [(one["external_id"], "timeout" in one["reason"]) for one in answer.data["skipped"]] == [
        ("e1", True)
    ]


def test_importing_into_an_open_study_opens_the_slots(api: Api, study: Study) -> None:
    open_study(study, actor=None)
    before = Assignment.objects.count()
    assert send(api, model="Cinder-7b").status == 201
    assert Assignment.objects.count() == before + 2 * study.overlap


def test_who_imported_is_on_the_record(api: Api, study: Study) -> None:
    send(api, model="Cinder-7b")
    event = Event.objects.get(verb="run.imported")
    assert event.actor is not None
    assert event.actor.email == "carol@example.org"


def test_a_conflict_is_refused_with_its_row_without_repeating_any_text(api: Api, study: Study) -> None:
    send(api, model="Cinder-7b")
    changed = RUN.replace("I will not.", "ANOTHER TEXT").replace("c1,", "c3,")
    before = Response.objects.count()
    answer = send(api, changed, model="Cinder-7b")
    assert (answer.status, answer.data["conflicts"]) == (422, 1)
    assert [one["row"] for one in answer.data["problems"]] == [3]
    assert b"ANOTHER TEXT" not in answer.body
    assert Response.objects.count() == before


def test_a_bad_row_is_refused_by_row_and_column(api: Api, study: Study) -> None:
    answer = send(api, "id,prompt,response\n,Asked,No.\nx2,,No.\n", model="Cinder-7b")
    assert answer.status == 422
    places = [(one["row"], one["column"]) for one in answer.data["problems"]]
    assert places == [(2, "id"), (3, "prompt")]


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01\x02", b"PK\x03\x04 no workbook", b"id,prompt\n1,x\n", b'{"a": ']
)
def test_a_file_that_cannot_be_read_is_refused_by_its_own_name(
    api: Api, study: Study, content: bytes
) -> None:
    answer = send(api, content, name="theirs.csv", model="Cinder-7b")
    assert answer.status in (400, 422)
    assert "/tmp" not in answer.body.decode()
    if content:
        assert "theirs.csv" in answer.data["error"]


def test_a_closed_study_takes_no_run(api: Api, study: Study) -> None:
    open_study(study, actor=None)
    study.refresh_from_db()
    close_study(study, actor=None)
    answer = send(api, model="Cinder-7b")
    assert answer.status == 422
    assert "closed" in answer.data["error"]


@pytest.mark.parametrize(
    ("fields", "column"),
    [
        ({"mapping": "{"}, "mapping"),
        ({"mapping": "[1]"}, "mapping"),
        ({"mapping": '{"colour": "A"}'}, "mapping"),
        ({"mapping": "[" * 100_000}, "mapping"),
        ({"map": "prompt"}, "map"),
        ({"map": "colour=A"}, "map"),
        ({"map": "prompt=A", "mapping": '{"prompt": "B"}'}, "map"),
        ({"format": "doc"}, "format"),
        ({"model": "x" * 201}, "model"),
        ({"model": "\x00"}, "model"),
    ],
)
def test_a_form_that_is_wrong_is_400_and_says_which_field(
    api: Api, study: Study, fields: Mapping[str, str], column: str
) -> None:
    answer = send(api, **fields)
    assert answer.status == 400
    assert {one["column"] for one in answer.data["problems"]} == {column}


def test_without_a_file_the_form_is_wrong(api: Api, study: Study) -> None:
    answer = api("Carol").send_form(PATH, {"model": "Cinder-7b"})
    assert answer.status == 400
    assert [one["column"] for one in answer.data["problems"]] == ["file"]


@override_settings(MAX_UPLOAD_BYTES=300)
def test_a_file_over_the_limit_is_413(api: Api, study: Study) -> None:
    answer = send(api, RUN * 10, model="Cinder-7b")
    assert answer.status == 413
    assert "300" in answer.data["error"]


@override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=300)
def test_a_form_field_over_the_limit_is_413_though_the_file_may_be_larger(api: Api, study: Study) -> None:
    assert send(api, RUN * 10, map=["prompt=p", "response=r"]).status == 422
    assert send(api, RUN, model="x" * 301).status == 413


def test_the_runs_are_listed_with_their_counts_and_no_answers(api: Api, study: Study) -> None:
    answer = api("Carol").get(PATH)
    listed = [(one["model"], one["condition"], one["responses"]) for one in answer.data["runs"]]
    assert listed == [("Aster-1", "none", 2), ("Borealis-2", "none", 2)]


def test_json_is_not_how_a_file_is_sent(api: Api, study: Study) -> None:
    answer = api("Carol").client.post(f"/api/v1{PATH}", {}, content_type="application/json")
    assert answer.status_code == 415
    assert set(answer.json()) == {"error", "problems", "conflicts"}
