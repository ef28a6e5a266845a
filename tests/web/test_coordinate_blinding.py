"""The coordinator's pages on blinding: masking with its word list, every hit, and whether blinding held."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from ihlannotate.models.event import Event
from ihlannotate.models.item import Response
from ihlannotate.models.study import Study
from ihlannotate.pipeline.guessing import blinding_report
from ihlannotate.pipeline.lifecycle import close_study, open_study, unblind_study
from ihlannotate.pipeline.masking.report import HITS_A_PAGE
from ihlannotate.pipeline.releasing import release_gold
from ihlannotate.stats.blinding import blinding
from ihlannotate.web.coordinate.guesses import blinding_reading
from tests.factory import make_item, make_study
from tests.pipeline.test_guessing import MODELS, again, guess_all, opened, rater
from tests.web.coordinators import as_carol, counted_queries, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    cache.clear()


@pytest.fixture
def study() -> Study:
    study = make_study(masked_words="ChatGPT\nNever Said")
    make_item(study, prompt="One.", response="As **Chat**GPT I can't. <b>ChatGPT</b> never does.")
    make_item(study, prompt="Two.", response="I was made by Borealis Labs.")
    return study


def at(name: str, study: Study) -> str:
    return reverse(f"coordinate:{name}", args=[study.slug])


def test_the_page_counts_what_each_word_hides(client: Client, study: Study) -> None:
    said = text_of(as_carol(client, study).get(at("masking", study)))
    assert "In 2 of 2 responses something is hidden" in said
    assert "ChatGPT 2 1" in said
    assert "1 word occurs nowhere Never Said" in said
    assert "Borealis Labs 1 1" in said


def test_the_list_is_edited_there_on_the_record(client: Client, study: Study) -> None:
    as_carol(client, study)
    response = client.post(at("masking", study), {"words": "ChatGPT\r\nBorealis\r\nCinder"}, follow=True)
    assert "2 words added. 1 word removed." in text_of(response)
    assert Study.objects.get().masked_words == "ChatGPT\nBorealis\nCinder"
    event = Event.objects.get(verb="settings.changed")
    assert event.data == {"masked_words": {"added": ["Borealis", "Cinder"], "removed": ["Never Said"]}}
    assert "+Borealis, +Cinder, −Never Said" in text_of(client.get(at("log", study)))


def test_what_was_found_by_its_form_is_added_with_one_button(client: Client, study: Study) -> None:
    as_carol(client, study)
    response = client.post(at("masking", study), {"add": "Borealis Labs"}, follow=True)
    assert Study.objects.get().masked_words == "ChatGPT\nNever Said\nBorealis Labs"
    assert "Nothing is found by its form alone." in text_of(response)


def test_a_list_that_is_too_long_is_refused_and_still_there_to_mend(client: Client, study: Study) -> None:
    as_carol(client, study)
    response = client.post(at("masking", study), {"words": "kept words\n" + "x" * 300})
    assert response.status_code == 422
    assert "kept words" in text_of(response)
    assert Study.objects.get().masked_words == "ChatGPT\nNever Said"


def test_after_closing_the_list_stands(client: Client, study: Study) -> None:
    open_study(study, actor=None)
    close_study(study, actor=None)
    as_carol(client, study)
    page = client.get(at("masking", study))
    assert b"<textarea" not in page.content
    assert "ChatGPT Never Said" in text_of(page)
    assert client.post(at("masking", study), {"words": "Cinder"}).status_code == 422
    assert Study.objects.get().masked_words == "ChatGPT\nNever Said"


def test_every_hit_stands_in_its_context_and_is_text(client: Client, study: Study) -> None:
    page = as_carol(client, study).get(at("masking_hits", study))
    content = page.content.decode()
    assert "As <mark>**Chat**GPT</mark> I can" in content
    assert "&lt;b&gt;<mark>ChatGPT</mark>&lt;/b&gt;" in content
    assert "<mark>Borealis Labs</mark>" in content
    assert Response.objects.first().code in content
    assert "3 passages are hidden" in text_of(page)


def test_hits_can_be_those_of_one_word(client: Client, study: Study) -> None:
    said = text_of(as_carol(client, study).get(at("masking_hits", study), {"word": "Borealis Labs"}))
    assert "1 passage is hidden" in said
    assert "never does" not in said


def test_hits_come_page_by_page(client: Client) -> None:
    study = make_study(masked_words="ChatGPT")
    make_item(study, response="ChatGPT. " * (HITS_A_PAGE + 1))
    as_carol(client, study)
    pages = [client.get(at("masking_hits", study), {"page": page}).content for page in ("1", "2", "9", "x")]
    assert [page.count(b"<mark>") for page in pages] == [HITS_A_PAGE, 1, 1, HITS_A_PAGE]
    assert b'rel="next"' in pages[0]


def test_a_report_is_made_once_until_words_or_responses_change(client: Client, study: Study) -> None:
    as_carol(client, study)
    client.get(at("masking", study))
    with counted_queries() as queries:
        client.get(at("masking", study))
    assert not any('"ihlannotate_response"."text"' in one["sql"] for one in queries.captured_queries)
    make_item(study, prompt="Three.", response="ChatGPT!")
    assert "ChatGPT 3 2" in text_of(client.get(at("masking", study)))


def guessed(*, right: bool = True, items: int = 12) -> Study:
    study = opened(items=items, guess_items=items)
    alice = rater(study, count=items)
    close_study(study, actor=None)
    guess_all(again(alice), right=right)
    return Study.objects.get()


def test_before_closing_nobody_was_asked(client: Client) -> None:
    study = opened()
    assert "Annotators are asked once the study is closed" in text_of(
        as_carol(client, study).get(at("guesses", study))
    )


def test_the_report_says_in_words_and_figures_whether_blinding_held(client: Client) -> None:
    study = guessed()
    said = text_of(as_carol(client, study).get(at("guesses", study)))
    assert "Blinding did not hold" in said
    assert "12 of 12 guesses that name a model are right (100.0%). By chance 33.3% would be" in said
    assert "Named the right model 100.0% [75.8, 100.0] n=12" in said
    assert "p<0.001" in said
    assert "A1 12 12 0 100.0% [75.8, 100.0] n=12 did not hold" in said


def test_no_model_is_named_before_unblinding_and_the_confusion_is_shown_after_it(client: Client) -> None:
    study = guessed(right=False)
    as_carol(client, study)
    page = client.get(at("guesses", study)).content.decode()
    assert not any(model in page for model in MODELS)
    release_gold(study, actor=None)
    unblind_study(study, reason="To publish.", actor=None)
    said = text_of(client.get(at("guesses", study)))
    assert "Written by Aster-1 Borealis-2 zephyr Can’t tell Aster-1 0 4 0 0" in said


def test_words_follow_the_outcome() -> None:
    report = blinding_report(make_study())
    assert "Nobody has named a model yet" in blinding_reading(report).text
    names = ["a", "b", "c", "d"] * 10
    for guesses, words in (
        (names, "did not hold"),
        (names[1:] + names[:1], "Blinding held"),
        (["a", *[""] * 39], "Too few guesses to say whether blinding held: 1 name a model, 30 are needed"),
    ):
        figures = blinding(names, guesses, models=4)
        changed = type(report)(models=4, asked=40, figures=figures, guessers=(), confusion=None)
        assert words in blinding_reading(changed).text


@pytest.mark.parametrize("name", ["masking", "masking_hits", "guesses", "settings"])
def test_only_coordinators_reach_the_pages(client: Client, study: Study, name: str) -> None:
    assert client.get(at(name, study)).status_code == 302
    client.force_login(rater(opened(slug="other"), count=1).user)
    assert client.get(at(name, study)).status_code == 404
