"""MASI: how far apart sets of labels are, and many sets from one another, with time and memory in bounds."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ihlannotate.stats.bootstrap import FloatArray, IntArray

_BLOCK_CELLS = 8_000_000
_DENSE = 0.05  # share of cells from which a product of full matrices is the quicker one


def masi_similarity(common: FloatArray, first: FloatArray, second: FloatArray) -> FloatArray:
    """J·M of sets of sizes `first` and `second` (from 1 up) with `common` labels in common; arrays of one shape.

    J is the size of the intersection over that of the union (Jaccard), M is 1 for equal sets, 2/3 where one holds
    the other, 1/3 where they overlap otherwise, 0 where they do not. Source: Passonneau 2006, LREC.
    """
    union = first + second - common
    monotonicity = (1.0 + (common == np.minimum(first, second)) + (common == union)) / 3
    return np.asarray(common / union * monotonicity, dtype=np.float64)


class LabelSets:
    """S sets of L labels, from `members` (S × L: whether the set holds the label).

    The empty set is at distance 0 from itself and 1 from every other.
    """

    def __init__(self, members: NDArray[np.bool_]) -> None:
        held = np.asarray(members, dtype=np.bool_)
        self.members = sparse.csr_matrix(held, dtype=np.float64)
        # As if holding nothing were a label: then no set is empty, and the rule for the empty set follows
        nothing = ~held.any(axis=1)
        self._held = sparse.csr_matrix(np.column_stack([held, nothing]), dtype=np.float64)
        self._sizes = (held.sum(axis=1) + nothing).astype(np.float64)
        self.count, self.labels = held.shape

    def similarity(self, first: IntArray, second: IntArray) -> FloatArray:
        """MASI similarity (n) of the sets `first` and `second` (n each, row numbers)."""
        common = np.asarray(self._held[first].multiply(self._held[second]).sum(axis=1)).ravel()
        return masi_similarity(common.astype(np.float64), self._sizes[first], self._sizes[second])

    def distance_between(self, numbers: FloatArray) -> FloatArray:
        """Sum of MASI distances over ordered pairs of sets, for each of B samples with `numbers` of sets (B × S).

        Exactly 0 where a sample holds one set only.
        """
        similar = np.zeros(len(numbers))
        by_set = np.ascontiguousarray(numbers.T)
        for rows in self._blocks():
            alike = self._similarities(rows)
            crowded = alike.nnz > _DENSE * alike.shape[0] * alike.shape[1]
            near = (alike.toarray() if crowded else alike) @ by_set
            similar += (near * by_set[rows]).sum(axis=0)
        return np.asarray(numbers.sum(axis=1) ** 2 - similar, dtype=np.float64)

    def _blocks(self) -> list[slice]:
        height = max(1, _BLOCK_CELLS // max(self.count, 1))
        return [slice(start, start + height) for start in range(0, self.count, height)]

    def _similarities(self, rows: slice) -> sparse.csr_matrix:
        """MASI similarities of some sets with all (n × S), where they are not 0."""
        common = (self._held[rows] @ self._held.T).tocsr()
        own = np.repeat(self._sizes[rows], np.diff(common.indptr))
        common.data = masi_similarity(common.data, own, self._sizes[common.indices])
        return common


def masi_distances(members: NDArray[np.bool_]) -> FloatArray:
    """MASI distance between every two of `members` (S × L: whether the set holds the label), S × S.

    Source: Passonneau 2006, LREC.

    >>> import numpy as np
    >>> pair, larger, across = [1, 1, 0, 0], [1, 1, 1, 1], [0, 1, 1, 0]
    >>> masi_distances(np.array([pair, larger, across], bool)).round(3).tolist()
    [[0.0, 0.667, 0.889], [0.667, 0.0, 0.667], [0.889, 0.667, 0.0]]
    """
    sets = LabelSets(members)
    first, second = np.indices((sets.count, sets.count)).reshape(2, -1)
    return 1.0 - sets.similarity(first, second).reshape(sets.count, sets.count)
