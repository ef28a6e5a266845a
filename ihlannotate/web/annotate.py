"""An annotator's pages: the study, one item after another, and what can be done with an item."""

import uuid

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ihlannotate.models.assignment import Sheet, Skip
from ihlannotate.models.known import KnownItem
from ihlannotate.models.study import Membership
from ihlannotate.pipeline import assigning
from ihlannotate.pipeline.annotating import (
    ItemPage,
    item_page,
    progress_of,
    save_draft,
    submit,
    undo_skip,
    withdraw,
)
from ihlannotate.pipeline.annotating.answers import plain
from ihlannotate.pipeline.annotating.care import suggest_break
from ihlannotate.pipeline.annotating.drafts import text_of
from ihlannotate.pipeline.annotating.evidence import Mark, lies_in, passages
from ihlannotate.pipeline.annotating.notice import acknowledge_notice, must_read_notice
from ihlannotate.pipeline.annotating.pages import recently_begun
from ihlannotate.pipeline.annotating.submitting import State
from ihlannotate.pipeline.discussing import discussed_of
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.guessing import guesses_left
from ihlannotate.pipeline.readiness import must_train
from ihlannotate.pipeline.refusals import Problem, Refused
from ihlannotate.readers.rubric_check import visible
from ihlannotate.web.access import annotator_in, sheet_in, signed_in
from ihlannotate.web.desk import Desk, Sent, desk_of, study_page, time_left
from ihlannotate.web.questions import applicable, posted
from ihlannotate.web.sending import Malformed, posted_evidence, posted_number, posted_submission

SAID = {
    State.ACCEPTED: gettext_lazy("Saved. This is the next item."),
    State.REPEATED: gettext_lazy("These answers had already been saved. This is the next item."),
    State.KEPT: gettext_lazy(
        "The time for that item had run out and it has gone to somebody else, so your answers to it do not count. "
        "They are kept as a draft among your ratings. This is the next item."
    ),
}
MAX_COMMENT = 2_000  # characters of a remark on a skipped item


@signed_in
@require_http_methods(["GET", "POST"])
def study(request: HttpRequest, study_code: str) -> HttpResponseBase:
    """Welcome: what the study is, its guidelines, the notice to acknowledge, progress, one button."""
    member = annotator_in(request, study_code)
    if request.method == "POST":
        acknowledge_notice(member)
        return redirect("annotate:next", study_code)
    progress = progress_of(member)
    left = time_left(recently_begun(member), progress) if member.study.is_open else ""
    context = {
        "page": study_page(member),
        "progress": progress,
        "left": left,
        "guesses_left": guesses_left(member),
        "must_train": must_train(member),
        "threads": discussed_of(member),
    }
    return render(request, "annotate/study.html", context)


@signed_in
@require_GET
@never_cache
def next_item(request: HttpRequest, study_code: str) -> HttpResponseBase:
    """Hand out the annotator's next item, or say that there is none."""
    member = annotator_in(request, study_code)
    if must_read_notice(member):
        return redirect("annotate:study", study_code)
    if must_train(member):
        return redirect("annotate:training", study_code)
    sheet = assigning.next_sheet(member)
    if sheet:
        return redirect("annotate:item", study_code, sheet.code)
    context = {
        "page": study_page(member),
        "progress": progress_of(member),
        "why": assigning.nothing_for(member).name,
        "limit": member.daily_limit,
        "guesses_left": guesses_left(member),
    }
    return render(request, "annotate/rest.html", context)


@signed_in
@require_http_methods(["GET", "POST"])
@never_cache
def item(request: HttpRequest, study_code: str, code: str) -> HttpResponseBase:
    """One item to rate; posted, the answers to it."""
    member = annotator_in(request, study_code)
    sheet = _rateable(member, code)
    if request.method == "POST":
        return _rate(request, member, sheet)
    if must_read_notice(member):
        return redirect("annotate:study", study_code)
    if must_train(member):
        return redirect("annotate:training", study_code)
    context = {"desk": _desk(member, item_page(sheet)), "page": study_page(member)}
    return render(request, "annotate/item.html", context)


def _rateable(member: Membership, code: str) -> Sheet:
    """The annotator's own sheet with this code; training has pages of its own."""
    sheet = sheet_in(member, code)
    if sheet.known and sheet.known.purpose == KnownItem.Purpose.TRAINING:
        raise Http404
    return sheet


def _desk(member: Membership, page: ItemPage) -> Desk:
    worked = suggest_break(member, page.begun_at) if page.study_open and not page.revision else 0
    return desk_of(page, rubric_sha256=member.study.rubric.sha256, worked=worked)


def _rate(request: HttpRequest, member: Membership, sheet: Sheet) -> HttpResponseBase:
    """Keep the answers and hand out the next item, in one transaction."""
    spec = spec_of(member.study.rubric)
    answers = posted(spec, request.POST)
    marks: tuple[Mark, ...] = ()
    reason = plain(request.POST.get("reason", ""))
    try:
        submission, marks = _sent(request)
        not_asked = {one.key for one in spec.criteria} - visible(spec, answers)
        with transaction.atomic():
            outcome = submit(
                sheet,
                answers=applicable(spec, answers),
                submission=submission,
                evidence=[one for one in marks if one.criterion not in not_asked],
                reason=reason,
            )
            # What was in hand when a notice or training was added still counts; the next item waits for them.
            waits = must_read_notice(member) or must_train(member)
            following = None if waits else assigning.next_sheet(member)
    except Refused as refused:
        fresh = sheet_in(member, sheet.code)
        page, text = item_page(fresh), text_of(fresh)
        shown = passages(page.response, [one for one in marks if lies_in(text, one)])
        return _refused(request, member, page, Sent(answers, shown, reason, refused))
    level = messages.WARNING if outcome.state is State.KEPT else messages.SUCCESS
    messages.add_message(request, level, _said(outcome.state, sheet))
    return _go_on(request, member, following)


