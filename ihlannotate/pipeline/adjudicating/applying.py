"""Which questions do not apply, given what stands on the questions that they hang on (`show_if`)."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ihlannotate.readers.rubric import CriterionSpec

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


def ruled_out(specs: Sequence[CriterionSpec], levels: IntArray, decided: BoolArray) -> BoolArray:
    """Which of the K questions `specs`, in the rubric's order, do not apply to each of U responses (U × K).

    `levels` (U × K) are indices of the levels that stand, -1 where none does; `decided` (U × K) where an adjudicator
    said so. A question does not apply where one that it hangs on stands on a level that its condition does not
    admit, or does not apply itself. A question without a level, or outside `specs`, rules nothing out. What was
    decided about the question itself stands.
    """
    place = {one.key: k for k, one in enumerate(specs)}
    out = np.zeros(levels.shape, dtype=np.bool_)
    for k, spec in enumerate(specs):
        for parent, values in spec.show_if.items():
            if parent in place:
                at = place[parent]
                admitted = [specs[at].values.index(value) for value in values]
                out[:, k] |= out[:, at] | ((levels[:, at] >= 0) & ~np.isin(levels[:, at], admitted))
        out[:, k] &= ~decided[:, k]
    return out


def moot_by(specs: Sequence[CriterionSpec], said: Mapping[str, str]) -> set[str]:
    """The keys that would not be asked, given these values; an empty value (lawyers differ) rules nothing out."""
    moot: set[str] = set()
    for spec in specs:
        for parent, values in spec.show_if.items():
            if parent in moot or (said.get(parent) and said[parent] not in values):
                moot.add(spec.key)
    return moot
