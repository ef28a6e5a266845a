"""Every constraint is the database's own: rows that break it are refused, whoever writes them."""

import datetime
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from ihlannotate.models.annotation import Answer, Attempt, Evidence, Revision
from ihlannotate.models.assignment import Assignment, Sheet
from ihlannotate.models.discussion import DisagreementTag, Note
from ihlannotate.models.event import Event
from ihlannotate.models.gold import Adjudication, GoldLabel, GoldRelease, Opinion
from ihlannotate.models.guess import Guess
from ihlannotate.models.item import Prompt, Response
from ihlannotate.models.judge import Judge, Verdict
from ihlannotate.models.known import KnownItem
from ihlannotate.models.provenance import Origin, Run
from ihlannotate.models.rubric import Criterion, Rubric
from ihlannotate.models.sample import Inclusion, Sample
from ihlannotate.models.study import Membership, Study
from ihlannotate.models.user import User
from tests.factory import make_study, make_user
from tests.models.worlds import World, closed_world

pytestmark = pytest.mark.django_db

NOW = timezone.now()
LATER = NOW + datetime.timedelta(hours=1)


@pytest.fixture
def world() -> World:
    return closed_world()


def _declared() -> dict[str, tuple[type[models.Model], models.BaseConstraint]]:
    tables = apps.get_app_config("ihlannotate").get_models()
    return {one.name: (table, one) for table in tables for one in table._meta.constraints}


@contextmanager
def refused_by(name: str) -> Iterator[None]:
    """What is done inside must break the constraint of this name and no other."""
    table, constraint = _declared()[name]
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        yield
    said = str(refusal.value)
    columns = getattr(constraint, "fields", ())
    if connection.vendor == "sqlite" and columns:  # SQLite names the columns of a unique constraint instead
        names = {field.name: field.column for field in table._meta.concrete_fields}
        of_table = (f"{table._meta.db_table}.{names[one]}" for one in columns)
        assert said == f"UNIQUE constraint failed: {', '.join(of_table)}"
    else:
        assert name in said


def test_every_declared_constraint_is_tested_here() -> None:
    tests = Path(__file__).read_text("utf-8")
    assert [name for name in _declared() if f'refused_by("{name}")' not in tests] == []


def test_a_rubric_version_is_published_once(world: World) -> None:
    with refused_by("rubric_version_once"):
        Rubric.objects.create(name="small", version="1.0", content="{}", sha256="0" * 64)


def test_a_criterion_key_occurs_once_in_a_rubric(world: World) -> None:
    with refused_by("criterion_key_once"):
        Criterion.objects.create(rubric=world.study.rubric, key="refusal", position=9)


def test_a_study_asks_for_at_least_one_annotator(world: World) -> None:
    with refused_by("study_overlap_at_least_one"):
        Study.objects.filter(pk=world.study.pk).update(overlap=0)


@pytest.mark.parametrize("epsilon", [-0.01, 1.0])
def test_epsilon_is_a_share(world: World, epsilon: float) -> None:
    with refused_by("study_epsilon_a_share"):
        Study.objects.filter(pk=world.study.pk).update(epsilon=epsilon)


@pytest.mark.parametrize("opened", [None, LATER])
def test_a_study_is_not_closed_before_it_was_opened(opened: datetime.datetime | None) -> None:
    study = make_study()
    with refused_by("study_closed_after_opened"):
        Study.objects.filter(pk=study.pk).update(opened_at=opened, closed_at=NOW)


def test_an_open_study_is_not_unblinded() -> None:
    study = make_study()
    with refused_by("study_unblinded_after_closed"):
        Study.objects.filter(pk=study.pk).update(opened_at=NOW, unblinded_at=NOW)


def test_a_study_is_not_unblinded_before_it_was_closed() -> None:
    study = make_study()
    with refused_by("study_unblinded_after_closed"):
        Study.objects.filter(pk=study.pk).update(opened_at=NOW, closed_at=LATER, unblinded_at=NOW)


