"""Annotators who go on whatever happens to the server; then the database is held against what they were told."""

import datetime
import random
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPException

from django.db import transaction
from django.db.models import Count, F
from django.utils import timezone

from bench.inside.annotators import Browser, Page, sign_in
from bench.inside.world import full_answers
from ihlannotate.models.annotation import Annotation, Answer, Attempt, Revision
from ihlannotate.models.assignment import Assignment
from ihlannotate.models.study import Study
from ihlannotate.pipeline.assigning import expire_leases

THINKING = (0.1, 0.9)  # seconds, drawn evenly
DRAFTS = 0.3  # the share of items whose answers are saved as a draft first
PATIENCE = 120  # seconds for one request, over all its repetitions


@dataclass
class Told:
    """What the annotators were told."""

    acknowledged: list[uuid.UUID] = field(default_factory=list)
    drafts: int = 0
    repeated: int = 0  # requests that were sent again because no answer came
    errors: int = 0  # answers that nobody should get

    def add(self, other: "Told") -> None:
        self.acknowledged += other.acknowledged
        self.drafts += other.drafts
        self.repeated += other.repeated
        self.errors += other.errors


def work(*, port: int, annotators: int, seconds: int) -> dict[str, float]:
    """So many annotators at work for so long, each trying again until an answer comes; what they were told, and
    counters of correctness from the database, all of which must be 0."""
    study = Study.objects.get()
    deadline = time.monotonic() + seconds
    total = Told()
    with ThreadPoolExecutor(annotators) as pool:
        jobs = [pool.submit(_annotate, number, study.code, port, deadline) for number in range(annotators)]
        for job in jobs:
            total.add(job.result())
    return {
        "acknowledged": len(total.acknowledged),
        "drafts": total.drafts,
        "repeated": total.repeated,
        "errors": total.errors,
        **_held(study, total.acknowledged),
    }


def _annotate(number: int, study: str, port: int, deadline: float) -> Told:
    told = Told()
    dice = random.Random(number)
    browser = Browser(port)
    answers = {f"c-{key}": value for key, value in full_answers().items()}
    _until_answered(told, browser, lambda: sign_in(browser, number))
    page = _until_answered(told, browser, lambda: browser.get(f"/rate/{study}/next/"))
    while time.monotonic() < deadline and page.hidden("submission"):
        time.sleep(dice.uniform(*THINKING))
        fields = {name: page.hidden(name) for name in ("csrfmiddlewaretoken", "submission", "draft_base")}
        if dice.random() < DRAFTS:
            _save_draft(told, browser, page, fields | answers)
        page = _submit(told, browser, page, fields | answers, study)
    browser.close()
    return told


def _save_draft(told: Told, browser: Browser, page: Page, fields: Mapping[str, str]) -> None:
    sent = {**fields, "draft_sequence": "1"}
    answer = _until_answered(told, browser, lambda: browser.post(f"{page.path}draft/", sent, htmx=True))
    told.drafts += answer.status == 204
    told.errors += answer.status != 204


def _submit(told: Told, browser: Browser, page: Page, fields: Mapping[str, str], study: str) -> Page:
    """Send the form, again and again if need be, and go to the next item."""
    answer = _until_answered(told, browser, lambda: browser.post(page.path, fields, htmx=True))
    if answer.status == 200:
        told.acknowledged.append(uuid.UUID(fields["submission"]))
    else:
        told.errors += 1
    if answer.status == 200 and "HX-Push-Url" in answer.headers:
        return Page(answer.headers["HX-Push-Url"], answer.status, answer.headers, answer.text)
    return _until_answered(told, browser, lambda: browser.get(f"/rate/{study}/next/"))


def _until_answered(told: Told, browser: Browser, ask: Callable[[], Page]) -> Page:
    """The answer to a request that is sent until there is one."""
    give_up = time.monotonic() + PATIENCE
    while True:
        try:
            return ask()
        except (OSError, HTTPException):
            if time.monotonic() > give_up:
                raise
            told.repeated += 1
            browser.close()
            time.sleep(0.3)


def _held(study: Study, acknowledged: list[uuid.UUID]) -> dict[str, float]:
    present = set(Revision.objects.values_list("submission", flat=True))
    present |= set(Attempt.objects.values_list("submission", flat=True))
    rated = Annotation.objects.filter(assignment__occasion=1)
    by_response = rated.values("assignment__response").annotate(n=Count("pk"))
    by_person = Annotation.objects.values(
        "assignment__response", "assignment__annotator", "assignment__occasion"
    ).annotate(n=Count("pk"))
    revisions = Annotation.objects.annotate(n=Count("revisions"))
    return {
        "lost": len(set(acknowledged) - present),
        "never acknowledged": len(present - set(acknowledged)),
        "twice": len(acknowledged) - len(set(acknowledged)) + by_person.filter(n__gt=1).count(),
        "over": by_response.filter(n__gt=F("assignment__study__overlap")).count(),
        "half": revisions.exclude(n=1).count() + _without_answers(),
        "stuck": _stuck(study),
    }


def _without_answers() -> int:
    """Submissions that are there without their answers."""
    return Revision.objects.exclude(pk__in=Answer.objects.values("revision")).count()


def _stuck(study: Study) -> int:
    """Slots that nobody can ever get: more in hand than one a person, or not free once their time has run out."""
    leases = Assignment.objects.filter(study=study, leased_until__isnull=False)
    held = leases.values("annotator").annotate(n=Count("pk")).filter(n__gt=1).count()
    leases.update(leased_until=timezone.now() - datetime.timedelta(minutes=1))
    with transaction.atomic():
        expire_leases(study)
    unrated = Assignment.objects.filter(study=study, annotation=None)
    return held + unrated.exclude(annotator=None).count()
