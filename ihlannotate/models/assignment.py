"""Who rates what: the numbered slots of each response, and each annotator's own sheet at it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ihlannotate.models.codes import CODE_LENGTH, new_code
from ihlannotate.models.item import Response
from ihlannotate.models.known import KnownItem
from ihlannotate.models.study import Membership, Study


class Assignment(models.Model):
    """One of a response's k numbered slots, open (no annotator) or taken; or a silent repeat, which has no slot.

    An annotation hangs on exactly one row here, and there are only k numbered rows a response: more than k
    annotations cannot exist. A taken slot without an annotation is a lease and is free again after `leased_until`.
    An annotation that was taken back and then given up keeps its row as occasion 0, while its slot goes on.
    """

    FIRST, REPEAT, GIVEN_UP = 1, 2, 0  # values of `occasion`

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
                | Q(occasion__in=[0, 2], slot__isnull=True, annotator__isnull=False),
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
    """An annotator's own page at one response or known item: its opaque code in URLs, and the unsubmitted answers.

    It outlives the lease, so that a draft is never lost, and its presence is why an item is not offered twice.
    """

    code = models.CharField(max_length=CODE_LENGTH, unique=True, default=new_code, editable=False)
    annotator = models.ForeignKey(Membership, models.CASCADE, related_name="sheets")
    response = models.ForeignKey(Response, models.PROTECT, null=True, related_name="+")
    known = models.ForeignKey(KnownItem, models.PROTECT, null=True, related_name="sheets")
    occasion = models.PositiveSmallIntegerField(default=1)
    draft = models.JSONField(default=dict, help_text="Criterion key -> list of values.")
    evidence = models.JSONField(default=list, help_text="Of the draft: [criterion key, start, end] each.")
    draft_saved_at = models.DateTimeField(null=True)
    draft_number = models.PositiveIntegerField(default=0, help_text="Grows with every draft that is kept.")
    draft_page = models.UUIDField(null=True, help_text="The form that the draft came from.")
    draft_sequence = models.PositiveIntegerField(default=0, help_text="That form’s own count of its drafts.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["annotator", "response", "occasion"], name="sheet_once_an_annotator_and_occasion"
            ),
            models.UniqueConstraint(fields=["annotator", "known"], name="sheet_once_a_known_item"),
            models.CheckConstraint(
                condition=Q(response__isnull=False, known__isnull=True)
                | Q(response__isnull=True, known__isnull=False),
                name="sheet_of_a_response_or_a_known_item",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Skip(models.Model):
    """An item that an annotator passed over, with the reason. It frees the slot and is no fault."""

    class Reason(models.TextChoices):
        UNCLEAR = "unclear", _("I can't tell what this response says")
        LANGUAGE = "language", _("I don't read this language well enough")
        CONFLICT = "conflict", _("I have seen this answer before or have a conflict of interest")
        DECLINED = "declined", _("I'd rather not rate this")
        OTHER = "other", _("Something else")

    sheet = models.OneToOneField(Sheet, models.CASCADE, related_name="skip")
    reason = models.CharField(max_length=10, choices=Reason.choices)
    comment = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.reason
