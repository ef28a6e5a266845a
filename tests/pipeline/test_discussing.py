"""Notes: who may write and read them, that nobody learns whose they are, and that ratings stay as they were."""

import uuid

import pytest

from ihlannotate.models.assignment import Assignment, Sheet
from ihlannotate.models.discussion import Note
from ihlannotate.models.event import Event
from ihlannotate.models.item import Response
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.adjudicating import contested, give_opinion
from ihlannotate.pipeline.agreement import agreement, data_version, measured
from ihlannotate.pipeline.annotating import item_page, sheet_of, submit, withdraw
from ihlannotate.pipeline.assigning import next_sheet
from ihlannotate.pipeline.assigning.slots import lease_repeat
from ihlannotate.pipeline.discussing import (
    LONGEST,
    discussed_by,
    discussed_in,
    discussed_of,
    remarks_on,
    write_note,
)
from ihlannotate.pipeline.lifecycle import close_study, unblind_study
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.releasing import release_gold
from tests.factory import REFUSED, keep_draft, last_event, make_member, make_study, open_with, rate_next

pytestmark = pytest.mark.django_db
NOT_REFUSED = {"refusal": ["not_refused"]}


@pytest.fixture
def study() -> Study:
    """Two items of three slots; Alice and Bob disagree on both, Frida has rated none."""
    study = open_with(make_study(overlap=3), 2)
    alice, bob, _frida = (make_member(study, name, role="annotator") for name in ("Alice", "Bob", "Frida"))
    for _item in range(2):
        rate_next(alice)
        rate_next(bob, NOT_REFUSED)
    return study


def member(study: Study, name: str) -> Membership:
    members = study.memberships.select_related("study__rubric", "user")
    return members.get(user__name=name)


@pytest.fixture
def dana(study: Study) -> Membership:
    make_member(study, "Dana")
    return member(study, "Dana")


@pytest.fixture
def asked(study: Study, dana: Membership) -> Response:
    """The first contested item, on which Dana has written a note."""
    code = contested(study).codes[0]
    give_opinion(member=dana, code=code, answers={"refusal": ["refused"]})
    response = study.responses.get(code=code)
    write_note(author=dana, response=response, text="What made you say so?")
    return response


def own_sheet(who: Membership, response: Response) -> Sheet:
    sheet = sheet_of(who, Sheet.objects.get(annotator=who, response=response, occasion=1).code)
    assert sheet
    return sheet


def test_notes_are_read_in_the_order_of_time_by_role_and_day_alone(
    study: Study, asked: Response, dana: Membership
) -> None:
    alice, bob = member(study, "Alice"), member(study, "Bob")
    write_note(author=bob, response=asked, text="It does what was asked.")
    write_note(author=alice, response=asked, text=" It says no. \0")
    found = remarks_on(asked.pk, reader=dana)
    assert [(one.role.value, one.own, one.text) for one in found] == [
        ("adjudicator", True, "What made you say so?"),
        ("annotator", False, "It does what was asked."),
        ("annotator", False, "It says no."),
    ]
    assert set(type(found[0]).__dataclass_fields__) == {"role", "own", "text", "day"}
    assert not any(one.own for one in remarks_on(asked.pk, reader=None))


def test_annotators_read_the_adjudicators_notes_and_their_own_but_not_each_others(
    study: Study, asked: Response, dana: Membership
) -> None:
    alice, bob = member(study, "Alice"), member(study, "Bob")
    write_note(author=bob, response=asked, text="It does what was asked.")
    write_note(author=alice, response=asked, text="It says no.")
    write_note(author=bob, response=asked, text="One more thing.")
    assert [(one.own, one.text) for one in remarks_on(asked.pk, reader=alice)] == [
        (False, "What made you say so?"),
        (True, "It says no."),
    ]
    assert [(one.notes, one.answered) for one in discussed_of(alice)] == [(2, True)]
    assert [one.notes for one in discussed_of(bob)] == [3]
    assert [one.notes for one in discussed_by(dana)] == [4]


