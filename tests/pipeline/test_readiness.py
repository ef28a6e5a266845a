"""Training qualifies, attention items are counted, and nothing of either enters the study's figures."""

import uuid
from collections.abc import Mapping, Sequence

import pytest
from django.utils import timezone

from ihlannotate.models.annotation import Answer, Attempt
from ihlannotate.models.assignment import Sheet
from ihlannotate.models.event import Event, first_broken
from ihlannotate.models.known import KnownItem
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.annotating.attempts import append_attempt
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.lifecycle import close_study
from ihlannotate.pipeline.readiness import (
    another_round,
    attention_report,
    bring_back,
    feedback_on,
    import_known,
    known_items,
    may_attempt,
    must_train,
    next_training_sheet,
    qualify_if_passed,
    retire,
    submit_training,
    training_of,
    training_results,
    waive,
)
from ihlannotate.pipeline.readiness.scoring import Score, compare
from ihlannotate.pipeline.refusals import Refused
from tests.factory import REFUSED, make_member, make_study, open_with

pytestmark = pytest.mark.django_db

KNOWN = """
- name: bare
  use: training
  prompt: Write the first order.
  response: No.
  key: {refusal: refused, helpfulness: [1, 2]}
  explanation: A **bare** no.
- name: done
  use: training
  prompt: Write the second order.
  response: Here it is.
  key: {refusal: not_refused}
- name: clear
  use: attention
  prompt: Write the third order.
  response: I will not.
  key: {refusal: refused, helpfulness: [1, 2]}
- name: plain
  use: attention
  prompt: Write the fourth order.
  response: The order.
  key: {refusal: not_refused}
"""
DONE = {"refusal": ["not_refused"]}


def world(**fields: object) -> tuple[Study, Membership]:
    """An open study with its known items, and Alice."""
    study = make_study(**fields)
    alice = make_member(study, "Alice")
    import_known(study, KNOWN, name="known.yaml", actor=None)
    open_with(study)
    return study, fresh(alice)


def fresh(member: Membership) -> Membership:
    return Membership.objects.select_related("study__rubric", "user").get(pk=member.pk)


def answer(member: Membership, answers: Mapping[str, Sequence[str]]):
    """Answer the next training item."""
    sheet = next_training_sheet(member)
    assert sheet is not None
    return submit_training(sheet, answers=answers, submission=uuid.uuid4())


def attend(member: Membership, name: str, answers: Mapping[str, Sequence[str]], *, withdrawn: bool = False):
    sheet, _ = Sheet.objects.get_or_create(annotator=member, known=KnownItem.objects.get(name=name))
    return append_attempt(
        sheet=sheet, answers=answers, submission=uuid.uuid4(), seconds=None, withdrawn=withdrawn
    )


# Importing


def test_known_items_are_imported_once_in_their_order_and_on_the_record():
    study = make_study()
    report = import_known(study, KNOWN, name="known.yaml", actor=None)
    assert report.as_dict() == {"training_new": 2, "attention_new": 2, "unchanged": 0}
    again = import_known(study, KNOWN, name="known.yaml", actor=None)
    assert again.as_dict() == {"training_new": 0, "attention_new": 0, "unchanged": 4}
    items = KnownItem.objects.order_by("position")
    assert [(item.name, item.purpose) for item in items] == [
        ("bare", "training"), ("done", "training"), ("clear", "attention"), ("plain", "attention"),
    ]  # fmt: skip
    assert items[0].key == {"refusal": ["refused"], "helpfulness": ["1", "2"]}
    assert Event.objects.filter(study=study, verb="known_items.imported").count() == 1


def test_further_items_come_after_those_that_are_there():
    study = make_study()
    import_known(study, KNOWN, name="known.yaml", actor=None)
    more = "- {name: more, use: training, prompt: p, response: r, key: {refusal: refused}}"
    import_known(study, more, name="more.yaml", actor=None)
    positions = list(KnownItem.objects.order_by("position").values_list("position", "name"))
    assert positions[-1][1] == "more"
    assert len({position for position, _ in positions}) == 5


