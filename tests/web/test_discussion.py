"""An annotator's side of a discussion: found on the study's page, read and answered on the item's."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from ihlannotate.models.assignment import Sheet
from ihlannotate.models.item import Response
from ihlannotate.models.study import Study
from ihlannotate.pipeline.discussing import write_note
from ihlannotate.pipeline.lifecycle import close_study
from tests.factory import make_known, make_member, make_user, sheet_at
from tests.web.adjudicators import answer_first, codes, divided_study
from tests.web.coordinators import sign_in, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    return divided_study()


@pytest.fixture
def discussed(study: Study) -> Response:
    dana = make_member(study, "Dana")
    answer_first(study)
    response = study.responses.get(code=codes(study)[0])
    write_note(author=dana, response=response, text="What made you <b>say</b> so?")
    return response


@pytest.fixture
def alice(client: Client, study: Study) -> Client:
    return sign_in(client, make_user("Alice"))


def sheet_of_alice(response: Response) -> Sheet:
    return Sheet.objects.get(annotator__user__name="Alice", response=response)


def at(study: Study, sheet: Sheet, name: str = "item") -> str:
    return reverse(f"annotate:{name}", args=[study.code, sheet.code])


def test_the_studys_page_leads_to_the_question_and_the_item_shows_it(
    alice: Client, study: Study, discussed: Response
) -> None:
    url = at(study, sheet_of_alice(discussed))
    home = alice.get(reverse("annotate:study", args=[study.code]))
    assert "A question about an item you rated" in text_of(home)
    assert f'href="{url}"' in home.content.decode()
    page = alice.get(url)
    assert "Adjudicator · " in text_of(page)
    assert "What made you &lt;b&gt;say&lt;/b&gt; so?" in page.content.decode()
    assert "your rating of it stands as it is" in text_of(page)
    assert 'class="submit"' not in page.content.decode()


def test_without_a_question_nothing_is_said_of_one(alice: Client, study: Study) -> None:
    assert "A question about" not in text_of(alice.get(reverse("annotate:study", args=[study.code])))


def test_an_answer_is_kept_and_shown_as_ones_own(alice: Client, study: Study, discussed: Response) -> None:
    sheet = sheet_of_alice(discussed)
    page = alice.post(at(study, sheet, "note"), {"note": "It says no."}, follow=True)
    assert page.redirect_chain[-1][0] == at(study, sheet)
    assert "Your answer is kept." in text_of(page)
    assert "You · " in text_of(page)
    assert "✓ answered" in text_of(alice.get(reverse("annotate:study", args=[study.code])))


def test_an_empty_answer_and_one_to_no_question_are_refused(
    alice: Client, study: Study, discussed: Response
) -> None:
    empty = alice.post(at(study, sheet_of_alice(discussed), "note"), {"note": " "}, follow=True)
    assert "The note is empty." in text_of(empty)
    calm = study.responses.exclude(pk=discussed.pk).get()
    refused = alice.post(at(study, sheet_of_alice(calm), "note"), {"note": "I wonder."}, follow=True)
    assert "You can’t write a note on this item." in text_of(refused)
    assert "I wonder.</textarea>" in refused.content.decode()
    assert study.notes.count() == 1


def test_a_change_sent_from_an_old_page_is_refused_with_the_reason(
    alice: Client, study: Study, discussed: Response
) -> None:
    form = {"c-refusal": "not_refused", "reason": "Read again.", "submission": str(uuid.uuid4())}
    page = alice.post(at(study, sheet_of_alice(discussed)), form)
    assert page.status_code == 409
    assert "An adjudicator has asked about this item" in text_of(page)


def test_others_sheets_and_known_items_have_no_discussion(
    alice: Client, study: Study, discussed: Response
) -> None:
    bobs = Sheet.objects.get(annotator__user__name="Bob", response=discussed)
    known = sheet_at(study.memberships.get(user__name="Alice"), make_known(study))
    for sheet in (bobs, known):
        assert alice.post(at(study, sheet, "note"), {"note": "I wonder."}).status_code == 404
    assert alice.get(at(study, sheet_of_alice(discussed), "note")).status_code == 405


def test_an_answer_that_is_sent_after_the_session_has_ended_is_held(
    study: Study, discussed: Response
) -> None:
    sent = Client().post(at(study, sheet_of_alice(discussed), "note"), {"note": "It says no, and means it."})
    assert sent.status_code == 401
    assert "It says no, and means it." in sent.content.decode()


def test_a_closed_study_still_takes_answers(alice: Client, study: Study, discussed: Response) -> None:
    close_study(study, actor=None)
    sheet = sheet_of_alice(discussed)
    assert "Your answer" in text_of(alice.get(at(study, sheet)))
    alice.post(at(study, sheet, "note"), {"note": "It says no."})
    assert study.notes.count() == 2
