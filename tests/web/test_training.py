"""Training over HTTP: the gate before real items, the desk, feedback, rounds; and what is not shown."""

import re
import uuid
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from ihlannotate.models.annotation import Annotation, Attempt
from ihlannotate.models.assignment import Sheet
from ihlannotate.models.known import KnownItem
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.assigning import next_sheet
from ihlannotate.pipeline.lifecycle import close_study
from ihlannotate.pipeline.readiness import import_known, next_training_sheet, retire, waive
from tests.factory import make_member, make_study, open_with

pytestmark = pytest.mark.django_db

KNOWN = """
- name: zqnameoneqz
  use: training
  prompt: Write the first order.
  response: No, says Zqsystemqz.
  key: {refusal: refused, helpfulness: [1, 2]}
  explanation: A **bare** no. Zqexplainqz.
- name: zqnametwoqz
  use: training
  prompt: Write the second order.
  response: Here it is.
  key: {refusal: not_refused}
  explanation: Zqothersqz.
- name: zqwatchqz
  use: attention
  prompt: Write the third order.
  response: I will not.
  key: {refusal: refused}
"""
RIGHT = {"c-refusal": "refused", "c-helpfulness": "2"}
WRONG = {"c-refusal": "partly_refused", "c-helpfulness": "3"}
DONE = {"c-refusal": "not_refused"}
HTMX = {"hx-request": "true"}


@pytest.fixture
def study() -> Study:
    study = make_study(overlap=1, qualification_percent=70, masked_words="Zqsystemqz")
    import_known(study, KNOWN, name="known.yaml", actor=None)
    return open_with(study)


@pytest.fixture
def alice(study: Study, client: Client) -> Membership:
    member = make_member(study, "Alice")
    client.force_login(member.user)
    return member


def address(study: Study, name: str, *args: str) -> str:
    return reverse(f"annotate:{name}", args=[study.code, *args])


def open_next(client: Client, study: Study) -> str:
    """The address of the next training item."""
    answer = client.get(address(study, "training_next"))
    assert answer.status_code == 302
    return answer.headers["Location"]


def send(client: Client, url: str, form: dict[str, str], **options: Any) -> HttpResponse:
    return client.post(url, {"submission": str(uuid.uuid4()), **form}, **options)


def text_of(answer: HttpResponse) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def qualified(member: Membership) -> bool:
    return Membership.objects.get(pk=member.pk).qualified_at is not None


# The gate


def test_real_items_wait_for_the_training(client: Client, study: Study, alice: Membership) -> None:
    answer = client.get(address(study, "next"))
    assert answer.headers["Location"] == address(study, "training")
    assert not Sheet.objects.exists()
    page = text_of(client.get(address(study, "training")))
    assert "there are 2 to train with" in page
    assert "at least 70% of your answers agree" in page


def test_the_content_notice_comes_before_the_training(
    client: Client, study: Study, alice: Membership
) -> None:
    Study.objects.update(content_notice="It speaks of war.")
    sheet = next_training_sheet(alice)
    for name, args in (("training", ()), ("training_next", ()), ("training_item", (sheet.code,))):
        answer = client.get(address(study, name, *args))
        assert answer.headers["Location"] == address(study, "study")
    send(client, address(study, "training_item", sheet.code), RIGHT)
    assert not Attempt.objects.exists()


def test_whoever_is_excused_begins_at_once(client: Client, study: Study, alice: Membership) -> None:
    waive(alice, actor=None, reason="Wrote the rubric.")
    assert "/training/" not in client.get(address(study, "next")).headers["Location"]
    page = text_of(client.get(address(study, "training")))
    assert "You are ready" in page
    assert "you need no further training" in page


def test_an_item_in_hand_when_training_is_added_still_counts_and_the_next_waits(client: Client) -> None:
    study = open_with(make_study(slug="late", overlap=1))
    member = make_member(study, "Alice")
    client.force_login(member.user)
    sheet = next_sheet(member)
    import_known(study, KNOWN, name="known.yaml", actor=None)
    assert client.get(address(study, "item", sheet.code)).headers["Location"] == address(study, "training")
    answer = send(client, address(study, "item", sheet.code), RIGHT, headers=HTMX)
    assert answer.headers["HX-Redirect"] == address(study, "next")
    assert Annotation.objects.count() == 1
    assert Sheet.objects.count() == 1


def test_a_study_without_training_has_no_training_page(client: Client) -> None:
    study = open_with(make_study(slug="plain", overlap=1))
    client.force_login(make_member(study, "Alice").user)
    assert client.get(address(study, "training")).headers["Location"] == address(study, "study")


def test_only_annotators_of_the_study_train(client: Client, study: Study, alice: Membership) -> None:
    code = next_training_sheet(alice).code
    bob = make_member(study, "Bob")
    for name, args in (("training_item", (code,)), ("training_feedback", (code,))):
        client.force_login(bob.user)
        assert client.get(address(study, name, *args)).status_code == 404
    client.force_login(make_member(study, "Carol").user)
    for name in ("training", "training_next"):
        assert client.get(address(study, name)).status_code == 404
    client.logout()
    assert client.get(address(study, "training")).status_code == 302


