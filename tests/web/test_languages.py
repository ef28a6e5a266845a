"""Which language a page is in, who chooses it, and what stays English whatever anybody chooses."""

import datetime
import json
import re
import uuid
from collections.abc import Iterator

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.utils.translation import override

from ihlannotate.models.job import Job
from ihlannotate.models.user import ApiToken
from ihlannotate.phrases import Phrase, joined
from ihlannotate.pipeline import jobs
from ihlannotate.pipeline.annotating import submit
from ihlannotate.pipeline.refusals import Problem, Refused, translated
from ihlannotate.pipeline.releasing import release_gold
from ihlannotate.pipeline.reporting.figures import coefficient, day, fixed, minutes, moment, percent, share
from ihlannotate.pipeline.reporting.plots import forest
from ihlannotate.readers.base import ReadError
from ihlannotate.stats.estimate import Estimate
from tests.factory import make_member, make_study, make_user, open_with, take_sheet
from tests.web.coordinators import as_carol, closed, rated, sign_in

pytestmark = pytest.mark.django_db
FRENCH = {"HTTP_ACCEPT_LANGUAGE": "fr-CH,fr;q=0.9,en;q=0.5"}
NARROW, NO_BREAK = "\u202f", "\u00a0"


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """A request in another language leaves it active in this thread."""
    with override("en"):
        yield


def test_a_page_speaks_the_language_that_the_browser_prefers_among_ours(client: Client) -> None:
    french = client.get("/sign-in/", **FRENCH)
    assert b'<html lang="fr"' in french.content
    assert "Se connecter" in french.content.decode()
    assert french["Content-Language"] == "fr"
    other = client.get("/sign-in/", HTTP_ACCEPT_LANGUAGE="de")
    assert b'<html lang="en"' in other.content


def test_caches_are_told_what_a_page_depends_on(client: Client) -> None:
    varied = client.get("/sign-in/")["Vary"]
    assert "Accept-Language" in varied
    assert "Cookie" in varied


