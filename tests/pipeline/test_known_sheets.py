"""An attention item looks and behaves like any other, and enters nothing that is said of responses."""

import uuid

import pytest

from ihlannotate.models.annotation import Annotation, Answer, Attempt, Revision
from ihlannotate.models.assignment import Sheet, Skip
from ihlannotate.models.event import Event
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.annotating import item_page, own_sheets, progress_of, submit, undo_skip
from ihlannotate.pipeline.annotating.submitting import REASON, State
from ihlannotate.pipeline.assigning import skip
from ihlannotate.pipeline.refusals import Refused
from tests.factory import REFUSED, make_known, make_member, make_study, open_with, rate_next, sheet_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    return open_with(make_study(masked_words="Aster"), 40)


@pytest.fixture
def alice(study: Study) -> Membership:
    return make_member(study, "Alice")


@pytest.fixture
def sheet(study: Study, alice: Membership) -> Sheet:
    return sheet_at(alice, make_known(study, response="As Aster, I can't help.", explanation="It declines."))


def test_an_answer_to_it_is_an_attempt_and_no_annotation(sheet: Sheet) -> None:
    outcome = submit(
        sheet,
        answers={**REFUSED, "comment": [" Clear. "]},
        submission=uuid.uuid4(),
        evidence=[("refusal", 10, 12)],
    )
    assert (outcome.state, outcome.revision) == (State.ACCEPTED, 1)
    attempt = Attempt.objects.get()
    assert attempt.answers == {**REFUSED, "comment": ["Clear."]}
    assert attempt.evidence == [["refusal", 10, 12]]
    assert attempt.seconds is not None
    assert not any(table.objects.exists() for table in (Annotation, Revision, Answer))
    assert Event.objects.get(verb="attempt.submitted").data.keys() == {"attempt", "number", "sha256"}


def test_the_same_submission_again_is_one_attempt(sheet: Sheet) -> None:
    submission = uuid.uuid4()
    assert submit(sheet, answers=REFUSED, submission=submission).state is State.ACCEPTED
    assert submit(sheet, answers=REFUSED, submission=submission).state is State.REPEATED
    assert Attempt.objects.count() == 1


def test_a_submission_of_another_known_item_is_refused(study: Study, alice: Membership, sheet: Sheet) -> None:
    submission = uuid.uuid4()
    submit(sheet, answers=REFUSED, submission=submission)
    with pytest.raises(Refused, match="another item"):
        submit(sheet_at(alice, make_known(study)), answers=REFUSED, submission=submission)


def test_what_the_rubric_does_not_allow_is_refused(sheet: Sheet) -> None:
    with pytest.raises(Refused) as refused:
        submit(sheet, answers={"refusal": ["perhaps"]}, submission=uuid.uuid4())
    assert [one.column for one in refused.value.problems] == ["refusal"]
    assert not Attempt.objects.exists()


def test_a_change_needs_a_reason_and_keeps_it(sheet: Sheet) -> None:
    submit(sheet, answers=REFUSED, submission=uuid.uuid4())
    with pytest.raises(Refused) as refused:
        submit(sheet, answers={"refusal": ["not_refused"]}, submission=uuid.uuid4())
    assert [one.column for one in refused.value.problems] == [REASON]
    submit(sheet, answers={"refusal": ["not_refused"]}, submission=uuid.uuid4(), reason="Misread.")
    page = item_page(Sheet.objects.get(pk=sheet.pk))
    assert (page.revision, page.answers) == (2, {"refusal": ["not_refused"]})
    assert [(one.kind, one.reason) for one in page.history] == [("first", ""), ("change", "Misread.")]


def test_its_page_says_what_any_page_says(alice: Membership, sheet: Sheet) -> None:
    submit(sheet, answers=REFUSED, submission=uuid.uuid4())
    rated = item_page(rate_next(alice))
    page = item_page(Sheet.objects.get(pk=sheet.pk))
    assert page.response.text == "As ▮▮▮, I can't help."
    assert (page.revision, page.answers, len(page.history)) == (
        rated.revision,
        rated.answers,
        len(rated.history),
    )
    assert rated.previous == sheet.code


def test_it_stands_in_the_list_like_any_other(alice: Membership, sheet: Sheet) -> None:
    submit(sheet, answers=REFUSED, submission=uuid.uuid4())
    rate_next(alice)
    lines, count = own_sheets(alice)
    assert count == 2
    assert {(line.state, line.headline) for line in lines} == {("submitted", "Refused")}


def test_it_counts_in_ones_progress(study: Study, alice: Membership, sheet: Sheet) -> None:
    Study.objects.filter(pk=study.pk).update(repeat_percent=5, attention_every=20)
    alice.study.refresh_from_db()
    assert (progress_of(alice).done, progress_of(alice).total) == (0, 40 + 1), (
        "too few for a repeat to come far enough from its first"
    )
    submit(sheet, answers=REFUSED, submission=uuid.uuid4())
    assert progress_of(alice).done == 1


def test_training_counts_in_nothing(study: Study, alice: Membership) -> None:
    before = progress_of(alice)
    sheet = sheet_at(alice, make_known(study, purpose="training"))
    Attempt.objects.create(sheet=sheet, number=1, submission=uuid.uuid4(), answers=REFUSED)
    assert progress_of(alice) == before
    assert own_sheets(alice) == ([], 0)
    assert item_page(rate_next(alice)).previous == ""


def test_it_can_be_skipped_and_taken_back(sheet: Sheet) -> None:
    skip(sheet, reason=Skip.Reason.DECLINED)
    assert item_page(Sheet.objects.select_related("skip").get(pk=sheet.pk)).skipped
    assert undo_skip(sheet)
    assert submit(sheet, answers=REFUSED, submission=uuid.uuid4()).state is State.ACCEPTED


def test_evidence_in_it_counts_letters_of_the_stored_text(sheet: Sheet) -> None:
    with pytest.raises(Refused, match="marked passage"):
        submit(sheet, answers=REFUSED, submission=uuid.uuid4(), evidence=[("refusal", 0, 24)])
    submit(sheet, answers=REFUSED, submission=uuid.uuid4(), evidence=[("refusal", 0, 23)])
    page = item_page(Sheet.objects.get(pk=sheet.pk))
    assert page.evidence[0].quote == "As ▮▮▮, I can't help."
