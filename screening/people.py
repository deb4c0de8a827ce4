"""Who works here: visitors, leads, coordinators and admins, each with a name of their own to sign in with.

A person's name and code secret are sealed; what is plain is what finding a row needs.
"""

import re
import unicodedata
from datetime import date, datetime, timedelta
from typing import Any

import pyotp

from screening import audit, names, passwords, teams, untrusted
from screening.errors import Conflict, NotAnswerable, NotFound, Unreadable
from screening.store import Store, new_id, utc

ROLES = ("visitor", "lead", "coordinator", "admin")
LANGUAGES = ("da", "en")
# So long a password that somebody else has seen may be used to choose a better one.
FIRST_DAYS = timedelta(days=7)
USERNAME = re.compile(r"[a-z0-9æøå][a-z0-9æøå._-]{1,39}")

COLUMNS = "id, username, role, team, initials, language, sealed_for, details_sealed, disabled_at, trained_at"
Person = dict[str, Any]


def add(
    store: Store,
    username: str,
    name: str,
    role: str,
    team: str,
    now: datetime,
    password: str | None = None,
    language: str = "da",
    initials: str | None = None,
    *,
    trained: date | None = None,
    by: str = "system",
    cost: passwords.Cost = passwords.COST,
) -> dict[str, str]:
    """Add a person. Gives id, password and totp_secret; the last two can be shown only now.

    Without a password one is made, which must be changed at the first sign-in, within seven days; ``trained`` is as for
    ``train``. Raises NotAnswerable for what cannot be, Conflict for a name in use.
    """
    username, name, team = account(username), name.strip(), team.strip()
    refuse_wrong(username, name, role, language)
    refuse_hidden(name, team)
    name, team = untrusted.clean(name), kept_team(role, untrusted.clean(team))
    first_until = None
    if password is None:
        password, first_until = passwords.generated(), utc(now + FIRST_DAYS)
    else:
        passwords.refuse_weak(password, own_words(username, name))
    person, secret = new_id(now), pyotp.random_base32()
    kept = passwords.hashed(password, cost)
    with store.transaction():
        if store.row("SELECT id FROM people WHERE username = :username", username=username):
            raise Conflict("Brugernavnet {username} er i brug. Vælg et andet.", username=username)
        store.new_data_key(person, now)
        store.add(
            "people", id=person, username=username, role=role, team=team,
            initials=(initials or first_letters(name)).upper()[:4], language=language, password_hash=kept,
            sealed_for=person, details_sealed={"name": name}, totp_sealed=secret, created_at=utc(now),
            trained_at=trained.isoformat() if trained else None, first_until=first_until,
        )  # fmt: skip
        audit.add(store, "person_added", by, now, subject=person)
    return {"id": person, "password": password, "totp_secret": secret}


def refuse_wrong(username: str, name: str, role: str, language: str) -> None:
    if not USERNAME.fullmatch(username):
        raise NotAnswerable("Brugernavnet skal have 2-40 tegn: bogstaver, tal, punktum, streg. Ret det.")
    if not 1 <= len(name) <= 100:
        raise NotAnswerable("Navnet mangler eller er for langt. Skriv det igen.")
    if role not in ROLES:
        raise NotAnswerable("Rollen {role} findes ikke. Vælg en af {roles}.", role=role, roles=", ".join(ROLES))
    if language not in LANGUAGES:
        raise NotAnswerable("Sproget {language} findes ikke. Vælg da eller en.", language=language)


def refuse_hidden(*texts: str) -> None:
    """Raise NotAnswerable for a name with a sign that nobody sees: two names that look alike must be alike."""
    for text in texts:
        if sign := untrusted.hidden(text):
            shown = untrusted.clean(text)
            raise NotAnswerable("I {text} står et usynligt tegn ({sign}). Skriv det igen uden.", text=shown, sign=sign)


def kept_team(role: str, team: str) -> str:
    """A person's team as it is kept; a lead may have several, or all. Raises NotAnswerable."""
    kept = teams.written(team)
    if role != "lead" and ("," in kept or kept == teams.ALL):
        raise NotAnswerable("Kun en teamleder kan have flere team. Skriv ét team.")
    return kept


def account(username: str) -> str:
    """A name to sign in with as it is kept: small letters, one way of writing each."""
    whole = username.encode("utf-8", "replace").decode("utf-8")  # half a sign cannot be looked up
    return unicodedata.normalize("NFC", whole).strip().lower()


def first_letters(name: str) -> str:
    parts = names.natural(name).split()
    return parts[0][0] + (parts[-1][0] if len(parts) > 1 else "")


def own_words(*texts: str) -> list[str]:
    """The words a stranger would try in a person's password: their names and what belongs to the place."""
    return [word for text in texts for word in re.split(r"[^\w]+", text) if len(word) >= 3]


def listed(store: Store) -> list[Person]:
    """Everybody, those who still work here first, by username."""
    rows = store.rows(f"SELECT {COLUMNS} FROM people ORDER BY disabled_at IS NOT NULL, username")  # noqa: S608 - COLUMNS is a constant
    return [opened(store, row) for row in rows]


