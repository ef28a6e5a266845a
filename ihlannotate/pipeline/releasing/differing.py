"""What is new in a release against an earlier one: the labels that changed, and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ihlannotate.models.gold import GoldLabel, GoldRelease
from ihlannotate.models.item import Response
from ihlannotate.models.rubric import Criterion
from ihlannotate.pipeline.releasing.settling import Tier

Why: TypeAlias = Literal[
    "adjudicated",
    "adjudicated again",
    "answers changed",
    "applies again",
    "does not apply",
    "first label",
    "label gone",
]
CHUNK = 2000
Row = tuple[int, int, str, str]  # criterion, response, value, tier


@dataclass(frozen=True)
class Change:
    """One label that is not what it was. Values are empty where no level stands, tiers where there was no label."""

    code: str
    criterion: str
    old_value: str
    old_tier: str
    new_value: str
    new_tier: str
    why: Why


@dataclass(frozen=True)
class _Pair:
    """The labels of one criterion and response in two releases."""

    criterion: int
    response: int
    old: Row | None
    new: Row | None


def changes(older: GoldRelease, newer: GoldRelease) -> list[Change]:
    """The labels whose level or tier differs between two releases of a study, by criterion and response code.

    Labels that differ in their posterior alone are not among them: it moves a little with every rating.
    """
    differing = [
        one for one in _side_by_side(older, newer) if (one.old and one.old[2:]) != (one.new and one.new[2:])
    ]
    criteria = {one.pk: one for one in Criterion.objects.filter(pk__in={one.criterion for one in differing})}
    codes = _codes({one.response for one in differing})
    found = [
        Change(
            code=codes[one.response],
            criterion=criteria[one.criterion].key,
            old_value=one.old[2] if one.old else "",
            old_tier=one.old[3] if one.old else "",
            new_value=one.new[2] if one.new else "",
            new_tier=one.new[3] if one.new else "",
            why=_why(one.old, one.new),
        )
        for one in differing
    ]
    place = {one.key: one.position for one in criteria.values()}
    return sorted(found, key=lambda one: (place[one.criterion], one.code))


def _codes(responses: set[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    ids = sorted(responses)
    for start in range(0, len(ids), CHUNK):
        rows = Response.objects.filter(pk__in=ids[start : start + CHUNK])
        found |= dict(rows.values_list("pk", "code"))
    return found


def _side_by_side(older: GoldRelease, newer: GoldRelease) -> Iterator[_Pair]:
    """Both labels of each criterion and response, read side by side, so that memory stays flat."""
    before, after = _rows(older), _rows(newer)
    old, new = next(before, None), next(after, None)
    while old or new:
        criterion, response, *_rest = min(row for row in (old, new) if row)
        here = (criterion, response)
        pair = _Pair(
            criterion,
            response,
            old if old and old[:2] == here else None,
            new if new and new[:2] == here else None,
        )
        yield pair
        old = next(before, None) if pair.old else old
        new = next(after, None) if pair.new else new


def _rows(release: GoldRelease) -> Iterator[Row]:
    labels = GoldLabel.objects.filter(release=release).order_by("criterion_id", "response_id")
    rows = labels.values_list("criterion_id", "response_id", "value", "tier")
    return rows.iterator(chunk_size=CHUNK)


def _why(old: Row | None, new: Row | None) -> Why:
    if new is None:
        return "label gone"
    if new[3] == Tier.ADJUDICATED:
        return "adjudicated again" if old and old[3] == Tier.ADJUDICATED else "adjudicated"
    if old is None:
        return "first label"
    if new[3] == Tier.INAPPLICABLE:
        return "does not apply"
    return "applies again" if old[3] == Tier.INAPPLICABLE else "answers changed"
