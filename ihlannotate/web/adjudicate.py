"""An adjudicator's pages: the contested items, and one item with the questions that are open on it.

Double-blind: they are rendered from frozen plain data without names, counts or anybody's answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from ihlannotate.models.gold import Adjudication
from ihlannotate.models.item import Response
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.adjudicating import ContestedItem, contested, contested_item, settle
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.readers.rubric import CriterionSpec, RubricSpec
from ihlannotate.web.access import adjudicator_in, signed_in
from ihlannotate.web.conditions import asked_where
from ihlannotate.web.markdown import render_markdown

DIFFER = "differ"
LEVEL = "level-"  # before a level's value in the form, so that no level can meet DIFFER


@dataclass(frozen=True)
class StudyPage:
    """What an adjudicator is told about a study."""

    code: str
    title: str
    guidelines: SafeString
    notice: SafeString
    over: bool


@dataclass(frozen=True)
class ItemLine:
    """One contested item in the list: an opaque code, the start of its prompt, how many questions are open."""

    code: str
    prompt: str
    questions: int


@dataclass(frozen=True)
class ItemPage:
    """A contested item as its adjudicator reads it; the response is masked."""

    code: str
    prompt: str
    response: SafeString
    language: str


@dataclass(frozen=True)
class Outcome:
    """One way to settle a question: `sent` is what the form sends for it."""

    sent: str
    label: str
    help: str


@dataclass(frozen=True)
class OpenQuestion:
    """A contested question with its outcomes, and what was sent for it."""

    key: str
    title: str
    help: str
    condition: str
    outcomes: tuple[Outcome, ...]
    chosen: str = ""
    reason: str = ""
    error: str = ""

    @property
    def value(self) -> str:
        """The chosen level's value; empty where reasonable lawyers differ."""
        return self.chosen.removeprefix(LEVEL) if self.chosen != DIFFER else ""


def study_page(study: Study) -> StudyPage:
    return StudyPage(
        code=study.code,
        title=study.title,
        guidelines=render_markdown(study.guidelines),
        notice=render_markdown(study.content_notice),
        over=study.is_unblinded,
    )


@require_safe
@signed_in
@never_cache
def study(request: HttpRequest, study_code: str) -> HttpResponseBase:
    """The contested items, in the order of their random codes: the order of import would tell the runs apart."""
    member = adjudicator_in(request, study_code)
    lines = [] if member.study.is_unblinded else open_items(member.study)
    settled = Adjudication.objects.filter(adjudicator=member).count()
    context = {"page": study_page(member.study), "lines": lines, "settled": settled}
    return render(request, "adjudicate/study.html", context)


def open_items(study: Study) -> list[ItemLine]:
    """The contested items of a study by their codes."""
    open_keys = contested(study)
    rows = Response.objects.filter(pk__in=open_keys).order_by("code")
    return [
        ItemLine(code, prompt[:160], len(open_keys[pk]))
        for pk, code, prompt in rows.values_list("pk", "code", "prompt__text")
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@never_cache
def item(request: HttpRequest, study_code: str, code: str) -> HttpResponseBase:
    """One contested item; posted, the outcomes of its questions."""
    member = adjudicator_in(request, study_code)
    if member.study.is_unblinded:
        return redirect("adjudicate:study", study_code)
    found = contested_item(member.study, code)
    if found is None:
        return _not_open(request, member, code)
    if request.method == "POST":
        return _settle(request, member, found)
    return _show(request, member, found, _questions(member.study, found))


def _not_open(request: HttpRequest, member: Membership, code: str) -> HttpResponseBase:
    """An item that was settled says so; any other does not exist."""
    if not Adjudication.objects.filter(study=member.study_id, response__code=code).exists():
        raise Http404
    messages.info(request, _("That item is settled. These are still open."))
    return redirect("adjudicate:study", member.study.code)


def _questions(study: Study, found: ContestedItem) -> list[OpenQuestion]:
    rubric = spec_of(study.rubric)
    return [_question(rubric, one) for one in rubric.criteria if one.key in found.criteria]


def _question(rubric: RubricSpec, spec: CriterionSpec) -> OpenQuestion:
    differ = Outcome(
        DIFFER,
        _("Reasonable lawyers differ"),
        _(
            "The text supports more than one answer. The item keeps its distribution and gets no single value."
        ),
    )
    return OpenQuestion(
        key=spec.key,
        title=spec.title,
        help=spec.help,
        condition=asked_where(rubric, spec),
        outcomes=(*(Outcome(LEVEL + one.value, one.label, one.help) for one in spec.options), differ),
    )


def _show(
    request: HttpRequest,
    member: Membership,
    found: ContestedItem,
    questions: list[OpenQuestion],
    *,
    refusal: str = "",
) -> HttpResponse:
    context = {
        "page": study_page(member.study),
        "item": ItemPage(found.code, found.prompt, render_markdown(found.response), found.language),
        "questions": questions,
        "refusal": refusal,
        "errors": sum(bool(question.error) for question in questions),
    }
    wrong = refusal or context["errors"]
    return render(request, "adjudicate/item.html", context, status=422 if wrong else 200)


def _settle(request: HttpRequest, member: Membership, found: ContestedItem) -> HttpResponseBase:
    """Keep every outcome that was given, all of them or none; a question left blank stays open."""
    questions = [_answered(one, request.POST) for one in _questions(member.study, found)]
    given = [one for one in questions if one.chosen]
    if any(one.error for one in questions):
        return _show(request, member, found, questions)
    if not given:
        return _show(
            request, member, found, questions, refusal=_("Choose an outcome for at least one question.")
        )
    try:
        with transaction.atomic():
            for one in given:
                settle(member=member, code=found.code, key=one.key, value=one.value, reason=one.reason)
    except Refused as refusal:
        return _show(request, member, found, questions, refusal=str(refusal))
    if len(given) < len(questions):
        messages.success(request, _("Saved. The other questions of this item are still open."))
        return redirect("adjudicate:item", member.study.code, found.code)
    return _go_on(request, member)


def _answered(question: OpenQuestion, sent: Mapping[str, str]) -> OpenQuestion:
    chosen, reason = sent.get(f"{question.key}-outcome", ""), sent.get(f"{question.key}-reason", "").strip()
    error = ""
    if chosen and chosen not in [outcome.sent for outcome in question.outcomes]:
        error = _("Choose one of the outcomes.")
    elif chosen and not reason:
        error = _("Write why: it is what a reader of the gold labels will look for.")
    elif reason and not chosen:
        error = _("Choose the outcome that this reason is for.")
    return replace(question, chosen=chosen, reason=reason, error=error)


def _go_on(request: HttpRequest, member: Membership) -> HttpResponseBase:
    following = open_items(member.study)
    if not following:
        messages.success(request, _("Saved. Nothing is contested any more."))
        return redirect("adjudicate:study", member.study.code)
    messages.success(request, _("Saved. This is the next contested item."))
    return redirect("adjudicate:item", member.study.code, following[0].code)
