"""What is contested, by the study's rule, and why; the draw of the audit; what is settled or moot is not open."""

import uuid
from pathlib import Path

import numpy as np
import pytest
from django.core.cache import caches

from ihlannotate.models.provenance import Origin
from ihlannotate.models.study import Study
from ihlannotate.pipeline.adjudicating import Reason, contested, settle
from ihlannotate.pipeline.annotating import submit
from ihlannotate.pipeline.tuning import update_settings
from tests.factory import contested_in, make_member, make_study, open_with, rate_next
from tests.pipeline.rated import N, P, R, rate, rated_study
from tests.pipeline.rated import settle as import_settled
from tests.web.coordinators import counted_queries

pytestmark = pytest.mark.django_db

LEVELS = """
name: levels
version: "1.0"
criteria:
  - key: refusal
    title: Did the model refuse?
    kind: choice
    level: {level}
    required: true
    options: [{{value: refused}}, {{value: partly_refused}}, {{value: not_refused}}]
  - key: sure
    title: How sure are you?
    kind: scale
    level: ordinal
    self_report: true
    options: [{{value: 1}}, {{value: 2}}, {{value: 3}}]
"""
ORDINAL, NOMINAL = LEVELS.format(level="ordinal"), LEVELS.format(level="nominal")


def reasons(study: Study, key: str = "refusal") -> dict[str, Reason]:
    """External id -> why the question is contested."""
    found = contested(study)
    names = dict(Origin.objects.filter(response__study=study).values_list("response__code", "external_id"))
    opened = {names[code]: found.open_of(code) for code in found.codes}
    return {name: keys[key] for name, keys in sorted(opened.items()) if key in keys}


def test_no_majority_of_two_or_more_is_contested(tmp_path: Path) -> None:
    table = [(R, N, ""), (R, R, N), (R, P, N), (R, "", ""), (R, R, R)]
    study = rated_study(tmp_path, table, rubric=NOMINAL)
    assert reasons(study) == {"r0": Reason.NO_MAJORITY, "r2": Reason.NO_MAJORITY}


@pytest.mark.parametrize(
    ("spread", "found"),
    [
        (0, {"r0": Reason.NO_MAJORITY}),
        (1, {"r0": Reason.NO_MAJORITY | Reason.SPREAD, "r1": Reason.SPREAD, "r2": Reason.SPREAD}),
        (2, {"r0": Reason.NO_MAJORITY | Reason.SPREAD, "r1": Reason.SPREAD}),
        (3, {"r0": Reason.NO_MAJORITY}),
    ],
)
def test_ordinal_levels_far_apart_are_contested_majority_or_not(
    tmp_path: Path, spread: int, found: dict[str, Reason]
) -> None:
    study = rated_study(tmp_path, [(R, P, N), (R, R, N), (R, R, P), (R, R, R)], rubric=ORDINAL)
    update_settings(study, actor=None, adjudicate_spread=spread)
    assert reasons(study) == found


def test_nominal_levels_have_no_spread(tmp_path: Path) -> None:
    study = rated_study(tmp_path, [(R, R, N)], rubric=NOMINAL)
    update_settings(study, actor=None, adjudicate_spread=1)
    assert reasons(study) == {}


def test_the_lowest_confidence_of_anybody_is_contested_where_the_study_says_so(tmp_path: Path) -> None:
    study = rated_study(tmp_path, [(R, R), (R, R), (R, N)], rubric=NOMINAL)
    rate(study, tmp_path, [("3", "1"), ("2", "3"), ("1", "1")], criterion="sure")
    assert reasons(study) == {"r2": Reason.NO_MAJORITY}
    update_settings(study, actor=None, adjudicate_low_confidence=True)
    assert reasons(study) == {
        "r0": Reason.LOW_CONFIDENCE,
        "r2": Reason.NO_MAJORITY | Reason.LOW_CONFIDENCE,
    }


def test_one_annotation_among_several_to_come_is_not_contested_by_low_confidence_or_draw(
    tmp_path: Path,
) -> None:
    study = rated_study(tmp_path, [(R, ""), (R, R)], rubric=NOMINAL)
    rate(study, tmp_path, [("1", ""), ("1", "1")], criterion="sure")
    update_settings(study, actor=None, adjudicate_low_confidence=True, adjudicate_audit_percent=100)
    assert reasons(study) == {"r1": Reason.LOW_CONFIDENCE}


def test_where_one_annotator_is_all_there_will_be_low_confidence_and_the_draw_count(tmp_path: Path) -> None:
    study = rated_study(tmp_path, [(R,), (R,)], rubric=NOMINAL)
    rate(study, tmp_path, [("1",), ("2",)], criterion="sure")
    update_settings(study, actor=None, adjudicate_low_confidence=True, adjudicate_audit_percent=100)
    assert reasons(study) == {"r0": Reason.LOW_CONFIDENCE, "r1": Reason.AUDIT}


