"""What forms share: what was sent to one, how large an uploaded file may be, which column holds a field."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, QueryDict
from django.template.defaultfilters import filesizeformat
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _


def sent(request: HttpRequest) -> tuple[QueryDict | None, MultiValueDict[str, UploadedFile] | None]:
    """The data and files for a form; None for both on a visit, so that the form is not yet checked."""
    if request.method != "POST":
        return None, None
    return request.POST, request.FILES


def column_field(columns: Iterable[str], *, label: Any, required: bool) -> forms.ChoiceField:
    """The select that says which of a file's columns holds a field."""
    choices = [("", _("– not in this file –")), *((column, column) for column in columns)]
    return forms.ChoiceField(choices=choices, required=required, label=label)


class UploadField(forms.FileField):
    """A file of rows to upload; where it is too large, the message names the command that takes it."""

    widget = forms.FileInput(attrs={"accept": ".csv,.tsv,.tab,.jsonl,.ndjson,.json,.xlsx"})

    def __init__(self, *, label: Any, command: str) -> None:
        super().__init__(label=label)
        self.command = command

    def clean(self, data: UploadedFile | None, initial: object = None) -> UploadedFile:
        file: UploadedFile = super().clean(data, initial)
        if (file.size or 0) > settings.MAX_UPLOAD_BYTES:
            limit = filesizeformat(settings.MAX_UPLOAD_BYTES)
            raise forms.ValidationError(
                _("This file is larger than %(limit)s. Split it, or use `manage.py %(command)s`.")
                % {"limit": limit, "command": self.command}
            )
        return file
