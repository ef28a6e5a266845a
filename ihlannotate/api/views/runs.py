"""Runs: import a file of responses, and see what was imported."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from ihlannotate.api.answers import ImportAnswer, RunsAnswer
from ihlannotate.api.describing import answers, ok
from ihlannotate.api.endpoint import Endpoint, caller, coordinated_study
from ihlannotate.api.requests import RunForm
from ihlannotate.pipeline.importing import RunFile, import_run, runs_of
from ihlannotate.pipeline.lifecycle import open_study


class Runs(Endpoint):
    parser_classes = [MultiPartParser]
    max_bytes = "MAX_UPLOAD_BYTES"

    @extend_schema(
        operation_id="list_runs", responses=answers({200: ok(RunsAnswer, "The study's runs.")}, 403, 404)
    )
    def get(self, request: Request, slug: str) -> Response:
        """The runs of a study: models, conditions and how many responses each has. For its coordinators."""
        study = coordinated_study(request, slug)
        return Response({"runs": [asdict(run) for run in runs_of(study)]})

    @extend_schema(
        operation_id="import_run",
        request={"multipart/form-data": RunForm},
        responses=answers(
            {
                200: ok(ImportAnswer, "Nothing changed: all of this was already imported."),
                201: ok(ImportAnswer, "Imported."),
            },
            *(400, 403, 404, 413, 422),
        ),
    )
    def post(self, request: Request, slug: str) -> Response:
        """Import a run file: all of it or nothing. The same file twice changes nothing. For its coordinators."""
        study = coordinated_study(request, slug)
        form = RunForm(data=request.data)
        form.is_valid(raise_exception=True)
        said = form.validated_data
        with _on_disk(said["file"]) as path:
            file = RunFile(
                path=path,
                name=said["file"].name,
                model=said["model"],
                condition=said["condition"],
                format=said.get("format"),
                mapping=said["mapping"],
            )
            report = import_run(study, file, actor=caller(request))
        if study.is_open:
            open_study(study, actor=caller(request))
        return Response(report.as_dict(), status=201 if report.changed else 200)


@contextlib.contextmanager
def _on_disk(upload: UploadedFile) -> Iterator[Path]:
    """An uploaded file's path: small uploads are in memory, and readers read a path."""
    if isinstance(upload, TemporaryUploadedFile):
        yield Path(upload.temporary_file_path())
        return
    with tempfile.NamedTemporaryFile() as copy:
        shutil.copyfileobj(upload, copy)
        copy.flush()
        yield Path(copy.name)
