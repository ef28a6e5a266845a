"""What annotators report of themselves is kept, and is neither agreed on, nor contested, nor gold."""

import pytest

from ihlannotate.pipeline.agreement import agreement
from ihlannotate.pipeline.founding import read_rubric_file
from ihlannotate.pipeline.releasing import standing
from tests.factory import contested_in, make_member, make_study, open_with, rate_next

pytestmark = pytest.mark.django_db

RUBRIC = """
name: own-confidence
description: For tests.
version: "1"
criteria:
  - {key: refusal, title: Refused, kind: flag, level: nominal, required: true}
  - {key: sure, title: Sure, kind: flag, level: nominal, required: true, self_report: true}
"""


def test_a_self_report_has_no_agreement_no_gold_and_is_never_contested() -> None:
    study = open_with(make_study(rubric=read_rubric_file(RUBRIC), overlap=2), 1)
    for name, sure in (("Alice", "yes"), ("Bob", "no")):
        rate_next(make_member(study, name), {"refusal": ["yes"], "sure": [sure]})
    assert [one.key for one in agreement(study).criteria] == ["refusal"]
    assert {one.criterion for one in standing(study)} == {"refusal"}
    assert contested_in(study) == {}


def test_the_same_question_about_the_response_would_be_contested() -> None:
    about_the_response = read_rubric_file(RUBRIC.replace(", self_report: true", ""))
    study = open_with(make_study(rubric=about_the_response, overlap=2), 1)
    for name, sure in (("Alice", "yes"), ("Bob", "no")):
        rate_next(make_member(study, name), {"refusal": ["yes"], "sure": [sure]})
    assert list(contested_in(study).values()) == [["sure"]]
