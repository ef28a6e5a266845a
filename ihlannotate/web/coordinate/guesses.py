"""Did blinding hold? What annotators' guesses at models say, in words and figures; names only after unblinding."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ihlannotate.pipeline.guessing import BlindingReport, Guesser, blinding_report
from ihlannotate.pipeline.reporting.figures import percent
from ihlannotate.pipeline.reporting.words import Reading
from ihlannotate.stats.blinding import FEW, Blinding, Outcome
from ihlannotate.web.access import coordinator_in, signed_in


@dataclass(frozen=True)
class Line:
    """One annotator's row. `reading` is of their own guesses."""

    guesser: Guesser
    reading: Reading


@require_safe
@signed_in
def guesses(request: HttpRequest, slug: str) -> HttpResponse:
    """The report on guesses: overall and by annotator; after unblinding also which model was taken for which."""
    study = coordinator_in(request, slug)
    report = blinding_report(study)
    context = {
        "study": study,
        "section": "blinding",
        "report": report,
        "reading": blinding_reading(report),
        "lines": [Line(one, short_reading(one.figures)) for one in report.guessers],
        "rows": list(zip(report.confusion.models, report.confusion.counts, strict=True))
        if report.confusion
        else [],
    }
    return render(request, "coordinate/guesses.html", context)


def blinding_reading(report: BlindingReport) -> Reading:
    """Whether blinding held, in a sentence with what it rests on."""
    found = report.figures
    if found is None or not found.named:
        return Reading("unknown", _("Nobody has named a model yet."))
    values = {
        "right": found.right,
        "named": found.named,
        "share": percent(found.accuracy.value),
        "chance": percent(found.chance),
        "expected": percent(found.expected),
        "few": FEW,
    }
    hint = (
        _(
            "%(right)s of %(named)s guesses that name a model are right (%(share)s). By chance %(chance)s would be; "
            "by knowing how common each model is, but not where, %(expected)s."
        )
        % values
    )
    if found.outcome is Outcome.BROKEN:
        return Reading(
            "low", _("Blinding did not hold: models were recognised more often than by luck."), hint
        )
    if found.outcome is Outcome.HELD:
        return Reading(
            "strong", _("Blinding held: models were not recognised more often than by luck."), hint
        )
    text = (
        _("Too few guesses to say whether blinding held: %(named)s name a model, %(few)s are needed.")
        % values
    )
    return Reading("unknown", text, hint)


def short_reading(found: Blinding | None) -> Reading:
    """One annotator's outcome in two or three words."""
    if found is None or found.outcome is Outcome.TOO_FEW:
        return Reading("unknown", _("too few to say"))
    if found.outcome is Outcome.BROKEN:
        return Reading("low", _("did not hold"))
    return Reading("strong", _("held"))
