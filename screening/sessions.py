"""Signing in and staying signed in: password, then a one-time code, then a row that says so until it ends.

The browser holds a random token, the table its digest: whoever reads the table cannot sign in with it.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pyotp

from screening import attempts, audit, passwords, people
from screening.errors import NotAllowed, TooMany
from screening.store import Store, parse_utc, utc

CODE_MINUTES = timedelta(minutes=10)
STEP = 30
# Clocks differ and typing takes time: so many seconds a code is good before and after its own half minute.
SLACK = 10
# Writing down every request would be a write for every read; a minute's precision is enough.
SEEN_EVERY = timedelta(minutes=1)
KEPT_DAYS = timedelta(days=7)

WRONG = "Brugernavn eller adgangskode passer ikke. Prøv igen."
WRONG_CODE = "Koden passer ikke. Vent på den næste, og prøv igen."
OLD_FIRST = "Din første adgangskode gælder ikke længere. Bed jeres administrator om en ny."
TOO_LATE = "Der gik for lang tid. Begynd forfra med brugernavn og adgangskode."


@dataclass(frozen=True)
class Lifetime:
    """How long a sign-in lasts: quiet, and in all."""

    idle: timedelta = timedelta(minutes=30)
    whole: timedelta = timedelta(hours=12)


def sign_in(
    store: Store, username: str, password: str, now: datetime, place: str, cost: passwords.Cost = passwords.COST
) -> str:
    """First half: name and password. Gives a token that only awaits the code.

    ``place`` is where the try comes from, see attempts.py. An unknown or disabled name takes the same work
    and gets the same answer as a wrong password. Raises NotAllowed, also for a first password that is older than
    seven days, or TooMany while a wait runs.
    """
    account = people.account(username)
    attempt = attempts.begin(store, account, place, now)
    row = store.row(
        "SELECT id, password_hash, first_until, disabled_at FROM people WHERE username = :username", username=account
    )
    try:
        fits = passwords.fits(password, row["password_hash"] if row else passwords.nobodys(cost))
    except TooMany:
        attempts.take_back(store, attempt)
        raise
    if not (row and fits and row["disabled_at"] is None):
        with store.transaction():
            audit.add(store, "signin_failed", "unknown", now, subject=row["id"] if row else None)
        raise NotAllowed(WRONG)
    if row["first_until"] and row["first_until"] <= utc(now):
        with store.transaction():
            audit.add(store, "signin_failed", row["id"], now, subject=row["id"])
        raise NotAllowed(OLD_FIRST)
    return begin(store, row["id"], "code", now)


def confirm(store: Store, pending: str, code: str, now: datetime, place: str) -> str:
    """Second half: the one-time code. Gives the token of the session; the half one ends.

    Raises NotAllowed for a code that is wrong or used, or when too long has passed; TooMany as sign_in.
    """
    half = waiting(store, pending, now)
    if not half:
        raise NotAllowed(TOO_LATE)
    attempts.begin(store, half["username"], place, now)
    with store.transaction():
        if not use_code(store, half, code, now):
            audit.add(store, "signin_failed", half["id"], now, subject=half["id"])
            token = ""
        else:
            token = begin(store, half["id"], "in", now)
            end(store, half["session"], now)
            sweep(store, half["id"], now)
            attempts.succeed(store, half["username"], place, now)
            audit.add(store, "signin", half["id"], now)
    if not token:
        raise NotAllowed(WRONG_CODE)
    return token


def waiting(store: Store, token: str, now: datetime) -> dict[str, Any] | None:
    """Who has shown a password and not yet a code: id, username and first_until, or None."""
    return store.row(
        "SELECT p.id, p.username, p.first_until, p.sealed_for, p.totp_sealed, p.last_code, s.id AS session"
        " FROM sessions s JOIN people p ON p.id = s.person"
        " WHERE s.id = :id AND s.stage = 'code' AND s.ended_at IS NULL AND p.disabled_at IS NULL"
        " AND s.created_at > :oldest",
        id=digest(token),
        oldest=utc(now - CODE_MINUTES),
    )


def use_code(store: Store, person: dict[str, Any], code: str, now: datetime) -> bool:
    """Whether a code is right (RFC 6238; its 30 s and ten to either side) and has not been used; then it is."""
    totp = pyotp.TOTP(store.opened("people", person, "totp_sealed"))
    seconds, right = int(now.timestamp()), None
    typed = "".join(code.split()).encode("utf-8", "surrogatepass")
    for step in sorted({(seconds + slack) // STEP for slack in (-SLACK, 0, SLACK)}):
        if hmac.compare_digest(totp.at(step * STEP).encode(), typed):
            right = step
    return right is not None and bool(
        store.run(
            "UPDATE people SET last_code = :step WHERE id = :id AND last_code < :step", step=right, id=person["id"]
        )
    )


def begin(store: Store, person: str, stage: str, now: datetime) -> str:
    """A new row for a new random token of 192 bits; gives the token. It travels with every request, so no longer."""
    token = secrets.token_urlsafe(24)
    store.add(
        "sessions", id=digest(token), person=person, stage=stage, created_at=utc(now), seen_at=utc(now), ended_at=None
    )
    return token


def by_token(store: Store, token: str, now: datetime, lifetime: Lifetime) -> people.Person | None:
    """Who is signed in with a token, with ``session`` (its id); None when it has ended or never was.

    ``first_until`` says until when her first password may be changed; None once she has chosen her own.
    """
    row = store.row(
        "SELECT p.id, p.username, p.role, p.team, p.initials, p.language, p.trained_at, p.first_until,"
        " p.sealed_for, p.details_sealed,"
        " s.id AS session, s.created_at, s.seen_at"
        " FROM sessions s JOIN people p ON p.id = s.person"
        " WHERE s.id = :id AND s.stage = 'in' AND s.ended_at IS NULL AND p.disabled_at IS NULL",
        id=digest(token),
    )
    if not row or over(row, now, lifetime):
        return None
    if now - parse_utc(row["seen_at"]) >= SEEN_EVERY:
        store.run("UPDATE sessions SET seen_at = :now WHERE id = :id", id=row["session"], now=utc(now))
    person = people.opened(store, row)
    return {key: value for key, value in person.items() if key not in ("created_at", "seen_at")}


def over(row: dict[str, Any], now: datetime, lifetime: Lifetime) -> bool:
    quiet = now - parse_utc(row["seen_at"])
    return quiet >= lifetime.idle or now - parse_utc(row["created_at"]) >= lifetime.whole


def open_ones(store: Store, person: people.Person, now: datetime, lifetime: Lifetime) -> list[dict[str, Any]]:
    """A person's open sign-ins, newest first: id, created_at, seen_at, own (the one being used)."""
    rows = store.rows(
        "SELECT id, created_at, seen_at FROM sessions"
        " WHERE person = :person AND stage = 'in' AND ended_at IS NULL ORDER BY created_at DESC",
        person=person["id"],
    )
    still = [row for row in rows if not over(row, now, lifetime)]
    return [row | {"own": row["id"] == person["session"]} for row in still]


