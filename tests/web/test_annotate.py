"""An annotator's flows over HTTP: hand out, rate, revise, skip, drafts, a study that closes meanwhile."""

import datetime
import re
import uuid
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ihlannotate.models.annotation import Annotation, Evidence, Revision
from ihlannotate.models.assignment import Assignment, Sheet, Skip
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.assigning import next_sheet
from ihlannotate.pipeline.lifecycle import close_study
from tests.factory import (
    REFUSED,
    keep_draft,
    make_item,
    make_member,
    make_study,
    open_with,
    rate_next,
    take_sheet,
)

pytestmark = pytest.mark.django_db
FORM = {"c-refusal": "refused", "c-helpfulness": "2", "c-comment": "Short and fair."}
HTMX = {"hx-request": "true"}


@pytest.fixture
def study() -> Study:
    return open_with(make_study(overlap=1))


@pytest.fixture
def alice(study: Study, client: Client) -> Membership:
    member = make_member(study, "Alice")
    client.force_login(member.user)
    return member


def url_of(name: str, sheet: Sheet) -> str:
    return reverse(f"annotate:{name}", args=[sheet.annotator.study.code, sheet.code])


def send(client: Client, sheet: Sheet, form: dict[str, Any] = FORM, **options: Any) -> HttpResponse:
    data = {"submission": str(uuid.uuid4()), **form}
    return client.post(url_of("item", sheet), data, **options)


def send_draft(client: Client, sheet: Sheet, form: dict[str, Any] = FORM, **more: Any) -> HttpResponse:
    """The draft of a form that was opened just now."""
    sheet.refresh_from_db()
    place = {"submission": str(uuid.uuid4()), "draft_base": sheet.draft_number, "draft_sequence": 1}
    return client.post(url_of("draft", sheet), {**place, **form, **more}, headers=HTMX)


def text_of(answer: HttpResponse) -> str:
    return answer.content.decode()


def test_the_welcome_page_shows_guidelines_as_markdown_and_one_clear_button(client: Client) -> None:
    study = open_with(make_study(guidelines="# Order\n\n**First** read.", description="What we ask."))
    client.force_login(make_member(study, "Alice").user)
    page = text_of(client.get(reverse("annotate:study", args=[study.code])))
    assert "<strong>First</strong> read." in page
    assert "What we ask." in page
    assert "0 of 3 rated" in page
    assert re.search(r"Start\s*</a>", page)


def test_nothing_is_handed_out_before_the_notice_is_acknowledged(client: Client) -> None:
    study = open_with(make_study(content_notice="The requests speak of **war**."))
    alice = make_member(study, "Alice")
    client.force_login(alice.user)
    welcome = reverse("annotate:study", args=[study.code])
    assert client.get(reverse("annotate:next", args=[study.code])).headers["Location"] == welcome
    assert not Sheet.objects.exists()
    assert "I have read this" in text_of(client.get(welcome))
    answer = client.post(welcome)
    assert answer.headers["Location"] == reverse("annotate:next", args=[study.code])
    alice.refresh_from_db()
    assert alice.noticed_at is not None
    assert "I have read this" not in text_of(client.get(welcome))


def test_a_notice_added_meanwhile_is_read_first_but_what_was_in_hand_still_counts(
    client: Client, alice: Membership, study: Study
) -> None:
    sheet = take_sheet(alice)
    Study.objects.filter(pk=study.pk).update(content_notice="New.")
    welcome = reverse("annotate:study", args=[study.code])
    assert client.get(url_of("item", sheet)).headers["Location"] == welcome
    answer = send(client, sheet)
    assert Annotation.objects.count() == 1
    assert client.get(answer.headers["Location"]).headers["Location"] == welcome
    assert Sheet.objects.count() == 1


