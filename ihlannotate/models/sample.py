"""The sample of a study: which responses experts will see, each with its probability of being among them."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from ihlannotate.models.item import Response
from ihlannotate.models.study import Study


class Sample(models.Model):
    """How the responses to rate were drawn, once a study. Its strata name systems, so nothing elsewhere leads here."""

    study = models.OneToOneField(Study, models.CASCADE, related_name="+")
    size = models.PositiveIntegerField()
    by = models.JSONField(default=list, help_text="What the strata are made of, such as model and condition.")
    oversampled = models.JSONField(default=list, help_text="[judge, criterion, level, factor] each.")
    strata = models.JSONField(default=list, help_text="[values, classes, responses, drawn] each.")
    seed = models.PositiveIntegerField()
    drawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    drawn_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.size} responses"


class Inclusion(models.Model):
    """How likely one response was to be drawn, and whether it was."""

    sample = models.ForeignKey(Sample, models.CASCADE, related_name="+")
    response = models.OneToOneField(Response, models.CASCADE, primary_key=True, related_name="inclusion")
    probability = models.FloatField()
    chosen = models.BooleanField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(probability__gt=0, probability__lte=1), name="inclusion_probability_in_range"
            ),
            models.CheckConstraint(
                condition=Q(chosen=True) | Q(probability__lt=1), name="inclusion_certain_is_chosen"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.probability:.3f}"