@pytest.mark.parametrize(
    ("old", "new"),
    [("response: No.", "response: Never."), ("A **bare** no.", "Bare."), ("[1, 2]}\n  expl", "1}\n  expl")],
)
def test_a_name_never_stands_for_other_content_and_nothing_of_the_file_is_imported(old, new):
    study = make_study()
    import_known(study, KNOWN, name="known.yaml", actor=None)
    assert old in KNOWN
    more = "- {name: more, use: training, prompt: p, response: r, key: {refusal: refused}}"
    with pytest.raises(Refused) as caught:
        import_known(study, KNOWN.replace(old, new) + more, name="known.yaml", actor=None)
    (problem,) = caught.value.problems
    assert "“bare”" in problem.message
    assert "new name" in problem.message
    assert problem.conflict
    assert KnownItem.objects.count() == 4


def test_every_faulty_item_is_told_at_once_and_nothing_is_imported():
    study = make_study()
    text = KNOWN.replace("use: attention", "use: exam")
    with pytest.raises(Refused) as caught:
        import_known(study, text, name="known.yaml", actor=None)
    assert [("clear" in one.message, "plain" in one.message) for one in caught.value.problems] == [
        (True, False),
        (False, True),
    ]
    assert not KnownItem.objects.exists()


def test_what_is_no_list_is_refused_with_the_name_of_the_file():
    with pytest.raises(Refused, match=r"known\.yaml: .*no list"):
        import_known(make_study(), "nothing", name="known.yaml", actor=None)


def test_a_closed_study_takes_no_known_items():
    study, _ = world()
    close_study(study, actor=None)
    with pytest.raises(Refused, match="closed"):
        import_known(study, KNOWN.replace("bare", "other"), name="known.yaml", actor=None)


def test_a_retired_item_is_handed_out_no_more_and_can_be_brought_back():
    study, alice = world()
    item = KnownItem.objects.get(name="bare")
    for _ in range(2):
        retire(item, actor=None)
    sheet = next_training_sheet(alice)
    assert sheet.known.name == "done"
    assert training_of(alice).total == 1
    bring_back(item, actor=None)
    assert next_training_sheet(alice).known.name == "bare"
    verbs = list(
        Event.objects.filter(study=study, verb__startswith="known_item.").values_list("verb", flat=True)
    )
    assert verbs == ["known_item.retired", "known_item.brought_back"]


def test_the_list_says_in_words_what_is_right_and_how_often_it_was_tried():
    study, alice = world()
    answer(alice, REFUSED)
    lines = known_items(study)
    assert [line.name for line in lines] == ["bare", "done", "clear", "plain"]
    assert lines[0].key == (
        ("Did the model refuse?", "Refused"),
        ("How helpful is the refusal?", "Bare, Stock"),
    )
    assert [line.attempts for line in lines] == [1, 0, 0, 0]


# The gate


def test_whoever_is_not_qualified_trains_at_the_cost_of_one_query(django_assert_num_queries):
    _, alice = world()
    with django_assert_num_queries(1):
        assert must_train(alice)


def test_whoever_is_qualified_passes_without_a_query(django_assert_num_queries):
    _, alice = world()
    waive(alice, actor=None, reason="A colleague of many years.")
    alice = fresh(alice)
    with django_assert_num_queries(0):
        assert not must_train(alice)


def test_a_study_without_training_in_use_opens_at_once():
    study = make_study()
    alice = fresh(make_member(study, "Alice"))
    assert not must_train(alice)
    import_known(study, KNOWN, name="known.yaml", actor=None)
    assert must_train(alice)
    for item in KnownItem.objects.filter(purpose="training"):
        retire(item, actor=None)
    assert not must_train(alice)


def test_nobody_trains_for_a_study_that_is_closed():
    study, alice = world()
    close_study(study, actor=None)
    assert not must_train(fresh(alice))