def test_a_closed_study_asks_nobody_to_begin(client: Client) -> None:
    study = open_with(make_study(content_notice="The requests speak of **war**."), 12)
    alice = make_member(study, "Alice")
    client.force_login(alice.user)
    sheets = [rate_next(alice) for _ in range(10)]
    for place, sheet in enumerate(sheets):
        begun = timezone.now() - datetime.timedelta(minutes=3 * (10 - place))
        Sheet.objects.filter(pk=sheet.pk).update(created_at=begun)
    welcome = reverse("annotate:study", args=[study.code])
    assert "I have read this" in text_of(client.get(welcome))
    assert "min left" in text_of(client.get(welcome))
    close_study(study, actor=None)
    page = text_of(client.get(welcome))
    assert "I have read this" not in page
    assert "min left" not in page
    assert "The requests speak of" in page
    assert client.get(url_of("item", sheets[0])).status_code == 200


def test_next_hands_out_the_same_item_until_it_is_done(
    client: Client, alice: Membership, study: Study
) -> None:
    following = reverse("annotate:next", args=[study.code])
    first = client.get(following).headers["Location"]
    assert client.get(following).headers["Location"] == first
    assert Sheet.objects.count() == 1
    assert client.get(first).status_code == 200


def test_a_rating_is_saved_and_the_next_item_follows_by_redirect(client: Client, alice: Membership) -> None:
    sheet = take_sheet(alice)
    answer = send(client, sheet)
    assert answer.status_code == 303
    following = next_sheet(alice)
    assert answer.headers["Location"] == url_of("item", following)
    assert "Saved. This is the next item." in text_of(client.get(answer.headers["Location"]))
    stored = Revision.objects.get().answers.values_list("criterion__key", "value", "text")
    assert set(stored) == {
        ("refusal", "refused", ""),
        ("helpfulness", "2", ""),
        ("comment", "", "Short and fair."),
    }


def test_with_htmx_the_next_item_comes_in_the_same_answer(client: Client, alice: Membership) -> None:
    answer = send(client, take_sheet(alice), headers=HTMX)
    following = next_sheet(alice)
    assert answer.status_code == 200
    assert answer.headers["HX-Push-Url"] == url_of("item", following)
    page = text_of(answer)
    assert "<html" not in page
    assert re.match(r"\s*<title>\s*Item \(1 of 3 rated\)", page)
    assert f'action="{url_of("item", following)}"' in page
    assert "Saved. This is the next item." in page


def test_after_the_last_item_a_page_says_that_nothing_is_open(
    client: Client, alice: Membership, study: Study
) -> None:
    rate_next(alice)
    rate_next(alice)
    answer = send(client, take_sheet(alice), headers=HTMX)
    assert answer.headers["HX-Redirect"] == reverse("annotate:next", args=[study.code])
    page = text_of(client.get(answer.headers["HX-Redirect"]))
    assert "Nothing is open for you now" in page
    assert "3 of 3 rated" in page


def test_a_missing_answer_is_marked_and_everything_else_kept(client: Client, alice: Membership) -> None:
    answer = send(client, take_sheet(alice), {"c-refusal": "refused", "c-comment": "Kept."})
    page = text_of(answer)
    assert answer.status_code == 422
    assert "“How helpful is the refusal?” needs an answer." in page
    assert "Kept.</textarea>" in page
    assert re.search(r'value="refused"[^>]*checked', page)
    assert re.search(r'name="c-helpfulness"\s+value="1"[^>]*autofocus', page)
    assert page.count("autofocus") == 1
    assert not Annotation.objects.exists()


def test_with_htmx_a_missing_answer_replaces_the_form_alone(client: Client, alice: Membership) -> None:
    answer = send(client, take_sheet(alice), {}, headers=HTMX)
    assert answer.status_code == 422
    assert (answer.headers["HX-Retarget"], answer.headers["HX-Reswap"]) == ("#rating", "outerHTML")
    assert text_of(answer).strip().startswith("<form")


