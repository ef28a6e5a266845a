"""Long work behind a page: an import, an export or a release runs in a worker while the page shows how far it is."""

import contextlib
import datetime
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language, gettext_noop, override
from django.utils.translation import gettext as _
from django_tasks import task

from ihlannotate.models.job import Job
from ihlannotate.models.study import Study
from ihlannotate.models.user import User
from ihlannotate.pipeline.exporting import export, export_inspect
from ihlannotate.pipeline.importing import RunFile, import_run
from ihlannotate.pipeline.judging import check_verdicts, import_verdicts, verdict_file
from ihlannotate.pipeline.lifecycle import open_study
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.releasing import check_releasable, release_gold
from ihlannotate.readers import HEAD_BYTES
from ihlannotate.readers.inspect_log import is_inspect_log

SILENCE = datetime.timedelta(minutes=2)  # after which a running job may be presumed dead
STOPPED = gettext_noop(
    "It stopped unexpectedly, and nothing was saved. Try again; the server's log says more."
)  # stored as it is; the page translates it
State = Job.State


def receive_run(study: Study, *, file: File[bytes], name: str, user: User) -> Job:
    """Keep an uploaded run file until its columns are confirmed."""
    return _receive(Job(study=study, kind=Job.Kind.IMPORT, user=user), file, name)


def receive_verdicts(
    study: Study, *, file: File[bytes], name: str, judge: str, criterion: str, user: User
) -> Job:
    """Keep an uploaded file of a judge's verdicts on one criterion until it is said how to read it."""
    parameters = {"judge": judge, "criterion": criterion}
    return _receive(Job(study=study, kind=Job.Kind.VERDICTS, user=user, parameters=parameters), file, name)


def _receive(job: Job, file: File[bytes], name: str) -> Job:
    job.file_name = name[:255]
    job.file.save(f"{job.code}{Path(name).suffix.lower()[:10]}", file, save=False)
    job.save()
    return job


def run_file(job: Job) -> RunFile:
    """The uploaded file behind a job, read as its parameters say."""
    said: Mapping[str, Any] = job.parameters
    return RunFile(
        path=Path(job.file.path),
        name=job.file_name,
        model=said.get("model", ""),
        condition=said.get("condition", ""),
        mapping=said.get("mapping", {}),
    )


def describe(job: Job, *, model: str, condition: str, mapping: Mapping[str, str]) -> None:
    """Keep what a person said of an uploaded file's columns."""
    job.parameters = {"model": model.strip(), "condition": condition.strip(), "mapping": dict(mapping)}
    job.save(update_fields=["parameters", "touched_at"])


def inspect_logs(study: Study) -> list[Job]:
    """The uploads that were imported into an unblinded study and are logs of Inspect, newest first."""
    if not study.is_unblinded:
        return []
    imports = Job.objects.filter(study=study, kind=Job.Kind.IMPORT, state=State.DONE).order_by("-pk")
    return [job for job in imports if _is_log(job)]


def _is_log(job: Job) -> bool:
    if not job.file.name or not job.file.storage.exists(job.file.name):
        return False
    with job.file.open("rb") as file:
        return is_inspect_log(file.read(HEAD_BYTES).decode("utf-8-sig", errors="replace"))


def queue_export(study: Study, *, what: str, format: str, user: User, log: str = "") -> Job:
    """Ask for an export; its file is there when the job is done. `log`: the code of the upload to copy with gold."""
    job = Job.objects.create(
        study=study,
        kind=Job.Kind.EXPORT,
        user=user,
        file_name=f"{study.slug}-{what}.{format}",
        parameters={"what": what, "format": format, "log": log},
    )
    queue(job)
    return job


@transaction.atomic
def queue_release(study: Study, *, user: User) -> Job:
    """Ask for a release of the gold labels; its number is in the result when the job is done.

    Raises Refused at once where `release_gold` would, and while another one is under way.
    """
    check_releasable(study)
    # Held until the end, so that two who ask at once come one after the other
    Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    others = Job.objects.filter(study=study, kind=Job.Kind.RELEASE)
    if any(not may_start(one) for one in others.filter(state__in=(State.QUEUED, State.RUNNING))):
        raise Refused(_("This is already under way."))
    job = Job.objects.create(
        study=study, kind=Job.Kind.RELEASE, user=user, file_name=f"{study.slug}-gold-labels"
    )
    queue(job)
    return job


def may_start(job: Job) -> bool:
    """Whether a job can be put to work: it waits for that, failed, or its worker has fallen silent."""
    if job.state in (State.RECEIVED, State.FAILED):
        return True
    return not job.finished and job.touched_at < timezone.now() - SILENCE


