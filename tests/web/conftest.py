"""A whole application over a fresh instance folder, and browsers that check the house rules on every page."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from flask import Flask

from screening import config, create_app, people
from screening.passwords import Cost
from screening.web import current
from tests.web.house import HouseClient

PASSWORD = "tre glade ugler flyver sent"
MUNICIPALITY = """\
name = "Prøvested Kommune"

[contacts.leader_on_duty]
name_da = "Leder på vagt"
name_en = "Leader on duty"
phone = "36 00 00 12"
verified_on = 2020-01-01
"""


@dataclass
class Clock:
    """The time as the application sees it; tests move it."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass
class Staff:
    """The people of the test municipality: id, and the secret of their codes, by username."""

    app: Flask
    cost: Cost
    ids: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    def add(self, username: str, role: str, team: str = "Nord", language: str = "da") -> str:
        service = self.app.extensions["screening"]
        made = people.add(
            service.store, username, f"{username.capitalize()} Prøve", role, team, service.clock(), PASSWORD, language,
            cost=self.cost,
        )  # fmt: skip
        self.ids[username], self.secrets[username] = made["id"], made["totp_secret"]
        return made["id"]

    def code(self, username: str, at: datetime) -> str:
        return pyotp.TOTP(self.secrets[username]).at(at)


@pytest.fixture
def clock(now: datetime) -> Clock:
    return Clock(now)


@pytest.fixture
def app(tmp_path: Path, clock: Clock, cheap: Cost) -> Iterator[Flask]:
    folder = tmp_path / "instance"
    folder.mkdir()
    (folder / "municipality.toml").write_text(MUNICIPALITY, encoding="utf-8")
    made = create_app(config.load(folder, environment={}), clock, cheap)
    made.test_client_class = HouseClient
    yield made
    made.extensions["screening"].store.close()


@pytest.fixture
def store(app: Flask):
    """The application's own store."""
    return app.extensions["screening"].store


@pytest.fixture
def service(app: Flask) -> current.Service:
    return app.extensions["screening"]


@pytest.fixture
def staff(app: Flask, cheap: Cost) -> Staff:
    """A visitor, a lead and an admin."""
    made = Staff(app, cheap)
    for username, role in (("vera", "visitor"), ("lene", "lead"), ("adam", "admin"), ("kim", "coordinator")):
        made.add(username, role)
    return made


@pytest.fixture
def browser(app: Flask) -> HouseClient:
    """A browser in which nobody is signed in."""
    return app.test_client()


@pytest.fixture
def signed_in(app: Flask, staff: Staff, clock: Clock) -> Callable[[str], HouseClient]:
    """A function: a username -> a new browser in which that person is signed in."""

    def enter(username: str) -> HouseClient:
        browser = app.test_client()
        assert browser.send("/account/sign-in", username=username, password=PASSWORD).status_code == 303
        assert browser.send("/account/code", code=staff.code(username, clock.now)).status_code == 303
        clock.pass_by(seconds=31)  # a code works once
        return browser

    return enter
