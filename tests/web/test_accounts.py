"""Signing in and out, invitations, passwords, lock-out."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from ihlannotate.pipeline.founding import invitation_path
from tests.factory import make_member, make_study, make_user

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-enough-secret"


def sign_in(client: Client, email: str, password: str = PASSWORD, **extra: str):
    return client.post(reverse("login"), {"username": email, "password": password, **extra})


def test_signing_in_leads_back_to_the_page_one_wanted(client: Client) -> None:
    make_user("Alice", password=PASSWORD)
    answer = sign_in(client, "Alice@Example.org", next="/rate/abc/")
    assert answer.headers["Location"] == "/rate/abc/"


def test_signing_in_never_leads_to_another_site(client: Client) -> None:
    make_user("Alice", password=PASSWORD)
    assert sign_in(client, "alice@example.org", next="https://example.org/trap").headers["Location"] == "/"


def test_a_wrong_password_is_not_told_apart_from_a_wrong_address(client: Client) -> None:
    make_user("Alice", password=PASSWORD)
    known = sign_in(client, "alice@example.org", "wrong-password").content.decode()
    unknown = sign_in(client, "nobody@example.org", "wrong-password").content.decode()
    message = "That address and password do not belong together"
    assert message in known
    assert message in unknown


def test_too_many_attempts_close_the_door_with_an_explanation(client: Client) -> None:
    make_user("Alice", password=PASSWORD)
    for _ in range(settings.AXES_FAILURE_LIMIT):
        answer = sign_in(client, "alice@example.org", "wrong-password")
    assert answer.status_code == 429
    assert "Too many attempts" in answer.content.decode()
    assert sign_in(client, "alice@example.org").status_code == 429
    assert sign_in(client, "ALICE@example.org").status_code == 429


def test_attempts_at_one_account_do_not_close_another(client: Client) -> None:
    make_user("Alice", password=PASSWORD)
    make_user("Bob", password=PASSWORD)
    for _ in range(settings.AXES_FAILURE_LIMIT):
        sign_in(client, "alice@example.org", "wrong-password")
    assert sign_in(client, "bob@example.org").status_code == 302


def test_an_invitation_sets_the_password_and_signs_in(client: Client) -> None:
    alice = make_member(make_study(), "Alice").user
    page = client.get(invitation_path(alice), follow=True)
    assert "alice@example.org" in page.content.decode()
    url = page.redirect_chain[-1][0]
    answer = client.post(url, {"new_password1": PASSWORD, "new_password2": PASSWORD}, follow=True)
    assert answer.context["user"] == alice
    assert "Your password is set" in answer.content.decode()


def test_an_invitation_works_once(client: Client) -> None:
    alice = make_user("Alice")
    path = invitation_path(alice)
    url = client.get(path).headers["Location"]
    client.post(url, {"new_password1": PASSWORD, "new_password2": PASSWORD})
    again = Client().get(path)
    assert "This link no longer works" in again.content.decode()


def test_a_short_password_is_refused_with_the_reason(client: Client) -> None:
    url = client.get(invitation_path(make_user("Alice"))).headers["Location"]
    page = client.post(url, {"new_password1": "short", "new_password2": "short"}).content.decode()
    assert "at least 10 characters" in page
    assert "field-error" in page


def test_changing_the_password_needs_the_old_one(client: Client) -> None:
    alice = make_user("Alice", password=PASSWORD)
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    data = {
        "old_password": "not-it-at-all",
        "new_password1": "another-secret-1",
        "new_password2": "another-secret-1",
    }
    client.post(reverse("change_password"), data)
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)
    client.post(reverse("change_password"), data | {"old_password": PASSWORD})
    alice.refresh_from_db()
    assert alice.check_password("another-secret-1")


def test_signing_out_takes_a_post(client: Client) -> None:
    client.force_login(make_user("Alice"), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("logout")).status_code == 405
    assert client.post(reverse("logout")).headers["Location"] == reverse("login")
    assert client.get("/").headers["Location"].startswith("/sign-in/")


def test_a_form_without_its_token_is_refused_in_our_words() -> None:
    answer = Client(enforce_csrf_checks=True).post(reverse("login"), {"username": "a@b.c", "password": "x"})
    assert answer.status_code == 403
    assert "This form is too old to be sent" in answer.content.decode()
