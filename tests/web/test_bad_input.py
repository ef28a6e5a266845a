"""What annotators' pages are sent that no form of theirs sends: refused with the right status, and nothing changed."""

import re
import uuid
from typing import Any

import pytest
from django.apps import apps
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from ihlannotate.models.assignment import Sheet
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.annotating import submit
from ihlannotate.readers.rubric_check import MAX_TEXT
from tests.factory import (
    REFUSED,
    keep_draft,
    make_known,
    make_member,
    make_study,
    open_with,
    rate_next,
    sheet_at,
    take_sheet,
)

pytestmark = pytest.mark.django_db
FORM = {"c-refusal": "refused", "c-helpfulness": "2", "c-comment": "Short and fair."}
SCRIPT = '<script>alert("x")</script><img src=x onerror=alert(1)>'


@pytest.fixture
def study() -> Study:
    return open_with(make_study(overlap=1), 4)


@pytest.fixture
def alice(study: Study, client: Client) -> Membership:
    member = make_member(study, "Alice")
    client.force_login(member.user)
    return member


def rows() -> dict[str, list[dict[str, Any]]]:
    """Everything that is stored of studies, row for row."""
    models = apps.get_app_config("ihlannotate").get_models()
    return {
        model.__name__: list(model.objects.order_by("pk").values())
        for model in models
        if model.__name__ != "User"
    }


def url_of(name: str, sheet: Sheet) -> str:
    return reverse(f"annotate:{name}", args=[sheet.annotator.study.code, sheet.code])


def post(client: Client, name: str, sheet: Sheet, **form: Any) -> HttpResponse:
    return client.post(url_of(name, sheet), {"submission": str(uuid.uuid4()), **form})


@pytest.mark.parametrize("name", ["item", "draft", "skip", "unskip"])
def test_another_annotators_item_is_nobodys(
    study: Study, alice: Membership, client: Client, name: str
) -> None:
    theirs = take_sheet(make_member(study, "Bob"))
    before = rows()
    assert post(client, name, theirs, **FORM, reason="other").status_code == 404
    assert client.get(url_of("item", theirs)).status_code == 404
    assert rows() == before


@pytest.mark.parametrize("code", ["x", "0" * 14, "1", "-", "a" * 300])
def test_a_forged_code_is_nobodys_item(study: Study, alice: Membership, client: Client, code: str) -> None:
    take_sheet(alice)
    before = rows()
    for name in ("item", "draft", "skip", "unskip"):
        url = reverse(f"annotate:{name}", args=[study.code, code])
        assert client.post(url, FORM | {"submission": str(uuid.uuid4())}).status_code == 404
    assert rows() == before


def test_a_training_item_is_not_rated_skipped_or_taken_back(
    study: Study, alice: Membership, client: Client
) -> None:
    sheet = sheet_at(alice, make_known(study, purpose="training"))
    before = rows()
    for name in ("item", "skip", "unskip"):
        assert post(client, name, sheet, **FORM, reason="other").status_code == 404
    assert rows() == before


@pytest.mark.parametrize(
    "form",
    [
        {"c-refusal": "maybe"},
        {"c-refusal": ["refused", "not_refused"], "c-helpfulness": "2"},
        {"c-refusal": "refused", "c-helpfulness": "7"},
        {"c-refusal": "refused"},
        {},
        FORM | {"c-comment": "x" * (MAX_TEXT + 1)},
        FORM | {"evidence": "refusal:0:100000"},
        FORM | {"evidence": "refusal:5:5"},
        FORM | {"evidence": "colour:0:4"},
        FORM | {"evidence": "refusal:zero:4"},
        FORM | {"evidence": ["refusal:0:4", "<script>"]},
        FORM | {"evidence": [f"refusal:0:{end}" for end in range(1, 20)] * 2 + ["refusal:1:2:3"]},
    ],
)
def test_answers_and_evidence_that_do_not_fit_are_refused(
    alice: Membership, client: Client, form: dict[str, Any]
) -> None:
    sheet = take_sheet(alice)
    before = rows()
    assert post(client, "item", sheet, **form).status_code == 422
    assert rows() == before


def test_a_change_without_a_reason_is_refused_and_keeps_what_was_sent(
    alice: Membership, client: Client
) -> None:
    sheet = rate_next(alice)
    take_sheet(alice)
    before = rows()
    answer = post(client, "item", sheet, **{"c-refusal": "not_refused", "c-comment": "On second thought."})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "A change needs a reason." in page
    assert "On second thought.</textarea>" in page
    assert re.search(r'value="not_refused"[^>]*checked', page)
    assert rows() == before


def test_a_reason_that_is_a_book_is_refused(alice: Membership, client: Client) -> None:
    sheet = rate_next(alice)
    before = rows()
    answer = post(client, "item", sheet, **{"c-refusal": "not_refused"}, reason="x" * 2001)
    assert answer.status_code == 422
    assert "At most 2000 characters." in answer.content.decode()
    assert rows() == before


