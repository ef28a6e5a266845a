"""Automated judges and their verdicts. They are held against gold and never enter it."""

from django.db import models
from django.db.models import Q

from ihlannotate.models.item import Response
from ihlannotate.models.rubric import Criterion
from ihlannotate.models.study import Study


class Judge(models.Model):
    """An automated judge, as one name in one study."""

    study = models.ForeignKey(Study, models.CASCADE, related_name="judges")
    name = models.CharField(max_length=200)
    settings = models.JSONField(
        default=dict, help_text="Model, version, prompt hash: whatever its owner states."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["study", "name"], name="judge_name_once_a_study")]

    def __str__(self) -> str:
        return self.name


class Verdict(models.Model):
    """What a judge said of one response and criterion. An empty value could not be parsed; `raw` keeps its text."""

    judge = models.ForeignKey(Judge, models.CASCADE, related_name="verdicts")
    response = models.ForeignKey(Response, models.CASCADE, related_name="verdicts")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    value = models.TextField(blank=True)
    raw = models.TextField(blank=True)
    score = models.FloatField(null=True)
    rationale = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["judge", "criterion", "response"], name="verdict_once"),
            models.CheckConstraint(condition=~Q(value="") | ~Q(raw=""), name="verdict_says_something"),
        ]

    def __str__(self) -> str:
        return self.value or "unparsed"
