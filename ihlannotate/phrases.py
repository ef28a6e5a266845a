"""Messages of rooms that know no Django: English texts that remember how they were made, so that pages can translate.

`make messages` finds them by the name `Phrase`; `pipeline.refusals.translated` puts them into the reader's language.
"""

from collections.abc import Mapping

LONG = 10_000


class Phrase(str):
    """An English text with its template and the values in it, which may be phrases themselves.

    >>> missing = Phrase("“%(title)s” takes at most %(most)s characters.", title="Why?", most=10_000)
    >>> missing
    '“Why?” takes at most 10,000 characters.'
    >>> missing.template, missing.values["title"]
    ('“%(title)s” takes at most %(most)s characters.', 'Why?')
    """

    template: str
    values: Mapping[str, str | int]

    def __new__(cls, template: str, /, **values: str | int) -> "Phrase":
        shown = {name: grouped(value) for name, value in values.items()}
        phrase = super().__new__(cls, template % shown if values else template)
        phrase.template, phrase.values = template, values
        return phrase


def grouped(value: str | int) -> str:
    """A text as it is; a number with its thousands apart from five digits on, as in print."""
    return f"{value:,}" if isinstance(value, int) and abs(value) >= LONG else str(value)


def joined(*parts: str) -> str:
    """Those of the texts that are not empty, with semicolons between them.

    >>> joined("no interval", "", "one prompt only")
    'no interval; one prompt only'
    """
    present = [part for part in parts if part]
    if not present:
        return ""
    whole = present[0]
    for part in present[1:]:
        whole = Phrase("%(first)s; %(second)s", first=whole, second=part)
    return whole
