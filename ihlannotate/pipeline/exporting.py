"""Rows for the writers, and the manifest. Models and conditions appear only after a study is unblinded.

Rows are in the order of the responses' random codes: the order in which they were imported would tell the runs apart.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice
from pathlib import Path
from typing import Any

import ihlannotate
from ihlannotate.models.annotation import Answer
from ihlannotate.models.event import record
from ihlannotate.models.gold import GoldLabel
from ihlannotate.models.item import Response
from ihlannotate.models.judge import Verdict
from ihlannotate.models.provenance import Origin
from ihlannotate.models.study import Study
from ihlannotate.models.user import User
from ihlannotate.pipeline.agreement import agreement
from ihlannotate.pipeline.annotating.answers import read_back
from ihlannotate.pipeline.founding import spec_of
from ihlannotate.pipeline.importing import Progress, silent
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.releasing import latest_release
from ihlannotate.readers.rubric import CriterionSpec
from ihlannotate.stats.estimate import Estimate
from ihlannotate.writers import Column, Sheet, WriteError, write
from ihlannotate.writers.base import Cell, Tally
from ihlannotate.writers.jsonlines import json_lines

WHAT = ("annotations", "gold", "verdicts", "all")
FORMATS = ("xlsx", "csv", "jsonl", "parquet")
BATCH = 500
Row = Sequence[Cell]


@dataclass(frozen=True)
class Exported:
    """The files that were written (name -> SHA-256), in the folder of the one that was asked for."""

    files: Mapping[str, str]
    what: str
    blinded: bool


@dataclass(frozen=True)
class _Origins:
    """Which model and condition wrote a response, where that may be told; otherwise nothing at all."""

    unblinded: bool
    columns: tuple[Column, ...] = field(
        default=(
            Column("model", width=18, help="The model that wrote the response."),
            Column("condition", width=14, help="The condition under which it was asked."),
            Column("external_id", width=14, help="The id of the response in the imported file."),
        )
    )

    def shown(self) -> tuple[Column, ...]:
        return self.columns if self.unblinded else ()

    def of(self, responses: Sequence[int]) -> dict[int, tuple[str, ...]]:
        if not self.unblinded:
            return {}
        rows = Origin.objects.filter(response__in=responses).values_list(
            "response_id", "run__model", "run__condition", "external_id"
        )
        return {row[0]: row[1:] for row in rows}


def export(
    study: Study, path: Path, *, what: str, format: str, actor: User | None, progress: Progress = silent
) -> Exported:
    """Write a study's annotations, gold, verdicts or all of it to `path` (several tables: beside it), with a manifest.

    Blinded unless the study is unblinded. Raises Refused: unknown kind or format, gold not released, nothing to
    write, a folder that cannot be written to.
    """
    if what not in WHAT or format not in FORMATS:
        raise Refused(f"Export one of {', '.join(WHAT)}, as {', '.join(FORMATS)}.")
    sheets = _sheets(study, what, progress)
    release = latest_release(study)
    manifest = {
        "study": study.slug,
        "title": study.title,
        "state": str(study.state),
        "what": what,
        "blinded": not study.is_unblinded,
        "rubric": f"{study.rubric.name} {study.rubric.version}",
        "rubric_sha256": study.rubric.sha256,
        "gold_release": release.number if release else None,
        "gold_sha256": release.sha256 if release else None,
        "software": f"ihlannotate {ihlannotate.__version__}",
    }
    try:
        files = write(path, sheets, manifest=manifest, format=format)
    except WriteError as error:
        raise Refused(str(error)) from error
    except OSError as error:
        raise Refused(f"{path.name} could not be written: {error.strerror}. Choose another place.") from error
    data = {"what": what, "format": format, "blinded": not study.is_unblinded, "files": dict(files)}
    record(study, "study.exported", actor=actor, data=data)
    return Exported(files, what, blinded=not study.is_unblinded)


def stream_annotations(study: Study, *, actor: User | None) -> Iterator[bytes]:
    """The annotations as lines of JSON, the rows of `export`'s table; on the record before the first line leaves."""
    data = {"what": "annotations", "format": "jsonl", "blinded": not study.is_unblinded, "files": {}}
    record(study, "study.exported", actor=actor, data=data)
    return json_lines(Tally(_annotations(study, silent)))


