"""The audit log as a page: acts in words, and whether the chain is whole."""

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from ihlannotate import append_only
from ihlannotate.models.event import Event, record
from ihlannotate.models.study import Study
from ihlannotate.web.coordinate.log import VERBS, details
from tests.factory import make_study, make_user
from tests.web.coordinators import as_carol, closed, counted_queries, rated, text_of

pytestmark = pytest.mark.django_db


def url(study: Study) -> str:
    return reverse("coordinate:log", args=[study.slug])


def test_the_acts_are_told_newest_first_and_members_by_their_alias(client: Client) -> None:
    study = closed(rated(items=1))
    record(study, "run.imported", actor=make_user("Alice"), data={"responses_new": 3})
    page = text_of(as_carol(client, study).get(url(study)))
    assert "A1 imported a run responses_new: 3" in page
    assert page.index("closed the study") < page.index("founded the study")
    assert "command line founded the study" in page


def test_every_verb_that_was_recorded_has_its_words(client: Client) -> None:
    study = closed(rated(items=1))
    assert {event.verb for event in Event.objects.filter(study=study)} <= VERBS.keys()


def test_a_whole_chain_is_said_to_be_whole(client: Client) -> None:
    study = make_study()
    assert "The chain of 2 events is whole" in text_of(as_carol(client, study).get(url(study)))


def test_a_changed_entry_is_found(client: Client) -> None:
    study = rated(items=1)
    append_only.uninstall(connection)
    Event.objects.filter(study=study, number=2).update(data={"alias": "somebody else"})
    page = text_of(as_carol(client, study).get(url(study)))
    assert "The chain is broken at event 2" in page
    assert "is whole" not in page


def test_long_logs_turn_pages_at_the_same_cost(client: Client) -> None:
    study = make_study()
    as_carol(client, study)
    with counted_queries() as few:
        client.get(url(study))
    for number in range(150):
        record(study, "run.imported", actor=None, data={"responses_new": number})
    with counted_queries() as many:
        page = text_of(client.get(url(study)))
    assert "Page 1 of 2" in page
    assert len(many) == len(few)


def test_digests_are_shortened_and_lists_spelt_out() -> None:
    event = Event(data={"sha256": "ab" * 32, "files": {"a.csv": "x", "b.csv": "y"}})
    assert details(event) == "sha256: abababababab…; files: a.csv, b.csv"
