"""Training: items with known answers, one after another, explained feedback on each, and qualification at the end."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ihlannotate.models.annotation import Attempt
from ihlannotate.models.assignment import Sheet
from ihlannotate.models.event import record
from ihlannotate.models.known import KnownItem
from ihlannotate.models.study import Membership
from ihlannotate.models.user import User
from ihlannotate.pipeline import assigning
from ihlannotate.pipeline.annotating.answers import Answers, cleaned
from ihlannotate.pipeline.annotating.attempts import append_attempt
from ihlannotate.pipeline.annotating.drafts import clear_draft, text_of
from ihlannotate.pipeline.annotating.evidence import checked
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.readiness.scoring import KeyedAnswer, Score, compare, score
from ihlannotate.pipeline.refusals import Problem, Refused
from ihlannotate.readers.rubric import RubricSpec
from ihlannotate.readers.rubric_check import problems as rubric_problems

Round = dict[int, Attempt]  # id of the known item -> the attempt on it


@dataclass(frozen=True)
class Feedback:
    """What an annotator learns after an attempt on a training item. `number` is its place, from 1."""

    code: str
    number: int
    prompt: str
    answers: tuple[KeyedAnswer, ...]
    explanation: str

    @property
    def score(self) -> Score:
        return score(self.answers)


@dataclass(frozen=True)
class Standing:
    """Where an annotator stands in the training. `feedback` is on the items of the current round, in their order."""

    round: int  # 1 is the first
    total: int  # training items in use
    feedback: tuple[Feedback, ...]
    threshold: int  # percent
    qualified: bool

    @property
    def done(self) -> int:
        return len(self.feedback)

    @property
    def complete(self) -> bool:
        return 0 < self.total == self.done

    @property
    def score(self) -> Score:
        return score(answer for one in self.feedback for answer in one.answers)

    @property
    def passed(self) -> bool:
        """Whether this round is complete and reaches the threshold."""
        return self.complete and self.score.reaches(self.threshold)


def rounds_of(attempts: Sequence[Attempt]) -> list[Round]:
    """Attempts in their order as rounds: one begins with the first attempt, and with each on an item that it has."""
    rounds: list[Round] = []
    for attempt in attempts:
        item = attempt.sheet.known_id
        assert item is not None
        if not rounds or item in rounds[-1]:
            rounds.append({})
        rounds[-1][item] = attempt
    return rounds


def training_of(member: Membership) -> Standing:
    """Where the annotator stands: three queries."""
    return _standing(member, _items(member), _rounds(member))


def next_training_sheet(member: Membership) -> Sheet | None:
    """The annotator's sheet at the next item of the current round, made if need be; None when the round is complete."""
    items, rounds = _items(member), _rounds(member)
    waiting = [item for item in items if not rounds or item.pk not in rounds[-1]]
    return _sheet(member, waiting[0]) if waiting else None


def another_round(member: Membership) -> Sheet:
    """The sheet that a further round begins with. Raises Refused while the round is not complete, or was passed."""
    items, rounds = _items(member), _rounds(member)
    standing = _standing(member, items, rounds)
    if standing.qualified or not standing.complete:
        raise Refused(_("There is no further round to begin: go on where you are."))
    return _sheet(member, items[0])


def may_attempt(sheet: Sheet) -> bool:
    """Whether this training sheet waits for answers now: its item is not yet in the current round, or that is over."""
    member = sheet.annotator
    standing = training_of(member)
    if member.qualified_at is not None or member.study.closed_at or _retired(sheet):
        return False
    return standing.complete or sheet.code not in {one.code for one in standing.feedback}


def feedback_on(sheet: Sheet) -> Feedback | None:
    """Feedback on the annotator's newest attempt on a training item; None before the first one."""
    attempt = Attempt.objects.filter(sheet=sheet, withdrawn=False).order_by("-number").first()
    if attempt is None or not is_training(sheet):
        return None
    attempt.sheet = sheet
    items = _items(sheet.annotator)
    number = next((place for place, item in enumerate(items, 1) if item.pk == sheet.known_id), len(items))
    return _feedback(spec_of(sheet.annotator.study.rubric), attempt, number)


def is_training(sheet: Sheet) -> bool:
    """Whether the sheet is at a training item."""
    return sheet.known is not None and sheet.known.purpose == KnownItem.Purpose.TRAINING


