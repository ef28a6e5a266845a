"""What is said about a disagreement: tags on its cause."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ihlannotate.models.item import Response
from ihlannotate.models.rubric import Criterion
from ihlannotate.models.study import Study


class DisagreementTag(models.Model):
    """Why annotators disagreed on one question of one item. Append-only: the latest counts, an empty one takes back."""

    class Cause(models.TextChoices):
        CONTESTED_LAW = "contested_law", _("contested law")
        RUBRIC_GAP = "rubric_gap", _("gap in the rubric")
        SLIP = "slip", _("slip")

    study = models.ForeignKey(Study, models.CASCADE, related_name="tags")
    response = models.ForeignKey(Response, models.PROTECT, related_name="tags")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField(default=1)
    cause = models.CharField(max_length=13, choices=Cause.choices, blank=True)
    comment = models.TextField(blank=True)
    tagged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["response", "criterion", "number"], name="tag_number_once")
        ]

    def __str__(self) -> str:
        return self.cause
