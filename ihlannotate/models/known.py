"""Items whose answers are known beforehand: for training, and mixed in unseen to measure attention."""

from django.db import models
from django.db.models import Q

from ihlannotate.models.study import Study


class KnownItem(models.Model):
    """A prompt and response that the coordinator wrote or chose, with the answers that are right.

    It is no Response: it has no slots, no origin, no gold, and never enters a figure about the study's responses.
    """

    class Purpose(models.TextChoices):
        TRAINING = "training"
        ATTENTION = "attention"

    study = models.ForeignKey(Study, models.CASCADE, related_name="known_items")
    name = models.CharField(max_length=80, help_text="How the file calls it; coordinators see it.")
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    position = models.PositiveIntegerField()
    prompt = models.TextField()
    response = models.TextField()
    language = models.CharField(max_length=20, blank=True)
    key = models.JSONField(help_text="Criterion key -> list of the answers that are accepted.")
    explanation = models.TextField(blank=True, help_text="Markdown, shown after a training item.")
    retired_at = models.DateTimeField(null=True, blank=True, help_text="Since when it is not handed out.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["study", "position"]
        constraints = [
            models.UniqueConstraint(fields=["study", "name"], name="known_item_name_once_a_study"),
            models.CheckConstraint(condition=~Q(prompt=""), name="known_item_has_a_prompt"),
        ]

    def __str__(self) -> str:
        return self.name
