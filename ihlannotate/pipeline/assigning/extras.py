"""What comes between the items of a study, unannounced: silent repeats and attention items."""

from collections.abc import Collection

from django.db import connection

from ihlannotate.models.assignment import Sheet
from ihlannotate.models.known import KnownItem
from ihlannotate.models.study import Membership
from ihlannotate.pipeline.assigning.order import (
    REPEAT_GAP,
    Rated,
    Standing,
    attention_due,
    attention_of,
    repeat_due,
    repeat_of,
    repeat_pool,
)
from ihlannotate.pipeline.assigning.slots import lease_repeat

# A revision counts as meeting the item again. Ratings that were imported were given on no sheet: they don't come back;
# nor do those that are discussed, of which the annotator now knows what others think.
_POOL = """
    SELECT a.response_id, r.prompt_id, EXISTS (
        SELECT 1 FROM ihlannotate_sheet s
        WHERE s.annotator_id = a.annotator_id AND s.response_id = a.response_id AND s.occasion = 2
      )
    FROM ihlannotate_assignment a
    JOIN ihlannotate_annotation n ON n.assignment_id = a.id
    JOIN ihlannotate_response r ON r.id = a.response_id
    WHERE a.annotator_id = %s AND a.occasion = 1 AND a.leased_until IS NULL AND EXISTS (
        SELECT 1 FROM ihlannotate_sheet s
        WHERE s.annotator_id = a.annotator_id AND s.response_id = a.response_id AND s.occasion = 1
      ) AND NOT EXISTS (SELECT 1 FROM ihlannotate_note t WHERE t.response_id = a.response_id)
    ORDER BY (SELECT MAX(v.id) FROM ihlannotate_revision v WHERE v.annotation_id = n.id) DESC
    LIMIT %s OFFSET %s
"""


def extra_sheet(member: Membership, standing: Standing, recent_prompts: Collection[int]) -> Sheet | None:
    """The sheet of an attention item or a repeat, where one is due; None otherwise."""
    study = member.study
    if attention_due(standing, seed=member.seed, every=study.attention_every) and (
        sheet := _attention(member)
    ):
        return sheet
    if repeat_due(standing, seed=member.seed, percent=study.repeat_percent):
        return _repeat(member, recent_prompts)
    return None


def _attention(member: Membership) -> Sheet | None:
    items = KnownItem.objects.filter(
        study=member.study_id, purpose=KnownItem.Purpose.ATTENTION, retired_at=None
    )
    new = items.exclude(sheets__annotator=member).order_by("pk").values_list("pk", flat=True)
    known = attention_of(list(new), seed=member.seed)
    return Sheet.objects.create(annotator=member, known_id=known) if known else None


def _repeat(member: Membership, recent_prompts: Collection[int]) -> Sheet | None:
    with connection.cursor() as cursor:
        cursor.execute(_POOL, [member.pk, repeat_pool(member.study.repeat_percent), REPEAT_GAP])
        pool = [Rated(response, prompt, bool(repeated)) for response, prompt, repeated in cursor.fetchall()]
    response = repeat_of(pool, seed=member.seed, recent_prompts=recent_prompts)
    if response is None:
        return None
    lease = lease_repeat(member, response)
    return Sheet.objects.create(annotator=member, response_id=response, occasion=lease.occasion)
