"""A release's gold labels as tables: tiers and levels of every question, and how far the posteriors can be trusted."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from django.db.models import Count
from django.utils.translation import gettext as _

from ihlannotate.models.gold import GoldLabel, GoldRelease
from ihlannotate.pipeline.refusals import translated
from ihlannotate.pipeline.releasing import Fit, shown_tiers
from ihlannotate.pipeline.reporting.cells import UNDEFINED, coefficient_cell, sentences, table
from ihlannotate.readers.rubric import CriterionSpec
from ihlannotate.stats.calibration import why_too_few
from ihlannotate.writers.tables import Cell, Figure, Table

Tier = GoldLabel.Tier


def release_tables(release: GoldRelease, specs: Sequence[CriterionSpec]) -> tuple[Table, ...]:
    """Tables of the labels on `specs`, the criteria with levels."""
    made = _("Gold release %(number)s.") % {"number": release.number}
    counts = _tiers(release)
    tiers = shown_tiers(counts.values())
    away = _("“Does not apply”: some were asked, but the gold level of another question rules this one out.")
    return (
        table(
            "gold-tiers",
            _("Gold labels by how they came about"),
            (_("Question"), *(str(tier.label) for tier in tiers), _("All")),
            [
                (
                    one.title,
                    *(counts[one.key][tier] for tier in tiers),
                    sum(counts[one.key].values()),
                )
                for one in specs
            ],
            note=sentences(made, away) if Tier.INAPPLICABLE in tiers else made,
        ),
        table(
            "gold-levels",
            _("Gold labels by level"),
            (_("Question"), _("Level"), _("Responses")),
            list(_levels(release, specs, counts)),
            texts=2,
            note=made,
        ),
        table(
            "gold-calibration",
            _("Posteriors of gold labels against what adjudicators then chose"),
            (
                _("Question"),
                _("Adjudicated responses"),
                _("Brier score"),
                _("Expected calibration error"),
                _("The same by chance"),
            ),
            list(_calibrations(release, specs)),
            note=made,
        ),
    )


def _tiers(release: GoldRelease) -> dict[str, Counter[str]]:
    """Criterion -> tier -> how many labels."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for (key, tier), n in _counted(release, "tier").items():
        found[key][tier] = n
    return found


def _counted(release: GoldRelease, field: str) -> dict[tuple[str, str], int]:
    rows = release.labels.values_list("criterion__key", field).annotate(n=Count("pk")).order_by()
    return {(key, value): n for key, value, n in rows}


def _levels(
    release: GoldRelease, specs: Sequence[CriterionSpec], counts: Mapping[str, Counter[str]]
) -> Iterator[Sequence[Cell]]:
    found = _counted(release, "value")
    for one in specs:
        for option in one.options:
            yield (one.title, option.label, found.get((one.key, option.value), 0))
        beside = counts[one.key][Tier.INAPPLICABLE]
        yield (one.title, _("no level: lawyers differ"), found.get((one.key, ""), 0) - beside)
        if beside:
            yield (one.title, _("no level: the question does not apply"), beside)


def _calibrations(release: GoldRelease, specs: Sequence[CriterionSpec]) -> Iterator[Sequence[Cell]]:
    for one in specs:
        if one.key in release.fits:
            found = Fit.from_dict(release.fits[one.key]).calibration
            few = translated(why_too_few(found.n))
            measures = (found.brier, found.ece, found.ece_by_chance)
            cells = (Figure(UNDEFINED, None, note=few) if few else coefficient_cell(it) for it in measures)
            yield (one.title, found.n, *cells)
