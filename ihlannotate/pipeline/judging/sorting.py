"""Rows of verdicts beside what is there: which are new, which are there already, and what is wrong with the others."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ihlannotate.models.judge import Judge, Verdict
from ihlannotate.models.rubric import Criterion
from ihlannotate.models.study import Study
from ihlannotate.pipeline.annotating.ratings_file import RatingsFile, one_response
from ihlannotate.pipeline.importing import MOST_PROBLEMS, match_responses
from ihlannotate.pipeline.judging.verdict_rows import (
    Columns,
    Said,
    conflicting,
    differs,
    hashes_of,
    other_text,
    score_of,
)
from ihlannotate.pipeline.refusals import Problem
from ihlannotate.readers.rubric import CriterionSpec


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


@dataclass
class Wrong:
    """What is wrong with a file: the first MOST_PROBLEMS problems, and how many there are in all and of two kinds."""

    problems: list[Problem] = field(default_factory=list)
    in_all: int = 0
    unmatched: int = 0  # rows whose id no response bears
    conflicts: int = 0  # rows that contradict a verdict that is there

    def add(self, problem: Problem, *, unmatched: bool = False) -> None:
        self.in_all += 1
        self.unmatched += unmatched
        self.conflicts += problem.conflict
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)


@dataclass
class Sorter:
    """Sorts batches of rows and counts them in `report` and `wrong`. It saves nothing.

    `judge` is None while it has not been made: nothing of it is there then.
    """

    study: Study
    file: RatingsFile
    spec: CriterionSpec
    criterion: Criterion
    judge: Judge | None
    columns: Columns
    report: ImportedVerdicts
    wrong: Wrong = field(default_factory=Wrong)

    def fresh(self, batch: Sequence[Said]) -> list[Verdict]:
        """The verdicts of a batch that are new, unsaved."""
        wanted = self._wanted(batch)
        there = Verdict.objects.filter(judge=self.judge, criterion=self.criterion, response__in=wanted)
        for verdict in there if self.judge else ():
            one, new = wanted.pop(verdict.response_id)
            if differs(verdict, new):
                self.wrong.add(conflicting(one, self.columns.verdict, verdict))
            else:
                self.report.unchanged += 1
        fresh = [verdict for _one, verdict in wanted.values()]
        self.report.verdicts_new += len(fresh)
        self.report.unparsed += sum(not verdict.value for verdict in fresh)
        return fresh

    def _wanted(self, batch: Sequence[Said]) -> dict[int, tuple[Said, Verdict]]:
        """Response -> the row about it and its verdict, of the rows with which nothing is wrong."""
        found = match_responses(self.study, [one.external_id for one in batch], model=self.file.model)
        hashes = hashes_of(batch, found)
        wanted: dict[int, tuple[Said, Verdict]] = {}
        for one in batch:
            if not one.verdict:
                self.report.empty += 1
                continue
            response = one_response(found, one.external_id, one.row, self.file.match)
            score = score_of(one, self.columns)
            if isinstance(response, Problem):
                self.wrong.add(response, unmatched=one.external_id not in found)
            if isinstance(score, Problem):
                self.wrong.add(score)
            if isinstance(response, Problem) or isinstance(score, Problem):
                continue
            if one.text_sha256 and one.text_sha256.lower() != hashes[response.response_id]:
                self.wrong.add(other_text(one, self.columns.text_sha256))
                continue
            verdict = self._verdict(one, response.response_id, score)
            earlier = wanted.setdefault(response.response_id, (one, verdict))[1]
            if differs(earlier, verdict):
                self.wrong.add(conflicting(one, self.columns.verdict, earlier))
        return wanted

    def _verdict(self, one: Said, response_id: int, score: float | None) -> Verdict:
        value = self.file.values.get(one.verdict, one.verdict)
        is_level = value in {option.value for option in self.spec.options}
        if is_level:
            self.report.mapping[one.verdict] = value
        return Verdict(
            judge=self.judge,
            response_id=response_id,
            criterion=self.criterion,
            value=value if is_level else "",
            raw=one.verdict,
            score=score,
            rationale=one.rationale,
        )
