"""Opinions before anything is seen, what may be seen after them, and how often minds change."""

import uuid

import pytest

from ihlannotate.models.gold import Opinion
from ihlannotate.models.item import Response
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.adjudicating import (
    Opened,
    Unseen,
    changes_of_mind,
    contested,
    differing,
    give_opinion,
    item_for,
    settle,
)
from ihlannotate.pipeline.agreement import agreement, measured
from ihlannotate.pipeline.annotating import submit
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.readers.rubric import OptionSpec
from ihlannotate.stats.proportions import wilson
from tests.factory import make_member, make_study, open_with, rate_next, take_sheet

pytestmark = pytest.mark.django_db
OWN = {"refusal": ["refused"], "helpfulness": ["2"]}


@pytest.fixture
def study() -> Study:
    """Eight items; Alice and Bob disagree on both questions of each."""
    study = open_with(make_study(repeat_percent=0), 8)
    alice, bob = make_member(study, "Alice"), make_member(study, "Bob")
    for _item in range(8):
        sheet = take_sheet(alice)
        answers = {"refusal": ["refused"], "helpfulness": ["1"], "comment": ["Says no."]}
        submit(sheet, answers=answers, submission=uuid.uuid4(), evidence=[("refusal", 2, 7)])
        rate_next(bob, {"refusal": ["partly_refused"], "helpfulness": ["3"]})
    return study


@pytest.fixture
def dana(study: Study) -> Membership:
    make_member(study, "Dana")
    return study.memberships.select_related("study__rubric", "user").get(role="adjudicator")


def opened(member: Membership, code: str) -> Opened:
    found = item_for(member, code)
    assert isinstance(found, Opened)
    return found


def test_before_the_opinion_an_item_holds_the_texts_and_the_questions_and_nothing_else(
    study: Study, dana: Membership
) -> None:
    found = item_for(dana, contested(study).codes[0])
    assert isinstance(found, Unseen)
    assert [one.key for one in found.rubric.criteria] == ["refusal", "helpfulness"]
    assert set(Unseen.__dataclass_fields__) == {"text", "rubric"}
    assert set(type(found.text).__dataclass_fields__) == {"code", "prompt", "language", "response", "covered"}


def test_after_it_the_annotators_answers_are_there_with_evidence_and_comments(
    study: Study, dana: Membership
) -> None:
    code = contested(study).codes[0]
    give_opinion(member=dana, code=code, answers=OWN)
    found = opened(dana, code)
    refusal, helpfulness = found.questions
    assert (refusal.opinion, helpfulness.opinion) == ("refused", "2")
    assert {one.value for one in refusal.voices} == {"refused", "partly_refused"}
    (alice,) = (one for one in refusal.voices if one.value == "refused")
    assert [one.quote for one in alice.passages] == ["won't"]
    assert [(one.number, one.text) for one in found.comments] == [(alice.number, "Says no.")]
    assert [one.number for one in helpfulness.voices] == [1, 2]
    assert next(one.number for one in helpfulness.voices if one.value == "1") == alice.number


def test_who_is_annotator_1_is_drawn_for_each_item_and_the_same_at_every_look(
    study: Study, dana: Membership
) -> None:
    firsts = []
    for code in contested(study).codes:
        give_opinion(member=dana, code=code, answers=OWN)
        found = opened(dana, code)
        assert found == opened(dana, code)
        firsts.append(found.questions[0].voices[0].value)
    assert set(firsts) == {"refused", "partly_refused"}


def test_an_opinion_that_was_given_stands(study: Study, dana: Membership) -> None:
    code = contested(study).codes[0]
    for answers in (OWN, {"refusal": ["not_refused"]}):
        give_opinion(member=dana, code=code, answers=answers)
    assert dict(Opinion.objects.values_list("criterion__key", "value")) == {
        "refusal": "refused",
        "helpfulness": "2",
    }


@pytest.mark.parametrize(
    ("answers", "wrong"),
    [
        ({}, ["refusal"]),
        ({"refusal": ["refused"]}, ["helpfulness"]),
        ({"refusal": ["yes"], "helpfulness": ["2"]}, ["refusal", "helpfulness"]),
        ({"refusal": ["refused"], "helpfulness": ["7"]}, ["helpfulness"]),
        ({"refusal": ["refused", "not_refused"], "helpfulness": ["2"]}, ["refusal"]),
        ({"refusal": ["not_refused"], "helpfulness": ["2"]}, ["helpfulness"]),
    ],
)
def test_all_questions_are_answered_with_levels_of_the_rubric_or_nothing_is_kept(
    study: Study, dana: Membership, answers: dict[str, list[str]], wrong: list[str]
) -> None:
    with pytest.raises(Refused) as refused:
        give_opinion(member=dana, code=contested(study).codes[0], answers=answers)
    assert {one.column for one in refused.value.problems} <= set(wrong)
    assert refused.value.problems
    assert not Opinion.objects.exists()


def test_only_an_adjudicator_of_a_blind_study_gives_an_opinion(study: Study, dana: Membership) -> None:
    code = contested(study).codes[0]
    alice = study.memberships.filter(role="annotator")[0]
    with pytest.raises(Refused, match="Only an adjudicator"):
        give_opinion(member=alice, code=code, answers=OWN)
    with pytest.raises(Refused, match="no such item"):
        give_opinion(member=dana, code="nowhere", answers=OWN)
    assert not Opinion.objects.exists()


