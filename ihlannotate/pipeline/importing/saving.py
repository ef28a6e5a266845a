"""Batches of records into the database: the missing prompts, responses, runs; what contradicts them is a conflict."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from ihlannotate.models.codes import new_code
from ihlannotate.models.item import Prompt
from ihlannotate.models.provenance import Origin, Run
from ihlannotate.models.study import Study
from ihlannotate.pipeline.importing.run_file import Record, Skipped, sha256
from ihlannotate.pipeline.refusals import Problem


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


class Saver:
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
                self._compare(
                    one, _("row %(row)s") % {"row": first.row}, sha256(first.prompt), sha256(first.response)
                )
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
                    self._compare(one, _("this study"), *known[external_id])
                else:
                    fresh.append((run_id, one))
        if not self.conflicts:
            self._create(fresh)

    def _run(self, one: Record) -> Run:
        key = (one.model, one.condition)
        if key not in self.runs:
            run, _made = Run.objects.get_or_create(
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
        if sha256(one.prompt) == prompt_sha256:
            message = _(
                "id “%(id)s” of %(model)s is already in %(where)s with another response; an imported text "
                "never changes: give it another id, or import it as another model or condition"
            )
        else:
            message = _(
                "id “%(id)s” of %(model)s is already in %(where)s with another prompt; an imported text "
                "never changes: give it another id, or import it as another model or condition"
            )
        said = message % {"id": one.external_id, "model": one.model, "where": where}
        self.conflicts.append(Problem(said, one.row, conflict=True))

    def _create(self, fresh: Sequence[tuple[int, Record]]) -> None:
        """Save responses and their origins with plain SQL: making model instances takes longer than saving them."""
        prompts = self._prompts([one for _run, one in fresh])
        coded = [(new_code(), run_id, one) for run_id, one in fresh]
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO ihlannotate_response (study_id, prompt_id, code, text, text_sha256) "
                "VALUES (%s, %s, %s, %s, %s)",
                [
                    (self.study.pk, prompts[sha256(one.prompt)], code, one.response, sha256(one.response))
                    for code, _run, one in coded
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
