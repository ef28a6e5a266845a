"""How an uploaded file of verdicts is read, as the job behind its pages remembers it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from ihlannotate.models.job import Job
from ihlannotate.pipeline.annotating.ratings_file import RatingsFile
from ihlannotate.pipeline.judging.verdicts import VerdictFile


@dataclass(frozen=True)
class HowRead:
    """What a person said of a file of verdicts. `columns`: field of VerdictFile (or `match`) -> column.

    `values`: the judge's label -> level, "" where it is none; `model` says whose runs, where ids repeat.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    is_probability: bool = False
    model: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)


def how_read(job: Job) -> HowRead:
    """What was said of the file so far."""
    return HowRead(
        **{one.name: job.parameters[one.name] for one in fields(HowRead) if one.name in job.parameters}
    )


def describe_verdicts(job: Job, how: HowRead) -> None:
    """Keep how an uploaded file of verdicts is read."""
    judged = {key: job.parameters[key] for key in ("judge", "criterion")}
    job.parameters = {**judged, **asdict(how)}
    job.save(update_fields=["parameters", "touched_at"])


def verdict_file(job: Job, how: HowRead | None = None) -> VerdictFile:
    """The uploaded verdicts behind a job, read like this or as was said so far."""
    how = how or how_read(job)
    return VerdictFile(
        ratings=RatingsFile(
            path=Path(job.file.path),
            name=job.file_name,
            criterion=job.parameters["criterion"],
            match=how.columns.get("match", ""),
            model=how.model,
            values=how.values,
        ),
        verdict=how.columns.get("verdict", ""),
        score=how.columns.get("score", ""),
        rationale=how.columns.get("rationale", ""),
        text_sha256=how.columns.get("text_sha256", ""),
        is_probability=how.is_probability,
    )
