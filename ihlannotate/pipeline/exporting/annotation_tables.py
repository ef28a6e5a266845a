"""Rows of what annotators answered, and of the items that they answered about.

Only what counts is here: nothing of known items (training, attention), and nothing that was taken back.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, islice

from django.db.models import Count, OuterRef, Subquery
from django.utils.translation import gettext as _

from ihlannotate.models.annotation import Annotation, Answer, Evidence, Revision
from ihlannotate.models.assignment import Assignment
from ihlannotate.models.item import Response
from ihlannotate.models.study import Study
from ihlannotate.pipeline.annotating.answers import read_back
from ihlannotate.pipeline.exporting.origins import BATCH, CODE, PROMPT, Origins, origins_of
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.importing import Progress
from ihlannotate.readers.rubric import CriterionSpec
from ihlannotate.writers import Column, Sheet
from ihlannotate.writers.base import Cell

Row = Sequence[Cell]


def annotations(study: Study, progress: Progress) -> Sheet:
    """One row an annotation: who (alias), what they answered to each criterion, and the texts they read."""
    origins = origins_of(study)
    criteria = spec_of(study.rubric).criteria
    columns = (
        CODE,
        *origins.shown(),
        Column("annotator", width=10, help="Alias of the annotator."),
        Column("occasion", "integer", help="1: the annotation; 2: a silent repeat by the same annotator."),
        *(_column(criterion) for criterion in criteria),
        Column("revision", "integer", help="How many times it was submitted."),
        Column("submitted_at", "datetime", width=20, help="When the latest revision was submitted (UTC)."),
        Column("seconds", "integer", help="From handing out the item to submitting it."),
        Column(
            "evidence",
            width=40,
            help="Passages marked as the ground of an answer, as JSON: criterion, start and end (code points into "
            "response_text, from 0, end not included), passage.",
        ),
        PROMPT,
        Column("response_text", width=70, help="What the system answered, unmasked."),
    )
    return Sheet("annotations", columns, _annotation_rows(study, criteria, origins, progress))


def _column(criterion: CriterionSpec) -> Column:
    scale = criterion.kind == "scale" and all(option.number is not None for option in criterion.options)
    levels = (
        f" Levels: {', '.join(option.value for option in criterion.options[:12])}."
        if criterion.options
        else ""
    )
    return Column(criterion.key, "number" if scale else "text", width=16, help=f"{criterion.title}{levels}")


def _annotation_rows(
    study: Study, criteria: Sequence[CriterionSpec], origins: Origins, progress: Progress
) -> Iterator[Row]:
    numeric = {one.key for one in criteria if _column(one).kind == "number"}
    specs = {one.key: one for one in criteria}
    answers = (
        Answer.objects.filter(study=study, live=True)
        .order_by("response__code", "annotator_id", "occasion")
        .values_list(
            "response_id",
            "annotator__alias",
            "occasion",
            "criterion__key",
            "value",
            "text",
            "revision__number",
            "revision__created_at",
            "revision__seconds",
            "revision",
        )
    )
    grouped = groupby(answers.iterator(chunk_size=2000), key=lambda row: row[:3])
    annotations = ((key, list(rows)) for key, rows in grouped)
    done = 0
    while batch := list(islice(annotations, BATCH)):
        ids = [key[0] for key, _ in batch]
        texts = {
            pk: rest
            for pk, *rest in Response.objects.filter(pk__in=ids).values_list(
                "pk", "code", "prompt__text", "text"
            )
        }
        known = origins.of(ids)
        lasts = [max(rows, key=lambda row: row[6]) for _, rows in batch]
        marked = _evidence([row[9] for row in lasts])
        for ((response, alias, occasion), rows), last in zip(batch, lasts, strict=True):
            code, prompt, text = texts[response]
            given = {row[3]: _cell(specs[row[3]], row[4], row[5], numeric) for row in rows}
            yield (
                code,
                *known.get(response, ()),
                alias,
                occasion,
                *(given.get(criterion.key) for criterion in criteria),
                last[6],
                last[7],
                last[8],
                _passages(marked.get(last[9], ()), text),
                prompt,
                text,
            )
        done += len(batch)
        progress(_("Writing annotations"), done, 0)


def _evidence(revisions: Sequence[int]) -> dict[int, list[tuple[str, int, int]]]:
    """Of these revisions: their passages, in the order of the text."""
    rows = Evidence.objects.filter(revision__in=revisions).order_by("start", "end", "pk")
    found: dict[int, list[tuple[str, int, int]]] = {}
    for revision, key, start, end in rows.values_list("revision_id", "criterion__key", "start", "end"):
        found.setdefault(revision, []).append((key, start, end))
    return found


def _passages(marks: Sequence[tuple[str, int, int]], text: str) -> str:
    """Passages as JSON; empty where nothing was marked."""
    if not marks:
        return ""
    passages = [
        {"criterion": key, "start": start, "end": end, "passage": text[start:end]}
        for key, start, end in marks
    ]
    return json.dumps(passages, ensure_ascii=False)


def counts_of(study: Study) -> Mapping[str, int]:
    """How many annotations the table holds, first ratings and repeats; and how many it leaves out as taken back."""
    newest = Revision.objects.filter(annotation=OuterRef("pk")).order_by("-number").values("withdrawn")[:1]
    kinds = (
        Annotation.objects.filter(assignment__study=study)
        .annotate(withdrawn=Subquery(newest))
        .values_list("assignment__occasion", "withdrawn")
        .annotate(count=Count("pk"))
        .order_by()
    )
    counts = dict.fromkeys(("first_ratings", "repeats", "withdrawn"), 0)
    for occasion, withdrawn, count in kinds:
        kept = {Assignment.FIRST: "first_ratings", Assignment.REPEAT: "repeats"}.get(occasion, "withdrawn")
        counts["withdrawn" if withdrawn else kept] += count
    return counts


def _cell(criterion: CriterionSpec, value: str, text: str, numeric: set[str]) -> Cell:
    if criterion.key in numeric:
        return float(value)
    return "; ".join(read_back(criterion, value, text))


def items(study: Study) -> Sheet:
    origins = origins_of(study)
    columns = (
        CODE,
        *origins.shown(),
        Column("language", width=10, help="Language of the prompt."),
        Column("category", width=18, help="Category of the prompt."),
        Column("complexity", width=12, help="plain, technical or code."),
        Column("rules", width=12, help="Rules of customary IHL that the prompt is about."),
        PROMPT,
        Column("response_text", width=70, help="What the system answered, unmasked."),
    )
    responses = (
        Response.objects.filter(study=study)
        .order_by("code")
        .values_list(
            "pk",
            "code",
            "prompt__language",
            "prompt__category",
            "prompt__complexity",
            "prompt__rules",
            "prompt__text",
            "text",
        )
    )

    def rows() -> Iterator[Row]:
        stream = responses.iterator(chunk_size=2000)
        while batch := list(islice(stream, BATCH)):
            known = origins.of([row[0] for row in batch])
            for pk, code, *rest in batch:
                yield (code, *known.get(pk, ()), *rest)

    return Sheet("items", columns, rows())
