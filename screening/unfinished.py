"""What somebody had typed when her sign-in ended: kept for hours under her own key, and given back to nobody else.

It is a form's fields as they were sent, and nothing has been done with them.
"""

from datetime import datetime, timedelta

from screening import people
from screening.errors import Unreadable
from screening.store import Store, new_id, parse_utc, utc

KEPT = timedelta(hours=12)
# More forms than these nobody has open at once.
MOST = 20

Fields = dict[str, list[str]]


def keep(store: Store, person: str, fields: Fields, now: datetime) -> str:
    """Keep a person's typed fields (name -> values); gives an id that means nothing to anybody else."""
    id = new_id(now)
    with store.transaction():
        sweep(store, now)
        store.add("unfinished", id=id, person=person, at=utc(now), sealed_for=person, form_sealed=fields)
        rows = store.rows("SELECT id FROM unfinished WHERE person = :person ORDER BY at DESC, id DESC", person=person)
        for row in rows[MOST:]:
            store.run("DELETE FROM unfinished WHERE id = :id", id=row["id"])
    return id


def read(store: Store, id: str, person: people.Person, now: datetime) -> Fields | None:
    """What the person had typed; None for what is another's, too old, done with or cannot be read."""
    row = store.row("SELECT * FROM unfinished WHERE id = :id AND person = :person", id=id, person=person["id"])
    if not row or now - parse_utc(row["at"]) >= KEPT:
        return None
    try:
        return store.opened("unfinished", row, "form_sealed")
    except Unreadable:
        return None


def forget(store: Store, id: str, person: people.Person) -> None:
    """It was saved, or is not wanted any more."""
    store.run("DELETE FROM unfinished WHERE id = :id AND person = :person", id=id, person=person["id"])


def sweep(store: Store, now: datetime) -> None:
    store.run("DELETE FROM unfinished WHERE at <= :old", old=utc(now - KEPT))
