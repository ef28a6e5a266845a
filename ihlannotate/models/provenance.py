"""THE SECRET ROOM: which model, under which condition, wrote a response.

Relations into this file carry related_name="+", so that no model elsewhere grows an attribute that leads here;
.importlinter rules say which verbs may import it.
"""

from django.conf import settings
from django.db import models

from ihlannotate.models.codes import CODE_LENGTH, new_code
from ihlannotate.models.item import Response
from ihlannotate.models.study import Study


class Run(models.Model):
    """One model under one condition, and where its responses came from."""

    study = models.ForeignKey(Study, models.CASCADE, related_name="+")
    code = models.CharField(max_length=CODE_LENGTH, unique=True, default=new_code, editable=False)
    model = models.CharField(max_length=200)
    condition = models.CharField(max_length=200, blank=True)
    system_prompt = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "model", "condition"], name="run_once_a_study")
        ]

    def __str__(self) -> str:
        return f"{self.model} · {self.condition}" if self.condition else self.model


class Origin(models.Model):
    """Where one response came from: its run, and the id that the file gave it."""

    response = models.OneToOneField(Response, models.CASCADE, primary_key=True, related_name="+")
    run = models.ForeignKey(Run, models.PROTECT, related_name="+")
    external_id = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "external_id"], name="origin_external_id_once_a_run")
        ]

    def __str__(self) -> str:
        return self.external_id


class ImportedFile(models.Model):
    """A file that was imported: what it held, and which of its rows had nothing to rate."""

    study = models.ForeignKey(Study, models.CASCADE, related_name="+")
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    kind = models.CharField(max_length=20)
    rows = models.PositiveIntegerField()
    report = models.JSONField(default=dict)
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    imported_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name