def test_one_person_has_one_role_in_a_study(world: World) -> None:
    with refused_by("membership_one_role_a_study"):
        Membership.objects.create(study=world.study, user=world.alice.user, role="coordinator", alias="C9")


def test_an_alias_names_one_person_in_a_study(world: World) -> None:
    with refused_by("membership_alias_unique_in_study"):
        Membership.objects.create(
            study=world.study, user=make_user("Erin"), role="annotator", alias=world.alice.alias
        )


@pytest.mark.parametrize("role", ["coordinator", "adjudicator"])
def test_only_annotators_are_without_an_account(world: World, role: str) -> None:
    with refused_by("membership_only_raters_without_user"):
        Membership.objects.create(study=world.study, user=None, role=role, alias="X9")


def test_an_address_names_one_person_whatever_its_case(world: World) -> None:
    with refused_by("user_email_without_case"):
        User.objects.create(email="ALICE@example.org", name="Another Alice")


def test_a_prompt_is_once_in_a_study(world: World) -> None:
    prompt = world.response.prompt
    with refused_by("prompt_once_a_study"):
        Prompt.objects.create(study=world.study, text=prompt.text, text_sha256=prompt.text_sha256)


def test_a_prompt_is_not_empty(world: World) -> None:
    with refused_by("prompt_not_empty"):
        Prompt.objects.create(study=world.study, text="", text_sha256="0" * 64)


def test_a_place_in_the_order_belongs_to_one_response(world: World) -> None:
    with refused_by("response_position_once_a_study"):
        Response.objects.filter(study=world.study).update(position=0)


def test_a_model_has_one_run_under_a_condition(world: World) -> None:
    with refused_by("run_once_a_study"):
        Run.objects.create(study=world.study, model=world.run.model, condition=world.run.condition)


def test_an_external_id_names_one_response_of_a_run(world: World) -> None:
    with refused_by("origin_external_id_once_a_run"):
        Origin.objects.filter(run=world.run).update(external_id="r0")


def test_a_slot_of_a_response_exists_once(world: World) -> None:
    with refused_by("assignment_slot_once_a_response"):
        Assignment.objects.create(
            study=world.study, response=world.response, slot=world.assignment.slot, position=0
        )


def test_an_annotator_has_one_slot_of_a_response(world: World) -> None:
    with refused_by("assignment_annotator_once_an_occasion"):
        Assignment.objects.filter(response=world.response).update(annotator=world.alice)


@pytest.mark.parametrize(
    ("occasion", "slot", "taken"),
    [
        (1, None, True),
        (1, 0, True),
        (2, 3, True),
        (2, None, False),
        (3, None, True),
        (0, 3, True),
        (0, None, False),
    ],
)
def test_an_annotation_takes_a_slot_and_a_repeat_takes_none(
    world: World, occasion: int, slot: int | None, taken: bool
) -> None:
    with refused_by("assignment_repeat_takes_no_slot"):
        Assignment.objects.create(
            study=world.study,
            response=world.response,
            occasion=occasion,
            slot=slot,
            annotator=world.bob if taken else None,
            position=0,
        )


def test_a_lease_has_an_annotator(world: World) -> None:
    with refused_by("assignment_lease_has_an_annotator"):
        Assignment.objects.filter(annotator=None).update(leased_until=NOW)


def test_an_annotator_has_one_sheet_of_a_response(world: World) -> None:
    with refused_by("sheet_once_an_annotator_and_occasion"):
        Sheet.objects.create(annotator=world.alice, response=world.response)


def test_a_revision_number_occurs_once(world: World) -> None:
    with refused_by("revision_number_once"):
        Revision.objects.create(
            annotation=world.assignment.annotation,
            number=1,
            rubric=world.study.rubric,
            submission=uuid.uuid4(),
        )