def usernames(store: Store) -> dict[str, str]:
    """Everybody's username by id; no name is opened."""
    return {row["id"]: row["username"] for row in store.rows("SELECT id, username FROM people")}


def get(store: Store, id: str) -> Person:
    """A person by id. Raises NotFound."""
    row = store.row(f"SELECT {COLUMNS} FROM people WHERE id = :id", id=id)  # noqa: S608 - COLUMNS is a constant
    if not row:
        raise NotFound("Personen findes ikke. Gå tilbage til listen.")
    return opened(store, row)


def named(store: Store, username: str) -> Person:
    """A person by username. Raises NotFound."""
    row = store.row(
        f"SELECT {COLUMNS} FROM people WHERE username = :username",  # noqa: S608 - COLUMNS is a constant
        username=account(username),
    )
    if not row:
        raise NotFound("Ingen har brugernavnet {username}. Se listen over personer.", username=username)
    return opened(store, row)


def opened(store: Store, row: dict[str, Any]) -> Person:
    """A row with the person's name opened; sealed columns stay behind.

    One whose name does not open is called by her username, and ``unreadable`` says so: nobody else is kept back by it.
    """
    sealed = {"sealed_for", "details_sealed"}
    kept = {key: value for key, value in row.items() if key not in sealed}
    try:
        return kept | {"name": store.opened("people", row, "details_sealed")["name"]}
    except Unreadable:
        return kept | {"name": row["username"], "unreadable": True}


def unreadable(store: Store) -> list[str]:
    """The usernames of those whose names do not open."""
    return [one["username"] for one in listed(store) if one.get("unreadable")]


def disable(store: Store, username: str, now: datetime, *, by: str = "system") -> None:
    """End a person's access at once: no sign-in, and what is open closes. Raises NotFound."""
    person = named(store, username)
    with store.transaction():
        changed = store.run(
            "UPDATE people SET disabled_at = :now WHERE id = :id AND disabled_at IS NULL", id=person["id"], now=utc(now)
        )
        store.run(
            "UPDATE sessions SET ended_at = :now WHERE person = :id AND ended_at IS NULL", id=person["id"], now=utc(now)
        )
        if changed:
            audit.add(store, "person_disabled", by, now, subject=person["id"])


def train(store: Store, username: str, day: date, now: datetime, *, by: str = "system") -> None:
    """Keep the day on which a person is trained; before it her tablet asks nobody alone (FR21). Raises NotFound."""
    person = named(store, username)
    with store.transaction():
        store.change("people", person["id"], trained_at=day.isoformat())
        audit.add(store, "person_trained", by, now, subject=person["id"])


def renew_password(
    store: Store,
    username: str,
    proved: str,
    now: datetime,
    *,
    by: str = "system",
    cost: passwords.Cost = passwords.COST,
) -> str:
    """A new first password for somebody who lost hers; gives it. ``proved``: who made sure that it is she, and how.

    Every sign-in of hers ends. Name, code app, tablets, families and what lies on a tablet stay as they are.
    Raises NotFound, NotAnswerable without a proof, Conflict for who no longer works here.
    """
    person, proved = renewable(store, username, proved)
    password = passwords.generated()
    kept = passwords.hashed(password, cost)
    with store.transaction():
        store.change("people", person["id"], password_hash=kept, first_until=utc(now + FIRST_DAYS))
        renewed(store, "password_renewed", person, proved, by, now)
    return password


def renew_code(store: Store, username: str, proved: str, now: datetime, *, by: str = "system") -> str:
    """A new secret for the code app of somebody who lost hers; gives it. As ``renew_password``; the password stays."""
    person, proved = renewable(store, username, proved)
    secret = pyotp.random_base32()
    with store.transaction():
        store.change("people", person["id"], totp_sealed=secret, last_code=0)
        renewed(store, "code_renewed", person, proved, by, now)
    return secret


def renewable(store: Store, username: str, proved: str) -> tuple[Person, str]:
    """The person, and the proof as it is kept: up to 200 signs."""
    person, proved = named(store, username), untrusted.clean(proved).strip()
    if person["disabled_at"]:
        raise Conflict("{username} arbejder ikke her længere. Tilføj personen igen.", username=username)
    if not 3 <= len(proved) <= 200:
        raise NotAnswerable("Skriv, hvem der har set, at det er den rigtige person, og hvordan (3-200 tegn).")
    return person, proved


def renewed(store: Store, event: str, person: Person, proved: str, by: str, now: datetime) -> None:
    audit.add(store, event, by, now, subject=person["id"], detail={"identity": proved})
    store.run(
        "UPDATE sessions SET ended_at = :now WHERE person = :id AND ended_at IS NULL", id=person["id"], now=utc(now)
    )


def speak(store: Store, person: Person, language: str) -> None:
    """Keep a person's choice of language. Raises NotAnswerable for one we do not have."""
    if language not in LANGUAGES:
        raise NotAnswerable("Sproget {language} findes ikke. Vælg da eller en.", language=language)
    store.run("UPDATE people SET language = :language WHERE id = :id", language=language, id=person["id"])
