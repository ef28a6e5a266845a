"""Grouped studies go prompt by prompt; others keep answers to one prompt apart as long as they can."""

import uuid
from itertools import groupby

import pytest

from ihlannotate.models.assignment import Assignment
from ihlannotate.models.item import Response
from ihlannotate.pipeline.annotating import submit
from ihlannotate.pipeline.assigning import (
    next_sheet,
)
from tests.factory import (
    REFUSED,
    make_item,
    make_member,
    make_study,
    open_with,
    rate_next,
)

pytestmark = pytest.mark.django_db


def test_a_grouped_study_is_laid_out_by_prompt() -> None:
    study = make_study(grouped=True, overlap=1, seed=5)
    for model in range(3):
        for number in range(5):
            make_item(study, prompt=f"Request {number}.", response=f"Answer {number} of {model}.")
    open_with(study, 0)
    laid_out = list(Response.objects.order_by("position").values_list("prompt_id", flat=True))
    assert len([*groupby(laid_out)]) == 5
    assert laid_out != sorted(laid_out)
    alice = make_member(study, "Alice")
    prompts = []
    while sheet := next_sheet(alice):
        submit(sheet, answers=REFUSED, submission=uuid.uuid4())
        assert sheet.response
        prompts.append(sheet.response.prompt_id)
    assert len(prompts) == 15
    assert all(len(set(prompts[start : start + 3])) == 1 for start in range(0, 15, 3))


def test_the_spread_is_kept_though_the_window_holds_nothing_else() -> None:
    study = make_study(overlap=1, spread=1)
    for number in range(105):
        make_item(study, prompt="The same request.", response=f"Answer {number}.")
    make_item(study, prompt="Another request.", response="Its answer.")
    open_with(study, 0)
    # The other request's place is the last, beyond the window.
    last = Assignment.objects.order_by("-position")[0]
    other = Assignment.objects.get(response__prompt__text="Another request.")
    Assignment.objects.filter(pk=last.pk).update(position=other.position)
    Assignment.objects.filter(pk=other.pk).update(position=last.position)
    alice = make_member(study, "Alice")
    rate_next(alice)
    assert rate_next(alice).response_id == other.response_id
    assert rate_next(alice)