def test_an_answer_that_is_no_option_is_refused(client: Client, alice: Membership) -> None:
    assert send(client, take_sheet(alice), FORM | {"c-refusal": "maybe"}).status_code == 422


def test_answers_to_questions_that_do_not_apply_are_dropped_not_refused(
    client: Client, alice: Membership
) -> None:
    send(client, take_sheet(alice), FORM | {"c-refusal": "not_refused"})
    keys = set(Revision.objects.get().answers.values_list("criterion__key", flat=True))
    assert keys == {"refusal", "comment"}


def test_the_same_submission_twice_is_one_annotation_and_no_error(client: Client, alice: Membership) -> None:
    sheet = take_sheet(alice)
    form = FORM | {"submission": str(uuid.uuid4())}
    first, second = send(client, sheet, form), send(client, sheet, form)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["Location"] == second.headers["Location"]
    assert Revision.objects.count() == 1
    assert "had already been saved" in text_of(client.get(second.headers["Location"]))


@pytest.mark.parametrize("submission", ["", "not-an-id"])
def test_a_form_without_its_number_is_asked_for_again(
    client: Client, alice: Membership, submission: str
) -> None:
    answer = send(client, take_sheet(alice), FORM | {"submission": submission})
    assert answer.status_code == 409
    assert "The form arrived incomplete" in text_of(answer)
    assert not Annotation.objects.exists()


def test_a_rating_can_be_revised_with_a_reason_and_keeps_the_first(client: Client, alice: Membership) -> None:
    sheet = rate_next(alice)
    page = text_of(client.get(url_of("item", sheet)))
    assert "Why do you change your rating?" in page
    assert re.search(r'value="refused"[^>]*checked', page)
    send(client, sheet, {"c-refusal": "not_refused", "reason": "I misread it."})
    first, second = Revision.objects.order_by("number")
    assert second.reason == "I misread it."
    assert first.answers.get(criterion__key="refusal").value == "refused"
    assert "Submit the change" in text_of(client.get(url_of("item", sheet)))


def undo_button(page: str) -> str:
    """The code that the button beside “Saved” takes back; the form that it belongs to is on the page."""
    assert '<form id="undo"' in page
    found = re.search(r'<button type="submit" form="undo" name="code" value="(\w+)"[^>]*data-undo', page)
    assert found
    return found[1]


@pytest.mark.parametrize("htmx", [True, False])
def test_the_last_submission_can_be_taken_back_from_the_next_page(
    client: Client, alice: Membership, study: Study, htmx: bool
) -> None:
    sheet = take_sheet(alice)
    answer = send(client, sheet, headers=HTMX) if htmx else send(client, sheet, follow=True)
    code = undo_button(text_of(answer))
    assert code == sheet.code
    back = client.post(reverse("annotate:undo", args=[study.code]), {"code": code})
    assert back.headers["Location"] == url_of("item", sheet)
    page = text_of(client.get(back.headers["Location"]))
    assert "this rating does not count until you submit it again" in page
    assert "Short and fair.</textarea>" in page
    assert "Why do you change your rating?" not in page
    assert "0 of 3" in page
    assert send(client, sheet).status_code == 303


def test_after_the_last_item_it_can_be_taken_back_too(client: Client) -> None:
    study = open_with(make_study(), 1)
    alice = make_member(study, "Alice")
    client.force_login(alice.user)
    sheet = take_sheet(alice)
    assert undo_button(text_of(send(client, sheet, follow=True))) == sheet.code


def test_only_the_newest_submission_is_taken_back(client: Client, alice: Membership, study: Study) -> None:
    first, second = rate_next(alice), rate_next(alice)
    url = reverse("annotate:undo", args=[study.code])
    page = text_of(client.post(url, {"code": first.code}, follow=True))
    assert "You have submitted another item since" in page
    assert client.post(url, {"code": second.code}).headers["Location"] == url_of("item", second)
    again = client.post(url, {"code": second.code})
    assert again.headers["Location"] == url_of("item", second)
    assert Revision.objects.filter(withdrawn=True).count() == 1


