"""What an annotator answered, as append-only revisions."""

from django.db import models
from django.db.models import F, Q

from ihlannotate.models.assignment import Assignment, Sheet
from ihlannotate.models.item import Prompt, Response
from ihlannotate.models.rubric import Criterion, Rubric
from ihlannotate.models.study import Membership, Study


class Annotation(models.Model):
    """An annotator's ratings of one response on one occasion. What they say is in the revisions."""

    assignment = models.OneToOneField(Assignment, models.PROTECT, related_name="annotation")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"annotation {self.pk}"


class Revision(models.Model):
    """One submission. The first stays readable for ever; later ones carry a reason.

    A withdrawn one has no answers: with it the annotator took back what they had first submitted.
    """

    annotation = models.ForeignKey(Annotation, models.PROTECT, related_name="revisions")
    number = models.PositiveSmallIntegerField()
    rubric = models.ForeignKey(Rubric, models.PROTECT, related_name="+")
    submission = models.UUIDField(
        unique=True, help_text="Made by the form: the same submission twice is one."
    )
    reason = models.TextField(blank=True)
    withdrawn = models.BooleanField(default=False)
    seconds = models.PositiveIntegerField(null=True, help_text="Time between handing out and submitting.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["annotation", "number"], name="revision_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="revision_numbered_from_one"),
        ]

    def __str__(self) -> str:
        return f"revision {self.number}"


class Answer(models.Model):
    """One criterion's answer in one revision: a level's value, a sorted JSON list for sets, or free text.

    `live` marks the answers that count now: a form's revision replaces them all, an imported column adds its own.
    It is the only column that may change.
    Study, prompt, response, annotator and occasion stand here again so that agreement is one grouped index scan.
    """

    study = models.ForeignKey(Study, models.PROTECT, related_name="+", db_index=False)
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="answers", db_index=False)
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+", db_index=False)
    prompt = models.ForeignKey(Prompt, models.PROTECT, related_name="+", db_index=False)
    response = models.ForeignKey(Response, models.PROTECT, related_name="+", db_index=False)
    annotator = models.ForeignKey(Membership, models.PROTECT, related_name="+", db_index=False)
    occasion = models.PositiveSmallIntegerField()
    value = models.CharField(max_length=500, blank=True)
    text = models.TextField(blank=True)
    live = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["revision", "criterion"], name="answer_once_a_criterion"),
            models.UniqueConstraint(
                fields=["annotator", "response", "occasion", "criterion"],
                condition=Q(live=True),
                name="answer_one_live",
            ),
        ]
        indexes = [
            models.Index(
                fields=["study", "criterion", "occasion", "response", "prompt", "value", "annotator"],
                condition=Q(live=True),
                name="answer_counts",
            ),
        ]

    def __str__(self) -> str:
        return self.value or self.text


class Evidence(models.Model):
    """A passage of the response that an annotator marked as the ground of an answer in one revision."""

    revision = models.ForeignKey(Revision, models.PROTECT, related_name="evidence")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+", db_index=False)
    start = models.PositiveIntegerField(help_text="Code points into the stored, unmasked text.")
    end = models.PositiveIntegerField()

    class Meta:
        verbose_name_plural = "evidence"
        constraints = [
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="evidence_not_empty"),
            models.UniqueConstraint(
                fields=["revision", "criterion", "start", "end"], name="evidence_once_a_revision"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.start}–{self.end}"


class Attempt(models.Model):
    """One submission on a known item. It is no annotation: nothing of it enters agreement, gold or exports."""

    sheet = models.ForeignKey(Sheet, models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    submission = models.UUIDField(
        unique=True, help_text="Made by the form: the same submission twice is one."
    )
    answers = models.JSONField(help_text="Criterion key -> list of values.")
    evidence = models.JSONField(default=list, help_text="[criterion key, start, end] each.")
    reason = models.TextField(blank=True)
    withdrawn = models.BooleanField(default=False)
    seconds = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sheet", "number"], name="attempt_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="attempt_numbered_from_one"),
        ]

    def __str__(self) -> str:
        return f"attempt {self.number}"
