"""Which studies a caller sees, and what of them."""

from collections.abc import Callable

import pytest

from ihlannotate.models.study import Study
from ihlannotate.pipeline.tuning import settings_of, update_settings
from tests.api.conftest import Caller
from tests.api.steps import released
from tests.factory import make_member, make_study, make_user, open_with, rate_next, take_sheet

Api = Callable[..., Caller]


def test_a_coordinator_sees_slug_state_and_overlap_of_their_studies_only(api: Api, study: Study) -> None:
    make_study(slug="another")
    (line,) = api("Carol").get("/studies/").data["studies"]
    assert line == {
        "code": study.code,
        "slug": "refusals",
        "title": "Refusals under humanitarian law",
        "role": "coordinator",
        "state": "draft",
        "overlap": 2,
    }


@pytest.mark.parametrize(("name", "role"), [("Alice", "annotator"), ("Dana", "adjudicator")])
def test_raters_see_the_code_and_neither_slug_nor_numbers(
    api: Api, study: Study, name: str, role: str
) -> None:
    (line,) = api(name).get("/studies/").data["studies"]
    assert (line["code"], line["role"], line["slug"], line["overlap"]) == (study.code, role, None, None)


def test_a_stranger_sees_no_study(api: Api, study: Study) -> None:
    assert api("Eve").get("/studies/").data == {"studies": []}


def test_the_newest_study_comes_first(api: Api, study: Study) -> None:
    make_member(make_study(slug="newer"), "Carol")
    slugs = [line["slug"] for line in api("Carol").get("/studies/").data["studies"]]
    assert slugs == ["newer", "refusals"]


def test_a_superuser_coordinates_every_study_but_those_where_they_have_another_role(
    api: Api, study: Study
) -> None:
    root = make_user("Root")
    root.is_superuser = True
    root.save()
    make_member(make_study(slug="rating"), "Root", role="annotator")
    caller = api("Root")
    roles = {line["slug"]: line["role"] for line in caller.get("/studies/").data["studies"]}
    assert roles == {"refusals": "coordinator", None: "annotator"}
    assert caller.get("/studies/refusals/").status == 200
    assert caller.get("/studies/rating/").status == 403


def test_counts_tell_what_is_asked_for_and_what_is_filled(api: Api) -> None:
    study = make_study()
    make_member(study, "Carol")
    alice, bob = make_member(study, "Alice"), make_member(study, "Bob")
    assert api("Carol").get("/studies/refusals/").data["counts"] == {
        "responses": 0,
        "slots": 0,
        "slots_filled": 0,
        "annotators": 2,
    }
    open_with(study, 3)
    rate_next(alice)
    rate_next(alice)
    take_sheet(bob)  # a lease is not an annotation
    assert api("Carol").get("/studies/refusals/").data["counts"] == {
        "responses": 3,
        "slots": 6,
        "slots_filled": 2,
        "annotators": 2,
    }


def test_a_study_tells_its_rubric_judges_and_latest_release(api: Api, study: Study) -> None:
    before = api("Carol").get("/studies/refusals/").data
    assert (before["gold_release"], before["judges"]) == (None, [])
    released(study)
    after = api("Carol").get("/studies/refusals/").data
    assert (after["gold_release"], after["judges"], after["state"]) == (1, ["judge-1"], "closed")
    assert (after["rubric"], after["rubric_sha256"]) == ("small 1.0", study.rubric.sha256)


def test_a_study_tells_coordinators_how_it_is_set_up(api: Api, study: Study) -> None:
    update_settings(study, actor=None, repeat_percent=9, masked_words="Aster\nBorealis")
    told = api("Carol").get("/studies/refusals/").data["settings"]
    assert told == settings_of(study)
    assert (told["repeat_percent"], told["masked_words"]) == (9, "Aster\nBorealis")


COORDINATORS_ONLY = [
    "/studies/refusals/",
    "/studies/refusals/runs/",
    "/studies/refusals/agreement/",
    "/studies/refusals/gold/",
    "/studies/refusals/judges/judge-1/validation/",
    "/studies/refusals/annotations/",
    "/studies/refusals/export/",
]


@pytest.mark.parametrize("path", COORDINATORS_ONLY)
def test_raters_may_read_nothing_of_a_study_and_strangers_do_not_learn_that_it_exists(
    api: Api, study: Study, path: str
) -> None:
    released(study)
    assert api("Alice").get(path).status == 403
    assert api("Dana").get(path).status == 403
    assert api("Eve").get(path).status == 404
    unknown = api("Eve").get(path.replace("refusals", "nowhere"))
    assert unknown.status == 404
    assert unknown.data == api("Eve").get(path).data


@pytest.mark.parametrize("path", ["/studies/refusals/runs/", "/studies/refusals/verdicts/"])
def test_raters_and_strangers_may_send_nothing(api: Api, study: Study, path: str) -> None:
    for name, status in (("Alice", 403), ("Dana", 403), ("Eve", 404), ("", 401)):
        caller = api(name)
        answer = caller.post(path, {}) if "verdicts" in path else caller.send_form(path, {})
        assert answer.status == status