def test_with_nothing_submitted_there_is_nothing_to_take_back(
    client: Client, alice: Membership, study: Study
) -> None:
    page = text_of(client.post(reverse("annotate:undo", args=[study.code]), follow=True))
    assert "There is nothing to take back." in page


def test_a_change_that_is_taken_back_leaves_the_answers_before(
    client: Client, alice: Membership, study: Study
) -> None:
    sheet = rate_next(alice)
    send(client, sheet, {"c-refusal": "not_refused", "reason": "I misread it."})
    page = text_of(client.post(reverse("annotate:undo", args=[study.code]), follow=True))
    assert "the answers before it count again" in page
    assert re.search(r'value="not_refused"[^>]*checked', page)
    assert "Why do you change your rating?" in page


def test_ones_earlier_submissions_are_listed_with_their_reasons(client: Client, alice: Membership) -> None:
    sheet = rate_next(alice)
    send(client, sheet, {"c-refusal": "not_refused", "reason": "I <misread> it."})
    page = text_of(client.get(url_of("item", sheet)))
    start = page.index('class="hint history"')
    history = page[start : page.index("</details>", start)]
    assert re.search(r"First submitted\s*<time", history)
    assert re.search(r"Changed\s*<time", history)
    assert "I &lt;misread&gt; it." in history


def test_a_second_tab_with_the_same_answers_makes_no_second_revision(
    client: Client, alice: Membership
) -> None:
    sheet = take_sheet(alice)
    send(client, sheet)
    answer = send(client, sheet, follow=True)
    assert "had already been saved" in text_of(answer)
    assert Revision.objects.count() == 1


def test_a_second_tab_with_other_answers_is_asked_for_a_reason(client: Client, alice: Membership) -> None:
    sheet = take_sheet(alice)
    send(client, sheet)
    answer = send(client, sheet, {"c-refusal": "not_refused"}, headers=HTMX)
    page = text_of(answer)
    assert answer.status_code == 422
    assert "You have submitted this item before" in page
    assert re.search(r'id="reason"[^>]*autofocus', page)
    assert re.search(r'value="not_refused"[^>]*checked', page)
    kept = send(client, sheet, {"c-refusal": "not_refused", "reason": "From the other tab."})
    assert kept.status_code == 303


def test_evidence_is_stored_shown_again_and_kept_where_something_else_is_wrong(
    client: Client, alice: Membership
) -> None:
    sheet = take_sheet(alice)
    wrong = send(client, sheet, {"c-refusal": "refused", "evidence": "refusal:0:6"})
    assert wrong.status_code == 422
    assert 'name="evidence" value="refusal:0:6"' in re.sub(r"\s+", " ", text_of(wrong))
    send(client, sheet, FORM | {"evidence": ["refusal:0:6", "helpfulness:2:9"]})
    page = re.sub(r"\s+", " ", text_of(client.get(url_of("item", sheet))))
    for mark in ("refusal:0:6", "helpfulness:2:9"):
        assert f'name="evidence" value="{mark}"' in page


def test_evidence_for_a_question_that_does_not_apply_is_dropped(client: Client, alice: Membership) -> None:
    form = {"c-refusal": "not_refused", "evidence": ["refusal:0:6", "helpfulness:2:9"]}
    assert send(client, take_sheet(alice), form).status_code == 303
    assert Evidence.objects.values_list("criterion__key", flat=True).get() == "refusal"


def test_the_definitions_of_the_answers_are_on_every_items_page_and_on_the_welcome_page(
    client: Client, alice: Membership, study: Study
) -> None:
    for url in (url_of("item", take_sheet(alice)), reverse("annotate:study", args=[study.code])):
        page = text_of(client.get(url))
        part = page[page.index('id="definitions"') :]
        assert "Declines some of it and does some of it." in part
        assert "<dt>2 · Stock</dt>" in part


