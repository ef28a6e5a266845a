"""Annotating: the verbs alone, and through real pages; then what the database holds is held against what was said."""

import uuid
from collections.abc import Collection
from time import perf_counter

from django.db.models import Count, F

from bench.inside.annotators import work_through
from bench.inside.world import full_answers, let_in, open_world, quantiles
from ihlannotate.models.annotation import Annotation, Revision
from ihlannotate.models.assignment import Assignment
from ihlannotate.models.study import Study
from ihlannotate.pipeline.annotating import item_page, submit
from ihlannotate.pipeline.assigning import next_sheet


def prepare(*, responses: int, annotators: int) -> dict[str, float]:
    """An open study whose annotators can sign in."""
    start = perf_counter()
    _, members = open_world(responses=responses, annotators=annotators)
    let_in(members)
    return {"seconds": perf_counter() - start}


def verbs(*, rounds: int) -> dict[str, float]:
    """One annotator's next item (with its page) and submission, without HTTP."""
    member = Study.objects.get().memberships.order_by("pk")[0]
    handing, submitting = [], []
    answers = {key: [value] for key, value in full_answers().items()}
    for _ in range(rounds):
        start = perf_counter()
        sheet = next_sheet(member)
        assert sheet is not None
        page = item_page(sheet)
        handed = perf_counter()
        submit(sheet, answers=answers, submission=uuid.UUID(page.submission))
        submitting.append(perf_counter() - handed)
        handing.append(handed - start)
    return _named("next", quantiles(handing)) | _named("submit", quantiles(submitting))


def pages(*, port: int, annotators: int, each: int) -> dict[str, float]:
    """Annotators at work in the browser's way, all at once and without think time, on at most `each` items apiece."""
    before = set(Revision.objects.values_list("submission", flat=True))
    work = work_through(Study.objects.get().code, port=port, annotators=annotators, each=each)
    return {
        "submissions": len(work.acknowledged),
        "rate": len(work.acknowledged) / work.seconds,
        "errors": work.errors,
        **_named("first", quantiles(work.first)),
        **_named("submit", quantiles(work.submitting)),
        **_held(before, work.acknowledged),
    }


def _named(name: str, figures: dict[str, float]) -> dict[str, float]:
    return {f"{name} {key}": value for key, value in figures.items()}


def _held(before: Collection[uuid.UUID], acknowledged: Collection[uuid.UUID]) -> dict[str, float]:
    """Counters of correctness, from the database."""
    added = set(Revision.objects.values_list("submission", flat=True)) - set(before)
    annotated = Annotation.objects.filter(assignment__occasion=1)
    by_response = annotated.values("assignment__response").annotate(n=Count("pk"))
    by_person = annotated.values("assignment__response", "assignment__annotator").annotate(n=Count("pk"))
    return {
        "over": by_response.filter(n__gt=F("assignment__study__overlap")).count(),
        "duplicates": by_person.filter(n__gt=1).count() + len(acknowledged) - len(set(acknowledged)),
        "differing": len(set(acknowledged) ^ added),
        "open": Assignment.objects.filter(annotation=None).count(),
    }
