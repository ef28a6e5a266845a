"""File -> Prompts, Responses, Run. All of a file or nothing of it; the same file twice changes nothing.

A file is read twice: once to check every row, which writes nothing, and once to save, in one transaction.
"""

import datetime
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Q

from ihlannotate.models.codes import new_code
from ihlannotate.models.event import record
from ihlannotate.models.item import Prompt, Response
from ihlannotate.models.provenance import ImportedFile, Origin, Run
from ihlannotate.models.study import Study
from ihlannotate.models.user import User
from ihlannotate.pipeline.refusals import Problem, Refused
from ihlannotate.readers import open_table
from ihlannotate.readers.base import ReadError, Row
from ihlannotate.readers.columns import apply_mapping

BATCH = 1000
MOST_PROBLEMS = 50
Progress = Callable[[str, int, int], None]  # step in words, rows done, rows in all (0 while unknown)


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


@dataclass(frozen=True)
class ImportedRun:
    code: str
    model: str
    condition: str
    responses: int


@dataclass
class ImportReport:
    """What an import did (a file with conflicts is refused whole); `verdicts` counts those the file carried."""

    runs: list[ImportedRun] = field(default_factory=list)
    prompts_new: int = 0
    responses_new: int = 0
    unchanged: int = 0
    verdicts: int = 0
    rows: int = 0
    skipped: list[Skipped] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        return bool(self.prompts_new or self.responses_new)

    def as_dict(self) -> dict[str, Any]:
        """The stable JSON form. `run` is the code of the first run; a report has no conflicts."""
        return {
            "run": self.runs[0].code if self.runs else None,
            "runs": [asdict(run) for run in self.runs],
            "prompts_new": self.prompts_new,
            "responses_new": self.responses_new,
            "unchanged": self.unchanged,
            "conflicts": 0,
            "skipped": [asdict(one) for one in self.skipped],
            "verdicts": self.verdicts,
        }


