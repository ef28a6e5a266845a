"""The small open study that most tests of assigning begin with; a test file may have a study of its own instead."""

import pytest

from ihlannotate.models.study import Membership, Study
from tests.factory import make_member, make_study, open_with


@pytest.fixture
def study() -> Study:
    """Six items, k = 2."""
    return open_with(make_study(overlap=2), 6)


@pytest.fixture
def alice(study: Study) -> Membership:
    return make_member(study, "Alice")


@pytest.fixture
def bob(study: Study) -> Membership:
    return make_member(study, "Bob")
