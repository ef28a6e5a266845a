"""How far an annotator is: their own submissions out of an even share. It tells nothing of other annotators."""

import math
from dataclasses import dataclass

from django.db import connection

from ihlannotate.models.assignment import Assignment
from ihlannotate.models.known import KnownItem
from ihlannotate.models.study import Membership
from ihlannotate.pipeline.assigning import extras_expected

# One query instead of five, on every page. Positions are dense: their last one is an index seek, not a count.
_COUNTS = """
    SELECT
      (SELECT COUNT(*) FROM ihlannotate_assignment
       WHERE annotator_id = %s AND occasion <> %s AND leased_until IS NULL),
      (SELECT COUNT(*) FROM ihlannotate_sheet s JOIN ihlannotate_knownitem k ON k.id = s.known_id
       WHERE s.annotator_id = %s AND s.known_id IS NOT NULL AND k.purpose = %s AND (
         SELECT withdrawn FROM ihlannotate_attempt t WHERE t.sheet_id = s.id ORDER BY t.number DESC LIMIT 1
       ) = %s),
      (SELECT COALESCE(MAX(position) + 1, 0) FROM ihlannotate_response WHERE study_id = %s),
      (SELECT COUNT(*) FROM ihlannotate_membership
       WHERE study_id = %s AND role = %s AND (paused_at IS NULL OR id = %s)),
      (SELECT COUNT(*) FROM ihlannotate_knownitem WHERE study_id = %s AND purpose = %s AND retired_at IS NULL)
"""


@dataclass(frozen=True)
class Progress:
    """`done` is everything submitted that counts or looks so to the annotator; `total` what they may expect."""

    done: int
    total: int

    @property
    def percent(self) -> int:
        return min(100, round(100 * self.done / self.total)) if self.total else 0


def progress_of(member: Membership) -> Progress:
    """First ratings, repeats and attention items, of as many as an even share of the study brings with it.

    Those who are paused take no share of what is left for the others; a quota caps one's own.
    """
    study = member.study
    attention = KnownItem.Purpose.ATTENTION
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNTS,
            [
                *(member.pk, Assignment.GIVEN_UP),
                *(member.pk, attention, False),
                study.pk,
                *(study.pk, Membership.Role.ANNOTATOR, member.pk),
                *(study.pk, attention),
            ],
        )
        rated, attended, responses, annotators, checks = cursor.fetchone()
    share = math.ceil(responses * min(1.0, study.overlap / max(annotators, 1)))
    if member.quota is not None:
        share = min(share, member.quota)
    extras = extras_expected(share, percent=study.repeat_percent, every=study.attention_every, known=checks)
    done = rated + attended
    return Progress(done, max(share + extras, done))