@transaction.atomic
def submit_training(
    sheet: Sheet,
    *,
    answers: Answers,
    submission: uuid.UUID,
    evidence: Iterable[Sequence[str | int]] = (),
) -> Feedback:
    """Keep an attempt on a training item and say how it compares with the key.

    With the last item of a round that reaches the study's threshold, the annotator is qualified. The same
    `submission` again changes nothing. Raises Refused: no training item or retired, study closed, training over, the
    item already answered in this round, evidence that is not in the text, answers that the rubric does not allow
    (`problems` names each criterion).
    """
    member = assigning.locked(sheet.annotator)
    earlier = Attempt.objects.filter(submission=submission).select_related("sheet__known").first()
    if earlier:
        return _repeated(sheet, earlier)
    _check_open(sheet, member)
    items, rounds = _items(member), _rounds(member)
    standing = _standing(member, items, rounds)
    if not standing.complete and rounds and sheet.known_id in rounds[-1]:
        raise Refused(_("You have already answered this item. Go on with the next one."))
    spec = spec_of(member.study.rubric)
    answers, marks = cleaned(spec, answers), checked(spec, text_of(sheet), evidence)
    wrong = rubric_problems(spec, answers)
    if wrong:
        raise Refused(
            _("Some answers are missing or do not fit."),
            problems=tuple(Problem(one.message, column=one.key) for one in wrong),
        )
    seconds = min(int((timezone.now() - sheet.created_at).total_seconds()), 2**31 - 1)
    first = not any(sheet.known_id in one for one in rounds)
    attempt = append_attempt(
        sheet=sheet,
        answers=answers,
        submission=submission,
        evidence=marks,
        seconds=seconds if first else None,
    )
    clear_draft(sheet, page=submission)
    attempt.sheet = sheet
    number = next(place for place, item in enumerate(items, start=1) if item.pk == sheet.known_id)
    qualify_if_passed(member)
    return _feedback(spec, attempt, number)


def _repeated(sheet: Sheet, earlier: Attempt) -> Feedback:
    feedback = feedback_on(sheet) if earlier.sheet_id == sheet.pk else None
    if feedback is None:
        raise Refused(_("This form belongs to another item. Open the item again and submit from there."))
    return feedback


def _check_open(sheet: Sheet, member: Membership) -> None:
    if member.study.closed_at:
        raise Refused(_("This study is closed: there is nothing left to train for."))
    if not is_training(sheet) or _retired(sheet):
        raise Refused(_("This item is no longer part of the training. Go on with the next one."))
    if member.qualified_at is not None:
        raise Refused(_("Your training is over: the items of the study are open to you."))


def _retired(sheet: Sheet) -> bool:
    return not KnownItem.objects.filter(sheets=sheet.pk, retired_at=None).exists()


@transaction.atomic
def qualify_if_passed(member: Membership) -> bool:
    """Qualify an annotator whose round is complete and reaches the threshold; whether they are qualified now.

    Items retired or a threshold lowered since the last attempt count too, hence a verb of its own.
    """
    member = assigning.locked(member)
    if member.qualified_at is not None:
        return True
    standing = training_of(member)
    if member.study.closed_at or not standing.passed:
        return False
    Membership.objects.filter(pk=member.pk).update(qualified_at=timezone.now())
    data = {
        "alias": member.alias,
        "round": standing.round,
        "agreed": standing.score.agreed,
        "keyed": standing.score.keyed,
    }
    record(member.study, "training.passed", actor=member.user_id, data=data)
    return True


@transaction.atomic
def waive(member: Membership, *, actor: User | None, reason: str) -> None:
    """Let an annotator begin without having passed the training. Raises Refused: no reason, qualified, no annotator."""
    member = assigning.locked(member)
    if member.role != Membership.Role.ANNOTATOR:
        raise Refused(_("Only annotators train. %(alias)s is not one.") % {"alias": member.alias})
    if member.qualified_at is not None:
        raise Refused(_("%(alias)s is already qualified. Nothing was changed.") % {"alias": member.alias})
    if not reason.strip():
        raise Refused(_("Give a reason: it is kept in the log. Nothing was changed."))
    Membership.objects.filter(pk=member.pk).update(qualified_at=timezone.now())
    data = {"alias": member.alias, "reason": reason.strip()}
    record(member.study, "training.waived", actor=actor, data=data)


def _items(member: Membership) -> list[KnownItem]:
    items = KnownItem.objects.filter(
        study=member.study_id, purpose=KnownItem.Purpose.TRAINING, retired_at=None
    )
    return list(items.order_by("position"))


def _rounds(member: Membership) -> list[Round]:
    attempts = Attempt.objects.filter(
        sheet__annotator=member, sheet__known__purpose=KnownItem.Purpose.TRAINING, withdrawn=False
    )
    return rounds_of(list(attempts.select_related("sheet__known").order_by("pk")))


def _standing(member: Membership, items: Sequence[KnownItem], rounds: Sequence[Round]) -> Standing:
    spec = spec_of(member.study.rubric)
    current = rounds[-1] if rounds else {}
    return Standing(
        round=max(1, len(rounds)),
        total=len(items),
        feedback=tuple(
            _feedback(spec, current[item.pk], number)
            for number, item in enumerate(items, start=1)
            if item.pk in current
        ),
        threshold=member.study.qualification_percent,
        qualified=member.qualified_at is not None,
    )


def _feedback(spec: RubricSpec, attempt: Attempt, number: int) -> Feedback:
    item = attempt.sheet.known
    assert item is not None
    return Feedback(
        code=attempt.sheet.code,
        number=number,
        prompt=item.prompt,
        answers=compare(spec, item.key, attempt.answers),
        explanation=item.explanation,
    )


def _sheet(member: Membership, item: KnownItem) -> Sheet:
    return Sheet.objects.get_or_create(annotator=member, known=item)[0]
