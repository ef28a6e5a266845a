"""File -> Prompts, Responses, Run. All of a file or nothing of it; the same file twice changes nothing.

A file is read twice: once to check every row, which writes nothing, and once to save, in one transaction.
"""

from collections.abc import Callable, Sequence
from itertools import islice

from django.db import transaction
from django.utils.translation import gettext as _

from ihlannotate.models.event import record
from ihlannotate.models.provenance import ImportedFile
from ihlannotate.models.sample import Sample
from ihlannotate.models.study import Study
from ihlannotate.models.user import User
from ihlannotate.pipeline.importing.run_file import Record, RunFile, Skipped, file_sha256
from ihlannotate.pipeline.importing.saving import ImportedRun, ImportReport, Saver
from ihlannotate.pipeline.refusals import Problem, Refused
from ihlannotate.readers.base import ReadError

BATCH = 1000
MOST_PROBLEMS = 50
Progress = Callable[[str, int, int], None]  # step in words, rows done, rows in all (0 while unknown)


def silent(step: str, done: int, total: int) -> None:
    """A Progress that says nothing."""


def import_run(
    study: Study, file: RunFile, *, actor: User | None, progress: Progress = silent
) -> ImportReport:
    """Import a file of responses: new prompts and responses, their runs, and a line in the audit log.

    A response is known by its run and external id. Raises Refused, with every problem's row and column, when the
    study is closed, or open with a sample, the file cannot be read, or an id is already there with another text;
    nothing is then saved.
    """
    _refuse_closed(study)
    try:
        rows = _check(file, progress)
        progress(_("Saving responses"), 0, rows)
        with transaction.atomic():
            Study.hold(study.pk)
            # One import of a study at a time.
            now = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
            _refuse_closed(now)
            _refuse_beyond_sample(now)
            return _save(study, file, rows, actor, progress)
    except ReadError as error:
        raise Refused(str(error)) from error


def _refuse_closed(study: Study) -> None:
    if study.closed_at:
        raise Refused(
            _("Study “%(slug)s” is closed. Import runs before closing, or found a new study.")
            % {"slug": study.slug}
        )


def _refuse_beyond_sample(study: Study) -> None:
    if study.opened_at and Sample.objects.filter(study=study).exists():
        raise Refused(
            _(
                "Study “%(slug)s” is open and has a sample, which no further response can join. Found a new study."
            )
            % {"slug": study.slug}
        )


def _check(file: RunFile, progress: Progress) -> int:
    """Read every row without saving; the number of rows. Raises Refused with the first MOST_PROBLEMS problems."""
    problems: list[Problem] = []
    rows = 0
    for rows, record_ in enumerate(file.records(), start=1):
        if isinstance(record_, Problem) and len(problems) < MOST_PROBLEMS:
            problems.append(record_)
        if rows % BATCH == 0:
            progress(_("Checking rows"), rows, 0)
    progress(_("Checking rows"), rows, rows)
    if problems:
        raise Refused(_nothing_imported(file.name), problems=tuple(problems))
    return rows


def _save(study: Study, file: RunFile, rows: int, actor: User | None, progress: Progress) -> ImportReport:
    report = ImportReport(rows=rows)
    saver = Saver(study, report)
    records = file.records()
    done = 0
    while batch := list(islice(records, BATCH)):
        report.skipped.extend(one for one in batch if isinstance(one, Skipped))
        saver.save([one for one in batch if isinstance(one, Record)])
        done += len(batch)
        progress(_("Saving responses"), done, rows)
    if saver.conflicts:
        raise Refused(_nothing_imported(file.name), problems=tuple(saver.conflicts[:MOST_PROBLEMS]))
    report.runs = [
        ImportedRun(run.code, run.model, run.condition, saver.seen[run.pk]) for run in saver.runs.values()
    ]
    if report.changed:
        _mask_model_names(study, [run.model for run in report.runs])
        _log(study, file, report, actor)
    return report


def _log(study: Study, file: RunFile, report: ImportReport, actor: User | None) -> None:
    digest = file_sha256(file.path)
    ImportedFile.objects.create(
        study=study,
        name=file.name[:255],
        sha256=digest,
        kind="run",
        rows=report.rows,
        imported_by=actor,
        report={
            "runs": [run.code for run in report.runs],
            "responses_new": report.responses_new,
            "unchanged": report.unchanged,
            "skipped": [[one.row, one.external_id, one.reason] for one in report.skipped[:1000]],
            "skipped_in_all": len(report.skipped),
        },
    )
    data = {"sha256": digest, "responses_new": report.responses_new, "skipped": len(report.skipped)}
    record(study, "run.imported", actor=actor, data=data)


def _mask_model_names(study: Study, names: Sequence[str]) -> None:
    """A model that was imported is masked by its name from now on."""
    words = Study.objects.values_list("masked_words", flat=True).get(pk=study.pk).splitlines()
    new = [name for name in dict.fromkeys(names) if name not in words]
    if new:
        study.masked_words = "\n".join([*words, *new])
        study.save(update_fields=["masked_words"])


def _nothing_imported(name: str) -> str:
    return _("%(name)s: nothing was imported. Mend these rows and import the file again:") % {"name": name}
