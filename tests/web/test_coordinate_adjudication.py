"""The coordinator's pages of adjudication: why items wait, what was settled, changes of mind, and discussions."""

from collections.abc import Sequence

import pytest
from django.test import Client
from django.urls import reverse

from ihlannotate.models.study import Study
from ihlannotate.pipeline.adjudicating import contested, settle
from ihlannotate.pipeline.discussing import write_note
from ihlannotate.pipeline.tuning import update_settings
from tests.factory import make_member, make_study, make_user
from tests.web.adjudicators import answer_first, codes, divided_study
from tests.web.coordinators import as_carol, counted_queries, rated, sign_in, text_of

pytestmark = pytest.mark.django_db
PAGES = ("adjudication", "adjudication_settled", "adjudication_notes")


def at(study: Study, page: str = "adjudication") -> str:
    return reverse(f"coordinate:{page}", args=[study.slug])


@pytest.fixture
def study() -> Study:
    return divided_study()


@pytest.fixture
def carol(client: Client, study: Study) -> Client:
    make_member(study, "Dana")
    return as_carol(client, study)


def test_each_item_waits_with_its_reasons_and_they_are_counted_by_question(
    carol: Client, study: Study
) -> None:
    page = text_of(carol.get(at(study)))
    assert "Did the model refuse? 2 0 0 0 2" in page
    assert "How helpful is the refusal? 2 2 0 0 2" in page
    for code in codes(study):
        assert f"{code} Request number" in page
    assert page.count("How helpful is the refusal? no majority levels far apart") == 2
    assert page.count("Did the model refuse? no majority How") == 2


def test_the_audit_is_told_to_coordinators_alone(client: Client) -> None:
    study = rated(items=3, apart=0)
    make_member(study, "Dana")
    update_settings(study, actor=None, adjudicate_audit_percent=100)
    assert "Did the model refuse? audit" in text_of(as_carol(client, study).get(at(study)))
    sign_in(client, make_user("Dana"))
    for url in ("", f"{contested(study).codes[0]}/"):
        page = client.get(f"/adjudicate/{study.code}/{url}")
        assert page.status_code == 200
        assert "audit" not in text_of(page)


def test_outcomes_are_listed_with_reasons_and_the_alias_of_whoever_settled(
    carol: Client, study: Study
) -> None:
    dana = study.memberships.get(user__name="Dana")
    answer_first(study)
    code = codes(study)[0]
    settle(member=dana, code=code, key="refusal", value="not_refused", reason="It does it.")
    settle(member=dana, code=code, key="refusal", value="", reason="On reflection, both.")
    page = text_of(carol.get(at(study, "adjudication_settled")))
    assert f"{code} Did the model refuse? Not refused It does it. {dana.alias}" in page
    assert "Reasonable lawyers differ outcome 2 On reflection, both." in page
    assert "Did the model refuse? 2 1 100.0%" in page
    assert "Changed after seeing the annotators’ answers: 1 of 1" in page


def test_what_nobody_answered_first_counts_no_change_of_mind(carol: Client, study: Study) -> None:
    dana = study.memberships.get(user__name="Dana")
    settle(member=dana, code=codes(study)[0], key="refusal", value="refused", reason="It says no.")
    page = text_of(carol.get(at(study, "adjudication_settled")))
    assert "changed after seeing the annotators’" not in page
    assert "Did the model refuse? 1 0 –" in page


def test_discussions_are_read_by_role(carol: Client, study: Study) -> None:
    assert "No item is discussed" in text_of(carol.get(at(study, "adjudication_notes")))
    answer_first(study, items=1)
    response = study.responses.get(code=codes(study)[0])
    for name, text in (("Dana", "What made you say so?"), ("Alice", "It says no.")):
        author = study.memberships.get(user__name=name)
        write_note(author=author, response=response, text=text)
    page = text_of(carol.get(at(study, "adjudication_notes")))
    assert response.code in page
    for role, text in (("Adjudicator", "What made you say so?"), ("Annotator", "It says no.")):
        assert f"{role} · " in page
        assert text in page
    for alias in study.memberships.exclude(role="coordinator").values_list("alias", flat=True):
        assert f" {alias} " not in page


def test_empty_pages_say_what_will_come(client: Client) -> None:
    study = make_study()
    as_carol(client, study)
    assert "Nothing waits for an adjudicator" in text_of(client.get(at(study)))
    assert "Nothing is settled yet" in text_of(client.get(at(study, "adjudication_settled")))


def test_only_coordinators_see_these_pages(carol: Client, study: Study) -> None:
    for name in ("Alice", "Dana", "Erik"):
        sign_in(carol, make_user(name))
        assert [carol.get(at(study, page)).status_code for page in PAGES] == [404] * 3


def test_the_pages_cost_the_same_however_much_there_is(client: Client) -> None:
    counts: list[Sequence[int]] = []
    for slug, items in (("small", 2), ("large", 9)):
        study = divided_study(items=items, slug=slug)
        dana = make_member(study, "Dana")
        answer_first(study)
        for code in codes(study):
            settle(member=dana, code=code, key="refusal", value="refused", reason="It says no.")
        as_carol(client, study)
        spent = []
        for page in PAGES:
            with counted_queries() as queries:
                assert client.get(at(study, page)).status_code == 200
            spent.append(len(queries))
        counts.append(spent)
    assert counts[0] == counts[1]
