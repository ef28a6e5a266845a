"""The audit log of a study: who did what and when, and whether its chain of hashes is whole."""

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from ihlannotate.models.event import Event, first_broken
from ihlannotate.web.access import coordinator_in, signed_in

A_PAGE = 100
VERBS = {
    "study.founded": _("founded the study"),
    "bundle.imported": _("imported a benchmark bundle"),
    "study.opened": _("opened the study"),
    "study.extended": _("laid out more slots"),
    "study.closed": _("closed the study"),
    "study.unblinded": _("unblinded the study"),
    "study.exported": _("exported"),
    "settings.changed": _("changed settings"),
    "study.edited": _("edited the study or its people in the administration"),
    "guess.made": _("guessed at a model"),
    "member.added": _("added a person"),
    "member.expertise_stated": _("stated somebody’s expertise"),
    "member.quota_set": _("set a quota"),
    "member.paused": _("paused an annotator"),
    "member.resumed": _("let an annotator resume"),
    "item.released": _("freed an item"),
    "item.reassigned": _("gave an item to somebody else"),
    "run.imported": _("imported a run"),
    "sample.drawn": _("drew the sample"),
    "annotations.imported": _("imported annotations"),
    "adjudications.imported": _("imported adjudications"),
    "verdicts.imported": _("imported verdicts"),
    "annotation.submitted": _("submitted an annotation"),
    "annotation.revised": _("revised an annotation"),
    "annotation.withdrawn": _("took an annotation back"),
    "attempt.submitted": _("answered an attention item"),
    "attempt.withdrawn": _("took an answer to an attention item back"),
    "known_items.imported": _("imported known items"),
    "known_item.retired": _("retired a known item"),
    "known_item.brought_back": _("brought a known item back"),
    "training.passed": _("passed the training"),
    "training.waived": _("let an annotator begin without the training"),
    "disagreement.tagged": _("said why annotators differ"),
    "opinion.given": _("gave an opinion on a contested item"),
    "item.adjudicated": _("settled an item"),
    "note.written": _("wrote a note on an item"),
    "gold.released": _("released gold labels"),
}


@dataclass(frozen=True)
class Line:
    """One event of the log, in words."""

    number: int
    at: datetime.datetime
    actor: str | Promise
    verb: str | Promise
    details: str
    digest: str


@require_safe
@signed_in
def log(request: HttpRequest, slug: str) -> HttpResponse:
    """The acts upon a study, newest first."""
    study = coordinator_in(request, slug)
    events = Event.objects.filter(study=study).select_related("actor").order_by("-number")
    page = Paginator(events, A_PAGE).get_page(request.GET.get("page"))
    aliases = dict(study.memberships.filter(user__isnull=False).values_list("user", "alias"))
    context = {
        "study": study,
        "section": "log",
        "page": page,
        "lines": [_line(event, aliases) for event in page],
        "broken": first_broken(study),
    }
    return render(request, "coordinate/log.html", context)


def _line(event: Event, aliases: Mapping[int, str]) -> Line:
    """Members are named by their alias, as everywhere; others by their name."""
    actor = aliases.get(event.actor_id or 0) or (event.actor.name if event.actor else _("command line"))
    return Line(
        event.number, event.at, actor, VERBS.get(event.verb, event.verb), details(event), event.digest
    )


def details(event: Event) -> str:
    """What an event says beside its verb, as “key: value” pairs."""
    return "; ".join(f"{key}: {_short(value)}" for key, value in event.data.items())


def _short(value: object) -> str:
    if isinstance(value, dict) and value.keys() == {"old", "new"}:
        return f"{_short(value['old'])} → {_short(value['new'])}"
    if isinstance(value, dict) and value.keys() == {"added", "removed"}:
        signed = [*(f"+{one}" for one in value["added"]), *(f"−{one}" for one in value["removed"])]
        return ", ".join(signed)
    text = ", ".join(map(str, value)) if isinstance(value, list | dict) else str(value)
    return f"{text[:12]}…" if re.fullmatch(r"[0-9a-f]{64}", text) else text
