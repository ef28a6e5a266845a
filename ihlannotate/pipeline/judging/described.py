"""How an uploaded file of verdicts is read, as the job behind its pages remembers it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ihlannotate.models.job import Job
from ihlannotate.pipeline.annotating.ratings_file import RatingsFile
from ihlannotate.pipeline.judging.verdicts import VerdictFile


def verdict_file(job: Job) -> VerdictFile:
    """The uploaded verdicts behind a job, read as its parameters say."""
    said: Mapping[str, Any] = job.parameters
    columns: Mapping[str, str] = said.get("columns", {})
    return VerdictFile(
        ratings=RatingsFile(
            path=Path(job.file.path),
            name=job.file_name,
            criterion=said["criterion"],
            match=columns.get("match", ""),
            model=said.get("model", ""),
            values=said.get("values", {}),
        ),
        verdict=columns.get("verdict", ""),
        score=columns.get("score", ""),
        rationale=columns.get("rationale", ""),
        text_sha256=columns.get("text_sha256", ""),
        is_probability=said.get("is_probability", False),
    )


def describe_verdicts(
    job: Job,
    *,
    columns: Mapping[str, str],
    is_probability: bool,
    model: str,
    settings: Mapping[str, str],
    values: Mapping[str, str],
) -> None:
    """Keep how an uploaded file of verdicts is read: its columns by field of VerdictFile and `match`, its labels."""
    job.parameters = {
        "judge": job.parameters["judge"],
        "criterion": job.parameters["criterion"],
        "columns": dict(columns),
        "is_probability": is_probability,
        "model": model,
        "settings": dict(settings),
        "values": dict(values),
    }
    job.save(update_fields=["parameters", "touched_at"])
