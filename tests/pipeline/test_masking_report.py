"""The coordinator's report of what is masked: every hit, in context, counted, in flat memory."""

import tracemalloc

import pytest

from ihlannotate.models.item import Prompt, Response
from ihlannotate.models.study import Study
from ihlannotate.pipeline.masking import hits
from ihlannotate.pipeline.masking.report import HITS_A_PAGE, MOST_PHRASES
from tests.factory import make_item, make_run, make_study, sha256

pytestmark = pytest.mark.django_db


def study_saying(*texts: str, words: str = "ChatGPT\nChat GPT\nAnthropic\nNever Said") -> Study:
    study = make_study(masked_words=words)
    for number, text in enumerate(texts):
        make_item(study, prompt=f"Request {number}.", response=text)
    return study


def counts(lines: object) -> list[tuple[str, int, int]]:
    return [(one.word, one.hits, one.responses) for one in lines]  # type: ignore[attr-defined]


def test_listed_words_are_counted_by_hit_and_by_response() -> None:
    found = hits(study_saying("ChatGPT, ChatGPT and **Chat** GPT.", "As ChatGPT I can't.", "No."))
    assert counts(found.by_word) == [("ChatGPT", 4, 2)]
    assert (found.responses, found.with_hits, found.matching) == (3, 2, 4)


def test_words_that_mask_nothing_are_named() -> None:
    assert hits(study_saying("ChatGPT.")).never == ("Anthropic", "Never Said")


def test_what_no_listed_word_covers_is_reported_by_its_form() -> None:
    found = hits(
        study_saying(
            "I was made by Borealis Labs.", "I was made by Borealis Labs.", "Je suis Zéphyr, une IA."
        )
    )
    assert counts(found.by_form) == [("Borealis Labs", 2, 2), ("Zéphyr", 1, 1)]
    assert {one.word for one in found.hits} == {""}


def test_a_listed_word_within_a_form_counts_as_the_word() -> None:
    found = hits(study_saying("I'm an AI made by Anthropic."))
    assert counts(found.by_word) == [("Anthropic", 1, 1)]
    assert found.by_form == ()


def test_a_hit_stands_in_its_context_under_the_opaque_code() -> None:
    study = study_saying("x" * 100 + "\n\nSaid ChatGPT\nof itself " + "y" * 100)
    (hit,) = hits(study).hits
    assert hit.response == Response.objects.get().code
    assert hit.before == "…" + "x" * 73 + " Said "
    assert hit.hidden == "ChatGPT"
    assert hit.after == " of itself " + "y" * 69 + "…"


def test_nothing_in_the_report_says_which_run_a_response_came_from() -> None:
    study = make_study(masked_words="ChatGPT")
    run = make_run(study, model="Aster-1", condition="safety")
    make_item(study, response="I am ChatGPT.", run=run, external_id="ext-7")
    report = repr(hits(study))
    for secret in ("Aster", "safety", "ext-7", run.code):
        assert secret not in report


def test_hits_come_in_pages_and_can_be_of_one_word() -> None:
    study = study_saying("ChatGPT " * (HITS_A_PAGE + 3) + "Anthropic")
    assert [len(hits(study, page=page).hits) for page in (1, 2, 3)] == [HITS_A_PAGE, 4, 0]
    only = hits(study, only="Anthropic")
    assert (only.matching, [one.word for one in only.hits]) == (1, ["Anthropic"])
    assert only.by_word == hits(study).by_word


def test_hits_are_in_the_order_of_random_codes_not_of_the_import() -> None:
    found = hits(study_saying(*["ChatGPT."] * 9)).hits
    assert [one.response for one in found] == sorted(one.response for one in found)


def test_the_text_is_left_as_it_is() -> None:
    study = study_saying("**Chat**GPT")
    hits(study)
    assert Response.objects.get().text == "**Chat**GPT"


def _with_many(count: int) -> Study:
    study = make_study(slug=f"s{count}", masked_words="ChatGPT")
    text = "As ChatGPT, made by its makers, I can't help with that request. " * 6
    prompt = Prompt.objects.create(study=study, text="Request.", text_sha256=sha256("Request."))
    Response.objects.bulk_create(
        Response(
            study=study, prompt=prompt, text=f"{text} I was made by Maker{n}.", text_sha256=sha256(f"{n}")
        )
        for n in range(count)
    )
    return study


def test_memory_stays_flat_in_the_number_of_responses_and_phrases() -> None:
    peaks = []
    for study in (_with_many(600), _with_many(2400)):
        tracemalloc.start()
        found = hits(study)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert len(found.by_form) == MOST_PHRASES
        assert found.other_hits == found.responses - MOST_PHRASES
    assert peaks[1] < 1.5 * peaks[0]
