"""Gold labels: the preview, the releases, and the list of labels by question and tier."""

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from ihlannotate.models.gold import GoldRelease
from ihlannotate.models.job import Job
from ihlannotate.models.study import Study
from ihlannotate.pipeline import jobs
from ihlannotate.pipeline.releasing import release_gold
from tests.factory import make_study
from tests.pipeline.rated import N, P, R, close, rate, rated_study, settle
from tests.web.coordinators import as_carol, counted_queries, text_of

pytestmark = pytest.mark.django_db

TABLE = [[R, R, R], [R, R, N], [R, P, N], [R, P, N], [N, "", ""]]


@pytest.fixture
def study(tmp_path: Path) -> Study:
    study = rated_study(tmp_path, TABLE)
    settle(study, tmp_path, {"r3": P})
    return study


@pytest.fixture
def carol(client: Client, study: Study) -> Client:
    return as_carol(client, study)


def url(study: Study, query: str = "") -> str:
    return reverse("coordinate:gold", args=[study.slug]) + query


def release_as_carol(carol: Client, study: Study) -> Job:
    """Press the button, and do what the worker does."""
    carol.post(reverse("coordinate:act", args=[study.slug, "release"]))
    jobs.work.func(Job.objects.latest("pk").pk)
    return Job.objects.latest("pk")


def test_before_a_release_the_page_previews_what_it_would_hold(carol: Client, study: Study) -> None:
    page = text_of(carol.get(url(study)))
    assert "A preview" in page
    assert "Did the model refuse? 1 1 1 1 1 5" in page
    assert "Refused 2, Not refused 1" in page
    assert not GoldRelease.objects.exists()


def test_the_preview_and_the_release_hold_the_same_labels(carol: Client, study: Study) -> None:
    def labels() -> list[tuple[object, ...]]:
        lines = carol.get(url(study, "?criterion=refusal")).context["lines"]
        return [(line.code, line.value, line.tier, line.n, line.spread.description) for line in lines]

    before = labels()
    close(study)
    release_gold(study, actor=None)
    assert labels() == before
    assert len(before) == len(TABLE)


def test_the_release_button_is_there_once_the_study_is_closed(carol: Client, study: Study) -> None:
    act = reverse("coordinate:act", args=[study.slug, "release"])
    assert act not in carol.get(url(study)).content.decode()
    close(study)
    assert act in carol.get(url(study)).content.decode()


def test_releases_are_listed_with_number_date_and_digest(carol: Client, study: Study) -> None:
    close(study)
    release_as_carol(carol, study)
    release = GoldRelease.objects.get()
    page = text_of(carol.get(url(study)))
    assert "These are the labels of release 1." in page
    assert release.sha256 in page
    assert "Carol" in page.split("Releases")[1]


def test_a_release_is_made_behind_a_page_that_says_when_it_is_there(carol: Client, study: Study) -> None:
    close(study)
    act = reverse("coordinate:act", args=[study.slug, "release"])
    waiting = carol.post(act, follow=True)
    job = Job.objects.get()
    page = reverse("coordinate:job", args=[study.slug, job.code])
    assert waiting.redirect_chain[-1][0] == page
    assert "waiting for its turn" in text_of(waiting)
    assert not GoldRelease.objects.exists()
    jobs.work.func(job.pk)
    done = carol.get(page)
    assert "Release 1 of the gold labels is made" in text_of(done)
    assert reverse("coordinate:release", args=[study.slug, 1]) in done.content.decode()
    job.refresh_from_db()
    assert (job.result, job.done, job.total) == ({"release": 1}, 0, 0)


def test_two_releases_are_not_made_at_once(carol: Client, study: Study) -> None:
    close(study)
    act = reverse("coordinate:act", args=[study.slug, "release"])
    carol.post(act)
    again = carol.post(act)
    assert again.status_code == 422
    assert "already under way" in text_of(again)
    assert Job.objects.count() == 1


def test_a_release_that_can_no_longer_be_made_says_so_and_changes_nothing(
    carol: Client, study: Study
) -> None:
    close(study)
    carol.post(reverse("coordinate:act", args=[study.slug, "release"]))
    job = Job.objects.get()
    Study.objects.filter(pk=study.pk).update(closed_at=None)
    jobs.work.func(job.pk)
    page = text_of(carol.get(reverse("coordinate:job", args=[study.slug, job.code])))
    assert "Nothing was released" in page
    assert "Close it first" in page
    assert not GoldRelease.objects.exists()


def test_labels_can_be_chosen_by_question_and_tier(carol: Client, study: Study) -> None:
    close(study)
    for _state in ("preview", "release"):
        page = text_of(carol.get(url(study, "?criterion=refusal&tier=contested")))
        assert "1 to 1 of 1" in page
        assert "Refused 1, Partly refused 1, Not refused 1" in page
        assert "No label is of this question" in text_of(
            carol.get(url(study, "?criterion=helpfulness&tier=single"))
        )
        if not GoldRelease.objects.exists():
            release_gold(study, actor=None)


def test_labels_that_do_not_apply_have_a_column_and_a_filter_where_there_are_some(
    carol: Client, study: Study, tmp_path: Path
) -> None:
    assert "Does not apply" not in text_of(carol.get(url(study)))
    helpful = [["1", "1", "1"], ["1", "1", ""], ["", "", ""], ["", "", ""], ["", "2", "2"]]
    rate(study, tmp_path, helpful, criterion="helpfulness")
    close(study)
    for _state in ("preview", "release"):
        page = text_of(carol.get(url(study)))
        assert "Question Unanimous Majority Adjudicated Contested Single Does not apply All" in page
        assert "How helpful is the refusal? 2 0 0 0 0 1 3" in page
        page = text_of(carol.get(url(study, "?tier=inapplicable")))
        assert "1 to 1 of 1" in page
        assert "How helpful is the refusal? – does not apply 2 Stock 2" in page
        if not GoldRelease.objects.exists():
            release_gold(study, actor=None)


def test_a_released_label_has_its_posterior(carol: Client, study: Study) -> None:
    close(study)
    release_gold(study, actor=None)
    page = text_of(carol.get(url(study, "?tier=adjudicated")))
    assert "Partly refused adjudicated 3" in page
    assert "1.00" in page


def test_pages_turn(client: Client, tmp_path: Path) -> None:
    study = rated_study(tmp_path, [[R, R]] * 60)
    as_carol(client, study)
    assert "51 to 60 of 60" in text_of(client.get(url(study, "?page=2")))
    first = client.get(url(study, "?criterion=refusal"))
    assert "?criterion=refusal&amp;page=2" in first.content.decode()
    assert client.get(url(study, "?page=nonsense")).status_code == 200


def test_the_page_costs_the_same_however_many_labels(client: Client, tmp_path: Path) -> None:
    for slug, table in (("small", TABLE), ("large", TABLE * 30)):
        as_carol(client, close(rated_study(tmp_path, table, slug=slug)))
    for _state in ("preview", "release"):
        counts = []
        for slug in ("small", "large"):
            with counted_queries() as queries:
                client.get(url(Study.objects.get(slug=slug)))
            counts.append(len(queries))
            release_gold(Study.objects.get(slug=slug), actor=None)
        assert counts[0] == counts[1]


def test_without_ratings_there_are_no_labels(client: Client) -> None:
    study = make_study()
    assert "No labels yet" in text_of(as_carol(client, study).get(url(study)))


def test_no_model_stands_beside_a_label(carol: Client, study: Study) -> None:
    assert "Aster-1" not in carol.get(url(study)).content.decode()