def test_whoever_rated_the_item_finds_the_notes_on_its_page_and_in_their_list(
    study: Study, asked: Response
) -> None:
    alice = member(study, "Alice")
    sheet = own_sheet(alice, asked)
    page = item_page(sheet)
    assert page.discussed
    assert page.may_answer
    assert [one.text for one in page.remarks] == ["What made you say so?"]
    (thread,) = discussed_of(alice)
    assert (thread.code, thread.notes, thread.answered) == (sheet.code, 1, False)
    write_note(author=alice, response=asked, text="It says no.")
    (thread,) = discussed_of(alice)
    assert (thread.notes, thread.answered) == (2, True)
    assert [one.answered for one in discussed_of(member(study, "Bob"))] == [False]


def test_whoever_has_not_rated_it_finds_nothing_until_they_have(study: Study, asked: Response) -> None:
    frida = member(study, "Frida")
    assert discussed_of(frida) == []
    with pytest.raises(Refused, match="can’t write"):
        write_note(author=frida, response=asked, text="Let me see.")
    sheet = next_sheet(frida)
    while sheet and sheet.response_id != asked.pk:
        submit(sheet, answers=REFUSED, submission=uuid.uuid4())
        sheet = next_sheet(frida)
    assert sheet
    fresh = sheet_of(frida, sheet.code)
    assert fresh
    assert not item_page(fresh).discussed
    assert item_page(fresh).remarks == ()
    submit(fresh, answers=REFUSED, submission=uuid.uuid4())
    assert [one.code for one in discussed_of(frida)] == [sheet.code]
    with pytest.raises(Refused, match="stands as it is"):
        withdraw(frida, code=sheet.code)


def test_a_discussed_rating_cannot_be_changed_or_taken_back_and_says_why(
    study: Study, asked: Response
) -> None:
    bob = member(study, "Bob")
    sheet = own_sheet(bob, asked)
    with pytest.raises(Refused, match="An adjudicator has asked about this item"):
        submit(sheet, answers=REFUSED, submission=uuid.uuid4(), reason="They convinced me.")
    newest = Sheet.objects.filter(annotator=bob).order_by("-pk")[0]
    if newest.response_id == asked.pk:
        with pytest.raises(Refused, match="stands as it is"):
            withdraw(bob)
    assert item_page(sheet).answers == NOT_REFUSED


def test_the_same_submission_sent_again_is_still_no_error(study: Study) -> None:
    dana = make_member(study, "Dana")
    frida = member(study, "Frida")
    sheet, submission = next_sheet(frida), uuid.uuid4()
    assert sheet
    assert sheet.response
    submit(sheet, answers=REFUSED, submission=submission)
    give_opinion(member=dana, code=sheet.response.code, answers={"refusal": ["refused"]})
    Note.objects.create(study=study, response=sheet.response, author=dana, text="Why?")
    assert submit(sheet, answers=REFUSED, submission=submission).state.value == "repeated"


def test_a_draft_of_a_change_gives_way_to_what_counts(study: Study, dana: Membership) -> None:
    alice = member(study, "Alice")
    code = contested(study).codes[0]
    response = study.responses.get(code=code)
    keep_draft(own_sheet(alice, response), NOT_REFUSED)
    assert item_page(own_sheet(alice, response)).answers == NOT_REFUSED
    give_opinion(member=dana, code=code, answers={"refusal": ["refused"]})
    write_note(author=dana, response=response, text="Why?")
    assert item_page(own_sheet(alice, response)).answers == REFUSED


def test_other_items_can_still_be_changed(study: Study, asked: Response) -> None:
    bob = member(study, "Bob")
    other = study.responses.exclude(pk=asked.pk).get()
    made = submit(own_sheet(bob, other), answers=REFUSED, submission=uuid.uuid4(), reason="Misread.")
    assert made.revision == 2


def test_an_adjudicator_writes_only_after_their_own_opinion(study: Study, dana: Membership) -> None:
    code = contested(study).codes[0]
    response = study.responses.get(code=code)
    with pytest.raises(Refused, match="can’t write"):
        write_note(author=dana, response=response, text="What made you say so?")
    give_opinion(member=dana, code=code, answers={"refusal": ["refused"]})
    write_note(author=dana, response=response, text="What made you say so?")
    erik = make_member(study, "Erik", role="adjudicator")
    with pytest.raises(Refused, match="can’t write"):
        write_note(author=erik, response=response, text="Me too.")
    assert discussed_by(erik) == []
    assert [one.code for one in discussed_by(dana)] == [code]


