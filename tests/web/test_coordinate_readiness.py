"""The coordinator's page of known items: adding, retiring, training and attention by annotator, and who may see it."""

import re
import uuid
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse

from ihlannotate.models.assignment import Sheet
from ihlannotate.models.event import Event
from ihlannotate.models.known import KnownItem
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.annotating.attempts import append_attempt
from ihlannotate.pipeline.readiness import import_known, next_training_sheet, submit_training
from tests.factory import REFUSED, make_member, make_study, open_with
from tests.web.coordinators import as_carol, closed, sign_in, text_of

pytestmark = pytest.mark.django_db

KNOWN = """
- name: bare
  use: training
  prompt: Write the first order.
  response: No.
  key: {refusal: refused, helpfulness: [1, 2]}
- name: clear
  use: attention
  prompt: Write the second order.
  response: I will not.
  key: {refusal: refused}
"""
DONE = {"refusal": ["not_refused"]}


@pytest.fixture
def study(client: Client) -> Study:
    """Carol is signed in to her study, which has known items."""
    study = make_study()
    import_known(study, KNOWN, name="known.yaml", actor=None)
    as_carol(client, study)
    return study


def page_of(study: Study) -> str:
    return reverse("coordinate:readiness", args=[study.slug])


def attend(member: Membership, name: str, answers: dict[str, list[str]]) -> None:
    sheet, _ = Sheet.objects.get_or_create(annotator=member, known=KnownItem.objects.get(name=name))
    append_attempt(sheet=sheet, answers=answers, submission=uuid.uuid4(), seconds=None)


# Adding


def test_an_empty_study_says_what_to_do(client: Client) -> None:
    study = make_study()
    page = text_of(as_carol(client, study).get(page_of(study)))
    assert "No known item yet" in page
    assert "No annotator yet" in page
    assert "Add known items" in page


@pytest.mark.parametrize("way", ["file", "text"])
def test_items_are_added_from_a_file_or_as_text(client: Client, way: str) -> None:
    study = make_study()
    as_carol(client, study)
    sent = SimpleUploadedFile("known.yaml", KNOWN.encode()) if way == "file" else KNOWN
    answer = client.post(page_of(study), {way: sent}, follow=True)
    assert "Imported: 1 training item and 1 attention item." in text_of(answer)
    assert [item.name for item in KnownItem.objects.order_by("position")] == ["bare", "clear"]
    event = Event.objects.get(study=study, verb="known_items.imported")
    assert event.actor.name == "Carol"
    again = client.post(
        page_of(study),
        {way: SimpleUploadedFile("known.yaml", KNOWN.encode()) if way == "file" else KNOWN},
        follow=True,
    )
    assert "Nothing changed" in text_of(again)


