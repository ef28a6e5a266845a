"""Drafts, submissions and revisions: what was acknowledged is there, once, and the first stays readable."""

import uuid
from collections.abc import Mapping, Sequence

import pytest
from django.db import IntegrityError, connection, transaction

from ihlannotate.models.annotation import Annotation, Answer, Revision
from ihlannotate.models.assignment import Assignment, Sheet, Skip
from ihlannotate.models.event import Event, first_broken
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.annotating import item_page, own_sheets, progress_of, sheet_of, submit
from ihlannotate.pipeline.annotating.drafts import MAX_DRAFT_BYTES
from ihlannotate.pipeline.annotating.submitting import State
from ihlannotate.pipeline.assigning import skip
from ihlannotate.pipeline.lifecycle import close_study
from ihlannotate.pipeline.refusals import Refused
from tests.factory import (
    REFUSED,
    keep_draft,
    make_member,
    make_study,
    open_with,
    rate_next,
    run_out,
    take_sheet,
)

pytestmark = pytest.mark.django_db
COMPLIED = {"refusal": ["not_refused"]}


@pytest.fixture
def study() -> Study:
    return open_with(make_study(), 3)


@pytest.fixture
def alice(study: Study) -> Membership:
    return make_member(study, "Alice")


@pytest.fixture
def bob(study: Study) -> Membership:
    return make_member(study, "Bob")


def live(sheet: Sheet) -> dict[str, str]:
    """The answers that count now, by criterion."""
    answers = Answer.objects.filter(annotator=sheet.annotator_id, response=sheet.response_id, live=True)
    return {key: value or text for key, value, text in answers.values_list("criterion__key", "value", "text")}


def send(
    sheet: Sheet,
    answers: Mapping[str, Sequence[str]] = REFUSED,
    submission: uuid.UUID | None = None,
    reason: str = "",
) -> State:
    return submit(sheet, answers=answers, submission=submission or uuid.uuid4(), reason=reason).state


def _everything() -> list[object]:
    tables = (Annotation, Revision, Answer, Assignment, Sheet, Skip, Event)
    return [list(table.objects.order_by("pk").values()) for table in tables]


def test_a_submission_is_an_annotation_with_its_answers_on_the_record(alice: Membership) -> None:
    sheet = take_sheet(alice)
    assert send(sheet, {**REFUSED, "comment": [" Clear. "]}) is State.ACCEPTED
    assert live(sheet) == {"refusal": "refused", "helpfulness": "2", "comment": "Clear."}
    assert Assignment.objects.get(annotator=alice).leased_until is None
    event = Event.objects.get(verb="annotation.submitted")
    assert event.actor == alice.user
    assert event.data.keys() == {"annotation", "revision", "sha256"}
    assert first_broken(alice.study) is None


def test_the_same_submission_again_is_one_annotation(alice: Membership) -> None:
    sheet, submission = take_sheet(alice), uuid.uuid4()
    send(sheet, REFUSED, submission)
    before = _everything()
    assert send(sheet, COMPLIED, submission) is State.REPEATED
    assert _everything() == before


def test_a_later_submission_is_a_revision_and_the_first_stays_readable(alice: Membership) -> None:
    sheet = take_sheet(alice)
    send(sheet)
    assert submit(sheet, answers=COMPLIED, submission=uuid.uuid4(), reason="Misread.").revision == 2
    assert live(sheet) == {"refusal": "not_refused"}
    first, second = Revision.objects.order_by("number")
    assert (first.reason, second.reason) == ("", "Misread.")
    assert set(first.answers.values_list("criterion__key", "value", "live")) == {
        ("refusal", "refused", False),
        ("helpfulness", "2", False),
    }
    assert Annotation.objects.count() == 1


@pytest.mark.parametrize(
    ("answers", "column"),
    [
        ({}, "refusal"),
        ({"refusal": ["perhaps"]}, "refusal"),
        ({"refusal": ["refused"]}, "helpfulness"),
        ({"refusal": ["not_refused"], "helpfulness": ["2"]}, "helpfulness"),
        ({"refusal": ["refused", "not_refused"], "helpfulness": ["2"]}, "refusal"),
        ({**REFUSED, "comment": ["x" * 10_001]}, "comment"),
    ],
)
def test_answers_that_the_rubric_does_not_allow_change_nothing_and_name_the_question(
    alice: Membership, answers: dict[str, list[str]], column: str
) -> None:
    sheet = take_sheet(alice)
    before = _everything()
    with pytest.raises(Refused) as refused:
        send(sheet, answers)
    assert column in [one.column for one in refused.value.problems]
    assert _everything() == before


def test_answers_to_questions_that_the_rubric_does_not_have_are_left_out(alice: Membership) -> None:
    sheet = take_sheet(alice)
    send(sheet, {**REFUSED, "csrfmiddlewaretoken": ["x"]})
    assert live(sheet) == {"refusal": "refused", "helpfulness": "2"}


def test_answers_are_kept_when_the_slot_has_gone() -> None:
    study = open_with(make_study(slug="one", overlap=1), 1)
    alice, bob = make_member(study, "Alice"), make_member(study, "Bob")
    sheet = take_sheet(alice)
    run_out(sheet)
    rate_next(bob)
    assert send(sheet) is State.KEPT
    sheet.refresh_from_db()
    assert sheet.draft == REFUSED
    assert Annotation.objects.count() == 1


