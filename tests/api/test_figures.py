"""Agreement, gold, judges and findings: the numbers of the command line, behind the study's state."""

import json
import uuid
from collections.abc import Callable, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from ihlannotate.models.assignment import Sheet
from ihlannotate.models.study import Study
from ihlannotate.pipeline.annotating import submit
from ihlannotate.pipeline.lifecycle import unblind_study
from ihlannotate.pipeline.releasing import release_gold
from tests.api.conftest import Caller
from tests.api.steps import DID_NOT, closed, rated, released, unblinded
from tests.factory import make_member
from tests.pipeline.found import unblinded_study
from tests.pipeline.scored import scored_study

Api = Callable[..., Caller]
FEW = {"replicates": 20, "seed": 5}
JUDGE = "/studies/refusals/judges/judge-1/validation/"
SCORES = "/studies/refusals/judges/judge-1/scores/refusal/"
FINDINGS = "/studies/refusals/findings/"


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
@pytest.mark.parametrize("path", ["/studies/refusals/agreement/", JUDGE, SCORES, FINDINGS])
def test_a_number_out_of_range_is_400_and_names_it(
    api: Api, study: Study, path: str, query: Mapping[str, Any]
) -> None:
    unblinded(study)
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
    assert api("Carol").get("/studies/refusals/judges/nobody/scores/refusal/").status == 404


def test_verdicts_without_gold_are_409(api: Api, study: Study) -> None:
    closed(study)
    body = {"judge": "judge-1", "criterion": "refusal", "verdicts": [{"external_id": "A1", "verdict": "x"}]}
    api("Carol").post("/studies/refusals/verdicts/", body)
    for path in (JUDGE, SCORES):
        answer = api("Carol").get(path, FEW)
        assert answer.status == 409
        assert "Release" in answer.data["error"]


def test_a_judge_without_verdicts_on_the_criterion_is_refused(api: Api, study: Study) -> None:
    released(study)
    assert api("Carol").get(JUDGE, {"criterion": "helpfulness", **FEW}).status == 422


def test_a_judge_may_be_named_like_a_path(api: Api, study: Study) -> None:
    released(study, judge="maker/model 2")
    for of in ("validation", "scores/refusal"):
        answer = api("Carol").get(f"/studies/refusals/judges/maker%2Fmodel%202/{of}/", FEW)
        assert (answer.status, answer.data["judge"]) == (200, "maker/model 2")


def test_scores_are_those_of_the_command(api: Api, study: Study, tmp_path: Path) -> None:
    scored_study(tmp_path)
    make_member(Study.objects.get(slug="scored"), "Carol")
    path = "/studies/scored/judges/Heron/scores/refusal/"
    by_hand = {"level": "not_refused", "measure": "mcc"}
    mapped = []
    for options, query in (([], {}), (["--level", "not_refused", "--measure", "mcc"], by_hand)):
        answer = api("Carol").get(path, {**query, **FEW})
        assert answer.status == 200
        assert answer.data == command(
            "calibrate_judge", "scored", "Heron", *options, "--seed", "5", "--replicates", "20"
        )
        mapped.append(answer.data["maps"]["isotonic"]["map"] is not None)
    assert mapped == [True, False]  # the scores rise with refusals
    assert (answer.data["level"], answer.data["threshold"]["measure"]) == ("not_refused", "mcc")


def test_scores_from_which_no_map_can_be_made_say_why(api: Api, study: Study) -> None:
    released(study)
    answer = api("Carol").get(SCORES, FEW)
    assert (answer.status, answer.data["outcome"]) == (200, "no_map")
    assert answer.data["maps"]["platt"]["map"] is None
    assert answer.data["maps"]["platt"]["note"]


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/studies/refusals/judges/judge-1/scores/comment/", {}, 404),
        ("/studies/refusals/judges/judge-1/scores/%00/", {}, 404),
        ("/studies/refusals/judges/judge-1/scores/helpfulness/", {}, 422),
        (SCORES, {"level": "perhaps"}, 422),
        (SCORES, {"measure": "luck"}, 400),
    ],
)
def test_scores_of_what_is_not_there_are_not_made_up(
    api: Api, study: Study, path: str, query: Mapping[str, Any], status: int
) -> None:
    released(study)
    assert api("Carol").get(path, {**query, **FEW}).status == status


def test_findings_are_those_of_the_command(api: Api, tmp_path: Path) -> None:
    found = unblinded_study(tmp_path)
    make_member(found, "Carol")
    answer = api("Carol").get(f"/studies/{found.slug}/findings/", {"judge": "Judge-1", **FEW})
    assert answer.status == 200
    assert answer.data == command(
        "findings", found.slug, "--judge", "Judge-1", "--seed", "5", "--replicates", "20"
    )
    first = answer.data["measures"][0]
    assert [cell["model"] for cell in first["cells"]] == ["Aster-1", "Aster-1", "Borealis-2", "Borealis-2"]
    assert first["effects"][0]["gold"]["mcnemar"]["condition_only"] == 1


def test_findings_are_409_until_the_study_is_unblinded_and_name_no_model(api: Api, study: Study) -> None:
    for carried_on in (False, True):
        if carried_on:
            released(study)
        answer = api("Carol").get(FINDINGS, FEW)
        assert answer.status == 409
        assert "unblind it" in answer.data["error"]
        assert b"Aster" not in answer.body
    unblind_study(study, reason="To be published.", actor=None)
    assert b"Aster" in api("Carol").get(FINDINGS, FEW).body


def test_findings_by_a_judge_that_the_study_does_not_have_are_refused(api: Api, study: Study) -> None:
    unblinded(study)
    answer = api("Carol").get(FINDINGS, {"judge": "nobody", **FEW})
    assert answer.status == 422
    assert "judge-1" in answer.data["error"]


@pytest.mark.parametrize("path", [SCORES, FINDINGS])
def test_a_judges_scores_and_findings_are_for_coordinators(api: Api, study: Study, path: str) -> None:
    unblinded(study)
    statuses = {name: api(name).get(path, FEW).status for name in ("Alice", "Dana", "Eve", "")}
    assert statuses == {"Alice": 403, "Dana": 403, "Eve": 404, "": 401}
