"""Gold labels: those of the newest release or, before there is one, as they would be released now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ihlannotate.models.gold import GoldLabel, GoldRelease
from ihlannotate.models.item import Response
from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement import levelled_criteria
from ihlannotate.pipeline.releasing import TIERS, Label, Settled, shown_tiers, standing
from ihlannotate.pipeline.reporting.plots import Stack, stack
from ihlannotate.readers.rubric import CriterionSpec
from ihlannotate.web.access import coordinator_in, signed_in

A_PAGE = 50
EXCERPT = 140
Tier = GoldLabel.Tier
Counts = Mapping[str, Mapping[str, int]]  # criterion -> tier -> how many


@dataclass(frozen=True)
class TierCounts:
    """How many responses are in each tier that is shown, for one criterion."""

    key: str
    title: str
    counts: tuple[tuple[str, int], ...]
    total: int
    bar: Stack


@dataclass(frozen=True)
class Line:
    """One gold label: its level's label (empty where it has none), and how the annotators' answers spread."""

    code: str
    prompt: str
    criterion: str
    value: str
    tier: Tier
    n: int
    posterior: float | None
    spread: Stack


@dataclass(frozen=True)
class Filter:
    """Which labels are listed; an empty text stands for all."""

    criterion: str
    tier: str


@dataclass(frozen=True)
class Listed:
    """Counts of all labels, and the one page of those that were asked for."""

    counts: Counts
    page: Page[Any]
    labels: list[Label]


@require_safe
@signed_in
def gold(request: HttpRequest, slug: str) -> HttpResponse:
    """Counts by criterion and tier, the labels themselves, and the releases. `?now=1` looks past the releases."""
    study = coordinator_in(request, slug)
    releases = list(study.gold_releases.select_related("released_by").order_by("-number"))
    newest = releases[0] if releases and not request.GET.get("now") else None
    specs = {one.key: one for one in levelled_criteria(study)}
    chosen = Filter(request.GET.get("criterion", ""), request.GET.get("tier", ""))
    number = request.GET.get("page")
    listed = _released(newest, chosen, number) if newest else _preview(study, chosen, number)
    tiers = shown_tiers(listed.counts.values())
    context = {
        "study": study,
        "section": "gold",
        "releases": releases,
        "newest": newest,
        "tiers": tiers,
        "tables": _tier_counts(specs, tiers, listed.counts),
        "specs": specs.values(),
        "chosen": chosen,
        "page": listed.page,
        "lines": _lines(specs, listed.labels),
    }
    return render(request, "coordinate/gold.html", context)


def _released(release: GoldRelease, chosen: Filter, number: str | None) -> Listed:
    rows = GoldLabel.objects.filter(release=release).order_by("criterion__position", "response__code")
    if chosen.criterion:
        rows = rows.filter(criterion__key=chosen.criterion)
    if chosen.tier:
        rows = rows.filter(tier=chosen.tier)
    page = Paginator(rows.select_related("criterion"), A_PAGE).get_page(number)
    labels = [
        Label(one.response_id, one.criterion.key, one.value, one.tier, one.n, one.counts, one.posterior)
        for one in page
    ]
    return Listed(release.counts, page, labels)


def _preview(study: Study, chosen: Filter, number: str | None) -> Listed:
    """The labels as they stand, in the order of the random codes: the order of import would tell the runs apart."""
    found = standing(study)
    order = {
        pk: place
        for place, pk in enumerate(
            Response.objects.filter(study=study).order_by("code").values_list("pk", flat=True)
        )
    }
    places = [
        (one, unit)
        for one in found
        if chosen.criterion in ("", one.criterion)
        for unit in sorted(_chosen(one, chosen.tier), key=lambda unit: order[int(one.responses[unit])])
    ]
    page = Paginator(places, A_PAGE).get_page(number)
    labels = [label for one, unit in page for label in one.labels(np.array([unit]))]
    return Listed({one.criterion: one.by_tier() for one in found}, page, labels)


def _chosen(one: Settled, tier: str) -> list[int]:
    """The units of this tier; all of them where it is empty."""
    if not tier:
        return list(range(len(one.responses)))
    found: list[int] = np.flatnonzero(one.tiers == TIERS.index(Tier(tier))).tolist() if tier in TIERS else []
    return found


def _tier_counts(
    specs: Mapping[str, CriterionSpec], tiers: Sequence[Tier], counts: Counts
) -> list[TierCounts]:
    found = []
    for key, spec in specs.items():
        if key in counts:
            in_tiers = tuple((str(tier.label).lower(), counts[key].get(tier, 0)) for tier in tiers)
            total = sum(count for _, count in in_tiers)
            found.append(TierCounts(key, spec.title, in_tiers, total, stack(in_tiers)))
    return found


def _lines(specs: Mapping[str, CriterionSpec], labels: Sequence[Label]) -> list[Line]:
    ids = [label.response_id for label in labels]
    texts = {
        pk: (code, prompt)
        for pk, code, prompt in Response.objects.filter(pk__in=ids).values_list("pk", "code", "prompt__text")
    }
    return [_line(specs[label.criterion], label, *texts[label.response_id]) for label in labels]


def _line(spec: CriterionSpec, label: Label, code: str, prompt: str) -> Line:
    names = {option.value: option.label for option in spec.options}
    return Line(
        code=code,
        prompt=prompt if len(prompt) <= EXCERPT else f"{prompt[:EXCERPT].rstrip()}…",
        criterion=spec.title,
        value=names.get(label.value, label.value),
        tier=Tier(label.tier),
        n=label.n,
        posterior=label.posterior.get(label.value) if label.value else None,
        spread=stack(_spread(spec, label.counts)),
    )


def _spread(spec: CriterionSpec, counts: Mapping[str, int]) -> Sequence[tuple[str, int]]:
    return [(option.label, counts.get(option.value, 0)) for option in spec.options]
