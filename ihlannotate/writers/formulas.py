"""Keeps spreadsheets from running texts as formulas: which texts those are, and how CSV disarms them.

A CSV file has no types: a program that opens it may run any cell that starts with one of = + - @ (also in
their full-width forms, also behind white space or invisible characters), a tab or a line end. The usual
defence, an apostrophe in front, is kept reversible: texts that look like a disarmed one get an apostrophe
too.
"""

import re

_ACTIVE = r"(?:[\s\x00-\x1f\u200b-\u200f\u2060\ufeff]*[=+\-@＝＋－＠]|[\t\r\n])"
_FORMULA = re.compile(_ACTIVE)
_TO_ESCAPE = re.compile(f"'*{_ACTIVE}")
_ESCAPED = re.compile(f"'+{_ACTIVE}")


def looks_like_formula(text: str) -> bool:
    """Whether a spreadsheet program might run the text when it meets it in an untyped file."""
    return _FORMULA.match(text) is not None


def escape_formula(text: str) -> str:
    """Return the text with an apostrophe in front if it looks like a formula, or like the result of this."""
    return f"'{text}" if _TO_ESCAPE.match(text) else text


def unescape_formula(text: str) -> str:
    """Return the text that `escape_formula` was given."""
    return text[1:] if _ESCAPED.match(text) else text
