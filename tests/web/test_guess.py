"""The page that asks annotators, after closing, which model wrote a response."""

import pytest
from django.test import Client
from django.urls import reverse

from ihlannotate.models.assignment import Sheet
from ihlannotate.models.guess import Guess
from ihlannotate.models.study import Membership, Study
from tests.factory import make_member, make_user
from tests.pipeline.test_guessing import IN_ORDER, again, closed, opened, rater
from tests.web.coordinators import sign_in, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(client: Client) -> Membership:
    """Alice, signed in, who rated six responses and is asked about two of them."""
    found = rater(opened(guess_items=2))
    sign_in(client, make_user("Alice"))
    return closed(found)


def url(study: Study) -> str:
    return reverse("annotate:guess", args=[study.code])


def asked(client: Client, member: Membership) -> str:
    """The code of the sheet that the page asks about."""
    page = client.get(url(member.study)).content.decode()
    return page.split('name="code" value="')[1].split('"')[0]


def test_the_models_stand_in_alphabetical_order_and_not_telling_is_a_choice(
    client: Client, member: Membership
) -> None:
    page = " ".join(client.get(url(member.study)).content.decode().split())
    places = [page.index(f'name="model" value="{name}"') for name in (*IN_ORDER, "")]
    assert places == sorted(places)
    assert "Response 1 of 2" in text_of(client.get(url(member.study)))


def test_each_answer_leads_to_the_next_response_and_the_last_to_thanks(
    client: Client, member: Membership
) -> None:
    for model in ("Aster-1", ""):
        response = client.post(url(member.study), {"code": asked(client, member), "model": model})
        assert response["Location"] == url(member.study)
    said = text_of(client.get(url(member.study)))
    assert "Thank you" in said
    assert not any(name in said for name in IN_ORDER)
    assert sorted(Guess.objects.values_list("model", flat=True)) == ["", "Aster-1"]


def test_the_study_page_and_the_rest_page_lead_there_for_as_long_as_something_is_asked(
    client: Client, member: Membership
) -> None:
    pages = [reverse(f"annotate:{name}", args=[member.study.code]) for name in ("study", "next")]
    for page in pages:
        response = client.get(page)
        assert url(member.study) in response.content.decode()
        assert "about 2 responses" in text_of(response)
    for _ in range(2):
        client.post(url(member.study), {"code": asked(client, member), "model": ""})
    for page in pages:
        assert url(member.study) not in client.get(page).content.decode()


def test_an_answer_that_was_not_chosen_is_asked_for_again(client: Client, member: Membership) -> None:
    code = asked(client, member)
    response = client.post(url(member.study), {"code": code})
    assert response.status_code == 422
    assert "Choose a model" in text_of(response)
    assert asked(client, member) == code


@pytest.mark.parametrize(
    "sent", [{"model": "Claude"}, {"code": "nobody", "model": ""}, {"code": "", "model": ""}]
)
def test_what_cannot_be_kept_changes_nothing(
    client: Client, member: Membership, sent: dict[str, str]
) -> None:
    response = client.post(url(member.study), {"code": asked(client, member)} | sent)
    assert response.status_code == 422
    assert not Guess.objects.exists()


def test_the_same_form_sent_twice_keeps_the_first_answer(client: Client, member: Membership) -> None:
    code = asked(client, member)
    client.post(url(member.study), {"code": code, "model": "Aster-1"})
    response = client.post(url(member.study), {"code": code, "model": "zephyr"}, follow=True)
    assert "your first answer stays" in text_of(response)
    assert Guess.objects.get().model == "Aster-1"


def test_before_closing_nobody_is_asked_and_no_model_is_named(client: Client) -> None:
    member = rater(opened())
    sign_in(client, make_user("Alice"))
    sheet = Sheet.objects.filter(annotator=member).first()
    for response in (
        client.get(url(member.study), follow=True),
        client.post(url(member.study), {"code": sheet.code, "model": "Aster-1"}, follow=True),
    ):
        assert not any(name in text_of(response) for name in ("Aster-1", "Borealis-2"))
    assert not Guess.objects.exists()


def test_who_rated_nothing_is_led_back_to_the_study(client: Client, member: Membership) -> None:
    make_member(member.study, "Bob")
    sign_in(client, make_user("Bob"))
    assert client.get(url(member.study))["Location"] == reverse("annotate:study", args=[member.study.code])


@pytest.mark.parametrize("name", ["Carol", "Dana", "Eve"])
def test_others_than_annotators_find_no_such_page(client: Client, member: Membership, name: str) -> None:
    if name != "Eve":
        make_member(member.study, name)
    sign_in(client, make_user(name))
    assert client.get(url(member.study)).status_code == 404


def test_a_covered_response_stays_covered_until_asked_for(client: Client, member: Membership) -> None:
    assert b'class="cover"' not in client.get(url(member.study)).content
    Membership.objects.filter(pk=member.pk).update(blur_responses=True)
    assert again(member).blur_responses
    assert b'<details class="cover">' in client.get(url(member.study)).content
