"""The home of a study: are we on pace, do they agree, what needs me now."""

import datetime
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from ihlannotate.models.gold import Adjudication, GoldRelease
from ihlannotate.models.job import Job
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.adjudicating import contested
from ihlannotate.pipeline.agreement import CriterionAgreement, agreement, levelled_criteria
from ihlannotate.pipeline.releasing import latest_release
from ihlannotate.pipeline.reporting.words import Reading, agreement_reading
from ihlannotate.pipeline.roles import Role
from ihlannotate.web.access import coordinator_in, signed_in
from ihlannotate.web.coordinate.acts import ACTS, Act
from ihlannotate.web.coordinate.pace import Pace, pace_of

HEADLINES = 3


@dataclass(frozen=True)
class Step:
    """A step of the study's life: when it was reached, and whether it is where the study stands."""

    name: str | Promise
    at: datetime.datetime | None
    current: bool


@dataclass(frozen=True)
class Task:
    """Something that waits for the coordinator, and where it is done."""

    text: str
    url: str


@dataclass(frozen=True)
class Headline:
    found: CriterionAgreement
    reading: Reading


@dataclass(frozen=True)
class Situation:
    """What the to-do list is derived from."""

    study: Study
    pace: Pace
    release: GoldRelease | None
    contested: int
    settled_since: int  # adjudications that the newest release does not hold
    annotators: int
    adjudicators: int
    waiting: int  # people without a password
    unfinished: tuple[Job, ...]  # uploads that wait for a person


@require_safe
@signed_in
def home(request: HttpRequest, slug: str) -> HttpResponse:
    """Three answers at a glance, and the next act."""
    study = coordinator_in(request, slug)
    now = situation(study)
    context = {
        "study": study,
        "section": "home",
        "now": now,
        "steps": steps(study, now.release),
        "next_act": next_act(study, now.release),
        "tasks": tasks(now),
        "headlines": headlines(study) if now.pace.filled else [],
    }
    return render(request, "coordinate/home.html", context)


def situation(study: Study) -> Situation:
    """The state of a study, in a fixed number of queries."""
    members = list(study.memberships.select_related("user"))
    release = latest_release(study)
    settled = Adjudication.objects.filter(study=study)
    jobs = Job.objects.filter(
        study=study, kind=Job.Kind.IMPORT, state__in=[Job.State.RECEIVED, Job.State.FAILED]
    )
    return Situation(
        study=study,
        pace=pace_of(study),
        release=release,
        contested=len(contested(study)),
        settled_since=settled.filter(created_at__gt=release.released_at).count() if release else 0,
        annotators=_with_role(members, Role.ANNOTATOR),
        adjudicators=_with_role(members, Role.ADJUDICATOR),
        waiting=sum(one.user is not None and not one.user.has_usable_password() for one in members),
        unfinished=tuple(jobs.order_by("-pk")[:5]),
    )


def _with_role(members: list[Membership], role: Role) -> int:
    return sum(one.role == role for one in members)


def steps(study: Study, release: GoldRelease | None) -> list[Step]:
    """The line draft → open → closed → gold → unblinded."""
    reached = [
        (gettext_lazy("Draft"), study.created_at),
        (gettext_lazy("Open"), study.opened_at),
        (gettext_lazy("Closed"), study.closed_at),
        (gettext_lazy("Gold"), release.released_at if release else None),
        (gettext_lazy("Unblinded"), study.unblinded_at),
    ]
    last = max(place for place, (_name, at) in enumerate(reached) if at)
    return [Step(name, at, place == last) for place, (name, at) in enumerate(reached)]


def next_act(study: Study, release: GoldRelease | None) -> Act | None:
    """The one act that comes next in a study's life."""
    if study.is_unblinded:
        return None
    if study.closed_at:
        return ACTS["unblind" if release else "release"]
    return ACTS["close" if study.opened_at else "open"]


def tasks(now: Situation) -> list[Task]:
    """What waits for the coordinator, most pressing first. Everything here is derived from the study's state."""
    found = [*_about_imports(now), *_about_people(now)]
    if now.study.state == Study.State.OPEN:
        found += _while_open(now)
    if now.study.closed_at and not now.study.is_unblinded:
        found += _after_closing(now)
    return found


def _url(now: Situation, name: str, *args: str) -> str:
    return reverse(f"coordinate:{name}", args=[now.study.slug, *args])


def _about_imports(now: Situation) -> list[Task]:
    found = []
    if not now.study.closed_at:
        for job in now.unfinished:
            words = _("The import of “%(file)s” failed: see why") if job.state == Job.State.FAILED else _(
                "“%(file)s” is uploaded: confirm its columns"
            )  # fmt: skip
            found.append(Task(words % {"file": job.file_name}, _url(now, "job", job.code)))
        if not now.pace.responses:
            found.append(Task(_("Import a run: there is nothing to rate yet"), _url(now, "runs")))
    return found


def _about_people(now: Situation) -> list[Task]:
    found = []
    missing = now.study.overlap - now.annotators
    if missing > 0 and not now.study.closed_at:
        text = ngettext(
            "Add %(n)s more annotator: each response needs %(k)s",
            "Add %(n)s more annotators: each response needs %(k)s",
            missing,
        )
        found.append(Task(text % {"n": missing, "k": now.study.overlap}, _url(now, "people")))
    if now.waiting and not now.study.is_unblinded:
        text = ngettext(
            "%(n)s person has no password yet: send the invitation link",
            "%(n)s people have no password yet: send the invitation links",
            now.waiting,
        )
        found.append(Task(text % {"n": now.waiting}, _url(now, "people")))
    if now.contested and not now.adjudicators and not now.study.is_unblinded:
        found.append(Task(_("Add an adjudicator: nobody can settle contested items"), _url(now, "people")))
    return found


def _while_open(now: Situation) -> list[Task]:
    found = []
    if now.pace.slots and now.pace.left <= 0:
        found.append(Task(_("Every slot is filled: close the study"), _url(now, "act", "close")))
    if now.contested:
        found.append(_contested(now))
    return found


def _contested(now: Situation) -> Task:
    text = ngettext(
        "%(n)s contested item waits for an adjudicator",
        "%(n)s contested items wait for an adjudicator",
        now.contested,
    )
    return Task(text % {"n": now.contested}, _url(now, "adjudication"))


def _after_closing(now: Situation) -> list[Task]:
    found = [_contested(now)] if now.contested else []
    if now.release is None:
        found.append(Task(_("Release the gold labels"), _url(now, "act", "release")))
    elif now.settled_since:
        text = ngettext(
            "%(n)s adjudication is newer than the release: release again",
            "%(n)s adjudications are newer than the release: release again",
            now.settled_since,
        )
        found.append(Task(text % {"n": now.settled_since}, _url(now, "act", "release")))
    return found


def headlines(study: Study) -> list[Headline]:
    """Agreement on the first questions, those with ordered levels before the others, at most three."""
    chosen = [one for one in levelled_criteria(study) if one.level in ("nominal", "ordinal")]
    chosen.sort(key=lambda one: one.level == "nominal")
    keys = [one.key for one in chosen[:HEADLINES]]
    found = agreement(study, keys=keys, detail=False).criteria if keys else ()
    return [Headline(one, agreement_reading(one.reliability.krippendorff_alpha)) for one in found]
