"""A fixed lot for each response: what is drawn or put in order by it tells nothing of the order of import."""

import hashlib

import numpy as np
from numpy.typing import NDArray

from ihlannotate.models.study import Study
from ihlannotate.pipeline.agreement.columns import IntArray


def lots(study: Study, purpose: str, responses: IntArray) -> NDArray[np.float64]:
    """A number in [0, 1) for each response (database ids): splitmix64 of the id under the study's seed and a purpose.

    It does not change when others are rated. Source: Steele, Lea & Flood 2014, OOPSLA.
    """
    digest = hashlib.sha256(f"{study.seed} {purpose}".encode()).digest()
    z = responses.astype(np.uint64) ^ np.frombuffer(digest[:8], dtype="<u8")
    z = z + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    drawn: NDArray[np.float64] = (z >> np.uint64(11)).astype(np.float64)
    return drawn / 2**53
