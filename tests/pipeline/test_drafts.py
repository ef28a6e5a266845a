"""Drafts: whatever order they arrive in, the newest answers of the form that is open are what is kept."""

import uuid

import pytest

from ihlannotate.models.assignment import Sheet
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.annotating import item_page, save_draft, submit, withdraw
from ihlannotate.pipeline.lifecycle import close_study
from ihlannotate.pipeline.refusals import Refused
from tests.factory import (
    REFUSED,
    keep_draft,
    make_known,
    make_member,
    make_study,
    open_with,
    sheet_at,
    take_sheet,
)

pytestmark = pytest.mark.django_db
COMPLIED = {"refusal": ["not_refused"]}
PAGE, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)


@pytest.fixture
def study() -> Study:
    return open_with(make_study(), 3)


@pytest.fixture
def sheet(study: Study) -> Sheet:
    return take_sheet(make_member(study, "Alice"))


def row(sheet: Sheet) -> dict[str, object]:
    return Sheet.objects.filter(pk=sheet.pk).values().get()


def test_a_later_draft_of_the_same_form_takes_the_place_of_the_earlier(sheet: Sheet) -> None:
    assert save_draft(sheet, COMPLIED, page=PAGE, base=0, sequence=1)
    assert save_draft(sheet, REFUSED, page=PAGE, base=0, sequence=3)
    kept = row(sheet)
    assert kept["draft"] == REFUSED
    assert (kept["draft_number"], kept["draft_page"], kept["draft_sequence"]) == (2, PAGE, 3)


def test_the_same_draft_again_changes_nothing(sheet: Sheet) -> None:
    save_draft(sheet, COMPLIED, page=PAGE, base=0, sequence=1)
    before = row(sheet)
    assert not save_draft(sheet, REFUSED, page=PAGE, base=0, sequence=1)
    assert row(sheet) == before


def test_a_draft_that_arrives_late_does_not_undo_a_newer_one(sheet: Sheet) -> None:
    save_draft(sheet, REFUSED, page=PAGE, base=0, sequence=2)
    before = row(sheet)
    with pytest.raises(Refused, match="newer answers"):
        save_draft(sheet, COMPLIED, page=PAGE, base=0, sequence=1)
    assert row(sheet) == before


def test_a_form_opened_before_another_one_saved_does_not_overwrite_it(sheet: Sheet) -> None:
    save_draft(sheet, REFUSED, page=PAGE, base=0, sequence=1)
    before = row(sheet)
    with pytest.raises(Refused, match="another tab"):
        save_draft(sheet, COMPLIED, page=OTHER, base=0, sequence=1)
    assert row(sheet) == before


def test_a_form_that_has_seen_the_newest_draft_goes_on_from_it(sheet: Sheet) -> None:
    save_draft(sheet, REFUSED, page=PAGE, base=0, sequence=5)
    assert item_page(Sheet.objects.get(pk=sheet.pk)).draft_base == 1
    assert save_draft(sheet, COMPLIED, page=OTHER, base=1, sequence=1)
    with pytest.raises(Refused, match="another tab"):
        save_draft(sheet, REFUSED, page=PAGE, base=0, sequence=6)
    assert row(sheet)["draft"] == COMPLIED


def test_no_draft_comes_after_the_submission_of_its_form(sheet: Sheet) -> None:
    save_draft(sheet, COMPLIED, page=PAGE, base=0, sequence=1)
    submit(sheet, answers=REFUSED, submission=PAGE)
    before = row(sheet)
    assert before["draft"] == {}
    for base in (0, 1):
        with pytest.raises(Refused, match="already submitted"):
            save_draft(sheet, COMPLIED, page=PAGE, base=base, sequence=2)
        with pytest.raises(Refused, match="another tab"):
            save_draft(sheet, COMPLIED, page=OTHER, base=base, sequence=2)
    assert row(sheet) == before


def test_answers_that_were_taken_back_are_not_replaced_by_a_draft_from_before(sheet: Sheet) -> None:
    submit(sheet, answers=REFUSED, submission=PAGE)
    withdraw(sheet.annotator)
    before = row(sheet)
    assert before["draft"] == REFUSED
    for page in (PAGE, OTHER):
        with pytest.raises(Refused, match="another tab"):
            save_draft(sheet, COMPLIED, page=page, base=0, sequence=9)
    assert row(sheet) == before


def test_evidence_is_part_of_a_draft(sheet: Sheet) -> None:
    keep_draft(sheet, REFUSED, evidence=[("refusal", 0, 6), ("refusal", 0, 6)])
    assert row(sheet)["evidence"] == [["refusal", 0, 6]]
    page = item_page(Sheet.objects.get(pk=sheet.pk))
    assert [(one.criterion, one.quote) for one in page.evidence] == [("refusal", "I won'")]


def test_a_draft_with_evidence_from_elsewhere_changes_nothing(sheet: Sheet) -> None:
    before = row(sheet)
    for forged in (("refusal", 0, 10_000), ("refusal", 5, 5), ("colour", 0, 1), ("refusal", -1, 4)):
        with pytest.raises(Refused, match="marked passage"):
            keep_draft(sheet, REFUSED, evidence=[forged])
    with pytest.raises(Refused, match="At most 50"):
        keep_draft(sheet, REFUSED, evidence=[("refusal", 0, end) for end in range(1, 52)])
    assert row(sheet) == before


def test_a_draft_of_an_emptied_form_is_empty(study: Study, sheet: Sheet) -> None:
    submit(sheet, answers=REFUSED, submission=PAGE)
    keep_draft(sheet, {})
    page = item_page(Sheet.objects.get(pk=sheet.pk))
    assert (page.answers, page.revision) == ({}, 1)


def test_characters_that_no_database_keeps_are_left_out(sheet: Sheet) -> None:
    keep_draft(sheet, {"comment": ["a\0b"]})
    assert row(sheet)["draft"] == {"comment": ["ab"]}


def test_training_may_come_before_opening_and_not_after_closing() -> None:
    study = make_study()
    sheet = sheet_at(make_member(study, "Alice"), make_known(study, purpose="training"))
    assert keep_draft(sheet)
    open_with(study, 1)
    close_study(study, actor=None)
    with pytest.raises(Refused, match="closed"):
        keep_draft(Sheet.objects.get(pk=sheet.pk))


def test_an_item_is_not_kept_before_opening_or_after_closing(study: Study, sheet: Sheet) -> None:
    close_study(study, actor=None)
    with pytest.raises(Refused, match="closed"):
        keep_draft(Sheet.objects.get(pk=sheet.pk))


def test_two_members_drafts_are_their_own(study: Study, sheet: Sheet) -> None:
    bob: Membership = make_member(study, "Bob")
    keep_draft(sheet, REFUSED)
    keep_draft(take_sheet(bob), COMPLIED)
    assert row(sheet)["draft"] == REFUSED
