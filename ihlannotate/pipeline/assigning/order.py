"""Which open item an annotator gets next. Pure: no database, no clock, no global randomness.

All annotators walk through one random permutation of the responses, each with a jitter of their own. So each has
a random order, while those before the end of the queue work on the same stretch of it: pairs complete early and
every pair of annotators overlaps.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

WINDOW = 100  # positions; the jitter moves an item back by less than this


@dataclass(frozen=True)
class Candidate:
    """An item with an open slot that the annotator has not met."""

    response_id: int
    prompt_id: int
    position: int


def jitter(seed: int, response_id: int) -> float:
    """A fixed number in [0, 1) for an annotator's seed and a response."""
    digest = hashlib.blake2b(f"{seed}:{response_id}".encode(), digest_size=7).digest()
    return int.from_bytes(digest) / 2**56


def ranked(candidates: Sequence[Candidate], *, seed: int, recent_prompts: Collection[int]) -> list[Candidate]:
    """The candidates in the order in which they should be tried for the annotator with this seed.

    Items whose prompt is among `recent_prompts` (those within the study's spread) come last: they are handed out
    only when there is nothing else.
    """
    return sorted(
        candidates,
        key=lambda one: (
            one.prompt_id in recent_prompts,
            one.position + WINDOW * jitter(seed, one.response_id),
        ),
    )
