"""Rows of single answers (the long form of annotations), and how often each verdict met each gold level."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from django.db.models import Count, OuterRef, Subquery

from ihlannotate.models.annotation import Answer
from ihlannotate.models.gold import GoldLabel
from ihlannotate.models.judge import Verdict
from ihlannotate.models.study import Study
from ihlannotate.pipeline.annotating.answers import read_back
from ihlannotate.pipeline.exporting.origins import BATCH, CODE, origins_of
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.releasing import latest_release
from ihlannotate.writers import Column, Sheet
from ihlannotate.writers.base import Cell

Row = Sequence[Cell]


def answers(study: Study) -> Sheet:
    """One row for each answer that counts: the annotations in the form that statistics programs like best.

    A question with several answers (kind many) has a row for each of them.
    """
    origins = origins_of(study)
    columns = (
        CODE,
        *origins.shown(),
        Column("annotator", width=10, help="Alias of the annotator."),
        Column("occasion", "integer", help="1: the annotation; 2: a silent repeat by the same annotator."),
        Column("criterion", width=16, help="Key of the criterion in the rubric."),
        Column(
            "value",
            width=18,
            help="The level that was chosen; empty for a question that is answered in words.",
        ),
        Column("text", width=50, help="What was written, where the question is answered in words."),
        Column("revision", "integer", help="How many times it was submitted."),
        Column("submitted_at", "datetime", width=20, help="When the latest revision was submitted (UTC)."),
    )
    specs = {one.key: one for one in spec_of(study.rubric).criteria}
    stream = (
        Answer.objects.filter(study=study, live=True)
        .order_by("response__code", "annotator_id", "occasion", "criterion__position", "pk")
        .values_list(
            "response_id",
            "response__code",
            "annotator__alias",
            "occasion",
            "criterion__key",
            "value",
            "text",
            "revision__number",
            "revision__created_at",
        )
        .iterator(chunk_size=2000)
    )

    def rows() -> Iterator[Row]:
        while batch := list(islice(stream, BATCH)):
            known = origins.of([row[0] for row in batch])
            for response, code, alias, occasion, key, value, text, number, submitted in batch:
                start: tuple[Any, ...] = (code, *known.get(response, ()), alias, occasion, key)
                if specs[key].kind == "text":
                    yield (*start, "", text, number, submitted)
                    continue
                for one in read_back(specs[key], value, text):
                    yield (*start, one, "", number, submitted)

    return Sheet("answers", columns, rows())


def confusion(study: Study) -> Sheet:
    """How often each judge gave each verdict to each gold level of the newest release; pairs that never met are out."""
    columns = (
        Column("judge", width=18, help="Name of the automated judge."),
        Column("criterion", width=16, help="Key of the criterion in the rubric."),
        Column("gold", width=18, help="The gold level. Responses without one are not counted."),
        Column("verdict", width=18, help="The judge's level; empty where the verdict could not be parsed."),
        Column("responses", "integer", help="How many responses have this gold level and this verdict."),
    )
    label = GoldLabel.objects.filter(
        release=latest_release(study), response=OuterRef("response"), criterion=OuterRef("criterion")
    )
    counts = (
        Verdict.objects.filter(judge__study=study)
        .annotate(gold=Subquery(label.values("value")[:1]))
        .filter(gold__gt="")
        .values_list("judge__name", "criterion__key", "gold", "value")
        .annotate(responses=Count("pk"))
        .order_by("judge__name", "criterion__position", "gold", "value")
    )
    return Sheet("confusion", columns, counts.iterator())