def test_what_stands_for_differing_lawyers_is_never_a_level(study: Study) -> None:
    spec = spec_of(study.rubric).criterion("refusal")
    assert differing(spec) == "differ"
    clash = type(spec)(
        **{**spec.__dict__, "options": (OptionSpec("differ", "d"), OptionSpec("differ-", "e"))}
    )
    assert differing(clash) not in clash.values


def test_opinions_and_outcomes_enter_no_agreement(study: Study, dana: Membership) -> None:
    before = agreement(study, replicates=10)
    for code in contested(study).codes:
        give_opinion(member=dana, code=code, answers=OWN)
        settle(member=dana, code=code, key="refusal", value="not_refused", reason="It does it.")
    assert agreement(study, replicates=10) == before == measured(study, replicates=10)


def test_changes_of_mind_are_counted_with_an_interval_for_all_and_by_question(
    study: Study, dana: Membership
) -> None:
    own = {"refusal": ["refused"], "helpfulness": ["differ"]}
    outcomes = ["refused", "refused", "partly_refused", "", "refused"]
    codes = contested(study).codes
    for code, value in zip(codes, outcomes, strict=False):
        give_opinion(member=dana, code=code, answers=own)
        settle(member=dana, code=code, key="refusal", value=value, reason="So it is.")
    settle(member=dana, code=codes[0], key="helpfulness", value="", reason="Both hold.")
    settle(member=dana, code=codes[1], key="helpfulness", value="3", reason="Seen.")
    settle(member=dana, code=codes[0], key="refusal", value="not_refused", reason="Only later.")
    every, refusal, helpfulness = changes_of_mind(study)
    assert (refusal.key, refusal.n, refusal.changed) == ("refusal", 5, 2)
    assert refusal.share == wilson(2, 5)
    assert (helpfulness.n, helpfulness.changed) == (2, 1)
    assert (every.key, every.n, every.changed) == ("", 7, 3)
    assert every.share.value == pytest.approx(3 / 7)
    assert every.share.low is not None
    assert every.share.low < 3 / 7


def test_what_was_settled_without_an_opinion_or_by_another_is_no_change_of_mind(
    study: Study, dana: Membership
) -> None:
    erik = make_member(study, "Erik", role="adjudicator")
    one, other = contested(study).codes[:2]
    settle(member=dana, code=one, key="refusal", value="refused", reason="So it is.")
    give_opinion(member=dana, code=other, answers=OWN)
    settle(member=erik, code=other, key="refusal", value="not_refused", reason="So it is.")
    (every,) = changes_of_mind(study)
    assert (every.n, every.share.value) == (0, None)
    assert "answered first" in every.share.note


def test_outcomes_of_settled_items_are_shown_to_whoever_recorded_them(study: Study, dana: Membership) -> None:
    code = contested(study).codes[0]
    give_opinion(member=dana, code=code, answers=OWN)
    for key in ("refusal", "helpfulness"):
        settle(member=dana, code=code, key=key, value="", reason="Both hold.")
    found = opened(dana, code)
    assert [one.settled.value for one in found.questions if one.settled] == ["", ""]
    erik = study.memberships.select_related("study__rubric").get(
        pk=make_member(study, "Erik", role="adjudicator").pk
    )
    assert item_for(erik, code) is None
    assert item_for(dana, "nowhere") is None
    assert Response.objects.filter(study=study).count() == 8


def test_no_answer_to_a_question_is_shown_that_was_settled_without_an_opinion(
    study: Study, dana: Membership
) -> None:
    code = contested(study).codes[0]
    settle(member=dana, code=code, key="helpfulness", value="1", reason="It gives none.")
    give_opinion(member=dana, code=code, answers={"refusal": ["refused"]})
    assert [one.spec.key for one in opened(dana, code).questions] == ["refusal"]


def test_a_question_that_becomes_contested_meanwhile_is_asked_once_the_others_are_settled() -> None:
    study = open_with(make_study(overlap=4), 1)
    people = [make_member(study, name, role="annotator") for name in ("Alice", "Bob", "Frida", "Gita")]
    ratings = [("refused", "1"), ("partly_refused", "1"), ("refused", "3"), ("partly_refused", "3")]
    rated = [{"refusal": [refusal], "helpfulness": [level]} for refusal, level in ratings]
    for who, answers in zip(people[:2], rated, strict=False):
        rate_next(who, answers)
    make_member(study, "Dana")
    dana = study.memberships.select_related("study__rubric").get(role="adjudicator")
    (code,) = contested(study).codes
    give_opinion(member=dana, code=code, answers={"refusal": ["refused"]})
    for who, answers in zip(people[2:], rated[2:], strict=True):
        rate_next(who, answers)
    assert list(contested(study).open_of(code)) == ["refusal", "helpfulness"]
    assert [one.spec.key for one in opened(dana, code).questions] == ["refusal"]
    settle(member=dana, code=code, key="refusal", value="refused", reason="It says no.")
    waiting = item_for(dana, code)
    assert isinstance(waiting, Unseen)
    assert [one.key for one in waiting.rubric.criteria] == ["helpfulness"]