def sign_out(store: Store, person: people.Person, now: datetime) -> None:
    """End the sign-in being used, at once."""
    with store.transaction():
        end(store, person["session"], now)
        audit.add(store, "signout", person["id"], now)


def end_own(store: Store, person: people.Person, session: str, now: datetime) -> None:
    """End one of the person's own sign-ins; somebody else's is left alone."""
    with store.transaction():
        ended = store.run(
            "UPDATE sessions SET ended_at = :now WHERE id = :id AND person = :person AND ended_at IS NULL",
            id=session,
            person=person["id"],
            now=utc(now),
        )
        write_down_end(store, ended, person["id"], person["id"], now)


def end_others(store: Store, person: people.Person, now: datetime) -> None:
    """End all of the person's sign-ins but the one being used."""
    with store.transaction():
        ended = store.run(
            "UPDATE sessions SET ended_at = :now WHERE person = :person AND id <> :own AND ended_at IS NULL",
            person=person["id"],
            own=person["session"],
            now=utc(now),
        )
        write_down_end(store, ended, person["id"], person["id"], now)


def end_all(store: Store, person: str, by: str, now: datetime) -> None:
    """End every sign-in of a person, whoever asked for it."""
    with store.transaction():
        ended = store.run(
            "UPDATE sessions SET ended_at = :now WHERE person = :person AND ended_at IS NULL",
            person=person,
            now=utc(now),
        )
        write_down_end(store, ended, person, by, now)


def write_down_end(store: Store, ended: int, person: str, by: str, now: datetime) -> None:
    if ended:
        audit.add(store, "session_ended", by, now, subject=person)


def change_password(
    store: Store,
    person: people.Person,
    password: str,
    words: list[str],
    now: datetime,
    *,
    cost: passwords.Cost = passwords.COST,
) -> None:
    """Keep a password the person chose, and end all other sign-ins. ``words``: those of the place.

    Raises NotAnswerable for a weak one, TooMany when too many wait to be calculated.
    """
    passwords.refuse_weak(password, [*people.own_words(person["username"], person["name"]), *words])
    kept = passwords.hashed(password, cost)
    with store.transaction():
        store.change("people", person["id"], password_hash=kept, first_until=None)
        audit.add(store, "password_changed", person["id"], now, subject=person["id"])
        end_others(store, person, now)


def end(store: Store, session: str, now: datetime) -> None:
    store.run("UPDATE sessions SET ended_at = :now WHERE id = :id", id=session, now=utc(now))


def sweep(store: Store, person: str, now: datetime) -> None:
    """Forget the person's rows that ended long ago by themselves."""
    store.run(
        "DELETE FROM sessions WHERE person = :person AND created_at < :old", person=person, old=utc(now - KEPT_DAYS)
    )


def digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
