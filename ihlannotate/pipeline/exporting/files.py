"""An export's files and their manifest. Models and conditions appear only after a study is unblinded.

Rows are in the order of the responses' random codes: the order in which they were imported would tell the runs apart.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from django.utils.translation import gettext as _

import ihlannotate
from ihlannotate.models.event import record
from ihlannotate.models.gold import GoldRelease
from ihlannotate.models.study import Study
from ihlannotate.models.user import User
from ihlannotate.pipeline.exporting.annotation_tables import annotations, counts_of, items
from ihlannotate.pipeline.exporting.bundle import manifest_of, parts_of
from ihlannotate.pipeline.exporting.findings_table import findings_figures
from ihlannotate.pipeline.exporting.gold_tables import agreement_figures, gold, lines_of, rubric, verdicts
from ihlannotate.pipeline.exporting.long_tables import answers, confusion
from ihlannotate.pipeline.exporting.training import training
from ihlannotate.pipeline.importing import Progress, silent
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.releasing import audit_head, document, latest_release
from ihlannotate.pipeline.reporting.document import report_html, report_of
from ihlannotate.writers import Sheet, WriteError, write
from ihlannotate.writers.base import Tally
from ihlannotate.writers.bundle import Part, write_bundle
from ihlannotate.writers.jsonlines import json_lines
from ihlannotate.writers.staging import Staging

WHAT = ("annotations", "answers", "gold", "verdicts", "training", "report", "bundle", "all")
OF_GOLD = ("gold", "training", "report", "bundle")
FORMATS = ("xlsx", "csv", "jsonl", "parquet", "html", "zip")


@dataclass(frozen=True)
class Exported:
    """The files that were written (name -> SHA-256), in the folder of the one that was asked for."""

    files: Mapping[str, str]
    what: str
    blinded: bool


def export(
    study: Study, path: Path, *, what: str, format: str, actor: User | None, progress: Progress = silent
) -> Exported:
    """Write one of a study's tables (`WHAT`) or all of them to `path` (several tables: beside it), with a manifest.

    Gold comes with the datasheet of its release: a sheet of a workbook, otherwise a file beside it. The manifest
    says where the study's log stood, so that the log cannot be rewritten afterwards. The same data give the same files.
    A benchmark bundle (zip) has a manifest of its own, and can be read back: `import_bundle`. A report (html) is one
    file for readers, with its tables as CSV and LaTeX inside.

    Blinded unless the study is unblinded. Raises Refused: unknown kind or format, gold not released, nothing to
    write, a folder that cannot be written to.
    """
    if what not in WHAT or format not in FORMATS:
        raise Refused(
            _("Export one of %(what)s, as %(formats)s.")
            % {"what": ", ".join(WHAT), "formats": ", ".join(FORMATS)}
        )
    if (what == "bundle") != (format == "zip"):
        raise Refused(_("A benchmark bundle is a zip file, and nothing else is: name the file so."))
    if (what == "report") != (format == "html"):
        raise Refused(_("A report is an HTML file, and nothing else is: name the file so."))
    release = latest_release(study)
    if what in OF_GOLD and release is None:
        raise Refused(
            _("Study “%(slug)s” has no gold release yet. Close it and release its gold first.")
            % {"slug": study.slug}
        )
    try:
        if what == "bundle" and release:
            files = _write_bundle(study, release, path, progress)
        elif what == "report" and release:
            files = _write_report(study, release, path, progress)
        else:
            files = _write_tables(study, release, path, what=what, format=format, progress=progress)
    except WriteError as error:
        raise Refused(str(error)) from error
    except OSError as error:
        raise Refused(
            _("%(name)s could not be written: %(strerror)s. Choose another place.")
            % {"name": path.name, "strerror": error.strerror}
        ) from error
    data = {"what": what, "format": format, "blinded": not study.is_unblinded, "files": dict(files)}
    record(study, "study.exported", actor=actor, data=data)
    return Exported(files, what, blinded=not study.is_unblinded)


def _write_tables(
    study: Study, release: GoldRelease | None, path: Path, *, what: str, format: str, progress: Progress
) -> dict[str, str]:
    sheets = _sheets(study, what, progress, released=release is not None)
    datasheet = document(release) if release and what in (*OF_GOLD, "all") else ""
    texts: dict[str, str] = {}
    if datasheet and format == "xlsx":
        sheets.append(lines_of(datasheet))
    elif datasheet:
        texts[f"{path.stem}.datasheet.md"] = datasheet
    manifest: dict[str, object] = {
        "study": study.slug,
        "title": study.title,
        "state": str(study.state),
        "what": what,
        "blinded": not study.is_unblinded,
        "rubric": f"{study.rubric.name} {study.rubric.version}",
        "rubric_sha256": study.rubric.sha256,
        "gold_release": release.number if release else None,
        "gold_sha256": release.sha256 if release else None,
        "datasheet": next(iter(texts), "datasheet" if datasheet else None),
        "datasheet_sha256": sha256(datasheet.encode()).hexdigest() if datasheet else None,
        "audit": audit_head(study).as_dict(),
        "annotations": dict(counts_of(study)),
        "software": f"ihlannotate {ihlannotate.__version__}",
    }
    return write(path, sheets, manifest=manifest, format=format, texts=texts)


def _write_bundle(study: Study, release: GoldRelease, path: Path, progress: Progress) -> dict[str, str]:
    def parts() -> Iterator[Part]:
        for done, part in enumerate(parts_of(study, release)):
            progress(_("Writing the bundle"), done, 0)
            yield part

    return write_bundle(path, parts(), manifest=manifest_of(study, release))


def _write_report(study: Study, release: GoldRelease, path: Path, progress: Progress) -> dict[str, str]:
    text = report_html(report_of(study, release, progress=progress))
    with Staging() as staging, staging.open(path) as stream:
        stream.write(text.encode())
    return staging.sha256


def stream_annotations(study: Study, *, actor: User | None) -> Iterator[bytes]:
    """The annotations as lines of JSON, the rows of `export`'s table; on the record before the first line leaves."""
    data = {"what": "annotations", "format": "jsonl", "blinded": not study.is_unblinded, "files": {}}
    record(study, "study.exported", actor=actor, data=data)
    return json_lines(Tally(annotations(study, silent)))


def _sheets(study: Study, what: str, progress: Progress, *, released: bool) -> list[Sheet]:
    sheets = []
    if what in ("annotations", "all"):
        sheets.append(annotations(study, progress))
    if what in ("answers", "all"):
        sheets.append(answers(study))
    if what in ("gold", "all") and released:
        sheets.append(gold(study))
    if what == "training":
        sheets.append(training(study))
    if what in ("verdicts", "all"):
        sheets.append(verdicts(study))
    if what == "all" and released:
        sheets.append(confusion(study))
    if what == "all":
        sheets += [items(study), agreement_figures(study)]
        sheets += [findings_figures(study)] if study.is_unblinded else []
        sheets.append(rubric(study))
    return sheets
