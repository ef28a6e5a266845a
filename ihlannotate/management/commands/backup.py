"""backup: the whole installation in one file."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from ihlannotate.management.archive import backup
from ihlannotate.management.base import VerbCommand


class Command(VerbCommand):
    help = "Write everything to one file. Restore it into SQLite or PostgreSQL, whichever it came from."

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("file")

    def run(self, **options: Any) -> Mapping[str, Any]:
        return {"file": options["file"], "rows": backup(Path(options["file"]))}

    def lines(self, answer: Mapping[str, Any]) -> Sequence[str]:
        return [f"Wrote {sum(answer['rows'].values())} rows to {answer['file']}."]
