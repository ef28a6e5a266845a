"""Verdicts of automated judges, from a file or the API. Those that cannot be parsed are kept with their text."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from ihlannotate.models.event import record
from ihlannotate.models.judge import Judge, Verdict
from ihlannotate.models.rubric import Criterion
from ihlannotate.models.study import Study
from ihlannotate.models.user import User
from ihlannotate.pipeline.annotating.ratings_file import RatingsFile, criterion_of, one_response
from ihlannotate.pipeline.importing import BATCH, MOST_PROBLEMS, file_sha256, match_responses
from ihlannotate.pipeline.judging.verdict_rows import (
    Columns,
    Said,
    conflicting,
    differs,
    hashes_of,
    other_text,
    score_of,
)
from ihlannotate.pipeline.refusals import Problem, Refused
from ihlannotate.readers.base import ReadError, Row
from ihlannotate.readers.rubric import CriterionSpec


@dataclass(frozen=True)
class VerdictFile:
    """A file of verdicts: like one of ratings, with the judge's columns."""

    ratings: RatingsFile
    verdict: str
    score: str = ""
    rationale: str = ""
    text_sha256: str = ""
    is_probability: bool = False  # the score is one, and lies between 0 and 1

    @property
    def columns(self) -> list[str]:
        named = (self.verdict, self.score, self.rationale, self.text_sha256)
        return [column for column in named if column]


