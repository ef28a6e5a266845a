"""What a verb raises when it will not do something: a message for people, and where it went wrong.

Messages are in the language of the person who asked; those of the readers are put into it here.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from ihlannotate.phrases import LONG, Phrase


def translated(text: str) -> str:
    """A phrase of a room that knows no Django, in the language that is active; any other text as it is."""
    if not isinstance(text, Phrase):
        return text
    if not text.values:
        return _(text.template)
    return _(text.template) % {name: _value(value) for name, value in text.values.items()}


def _value(value: str | int) -> str:
    if isinstance(value, int):
        return number_format(value, force_grouping=abs(value) >= LONG)
    return translated(value)


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a file, or with a form, and where."""

    message: str
    row: int | None = None
    column: str | None = None
    conflict: bool = False  # the file contradicts what is already there

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", translated(self.message))

    def __str__(self) -> str:
        place = []
        if self.row is not None:
            place.append(_("row %(row)s") % {"row": self.row})
        if self.column:
            place.append(_("column “%(column)s”") % {"column": self.column})
        if not place:
            return self.message
        return _("%(place)s: %(what)s") % {"place": ", ".join(place), "what": self.message}

    def as_dict(self) -> dict[str, Any]:
        """The stable JSON form: `{"row", "column", "message"}`."""
        return {"row": self.row, "column": self.column, "message": self.message}


class Refused(Exception):
    """A verb was asked for something it must not do. Nothing was changed. `str()` is fit for a person."""

    def __init__(self, message: str, *, problems: tuple[Problem, ...] = ()) -> None:
        self.message = translated(message)
        super().__init__(self.message)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join([self.message, *(f"  {problem}" for problem in self.problems)])

    def as_dict(self) -> dict[str, Any]:
        """The stable JSON form: `{"error", "problems", "conflicts"}`; `conflicts` counts the problems that are one."""
        return {
            "error": self.message,
            "problems": [problem.as_dict() for problem in self.problems],
            "conflicts": sum(problem.conflict for problem in self.problems),
        }
