"""A judge's verdicts in bulk: all or none, the same again changes nothing, nothing that cannot be parsed is lost."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from ihlannotate.models.judge import Judge, Verdict
from ihlannotate.models.provenance import Origin
from ihlannotate.models.study import Study
from tests.api.conftest import Answer, Caller
from tests.factory import make_item, make_run

Api = Callable[..., Caller]
PATH = "/studies/refusals/verdicts/"


def send(api: Api, *verdicts: Any, **fields: Any) -> Answer:
    body = {"judge": "judge-1", "criterion": "refusal", "verdicts": list(verdicts), **fields}
    return api("Carol").post(PATH, body)


def said(external_id: Any, verdict: Any = "refused", **more: Any) -> dict[str, Any]:
    return {"external_id": external_id, "verdict": verdict, **more}


def test_new_verdicts_are_201_and_the_same_again_200_and_change_nothing(api: Api, study: Study) -> None:
    verdicts = [
        said("A1", score=0.1),
        said("A2", "not_refused", rationale="It complies."),
        said("B1", "maybe"),
    ]
    first = send(api, *verdicts)
    assert (first.status, first.data["verdicts_new"], first.data["unparsed"]) == (201, 3, 1)
    again = send(api, *verdicts)
    assert (again.status, again.data["verdicts_new"], again.data["unchanged"]) == (200, 0, 3)
    assert Verdict.objects.count() == 3


def test_every_part_of_a_verdict_is_kept(api: Api, study: Study) -> None:
    send(
        api,
        said("A1", "REFUSED", score=0.1 + 0.2, rationale=" It names no reason. "),
        values={"REFUSED": "refused"},
    )
    kept = Verdict.objects.get()
    assert (kept.value, kept.raw, kept.score, kept.rationale) == (
        "refused",
        "REFUSED",
        0.1 + 0.2,
        " It names no reason. ",
    )


def test_the_answer_is_that_of_the_command(api: Api, study: Study, tmp_path: Path) -> None:
    (tmp_path / "verdicts.csv").write_text("id,says\nA1,refused\nA2,maybe\n")
    mine = send(api, said("A1"), said("A2", "maybe")).data
    out = StringIO()
    options = [
        "--judge",
        "judge-2",
        "--criterion",
        "refusal",
        "--match",
        "external_id=id",
        "--verdict",
        "says",
    ]
    file = str(tmp_path / "verdicts.csv")
    call_command("import_verdicts", "refusals", file, *options, "--json", stdout=out)
    assert json.loads(out.getvalue()) == mine | {"judge": "judge-2"}


def test_an_empty_verdict_is_counted_and_not_kept(api: Api, study: Study) -> None:
    answer = send(api, said("A1", ""), said("A2"))
    assert (answer.data["empty"], answer.data["verdicts_new"]) == (1, 1)


def test_a_number_is_an_external_id_too(api: Api, study: Study) -> None:
    make_item(study, prompt="Another request.", run=make_run(study), external_id="17")
    assert send(api, said(17)).status == 201


def test_the_model_says_whose_run_is_meant_where_ids_repeat(api: Api, study: Study) -> None:
    for model in ("Aster-1", "Borealis-2"):
        make_item(study, prompt="A third request.", run=make_run(study, model=model), external_id="same")
    unclear = send(api, said("same"))
    assert (unclear.status, unclear.data["problems"][0]["row"]) == (422, 1)
    assert send(api, said("same"), model="Borealis-2").status == 201


def test_another_verdict_for_the_same_response_is_a_conflict_and_nothing_is_saved(
    api: Api, study: Study
) -> None:
    send(api, said("A1"))
    answer = send(api, said("A2"), said("A1", "not_refused"))
    assert (answer.status, answer.data["conflicts"], answer.data["problems"][0]["row"]) == (422, 1, 2)
    assert Verdict.objects.count() == 1


def test_an_unknown_id_is_refused_by_its_place_and_leaves_no_judge_behind(api: Api, study: Study) -> None:
    answer = send(api, said("A1"), said("nobody"))
    assert (answer.status, answer.data["problems"][0]["row"]) == (422, 2)
    assert not Judge.objects.exists()


def test_a_criterion_that_the_rubric_does_not_have_is_refused_with_those_it_has(
    api: Api, study: Study
) -> None:
    answer = send(api, said("A1"), criterion="mood")
    assert answer.status == 422
    assert "refusal" in answer.data["error"]


@pytest.mark.parametrize(
    ("item", "column"),
    [
        ({"verdict": "refused"}, "external_id"),
        ({"external_id": "A1"}, "verdict"),
        ({"external_id": "A1", "verdict": ["refused"]}, "verdict"),
        ({"external_id": "A1", "verdict": "refused", "score": "high"}, "score"),
        ({"external_id": "A1", "verdict": "SECRET\ud800TEXT"}, "verdict"),
        ({"external_id": "A1", "verdict": "SECRET\x00TEXT"}, "verdict"),
        ({"external_id": "A1", "verdict": "refused", "rationale": {"SECRET": 1}}, "rationale"),
        ("SECRET", None),
    ],
)
def test_a_malformed_item_is_400_by_row_and_column_without_its_text(
    api: Api, study: Study, item: Any, column: str | None
) -> None:
    answer = send(api, said("A1"), item)
    assert answer.status == 400
    assert [(one["row"], one["column"]) for one in answer.data["problems"]] == [(2, column or "verdicts")]
    assert b"SECRET" not in answer.body
    assert not Verdict.objects.exists()


@pytest.mark.parametrize("score", [b"1e999", b"NaN", b"-Infinity"])
def test_a_score_that_is_not_finite_is_refused(api: Api, study: Study, score: bytes) -> None:
    body = b'{"judge": "j", "criterion": "refusal", "verdicts": [{"external_id": "A1", "verdict": "x", "score": %s}]}'
    assert api("Carol").post(PATH, body % score).status in (400, 422)
    assert not Verdict.objects.exists()


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"x"', b"null", b"\xff\xfe", b"[" * 100_000, b'{"verdicts": []}', b"1" * 5000]
)
def test_a_body_that_is_not_what_is_asked_for_is_400_in_the_one_shape(
    api: Api, study: Study, body: bytes
) -> None:
    answer = api("Carol").post(PATH, body)
    assert answer.status == 400
    assert answer.data["error"]


@pytest.mark.parametrize(
    "fields", [{"judge": ""}, {"judge": "x" * 201}, {"values": {"a": 1, "b": []}}, {"verdicts": 3}]
)
def test_a_wrong_field_is_400(api: Api, study: Study, fields: dict[str, Any]) -> None:
    assert send(api, said("A1"), **fields).status == 400


def test_many_problems_are_cut_to_the_first_ones(api: Api, study: Study) -> None:
    answer = send(api, *[{} for _ in range(100)])
    assert (answer.status, len(answer.data["problems"])) == (400, 50)


def test_scores_that_are_probabilities_lie_between_0_and_1(api: Api, study: Study) -> None:
    verdicts = [said("A1", score=0), said("A2", score=1.5)]
    answer = send(api, *verdicts, scores_are_probabilities=True)
    assert (answer.status, answer.data["problems"][0]["row"], answer.data["problems"][0]["column"]) == (
        422,
        2,
        "score",
    )
    assert not Judge.objects.exists()
    assert send(api, *verdicts).status == 201


def test_a_verdict_on_another_text_is_refused_by_its_place(api: Api, study: Study) -> None:
    right = Origin.objects.get(external_id="A1").response.text_sha256
    answer = send(api, said("A1", text_sha256=right), said("A2", text_sha256=right))
    assert (answer.status, answer.data["problems"][0]["row"], answer.data["problems"][0]["column"]) == (
        422,
        2,
        "text_sha256",
    )
    assert not Judge.objects.exists()
    assert send(api, said("A1", text_sha256=right.upper())).status == 201


def test_what_a_judge_is_is_stated_once(api: Api, study: Study) -> None:
    stated = {"model": "heron-2", "prompt": "5f3a"}
    assert send(api, said("A1"), settings=stated).status == 201
    assert Judge.objects.get().settings == stated
    assert send(api, said("A2")).status == 201
    other = send(api, said("A2"), settings={"model": "heron-3"})
    assert other.status == 422
    assert "model=heron-2" in other.data["error"]


def test_ids_that_no_response_bears_are_counted_in_all(api: Api, study: Study) -> None:
    answer = send(api, *[said(f"Z{number}") for number in range(60)])
    assert (answer.status, len(answer.data["problems"])) == (422, 50)
    assert "60 rows have an id that no response bears." in answer.data["error"]
