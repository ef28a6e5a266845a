"""Who may call: only programs with the token of somebody who is still there."""

import logging
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client, override_settings

from ihlannotate.models.user import ApiToken
from tests.api.conftest import Caller
from tests.factory import make_user

Api = Callable[..., Caller]
PATHS = [
    "/studies/",
    "/studies/refusals/",
    "/studies/refusals/runs/",
    "/studies/refusals/agreement/",
    "/studies/refusals/gold/",
    "/studies/refusals/judges/judge-1/validation/",
    "/studies/refusals/annotations/",
    "/studies/refusals/export/",
]


@pytest.mark.parametrize("path", PATHS)
def test_without_a_token_nothing_is_told(api: Api, study: Any, path: str) -> None:
    answer = api().get(path)
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "header", ["Bearer ihl_nobody", "Bearer", "Bearer ", "Token ihl_nobody", "Bearer \xff", "Basic YTpi"]
)
def test_a_token_that_nobody_has_is_refused_and_not_repeated(db: None, header: str) -> None:
    answer = Client().get("/api/v1/studies/", headers={"Authorization": header})
    assert answer.status_code == 401
    assert set(answer.json()) == {"error", "problems", "conflicts"}
    assert "nobody" not in answer.content.decode()


@pytest.mark.parametrize("scheme", ["Token", "Basic", ""])
def test_a_good_token_counts_only_as_a_bearer_token(db: None, scheme: str) -> None:
    secret = ApiToken.issue(user=make_user("Carol"), name="test")
    answer = Client().get("/api/v1/studies/", headers={"Authorization": f"{scheme} {secret}"})
    assert answer.status_code == 401


def test_somebody_who_was_deactivated_is_refused(api: Api) -> None:
    caller = api("Carol")
    user = make_user("Carol")
    assert caller.get("/studies/").status == 200
    user.is_active = False
    user.save()
    assert caller.get("/studies/").status == 401


def test_a_token_that_was_deleted_is_refused(api: Api) -> None:
    caller = api("Carol")
    ApiToken.objects.all().delete()
    assert caller.get("/studies/").status == 401


def test_a_browser_session_does_not_count(db: None) -> None:
    client = Client()
    client.force_login(make_user("Carol"), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/api/v1/studies/").status_code == 401


def test_a_token_is_printed_once_and_only_its_hash_is_kept(
    db: None, caplog: pytest.LogCaptureFixture
) -> None:
    make_user("Carol")
    out = StringIO()
    with caplog.at_level(logging.DEBUG):
        call_command("create_token", "Carol@Example.org", "--name", "pipeline", stdout=out)
        secret = out.getvalue().splitlines()[0]
        headers = {"Authorization": f"Bearer {secret}"}
        assert Client().get("/api/v1/studies/", headers=headers).status_code == 200
    kept = ApiToken.objects.get()
    assert secret.startswith("ihl_")
    assert secret not in (kept.digest, kept.name)
    assert secret not in caplog.text


@pytest.mark.parametrize("email", ["nobody@example.org", "gone@example.org"])
def test_no_token_is_made_for_somebody_who_cannot_sign_in(db: None, email: str) -> None:
    make_user("Gone", is_active=False)
    with pytest.raises(CommandError, match="active account"):
        call_command("create_token", email, "--name", "x")
    assert not ApiToken.objects.exists()


def test_answers_are_not_kept_by_caches(api: Api) -> None:
    assert api("Carol").get("/studies/").headers["Cache-Control"] == "no-store"
    assert api().get("/studies/").headers["Cache-Control"] == "no-store"


def test_too_many_requests_are_told_how_long_to_wait(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rest_framework.throttling.UserRateThrottle.rate", "2/minute", raising=False)
    caller = api("Carol")
    answers = [caller.get("/studies/").status for _ in range(3)]
    assert answers == [200, 200, 429]
    assert int(caller.get("/studies/").headers["Retry-After"]) <= 60
    assert api("Eve").get("/studies/").status == 200


@override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=100)
def test_a_body_over_the_limit_is_refused_before_it_is_read(api: Api, study: Any) -> None:
    answer = api("Carol").post("/studies/refusals/verdicts/", b"[" * 101)
    assert answer.status == 413
    assert "100" in answer.data["error"]
