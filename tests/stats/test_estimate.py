"""Estimates never hold NaN and always say why they are undefined."""

import json
import math

import numpy as np
import pytest

from ihlannotate.stats.estimate import Estimate


def test_dictionary_form_has_value_interval_and_note() -> None:
    assert Estimate(0.5, 0.25, 0.75, "three").as_dict() == {"value": 0.5, "ci": [0.25, 0.75], "note": "three"}


def test_undefined_has_nulls_and_the_reason() -> None:
    found = Estimate.undefined("nobody rated it").as_dict()
    assert json.dumps(found) == '{"value": null, "ci": [null, null], "note": "nobody rated it"}'


@pytest.mark.parametrize("numbers", [(math.nan, 0, 1), (0.5, math.nan, 1), (0.5, 0, math.nan)])
def test_nan_is_refused(numbers: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="NaN"):
        Estimate(*numbers)


def test_undefined_without_a_reason_is_refused() -> None:
    with pytest.raises(ValueError, match="says why"):
        Estimate(None, None, None)


def test_numpy_numbers_become_plain_floats() -> None:
    found = Estimate(np.float64(0.5), np.float32(0.25), 1)
    assert [type(number) for number in (found.value, found.low, found.high)] == [float, float, float]
