"""Training pages: what it is for, one item after another on the desk, and how each answer compares with the key."""

from dataclasses import dataclass, replace

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ihlannotate.models.assignment import Sheet
from ihlannotate.models.study import Membership
from ihlannotate.pipeline.annotating import Progress, item_page
from ihlannotate.pipeline.annotating.evidence import passages
from ihlannotate.pipeline.annotating.notice import must_read_notice
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.readiness import (
    Feedback,
    Standing,
    another_round,
    feedback_on,
    is_training,
    may_attempt,
    next_training_sheet,
    qualify_if_passed,
    submit_training,
    training_of,
)
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.reporting.figures import fixed
from ihlannotate.web.access import annotator_in, sheet_in, signed_in
from ihlannotate.web.desk import Desk, Sent, desk_of, study_page
from ihlannotate.web.markdown import render_markdown, render_response
from ihlannotate.web.questions import applicable, posted
from ihlannotate.web.sending import Malformed, posted_evidence, posted_submission


@dataclass(frozen=True)
class Place:
    """Where on their way through the training an annotator is: item `number` of `total`, in which round."""

    number: int
    total: int
    round: int


@dataclass(frozen=True)
class Compared:
    """One item's feedback, with its explanation as HTML."""

    feedback: Feedback
    explanation: SafeString


@signed_in
@require_GET
@never_cache
def training(request: HttpRequest, study_code: str) -> HttpResponseBase:
    """What the training is, how far it is, and at its end what came of it."""
    member = annotator_in(request, study_code)
    if must_read_notice(member):
        return redirect("annotate:study", study_code)
    standing = training_of(member)
    if standing.total == 0:
        return redirect("annotate:study", study_code)
    if standing.passed and not standing.qualified and qualify_if_passed(member):
        standing = replace(standing, qualified=True)
    context = {
        "page": study_page(member),
        "standing": standing,
        "percent": fixed(standing.score.percent, 0),
        "differing": [_compared(one) for one in standing.feedback if one.score.agreed < one.score.keyed],
        "over": member.study.closed_at is not None,
    }
    return render(request, "annotate/training.html", context)


@signed_in
@require_GET
@never_cache
def next_item(request: HttpRequest, study_code: str) -> HttpResponseBase:
    """To the next training item of the round, or to what came of it."""
    member = annotator_in(request, study_code)
    if must_read_notice(member):
        return redirect("annotate:study", study_code)
    over = member.qualified_at is not None or member.study.closed_at is not None
    sheet = None if over else next_training_sheet(member)
    if sheet is None:
        return redirect("annotate:training", study_code)
    return redirect("annotate:training_item", study_code, sheet.code)


@signed_in
@require_POST
def again(request: HttpRequest, study_code: str) -> HttpResponseBase:
    """Begin a further round."""
    member = annotator_in(request, study_code)
    try:
        sheet = another_round(member)
    except Refused as refused:
        messages.warning(request, refused.message)
        return redirect("annotate:training", study_code)
    return redirect("annotate:training_item", study_code, sheet.code)


@signed_in
@require_http_methods(["GET", "POST"])
@never_cache
def item(request: HttpRequest, study_code: str, code: str) -> HttpResponseBase:
    """One training item on the desk; posted, the answers to it."""
    member = annotator_in(request, study_code)
    sheet = _sheet(member, code)
    if must_read_notice(member):
        return redirect("annotate:study", study_code)
    if request.method == "POST":
        return _submit(request, member, sheet)
    if not may_attempt(sheet):
        answered = feedback_on(sheet) is not None
        if answered:
            return redirect("annotate:training_feedback", study_code, code)
        return redirect("annotate:training", study_code)
    return render(request, "annotate/item.html", _context(member, sheet))


@signed_in
@require_GET
@never_cache
def feedback(request: HttpRequest, study_code: str, code: str) -> HttpResponseBase:
    """Question by question, the annotator's newest answers to an item beside those that are accepted, and why."""
    member = annotator_in(request, study_code)
    sheet = _sheet(member, code)
    found = feedback_on(sheet)
    if found is None:
        return redirect("annotate:training_item", study_code, code)
    page = item_page(sheet)
    context = {
        "page": study_page(member),
        "standing": training_of(member),
        "one": _compared(found),
        "item": page,
        "response": render_response(page.response),
    }
    return render(request, "annotate/training_feedback.html", context)


def _sheet(member: Membership, code: str) -> Sheet:
    sheet = sheet_in(member, code)
    if not is_training(sheet):
        raise Http404
    return sheet


def _compared(found: Feedback) -> Compared:
    return Compared(found, render_markdown(found.explanation))


def _submit(request: HttpRequest, member: Membership, sheet: Sheet) -> HttpResponseBase:
    spec = spec_of(member.study.rubric)
    answers = posted(spec, request.POST)
    try:
        submit_training(
            sheet,
            answers=applicable(spec, answers),
            submission=posted_submission(request.POST),
            evidence=posted_evidence(request.POST),
        )
    except Malformed:
        return HttpResponse(_("The form arrived incomplete. Nothing was saved: send it again."), status=400)
    except Refused as refused:
        return _refused(request, member, sheet, answers, refused)
    url = reverse("annotate:training_feedback", args=[member.study.code, sheet.code])
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": url})
    return HttpResponseRedirect(url, status=303)


def _refused(
    request: HttpRequest, member: Membership, sheet: Sheet, answers: dict[str, list[str]], refused: Refused
) -> HttpResponse:
    """The form again, with the answers as they were sent and what is wrong with them."""
    try:
        marks = passages(item_page(sheet).response, posted_evidence(request.POST))
    except Malformed:
        marks = ()
    sent = Sent(answers=answers, evidence=marks, reason="", refused=refused)
    context = _context(member, sheet, sent)
    status = 422 if refused.problems else 409
    if not request.headers.get("HX-Request"):
        return render(request, "annotate/item.html", context, status=status)
    response = render(request, "annotate/_form.html", context, status=status)
    response["HX-Retarget"] = "#rating"
    response["HX-Reswap"] = "outerHTML"
    return response


def _context(member: Membership, sheet: Sheet, sent: Sent | None = None) -> dict[str, object]:
    standing = training_of(member)
    return {
        "desk": _desk(member, sheet, standing, sent),
        "page": study_page(member),
        "training": _place(standing),
    }


def _desk(member: Membership, sheet: Sheet, standing: Standing, sent: Sent | None) -> Desk:
    """The desk at a training item: each round begins with an empty form, and training is no revising."""
    page = item_page(sheet)
    place = _place(standing)
    page = replace(
        page,
        study_open=member.study.closed_at is None,
        revision=0,
        taken_back=False,
        history=(),
        skipped=False,
        previous="",
        begun_at=(),
        progress=Progress(place.number - 1, place.total),
        answers=page.answers if sheet.draft_saved_at else {},
        evidence=page.evidence if sheet.draft_saved_at else (),
    )
    here = reverse("annotate:training_item", args=[member.study.code, sheet.code])
    return desk_of(page, rubric_sha256=member.study.rubric.sha256, sent=sent, here=here)


def _place(standing: Standing) -> Place:
    """The item that is answered now: the first one of a further round where this one is complete."""
    if standing.complete:
        return Place(1, standing.total, standing.round + 1)
    return Place(standing.done + 1, standing.total, standing.round)
