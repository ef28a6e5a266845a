"""Where annotators differ: side by side under aliases, with the rubric's wording and a tag that says why."""

import uuid
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from ihlannotate.models.discussion import DisagreementTag
from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement import Tag, disagreements
from ihlannotate.pipeline.annotating import submit
from ihlannotate.pipeline.annotating.evidence import Mark
from tests.factory import make_member, make_study, make_user, open_with, take_sheet
from tests.pipeline.rated import N, P, R, rated_study
from tests.web.coordinators import as_carol, counted_queries, sign_in, text_of

pytestmark = pytest.mark.django_db
TABLE = [(R, R, R), (R, R, N), (R, P, N), (N, N, N), (N, R, N)]


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return rated_study(tmp_path, TABLE)


@pytest.fixture
def carol(client: Client, study: Study) -> Client:
    return as_carol(client, study)


def listed(study: Study, key: str = "refusal") -> str:
    return reverse("coordinate:divided", args=[study.slug, key])


def tag_address(study: Study, code: str, key: str = "refusal") -> str:
    return reverse("coordinate:tag", args=[study.slug, key, code])


def codes(study: Study) -> list[str]:
    return [one.code for one in disagreements(study, key="refusal").items]


def test_items_stand_in_order_of_how_divided_they_are_with_each_answer(carol: Client, study: Study) -> None:
    page = text_of(carol.get(listed(study)))
    assert "3 responses got different answers" in page
    assert "Response 1 of 3 Refused (1), Partly refused (1), Not refused (1)" in page
    places = [page.index(code) for code in codes(study)]
    assert places == sorted(places)
    first = page[places[0] : places[1]]
    assert "R1: Refused" in first
    assert "R2: Partly refused" in first
    assert "R3: Not refused" in first
    assert "entropy 1.58 bits, 100.0% of the most" in page


@pytest.mark.parametrize("page", ["zzz", "-1", "0", "²", "9" * 5000])
def test_a_page_that_nobody_can_mean_is_a_page_all_the_same(carol: Client, study: Study, page: str) -> None:
    assert carol.get(listed(study), {"page": page}).status_code == 200


def test_the_rubrics_wording_stands_beside(carol: Client, study: Study) -> None:
    page = text_of(carol.get(listed(study)))
    assert "The rubric’s wording Did the model refuse?" in page
    assert "Declines the whole request." in page


def test_comments_and_passages_are_shown_under_aliases_and_responses_masked(client: Client) -> None:
    study = open_with(make_study(overlap=2, masked_words="Aster"), ["I, Aster, can't help with that."])
    for name, value, comment in (("Alice", R, "It <declines>."), ("Bob", N, "It does not.")):
        answers = {"refusal": [value], "comment": [comment]} | ({"helpfulness": ["1"]} if value == R else {})
        sheet = take_sheet(make_member(study, name))
        submit(sheet, answers=answers, submission=uuid.uuid4(), evidence=[Mark("refusal", 10, 20)])
    response = as_carol(client, study).get(listed(study))
    page = text_of(response)
    assert "It <declines>." in page
    assert "It does not." in page
    assert response.content.decode().count("<blockquote") == 2
    for secret in ("Aster", "Alice", "Bob"):
        assert secret not in response.content.decode()


def test_a_tag_is_kept_shown_and_counted_in_the_report(carol: Client, study: Study) -> None:
    first, second, _third = codes(study)
    sent = {"cause": "rubric_gap", "comment": "Partly?", "back": "cause=untagged"}
    response = carol.post(tag_address(study, first), sent)
    assert response["Location"] == f"{listed(study)}?cause=untagged#{first}"
    carol.post(tag_address(study, second), {"cause": "slip"})
    html = " ".join(carol.get(listed(study)).content.decode().split())
    assert 'value="rubric_gap" checked' in html
    assert 'value="Partly?"' in html
    report = text_of(carol.get(reverse("coordinate:disagreements", args=[study.slug])))
    assert "Did the model refuse? 3 0 1 1 2" in report  # apart, contested law, gap, slip, tagged
    assert "Response 1 of 3" in text_of(carol.get(f"{listed(study)}?cause=rubric_gap"))
    assert first not in carol.get(f"{listed(study)}?cause=untagged").content.decode()
    carol.post(tag_address(study, first), {"cause": ""})
    assert first in carol.get(f"{listed(study)}?cause=untagged").content.decode()


def test_a_tag_that_cannot_be_is_refused_with_its_reason(carol: Client, study: Study) -> None:
    wrong = {"cause": "weather"}
    page = text_of(carol.post(tag_address(study, codes(study)[0]), wrong, follow=True))
    assert "There is no such cause of a disagreement." in page
    assert "There is no such item in this study." in text_of(
        carol.post(tag_address(study, "nothing"), {"cause": "slip"}, follow=True)
    )
    gone = carol.post(tag_address(study, codes(study)[0], "nothing"), {"cause": "slip"}, follow=True)
    assert "is no question with levels in this study." in text_of(gone)
    assert not DisagreementTag.objects.exists()


