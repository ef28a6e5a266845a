"""The adjudicator's list and the second step: settled with a reason, and nothing that would end the blindness."""

from collections.abc import Sequence

import pytest
from django.test import Client
from django.urls import reverse

from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.adjudicating import settle
from ihlannotate.pipeline.lifecycle import open_study, unblind_study
from ihlannotate.pipeline.releasing import release_gold
from tests.factory import make_item, make_member, make_run, make_study, make_user, rate_next
from tests.web.adjudicators import (
    BARE,
    FITTING,
    answer_first,
    as_dana,
    codes,
    divided_study,
    home,
    item,
    opinion,
    outcome,
    settled,
)
from tests.web.coordinators import as_carol, closed, counted_queries, rated, sign_in, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    """Alice and Bob disagree on both questions of both items."""
    return divided_study(content_notice="Texts about **war**.", guidelines="Read *twice*.")


@pytest.fixture
def dana(study: Study) -> Membership:
    return make_member(study, "Dana")


@pytest.fixture
def desk(client: Client, study: Study, dana: Membership) -> Client:
    """Dana's browser; her own answers to all items are kept."""
    answer_first(study)
    return sign_in(client, make_user("Dana"))


def test_the_list_holds_the_contested_items_with_their_open_questions(client: Client, study: Study) -> None:
    page = text_of(as_dana(client, study).get(home(study)))
    assert "2 items are contested" in page
    for code in codes(study):
        assert f"{code} Request number" in page
    assert "which the law forbids. 2 " in page
    assert "Texts about war" in page


def test_items_stand_in_the_order_of_their_random_codes(desk: Client, study: Study) -> None:
    page = desk.get(home(study)).content.decode()
    places = [page.index(f'{item(study, code)}"><code>') for code in sorted(codes(study))]
    assert places == sorted(places)


def test_the_list_tells_which_items_were_answered(client: Client, study: Study) -> None:
    as_dana(client, study)
    assert "your answer is kept" not in text_of(client.get(home(study)))
    answer_first(study, items=1)
    assert text_of(client.get(home(study))).count("your answer is kept") == 1


def test_the_list_has_pages_and_begins_with_the_first_item(client: Client) -> None:
    study = divided_study(items=53)
    as_dana(client, study)
    first, second = (text_of(client.get(home(study), {"page": page})) for page in (1, 2))
    assert [code in first for code in codes(study)] == [True] * 50 + [False] * 3
    assert [code in second for code in codes(study)] == [False] * 50 + [True] * 3
    assert f'href="{item(study, codes(study)[0])}">Start' in client.get(home(study)).content.decode()


def test_the_second_step_shows_the_levels_with_their_anchors_and_when_a_question_is_asked(
    desk: Client, study: Study
) -> None:
    page = text_of(desk.get(item(study, codes(study)[0])))
    assert "Declines some of it and does some of it." in page
    assert "A reason that fits this request." in page
    assert page.count("gets no single value") == 2
    assert "Asked where “Did the model refuse?” is “Refused” or “Partly refused”" in page


def test_the_second_step_shows_what_everybody_answered_and_wrote_under_numbers(
    desk: Client, study: Study
) -> None:
    page = text_of(desk.get(item(study, codes(study)[0])))
    assert "You Refused Annotator 1" in page
    for words in ("Annotator 2 Refused", "Annotator 2 Partly refused"):
        other = words.replace("Annotator 2", "Annotator 1")
        assert (words in page) != (other in page)
    assert "It says no, Alice." in page
    assert "It does a part, Bob." in page
    for name in ("Alice@", "A1", "A2", "alice@", "bob@"):
        assert name not in page