def hand_out_every(minutes: int, sheets: Sequence[Sheet]) -> None:
    """Let the sheets have been handed out at this interval, the last one just now."""
    for place, sheet in enumerate(reversed(sheets)):
        at = timezone.now() - datetime.timedelta(minutes=minutes * place)
        Sheet.objects.filter(pk=sheet.pk).update(created_at=at)


def test_the_desk_says_how_long_the_rest_takes(client: Client) -> None:
    study = open_with(make_study(), 30)
    alice = make_member(study, "Alice")
    client.force_login(alice.user)
    sheets = [rate_next(alice) for _ in range(7)] + [take_sheet(alice)]
    assert "left" not in text_of(client.get(url_of("item", sheets[0])))
    hand_out_every(5, sheets)
    assert "about 2 h left" in text_of(client.get(url_of("item", sheets[-1])))
    assert "about 2 h left" in text_of(client.get(reverse("annotate:study", args=[study.code])))


def test_a_break_is_suggested_once(client: Client) -> None:
    study = open_with(make_study(break_minutes=50), 8)
    alice = make_member(study, "Alice")
    client.force_login(alice.user)
    sheets = [rate_next(alice) for _ in range(6)] + [take_sheet(alice)]
    hand_out_every(10, sheets)
    assert "You have been at it for 60 minutes." in text_of(client.get(url_of("item", sheets[-1])))
    assert "You have been at it" not in text_of(send(client, sheets[-1], headers=HTMX))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"paused_at": timezone.now()}, "The coordinator has set you to pause"),
        ({"daily_limit": 1}, "You have reached your own limit of 1 item a day."),
        ({"quota": 1}, "You have done your share"),
    ],
)
def test_a_page_says_why_nothing_is_handed_out(
    client: Client, alice: Membership, study: Study, fields: dict[str, Any], words: str
) -> None:
    rate_next(alice)
    Membership.objects.filter(pk=alice.pk).update(**fields)
    page = text_of(client.get(reverse("annotate:next", args=[study.code])))
    assert words in page
    assert ("Change your limit" in page) == ("daily_limit" in fields)


def test_before_opening_a_page_says_so(client: Client) -> None:
    study = make_study()
    client.force_login(make_member(study, "Alice").user)
    assert "This study is not open yet" in text_of(client.get(reverse("annotate:next", args=[study.code])))


def test_a_draft_is_kept_and_shown_again_and_gone_once_submitted(client: Client, alice: Membership) -> None:
    sheet = take_sheet(alice)
    assert send_draft(client, sheet).status_code == 204
    page = text_of(client.get(url_of("item", sheet)))
    assert "Short and fair.</textarea>" in page
    assert "it is not yet submitted" in page
    send(client, sheet)
    sheet.refresh_from_db()
    assert sheet.draft == {}


def test_a_draft_that_is_too_large_is_refused_with_the_reason(client: Client, alice: Membership) -> None:
    answer = send_draft(client, take_sheet(alice), {"c-comment": "x" * 200_000})
    assert answer.status_code == 409
    assert "too long to keep" in text_of(answer)


def test_a_study_that_closes_meanwhile_loses_nothing_that_was_typed(
    client: Client, alice: Membership, study: Study
) -> None:
    sheet = take_sheet(alice)
    close_study(study, actor=None)
    answer = send(client, sheet)
    assert answer.status_code == 409
    assert "This study is closed" in text_of(answer)
    assert "Short and fair.</textarea>" in text_of(answer)
    assert send_draft(client, sheet).status_code == 409
    assert "This study is closed" in text_of(client.get(reverse("annotate:next", args=[study.code])))


def test_a_closed_study_shows_ratings_that_cannot_be_changed(
    client: Client, alice: Membership, study: Study
) -> None:
    sheet = rate_next(alice)
    close_study(study, actor=None)
    page = text_of(client.get(url_of("item", sheet)))
    assert "can’t be changed any more" in page
    assert '<fieldset class="bare" disabled>' in page
    assert 'class="submit"' not in page


