"""Where disagreement lives: units by the entropy of their annotations, and which levels are confused."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ihlannotate.stats.bootstrap import FloatArray, IntArray
from ihlannotate.stats.reliability.summary import checked_counts
from ihlannotate.stats.reliability.tally import read_tally, tally_rows


@dataclass(frozen=True)
class Disagreement:
    """How divided the annotations of U units are.

    `bits` (U): entropy of the annotations; `normalised` (U): over log2 of the number of levels, 1 where all
    levels are given equally often; both 0 where fewer than two annotations could differ, which `pairable` (U)
    tells from agreement. `spread` (U): steps between the lowest and the highest level given. `ranking`: the
    divided units by falling entropy, ties in the order of the units.
    """

    bits: FloatArray
    normalised: FloatArray
    pairable: NDArray[np.bool_]
    spread: IntArray
    ranking: IntArray


def disagreement_by_unit(counts: NDArray[np.integer]) -> Disagreement:
    """How divided each unit is, from `counts` (U × V: annotations of each unit by level).

    Entropy is that of the shares, -Σ p·log2 p, without correction for few annotations. Raises ValueError on
    counts that are not whole numbers from 0 up. Source: Shannon 1948.

    >>> import numpy as np
    >>> found = disagreement_by_unit(np.array([[2, 0], [1, 1], [3, 1], [1, 0]]))
    >>> found.bits.round(3).tolist(), found.ranking.tolist()
    ([0.0, 1.0, 0.811, 0.0], [1, 2])
    """
    table = checked_counts(counts)
    n = table.sum(axis=1)
    shares = table / np.maximum(n, 1)[:, None]
    logarithms = np.zeros(shares.shape)
    np.log2(shares, out=logarithms, where=shares > 0)
    # Rounded, so that units with the same shares in another order of levels are ties
    bits = np.abs(np.round(-(shares * logarithms).sum(axis=1), 12))
    given = table > 0
    levels = table.shape[1]
    highest = levels - 1 - given[:, ::-1].argmax(axis=1)
    spread = np.where(n > 0, highest - given.argmax(axis=1), 0).astype(np.int64)
    divided = np.flatnonzero(bits > 0)
    ranking = divided[np.argsort(-bits[divided], kind="stable")]
    return Disagreement(bits, bits / np.log2(max(levels, 2)), n >= 2, spread, ranking)


@dataclass(frozen=True)
class Confusion:
    """Levels `first` < `second`, and how often one was given where another annotator gave the other.

    `coincidences`: pairs of annotations so divided, each weighed by 1/(m - 1) of its unit; `share`: of all
    divided pairs; `by_chance`: coincidences to expect if annotations were shuffled over units; `units`: that
    have both.
    """

    first: int
    second: int
    coincidences: float
    share: float
    by_chance: float
    units: int


def confusions(counts: NDArray[np.integer]) -> tuple[Confusion, ...]:
    """Pairs of levels that divide annotators, the most frequent first, from `counts` (U × V).

    From Krippendorff's coincidence matrix: o_ck, and n_c·n_k/(n - 1) by chance. Pairs that never occur are left
    out, so there are none without disagreement. Raises ValueError on counts that are not whole numbers from 0
    up. Source: Krippendorff 2011.

    >>> import numpy as np
    >>> [(one.first, one.second, one.share) for one in confusions(np.array([[1, 1, 0], [1, 1, 0], [1, 0, 1]]))]
    [(0, 1, 0.6666666666666666), (0, 2, 0.3333333333333333)]
    """
    table = checked_counts(counts)
    levels = table.shape[1]
    summed = tally_rows(table, np.eye(levels)).sum(axis=0)[None, :]
    coincidences = read_tally(summed, levels).coincidences[0]
    marginals = coincidences.sum(axis=1)
    first, second = np.triu_indices(levels, 1)
    apart = coincidences[first, second]
    found = []
    for at in np.argsort(-np.round(apart, 9), kind="stable"):
        if apart[at] <= 0:
            break
        c, k = int(first[at]), int(second[at])
        by_chance = marginals[c] * marginals[k] / (marginals.sum() - 1)
        both = int(((table[:, c] > 0) & (table[:, k] > 0)).sum())
        found.append(
            Confusion(c, k, float(apart[at]), float(apart[at] / apart.sum()), float(by_chance), both)
        )
    return tuple(found)
