"""Chains: every envelope names the number and the hash of its author's envelope before it, and here they are compared.

A tablet that was set back to an older state, or copied, goes on from where it was: it uses a number twice, or follows
an envelope that another has followed already. Both are kept, and a lead is told. Nothing is refused for it: what was
written on a tablet counts, whatever became of the tablet.
"""

from datetime import datetime, timedelta
from typing import Any

from screening import audit
from screening.store import Row, Store, envelope, new_id, utc

FIRST = "0" * 64
# So long a fork stands on the lead's list; the log keeps it.
SHOWN = timedelta(days=30)


def look(store: Store, opened: envelope.Envelope, now: datetime) -> None:
    """Compare an envelope that was just kept with its neighbours, and write down a fork once for each number.

    Envelopes come in any order, so those before and after it are looked at. Inside the caller's transaction.
    """
    if has_rival(store, opened) or not follows(store, opened):
        write_down(store, opened, opened.seq, now)
    if not is_followed(store, opened):
        write_down(store, opened, opened.seq + 1, now)


def has_rival(store: Store, opened: envelope.Envelope) -> bool:
    """Whether another envelope has the same number."""
    return any(one["sha256"] != opened.sha256 for one in at(store, opened.author, opened.seq))


def follows(store: Store, opened: envelope.Envelope) -> bool:
    """Whether it names the envelope before it, as far as that is here."""
    if opened.seq == 1:
        return opened.previous == FIRST
    before = at(store, opened.author, opened.seq - 1)
    return not before or opened.previous in {one["sha256"] for one in before}


def is_followed(store: Store, opened: envelope.Envelope) -> bool:
    """Whether those after it, as far as they are here, name it or another of its number."""
    here = {one["sha256"] for one in at(store, opened.author, opened.seq)}
    return all(one["previous"] in here for one in at(store, opened.author, opened.seq + 1))


def at(store: Store, author: str, seq: int) -> list[Row]:
    return store.rows(
        "SELECT sha256, previous FROM envelopes WHERE author = :author AND author_seq = :seq", author=author, seq=seq
    )


def write_down(store: Store, opened: envelope.Envelope, seq: int, now: datetime) -> None:
    known = store.row("SELECT id FROM forks WHERE author = :author AND seq = :seq", author=opened.author, seq=seq)
    if not known:
        store.add("forks", id=new_id(now), author=opened.author, seq=seq, noticed_at=utc(now))
        audit.add(store, "chain_forked", "system", now, subject=opened.author)


def forks(store: Store, team: str | None, now: datetime) -> list[dict[str, Any]]:
    """What was noticed in the last 30 days, oldest first, one for each author: author, person, tablet, noticed_at.

    ``team`` None looks at all.
    """
    return store.rows(
        "SELECT a.id AS author, a.person, a.tablet, MAX(f.noticed_at) AS noticed_at"
        " FROM forks f JOIN authors a ON a.id = f.author JOIN people p ON p.id = a.person"
        " WHERE p.team = COALESCE(:team, p.team) AND f.noticed_at > :since"
        " GROUP BY a.id, a.person, a.tablet ORDER BY noticed_at",
        team=team,
        since=utc(now - SHOWN),
    )
