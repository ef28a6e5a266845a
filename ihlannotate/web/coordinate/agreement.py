"""Agreement: for each question what the figures mean and what to do, and behind it every figure with its plot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement import (
    AgreementReport,
    CriterionAgreement,
    Detail,
    SetAgreement,
    agreement,
    divided,
    levelled_criteria,
    set_criteria,
)
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.reporting.agreement_plots import (
    Shown,
    labels_plot,
    overview_plot,
    plots_of,
    without_plot,
)
from ihlannotate.pipeline.reporting.agreement_tables import level_words
from ihlannotate.pipeline.reporting.conditions import asked_where
from ihlannotate.pipeline.reporting.plots import Plot
from ihlannotate.pipeline.reporting.words import (
    Reading,
    agreement_advice,
    agreement_meaning,
    agreement_reading,
    one_sided,
    slice_label,
)
from ihlannotate.readers.rubric import CriterionSpec
from ihlannotate.stats.estimate import Estimate
from ihlannotate.stats.reliability import Reliability
from ihlannotate.web.access import coordinator_in, signed_in


@dataclass(frozen=True)
class Card:
    """One question: the sentences first, then its figures.

    `caution` is about one level being very common, `condition` about when the question was asked at all; `apart`
    counts the items on which annotators differ, None where answers are sets.
    """

    found: CriterionAgreement | SetAgreement
    reading: Reading
    meaning: str
    advice: str
    caution: str
    condition: str
    level: str
    of_sets: bool
    apart: int | None


@require_safe
@signed_in
def overview(request: HttpRequest, slug: str) -> HttpResponse:
    """Agreement on every question whose answers can be compared."""
    study = coordinator_in(request, slug)
    report = agreement(study, detail=False)
    cards = cards_of(study, report)
    context = {
        "study": study,
        "section": "agreement",
        "report": report,
        "cards": cards,
        "plot": plot_of_all(cards),
        "anything": any(card.found.reliability.annotations for card in cards),
    }
    return render(request, "coordinate/agreement.html", context)


def cards_of(study: Study, report: AgreementReport) -> list[Card]:
    """A card for each question of a report."""
    questions: list[CriterionAgreement | SetAgreement] = [*report.criteria, *report.sets]
    return [_card(study, one) for one in questions]


def _card(study: Study, found: CriterionAgreement | SetAgreement) -> Card:
    rubric, measured = spec_of(study.rubric), found.reliability
    reading = agreement_reading(measured.krippendorff_alpha)
    of_sets = isinstance(found, SetAgreement)
    return Card(
        found,
        reading,
        agreement_meaning(measured.percent_agreement, sets=of_sets),
        agreement_advice(
            reading.tone,
            pairable=measured.pairable_units,
            closed=study.closed_at is not None,
            sets=of_sets,
        ),
        "" if isinstance(found, SetAgreement) else one_sided(found, rubric.criterion(found.key)),
        asked_where(rubric, rubric.criterion(found.key)),
        level_words()[found.level],
        of_sets,
        None if of_sets else len(divided(study, key=found.key).responses),
    )


def plot_of_all(cards: Sequence[Card]) -> Plot:
    """Alpha of every question."""
    return overview_plot(
        [(card.found.title, card.found.reliability.krippendorff_alpha, card.reading) for card in cards]
    )


@dataclass(frozen=True)
class Part:
    """The slices of one kind: `name` is that of its plot, `rows` are (name, its agreement)."""

    kind: str
    name: str
    plot: Plot
    rows: tuple[tuple[str, Reliability], ...]
    left_out: int


@require_safe
@signed_in
def criterion(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """One question: its figures by level, pair, annotator, over time and by part of the study."""
    study = coordinator_in(request, slug)
    report = report_on(study, key)
    if report.sets:
        return _sets(request, study, report, report.sets[0])
    shown = shown_of(study, report.criteria[0])
    plots = plots_of(shown)
    measured, detail = shown.found.reliability, shown.detail
    context = {
        "study": study,
        "section": "agreement",
        "report": report,
        "card": _card(study, shown.found),
        "stem": f"agreement-{key}",
        "labels": shown.labels,
        "detail": detail,
        "plots": plots,
        "levels": _level_lines(shown.labels, measured.prevalence, measured.per_category),
        "confusions": [(shown.labels[one.first], shown.labels[one.second], one) for one in detail.confusions],
        "uses": [(one.alias, _shares(one.counts), sum(one.counts)) for one in detail.uses],
        "thirds": list(zip((_("first"), _("middle"), _("last")), detail.drift.thirds, strict=True)),
        "slopes": list(zip(shown.labels, detail.drift.slopes, strict=True)),
        "own_thirds": _own_thirds(detail),
        "parts": _parts(shown, plots),
    }
    return render(request, "coordinate/criterion.html", context)


def _sets(request: HttpRequest, study: Study, report: AgreementReport, found: SetAgreement) -> HttpResponse:
    labels = set_labels(study, found)
    context = {
        "study": study,
        "section": "agreement",
        "report": report,
        "card": _card(study, found),
        "stem": f"agreement-{found.key}",
        "labels_plot": labels_plot(found, labels),
        "without_plot": without_plot(found, found.without),
        "levels": _level_lines(labels, found.reliability.prevalence, found.reliability.per_label),
    }
    return render(request, "coordinate/criterion_sets.html", context)


def report_on(study: Study, key: str) -> AgreementReport:
    """Agreement on one question with its detail; 404 where the rubric has no such question to compare."""
    if key not in [one.key for one in (*levelled_criteria(study), *set_criteria(study))]:
        raise Http404
    return agreement(study, keys=[key])


def _spec(study: Study, key: str) -> CriterionSpec:
    return spec_of(study.rubric).criterion(key)


def shown_of(study: Study, found: CriterionAgreement) -> Shown:
    """A criterion as its plots need it."""
    assert found.detail is not None  # it was asked for
    return Shown(found, found.detail, tuple(one.label for one in _spec(study, found.key).options))


def set_labels(study: Study, found: SetAgreement) -> list[str]:
    """What people read for the options that somebody chose."""
    names = {option.value: option.label for option in _spec(study, found.key).options}
    return [names[value] for value in found.labels]


def _level_lines(
    labels: Sequence[str],
    prevalence: Sequence[tuple[int, Estimate]],
    alphas: Sequence[tuple[int, Estimate]],
) -> list[tuple[str, Estimate, Estimate]]:
    return [
        (label, share, alpha)
        for label, (_k, share), (_j, alpha) in zip(labels, prevalence, alphas, strict=True)
    ]


def _shares(counts: Sequence[int]) -> list[tuple[int, float | None]]:
    n = sum(counts)
    return [(count, count / n if n else None) for count in counts]


def _own_thirds(
    detail: Detail,
) -> list[tuple[str, list[list[float | None]], list[float | None]]]:
    """Alias, its share of each level in each third, and its mean in each third."""
    return [
        (
            alias,
            [[third.shares[k].value for third in thirds] for k in range(len(thirds[0].shares))],
            [third.mean.value for third in thirds],
        )
        for alias, thirds in detail.own_thirds
    ]


def _parts(shown: Shown, plots: Mapping[str, Plot | None]) -> list[Part]:
    titles = {
        "category": _("By category"),
        "language": _("By language of the prompt"),
        "rule group": _("By group of IHL rules"),
        "complexity": _("By complexity of the prompt"),
    }
    left_out = dict(shown.detail.slices_left_out)
    parts = []
    for kind, title in titles.items():
        name = kind.replace(" ", "_")
        plot = plots[name]
        if plot is not None:
            rows = tuple(
                (slice_label(kind, one.name), one.reliability)
                for one in shown.detail.slices
                if one.kind == kind
            )
            parts.append(Part(title, name, plot, rows, left_out.get(kind, 0)))
    return parts
