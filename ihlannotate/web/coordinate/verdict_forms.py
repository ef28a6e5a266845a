"""The forms of an upload of verdicts: which judge, what the columns hold, what the judge's labels are read as."""

from collections.abc import Mapping, Sequence

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ihlannotate.pipeline.importing import sha256
from ihlannotate.pipeline.judging import HowRead, Label
from ihlannotate.readers.rubric import CriterionSpec
from ihlannotate.web.coordinate.forms import UploadField, column_field

COLUMN_WORDS = {
    "match": gettext_lazy("Id of the response, as in its run"),
    "verdict": gettext_lazy("Verdict: the judge’s label"),
    "score": gettext_lazy("Score"),
    "rationale": gettext_lazy("Rationale: why it said so"),
    "text_sha256": gettext_lazy("SHA-256 of the response as the judge read it"),
}
NEEDED = ("match", "verdict")
MOST_LABELS = 60  # that are shown to be mapped


class UploadForm(forms.Form):
    """Which judge, which question, which file."""

    known = forms.ChoiceField(required=False, label=gettext_lazy("Judge"))
    name = forms.CharField(max_length=200, required=False, label=gettext_lazy("Name of a new judge"))
    criterion = forms.ChoiceField(label=gettext_lazy("Question that it answers"))
    file = UploadField(label=gettext_lazy("File of verdicts"), command="import_verdicts")

    def __init__(self, judges: Sequence[str], criteria: Sequence[CriterionSpec], *sent: object) -> None:
        super().__init__(*sent)  # type: ignore[arg-type]  # data and files, as Django takes them
        choices(self, "known", [("", _("– a new one –")), *((name, name) for name in judges)])
        choices(self, "criterion", [(one.key, one.title) for one in criteria])
        if not judges:
            del self.fields["known"]
            self.fields["name"].required = True

    @property
    def judge(self) -> str:
        return str(self.cleaned_data.get("known") or self.cleaned_data["name"])

    def clean(self) -> None:
        known, name = self.cleaned_data.get("known"), self.cleaned_data.get("name")
        if bool(known) == bool(name) and "name" not in self.errors:
            self.add_error(
                "name", _("Choose a judge, or name a new one.") if not name else _("One judge only.")
            )


def choices(form: forms.Form, name: str, found: Sequence[tuple[str, str]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = found


class ColumnsForm(forms.Form):
    """Which column holds what, and what holds for the whole file."""

    is_probability = forms.BooleanField(
        required=False, label=gettext_lazy("The score is a probability, from 0 to 1")
    )
    # Typed and not chosen: no page lists models beside what was said of responses
    model = forms.CharField(
        required=False,
        max_length=200,
        label=gettext_lazy("Model whose responses were judged, where ids repeat"),
    )
    settings = forms.CharField(
        required=False,
        max_length=5000,
        label=gettext_lazy("What the judge is"),
        help_text=gettext_lazy(
            "A line for each thing, as name=value: its model, version, prompt hash; score_of=LEVEL where its score "
            "is of one level. It is stated once: another version is another judge."
        ),
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )
    shown = forms.CharField(required=False, widget=forms.HiddenInput)  # the column whose labels were shown

    def __init__(
        self, columns: Sequence[str], models: Sequence[str], *, stated: bool, data: object, initial: object
    ) -> None:
        super().__init__(data, initial=initial)  # type: ignore[arg-type]  # as Django takes them
        self.models = models
        for name, words in COLUMN_WORDS.items():
            self.fields[name] = column_field(columns, label=words, required=name in NEEDED)
        if stated:
            del self.fields["settings"]

    @property
    def columns(self) -> list[forms.BoundField]:
        return [self[name] for name in COLUMN_WORDS]

    def clean_model(self) -> str:
        model = str(self.cleaned_data["model"])
        if model and model not in self.models:
            raise forms.ValidationError(_("No run is of the model “%(model)s”.") % {"model": model})
        return model

    def clean_settings(self) -> dict[str, str]:
        stated: dict[str, str] = {}
        for number, line in enumerate(self.cleaned_data["settings"].splitlines(), start=1):
            name, equals, value = (part.strip() for part in line.partition("="))
            if line.strip() and not (name and equals and value):
                raise forms.ValidationError(_("Line %(n)d should be name=value.") % {"n": number})
            if name in stated:
                raise forms.ValidationError(
                    _("Line %(n)d states “%(name)s” again.") % {"n": number, "name": name}
                )
            if name:
                stated[name] = value
        return stated

    def how(self, values: Mapping[str, str]) -> HowRead:
        said = self.cleaned_data
        return HowRead(
            columns={name: said[name] for name in COLUMN_WORDS if said[name]},
            is_probability=said["is_probability"],
            model=said["model"],
            settings=said.get("settings", {}),
            values=values,
        )


class LabelsForm(forms.Form):
    """What each of the judge's labels is read as."""

    def __init__(
        self, column: str, labels: Sequence[Label], spec: CriterionSpec, data: object, kept: Mapping[str, str]
    ) -> None:
        super().__init__(data)  # type: ignore[arg-type]  # as Django takes it
        self.column = column
        self.labels = labels[:MOST_LABELS]
        self.others = labels[MOST_LABELS:]
        levels = [("", _("– unparsed –")), *((one.value, one.label) for one in spec.options)]
        for one in self.labels:
            self.fields[label_name(one.text)] = forms.ChoiceField(
                choices=levels,
                required=False,
                label=one.text,
                initial=kept.get(one.text, one.level),
            )

    def lines(self) -> list[tuple[Label, forms.BoundField]]:
        return [(one, self[label_name(one.text)]) for one in self.labels]

    def values(self) -> dict[str, str]:
        """Label -> level, as sent or else as proposed."""
        others = {one.text: one.level for one in self.others if one.level}
        if self.is_bound:
            return others | {one.text: self.cleaned_data[label_name(one.text)] for one in self.labels}
        return others | {one.text: str(field.initial or "") for one, field in self.lines()}


def label_name(label: str) -> str:
    """The name of the select for a label."""
    return f"label_{sha256(label)[:16]}"
