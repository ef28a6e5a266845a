"""A release's gold labels as tables: tiers and levels of every question, and how far the posteriors can be trusted."""

from collections.abc import Iterator, Sequence

from django.db.models import Count
from django.utils.translation import gettext as _

from ihlannotate.models.gold import GoldLabel, GoldRelease
from ihlannotate.pipeline.refusals import translated
from ihlannotate.pipeline.releasing import TIERS, Fit
from ihlannotate.pipeline.reporting.cells import UNDEFINED, coefficient_cell, table
from ihlannotate.readers.rubric import CriterionSpec
from ihlannotate.stats.calibration import why_too_few
from ihlannotate.writers.tables import Cell, Figure, Table


def release_tables(release: GoldRelease, specs: Sequence[CriterionSpec]) -> tuple[Table, ...]:
    """Tables of the labels on `specs`, the criteria with levels."""
    made = _("Gold release %(number)s.") % {"number": release.number}
    tiers, levels = _counted(release, "tier"), _counted(release, "value")
    return (
        table(
            "gold-tiers",
            _("Gold labels by how they came about"),
            (_("Question"), *(str(GoldLabel.Tier(tier).label) for tier in TIERS), _("All")),
            [
                (
                    one.title,
                    *(tiers.get((one.key, str(tier)), 0) for tier in TIERS),
                    sum(tiers.get((one.key, str(tier)), 0) for tier in TIERS),
                )
                for one in specs
            ],
            note=made,
        ),
        table(
            "gold-levels",
            _("Gold labels by level"),
            (_("Question"), _("Level"), _("Responses")),
            [
                (one.title, label, levels.get((one.key, value), 0))
                for one in specs
                for value, label in (
                    *((option.value, option.label) for option in one.options),
                    ("", _("no level: lawyers differ")),
                )
            ],
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


def _counted(release: GoldRelease, field: str) -> dict[tuple[str, str], int]:
    rows = release.labels.values_list("criterion__key", field).annotate(n=Count("pk")).order_by()
    return {(key, value): n for key, value, n in rows}


def _calibrations(release: GoldRelease, specs: Sequence[CriterionSpec]) -> Iterator[Sequence[Cell]]:
    for one in specs:
        if one.key in release.fits:
            found = Fit.from_dict(release.fits[one.key]).calibration
            few = translated(why_too_few(found.n))
            measures = (found.brier, found.ece, found.ece_by_chance)
            cells = (Figure(UNDEFINED, None, note=few) if few else coefficient_cell(it) for it in measures)
            yield (one.title, found.n, *cells)
