"""Settled values: adjudications, and the frozen snapshots of gold labels made from them and the annotations."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ihlannotate.models.item import Response
from ihlannotate.models.rubric import Criterion
from ihlannotate.models.study import Membership, Study


class Adjudication(models.Model):
    """A contested value, settled. Append-only: the latest of a response and criterion decides.

    An empty value records that reasonable lawyers differ, which is an outcome too.
    """

    study = models.ForeignKey(Study, models.CASCADE, related_name="adjudications")
    response = models.ForeignKey(Response, models.PROTECT, related_name="adjudications")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField(default=1)
    value = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    adjudicator = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="adjudications")
    source = models.CharField(
        max_length=255, blank=True, help_text="The file and column it was imported from."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["response", "criterion", "number"], name="adjudication_number_once"
            )
        ]

    def __str__(self) -> str:
        return self.value or "reasonable lawyers differ"


class Opinion(models.Model):
    """What an adjudicator thought of an item before seeing any annotator's answer. Append-only, once an item."""

    study = models.ForeignKey(Study, models.CASCADE, related_name="opinions")
    response = models.ForeignKey(Response, models.PROTECT, related_name="+")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    adjudicator = models.ForeignKey(Membership, models.PROTECT, related_name="opinions")
    value = models.TextField(blank=True, help_text="Empty: reasonable lawyers differ.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["adjudicator", "response", "criterion"], name="opinion_once_a_question"
            )
        ]

    def __str__(self) -> str:
        return self.value or "reasonable lawyers differ"


class GoldRelease(models.Model):
    """A numbered, immutable snapshot of gold labels, with all that is needed to make it again."""

    study = models.ForeignKey(Study, models.CASCADE, related_name="gold_releases")
    number = models.PositiveSmallIntegerField()
    method = models.CharField(max_length=40)
    parameters = models.JSONField(default=dict)
    seed = models.PositiveIntegerField()
    rubric_sha256 = models.CharField(max_length=64)
    code_version = models.CharField(max_length=40)
    counts = models.JSONField(default=dict)
    sha256 = models.CharField(max_length=64)
    fits = models.JSONField(
        default=dict,
        help_text="Criterion -> how its model was fitted: likelihoods, confusion by alias, calibration.",
    )
    datasheet = models.TextField(blank=True, help_text="Markdown, written from the data at the release.")
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["study", "number"], name="gold_release_number_once")]

    def __str__(self) -> str:
        return f"release {self.number}"


class GoldLabel(models.Model):
    """One response's gold value for one criterion: value (empty if contested or not applicable), posterior, tier and n.

    `inapplicable`: some answered, but by gold of the questions that this one hangs on it should not have been asked.
    """

    class Tier(models.TextChoices):
        UNANIMOUS = "unanimous", _("Unanimous")
        MAJORITY = "majority", _("Majority")
        ADJUDICATED = "adjudicated", _("Adjudicated")
        CONTESTED = "contested", _("Contested")
        SINGLE = "single", _("Single")
        INAPPLICABLE = "inapplicable", _("Does not apply")

    release = models.ForeignKey(GoldRelease, models.CASCADE, related_name="labels")
    response = models.ForeignKey(Response, models.PROTECT, related_name="+")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    value = models.TextField(blank=True)
    tier = models.CharField(max_length=12, choices=Tier.choices)
    n = models.PositiveSmallIntegerField()
    counts = models.JSONField(default=dict, help_text="Level -> how many annotators chose it.")
    posterior = models.JSONField(default=dict, help_text="Level -> probability.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["release", "criterion", "response"], name="gold_label_once"),
            models.CheckConstraint(
                condition=Q(tier__in=["contested", "adjudicated", "inapplicable"]) | ~Q(value=""),
                name="gold_label_has_a_value",
            ),
            models.CheckConstraint(
                condition=~Q(tier="inapplicable") | Q(value=""),
                name="gold_label_that_does_not_apply_has_none",
            ),
        ]

    def __str__(self) -> str:
        return self.value or self.tier
