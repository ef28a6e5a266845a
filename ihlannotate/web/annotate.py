"""An annotator's pages: the study, one item after another, their own ratings."""

import math
import uuid

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ihlannotate.models.assignment import Sheet, Skip
from ihlannotate.models.study import Membership
from ihlannotate.pipeline import assigning
from ihlannotate.pipeline.annotating import item_page, own_sheets, progress_of, save_draft, submit, undo_skip
from ihlannotate.pipeline.annotating.notice import acknowledge_notice, must_read_notice
from ihlannotate.pipeline.annotating.pages import SHEETS_A_PAGE
from ihlannotate.pipeline.annotating.submitting import State
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.web.access import annotator_in, sheet_in, signed_in
from ihlannotate.web.desk import desk_of, study_page, time_left
from ihlannotate.web.questions import applicable, posted

SAID = {
    State.ACCEPTED: gettext_lazy("Saved. This is the next item."),
    State.REPEATED: gettext_lazy("These answers had already been saved. This is the next item."),
    State.KEPT: gettext_lazy(
        "The time for that item had run out and it has gone to somebody else, so your answers to it do not count. "
        "They are kept as a draft among your ratings. This is the next item."
    ),
}


@signed_in
@require_http_methods(["GET", "POST"])
def study(request: HttpRequest, study_code: str) -> HttpResponseBase:
    """Welcome: what the study is, its guidelines, the notice to acknowledge, progress, one button."""
    member = annotator_in(request, study_code)
    if request.method == "POST":
        acknowledge_notice(member)
        return redirect("annotate:next", study_code)
    progress = progress_of(member)
    context = {"page": study_page(member), "progress": progress, "left": time_left(member, progress)}
    return render(request, "annotate/study.html", context)


@signed_in
@require_GET
@never_cache
def next_item(request: HttpRequest, study_code: str) -> HttpResponseBase:
    """Hand out the annotator's next item, or say that there is none."""
    member = annotator_in(request, study_code)
    if must_read_notice(member):
        return redirect("annotate:study", study_code)
    sheet = assigning.next_sheet(member)
    if sheet:
        return redirect("annotate:item", study_code, sheet.code)
    return render(
        request, "annotate/rest.html", {"page": study_page(member), "progress": progress_of(member)}
    )


@signed_in
@require_http_methods(["GET", "POST"])
@never_cache
def item(request: HttpRequest, study_code: str, code: str) -> HttpResponseBase:
    """One item to rate; posted, the answers to it."""
    member = annotator_in(request, study_code)
    sheet = sheet_in(member, code)
    if must_read_notice(member):
        return redirect("annotate:study", study_code)
    if request.method == "POST":
        return _rate(request, member, sheet)
    desk = desk_of(item_page(sheet), rubric_sha256=member.study.rubric.sha256)
    return render(request, "annotate/item.html", {"desk": desk, "page": study_page(member)})


def _rate(request: HttpRequest, member: Membership, sheet: Sheet) -> HttpResponseBase:
    """Keep the answers and hand out the next item, in one transaction."""
    spec = spec_of(member.study.rubric)
    answers = posted(spec, request.POST)
    try:
        with transaction.atomic():
            outcome = submit(
                sheet,
                answers=applicable(spec, answers),
                submission=_submission(request),
                reason=request.POST.get("reason", ""),
            )
            following = assigning.next_sheet(member)
    except Refused as refused:
        return _refused(request, member, sheet, answers, refused)
    level = messages.WARNING if outcome.state is State.KEPT else messages.SUCCESS
    messages.add_message(request, level, SAID[outcome.state])
    return _go_on(request, member, following)


def _submission(request: HttpRequest) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("submission", ""))
    except ValueError as error:
        raise Refused(_("The form arrived incomplete. Nothing was saved: send it again.")) from error


def _refused(
    request: HttpRequest, member: Membership, sheet: Sheet, answers: dict[str, list[str]], refused: Refused
) -> HttpResponse:
    """The form again, with the answers as they were sent and what is wrong with them."""
    sha256 = member.study.rubric.sha256
    desk = desk_of(item_page(sheet), rubric_sha256=sha256, answers=answers, refused=refused)
    context = {"desk": desk, "page": study_page(member)}
    status = 422 if refused.problems else 409
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
    page = item_page(sheet_in(member, following.code))
    context = {"desk": desk_of(page, rubric_sha256=member.study.rubric.sha256), "fresh": True}
    response = render(request, "annotate/_desk.html", context)
    response["HX-Push-Url"] = url
    return response


@signed_in
@require_POST
def draft(request: HttpRequest, study_code: str, code: str) -> HttpResponseBase:
    """Keep answers that are not yet submitted. 204 when they are kept, 409 with the reason when they cannot be."""
    member = annotator_in(request, study_code)
    sheet = sheet_in(member, code)
    try:
        save_draft(sheet, posted(spec_of(member.study.rubric), request.POST))
    except Refused as refused:
        return HttpResponse(refused.message, status=409, content_type="text/plain; charset=utf-8")
    return HttpResponse(status=204)


@signed_in
@require_POST
def skip(request: HttpRequest, study_code: str, code: str) -> HttpResponseBase:
    """Pass over an item, with a reason."""
    member = annotator_in(request, study_code)
    sheet = sheet_in(member, code)
    reason = request.POST.get("reason", "")
    if reason not in Skip.Reason.values:
        messages.error(request, _("Choose a reason for skipping. Nothing was changed."))
        return redirect("annotate:item", study_code, code)
    try:
        assigning.skip(sheet, reason=reason, comment=request.POST.get("comment", "").strip())
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("annotate:item", study_code, code)
    messages.success(request, _("Skipped. You can take it back from your ratings. This is the next item."))
    return redirect("annotate:next", study_code)


@signed_in
@require_POST
def unskip(request: HttpRequest, study_code: str, code: str) -> HttpResponseBase:
    """Take a skipped item back, if it is still open."""
    sheet = sheet_in(annotator_in(request, study_code), code)
    if undo_skip(sheet):
        messages.success(request, _("This item is yours again."))
    else:
        messages.warning(
            request, _("This item can’t be taken back: others have rated it, or the study is closed.")
        )
    return redirect("annotate:item", study_code, code)


@signed_in
@require_GET
@never_cache
def ratings(request: HttpRequest, study_code: str) -> HttpResponseBase:
    """The annotator's own items, newest first, each with its state."""
    member = annotator_in(request, study_code)
    number = request.GET.get("page", "1")
    page = int(number) if number.isascii() and number.isdigit() and len(number) < 7 else 0
    lines, total = own_sheets(member, page=max(page, 1))
    pages = max(1, math.ceil(total / SHEETS_A_PAGE))
    if not 1 <= page <= pages:
        raise Http404
    context = {
        "page": study_page(member),
        "lines": lines,
        "total": total,
        "number": page,
        "pages": pages,
        "newer": page - 1,
        "older": page + 1 if page < pages else 0,
    }
    return render(request, "annotate/ratings.html", context)
