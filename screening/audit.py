"""Who did what and when: entries chained by hashes, so that a changed, missing or moved one is seen.

An entry names its event neutrally, because the log itself can be asked for by a parent (Datatilsynet
2024-32-0283): nothing in it tells what was found. Words about why stand sealed under the subject's key. The
chain covers the sealed bytes, so it holds after a key is destroyed. Entries cut off the end leave no
trace in a chain; ``witness.py`` keeps the newest hash elsewhere.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from screening.errors import Unreadable
from screening.store import Row, Store, new_id, utc

EVENT = re.compile(r"[a-z][a-z_]{1,39}")
COLUMNS = ("seq", "id", "at", "actor", "event", "subject", "sealed_for", "detail_sealed", "previous")
FIRST = "0" * 64
PAGE = 1000
OWN_KEY = "audit"


def add(
    store: Store,
    event: str,
    actor: str,
    now: datetime,
    *,
    subject: str | None = None,
    sealed_for: str | None = None,
    detail: Any = None,
) -> None:
    """Write an entry inside the caller's transaction, so that a change and its entry are kept together.

    ``actor`` is a person's id, a tablet's, or ``system``/``unknown``; ``detail`` any JSON, sealed under the
    data key ``sealed_for``, or under the log's own key when it belongs to nobody.
    """
    with store.transaction():
        add_all(store, [entry(store, event, actor, now, subject=subject, sealed_for=sealed_for, detail=detail)])


def entry(
    store: Store,
    event: str,
    actor: str,
    now: datetime,
    *,
    subject: str | None = None,
    sealed_for: str | None = None,
    detail: Any = None,
) -> Row:
    """An entry as ``add`` would write it, made ahead: its place in the chain comes with ``add_all``."""
    if not EVENT.fullmatch(event):
        raise ValueError(f"{event!r} is no name of an event")
    id, sealed = new_id(now), None
    if detail is not None:
        sealed_for = sealed_for or own_key(store, now)
        sealed = store.sealed("audit", id, "detail_sealed", sealed_for, detail)
    return {
        "id": id, "at": utc(now), "actor": actor, "event": event, "subject": subject,
        "sealed_for": sealed_for, "detail_sealed": sealed,
    }  # fmt: skip


def add_all(store: Store, made: list[Row]) -> None:
    """Write entries in their order inside the caller's transaction; the end of the chain is looked up once."""
    last = store.row("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1") or {"seq": 0, "hash": FIRST}
    rows, previous = [], last["hash"]
    for seq, one in enumerate(made, last["seq"] + 1):
        whole = one | {"seq": seq, "previous": previous}
        previous = hash_of(whole)
        rows.append(whole | {"hash": previous})
    store.add_all("audit", rows)


def own_key(store: Store, now: datetime) -> str:
    """The data key of what belongs to nobody; made when it is first needed."""
    if not store.row("SELECT id FROM data_keys WHERE id = :id", id=OWN_KEY):
        store.new_data_key(OWN_KEY, now)
    return OWN_KEY


def hash_of(entry: Row) -> str:
    """SHA-256 over everything an entry says, the sealed detail as its own digest, and the hash before it."""
    sealed = entry["detail_sealed"]
    said = [entry[name] for name in COLUMNS if name != "detail_sealed"]
    said.append(None if sealed is None else hashlib.sha256(sealed).hexdigest())
    return hashlib.sha256(json.dumps(said, ensure_ascii=True).encode()).hexdigest()


def verify(store: Store) -> list[str]:
    """What is wrong with the chain, one English line for each place; empty when it holds."""
    problems, previous, seq = [], FIRST, 0
    for entry in entries(store):
        seq += 1
        if entry["seq"] != seq:
            problems.append(f"entries {seq} to {entry['seq'] - 1} are missing")
            seq = entry["seq"]
        elif entry["previous"] != previous:
            problems.append(f"entry {seq} does not follow the one before it")
        if hash_of(entry) != entry["hash"]:
            problems.append(f"entry {seq} was changed")
        previous = entry["hash"]
    return problems


def entries(store: Store) -> Iterator[Row]:
    """Every entry from the first, read a page at a time."""
    seq = 0
    while page := store.rows("SELECT * FROM audit WHERE seq > :seq ORDER BY seq LIMIT :page", seq=seq, page=PAGE):
        yield from page
        seq = page[-1]["seq"]


def found(
    store: Store,
    *,
    since: str | None = None,
    until: str | None = None,
    actor: str | None = None,
    event: str | None = None,
    family: str | None = None,
) -> Iterator[Row]:
    """Entries oldest first, those that fit all that is given, read a page at a time; the detail still sealed.

    ``since`` (included) and ``until`` (left out) are moments as kept; ``actor`` an id: what the person did and what was
    done about her; ``family`` a family's id: entries about it and its visits.
    """
    seq = 0
    while page := store.rows(
        "SELECT seq, id, at, actor, event, subject, sealed_for, detail_sealed FROM audit WHERE seq > :seq"
        " AND (:since IS NULL OR at >= :since) AND (:until IS NULL OR at < :until)"
        " AND (:actor IS NULL OR actor = :actor OR subject = :actor) AND (:event IS NULL OR event = :event)"
        " AND (:family IS NULL OR subject = :family"
        " OR subject IN (SELECT id FROM encounters WHERE family = :family)) ORDER BY seq LIMIT :page",
        seq=seq, since=since, until=until, actor=actor, event=event, family=family, page=PAGE,
    ):  # fmt: skip
        yield from page
        seq = page[-1]["seq"]


def readable(store: Store, entry: Row) -> Row:
    """An entry with its detail opened where it is the log's own; why a family was looked at stays ``sealed``."""
    said = {name: entry[name] for name in ("seq", "at", "actor", "event", "subject")}
    if entry["detail_sealed"] is None:
        return said | {"detail": None}
    if entry["sealed_for"] != OWN_KEY:
        return said | {"detail": "sealed"}
    try:
        return said | {"detail": store.opened("audit", entry, "detail_sealed")}
    except Unreadable:
        return said | {"detail": "cannot be read"}


def listed(store: Store, *, before: int | None = None, subject: str | None = None, limit: int = 100) -> list[Row]:
    """Entries newest first, of one subject or of all: as kept, the detail still sealed."""
    return store.rows(
        "SELECT seq, id, at, actor, event, subject, sealed_for, detail_sealed FROM audit"
        " WHERE (:before IS NULL OR seq < :before) AND (:subject IS NULL OR subject = :subject)"
        " ORDER BY seq DESC LIMIT :limit",
        before=before,
        subject=subject,
        limit=limit,
    )
