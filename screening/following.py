"""Which families are followed: orange and red ones, and those with a notification, until a lead has ended it.

Every family that is followed has its line, with its level, who is responsible and what comes next by which day.
"""

from datetime import date
from typing import Any

from screening import calendar_days, decisions, families, tasks
from screening.errors import Unreadable
from screening.readers import Reader
from screening.store import Store

NOTHING = ("Ingen aftalt dato", "No date agreed")
VISITS = {
    "2m": ("2-måneders-besøg", "2-month visit"),
    "8m": ("8-måneders-besøg", "8-month visit"),
}

Item = dict[str, Any]


def register(reader: Reader, items: list[Item]) -> list[Item]:
    """A line a family of the reviews that were decided on, the highest level first, then what comes next soonest."""
    by_level = sorted(items, key=lambda one: (-(one["level"] or 0), one["received_at"]))
    lines = list({one["family"]: one for one in reversed(by_level)}.values())
    found = [one | {"next": readable_ahead(reader, one["family"])} for one in lines]
    return sorted(found, key=lambda one: (-(one["level"] or 0), (one["next"] or {}).get("day", "9"), one["family"]))


def readable_ahead(reader: Reader, family: str) -> Item | None:
    """The same as ``ahead``; nothing where it does not open."""
    try:
        return ahead(reader, family)
    except Unreadable:
        return None


def ahead(reader: Reader, family: str) -> Item | None:
    """What comes next in a family: {day, said, text, over}; None where nothing is agreed."""
    found = [(one["due"], one["text"][reader.language]) for one in tasks.of_family(reader.store, family)]
    found += [
        (visit["planned"][:10], reader.words(VISITS[visit["visit"]]))
        for visit in families.visits(reader.store, {"id": family})
        if families.is_awaited(visit) and visit["planned"]
    ]
    if not found:
        return None
    day, text = min(found)
    said = calendar_days.day_said(date.fromisoformat(day), reader.language)
    return {"day": day, "said": said, "text": text, "over": day < reader.today.isoformat()}


def levels(store: Store, ids: list[str]) -> dict[str, int | None]:
    """Family -> its level: that of its newest visit, or a higher one that is still followed; without visits nothing.

    Where something of a family does not open its level is not known; the others' are.
    """
    found: dict[str, int | None] = {}
    for id in ids:
        try:
            if visits := families.encounters(store, id):
                found[id] = level(store, id, visits)
        except Unreadable:
            found[id] = None
    return found


def level(store: Store, family: str, visits: list[Item]) -> int | None:
    rows = store.rows("SELECT encounter FROM reviews WHERE family = :family AND state = 'open'", family=family)
    waiting = {row["encounter"] for row in rows}
    decided = decisions.of_family(store, family)
    known = [
        decisions.standing([said for said in decided if said["encounter"] == one["id"]], one["known"])
        for number, one in enumerate(visits)
        if number == 0 or one["id"] in waiting
    ]
    return max((one for one in known if one is not None), default=None)
