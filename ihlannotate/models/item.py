"""What is rated: prompts and responses to them. Nothing here names a system; that is provenance.py's secret."""

from django.db import models
from django.db.models import Q

from ihlannotate.models.codes import CODE_LENGTH, new_code
from ihlannotate.models.study import Study


class Prompt(models.Model):
    """What a system was asked, once a study. It is the cluster that every interval resamples."""

    class Complexity(models.TextChoices):
        PLAIN = "plain"
        TECHNICAL = "technical"
        CODE = "code"

    study = models.ForeignKey(Study, models.CASCADE, related_name="prompts")
    text = models.TextField()
    text_sha256 = models.CharField(max_length=64)
    language = models.CharField(max_length=20, blank=True)
    category = models.CharField(max_length=200, blank=True)
    complexity = models.CharField(max_length=40, blank=True)
    rules = models.CharField(max_length=200, blank=True, help_text="Rule numbers of customary IHL, as “1;7”.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "text_sha256"], name="prompt_once_a_study"),
            models.CheckConstraint(condition=~Q(text=""), name="prompt_not_empty"),
        ]

    def __str__(self) -> str:
        return f"prompt {self.pk}"


class Response(models.Model):
    """What a system answered. `position` is its place in the study's random order."""

    study = models.ForeignKey(Study, models.CASCADE, related_name="responses")
    prompt = models.ForeignKey(Prompt, models.PROTECT, related_name="responses")
    code = models.CharField(max_length=CODE_LENGTH, unique=True, default=new_code, editable=False)
    text = models.TextField()
    text_sha256 = models.CharField(max_length=64)
    position = models.PositiveIntegerField(null=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "position"], name="response_position_once_a_study")
        ]

    def __str__(self) -> str:
        return self.code