def _sent(request: HttpRequest) -> tuple[uuid.UUID, tuple[Mark, ...]]:
    """The form's id and the passages marked in it. Raises Refused where it arrived incomplete or is forged."""
    incomplete = _("The form arrived incomplete. Nothing was saved: send it again.")
    try:
        submission = posted_submission(request.POST)
    except Malformed as error:
        raise Refused(incomplete) from error
    try:
        return submission, posted_evidence(request.POST)
    except Malformed as error:
        raise Refused(incomplete, problems=(Problem(incomplete),)) from error


def _said(state: State, sheet: Sheet) -> SafeString:
    """What became of a submission. The button belongs to the form `undo` at the foot of the page."""
    if state is State.KEPT:
        return format_html("{}", SAID[state])
    return format_html(
        '{} <button type="submit" form="undo" name="code" value="{}" class="plain" data-undo>{} <kbd>U</kbd></button>',
        SAID[state],
        sheet.code,
        _("Undo"),
    )


def _refused(request: HttpRequest, member: Membership, page: ItemPage, sent: Sent) -> HttpResponse:
    """The form again, with the answers as they were sent and what is wrong with them."""
    desk = desk_of(page, rubric_sha256=member.study.rubric.sha256, sent=sent)
    context = {"desk": desk, "page": study_page(member)}
    status = 422 if sent.refused.problems else 409
    if not request.headers.get("HX-Request"):
        return render(request, "annotate/item.html", context, status=status)
    response = render(request, "annotate/_form.html", context, status=status)
    response["HX-Retarget"] = "#rating"
    response["HX-Reswap"] = "outerHTML"
    return response


def _go_on(request: HttpRequest, member: Membership, following: Sheet | None) -> HttpResponse:
    """To the next item: in the same answer for htmx, by a redirect for others."""
    if following is None:
        url = reverse("annotate:next", args=[member.study.code])
    else:
        url = reverse("annotate:item", args=[member.study.code, following.code])
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(url, status=303)
    if following is None:
        return HttpResponse(headers={"HX-Redirect": url})
    desk = _desk(member, item_page(sheet_in(member, following.code)))
    response = render(request, "annotate/_desk.html", {"desk": desk, "fresh": True})
    response["HX-Push-Url"] = url
    return response


@signed_in
@require_POST
def draft(request: HttpRequest, study_code: str, code: str) -> HttpResponseBase:
    """Keep answers that are not yet submitted: 204. 409 says why they cannot be kept, 400 that they make no sense."""
    member = annotator_in(request, study_code)
    sheet = sheet_in(member, code)
    try:
        page, base = posted_submission(request.POST), posted_number(request.POST, "draft_base")
        sequence, marks = posted_number(request.POST, "draft_sequence"), posted_evidence(request.POST)
    except Malformed:
        return _line(_("The draft arrived incomplete. Nothing was saved."), status=400)
    answers = posted(spec_of(member.study.rubric), request.POST)
    try:
        save_draft(sheet, answers, page=page, base=base, sequence=sequence, evidence=marks)
    except Refused as refused:
        return _line(refused.message, status=409)
    return HttpResponse(status=204)


def _line(text: str, *, status: int) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")


@signed_in
@require_POST
def undo(request: HttpRequest, study_code: str) -> HttpResponseBase:
    """Take back the last submission, which `code` names; its item is open again."""
    member = annotator_in(request, study_code)
    try:
        sheet = withdraw(member, code=request.POST.get("code", ""))
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("annotate:next", study_code)
    if sheet is None:
        messages.warning(request, _("There is nothing to take back."))
        return redirect("annotate:next", study_code)
    return redirect("annotate:item", study_code, sheet.code)


@signed_in
@require_POST
def skip(request: HttpRequest, study_code: str, code: str) -> HttpResponseBase:
    """Pass over an item, with a reason."""
    sheet = _rateable(annotator_in(request, study_code), code)
    reason, comment = request.POST.get("reason", ""), plain(request.POST.get("comment", ""))
    try:
        if reason not in Skip.Reason.values:
            raise Refused(_("Choose a reason for skipping. Nothing was changed."))
        if len(comment) > MAX_COMMENT:
            raise Refused(_("The remark is too long. Nothing was changed: shorten it and skip again."))
        assigning.skip(sheet, reason=reason, comment=comment)
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("annotate:item", study_code, code)
    if reason == Skip.Reason.DECLINED:
        said = _("Passed on, and that is all right: somebody else will rate it. This is the next item.")
    else:
        said = _("Skipped. You can take it back from your ratings. This is the next item.")
    messages.success(request, said)
    return redirect("annotate:next", study_code)


@signed_in
@require_POST
def unskip(request: HttpRequest, study_code: str, code: str) -> HttpResponseBase:
    """Take a skipped item back, if it is still open."""
    sheet = _rateable(annotator_in(request, study_code), code)
    if undo_skip(sheet):
        messages.success(request, _("This item is yours again."))
    else:
        messages.warning(
            request, _("This item can’t be taken back: others have rated it, or the study is closed.")
        )
    return redirect("annotate:item", study_code, code)
