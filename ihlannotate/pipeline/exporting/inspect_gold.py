"""A copy of an imported log of Inspect, with the experts' gold labels as one more scorer of each sample."""

import io
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from ihlannotate.models.event import record
from ihlannotate.models.gold import GoldLabel, GoldRelease
from ihlannotate.models.provenance import ImportedFile, Origin
from ihlannotate.models.study import Study
from ihlannotate.models.user import User
from ihlannotate.pipeline.exporting.files import Exported
from ihlannotate.pipeline.importing import Progress, file_sha256, silent
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.releasing import latest_release
from ihlannotate.readers.base import ReadError
from ihlannotate.readers.inspect_log import Entry, entries, sample_of
from ihlannotate.writers.staging import Staging

SCORER = "ihlannotate/gold"
BATCH = 50  # samples, which may be long


def export_inspect(
    study: Study, log: Path, path: Path, *, actor: User | None, progress: Progress = silent
) -> Exported:
    """Write `log`, which was imported into the study, to `path` with a score of `SCORER` in every sample that has gold.

    Its value is criterion -> gold level (null where none stands); its metadata hold, for each criterion, tier, n,
    counts and posterior, and release, rubric and software. All else stays as it is; the log's own results are not
    computed anew. The log is an argument because the study keeps what it read of a file, not the file.

    A log names its model, so this waits for unblinding. Raises Refused: not unblinded, no gold, another log.
    """
    release = latest_release(study)
    if not study.is_unblinded or release is None:
        raise Refused(
            _("Study “%(slug)s” is %(state)s. A log names its model: labels go into it after unblinding.")
            % {"slug": study.slug, "state": study.state.label}
        )
    imported = ImportedFile.objects.filter(study=study, kind="run", sha256=file_sha256(log)).last()
    if imported is None:
        raise Refused(
            _("%(name)s is not a file that was imported into study “%(slug)s”. Give the very log that was.")
            % {"name": log.name, "slug": study.slug}
        )
    try:
        with log.open("rb") as binary, Staging() as staging, staging.open(path) as target:
            text = io.TextIOWrapper(binary, encoding="utf-8-sig", newline="")
            for chunk in _copied(entries(text, file=log.name), release, imported.report["runs"], progress):
                target.write(chunk.encode())
    except ReadError as error:
        raise Refused(str(error)) from error
    except OSError as error:
        raise Refused(
            _("%(name)s could not be written: %(strerror)s. Choose another place.")
            % {"name": path.name, "strerror": error.strerror}
        ) from error
    data = {"what": "inspect", "format": "json", "blinded": False, "files": dict(staging.sha256)}
    record(study, "study.exported", actor=actor, data=data)
    return Exported(staging.sha256, "inspect", blinded=False)


def _copied(
    found: Iterator[Entry], release: GoldRelease, runs: list[str], progress: Progress
) -> Iterator[str]:
    """The log's members as they stand in it, samples with their new score, between its braces."""
    before = "{\n"
    while batch := list(islice(found, BATCH)):
        scores = _scores(release, runs, [sample_of(one.value).external_id for one in batch if one.sample])
        for entry in batch:
            if entry.sample > 1:
                yield ",\n"
            elif entry.sample:
                yield f"{before}{json.dumps(entry.key)}: [\n"
            else:
                yield f"{before}{json.dumps(entry.key)}: {entry.raw}"
            if entry.sample:
                yield _scored(entry, scores)
            before = "],\n" if entry.sample else ",\n"
        progress(_("Writing samples"), batch[-1].sample, 0)
    yield "]}\n" if before.startswith("]") else "}\n"


def _scored(entry: Entry, scores: dict[str, dict[str, Any]]) -> str:
    score = scores.get(sample_of(entry.value).external_id)
    if score is None:
        return entry.raw
    sample = {**entry.value, "scores": {**(entry.value.get("scores") or {}), SCORER: score}}
    return json.dumps(sample, ensure_ascii=False, indent=2)


def _scores(release: GoldRelease, runs: list[str], external_ids: list[str]) -> dict[str, dict[str, Any]]:
    """External id -> the score of Inspect's form, of those that have gold labels."""
    origins = Origin.objects.filter(run__code__in=runs, external_id__in=external_ids)
    names = dict(origins.values_list("response_id", "external_id"))
    labels = (
        GoldLabel.objects.filter(release=release, response__in=names)
        .order_by("criterion__position")
        .values_list("response_id", "criterion__key", "value", "tier", "n", "counts", "posterior")
    )
    scores: dict[str, dict[str, Any]] = {}
    for response, key, value, tier, n, counts, posterior in labels:
        score = scores.setdefault(names[response], _empty(release))
        score["value"][key] = value or None
        score["metadata"]["criteria"][key] = {"tier": tier, "n": n, "counts": counts, "posterior": posterior}
    return scores


def _empty(release: GoldRelease) -> dict[str, Any]:
    return {
        "value": {},
        "answer": None,
        "explanation": f"Gold labels of experts: {release.study.slug}, release {release.number}",
        "metadata": {
            "study": release.study.slug,
            "release": release.number,
            "release_sha256": release.sha256,
            "rubric_sha256": release.rubric_sha256,
            "software": f"ihlannotate {release.code_version}",
            "criteria": {},
        },
    }
