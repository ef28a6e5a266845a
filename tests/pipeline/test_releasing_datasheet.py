"""The datasheet: it is written from the data, says what it must, and is the same for the same data."""

from pathlib import Path

import pytest
from django.utils.translation import override

from ihlannotate.models.event import Event
from ihlannotate.models.gold import GoldRelease
from ihlannotate.models.study import Membership, Study
from ihlannotate.pipeline.exporting import export
from ihlannotate.pipeline.founding import state_expertise
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.releasing import audit_head, document, release_gold
from ihlannotate.pipeline.releasing.markdown import escaped, figure, table
from ihlannotate.stats.estimate import Estimate
from tests.factory import make_member, make_study
from tests.pipeline.rated import N, P, R, close, rated_study, settle
from tests.web.coordinators import closed, rated

pytestmark = pytest.mark.django_db
TABLE = [(R, R, R), (R, R, N), (R, P, N), (R, "", ""), ("", "", "")]


@pytest.fixture
def study(tmp_path: Path) -> Study:
    study = rated_study(tmp_path, TABLE)
    settle(study, tmp_path, {"r2": P})
    return close(study)


def sheet_of(study: Study) -> str:
    release_gold(study, actor=None)
    return GoldRelease.objects.filter(study=study).latest("number").datasheet


def test_it_tells_who_rated_under_aliases_with_what_they_stated(study: Study) -> None:
    member = study.memberships.get(alias="R1")
    state_expertise(member=member, text="Military lawyer | twelve\nyears", actor=None)
    text = sheet_of(study)
    assert r"| R1 | annotator, ratings imported | Military lawyer \| twelve years | 4 | 0 | 0 |" in text
    assert "| R2 | annotator, ratings imported | not stated | 3 | 0 | 0 |" in text
    assert "Raters who stated no expertise: 2 of 3." in text


def test_it_tells_how_much_was_rated_and_settled(study: Study) -> None:
    text = sheet_of(study)
    assert "5 responses to 5 prompts: every response that was imported, without sampling." in text
    for line in ("| 3 | 3 |", "| 1 | 1 |", "| 0 | 1 |", "| refusal | 1 | 1 | 1 | 0 | 1 | 4 |"):
        assert line in text
    assert "| refusal | 1 | 0 | 1 |" in text


def test_it_tells_agreement_as_the_pages_do(study: Study) -> None:
    assert "| refusal | nominal | 4 | 3 | 44.4% [" in sheet_of(study)


def test_it_tells_the_limits_that_follow_from_the_data(study: Study) -> None:
    limits = sheet_of(study).split("## Known limits")[1].split("\n## ")[0]
    assert "Responses that nobody rated: 1." in limits
    assert "Labels that rest on one annotator alone: 1" in limits
    assert "conclusions are not safe: refusal" in limits
    assert "All ratings were imported from files" in limits
    assert "contested and not adjudicated" not in limits
    assert "Free texts have neither: comment." in limits


def test_it_tells_of_training_attention_and_repeats_where_there_were_some() -> None:
    text = sheet_of(closed(rated()))
    assert "There were neither training nor attention items." in text
    assert "## Agreement of annotators with themselves" not in text


def test_no_name_model_or_address_is_in_it() -> None:
    study = rated()
    make_member(study, "Dana")
    text = sheet_of(closed(study))
    for word in ("Alice", "Bob", "Dana", "example.org", "Aster-1"):
        assert word not in text


def test_it_is_the_same_in_every_language_and_however_often_it_is_made(study: Study) -> None:
    first = sheet_of(study)
    with override("fr"):
        assert sheet_of(study) == first


def test_what_is_stated_changes_the_sheet_and_the_hash(study: Study) -> None:
    before = release_gold(study, actor=None)
    state_expertise(member=study.memberships.get(alias="R1"), text="Judge", actor=None)
    after = release_gold(study, actor=None)
    assert before.sha256 != after.sha256


def test_an_earlier_release_keeps_its_sheet(study: Study) -> None:
    first = sheet_of(study)
    state_expertise(member=study.memberships.get(alias="R1"), text="Judge", actor=None)
    sheet_of(study)
    assert GoldRelease.objects.get(study=study, number=1).datasheet == first


def test_an_exported_release_has_the_same_bytes_when_it_is_made_twice(study: Study, tmp_path: Path) -> None:
    release_gold(study, actor=None, seed=3)
    made = []
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        export(study, tmp_path / folder / "gold.csv", what="gold", format="csv", actor=None)
        made.append({path.name: path.read_bytes() for path in (tmp_path / folder).iterdir()})
    assert set(made[0]) == {"gold.csv", "gold.csv.manifest.json", "gold.datasheet.md"}
    assert made[0] == made[1]


def test_the_same_data_and_seed_give_the_same_labels_and_sheet_in_the_next_release(
    study: Study, tmp_path: Path
) -> None:
    made = []
    for number in (1, 2):
        release_gold(study, actor=None, seed=3)
        path = tmp_path / f"{number}.csv"
        export(study, path, what="gold", format="csv", actor=None)
        sheet = (tmp_path / f"{number}.datasheet.md").read_text("utf-8")
        made.append((path.read_bytes(), sheet.partition("\n## ")[2]))
    assert made[0] == made[1]


def test_the_release_tells_where_the_log_stood(study: Study) -> None:
    before = audit_head(study)
    found = release_gold(study, actor=None)
    newest = Event.objects.filter(study=study, number=before.number).get()
    assert (found.audit, before.digest) == (before, newest.digest)
    release = GoldRelease.objects.get(study=study)
    assert release.parameters["audit"] == before.as_dict()
    assert f"event {before.number}, {before.digest}" in document(release)


def test_stated_expertise_is_one_line_kept_on_the_record_and_not_told_there() -> None:
    alice = make_member(make_study(), "Alice")
    for _ in range(2):
        state_expertise(member=alice, text="  Military\n lawyer\0 ", actor=alice.user)
    alice.refresh_from_db()
    assert alice.expertise == "Military lawyer"
    event = Event.objects.get(verb="member.expertise_stated")
    assert (event.data, event.actor) == ({"alias": "A1"}, alice.user)


def test_expertise_that_is_too_long_is_refused() -> None:
    alice = make_member(make_study(), "Alice")
    with pytest.raises(Refused, match="at most 200 characters"):
        state_expertise(member=alice, text="x" * 201, actor=None)
    assert Membership.objects.get(pk=alice.pk).expertise == ""


@pytest.mark.parametrize(
    "text", ["# Head", "<b>bold</b>", "[a](https://example.org)", "*a* _b_ `c`", "a\n\nb"]
)
def test_what_people_write_is_never_markdown(text: str) -> None:
    assert "\n" not in escaped(text)
    for mark in "#<[*_`":
        assert f" {mark}" not in f" {escaped(text)}"


def test_figures_say_their_interval_or_why_there_is_none() -> None:
    assert figure(Estimate(0.8149, 0.7, 0.9)) == "0.81 [0.70, 0.90]"
    assert figure(Estimate(0.9375, 0.9, 1.0), percent=True) == "93.8% [90.0, 100.0]"
    assert figure(Estimate(-0.001, None, None, "one prompt only")) == "0.00 (no interval)"
    assert figure(Estimate.undefined("no pairs")) == "undefined: no pairs"


def test_columns_of_figures_stand_right() -> None:
    assert list(table(("a",), [("1",), ("undefined",)]))[1] == "|---|"
    assert list(table(("a", "b"), [("x", "1"), ("y", "2")])) == [
        "| a | b |",
        "|---|---:|",
        "| x | 1 |",
        "| y | 2 |",
    ]
