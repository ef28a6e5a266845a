"""The list of an annotator's own items, with its filter."""

import math
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from ihlannotate.models.study import Membership
from ihlannotate.pipeline.annotating import Filter, own_sheets
from ihlannotate.pipeline.annotating.own import SHEETS_A_PAGE, main_question
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.web.access import annotator_in, signed_in
from ihlannotate.web.desk import study_page

STATES = (
    ("", _("all")),
    ("submitted", _("submitted")),
    ("draft", _("draft, not submitted")),
    ("skipped", _("skipped")),
    ("open", _("not begun")),
)
MAX_WORDS = 200  # characters


@dataclass(frozen=True)
class FilterForm:
    """The filter as its form shows it. `query` repeats it in the links to other pages."""

    only: Filter
    states: tuple[tuple[str, Promise], ...]
    question: str
    answers: tuple[tuple[str, str], ...]
    query: str

    @property
    def narrows(self) -> bool:
        return bool(self.query)


@signed_in
@require_GET
@never_cache
def ratings(request: HttpRequest, study_code: str) -> HttpResponseBase:
    """The annotator's own items, newest first, each with its state."""
    member = annotator_in(request, study_code)
    number = request.GET.get("page", "1")
    page = int(number) if number.isascii() and number.isdigit() and len(number) < 7 else 0
    form = _filter(request, member)
    lines, total = own_sheets(member, page=max(page, 1), only=form.only)
    pages = max(1, math.ceil(total / SHEETS_A_PAGE))
    if not 1 <= page <= pages:
        raise Http404
    context = {
        "page": study_page(member),
        "filter": form,
        "lines": lines,
        "total": total,
        "number": page,
        "pages": pages,
        "newer": page - 1,
        "older": page + 1 if page < pages else 0,
    }
    return render(request, "annotate/ratings.html", context)


def _filter(request: HttpRequest, member: Membership) -> FilterForm:
    only = Filter(
        state=request.GET.get("state", ""),
        words=request.GET.get("words", "").replace("\0", "").strip()[:MAX_WORDS],
        answer=request.GET.get("answer", "").replace("\0", ""),
    )
    given = {"state": only.state, "words": only.words, "answer": only.answer}
    question = main_question(spec_of(member.study.rubric))
    return FilterForm(
        only=only,
        states=STATES,
        question=question.title if question else "",
        answers=tuple((one.value, one.label) for one in question.options) if question else (),
        query=urlencode({name: value for name, value in given.items() if value}),
    )
