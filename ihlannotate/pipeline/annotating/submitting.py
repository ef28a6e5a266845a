"""Drafts and submissions. An acknowledged submission is on disk; sent twice, it is still one."""

import enum
import hashlib
import json
import uuid
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from ihlannotate.models.annotation import Annotation, Revision
from ihlannotate.models.assignment import Assignment, Sheet, Skip
from ihlannotate.models.event import record
from ihlannotate.models.rubric import Criterion
from ihlannotate.pipeline import assigning
from ihlannotate.pipeline.annotating.answers import Answers, append_revision, cleaned
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.refusals import Problem, Refused
from ihlannotate.readers.rubric_check import problems as rubric_problems

MAX_DRAFT_BYTES = 100_000


class State(enum.Enum):
    ACCEPTED = "accepted"
    REPEATED = "repeated"  # the same submission had been accepted before
    KEPT = "kept"  # the slot is gone: the answers stay as a draft


@dataclass(frozen=True)
class Outcome:
    state: State
    revision: int  # number of the revision; 0 when only a draft was kept


def save_draft(sheet: Sheet, answers: Answers) -> None:
    """Keep answers that are not yet submitted, complete or not.

    Raises Refused when they are too large to be anybody's answers, or the study no longer takes any.
    """
    study = sheet.annotator.study
    if not study.is_open:
        raise Refused("This study is closed: nothing can be changed any more.")
    draft = cleaned(spec_of(study.rubric), answers)
    if len(json.dumps(draft)) > MAX_DRAFT_BYTES:
        raise Refused("These answers are too long to keep. Shorten the comment.")
    Sheet.objects.filter(pk=sheet.pk).update(draft=draft, draft_saved_at=timezone.now())


@transaction.atomic
def submit(sheet: Sheet, *, answers: Answers, submission: uuid.UUID, reason: str = "") -> Outcome:
    """Make the answers on a sheet the annotator's rating of its response.

    The first submission makes the annotation, a later one appends a revision. The same `submission` again changes
    nothing. When the lease ran out and the slot has gone to somebody else, the answers are kept as a draft.
    Raises Refused: study not open, item skipped, or answers that the rubric does not allow (`problems` names each
    criterion in `column`).
    """
    member = assigning.locked(sheet.annotator)
    earlier = Revision.objects.filter(submission=submission).select_related("annotation__assignment").first()
    if earlier:
        return _repeated(earlier, sheet)
    study = member.study
    if not study.is_open:
        raise Refused(
            "This study is closed: nothing can be changed any more. Your last submitted answers count."
        )
    if Skip.objects.filter(sheet=sheet).exists():
        raise Refused("You have skipped this item. Take it back first to rate it.")
    spec = spec_of(study.rubric)
    answers = cleaned(spec, answers)
    wrong = rubric_problems(spec, answers)
    if wrong:
        raise Refused(
            "Some answers are missing or do not fit.",
            problems=tuple(Problem(one.message, column=one.key) for one in wrong),
        )
    assignment = assigning.retake(sheet)
    if assignment is None:
        save_draft(sheet, answers)
        return Outcome(State.KEPT, 0)
    revision = append_revision(
        assignment=assignment,
        annotator=member,
        prompt_id=sheet.response.prompt_id,
        spec=spec,
        criteria={one.key: one for one in Criterion.objects.filter(rubric=study.rubric_id)},
        rubric_id=study.rubric_id,
        answers=answers,
        submission=submission,
        reason=reason.strip(),
        seconds=min(int((timezone.now() - sheet.created_at).total_seconds()), 2**31 - 1),
    )
    Assignment.objects.filter(pk=assignment.pk).update(leased_until=None)
    Sheet.objects.filter(pk=sheet.pk).update(draft={}, draft_saved_at=None)
    data = {"annotation": revision.annotation_id, "revision": revision.number}
    record(
        study,
        "annotation.submitted",
        actor=member.user_id,
        data=data | {"sha256": _digest(answers, submission)},
    )
    return Outcome(State.ACCEPTED, revision.number)


def _repeated(earlier: Revision, sheet: Sheet) -> Outcome:
    assignment = earlier.annotation.assignment
    if (assignment.annotator_id, assignment.response_id) != (sheet.annotator_id, sheet.response_id):
        raise Refused("This form belongs to another item. Open the item again and submit from there.")
    return Outcome(State.REPEATED, earlier.number)


def _digest(answers: Answers, submission: uuid.UUID) -> str:
    """Ties the log to the answers without telling them: the submission's random id salts the hash."""
    content = json.dumps([str(submission), answers], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(content.encode()).hexdigest()


@transaction.atomic
def undo_skip(sheet: Sheet) -> bool:
    """Take a skipped item back, if a slot of it is still open; whether it worked."""
    if not assigning.locked(sheet.annotator).study.is_open or assigning.retake(sheet) is None:
        return False
    Skip.objects.filter(sheet=sheet).delete()
    return True


def is_submitted(sheet: Sheet) -> bool:
    return Annotation.objects.filter(
        assignment__response=sheet.response_id,
        assignment__annotator=sheet.annotator_id,
        assignment__occasion=sheet.occasion,
    ).exists()