def test_revisions_are_numbered_from_one(world: World) -> None:
    with refused_by("revision_numbered_from_one"):
        Revision.objects.create(
            annotation=world.assignment.annotation,
            number=0,
            rubric=world.study.rubric,
            submission=uuid.uuid4(),
        )


def _answer(world: World, *, revision: Revision, live: bool) -> Answer:
    return Answer.objects.create(
        study=world.study,
        revision=revision,
        criterion=world.criterion,
        prompt=world.response.prompt,
        response=world.response,
        annotator=world.alice,
        occasion=1,
        value="not_refused",
        live=live,
    )


def test_a_revision_answers_a_criterion_once(world: World) -> None:
    with refused_by("answer_once_a_criterion"):
        _answer(world, revision=Revision.objects.get(), live=False)


def test_one_answer_of_an_annotator_to_a_criterion_counts(world: World) -> None:
    annotation = world.assignment.annotation
    second = Revision.objects.create(
        annotation=annotation, number=2, rubric=world.study.rubric, submission=uuid.uuid4()
    )
    with refused_by("answer_one_live"):
        _answer(world, revision=second, live=True)


def test_adjudications_of_an_item_are_numbered(world: World) -> None:
    with refused_by("adjudication_number_once"):
        Adjudication.objects.create(
            study=world.study, response=world.response, criterion=world.criterion, number=1, value="refused"
        )


def test_gold_releases_are_numbered(world: World) -> None:
    with refused_by("gold_release_number_once"):
        GoldRelease.objects.create(
            study=world.study,
            number=1,
            method="majority",
            seed=0,
            rubric_sha256="",
            code_version="",
            sha256="",
        )


def test_a_release_labels_an_item_once(world: World) -> None:
    with refused_by("gold_label_once"):
        GoldLabel.objects.create(
            release=world.release,
            response=world.response,
            criterion=world.criterion,
            value="refused",
            tier="single",
            n=1,
        )


@pytest.mark.parametrize("tier", ["unanimous", "majority", "single"])
def test_a_gold_label_without_value_was_contested_or_adjudicated(world: World, tier: str) -> None:
    other = Response.objects.exclude(pk=world.response.pk).get()
    with refused_by("gold_label_has_a_value"):
        GoldLabel.objects.create(
            release=world.release, response=other, criterion=world.criterion, value="", tier=tier, n=1
        )


def test_a_gold_label_of_a_question_that_does_not_apply_has_no_value(world: World) -> None:
    other = Response.objects.exclude(pk=world.response.pk).get()
    label = {"release": world.release, "response": other, "criterion": world.criterion, "n": 1}
    with refused_by("gold_label_that_does_not_apply_has_none"):
        GoldLabel.objects.create(value="refused", tier="inapplicable", **label)
    assert str(GoldLabel.objects.create(value="", tier="inapplicable", **label)) == "inapplicable"


def test_a_judge_has_one_name_in_a_study(world: World) -> None:
    with refused_by("judge_name_once_a_study"):
        Judge.objects.create(study=world.study, name=world.judge.name)


def test_a_judge_gives_one_verdict_of_an_item(world: World) -> None:
    with refused_by("verdict_once"):
        Verdict.objects.create(
            judge=world.judge,
            response=world.response,
            criterion=world.criterion,
            value="refused",
            raw="refused",
        )


def test_a_verdict_says_something(world: World) -> None:
    other = Response.objects.exclude(pk=world.response.pk).get()
    with refused_by("verdict_says_something"):
        Verdict.objects.create(judge=world.judge, response=other, criterion=world.criterion)


def test_events_of_a_study_are_numbered(world: World) -> None:
    with refused_by("event_number_once"):
        Event.objects.create(
            study=world.study, number=1, actor=None, verb="x", at=NOW, previous="0" * 64, digest="0" * 64
        )


