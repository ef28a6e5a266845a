"""The model behind the posteriors of one question: its starts, each annotator's errors, and its calibration."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ihlannotate.pipeline.agreement import levelled_criteria
from ihlannotate.pipeline.refusals import translated
from ihlannotate.pipeline.releasing import Errors, Fit
from ihlannotate.pipeline.reporting.figures import counted, fixed, percent
from ihlannotate.pipeline.reporting.plots import Plot, heat_map, reliability_curve
from ihlannotate.readers.rubric import CriterionSpec
from ihlannotate.stats.calibration import Calibration, why_too_few
from ihlannotate.web.access import coordinator_in, signed_in
from ihlannotate.web.coordinate.releases import release_in

ALIKE = 0.01  # log-likelihoods this near are the same maximum
RESTS_ON = 5  # ratings that a row of errors must rest on before a title speaks of it
SELDOM = 0.05  # an error less frequent than this is not worth a title


@dataclass(frozen=True)
class AnnotatorErrors:
    """An annotator's confusion matrix, drawn and as a table: rows of (true level, ratings behind it, probabilities)."""

    alias: str
    ratings: int
    plot: Plot
    rows: tuple[tuple[str, float, tuple[float, ...]], ...]


@require_safe
@signed_in
def model(request: HttpRequest, slug: str, number: int, key: str) -> HttpResponse:
    """What a release keeps of the model of one question."""
    study = coordinator_in(request, slug)
    release = release_in(study, number)
    if key not in release.fits:
        raise Http404
    spec = next(one for one in levelled_criteria(study) if one.key == key)
    fit = Fit.from_dict(release.fits[key])
    labels = [option.label for option in spec.options]
    context = {
        "study": study,
        "section": "gold",
        "release": release,
        "weights": _weights(release.parameters["weights"]),
        "spec": spec,
        "fit": fit,
        "alike": sum(fit.log_likelihood - one.log_likelihood <= ALIKE for one in fit.starts),
        "near": ALIKE,
        "labels": labels,
        "shares": list(zip(labels, fit.marginals, strict=True)),
        "annotators": [_errors(spec, one) for one in fit.annotators],
        "calibration": fit.calibration,
        "too_few": translated(why_too_few(fit.calibration.n)),
        "curve": _curve(fit.calibration),
    }
    return render(request, "coordinate/model.html", context)


def _weights(said: dict[str, float] | None) -> str:
    return ", ".join(f"{level} {fixed(weight, 2)}" for level, weight in (said or {}).items())


def _errors(spec: CriterionSpec, one: Errors) -> AnnotatorErrors:
    labels = [option.label for option in spec.options]
    behind = [
        _("n=%(n)s · %(level)s") % {"level": label, "n": counted(round(n))}
        for label, n in zip(labels, one.rests_on, strict=True)
    ]
    plot = heat_map(
        behind,
        labels,
        one.confusion,
        title=_finding(one, labels),
        row_title=_("true level"),
        column_title=_("level chosen"),
        framed=True,
    )
    rows = tuple(zip(labels, one.rests_on, one.confusion, strict=True))
    return AnnotatorErrors(one.alias, one.ratings, plot, rows)


def _finding(one: Errors, labels: Sequence[str]) -> str:
    """What a confusion matrix says, in a sentence: the most frequent error, of those that rest on enough."""
    errors = [
        (share, true, said)
        for true, row in enumerate(one.confusion)
        for said, share in enumerate(row)
        if true != said and one.rests_on[true] >= RESTS_ON
    ]
    if not errors:
        return _("%(alias)s rated too few responses to speak of errors") % {"alias": one.alias}
    share, true, said = max(errors, key=lambda error: error[0])
    if share < SELDOM:
        return _("%(alias)s seldom takes one level for another") % {"alias": one.alias}
    return _("%(alias)s takes “%(true)s” for “%(said)s” in %(share)s of cases") % {
        "alias": one.alias,
        "true": labels[true],
        "said": labels[said],
        "share": percent(share),
    }


def _curve(found: Calibration) -> Plot | None:
    bins = [one for one in found.bins if one.predicted is not None]
    if not bins or found.ece.value is None:
        return None
    return reliability_curve(
        [one.predicted for one in bins if one.predicted is not None],
        [one.observed for one in bins],
        [one.n for one in bins],
        title=_("The stated probabilities are off by %(points)s points on average")
        % {"points": fixed(100 * found.ece.value, 1)},
    )
