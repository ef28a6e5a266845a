"""A spreadsheet of ratings: which column is whose, what its labels mean, and which response a row is about."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from django.utils.translation import gettext as _

from ihlannotate.models.rubric import Criterion
from ihlannotate.models.study import Study
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.importing import BATCH, Matched
from ihlannotate.pipeline.refusals import Problem, Refused
from ihlannotate.readers import open_table
from ihlannotate.readers.base import Row
from ihlannotate.readers.columns import find_column
from ihlannotate.readers.rubric import CriterionSpec


@dataclass(frozen=True)
class RatingsFile:
    """A file of ratings: which criterion they answer, whose column is whose, and how its rows find their response."""

    path: Path
    name: str
    criterion: str
    match: str  # the column that holds the external id
    model: str = ""
    values: Mapping[str, str] = field(default_factory=dict)  # theirs -> ours
    format: str | None = None

    def batches(self, columns: Sequence[str]) -> Iterator[list[Row]]:
        """The rows, a batch at a time, their cells under these names too where the file spells them otherwise.

        Raises ReadError where a column is not there.
        """
        with open_table(self.path, format=self.format, name=self.name) as table:
            asked = [self.match, *columns]
            found = {name: find_column(name, table.columns, file=self.name) for name in asked}
            spelled = {name: column for name, column in found.items() if name != column}
            rows = iter(table.rows)
            while batch := list(islice(rows, BATCH)):
                yield [_renamed(row, spelled) for row in batch] if spelled else batch


def _renamed(row: Row, spelled: Mapping[str, str]) -> Row:
    return Row(row.number, {**row.cells, **{name: row.cells[column] for name, column in spelled.items()}})


def criterion_of(study: Study, key: str) -> tuple[CriterionSpec, Criterion]:
    """A criterion of the study's rubric by its key. Raises Refused, naming those that there are."""
    specs = {one.key: one for one in spec_of(study.rubric).criteria}
    if key not in specs:
        raise Refused(
            _("The rubric has no criterion “%(key)s”. It has: %(specs)s.")
            % {"key": key, "specs": ", ".join(specs)}
        )
    return specs[key], Criterion.objects.get(rubric=study.rubric_id, key=key)


def level_of(
    spec: CriterionSpec, values: Mapping[str, str], text: str, row: int, column: str
) -> str | Problem:
    """The rubric's value behind what a cell says, translated by `values` first; a Problem when there is none."""
    value = values.get(text, text)
    allowed = [option.value for option in spec.options]
    if value in allowed:
        return value
    return Problem(
        _(
            "“%(text)s” is no level of “%(key)s” (they are %(allowed)s); say what it means: "
            "--value %(value)s=OURS"
        )
        % {
            "text": text[:80],
            "key": spec.key,
            "allowed": ", ".join(allowed[:12]),
            "value": text.split()[0][:40] if text.split() else "theirs",
        },
        row,
        column,
    )


def one_response(
    found: Mapping[str, Sequence[Matched]], external_id: str, row: int, column: str
) -> Matched | Problem:
    """The one response behind an external id; a Problem when there is none, or more than one."""
    matches = found.get(external_id, ())
    if len(matches) == 1:
        return matches[0]
    if matches:
        return Problem(
            _("id “%(external_id)s” is in more than one run; say whose: --model NAME")
            % {"external_id": external_id[:80]},
            row,
            column,
        )
    return Problem(
        _("no response has the id “%(external_id)s”; import its run first")
        % {"external_id": external_id[:80]},
        row,
        column,
    )
