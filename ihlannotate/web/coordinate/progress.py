"""Progress by annotator: what each has done and has in hand, never what they answered."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ihlannotate.web.access import coordinator_in, signed_in
from ihlannotate.web.coordinate.pace import pace_of


@require_safe
@signed_in
def progress(request: HttpRequest, slug: str) -> HttpResponse:
    """How far the study and each annotator are."""
    study = coordinator_in(request, slug)
    context = {"study": study, "section": "progress", "pace": pace_of(study)}
    return render(request, "coordinate/progress.html", context)