def test_a_lease_that_ran_out_can_still_be_used_while_a_slot_is_open(alice: Membership) -> None:
    sheet = take_sheet(alice)
    Assignment.objects.filter(annotator=alice).update(annotator=None, leased_until=None)
    assert send(sheet) is State.ACCEPTED
    assert Assignment.objects.get(annotator=alice).response_id == sheet.response_id


def test_a_submission_that_belongs_to_another_item_is_refused(alice: Membership) -> None:
    submission = uuid.uuid4()
    send(take_sheet(alice), REFUSED, submission)
    second = take_sheet(alice)
    before = _everything()
    with pytest.raises(Refused, match="another item"):
        send(second, REFUSED, submission)
    assert _everything() == before


def test_a_submission_that_belongs_to_another_annotator_is_refused(
    alice: Membership, bob: Membership
) -> None:
    submission = uuid.uuid4()
    send(take_sheet(alice), REFUSED, submission)
    with pytest.raises(Refused, match="another item"):
        send(take_sheet(bob), REFUSED, submission)
    assert Annotation.objects.count() == 1


def test_a_skipped_item_is_not_rated(alice: Membership) -> None:
    sheet = take_sheet(alice)
    skip(sheet, reason=Skip.Reason.UNCLEAR)
    with pytest.raises(Refused, match="skipped"):
        send(sheet)
    assert not Annotation.objects.exists()


def test_a_draft_is_kept_incomplete_as_it_is(alice: Membership) -> None:
    sheet = take_sheet(alice)
    keep_draft(sheet, {"refusal": ["refused"], "comment": [""]})
    page = item_page(Sheet.objects.get(pk=sheet.pk))
    assert page.answers == {"refusal": ["refused"]}
    assert page.draft_saved_at is not None
    assert not Annotation.objects.exists()


def test_a_draft_gives_way_to_its_submission(alice: Membership) -> None:
    sheet = take_sheet(alice)
    keep_draft(sheet, COMPLIED)
    send(sheet)
    page = item_page(Sheet.objects.get(pk=sheet.pk))
    assert (page.answers, page.draft_saved_at, page.revision) == (REFUSED, None, 1)


def test_a_draft_outlives_its_lease(alice: Membership) -> None:
    sheet = take_sheet(alice)
    keep_draft(sheet, COMPLIED)
    Assignment.objects.filter(annotator=alice).update(annotator=None, leased_until=None)
    keep_draft(sheet, {**COMPLIED, "comment": ["More."]})
    assert Sheet.objects.get(pk=sheet.pk).draft == {**COMPLIED, "comment": ["More."]}


def test_a_draft_that_nobody_could_have_written_is_refused(alice: Membership) -> None:
    sheet = take_sheet(alice)
    with pytest.raises(Refused, match="too long"):
        keep_draft(sheet, {"comment": ["x" * MAX_DRAFT_BYTES]})
    assert Sheet.objects.get(pk=sheet.pk).draft == {}


def test_a_closed_study_takes_neither_submission_nor_draft_but_acknowledges_again(
    study: Study, alice: Membership
) -> None:
    submission = uuid.uuid4()
    first, second = rate_next(alice), take_sheet(alice)
    send(second, REFUSED, submission)
    third = take_sheet(alice)
    close_study(study, actor=None)
    before = _everything()
    for act in (lambda: send(first), lambda: send(third), lambda: keep_draft(_fresh(third), REFUSED)):
        with pytest.raises(Refused, match="closed"):
            act()
    assert send(second, REFUSED, submission) is State.REPEATED
    assert _everything() == before


def _fresh(sheet: Sheet) -> Sheet:
    return Sheet.objects.get(pk=sheet.pk)


def test_a_submission_that_cannot_be_recorded_is_none(alice: Membership) -> None:
    sheet = take_sheet(alice)
    before = _everything()
    body = (
        "FOR EACH ROW EXECUTE FUNCTION ihlannotate_append_only()"
        if connection.vendor == "postgresql"
        else "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
    )
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TRIGGER full_log BEFORE INSERT ON ihlannotate_event {body}")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        send(sheet)
    assert _everything() == before


def test_another_persons_sheet_is_nobodys(alice: Membership, bob: Membership) -> None:
    sheet = take_sheet(alice)
    assert sheet_of(alice, sheet.code) == sheet
    assert sheet_of(bob, sheet.code) is None
    assert sheet_of(alice, "nothing") is None


def test_progress_tells_of_ones_own_work_only(alice: Membership, bob: Membership) -> None:
    before = progress_of(alice)
    rate_next(bob)
    assert progress_of(alice) == before
    rate_next(alice)
    assert (progress_of(alice).done, progress_of(alice).total) == (1, 3)


def test_ones_own_sheets_are_listed_newest_first_with_what_became_of_them(alice: Membership) -> None:
    rated = rate_next(alice)
    passed = take_sheet(alice)
    skip(passed, reason=Skip.Reason.UNCLEAR)
    drafted = take_sheet(alice)
    keep_draft(drafted, COMPLIED)
    lines, count = own_sheets(alice)
    assert count == 3
    assert [(line.code, line.state) for line in lines] == [
        (drafted.code, "draft"),
        (passed.code, "skipped"),
        (rated.code, "submitted"),
    ]


def test_a_page_of_the_same_item_shows_two_annotators_two_codes() -> None:
    study = open_with(make_study(slug="one"), 1)
    sheets = [take_sheet(make_member(study, name)) for name in ("Alice", "Bob")]
    assert sheets[0].response_id == sheets[1].response_id
    assert sheets[0].code != sheets[1].code
    assert sheets[0].response.code not in (sheets[0].code, sheets[1].code)
