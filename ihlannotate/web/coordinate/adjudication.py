"""Adjudication for coordinators: what waits and why, what was settled, how often minds changed, and the discussions."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from ihlannotate.models.gold import Adjudication
from ihlannotate.models.item import Response
from ihlannotate.models.study import Study
from ihlannotate.pipeline.adjudicating import ChangesOfMind, Contested, Reason, changes_of_mind, contested
from ihlannotate.pipeline.agreement import levelled_criteria
from ihlannotate.pipeline.discussing import Remark, discussed_in, remarks_on
from ihlannotate.web.access import coordinator_in, signed_in

A_PAGE = 50
THREADS_A_PAGE = 10
Words = str | Promise
REASONS: dict[Reason, Words] = {
    Reason.NO_MAJORITY: _("no majority"),
    Reason.SPREAD: _("levels far apart"),
    Reason.LOW_CONFIDENCE: _("low confidence"),
    Reason.AUDIT: _("audit"),
}


@dataclass(frozen=True)
class WaitingCounts:
    """How many items wait for an outcome to a question: all, and for each of REASONS (an item may have several)."""

    title: str
    total: int
    counts: tuple[int, ...]


@dataclass(frozen=True)
class WaitingLine:
    """An item that waits, with its open questions and the reasons of each in words."""

    code: str
    prompt: str
    questions: tuple[tuple[str, tuple[Words, ...]], ...]


@dataclass(frozen=True)
class OutcomeCounts:
    """Of a question's adjudications, how many recorded that reasonable lawyers differ, and how often minds changed."""

    title: str
    outcomes: int
    differ: int
    minds: ChangesOfMind | None


@dataclass(frozen=True)
class OutcomeLine:
    """One adjudication: an empty `outcome` is that lawyers differ; `by` is an alias, or the file it came from."""

    code: str
    question: str
    number: int
    outcome: str
    reason: str
    by: str


@dataclass(frozen=True)
class Discussion:
    """A discussed item with its notes."""

    code: str
    prompt: str
    remarks: tuple[Remark, ...]


@require_safe
@signed_in
def waiting(request: HttpRequest, slug: str) -> HttpResponse:
    """The items that wait, by their random codes, each with why. Adjudicators are not told why."""
    study = coordinator_in(request, slug)
    found = contested(study)
    titles = {one.key: one.title for one in levelled_criteria(study)}
    page = Paginator(range(len(found)), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "study": study,
        "section": "adjudication",
        "reasons": REASONS.values(),
        "counts": _counts(found, titles),
        "page": page,
        "lines": _lines(found, titles, list(page)),
    }
    return render(request, "coordinate/adjudication.html", context)


def _counts(found: Contested, titles: dict[str, str]) -> list[WaitingCounts]:
    counted = []
    for k, key in enumerate(found.keys):
        flags = found.reasons[:, k]
        for_each = tuple(int(((flags & reason) > 0).sum()) for reason in REASONS)
        counted.append(WaitingCounts(titles[key], int((flags > 0).sum()), for_each))
    return [one for one in counted if one.total]


def _lines(found: Contested, titles: dict[str, str], places: Sequence[int]) -> list[WaitingLine]:
    codes = [found.codes[place] for place in places]
    prompts = dict(Response.objects.filter(code__in=codes).values_list("code", "prompt__text"))
    return [
        WaitingLine(
            code,
            prompts[code],
            tuple(
                (titles[key], tuple(words for reason, words in REASONS.items() if reason in flags))
                for key, flags in found.open_at(place).items()
            ),
        )
        for code, place in zip(codes, places, strict=True)
    ]


@require_safe
@signed_in
def settled(request: HttpRequest, slug: str) -> HttpResponse:
    """What was settled, the newest first, and how often adjudicators changed their mind."""
    study = coordinator_in(request, slug)
    minds = {one.key: one for one in changes_of_mind(study)}
    rows = Adjudication.objects.filter(study=study).select_related("response", "criterion", "adjudicator")
    page = Paginator(rows.order_by("-pk"), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "study": study,
        "section": "adjudication",
        "minds": minds[""],
        "outcomes": _outcomes(study, minds),
        "page": page,
        "lines": _outcome_lines(study, list(page)),
    }
    return render(request, "coordinate/adjudication_settled.html", context)


def _outcomes(study: Study, minds: dict[str, ChangesOfMind]) -> list[OutcomeCounts]:
    rows = Adjudication.objects.filter(study=study).values("criterion__key").order_by("criterion__key")
    counted = rows.annotate(n=Count("pk"), differ=Count("pk", filter=Q(value="")))
    numbers = {key: (n, differ) for key, n, differ in counted.values_list("criterion__key", "n", "differ")}
    return [
        OutcomeCounts(one.title, *numbers[one.key], minds.get(one.key))
        for one in levelled_criteria(study)
        if one.key in numbers
    ]


def _outcome_lines(study: Study, rows: Sequence[Adjudication]) -> list[OutcomeLine]:
    specs = {one.key: one for one in levelled_criteria(study)}
    lines = []
    for one in rows:
        spec = specs[one.criterion.key]
        labels = {option.value: option.label for option in spec.options}
        by = one.adjudicator.alias if one.adjudicator else one.source
        lines.append(
            OutcomeLine(one.response.code, spec.title, one.number, labels.get(one.value, ""), one.reason, by)
        )
    return lines


@require_safe
@signed_in
def notes(request: HttpRequest, slug: str) -> HttpResponse:
    """The discussions, the newest first: roles alone, as their readers see them."""
    study = coordinator_in(request, slug)
    page = Paginator(discussed_in(study), THREADS_A_PAGE).get_page(request.GET.get("page"))
    responses = Response.objects.select_related("prompt").in_bulk(list(page))
    context = {
        "study": study,
        "section": "adjudication",
        "page": page,
        "discussions": [
            Discussion(responses[pk].code, responses[pk].prompt.text, remarks_on(pk, reader=None))
            for pk in page
        ],
    }
    return render(request, "coordinate/adjudication_notes.html", context)
