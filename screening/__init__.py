"""Besøg: a tablet app for health visitors, the team lead's pages, and the server between them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from screening.config import Settings
    from screening.passwords import Cost


def create_app(settings: Settings, clock: Callable[[], datetime] | None = None, cost: Cost | None = None) -> Flask:
    """The whole service over one instance folder. Raises NotConfigured rather than start half configured.

    ``clock`` gives the time (UTC) and ``cost`` what a password calculation takes; both have their defaults.
    """
    # Here, so that the command line and the two lower floors load no web server.
    from screening.web import application

    return application.build(settings, clock, cost)
