"""Opening what was said alone: for a fixed purpose, one parent's answers at a time, no faster than a person reads.

The purpose is chosen, not written, so that the log can be counted. Whoever opens more than a person needs is stopped
for a while; she, the log and the administrator are told. Long after the last sign-in the code is asked for again.
Source: OWASP ASVS 5.0, V2.4.1 and V7.5.3; security guide 1, row 12.
"""

from datetime import datetime, timedelta
from math import ceil
from typing import Any

from screening import attempts, audit, calendar_days, encounters, people, sessions
from screening.errors import NotAllowed, NotAnswerable, NotFound, TooMany
from screening.store import Store, new_id, parse_utc, utc

PURPOSES = {
    "second_opinion": ("Jeg skal afgøre niveauet", "I am to decide the level"),
    "notification": ("Der skal tages stilling til underretning", "A notification is to be decided on"),
    "safety_plan": ("Forælderen skal kontaktes om sin sikkerhed", "The parent is to be contacted about her safety"),
    "supervision": ("Sundhedsplejersken skal have sparring", "The health visitor needs supervision"),
    "correction": ("Noget skal rettes", "Something is to be corrected"),
    "access_request": ("Forælderen har bedt om indsigt", "The parent has asked for access"),
}
MINUTE, DAY = timedelta(minutes=1), timedelta(hours=24)
MOST_A_MINUTE, MOST_A_DAY = 60, 300
# The code is asked for again when the last was so long ago.
FRESH = timedelta(minutes=15)
# So long whoever was stopped, and the administrator, see that it happened.
SHOWN = timedelta(days=30)
LIMITED = "openings_limited"

TOO_MANY = (
    "Du har åbnet flere beskyttede svar, end et menneske når at læse. "
    "Vent til kl. {clock}, og åbn kun dem, du skal bruge."
)
NO_PURPOSE = "Vælg et formål, før du åbner de beskyttede svar."
NO_SUBJECT = "Vælg én forælder ad gangen, når du åbner beskyttede svar."

Row = dict[str, Any]


def check(purpose: Any, subject: Any) -> None:
    """Raise NotAnswerable for anything but a fixed purpose and one subject."""
    if purpose not in PURPOSES:
        raise NotAnswerable(NO_PURPOSE)
    if not isinstance(subject, str) or not subject:
        raise NotAnswerable(NO_SUBJECT)


def opened(
    store: Store, visits: list[str], subject: str, person: people.Person, purpose: str, now: datetime, language: str
) -> None:
    """Count and write down that one subject's answers are opened, at a visit and the version before it.

    Raises NotAnswerable as ``check``, NotFound as ``encounters.open_private``, TooMany when a person needs no more.
    """
    check(purpose, subject)
    refuse_many(store, person, now)
    with store.transaction():
        for visit in visits:
            encounters.open_private(store, visit, subject, person, purpose, now, language)
        store.add("openings", id=new_id(now), person=person["id"], at=utc(now))


def refuse_many(store: Store, person: people.Person, now: datetime) -> None:
    """Raise TooMany when somebody has opened as much as a person needs; the first time it is written down."""
    rows = store.rows(
        "SELECT at FROM openings WHERE person = :person AND at > :day ORDER BY at",
        person=person["id"],
        day=utc(now - DAY),
    )
    times = [parse_utc(row["at"]) for row in rows]
    for most, span in ((MOST_A_DAY, DAY), (MOST_A_MINUTE, MINUTE)):
        recent = [at for at in times if at > now - span]
        if len(recent) >= most:
            note_limit(store, person, recent[-1], now)
            ready = recent[-most] + span
            clock = calendar_days.local(ready + timedelta(seconds=59))
            raise TooMany(TOO_MANY, clock=f"{clock:%H.%M}", seconds=ceil((ready - now).total_seconds()))


def note_limit(store: Store, person: people.Person, newest: datetime, now: datetime) -> None:
    """One entry in the log each time somebody is stopped, not one for each of her tries."""
    seen = store.row(
        "SELECT at FROM audit WHERE event = :event AND actor = :person ORDER BY seq DESC LIMIT 1",
        event=LIMITED,
        person=person["id"],
    )
    if not seen or parse_utc(seen["at"]) < newest:
        with store.transaction():
            audit.add(store, LIMITED, person["id"], now)


def limited(store: Store, now: datetime) -> dict[str, str]:
    """Who was stopped lately -> when that was last (UTC), for herself and for the administrator."""
    rows = store.rows(
        "SELECT actor, MAX(at) AS at FROM audit WHERE event = :event AND at > :since GROUP BY actor",
        event=LIMITED,
        since=utc(now - SHOWN),
    )
    return {row["actor"]: row["at"] for row in rows}


# ── is it still she ──


def is_fresh(store: Store, person: people.Person, now: datetime) -> bool:
    """Whether the person has shown a code in this sign-in not long ago."""
    row = store.row(
        "SELECT s.created_at, c.at FROM sessions s LEFT JOIN confirmations c ON c.id = s.id WHERE s.id = :id",
        id=person["session"],
    )
    newest = max(row["created_at"], row["at"] or "") if row else ""
    return bool(newest) and now - parse_utc(newest) < FRESH


def confirm(store: Store, person: people.Person, code: str, now: datetime, place: str) -> None:
    """Take a person's code again. Raises NotAllowed for a wrong or used one, TooMany as signing in does."""
    row = store.row("SELECT id, username, sealed_for, totp_sealed FROM people WHERE id = :id", id=person["id"])
    if not row:
        raise NotFound("Personen findes ikke. Gå tilbage til listen.")
    attempts.begin(store, row["username"], place, now)
    with store.transaction():
        right = sessions.use_code(store, row, code, now)
        if right:
            store.run("DELETE FROM confirmations WHERE id = :id", id=person["session"])
            store.add("confirmations", id=person["session"], at=utc(now))
            attempts.succeed(store, row["username"], place, now)
        audit.add(store, "code_confirmed" if right else "signin_failed", person["id"], now, subject=person["id"])
    if not right:
        raise NotAllowed(sessions.WRONG_CODE)
