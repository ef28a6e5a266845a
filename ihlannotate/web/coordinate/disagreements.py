"""Where disagreement lives: the items on which annotators differ, side by side, and a tag that says why."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ihlannotate.models.discussion import DisagreementTag
from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement import (
    UNTAGGED,
    DividedItem,
    Tag,
    TaggedMeanwhile,
    disagreements,
    divided,
    levelled_criteria,
    tag_disagreement,
    tag_report,
)
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.reporting.plots import Stack, stack
from ihlannotate.web.access import coordinator_in, person, signed_in
from ihlannotate.web.held import Written, not_taken
from ihlannotate.web.markdown import render_markdown

A_PAGE = 10
EXCERPT = 160
LONGEST_NUMBER = 9  # digits of a page that anybody can mean
Cause = DisagreementTag.Cause


@dataclass(frozen=True)
class Line:
    """One question of the report: items that divide annotators, and how many bear each cause, in the order of Cause."""

    key: str
    title: str
    divided: int
    causes: tuple[tuple[str, int], ...]
    tagged: int


@require_safe
@signed_in
def overview(request: HttpRequest, slug: str) -> HttpResponse:
    """How many items divide annotators on each question, and why, as far as somebody has said."""
    study = coordinator_in(request, slug)
    lines = [
        Line(
            one.key,
            one.title,
            len(divided(study, key=one.key).responses),
            tuple(one.causes.items()),
            one.tagged,
        )
        for one in tag_report(study)
    ]
    context = {
        "study": study,
        "section": "agreement",
        "lines": lines,
        "causes": Cause.choices,
        "anything": any(line.divided for line in lines),
    }
    return render(request, "coordinate/disagreements.html", context)


@dataclass(frozen=True)
class Shown:
    """An item as the page shows it; `excerpt` is the start of its masked response."""

    item: DividedItem
    response: SafeString
    excerpt: str
    bar: Stack


@require_safe
@signed_in
def items(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """The items that divide annotators on a question, the most divided first; `?cause=` those with that tag."""
    study = coordinator_in(request, slug)
    titles = {one.key: one.title for one in levelled_criteria(study)}
    cause = request.GET.get("cause", "")
    if key not in titles or cause not in ("", UNTAGGED, *Cause.values):
        raise Http404
    number = request.GET.get("page", "1")
    page = int(number) if number.isdecimal() and len(number) <= LONGEST_NUMBER else 1
    found = disagreements(study, key=key, cause=cause, page=page, a_page=A_PAGE)
    context = {
        "study": study,
        "section": "agreement",
        "found": found,
        "page": Paginator(range(found.found), A_PAGE).get_page(found.page),
        "titles": titles,
        "filters": _filters(),
        "causes": Cause.choices,
        "lines": [_shown(one, [option.label for option in found.options]) for one in found.items],
        "back": request.GET.urlencode(),
    }
    return render(request, "coordinate/divided.html", context)


def _filters() -> list[tuple[str, str]]:
    return [("", _("All")), (UNTAGGED, _("not tagged yet")), *((one.value, str(one.label)) for one in Cause)]


def _shown(item: DividedItem, labels: list[str]) -> Shown:
    counts: Mapping[str, int] = dict(item.counts)
    text = " ".join(item.response.text.split())
    return Shown(
        item,
        render_markdown(item.response.text),
        text if len(text) <= EXCERPT else f"{text[:EXCERPT].rstrip()}…",
        stack([(label, counts.get(label, 0)) for label in labels]),
    )


@require_POST
@signed_in
def tag(request: HttpRequest, slug: str, key: str, code: str) -> HttpResponse:
    """Say why annotators differ on an item; an empty cause takes it back. Leads back to the item in its list."""
    study = coordinator_in(request, slug)
    comment = request.POST.get("comment", "")
    back = _back_to(request, study, key, code)
    try:
        tag_disagreement(
            study,
            code,
            key=key,
            cause=request.POST.get("cause", ""),
            comment=comment,
            seen=_seen(request),
            actor=person(request),
        )
    except TaggedMeanwhile as meanwhile:
        written = [
            Written(_("Your tag"), _in_words(request.POST.get("cause", ""), comment)),
            Written(
                _("The tag that counts now"),
                _in_words(meanwhile.there.cause, meanwhile.there.comment)
                if meanwhile.there
                else _in_words("", ""),
            ),
        ]
        return not_taken(request, why=meanwhile.message, written=written, back=back)
    except Refused as refused:
        if comment.strip():
            written = [Written(_("Comment"), comment)]
            return not_taken(request, why=refused.message, written=written, back=back)
        messages.error(request, refused.message)
    return redirect(back)


def _seen(request: HttpRequest) -> Tag | None:
    """The tag that the page showed when the form was filled in; None where the form does not say."""
    if "seen_cause" not in request.POST:
        return None
    return Tag(request.POST["seen_cause"], request.POST.get("seen_comment", ""))


def _in_words(cause: str, comment: str) -> str:
    label = capfirst(str(Cause(cause).label)) if cause else _("Not tagged")
    return f"{label}\n{comment}".strip()


def _back_to(request: HttpRequest, study: Study, key: str, code: str) -> str:
    if key not in [one.key for one in levelled_criteria(study)]:
        return reverse("coordinate:disagreements", args=[study.slug])
    query = request.POST.get("back", "")
    return f"{reverse('coordinate:divided', args=[study.slug, key])}{'?' + query if query else ''}#{code}"
