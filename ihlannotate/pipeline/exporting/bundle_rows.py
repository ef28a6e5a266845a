"""Rows of a bundle's files, read in batches and tied to each other; among them origins, judges and verdicts."""

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from ihlannotate.models.judge import Judge, Verdict
from ihlannotate.models.provenance import Origin, Run
from ihlannotate.models.sample import Inclusion, Sample
from ihlannotate.models.study import Study
from ihlannotate.phrases import Phrase
from ihlannotate.pipeline.exporting.bundle import BATCH
from ihlannotate.pipeline.exporting.cards import KEPT
from ihlannotate.readers.base import ReadError
from ihlannotate.readers.bundle import AGAIN, Bundle
from ihlannotate.readers.bundle_records import (
    InclusionRecord,
    JudgeRecord,
    OriginRecord,
    Record,
    RunRecord,
    SampleRecord,
    VerdictRecord,
)

R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class Rows:
    """The files of an open bundle as records. Every method raises ReadError, naming the file that is at fault."""

    bundle: Bundle

    def batches(self, name: str, kind: type[R]) -> Iterator[list[R]]:
        """The records of a JSON Lines file, BATCH at a time."""
        place = self.place(name)
        records = (kind.read(item, file=place, row=row) for row, item in self.bundle.lines(name))
        while batch := list(islice(records, BATCH)):
            yield batch

    def one(self, name: str, kind: type[R]) -> R:
        """The record that a JSON file holds."""
        return kind.read(self.bundle.json(name), file=self.place(name))

    def known(self, ids: Mapping[str, int], key: str, name: str) -> int:
        """The id behind a name that a file uses."""
        if key not in ids:
            what = Phrase("“%(key)s” is named, but nothing of that name is in the bundle", key=key[:100])
            raise self.wrong(name, what)
        return ids[key]

    def time(self, text: str, name: str) -> datetime.datetime:
        """A time that a file gives in ISO 8601."""
        try:
            moment = datetime.datetime.fromisoformat(text)
        except ValueError as error:
            raise self.wrong(name, Phrase("“%(text)s” is not a time", text=text[:40])) from error
        return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)

    def place(self, name: str) -> str:
        """A file as messages name it."""
        return f"{self.bundle.file}, {name}"

    def wrong(self, name: str, what: Phrase) -> ReadError:
        """The error that something is wrong in a file."""
        return ReadError(what, do=AGAIN, file=self.place(name))


def read_origins(rows: Rows, study: Study, *, responses: Mapping[str, int]) -> None:
    """Save the runs of a bundle and which response is of which; `responses` are ids by code."""
    runs: dict[str, int] = {}
    for found in rows.batches("runs.jsonl", RunRecord):
        made = Run.objects.bulk_create(
            Run(
                study=study,
                code=one.run,
                model=one.model,
                condition=one.condition,
                system_prompt=one.system_prompt,
            )
            for one in found
        )
        runs |= {one.code: one.pk for one in made}
    name, known = "origins.jsonl", 0
    for origins in rows.batches(name, OriginRecord):
        known += len(origins)
        Origin.objects.bulk_create(
            Origin(
                response_id=rows.known(responses, one.response, name),
                run_id=rows.known(runs, one.run, name),
                external_id=one.external_id,
            )
            for one in origins
        )
    if known != len(responses):
        raise rows.wrong(name, Phrase("of some responses it is not said which run they are of"))


def read_sample(rows: Rows, study: Study, *, responses: Mapping[str, int]) -> None:
    """Save how a bundle's responses were drawn, where they were; `responses` are ids by code."""
    if "sample.json" not in rows.bundle.names:
        return
    one = rows.one("sample.json", SampleRecord)
    if sorted(one.drawn) != ["by", "oversampled", "strata"]:
        raise rows.wrong("sample.json", Phrase("“%(key)s” has a value of another kind", key="drawn"))
    sample = Sample.objects.create(study=study, size=one.size, seed=one.seed, **one.drawn)
    name = "inclusions.jsonl"
    for batch in rows.batches(name, InclusionRecord):
        Inclusion.objects.bulk_create(
            Inclusion(
                sample=sample,
                response_id=rows.known(responses, one.response, name),
                probability=one.probability,
                chosen=bool(one.chosen),
            )
            for one in batch
        )


def read_judges(
    rows: Rows, study: Study, *, responses: Mapping[str, int], criteria: Mapping[str, int]
) -> int:
    """Save the judges of a bundle, their cards and their verdicts; how many judges. Ids by code and by key."""
    judges: dict[str, int] = {}
    for found in rows.batches("judges.jsonl", JudgeRecord):
        for one in found:
            card = {KEPT: rows.bundle.json(f"{one.card}.json")} if one.card else {}
            made = Judge.objects.create(study=study, name=one.judge, settings={**one.settings, **card})
            judges[one.judge] = made.pk
    name = "verdicts.jsonl"
    for verdicts in rows.batches(name, VerdictRecord):
        Verdict.objects.bulk_create(
            Verdict(
                judge_id=rows.known(judges, one.judge, name),
                response_id=rows.known(responses, one.response, name),
                criterion_id=rows.known(criteria, one.criterion, name),
                value=one.value,
                raw=one.raw,
                score=one.score,
                rationale=one.rationale,
            )
            for one in verdicts
        )
    return len(judges)
