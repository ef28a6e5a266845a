"""Tiers of gold by majority vote."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ihlannotate.stats.bootstrap import FloatArray, IntArray
from ihlannotate.stats.reliability.summary import checked_counts

Tier: TypeAlias = Literal["unrated", "single", "unanimous", "majority", "contested"]
TIERS: tuple[Tier, ...] = ("unrated", "single", "unanimous", "majority", "contested")


@dataclass(frozen=True)
class Tiers:
    """How U units were settled by vote; `adjudicated` is not here, because it is a decision and not a count.

    `winner` (U): the level with more than half of the annotations, -1 where there is none. `tier` (U): index
    into TIERS. `unrated` has no annotation and no winner; `single` has one annotation, which is its winner
    but nobody's agreement; `unanimous` two or more that are all alike; `majority` more than half; `contested`
    anything else. `shares` (U × V): distribution of the annotations, all 0 where unrated. `n` (U):
    annotations.
    """

    winner: IntArray
    tier: IntArray
    shares: FloatArray
    n: IntArray

    def names(self) -> list[Tier]:
        """The tier of each unit by name."""
        return [TIERS[code] for code in self.tier]


def tiers(counts: NDArray[np.integer]) -> Tiers:
    """The tier and the winning level of each unit from `counts` (U × V: annotations of each unit by level).

    Raises ValueError on counts that are not whole numbers from 0 up.

    >>> import numpy as np
    >>> settled = tiers(np.array([[3, 0], [2, 1], [1, 1], [0, 1], [0, 0]]))
    >>> settled.names()
    ['unanimous', 'majority', 'contested', 'single', 'unrated']
    >>> settled.winner.tolist()
    [0, 0, -1, 1, -1]
    """
    table = checked_counts(counts)
    n = table.sum(axis=1)
    most = table.max(axis=1)
    decided = 2 * most > n
    tier = np.select([n == 0, n == 1, most == n, decided], [0, 1, 2, 3], default=4)
    winner = np.where(decided, table.argmax(axis=1), -1)
    return Tiers(winner, tier.astype(np.int64), table / np.maximum(n, 1)[:, None], n)
