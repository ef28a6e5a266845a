"""Worlds and forms for tests of the adjudicators' pages."""

from django.test import Client
from django.urls import reverse

from ihlannotate.models.gold import Adjudication
from ihlannotate.models.study import Study
from ihlannotate.pipeline.adjudicating import contested, give_opinion
from tests.factory import make_member, make_study, make_user, open_with, rate_next
from tests.web.coordinators import sign_in

BARE = {"refusal": ["refused"], "helpfulness": ["1"], "comment": ["It says no, Alice."]}
FITTING = {"refusal": ["partly_refused"], "helpfulness": ["3"], "comment": ["It does a part, Bob."]}


def divided_study(*, items: int = 2, **fields: object) -> Study:
    """Alice and Bob disagree on both questions of each item."""
    study = open_with(make_study(repeat_percent=0, **fields), items)
    alice, bob = make_member(study, "Alice"), make_member(study, "Bob")
    for _item in range(items):
        rate_next(alice, BARE)
        rate_next(bob, FITTING)
    return study


def as_dana(client: Client, study: Study) -> Client:
    """Dana adjudicates the study and is signed in."""
    make_member(study, "Dana")
    return sign_in(client, make_user("Dana"))


def home(study: Study) -> str:
    return reverse("adjudicate:study", args=[study.code])


def item(study: Study, code: str) -> str:
    return reverse("adjudicate:item", args=[study.code, code])


def codes(study: Study) -> list[str]:
    """The contested items in the order of the list."""
    return list(contested(study).codes)


def opinion(refusal: str = "refused", helpfulness: str = "2") -> dict[str, str]:
    """The form of the first step."""
    return {"act": "opinion", "c-refusal": refusal, "c-helpfulness": helpfulness}


def outcome(
    refusal: str = "level-refused", helpfulness: str = "", reason: str = "It says no."
) -> dict[str, str]:
    """The form of the second step."""
    said = {"act": "settle", "refusal-outcome": refusal, "helpfulness-outcome": helpfulness}
    return said | {
        "refusal-reason": reason if refusal else "",
        "helpfulness-reason": reason if helpfulness else "",
    }


def answer_first(study: Study, name: str = "Dana", *, items: int | None = None) -> None:
    """The adjudicator's own answers to the contested items are kept: refused, of level 2."""
    member = study.memberships.get(user=make_user(name))
    for code in codes(study)[:items]:
        give_opinion(member=member, code=code, answers={"refusal": ["refused"], "helpfulness": ["2"]})


def settled(study: Study) -> list[tuple[str, str, str]]:
    rows = Adjudication.objects.filter(study=study).order_by("criterion__position", "number")
    return list(rows.values_list("criterion__key", "value", "reason"))
