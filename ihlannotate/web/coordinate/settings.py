"""A study's settings: each in plain words, what may still change, and until when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from ihlannotate.models.study import Study
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.tuning import (
    LONGEST_TEXT,
    SETTINGS,
    Settings,
    Until,
    may_change,
    settings_of,
    update_settings,
    words_of,
)
from ihlannotate.web.access import coordinator_in, person, signed_in
from ihlannotate.web.coordinate.forms import sent


@dataclass(frozen=True)
class Group:
    """Settings under one heading."""

    title: str | Promise
    fields: Sequence[BoundField]


FIXED = {
    Until.OPENING: _("Fixed since the study was opened."),
    Until.CLOSING: _("Fixed since the study was closed."),
    Until.UNBLINDING: _("Fixed since the study was unblinded."),
}
GROUPS: Sequence[tuple[Any, Sequence[str]]] = (
    (_("What annotators read"), ("guidelines", "content_notice")),
    (_("Order of items"), ("grouped", "spread", "lease_minutes")),
    (_("Quality of ratings"), ("qualification_percent", "attention_every", "repeat_percent")),
    (_("Care for annotators"), ("blur_responses", "break_minutes")),
    (
        _("What is adjudicated"),
        ("adjudicate_spread", "adjudicate_low_confidence", "adjudicate_audit_percent"),
    ),
    (_("After closing"), ("guess_items", "weigh_by_confidence")),
)


def _number(name: str, *, label: Any, help_text: Any) -> forms.IntegerField:
    setting = SETTINGS[name]
    return forms.IntegerField(min_value=setting.low, max_value=setting.high, label=label, help_text=help_text)


class SettingsForm(forms.Form):
    """All settings but the masked words, which are edited beside what they mask."""

    guidelines = forms.CharField(
        required=False,
        strip=False,
        max_length=LONGEST_TEXT,
        label=_("Guidelines"),
        help_text=_("Markdown. Annotators can open them beside every item."),
        widget=forms.Textarea(attrs={"rows": 12, "dir": "auto"}),
    )
    content_notice = forms.CharField(
        required=False,
        strip=False,
        max_length=LONGEST_TEXT,
        label=_("Content notice"),
        help_text=_("What annotators should know before the first item; they confirm that they read it."),
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )
    grouped = forms.BooleanField(
        required=False,
        label=_("Show the answers to one prompt one after another"),
        help_text=_(
            "Quicker to read, but each answer is then judged against the one before. Otherwise they are kept apart."
        ),
    )
    spread = _number(
        "spread",
        label=_("Items between two answers to one prompt"),
        help_text=_(
            "So many other items, at least, lie between them. It counts where answers are not grouped."
        ),
    )
    lease_minutes = _number(
        "lease_minutes",
        label=_("Minutes that an item waits for its annotator"),
        help_text=_(
            "An item that was opened and not submitted goes to somebody else after this time. "
            "The draft is kept in any case. 240 is four hours."
        ),
    )
    qualification_percent = _number(
        "qualification_percent",
        label=_("Agreement in the training that opens the study (%)"),
        help_text=_(
            "So much of an annotator’s training answers must agree with the key before real items are handed out. "
            "Without training items everybody may begin."
        ),
    )
    attention_every = _number(
        "attention_every",
        label=_("One attention item among how many items"),
        help_text=_(
            "Items with a known answer, mixed in unseen; you see who missed them. 0 hands out none, "
            "and so does a study without attention items."
        ),
    )
    repeat_percent = _number(
        "repeat_percent",
        label=_("Items that come back once (%)"),
        help_text=_(
            "Unannounced and much later, to measure how far each annotator agrees with themselves. "
            "Five to ten in a hundred are usual."
        ),
    )
    blur_responses = forms.BooleanField(
        required=False,
        label=_("Cover each response until the annotator asks to see it"),
        help_text=_(
            "For texts that weigh on those who read them. Annotators can choose it for themselves too."
        ),
    )
    break_minutes = _number(
        "break_minutes",
        label=_("Suggest a break after how many minutes of work"),
        help_text=_("A quiet line on the page, nothing more. 0 suggests none."),
    )
    guess_items = _number(
        "guess_items",
        label=_("Responses that annotators guess the model of"),
        help_text=_(
            "After closing, each annotator is asked about so many responses that they rated; it tells whether "
            "blinding held. The names of the study’s models are shown to them then. 0 asks nobody."
        ),
    )

    adjudicate_spread = _number(
        "adjudicate_spread",
        label=_("Levels apart from which an adjudicator looks"),
        help_text=_(
            "Where no answer has a majority, an item is always adjudicated. With 2, it is too where annotators are two "
            "levels or more apart on an ordered scale, majority or not. 0 leaves such items alone."
        ),
    )
    adjudicate_low_confidence = forms.BooleanField(
        required=False,
        label=_("Adjudicate what an annotator was least sure of"),
        help_text=_("All questions of an item for which somebody reported the lowest confidence."),
    )
    adjudicate_audit_percent = _number(
        "adjudicate_audit_percent",
        label=_("Questions drawn for an audit (%)"),
        help_text=_(
            "So many of the questions on which annotators agree, drawn by chance, are adjudicated all the same. It "
            "shows how often a majority errs; the adjudicator is not told which questions these are."
        ),
    )

    weigh_by_confidence = forms.BooleanField(
        required=False,
        label=_("Let annotations count by the confidence that came with them"),
        help_text=_(
            "In the model behind the posteriors of gold labels: of three steps of confidence the lowest counts a third "
            "and the highest in full. Votes stay votes."
        ),
    )

    def __init__(self, study: Study, data: QueryDict | None = None) -> None:
        super().__init__(data, initial=dict(settings_of(study)))
        for name, field in self.fields.items():
            if not may_change(study, name):
                field.disabled = True
                field.help_text = f"{FIXED[SETTINGS[name].until]} {field.help_text}"
            if isinstance(field, forms.CharField):
                field.widget.attrs.pop("maxlength", None)

    def groups(self) -> list[Group]:
        return [Group(title, [self[name] for name in names]) for title, names in GROUPS]

    @property
    def may_save(self) -> bool:
        return not all(field.disabled for field in self.fields.values())

    def changes(self) -> Settings:
        """What was sent, texts with line ends as they are stored."""
        values: Settings = {}
        for name, value in self.cleaned_data.items():
            text = value.replace("\r\n", "\n") if isinstance(value, str) else value
            values[name] = text  # type: ignore[literal-required]  # the form's fields are settings
        return values


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def settings(request: HttpRequest, slug: str) -> HttpResponse:
    """Show and change a study's settings."""
    study = coordinator_in(request, slug)
    form = SettingsForm(study, sent(request)[0])
    if form.is_valid():
        try:
            changed = update_settings(study, actor=person(request), **form.changes())
        except Refused as refusal:
            _say(form, refusal)
        else:
            messages.success(request, _said(changed, form.fields))
            return redirect("coordinate:settings", slug=slug)
    context = {
        "study": study,
        "section": "settings",
        "form": form,
        "words": len(words_of(study.masked_words)),
    }
    return render(request, "coordinate/settings.html", context, status=422 if form.is_bound else 200)


def _say(form: SettingsForm, refusal: Refused) -> None:
    form.add_error(None, refusal.message)
    for problem in refusal.problems:
        if problem.column in form.fields:
            form.add_error(problem.column, problem.message)


def _said(changed: Sequence[str], fields: Mapping[str, forms.Field]) -> str:
    if not changed:
        return str(_("Nothing was different, so nothing was changed."))
    labels = ", ".join(str(fields[name].label) for name in changed)
    text = ngettext(
        "Saved, and on the record: %(names)s.", "Saved, and on the record: %(names)s.", len(changed)
    )
    return text % {"names": labels}
