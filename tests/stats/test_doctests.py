"""The examples in the docstrings of the room are true."""

import doctest
import importlib
import pkgutil

import pytest

from ihlannotate import stats

MODULES = sorted(module.name for module in pkgutil.walk_packages(stats.__path__, f"{stats.__name__}."))


@pytest.mark.parametrize("name", MODULES)
def test_examples_hold(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_published_examples_are_among_them() -> None:
    examples = [doctest.DocTestFinder().find(importlib.import_module(name)) for name in MODULES]
    assert sum(len(found.examples) for module in examples for found in module) >= 20
