"""How a value is sealed so that it opens only in the place it was written for.

A sealed value is ``magic 4 | nonce 12 | AES-256-GCM`` of JSON text padded with spaces to 256 bytes. The key
is HKDF-Expand (RFC 5869, one block) of the data key over table, column and row, so no two places share a
key and a nonce can only meet itself within one; the place is bound as associated data as well.
"""

import hmac
import json
import secrets
from dataclasses import dataclass
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from screening.errors import Unreadable

MAGIC = b"SRW1"
NONCE = 12
TAG = 16
# The length of a text must not tell how much was said.
BUCKET = 256
SHORTEST = len(MAGIC) + NONCE + BUCKET + TAG

DAMAGED = "Noget, der er gemt, kan ikke læses. Intet er slettet. Sig det til driften."


class Place(NamedTuple):
    """Where a sealed value stands; ``row`` is the row's id."""

    table: str
    column: str
    row: str

    def name(self) -> bytes:
        # Names of tables and columns hold no line break, so no two places share a name.
        return "\n".join(self).encode()


@dataclass(frozen=True)
class Filled:
    """A value to be sealed in steps of ``size`` bytes: where even 256 would tell how much was said."""

    value: Any
    size: int


class Sealed(bytes):
    """Sealed bytes that know the place they were sealed for: the only bytes a ``_sealed`` column takes."""

    place: Place

    def __new__(cls, blob: bytes, place: Place) -> "Sealed":
        made = super().__new__(cls, blob)
        made.place = place
        return made


def sealed(key: bytes, place: Place, value: Any) -> Sealed:
    """Any JSON value, or one ``Filled``, sealed under a data key of 32 bytes.

    Raises TypeError or ValueError for what JSON lacks.
    """
    value, size = (value.value, value.size) if isinstance(value, Filled) else (value, BUCKET)
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    plain = text.encode("utf-8", "surrogatepass")
    plain += b" " * (-len(plain) % size)
    nonce = secrets.token_bytes(NONCE)
    return Sealed(MAGIC + nonce + place_key(key, place).encrypt(nonce, plain, MAGIC + place.name()), place)


def opened(key: bytes, place: Place, blob: bytes) -> Any:
    """The value again. Raises Unreadable when it is damaged, of another place or under another key."""
    if not looks_sealed(blob):
        raise Unreadable(DAMAGED)
    nonce, rest = blob[len(MAGIC) : len(MAGIC) + NONCE], blob[len(MAGIC) + NONCE :]
    try:
        plain = place_key(key, place).decrypt(nonce, rest, MAGIC + place.name())
        return json.loads(plain.decode("utf-8", "surrogatepass"))
    except (InvalidTag, ValueError) as error:
        raise Unreadable(DAMAGED) from error


def place_key(key: bytes, place: Place) -> AESGCM:
    return AESGCM(hmac.digest(key, b"screening row 1\n" + place.name() + b"\x01", "sha256"))


def looks_sealed(blob: object) -> bool:
    """Whether a value has the outer form of a sealed one."""
    return isinstance(blob, bytes) and blob.startswith(MAGIC) and len(blob) >= SHORTEST