def test_annotators_open_no_discussion_and_coordinators_only_read(study: Study, asked: Response) -> None:
    other = study.responses.exclude(pk=asked.pk).get()
    with pytest.raises(Refused):
        write_note(author=member(study, "Alice"), response=other, text="I wonder.")
    make_member(study, "Carol")
    with pytest.raises(Refused):
        write_note(author=member(study, "Carol"), response=asked, text="I wonder.")
    assert list(discussed_in(study)) == [asked.pk]


@pytest.mark.parametrize("text", ["", "  \n", "\0", "x" * (LONGEST + 1)])
def test_a_note_says_something_and_not_too_much(study: Study, asked: Response, text: str) -> None:
    with pytest.raises(Refused):
        write_note(author=member(study, "Alice"), response=asked, text=text)
    assert len(remarks_on(asked.pk, reader=None)) == 1


def test_a_form_that_is_sent_twice_makes_one_note(study: Study, asked: Response) -> None:
    for _time in range(2):
        write_note(author=member(study, "Alice"), response=asked, text="It says no.")
    assert len(remarks_on(asked.pk, reader=None)) == 2
    assert Event.objects.filter(study=study, verb="note.written").count() == 2


def test_each_note_is_on_the_record_without_its_text_and_moves_no_figure(
    study: Study, asked: Response
) -> None:
    before = data_version(study), agreement(study, replicates=10)
    write_note(author=member(study, "Alice"), response=asked, text="It says no.")
    assert last_event(study) == ("note.written", {"response": asked.code})
    assert (data_version(study), measured(study, replicates=10)) == before


def test_discussion_goes_on_in_a_closed_study_and_ends_with_unblinding(study: Study, asked: Response) -> None:
    close_study(study, actor=None)
    alice = member(study, "Alice")
    write_note(author=alice, response=asked, text="It says no.")
    study.refresh_from_db()
    release_gold(study, actor=None)
    unblind_study(study, reason="To publish.", actor=None)
    with pytest.raises(Refused):
        write_note(author=member(study, "Alice"), response=asked, text="Now I know.")
    page = item_page(own_sheet(member(study, "Alice"), asked))
    assert len(page.remarks) == 2
    assert not page.may_answer


def test_a_discussed_item_does_not_come_back_and_a_repeat_in_hand_shows_no_note() -> None:
    study = open_with(make_study(overlap=2, repeat_percent=20, attention_every=0), 60)
    alice, bob, dana = (make_member(study, name) for name in ("Alice", "Bob", "Dana"))
    first = rate_next(alice)
    sheet = next_sheet(bob)
    while sheet and sheet.response_id != first.response_id:
        submit(sheet, answers=REFUSED, submission=uuid.uuid4())
        sheet = next_sheet(bob)
    assert sheet
    submit(sheet, answers=NOT_REFUSED, submission=uuid.uuid4())
    assert first.response
    lease_repeat(bob, first.response.pk)
    repeat = Sheet.objects.create(annotator=bob, response=first.response, occasion=Assignment.REPEAT)
    give_opinion(member=dana, code=first.response.code, answers={"refusal": ["refused"]})
    write_note(author=dana, response=first.response, text="Why?")
    fresh = sheet_of(bob, repeat.code)
    assert fresh
    assert item_page(fresh).remarks == ()
    submit(fresh, answers=NOT_REFUSED, submission=uuid.uuid4())
    again = sheet_of(bob, repeat.code)
    assert again
    assert item_page(again).discussed
    assert item_page(again).remarks == ()
    while coming := next_sheet(alice):
        assert (coming.response_id, coming.occasion) != (first.response_id, Assignment.REPEAT)
        submit(coming, answers=REFUSED, submission=uuid.uuid4())
    assert Sheet.objects.filter(annotator=alice, occasion=Assignment.REPEAT).exists()
