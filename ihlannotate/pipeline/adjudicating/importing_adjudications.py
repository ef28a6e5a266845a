"""A spreadsheet's column of settled values -> adjudications. All of it or nothing; nothing settled is changed."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from ihlannotate.models.event import record
from ihlannotate.models.gold import Adjudication
from ihlannotate.models.study import Study
from ihlannotate.models.user import User
from ihlannotate.pipeline.annotating.ratings_file import (
    RatingsFile,
    criterion_of,
    level_of,
    one_response,
)
from ihlannotate.pipeline.importing import MOST_PROBLEMS, Matched, file_sha256, match_responses
from ihlannotate.pipeline.refusals import Problem, Refused
from ihlannotate.pipeline.sampling import NOT_DRAWN, not_drawn
from ihlannotate.readers.base import ReadError, Row
from ihlannotate.readers.rubric import CriterionSpec


@dataclass
class ImportedAdjudications:
    adjudications_new: int = 0
    unchanged: int = 0


def import_adjudications(
    study: Study, file: RatingsFile, *, column: str, actor: User | None
) -> ImportedAdjudications:
    """Import a column of settled values for one criterion. All of it or nothing; the same file changes nothing.

    Raises Refused with rows: unknown ids or levels, responses outside the sample, another value already settled, study
    unblinded.
    """
    spec, criterion = criterion_of(study, file.criterion)
    report = ImportedAdjudications()
    problems: list[Problem] = []
    try:
        with transaction.atomic():
            Study.hold(study.pk)
            study = Study.objects.select_for_update(no_key=True).get(pk=study.pk)  # one import at a time
            if study.is_unblinded:
                raise Refused(
                    _("Study “%(slug)s” is unblinded: an adjudication now could not be blind.")
                    % {"slug": study.slug}
                )
            for batch in file.batches([column]):
                settled = _read_settled(study, spec, file, column, batch, problems)
                if not problems:
                    _save_settled(
                        study, criterion.pk, settled, f"{file.name}, column {column}", report, problems
                    )
            if problems:
                raise Refused(
                    _("%(name)s: no adjudication was imported. Mend these and import the file again:")
                    % {"name": file.name},
                    problems=tuple(problems[:MOST_PROBLEMS]),
                )
            if report.adjudications_new:
                data = {
                    "sha256": file_sha256(file.path),
                    "criterion": criterion.key,
                    "adjudications": report.adjudications_new,
                }
                record(study, "adjudications.imported", actor=actor, data=data)
    except ReadError as error:
        raise Refused(str(error)) from error
    return report


@dataclass(frozen=True)
class _Settled:
    row: int
    column: str
    response_id: int
    value: str


def _read_settled(
    study: Study,
    spec: CriterionSpec,
    file: RatingsFile,
    column: str,
    batch: Sequence[Row],
    problems: list[Problem],
) -> list[_Settled]:
    """What the batch's cells that are not empty settle; what is wrong with them goes to `problems`."""
    found = match_responses(study, [row.cells[file.match].strip() for row in batch], model=file.model)
    left_out = not_drawn([one.response_id for each in found.values() for one in each])
    settled = []
    for row in batch:
        text = row.cells[column].strip()
        if not text:
            continue
        response = one_response(found, row.cells[file.match].strip(), row.number, file.match)
        value = level_of(spec, file.values, text, row.number, column)
        problems.extend(wrong for wrong in (response, value) if isinstance(wrong, Problem))
        if isinstance(response, Matched) and response.response_id in left_out:
            problems.append(Problem(NOT_DRAWN, row.number, file.match))
            continue
        if not isinstance(response, Problem) and not isinstance(value, Problem):
            settled.append(_Settled(row.number, column, response.response_id, value))
    return settled


def _save_settled(
    study: Study,
    criterion_id: int,
    settled: Sequence[_Settled],
    source: str,
    report: ImportedAdjudications,
    problems: list[Problem],
) -> None:
    responses = {one.response_id for one in settled}
    there = dict(
        Adjudication.objects.filter(criterion=criterion_id, response__in=responses)
        .order_by("number")
        .values_list("response_id", "value")
    )
    fresh = []
    for one in settled:
        value = there.get(one.response_id)
        if value is None:
            there[one.response_id] = one.value
            fresh.append(one)
        elif value == one.value:
            report.unchanged += 1
        else:
            problems.append(
                Problem(
                    _(
                        "this response is already settled as “%(value)s”, not “%(other)s”; an import never "
                        "changes an adjudication"
                    )
                    % {"value": value or _("reasonable lawyers differ"), "other": one.value},
                    one.row,
                    one.column,
                    conflict=True,
                )
            )
    Adjudication.objects.bulk_create(
        Adjudication(
            study=study,
            response_id=one.response_id,
            criterion_id=criterion_id,
            value=one.value,
            source=source[:255],
        )
        for one in fresh
    )
    report.adjudications_new += len(fresh)
