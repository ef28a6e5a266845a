"""Texts that a spreadsheet might run are recognised, disarmed, and can be restored."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ihlannotate.writers.formulas import escape_formula, looks_like_formula, unescape_formula


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\tx",
        "\rx",
        "\nx",
        " =1",
        "\u00a0=1",
        "\ufeff=1",
        "\u200b=1",
        "\x01=1",
        "＝1",
        "＋1",
        "－1",
        "＠1",
        "=",
    ],
)
def test_what_a_spreadsheet_might_run_is_disarmed(text):
    assert looks_like_formula(text)
    assert escape_formula(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "a", "1", "a=1", "(=1)", "'quoted'", "–dash", "#N/A", '"=1"'])
def test_other_texts_are_left_alone(text):
    assert not looks_like_formula(text)
    assert escape_formula(text) == text


@settings(deadline=None)
@given(st.text(alphabet="'=+-@ \t\n\rax＝\ufeff", max_size=8))
@example("'=1")
@example("''=1")
@example("'tis")
def test_disarming_can_be_undone_and_leaves_nothing_armed(text):
    escaped = escape_formula(text)
    assert unescape_formula(escaped) == text
    assert not looks_like_formula(escaped)
