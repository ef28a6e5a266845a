"""Silent repeats and attention items: when they come, that they take no slot, and that no first rating sees them."""

import csv
import itertools
import uuid
from collections import Counter
from pathlib import Path

import pytest

from ihlannotate.models.annotation import Annotation, Answer
from ihlannotate.models.assignment import Assignment, Sheet
from ihlannotate.models.gold import GoldLabel
from ihlannotate.models.known import KnownItem
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.agreement import agreement
from ihlannotate.pipeline.annotating import submit, undo_skip, withdraw
from ihlannotate.pipeline.annotating.submitting import State
from ihlannotate.pipeline.assigning import coverage_of, expire_leases, next_sheet, skip
from ihlannotate.pipeline.assigning.order import REPEAT_GAP
from ihlannotate.pipeline.exporting import export
from ihlannotate.pipeline.lifecycle import close_study
from ihlannotate.pipeline.releasing import release_gold
from tests.factory import (
    REFUSED,
    contested_in,
    keep_draft,
    make_member,
    make_study,
    open_with,
    rate_next,
    run_out,
    take_sheet,
)

pytestmark = pytest.mark.django_db
NOT_REFUSED = {"refusal": ["not_refused"]}


@pytest.fixture
def study() -> Study:
    """Forty-two items, k = 1, every fifth rating comes back, no attention items."""
    return open_with(make_study(overlap=1, repeat_percent=20, attention_every=0), 42)


@pytest.fixture
def alice(study: Study) -> Membership:
    return make_member(study, "Alice")


def until_repeat(member: Membership) -> Sheet:
    """Rate until a repeat is in hand."""
    for _ in range(60):
        sheet = take_sheet(member)
        if sheet.occasion == Assignment.REPEAT:
            return sheet
        submit(sheet, answers=REFUSED, submission=uuid.uuid4())
    raise AssertionError("no repeat came")


def rate_all(member: Membership) -> list[Sheet]:
    sheets = []
    while sheet := next_sheet(member):
        submit(sheet, answers=REFUSED, submission=uuid.uuid4())
        sheets.append(sheet)
    return sheets


def make_check(study: Study, name: str = "check", **fields: object) -> KnownItem:
    words = {"purpose": "attention", "position": 1, "prompt": "A request.", "response": "No.", "key": {}}
    return KnownItem.objects.create(study=study, name=name, **{**words, **fields})


def test_repeats_come_back_once_each_far_from_the_first(alice: Membership) -> None:
    sheets = rate_all(alice)
    order = [sheet.response_id for sheet in sheets if sheet.occasion == Assignment.FIRST]
    repeats = [sheet for sheet in sheets if sheet.occasion == Assignment.REPEAT]
    assert len(repeats) in (1, 2, 3)
    assert len({one.response_id for one in repeats}) == len(repeats)
    for one in repeats:
        first = next(n for n, sheet in enumerate(sheets) if sheet.response_id == one.response_id)
        assert sheets.index(one) - first > REPEAT_GAP
    assert len(order) == len(set(order)) == 42


def test_a_repeat_takes_no_slot_and_starts_empty(study: Study, alice: Membership) -> None:
    sheet = until_repeat(alice)
    lease = Assignment.objects.get(annotator=alice, response=sheet.response_id, occasion=Assignment.REPEAT)
    assert lease.slot is None
    assert lease.leased_until is not None
    assert (sheet.draft, sheet.evidence) == ({}, [])
    first = Sheet.objects.get(annotator=alice, response=sheet.response_id, occasion=Assignment.FIRST)
    assert sheet.code != first.code
    assert Assignment.objects.filter(response=sheet.response_id, slot__isnull=False).count() == study.overlap


def test_a_repeat_in_hand_is_the_next_item(alice: Membership) -> None:
    assert until_repeat(alice) == take_sheet(alice)


def test_a_revised_item_does_not_come_back_soon(study: Study, alice: Membership) -> None:
    """Whoever changes a rating sees the item again."""
    for _ in range(REPEAT_GAP + 1):
        rate_next(alice)
    for sheet in Sheet.objects.filter(annotator=alice).order_by("pk")[:11]:
        submit(sheet, answers=NOT_REFUSED, submission=uuid.uuid4(), reason="Read again.")
    revised = set(
        Sheet.objects.filter(annotator=alice).order_by("pk").values_list("response", flat=True)[:11]
    )
    later = rate_all(alice)
    assert not revised & {one.response_id for one in later if one.occasion == Assignment.REPEAT}


def test_a_skipped_repeat_leaves_no_row_and_does_not_come_back(alice: Membership) -> None:
    sheet = until_repeat(alice)
    skip(sheet, reason="declined")
    assert not Assignment.objects.filter(occasion=Assignment.REPEAT).exists()
    assert sheet not in rate_all(alice)
    assert Sheet.objects.filter(pk=sheet.pk).exists()


def test_a_skipped_repeat_can_be_taken_back_like_any_item(alice: Membership) -> None:
    sheet = until_repeat(alice)
    skip(sheet, reason="unclear")
    assert undo_skip(sheet)
    assert take_sheet(alice) == sheet


def test_a_repeat_whose_lease_ran_out_is_still_taken(study: Study, alice: Membership) -> None:
    sheet = until_repeat(alice)
    run_out(sheet)
    assert expire_leases(study) == 1
    assert not Assignment.objects.filter(occasion=Assignment.REPEAT).exists()
    assert submit(sheet, answers=REFUSED, submission=uuid.uuid4()).state is State.ACCEPTED
    assert Assignment.objects.get(occasion=Assignment.REPEAT).annotation


