"""export: annotations, gold and verdicts as a spreadsheet or files."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from ihlannotate.management.base import VerbCommand, study_named
from ihlannotate.pipeline.exporting import WHAT, export


class Command(VerbCommand):
    help = "Write a study's data to FILE.xlsx, .csv, .jsonl or .parquet, with a manifest."

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("file")
        parser.add_argument("--what", choices=WHAT, default="all")

    def run(self, **options: Any) -> Mapping[str, Any]:
        path = Path(options["file"])
        format = path.suffix.lower().lstrip(".")
        found = export(study_named(options["slug"]), path, what=options["what"], format=format, actor=None)
        return {
            "study": options["slug"],
            "what": found.what,
            "blinded": found.blinded,
            "files": {str(path.parent / name): digest for name, digest in found.files.items()},
        }

    def lines(self, answer: Mapping[str, Any]) -> Sequence[str]:
        kind = "blinded" if answer["blinded"] else "unblinded"
        return [f"Wrote the {kind} export:", *(f"  {name}" for name in answer["files"])]