def test_training_that_is_added_later_disqualifies_nobody():
    study, alice = world()
    answer(alice, REFUSED)
    answer(alice, DONE)
    more = "- {name: more, use: training, prompt: p, response: r, key: {refusal: refused}}"
    import_known(study, more, name="more.yaml", actor=None)
    assert not must_train(fresh(alice))


# Training


def test_feedback_holds_each_keyed_answer_against_the_key():
    _, alice = world()
    feedback = answer(alice, {"refusal": ["refused"], "helpfulness": ["3"], "comment": ["Clear."]})
    assert (feedback.number, feedback.prompt, feedback.explanation) == (
        1,
        "Write the first order.",
        "A **bare** no.",
    )
    first, second = feedback.answers
    assert (first.title, first.agrees) == ("Did the model refuse?", True)
    assert [one.label for one in second.given] == ["Fitting"]
    assert [(one.label, one.help) for one in second.accepted] == [
        ("Bare", "No reason at all."),
        ("Stock", "A reason that fits anything."),
    ]
    assert not second.agrees
    assert feedback.score == Score(1, 2)


def test_a_keyed_question_that_was_not_answered_does_not_agree():
    _, alice = world()
    feedback = answer(alice, DONE)
    assert [(one.given, one.agrees) for one in feedback.answers][1] == ((), False)


def test_items_come_in_their_order_and_whoever_reaches_the_threshold_is_qualified_once():
    study, alice = world(qualification_percent=100)
    assert not training_of(alice).complete
    answer(alice, REFUSED)
    assert fresh(alice).qualified_at is None
    answer(alice, DONE)
    qualified_at = fresh(alice).qualified_at
    assert qualified_at is not None
    standing = training_of(fresh(alice))
    assert (standing.passed, standing.qualified, standing.score) == (True, True, Score(3, 3))
    assert qualify_if_passed(alice)
    assert fresh(alice).qualified_at == qualified_at
    (event,) = Event.objects.filter(study=study, verb="training.passed")
    assert event.data == {"alias": "A1", "round": 1, "agreed": 3, "keyed": 3}
    assert first_broken(study) is None


@pytest.mark.parametrize(("percent", "passes"), [(66, True), (67, False)])
def test_the_threshold_is_held_against_all_keyed_answers_without_rounding(percent, passes):
    _, alice = world(qualification_percent=percent)
    answer(alice, {"refusal": ["refused"], "helpfulness": ["3"]})
    answer(alice, DONE)
    assert training_of(alice).score == Score(2, 3)
    assert (fresh(alice).qualified_at is not None) == passes


def test_below_the_threshold_another_round_is_offered_and_all_attempts_are_kept():
    study, alice = world()
    wrong = {"refusal": ["partly_refused"], "helpfulness": ["3"]}
    answer(alice, wrong)
    with pytest.raises(Refused):
        another_round(alice)
    answer(alice, wrong)
    assert next_training_sheet(alice) is None
    standing = training_of(alice)
    assert (standing.round, standing.complete, standing.passed) == (1, True, False)
    sheet = another_round(alice)
    assert sheet.known.name == "bare"
    assert may_attempt(sheet)
    submit_training(sheet, answers=REFUSED, submission=uuid.uuid4())
    assert (training_of(alice).round, training_of(alice).done) == (2, 1)
    answer(alice, DONE)
    assert fresh(alice).qualified_at is not None
    assert Attempt.objects.count() == 4
    (result,) = training_results(study)
    assert [(one.number, one.done, one.score) for one in result.rounds] == [
        (1, 2, Score(0, 3)),
        (2, 2, Score(3, 3)),
    ]
    assert (result.alias, result.waived, result.qualified_at) == ("A1", False, fresh(alice).qualified_at)


def test_the_first_attempt_in_a_round_counts_and_a_second_is_refused():
    _, alice = world()
    sheet = next_training_sheet(alice)
    submit_training(
        sheet, answers={"refusal": ["partly_refused"], "helpfulness": ["3"]}, submission=uuid.uuid4()
    )
    assert not may_attempt(sheet)
    with pytest.raises(Refused, match="already answered"):
        submit_training(sheet, answers=REFUSED, submission=uuid.uuid4())
    assert Attempt.objects.count() == 1
    assert feedback_on(sheet).score == Score(0, 2)


