"""What plots are made of: labelled values, with every word that will stand in them, and the drawing that results."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Axis:
    """An axis from `start` to `end` with its `title` (units in it), labelled `ticks` and labelled reference `marks`."""

    title: str
    start: float
    end: float
    ticks: tuple[tuple[float, str], ...]
    marks: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True)
class Point:
    """A value with its limits, each None where undefined, and what it is in words."""

    value: float | None
    low: float | None
    high: float | None
    words: str


@dataclass(frozen=True)
class Row:
    """A labelled point of a forest plot."""

    label: str
    point: Point


@dataclass(frozen=True)
class Pair:
    """A labelled pair of points of a dumbbell plot; `words` tell both."""

    label: str
    first: Point
    second: Point
    words: str


@dataclass(frozen=True)
class Cell:
    """A cell of a grid: `part` (0 to 1) is its tint or the length of its bar, None leaves it blank."""

    part: float | None
    words: str
    framed: bool = False


@dataclass(frozen=True)
class Panel:
    """One curve over the same `places` as the others: its points, and thin `others` (a value a place, or None)."""

    label: str
    points: tuple[Point, ...]
    others: tuple[tuple[float | None, ...], ...] = ()


@dataclass(frozen=True)
class Bin:
    """A bin of a reliability curve: mean `predicted` probability, and how often it came true."""

    predicted: float
    point: Point


@dataclass(frozen=True)
class Drawing:
    """A plot: `inline` is two SVG elements for a page (one for phones), coloured by classes, without ids, styles or
    scripts; `standalone` an SVG file with the light colours and the title in it.
    """

    title: str
    description: str
    inline: str
    standalone: str
