"""A run file, row by row: a response, a row with nothing to rate, or a problem with its place."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from django.utils.translation import gettext as _

from ihlannotate.phrases import Phrase
from ihlannotate.pipeline.refusals import Problem, Refused
from ihlannotate.readers import open_table
from ihlannotate.readers.base import ReadError, Row
from ihlannotate.readers.columns import apply_mapping


@dataclass(frozen=True)
class Record:
    """One response as a file states it."""

    row: int
    external_id: str
    prompt: str
    response: str
    model: str
    condition: str
    system_prompt: str
    category: str
    complexity: str
    language: str
    rules: str


@dataclass(frozen=True)
class Skipped:
    """A row with no response to rate, and why."""

    row: int
    external_id: str
    reason: str


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True)
class RunFile:
    """A run file and how to read it: what its columns mean, and the model and condition where no column says."""

    path: Path
    name: str
    model: str = ""
    condition: str = ""
    format: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)

    def columns(self) -> tuple[tuple[str, ...], dict[str, str]]:
        """The file's columns, and field -> column as mapped or guessed. Raises ReadError."""
        with open_table(self.path, format=self.format, name=self.name) as table:
            return table.columns, apply_mapping(table.columns, self.mapping, file=self.name)

    def records(self) -> Iterator[Record | Skipped | Problem]:
        """One thing for each row. Raises ReadError where the file cannot be read."""
        with open_table(self.path, format=self.format, name=self.name) as table:
            fields = apply_mapping(table.columns, self.mapping, file=self.name)
            for needed in ("prompt", "response"):
                if needed not in fields:
                    raise ReadError(
                        Phrase(
                            "no column was recognised as the %(field)s; the columns are %(columns)s",
                            field=needed,
                            columns=_listed(table.columns),
                        ),
                        do=Phrase("Say which one it is: %(field)s=COLUMN", field=needed),
                        file=self.name,
                    )
            for row in table.rows:
                yield self._record(row, fields)

    def _record(self, row: Row, fields: Mapping[str, str]) -> Record | Skipped | Problem:
        def cell(name: str) -> str:
            return row.cells.get(fields[name], "") if name in fields else ""

        external_id = cell("external_id").strip() or (str(row.number) if "external_id" not in fields else "")
        if cell("error").strip():
            return Skipped(
                row.number, external_id, _("error: %(error)s") % {"error": cell("error").strip()[:200]}
            )
        if not external_id:
            return Problem(_("the id is empty; give every row one"), row.number, fields["external_id"])
        if len(external_id) > 200:
            return Problem(_("the id is longer than 200 characters"), row.number, fields["external_id"])
        if not cell("prompt").strip():
            return Problem(
                _("the prompt is empty; every response answers a prompt"), row.number, fields["prompt"]
            )
        model = cell("model").strip() or self.model
        if not model:
            return Problem(
                _("nothing names the model; name it for the whole file, or map a column to model"), row.number
            )
        return Record(
            row=row.number,
            external_id=external_id,
            prompt=cell("prompt"),
            response=cell("response"),
            model=model[:200],
            condition=(cell("condition").strip() or self.condition)[:200],
            system_prompt=cell("system_prompt"),
            category=cell("category").strip()[:200],
            complexity=cell("complexity").strip().lower()[:40],
            language=cell("language").strip()[:20],
            rules=cell("rules").strip()[:200],
        )


def preview_run(file: RunFile, *, rows: int = 10) -> list[Record | Skipped | Problem]:
    """What the first rows of a file say. Raises Refused when the file cannot be read."""
    try:
        return list(islice(file.records(), rows))
    except ReadError as error:
        raise Refused(str(error)) from error


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(f"“{column}”" for column in columns)
