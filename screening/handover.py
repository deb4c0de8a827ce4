"""A visitor's whole list goes to a colleague, in one step that can be looked at before and taken back after.

What was moved together bears one moment, and by that it is known again: no list of it is kept anywhere else.
"""

from datetime import datetime
from typing import Any

from screening import calendar_days, families, people
from screening.errors import NotAnswerable
from screening.store import Store, utc

Preview = dict[str, Any]


def preview(store: Store, before: str, after: str, now: datetime) -> Preview:
    """What would move from one visitor (a username) to another: before, after, families, planned, tasks.

    ``families`` are ids; ``planned`` counts the appointments still ahead, ``tasks`` what the first was to do for them.
    Raises NotFound; NotAnswerable where the second cannot visit.
    """
    one, other = people.named(store, before), people.named(store, after)
    if other["role"] != "visitor" or other["disabled_at"] or one["id"] == other["id"]:
        raise NotAnswerable("{username} kan ikke tage over. Vælg en anden sundhedsplejerske.", username=after)
    rows = store.rows("SELECT id FROM families WHERE visitor = :id AND left_at IS NULL ORDER BY id", id=one["id"])
    return {"before": one, "after": other, "families": [row["id"] for row in rows], **counts(store, one["id"], now)}


def counts(store: Store, visitor: str, now: datetime) -> dict[str, int]:
    planned = store.row(
        "SELECT COUNT(*) AS n FROM planned_visits p JOIN families f ON f.id = p.family"
        " WHERE f.visitor = :id AND f.left_at IS NULL AND p.state = 'open' AND p.planned_at >= :today",
        id=visitor,
        today=calendar_days.day(now).isoformat(),
    )
    owed = store.row(
        "SELECT COUNT(*) AS n FROM tasks t JOIN families f ON f.id = t.family"
        " WHERE f.visitor = :id AND f.left_at IS NULL AND t.state = 'open' AND t.responsible = :id",
        id=visitor,
    )
    return {"planned": planned["n"] if planned else 0, "tasks": owed["n"] if owed else 0}


def move(store: Store, before: str, after: str, by: str, now: datetime) -> int:
    """Move them all, or none; gives how many. ``utc(now)`` is what ``take_back`` asks for. Raises as ``preview``."""
    with store.transaction():
        found = preview(store, before, after, now)
        for family in found["families"]:
            families.hand_over(store, family, found["after"]["id"], by, now)
    return len(found["families"])


def take_back(store: Store, before: str, after: str, moved_at: datetime, by: str, now: datetime) -> int:
    """Give back what was moved at a moment and is still where it went; gives how many. Raises as ``preview``."""
    with store.transaction():
        there = preview(store, after, before, now)
        rows = store.rows(
            "SELECT f.id FROM families f JOIN caseload_changes c ON c.family = f.id AND c.person = :before"
            " WHERE f.visitor = :after AND f.left_at IS NULL AND c.gone = 1 AND c.at = :at GROUP BY f.id",
            before=there["after"]["id"],
            after=there["before"]["id"],
            at=utc(moved_at),
        )
        for row in rows:
            families.hand_over(store, row["id"], there["after"]["id"], by, now)
    return len(rows)
