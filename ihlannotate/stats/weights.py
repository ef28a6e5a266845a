"""How far apart levels are: Krippendorff's distances, Cohen's disagreement, Gwet's agreement weights."""

from collections.abc import Sequence
from typing import Literal, TypeAlias

import numpy as np

from ihlannotate.stats.bootstrap import FloatArray

Values: TypeAlias = Sequence[float] | FloatArray | None
Level: TypeAlias = Literal["nominal", "ordinal", "interval"]
KappaWeights: TypeAlias = Literal["linear", "quadratic"] | FloatArray | None


def level_values(level_count: int, values: Values) -> FloatArray:
    """The numeric values of the levels (V); 0..V-1, that is equally spaced, where `values` is None.

    Raises ValueError where there is not one value for each level.
    """
    if values is None:
        return np.arange(level_count, dtype=np.float64)
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.shape != (level_count,):
        raise ValueError(f"{level_count} levels need {level_count} values, not {numbers.shape}")
    return numbers


def distances(marginals: FloatArray, level: Level, values: Values = None) -> FloatArray:
    """Krippendorff's squared distances between levels (V × V, or B × V × V for ordinal).

    `marginals` (B × V) are the pairable values of each level, on which the ordinal distance depends: the rank
    of a level is the middle of the ranks its values take. `values` (V) serve interval only. Source:
    Krippendorff 2011, Computing Krippendorff's alpha-reliability.
    """
    level_count = marginals.shape[-1]
    if level == "nominal":
        return 1.0 - np.eye(level_count)
    if level == "ordinal":
        ranks = np.cumsum(marginals, axis=-1) - marginals / 2
        return np.asarray((ranks[..., :, None] - ranks[..., None, :]) ** 2, dtype=np.float64)
    numbers = level_values(level_count, values)
    return np.asarray((numbers[:, None] - numbers[None, :]) ** 2, dtype=np.float64)


def disagreement(weights: KappaWeights, level_count: int, values: Values = None) -> FloatArray:
    """Disagreement weights for Cohen's kappa (V × V, zero on the diagonal).

    None: every disagreement counts 1; "linear" and "quadratic": by the distance between levels, or between
    their `values`; an array is taken as it is. Raises ValueError on an array of another shape. Source: Cohen
    1968.
    """
    if weights is None:
        return 1.0 - np.eye(level_count)
    if isinstance(weights, str):
        numbers = level_values(level_count, values)
        apart = np.abs(numbers[:, None] - numbers[None, :])
        return apart if weights == "linear" else apart**2
    given = np.asarray(weights, dtype=np.float64)
    if given.shape != (level_count, level_count):
        raise ValueError(f"weights for {level_count} levels have shape {given.shape}")
    return given


def agreement(level: Level, level_count: int, values: Values = None) -> FloatArray:
    """Gwet's agreement weights for AC1 and AC2 (V × V, one on the diagonal).

    Identity for nominal (AC1), Gwet's ordinal weights 1 - C(|k-l|+1, 2)/C(V, 2) for ordinal, quadratic
    weights for interval. Source: Gwet 2014, Handbook of Inter-Rater Reliability, 4th edition, chapter 3.
    """
    if level == "nominal":
        return np.eye(level_count)
    if level == "ordinal":
        steps = np.abs(np.subtract.outer(np.arange(level_count), np.arange(level_count)))
        penalty = steps * (steps + 1) / 2
    else:
        numbers = level_values(level_count, values)
        penalty = (numbers[:, None] - numbers[None, :]) ** 2
    worst = penalty.max(initial=0.0)
    return 1.0 - penalty / worst if worst > 0 else np.ones((level_count, level_count))
