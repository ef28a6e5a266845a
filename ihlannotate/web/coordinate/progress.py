"""Progress by annotator: what each has done and has in hand, never what they answered; freeing and giving away."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ihlannotate.models.assignment import Assignment
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.assigning import in_hand, reassign, release_item
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.web.access import coordinator_in, person, signed_in
from ihlannotate.web.coordinate.pace import pace_of


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def progress(request: HttpRequest, slug: str) -> HttpResponse:
    """How far the study and each annotator are; posted, an item in hand is freed or given to somebody else."""
    study = coordinator_in(request, slug)
    refusal = ""
    if request.method == "POST":
        try:
            messages.success(request, _done(request, study))
            return redirect("coordinate:progress", slug=slug)
        except Refused as refused:
            refusal = refused.message
    context = {
        "study": study,
        "section": "progress",
        "pace": pace_of(study),
        "in_hand": in_hand(study),
        "recipients": _recipients(study).values_list("alias", flat=True),
        "refusal": refusal,
    }
    return render(request, "coordinate/progress.html", context, status=422 if refusal else 200)


def _done(request: HttpRequest, study: Study) -> str:
    """Free an item, or give it away; what was done, in words."""
    number = request.POST.get("assignment", "")
    pk = int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0
    assignment = Assignment.objects.filter(study=study, pk=pk).first()
    if assignment is None:
        raise Refused(_("Nobody has this item in hand any more."))
    if request.POST.get("act") == "free":
        release_item(assignment=assignment, actor=person(request))
        return _("The item is free: somebody else will get it.")
    to = study.memberships.filter(alias=request.POST.get("to", "")).first()
    if request.POST.get("act") != "give" or to is None:
        raise Refused(_("Choose whom to give the item to. Nothing was changed."))
    reassign(assignment=assignment, to=to, actor=person(request))
    return _("%(alias)s meets the item next.") % {"alias": to.alias}


def _recipients(study: Study) -> QuerySet[Membership]:
    """Annotators to whom items are handed out."""
    people = study.memberships.filter(role=Membership.Role.ANNOTATOR, user__isnull=False, paused_at=None)
    return people.order_by("alias")