@pytest.mark.parametrize("column", ["repeat_percent", "qualification_percent", "adjudicate_audit_percent"])
def test_a_percentage_is_in_its_range(world: World, column: str) -> None:
    with refused_by("study_percents_in_range"):
        Study.objects.filter(pk=world.study.pk).update(**{column: 101})


def test_a_known_item_has_one_name_in_a_study(world: World) -> None:
    with refused_by("known_item_name_once_a_study"):
        KnownItem.objects.create(
            study=world.study,
            name="k1",
            purpose="training",
            position=1,
            prompt="Another.",
            response="",
            key={},
        )


def test_a_known_item_has_a_prompt(world: World) -> None:
    with refused_by("known_item_has_a_prompt"):
        KnownItem.objects.create(
            study=world.study,
            name="k2",
            purpose="training",
            position=1,
            prompt="",
            response="A reply.",
            key={},
        )


def test_an_annotator_has_one_sheet_of_a_known_item(world: World) -> None:
    with refused_by("sheet_once_a_known_item"):
        Sheet.objects.create(annotator=world.alice, known=world.known)


@pytest.mark.parametrize("both", [True, False])
def test_a_sheet_is_of_a_response_or_of_a_known_item(world: World, both: bool) -> None:
    with refused_by("sheet_of_a_response_or_a_known_item"):
        Sheet.objects.create(
            annotator=world.bob,
            response=world.response if both else None,
            known=world.known if both else None,
        )


def test_a_marked_passage_is_not_empty(world: World) -> None:
    with refused_by("evidence_not_empty"):
        Evidence.objects.create(revision=world.evidence.revision, criterion=world.criterion, start=5, end=5)


def test_a_passage_is_marked_once_for_an_answer(world: World) -> None:
    with refused_by("evidence_once_a_revision"):
        Evidence.objects.create(revision=world.evidence.revision, criterion=world.criterion, start=0, end=4)


def test_an_attempt_number_occurs_once(world: World) -> None:
    with refused_by("attempt_number_once"):
        Attempt.objects.create(sheet=world.attempt.sheet, number=1, submission=uuid.uuid4(), answers={})


def test_attempts_are_numbered_from_one(world: World) -> None:
    with refused_by("attempt_numbered_from_one"):
        Attempt.objects.create(sheet=world.attempt.sheet, number=0, submission=uuid.uuid4(), answers={})


def test_a_response_is_guessed_at_once(world: World) -> None:
    with refused_by("guess_once_a_response"):
        Guess.objects.create(annotator=world.alice, response=world.response)


def test_an_adjudicator_has_one_first_opinion_of_a_question(world: World) -> None:
    with refused_by("opinion_once_a_question"):
        Opinion.objects.create(
            study=world.study,
            response=world.response,
            criterion=world.criterion,
            adjudicator=world.opinion.adjudicator,
        )


def test_a_note_says_something(world: World) -> None:
    with refused_by("note_says_something"):
        Note.objects.create(study=world.study, response=world.response, author=world.alice, text="")


def test_tags_of_a_question_are_numbered(world: World) -> None:
    with refused_by("tag_number_once"):
        DisagreementTag.objects.create(
            study=world.study,
            response=world.response,
            criterion=world.criterion,
            tagged_by=world.tag.tagged_by,
        )


@pytest.mark.parametrize("probability", [0.0, 1.01])
def test_an_inclusion_has_a_probability_above_nothing(world: World, probability: float) -> None:
    sample = Sample.objects.create(study=world.study, size=1, seed=1)
    with refused_by("inclusion_probability_in_range"):
        Inclusion.objects.create(sample=sample, response=world.response, probability=probability, chosen=True)


def test_what_is_certain_to_be_drawn_is_drawn(world: World) -> None:
    sample = Sample.objects.create(study=world.study, size=1, seed=1)
    with refused_by("inclusion_certain_is_chosen"):
        Inclusion.objects.create(sample=sample, response=world.response, probability=1.0, chosen=False)
