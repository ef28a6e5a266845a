"""The outcome of a contested question, with the reason. Append-only: settled again, the newest decides."""

from django.db import transaction
from django.utils.translation import gettext as _

from ihlannotate.models.event import record
from ihlannotate.models.gold import Adjudication
from ihlannotate.models.item import Response
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.annotating.ratings_file import criterion_of
from ihlannotate.pipeline.refusals import Refused


@transaction.atomic
def settle(*, member: Membership, code: str, key: str, value: str, reason: str) -> Adjudication:
    """Record an adjudicator's outcome for one criterion of an item; an empty value: reasonable lawyers differ.

    The same outcome again, right after it and with the same reason, is the form sent twice.
    Raises Refused: not an adjudicator, study unblinded, unknown item, level not in the rubric, no reason given.
    """
    study = adjudicated(member)
    spec, criterion = criterion_of(study, key)
    response = Response.objects.filter(study=study, code=code).first()
    if response is None:
        raise Refused(_("There is no such item in this study."))
    if value and value not in spec.values:
        raise Refused(_("“%(value)s” is no level of “%(key)s”.") % {"value": value[:80], "key": key})
    if not reason.strip():
        raise Refused(_("Write a reason: it is what a reader of the gold labels will look for."))
    earlier = Adjudication.objects.filter(response=response, criterion=criterion)
    last = earlier.order_by("-number").first()
    if last and (last.adjudicator_id, last.value, last.reason) == (member.pk, value, reason.strip()):
        return last
    settled = Adjudication.objects.create(
        study=study,
        response=response,
        criterion=criterion,
        number=last.number + 1 if last else 1,
        value=value,
        reason=reason.strip(),
        adjudicator=member,
    )
    record(study, "item.adjudicated", actor=member.user, data={"response": code, "criterion": key})
    return settled


def adjudicated(member: Membership) -> Study:
    """The adjudicator's study, locked: one of them at a time. Raises Refused: not an adjudicator, study unblinded."""
    study = Study.objects.select_for_update(no_key=True).get(pk=member.study_id)
    if member.role != Membership.Role.ADJUDICATOR:
        raise Refused(_("Only an adjudicator settles contested items."))
    if study.is_unblinded:
        raise Refused(_("This study is unblinded: an adjudication now could not be blind."))
    return study