def _sheets(study: Study, what: str, progress: Progress) -> list[Sheet]:
    if what == "gold" and latest_release(study) is None:
        raise Refused(f"Study “{study.slug}” has no gold release yet. Close it and release its gold first.")
    sheets = []
    if what in ("annotations", "all"):
        sheets.append(_annotations(study, progress))
    if what in ("gold", "all") and latest_release(study):
        sheets.append(_gold(study))
    if what in ("verdicts", "all"):
        sheets.append(_verdicts(study))
    if what == "all":
        sheets += [_items(study), _agreement(study), _rubric(study)]
    return sheets


_CODE = Column(
    "response", width=17, help="Opaque code of the response; the same in every table of this export."
)
_PROMPT = Column("prompt", width=50, help="What the system was asked.")


def _annotations(study: Study, progress: Progress) -> Sheet:
    """One row an annotation: who (alias), what they answered to each criterion, and the texts they read."""
    origins = _Origins(study.is_unblinded)
    criteria = spec_of(study.rubric).criteria
    columns = (
        _CODE,
        *origins.shown(),
        Column("annotator", width=10, help="Alias of the annotator."),
        Column("occasion", "integer", help="1: the annotation; 2: a silent repeat by the same annotator."),
        *(_column(criterion) for criterion in criteria),
        Column("revision", "integer", help="How many times it was submitted."),
        Column("submitted_at", "datetime", width=20, help="When the latest revision was submitted (UTC)."),
        Column("seconds", "integer", help="From handing out the item to submitting it."),
        _PROMPT,
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
    study: Study, criteria: Sequence[CriterionSpec], origins: _Origins, progress: Progress
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


def _gold(study: Study) -> Sheet:
    origins = _Origins(study.is_unblinded)
    columns = (
        _CODE,
        *origins.shown(),
        Column("criterion", width=16, help="Key of the criterion in the rubric."),
        Column(
            "value",
            width=16,
            help="The gold level; empty where contested or where reasonable lawyers differ.",
        ),
        Column("tier", width=13, help="unanimous, majority, adjudicated, contested or single."),
        Column("n", "integer", help="How many annotators answered."),
        Column("posterior", "number", help="Probability of the gold level under Dawid and Skene's model."),
        Column("counts", width=30, help="How many annotators chose each level."),
        Column("posteriors", width=40, help="Probability of each level."),
        _PROMPT,
    )
    release = latest_release(study)
    labels = (
        GoldLabel.objects.filter(release=release)
        .order_by("criterion__position", "response__code")
        .values_list(
            "response_id",
            "response__code",
            "criterion__key",
            "value",
            "tier",
            "n",
            "counts",
            "posterior",
            "response__prompt__text",
        )
    )

    def rows() -> Iterator[Row]:
        stream = labels.iterator(chunk_size=2000)
        while batch := list(islice(stream, BATCH)):
            known = origins.of([row[0] for row in batch])
            for response, code, key, value, tier, n, counts, posterior, prompt in batch:
                yield (
                    code,
                    *known.get(response, ()),
                    key,
                    value,
                    tier,
                    n,
                    posterior.get(value),
                    _shares(counts),
                    _shares(posterior),
                    prompt,
                )

    return Sheet("gold", columns, rows())


def _shares(values: Mapping[str, float]) -> str:
    return "; ".join(f"{level}: {value:.6g}" for level, value in values.items())


def _verdicts(study: Study) -> Sheet:
    origins = _Origins(study.is_unblinded)
    columns = (
        _CODE,
        *origins.shown(),
        Column("judge", width=18, help="Name of the automated judge."),
        Column("criterion", width=16, help="Key of the criterion in the rubric."),
        Column(
            "value", width=16, help="The level that the verdict means; empty where it could not be parsed."
        ),
        Column("raw", width=24, help="The verdict as the judge gave it."),
        Column("parsed", "flag", help="Whether the verdict is a level of the criterion."),
        Column("score", "number", help="The judge's score, where it gave one."),
        Column("rationale", width=50, help="The judge's reasons, where it gave them."),
    )
    verdicts = (
        Verdict.objects.filter(judge__study=study)
        .order_by("judge__name", "criterion__position", "response__code")
        .values_list(
            "response_id",
            "response__code",
            "judge__name",
            "criterion__key",
            "value",
            "raw",
            "score",
            "rationale",
        )
    )

    def rows() -> Iterator[Row]:
        stream = verdicts.iterator(chunk_size=2000)
        while batch := list(islice(stream, BATCH)):
            known = origins.of([row[0] for row in batch])
            for response, code, judge, key, value, raw, score, rationale in batch:
                yield (code, *known.get(response, ()), judge, key, value, raw, bool(value), score, rationale)

    return Sheet("verdicts", columns, rows())


def _items(study: Study) -> Sheet:
    origins = _Origins(study.is_unblinded)
    columns = (
        _CODE,
        *origins.shown(),
        Column("language", width=10, help="Language of the prompt."),
        Column("category", width=18, help="Category of the prompt."),
        Column("complexity", width=12, help="plain, technical or code."),
        Column("rules", width=12, help="Rules of customary IHL that the prompt is about."),
        _PROMPT,
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


def _agreement(study: Study) -> Sheet:
    columns = (
        Column("criterion", width=16, help="Key of the criterion in the rubric."),
        Column("statistic", width=22, help="Name of the coefficient."),
        Column("of", width=18, help="The level it is about, where it is about one."),
        Column("value", "number", help="Point estimate; empty where undefined."),
        Column("low", "number", help="Lower limit of the 95% interval."),
        Column("high", "number", help="Upper limit of the 95% interval."),
        Column("units", "integer", help="Responses with at least one annotation."),
        Column("note", width=50, help="Why a value is undefined, or what the interval rests on."),
    )

    def rows() -> Iterator[Row]:
        for one in agreement(study, detail=False).criteria:
            found = one.reliability
            named: list[tuple[str, str, Estimate]] = [
                ("percent agreement", "", found.percent_agreement),
                ("Krippendorff's alpha", "", found.krippendorff_alpha),
                (f"Gwet's {found.gwet_kind}", "", found.gwet_ac),
                ("Fleiss' kappa", "", found.fleiss_kappa),
                *(("alpha of one level", one.labels[k], estimate) for k, estimate in found.per_category),
                *(("prevalence", one.labels[k], estimate) for k, estimate in found.prevalence),
            ]
            for name, level, estimate in named:
                yield (
                    one.key,
                    name,
                    level,
                    estimate.value,
                    estimate.low,
                    estimate.high,
                    found.units,
                    estimate.note,
                )

    return Sheet("agreement", columns, rows())


def _rubric(study: Study) -> Sheet:
    columns = (
        Column("criterion", width=16, help="Key of the criterion."),
        Column("question", width=40, help="The question as annotators read it."),
        Column("kind", width=10, help="choice, scale, flag, many or text."),
        Column("level", width=10, help="Measurement level that the statistics use."),
        Column("asked_if", width=30, help="The earlier answers under which it is asked."),
        Column("value", width=18, help="A level's value."),
        Column("label", width=24, help="The level as annotators read it."),
        Column("meaning", width=70, help="The level's described anchor."),
    )

    def rows() -> Iterator[Row]:
        for one in spec_of(study.rubric).criteria:
            shown = "; ".join(f"{key}: {' or '.join(values)}" for key, values in one.show_if.items())
            start: tuple[Any, ...] = (one.key, one.title, one.kind, one.level or "", shown)
            for option in one.options:
                yield (*start, option.value, option.label, option.help)
            if not one.options:
                yield (*start, "", "", one.help)

    return Sheet("rubric", columns, rows())
