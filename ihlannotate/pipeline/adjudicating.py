"""Contested items -> settled ones. An adjudication decides: it is the gold value, and never enters agreement."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Max
from django.utils.translation import gettext as _

from ihlannotate.models.annotation import Answer
from ihlannotate.models.event import record
from ihlannotate.models.gold import Adjudication
from ihlannotate.models.item import Response
from ihlannotate.models.study import Membership, Study
from ihlannotate.models.user import User
from ihlannotate.pipeline.agreement import levelled_criteria
from ihlannotate.pipeline.annotating.ratings_file import (
    RatingsFile,
    criterion_of,
    level_of,
    one_response,
)
from ihlannotate.pipeline.importing import MOST_PROBLEMS, file_sha256, match_responses
from ihlannotate.pipeline.masking import mask
from ihlannotate.pipeline.refusals import Problem, Refused
from ihlannotate.readers.base import ReadError, Row
from ihlannotate.readers.rubric import CriterionSpec


@dataclass(frozen=True)
class ContestedItem:
    """An item whose annotators found no majority, as an adjudicator meets it: no names, no provenance."""

    code: str
    prompt: str
    response: str
    language: str
    criteria: tuple[str, ...]  # keys that are contested and not yet settled


@dataclass
class ImportedAdjudications:
    adjudications_new: int = 0
    unchanged: int = 0


def contested(study: Study) -> dict[int, list[str]]:
    """Response id -> criterion keys on which two or more annotators have no majority and nobody has settled it."""
    levels = {one.key for one in levelled_criteria(study)}
    tallies: dict[tuple[int, str], Counter[str]] = {}
    live = Answer.objects.filter(study=study, criterion__key__in=levels, live=True, occasion=1)
    grouped = live.values_list("response_id", "criterion__key", "value").annotate(count=Count("pk"))
    for response, key, value, count in grouped:
        tallies.setdefault((response, key), Counter())[value] = count
    settled = set(Adjudication.objects.filter(study=study).values_list("response_id", "criterion__key"))
    found: dict[int, list[str]] = {}
    for (response, key), tally in sorted(tallies.items()):
        most, total = max(tally.values()), sum(tally.values())
        if total > 1 and 2 * most <= total and (response, key) not in settled:
            found.setdefault(response, []).append(key)
    return found


def contested_item(study: Study, code: str) -> ContestedItem | None:
    """The contested item with this response code; None when it is not contested (any more)."""
    response = Response.objects.filter(study=study, code=code).select_related("prompt").first()
    keys = contested(study).get(response.pk) if response else None
    if response is None or not keys:
        return None
    return ContestedItem(
        code=code,
        prompt=response.prompt.text,
        response=mask(response.text, study.masked_words),
        language=response.prompt.language,
        criteria=tuple(keys),
    )


@transaction.atomic
def settle(*, member: Membership, code: str, key: str, value: str, reason: str) -> Adjudication:
    """Record an adjudicator's outcome for one criterion of an item; an empty value: reasonable lawyers differ.

    Raises Refused: not an adjudicator, study unblinded, unknown item, level not in the rubric, no reason given.
    """
    study = Study.objects.select_for_update(no_key=True).get(pk=member.study_id)
    if member.role != Membership.Role.ADJUDICATOR:
        raise Refused(_("Only an adjudicator settles contested items."))
    if study.is_unblinded:
        raise Refused(_("This study is unblinded: an adjudication now could not be blind."))
    spec, criterion = criterion_of(study, key)
    response = Response.objects.filter(study=study, code=code).first()
    if response is None:
        raise Refused(_("There is no such item in this study."))
    if value and value not in [option.value for option in spec.options]:
        raise Refused(_("“%(value)s” is no level of “%(key)s”.") % {"value": value[:80], "key": key})
    if not reason.strip():
        raise Refused(_("Write a reason: it is what a reader of the gold labels will look for."))
    earlier = Adjudication.objects.filter(response=response, criterion=criterion)
    last = earlier.aggregate(Max("number"))["number__max"] or 0
    settled = Adjudication.objects.create(
        study=study,
        response=response,
        criterion=criterion,
        number=last + 1,
        value=value,
        reason=reason.strip(),
        adjudicator=member,
    )
    record(study, "item.adjudicated", actor=member.user, data={"response": code, "criterion": key})
    return settled


def import_adjudications(
    study: Study, file: RatingsFile, *, column: str, actor: User | None
) -> ImportedAdjudications:
    """Import a column of settled values for one criterion. All of it or nothing; the same file changes nothing.

    Raises Refused with rows: unknown ids or levels, another value already settled, study unblinded.
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
    settled = []
    for row in batch:
        text = row.cells[column].strip()
        if not text:
            continue
        response = one_response(found, row.cells[file.match].strip(), row.number, file.match)
        value = level_of(spec, file.values, text, row.number, column)
        problems.extend(wrong for wrong in (response, value) if isinstance(wrong, Problem))
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