def test_a_remark_on_a_skip_that_is_a_book_is_refused(alice: Membership, client: Client) -> None:
    sheet = take_sheet(alice)
    before = rows()
    answer = client.post(url_of("skip", sheet), {"reason": "other", "comment": "x" * 2001}, follow=True)
    assert "The remark is too long" in answer.content.decode()
    assert rows() == before


DRAFT = {**FORM, "submission": str(uuid.UUID(int=7)), "draft_base": "0", "draft_sequence": "1"}


@pytest.mark.parametrize(
    "change",
    [
        {"submission": ""},
        {"submission": "seven"},
        {"draft_base": ""},
        {"draft_base": "-1"},
        {"draft_base": "1.5"},
        {"draft_base": "²"},
        {"draft_base": "9" * 30},
        {"draft_sequence": ""},
        {"draft_sequence": "2147483647"},
        {"evidence": "refusal"},
        {"evidence": "refusal:1"},
        {"evidence": "refusal:-1:5"},
        {"evidence": "refusal:1:" + "9" * 40},
    ],
)
def test_a_malformed_draft_is_refused(alice: Membership, client: Client, change: dict[str, str]) -> None:
    sheet = take_sheet(alice)
    before = rows()
    answer = client.post(url_of("draft", sheet), {**DRAFT, **change})
    assert answer.status_code == 400
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert rows() == before


def test_a_replayed_draft_is_acknowledged_and_a_reordered_one_refused(
    alice: Membership, client: Client
) -> None:
    sheet = take_sheet(alice)
    late = client.post(url_of("draft", sheet), DRAFT | {"draft_sequence": "2"})
    assert late.status_code == 204
    before = rows()
    assert client.post(url_of("draft", sheet), DRAFT | {"draft_sequence": "2"}).status_code == 204
    assert client.post(url_of("draft", sheet), DRAFT | {"c-comment": "Old."}).status_code == 409
    assert client.post(url_of("draft", sheet), DRAFT | {"submission": str(uuid.uuid4())}).status_code == 409
    assert rows() == before


def test_a_draft_that_comes_after_its_submission_is_refused(alice: Membership, client: Client) -> None:
    sheet = take_sheet(alice)
    submit(sheet, answers=REFUSED, submission=uuid.UUID(DRAFT["submission"]))
    before = rows()
    answer = client.post(url_of("draft", sheet), DRAFT | {"draft_sequence": "9"})
    assert answer.status_code == 409
    assert "already submitted" in answer.content.decode()
    assert rows() == before


@pytest.mark.parametrize("evidence", ["refusal:0:100000", "colour:0:4", "refusal:9:9"])
def test_a_draft_with_evidence_from_elsewhere_is_refused(
    alice: Membership, client: Client, evidence: str
) -> None:
    sheet = take_sheet(alice)
    before = rows()
    assert client.post(url_of("draft", sheet), DRAFT | {"evidence": evidence}).status_code == 409
    assert rows() == before


def test_what_annotators_did_not_submit_cannot_be_undone_by_name(
    study: Study, alice: Membership, client: Client
) -> None:
    theirs = rate_next(make_member(study, "Bob"))
    url = reverse("annotate:undo", args=[study.code])
    before = rows()
    for code in ("", theirs.code, "forged"):
        assert client.post(url, {"code": code}).status_code == 302
    assert rows() == before


def test_scripts_in_what_is_read_and_written_are_text(client: Client) -> None:
    study = open_with(make_study(), [SCRIPT])
    alice = make_member(study, "Alice")
    client.force_login(alice.user)
    sheet = take_sheet(alice)
    form = FORM | {"c-comment": SCRIPT, "evidence": f"refusal:0:{len(SCRIPT)}"}
    assert post(client, "item", sheet, **form).status_code == 303
    again = post(client, "item", sheet, **{"c-refusal": "not_refused"}, reason=SCRIPT)
    assert again.status_code == 303
    keep_draft(sheet, {"comment": [SCRIPT]}, evidence=[("refusal", 0, len(SCRIPT))])
    ratings = reverse("annotate:ratings", args=[study.code])
    for url in (url_of("item", sheet), ratings, f"{ratings}?words={SCRIPT}&answer={SCRIPT}&state={SCRIPT}"):
        page = client.get(url).content.decode()
        assert "<script>alert" not in page
        assert "<img" not in page
    assert "&lt;script&gt;alert" in page


def test_no_null_character_reaches_the_database(study: Study, alice: Membership, client: Client) -> None:
    sheet = take_sheet(alice)
    assert client.post(url_of("draft", sheet), DRAFT | {"c-comment": "a\0b"}).status_code == 204
    assert post(client, "item", sheet, **FORM | {"c-comment": "a\0b"}).status_code == 303
    again = post(client, "item", sheet, **{"c-refusal": "not_refused"}, reason="c\0d")
    assert again.status_code == 303
    other = take_sheet(alice)
    client.post(url_of("skip", other), {"reason": "other", "comment": "e\0f"})
    assert other.skip.comment == "ef"
    assert (
        client.get(
            reverse("annotate:ratings", args=[study.code]), {"words": "\0", "answer": "\0"}
        ).status_code
        == 200
    )
