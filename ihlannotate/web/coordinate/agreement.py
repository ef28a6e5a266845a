"""Agreement: a verdict in words for each criterion, the coefficients with their intervals, the detail behind them."""

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement import (
    FIGURE_HEADER,
    CriterionAgreement,
    agreement,
    figure_rows,
    levelled_criteria,
)
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.stats.estimate import Estimate
from ihlannotate.web.access import coordinator_in, signed_in
from ihlannotate.web.conditions import asked_where
from ihlannotate.web.coordinate.words import (
    RELIABLE,
    TENTATIVE,
    Reading,
    agreement_reading,
    one_sided,
)
from ihlannotate.web.plots import Plot, Stack, forest, stack
from ihlannotate.writers.formulas import escape_formula


@dataclass(frozen=True)
class Card:
    """One criterion: the sentence first, then its figures.

    `caution` is about one level being very common, `condition` about when the question was asked at all.
    """

    found: CriterionAgreement
    reading: Reading
    caution: str
    condition: str


@require_safe
@signed_in
def overview(request: HttpRequest, slug: str) -> HttpResponse:
    """Agreement on every criterion that has levels."""
    study = coordinator_in(request, slug)
    report = agreement(study, detail=False)
    cards = [_card(study, one) for one in report.criteria]
    context = {
        "study": study,
        "section": "agreement",
        "report": report,
        "cards": cards,
        "plot": _plot_of_all(cards),
        "anything": any(card.found.reliability.annotations for card in cards),
    }
    return render(request, "coordinate/agreement.html", context)


def _axis() -> str:
    # xgettext:no-python-format
    return _("Krippendorff’s α with its 95% interval")


def _limits() -> tuple[tuple[float, str], ...]:
    return (TENTATIVE, _(".667")), (RELIABLE, _(".80"))


def _card(study: Study, found: CriterionAgreement) -> Card:
    rubric = spec_of(study.rubric)
    return Card(
        found,
        agreement_reading(found.reliability.krippendorff_alpha),
        one_sided(found),
        asked_where(rubric, rubric.criterion(found.key)),
    )


def _plot_of_all(cards: Sequence[Card]) -> Plot:
    tones = Counter(card.reading.tone for card in cards)
    title = ngettext(
        "Of %(all)s question, agreement is at least moderate on %(good)s, uncertain on %(uncertain)s, low on %(low)s",
        "Of %(all)s questions, agreement is at least moderate on %(good)s, uncertain on %(uncertain)s, low on %(low)s",
        len(cards),
    ) % {
        "all": len(cards),
        "good": tones["strong"] + tones["moderate"],
        "uncertain": tones["uncertain"],
        "low": tones["low"],
    }
    rows = [(card.found.title, card.found.reliability.krippendorff_alpha) for card in cards]
    return forest(rows, title=title, axis=_axis(), marks=_limits())


@dataclass(frozen=True)
class LevelUse:
    """How one annotator used the levels of a criterion."""

    alias: str
    n: int
    shares: tuple[tuple[str, int, float], ...]  # label, count, share of n
    bar: Stack


@require_safe
@signed_in
def criterion(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """The detail of one criterion: by level, by pair of annotators, without each annotator, use of the levels."""
    study = coordinator_in(request, slug)
    spec = next((one for one in levelled_criteria(study) if one.key == key), None)
    if spec is None:
        raise Http404
    found = agreement(study, keys=[key]).criteria[0]
    labels = [option.label for option in spec.options]
    levels = [
        (label, prevalence, alpha)
        for label, (_k, prevalence), (_j, alpha) in zip(
            labels, found.reliability.prevalence, found.reliability.per_category, strict=True
        )
    ]
    context = {
        "study": study,
        "section": "agreement",
        "spec": spec,
        "labels": labels,
        "card": _card(study, found),
        "levels": levels,
        "plot": _plot_of_levels(found, levels),
        "uses": _level_use(found, labels),
    }
    return render(request, "coordinate/criterion.html", context)


def _plot_of_levels(found: CriterionAgreement, levels: Sequence[tuple[str, Estimate, Estimate]]) -> Plot:
    defined = [(alpha.value, label) for label, _prevalence, alpha in levels if alpha.value is not None]
    title = _("Agreement on each level against the rest")
    if len(defined) > 1:
        title = _("Annotators agree most on “%(most)s” and least on “%(least)s”") % {
            "most": max(defined)[1],
            "least": min(defined)[1],
        }
    rows = [(_("All levels"), found.reliability.krippendorff_alpha)]
    rows += [(label, alpha) for label, _prevalence, alpha in levels]
    return forest(rows, title=title, axis=_axis(), marks=_limits())


def _level_use(found: CriterionAgreement, labels: Sequence[str]) -> list[LevelUse]:
    uses = []
    for one in found.detail.uses if found.detail else ():
        n = sum(one.counts)
        counts = list(zip(labels, one.counts, strict=True))
        shares = tuple((label, count, count / n if n else 0.0) for label, count in counts)
        uses.append(LevelUse(one.alias, n, shares, stack(counts)))
    return uses


@require_safe
@signed_in
def download(request: HttpRequest, slug: str) -> HttpResponse:
    """Every figure of the agreement pages with full precision, as CSV."""
    study = coordinator_in(request, slug)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{study.slug}-agreement.csv"'
    out = csv.writer(response)
    out.writerow(FIGURE_HEADER)
    for row in figure_rows(agreement(study)):
        out.writerow([escape_formula(cell) if isinstance(cell, str) else cell for cell in row])
    return response
