"""What was imported into a study: its runs and files, for coordinators."""

import datetime
from dataclasses import dataclass

from django.db.models import Count
from django.utils.translation import gettext as _

from ihlannotate.models.provenance import ImportedFile, Origin, Run
from ihlannotate.models.study import Study
from ihlannotate.pipeline.importing.run_file import Skipped


@dataclass(frozen=True)
class RunLine:
    """One run of a study in the coordinator's list."""

    code: str
    model: str
    condition: str
    responses: int
    imported_at: datetime.datetime


@dataclass(frozen=True)
class FileLine:
    """One file that was imported, and its rows that had nothing to rate."""

    name: str
    sha256: str
    rows: int
    responses_new: int
    skipped: tuple[Skipped, ...]
    skipped_in_all: int
    imported_by: str
    imported_at: datetime.datetime


def runs_of(study: Study) -> list[RunLine]:
    """The runs of a study with how many responses each has. For coordinators: it names models, no answers."""
    counts = dict(
        Origin.objects.filter(run__study=study).values_list("run").annotate(count=Count("pk")).order_by()
    )
    return [
        RunLine(run.code, run.model, run.condition, counts.get(run.pk, 0), run.created_at)
        for run in Run.objects.filter(study=study).order_by("model", "condition")
    ]


def files_of(study: Study) -> list[FileLine]:
    """The files that were imported into a study, newest first. For coordinators."""
    files = ImportedFile.objects.filter(study=study).select_related("imported_by").order_by("-pk")
    return [
        FileLine(
            name=one.name,
            sha256=one.sha256,
            rows=one.rows,
            responses_new=one.report["responses_new"],
            skipped=tuple(Skipped(*row) for row in one.report["skipped"]),
            skipped_in_all=one.report["skipped_in_all"],
            imported_by=one.imported_by.name if one.imported_by else _("command line"),
            imported_at=one.imported_at,
        )
        for one in files
    ]