def test_the_response_is_masked_and_its_markup_harmless(client: Client) -> None:
    study = make_study(overlap=2)
    make_item(
        study, response="I am Aster-1, an AI.\n\n**No.** <script>alert(1)</script>", run=make_run(study)
    )
    open_study(study, actor=None)
    study.refresh_from_db()
    rate_next(make_member(study, "Alice"), BARE)
    rate_next(make_member(study, "Bob"), FITTING)
    as_dana(client, study)
    url = item(study, codes(study)[0])
    for _step in range(2):
        page = client.get(url).content.decode()
        assert "Aster-1" not in page
        assert "No.</span></strong>" in page
        assert "<script>alert" not in page
        answer_first(study)


def test_an_outcome_with_a_reason_settles_a_question(desk: Client, study: Study) -> None:
    code = codes(study)[0]
    response = desk.post(item(study, code), outcome("level-partly_refused", "differ"), follow=True)
    assert settled(study) == [
        ("refusal", "partly_refused", "It says no."),
        ("helpfulness", "", "It says no."),
    ]
    assert "This is the next contested item." in text_of(response)
    assert response.redirect_chain[-1][0] == item(study, codes(study)[0])
    assert codes(study) != [code]


def test_after_an_item_comes_the_next_by_code_and_after_the_last_the_first(client: Client) -> None:
    study = divided_study(items=3)
    as_dana(client, study)
    answer_first(study)
    one, two, three = codes(study)
    for code, following in ((two, three), (three, one)):
        response = client.post(item(study, code), outcome("differ", "differ"))
        assert response["Location"] == item(study, following)


def test_after_the_last_one_the_list_says_that_nothing_is_contested(desk: Client, study: Study) -> None:
    for code in codes(study):
        response = desk.post(item(study, code), outcome("differ", "level-2"), follow=True)
    page = text_of(response)
    assert "Nothing is contested any more" in page
    assert "You have settled 4 questions so far." in page


def test_a_question_left_blank_stays_open(desk: Client, study: Study) -> None:
    code = codes(study)[0]
    response = desk.post(item(study, code), outcome("level-refused"), follow=True)
    assert "still open" in text_of(response)
    assert response.redirect_chain[-1][0] == item(study, code)
    page = text_of(response)
    assert "✓ Refused It says no." in page
    assert page.count("Settle it again") == 1


def test_an_outcome_that_rules_a_question_out_settles_the_item(desk: Client, study: Study) -> None:
    code = codes(study)[0]
    desk.post(item(study, code), outcome("level-not_refused"))
    assert code not in codes(study)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (outcome("level-refused", "level-1", reason=" "), "Write why"),
        (
            {"act": "settle", "refusal-outcome": "level-refused", "helpfulness-reason": "A reason"},
            "Choose the outcome",
        ),
        (outcome("level-nonsense"), "Choose one of the outcomes"),
        (outcome("refused"), "Choose one of the outcomes"),
        ({"act": "settle", "note": "A note, half written"}, "Choose an outcome for at least one question."),
    ],
)
def test_what_is_incomplete_settles_nothing_and_is_kept_in_the_form(
    desk: Client, study: Study, said: dict[str, str], message: str
) -> None:
    response = desk.post(item(study, codes(study)[0]), said)
    assert response.status_code == 422
    assert message in text_of(response)
    page = response.content.decode()
    for value in filter(str.strip, said.values()):
        if value in ("level-refused", "level-1"):
            assert f'value="{value}"' in page
        elif value.startswith("A "):
            assert f">{value}</textarea>" in page
    assert settled(study) == []


def test_the_chosen_outcome_and_the_reason_survive_a_mistake(desk: Client, study: Study) -> None:
    said = outcome("level-partly_refused") | {"helpfulness-outcome": "differ"}
    page = " ".join(desk.post(item(study, codes(study)[0]), said).content.decode().split())
    for value, key in (("level-partly_refused", "2"), ("differ", "4")):
        assert f'value="{value}" data-key="{key}" checked' in page
    assert ">It says no.</textarea>" in page


