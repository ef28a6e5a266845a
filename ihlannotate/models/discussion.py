"""What is said about a disagreement: anonymous notes between adjudicators and annotators, and tags on its cause."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ihlannotate.models.item import Response
from ihlannotate.models.rubric import Criterion
from ihlannotate.models.study import Membership, Study


class Note(models.Model):
    """One contribution to the discussion of an item. Readers learn the author's role, never who it was.

    An adjudicator opens it; those who rated the item may answer. From then on they cannot change their rating.
    """

    study = models.ForeignKey(Study, models.CASCADE, related_name="notes")
    response = models.ForeignKey(Response, models.PROTECT, related_name="notes")
    author = models.ForeignKey(Membership, models.PROTECT, related_name="notes")
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="note_says_something")]
        indexes = [models.Index(fields=["response", "created_at"], name="note_of_response")]

    def __str__(self) -> str:
        return f"note {self.pk}"


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
