"""Training and attention: known items in and out, how annotators trained, and how they met attention items."""

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from ihlannotate.models.known import KnownItem
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.readiness import (
    AttentionResult,
    TrainingResult,
    attention_report,
    bring_back,
    import_known,
    known_items,
    retire,
    said_of,
    training_results,
    waive,
)
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.readers.yaml_text import MAX_YAML_CHARACTERS
from ihlannotate.web.access import coordinator_in, person, signed_in
from ihlannotate.web.coordinate.forms import sent

FEW = 5  # attention items; with fewer, a share says nothing
GOOD = 0.9  # the share of attention items that careful work reaches


class KnownForm(forms.Form):
    """A file of known items, or the same as text."""

    file = forms.FileField(
        required=False,
        label=gettext_lazy("File of known items"),
        widget=forms.FileInput(attrs={"accept": ".yaml,.yml"}),
    )
    text = forms.CharField(
        required=False,
        strip=False,
        label=gettext_lazy("or paste the items here"),
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "code"}),
    )

    def clean_file(self) -> UploadedFile | None:
        file: UploadedFile | None = self.cleaned_data["file"]
        if file and (file.size or 0) > 4 * MAX_YAML_CHARACTERS:
            raise forms.ValidationError(_("This file is larger than four megabytes. Split it."))
        return file

    def clean(self) -> dict[str, object]:
        """Adds `items`, the text to read, and `name`, what it is called."""
        given = self.cleaned_data
        if self.errors:
            return given
        file, text = given.get("file"), given.get("text", "")
        if bool(file) == bool(text.strip()):
            raise forms.ValidationError(_("Choose a file, or paste the items: one of the two."))
        if not file:
            return given | {"items": text, "name": _("the text")}
        try:
            return given | {"items": file.read().decode("utf-8-sig"), "name": file.name}
        except UnicodeDecodeError as error:
            raise forms.ValidationError(_("This file is not UTF-8 text. Save it as UTF-8.")) from error


@dataclass(frozen=True)
class Attention:
    """One annotator's attention items, with what to make of them."""

    result: AttentionResult
    reading: str
    low: bool


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def readiness(request: HttpRequest, slug: str) -> HttpResponse:
    """The known items, and what annotators did with them; the form adds items."""
    study = coordinator_in(request, slug)
    form = KnownForm(*sent(request))
    refusal = None
    if form.is_valid():
        given = form.cleaned_data
        try:
            report = import_known(study, given["items"], name=given["name"], actor=person(request))
        except Refused as refused:
            refusal = refused
        else:
            messages.success(request, said_of(report))
            return redirect("coordinate:readiness", slug=slug)
    context = _context(study) | {"form": form, "refusal": refusal}
    return render(request, "coordinate/readiness.html", context, status=422 if form.is_bound else 200)


def _context(study: Study) -> dict[str, object]:
    items = known_items(study)
    training = training_results(study)
    return {
        "study": study,
        "section": "readiness",
        "items": items,
        "in_use": _in_use(training),
        "training": training,
        "attention": [_attention(one) for one in attention_report(study)],
        "good": GOOD,
    }


def _in_use(training: list[TrainingResult]) -> int:
    return training[0].total if training else 0


def _attention(one: AttentionResult) -> Attention:
    """What a share of attention items says; the first rule that applies decides."""
    if one.met == 0:
        return Attention(one, _("None met yet."), low=False)
    if not one.misses:
        return Attention(one, _("All as the key says."), low=False)
    if one.met < FEW:
        return Attention(one, _("Too few to say anything. Look at the misses."), low=False)
    if one.share.high is not None and one.share.high < GOOD:
        return Attention(
            one, _("Lower than slips explain. Look at the misses, then talk with them."), low=True
        )
    return Attention(one, _("Slips happen. Look at the misses."), low=False)


@require_POST
@signed_in
def use(request: HttpRequest, slug: str) -> HttpResponse:
    """Retire a known item, or bring it back."""
    study = coordinator_in(request, slug)
    item = KnownItem.objects.filter(study=study, name=request.POST.get("item", "")).first()
    if item is None:
        messages.error(request, _("There is no such item. Nothing was changed."))
        return redirect("coordinate:readiness", slug=slug)
    if request.POST.get("act") == "bring_back":
        bring_back(item, actor=person(request))
        messages.success(request, _("“%(name)s” is in use again.") % {"name": item.name})
    else:
        retire(item, actor=person(request))
        text = _("“%(name)s” is retired: nobody new meets it, and the attempts on it are kept.")
        messages.success(request, text % {"name": item.name})
    return redirect("coordinate:readiness", slug=slug)


@require_POST
@signed_in
def excuse(request: HttpRequest, slug: str) -> HttpResponse:
    """Let an annotator begin without having passed the training."""
    study = coordinator_in(request, slug)
    member = Membership.objects.filter(study=study, alias=request.POST.get("alias", "")).first()
    if member is None:
        messages.error(request, _("There is no such person. Nothing was changed."))
        return redirect("coordinate:readiness", slug=slug)
    try:
        waive(member, actor=person(request), reason=request.POST.get("reason", "")[:2000])
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        text = _("%(alias)s may begin. The reason is in the log.")
        messages.success(request, text % {"alias": member.alias})
    return redirect("coordinate:readiness", slug=slug)
