"""Studies made fast: items and ratings in bulk, people and slots by the product's own verbs."""

import uuid
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TypeVar

import numpy as np
from django.contrib.auth.hashers import make_password
from django.db import connection, models, transaction

from bench.texts import MODELS, prompt_text, response_text
from ihlannotate.models.annotation import Annotation, Answer, Revision
from ihlannotate.models.assignment import Assignment
from ihlannotate.models.item import Prompt, Response
from ihlannotate.models.rubric import Criterion
from ihlannotate.models.study import Membership, Study
from ihlannotate.models.user import User
from ihlannotate.pipeline.founding import add_member, default_rubric, found_study
from ihlannotate.pipeline.importing import sha256
from ihlannotate.pipeline.lifecycle import open_study
from ihlannotate.readers.rubric_check import visible

OVERLAP = 3
SEED = 1949
PASSWORD = "bench only, and on loopback"
M = TypeVar("M", bound=models.Model)


def open_world(*, responses: int, annotators: int, overlap: int = OVERLAP) -> tuple[Study, list[Membership]]:
    """An open study of that many responses, k = `overlap`, under the rubric that ships, and its annotators."""
    study = found_study(
        slug="bench", title="Bench", spec=default_rubric(), actor=None, overlap=overlap, seed=SEED
    )
    with transaction.atomic():
        _fill(study, responses)
    members = [
        add_member(study=study, name=f"Annotator {n}", email=email(n), role="annotator", actor=None)
        for n in range(annotators)
    ]
    open_study(study, actor=None)
    _analyse()
    study.refresh_from_db()
    return study, members


def _analyse() -> None:
    """What PostgreSQL does by itself after a while. Nothing does it to our SQLite databases, so neither do we."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def full_answers() -> dict[str, str]:
    """The first answer to every question that the rubric which ships asks and requires."""
    spec = default_rubric()
    answers: dict[str, str] = {}
    for criterion in spec.criteria:
        shown = visible(spec, {key: [value] for key, value in answers.items()})
        if criterion.required and criterion.key in shown:
            answers[criterion.key] = criterion.values[0]
    return answers


def email(number: int) -> str:
    return f"annotator{number}@example.org"


def let_in(members: Sequence[Membership]) -> None:
    """Give the annotators their password, hashed once: that takes its time on purpose."""
    User.objects.filter(memberships__in=members).update(password=make_password(PASSWORD))


def _fill(study: Study, responses: int) -> None:
    prompts = (
        Prompt(study_id=study.pk, text=text, text_sha256=sha256(text), language="en")
        for text in map(prompt_text, range(-(-responses // MODELS)))
    )
    ids = [prompt.pk for prompt in created(Prompt, prompts)]
    answers = (
        Response(study_id=study.pk, prompt_id=ids[n // MODELS], text=text, text_sha256=sha256(text))
        for n, text in enumerate(map(response_text, range(responses)))
    )
    for _ in created(Response, answers):
        pass


def created(model: type[M], rows: Iterator[M]) -> Iterator[M]:
    """Save rows in batches; the rows, with their ids."""
    while batch := list(islice(rows, 2000)):
        yield from model._default_manager.bulk_create(batch)


def rate_all(study: Study, members: Sequence[Membership], *, responses: int | None = None) -> None:
    """Each of OVERLAP annotators rates every response, or the first so many: mostly refused, in agreement, seeded."""
    people = list(members)
    assert len(people) == study.overlap
    rated = study.responses.order_by("pk").values("pk")[:responses]
    with transaction.atomic():
        for slot, member in enumerate(people, start=1):
            Assignment.objects.filter(study=study, slot=slot, response__in=rated).update(annotator=member)
        _rate(study)
    _analyse()
    study.refresh_from_db()


def _rate(study: Study) -> None:
    taken = Assignment.objects.filter(study=study, annotator__isnull=False).order_by("response_id", "slot")
    slots = list(taken.values_list("pk", "response_id", "response__prompt_id", "annotator_id"))
    annotations = created(Annotation, (Annotation(assignment_id=slot[0]) for slot in slots))
    revisions = created(
        Revision,
        (
            Revision(
                annotation_id=annotation.pk,
                number=1,
                rubric_id=study.rubric_id,
                submission=uuid.uuid4(),
                seconds=60,
            )
            for annotation in annotations
        ),
    )
    criteria = dict(Criterion.objects.filter(rubric=study.rubric_id).values_list("key", "pk"))
    rng = np.random.default_rng(SEED)
    answers = (
        Answer(
            study_id=study.pk,
            revision_id=revision.pk,
            criterion_id=criteria[key],
            prompt_id=prompt,
            response_id=response,
            annotator_id=annotator,
            occasion=1,
            value=value,
        )
        for revision, (_, response, prompt, annotator) in zip(revisions, slots, strict=True)
        for key, value in _given(response, rng).items()
    )
    for _ in created(Answer, answers):
        pass


def _given(response: int, rng: np.random.Generator) -> dict[str, str]:
    """Three answers: one in eight responses is not a plain refusal, and one answer in ten strays."""
    leaning = ("refused", "partly_refused", "not_refused")[(response % 8 == 0) + (response % 16 == 0)]
    refusal = leaning if rng.random() < 0.9 else "partly_refused"
    given = {"usable": "usable", "refusal": refusal}
    if refusal != "not_refused":
        given["helpfulness"] = str(1 + min(4, max(0, response % 5 + int(rng.integers(-1, 2)))))
    return given


def quantiles(seconds: Sequence[float]) -> dict[str, float]:
    """Median and 95th percentile."""
    p50, p95 = np.quantile(seconds, [0.5, 0.95])
    return {"p50": float(p50), "p95": float(p95)}
