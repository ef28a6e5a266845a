"""One release of gold labels: what came with it, its datasheet, and what is new in it since an earlier one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ihlannotate.models.gold import GoldRelease
from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement import levelled_criteria
from ihlannotate.pipeline.releasing import Change, Fit, Why, changes, document, shown_tiers
from ihlannotate.readers.rubric import CriterionSpec
from ihlannotate.web.access import coordinator_in, signed_in
from ihlannotate.web.coordinate.datasheets import datasheet_file, datasheet_part
from ihlannotate.web.coordinate.downloads import csv_file
from ihlannotate.web.coordinate.gold import Tier

A_PAGE = 50


@dataclass(frozen=True)
class TierShift:
    """How many labels of one question each tier that is shown holds, before and now."""

    title: str
    counts: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class ChangeLine:
    """One changed label in words; an empty level stands for none, an empty tier for no label."""

    code: str
    criterion: str
    old: str
    old_tier: str
    new: str
    new_tier: str
    why: str


def release_in(study: Study, number: int) -> GoldRelease:
    """The study's release with this number; 404 where there is none."""
    found = study.gold_releases.select_related("study__rubric", "released_by").filter(number=number).first()
    if found is None:
        raise Http404
    return found


@require_safe
@signed_in
def release(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """What came with a release, and its datasheet."""
    study = coordinator_in(request, slug)
    found = release_in(study, number)
    specs = {one.key: one for one in levelled_criteria(study)}
    context = {
        "study": study,
        "section": "gold",
        "release": found,
        "parameters": found.parameters,
        "fits": [(specs[key], Fit.from_dict(said)) for key, said in found.fits.items()],
        "datasheet": datasheet_part(found),
        "earlier": study.gold_releases.filter(number__lt=number).order_by("-number"),
    }
    return render(request, "coordinate/release.html", context)


@require_safe
@signed_in
def datasheet(request: HttpRequest, slug: str, number: int, suffix: str) -> HttpResponse:
    """The datasheet as a file: `md` (Markdown) or `html`."""
    found = release_in(coordinator_in(request, slug), number)
    if suffix not in ("md", "html"):
        raise Http404
    text = document(found) if suffix == "md" else datasheet_file(found)
    kind = "text/markdown" if suffix == "md" else "text/html"
    name = f"{slug}-release-{number}.datasheet.{suffix}"
    return HttpResponse(
        text,
        content_type=f"{kind}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_safe
@signed_in
def release_changes(request: HttpRequest, slug: str, number: int, older: int) -> HttpResponse:
    """The labels that changed between two releases, and how the tiers shifted."""
    study = coordinator_in(request, slug)
    before, now = _two(study, older, number)
    specs = {one.key: one for one in levelled_criteria(study)}
    found = changes(before, now)
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    tiers = shown_tiers([*before.counts.values(), *now.counts.values()])
    context = {
        "study": study,
        "section": "gold",
        "older": before,
        "newer": now,
        "tiers": tiers,
        "shifts": _shifts(specs, tiers, before, now),
        "changed": len(found),
        "page": page,
        "lines": [_line(specs[one.criterion], one) for one in page],
    }
    return render(request, "coordinate/release_changes.html", context)


@require_safe
@signed_in
def changes_csv(request: HttpRequest, slug: str, number: int, older: int) -> HttpResponse:
    """The same as CSV. Names are English in every language, so that programs can read them."""
    before, now = _two(coordinator_in(request, slug), older, number)
    return csv_file(
        f"{slug}-release-{older}-to-{number}.csv",
        (field.name for field in fields(Change)),
        (astuple(one) for one in changes(before, now)),
    )


def _two(study: Study, older: int, number: int) -> tuple[GoldRelease, GoldRelease]:
    if older >= number:
        raise Http404
    return release_in(study, older), release_in(study, number)


def _shifts(
    specs: Mapping[str, CriterionSpec], tiers: Sequence[Tier], older: GoldRelease, newer: GoldRelease
) -> Iterator[TierShift]:
    for key, spec in specs.items():
        before, now = older.counts.get(key, {}), newer.counts.get(key, {})
        if before or now:
            yield TierShift(spec.title, tuple((before.get(tier, 0), now.get(tier, 0)) for tier in tiers))


def _line(spec: CriterionSpec, one: Change) -> ChangeLine:
    names = {option.value: option.label for option in spec.options}
    return ChangeLine(
        code=one.code,
        criterion=spec.title,
        old=names.get(one.old_value, ""),
        old_tier=_tier(one.old_tier),
        new=names.get(one.new_value, ""),
        new_tier=_tier(one.new_tier),
        why=_why(one.why),
    )


def _tier(tier: str) -> str:
    return str(Tier(tier).label).lower() if tier else ""


def _why(why: Why) -> str:
    return {
        "adjudicated": _("adjudicated since"),
        "adjudicated again": _("adjudicated again"),
        "answers changed": _("other annotations"),
        "applies again": _("the question applies again"),
        "does not apply": _("the question no longer applies"),
        "first label": _("labelled for the first time"),
        "label gone": _("no longer labelled"),
    }[why]
