"""A figure with its interval, or the reason why there is none."""

import math
from dataclasses import dataclass

from ihlannotate.phrases import Phrase

BEYOND = Phrase(
    "the interval lies beyond what is possible, so none is given: gold is too unlike the other responses"
)
_NO_WIDTH = 1e-9


@dataclass(frozen=True)
class Estimate:
    """A statistic, the limits of its 95% interval, and a note.

    `None` stands for undefined, and the note then says why; NaN is refused. A defined value may lack an
    interval (one prompt only, for instance); the note says that too.

    >>> Estimate(0.8, 0.7, 0.9).as_dict()
    {'value': 0.8, 'ci': [0.7, 0.9], 'note': ''}
    >>> Estimate.undefined("no unit has two annotations").as_dict()
    {'value': None, 'ci': [None, None], 'note': 'no unit has two annotations'}
    """

    value: float | None
    low: float | None
    high: float | None
    note: str = ""

    def __post_init__(self) -> None:
        for name in ("value", "low", "high"):
            number = getattr(self, name)
            if number is None:
                continue
            if math.isnan(number):
                raise ValueError(f"{name} is NaN; say None and give the reason in the note")
            # numpy scalars would leak into JSON and reprs
            object.__setattr__(self, name, float(number))
        if self.value is None and not self.note:
            raise ValueError("an undefined estimate says why in its note")

    @classmethod
    def undefined(cls, note: str) -> "Estimate":
        """No value and no interval, for the reason in `note`."""
        return cls(None, None, None, note)

    def as_dict(self) -> dict[str, float | list[float | None] | str | None]:
        """The JSON form: `{"value", "ci": [low, high], "note"}`."""
        return {"value": self.value, "ci": [self.low, self.high], "note": self.note}


def bounded(value: float, low: float, high: float, *, span: tuple[float, float]) -> Estimate:
    """An estimate of what lies within `span` (least and most possible), its limits bounded to it too.

    Limits that lie beyond the span on one side leave no interval, for which the note gives the reason: bounded, it
    would have no width and claim certainty.

    >>> bounded(1.2, 0.9, 1.5, span=(0, 1)).as_dict()
    {'value': 1.0, 'ci': [0.9, 1.0], 'note': ''}
    """
    least, most = span
    inside, from_, to = (min(max(one, least), most) for one in (value, low, high))
    if to - from_ < _NO_WIDTH <= high - low:
        return Estimate(inside, None, None, BEYOND)
    return Estimate(inside, from_, to)


def apart(one: Estimate, other: Estimate) -> bool:
    """Whether two estimates have intervals that do not meet."""
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return False
    return one.high < other.low or other.high < one.low
