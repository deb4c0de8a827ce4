"""What a tablet must hear next time it asks: each change to a family is noted for the visitor who has it.

A cursor is the number of the newest change a tablet has heard of. Numbers only grow.
"""

from datetime import datetime

from screening.store import Store, utc


def changed(store: Store, family: str, now: datetime) -> None:
    """Note for the family's visitor that something about it is new. Inside the caller's transaction."""
    row = store.row("SELECT visitor FROM families WHERE id = :id AND left_at IS NULL", id=family)
    if row and row["visitor"]:
        note(store, row["visitor"], family, 0, now)


def left(store: Store, person: str, family: str, now: datetime) -> None:
    """Note that a family is no longer this visitor's. Inside the caller's transaction."""
    note(store, person, family, 1, now)


def note(store: Store, person: str, family: str, gone: int, now: datetime) -> None:
    store.run(
        "INSERT INTO caseload_changes (seq, person, family, gone, at)"
        " SELECT COALESCE(MAX(seq), 0) + 1, :person, :family, :gone, :at FROM caseload_changes",
        person=person,
        family=family,
        gone=gone,
        at=utc(now),
    )


def note_all(store: Store, noted: list[tuple[str, str, int]], now: datetime) -> None:
    """Note many changes, each (person, family, 1 when it is no longer hers), in the caller's transaction."""
    row = store.row("SELECT COALESCE(MAX(seq), 0) AS seq FROM caseload_changes")
    store.add_all(
        "caseload_changes",
        [
            {"seq": seq, "person": person, "family": family, "gone": gone, "at": utc(now)}
            for seq, (person, family, gone) in enumerate(noted, (row["seq"] if row else 0) + 1)
        ],
    )


def newest(store: Store, person: str) -> int:
    """The number of the newest change to any family of a visitor; 0 when there was none."""
    row = store.row("SELECT COALESCE(MAX(seq), 0) AS seq FROM caseload_changes WHERE person = :person", person=person)
    return row["seq"] if row else 0


def since(store: Store, person: str, cursor: int) -> list[str]:
    """The families of which a visitor has not heard since a cursor, whether they are still hers or not."""
    rows = store.rows(
        "SELECT DISTINCT family FROM caseload_changes WHERE person = :person AND seq > :cursor",
        person=person,
        cursor=cursor,
    )
    return [row["family"] for row in rows]
