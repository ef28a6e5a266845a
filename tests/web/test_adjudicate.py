"""The adjudicator's pages: what is contested, settled with a reason, and nothing that would end the blindness."""

import uuid
from collections.abc import Sequence

import pytest
from django.test import Client
from django.urls import reverse

from ihlannotate.models.gold import Adjudication
from ihlannotate.models.item import Response
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.adjudicating import contested, settle
from ihlannotate.pipeline.annotating import submit
from ihlannotate.pipeline.lifecycle import open_study, unblind_study
from ihlannotate.pipeline.releasing import release_gold
from tests.factory import make_item, make_member, make_run, make_study, make_user, open_with, rate_next
from tests.web.coordinators import as_carol, closed, counted_queries, rated, sign_in, text_of

pytestmark = pytest.mark.django_db

BARE = {"refusal": ["refused"], "helpfulness": ["1"]}
FITTING = {"refusal": ["partly_refused"], "helpfulness": ["3"]}


@pytest.fixture
def study() -> Study:
    """Alice and Bob disagree on both questions of both items."""
    study = open_with(make_study(content_notice="Texts about **war**.", guidelines="Read *twice*."), 2)
    alice, bob = make_member(study, "Alice"), make_member(study, "Bob")
    for _item in range(2):
        rate_next(alice, BARE)
        rate_next(bob, FITTING)
    return study


@pytest.fixture
def dana(study: Study) -> Membership:
    return make_member(study, "Dana")


@pytest.fixture
def desk(client: Client, dana: Membership) -> Client:
    """Dana's browser."""
    return sign_in(client, make_user("Dana"))


def as_dana(client: Client, study: Study) -> Client:
    make_member(study, "Dana")
    return sign_in(client, make_user("Dana"))


def home(study: Study) -> str:
    return reverse("adjudicate:study", args=[study.code])


def item(study: Study, code: str) -> str:
    return reverse("adjudicate:item", args=[study.code, code])


def codes(study: Study) -> list[str]:
    """The contested items in the order of the list."""
    return list(
        Response.objects.filter(pk__in=contested(study)).order_by("code").values_list("code", flat=True)
    )


def outcome(
    refusal: str = "level-refused", helpfulness: str = "", reason: str = "It says no."
) -> dict[str, str]:
    said = {"refusal-outcome": refusal, "helpfulness-outcome": helpfulness}
    return said | {
        "refusal-reason": reason if refusal else "",
        "helpfulness-reason": reason if helpfulness else "",
    }


def settled(study: Study) -> list[tuple[str, str, str]]:
    rows = Adjudication.objects.filter(study=study).order_by("criterion__position")
    return list(rows.values_list("criterion__key", "value", "reason"))


def test_the_list_holds_the_contested_items_with_their_open_questions(desk: Client, study: Study) -> None:
    page = text_of(desk.get(home(study)))
    assert "2 items are contested" in page
    for code in codes(study):
        assert f"{code} Request number" in page
    assert "which the law forbids. 2 " in page
    assert "Texts about war" in page


def test_items_stand_in_the_order_of_their_random_codes(desk: Client, study: Study) -> None:
    page = desk.get(home(study)).content.decode()
    places = [page.index(f'{item(study, code)}"><code>') for code in sorted(codes(study))]
    assert places == sorted(places)


def test_an_item_shows_the_texts_and_the_levels_with_their_anchors(desk: Client, study: Study) -> None:
    page = text_of(desk.get(item(study, codes(study)[0])))
    assert "Request number" in page
    assert "I won't do that" in page
    assert "Declines some of it and does some of it." in page
    assert "A reason that fits this request." in page
    assert page.count("Reasonable lawyers differ") == 2
    assert "Asked where “Did the model refuse?” is Refused or Partly refused" in page


def test_only_contested_questions_are_asked(client: Client) -> None:
    study = open_with(make_study(), 1)
    rate_next(make_member(study, "Alice"), BARE)
    rate_next(make_member(study, "Bob"), {"refusal": ["refused"], "helpfulness": ["3"]})
    as_dana(client, study)
    page = client.get(item(study, codes(study)[0])).content.decode()
    assert "helpfulness-outcome" in page
    assert "refusal-outcome" not in page


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
    page = client.get(item(study, codes(study)[0])).content.decode()
    assert "Aster-1" not in page
    assert "<strong>No.</strong>" in page
    assert "<script>alert" not in page