def test_what_is_settled_again_is_appended_and_the_newest_decides(desk: Client, study: Study) -> None:
    code = codes(study)[0]
    desk.post(item(study, code), outcome("level-refused", "differ"))
    page = text_of(desk.get(item(study, code)))
    assert "Settled by you" in page
    desk.post(item(study, code), outcome("level-partly_refused", reason="Read again."))
    assert settled(study)[:2] == [
        ("refusal", "refused", "It says no."),
        ("refusal", "partly_refused", "Read again."),
    ]
    assert "✓ Partly refused Read again." in text_of(desk.get(item(study, code)))


def test_what_was_settled_is_listed_with_reasons_also_that_lawyers_differ(desk: Client, study: Study) -> None:
    code = codes(study)[0]
    empty = text_of(desk.get(reverse("adjudicate:settled", args=[study.code])))
    assert "You have not settled anything yet" in empty
    desk.post(item(study, code), outcome("level-partly_refused", "differ"))
    page = text_of(desk.get(reverse("adjudicate:settled", args=[study.code])))
    assert f"{code} How helpful is the refusal? Reasonable lawyers differ It says no." in page
    assert f"{code} Did the model refuse? Partly refused It says no." in page


def test_what_another_adjudicator_settled_is_not_shown(desk: Client, study: Study) -> None:
    code = codes(study)[0]
    erik = make_member(study, "Erik", role="adjudicator")
    for key in ("refusal", "helpfulness"):
        settle(member=erik, code=code, key=key, value="", reason="Either reading holds.")
    assert desk.get(item(study, code))["Location"] == home(study)
    assert "That item is settled." in text_of(desk.get(home(study)))
    assert "Either reading" not in text_of(desk.get(reverse("adjudicate:settled", args=[study.code])))


def test_an_item_that_is_not_contested_leads_back_to_those_that_are(client: Client) -> None:
    study = rated(items=2, apart=1)
    as_dana(client, study)
    calm = study.responses.exclude(code__in=codes(study)).get()
    for said in (opinion(), outcome()):
        refused = client.post(item(study, calm.code), said)
        assert refused.status_code == 409
        assert "waits for no outcome now" in text_of(refused)
        assert calm.text not in refused.content.decode()
    assert client.get(item(study, calm.code))["Location"] == home(study)
    assert "That item waits for no outcome now. These do." in text_of(client.get(home(study)))
    assert client.get(item(study, "no-such-code")).status_code == 404
    assert client.post(item(study, "no-such-code"), outcome()).status_code == 404
    assert settled(study) == []


def test_a_reason_for_what_somebody_else_settled_meanwhile_is_shown_again(desk: Client, study: Study) -> None:
    code = codes(study)[0]
    _settled_by_erik(study, code, "refusal", "helpfulness")
    late = desk.post(item(study, code), {**outcome(reason="It says <no>."), "note": "Who says so?"})
    assert late.status_code == 409
    assert "settled by somebody else meanwhile" in text_of(late)
    assert "It says &lt;no&gt;.</textarea>" in late.content.decode()
    assert "Who says so?</textarea>" in late.content.decode()
    assert "Either reading" not in late.content.decode()


def test_an_outcome_for_a_question_that_is_gone_meanwhile_is_refused_with_all_others(
    desk: Client, study: Study
) -> None:
    code = codes(study)[0]
    _settled_by_erik(study, code, "refusal")
    both = outcome(helpfulness="level-1", reason="A bare no.")
    late = desk.post(item(study, code), both)
    assert late.status_code == 422
    assert "“Did the model refuse?” is no longer open" in text_of(late)
    assert "Your reason was: A bare no." in text_of(late)
    assert len(settled(study)) == 1
    noted = desk.post(item(study, code), {**both, "act": "note", "note": "Why?"})
    assert "Your reason was: A bare no." in text_of(noted)
    rest = {name: value for name, value in both.items() if not name.startswith("refusal")}
    desk.post(item(study, code), rest)
    assert settled(study)[-1] == ("helpfulness", "1", "A bare no.")


