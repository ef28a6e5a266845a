"""Why annotators disagreed, as a coordinator sees it: one tag a question of an item, append-only, and their report."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _

from ihlannotate.models.annotation import Answer
from ihlannotate.models.discussion import DisagreementTag
from ihlannotate.models.event import record
from ihlannotate.models.item import Response
from ihlannotate.models.study import Study
from ihlannotate.models.user import User
from ihlannotate.pipeline.agreement.dividing import divided, question
from ihlannotate.pipeline.agreement.ratings import levelled_criteria
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.roles import Role, role_in
from ihlannotate.readers.rubric import CriterionSpec

Cause = DisagreementTag.Cause
MAX_COMMENT = 5_000  # characters


@dataclass(frozen=True)
class Tag:
    """The tag that counts now: the cause's value, and what the coordinator added."""

    cause: str
    comment: str


@dataclass(frozen=True)
class TagCount:
    """One criterion of the report: cause's value -> items that bear it now, in the order of Cause."""

    key: str
    title: str
    causes: Mapping[str, int]

    @property
    def tagged(self) -> int:
        return sum(self.causes.values())


class TaggedMeanwhile(Refused):
    """Somebody else tagged the item after the page was opened that a tag came from; `there` is what counts now."""

    def __init__(self, there: Tag | None) -> None:
        super().__init__(_("Meanwhile the tag of this item was changed, so yours was not kept."))
        self.there = there


@transaction.atomic
def tag_disagreement(
    study: Study,
    code: str,
    *,
    key: str,
    cause: str,
    comment: str = "",
    seen: Tag | None = None,
    actor: User,
) -> Tag | None:
    """Tag the disagreement on question `key` of the item with this response code; an empty `cause` takes it back.

    The tag that counts now; None where none does. What already counts is not recorded again. `seen` is the tag that
    the person saw (of an empty cause where there was none): where another one counts, TaggedMeanwhile is raised.
    Raises Refused: not a coordinator, no such item, question or cause, a comment too long or without a cause, nobody
    disagrees.
    """
    if role_in(actor, study) != Role.COORDINATOR:
        raise Refused(_("Only a coordinator tags disagreements."))
    if cause and cause not in Cause.values:
        raise Refused(_("There is no such cause of a disagreement."))
    comment = comment.replace("\0", "").strip()
    if len(comment) > MAX_COMMENT:
        raise Refused(_("A comment has at most %(n)d characters.") % {"n": MAX_COMMENT})
    criterion, response = question(study, key)[1], _item(study, code)
    last = DisagreementTag.objects.filter(response=response, criterion=criterion).order_by("-number").first()
    there = Tag(last.cause, last.comment) if last and last.cause else None
    wanted = Tag(cause, comment) if cause else None
    if comment and not (wanted or there):
        raise Refused(_("Choose why they differ: a comment alone is not kept."))
    if wanted == there:
        return there
    if seen is not None and seen != (there or Tag("", "")):
        raise TaggedMeanwhile(there)
    if wanted and not _divided(study, criterion, response):
        raise Refused(_("Annotators don’t disagree on this question of this item (any more)."))
    DisagreementTag.objects.create(
        study=study,
        response=response,
        criterion_id=criterion,
        number=last.number + 1 if last else 1,
        cause=cause,
        comment=comment if cause else "",
        tagged_by=actor,
    )
    data = {"response": code, "criterion": key, "cause": cause}
    record(study, "disagreement.tagged", actor=actor, data=data)
    return wanted


def _item(study: Study, code: str) -> Response:
    # Held until the end, so that two coordinators who tag one item come one after the other
    found = Response.objects.select_for_update(no_key=True).filter(study=study, code=code).first()
    if found is None:
        raise Refused(_("There is no such item in this study."))
    return found


def _divided(study: Study, criterion: int, response: Response) -> bool:
    answers = Answer.objects.filter(
        study=study, criterion=criterion, response=response, occasion=1, live=True
    )
    return answers.values("value").distinct().count() > 1


def latest_tags(study: Study, *, criterion_id: int) -> dict[int, Tag]:
    """Response -> the tag that its disagreement on the criterion bears now."""
    rows = DisagreementTag.objects.filter(study=study, criterion=criterion_id).order_by("number")
    latest = {
        response: Tag(cause, comment)
        for response, cause, comment in rows.values_list("response_id", "cause", "comment")
    }
    return {response: tag for response, tag in latest.items() if tag.cause}


def tag_report(study: Study) -> tuple[TagCount, ...]:
    """How often each cause was found, by criterion with levels, in the order of the rubric.

    What annotators no longer differ on is not counted: its tag is of a disagreement that is over.
    """
    return tuple(_count(study, one) for one in levelled_criteria(study))


def _count(study: Study, spec: CriterionSpec) -> TagCount:
    tags = latest_tags(study, criterion_id=question(study, spec.key)[1])
    still = np.isin(list(tags), divided(study, key=spec.key).responses)
    counted = Counter(tag.cause for tag, counts in zip(tags.values(), still, strict=True) if counts)
    return TagCount(spec.key, spec.title, {cause: counted[cause] for cause in Cause.values})
