"""export: annotations, gold and verdicts as a spreadsheet or files, or a report of the study."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from ihlannotate.management.base import VerbCommand, existing_file, study_named
from ihlannotate.pipeline.exporting import WHAT, export, export_inspect
from ihlannotate.pipeline.refusals import Refused

INSPECT = "inspect"


class Command(VerbCommand):
    help = (
        "Write a study's data to FILE.xlsx, .csv, .jsonl or .parquet, with a manifest; a bundle to FILE.zip, a report "
        "to FILE.html."
    )

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("file")
        parser.add_argument("--what", choices=(*WHAT, INSPECT), default="all")
        parser.add_argument(
            "--log",
            metavar="FILE",
            help=f"with --what {INSPECT}: the log that was imported, to be copied with gold",
        )

    def run(self, **options: Any) -> Mapping[str, Any]:
        path = Path(options["file"])
        format = path.suffix.lower().lstrip(".")
        study, what, log = study_named(options["slug"]), options["what"], options["log"]
        if (what == INSPECT) != bool(log):
            raise Refused(
                f"--what {INSPECT} and --log FILE go together: the log is copied with its gold labels."
            )
        if log:
            found = export_inspect(study, existing_file(log), path, actor=None)
        else:
            found = export(study, path, what=what, format=format, actor=None)
        return {
            "study": options["slug"],
            "what": found.what,
            "blinded": found.blinded,
            "files": {str(path.parent / name): digest for name, digest in found.files.items()},
        }

    def lines(self, answer: Mapping[str, Any]) -> Sequence[str]:
        kind = "blinded" if answer["blinded"] else "unblinded"
        return [f"Wrote the {kind} export:", *(f"  {name}" for name in answer["files"])]