def test_the_audit_draws_its_share_of_the_others_the_same_each_time_and_whoever_rates_more(
    tmp_path: Path,
) -> None:
    study = rated_study(tmp_path, [(R, R)] * 400 + [(R, N)] * 5, rubric=NOMINAL)
    update_settings(study, actor=None, adjudicate_audit_percent=25)
    drawn = [name for name, reason in reasons(study).items() if reason == Reason.AUDIT]
    assert 75 <= len(drawn) <= 125  # 100 expected, standard deviation 8.7
    assert sum(reason == Reason.NO_MAJORITY for reason in reasons(study).values()) == 5
    caches["figures"].clear()
    assert [name for name, reason in reasons(study).items() if reason == Reason.AUDIT] == drawn
    update_settings(study, actor=None, adjudicate_audit_percent=50)
    assert set(drawn) < set(reasons(study))
    Study.objects.filter(pk=study.pk).update(seed=study.seed + 1)
    study.refresh_from_db()
    caches["figures"].clear()
    assert not set(drawn) < set(reasons(study))


def test_questions_are_drawn_apart_so_that_an_audited_item_does_not_give_itself_away() -> None:
    study = open_with(make_study(overlap=2, repeat_percent=0), 60)
    update_settings(study, actor=None, adjudicate_audit_percent=50)
    for name in ("Alice", "Bob"):
        member = make_member(study, name)
        for _item in range(60):
            rate_next(member)
    numbers = {len(keys) for keys in contested_in(study).values()}
    assert numbers == {1, 2}


def test_what_is_settled_is_not_open_be_it_by_hand_or_by_a_file(tmp_path: Path) -> None:
    study = rated_study(tmp_path, [(R, N)] * 3, rubric=NOMINAL)
    assert len(contested(study)) == 3
    import_settled(study, tmp_path, {"r1": N})
    assert set(reasons(study)) == {"r0", "r2"}
    code = contested(study).codes[0]
    settle(member=make_member(study, "Dana"), code=code, key="refusal", value="", reason="Both hold.")
    assert len(contested(study)) == 1
    assert contested(study).open_of(code) == {}


def test_a_question_that_the_settled_answer_rules_out_is_not_open_and_differing_lawyers_rule_out_nothing() -> (
    None
):
    study = open_with(make_study(), 2)
    alice, bob = make_member(study, "Alice"), make_member(study, "Bob")
    for _item in range(2):
        rate_next(alice, {"refusal": ["refused"], "helpfulness": ["1"]})
        rate_next(bob, {"refusal": ["partly_refused"], "helpfulness": ["3"]})
    dana = make_member(study, "Dana")
    one, other = contested(study).codes
    settle(member=dana, code=one, key="refusal", value="not_refused", reason="It does it.")
    settle(member=dana, code=other, key="refusal", value="", reason="Both hold.")
    assert contested(study).codes == (other,)
    assert list(contested(study).open_of(other)) == ["helpfulness"]
    settle(member=dana, code=one, key="refusal", value="refused", reason="Read again.")
    assert list(contested(study).open_of(one)) == ["helpfulness"]


CHAIN = """
name: chain
version: "1.0"
criteria:
  - {key: usable, title: Usable, kind: flag, required: true}
  - {key: refused, title: Refused, kind: flag, show_if: {usable: ["yes"]}}
  - {key: reason, title: Reason, kind: flag, show_if: {refused: ["yes"]}}
"""


def test_what_hangs_on_a_question_that_is_ruled_out_is_ruled_out_with_it() -> None:
    study = open_with(make_study(rubric=CHAIN), 1)
    rate_next(make_member(study, "Alice"), {"usable": ["yes"], "refused": ["yes"], "reason": ["yes"]})
    rate_next(make_member(study, "Bob"), {"usable": ["yes"], "refused": ["yes"], "reason": ["no"]})
    (code,) = contested(study).codes
    settle(member=make_member(study, "Dana"), code=code, key="usable", value="no", reason="It breaks off.")
    assert len(contested(study)) == 0


def test_items_stand_by_their_random_codes_and_one_answer_that_changes_shows_at_once() -> None:
    study = open_with(make_study(), 12)
    alice, bob = make_member(study, "Alice"), make_member(study, "Bob")
    for _item in range(12):
        rate_next(alice, {"refusal": ["refused"], "helpfulness": ["2"]})
        sheet = rate_next(bob, {"refusal": ["not_refused"]})
    found = contested(study)
    assert list(found.codes) == sorted(found.codes)
    assert found.responses.tolist() != sorted(found.responses.tolist())
    assert sheet.response
    submit(
        sheet,
        answers={"refusal": ["refused"], "helpfulness": ["2"]},
        submission=uuid.uuid4(),
        reason="Misread.",
    )
    assert len(contested(study)) == 11
    assert contested(study).open_of(sheet.response.code) == {}


def test_the_queue_is_read_with_few_queries_and_kept_until_something_changes(tmp_path: Path) -> None:
    study = rated_study(tmp_path, [(R, N)] * 40, rubric=NOMINAL)
    with counted_queries() as cold:
        first = contested(study)
    with counted_queries() as warm:
        again = contested(study)
    assert (len(cold), len(warm)) == (5, 1)
    assert first.codes == again.codes
    assert np.array_equal(first.reasons, again.reasons)


def test_a_study_without_ratings_has_nothing_contested() -> None:
    study = make_study()
    assert len(contested(study)) == 0
    assert contested(study).open_of("nothing") == {}