def test_a_lapsed_repeat_comes_back_when_nothing_new_is_left(study: Study, alice: Membership) -> None:
    sheet = until_repeat(alice)
    keep_draft(sheet, {"refusal": ["refused"]})
    run_out(sheet)
    expire_leases(study)
    later = rate_all(alice)
    assert sheet in later
    assert sheet.occasion == Assignment.REPEAT


def test_a_repeat_that_was_taken_back_and_given_up_goes_on_when_submitted_after_all(
    study: Study, alice: Membership
) -> None:
    sheet = until_repeat(alice)
    submit(sheet, answers=REFUSED, submission=uuid.uuid4())
    withdraw(alice)
    run_out(sheet)
    expire_leases(study)
    assert Assignment.objects.get(occasion=Assignment.GIVEN_UP).slot is None
    assert submit(sheet, answers=NOT_REFUSED, submission=uuid.uuid4()).revision == 3
    assert not Assignment.objects.filter(occasion=Assignment.GIVEN_UP).exists()
    assert Assignment.objects.filter(occasion=Assignment.REPEAT).count() == 1


def test_no_repeat_comes_where_the_study_wants_none() -> None:
    study = open_with(make_study(overlap=1, repeat_percent=0), 40)
    assert {one.occasion for one in rate_all(make_member(study, "Alice"))} == {Assignment.FIRST}


def test_a_repeat_enters_no_figure_of_first_ratings(tmp_path: Path) -> None:
    """Alice says otherwise on her repeat: agreement, contested items, coverage and gold do not change."""
    study = open_with(make_study(overlap=2, repeat_percent=20), 42)
    alice = make_member(study, "Alice")
    sheet = until_repeat(alice)
    rate_until(make_member(study, "Bob"), sheet)
    before = _figures(study)
    submit(sheet, answers=NOT_REFUSED, submission=uuid.uuid4())
    assert _figures(study) == before
    assert _occasions(study) == {(alice.pk, sheet.response_id, "refused", "not_refused")}
    close_study(study, actor=None)
    study.refresh_from_db()
    assert _exported_occasions(study, tmp_path / "all.csv")["2"] == 1
    release_gold(study, actor=None)
    assert GoldLabel.objects.get(response=sheet.response_id, criterion__key="refusal").value == "refused"


def rate_until(member: Membership, sheet: Sheet) -> None:
    """Rate until the response of that sheet is rated."""
    while rate_next(member).response_id != sheet.response_id:
        pass


def _figures(study: Study) -> object:
    found = agreement(study, replicates=10, detail=False)
    return found.as_dict(), coverage_of(study), contested_in(study)


def _exported_occasions(study: Study, path: Path) -> Counter[str]:
    export(study, path, what="annotations", format="csv", actor=None)
    with path.open(encoding="utf-8-sig", newline="") as file:
        return Counter(row["occasion"] for row in csv.DictReader(file))


def _occasions(study: Study) -> set[tuple[int, int, str, str]]:
    """What intra-annotator agreement reads: the live answers of both occasions, by annotator and response."""
    live = Answer.objects.filter(study=study, criterion__key="refusal", live=True)
    rows = live.values_list("annotator", "response", "value", "occasion")
    first = {row[:2]: row[2] for row in rows if row[3] == Assignment.FIRST}
    return {(*row[:2], first[row[:2]], row[2]) for row in rows if row[3] == Assignment.REPEAT}


def test_attention_items_come_among_the_others_each_once() -> None:
    study = open_with(make_study(overlap=1, attention_every=5, repeat_percent=0), 20)
    checks = {make_check(study, f"check {n}", position=n).pk for n in range(3)}
    alice = make_member(study, "Alice")
    sheets = rate_all(alice)
    came = [sheet.known_id for sheet in sheets if sheet.known_id]
    assert sorted(came) == sorted(checks)
    assert not Annotation.objects.filter(assignment__response=None).exists()
    places = [n for n, sheet in enumerate(sheets) if sheet.known_id]
    assert all(later - earlier > 1 for earlier, later in itertools.pairwise(places))


def test_an_attention_item_is_in_hand_until_it_is_submitted_or_skipped() -> None:
    study = open_with(make_study(overlap=1, attention_every=1), 5)
    make_check(study, "one")
    make_check(study, "two", position=2)
    alice = make_member(study, "Alice")
    sheet = take_sheet(alice)
    assert sheet.known_id
    assert take_sheet(alice) == sheet
    submit(sheet, answers=REFUSED, submission=uuid.uuid4())
    rate_next(alice)
    second = take_sheet(alice)
    assert second.known_id
    assert second.known_id != sheet.known_id
    skip(second, reason="declined")
    assert take_sheet(alice).response_id


def test_an_attention_item_that_was_taken_back_is_in_hand_again() -> None:
    study = open_with(make_study(overlap=1, attention_every=1), 5)
    make_check(study)
    alice = make_member(study, "Alice")
    sheet = rate_next(alice)
    following = take_sheet(alice)
    assert withdraw(alice) == sheet
    assert take_sheet(alice) == sheet
    submit(sheet, answers=REFUSED, submission=uuid.uuid4())
    assert take_sheet(alice) == following


@pytest.mark.parametrize("fields", [{"purpose": "training"}, {"retired": True}])
def test_neither_training_items_nor_retired_ones_come(fields: dict[str, object]) -> None:
    study = open_with(make_study(overlap=1, attention_every=1), 3)
    retired = study.opened_at if fields.pop("retired", False) else None
    make_check(study, retired_at=retired, **fields)
    assert not any(sheet.known_id for sheet in rate_all(make_member(study, "Alice")))


def test_attention_items_of_another_study_do_not_come() -> None:
    make_check(make_study(slug="other"))
    study = open_with(make_study(overlap=1, attention_every=1), 3)
    assert not any(sheet.known_id for sheet in rate_all(make_member(study, "Alice")))
