"""Guesses at models: only after closing, each once, of what the annotator rated, and reported without a name."""

import pytest
from django.db import DatabaseError, transaction
from pytest_django import DjangoAssertNumQueries

from ihlannotate.models.assignment import Assignment, Sheet
from ihlannotate.models.event import Event, first_broken
from ihlannotate.models.guess import Guess
from ihlannotate.models.item import Response
from ihlannotate.models.provenance import Origin
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.annotating import withdraw
from ihlannotate.pipeline.guessing import (
    GuessPage,
    blinding_report,
    guess,
    guesses_left,
    has_guessed,
    next_guess,
)
from ihlannotate.pipeline.lifecycle import close_study, open_study, unblind_study
from ihlannotate.pipeline.masking import MASK
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.releasing import release_gold
from ihlannotate.stats.blinding import Outcome
from tests.factory import make_item, make_member, make_run, make_study, rate_next

pytestmark = pytest.mark.django_db
MODELS = ("zephyr", "Aster-1", "Borealis-2")
IN_ORDER = ("Aster-1", "Borealis-2", "zephyr")


def opened(*, items: int = 6, models: tuple[str, ...] = MODELS, **settings: object) -> Study:
    """An open study of responses by these models in turn, which attention items and repeats do not enter."""
    study = make_study(attention_every=0, repeat_percent=0, **settings)
    for number in range(items):
        run = make_run(study, model=models[number % len(models)])
        make_item(study, prompt=f"Request {number}.", response=f"As zephyr, no. {number}", run=run)
    open_study(study, actor=None)
    study.refresh_from_db()
    return study


def rater(study: Study, name: str = "Alice", *, count: int = 6) -> Membership:
    member = make_member(study, name)
    for _ in range(count):
        rate_next(member)
    return member


def closed(member: Membership) -> Membership:
    """The member, as read again after the study was closed."""
    close_study(member.study, actor=None)
    return again(member)


def again(member: Membership) -> Membership:
    return Membership.objects.select_related("study__rubric").get(pk=member.pk)


def truth(code: str) -> str:
    return Origin.objects.get(response__in=Sheet.objects.filter(code=code).values("response")).run.model


def guess_all(member: Membership, *, right: bool = True, tell: bool = True) -> list[GuessPage]:
    pages = []
    while page := next_guess(member):
        pages.append(page)
        true = truth(page.code)
        named = true if right else next(one for one in page.models if one != true)
        assert guess(member, code=page.code, model=named if tell else "")
    return pages


def test_while_ratings_can_still_change_nothing_is_asked_and_nothing_taken() -> None:
    member = rater(opened())
    sheet = Sheet.objects.filter(annotator=member).first()
    assert guesses_left(again(member)) == 0
    assert next_guess(again(member)) is None
    with pytest.raises(Refused, match="takes no guesses now"):
        guess(again(member), code=sheet.code, model="Aster-1")
    assert not Guess.objects.exists()


def test_after_closing_a_few_of_the_rated_responses_are_asked_about() -> None:
    member = closed(rater(opened(guess_items=4), count=5))
    assert guesses_left(member) == 4
    pages = guess_all(member)
    assert [(page.number, page.total) for page in pages] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert guesses_left(member) == 0
    rated = set(Response.objects.filter(assignments__annotator=member).values_list("pk", flat=True))
    assert set(Guess.objects.values_list("response", flat=True)) < rated
    assert len({page.code for page in pages}) == 4


def test_who_rated_less_is_asked_about_all_of_it_and_who_rated_nothing_about_nothing() -> None:
    study = opened(guess_items=4)
    alice, bob = rater(study, count=2), make_member(study, "Bob")
    close_study(study, actor=None)
    assert (guesses_left(again(alice)), guesses_left(again(bob))) == (2, 0)
    assert next_guess(again(bob)) is None


def test_the_page_names_all_models_in_alphabetical_order_and_masks_the_text() -> None:
    page = next_guess(closed(rater(opened(masked_words="zephyr"))))
    assert page is not None
    assert page.models == IN_ORDER
    assert page.response.text.startswith(f"As {MASK}, no.")
    assert Sheet.objects.filter(code=page.code).exists()
    assert not Response.objects.filter(code=page.code).exists()


def test_the_sample_is_the_same_whenever_it_is_drawn_and_begins_alike_in_any_size() -> None:
    member = closed(rater(opened(guess_items=2)))
    few = [page.code for page in guess_all(member, tell=False)]
    Study.objects.update(guess_items=5)
    member = again(member)
    assert guesses_left(member) == 3
    more = [page.code for page in guess_all(member, tell=False)]
    assert not set(few) & set(more)
    assert Guess.objects.count() == 5


def test_annotators_are_asked_about_samples_of_their_own() -> None:
    study = opened(items=12, guess_items=3)
    alice, bob = rater(study, count=12), rater(study, "Bob", count=12)
    Membership.objects.filter(pk=alice.pk).update(seed=1)
    Membership.objects.filter(pk=bob.pk).update(seed=2)
    close_study(study, actor=None)
    sampled = []
    for member in (again(alice), again(bob)):
        guess_all(member)
        sampled.append(set(Guess.objects.filter(annotator=member).values_list("response", flat=True)))
    assert sampled[0] != sampled[1]


