"""Attempts on known items: numbered, appended, and nothing else. They are no annotations."""

import uuid
from collections.abc import Sequence

from django.db.models import Max

from ihlannotate.models.annotation import Attempt
from ihlannotate.models.assignment import Sheet
from ihlannotate.pipeline.annotating.answers import Answers


def append_attempt(
    *,
    sheet: Sheet,
    answers: Answers,
    submission: uuid.UUID,
    seconds: int | None,
    evidence: Sequence[tuple[str, int, int]] = (),
    reason: str = "",
    withdrawn: bool = False,
) -> Attempt:
    """Append an attempt to a sheet of a known item, under the next number; the caller holds the annotator's lock.

    `withdrawn` makes it the record that the attempt before it was taken back. Raises IntegrityError where
    `submission` was used before.
    """
    last = Attempt.objects.filter(sheet=sheet).aggregate(last=Max("number"))["last"] or 0
    return Attempt.objects.create(
        sheet=sheet,
        number=last + 1,
        submission=submission,
        answers={key: list(values) for key, values in answers.items()},
        evidence=[list(one) for one in evidence],
        reason=reason,
        withdrawn=withdrawn,
        seconds=seconds,
    )
