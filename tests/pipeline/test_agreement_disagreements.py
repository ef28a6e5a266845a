"""Coordinators see where annotators differ, under aliases, and say why; every tag is one event."""

import uuid
from pathlib import Path
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from ihlannotate.models.discussion import DisagreementTag
from ihlannotate.models.event import Event
from ihlannotate.models.study import Study
from ihlannotate.models.user import User
from ihlannotate.pipeline.agreement import UNTAGGED, disagreements, tag_disagreement, tag_report
from ihlannotate.pipeline.annotating import submit
from ihlannotate.pipeline.annotating.evidence import Mark
from ihlannotate.pipeline.refusals import Refused
from tests.factory import make_member, make_study, make_user, open_with, take_sheet
from tests.pipeline.rated import N, P, R, rate, rated_study

pytestmark = pytest.mark.django_db
TABLE = [(R, R, R), (R, R, N), (R, P, N), (N, N, N), (R, "", ""), (N, R, N)]


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return rated_study(tmp_path, TABLE)


@pytest.fixture
def carol(study: Study) -> User:
    make_member(study, "Carol")
    return make_user("Carol")


def codes(study: Study, **wanted: Any) -> list[str]:
    return [one.code for one in disagreements(study, key="refusal", **wanted).items]


def tag(study: Study, code: str, cause: str, actor: User, comment: str = "") -> None:
    tag_disagreement(study, code, key="refusal", cause=cause, comment=comment, actor=actor)


def test_divided_items_come_by_falling_entropy_and_others_not_at_all(study: Study) -> None:
    found = disagreements(study, key="refusal")
    first, *ties = [[n for _label, n in one.counts] for one in found.items]
    assert (first, sorted(ties)) == ([1, 1, 1], [[1, 2], [2, 1]])
    assert [one.rank for one in found.items] == [1, 2, 3]
    assert found.items[0].normalised == pytest.approx(1.0)
    assert (found.divided, found.found, found.pages) == (3, 3, 1)
    assert found.options[0].help == "Declines the whole request."


def test_ties_do_not_stand_in_the_order_of_import(tmp_path: Path) -> None:
    study = rated_study(tmp_path, [(R, R, N)] * 20)
    imported = list(study.responses.order_by("pk").values_list("code", flat=True))
    listed = codes(study, a_page=20)
    assert sorted(listed) == sorted(imported)
    assert listed not in (imported, imported[::-1])
    assert codes(Study.objects.get(), a_page=20) == listed


def test_pages_are_bounded(study: Study) -> None:
    pages = [disagreements(study, key="refusal", page=page, a_page=2) for page in (-1, 1, 2, 99)]
    assert [(one.page, len(one.items)) for one in pages] == [(1, 2), (1, 2), (2, 1), (2, 1)]
    assert disagreements(study, key="helpfulness").items == ()


def test_answers_comments_and_evidence_stand_side_by_side_under_aliases() -> None:
    study = open_with(make_study(overlap=2, masked_words="Aster"), ["I, Aster, can't help with that."])
    for name, answers in (
        ("Alice", {"refusal": [R], "helpfulness": ["1"], "comment": ["It declines."]}),
        ("Bob", {"refusal": [N], "comment": ["It does not."]}),
    ):
        sheet = take_sheet(make_member(study, name))
        submit(sheet, answers=answers, submission=uuid.uuid4(), evidence=[Mark("refusal", 3, 14)])
    (item,) = disagreements(study, key="refusal").items
    assert [(one.value, one.comments) for one in item.said] == [
        (R, (("Comment", "It declines."),)),
        (N, (("Comment", "It does not."),)),
    ]
    assert all("can't" not in quote and "Aster" not in quote for one in item.said for quote in one.quotes)
    assert all(len(one.quotes) == 1 for one in item.said)
    told = repr(item)
    assert not any(secret in told for secret in ("Aster", "Alice", "Bob", "@example.org"))


def test_a_page_costs_the_same_whatever_is_on_it(
    study: Study, carol: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(12):
        disagreements(study, key="refusal")


def test_items_are_filtered_by_their_latest_tag(study: Study, carol: User) -> None:
    first, second, third = codes(study)
    tag(study, first, "slip", carol)
    tag(study, second, "rubric_gap", carol)
    tag(study, first, "contested_law", carol, "Reasonable readings differ.")
    assert codes(study, cause="contested_law") == [first]
    assert codes(study, cause="slip") == []
    assert codes(study, cause=UNTAGGED) == [third]
    found = disagreements(study, key="refusal", cause="contested_law").items[0]
    assert found.tag
    assert found.tag.comment == "Reasonable readings differ."
    tag(study, first, "", carol)
    assert codes(study, cause=UNTAGGED) == [first, third]


def test_a_tag_is_one_event_and_the_same_tag_again_is_none(study: Study, carol: User) -> None:
    first = codes(study)[0]
    tag(study, first, "slip", carol)
    tag(study, first, "slip", carol)
    (event,) = Event.objects.filter(verb="disagreement.tagged")
    assert event.data == {"response": first, "criterion": "refusal", "cause": "slip"}
    assert DisagreementTag.objects.count() == 1


def test_the_report_counts_what_stands_by_criterion(study: Study, carol: User) -> None:
    first, second, _third = codes(study)
    tag(study, first, "slip", carol)
    tag(study, second, "slip", carol)
    tag(study, second, "rubric_gap", carol)
    refusal, helpfulness = tag_report(study)
    assert (refusal.key, refusal.causes) == ("refusal", {"contested_law": 0, "rubric_gap": 1, "slip": 1})
    assert (refusal.tagged, helpfulness.tagged) == (2, 0)


def test_only_coordinators_tag_and_only_what_divides(study: Study, carol: User) -> None:
    first = codes(study)[0]
    make_member(study, "Alice")
    for wanted, message in (
        ({"actor": make_user("Alice")}, "Only a coordinator"),
        ({"actor": make_user("Mallory")}, "Only a coordinator"),
        ({"cause": "whim"}, "no such cause"),
        ({"key": "comment"}, "no question with levels"),
        ({"code": "nowhere"}, "no such item"),
        ({"key": "helpfulness"}, "don’t disagree"),
        ({"comment": "x" * 5_001}, "at most 5000"),
    ):
        said = {"code": first, "key": "refusal", "cause": "slip", "comment": "", "actor": carol, **wanted}
        with pytest.raises(Refused, match=message):
            tag_disagreement(study, **said)
    assert not DisagreementTag.objects.exists()


def test_the_list_follows_what_is_added_and_refuses_other_questions(study: Study, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no question with levels"):
        disagreements(study, key="nothing")
    rate(study, tmp_path, [("", "", "")] * 4 + [("", N, "")])
    assert len(codes(study)) == 4
