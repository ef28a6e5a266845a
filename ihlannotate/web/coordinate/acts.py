"""The acts of a study's life: each is one button that asks once, saying what it will do."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from ihlannotate.models.job import Job
from ihlannotate.models.study import Study
from ihlannotate.models.user import User
from ihlannotate.pipeline.jobs import queue_release
from ihlannotate.pipeline.lifecycle import close_study, open_study, unblind_study
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.web.access import coordinator_in, person, signed_in

Words = str | Promise


@dataclass(frozen=True)
class Act:
    """An act as its page words it: what it will do, what stays as it is, and what is said afterwards.

    Where `run` gives a job, its page says the rest.
    """

    name: str
    title: Words
    button: Words
    does: tuple[Words, ...]
    done: Words
    run: Callable[[Study, User, str], object]
    wants_reason: bool = False


ACTS = {
    act.name: act
    for act in (
        Act(
            "open",
            _("Open the study"),
            _("Open it to annotators"),
            (
                _("Every response gets its slots, and annotators can begin."),
                _("More runs can still be imported, and people added, while it is open."),
                _("The rubric is fixed from now on. An opened study does not go back to draft."),
            ),
            _("The study is open: annotators can begin."),
            lambda study, user, reason: open_study(study, actor=user),
        ),
        Act(
            "close",
            _("Close the study"),
            _("Close it for good"),
            (
                _("Annotators can no longer submit or revise anything; what they submitted is kept."),
                _("Drafts that were not submitted do not count."),
                _("Contested items can still be adjudicated. A closed study does not open again."),
            ),
            _("The study is closed. Next: settle contested items, then release gold."),
            lambda study, user, reason: close_study(study, actor=user),
        ),
        Act(
            "release",
            _("Release gold labels"),
            _("Release them"),
            (
                _("The labels as they stand now become a numbered release that never changes."),
                _("Judges are held against the newest release."),
                _("After further adjudications you can release again, under the next number."),
            ),
            "",
            lambda study, user, reason: queue_release(study, user=user),
        ),
        Act(
            "unblind",
            _("Unblind the study"),
            _("Unblind it for good"),
            (
                _("Exports name models and conditions from now on, for everybody who coordinates the study."),
                _("Nothing can be adjudicated afterwards, because it could not be blind."),
                _("It can’t be undone. The reason you give is kept in the log."),
            ),
            _("The study is unblinded."),
            lambda study, user, reason: unblind_study(study, reason=reason, actor=user),
            wants_reason=True,
        ),
    )
}  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def act(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Ask once, then do it."""
    study = coordinator_in(request, slug)
    if name not in ACTS:
        raise Http404
    chosen = ACTS[name]
    context: dict[str, object] = {"study": study, "section": "home", "act": chosen}
    if request.method == "POST":
        try:
            came = chosen.run(study, person(request), request.POST.get("reason", ""))
        except Refused as refusal:
            context["refusal"] = refusal
            return render(request, "coordinate/act.html", context, status=422)
        if isinstance(came, Job):
            return redirect("coordinate:job", slug=slug, code=came.code)
        messages.success(request, str(chosen.done))
        return redirect("coordinate:study", slug=slug)
    return render(request, "coordinate/act.html", context)
