"""The page of the sample: the form with its plan, what was drawn, and what can no longer be."""

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from ihlannotate.models.study import Study
from ihlannotate.pipeline.judging import Said, save_verdicts
from ihlannotate.pipeline.lifecycle import open_study, unblind_study
from ihlannotate.pipeline.sampling import draw_sample, sample_of
from tests.factory import make_member, make_user
from tests.pipeline.sampled import MORE_REFUSALS, imported_study, names, sampled_study
from tests.web.coordinators import as_carol, sign_in, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return imported_study(tmp_path)


def page_of(study: Study) -> str:
    return reverse("coordinate:sample", args=[study.slug])


def test_a_draft_shows_the_form_beside_what_sizes_would_tell(client: Client, study: Study) -> None:
    page = text_of(as_carol(client, study).get(page_of(study)))
    assert "Experts see all 120 responses" in page
    assert "Expected half-width" in page
    assert "100 – – ± 6.0 pp 120 – – ± 5.4 pp" in page  # sizes that there are responses for, and all of them
    assert "200 –" not in page
    assert "Heron · refusal · refused" in page


def test_what_the_form_says_is_drawn_and_shown(client: Client, study: Study) -> None:
    carol = as_carol(client, study)
    sent = {"size": "30", "by": ["model"], "more": "", "factor": "2"}
    page = text_of(carol.post(page_of(study), sent, follow=True))
    found = sample_of(study)
    assert found is not None
    assert (found.size, found.by, found.oversampled, found.drawn_by) == (30, ("model",), (), "Carol")
    assert "Experts see 30 of 120 responses" in page
    assert "Borealis-2 60 15 0.250" in page
    assert "drawn alike" not in page
    assert "Draw it again" in page


def test_a_class_of_verdicts_is_drawn_more_often_and_not_told_by_model(client: Client, study: Study) -> None:
    carol = as_carol(client, study)
    form = carol.get(page_of(study)).context["form"]
    number = next(one for one, (_judge, _key, level) in form.classes.items() if level == "refused")
    sent = {"size": "40", "by": ["model"], "more": number, "factor": "4"}
    page = text_of(carol.post(page_of(study), sent, follow=True))
    found = sample_of(study)
    assert found is not None
    assert found.oversampled == (MORE_REFUSALS,)
    assert "Until the study is unblinded" in page
    assert f"the 40 tell about as much as {found.effective:.0f} that were drawn alike" in page
    assert "Aster-1" not in page


def test_what_a_judge_was_least_sure_of_is_offered_and_named(client: Client, study: Study) -> None:
    scores = {name: 0.6 if number % 4 else 0.9 for number, name in enumerate(names())}
    said = [Said(row, name, "refused", score=str(one)) for row, (name, one) in enumerate(scores.items())]
    save_verdicts(study, said, judge="Crow", criterion="refusal", actor=None)
    carol = as_carol(client, study)
    form = carol.get(page_of(study)).context["form"]
    number = next(one for one, (_judge, _key, level) in form.classes.items() if not level)
    assert (number, "Crow · refusal · least sure") in form.fields["more"].choices
    sent = {"size": "40", "by": ["model"], "more": number, "factor": "2"}
    page = text_of(carol.post(page_of(study), sent, follow=True))
    assert "Crow: least sure" in page


def test_a_size_that_cannot_be_drawn_keeps_the_form_and_says_why(client: Client, study: Study) -> None:
    answered = as_carol(client, study).post(
        page_of(study), {"size": "1", "by": ["model", "condition"], "factor": "2"}
    )
    assert answered.status_code == 422
    assert "120 responses in 2 strata" in text_of(answered)
    assert 'value="1"' in answered.content.decode()
    assert sample_of(study) is None


def test_an_open_study_shows_its_sample_and_offers_no_form(client: Client, study: Study) -> None:
    draw_sample(study, size=30, by=["model"], actor=None)
    open_study(study, actor=None)
    carol = as_carol(client, study)
    page = text_of(carol.get(page_of(study)))
    assert "Experts see 30 of 120 responses" in page
    assert "stands as it is" in page
    assert "Draw it again" not in page
    answered = carol.post(page_of(study), {"size": "5", "by": [], "factor": "2"})
    assert answered.status_code == 422
    assert "its sample stands as it is" in text_of(answered)
    progress = text_of(carol.get(reverse("coordinate:progress", args=[study.slug])))
    assert "of 30" in progress
    home = text_of(carol.get(reverse("coordinate:studies")))
    assert "120" not in home


def test_after_unblinding_strata_of_verdicts_are_told_by_model(client: Client, tmp_path: Path) -> None:
    study = sampled_study(tmp_path)
    carol = as_carol(client, study)
    assert "Aster-1" not in text_of(carol.get(page_of(study)))
    unblind_study(study, reason="To publish.", actor=None)
    assert "Aster-1" in text_of(carol.get(page_of(study)))


def test_only_coordinators_reach_the_sample(client: Client, study: Study) -> None:
    make_member(study, "Alice")
    assert sign_in(client, make_user("Alice")).get(page_of(study)).status_code == 404