def test_repeats_and_what_was_taken_back_are_not_asked_about() -> None:
    study = opened()
    member = rater(study, count=3)
    again_rated = Response.objects.filter(assignments__annotator=member).first()
    Assignment.objects.create(
        study=study, response=again_rated, annotator=member, occasion=Assignment.REPEAT, position=0
    )
    withdraw(again(member))
    assert guesses_left(closed(member)) == 2


def test_a_guess_is_made_once() -> None:
    member = closed(rater(opened()))
    page = next_guess(member)
    assert guess(member, code=page.code, model="Aster-1")
    assert not guess(member, code=page.code, model="zephyr")
    assert Guess.objects.get().model == "Aster-1"


def test_a_guess_cannot_be_changed_or_deleted() -> None:
    member = closed(rater(opened()))
    guess(member, code=next_guess(member).code, model="")
    for change in (lambda: Guess.objects.update(model="zephyr"), lambda: Guess.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


@pytest.mark.parametrize("model", ["Claude", "aster-1", " ", "none"])
def test_only_models_of_the_study_can_be_named(model: str) -> None:
    member = closed(rater(opened()))
    with pytest.raises(Refused, match="Choose one of the models"):
        guess(member, code=next_guess(member).code, model=model)
    assert not Guess.objects.exists()


def test_only_own_sheets_in_the_sample_can_be_guessed_at() -> None:
    study = opened(guess_items=1)
    alice, bob = rater(study, count=3), rater(study, "Bob", count=3)
    close_study(study, actor=None)
    alice, asked = again(alice), next_guess(again(alice)).code
    unasked = Sheet.objects.filter(annotator=alice).exclude(code=asked).first()
    codes = [next_guess(again(bob)).code, unasked.code, unasked.response.code, "nobody", ""]
    for code in codes:
        with pytest.raises(Refused, match="not one of the responses"):
            guess(alice, code=code, model="")
    assert not Guess.objects.exists()


def test_with_one_model_or_none_wanted_there_is_nothing_to_guess() -> None:
    one = rater(opened(models=("Aster-1",)))
    assert guesses_left(closed(one)) == 0
    Study.objects.update(slug="first")
    none = rater(opened(guess_items=0), count=1)
    assert guesses_left(closed(none)) == 0
    assert not has_guessed(again(none))


def test_after_unblinding_no_guess_is_blind_and_none_is_taken() -> None:
    member = closed(rater(opened()))
    page = next_guess(member)
    release_gold(member.study, actor=None)
    unblind_study(member.study, reason="To publish.", actor=None)
    assert guesses_left(again(member)) == 0
    with pytest.raises(Refused):
        guess(again(member), code=page.code, model="Aster-1")


def test_guesses_are_on_the_record_without_what_they_say() -> None:
    member = closed(rater(opened()))
    guess(member, code=next_guess(member).code, model="Aster-1")
    event = Event.objects.get(verb="guess.made")
    assert event.actor == member.user
    assert event.data == {"guess": Guess.objects.get().pk}
    assert first_broken(member.study) is None


def test_the_report_counts_asked_answered_and_right_by_annotator_and_overall() -> None:
    study = opened(guess_items=4)
    alice, bob, carla = rater(study), rater(study, "Bob"), make_member(study, "Carla", role="annotator")
    close_study(study, actor=None)
    guess_all(again(alice))
    guess(again(bob), code=next_guess(again(bob)).code, model="")
    report = blinding_report(Study.objects.get())
    assert (report.models, report.asked) == (3, 8)
    assert (report.figures.answered, report.figures.cannot_tell, report.figures.right) == (5, 1, 4)
    assert [(one.alias, one.asked) for one in report.guessers] == [
        (alice.alias, 4), (bob.alias, 4), (carla.alias, 0)
    ]  # fmt: skip
    by_alias = {one.alias: one.figures for one in report.guessers}
    assert by_alias[alice.alias].accuracy.value == 1
    assert by_alias[bob.alias].accuracy.value is None
    assert by_alias[carla.alias] is None
    assert report.figures.outcome is Outcome.TOO_FEW


def test_before_unblinding_the_report_names_no_model_and_after_it_who_was_taken_for_whom() -> None:
    study = opened(guess_items=6)
    alice = rater(study)
    close_study(study, actor=None)
    guess_all(again(alice), right=False)
    report = blinding_report(Study.objects.get())
    assert report.confusion is None
    assert not any(model in repr(report) for model in MODELS)
    release_gold(study, actor=None)
    unblind_study(study, reason="To publish.", actor=None)
    confusion = blinding_report(Study.objects.get()).confusion
    assert confusion.models == IN_ORDER
    assert confusion.counts == ((0, 2, 0, 0), (2, 0, 0, 0), (2, 0, 0, 0))


def test_without_guesses_the_report_says_so() -> None:
    report = blinding_report(opened())
    assert (report.asked, report.figures, report.confusion) == (0, None, None)


def test_what_is_left_costs_the_same_however_much_was_rated(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    member = closed(rater(opened(items=9), count=9))
    with django_assert_max_num_queries(3):
        assert guesses_left(member) == 9