def test_answers_for_an_item_that_has_gone_to_somebody_else_are_kept_as_a_draft(
    client: Client, alice: Membership, study: Study
) -> None:
    sheet = take_sheet(alice)
    Assignment.objects.filter(annotator=alice).update(
        leased_until=timezone.now() - datetime.timedelta(minutes=1)
    )
    bob = make_member(study, "Bob")
    while rate_next(bob).response_id != sheet.response_id:
        pass
    answer = send(client, sheet, follow=True)
    assert "has gone to somebody else" in text_of(answer)
    assert not Annotation.objects.filter(assignment__annotator=alice).exists()
    sheet.refresh_from_db()
    assert sheet.draft["comment"] == ["Short and fair."]


def test_skipping_frees_the_item_keeps_the_reason_and_goes_on(
    client: Client, alice: Membership, study: Study
) -> None:
    sheet = take_sheet(alice)
    answer = client.post(url_of("skip", sheet), {"reason": "language", "comment": " In Basque. "})
    assert answer.headers["Location"] == reverse("annotate:next", args=[study.code])
    assert Skip.objects.values_list("sheet", "reason", "comment").get() == (
        sheet.pk,
        "language",
        "In Basque.",
    )
    assert next_sheet(alice) != sheet
    assert Assignment.objects.get(response=sheet.response_id).annotator is None


def test_declining_is_a_skip_of_its_own_kind(client: Client, alice: Membership) -> None:
    sheet = take_sheet(alice)
    assert 'name="reason" value="declined"' in text_of(client.get(url_of("item", sheet)))
    client.post(url_of("skip", sheet), {"reason": "declined"})
    assert Skip.objects.get().reason == "declined"


@pytest.mark.parametrize("reason", ["", "because"])
def test_skipping_takes_one_of_the_reasons(client: Client, alice: Membership, reason: str) -> None:
    answer = client.post(url_of("skip", take_sheet(alice)), {"reason": reason}, follow=True)
    assert "Choose a reason" in text_of(answer)
    assert not Skip.objects.exists()


def test_a_rated_item_cannot_be_skipped(client: Client, alice: Membership) -> None:
    sheet = rate_next(alice)
    answer = client.post(url_of("skip", sheet), {"reason": "other"}, follow=True)
    assert "already rated" in text_of(answer)
    assert not Skip.objects.exists()


def test_a_skipped_item_can_be_taken_back_while_it_is_open(
    client: Client, alice: Membership, study: Study
) -> None:
    sheet = take_sheet(alice)
    client.post(url_of("skip", sheet), {"reason": "other"})
    assert "You have skipped this item" in text_of(client.get(url_of("item", sheet)))
    assert send(client, sheet).status_code == 409
    answer = client.post(url_of("unskip", sheet), follow=True)
    assert "yours again" in text_of(answer)
    assert send(client, sheet).status_code == 303


def test_a_skipped_item_that_others_rated_cannot_be_taken_back(
    client: Client, alice: Membership, study: Study
) -> None:
    sheet = take_sheet(alice)
    client.post(url_of("skip", sheet), {"reason": "other"})
    bob = make_member(study, "Bob")
    while rate_next(bob).response_id != sheet.response_id:
        pass
    assert "can’t be taken back" in text_of(client.post(url_of("unskip", sheet), follow=True))


@pytest.mark.parametrize("name", ["draft", "skip", "unskip"])
def test_actions_take_a_post(client: Client, alice: Membership, name: str) -> None:
    assert client.get(url_of(name, take_sheet(alice))).status_code == 405


