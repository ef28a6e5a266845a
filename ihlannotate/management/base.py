"""What all commands share: finding the study, --json, and refusals as one message with exit code 1."""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from ihlannotate.models.study import Study
from ihlannotate.pipeline.refusals import Refused


class VerbCommand(BaseCommand):
    """A command that calls one verb. Subclasses write `options` and `run`, and `lines` for readers without --json."""

    requires_system_checks = ()  # they load every page, which takes five times as long as a command itself
    requires_migrations_checks = True

    def check_migrations(self) -> None:
        """Refuse a database that is not there or not up to date (Django's own check would write to --json's output)."""
        try:
            executor = MigrationExecutor(connection)
            pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
        except OperationalError as error:
            raise CommandError(f"The database cannot be used: {error}. See DATABASE_URL.") from error
        if pending:
            raise CommandError("The database is not up to date. Run `manage.py migrate` first.")

    def add_arguments(self, parser: CommandParser) -> None:
        self.options(parser)
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def options(self, parser: CommandParser) -> None:
        """Add the command's own arguments."""

    def run(self, **options: Any) -> Mapping[str, Any]:
        """Do it; what came of it, ready for JSON."""
        raise NotImplementedError

    def lines(self, answer: Mapping[str, Any]) -> Sequence[str]:
        """The same in words."""
        return [f"{key}: {value}" for key, value in answer.items()]

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            answer = self.run(**options)
        except Refused as refusal:
            if options["json"]:
                self.stdout.write(json.dumps(refusal.as_dict(), ensure_ascii=False))
            raise CommandError(str(refusal)) from refusal
        if options["json"]:
            self.stdout.write(json.dumps(answer, ensure_ascii=False, allow_nan=False))
        else:
            self.stdout.write("\n".join(self.lines(answer)))


def study_named(slug: str) -> Study:
    """The study with this slug. Raises Refused, naming those that there are."""
    study = Study.objects.select_related("rubric").filter(slug=slug).first()
    if study is None:
        slugs = ", ".join(Study.objects.order_by("slug").values_list("slug", flat=True)[:20]) or "none yet"
        raise Refused(f"There is no study “{slug}”. Studies: {slugs}.")
    return study


def existing_file(path: str) -> Path:
    """The file at this path. Raises Refused when there is none."""
    file = Path(path)
    if not file.is_file():
        raise Refused(f"{path}: there is no such file.")
    return file


def text_of(path: str) -> str:
    """The text of a file. Raises Refused when there is no such file, or it is not UTF-8."""
    try:
        return existing_file(path).read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(f"{path}: the file is not UTF-8 text. Save it as UTF-8.") from error


def whole(least: int, most: int) -> Callable[[str], int]:
    """An argparse type: a whole number from `least` to `most`."""

    def number(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"a whole number from {least} to {most} is needed, not “{text}”")
        return int(text)

    return number


SEED = whole(0, 2**31 - 1)
REPLICATES = whole(2, 100_000)


def pairs(texts: Sequence[str], *, form: str) -> dict[str, str]:
    """{left: right} from texts such as "left=right". Raises Refused for another form, or a left given twice."""
    found: dict[str, str] = {}
    for text in texts:
        left, equals, right = text.rpartition("=")
        if not equals or not left.strip() or not right.strip():
            raise Refused(f"“{text}” should have the form {form}.")
        if left.strip() in found:
            raise Refused(f"“{left.strip()}” is given twice.")
        found[left.strip()] = right.strip()
    return found


def several(
    parser: argparse.ArgumentParser, name: str, *, form: str, text: str, required: bool = False
) -> None:
    """An option that takes several values and may be repeated."""
    parser.add_argument(
        name, nargs="+", action="extend", default=[], metavar=form, help=text, required=required
    )


def matched_column(match: str) -> str:
    """The column in "external_id=COLUMN". Raises Refused for anything else."""
    ((left, column),) = pairs([match], form="external_id=COLUMN").items()
    if left != "external_id":
        raise Refused(f"Rows are matched by external_id, not by “{left}”: --match external_id=COLUMN.")
    return column
