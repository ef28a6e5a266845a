"""The parts of a benchmark bundle: prompts, responses, rubric, gold, datasheet; after unblinding origins and judges.

Rows are in the order of random codes or of hashes, and keys are sorted: the same state gives the same bytes.
"""

import datetime
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import ihlannotate
from ihlannotate.models.gold import GoldLabel, GoldRelease
from ihlannotate.models.item import Prompt, Response
from ihlannotate.models.judge import Verdict
from ihlannotate.models.provenance import Origin, Run
from ihlannotate.models.sample import Inclusion, Sample
from ihlannotate.models.study import Study
from ihlannotate.pipeline.exporting.cards import card_of, markdown, stated
from ihlannotate.pipeline.releasing import document
from ihlannotate.readers.bundle_records import (
    InclusionRecord,
    JudgeRecord,
    LabelRecord,
    OriginRecord,
    PromptRecord,
    Record,
    ReleaseRecord,
    ResponseRecord,
    RunRecord,
    SampleRecord,
    StudyRecord,
    VerdictRecord,
)
from ihlannotate.writers.bundle import Part, json_line, json_text

FORMAT, VERSION = "ihlannotate benchmark bundle", 1
BATCH = 2000
LICENCE = """\
No licence has been chosen for the data in this bundle.

Prompts, responses, rubric, labels and datasheet remain the property of those who wrote or made them; responses may be
subject to the terms of the provider of the system that wrote them. Ask the group that made the study before you pass
the bundle on or publish results that quote from it.
"""


def parts_of(study: Study, release: GoldRelease) -> Iterator[Part]:
    """Everything that the bundle of a release holds. Where responses came from, and judges, only after unblinding."""
    yield _json("study.json", "the study's settings and times", study_record(study))
    yield _lines("prompts.jsonl", "what the systems were asked", _prompts(study))
    yield _lines(
        "responses.jsonl", "what the systems answered, unmasked, under opaque codes", _responses(study)
    )
    yield Part("rubric.json", "the questions that experts answered", [study.rubric.content.encode()])
    yield _json("release.json", "how the gold labels were made", release_record(release))
    yield _lines("gold.jsonl", "the gold labels", _labels(release))
    yield Part("datasheet.md", "the datasheet of the gold labels", [document(release).encode()])
    if study.is_unblinded:
        yield from _unblinded_parts(study)
    yield Part("license.txt", "what may be done with the data", [LICENCE.encode()])


def _unblinded_parts(study: Study) -> Iterator[Part]:
    yield _lines("runs.jsonl", "models, conditions and system prompts", _runs(study))
    yield _lines("origins.jsonl", "the run and the id of each response", _origins(study))
    sample = Sample.objects.filter(study=study).first()
    if sample is not None:
        yield _json("sample.json", "how the responses to rate were drawn", _sample(sample))
        yield _lines("inclusions.jsonl", "how likely each response was to be drawn", _inclusions(sample))
    judges = []
    for number, judge in enumerate(study.judges.order_by("name"), start=1):
        name = ""
        if judge.verdicts.exists():
            name, card = f"judge-{number}", card_of(study, judge)
            yield Part(f"{name}.json", "a judge against gold: every figure", [json_text(card)])
            yield Part(f"{name}.md", "a judge against gold: the judge card", [markdown(card).encode()])
        judges.append(JudgeRecord(judge=judge.name, settings=stated(judge), card=name))
    yield _lines("judges.jsonl", "the automated judges", iter(judges))
    yield _lines("verdicts.jsonl", "what the judges said", _verdicts(study))


def _json(name: str, holds: str, record: Record) -> Part:
    return Part(name, holds, [json_text(asdict(record))])


def _lines(name: str, holds: str, records: Iterator[Record]) -> Part:
    return Part(name, holds, (json_line(asdict(record)) for record in records))


