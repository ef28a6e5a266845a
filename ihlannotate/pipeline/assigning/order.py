"""Which item an annotator gets next, and when a repeat or an attention item is due. Pure: no database, no clock.

All annotators walk through one random permutation of the responses, each with a jitter of their own. Those before
the end of the queue work on the same stretch of it, and an item that somebody has begun goes before untouched
ones: so items complete early. It waits a little for somebody else where this annotator has shared more items with
those who began it than with others: so every pair of annotators overlaps.

Nothing here is random that a seed does not decide.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

WINDOW = 100  # positions; the jitter moves an item back by less than this
PARTNERS_FROM = 200  # an annotator's newest ratings, from which it is counted with whom they share items
MOST_WAITING = 12  # begun items in an annotator's window that may wait for a partner who is met too rarely
REPEAT_GAP = 30  # at least so many of an annotator's own ratings lie between an item and its repeat


@dataclass(frozen=True)
class Candidate:
    """An item with an open slot that the annotator has not met. `begun_by`: who holds its other slots."""

    response_id: int
    prompt_id: int
    position: int
    begun_by: tuple[int, ...] = ()


@dataclass(frozen=True)
class Partners:
    """The other annotators at work in the study, and how many items this one shares with each."""

    present: Collection[int] = ()
    shared: Mapping[int, int] | None = None

    def shares(self, annotator: int) -> int:
        return self.shared.get(annotator, 0) if self.shared else 0

    def fewest(self, among: Collection[int]) -> int:
        """With whom of these they share the fewest items: how many; 0 where none of them is present."""
        return min((self.shares(one) for one in among if one in self.present), default=0)


@dataclass(frozen=True)
class Standing:
    """Where an annotator stands.

    `met` counts the items handed out for a first rating, `taken` those of them that are rated or in hand; `repeat_at`
    and `attention_at` say how many had been met when the last repeat and attention item came, None for never.
    """

    met: int = 0
    taken: int = 0
    repeat_at: int | None = None
    attention_at: int | None = None


@dataclass(frozen=True)
class Rated:
    """One of the annotator's own first ratings; `repeated` when it has come back already."""

    response_id: int
    prompt_id: int
    repeated: bool


NOBODY = Partners()


def jitter(seed: int, what: int | str) -> float:
    """A fixed number in [0, 1) for an annotator's seed and a response, or anything else that has a name."""
    digest = hashlib.blake2b(f"{seed}:{what}".encode(), digest_size=7).digest()
    return int.from_bytes(digest) / 2**56


def ranked(
    candidates: Sequence[Candidate],
    *,
    seed: int,
    recent_prompts: Collection[int],
    partners: Partners = NOBODY,
    group: int | None = None,
) -> list[Candidate]:
    """The candidates in the order in which they should be tried for the annotator with this seed.

    Items whose prompt is among `recent_prompts` (those within the study's spread) come last: they are handed out
    only when there is nothing else. `group` is the prompt to go on with, where a study shows the answers to one
    prompt one after another.
    """
    begun = sum(bool(one.begun_by) for one in candidates)
    people = len(partners.present) + 1
    # Near the end nothing waits: a begun item might be left to those who have rated it.
    may_wait = begun < min(people, MOST_WAITING) and len(candidates) - begun > 2 * people
    least = partners.fewest(partners.present)

    def place(one: Candidate) -> tuple[bool, bool, int, int, float]:
        shared = partners.fewest(one.begun_by) if one.begun_by else 0
        waits = may_wait and shared > least
        turn = (2 if waits else 0) if one.begun_by else 1
        at = one.position + WINDOW * jitter(seed, one.response_id)
        return one.prompt_id in recent_prompts, one.prompt_id != group, turn, shared, at

    return sorted(candidates, key=place)


def quota_reached(standing: Standing, quota: int | None) -> bool:
    """Whether the annotator has all the items that they are to have."""
    return quota is not None and standing.taken >= quota


def repeat_due(standing: Standing, *, seed: int, percent: int) -> bool:
    """Whether one of the annotator's earlier items should come back now: once in every 100 / percent items."""
    if not percent or standing.met <= REPEAT_GAP:
        return False
    return _due(standing.met, standing.repeat_at, seed=seed, what="repeat", count=percent, among=100)


def attention_due(standing: Standing, *, seed: int, every: int) -> bool:
    """Whether an attention item should come now: one among every so many items, at a place that the seed draws."""
    if not every:
        return False
    return _due(standing.met, standing.attention_at, seed=seed, what="attention", count=1, among=every)


def _due(met: int, last: int | None, *, seed: int, what: str, count: int, among: int) -> bool:
    """Once in each block of among / count items, when the block's drawn place is reached.

    What was missed is not made up for: several in a row would give themselves away.
    """
    block = met * count // among
    if last is not None and last * count // among == block:
        return False
    first, after = -(-block * among // count), -(-(block + 1) * among // count)
    return met >= first + int((after - first) * jitter(seed, f"{what}:{block}"))


def repeat_pool(percent: int) -> int:
    """How many ratings, next before the newest REPEAT_GAP, a repeat is drawn from: as many as lie between two."""
    return -(-100 // percent)


def repeat_of(pool: Sequence[Rated], *, seed: int, recent_prompts: Collection[int]) -> int | None:
    """The response among these ratings that comes back: drawn by the seed, each once, outside the spread."""
    fit = [one for one in pool if not one.repeated and one.prompt_id not in recent_prompts]
    drawn = min(fit, key=lambda one: jitter(seed, f"repeat:{one.response_id}"), default=None)
    return drawn.response_id if drawn else None


def attention_of(known: Sequence[int], *, seed: int) -> int | None:
    """Which of the attention items that the annotator has not met comes next: each has them in an own order."""
    return min(known, key=lambda one: jitter(seed, f"attention:{one}"), default=None)


def extras_expected(ratings: int, *, percent: int, every: int, known: int) -> int:
    """How many repeats and attention items come with so many first ratings, about; `known` is how many there are."""
    repeats = max(ratings - REPEAT_GAP, 0) * percent // 100
    return repeats + (min(ratings // every, known) if every else 0)
