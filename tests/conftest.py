"""What every test may ask for: the time, a store in memory, a family and who visits it, Node, and a Chromium."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from screening import schema
from screening.demo.tablet import Tablet
from screening.passwords import Cost
from screening.people import Person
from screening.store import Store, open_store
from screening.store.keys import FileKeys
from tests import builders, programs

# How fast a test runs is no matter of a test; a shared machine is slow now and then.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

# A Monday morning in November, when the clocks are an hour ahead of UTC.
NOW = datetime(2026, 11, 23, 9, 12, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> FileKeys:
    """Keys in a folder, made once for the whole run."""
    return FileKeys(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def store(keys: FileKeys) -> Iterator[Store]:
    """A fresh store in memory with every table."""
    made = open_store(":memory:", keys, schema.HISTORY)
    yield made
    made.close()


@pytest.fixture
def file_store(keys: FileKeys, tmp_path: Path) -> Iterator[Store]:
    """A fresh store in a file, for what memory cannot show: several connections and what is on disk."""
    made = open_store(tmp_path / "screening.db", keys, schema.HISTORY)
    yield made
    made.close()


@pytest.fixture
def visitor(store: Store, now: datetime) -> Person:
    return builders.a_person(store, now)


@pytest.fixture
def lead(store: Store, now: datetime) -> Person:
    """The lead of the visitor's team."""
    return builders.a_person(store, now, "lead")


@pytest.fixture
def tablet(store: Store, visitor: Person, now: datetime) -> Tablet:
    """A tablet on which the visitor may write."""
    return builders.a_tablet(store, visitor, now)


@pytest.fixture
def home(store: Store, visitor: Person, now: datetime) -> dict[str, Any]:
    """A family that the visitor visits."""
    return builders.a_family(store, visitor, now)


@pytest.fixture
def cheap() -> Cost:
    """What keeping a password costs in a test: next to nothing."""
    return Cost(memory=8, passes=1, lanes=1)


@pytest.fixture(scope="session")
def node() -> str:
    return programs.node()


@pytest.fixture(scope="session")
def chromium_path() -> str:
    return programs.chromium()
