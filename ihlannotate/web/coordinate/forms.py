"""What was sent to a form: nothing on a visit, and on a submission everything, be it empty."""

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict


def sent(request: HttpRequest) -> tuple[QueryDict | None, MultiValueDict[str, UploadedFile] | None]:
    """The data and files for a form; None for both on a visit, so that the form is not yet checked."""
    if request.method != "POST":
        return None, None
    return request.POST, request.FILES