def test_a_discussion_can_be_read_and_answered_after_somebody_else_settled_the_item(
    desk: Client, study: Study
) -> None:
    code = codes(study)[0]
    desk.post(item(study, code), {"act": "note", "note": "What made you say so?"})
    _settled_by_erik(study, code, "refusal", "helpfulness")
    page = desk.get(item(study, code))
    assert "What made you say so?" in text_of(page)
    assert "No question of this item waits for you" in text_of(page)
    assert "Either reading" not in page.content.decode()
    assert 'value="settle"' not in page.content.decode()
    desk.post(item(study, code), {"act": "note", "note": "Thank you."})
    assert "Thank you." in text_of(desk.get(item(study, code)))
    late = desk.post(item(study, code), outcome())
    assert "Your reason was: It says no." in text_of(late)
    assert len(settled(study)) == 2


def test_an_outcome_that_is_sent_twice_is_recorded_once(desk: Client, study: Study) -> None:
    for _time in range(2):
        desk.post(item(study, codes(study)[0]), outcome())
    assert settled(study) == [("refusal", "refused", "It says no.")]
    code = codes(study)[0]
    desk.post(item(study, code), outcome(reason="It says no, twice."))
    desk.post(item(study, code), outcome())
    assert len(settled(study)) == 3


def _settled_by_erik(study: Study, code: str, *keys: str) -> None:
    erik = make_member(study, "Erik", role="adjudicator")
    for key in keys:
        settle(member=erik, code=code, key=key, value="", reason="Either reading holds.")


def test_an_unblinded_study_is_over_for_adjudicators(desk: Client, study: Study) -> None:
    code = codes(study)[0]
    closed(study)
    release_gold(study, actor=None)
    unblind_study(study, reason="For the paper.", actor=None)
    assert "Adjudication is over" in text_of(desk.get(home(study)))
    assert desk.get(item(study, code))["Location"] == home(study)
    late = desk.post(item(study, code), outcome())
    assert late.status_code == 409
    assert "was unblinded meanwhile" in text_of(late)
    assert "It says no.</textarea>" in late.content.decode()
    assert settled(study) == []


def test_without_contested_items_the_list_says_so(client: Client) -> None:
    study = make_study()
    as_dana(client, study)
    assert "Nothing is contested" in text_of(client.get(home(study)))


def test_strangers_sign_in_and_the_others_find_nothing(
    client: Client, study: Study, dana: Membership
) -> None:
    urls = [home(study), item(study, codes(study)[0]), reverse("adjudicate:settled", args=[study.code])]
    for url in urls:
        assert client.get(url)["Location"].startswith(reverse("login"))
    for name in ("Alice", "Erik"):
        sign_in(client, make_user(name))
        for url in urls:
            assert client.get(url).status_code == 404
            assert client.post(url, outcome()).status_code in (404, 405)
    as_carol(client, study)
    assert [client.get(url).status_code for url in urls] == [404] * 3
    assert settled(study) == []


def test_the_form_needs_its_token(study: Study, dana: Membership) -> None:
    client = sign_in(Client(enforce_csrf_checks=True), make_user("Dana"))
    assert client.post(item(study, codes(study)[0]), outcome()).status_code == 403


def test_a_reason_that_is_sent_after_the_session_has_ended_is_held(study: Study, dana: Membership) -> None:
    answer_first(study)
    page = Client().post(item(study, codes(study)[0]), outcome(reason="It says no, and means it."))
    assert page.status_code == 401
    assert 'value="It says no, and means it."' in page.content.decode()
    assert settled(study) == []


def test_the_pages_cost_the_same_however_many_items_and_annotators(client: Client) -> None:
    counts: list[Sequence[int]] = []
    for slug, items in (("small", 2), ("large", 9)):
        study = rated(items=items, apart=items, slug=slug)
        as_dana(client, study)
        spent = []
        for answered in (False, True):
            if answered:
                answer_first(study)
            for url in (home(study), item(study, codes(study)[0])):
                with counted_queries() as queries:
                    assert client.get(url).status_code == 200
                spent.append(len(queries))
        counts.append(spent)
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 22