def test_whoever_looks_in_before_the_study_opens_may_train_already(client: Client) -> None:
    study = make_study(slug="early", overlap=1)
    client.force_login(make_member(study, "Alice").user)
    welcome = address(study, "study")
    assert "Train in the meantime" not in text_of(client.get(welcome))
    import_known(study, KNOWN, name="known.yaml", actor=None)
    assert "Train in the meantime" in text_of(client.get(welcome))
    for form in (RIGHT, DONE):
        send(client, open_next(client, study), form)
    assert "Train in the meantime" not in text_of(client.get(welcome))
    ready = text_of(client.get(address(study, "training")))
    assert "You are ready" in ready
    assert "Start with the first item" not in ready


# One item


def test_the_item_is_the_desk_and_says_training(client: Client, study: Study, alice: Membership) -> None:
    page = client.get(open_next(client, study)).content.decode()
    assert "Training: item 1 of 2" in text_of(client.get(open_next(client, study)))
    assert 'id="rating"' in page
    assert 'name="c-refusal"' in page
    assert "Write the first order." in page
    assert "0 of 3 rated" not in page
    assert "rather not rate" not in page
    assert address(study, "draft", next_training_sheet(alice).code) in page


def test_nothing_of_a_key_is_shown_before_an_attempt_and_attention_items_are_never_shown(
    client: Client, study: Study, alice: Membership
) -> None:
    url = open_next(client, study)
    pages = [client.get(url), client.get(address(study, "training")), client.get(address(study, "study"))]
    refused = send(client, url, {"c-refusal": "refused"})
    assert refused.status_code == 422
    pages += [refused, client.get(url + "feedback/", follow=True)]
    for page in pages:
        for secret in ("zqnameoneqz", "Zqexplainqz", "Zqothersqz", "zqwatchqz", "third order", "accepted"):
            assert secret not in page.content.decode()
    send(client, url, RIGHT)
    after = client.get(url + "feedback/").content.decode()
    assert "Zqexplainqz" in after
    assert "Zqothersqz" not in after
    assert "zqnameoneqz" not in after


def test_feedback_sets_each_answer_beside_the_key_in_words_and_explains(
    client: Client, study: Study, alice: Membership
) -> None:
    url = open_next(client, study)
    answer = send(client, url, {"c-refusal": "refused", "c-helpfulness": "3"})
    assert (answer.status_code, answer.headers["Location"]) == (303, url + "feedback/")
    page = client.get(url + "feedback/")
    words = text_of(page)
    assert "1 of 2 answers agree with the key" in words
    assert re.search(
        r"Did the model refuse\? .* agrees with the key .* Refused Declines the whole request\.", words
    )
    assert re.search(r"differs from the key .* Fitting A reason that fits this request\.", words)
    assert re.search(r"any one of these Bare No reason at all\. Stock A reason that fits anything\.", words)
    assert "<strong>bare</strong>" in page.content.decode()
    assert address(study, "training_next") in page.content.decode()


def test_the_response_is_masked_as_on_the_desk(client: Client, study: Study, alice: Membership) -> None:
    url = open_next(client, study)
    assert "Zqsystemqz" not in client.get(url).content.decode()
    send(client, url, RIGHT)
    page = client.get(url + "feedback/").content.decode()
    assert "Zqsystemqz" not in page
    assert "▮▮▮" in page


def test_a_keyed_question_that_was_not_asked_is_said_to_be_open(
    client: Client, study: Study, alice: Membership
) -> None:
    url = open_next(client, study)
    send(client, url, DONE)
    assert "the question was not asked" in text_of(client.get(url + "feedback/"))


def test_htmx_goes_to_the_feedback_too(client: Client, study: Study, alice: Membership) -> None:
    url = open_next(client, study)
    answer = send(client, url, RIGHT, headers=HTMX)
    assert answer.headers["HX-Redirect"] == url + "feedback/"


def test_missing_answers_come_back_marked_with_what_was_sent(
    client: Client, study: Study, alice: Membership
) -> None:
    url = open_next(client, study)
    for headers in ({}, HTMX):
        answer = send(client, url, {"c-refusal": "refused"}, headers=headers)
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "needs an answer" in page
        assert f'action="{url}"' in page
        assert re.search(r'value="refused"[^>]*checked', page)
    assert not Attempt.objects.exists()


def test_the_same_form_twice_is_one_attempt_and_another_form_is_turned_down(
    client: Client, study: Study, alice: Membership
) -> None:
    url = open_next(client, study)
    form = {"submission": str(uuid.uuid4()), **WRONG}
    assert client.post(url, form).status_code == client.post(url, form).status_code == 303
    assert send(client, url, RIGHT).status_code == 409
    assert Attempt.objects.count() == 1
    assert client.get(url).headers["Location"] == url + "feedback/"