@transaction.atomic
def queue(job: Job) -> None:
    """Put a job to work. Trying again is safe: imports are all or nothing and the same file changes nothing.

    Raises Refused while it is already at work, or done.
    """
    # Of two who ask at once one is told that it is under way; so is who asks while an import holds the row
    there = Job.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=job.pk).first()
    if there is None or not may_start(there):
        raise Refused(_("This is already under way."))
    job.state, job.message, job.result, job.done = State.QUEUED, "", {}, 0
    job.parameters = {**there.parameters, "language": get_language()}
    job.save(update_fields=["state", "message", "result", "done", "parameters", "touched_at"])
    transaction.on_commit(lambda: work.enqueue(job.pk))


def discard(job: Job) -> None:
    """Forget an upload that was not imported, with its file. Raises Refused while it is at work, or once it is done."""
    if not may_start(job):
        raise Refused(_("This is under way or done, so it can't be discarded."))
    job.file.delete(save=False)
    job.delete()


@task()
def work(job_id: int) -> None:
    """Carry out a queued job, once, and keep what came of it, in the language of the person who asked for it."""
    mine = Job.objects.filter(pk=job_id, state=State.QUEUED)
    if not mine.update(state=State.RUNNING, touched_at=timezone.now()):
        return
    job = Job.objects.select_related("study__rubric", "user").get(pk=job_id)
    with _outcome_kept(job), override(job.parameters.get("language")):
        job.result = WORK[Job.Kind(job.kind)](job)


@contextlib.contextmanager
def _outcome_kept(job: Job) -> Iterator[None]:
    """Whatever happens inside, the job says afterwards how it ended."""
    job.state = State.FAILED
    job.message = STOPPED
    try:
        yield
        job.state, job.message = State.DONE, ""
    except Refused as refusal:
        job.message = refusal.message
        job.result = {"problems": [one.as_dict() for one in refusal.problems]}
    finally:
        job.finished_at = timezone.now()
        job.save(update_fields=["state", "message", "result", "file", "finished_at", "touched_at"])


def _progress(job: Job, step: str, done: int, total: int) -> None:
    Job.objects.filter(pk=job.pk).update(
        state=State.RUNNING, step=step, done=done, total=total, touched_at=timezone.now()
    )


def _import(job: Job) -> dict[str, Any]:
    report = import_run(
        job.study,
        run_file(job),
        actor=job.user,
        progress=lambda step, done, total: _progress(job, step, done, total),
    )
    if job.study.is_open:
        open_study(job.study, actor=job.user)
    return {
        "runs": [asdict(run) for run in report.runs],
        "prompts_new": report.prompts_new,
        "responses_new": report.responses_new,
        "unchanged": report.unchanged,
        "skipped": [asdict(one) for one in report.skipped[:1000]],
        "skipped_in_all": len(report.skipped),
    }


def _verdicts(job: Job) -> dict[str, Any]:
    """Check every row first: within the import's own transaction nobody would see how far it is."""
    file, said = verdict_file(job), job.parameters
    judge, settings = said["judge"], said.get("settings", {})
    check_verdicts(
        job.study,
        file,
        judge=judge,
        settings=settings,
        progress=lambda step, done, total: _progress(job, step, done, total),
    )
    return import_verdicts(job.study, file, judge=judge, settings=settings, actor=job.user).as_dict()


def _export(job: Job) -> dict[str, Any]:
    """Write the export; several files become the names of what to download."""
    folder = Path(job.file.storage.path("jobs")) / job.code
    folder.mkdir(parents=True, exist_ok=True)
    said, path = job.parameters, folder / job.file_name

    def progress(step: str, done: int, total: int) -> None:
        _progress(job, step, done, total)

    if said.get("log"):
        log = Path(Job.objects.get(study=job.study, code=said["log"]).file.path)
        found = export_inspect(job.study, log, path, actor=job.user, progress=progress)
    else:
        found = export(
            job.study, path, what=said["what"], format=said["format"], actor=job.user, progress=progress
        )
    return {"files": dict(found.files), "blinded": found.blinded}


def _release(job: Job) -> dict[str, Any]:
    found = release_gold(
        job.study,
        actor=job.user,
        progress=lambda step, done, total: _progress(job, step, done, total),
    )
    return {"release": found.number}


WORK: Mapping[Job.Kind, Callable[[Job], dict[str, Any]]] = {
    Job.Kind.IMPORT: _import,
    Job.Kind.EXPORT: _export,
    Job.Kind.RELEASE: _release,
    Job.Kind.VERDICTS: _verdicts,
}


def export_file(job: Job, name: str) -> Path | None:
    """The file of this name that an export wrote; None when it wrote no such file or it is gone."""
    if name not in job.result.get("files", {}):
        return None
    path = Path(job.file.storage.path("jobs")) / job.code / name
    return path if path.is_file() else None
