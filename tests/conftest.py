"""What every test has in common."""

import pytest


@pytest.fixture(autouse=True)
def _nobody_says_how_wide_the_output_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """As pytest-xdist does for its workers, or a developer's shell."""
    monkeypatch.delenv("COLUMNS", raising=False)
