"""Times and ids as they are kept: both are text, and sorting the text sorts what happened."""

import secrets
import threading
import uuid
from datetime import UTC, datetime

# Version 7 of RFC 9562: 48 bits of time, then 74 bits that are random or count on from the last.
TAIL_BITS = 74

one_at_a_time = threading.Lock()
last = (0, 0)


def new_id(now: datetime) -> str:
    """A UUIDv7 for a moment; ids that this process makes in the same millisecond sort as they were made.

    An id is unique, not secret.
    """
    global last
    moment = int(aware(now).timestamp() * 1000)
    with one_at_a_time:
        tail = secrets.randbits(TAIL_BITS - 1)
        if moment == last[0]:
            tail = last[1] + 1 + secrets.randbits(32)
        last = (moment, tail)
    first, rest = tail >> 62 & 0xFFF, tail & (1 << 62) - 1
    return str(uuid.UUID(int=moment << 80 | 7 << 76 | first << 64 | 0b10 << 62 | rest))


def utc(moment: datetime) -> str:
    """A moment as UTC text with milliseconds: ``2026-11-23T09:12:00.000Z``. Raises ValueError without a zone."""
    return aware(moment).astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_utc(text: str) -> datetime:
    """The moment again. Raises ValueError for a text that ``utc`` does not write."""
    moment = datetime.fromisoformat(text)
    if utc(moment) != text:
        raise ValueError(f"{text!r} is no moment in UTC as it is kept")
    return moment


def aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment
