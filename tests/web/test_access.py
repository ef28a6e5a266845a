"""Who may not: strangers, other roles, another annotator's item, nobody signed in."""

import html
import re
import uuid

import pytest
from django.http import Http404, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from ihlannotate.models.annotation import Revision
from ihlannotate.models.user import User
from ihlannotate.web.access import adjudicator_in, annotator_in, coordinator_in
from tests.factory import make_member, make_study, make_user, open_with, take_sheet

pytestmark = pytest.mark.django_db

PAGES = ["annotate:study", "annotate:next", "annotate:ratings", "annotate:settings"]
ITEM_PAGES = ["annotate:item", "annotate:draft", "annotate:skip", "annotate:unskip"]


def request_of(user: User):
    request = RequestFactory().get("/")
    request.user = user
    return request


@pytest.mark.parametrize("name", PAGES)
def test_whoever_is_not_signed_in_signs_in_first_and_comes_back(client: Client, name: str) -> None:
    study = make_study()
    url = reverse(name, args=[study.code])
    assert client.get(url).headers["Location"] == f"/sign-in/?next={url}"


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("who", ["Carol", "Dana", "Stranger"])
def test_only_annotators_of_the_study_find_its_pages(client: Client, name: str, who: str) -> None:
    study = make_study()
    elsewhere = make_study(slug="elsewhere")
    user = make_user("Stranger")
    make_member(elsewhere, "Stranger", role="annotator")
    if who != "Stranger":
        user = make_member(study, who).user
    client.force_login(user)
    assert client.get(reverse(name, args=[study.code])).status_code == 404


@pytest.mark.parametrize("name", ITEM_PAGES)
@pytest.mark.parametrize("who", ["Bob", "Carol", "Dana", "Root"])
def test_an_item_is_its_annotators_alone(client: Client, name: str, who: str) -> None:
    study = make_study()
    sheet_code = take_sheet(make_member(open_with(study), "Alice")).code
    user = make_user("Root", is_superuser=True) if who == "Root" else make_member(study, who).user
    client.force_login(user)
    url = reverse(name, args=[study.code, sheet_code])
    assert client.post(url, {"reason": "other"}).status_code == 404


def test_an_item_under_another_study_of_ones_own_is_not_found(client: Client) -> None:
    study, other = open_with(make_study()), open_with(make_study(slug="other"))
    alice = make_member(study, "Alice")
    make_member(other, "Alice")
    client.force_login(alice.user)
    url = reverse("annotate:item", args=[other.code, take_sheet(alice).code])
    assert client.get(url).status_code == 404


def test_a_form_that_arrives_signed_out_is_held_and_leads_to_signing_in(client: Client) -> None:
    url = "/rate/abc/def/"
    answer = client.post(
        f"{url}skip/",
        {"reason": "other", "comment": "In <Basque>."},
        headers={"referer": f"http://testserver{url}"},
    )
    page = answer.content.decode()
    assert answer.status_code == 401
    assert f'href="/sign-in/?next={url}"' in page
    assert f'action="{url}skip/"' in page
    assert '<input type="hidden" name="reason" value="other">' in page
    assert '<input type="hidden" name="comment" value="In &lt;Basque&gt;.">' in page
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_page_elsewhere_is_no_place_to_come_back_to(client: Client) -> None:
    answer = client.post("/rate/abc/def/skip/", headers={"referer": "https://example.org/trap/"})
    assert 'href="/sign-in/?next=/"' in answer.content.decode()


def test_a_coordinators_form_that_arrives_signed_out_leads_to_signing_in(client: Client) -> None:
    answer = client.post("/studies/abc/people/")
    assert answer.headers["Location"] == "/sign-in/?next=/"


@pytest.mark.parametrize("path", ["disagreements/refusal/abc/", "settings/"])
def test_what_a_coordinator_wrote_is_held_when_it_arrives_signed_out(client: Client, path: str) -> None:
    answer = client.post(f"/studies/abc/{path}", {"comment": "The rule is <disputed>."})
    assert answer.status_code == 401
    assert f'action="/studies/abc/{path}"' in answer.content.decode()
    assert 'value="The rule is &lt;disputed&gt;."' in answer.content.decode()