def test_a_comment_that_is_not_taken_is_shown_again(carol: Client, study: Study) -> None:
    code = codes(study)[0]
    alone = carol.post(tag_address(study, code), {"cause": "", "comment": "The rule is <disputed>."})
    assert alone.status_code == 409
    assert "Choose why they differ" in text_of(alone)
    assert "The rule is &lt;disputed&gt;.</textarea>" in alone.content.decode()
    assert f'href="{listed(study)}#{code}"' in alone.content.decode()
    long = carol.post(tag_address(study, code), {"cause": "slip", "comment": "x" * 5001})
    assert "x" * 5001 in long.content.decode()
    assert DisagreementTag.objects.count() == 0


def test_a_tag_that_somebody_else_gave_meanwhile_is_shown_beside_mine(carol: Client, study: Study) -> None:
    code = codes(study)[0]
    seen = {"seen_cause": "", "seen_comment": ""}
    html = carol.get(listed(study)).content.decode()
    assert 'name="seen_cause" value=""' in html
    carol.post(tag_address(study, code), {"cause": "slip", "comment": "Misread.", **seen})
    late = carol.post(
        tag_address(study, code), {"cause": "rubric_gap", "comment": "Is <this> partly?", **seen}
    )
    assert late.status_code == 409
    page = text_of(late)
    assert "Meanwhile the tag of this item was changed" in page
    assert "Your tag Gap in the rubric Is <this> partly?" in page
    assert "The tag that counts now Slip Misread." in page
    assert disagreements(study, key="refusal").items[0].tag == Tag("slip", "Misread.")
    known = {"seen_cause": "slip", "seen_comment": "Misread."}
    assert carol.post(tag_address(study, code), {"cause": "rubric_gap", **known}).status_code == 302
    assert disagreements(study, key="refusal").items[0].tag == Tag("rubric_gap", "")


def test_the_same_tag_from_two_tabs_is_no_conflict(carol: Client, study: Study) -> None:
    sent = {"cause": "slip", "comment": "Misread.", "seen_cause": "", "seen_comment": ""}
    for _tab in range(2):
        assert carol.post(tag_address(study, codes(study)[0]), sent).status_code == 302
    assert DisagreementTag.objects.count() == 1


def test_a_tag_that_was_taken_back_meanwhile_is_said_too(carol: Client, study: Study) -> None:
    code = codes(study)[0]
    carol.post(tag_address(study, code), {"cause": "slip"})
    seen = {"seen_cause": "slip", "seen_comment": ""}
    carol.post(tag_address(study, code), {"cause": "", **seen})
    late = carol.post(tag_address(study, code), {"cause": "contested_law", **seen})
    assert "The tag that counts now Not tagged" in text_of(late)
    assert disagreements(study, key="refusal").items[0].tag is None


def test_a_tag_is_taken_back_with_its_comment(carol: Client, study: Study) -> None:
    code = codes(study)[0]
    for cause in ("slip", ""):
        sent = {"cause": cause, "comment": "Misread."}
        assert carol.post(tag_address(study, code), sent).status_code == 302
    assert disagreements(study, key="refusal").items[0].tag is None


def test_the_way_back_leads_nowhere_else(carol: Client, study: Study) -> None:
    sent = {"cause": "slip", "back": "//elsewhere.example/"}
    response = carol.post(tag_address(study, codes(study)[0]), sent)
    assert response["Location"].startswith(listed(study))


@pytest.mark.parametrize(("key", "query"), [("nothing", ""), ("comment", ""), ("refusal", "?cause=weather")])
def test_what_is_not_there_is_not_found(carol: Client, study: Study, key: str, query: str) -> None:
    assert carol.get(listed(study, key) + query).status_code == 404


@pytest.mark.parametrize("page", ["99", "-1", "x", "²"])
def test_a_page_beyond_the_end_is_the_nearest(carol: Client, study: Study, page: str) -> None:
    assert "Response 1 of 3" in text_of(carol.get(f"{listed(study)}?page={page}"))


def test_without_disagreement_the_pages_say_so(client: Client, tmp_path: Path) -> None:
    study = rated_study(tmp_path, [(R, R), (N, N)])
    as_carol(client, study)
    assert "Annotators don’t differ on anything yet" in text_of(
        client.get(reverse("coordinate:disagreements", args=[study.slug]))
    )
    assert "Nobody differs on this question" in text_of(client.get(listed(study)))
    assert "No response has this tag" in text_of(client.get(f"{listed(study)}?cause=slip"))


@pytest.mark.parametrize("role", ["annotator", "adjudicator"])
def test_only_coordinators_read_and_tag(client: Client, study: Study, role: str) -> None:
    make_member(study, "Dora", role=role)
    sign_in(client, make_user("Dora"))
    assert client.get(listed(study)).status_code == 404
    assert client.get(reverse("coordinate:disagreements", args=[study.slug])).status_code == 404
    assert client.post(tag_address(study, codes(study)[0]), {"cause": "slip"}).status_code == 404


def test_the_list_costs_the_same_however_many_items(client: Client, tmp_path: Path) -> None:
    small = rated_study(tmp_path, TABLE, slug="small")
    large = rated_study(tmp_path, TABLE * 5, slug="large")
    as_carol(client, small)
    as_carol(client, large)
    with counted_queries() as few:
        client.get(listed(small))
    with counted_queries() as many:
        client.get(listed(large))
    assert len(many) == len(few)