def test_every_problem_is_listed_and_the_text_stays_in_the_form(client: Client, study: Study) -> None:
    bad = KNOWN.replace("bare", "one").replace("clear", "two").replace("use: ", "use: no ")
    answer = client.post(page_of(study), {"text": bad})
    assert answer.status_code == 422
    page = text_of(answer)
    assert "the text: nothing was imported" in page
    assert "item “one”: use “no training” is not known" in page
    assert "item “two”: use “no attention” is not known" in page
    assert "name: one" in re.search(r"<textarea.*?</textarea>", answer.content.decode(), re.DOTALL)[0]
    assert KnownItem.objects.count() == 2


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({}, "Choose a file, or paste the items"),
        ({"text": "- [", }, "this is not valid YAML"),
        ({"file": SimpleUploadedFile("a.yaml", b"\xff\xfe\x00")}, "not UTF-8"),
        ({"text": "- 1", "file": SimpleUploadedFile("a.yaml", b"- 1")}, "one of the two"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said(
    client: Client, study: Study, form: dict[str, object], expected: str
) -> None:
    answer = client.post(page_of(study), form)
    assert answer.status_code == 422
    assert expected in text_of(answer)


def test_a_closed_study_shows_its_items_and_takes_no_more(client: Client, study: Study) -> None:
    closed(open_with(study))
    page = client.get(page_of(study))
    assert "no more known items can be added" in text_of(page)
    assert 'name="text"' not in page.content.decode()
    assert "Retire" not in text_of(page)
    answer = client.post(page_of(study), {"text": KNOWN.replace("bare", "other")})
    assert answer.status_code == 422
    assert "is closed" in text_of(answer)


# Items


def test_items_are_listed_with_purpose_key_and_state(client: Client, study: Study) -> None:
    page = text_of(client.get(page_of(study)))
    assert re.search(r"bare training Write the first order\. 2 answers .*? Bare, Stock .*? in use", page)
    assert re.search(r"clear attention Write the second order\. 1 answer .*? in use", page)


def test_an_item_is_retired_and_brought_back_on_the_record(client: Client, study: Study) -> None:
    url = reverse("coordinate:readiness_use", args=[study.slug])
    page = text_of(client.post(url, {"item": "bare", "act": "retire"}, follow=True))
    assert "“bare” is retired" in page
    assert "No training item is in use" not in page  # there is no annotator to say it of
    assert KnownItem.objects.get(name="bare").retired_at is not None
    page = text_of(client.post(url, {"item": "bare", "act": "bring_back"}, follow=True))
    assert "“bare” is in use again" in page
    assert KnownItem.objects.get(name="bare").retired_at is None
    assert Event.objects.filter(study=study, verb__startswith="known_item.").count() == 2
    assert "no such item" in text_of(client.post(url, {"item": "nobody"}, follow=True))


# Training


def test_training_is_listed_by_annotator_with_every_round(client: Client, study: Study) -> None:
    alice, bob = make_member(study, "Alice"), make_member(study, "Bob")
    alice.refresh_from_db()
    for answers in (DONE, REFUSED):
        sheet = next_training_sheet(alice) or Sheet.objects.get(annotator=alice)
        submit_training(sheet, answers=answers, submission=uuid.uuid4())
    page = text_of(client.get(page_of(study)))
    assert "1 training item is in use" in page
    assert re.search(r"A1 1: 0\.0% \(0 of 2\) 2: 100\.0% \(2 of 2\) ✓ ready", page)
    assert re.search(r"A2 – not begun without passing…", page)
    assert bob.qualified_at is None


def test_an_annotator_is_let_in_with_a_reason(client: Client, study: Study) -> None:
    alice = make_member(study, "Alice")
    url = reverse("coordinate:readiness_excuse", args=[study.slug])
    assert "Give a reason" in text_of(client.post(url, {"alias": "A1", "reason": " "}, follow=True))
    alice.refresh_from_db()
    assert alice.qualified_at is None
    page = text_of(client.post(url, {"alias": "A1", "reason": "Wrote the rubric."}, follow=True))
    assert "A1 may begin" in page
    assert "let in" in page
    alice.refresh_from_db()
    assert alice.qualified_at is not None
    assert "no such person" in text_of(client.post(url, {"alias": "nobody", "reason": "x"}, follow=True))
    log = text_of(client.get(reverse("coordinate:log", args=[study.slug])))
    assert "let an annotator begin without the training" in log
    assert "Wrote the rubric." in log


# Attention


def test_attention_is_listed_by_annotator_with_interval_and_every_miss(client: Client, study: Study) -> None:
    alice = make_member(study, "Alice")
    make_member(study, "Bob")
    attend(alice, "clear", DONE)
    page = text_of(client.get(page_of(study)))
    assert re.search(r"A1 0\.0% \[0\.0, 79\.3\] n=1 Too few to say anything", page)
    assert re.search(r"clear .*? Did the model refuse\? Given: Not refused \. Accepted: Refused \.", page)
    assert "A2 – None met yet." in page


def test_a_share_that_slips_do_not_explain_is_called_low(client: Client) -> None:
    study = make_study()
    as_carol(client, study)
    alice, bob = make_member(study, "Alice"), make_member(study, "Bob")
    items = "".join(
        f"- {{name: n{n}, use: attention, prompt: p, response: r, key: {{refusal: refused}}}}\n"
        for n in range(6)
    )
    import_known(study, items, name="known.yaml", actor=None)
    for number in range(6):
        attend(alice, f"n{number}", REFUSED if number < 2 else DONE)
        attend(bob, f"n{number}", REFUSED if number else DONE)
    page = text_of(client.get(page_of(study)))
    assert re.search(r"A1 33\.3% \S+ \S+ n=6 low Lower than slips explain", page)
    assert re.search(r"A2 83\.3% \S+ \S+ n=6 Slips happen", page)


# Who may


def test_nobody_but_coordinators_sees_or_does_any_of_it(client: Client, study: Study) -> None:
    urls = [page_of(study)] + [
        reverse(f"coordinate:{name}", args=[study.slug]) for name in ("readiness_use", "readiness_excuse")
    ]
    for name in ("Alice", "Dana"):
        sign_in(client, make_member(study, name).user)
        for url in urls:
            assert client.post(url, {"item": "bare", "alias": "A1", "reason": "x"}).status_code == 404
        assert client.get(urls[0]).status_code == 404
    client.logout()
    assert client.get(urls[0]).status_code == 302
    assert KnownItem.objects.filter(retired_at=None).count() == 2
    assert not Membership.objects.filter(qualified_at__isnull=False).exists()


def test_the_page_takes_a_fixed_number_of_queries(
    client: Client, study: Study, django_assert_max_num_queries
) -> None:
    members = [make_member(study, name) for name in ("Alice", "Bob")]
    for member in members:
        attend(member, "clear", REFUSED)
    with django_assert_max_num_queries(14):
        client.get(page_of(study))


# The command


def test_the_command_imports_a_file_and_says_what_it_did(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = make_study()
    path = tmp_path / "known.yaml"
    path.write_text(KNOWN, "utf-8")
    call_command("import_known", study.slug, str(path), "--json")
    assert '"training_new": 1, "attention_new": 1, "unchanged": 0' in capsys.readouterr().out
    call_command("import_known", study.slug, str(path))
    assert "Nothing changed" in capsys.readouterr().out
    path.write_text(KNOWN.replace("No.", "Never."), "utf-8")
    with pytest.raises(CommandError, match="“bare” with other content"):
        call_command("import_known", study.slug, str(path))
