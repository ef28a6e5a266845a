"""What a verb raises when it will not do something: a message for people, and where it went wrong."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a file, or with a form, and where."""

    message: str
    row: int | None = None
    column: str | None = None
    conflict: bool = False  # the file contradicts what is already there

    def __str__(self) -> str:
        place = []
        if self.row is not None:
            place.append(f"row {self.row}")
        if self.column:
            place.append(f"column “{self.column}”")
        return f"{', '.join(place)}: {self.message}" if place else self.message

    def as_dict(self) -> dict[str, Any]:
        """The stable JSON form: `{"row", "column", "message"}`."""
        return {"row": self.row, "column": self.column, "message": self.message}


class Refused(Exception):
    """A verb was asked for something it must not do. Nothing was changed. `str()` is fit for a person."""

    def __init__(self, message: str, *, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
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
