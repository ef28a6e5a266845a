"""The audit log: what was done to a study, by whom, in a chain of hashes that shows any later change."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone

from ihlannotate.models.study import Study
from ihlannotate.models.user import User

GENESIS = "0" * 64


class Event(models.Model):
    """One act upon a study. Append-only (the database refuses updates and deletions)."""

    study = models.ForeignKey(Study, models.PROTECT, related_name="events")
    number = models.PositiveIntegerField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    verb = models.CharField(max_length=40)
    data = models.JSONField(default=dict)
    at = models.DateTimeField()
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["study", "number"], name="event_number_once")]

    def __str__(self) -> str:
        return f"{self.number} {self.verb}"

    def compute_digest(self) -> str:
        """SHA-256 over the previous digest and everything this event says."""
        content = [
            self.previous, self.study_id, self.number, self.actor_id, self.verb, self.data, _moment(self.at)
        ]  # fmt: skip
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()


def _moment(at: datetime) -> str:
    return at.astimezone(timezone.get_fixed_timezone(0)).isoformat(timespec="microseconds")


@transaction.atomic(savepoint=False)
def record(
    study: Study, verb: str, *, actor: User | int | None, data: Mapping[str, Any] | None = None
) -> Event:
    """Append an act to the study's log, inside the transaction of the act itself (where there is none, its own).

    `actor` is a user or a user's id; None stands for the command line.
    `data` holds counts, codes and hashes, never answers, tokens or texts. Writers of one study wait for each
    other here, so that the chain never forks.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [0x1A55, study.pk])
    last = Event.objects.filter(study=study).order_by("-number").values_list("number", "digest").first()
    number, previous = (last[0] + 1, last[1]) if last else (1, GENESIS)
    event = Event(
        study=study,
        number=number,
        actor_id=actor.pk if isinstance(actor, User) else actor,
        verb=verb,
        data=dict(data or {}),
        at=timezone.now(),
        previous=previous,
    )
    event.digest = event.compute_digest()
    event.save(force_insert=True)
    return event


def first_broken(study: Study) -> int | None:
    """The number of the first event that does not follow from the one before it; None when the chain is whole."""
    previous = GENESIS
    expected = 1
    for event in Event.objects.filter(study=study).order_by("number").iterator():
        if event.number != expected or event.previous != previous or event.digest != event.compute_digest():
            return expected
        previous = event.digest
        expected += 1
    return None
