"""Rows of what annotators answered, and of the items that they answered about."""

from collections.abc import Iterator, Sequence
from itertools import groupby, islice

from ihlannotate.models.annotation import Answer
from ihlannotate.models.item import Response
from ihlannotate.models.study import Study
from ihlannotate.pipeline.annotating.answers import read_back
from ihlannotate.pipeline.exporting.origins import BATCH, CODE, PROMPT, Origins
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.importing import Progress
from ihlannotate.readers.rubric import CriterionSpec
from ihlannotate.writers import Column, Sheet
from ihlannotate.writers.base import Cell

Row = Sequence[Cell]


def annotations(study: Study, progress: Progress) -> Sheet:
    """One row an annotation: who (alias), what they answered to each criterion, and the texts they read."""
    origins = Origins(study.is_unblinded)
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
        for (response, alias, occasion), rows in batch:
            code, prompt, text = texts[response]
            given = {row[3]: _cell(specs[row[3]], row[4], row[5], numeric) for row in rows}
            last = max(rows, key=lambda row: row[6])
            yield (
                code,
                *known.get(response, ()),
                alias,
                occasion,
                *(given.get(criterion.key) for criterion in criteria),
                last[6],
                last[7],
                last[8],
                prompt,
                text,
            )
        done += len(batch)
        progress("Writing annotations", done, 0)


def _cell(criterion: CriterionSpec, value: str, text: str, numeric: set[str]) -> Cell:
    if criterion.key in numeric:
        return float(value)
    return "; ".join(read_back(criterion, value, text))


def items(study: Study) -> Sheet:
    origins = Origins(study.is_unblinded)
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
