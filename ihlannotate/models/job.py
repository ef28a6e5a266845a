"""Long work behind a page: an import, an export or a release, with the progress that the page shows."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ihlannotate.models.codes import CODE_LENGTH, new_code
from ihlannotate.models.study import Study


class Job(models.Model):
    """One import, export or release. It is the page's memory: a reload or a restart finds it as it was."""

    class Kind(models.TextChoices):
        IMPORT = "import", _("import")
        EXPORT = "export", _("export")
        RELEASE = "release", _("release")
        VERDICTS = "verdicts", _("import of verdicts")

    class State(models.TextChoices):
        RECEIVED = "received", _("waiting for you")
        QUEUED = "queued", _("waiting for its turn")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    code = models.CharField(max_length=CODE_LENGTH, unique=True, default=new_code, editable=False)
    study = models.ForeignKey(Study, models.CASCADE, related_name="jobs")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    file = models.FileField(upload_to="jobs/", blank=True)
    file_name = models.CharField(max_length=255)
    parameters = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    step = models.CharField(max_length=100, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    message = models.TextField(blank=True)
    result = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    touched_at = models.DateTimeField(auto_now=True, help_text="When its worker last said something.")
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.code}"

    @property
    def finished(self) -> bool:
        return self.state in (self.State.DONE, self.State.FAILED)
