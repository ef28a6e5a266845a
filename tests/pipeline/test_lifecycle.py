"""A study's life has one order, each act happens once, and each is on the record."""

import pytest

from ihlannotate.models.assignment import Assignment
from ihlannotate.models.event import Event, first_broken
from ihlannotate.models.study import Study
from ihlannotate.pipeline.founding import add_member, found_study, publish_rubric
from ihlannotate.pipeline.lifecycle import close_study, open_study, unblind_study
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.releasing import release_gold
from ihlannotate.readers.rubric import read_rubric
from tests.factory import SMALL_RUBRIC, make_item, make_member, make_study, open_with, rate_next

pytestmark = pytest.mark.django_db
SPEC = read_rubric(SMALL_RUBRIC)


def test_the_whole_life_of_a_study_is_on_the_record() -> None:
    study = open_with(make_study(), 1)
    rate_next(make_member(study, "Alice"))
    close_study(study, actor=None)
    release_gold(study, actor=None)
    unblind_study(study, reason="The paper is due.", actor=None)
    events = Event.objects.filter(study=study).order_by("number")
    assert list(events.values_list("verb", flat=True)) == [
        "study.founded",
        "study.opened",
        "member.added",
        "annotation.submitted",
        "study.closed",
        "gold.released",
        "study.unblinded",
    ]
    assert events[6].data == {"reason": "The paper is due."}
    assert first_broken(study) is None
    study.refresh_from_db()
    assert study.state == Study.State.UNBLINDED


def test_a_study_opens_with_k_slots_for_each_response() -> None:
    study = make_study(overlap=3)
    for number in range(4):
        make_item(study, prompt=f"Request {number}.")
    assert open_study(study, actor=None) == 12
    assert (
        list(Assignment.objects.order_by("response", "slot").values_list("slot", flat=True)) == [1, 2, 3] * 4
    )


def test_opening_twice_lays_out_nothing_new() -> None:
    study = open_with(make_study(), 2)
    opened = study.opened_at
    assert open_study(study, actor=None) == 0
    study.refresh_from_db()
    assert study.opened_at == opened
    assert Event.objects.filter(verb="study.opened").count() == 1


def test_a_study_without_responses_does_not_open() -> None:
    with pytest.raises(Refused, match="nothing to rate"):
        open_study(make_study(), actor=None)


def test_a_draft_does_not_close() -> None:
    with pytest.raises(Refused, match="only an open study"):
        close_study(make_study(), actor=None)


def test_a_closed_study_neither_closes_nor_opens_again() -> None:
    study = open_with(make_study(), 1)
    close_study(study, actor=None)
    with pytest.raises(Refused, match="only an open study"):
        close_study(study, actor=None)
    with pytest.raises(Refused, match="does not open again"):
        open_study(study, actor=None)


def test_a_study_is_unblinded_after_its_gold_is_released_with_a_reason_and_once() -> None:
    study = open_with(make_study(), 1)
    rate_next(make_member(study, "Alice"))
    with pytest.raises(Refused, match="no gold release"):
        unblind_study(study, reason="Curious.", actor=None)
    close_study(study, actor=None)
    with pytest.raises(Refused, match="no gold release"):
        unblind_study(study, reason="Curious.", actor=None)
    release_gold(study, actor=None)
    with pytest.raises(Refused, match="reason"):
        unblind_study(study, reason=" ", actor=None)
    unblind_study(study, reason="The paper is due.", actor=None)
    with pytest.raises(Refused, match="already unblinded"):
        unblind_study(study, reason="Again.", actor=None)


@pytest.mark.parametrize("slug", ["", "Refusals", "a b", "-a", "ä", "a" * 81, "a/b"])
def test_a_slug_is_small_letters_digits_and_dashes(slug: str) -> None:
    with pytest.raises(Refused, match="cannot name a study"):
        found_study(slug=slug, title="T", spec=SPEC, actor=None)


@pytest.mark.parametrize(
    ("overlap", "epsilon", "message"),
    [
        (0, 0.2, "overlap"),
        (51, 0.2, "overlap"),
        (3, 1.0, "Epsilon"),
        (3, -0.1, "Epsilon"),
        (3, float("nan"), "Epsilon"),
    ],
)
def test_numbers_beyond_their_range_found_no_study(overlap: int, epsilon: float, message: str) -> None:
    with pytest.raises(Refused, match=message):
        found_study(slug="s", title="T", spec=SPEC, actor=None, overlap=overlap, epsilon=epsilon)
    assert not Study.objects.exists()


@pytest.mark.parametrize("title", ["", " ", "t" * 201])
def test_a_study_has_a_title_that_fits(title: str) -> None:
    with pytest.raises(Refused, match="title"):
        found_study(slug="s", title=title, spec=SPEC, actor=None)


def test_a_slug_is_taken_once() -> None:
    make_study(slug="one")
    with pytest.raises(Refused, match="already a study"):
        make_study(slug="one")


def test_a_published_rubric_is_used_again_and_never_changed() -> None:
    assert publish_rubric(SPEC) == publish_rubric(SPEC)
    with pytest.raises(Refused, match="new version"):
        publish_rubric(read_rubric(SMALL_RUBRIC.replace("No reason at all.", "None.")))


@pytest.mark.parametrize("email", ["", "nobody", "a b@example.org", "@"])
def test_a_member_has_an_address(email: str) -> None:
    with pytest.raises(Refused, match="not an e-mail address"):
        add_member(study=make_study(), name="X", email=email, role="annotator", actor=None)


def test_a_member_has_one_role_and_an_alias_of_their_own() -> None:
    study = make_study()
    alice = make_member(study, "Alice")
    with pytest.raises(Refused, match="already has a role"):
        make_member(study, "Alice", role="adjudicator")
    with pytest.raises(Refused, match="alias “A1” is taken"):
        make_member(study, "Bob", alias=alice.alias)
    assert make_member(study, "Bob").alias == "A2"


@pytest.mark.parametrize("alias", ["A/1", "x" * 41, "<b>"])
def test_an_alias_is_short_and_plain(alias: str) -> None:
    with pytest.raises(Refused, match="cannot be an alias"):
        make_member(make_study(), "Alice", alias=alias)
