"""Taking back the last submission: it no longer counts, nothing is erased, its answers are the draft."""

import uuid
from collections.abc import Mapping, Sequence

import pytest

from ihlannotate.models.annotation import Annotation, Answer, Attempt, Revision
from ihlannotate.models.assignment import Assignment, Sheet, Skip
from ihlannotate.models.event import Event, first_broken
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.annotating import ItemPage, item_page, progress_of, submit, withdraw
from ihlannotate.pipeline.annotating.submitting import REASON, State
from ihlannotate.pipeline.assigning import expire_leases, next_sheet, skip
from ihlannotate.pipeline.lifecycle import close_study
from ihlannotate.pipeline.refusals import Refused
from tests.factory import (
    REFUSED,
    make_known,
    make_member,
    make_study,
    open_with,
    rate_next,
    run_out,
    sheet_at,
    take_sheet,
)

pytestmark = pytest.mark.django_db
COMPLIED = {"refusal": ["not_refused"]}
MARK = ("refusal", 0, 6)


@pytest.fixture
def study() -> Study:
    return open_with(make_study(), 3)


@pytest.fixture
def alice(study: Study) -> Membership:
    return make_member(study, "Alice")


@pytest.fixture(params=["response", "attention"])
def sheet(request: pytest.FixtureRequest, study: Study, alice: Membership) -> Sheet:
    """An item in hand: what holds of a response holds of an attention item."""
    return take_sheet(alice) if request.param == "response" else sheet_at(alice, make_known(study))


def send(
    sheet: Sheet, answers: Mapping[str, Sequence[str]] = REFUSED, reason: str = "", **more: object
) -> State:
    return submit(sheet, answers=answers, submission=uuid.uuid4(), reason=reason, **more).state


def page_of(sheet: Sheet) -> ItemPage:
    return item_page(Sheet.objects.get(pk=sheet.pk))


def live(sheet: Sheet) -> dict[str, str]:
    """The answers that count now, by criterion."""
    if sheet.known_id:
        last = Attempt.objects.filter(sheet=sheet).order_by("number").last()
        return {} if last is None or last.withdrawn else {key: one[0] for key, one in last.answers.items()}
    answers = Answer.objects.filter(annotator=sheet.annotator_id, response=sheet.response_id, live=True)
    return {key: value or text for key, value, text in answers.values_list("criterion__key", "value", "text")}


def everything() -> list[object]:
    tables = (Annotation, Revision, Answer, Attempt, Assignment, Sheet, Skip, Event)
    return [list(table.objects.order_by("pk").values()) for table in tables]


def test_what_is_taken_back_no_longer_counts_and_is_the_draft(alice: Membership, sheet: Sheet) -> None:
    send(sheet, evidence=[MARK])
    before = progress_of(alice)
    assert withdraw(alice) == sheet
    assert live(sheet) == {}
    assert progress_of(alice).done == before.done - 1
    page = page_of(sheet)
    assert (page.revision, page.taken_back, page.answers) == (0, True, REFUSED)
    assert [(one.criterion, one.start, one.end) for one in page.evidence] == [MARK]
    assert [one.kind for one in page.history] == ["first", "taken_back"]


def test_the_item_is_in_hand_again(alice: Membership, sheet: Sheet) -> None:
    send(sheet)
    withdraw(alice)
    assert next_sheet(alice) == sheet


def test_it_counts_again_once_submitted_again_and_needs_no_reason(alice: Membership, sheet: Sheet) -> None:
    send(sheet)
    withdraw(alice)
    assert send(sheet, COMPLIED) is State.ACCEPTED
    assert live(sheet) == {"refusal": "not_refused"}
    assert [one.kind for one in page_of(sheet).history] == ["first", "taken_back", "again"]
    assert not page_of(sheet).taken_back
    assert next_sheet(alice) != sheet


def test_taking_back_twice_is_taking_back_once(alice: Membership, sheet: Sheet) -> None:
    send(sheet)
    withdraw(alice)
    before = everything()
    assert withdraw(alice) == sheet
    assert everything() == before