def test_the_same_submission_twice_is_one_attempt_with_the_same_feedback():
    _, alice = world()
    sheet, submission = next_training_sheet(alice), uuid.uuid4()
    first = submit_training(sheet, answers=REFUSED, submission=submission)
    assert submit_training(sheet, answers=DONE, submission=submission) == first
    assert Attempt.objects.count() == 1


def test_a_submission_of_another_item_is_refused():
    _, alice = world()
    submission = uuid.uuid4()
    submit_training(next_training_sheet(alice), answers=REFUSED, submission=submission)
    with pytest.raises(Refused, match="another item"):
        submit_training(next_training_sheet(alice), answers=DONE, submission=submission)


def test_answers_that_the_rubric_does_not_allow_are_no_attempt():
    _, alice = world()
    sheet = next_training_sheet(alice)
    with pytest.raises(Refused) as caught:
        submit_training(sheet, answers={"refusal": ["refused"]}, submission=uuid.uuid4())
    assert [one.column for one in caught.value.problems] == ["helpfulness"]
    with pytest.raises(Refused):
        submit_training(sheet, answers={"refusal": ["perhaps"]}, submission=uuid.uuid4())
    assert not Attempt.objects.exists()


def test_a_submission_supersedes_the_draft_of_every_page():
    _, alice = world()
    sheet = next_training_sheet(alice)
    Sheet.objects.filter(pk=sheet.pk).update(draft=DONE, draft_saved_at=timezone.now(), draft_number=3)
    submission = uuid.uuid4()
    submit_training(sheet, answers=REFUSED, submission=submission)
    sheet.refresh_from_db()
    assert (sheet.draft, sheet.draft_saved_at, sheet.draft_number, sheet.draft_page) == (
        {},
        None,
        4,
        submission,
    )


def test_training_ends_with_the_study_and_with_qualification():
    study, alice = world()
    sheet = next_training_sheet(alice)
    waive(alice, actor=None, reason="Known to us.")
    with pytest.raises(Refused, match="over"):
        submit_training(sheet, answers=REFUSED, submission=uuid.uuid4())
    Membership.objects.update(qualified_at=None)
    close_study(study, actor=None)
    with pytest.raises(Refused, match="closed"):
        submit_training(sheet, answers=REFUSED, submission=uuid.uuid4())
    assert not may_attempt(Sheet.objects.get(pk=sheet.pk))
    assert not Attempt.objects.exists()


def test_an_attention_item_or_a_retired_one_is_no_training():
    _, alice = world()
    sheet = next_training_sheet(alice)
    retire(sheet.known, actor=None)
    attention = Sheet.objects.create(annotator=alice, known=KnownItem.objects.get(name="clear"))
    for one in (sheet, attention):
        with pytest.raises(Refused, match="no longer part"):
            submit_training(one, answers=REFUSED, submission=uuid.uuid4())
    assert feedback_on(attention) is None


def test_training_can_be_done_before_the_study_opens():
    study = make_study()
    alice = make_member(study, "Alice")
    import_known(study, KNOWN, name="known.yaml", actor=None)
    answer(fresh(alice), REFUSED)
    answer(fresh(alice), DONE)
    assert fresh(alice).qualified_at is not None


def test_a_round_that_a_retired_item_completes_qualifies_when_it_is_looked_at():
    _, alice = world()
    answer(alice, REFUSED)
    assert not qualify_if_passed(alice)
    retire(KnownItem.objects.get(name="done"), actor=None)
    assert qualify_if_passed(alice)
    assert fresh(alice).qualified_at is not None


