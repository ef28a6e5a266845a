"""Passages marked as evidence: places in the stored text, kept with their revision, quoted from the masked text."""

import uuid

import pytest

from ihlannotate.models.annotation import Evidence, Revision
from ihlannotate.models.assignment import Sheet
from ihlannotate.pipeline.annotating import Mark, item_page, submit
from ihlannotate.pipeline.annotating.evidence import MAX_QUOTE, passages
from ihlannotate.pipeline.annotating.submitting import State
from ihlannotate.pipeline.masking import masked
from ihlannotate.pipeline.refusals import Refused
from tests.factory import REFUSED, make_member, make_study, open_with, take_sheet

pytestmark = pytest.mark.django_db
TEXT = "As Aster, I can't help 🙂. The Aster rules forbid it."


@pytest.fixture
def sheet() -> Sheet:
    study = open_with(make_study(masked_words="Aster"), [TEXT])
    return take_sheet(make_member(study, "Alice"))


def send(sheet: Sheet, *marks: tuple[str, int, int], reason: str = "") -> State:
    return submit(sheet, answers=REFUSED, submission=uuid.uuid4(), evidence=marks, reason=reason).state


def stored(number: int) -> list[tuple[str, int, int]]:
    rows = Evidence.objects.filter(revision__number=number).order_by("pk")
    return list(rows.values_list("criterion__key", "start", "end"))


def test_marks_are_kept_with_the_revision_each_once(sheet: Sheet) -> None:
    send(sheet, ("refusal", 10, 22), ("comment", 0, 2), ("refusal", 10, 22))
    assert stored(1) == [("refusal", 10, 22), ("comment", 0, 2)]


def test_a_change_has_the_marks_that_it_sends_and_no_others(sheet: Sheet) -> None:
    send(sheet, ("refusal", 10, 22))
    send(sheet, ("helpfulness", 0, 5), reason="Marked the wrong words.")
    assert (stored(1), stored(2)) == ([("refusal", 10, 22)], [("helpfulness", 0, 5)])
    page = item_page(Sheet.objects.get(pk=sheet.pk))
    assert [one.criterion for one in page.evidence] == ["helpfulness"]


def test_other_marks_for_the_same_answers_are_a_change(sheet: Sheet) -> None:
    send(sheet, ("refusal", 10, 22))
    with pytest.raises(Refused, match="why you change"):
        send(sheet)
    assert send(sheet, ("refusal", 10, 22)) is State.REPEATED
    assert Revision.objects.count() == 1


@pytest.mark.parametrize(
    "mark",
    [
        ("refusal", 3, 3),
        ("refusal", 5, 3),
        ("refusal", 0, len(TEXT) + 1),
        ("colour", 0, 1),
        ("refusal", -2, 1),
    ],
)
def test_a_mark_that_is_not_in_the_text_is_refused_and_changes_nothing(
    sheet: Sheet, mark: tuple[str, int, int]
) -> None:
    with pytest.raises(Refused, match="marked passage") as refused:
        send(sheet, mark)
    assert refused.value.problems
    assert not Revision.objects.exists()


def test_at_most_fifty_marks_are_taken(sheet: Sheet) -> None:
    with pytest.raises(Refused, match="At most 50"):
        send(sheet, *(("refusal", 0, end) for end in range(1, 52)))
    assert send(sheet, *(("refusal", 0, end) for end in range(1, 51))) is State.ACCEPTED


def quotes(*marks: tuple[int, int]) -> list[str]:
    found = passages(masked(TEXT, "Aster"), [Mark("refusal", *one) for one in marks])
    return [one.quote for one in found]


def test_a_quote_shows_a_bar_where_the_text_does() -> None:
    assert quotes((0, 22)) == ["As ▮▮▮, I can't help"]
    assert quotes((3, 8)) == ["▮▮▮"]
    assert quotes((4, 6)) == ["▮▮▮"], "no letter of what a bar hides"
    assert quotes((10, 24)) == ["I can't help 🙂"]
    start = TEXT.index("rules")
    assert quotes((start, start + 5)) == ["rules"]
    assert quotes((start - 6, start + 5)) == ["▮▮▮ rules"]


def test_quotes_come_in_the_order_of_the_text() -> None:
    assert quotes((10, 15), (0, 2)) == ["As", "I can"]


def test_a_long_quote_is_cut() -> None:
    quote = passages(masked("x" * 500, ""), [Mark("refusal", 0, 500)])[0].quote
    assert len(quote) == MAX_QUOTE
    assert quote.endswith("…")
