"""A study and who takes part in it under which role and alias."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import connection, models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ihlannotate.models.codes import CODE_LENGTH, new_code, new_seed
from ihlannotate.models.rubric import Rubric

_STATE_LOCK = 0x1A56  # first key of PostgreSQL's advisory locks on a study's state


class Study(models.Model):
    """One question put to experts about a set of responses. Its life: draft, open, closed, unblinded."""

    class State(models.TextChoices):
        DRAFT = "draft", _("not yet open")
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")
        UNBLINDED = "unblinded", _("unblinded")

    slug = models.SlugField(unique=True, max_length=80)
    code = models.CharField(max_length=CODE_LENGTH, unique=True, default=new_code, editable=False)
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    guidelines = models.TextField(blank=True, help_text=_("Markdown, shown to annotators."))
    content_notice = models.TextField(blank=True, help_text=_("Shown before the first item."))
    rubric = models.ForeignKey(Rubric, models.PROTECT, related_name="studies")
    overlap = models.PositiveSmallIntegerField(
        default=3,
        validators=[MinValueValidator(1)],
        help_text=_("How many annotators rate each response (k)."),
    )
    epsilon = models.FloatField(
        default=0.2, help_text=_("Cost advantage of the judge in the alternative annotator test.")
    )
    spread = models.PositiveSmallIntegerField(
        default=5, help_text=_("At least so many other items between two answers to one prompt.")
    )
    grouped = models.BooleanField(
        default=False, help_text=_("Show the answers to one prompt one after another instead of apart.")
    )
    repeat_percent = models.PositiveSmallIntegerField(
        default=5,
        validators=[MaxValueValidator(20)],
        help_text=_("So many of an annotator’s items come back once, unannounced, much later."),
    )
    attention_every = models.PositiveSmallIntegerField(
        default=20, help_text=_("One attention item among about so many items; 0 for none.")
    )
    qualification_percent = models.PositiveSmallIntegerField(
        default=70,
        validators=[MaxValueValidator(100)],
        help_text=_("Agreement with the key of the training items that opens the study to an annotator."),
    )
    blur_responses = models.BooleanField(
        default=False, help_text=_("Cover each response until the annotator asks to see it.")
    )
    break_minutes = models.PositiveSmallIntegerField(
        default=50, help_text=_("Suggest a break after so many minutes of work; 0 for never.")
    )
    guess_items = models.PositiveSmallIntegerField(
        default=10,
        help_text=_("Of so many responses annotators are asked, after closing, which model wrote them."),
    )
    adjudicate_spread = models.PositiveSmallIntegerField(
        default=2,
        help_text=_("Contested too: annotators so many ordinal levels apart, majority or not; 0 for never."),
    )
    adjudicate_low_confidence = models.BooleanField(
        default=False, help_text=_("Contested too: an annotator who reported the lowest confidence.")
    )
    adjudicate_audit_percent = models.PositiveSmallIntegerField(
        default=0,
        validators=[MaxValueValidator(100)],
        help_text=_(
            "Of the questions on which annotators agree, this share is drawn at random and adjudicated all the same."
        ),
    )
    weigh_by_confidence = models.BooleanField(
        default=False,
        help_text=_(
            "Let annotations count, in the model behind posteriors, by the confidence that came with them."
        ),
    )
    lease_minutes = models.PositiveIntegerField(
        default=240,
        help_text=_("How long an item that was handed out waits before somebody else may have it."),
    )
    masked_words = models.TextField(
        blank=True, help_text=_("One word or phrase a line, hidden from annotators in responses.")
    )
    seed = models.PositiveIntegerField(default=new_seed, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    unblinded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "studies"
        constraints = [
            models.CheckConstraint(condition=Q(overlap__gte=1), name="study_overlap_at_least_one"),
            models.CheckConstraint(
                condition=Q(epsilon__gte=0) & Q(epsilon__lt=1), name="study_epsilon_a_share"
            ),
            models.CheckConstraint(
                condition=Q(repeat_percent__lte=20)
                & Q(qualification_percent__lte=100)
                & Q(adjudicate_audit_percent__lte=100),
                name="study_percents_in_range",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True)
                | Q(opened_at__isnull=False, closed_at__gte=F("opened_at")),
                name="study_closed_after_opened",
            ),
            models.CheckConstraint(
                condition=Q(unblinded_at__isnull=True)
                | Q(closed_at__isnull=False, unblinded_at__gte=F("closed_at")),
                name="study_unblinded_after_closed",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @staticmethod
    def hold(study_id: int, *, alone: bool = False) -> None:
        """Let nobody open, close or unblind the study before this transaction ends; read its state after this.

        Holders wait only for one who holds it `alone`, to change that state. On SQLite a transaction that writes
        has the whole database anyway.
        """
        if connection.vendor == "postgresql":
            lock = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT {lock}(%s, %s)", [_STATE_LOCK, study_id])

    @property
    def state(self) -> State:
        if self.unblinded_at:
            return self.State.UNBLINDED
        if self.closed_at:
            return self.State.CLOSED
        return self.State.OPEN if self.opened_at else self.State.DRAFT

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def is_unblinded(self) -> bool:
        return self.state == self.State.UNBLINDED


class Membership(models.Model):
    """A person's one role in a study. Everyone else knows them there by their alias alone."""

    class Role(models.TextChoices):
        COORDINATOR = "coordinator", _("coordinator")
        ANNOTATOR = "annotator", _("annotator")
        ADJUDICATOR = "adjudicator", _("adjudicator")

    study = models.ForeignKey(Study, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="memberships",
        help_text=_("Empty for an annotator whose ratings were imported."),
    )
    role = models.CharField(max_length=12, choices=Role.choices)
    alias = models.CharField(
        max_length=40,
        validators=[RegexValidator(r"^[\w .-]+$", _("Letters, digits, spaces, dots and dashes."))],
    )
    expertise = models.CharField(
        max_length=200,
        blank=True,
        help_text=_("In their own words; stands in the datasheet under the alias."),
    )
    seed = models.PositiveIntegerField(default=new_seed, editable=False)
    cursor = models.PositiveIntegerField(
        default=0, editable=False, help_text=_("No open item this annotator has not met lies before it.")
    )
    quota = models.PositiveIntegerField(
        null=True, blank=True, help_text=_("At most so many items for this annotator; empty for no limit.")
    )
    paused_at = models.DateTimeField(
        null=True, blank=True, help_text=_("Since when no item is handed out to them.")
    )
    noticed_at = models.DateTimeField(null=True, blank=True, help_text=_("When the content notice was read."))
    qualified_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When the training was passed, or waived.")
    )
    daily_limit = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("The annotator’s own limit of items a day.")
    )
    blur_responses = models.BooleanField(
        default=False, help_text=_("The annotator’s own wish to have each response covered at first.")
    )
    break_suggested_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "user"], name="membership_one_role_a_study"),
            models.UniqueConstraint(fields=["study", "alias"], name="membership_alias_unique_in_study"),
            models.CheckConstraint(
                condition=Q(user__isnull=False) | Q(role="annotator"),
                name="membership_only_raters_without_user",
            ),
        ]

    def __str__(self) -> str:
        return self.alias
