"""An adjudicator's pages: what is contested, one item in its two steps, and what they have settled.

Double-blind: they are rendered from frozen plain data without names or aliases, and `item_for` keeps back what others
answered until the adjudicator has.
"""

from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from ihlannotate.models.gold import Adjudication, Opinion
from ihlannotate.models.item import Response
from ihlannotate.models.study import Membership
from ihlannotate.pipeline.adjudicating import (
    Contested,
    Opened,
    Unseen,
    contested,
    give_opinion,
    item_for,
    settle,
)
from ihlannotate.pipeline.agreement import levelled_criteria
from ihlannotate.pipeline.discussing import discussed_by, write_note
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.web.access import adjudicator_in, signed_in
from ihlannotate.web.adjudicate_desk import (
    Desk,
    FirstStep,
    Judged,
    SecondStep,
    answered,
    first_step,
    judged,
    second_step,
)
from ihlannotate.web.desk import study_page
from ihlannotate.web.held import Written, not_taken
from ihlannotate.web.questions import applicable, posted

A_PAGE = 50


@dataclass(frozen=True)
class ItemLine:
    """One contested item in the list: an opaque code, its prompt, how many questions are open, and
    whether the adjudicator has answered it already."""

    code: str
    prompt: str
    questions: int
    answered: bool


@dataclass(frozen=True)
class SettledLine:
    """A question that the adjudicator has settled. An empty `outcome`: reasonable lawyers differ."""

    code: str
    question: str
    outcome: str
    reason: str


@require_safe
@signed_in
@never_cache
def study(request: HttpRequest, study_code: str) -> HttpResponseBase:
    """The contested items, in the order of their random codes: the order of import would tell the runs apart."""
    member = adjudicator_in(request, study_code)
    over = member.study.is_unblinded
    found = contested(member.study)
    page = Paginator(range(0 if over else len(found)), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": study_page(member),
        "over": over,
        "listed": page,
        "lines": _lines(member, found, list(page)),
        "first": found.codes[0] if found.codes else "",
        "threads": discussed_by(member),
        "settled": Adjudication.objects.filter(adjudicator=member).count(),
    }
    return render(request, "adjudicate/study.html", context)


def _lines(member: Membership, found: Contested, places: list[int]) -> list[ItemLine]:
    ids = [int(found.responses[place]) for place in places]
    prompts = dict(Response.objects.filter(pk__in=ids).values_list("pk", "prompt__text"))
    own = Opinion.objects.filter(adjudicator=member, response__in=ids)
    given = set(own.values_list("response_id", flat=True))
    return [
        ItemLine(found.codes[place], prompts[pk], len(found.open_at(place)), pk in given)
        for place, pk in zip(places, ids, strict=True)
    ]