def test_nobodys_answer_name_or_number_is_shown(desk: Client, study: Study) -> None:
    """The page is the same whoever said what, and however many they were."""
    code = codes(study)[0]

    def page() -> str:
        text = desk.get(item(study, code)).content.decode()
        return "\n".join(line for line in text.splitlines() if "csrfmiddlewaretoken" not in line)

    before = page()
    response = Response.objects.get(code=code)
    for member, answers in ((make_user("Alice"), FITTING), (make_user("Bob"), BARE)):
        sheet = response.study.memberships.get(user=member).sheets.get(response=response)
        submit(sheet, answers=answers, submission=uuid.uuid4(), reason="Read again.")
    assert page() == before
    for word in ("Alice", "Bob", "A1", "A2"):
        assert word not in before


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
    page = response.content.decode()
    assert "helpfulness-outcome" in page
    assert "refusal-outcome" not in page


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (outcome("level-refused", "level-1", reason=" "), "Write why"),
        ({"refusal-outcome": "level-refused", "helpfulness-reason": "A reason"}, "Choose the outcome"),
        (outcome("level-nonsense"), "Choose one of the outcomes"),
        (outcome("refused"), "Choose one of the outcomes"),
        ({}, "Choose an outcome for at least one question."),
    ],
)
def test_what_is_incomplete_settles_nothing_and_is_kept_in_the_form(
    desk: Client, study: Study, said: dict[str, str], message: str
) -> None:
    response = desk.post(item(study, codes(study)[0]), said)
    assert response.status_code == 422
    assert message in text_of(response)
    for value in filter(str.strip, said.values()):
        if value in ("level-refused", "level-1"):
            assert f'value="{value}"' in response.content.decode()
        elif "A reason" in value:
            assert f">{value}</textarea>" in response.content.decode()
    assert settled(study) == []


def test_the_chosen_outcome_and_the_reason_survive_a_mistake(desk: Client, study: Study) -> None:
    said = outcome("level-partly_refused") | {"helpfulness-outcome": "differ"}
    page = desk.post(item(study, codes(study)[0]), said).content.decode()
    for value in ("level-partly_refused", "differ"):
        assert f'value="{value}" checked' in " ".join(page.split())
    assert ">It says no.</textarea>" in page


def test_sending_twice_settles_once(desk: Client, study: Study) -> None:
    code = codes(study)[0]
    for _time in range(2):
        response = desk.post(item(study, code), outcome("level-refused", "differ"), follow=True)
    assert "That item is settled." in text_of(response)
    assert len(settled(study)) == 2


def test_the_settled_question_is_no_longer_sent_with_the_others(desk: Client, study: Study) -> None:
    code = codes(study)[0]
    desk.post(item(study, code), outcome("level-refused"))
    desk.post(item(study, code), outcome("level-partly_refused", "level-2"))
    assert settled(study) == [("refusal", "refused", "It says no."), ("helpfulness", "2", "It says no.")]


def test_an_item_that_is_not_contested_does_not_exist(client: Client) -> None:
    study = rated(items=2, apart=1)
    as_dana(client, study)
    calm = study.responses.exclude(code__in=codes(study)).get()
    assert client.get(item(study, calm.code)).status_code == 404
    assert client.post(item(study, calm.code), outcome()).status_code == 404
    assert client.get(item(study, "no-such-code")).status_code == 404
    assert settled(study) == []


def test_an_unblinded_study_is_over_for_adjudicators(desk: Client, study: Study, dana: Membership) -> None:
    code = codes(study)[0]
    closed(study)
    release_gold(study, actor=None)
    unblind_study(study, reason="For the paper.", actor=None)
    assert "Adjudication is over" in text_of(desk.get(home(study)))
    assert desk.get(item(study, code))["Location"] == home(study)
    desk.post(item(study, code), outcome())
    assert settled(study) == []


def test_without_contested_items_the_list_says_so(client: Client) -> None:
    study = make_study()
    as_dana(client, study)
    assert "Nothing is contested" in text_of(client.get(home(study)))


def test_strangers_sign_in_and_the_others_find_nothing(
    client: Client, study: Study, dana: Membership
) -> None:
    urls = [home(study), item(study, codes(study)[0])]
    for url in urls:
        assert client.get(url)["Location"].startswith(reverse("login"))
    for name in ("Alice", "Erik"):
        sign_in(client, make_user(name))
        for url in urls:
            assert client.get(url).status_code == 404
            assert client.post(url, outcome()).status_code in (404, 405)
    as_carol(client, study)
    assert [client.get(url).status_code for url in urls] == [404, 404]
    assert settled(study) == []


def test_the_form_needs_its_token(study: Study, dana: Membership) -> None:
    client = sign_in(Client(enforce_csrf_checks=True), make_user("Dana"))
    assert client.post(item(study, codes(study)[0]), outcome()).status_code == 403


def test_the_pages_cost_the_same_however_many_items(client: Client) -> None:
    counts: list[Sequence[int]] = []
    for slug, items in (("small", 2), ("large", 9)):
        study = rated(items=items, apart=items, slug=slug)
        as_dana(client, study)
        spent = []
        for url in (home(study), item(study, codes(study)[0])):
            with counted_queries() as queries:
                assert client.get(url).status_code == 200
            spent.append(len(queries))
        counts.append(spent)
    assert counts[0] == counts[1]


def test_an_earlier_outcome_by_another_way_is_respected(desk: Client, study: Study, dana: Membership) -> None:
    code = codes(study)[0]
    for key in ("refusal", "helpfulness"):
        settle(member=dana, code=code, key=key, value="", reason="Either reading holds.")
    assert desk.get(item(study, code))["Location"] == home(study)
