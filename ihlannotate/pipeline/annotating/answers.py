"""Answers between a form and the database: a form gives lists of values, a row holds one value or text."""

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence

from ihlannotate.models.annotation import Annotation, Answer, Evidence, Revision
from ihlannotate.models.assignment import Assignment
from ihlannotate.models.rubric import Criterion
from ihlannotate.models.study import Membership
from ihlannotate.pipeline.annotating.evidence import Mark
from ihlannotate.readers.rubric import CriterionSpec, RubricSpec

Answers = Mapping[str, Sequence[str]]  # criterion key -> the values chosen; text is one value


def cleaned(spec: RubricSpec, answers: Answers) -> dict[str, list[str]]:
    """The answers to questions of this rubric, without empty ones; texts trimmed."""
    kept: dict[str, list[str]] = {}
    for criterion in spec.criteria:
        given = [plain(value) for value in answers.get(criterion.key, ())]
        values = [value for value in given if value]
        if values:
            kept[criterion.key] = values
    return kept


def plain(text: str) -> str:
    """The text trimmed, without NUL characters, which no database keeps."""
    return text.replace("\0", "").strip()


def stored(criterion: CriterionSpec, values: Sequence[str]) -> tuple[str, str]:
    """(value, text) as the columns of Answer hold them."""
    if criterion.kind == "text":
        return "", values[0]
    if criterion.kind == "many":
        return set_value(values), ""
    return values[0], ""


def set_value(values: Iterable[str]) -> str:
    """A set of values as one canonical text: a sorted JSON list, numbers in their order."""
    order = sorted(set(values), key=lambda value: (not value.isdigit(), value.zfill(9)))
    return json.dumps(order, ensure_ascii=False, separators=(",", ":"))


def read_back(criterion: CriterionSpec, value: str, text: str) -> list[str]:
    """The form's list of values behind a stored answer."""
    if criterion.kind == "text":
        return [text]
    if criterion.kind == "many":
        return [str(one) for one in json.loads(value)]
    return [value]


def append_revision(
    *,
    assignment: Assignment,
    annotator: Membership,
    prompt_id: int,
    spec: RubricSpec,
    rubric_id: int,
    before: Revision | None,
    answers: Answers,
    submission: uuid.UUID,
    marks: Sequence[Mark] = (),
    reason: str = "",
    seconds: int | None = None,
) -> Revision:
    """Append a revision to the assignment's annotation (made if new); only its answers are live from now on.

    `before` is the newest revision of the assignment, if any.
    """
    if before:
        take_down(before)
        annotation_id = before.annotation_id
    else:
        annotation_id = Annotation.objects.create(assignment=assignment).pk
    revision = Revision.objects.create(
        annotation_id=annotation_id,
        number=before.number + 1 if before else 1,
        rubric_id=rubric_id,
        submission=submission,
        reason=reason,
        seconds=seconds,
    )
    criteria = {one.key: one for one in Criterion.objects.filter(rubric=rubric_id)}
    rows = []
    for criterion in spec.criteria:
        if criterion.key in answers:
            value, text = stored(criterion, answers[criterion.key])
            rows.append(
                Answer(
                    study_id=assignment.study_id,
                    revision=revision,
                    criterion=criteria[criterion.key],
                    prompt_id=prompt_id,
                    response_id=assignment.response_id,
                    annotator=annotator,
                    occasion=assignment.occasion,
                    value=value,
                    text=text,
                )
            )
    Answer.objects.bulk_create(rows)
    if marks:
        Evidence.objects.bulk_create(
            Evidence(revision=revision, criterion=criteria[one.criterion], start=one.start, end=one.end)
            for one in marks
        )
    return revision


def take_down(revision: Revision) -> None:
    """The answers of the revision's annotation no longer count; they stay readable."""
    Answer.objects.filter(revision__annotation=revision.annotation_id, live=True).update(live=False)
