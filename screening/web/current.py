"""What the request at hand stands on: the store, the person, the time, the municipality.

Views ask here, and give what they got to the middle floor as arguments.
"""

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, request

from screening import passwords, sessions
from screening.config import Settings
from screening.denials import Denials
from screening.municipality import Municipality
from screening.people import Person
from screening.store import Store

PACKAGE = Path(__file__).parent.parent


@dataclass(frozen=True)
class Service:
    """What one running application stands on; made once by ``create_app``."""

    settings: Settings
    municipality: Municipality
    store: Store
    instruments: dict[str, Any]
    release: str
    cost: passwords.Cost = passwords.COST
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    judge: threading.Event = field(default_factory=threading.Event)
    denials: Denials = field(default_factory=Denials)

    @property
    def lifetime(self) -> sessions.Lifetime:
        return sessions.Lifetime(
            idle=timedelta(minutes=self.settings.idle_minutes), whole=timedelta(hours=self.settings.session_hours)
        )


def keep(app: Flask, service: Service) -> None:
    """Give an application its service. ``app.extensions["judge"]`` is what wakes the judging."""
    app.extensions["screening"] = service
    app.extensions["judge"] = service.judge


def service() -> Service:
    return current_app.extensions["screening"]


def store() -> Store:
    return service().store


def settings() -> Settings:
    return service().settings


def municipality() -> Municipality:
    return service().municipality


def instruments() -> dict[str, Any]:
    """The published instruments by version."""
    return service().instruments


def release() -> str:
    """The hash of everything a browser may have fetched from this version."""
    return service().release


def now() -> datetime:
    """The time of this request: one for all that happens in it."""
    if "now" not in g:
        g.now = service().clock()
    return g.now


def person() -> Person | None:
    """Who is signed in with the request's cookie, or None."""
    if "person" not in g:
        token = request.cookies.get(cookie_name("session"), "")
        g.person = sessions.by_token(store(), token, now(), service().lifetime) if token else None
    return g.person


def cookie_name(name: str) -> str:
    """A cookie's name here. The prefix pins it to this host, but a browser takes it only over https."""
    return f"__Host-{name}" if request.is_secure else name


@cache
def folder(name: str) -> Path:
    """``static`` or ``templates``: inside the package in a wheel, beside it in a checkout."""
    inside = PACKAGE / name
    return inside if inside.is_dir() else PACKAGE.parent / name


def release_hash() -> str:
    """SHA-256 over names and bytes of static files, templates and instruments, and over what minifies them, in hex."""
    total = hashlib.sha256(version("tdewolff-minify").encode())
    for root in (folder("static"), folder("templates"), PACKAGE / "instruments"):
        for path in sorted(root.rglob("*")):
            if path.is_file():
                total.update(path.relative_to(root).as_posix().encode() + b"\0")
                total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()