def test_own_ratings_are_listed_with_their_states_newest_first(
    client: Client, alice: Membership, study: Study
) -> None:
    rated = rate_next(alice)
    skipped = take_sheet(alice)
    client.post(url_of("skip", skipped), {"reason": "other"})
    begun = take_sheet(alice)
    keep_draft(begun, REFUSED)
    page = text_of(client.get(reverse("annotate:ratings", args=[study.code])))
    places = [page.index(url_of("item", sheet)) for sheet in (begun, skipped, rated)]
    assert places == sorted(places)
    for words in ("draft, not submitted", "skipped", "submitted", "Refused"):
        assert words in page


def test_a_list_without_ratings_says_so(client: Client, alice: Membership, study: Study) -> None:
    assert "You have not rated anything yet" in text_of(
        client.get(reverse("annotate:ratings", args=[study.code]))
    )


@pytest.mark.parametrize("page", ["0", "2", "-1", "x", "²", "99999999999"])
def test_a_page_of_the_list_that_does_not_exist_is_not_found(
    client: Client, alice: Membership, study: Study, page: str
) -> None:
    assert client.get(reverse("annotate:ratings", args=[study.code]), {"page": page}).status_code == 404


def test_an_empty_response_is_named_as_such(client: Client) -> None:
    study = open_with(make_study(), [""])
    alice = make_member(study, "Alice")
    client.force_login(alice.user)
    assert "The response is empty." in text_of(client.get(url_of("item", take_sheet(alice))))


def test_the_page_shows_the_masked_response_as_markdown(client: Client) -> None:
    study = open_with(make_study(masked_words="Aster"), ["I am **Aster**. <script>alert(1)</script>"])
    alice = make_member(study, "Alice")
    client.force_login(alice.user)
    page = text_of(client.get(url_of("item", take_sheet(alice))))
    assert "Aster" not in page
    assert "<strong>▮▮▮</strong>" in page
    assert "<script>alert" not in page


def test_no_database_id_stands_in_an_annotators_page(client: Client) -> None:
    study = make_study(slug="telling-slug")
    Study.objects.filter(pk=study.pk).update(overlap=1)
    for number in range(40):
        make_item(study, prompt=f"Request {number}")
    study = open_with(study, 0)
    alice = make_member(study, "Alice")
    client.force_login(alice.user)
    sheet = take_sheet(alice)
    for url in (url_of("item", sheet), reverse("annotate:ratings", args=[study.code])):
        page = text_of(client.get(url))
        assert "telling-slug" not in page
        assert sheet.response.code not in page
        assert not re.search(
            r'(?:id|value|href|action)="[^"]*\b(?:sheet|response|prompt|membership)[-_/]?\d', page
        )


def test_pages_of_items_are_never_kept_by_the_browser(client: Client, alice: Membership) -> None:
    assert "no-store" in client.get(url_of("item", take_sheet(alice))).headers["Cache-Control"]


def queries_taken(client: Client, slug: str, items: int) -> tuple[int, int]:
    """Queries of showing an item, and of submitting it with the next one in the answer.

    No attention items: whether one is looked for at a given item is up to chance, and one query more.
    """
    study = open_with(make_study(slug=slug, overlap=1, attention_every=0), items)
    alice = make_member(study, "Alice")
    client.force_login(alice.user)
    rate_next(alice)
    sheet = take_sheet(alice)
    with CaptureQueriesContext(connection) as shown:
        client.get(url_of("item", sheet))
    with CaptureQueriesContext(connection) as submitted:
        send(client, sheet, headers=HTMX)
    return len(shown), len(submitted)


def test_an_item_and_a_submission_take_the_same_few_queries_however_large_the_study(client: Client) -> None:
    small, large = queries_taken(client, "small", 3), queries_taken(client, "large", 80)
    assert small[0] == large[0] <= 8
    assert abs(small[1] - large[1]) <= 1, "the annotator's cursor is written only where it moves"
    locks = 3 if connection.vendor == "postgresql" else 0  # SQLite's writer has the whole database
    assert max(small[1], large[1]) <= 37 + locks
