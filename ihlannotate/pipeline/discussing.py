"""Notes on an item between adjudicators and those who rated it. Anonymous, append-only, and no part of any figure.

An adjudicator opens them; whoever rated the item may answer, and cannot change that rating from then on.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from ihlannotate.models.annotation import Answer
from ihlannotate.models.assignment import Assignment, Sheet
from ihlannotate.models.discussion import Note
from ihlannotate.models.event import record
from ihlannotate.models.gold import Opinion
from ihlannotate.models.item import Response
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.refusals import Refused

Role = Membership.Role
LONGEST = 10_000  # characters of a note
EXCERPT = 160


@dataclass(frozen=True)
class Remark:
    """One note as its readers see it: the author's role and the day, never a name or an alias. `own`: the reader's."""

    role: Role
    own: bool
    text: str
    day: datetime.date


@dataclass(frozen=True)
class Thread:
    """A discussed item in a reader's list: the code they know it by, how many notes, and whether the last is theirs."""

    code: str
    prompt: str
    notes: int
    answered: bool
    day: datetime.date


def is_discussed(response_id: int | None) -> bool:
    """Whether there is a note on the response; never on a known item, which has none."""
    return response_id is not None and Note.objects.filter(response=response_id).exists()


def check_not_discussed(response_id: int | None) -> None:
    """Raises Refused where there is a note on the response: what was rated before it was discussed stays."""
    if is_discussed(response_id):
        raise Refused(
            _(
                "An adjudicator has asked about this item, so your rating of it stands as it is: what is measured is "
                "what you thought before the discussion. You can answer on the item’s page."
            )
        )


def remarks_on(response_id: int, *, reader: Membership | None) -> tuple[Remark, ...]:
    """The notes on a response that the reader may see, in the order of time; a coordinator (None) sees all."""
    found = _notes(reader).filter(response=response_id).select_related("author")
    return tuple(
        Remark(Role(one.author.role), one.author == reader, one.text, one.created_at.date()) for one in found
    )


def _notes(reader: Membership | None) -> QuerySet[Note]:
    """What a reader may see: annotators the adjudicators' notes and their own, for another's tells how they rated."""
    notes = Note.objects.order_by("created_at", "pk")
    if reader is None or reader.role != Role.ANNOTATOR:
        return notes
    return notes.filter(Q(author=reader) | Q(author__role=Role.ADJUDICATOR))


def may_write(member: Membership, response: Response | None) -> bool:
    """Whether the member may write a note on an item.

    An adjudicator whose own opinion of it stands; an annotator whose rating of it counts, once there is a note.
    Not before opening, nor after unblinding.
    """
    study = member.study
    if response is None or study.opened_at is None or study.is_unblinded:
        return False
    if member.role == Role.ADJUDICATOR:
        return (
            Opinion.objects.filter(adjudicator=member, response=response).exists()
            and _ratings().filter(response=response).exists()
        )
    rated = _ratings().filter(annotator=member, response=response)
    return member.role == Role.ANNOTATOR and is_discussed(response.pk) and rated.exists()


@transaction.atomic
def write_note(*, author: Membership, response: Response, text: str) -> None:
    """Add a note to the discussion of an item. The same text again, right after it, is the form sent twice.

    Raises Refused: the author may not write here, nothing is written, too long.
    """
    # Nobody's revision is under way when the item becomes one that cannot be revised
    Study.hold(author.study_id, alone=True)
    author = Membership.objects.select_related("study", "user").get(pk=author.pk)
    text = text.replace("\0", "").strip()
    if not may_write(author, response):
        raise Refused(_("You can’t write a note on this item. Nothing was saved."))
    if not text:
        raise Refused(_("The note is empty. Nothing was saved."))
    if len(text) > LONGEST:
        raise Refused(_("A note has at most %(n)s characters. Nothing was saved.") % {"n": LONGEST})
    last = Note.objects.filter(response=response).order_by("-created_at", "-pk").first()
    if last and last.author_id == author.pk and last.text == text:
        return
    Note.objects.create(study=author.study, response=response, author=author, text=text)
    record(author.study, "note.written", actor=author.user, data={"response": response.code})


def discussed_of(annotator: Membership) -> list[Thread]:
    """The discussed items that the annotator has rated, under the codes of their own sheets, the newest note first."""
    rated = _ratings().filter(annotator=annotator, response=OuterRef("response"))
    sheets = Sheet.objects.filter(
        Exists(rated), annotator=annotator, occasion=Assignment.FIRST, response__notes__isnull=False
    )
    rows = sheets.values_list("response_id", "code", "response__prompt__text").distinct()
    return _threads(rows, reader=annotator)


def discussed_by(adjudicator: Membership) -> list[Thread]:
    """The discussed items of which the adjudicator has given their opinion, the newest note first."""
    given = Opinion.objects.filter(adjudicator=adjudicator, response__notes__isnull=False)
    rows = given.values_list("response_id", "response__code", "response__prompt__text").distinct()
    return _threads(rows, reader=adjudicator)


def _threads(rows: Iterable[tuple[int | None, str, str]], *, reader: Membership) -> list[Thread]:
    codes = {response: (code, prompt) for response, code, prompt in rows if response is not None}
    notes: dict[int, list[Note]] = {}
    for note in _notes(reader).filter(response__in=codes):
        notes.setdefault(note.response_id, []).append(note)
    in_order = sorted(notes.items(), key=lambda one: one[1][-1].created_at, reverse=True)
    return [
        Thread(
            code=codes[response][0],
            prompt=codes[response][1][:EXCERPT],
            notes=len(found),
            answered=found[-1].author_id == reader.pk,
            day=found[-1].created_at.date(),
        )
        for response, found in in_order
    ]


def discussed_in(study: Study) -> QuerySet[Note, int]:
    """The discussed responses of a study, the newest note first."""
    newest = Note.objects.filter(study=study).values("response").annotate(last=Max("created_at"))
    return newest.order_by("-last").values_list("response_id", flat=True)


def _ratings() -> QuerySet[Answer]:
    return Answer.objects.filter(occasion=Assignment.FIRST, live=True)
