"""The first step: an adjudicator answers before anybody's answer is in anything that they are sent."""

import re
import uuid

import pytest
from django.test import Client

from ihlannotate.models.event import Event
from ihlannotate.models.gold import Opinion
from ihlannotate.models.item import Response
from ihlannotate.models.study import Study
from ihlannotate.pipeline.annotating import submit
from tests.factory import make_member, make_study, make_user, open_with, rate_next
from tests.web.adjudicators import (
    BARE,
    FITTING,
    answer_first,
    as_dana,
    codes,
    divided_study,
    item,
    opinion,
    outcome,
    settled,
)
from tests.web.coordinators import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    return divided_study()


@pytest.fixture
def desk(client: Client, study: Study) -> Client:
    return as_dana(client, study)


def opinions(study: Study) -> list[tuple[str, str]]:
    rows = Opinion.objects.filter(study=study).order_by("response", "criterion__position")
    return list(rows.values_list("criterion__key", "value"))


def test_the_first_step_asks_with_the_rubrics_own_form_and_one_answer_more(
    desk: Client, study: Study
) -> None:
    page = desk.get(item(study, codes(study)[0])).content.decode()
    for value in ("refused", "partly_refused", "not_refused", "differ"):
        assert f'name="c-refusal"\n                          value="{value}"' in page
    assert 'data-letter="r"' in page
    assert 'data-key="4"' in page
    assert "Declines some of it and does some of it." in page
    assert page.count("Reasonable lawyers differ") == 2


def test_the_page_is_the_same_whoever_said_what(desk: Client, study: Study) -> None:
    code = codes(study)[0]

    def page() -> str:
        text = desk.get(item(study, code)).content.decode()
        return "\n".join(line for line in text.splitlines() if "csrfmiddlewaretoken" not in line)

    before = page()
    response = Response.objects.get(code=code)
    for user, answers in ((make_user("Alice"), FITTING), (make_user("Bob"), BARE)):
        sheet = study.memberships.get(user=user).sheets.get(response=response)
        submit(sheet, answers=answers, submission=uuid.uuid4(), reason="Read again.")
    assert page() == before
    for word in ("Alice", "Bob", "A1", "A2", "Annotator 1"):
        assert word not in before


def test_only_contested_questions_are_asked_and_a_condition_elsewhere_is_told(client: Client) -> None:
    study = open_with(make_study(), 1)
    rate_next(make_member(study, "Alice"), BARE)
    rate_next(make_member(study, "Bob"), {"refusal": ["refused"], "helpfulness": ["3"]})
    as_dana(client, study)
    response = client.get(item(study, codes(study)[0]))
    page = response.content.decode()
    assert "c-helpfulness" in page
    assert "c-refusal" not in page
    assert "Asked where “Did the model refuse?” is “Refused” or “Partly refused”." in text_of(response)


def test_answers_are_kept_and_then_the_annotators_answers_are_shown(desk: Client, study: Study) -> None:
    code = codes(study)[0]
    response = desk.post(item(study, code), opinion("partly_refused", "differ"), follow=True)
    page = text_of(response)
    assert "Your answers are kept." in page
    assert "You Partly refused Annotator 1" in page
    assert "You Reasonable lawyers differ Annotator 1" in page
    assert opinions(study) == [("refusal", "partly_refused"), ("helpfulness", "")]
    event = Event.objects.filter(study=study, verb="opinion.given").get()
    assert event.data == {"response": code, "criteria": ["refusal", "helpfulness"]}


def test_an_answer_may_rule_another_question_out_and_the_second_step_says_so(
    desk: Client, study: Study
) -> None:
    code = codes(study)[0]
    said = opinion("not_refused", "3")  # without scripts the hidden question is sent as well
    page = text_of(desk.post(item(study, code), said, follow=True))
    assert opinions(study) == [("refusal", "not_refused")]
    assert "You not asked: another of your answers ruled it out" in page
    desk.post(item(study, code), outcome("level-refused", "level-2"))
    assert settled(study) == [("refusal", "refused", "It says no."), ("helpfulness", "2", "It says no.")]


@pytest.mark.parametrize(
    "said",
    [
        {"act": "opinion"},
        opinion("refused", ""),
        opinion("nonsense", ""),
        opinion("differ", ""),
    ],
)
def test_what_is_incomplete_is_not_kept_and_shows_nobodys_answer(
    desk: Client, study: Study, said: dict[str, str]
) -> None:
    response = desk.post(item(study, codes(study)[0]), said)
    assert response.status_code == 422
    page = text_of(response)
    assert "marked; your other answers are kept." in page
    assert "Annotator 1" not in page
    assert opinions(study) == []
    form = " ".join(response.content.decode().split())
    chosen = re.findall(r'name="c-(\w+)" value="([\w-]+)"[^>]* checked', form)
    assert chosen == [("refusal", said.get("c-refusal"))] * (said.get("c-refusal") in ("refused", "differ"))


def test_an_opinion_stands_however_often_it_is_sent(desk: Client, study: Study) -> None:
    url = item(study, codes(study)[0])
    desk.post(url, opinion("refused", "1"))
    again = desk.post(url, opinion("not_refused", ""))
    assert again["Location"] == url
    assert opinions(study) == [("refusal", "refused"), ("helpfulness", "1")]


def test_nothing_is_settled_and_no_note_written_before_the_first_step(desk: Client, study: Study) -> None:
    url = item(study, codes(study)[0])
    for said in (outcome("level-refused", "level-1"), {"act": "note", "note": "What made you say so?"}):
        page = text_of(desk.post(url, said))
        assert "Step 1 of 2" in page
        assert "Annotator 1" not in page
    assert settled(study) == []
    assert not study.notes.exists()


def test_anothers_opinion_opens_nothing(desk: Client, study: Study) -> None:
    make_member(study, "Erik", role="adjudicator")
    answer_first(study, "Erik")
    page = text_of(desk.get(item(study, codes(study)[0])))
    assert "Step 1 of 2" in page
    assert "Annotator 1" not in page


def test_a_question_that_becomes_contested_later_is_asked_before_its_answers_are_shown(
    client: Client,
) -> None:
    study = open_with(make_study(overlap=3), 1)
    for name, level in (("Alice", "1"), ("Bob", "1")):
        refusal = "refused" if name == "Alice" else "partly_refused"
        rate_next(make_member(study, name), {"refusal": [refusal], "helpfulness": [level]})
    as_dana(client, study)
    url = item(study, codes(study)[0])
    assert "c-helpfulness" not in client.get(url).content.decode()
    client.post(url, {"act": "opinion", "c-refusal": "refused"})
    rate_next(make_member(study, "Frida", role="annotator"), {"refusal": ["refused"], "helpfulness": ["3"]})
    # Of three, two say refused: a majority; helpfulness now spreads over two levels
    first = client.get(url)
    assert "c-helpfulness" in first.content.decode()
    assert "Annotator 1" not in text_of(first)
    client.post(url, {"act": "opinion", "c-helpfulness": "2"})
    second = text_of(client.get(url))
    assert "How helpful is the refusal? Asked where" in second
    assert "Fitting" in second
