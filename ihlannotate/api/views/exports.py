"""Data out of a closed study: its annotations line by line, and the files of an export."""

import shutil
import tempfile
import zipfile
from pathlib import Path

from django.http import FileResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from ihlannotate.api.describing import answers, ok
from ihlannotate.api.endpoint import Endpoint, caller, coordinated_study
from ihlannotate.api.errors import Conflict
from ihlannotate.api.requests import ExportQuery
from ihlannotate.models.study import Study
from ihlannotate.pipeline.exporting import export, stream_annotations

JSON_LINES = "application/x-ndjson"
BINARY = "application/octet-stream"


class Annotations(Endpoint):
    @extend_schema(
        operation_id="get_annotations",
        responses=answers({(200, JSON_LINES): ok(OpenApiTypes.STR, "JSON lines.")}, 403, 404, 409),
    )
    def get(self, request: Request, slug: str) -> StreamingHttpResponse:
        """The annotations of a closed study, a JSON object a line: the rows of the export's table.

        Responses and annotators go by codes and aliases; model, condition and external id are told after unblinding.
        For its coordinators.
        """
        study = _closed(coordinated_study(request, slug))
        return StreamingHttpResponse(
            stream_annotations(study, actor=caller(request)), content_type=JSON_LINES
        )


class Export(Endpoint):
    @extend_schema(
        operation_id="export",
        parameters=[ExportQuery],
        responses=answers(
            {(200, BINARY): ok(OpenApiTypes.BINARY, "The file; several files come as one zip.")},
            *(400, 403, 404, 409, 422),
        ),
    )
    def get(self, request: Request, slug: str) -> FileResponse:
        """The tables of a closed study with their manifest, as `manage.py export` writes them. For coordinators."""
        study = _closed(coordinated_study(request, slug))
        query = ExportQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        what, format = query.validated_data["what"], query.validated_data["format"]
        name = f"{study.slug}-{what}.{format}"
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            files = export(study, path, what=what, format=format, actor=caller(request)).files
            whole = path if len(files) == 1 else _zipped(path, names=sorted(files))
            # The response reads what is already open: the file may lose its name.
            return FileResponse(whole.open("rb"), as_attachment=True, filename=whole.name)


def _closed(study: Study) -> Study:
    if not study.closed_at:
        raise Conflict(
            _("The study is %(state)s: its annotations leave it only when it is closed. Close it first.")
            % {"state": study.state.label}
        )
    return study


def _zipped(path: Path, *, names: list[str]) -> Path:
    """The files of these names beside `path` in one archive, whose bytes depend on theirs alone."""
    archive = path.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w") as packed:
        for name in names:
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            with (
                path.with_name(name).open("rb") as source,
                packed.open(entry, "w", force_zip64=True) as target,
            ):
                shutil.copyfileobj(source, target)
    return archive
