"""The tablets: how one is made ready for a visitor, how its requests are known, how it is taken out of use.

A tablet shows its transport key with every request. That key only says who carries the post: whoever steals it
can bring sealed envelopes and, without a sign-in besides, read nothing. Who made a visit is said by the author's
key, inside the envelope.
"""

import base64
import binascii
import hashlib
import re
import secrets
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from screening import audit, sessions
from screening.errors import Conflict, NotAllowed, NotAnswerable, NotFound, TooMany
from screening.people import Person
from screening.store import Store, new_id, parse_utc, utc

CURVE = ec.SECP256R1()
NONCE = re.compile(r"[A-Za-z0-9_-]{22}")
# P10: noise control. What makes a repeated request harmless is that an envelope is kept once.
NONCE_HOURS = timedelta(hours=24)
SEEN_EVERY = timedelta(minutes=1)
# A tablet may send so many requests at once, and from then on one in a second: a thousand visits need fifty.
BURST, REFILL = 600, timedelta(seconds=1)
# ASVS 6.5.1: random, single use, short-lived. Twelve signs of 32 are 60 bits; none looks like another.
CODE_HOURS = timedelta(hours=24)
CODE_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 12

UNKNOWN = "Tabletten er ikke kendt her. Log ind, og gør den klar igen; det, der venter på den, bliver liggende."
WRONG_CODE = "Aktiveringskoden passer ikke, er brugt eller for gammel. Bed jeres administrator om en ny."
DAMAGED = "Nøglerne kom ikke helt frem. Prøv igen."
NOT_HERS = "Tabletten er ikke gjort klar til dig. Log ud, så den, der bruger den, kan logge ind; eller gør den klar."

Tablet = dict[str, Any]


def enrol(
    store: Store,
    person: Person,
    request: Mapping[str, Any],
    now: datetime,
    activation: str | None = None,
    need_activation: bool = True,
) -> dict[str, Any]:
    """Make a tablet ready for a visitor; sent twice, the answer is the same.

    ``request``: tablet (uuid), transport_key and author_key (base64 of 65 bytes, P-256 uncompressed), proof
    (base64 of the author key's signature, see ``proven``). Gives what the tablet must know: its author id, the
    municipality's public keys signed by the root key, and the key that signs receipts.
    Raises NotAnswerable for a damaged request, NotAllowed for a wrong code or a revoked tablet, Conflict for
    a tablet or key that is somebody else's.
    """
    asked = proven(request, person)
    with store.transaction():
        author = known_author(store, asked, person)
        if author is None:
            if need_activation:
                use_activation(store, person, activation or "", now)
            accept_tablet(store, asked, person, now)
            author = add_author(store, asked, person, now)
    return {"tablet": asked["tablet"], "author": author, "person": about(person), **server_facts(store)}


def about(person: Person) -> dict[str, str]:
    """What a tablet may show before it is opened, and the language it opens in."""
    return {name: person[name] for name in ("id", "initials", "language")}


def server_facts(store: Store) -> dict[str, Any]:
    """The server's own keys as a tablet pins them. ``keys_signature`` is the root's, over ``keys_message``."""
    keys = [{"kid": key["kid"], "public": text(key["public"])} for key in store.keys.municipality_keys()]
    return {
        "epoch": epoch(store),
        "keys": keys,
        "keys_signature": text(store.keys.sign_root(keys_message(keys))),
        "root": text(store.keys.root_public()),
        "receipt_key": text(store.keys.receipt_public()),
    }


def keys_message(keys: list[dict[str, str]]) -> bytes:
    """What the root key signs: a line for each of the municipality's keys, newest first."""
    return ("screening keys 1\n" + "".join(f"{key['kid']} {key['public']}\n" for key in keys)).encode()


def epoch(store: Store) -> str:
    """The server's life, 32 hex digits: another one means that it was set back to a backup."""
    row = store.row("SELECT value FROM facts WHERE name = 'epoch'")
    return row["value"] if row else ""


