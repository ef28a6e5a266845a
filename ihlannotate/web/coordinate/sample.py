"""The sample: which share of the responses experts will see, how it is drawn, and how precise that will be."""

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from ihlannotate.models.study import Study
from ihlannotate.models.user import User
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.sampling import (
    FIELDS,
    MOST_TIMES,
    USUAL,
    Oversampled,
    SampleReport,
    classes_of,
    draw_sample,
    may_draw,
    sample_of,
)
from ihlannotate.stats.planning import plan
from ihlannotate.web.access import coordinator_in, person, signed_in
from ihlannotate.web.coordinate.forms import sent

SIZES = (50, 100, 200, 400, 800)
MOST_STRATA = 200  # shown; all are in `draw_sample --json`
FIELD_WORDS: dict[str, str | Promise] = {
    "model": gettext_lazy("Model"),
    "condition": gettext_lazy("Condition"),
    "category": gettext_lazy("Category"),
    "language": gettext_lazy("Language"),
    "complexity": gettext_lazy("Complexity"),
}


class SampleForm(forms.Form):
    """How many responses, in which strata, and what is drawn more often."""

    size = forms.IntegerField(min_value=1, label=gettext_lazy("Responses to rate"))
    by = forms.MultipleChoiceField(
        required=False,
        choices=[(name, FIELD_WORDS[name]) for name in FIELDS],
        initial=USUAL,
        label=gettext_lazy("Strata"),
        help_text=gettext_lazy(
            "Each combination is drawn from in proportion to its size, at least one response."
        ),
        widget=forms.CheckboxSelectMultiple,
    )
    more = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Draw more often where a judge said"),
        help_text=gettext_lazy(
            "Least sure: the quarter of its verdicts whose probability is nearest to one half."
        ),
    )
    factor = forms.FloatField(
        min_value=1 / MOST_TIMES,
        max_value=MOST_TIMES,
        initial=2,
        label=gettext_lazy("How many times as often"),
        help_text=gettext_lazy("Estimates weigh each response back, so that they stay right."),
        widget=forms.NumberInput(attrs={"step": "any"}),
    )

    def __init__(self, study: Study, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]  # Django's signature, passed on
        self.classes = {str(number): one for number, one in enumerate(classes_of(study))}
        more = self.fields["more"]
        assert isinstance(more, forms.ChoiceField)
        more.choices = [
            ("", _("– all alike –")),
            *(
                (number, " · ".join((judge, key, level or _("least sure"))))
                for number, (judge, key, level) in self.classes.items()
            ),
        ]

    def draw(self, study: Study, actor: User) -> SampleReport:
        """Draw the sample as the form says. Raises Refused."""
        said = self.cleaned_data
        chosen = self.classes.get(said["more"])
        oversample = [Oversampled(*chosen, factor=said["factor"])] if chosen else []
        return draw_sample(study, size=said["size"], by=said["by"], oversample=oversample, actor=actor)


@dataclass(frozen=True)
class Line:
    """A stratum in the table: its names, how many responses it has and how many were drawn."""

    names: tuple[str, ...]
    responses: int
    drawn: int
    probability: float


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def sample(request: HttpRequest, slug: str) -> HttpResponse:
    """The sample with its strata, or the form that draws one; posted, it is drawn, or drawn again."""
    study = coordinator_in(request, slug)
    form = SampleForm(study, sent(request)[0])
    if form.is_valid():
        try:
            drawn = form.draw(study, person(request))
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(
                request,
                _("%(n)s of %(all)s responses are drawn.") % {"n": drawn.size, "all": drawn.responses},
            )
            return redirect("coordinate:sample", slug=slug)
    found = sample_of(study)
    lines = _lines(found) if found else []
    responses = study.responses.count()
    context = {
        "study": study,
        "section": "runs",
        "form": form,
        "found": found,
        "heads": _heads(found) if found else [],
        "lines": lines[:MOST_STRATA],
        "more_lines": max(0, len(lines) - MOST_STRATA),
        "may_draw": may_draw(study),
        "plan": plan(_sizes(responses), raters=study.overlap) if may_draw(study) else (),
        "responses": responses,
    }
    return render(request, "coordinate/sample.html", context, status=422 if form.is_bound else 200)


def _sizes(responses: int) -> tuple[int, ...]:
    """The usual sizes that there are responses for, and where they are few, all of them; no plan is for one alone."""
    whole = (responses,) if 1 < responses <= SIZES[-1] else ()
    return (*(n for n in SIZES if n < responses), *whole)


def _heads(found: SampleReport) -> list[str]:
    named = any(one.of for one in found.strata)
    by = [str(FIELD_WORDS[name]) for name in found.by] if named else []
    more = (f"{one.judge}: {one.level or _('least sure')}" for one in found.oversampled)
    return [*by, *more] or [_("All")]


def _lines(found: SampleReport) -> list[Line]:
    return [
        Line(
            (
                *(value or "–" for value in one.of),
                *(_("yes") if within else _("no") for within in one.classes),
            )
            or (_("all responses"),),
            one.responses,
            one.drawn,
            one.probability,
        )
        for one in found.strata
    ]
