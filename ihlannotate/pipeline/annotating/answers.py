"""Answers between a form and the database: a form gives lists of values, a row holds one value or text."""

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Max

from ihlannotate.models.annotation import Annotation, Answer, Revision
from ihlannotate.models.assignment import Assignment
from ihlannotate.models.rubric import Criterion
from ihlannotate.models.study import Membership
from ihlannotate.readers.rubric import CriterionSpec, RubricSpec

Answers = Mapping[str, Sequence[str]]  # criterion key -> the values chosen; text is one value


def cleaned(spec: RubricSpec, answers: Answers) -> dict[str, list[str]]:
    """The answers to questions of this rubric, without empty ones; texts trimmed."""
    kept: dict[str, list[str]] = {}
    for criterion in spec.criteria:
        values = [value.strip() for value in answers.get(criterion.key, ()) if value.strip()]
        if values:
            kept[criterion.key] = values
    return kept


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
    criteria: Mapping[str, Criterion],
    rubric_id: int,
    answers: Answers,
    submission: uuid.UUID,
    reason: str = "",
    seconds: int | None = None,
) -> Revision:
    """Append a revision to the assignment's annotation (made if new); only its answers are live from now on."""
    there = Annotation.objects.filter(assignment=assignment).annotate(last=Max("revisions__number")).first()
    if there:
        Answer.objects.filter(revision__annotation=there, live=True).update(live=False)
    annotation = there or Annotation.objects.create(assignment=assignment)
    revision = Revision.objects.create(
        annotation=annotation,
        number=there.last + 1 if there else 1,
        rubric_id=rubric_id,
        submission=submission,
        reason=reason,
        seconds=seconds,
    )
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
    return revision
