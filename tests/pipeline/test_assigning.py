"""Handing out items: never more than asked, never twice to one person, and an abandoned one comes back."""

import datetime
import random
import uuid
from collections import Counter

import pytest
from django.utils import timezone

from ihlannotate.models.assignment import Assignment, Skip
from ihlannotate.models.item import Response
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.annotating import submit, undo_skip
from ihlannotate.pipeline.annotating.submitting import State
from ihlannotate.pipeline.assigning import expire_leases, next_sheet, skip
from ihlannotate.pipeline.lifecycle import close_study, open_study
from ihlannotate.pipeline.refusals import Refused
from tests.factory import (
    REFUSED,
    keep_draft,
    make_item,
    make_member,
    make_study,
    open_with,
    rate_all,
    rate_next,
    run_out,
    take_sheet,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    return make_study(overlap=2)


def test_every_item_gets_its_k_annotations_and_no_more(study: Study) -> None:
    open_with(study, 7)
    names = ("Alice", "Bob", "Erin", "Frank")
    people = [make_member(study, name, role="annotator") for name in names]
    rated = Counter[int]()
    dice = random.Random(7)
    while people:
        member = dice.choice(people)
        sheet = next_sheet(member)
        if sheet is None:
            people.remove(member)
            continue
        submit(sheet, answers=REFUSED, submission=uuid.uuid4())
        rated[sheet.response_id] += 1
    assert set(rated.values()) == {2}
    assert len(rated) == 7


def test_an_annotator_meets_an_item_once(study: Study, alice: Membership) -> None:
    open_with(study, 7)
    rated = rate_all(alice)
    assert sorted(rated) == sorted(Response.objects.values_list("pk", flat=True))


def test_the_order_is_not_that_of_the_import(study: Study, alice: Membership) -> None:
    open_with(study, 12)
    assert rate_all(alice) != sorted(Response.objects.values_list("pk", flat=True))


def test_the_same_seed_lays_out_the_same_order() -> None:
    orders = []
    for slug, seed in (("one", 5), ("two", 5), ("three", 6)):
        study = open_with(make_study(slug=slug, seed=seed), 12)
        orders.append(
            list(Response.objects.filter(study=study).order_by("pk").values_list("position", flat=True))
        )
    assert orders[0] == orders[1] != orders[2]
    assert set(orders[0]) == set(range(12))


def test_an_item_in_hand_is_the_next_item(study: Study, alice: Membership) -> None:
    open_with(study, 5)
    sheet = take_sheet(alice)
    assert take_sheet(alice) == sheet
    assert Assignment.objects.exclude(annotator=None).count() == 1


def test_coming_back_renews_the_lease(study: Study, alice: Membership) -> None:
    open_with(study, 1)
    run_out(take_sheet(alice))
    take_sheet(alice)
    in_an_hour = timezone.now() + datetime.timedelta(hours=1)
    assert Assignment.objects.filter(annotator=alice, leased_until__gt=in_an_hour).exists()


def test_a_lease_that_ran_out_goes_to_somebody_else(alice: Membership) -> None:
    study = open_with(make_study(slug="one", overlap=1), 1)
    alice, bob = make_member(study, "Alice"), make_member(study, "Bob")
    abandoned = take_sheet(alice)
    assert next_sheet(bob) is None
    run_out(abandoned)
    assert take_sheet(bob).response_id == abandoned.response_id
    assert next_sheet(alice) is None


def test_a_lease_that_has_not_run_out_is_kept(study: Study, alice: Membership) -> None:
    open_with(study, 1)
    take_sheet(alice)
    assert expire_leases(study) == 0
    assert Assignment.objects.filter(annotator=alice).exists()


def test_a_rated_slot_never_expires(study: Study, alice: Membership) -> None:
    open_with(study, 1)
    rate_next(alice)
    Assignment.objects.update(position=0)
    assert expire_leases(study) == 0
    assert Assignment.objects.get(annotator=alice).annotation


def test_who_lost_a_lease_goes_on_with_something_new(study: Study, alice: Membership) -> None:
    open_with(study, 3)
    abandoned = take_sheet(alice)
    run_out(abandoned)
    assert expire_leases(study) == 1
    assert take_sheet(alice).response_id != abandoned.response_id


def test_an_item_whose_lease_ran_out_comes_back_when_nothing_new_is_left(
    study: Study, alice: Membership
) -> None:
    open_with(study, 3)
    abandoned = take_sheet(alice)
    keep_draft(abandoned, {"refusal": ["refused"]})
    run_out(abandoned)
    expire_leases(study)
    rated = [rate_next(alice), rate_next(alice)]
    assert abandoned not in rated
    again = take_sheet(alice)
    assert again == abandoned
    assert again.draft == {"refusal": ["refused"]}
    assert submit(again, answers=REFUSED, submission=uuid.uuid4()).state is State.ACCEPTED
    assert next_sheet(alice) is None


def test_a_freed_slot_moves_ahead_of_everybody(study: Study, alice: Membership, bob: Membership) -> None:
    open_with(study, 3)
    abandoned = take_sheet(bob)
    Membership.objects.filter(pk=alice.pk).update(cursor=50)
    run_out(abandoned)
    expire_leases(study)
    slots = Assignment.objects.filter(response=abandoned.response_id)
    assert slots.filter(position=50).exists()


def test_open_slots_behind_an_annotator_are_still_found(study: Study, alice: Membership) -> None:
    open_with(study, 3)
    Membership.objects.filter(pk=alice.pk).update(cursor=50)
    assert len(rate_all(alice)) == 3


def test_a_skipped_item_frees_its_slot_and_is_not_offered_again(
    study: Study, alice: Membership, bob: Membership
) -> None:
    open_with(study, 3)
    passed = take_sheet(alice)
    skip(passed, reason=Skip.Reason.LANGUAGE, comment="Old Norse.")
    assert not Assignment.objects.filter(annotator=alice).exists()
    assert passed.response_id not in rate_all(alice)
    assert next_sheet(alice) is None
    assert passed.response_id in rate_all(bob)


def test_skipping_twice_is_skipping_once(study: Study, alice: Membership) -> None:
    open_with(study, 2)
    sheet = take_sheet(alice)
    skip(sheet, reason=Skip.Reason.UNCLEAR)
    skip(sheet, reason=Skip.Reason.OTHER)
    assert Skip.objects.get().reason == Skip.Reason.UNCLEAR


def test_a_rated_item_cannot_be_skipped(study: Study, alice: Membership) -> None:
    open_with(study, 1)
    sheet = rate_next(alice)
    with pytest.raises(Refused, match="already rated"):
        skip(sheet, reason=Skip.Reason.UNCLEAR)
    assert Assignment.objects.get(annotator=alice).annotation


def test_a_reason_for_skipping_is_one_of_the_list(study: Study, alice: Membership) -> None:
    open_with(study, 1)
    with pytest.raises(Refused, match="one of the reasons"):
        skip(take_sheet(alice), reason="because")


def test_nothing_is_skipped_in_a_closed_study(study: Study, alice: Membership) -> None:
    open_with(study, 1)
    sheet = take_sheet(alice)
    close_study(study, actor=None)
    with pytest.raises(Refused, match="closed"):
        skip(sheet, reason=Skip.Reason.UNCLEAR)
    assert Assignment.objects.filter(annotator=alice).exists()


def test_a_skipped_item_can_be_taken_back_while_a_slot_is_open(study: Study, alice: Membership) -> None:
    open_with(study, 1)
    sheet = take_sheet(alice)
    skip(sheet, reason=Skip.Reason.UNCLEAR)
    assert undo_skip(sheet)
    assert take_sheet(alice) == sheet


def test_a_skipped_item_cannot_be_taken_back_when_others_have_its_slots() -> None:
    study = open_with(make_study(slug="one", overlap=1), 1)
    alice, bob = make_member(study, "Alice"), make_member(study, "Bob")
    sheet = take_sheet(alice)
    skip(sheet, reason=Skip.Reason.UNCLEAR)
    rate_next(bob)
    assert not undo_skip(sheet)
    assert Skip.objects.filter(sheet=sheet).exists()


def test_answers_to_one_prompt_are_kept_apart(study: Study, alice: Membership) -> None:
    Study.objects.filter(pk=study.pk).update(spread=4)
    for model in range(4):
        for number in range(6):
            make_item(study, prompt=f"Request {number}.", response=f"Answer {number} of {model}.")
    open_study(study, actor=None)
    rated = rate_all(alice)
    prompts = [Response.objects.get(pk=pk).prompt_id for pk in rated]
    # The last few may be all of one prompt; before, there is always something else.
    for place in range(1, 16):
        assert prompts[place] not in prompts[max(0, place - 4) : place]


def test_a_closed_study_hands_out_nothing(study: Study, alice: Membership) -> None:
    open_with(study, 2)
    take_sheet(alice)
    close_study(study, actor=None)
    assert next_sheet(alice) is None


def test_a_draft_study_hands_out_nothing(study: Study, alice: Membership) -> None:
    make_item(study)
    assert next_sheet(alice) is None


def test_what_is_imported_later_is_handed_out_later(study: Study, alice: Membership) -> None:
    open_with(study, 2)
    assert len(rate_all(alice)) == 2
    late = make_item(study, prompt="A late request.")
    assert open_study(study, actor=None) == 2
    assert rate_all(alice) == [late.pk]


def test_studies_do_not_mix(study: Study, alice: Membership) -> None:
    open_with(study, 1)
    other = open_with(make_study(slug="other"), ["Only here."])
    sheet = take_sheet(make_member(other, "Alice"))
    assert sheet.response.study == other
    assert take_sheet(alice).response.study == study