@pytest.mark.parametrize("form", [{"submission": "x"}, {"evidence": "refusal:1"}])
def test_a_form_that_arrived_incomplete_changes_nothing(
    client: Client, study: Study, alice: Membership, form: dict[str, str]
) -> None:
    url = open_next(client, study)
    assert send(client, url, {**RIGHT, **form}).status_code == 400
    assert not Attempt.objects.exists()


def test_evidence_outside_the_text_is_turned_down(client: Client, study: Study, alice: Membership) -> None:
    url = open_next(client, study)
    assert send(client, url, {**RIGHT, "evidence": "refusal:0:9999"}).status_code == 422
    assert send(client, url, {**RIGHT, "evidence": "refusal:0:3"}).status_code == 303
    assert Attempt.objects.get().evidence == [["refusal", 0, 3]]


def test_a_draft_of_a_training_item_is_kept(client: Client, study: Study, alice: Membership) -> None:
    url = open_next(client, study)
    sheet = next_training_sheet(alice)
    place = {"submission": str(uuid.uuid4()), "draft_base": 0, "draft_sequence": 1}
    assert client.post(address(study, "draft", sheet.code), {**place, **WRONG}).status_code == 204
    assert re.search(r'value="partly_refused"[^>]*checked', client.get(url).content.decode())


def test_training_sheets_are_no_items_of_the_study(client: Client, study: Study, alice: Membership) -> None:
    url = open_next(client, study)
    code = next_training_sheet(alice).code
    assert client.get(address(study, "item", code)).status_code == 404
    assert send(client, address(study, "item", code), RIGHT).status_code == 404
    assert client.post(address(study, "skip", code), {"reason": "other"}).status_code == 404
    send(client, url, RIGHT)
    send(client, open_next(client, study), DONE)
    assert "first order" not in client.get(address(study, "ratings")).content.decode()
    item = client.get(address(study, "next")).headers["Location"]
    assert client.get(address(study, "training_item", item.split("/")[-2])).status_code == 404
    assert client.get(address(study, "training_feedback", item.split("/")[-2])).status_code == 404


# Rounds


def test_whoever_agrees_with_the_key_is_ready(client: Client, study: Study, alice: Membership) -> None:
    for form in (RIGHT, DONE):
        send(client, open_next(client, study), form)
    assert qualified(alice)
    assert open_next(client, study) == address(study, "training")
    page = text_of(client.get(address(study, "training")))
    assert "You are ready" in page
    assert "3 of your 3 answers" in page
    assert "/training/" not in client.get(address(study, "next")).headers["Location"]


def test_whoever_does_not_sees_where_and_takes_another_round_from_an_empty_form(
    client: Client, study: Study, alice: Membership
) -> None:
    for form in (WRONG, DONE):
        send(client, open_next(client, study), form)
    assert not qualified(alice)
    answer = client.get(address(study, "training"))
    page = text_of(answer)
    assert "Not there yet" in page
    assert "1 of your 3 answers with a known right answer agree with the key (33%). At 70%" in page
    assert "This says little about you" in page
    assert "Zqexplainqz" in page
    assert "Zqothersqz" not in page
    begun = client.post(address(study, "training_again"))
    url = begun.headers["Location"]
    form = client.get(url)
    assert "Training: item 1 of 2 · round 2" in text_of(form)
    assert "checked" not in re.sub(
        r"data-\S+", "", form.content.decode().split('id="rating"')[1].split("</form>")[0]
    )
    send(client, url, RIGHT)
    assert "1 of 2 training items done." in text_of(client.get(address(study, "training")))
    send(client, open_next(client, study), DONE)
    assert qualified(alice)
    assert Attempt.objects.count() == 4


def test_a_round_begins_only_after_one_that_is_complete(
    client: Client, study: Study, alice: Membership
) -> None:
    send(client, open_next(client, study), WRONG)
    answer = client.post(address(study, "training_again"), follow=True)
    assert "no further round" in text_of(answer)
    assert client.get(address(study, "training_again")).status_code == 405


def test_a_lower_threshold_opens_the_study_when_the_page_is_looked_at(
    client: Client, study: Study, alice: Membership
) -> None:
    for form in (WRONG, DONE):
        send(client, open_next(client, study), form)
    Study.objects.update(qualification_percent=30)
    assert "You are ready" in text_of(client.get(address(study, "training")))
    assert qualified(alice)


def test_a_retired_item_leads_back_to_the_training(client: Client, study: Study, alice: Membership) -> None:
    url = open_next(client, study)
    retire(KnownItem.objects.get(name="zqnameoneqz"), actor=None)
    assert client.get(url).headers["Location"] == address(study, "training")
    assert send(client, url, RIGHT).status_code == 409


def test_a_closed_study_has_nothing_left_to_train_for(
    client: Client, study: Study, alice: Membership
) -> None:
    url = open_next(client, study)
    close_study(study, actor=None)
    assert "nothing left to train for" in text_of(client.get(address(study, "training")))
    assert open_next(client, study) == address(study, "training")
    assert send(client, url, RIGHT).status_code == 409
    assert not Attempt.objects.exists()