@dataclass
class ImportedVerdicts:
    """What an import of verdicts did. `unparsed` counts the new ones that are no level of the criterion.

    `mapping` says which of the judge's labels were read as which level of the rubric.
    """

    judge: str
    criterion: str
    verdicts_new: int = 0
    unchanged: int = 0
    unparsed: int = 0
    empty: int = 0
    mapping: dict[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        return dict(vars(self))


def import_verdicts(
    study: Study,
    file: VerdictFile,
    *,
    judge: str,
    settings: Mapping[str, str] | None = None,
    actor: User | None,
) -> ImportedVerdicts:
    """Import a judge's verdicts on one criterion from a file. All of it or nothing; the same again changes nothing.

    `settings` is what its owner states of the judge (model, version, prompt hash). Raises Refused with rows and
    columns: unknown ids, a score that is no number or no probability, a text that is not the one that was judged,
    another verdict already there; and where other settings are there.
    """
    ratings = file.ratings

    def batches() -> Iterable[list[Said]]:
        for rows in ratings.batches(file.columns):
            yield [_said(row, file) for row in rows]

    try:
        with transaction.atomic():
            return _import(
                study,
                batches(),
                file=ratings,
                judge=judge,
                actor=actor,
                settings=settings or {},
                data={"sha256": file_sha256(ratings.path)},
                columns=Columns(file.verdict, file.score, file.text_sha256, file.is_probability),
            )
    except ReadError as error:
        raise Refused(str(error)) from error


def save_verdicts(
    study: Study,
    said: Sequence[Said],
    *,
    judge: str,
    criterion: str,
    model: str = "",
    values: dict[str, str] | None = None,
    settings: Mapping[str, str] | None = None,
    is_probability: bool = False,
    actor: User | None,
) -> ImportedVerdicts:
    """The same for verdicts that came through the API; rows are counted from 1."""
    file = RatingsFile(
        path=Path(),
        name="verdicts",
        criterion=criterion,
        match="external_id",
        model=model,
        values=values or {},
    )
    batches = (list(said[start : start + BATCH]) for start in range(0, len(said), BATCH))
    with transaction.atomic():
        return _import(
            study,
            batches,
            file=file,
            judge=judge,
            actor=actor,
            settings=settings or {},
            data={},
            columns=Columns(is_probability=is_probability),
        )


def _said(row: Row, file: VerdictFile) -> Said:
    return Said(
        row=row.number,
        external_id=row.cells[file.ratings.match].strip(),
        verdict=row.cells[file.verdict].strip(),
        score=row.cells[file.score].strip() if file.score else "",
        rationale=row.cells[file.rationale] if file.rationale else "",
        text_sha256=row.cells[file.text_sha256].strip() if file.text_sha256 else "",
    )


def _import(
    study: Study,
    batches: Iterable[list[Said]],
    *,
    file: RatingsFile,
    judge: str,
    actor: User | None,
    settings: Mapping[str, str],
    data: dict[str, str],
    columns: Columns,
) -> ImportedVerdicts:
    if not judge.strip() or len(judge) > 200:
        raise Refused(_("Name the judge, in at most 200 characters."))
    study = Study.objects.select_for_update(no_key=True).get(pk=study.pk)  # one import at a time
    spec, criterion = criterion_of(study, file.criterion)
    report = ImportedVerdicts(judge=judge, criterion=criterion.key)
    known = _judge(study, judge, settings)
    problems: list[Problem] = []
    for batch in batches:
        _save(study, batch, file, spec, criterion, known, report, problems, columns)
    if problems:
        raise Refused(
            _("%(name)s: no verdict was imported. Mend these and import again:") % {"name": file.name},
            problems=tuple(problems[:MOST_PROBLEMS]),
        )
    if report.verdicts_new:
        record(
            study,
            "verdicts.imported",
            actor=actor,
            data={
                **data,
                "judge": judge,
                "criterion": criterion.key,
                "verdicts": report.verdicts_new,
                "mapping": report.mapping,
            },
        )
    return report


def _judge(study: Study, name: str, settings: Mapping[str, str]) -> Judge:
    """The judge of this name, made if need be; settings are stated once, since others make another judge."""
    known, _made = Judge.objects.get_or_create(study=study, name=name, defaults={"settings": dict(settings)})
    if settings and not known.settings:
        known.settings = dict(settings)
        known.save(update_fields=["settings"])
    if settings and known.settings != settings:
        raise Refused(
            _(
                "Judge “%(judge)s” was stated with other settings (%(settings)s). Give a new version a new name."
            )
            % {
                "judge": name,
                "settings": ", ".join(f"{key}={value}" for key, value in known.settings.items()),
            }
        )
    return known


def _save(
    study: Study,
    batch: Sequence[Said],
    file: RatingsFile,
    spec: CriterionSpec,
    criterion: Criterion,
    judge: Judge,
    report: ImportedVerdicts,
    problems: list[Problem],
    columns: Columns,
) -> None:
    column = columns.verdict
    found = match_responses(study, [one.external_id for one in batch], model=file.model)
    hashes = hashes_of(batch, found)
    wanted: dict[int, tuple[Said, Verdict]] = {}
    levels = {option.value for option in spec.options}
    for one in batch:
        if not one.verdict:
            report.empty += 1
            continue
        response = one_response(found, one.external_id, one.row, file.match)
        score = score_of(one, columns)
        problems.extend(wrong for wrong in (response, score) if isinstance(wrong, Problem))
        if isinstance(response, Problem) or isinstance(score, Problem):
            continue
        if one.text_sha256 and one.text_sha256.lower() != hashes[response.response_id]:
            problems.append(other_text(one, columns.text_sha256))
            continue
        value = file.values.get(one.verdict, one.verdict)
        if value in levels:
            report.mapping[one.verdict] = value
        verdict = Verdict(
            judge=judge,
            response_id=response.response_id,
            criterion=criterion,
            value=value if value in levels else "",
            raw=one.verdict,
            score=score,
            rationale=one.rationale,
        )
        earlier = wanted.setdefault(response.response_id, (one, verdict))[1]
        if differs(earlier, verdict):
            problems.append(conflicting(one, column, earlier))
    if problems:
        return
    there = Verdict.objects.filter(judge=judge, criterion=criterion, response__in=wanted)
    for verdict in there:
        one, new = wanted.pop(verdict.response_id)
        if differs(verdict, new):
            problems.append(conflicting(one, column, verdict))
        report.unchanged += 1
    fresh = [verdict for _one, verdict in wanted.values()]
    Verdict.objects.bulk_create(fresh)
    report.verdicts_new += len(fresh)
    report.unparsed += sum(not verdict.value for verdict in fresh)
