"""restore: an installation from its backup file."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.management.base import CommandParser

from ihlannotate.management.archive import restore
from ihlannotate.management.base import VerbCommand, existing_file


class Command(VerbCommand):
    help = "Fill an empty, migrated database from a backup file."

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("file")

    def run(self, **options: Any) -> Mapping[str, Any]:
        return {"file": options["file"], "rows": restore(existing_file(options["file"]))}

    def lines(self, answer: Mapping[str, Any]) -> Sequence[str]:
        return [f"Restored {sum(answer['rows'].values())} rows from {answer['file']}."]
