"""Where a judge and gold differ: its reasons beside what the experts answered, under aliases."""

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ihlannotate.models.gold import GoldLabel
from ihlannotate.models.judge import Judge
from ihlannotate.pipeline.agreement import levelled_criteria
from ihlannotate.pipeline.judging import UNPARSED, JudgedItem, JudgedItems, judged_items
from ihlannotate.pipeline.judging.errors import A_PAGE
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.web.access import coordinator_in, signed_in
from ihlannotate.web.markdown import render_markdown

EXCERPT = 160
LONGEST_NUMBER = 9  # digits of a page that anybody can mean
Tier = GoldLabel.Tier


@dataclass(frozen=True)
class Shown:
    """An item as the page shows it; `excerpt` is the start of its masked response."""

    item: JudgedItem
    response: SafeString
    excerpt: str
    tier: GoldLabel.Tier


@require_safe
@signed_in
def errors(request: HttpRequest, slug: str, pk: int, key: str) -> HttpResponse:
    """The items of one question on which the judge and gold differ, or those of one cell of the confusion matrix."""
    study = coordinator_in(request, slug)
    known = Judge.objects.filter(study=study, pk=pk).first()
    levels = {one.key: [option.value for option in one.options] for one in levelled_criteria(study)}
    gold, verdict = request.GET.get("gold", ""), request.GET.get("verdict", "")
    if known is None or key not in levels or not {gold, verdict} <= {"", UNPARSED, *levels[key]}:
        raise Http404
    asked = request.GET.get("page", "")
    number = int(asked) if asked.isdecimal() and len(asked) <= LONGEST_NUMBER else 1
    context: dict[str, object] = {"study": study, "section": "judges", "judge": known}
    try:
        found = judged_items(
            study,
            known,
            key=key,
            gold=gold,
            verdict=verdict,
            page=number,
        )
    except Refused as refusal:
        context["refusal"] = refusal
    else:
        context |= {
            "found": found,
            "heading": _heading(found),
            "verdicts": [*((one.value, one.label) for one in found.options), (UNPARSED, _("unparsed"))],
            "lines": [_shown(one) for one in found.items],
            "page": Paginator(range(found.found), A_PAGE).get_page(found.page),
        }
    return render(request, "coordinate/judge_errors.html", context)


def _heading(found: JudgedItems) -> str:
    if found.gold and found.gold == found.verdict:
        return _("Where judge and gold agree")
    return _("Where judge and gold differ")


def _shown(item: JudgedItem) -> Shown:
    text = " ".join(item.response.text.split())
    return Shown(
        item,
        render_markdown(item.response.text),
        text if len(text) <= EXCERPT else f"{text[:EXCERPT].rstrip()}…",
        Tier(item.tier),
    )