def test_the_choice_is_kept_in_a_cookie_and_wins_over_the_browser(client: Client) -> None:
    answer = client.post("/language/", {"language": "fr"}, HTTP_REFERER="http://testserver/sign-in/")
    assert answer.status_code == 302
    assert answer["Location"] == "http://testserver/sign-in/"
    cookie = answer.cookies["django_language"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert b'<html lang="fr"' in client.get("/sign-in/", HTTP_ACCEPT_LANGUAGE="en").content
    client.post("/language/", {"language": "en"})
    assert b'<html lang="en"' in client.get("/sign-in/", **FRENCH).content


def test_a_language_that_there_is_not_changes_nothing(client: Client) -> None:
    answer = client.post("/language/", {"language": "../xx", "next": "https://elsewhere.example/"})
    assert answer["Location"] == "/"
    assert "django_language" not in answer.cookies


def test_the_language_cannot_be_changed_from_another_site() -> None:
    assert Client(enforce_csrf_checks=True).post("/language/", {"language": "fr"}).status_code == 403


def test_every_page_that_names_its_language_offers_the_others(client: Client) -> None:
    page = client.get("/sign-in/").content.decode()
    assert 'lang="fr"' in page
    assert 'name="language"' in page
    assert "aria-current" in page


def test_the_api_stays_english(client: Client) -> None:
    study = rated()
    make_member(study, "Carol")
    token = ApiToken.issue(user=make_user("Carol"), name="laptop")
    for headers in ({}, FRENCH):
        client.cookies["django_language"] = "fr"
        answer = client.get("/api/v1/studies/nowhere/", HTTP_AUTHORIZATION=f"Bearer {token}", **headers)
        assert answer.status_code == 404
        assert json.loads(answer.content)["error"] == "There is no such study, or you have no role in it."
        assert "Accept-Language" not in answer.get("Vary", "")


def test_a_download_is_the_same_in_every_language(client: Client) -> None:
    study = closed(rated())
    carol = as_carol(client, study)
    english = carol.get(f"/studies/{study.slug}/agreement.csv")
    french = carol.get(f"/studies/{study.slug}/agreement.csv", **FRENCH)
    assert english.content == french.content


def test_what_is_wrong_with_answers_is_said_in_french() -> None:
    alice = make_member(open_with(make_study(overlap=1)))
    sheet = take_sheet(alice)
    with override("fr"), pytest.raises(Refused) as caught:
        submit(sheet, answers={}, submission=uuid.uuid4())
    assert "Certaines réponses manquent" in caught.value.message
    assert "attend une réponse" in caught.value.problems[0].message


def test_what_is_wrong_with_a_file_is_said_in_french_with_its_place() -> None:
    error = ReadError(
        Phrase(
            "the row has %(cells)s cells, but the header names %(columns)s columns", cells=12_000, columns=3
        ),
        do=Phrase("Rename one of them"),
        file="a.csv",
        row=1234,
        column="x",
    )
    assert str(error).startswith("a.csv, row 1234, column “x”: the row has 12,000 cells")
    with override("fr"):
        refused = Refused(str(error), problems=(Problem(Phrase("no unit in common"), 7, "x"),))
    assert refused.message.startswith(
        f"a.csv, ligne 1234, colonne «{NO_BREAK}x{NO_BREAK}»{NO_BREAK}: la ligne compte"
    )
    assert "12\u202f000" in refused.message or "12\xa0000" in refused.message
    assert refused.problems[0].message == "aucune unité en commun"


def test_a_note_that_is_put_together_is_translated_in_each_part() -> None:
    note = joined(Phrase("no replicates: no interval"), "", Phrase("no gold response"))
    assert note == "no replicates: no interval; no gold response"
    with override("fr"):
        assert translated(note) == (
            f"aucune réplication{NO_BREAK}: pas d’intervalle{NARROW}; aucune réponse dans l’étalon"
        )
    assert translated("Any other text.") == "Any other text."


def test_a_note_stays_plain_text_in_json() -> None:
    note = Phrase("undefined in %(lost)s of %(n)s replicates, so no interval", lost=600, n=1000)
    with override("fr"):
        assert json.dumps(Estimate.undefined(note).as_dict()["note"]) == (
            '"undefined in 600 of 1000 replicates, so no interval"'
        )


def test_figures_have_french_signs() -> None:
    estimate = Estimate(-0.8126, -0.9, 0.7512)
    with override("fr"):
        assert fixed(-0.126, 2) == "−0,13"
        assert f"[−0,90{NARROW}; 0,75]" in coefficient(estimate, 1234)
        assert f"93,8{NO_BREAK}%" in share(Estimate(0.938, None, None, "one"))
        assert percent(0.5) == f"50,0{NO_BREAK}%"
        assert minutes(90) == "1,5 min"
    assert fixed(-0.126, 2) == "−0.13"
    assert "[−0.90, 0.75]" in coefficient(estimate)
    assert percent(0.5) == "50.0%"


def test_days_are_written_as_the_reader_writes_them() -> None:
    when = datetime.datetime(2026, 11, 24, 14, 5, tzinfo=datetime.UTC)
    assert (day(when), moment(when)) == ("24 Nov 2026", "24 Nov 2026, 14:05")
    with override("fr"):
        assert (day(when), moment(when)) == ("24 nov. 2026", "24 nov. 2026, 14:05")


def test_the_geometry_of_a_plot_is_the_same_in_every_language() -> None:
    def drawn(language: str) -> list[str]:
        with override(language):
            svg = forest([("Refused", Estimate(0.5, 0.25, 0.75))], title="t", axis="a").inline
        return re.findall(r' (?:x|y|d|transform|viewBox)="[^"]*"', svg)

    assert drawn("fr") == drawn("en")
    assert any(one.startswith(' transform="translate(') for one in drawn("fr"))


def test_a_job_speaks_the_language_of_the_person_who_asked_for_it(client: Client) -> None:
    study = make_study()
    carol = make_member(study, "Carol")
    assert carol.user is not None
    file = ContentFile(b"prompt,response\n,Yes.\n", name="run.csv")
    job = jobs.receive_run(study, file=file, name="run.csv", user=carol.user)
    with override("fr"):
        jobs.queue(job)
    jobs.work.func(job.pk)
    job = Job.objects.get()
    assert job.message.startswith(f"run.csv{NO_BREAK}: rien n’a été importé.")
    assert job.result["problems"][0]["message"].startswith("la consigne est vide")
    page = sign_in(client, carol.user).get(f"/studies/{study.slug}/jobs/{job.code}/").content.decode()
    assert "la consigne est vide" in page


def test_a_job_that_broke_says_so_in_the_reader_s_language(client: Client) -> None:
    study = make_study()
    carol = make_member(study, "Carol")
    assert carol.user is not None
    job = Job.objects.create(
        study=study, kind=Job.Kind.EXPORT, state=Job.State.FAILED, user=carol.user, message=jobs.STOPPED
    )
    page = (
        sign_in(client, carol.user).get(f"/studies/{study.slug}/jobs/{job.code}/", **FRENCH).content.decode()
    )
    assert "Le travail s’est arrêté de façon imprévue" in page


def test_refusals_of_the_lifecycle_are_said_in_french(client: Client) -> None:
    study = rated()
    with override("fr"), pytest.raises(Refused, match="ouverte"):
        release_gold(study, actor=make_user("Carol"))
    with pytest.raises(Refused, match="is open"):
        release_gold(study, actor=make_user("Carol"))


def test_an_error_page_is_in_the_reader_s_language(client: Client) -> None:
    page = client.get("/nowhere/", **FRENCH).content.decode()
    assert "Cette page n’existe pas" in page