def test_an_item_that_is_added_in_between_belongs_to_the_round_that_is_open():
    study, alice = world()
    wrong = {"refusal": ["partly_refused"], "helpfulness": ["3"]}
    for _ in range(2):
        answer(alice, wrong)
    more = "- {name: more, use: training, prompt: p, response: r, key: {refusal: refused}}"
    import_known(study, more, name="more.yaml", actor=None)
    assert training_of(alice).complete is False
    assert next_training_sheet(alice).known.name == "more"
    answer(alice, REFUSED)
    standing = training_of(alice)
    assert (standing.round, standing.complete, standing.score) == (1, True, Score(1, 4))


# Waiving


def test_a_coordinator_excuses_an_annotator_with_a_reason_on_the_record():
    study, alice = world()
    carol = make_member(study, "Carol")
    with pytest.raises(Refused, match="reason"):
        waive(alice, actor=carol.user, reason=" ")
    waive(alice, actor=carol.user, reason="Wrote the rubric.")
    event = Event.objects.get(study=study, verb="training.waived")
    assert (event.actor, event.data) == (carol.user, {"alias": "A1", "reason": "Wrote the rubric."})
    (result,) = training_results(study)
    assert (result.waived, result.rounds, result.qualified_at is not None) == (True, (), True)
    with pytest.raises(Refused, match="already"):
        waive(alice, actor=carol.user, reason="Again.")
    with pytest.raises(Refused, match="Only annotators"):
        waive(carol, actor=carol.user, reason="Me.")


# Attention items


def test_attention_is_reported_by_annotator_as_a_share_of_items_with_every_miss():
    study, alice = world()
    make_member(study, "Bob")
    attend(alice, "clear", {"refusal": ["refused"], "helpfulness": ["3"]})
    attend(alice, "plain", DONE)
    first, second = attention_report(study)
    assert (first.alias, first.met, first.agreed) == ("A1", 2, 1)
    assert first.share.value == 0.5
    assert first.share.low < 0.5 < first.share.high
    (miss,) = first.misses
    assert miss.item == "clear"
    assert [(one.title, one.given[0].label) for one in miss.answers] == [
        ("How helpful is the refusal?", "Fitting")
    ]
    assert (second.alias, second.met, second.share.value, second.misses) == ("A2", 0, None, ())


def test_the_newest_attempt_on_an_attention_item_counts_and_none_that_was_taken_back():
    study, alice = world()
    attend(alice, "plain", REFUSED)
    attend(alice, "plain", DONE)
    attend(alice, "clear", DONE)
    attend(alice, "clear", {}, withdrawn=True)
    (result,) = attention_report(study)
    assert (result.met, result.agreed) == (1, 1)
    assert list(Attempt.objects.values_list("number", flat=True).order_by("sheet", "number")) == [1, 2, 1, 2]


def test_training_is_no_attention_and_attention_no_training():
    study, alice = world()
    answer(alice, REFUSED)
    attend(alice, "clear", REFUSED)
    assert attention_report(study)[0].met == 1
    assert training_of(alice).done == 1
    assert training_results(study)[0].rounds[0].done == 1


def test_nothing_of_a_known_item_is_an_answer_of_the_study():
    _, alice = world()
    answer(alice, REFUSED)
    attend(alice, "clear", REFUSED)
    assert not Answer.objects.exists()


# Scoring


def test_of_several_values_the_key_is_one_set():
    rubric = """
name: sets
version: "1.0"
criteria:
  - {key: refused, title: "Refused?", kind: flag, required: true}
  - key: rules
    title: Which rules?
    kind: many
    options: [{value: 1}, {value: 2}, {value: 3}]
"""
    spec = spec_of(make_study(rubric=rubric).rubric)
    key = {"refused": ["yes"], "rules": ["1", "2"]}
    for given, agrees in ((["2", "1"], True), (["1"], False), (["1", "2", "3"], False), ([], False)):
        found = compare(spec, key, {"rules": given})
        assert [one.agrees for one in found] == [False, agrees]
        assert found[1].together
    assert Score(0, 0).percent == 0.0
    assert not Score(0, 0).reaches(0)
