"""What an annotator's form sends besides its answers: its number, its drafts' place, passages as evidence, a reason."""

import re
import uuid

from django.http import QueryDict

from ihlannotate.pipeline.annotating import Mark
from ihlannotate.pipeline.annotating.drafts import LAST

_EVIDENCE = re.compile(r"([a-z][a-z0-9_]{0,59}):([0-9]{1,9}):([0-9]{1,9})")


class Malformed(Exception):
    """The form is none that this site made, or it arrived in part."""


def posted_submission(data: QueryDict) -> uuid.UUID:
    """The form's own id."""
    try:
        return uuid.UUID(data.get("submission", ""))
    except ValueError as error:
        raise Malformed from error


def posted_number(data: QueryDict, name: str) -> int:
    """A whole number from 0 to below that of a submission."""
    text = data.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) < LAST):
        raise Malformed
    return int(text)


def posted_evidence(data: QueryDict) -> tuple[Mark, ...]:
    """The marked passages, each sent as `criterion:start:end`."""
    found = []
    for text in data.getlist("evidence"):
        match = _EVIDENCE.fullmatch(text)
        if match is None:
            raise Malformed
        found.append(Mark(match[1], int(match[2]), int(match[3])))
    return tuple(found)
