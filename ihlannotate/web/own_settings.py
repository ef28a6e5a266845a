"""What an annotator sets for themselves in a study: a daily limit, whether responses are covered, their expertise."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ihlannotate.pipeline.annotating.care import set_care
from ihlannotate.pipeline.founding import MAX_EXPERTISE, state_expertise
from ihlannotate.web.access import annotator_in, person, signed_in
from ihlannotate.web.desk import study_page

MOST_A_DAY = 1_000


@dataclass(frozen=True)
class OwnSettings:
    """The form: what is set or was sent, and what is wrong with it."""

    daily_limit: str
    cover: bool
    always_covered: bool  # by the study
    break_minutes: int
    most: int
    expertise: str
    most_expertise: int
    error: str


@signed_in
@require_http_methods(["GET", "POST"])
@never_cache
def settings(request: HttpRequest, study_code: str) -> HttpResponseBase:
    """Show the settings; posted, keep them."""
    member = annotator_in(request, study_code)
    study = member.study
    limit, cover, error = str(member.daily_limit or ""), member.blur_responses, ""
    expertise = member.expertise
    if request.method == "POST":
        limit, cover = request.POST.get("daily_limit", "").strip(), "cover" in request.POST
        expertise = request.POST.get("expertise", expertise)[:MAX_EXPERTISE]
        if not limit or _is_limit(limit):
            set_care(member, daily_limit=int(limit) if limit else None, blur_responses=cover)
            state_expertise(member=member, text=expertise, actor=person(request))
            messages.success(request, _("Saved. It holds from the next page on."))
            return redirect("annotate:settings", study_code)
        error = _("Give a whole number from 1 to %(most)d, or leave it empty for no limit.") % {
            "most": MOST_A_DAY
        }
    form = OwnSettings(
        daily_limit=limit,
        cover=cover,
        always_covered=study.blur_responses,
        break_minutes=study.break_minutes,
        most=MOST_A_DAY,
        expertise=expertise,
        most_expertise=MAX_EXPERTISE,
        error=error,
    )
    context = {"page": study_page(member), "form": form}
    return render(request, "annotate/settings.html", context, status=422 if error else 200)


def _is_limit(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= MOST_A_DAY
