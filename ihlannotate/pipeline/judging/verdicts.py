"""Verdicts of automated judges, from a file or the API. Those that cannot be parsed are kept with their text."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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

    @property
    def columns(self) -> list[str]:
        return [column for column in (self.verdict, self.score, self.rationale) if column]


@dataclass(frozen=True)
class Said:
    """What a judge said of the response with this external id, as its owner gives it."""

    row: int
    external_id: str
    verdict: str
    score: str = ""
    rationale: str = ""


@dataclass
class ImportedVerdicts:
    """What an import of verdicts did. `unparsed` counts the new ones that are no level of the criterion."""

    judge: str
    criterion: str
    verdicts_new: int = 0
    unchanged: int = 0
    unparsed: int = 0
    empty: int = 0

    def as_dict(self) -> dict[str, object]:
        return dict(vars(self))


def import_verdicts(study: Study, file: VerdictFile, *, judge: str, actor: User | None) -> ImportedVerdicts:
    """Import a judge's verdicts on one criterion from a file. All of it or nothing; the same again changes nothing.

    Raises Refused with rows and columns: unknown ids, a score that is no number, another verdict already there.
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
                data={"sha256": file_sha256(ratings.path)},
                columns=(file.verdict, file.score),
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
            study, batches, file=file, judge=judge, actor=actor, data={}, columns=("verdict", "score")
        )


def _said(row: Row, file: VerdictFile) -> Said:
    return Said(
        row=row.number,
        external_id=row.cells[file.ratings.match].strip(),
        verdict=row.cells[file.verdict].strip(),
        score=row.cells[file.score].strip() if file.score else "",
        rationale=row.cells[file.rationale] if file.rationale else "",
    )


def _import(
    study: Study,
    batches: Iterable[list[Said]],
    *,
    file: RatingsFile,
    judge: str,
    actor: User | None,
    data: dict[str, str],
    columns: tuple[str, str],
) -> ImportedVerdicts:
    if not judge.strip() or len(judge) > 200:
        raise Refused(_("Name the judge, in at most 200 characters."))
    study = Study.objects.select_for_update(no_key=True).get(pk=study.pk)  # one import at a time
    spec, criterion = criterion_of(study, file.criterion)
    report = ImportedVerdicts(judge=judge, criterion=criterion.key)
    known, _made = Judge.objects.get_or_create(study=study, name=judge)
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
            data={**data, "judge": judge, "criterion": criterion.key, "verdicts": report.verdicts_new},
        )
    return report


def _save(
    study: Study,
    batch: Sequence[Said],
    file: RatingsFile,
    spec: CriterionSpec,
    criterion: Criterion,
    judge: Judge,
    report: ImportedVerdicts,
    problems: list[Problem],
    columns: tuple[str, str],
) -> None:
    column, score_column = columns
    found = match_responses(study, [one.external_id for one in batch], model=file.model)
    wanted: dict[int, tuple[Said, Verdict]] = {}
    levels = {option.value for option in spec.options}
    for one in batch:
        if not one.verdict:
            report.empty += 1
            continue
        response = one_response(found, one.external_id, one.row, file.match)
        score = _score(one, score_column)
        problems.extend(wrong for wrong in (response, score) if isinstance(wrong, Problem))
        if isinstance(response, Problem) or isinstance(score, Problem):
            continue
        value = file.values.get(one.verdict, one.verdict)
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
        if _differs(earlier, verdict):
            problems.append(_conflict(one, column, earlier))
    if problems:
        return
    there = Verdict.objects.filter(judge=judge, criterion=criterion, response__in=wanted)
    for verdict in there:
        one, new = wanted.pop(verdict.response_id)
        if _differs(verdict, new):
            problems.append(_conflict(one, column, verdict))
        report.unchanged += 1
    fresh = [verdict for _one, verdict in wanted.values()]
    Verdict.objects.bulk_create(fresh)
    report.verdicts_new += len(fresh)
    report.unparsed += sum(not verdict.value for verdict in fresh)


def _score(one: Said, column: str) -> float | Problem | None:
    if not one.score:
        return None
    try:
        score = float(one.score)
    except ValueError:
        return Problem(_("the score “%(score)s” is no number") % {"score": one.score[:40]}, one.row, column)
    return score if math.isfinite(score) else Problem(_("the score is not finite"), one.row, column)


def _differs(a: Verdict, b: Verdict) -> bool:
    return (a.value, a.raw, a.score) != (b.value, b.raw, b.score)


def _conflict(one: Said, column: str, there: Verdict) -> Problem:
    return Problem(
        _(
            "id “%(external_id)s” already has the verdict “%(raw)s”, not “%(verdict)s”; give a "
            "new version of the judge a new name"
        )
        % {"external_id": one.external_id, "raw": there.raw[:60], "verdict": one.verdict[:60]},
        one.row,
        column,
        conflict=True,
    )
