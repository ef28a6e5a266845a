"""Ratings that people already gave, in a spreadsheet: one criterion, one column for each annotator."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from ihlannotate.models.annotation import Annotation, Answer, Revision
from ihlannotate.models.assignment import Assignment
from ihlannotate.models.event import record
from ihlannotate.models.rubric import Criterion
from ihlannotate.models.study import Membership, Study
from ihlannotate.models.user import User
from ihlannotate.pipeline.annotating.ratings_file import RatingsFile, criterion_of, level_of, one_response
from ihlannotate.pipeline.assigning import expire_leases
from ihlannotate.pipeline.founding import imported_annotator, log_imported_annotator
from ihlannotate.pipeline.importing import MOST_PROBLEMS, Matched, file_sha256, match_responses
from ihlannotate.pipeline.refusals import Problem, Refused
from ihlannotate.pipeline.sampling import NOT_DRAWN, not_drawn
from ihlannotate.readers.base import ReadError, Row
from ihlannotate.readers.rubric import CriterionSpec


@dataclass
class ImportedRatings:
    """What an import of ratings did, for one criterion."""

    criterion: str
    annotations_new: int = 0
    unchanged: int = 0
    empty: int = 0
    rows: int = 0


def import_ratings(
    study: Study, file: RatingsFile, *, annotators: Mapping[str, str], actor: User | None
) -> ImportedRatings:
    """Import the ratings of one criterion; `annotators` is column -> alias. All of the file or nothing of it.

    Each rating takes a slot of its response. The same file again changes nothing. Raises Refused with rows and
    columns: unknown ids or levels, responses outside the sample, more annotators than the study's overlap, another
    rating already there, study closed.
    """
    spec, criterion = criterion_of(study, file.criterion)
    report = ImportedRatings(criterion=file.criterion)
    try:
        with transaction.atomic():
            Study.hold(study.pk)
            study = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
            if study.closed_at:
                raise Refused(
                    _("Study “%(slug)s” is closed: its annotations are final.") % {"slug": study.slug}
                )
            expire_leases(study)
            found = {
                column: imported_annotator(study=study, alias=alias) for column, alias in annotators.items()
            }
            members = {column: member for column, (member, _) in found.items()}
            problems: list[Problem] = []
            for batch in file.batches(list(members)):
                report.rows += len(batch)
                saver = _Batch(study, file, spec, criterion, members, report, problems)
                saver.save(batch)
            if problems:
                raise Refused(
                    _("%(name)s: nothing was imported. Mend these and import the file again:")
                    % {"name": file.name},
                    problems=tuple(problems[:MOST_PROBLEMS]),
                )
            # The log comes last: a submission holds its slot until it has its turn there.
            for member in dict.fromkeys(member for member, made in found.values() if made):
                log_imported_annotator(member, actor=actor)
            if report.annotations_new:
                data = {
                    "sha256": file_sha256(file.path),
                    "criterion": criterion.key,
                    "annotations": report.annotations_new,
                }
                record(study, "annotations.imported", actor=actor, data=data)
    except ReadError as error:
        raise Refused(str(error)) from error
    return report


@dataclass(frozen=True)
class _Rating:
    row: int
    column: str
    member: Membership
    response: Matched
    value: str


class _Batch:
    """One batch of rows on its way into the database."""

    def __init__(
        self,
        study: Study,
        file: RatingsFile,
        spec: CriterionSpec,
        criterion: Criterion,
        members: Mapping[str, Membership],
        report: ImportedRatings,
        problems: list[Problem],
    ) -> None:
        self.study, self.file, self.spec, self.criterion = study, file, spec, criterion
        self.members, self.report, self.problems = members, report, problems

    def save(self, rows: Sequence[Row]) -> None:
        ratings = self._read(rows)
        if self.problems:
            return
        fresh = self._new_ones(ratings)
        if self.problems or not fresh:
            return
        assignments = self._slots(fresh)
        if self.problems:
            return
        self._create(fresh, assignments)
        self.report.annotations_new += len(fresh)

    def _read(self, rows: Sequence[Row]) -> list[_Rating]:
        match = self.file.match
        found = match_responses(self.study, [row.cells[match].strip() for row in rows], model=self.file.model)
        left_out = not_drawn([one.response_id for each in found.values() for one in each])
        ratings = []
        for row in rows:
            response = one_response(found, row.cells[match].strip(), row.number, match)
            if isinstance(response, Problem):
                self.problems.append(response)
                continue
            if response.response_id in left_out:
                self.problems.append(Problem(NOT_DRAWN, row.number, match))
                continue
            for column, member in self.members.items():
                text = row.cells[column].strip()
                if not text:
                    self.report.empty += 1
                    continue
                value = level_of(self.spec, self.file.values, text, row.number, column)
                if isinstance(value, Problem):
                    self.problems.append(value)
                else:
                    ratings.append(_Rating(row.number, column, member, response, value))
        return ratings

    def _new_ones(self, ratings: Sequence[_Rating]) -> list[_Rating]:
        """The ratings that are not there yet; a different one for the same criterion is a problem."""
        there = {
            (annotator, response): value
            for annotator, response, value in Answer.objects.filter(
                study=self.study,
                criterion=self.criterion,
                occasion=1,
                live=True,
                response__in={one.response.response_id for one in ratings},
                annotator__in=self.members.values(),
            ).values_list("annotator_id", "response_id", "value")
        }
        fresh = []
        for one in ratings:
            key = (one.member.pk, one.response.response_id)
            if key not in there:
                there[key] = one.value
                fresh.append(one)
            elif there[key] == one.value:
                self.report.unchanged += 1
            else:
                self.problems.append(
                    Problem(
                        _(
                            "%(alias)s has already rated this response “%(there)s”, not “%(value)s”; an imported "
                            "rating never changes another"
                        )
                        % {"alias": one.member.alias, "there": there[key], "value": one.value},
                        one.row,
                        one.column,
                        conflict=True,
                    )
                )
        return fresh

    def _slots(self, ratings: Sequence[_Rating]) -> dict[tuple[int, int], Assignment]:
        """An assignment for each rating: the annotator's own, an open slot, or a new one below the overlap."""
        of_response: dict[int, list[Assignment]] = {}
        wanted = {one.response.response_id for one in ratings}
        slots_there = Assignment.objects.select_for_update().filter(response__in=wanted, occasion=1)
        for there in slots_there.order_by("slot"):
            of_response.setdefault(there.response_id, []).append(there)
        new, taken, given = [], [], {}
        for one in ratings:
            slots = of_response.setdefault(one.response.response_id, [])
            mine = next((slot for slot in slots if slot.annotator_id == one.member.pk), None)
            free = next((slot for slot in slots if slot.annotator_id is None), None)
            if mine is None and free is not None:
                free.annotator = one.member
                mine = free
            if mine is not None and mine.pk:
                mine.leased_until = None
                taken.append(mine)
            elif mine is None and len(slots) < self.study.overlap:
                mine = Assignment(
                    study=self.study,
                    response_id=one.response.response_id,
                    slot=len(slots) + 1,
                    annotator=one.member,
                    position=0,
                )
                slots.append(mine)
                new.append(mine)
            if mine is None:
                self.problems.append(
                    Problem(
                        _(
                            "this response already has %(overlap)s annotators, which is the study's overlap; "
                            "leave a column out, or found the study with a larger overlap"
                        )
                        % {"overlap": self.study.overlap},
                        one.row,
                        one.column,
                    )
                )
                continue
            given[one.member.pk, one.response.response_id] = mine
        if not self.problems:
            Assignment.objects.bulk_create(new)
            Assignment.objects.bulk_update(taken, ["annotator", "leased_until"])
        return given

    def _create(self, ratings: Sequence[_Rating], given: Mapping[tuple[int, int], Assignment]) -> None:
        """An annotation for each rating; where there is one already, a further revision that adds this criterion."""
        assignments = [given[one.member.pk, one.response.response_id] for one in ratings]
        there = {
            one.assignment_id: one
            for one in Annotation.objects.filter(assignment__in=assignments).annotate(
                last=Max("revisions__number")
            )
        }
        made = Annotation.objects.bulk_create(
            Annotation(assignment=one) for one in assignments if one.pk not in there
        )
        new = {one.assignment_id: one for one in made}
        revisions = Revision.objects.bulk_create(
            Revision(
                annotation=new.get(assignment.pk) or there[assignment.pk],
                number=1 if assignment.pk in new else there[assignment.pk].last + 1,
                rubric_id=self.study.rubric_id,
                submission=uuid.uuid4(),
                reason=f"imported from {self.file.name}",
            )
            for assignment in assignments
        )
        Answer.objects.bulk_create(
            Answer(
                study=self.study,
                revision=revision,
                criterion=self.criterion,
                prompt_id=one.response.prompt_id,
                response_id=one.response.response_id,
                annotator=one.member,
                occasion=1,
                value=one.value,
            )
            for one, revision in zip(ratings, revisions, strict=True)
        )
