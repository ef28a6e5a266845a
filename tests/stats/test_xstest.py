"""Two people who rated the XSTest responses agree as their authors published."""

from typing import Any

import numpy as np
import pytest

from ihlannotate.stats.reliability import pairwise, rating_counts, reliability


@pytest.mark.parametrize(
    ("model", "agreement", "kappa"), [("mistralguard", 93.8, 0.89), ("mistralinstruct", 97.6, 0.92)]
)
def test_percent_agreement_and_fleiss_kappa(xstest: Any, model: str, agreement: float, kappa: float) -> None:
    ratings = np.stack([xstest(model, "gpt", name) for name in ("annotation_1", "annotation_2")])
    found = reliability(rating_counts(ratings, 3), level="nominal", replicates=200)
    assert round(100 * found.percent_agreement.value, 1) == agreement
    assert round(found.fleiss_kappa.value, 2) == kappa
    assert (found.units, found.pairable_units, found.annotations) == (450, 450, 900)
    pair = pairwise(ratings, level_count=3, level="nominal", replicates=200)[0]
    assert pair.percent_agreement.value == pytest.approx(found.percent_agreement.value)