@require_safe
@signed_in
@never_cache
def settled(request: HttpRequest, study_code: str) -> HttpResponseBase:
    """What the adjudicator has settled, the newest first."""
    member = adjudicator_in(request, study_code)
    rows = Adjudication.objects.filter(adjudicator=member).select_related("response", "criterion")
    page = Paginator(rows.order_by("-pk"), A_PAGE).get_page(request.GET.get("page"))
    specs = {one.key: one for one in spec_of(member.study.rubric).criteria}
    lines = []
    for one in page:
        labels = {option.value: option.label for option in specs[one.criterion.key].options}
        question = specs[one.criterion.key].title
        lines.append(SettledLine(one.response.code, question, labels.get(one.value, ""), one.reason))
    context = {"page": study_page(member), "listed": page, "lines": lines, "over": member.study.is_unblinded}
    return render(request, "adjudicate/settled.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@never_cache
def item(request: HttpRequest, study_code: str, code: str) -> HttpResponseBase:
    """One contested item: first the adjudicator's own answers, then everybody's, and the outcome."""
    member = adjudicator_in(request, study_code)
    if member.study.is_unblinded:
        return _over(request, member)
    found = item_for(member, code)
    if found is None:
        return _not_open(request, member, code)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    if isinstance(found, Unseen):
        return _give(request, member, found) if act == "opinion" else _show_first(request, member, found)
    if act == "settle":
        return _settle(request, member, found)
    if act == "note":
        return _note(request, member, found)
    if act == "opinion":
        return redirect(
            "adjudicate:item", study_code, code
        )  # it was sent twice, or is answered in another tab
    return _show_second(request, member, second_step(found, judged(member.study, found)))


def _over(request: HttpRequest, member: Membership) -> HttpResponseBase:
    """The study was unblinded, perhaps while somebody was writing."""
    home = reverse("adjudicate:study", args=[member.study.code])
    if request.method != "POST":
        return redirect(home)
    why = _("This study was unblinded meanwhile: an outcome now could not be blind.")
    return not_taken(request, why=why, written=_written(request, member), back=home)


def _not_open(request: HttpRequest, member: Membership, code: str) -> HttpResponseBase:
    """An item of the study that does not wait (any more) says so; any other does not exist."""
    if not Response.objects.filter(study=member.study_id, code=code).exists():
        raise Http404
    home = reverse("adjudicate:study", args=[member.study.code])
    is_settled = Adjudication.objects.filter(study=member.study_id, response__code=code).exists()
    if request.method == "POST":
        gone = (
            _("That item was settled by somebody else meanwhile.")
            if is_settled
            else _("That item waits for no outcome now: its ratings or the study’s rule have changed.")
        )
        return not_taken(request, why=gone, written=_written(request, member), back=home)
    still_open = (
        _("That item is settled. These are still open.")
        if is_settled
        else _("That item waits for no outcome now. These do.")
    )
    messages.info(request, still_open)
    return redirect(home)


def _written(request: HttpRequest, member: Membership) -> list[Written]:
    """What was sent of the second step: each reason under its question, and the note."""
    reasons = [
        Written(one.title, request.POST.get(f"{one.key}-reason", ""))
        for one in levelled_criteria(member.study)
    ]
    return [*reasons, Written(_("Your note"), request.POST.get("note", ""))]


def _show_first(
    request: HttpRequest, member: Membership, found: Unseen, step: FirstStep | None = None
) -> HttpResponse:
    step = step or first_step(member.study, found)
    context = {"page": study_page(member), "desk": Desk.of(found.text), "step": step}
    return render(request, "adjudicate/first.html", context, status=422 if step.message else 200)


def _give(request: HttpRequest, member: Membership, found: Unseen) -> HttpResponseBase:
    """Keep the adjudicator's own answers; only then is it time for the others'."""
    answers = posted(found.rubric, request.POST)
    try:
        give_opinion(member=member, code=found.text.code, answers=applicable(found.rubric, answers))
    except Refused as refused:
        return _show_first(
            request, member, found, first_step(member.study, found, answers=answers, refused=refused)
        )
    messages.success(request, _("Your answers are kept. Here is what the annotators answered."))
    return redirect("adjudicate:item", member.study.code, found.text.code)


def _show_second(request: HttpRequest, member: Membership, step: SecondStep) -> HttpResponse:
    context = {"page": study_page(member), "desk": step.desk, "step": step}
    return render(request, "adjudicate/second.html", context, status=422 if step.wrong else 200)


def _settle(request: HttpRequest, member: Membership, found: Opened) -> HttpResponseBase:
    """Keep every outcome that was given, all of them or none; a question left blank stays as it is."""
    questions = _sent(request, member, found)
    given = [one for one in questions if one.chosen]
    if gone := _gone(request, member, found):
        refusal = "\n".join([*gone, _("Nothing was saved. Send the other questions again.")])
        step = second_step(found, questions, refusal=refusal, note=request.POST.get("note", ""))
        return _show_second(request, member, step)
    if any(one.error for one in questions):
        return _show_second(request, member, second_step(found, questions, note=request.POST.get("note", "")))
    refusal = "" if given else _("Choose an outcome for at least one question.")
    if given:
        try:
            with transaction.atomic():
                for one in given:
                    settle(
                        member=member, code=found.text.code, key=one.key, value=one.value, reason=one.reason
                    )
        except Refused as refused:
            refusal = refused.message
    if refusal:
        step = second_step(found, questions, refusal=refusal, note=request.POST.get("note", ""))
        return _show_second(request, member, step)
    return _go_on(request, member, found.text.code)


def _sent(request: HttpRequest, member: Membership, found: Opened) -> list[Judged]:
    return [answered(one, request.POST) for one in judged(member.study, found)]


def _gone(request: HttpRequest, member: Membership, found: Opened) -> list[str]:
    """What was sent for questions that are open no more, as sentences that repeat it."""
    asked = {one.spec.key for one in found.questions}
    lost = []
    for one in levelled_criteria(member.study):
        chosen, reason = (request.POST.get(f"{one.key}-{part}", "").strip() for part in ("outcome", "reason"))
        if one.key not in asked and (chosen or reason):
            text = _(
                "“%(title)s” is no longer open, so what you chose for it is not kept. Your reason was: %(reason)s"
            )
            lost.append(text % {"title": one.title, "reason": reason or "–"})
    return lost


def _note(request: HttpRequest, member: Membership, found: Opened) -> HttpResponse:
    """Write a note. What else stands in the form stays there: a reason that is half written is not lost."""
    code, text = found.text.code, request.POST.get("note", "")
    typed = [one.unchecked() for one in _sent(request, member, found)]
    response = Response.objects.get(study=member.study_id, code=code)
    try:
        write_note(author=member, response=response, text=text)
    except Refused as refused:
        return _show_second(request, member, second_step(found, typed, refusal=refused.message, note=text))
    for gone in _gone(request, member, found):
        messages.warning(request, gone)
    messages.success(request, _("Your note is kept. Those who rated this item see it without your name."))
    fresh = item_for(member, code)
    assert isinstance(fresh, Opened)
    return _show_second(request, member, second_step(fresh, typed))


def _go_on(request: HttpRequest, member: Membership, code: str) -> HttpResponseBase:
    """To what is still open of this item, else to the next one by code, from the last to the first."""
    found = contested(member.study)
    if found.open_of(code):
        messages.success(request, _("Saved. The other questions of this item are still open."))
        return redirect("adjudicate:item", member.study.code, code)
    if not len(found):
        messages.success(request, _("Saved. Nothing is contested any more."))
        return redirect("adjudicate:study", member.study.code)
    following = next((one for one in found.codes if one > code), found.codes[0])
    messages.success(request, _("Saved. This is the next contested item."))
    return redirect("adjudicate:item", member.study.code, following)