def test_what_was_sent_signed_out_can_be_sent_again_after_signing_in_elsewhere() -> None:
    """Without scripts: the held form, a sign-in in another tab, the form with the old token, the held form again."""
    client = Client(enforce_csrf_checks=True)
    study = open_with(make_study())
    alice = make_member(study, "Alice")
    url = reverse("annotate:item", args=[study.code, take_sheet(alice).code])
    client.get("/sign-in/")
    origin = {"origin": "http://testserver"}
    comment = "Long & careful: " + "x" * 80
    rating = {"submission": str(uuid.uuid4()), "c-refusal": "not_refused", "c-comment": comment}
    token = {"csrfmiddlewaretoken": client.cookies["csrftoken"].value}
    held = client.post(url, rating | token, headers=origin)
    assert held.status_code == 401
    client.force_login(alice.user)
    rotated = client.get(url)
    assert rotated.status_code == 200
    again = client.post(url, fields_of(held) | {"csrfmiddlewaretoken": "x" * 64}, headers=origin)
    assert again.status_code == 403
    assert "Please send it once more" in again.content.decode()
    done = client.post(url, fields_of(again), headers=origin)
    assert done.status_code == 303
    assert Revision.objects.get().answers.get(criterion__key="comment").text == comment


@pytest.mark.parametrize("origin", ["https://example.org", "null", ""])
def test_what_another_site_sends_is_not_held(origin: str) -> None:
    client = Client(enforce_csrf_checks=True)
    study = open_with(make_study())
    alice = make_member(study, "Alice")
    client.force_login(alice.user)
    url = reverse("annotate:item", args=[study.code, take_sheet(alice).code])
    headers = {"origin": origin} if origin else {}
    answer = client.post(url, {"c-comment": "planted"}, headers=headers)
    assert answer.status_code == 403
    assert "planted" not in answer.content.decode()
    assert "Nothing was changed" in answer.content.decode()


def fields_of(answer: HttpResponse) -> dict[str, str]:
    """What the form on a page would send."""
    page = answer.content.decode()
    form = (
        page[page.index("<form") :]
        if "held-" not in page
        else page[: page.index("</form>", page.index("held-"))]
    )
    found = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    found |= dict(re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL))
    return {name: html.unescape(value) for name, value in found.items()}


def test_a_script_is_told_that_the_session_has_ended(client: Client) -> None:
    here = "http://testserver/rate/abc/def/"
    answer = client.post("/rate/abc/def/draft/", headers={"hx-request": "true", "hx-current-url": here})
    assert answer.status_code == 401
    assert answer.headers["HX-Retarget"] == "#form-notice"
    assert "/sign-in/?next=/rate/abc/def/" in answer.content.decode()


def test_each_helper_knows_its_role_only() -> None:
    study = make_study()
    alice, carol, dana = (make_member(study, name) for name in ("Alice", "Carol", "Dana"))
    assert annotator_in(request_of(alice.user), study.code) == alice
    assert adjudicator_in(request_of(dana.user), study.code) == dana
    assert coordinator_in(request_of(carol.user), study.slug) == study
    for helper, key, wrong in [
        (annotator_in, study.code, carol),
        (annotator_in, study.code, dana),
        (adjudicator_in, study.code, alice),
        (adjudicator_in, study.code, carol),
        (coordinator_in, study.slug, alice),
        (coordinator_in, study.slug, dana),
        (coordinator_in, "no-such-study", carol),
        (annotator_in, study.slug, alice),
    ]:
        with pytest.raises(Http404):
            helper(request_of(wrong.user), key)


def test_a_superuser_coordinates_unless_they_annotate_there() -> None:
    study = make_study()
    root = make_user("Root", is_superuser=True)
    assert coordinator_in(request_of(root), study.slug) == study
    make_member(study, "Root", role="annotator")
    with pytest.raises(Http404):
        coordinator_in(request_of(root), study.slug)
