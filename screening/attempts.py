"""How often somebody has tried to sign in, and how long the next try must wait.

Tries are counted for an account and a place together. A place is a network, or a browser that has signed
in to that account before (it shows a signed mark). The wait grows with every wrong try from the same
place and never becomes a lock. An account takes at most a hundred tries an hour from everywhere, and they
are shared out: when half are used, a place that has not tried gets one, and places where the account
has been signed in before have a share of their own. So whoever hammers an account from elsewhere
neither guesses much nor keeps its owner out. Names that do not exist are counted just the same, and a network
from which a hundred tries went wrong within an hour waits, whatever names they were for: each costs the server
the work of a calculation. A browser that has signed in before is not its network.
"""

import hashlib
import ipaddress
from datetime import datetime, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from screening.errors import TooMany
from screening.store import Store, new_id, parse_utc, utc

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
HOUR = timedelta(hours=1)
# Tries without a wait; after them the wait doubles from the first step up to the longest.
FREE = 5
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=15)
# Of the hundred tries an hour that an account may take, strangers' places get these.
SHARED = 40
STRANGERS = 80
# A network may go wrong so often in an hour, whoever it tries; a whole town hall may stand behind one address.
PLACE = 100
KNOWN_DAYS = 180

WAIT = "Der er prøvet mange gange. Prøv igen kl. {clock}."


def network(address: str) -> str:
    """The network of an address: an IPv4 address itself, an IPv6 address's /64."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if found.version == 6 and found.ipv4_mapped:
        found = found.ipv4_mapped
    return str(ipaddress.ip_network((found, 64 if found.version == 6 else 32), strict=False))


def begin(store: Store, account: str, place: str, now: datetime) -> str:
    """Count a try before it is evaluated, so that tries at the same moment cannot slip past. Gives its id.

    Raises TooMany, whatever would have been typed, while the place or the account must wait.
    """
    pair, whole = pair_of(account, place), scope("account", account)
    with store.transaction():
        refuse_place(store, place, now)
        refuse_early(store, pair, now)
        refuse_crowd(store, account, place, now)
        attempt = new_id(now)
        store.add("attempts", id=attempt, scope=pair, at=utc(now))
        store.add("attempts", id=f"{attempt} account", scope=whole, at=utc(now))
    return attempt


def take_back(store: Store, attempt: str) -> None:
    """A try that was not evaluated after all does not count."""
    store.run("DELETE FROM attempts WHERE id IN (:pair, :whole)", pair=attempt, whole=f"{attempt} account")


def refuse_place(store: Store, place: str, now: datetime) -> None:
    """A place's tries stand together in the index, whatever accounts they are for."""
    first = pair_of("", place).rpartition(" ")[0]
    rows = store.rows(
        "SELECT at FROM attempts WHERE scope > :first AND scope < :last AND at > :hour ORDER BY at DESC LIMIT :most",
        first=first + " ",
        last=first + "!",
        hour=utc(now - HOUR),
        most=PLACE,
    )
    if len(rows) == PLACE:
        refuse_until(parse_utc(rows[-1]["at"]) + HOUR, now)


def refuse_early(store: Store, pair: str, now: datetime) -> None:
    tries = since(store, pair, now - HOUR)
    if len(tries) < FREE:
        return
    wait = min(FIRST_WAIT * 2 ** min(len(tries) - FREE, 20), LONGEST_WAIT)
    refuse_until(tries[-1] + wait, now)


def refuse_crowd(store: Store, account: str, place: str, now: datetime) -> None:
    if since(store, scope("known", account, place), now - timedelta(days=KNOWN_DAYS)):
        return
    tries = since(store, scope("account", account), now - HOUR)
    own = since(store, pair_of(account, place), now - HOUR)
    if len(tries) >= STRANGERS or (len(tries) >= SHARED and own):
        refuse_until(tries[0] + HOUR, now)


def refuse_until(ready: datetime, now: datetime) -> None:
    if now < ready:
        clock = (ready + timedelta(seconds=59)).astimezone(COPENHAGEN)
        raise TooMany(WAIT, clock=f"{clock:%H.%M}", seconds=ceil((ready - now).total_seconds()))


def succeed(store: Store, account: str, place: str, now: datetime) -> None:
    """The owner is in: forget the place's wrong tries, remember the place, and sweep what is old."""
    known = scope("known", account, place)
    with store.transaction():
        store.run("DELETE FROM attempts WHERE scope = :pair", pair=pair_of(account, place))
        store.run("DELETE FROM attempts WHERE scope = :known", known=known)
        store.add("attempts", id=new_id(now), scope=known, at=utc(now))
        store.run(
            "DELETE FROM attempts WHERE (at < :hour AND scope NOT LIKE 'known %') OR at < :old",
            hour=utc(now - HOUR),
            old=utc(now - timedelta(days=KNOWN_DAYS)),
        )


def since(store: Store, scope: str, first: datetime) -> list[datetime]:
    rows = store.rows(
        "SELECT at FROM attempts WHERE scope = :scope AND at > :first ORDER BY at", scope=scope, first=utc(first)
    )
    return [parse_utc(row["at"]) for row in rows]


def pair_of(account: str, place: str) -> str:
    """What a try is counted under: the place first, so that its tries for every account can be counted together."""
    return f"{scope('pair', place)} {scope('with', account)}"


def scope(kind: str, *parts: str) -> str:
    """What a try is counted under: a digest, because people type their password into the name field."""
    return kind + " " + hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
