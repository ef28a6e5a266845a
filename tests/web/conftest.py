"""Pages need the static files' manifest."""

import pytest


@pytest.fixture(autouse=True)
def _static(static_files: None) -> None:
    """Every test here renders pages."""
