"""Denials: what was refused to whom goes into the log, and a flood of them does not fill the disk.

The first denial of a kind within a minute is written at once; further equal ones are counted, and written as one entry
with their number when the minute is over. Equal means the same person or tablet, answer, method and path. The path is
the route as the program knows it, such as ``/lead/families/<family>``: nothing that was typed into a request is kept.
More than twenty kinds within a minute are counted together. Whoever ends the process loses the count of its last
minute, never the first of a kind.
"""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from screening import audit
from screening.store import Store

MINUTE = timedelta(minutes=1)
MOST_KINDS = 20
STATUSES = frozenset({401, 403, 404, 429})


@dataclass(frozen=True)
class Denial:
    """One kind: ``actor`` is a person's id, a tablet's, or ``unknown``; ``status`` the HTTP answer, 0 for several."""

    actor: str
    status: int
    method: str
    path: str


SEVERAL = Denial("unknown", 0, "", "several")
Counted = list[tuple[Denial, int]]


class Denials:
    """What was denied within the running minute."""

    def __init__(self) -> None:
        self.begun: datetime | None = None
        self.more: dict[Denial, int] = {}  # how often each kind came again after its first, which is written
        self.turn = threading.Lock()

    def note(self, store: Store, denial: Denial, now: datetime) -> None:
        """Write a denial, or count it when its like was written within this minute."""
        with self.turn:
            entries = self._ended(now)
            if denial not in self.more and len(self.more) >= MOST_KINDS:
                denial = SEVERAL
            if denial in self.more:
                self.more[denial] += 1
            else:
                self.begun = self.begun or now
                self.more[denial] = 0
                entries.append((denial, 1))
        write(store, entries, now)

    def flush(self, store: Store, now: datetime) -> None:
        """Write the counts of a minute that is over."""
        with self.turn:
            entries = self._ended(now)
        write(store, entries, now)

    def _ended(self, now: datetime) -> Counted:
        """The counts of a minute that is over; a new minute begins with the next denial."""
        if self.begun is None or now - self.begun < MINUTE:
            return []
        counted = [(denial, count) for denial, count in self.more.items() if count]
        self.begun, self.more = None, {}
        return counted


def write(store: Store, entries: Counted, now: datetime) -> None:
    if not entries:
        return
    with store.transaction():
        for denial, count in entries:
            detail = {"status": denial.status, "method": denial.method, "path": denial.path, "count": count}
            audit.add(store, "denied", denial.actor, now, detail=detail)