# ── enrolment, step by step ──


def proven(request: Mapping[str, Any], person: Person) -> dict[str, Any]:
    """The request's values, when the sender holds the author's key. Raises NotAnswerable."""
    fields = {"tablet", "transport_key", "author_key", "proof"}
    if not isinstance(request, Mapping) or set(request) != fields:
        raise NotAnswerable(DAMAGED)
    asked = {
        "tablet": own_uuid(request["tablet"]),
        "transport_key": own_bytes(request["transport_key"], 65),
        "author_key": own_bytes(request["author_key"], 65),
    }
    public_key(asked["transport_key"])
    message = f"screening enrol 1\n{asked['tablet']}\n{text(asked['transport_key'])}\n{person['id']}".encode()
    if not signed_by(asked["author_key"], message, own_bytes(request["proof"], 64)):
        raise NotAnswerable(DAMAGED)
    return asked


def known_author(store: Store, asked: dict[str, Any], person: Person) -> str | None:
    """The author id that this key already has here, when the answer to its enrolment was lost on the way."""
    row = store.row(
        "SELECT a.id, a.person, a.tablet, a.revoked_at, t.transport_key, t.revoked_at AS tablet_revoked_at"
        " FROM authors a JOIN tablets t ON t.id = a.tablet WHERE a.public_key = :key",
        key=asked["author_key"],
    )
    if row is None:
        return None
    same = row["person"] == person["id"] and row["tablet"] == asked["tablet"]
    if not same or bytes(row["transport_key"]) != asked["transport_key"]:
        raise Conflict("Nøglen hører til en anden tablet eller person. Gør tabletten klar forfra.")
    if row["revoked_at"] or row["tablet_revoked_at"]:
        raise NotAllowed("Tabletten er taget ud af brug. Tal med din leder.")
    return row["id"]


def accept_tablet(store: Store, asked: dict[str, Any], person: Person, now: datetime) -> None:
    """The tablet's row: a new one, or the one that a colleague who shares it has made."""
    row = store.row("SELECT transport_key, revoked_at FROM tablets WHERE id = :id", id=asked["tablet"])
    if row is None:
        store.add(
            "tablets", id=asked["tablet"], transport_key=asked["transport_key"], enrolled_by=person["id"],
            enrolled_at=utc(now), seen_at=utc(now), revoked_at=None,
        )  # fmt: skip
    elif bytes(row["transport_key"]) != asked["transport_key"]:
        raise Conflict("Tablettens nummer er i brug med en anden nøgle. Gør tabletten klar forfra.")
    elif row["revoked_at"]:
        raise NotAllowed("Tabletten er taget ud af brug. Tal med din leder.")


def add_author(store: Store, asked: dict[str, Any], person: Person, now: datetime) -> str:
    author = new_id(now)
    store.add(
        "authors", id=author, person=person["id"], tablet=asked["tablet"], public_key=asked["author_key"],
        enrolled_at=utc(now), revoked_at=None,
    )  # fmt: skip
    audit.add(store, "tablet_enrolled", person["id"], now, subject=asked["tablet"])
    return author


# ── activation codes ──


def new_activation(store: Store, person_id: str, by: str, now: datetime) -> str:
    """A code with which one person may make one tablet ready within 24 hours; only shown now.

    An older unused code of the same person ends.
    """
    code = "".join(secrets.choice(CODE_SIGNS) for _ in range(CODE_LENGTH))
    with store.transaction():
        store.run(
            "UPDATE activations SET expires_at = :now WHERE person = :person AND used_at IS NULL AND expires_at > :now",
            person=person_id,
            now=utc(now),
        )
        store.add(
            "activations", id=code_digest(person_id, code), person=person_id, created_at=utc(now),
            expires_at=utc(now + CODE_HOURS), used_at=None,
        )  # fmt: skip
        audit.add(store, "activation_made", by, now, subject=person_id)
    return "-".join(code[start : start + 4] for start in range(0, CODE_LENGTH, 4))


def use_activation(store: Store, person: Person, code: str, now: datetime) -> None:
    """Use up a code of the person's. Raises NotAllowed for one that is wrong, used or too old."""
    used = store.run(
        "UPDATE activations SET used_at = :now WHERE id = :id AND used_at IS NULL AND expires_at > :now",
        id=code_digest(person["id"], code),
        now=utc(now),
    )
    if not used:
        raise NotAllowed(WRONG_CODE)


def code_digest(person_id: str, code: str) -> str:
    """What is kept of a code. Capital or small letters, spaces and hyphens make no difference."""
    signs = re.sub(r"[\s-]", "", code).upper() if isinstance(code, str) else ""
    return hashlib.sha256(f"{person_id}\n{signs}".encode("utf-8", "surrogatepass")).hexdigest()


# ── whose request is it ──


def authenticated(
    store: Store, headers: Mapping[str, str], method: str, path: str, body: bytes, now: datetime
) -> Tablet:
    """The tablet that signed a request, with ``nonce`` beside its columns; a revoked one too, marked as such.

    Signed is ``request_message``. That the request was here is kept at once, whatever becomes of it. Raises NotAllowed
    for an unknown tablet, a signature that does not fit, or a request that was here before; TooMany.
    """
    tablet = store.row(
        "SELECT id, transport_key, enrolled_at, seen_at, revoked_at FROM tablets WHERE id = :id",
        id=headers.get("X-Tablet", ""),
    )
    if tablet is None:
        raise NotAllowed(UNKNOWN)
    nonce, signature = headers.get("X-Nonce", ""), loosely(headers.get("X-Signature", ""))
    message = request_message(method, path, tablet["id"], nonce, body)
    if not NONCE.fullmatch(nonce) or not signed_by(bytes(tablet["transport_key"]), message, signature):
        raise NotAllowed("Tablettens underskrift passer ikke. Prøv igen; det, der venter, bliver liggende.")
    pace.refuse_crowd(tablet["id"], now)
    note(store, tablet, nonce, now)
    return tablet | {"nonce": nonce}


def of_person(
    store: Store, person: Person, headers: Mapping[str, str], method: str, path: str, now: datetime
) -> Tablet:
    """The tablet that signed a request without a body, when it is in use and was made ready for this person.

    A sign-in alone does not read a list of families: it must be asked for by a tablet of hers. Raises as
    ``authenticated``, NotAllowed for a tablet or key that was taken out of use, Conflict for a tablet of others only.
    """
    tablet = authenticated(store, headers, method, path, b"", now)
    hers = store.row(
        "SELECT revoked_at FROM authors WHERE tablet = :tablet AND person = :person"
        " ORDER BY revoked_at IS NOT NULL LIMIT 1",
        tablet=tablet["id"],
        person=person["id"],
    )
    if tablet["revoked_at"] or (hers and hers["revoked_at"]):
        raise NotAllowed("Tabletten er taget ud af brug. Tal med din leder.")
    if hers is None:
        raise Conflict(NOT_HERS)
    return tablet


class Pace:
    """How fast each tablet may ask. In memory: whoever restarts the server gives every tablet its burst back."""

    def __init__(self) -> None:
        self.paid: dict[str, datetime] = {}  # until when a tablet's requests have used up its time
        self.turn = threading.Lock()

    def refuse_crowd(self, tablet: str, now: datetime) -> None:
        """Count a request. Raises TooMany when the tablet has used up what it had."""
        with self.turn:
            paid = max(self.paid.get(tablet, now), now)
            if paid - now >= BURST * REFILL:
                raise TooMany("Tabletten har spurgt for tit. Den prøver igen af sig selv om lidt.", seconds=60)
            self.paid[tablet] = paid + REFILL


pace = Pace()


def request_message(method: str, path: str, tablet: str, nonce: str, body: bytes) -> bytes:
    """What a tablet signs with its transport key."""
    digest = hashlib.sha256(body).hexdigest()
    return f"screening request 1\n{method}\n{path}\n{tablet}\n{nonce}\n{digest}".encode()


