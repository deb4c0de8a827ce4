"""What every test may ask for: the time as an argument, Node, and a Chromium."""

from datetime import UTC, datetime

import pytest

from tests import programs

# A Monday morning in November, when the clocks are an hour ahead of UTC.
NOW = datetime(2026, 11, 23, 9, 12, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def node() -> str:
    return programs.node()


@pytest.fixture(scope="session")
def chromium_path() -> str:
    return programs.chromium()