def test_of_a_change_the_answers_before_count_again(alice: Membership, sheet: Sheet) -> None:
    send(sheet, evidence=[MARK])
    send(sheet, COMPLIED, "Misread.")
    assert withdraw(alice) == sheet
    assert live(sheet) == {key: values[0] for key, values in REFUSED.items()}
    page = page_of(sheet)
    assert (page.revision, page.taken_back, page.answers) == (3, True, COMPLIED)
    assert [(one.kind, one.reason) for one in page.history] == [
        ("first", ""),
        ("change", "Misread."),
        ("change_taken_back", ""),
    ]
    before = everything()
    withdraw(alice)
    assert everything() == before


def test_a_change_after_a_change_was_taken_back_needs_a_reason_again(alice: Membership, sheet: Sheet) -> None:
    send(sheet)
    send(sheet, COMPLIED, "Misread.")
    withdraw(alice)
    with pytest.raises(Refused) as refused:
        send(sheet, COMPLIED)
    assert [one.column for one in refused.value.problems] == [REASON]


def test_what_was_submitted_again_can_be_taken_back_again(alice: Membership, sheet: Sheet) -> None:
    send(sheet)
    withdraw(alice)
    send(sheet, COMPLIED)
    withdraw(alice)
    assert live(sheet) == {}
    assert page_of(sheet).answers == COMPLIED


def test_it_stands_in_the_log_and_nothing_is_erased(alice: Membership, sheet: Sheet) -> None:
    send(sheet)
    first = (Attempt if sheet.known_id else Revision).objects.values().get()
    withdraw(alice)
    event = Event.objects.order_by("number").last()
    assert event.verb == ("attempt.withdrawn" if sheet.known_id else "annotation.withdrawn")
    assert event.actor == alice.user
    assert first_broken(alice.study) is None
    assert (Attempt if sheet.known_id else Revision).objects.values().get(number=1) == first


def test_the_newest_submission_is_taken_back_of_whatever_kind(study: Study, alice: Membership) -> None:
    first = rate_next(alice)
    known = sheet_at(alice, make_known(study))
    send(known)
    assert withdraw(alice, code=known.code) == known
    send(known)
    second = rate_next(alice)
    with pytest.raises(Refused, match="another item since"):
        withdraw(alice, code=first.code)
    assert withdraw(alice, code=second.code) == second


def test_training_is_not_taken_back(study: Study, alice: Membership) -> None:
    sheet = sheet_at(alice, make_known(study, purpose="training"))
    Attempt.objects.create(sheet=sheet, number=1, submission=uuid.uuid4(), answers={})
    assert withdraw(alice) is None


def test_without_a_submission_there_is_nothing_to_take_back(alice: Membership) -> None:
    take_sheet(alice)
    before = everything()
    assert withdraw(alice) is None
    assert everything() == before


def test_nothing_is_taken_back_after_closing(study: Study, alice: Membership, sheet: Sheet) -> None:
    send(sheet)
    close_study(study, actor=None)
    before = everything()
    with pytest.raises(Refused, match="closed"):
        withdraw(alice)
    assert everything() == before


def test_others_submissions_are_theirs(study: Study, alice: Membership) -> None:
    rate_next(make_member(study, "Bob"))
    assert withdraw(alice) is None


def test_a_rating_that_was_taken_back_and_left_goes_to_somebody_else_and_comes_back_where_a_slot_is_open() -> (
    None
):
    study = open_with(make_study(slug="one", overlap=1), 1)
    alice, bob = make_member(study, "Alice"), make_member(study, "Bob")
    sheet = rate_next(alice)
    withdraw(alice)
    run_out(sheet)
    expire_leases(study)
    assert withdraw(alice) is None
    assert send(sheet, COMPLIED) is State.ACCEPTED
    assert live(sheet) == {"refusal": "not_refused"}
    assert Annotation.objects.filter(assignment__annotator=alice).count() == 1
    assert next_sheet(bob) is None


def test_a_rating_that_was_taken_back_can_be_skipped(alice: Membership) -> None:
    sheet = rate_next(alice)
    withdraw(alice)
    skip(sheet, reason=Skip.Reason.CONFLICT)
    assert next_sheet(alice) != sheet
    with pytest.raises(Refused, match="skipped"):
        send(sheet)
