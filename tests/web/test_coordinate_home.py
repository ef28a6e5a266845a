"""The home of a study: what needs the coordinator, where the study stands, and the acts that move it on."""

import pytest
from django.test import Client
from django.urls import reverse

from ihlannotate.models.event import Event
from ihlannotate.models.job import Job
from ihlannotate.models.study import Study
from ihlannotate.pipeline.adjudicating import settle
from ihlannotate.pipeline.releasing import latest_release, release_gold
from ihlannotate.web.coordinate.home import next_act, situation, steps, tasks
from tests.factory import contested_in, make_item, make_member, make_study, make_user, open_with
from tests.web.coordinators import as_carol, closed, counted_queries, rated, text_of

pytestmark = pytest.mark.django_db


def to_do(study: Study) -> list[str]:
    study.refresh_from_db()
    return [task.text for task in tasks(situation(study))]


def test_a_new_study_needs_a_run_and_people() -> None:
    assert to_do(make_study()) == [
        "Import a run: there is nothing to rate yet",
        "Add 2 more annotators: each response needs 2",
    ]


def test_people_without_a_password_wait_for_their_link() -> None:
    study = open_with(make_study())
    make_member(study, "Alice")
    bob = make_member(study, "Bob").user
    assert to_do(study) == ["2 people have no password yet: send the invitation links"]
    assert bob
    bob.set_password("a long enough secret")
    bob.save()
    assert to_do(study) == ["1 person has no password yet: send the invitation link"]


def test_uploads_wait_for_the_coordinator() -> None:
    study = open_with(make_study(overlap=1))
    for state in (Job.State.RECEIVED, Job.State.FAILED, Job.State.DONE):
        Job.objects.create(
            study=study, kind=Job.Kind.IMPORT, user=make_user("Carol"), state=state, file_name=f"{state}.csv"
        )
    assert to_do(study)[:2] == [
        "The import of “failed.csv” failed: see why",
        "“received.csv” is uploaded: confirm its columns",
    ]


def test_a_full_study_can_be_closed_and_its_contested_items_want_an_adjudicator() -> None:
    study = rated(apart=2)
    found = to_do(study)[1:]
    assert found == [
        "Add an adjudicator: nobody can settle contested items",
        "Every slot is filled: close the study",
        "2 contested items wait for an adjudicator",
    ]
    make_member(study, "Dana")
    assert "Add an adjudicator: nobody can settle contested items" not in to_do(study)


def test_a_closed_study_wants_its_gold_released_and_again_after_an_adjudication() -> None:
    study = closed(rated(apart=2))
    dana = make_member(study, "Dana")
    assert "Release the gold labels" in to_do(study)
    release_gold(study, actor=None)
    assert "Release the gold labels" not in to_do(study)
    code = study.responses.get(pk=next(iter(contested_in(study)))).code
    settle(member=dana, code=code, key="refusal", value="refused", reason="It says no.")
    assert "1 adjudication is newer than the release: release again" in to_do(study)


def test_the_steps_say_where_the_study_stands() -> None:
    study = rated()
    standing = [(str(step.name), bool(step.at), step.current) for step in steps(study, None)]
    assert standing == [
        ("Draft", True, False),
        ("Open", True, True),
        ("Closed", False, False),
        ("Gold", False, False),
        ("Unblinded", False, False),
    ]


def test_one_act_comes_next_in_each_state() -> None:
    study = make_study()
    make_item(study)

    def name() -> str:
        study.refresh_from_db()
        act = next_act(study, latest_release(study))
        return act.name if act else ""

    assert name() == "open"
    study = rated(slug="second")
    assert name() == "close"
    closed(study)
    assert name() == "release"
    release_gold(study, actor=None)
    assert name() == "unblind"


def test_the_page_answers_the_three_questions(client: Client) -> None:
    study = rated(items=4, apart=1)
    said = text_of(as_carol(client, study).get(reverse("coordinate:study", args=[study.slug])))
    assert "8 of 8 annotations that 4 responses need" in said
    assert "Agreement is uncertain" in said or "Agreement is low" in said
    assert "close the study" in said


def test_a_study_in_which_nobody_rates_has_no_pace(client: Client) -> None:
    study = make_study(overlap=1)
    make_item(study)
    carol = as_carol(client, study)
    make_member(study, "Alice")
    home = reverse("coordinate:study", args=[study.slug])
    assert "The study is not open yet." in text_of(carol.get(home))
    for act in ("open", "close"):
        carol.post(reverse("coordinate:act", args=[study.slug, act]))
    assert "The study is closed: what is left stays unrated." in text_of(carol.get(home))


def test_the_page_costs_the_same_however_many_responses(client: Client) -> None:
    small, large = rated(items=2, slug="small"), rated(items=9, apart=3, slug="large")
    as_carol(client, small)
    as_carol(client, large)
    for name in ("study", "progress"):
        with counted_queries() as few:
            client.get(reverse(f"coordinate:{name}", args=["small"]))
        with counted_queries() as many:
            client.get(reverse(f"coordinate:{name}", args=["large"]))
        assert len(many) == len(few), name


def test_an_act_asks_once_and_says_what_it_will_do(client: Client) -> None:
    study = rated()
    url = reverse("coordinate:act", args=[study.slug, "close"])
    said = text_of(as_carol(client, study).get(url))
    assert "Close the study?" in said
    assert "A closed study does not open again." in said
    study.refresh_from_db()
    assert study.is_open


def test_opening_closing_releasing_and_unblinding_are_done_and_on_the_record(client: Client) -> None:
    study = make_study(overlap=1)
    make_item(study)
    as_carol(client, study)
    make_member(study, "Alice")

    def do(name: str, **said: str) -> str:
        return client.post(
            reverse("coordinate:act", args=[study.slug, name]), said, follow=True
        ).content.decode()

    assert "annotators can begin" in do("open")
    assert "The study is closed." in do("close")
    assert "nothing to release" in do("release")
    study.refresh_from_db()
    assert study.state == Study.State.CLOSED
    assert [event.verb for event in Event.objects.filter(study=study, actor=make_user("Carol"))] == [
        "study.opened",
        "study.closed",
    ]


def test_unblinding_needs_gold_and_a_reason(client: Client) -> None:
    study = closed(rated())
    as_carol(client, study)
    url = reverse("coordinate:act", args=[study.slug, "unblind"])
    assert "no gold release" in text_of(client.post(url, {"reason": "For the paper."}))
    release_gold(study, actor=None)
    response = client.post(url, {"reason": " "})
    assert response.status_code == 422
    assert "Give a reason" in text_of(response)
    client.post(url, {"reason": "For the paper."})
    study.refresh_from_db()
    assert study.is_unblinded
    assert Event.objects.get(study=study, verb="study.unblinded").data == {"reason": "For the paper."}


def test_an_act_that_there_is_not_does_not_exist(client: Client) -> None:
    study = rated()
    assert (
        as_carol(client, study).get(reverse("coordinate:act", args=[study.slug, "erase"])).status_code == 404
    )
