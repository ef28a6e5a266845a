"""A rubric as a form: what applies, which key chooses what, which answers are taken."""

from django.http import QueryDict

from ihlannotate.pipeline.annotating.evidence import Passage
from ihlannotate.readers.rubric import RubricSpec, read_rubric
from ihlannotate.web.questions import RESERVED, applicable, posted, questions
from tests.factory import SMALL_RUBRIC


def small() -> RubricSpec:
    return read_rubric(SMALL_RUBRIC)


def test_a_question_applies_once_its_condition_holds() -> None:
    blank = questions(small(), {})
    assert [one.applies for one in blank] == [True, False, True]
    assert [one.applies for one in questions(small(), {"refusal": ["refused"]})] == [True, True, True]


def test_a_condition_names_the_form_field_it_looks_at() -> None:
    assert questions(small(), {})[1].show_if == '{"c-refusal": ["refused", "partly_refused"]}'


def test_digits_choose_by_place_and_on_a_scale_by_value() -> None:
    spec = read_rubric(SMALL_RUBRIC.replace("value: 1,", "value: 0,"))
    refusal, helpfulness, _ = questions(spec, {})
    assert [one.key for one in refusal.choices] == ["1", "2", "3"]
    assert [one.key for one in helpfulness.choices] == ["0", "2", "3"]


def test_an_option_beyond_nine_has_no_key() -> None:
    options = "\n".join(f"      - {{value: v{n}}}" for n in range(11))
    spec = read_rubric(
        f'name: n\nversion: "1"\ncriteria:\n  - key: a\n    title: A\n    kind: choice\n    level: nominal\n'
        f"    options:\n{options}"
    )
    assert [one.key for one in questions(spec, {})[0].choices] == [*"123456789", "", ""]


def test_answers_to_questions_that_do_not_apply_are_dropped() -> None:
    data = QueryDict("c-refusal=not_refused&c-helpfulness=2&c-comment=So&other=1")
    answers = posted(small(), data)
    assert answers == {"refusal": ["not_refused"], "helpfulness": ["2"], "comment": ["So"]}
    assert applicable(small(), answers) == {"refusal": ["not_refused"], "comment": ["So"]}


def test_the_first_wrong_question_takes_the_focus() -> None:
    found = questions(small(), {}, {"helpfulness": "missing", "comment": "too long"})
    assert [one.focus for one in found] == [False, True, False]


def texts(*keys: str) -> RubricSpec:
    rows = "\n".join(f"  - {{key: {key}, title: T, kind: text}}" for key in keys)
    return read_rubric(f'name: n\nversion: "1"\ncriteria:\n{rows}')


def test_each_question_has_a_letter_of_its_own_that_does_nothing_else() -> None:
    found = questions(texts("refusal", "rules", "dread", "reasons", "e"), {})
    assert [one.letter for one in found] == ["r", "l", "a", "o", "b"]
    many = [one.letter for one in questions(texts(*(f"c{n}" for n in range(30))), {})]
    given = [letter for letter in many if letter]
    assert len(given) == len(set(given)) == 26 - len(RESERVED)
    assert not RESERVED & set(given)
    assert many[len(given) :] == [""] * (30 - len(given))


def test_passages_stand_with_the_question_that_they_are_evidence_for() -> None:
    passages = [
        Passage("comment", 0, 4, "I ca"),
        Passage("refusal", 2, 9, "can't"),
        Passage("refusal", 0, 1, "I"),
    ]
    found = questions(small(), {}, evidence=passages)
    assert [[one.start for one in question.passages] for question in found] == [[2, 0], [], [0]]
