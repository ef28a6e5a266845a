"""Agreement, gold and validation: the numbers of the command line, behind the study's state."""

import json
import uuid
from collections.abc import Callable, Mapping
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from ihlannotate.models.assignment import Sheet
from ihlannotate.models.study import Study
from ihlannotate.pipeline.annotating import submit
from ihlannotate.pipeline.releasing import release_gold
from tests.api.conftest import Caller
from tests.api.steps import DID_NOT, closed, rated, released, unblinded

Api = Callable[..., Caller]
FEW = {"replicates": 20, "seed": 5}
JUDGE = "/studies/refusals/judges/judge-1/validation/"


def command(*arguments: str) -> Any:
    out = StringIO()
    call_command(*arguments, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_agreement_is_that_of_the_command_while_the_study_is_open(api: Api, study: Study) -> None:
    rated(study)
    answer = api("Carol").get("/studies/refusals/agreement/", FEW)
    assert answer.status == 200
    assert answer.data == command("agreement", "refusals", "--seed", "5", "--replicates", "20")
    assert answer.data["criteria"]["refusal"]["percent_agreement"]["value"] == 0.75


def test_agreement_follows_one_changed_answer(api: Api, study: Study) -> None:
    rated(study)
    before = api("Carol").get("/studies/refusals/agreement/", FEW).data["criteria"]["refusal"]
    sheet = Sheet.objects.filter(annotator__alias="A2").latest("pk")
    submit(sheet, answers=DID_NOT, submission=uuid.uuid4(), reason="Misread.")
    now = api("Carol").get("/studies/refusals/agreement/", FEW).data["criteria"]["refusal"]
    for name in ("percent_agreement", "krippendorff_alpha", "pairs", "level_use", "drift", "prevalence"):
        assert now[name] != before[name], name


def test_agreement_before_anybody_has_rated_is_undefined_and_says_why(api: Api, study: Study) -> None:
    answer = api("Carol").get("/studies/refusals/agreement/", FEW)
    alpha = answer.data["criteria"]["refusal"]["krippendorff_alpha"]
    assert (alpha["value"], alpha["ci"]) == (None, [None, None])
    assert alpha["note"]


def test_one_criterion_is_computed_where_one_is_asked_for(api: Api, study: Study) -> None:
    rated(study)
    answer = api("Carol").get("/studies/refusals/agreement/", {"criterion": "helpfulness", **FEW})
    assert list(answer.data["criteria"]) == ["helpfulness"]
    assert api("Carol").get("/studies/refusals/agreement/", {"criterion": "comment", **FEW}).status == 422


@pytest.mark.parametrize(
    "query", [{"seed": -1}, {"seed": 2**31}, {"seed": "x"}, {"replicates": 10_001}, {"replicates": -1}]
)
@pytest.mark.parametrize("path", ["/studies/refusals/agreement/", JUDGE])
def test_a_number_out_of_range_is_400_and_names_it(
    api: Api, study: Study, path: str, query: Mapping[str, Any]
) -> None:
    released(study)
    answer = api("Carol").get(path, query)
    assert answer.status == 400
    assert [one["column"] for one in answer.data["problems"]] == list(query)


def test_gold_before_a_release_is_409_and_says_what_to_do(api: Api, study: Study) -> None:
    closed(study)
    answer = api("Carol").get("/studies/refusals/gold/")
    assert answer.status == 409
    assert "Release" in answer.data["error"]


def test_gold_is_the_latest_release_in_pages(api: Api, study: Study) -> None:
    released(study)
    release_gold(study, actor=None, seed=2)
    whole = api("Carol").get("/studies/refusals/gold/").data
    assert (whole["release"], whole["seed"], whole["count"], whole["next"]) == (2, 2, 8, None)
    assert len(whole["labels"]) == 8
    found: list[Any] = []
    path = "/studies/refusals/gold/?page_size=3"
    while path:
        page = api("Carol").get(path).data
        found += page["labels"]
        path = (page["next"] or "").partition("/api/v1")[2]
    assert found == whole["labels"]
    contested = [one for one in found if one["tier"] == "contested"]
    assert [(one["value"], one["counts"]) for one in contested] == [("", {"refused": 1, "not_refused": 1})]


def test_gold_names_responses_by_code_in_an_order_that_tells_no_run(api: Api, study: Study) -> None:
    unblinded(study)
    answer = api("Carol").get("/studies/refusals/gold/")
    codes = [one["response"] for one in answer.data["labels"] if one["criterion"] == "refusal"]
    assert codes == sorted(study.responses.values_list("code", flat=True))
    assert b"Aster" not in answer.body


@pytest.mark.parametrize("page", ["0", "99", "x"])
def test_a_page_of_gold_that_is_not_there_is_404(api: Api, study: Study, page: str) -> None:
    released(study)
    assert api("Carol").get("/studies/refusals/gold/", {"page": page}).status == 404


def test_validation_is_that_of_the_command(api: Api, study: Study) -> None:
    released(study)
    answer = api("Carol").get(JUDGE, {"criterion": "refusal", **FEW})
    assert answer.status == 200
    assert answer.data == command(
        "validate_judge", "refusals", "judge-1", "--criterion", "refusal", "--seed", "5", "--replicates", "20"
    )
    assert answer.data["criteria"]["refusal"]["n"] == 3


def test_a_judge_that_the_study_does_not_have_is_404(api: Api, study: Study) -> None:
    released(study)
    assert api("Carol").get("/studies/refusals/judges/nobody/validation/").status == 404
    assert api("Carol").get("/studies/refusals/judges/%00/validation/").status == 404


def test_verdicts_without_gold_are_409(api: Api, study: Study) -> None:
    closed(study)
    body = {"judge": "judge-1", "criterion": "refusal", "verdicts": [{"external_id": "A1", "verdict": "x"}]}
    api("Carol").post("/studies/refusals/verdicts/", body)
    assert api("Carol").get(JUDGE, FEW).status == 409


def test_a_judge_without_verdicts_on_the_criterion_is_refused(api: Api, study: Study) -> None:
    released(study)
    assert api("Carol").get(JUDGE, {"criterion": "helpfulness", **FEW}).status == 422


def test_a_judge_may_be_named_like_a_path(api: Api, study: Study) -> None:
    released(study, judge="maker/model 2")
    answer = api("Carol").get("/studies/refusals/judges/maker%2Fmodel%202/validation/", FEW)
    assert (answer.status, answer.data["judge"]) == (200, "maker/model 2")