def study_record(study: Study) -> StudyRecord:
    """A closed study as a bundle states it."""
    return StudyRecord(
        title=study.title,
        description=study.description,
        guidelines=study.guidelines,
        content_notice=study.content_notice,
        overlap=study.overlap,
        epsilon=study.epsilon,
        seed=study.seed,
        opened_at=_time(study.opened_at) or "",
        closed_at=_time(study.closed_at) or "",
        unblinded_at=_time(study.unblinded_at),
    )


def release_record(release: GoldRelease) -> ReleaseRecord:
    """A release as a bundle states it."""
    return ReleaseRecord(
        number=release.number,
        method=release.method,
        parameters=release.parameters,
        seed=release.seed,
        rubric_sha256=release.rubric_sha256,
        code_version=release.code_version,
        counts=release.counts,
        fits=release.fits,
        sha256=release.sha256,
        released_at=_time(release.released_at) or "",
    )


def _time(moment: datetime.datetime | None) -> str | None:
    return moment.astimezone(datetime.UTC).isoformat(timespec="microseconds") if moment else None


def _prompts(study: Study) -> Iterator[PromptRecord]:
    prompts = Prompt.objects.filter(study=study).order_by("text_sha256")
    fields = ("text_sha256", "text", "language", "category", "complexity", "rules")
    for row in prompts.values_list(*fields).iterator(chunk_size=BATCH):
        yield PromptRecord(*row)


def _responses(study: Study) -> Iterator[ResponseRecord]:
    responses = Response.objects.filter(study=study).order_by("code")
    for row in responses.values_list("code", "prompt__text_sha256", "text").iterator(chunk_size=BATCH):
        yield ResponseRecord(*row)


def _labels(release: GoldRelease) -> Iterator[LabelRecord]:
    labels = GoldLabel.objects.filter(release=release).order_by("criterion__position", "response__code")
    fields = ("response__code", "criterion__key", "value", "tier", "n", "counts", "posterior")
    for row in labels.values_list(*fields).iterator(chunk_size=BATCH):
        yield LabelRecord(*row)


def _runs(study: Study) -> Iterator[RunRecord]:
    for row in (
        Run.objects.filter(study=study)
        .order_by("code")
        .values_list("code", "model", "condition", "system_prompt")
    ):
        yield RunRecord(*row)


def _origins(study: Study) -> Iterator[OriginRecord]:
    origins = Origin.objects.filter(run__study=study).order_by("response__code")
    for row in origins.values_list("response__code", "run__code", "external_id").iterator(chunk_size=BATCH):
        yield OriginRecord(*row)


def _sample(sample: Sample) -> SampleRecord:
    drawn = {"by": sample.by, "oversampled": sample.oversampled, "strata": sample.strata}
    return SampleRecord(size=sample.size, seed=sample.seed, drawn=drawn)


def _inclusions(sample: Sample) -> Iterator[InclusionRecord]:
    rows = Inclusion.objects.filter(sample=sample).order_by("response__code")
    for code, probability, chosen in rows.values_list("response__code", "probability", "chosen").iterator():
        yield InclusionRecord(code, probability, int(chosen))


def _verdicts(study: Study) -> Iterator[VerdictRecord]:
    verdicts = Verdict.objects.filter(judge__study=study)
    ordered = verdicts.order_by("judge__name", "criterion__position", "response__code")
    fields = ("judge__name", "response__code", "criterion__key", "value", "raw", "score", "rationale")
    for row in ordered.values_list(*fields).iterator(chunk_size=BATCH):
        yield VerdictRecord(*row)


def manifest_of(study: Study, release: GoldRelease) -> dict[str, Any]:
    """What a bundle's manifest says beside its list of files."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "study": study.slug,
        "blinded": not study.is_unblinded,
        "gold_release": release.number,
        "gold_sha256": release.sha256,
        "rubric_sha256": study.rubric.sha256,
        "software": f"ihlannotate {ihlannotate.__version__}",
    }