def note(store: Store, tablet: Tablet, nonce: str, now: datetime) -> None:
    """Remember the nonce for a day, and that the tablet has been here. Raises NotAllowed for a used nonce."""
    with store.transaction():
        if not store.add("nonces", nonce=nonce, seen_at=utc(now)):
            raise NotAllowed("Forespørgslen er allerede modtaget. Prøv igen; intet går tabt.")
        seen = parse_utc(tablet["seen_at"]) if tablet["seen_at"] else None
        if seen is None or now - seen >= SEEN_EVERY:
            store.run("UPDATE tablets SET seen_at = :now WHERE id = :id", id=tablet["id"], now=utc(now))
        if seen is None or seen.date() != now.date():
            store.run("DELETE FROM nonces WHERE seen_at < :old", old=utc(now - NONCE_HOURS))


def revoke(store: Store, tablet_id: str, by: str, now: datetime) -> None:
    """Take a tablet out of use: what it still brings is kept and set aside for the lead. Raises NotFound.

    Whoever works on it is signed out everywhere: a sign-in may have been taken with the tablet.
    """
    with store.transaction():
        if not store.row("SELECT id FROM tablets WHERE id = :id", id=tablet_id):
            raise NotFound("Tabletten findes ikke. Gå tilbage til listen.")
        changed = store.run(
            "UPDATE tablets SET revoked_at = :now WHERE id = :id AND revoked_at IS NULL", id=tablet_id, now=utc(now)
        )
        if changed:
            audit.add(store, "tablet_revoked", by, now, subject=tablet_id)
            for row in store.rows("SELECT DISTINCT person FROM authors WHERE tablet = :id", id=tablet_id):
                sessions.end_all(store, row["person"], by, now)


def listed(store: Store) -> list[Tablet]:
    """Every tablet, those in use first: id, enrolled_by, enrolled_at, seen_at, revoked_at, people (how many)."""
    return store.rows(
        "SELECT t.id, t.enrolled_by, t.enrolled_at, t.seen_at, t.revoked_at, COUNT(DISTINCT a.person) AS people"
        " FROM tablets t LEFT JOIN authors a ON a.tablet = t.id AND a.revoked_at IS NULL"
        " GROUP BY t.id, t.enrolled_by, t.enrolled_at, t.seen_at, t.revoked_at"
        " ORDER BY t.revoked_at IS NOT NULL, t.enrolled_at"
    )


# ── keys and signatures ──


def signed_by(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether a signature (r and s, 32 bytes each) over a message is by the holder of a P-256 key."""
    if len(signature) != 64:
        return False
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    try:
        public_key(public).verify(encode_dss_signature(r, s), message, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


@lru_cache(maxsize=4096)
def public_key(public: bytes) -> ec.EllipticCurvePublicKey:
    """A key from its 65 bytes. Raises NotAnswerable for what is no point on the curve."""
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(CURVE, public)
    except ValueError as error:
        raise NotAnswerable(DAMAGED) from error


def own_uuid(value: Any) -> str:
    """A uuid in its one usual spelling. Raises NotAnswerable."""
    try:
        if isinstance(value, str) and str(UUID(value)) == value:
            return value
    except ValueError:
        pass
    raise NotAnswerable(DAMAGED)


def own_bytes(value: Any, length: int) -> bytes:
    """Base64 of exactly so many bytes. Raises NotAnswerable."""
    found = loosely(value)
    if len(found) != length:
        raise NotAnswerable(DAMAGED)
    return found


def loosely(value: Any) -> bytes:
    """The bytes of a base64 text; none for anything else."""
    try:
        return base64.b64decode(value, validate=True) if isinstance(value, str) else b""
    except (binascii.Error, ValueError):
        return b""


def text(value: bytes) -> str:
    """Bytes as base64 text."""
    return base64.b64encode(value).decode()
