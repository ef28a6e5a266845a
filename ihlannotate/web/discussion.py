"""An annotator's part in the discussion of an item that they rated: to answer the note that is shown on its page."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ihlannotate.pipeline.discussing import write_note
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.web.access import annotator_in, sheet_in, signed_in
from ihlannotate.web.held import Written, not_taken


@signed_in
@require_POST
def note(request: HttpRequest, study_code: str, code: str) -> HttpResponseBase:
    """Keep an answer, then show the item again."""
    member = annotator_in(request, study_code)
    response = sheet_in(member, code).response
    if response is None:
        raise Http404
    try:
        write_note(author=member, response=response, text=request.POST.get("note", ""))
    except Refused as refused:
        written = Written(_("Your answer"), request.POST.get("note", ""))
        if written.text.strip():
            back = reverse("annotate:item", args=[study_code, code])
            return not_taken(request, why=refused.message, written=[written], back=back)
        messages.error(request, refused.message)
    else:
        messages.success(request, _("Your answer is kept. It is shown without your name."))
    return redirect("annotate:item", study_code, code)