def silent(step: str, done: int, total: int) -> None:
    """A Progress that says nothing."""


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
                        f"no column was recognised as the {needed}; the columns are {_listed(table.columns)}",
                        do=f"Say which one it is: {needed}=COLUMN",
                        file=self.name,
                    )
            for row in table.rows:
                yield self._record(row, fields)

    def _record(self, row: Row, fields: Mapping[str, str]) -> Record | Skipped | Problem:
        def cell(name: str) -> str:
            return row.cells.get(fields[name], "") if name in fields else ""

        external_id = cell("external_id").strip() or (str(row.number) if "external_id" not in fields else "")
        if cell("error").strip():
            return Skipped(row.number, external_id, f"error: {cell('error').strip()[:200]}")
        if not external_id:
            return Problem("the id is empty; give every row one", row.number, fields["external_id"])
        if len(external_id) > 200:
            return Problem("the id is longer than 200 characters", row.number, fields["external_id"])
        if not cell("prompt").strip():
            return Problem(
                "the prompt is empty; every response answers a prompt", row.number, fields["prompt"]
            )
        model = cell("model").strip() or self.model
        if not model:
            return Problem(
                "nothing names the model; name it for the whole file, or map a column to model", row.number
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


def import_run(
    study: Study, file: RunFile, *, actor: User | None, progress: Progress = silent
) -> ImportReport:
    """Import a file of responses: new prompts and responses, their runs, and a line in the audit log.

    A response is known by its run and external id. Raises Refused, with every problem's row and column, when the
    study is closed, the file cannot be read, or an id is already there with another text; nothing is then saved.
    """
    _refuse_closed(study)
    try:
        rows = _check(file, progress)
        progress("Saving responses", 0, rows)
        with transaction.atomic():
            Study.hold(study.pk)
            # One import of a study at a time.
            _refuse_closed(Study.objects.select_for_update(no_key=True).get(pk=study.pk))
            return _save(study, file, rows, actor, progress)
    except ReadError as error:
        raise Refused(str(error)) from error


def _refuse_closed(study: Study) -> None:
    if study.closed_at:
        raise Refused(f"Study “{study.slug}” is closed. Import runs before closing, or found a new study.")


def _check(file: RunFile, progress: Progress) -> int:
    """Read every row without saving; the number of rows. Raises Refused with the first MOST_PROBLEMS problems."""
    problems: list[Problem] = []
    rows = 0
    for rows, record_ in enumerate(file.records(), start=1):
        if isinstance(record_, Problem) and len(problems) < MOST_PROBLEMS:
            problems.append(record_)
        if rows % BATCH == 0:
            progress("Checking rows", rows, 0)
    progress("Checking rows", rows, rows)
    if problems:
        raise Refused(_nothing_imported(file.name), problems=tuple(problems))
    return rows


def _save(study: Study, file: RunFile, rows: int, actor: User | None, progress: Progress) -> ImportReport:
    report = ImportReport(rows=rows)
    saver = _Saver(study, report)
    records = file.records()
    done = 0
    while batch := list(islice(records, BATCH)):
        report.skipped.extend(one for one in batch if isinstance(one, Skipped))
        saver.save([one for one in batch if isinstance(one, Record)])
        done += len(batch)
        progress("Saving responses", done, rows)
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


class _Saver:
    """Saves batches of records and remembers the runs and conflicts it met."""

    def __init__(self, study: Study, report: ImportReport) -> None:
        self.study = study
        self.report = report
        self.runs: dict[tuple[str, str], Run] = {}
        self.seen: dict[int, int] = {}
        self.conflicts: list[Problem] = []

    def save(self, records: Sequence[Record]) -> None:
        by_run: dict[int, dict[str, Record]] = {}
        for one in records:
            run = self._run(one)
            self.seen[run.pk] += 1
            first = by_run.setdefault(run.pk, {}).setdefault(one.external_id, one)
            if first is not one:
                self._compare(one, f"row {first.row}", sha256(first.prompt), sha256(first.response))
        fresh: list[tuple[int, Record]] = []
        for run_id, of_run in by_run.items():
            known = {
                origin[0]: origin[1:]
                for origin in Origin.objects.filter(run=run_id, external_id__in=list(of_run)).values_list(
                    "external_id", "response__prompt__text_sha256", "response__text_sha256"
                )
            }
            for external_id, one in of_run.items():
                if external_id in known:
                    self._compare(one, "this study", *known[external_id])
                else:
                    fresh.append((run_id, one))
        if not self.conflicts:
            self._create(fresh)

    def _run(self, one: Record) -> Run:
        key = (one.model, one.condition)
        if key not in self.runs:
            run, _ = Run.objects.get_or_create(
                study=self.study,
                model=one.model,
                condition=one.condition,
                defaults={"system_prompt": one.system_prompt},
            )
            self.runs[key] = run
            self.seen[run.pk] = 0
        return self.runs[key]

    def _compare(self, one: Record, where: str, prompt_sha256: str, response_sha256: str) -> None:
        if (sha256(one.prompt), sha256(one.response)) == (prompt_sha256, response_sha256):
            self.report.unchanged += 1
            return
        what = "response" if sha256(one.prompt) == prompt_sha256 else "prompt"
        self.conflicts.append(
            Problem(
                f"id “{one.external_id}” of {one.model} is already in {where} with another {what}; "
                "an imported text never changes: give it another id, or import it as another model or condition",
                one.row,
                conflict=True,
            )
        )

    def _create(self, fresh: Sequence[tuple[int, Record]]) -> None:
        """Save responses and their origins with plain SQL: making model instances takes longer than saving them."""
        prompts = self._prompts([one for _, one in fresh])
        coded = [(new_code(), run_id, one) for run_id, one in fresh]
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO ihlannotate_response (study_id, prompt_id, code, text, text_sha256) "
                "VALUES (%s, %s, %s, %s, %s)",
                [
                    (self.study.pk, prompts[sha256(one.prompt)], code, one.response, sha256(one.response))
                    for code, _, one in coded
                ],
            )
            cursor.executemany(
                "INSERT INTO ihlannotate_origin (response_id, run_id, external_id) "
                "SELECT id, %s, %s FROM ihlannotate_response WHERE code = %s",
                [(run_id, one.external_id, code) for code, run_id, one in coded],
            )
        self.report.responses_new += len(fresh)

    def _prompts(self, records: Sequence[Record]) -> dict[str, int]:
        """Text hash -> id of the prompts of these records, the missing ones made."""
        wanted = {sha256(one.prompt): one for one in records}
        mine = Prompt.objects.filter(study=self.study, text_sha256__in=list(wanted))
        known: dict[str, int] = dict(mine.values_list("text_sha256", "pk"))
        made = Prompt.objects.bulk_create(
            Prompt(
                study_id=self.study.pk,
                text=one.prompt,
                text_sha256=digest,
                language=one.language,
                category=one.category,
                complexity=one.complexity,
                rules=one.rules,
            )
            for digest, one in wanted.items()
            if digest not in known
        )
        self.report.prompts_new += len(made)
        return known | {prompt.text_sha256: prompt.pk for prompt in made}


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
            imported_by=one.imported_by.name if one.imported_by else "command line",
            imported_at=one.imported_at,
        )
        for one in files
    ]


@dataclass(frozen=True)
class Matched:
    response_id: int
    prompt_id: int


def match_responses(
    study: Study, external_ids: Sequence[str], *, model: str = ""
) -> dict[str, list[Matched]]:
    """The responses that bear these external ids, in the runs of one model or, without it, of all.

    More than one response behind an id means that the caller must ask which run is meant.
    """
    found: dict[str, list[Matched]] = {}
    origins = Origin.objects.filter(
        Q(run__model=model) if model else Q(), run__study=study, external_id__in=list(external_ids)
    )
    for external_id, response_id, prompt_id in origins.values_list(
        "external_id", "response_id", "response__prompt_id"
    ):
        found.setdefault(external_id, []).append(Matched(response_id, prompt_id))
    return found


def code_of(response_id: int) -> str:
    """The opaque code of a response."""
    return Response.objects.values_list("code", flat=True).get(pk=response_id)


def _nothing_imported(name: str) -> str:
    return f"{name}: nothing was imported. Mend these rows and import the file again:"


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(f"“{column}”" for column in columns)
