"""Progress: what each annotator has done, has in hand and skipped, and the pace of the study."""

import datetime
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ihlannotate import append_only
from ihlannotate.models.annotation import Revision
from ihlannotate.models.study import Study
from ihlannotate.pipeline.assigning import skip
from ihlannotate.web.coordinate.pace import AnnotatorPace, pace_of
from tests.factory import make_member, make_study, open_with, rate_next, take_sheet
from tests.pipeline.rated import R, rated_study
from tests.web.coordinators import as_carol, rated, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    """Six responses, k = 2: Alice has rated three and has one in hand, Bob has skipped one, Zoe has not begun."""
    study = open_with(make_study(), 6)
    alice, bob = make_member(study, "Alice"), make_member(study, "Bob")
    make_member(study, "Zoe", role="annotator")
    for _number in range(3):
        rate_next(alice)
    take_sheet(alice)
    skip(take_sheet(bob), reason="language")
    return study


def took(*seconds: int) -> None:
    """Let the annotations have taken so long (revisions never change: only a test may)."""
    append_only.uninstall(connection)
    for revision, value in zip(Revision.objects.order_by("pk"), seconds, strict=True):
        Revision.objects.filter(pk=revision.pk).update(seconds=value)


def of(study: Study, name: str) -> AnnotatorPace:
    return next(one for one in pace_of(study).annotators if one.name == name)


def test_each_annotator_has_their_counts_and_an_even_share(study: Study) -> None:
    alice, bob, zoe = of(study, "Alice"), of(study, "Bob"), of(study, "Zoe")
    assert [(one.done, one.in_hand, one.skipped, one.share) for one in (alice, bob, zoe)] == [
        (3, 1, 0, 4),
        (0, 0, 1, 4),
        (0, 0, 0, 4),
    ]
    assert alice.last is not None
    assert (zoe.last, zoe.median_seconds) == (None, None)


def test_the_study_needs_k_annotations_of_each_response(study: Study) -> None:
    pace = pace_of(study)
    assert (pace.responses, pace.slots, pace.filled, pace.in_hand, pace.left) == (6, 12, 3, 1, 9)
    assert pace.share_filled == 0.25


def test_the_median_is_of_the_first_submissions(study: Study) -> None:
    took(60, 90, 600)
    assert of(study, "Alice").median_seconds == 90


def test_the_rest_is_foretold_from_the_last_week(study: Study) -> None:
    assert pace_of(study).days_left == 21  # 9 left at 3 a week
    append_only.uninstall(connection)
    Revision.objects.update(created_at=timezone.now() - datetime.timedelta(days=8))
    pace = pace_of(study)
    assert (pace.last_week, pace.days_left) == (0, None)


def test_imported_ratings_count_as_done_and_not_as_pace(tmp_path: Path) -> None:
    pace = pace_of(rated_study(tmp_path, [[R, R], [R, ""]]))
    assert (pace.filled, pace.last_week, pace.days_left) == (3, 0, None)
    assert [(one.alias, one.done, one.median_seconds) for one in pace.annotators] == [
        ("R1", 2, None),
        ("R2", 1, None),
    ]


def test_a_full_study_has_nothing_left() -> None:
    pace = pace_of(rated())
    assert (pace.left, pace.days_left, pace.share_filled) == (0, None, 1.0)


def test_the_page_shows_it_all_and_no_model(client: Client, study: Study) -> None:
    took(60, 90, 600)
    page = text_of(as_carol(client, study).get(reverse("coordinate:progress", args=[study.slug])))
    assert "3 of 12 annotations that 6 responses need" in page
    assert "25.0% · 1 in hand" in page
    assert "A1 Alice 3 4 1 0 1.5 min" in page
    assert "A2 Bob 0 4 0 1 –" in page
    assert "the rest takes about 21 days" in page


def test_without_annotators_the_page_says_what_to_do(client: Client) -> None:
    study = make_study()
    page = text_of(as_carol(client, study).get(reverse("coordinate:progress", args=[study.slug])))
    assert "No annotator yet" in page
