"""Who rates what: the numbered slots of each response, and each annotator's own sheet at it."""

from django.db import models
from django.db.models import Q

from ihlannotate.models.codes import CODE_LENGTH, new_code
from ihlannotate.models.item import Response
from ihlannotate.models.study import Membership, Study


class Assignment(models.Model):
    """One of a response's k numbered slots, open (no annotator) or taken; or a silent repeat, which has no slot.

    An annotation hangs on exactly one row here, and there are only k numbered rows a response: more than k
    annotations cannot exist. A taken slot without an annotation is a lease and is free again after `leased_until`.
    """

    study = models.ForeignKey(Study, models.CASCADE, related_name="assignments")
    response = models.ForeignKey(Response, models.PROTECT, related_name="assignments")
    occasion = models.PositiveSmallIntegerField(default=1)
    slot = models.PositiveSmallIntegerField(null=True)
    annotator = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="assignments")
    position = models.PositiveIntegerField(
        help_text="Place in the queue; a freed slot moves to the front-runner."
    )
    leased_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["response", "slot"], name="assignment_slot_once_a_response"),
            models.UniqueConstraint(
                fields=["response", "annotator", "occasion"], name="assignment_annotator_once_an_occasion"
            ),
            models.CheckConstraint(
                condition=Q(occasion=1, slot__isnull=False, slot__gte=1)
                | Q(occasion=2, slot__isnull=True, annotator__isnull=False),
                name="assignment_repeat_takes_no_slot",
            ),
            models.CheckConstraint(
                condition=Q(leased_until__isnull=True) | Q(annotator__isnull=False),
                name="assignment_lease_has_an_annotator",
            ),
        ]
        indexes = [
            models.Index(
                fields=["study", "position"], condition=Q(annotator__isnull=True), name="assignment_open"
            ),
            models.Index(
                fields=["study", "leased_until"],
                condition=Q(leased_until__isnull=False),
                name="assignment_leased",
            ),
        ]

    def __str__(self) -> str:
        return f"slot {self.slot} of response {self.response_id}"


class Sheet(models.Model):
    """An annotator's own page at one response: its opaque code in URLs, and the answers not yet submitted.

    It outlives the lease, so that a draft is never lost, and its presence is why an item is not offered twice.
    """

    code = models.CharField(max_length=CODE_LENGTH, unique=True, default=new_code, editable=False)
    annotator = models.ForeignKey(Membership, models.CASCADE, related_name="sheets")
    response = models.ForeignKey(Response, models.PROTECT, related_name="+")
    occasion = models.PositiveSmallIntegerField(default=1)
    draft = models.JSONField(default=dict, help_text="Criterion key -> list of values.")
    draft_saved_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["annotator", "response", "occasion"], name="sheet_once_an_annotator_and_occasion"
            )
        ]

    def __str__(self) -> str:
        return self.code


class Skip(models.Model):
    """An item that an annotator passed over, with the reason. It frees the slot and is no fault."""

    class Reason(models.TextChoices):
        UNCLEAR = "unclear", "I can't tell what this response says"
        LANGUAGE = "language", "I don't read this language well enough"
        CONFLICT = "conflict", "I have seen this answer before or have a conflict of interest"
        DECLINED = "declined", "I'd rather not rate this"
        OTHER = "other", "Something else"

    sheet = models.OneToOneField(Sheet, models.CASCADE, related_name="skip")
    reason = models.CharField(max_length=10, choices=Reason.choices)
    comment = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.reason
