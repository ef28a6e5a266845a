"""Masking: the words that are hidden in responses, what they hide, and every hit in its context."""

import hashlib

from django.contrib import messages
from django.core.cache import cache
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from ihlannotate.models.item import Response
from ihlannotate.models.study import Study
from ihlannotate.pipeline.masking import MaskingReport, hits
from ihlannotate.pipeline.masking.report import HITS_A_PAGE
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.tuning import may_change, update_settings, words_of
from ihlannotate.web.access import coordinator_in, person, signed_in

AN_HOUR = 3600  # seconds that a report is remembered: it takes a while where there are many responses
MOST_WORDS = 200  # lines shown of a table


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def masking(request: HttpRequest, slug: str) -> HttpResponse:
    """The word list with what each word hides, and what is found by its form; posted, a changed list."""
    study = coordinator_in(request, slug)
    refusal: Refused | None = None
    written = study.masked_words
    if request.method == "POST":
        written = _written(request, study)
        before = words_of(study.masked_words)
        try:
            update_settings(study, actor=person(request), masked_words=written)
        except Refused as refused:
            refusal = refused
        else:
            messages.success(request, _said(before, words_of(study.masked_words)))
            return redirect("coordinate:masking", slug=slug)
    report = _report(study)
    context = {
        "study": study,
        "section": "blinding",
        "report": report,
        "by_word": report.by_word[:MOST_WORDS],
        "by_form": report.by_form[:MOST_WORDS],
        "may_change": may_change(study, "masked_words"),
        "words": written,
        "count": len(words_of(study.masked_words)),
        "refusal": refusal,
    }
    return render(request, "coordinate/masking.html", context, status=422 if refusal else 200)


def _written(request: HttpRequest, study: Study) -> str:
    """The list as it was sent whole, or the present one with a word that was added to it."""
    added = request.POST.get("add")
    return (
        request.POST.get("words", study.masked_words) if added is None else f"{study.masked_words}\n{added}"
    )


def _said(before: list[str], after: list[str]) -> str:
    added, removed = (len(set(one) - set(other)) for one, other in ((after, before), (before, after)))
    if not added and not removed:
        return _("The list is as it was.")
    parts = []
    if added:
        parts.append(ngettext("%(n)s word added.", "%(n)s words added.", added) % {"n": added})
    if removed:
        parts.append(ngettext("%(n)s word removed.", "%(n)s words removed.", removed) % {"n": removed})
    return " ".join([*parts, _("Annotators see responses with the new list from now on.")])


@require_safe
@signed_in
def masked_passages(request: HttpRequest, slug: str) -> HttpResponse:
    """Every masked passage in its context, or those of one word; page by page."""
    study = coordinator_in(request, slug)
    only = request.GET.get("word", "")
    pages = Paginator(range(_report(study, only=only).matching), HITS_A_PAGE)
    page = pages.get_page(request.GET.get("page"))
    context = {
        "study": study,
        "section": "blinding",
        "report": _report(study, only=only, page=page.number),
        "only": only,
        "page": page,
    }
    return render(request, "coordinate/masking_hits.html", context)


def _report(study: Study, *, only: str = "", page: int = 1) -> MaskingReport:
    """The report, remembered for as long as neither the words nor the responses have changed."""
    digest = hashlib.sha256(f"{study.masked_words}\n\n{only}".encode()).hexdigest()
    count = Response.objects.filter(study=study).count()
    key = f"masking:{study.code}:{count}:{digest}:{page}"
    found: MaskingReport | None = cache.get(key)
    if found is None:
        found = hits(study, only=only, page=page)
        cache.set(key, found, AN_HOUR)
    return found
