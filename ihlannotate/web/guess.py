"""After closing: which model do you think wrote this? One response a page, each asked once."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ihlannotate.models.study import Membership
from ihlannotate.pipeline import guessing
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.web.access import annotator_in, signed_in
from ihlannotate.web.desk import study_page
from ihlannotate.web.markdown import render_markdown


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def guess(request: HttpRequest, study_code: str) -> HttpResponseBase:
    """Ask about the next response, or thank for the answers; posted, keep one. Nobody is asked before closing."""
    member = annotator_in(request, study_code)
    wrong = _keep(request, member) if request.method == "POST" else ""
    if request.method == "POST" and not wrong:
        return redirect("annotate:guess", study_code)
    asked = guessing.next_guess(member)
    if asked is None and not guessing.has_guessed(member):
        return redirect("annotate:study", study_code)
    context = {
        "page": study_page(member),
        "asked": asked,
        "response": render_markdown(asked.response.text) if asked else "",
        "wrong": wrong,
    }
    return render(request, "annotate/guess.html", context, status=422 if wrong else 200)


def _keep(request: HttpRequest, member: Membership) -> str:
    """Keep the guess that was sent; what is wrong with it, or nothing."""
    model = request.POST.get("model")
    if model is None:
        return _("Choose a model, or say that you can’t tell.")
    try:
        kept = guessing.guess(member, code=request.POST.get("code", ""), model=model)
    except Refused as refused:
        return refused.message
    if not kept:
        messages.info(request, _("You had already answered for that response; your first answer stays."))
    return ""
