"""A tablet without a screen: the keys, the signatures and the chain of a real one, in a few lines of Python.

The demo sends its finished visits through it, so that they go the way every visit goes; tests and measurements
use it where a browser would only be slow.
"""

import base64
import hashlib
import secrets
from datetime import datetime
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from screening.store import envelope

FIRST = "0" * 64


def signed(key: ec.EllipticCurvePrivateKey, message: bytes) -> bytes:
    """An ECDSA signature (P-256, SHA-256) as 64 bytes, the way a browser gives it."""
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def public(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The public half as an uncompressed point, 65 bytes."""
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


class Tablet:
    """One person's keys on one tablet. ``enrolled`` tells it what the server gave; then it can seal and sign."""

    def __init__(self) -> None:
        self.id = str(uuid4())
        self.transport = ec.generate_private_key(ec.SECP256R1())
        self.author_key = ec.generate_private_key(ec.SECP256R1())
        self.author, self.seq, self.previous = "", 0, FIRST

    def request(self, person: str) -> dict[str, str]:
        """What a new tablet asks to be enrolled with."""
        transport = text(public(self.transport))
        proof = f"screening enrol 1\n{self.id}\n{transport}\n{person}"
        return {
            "tablet": self.id,
            "transport_key": transport,
            "author_key": text(public(self.author_key)),
            "proof": text(signed(self.author_key, proof.encode())),
        }

    def enrolled(self, answer: dict[str, Any]) -> None:
        """Keep who writes here and the newest of the municipality's keys."""
        self.author = answer["author"]
        self.key = base64.b64decode(answer["keys"][0]["public"])

    def headers(self, path: str, body: bytes = b"", method: str = "POST") -> dict[str, str]:
        """What signs a request of this tablet; each has its own nonce."""
        nonce = base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
        said = f"screening request 1\n{method}\n{path}\n{self.id}\n{nonce}\n{hashlib.sha256(body).hexdigest()}"
        return {
            "X-Tablet": self.id,
            "X-Nonce": nonce,
            "X-Signature": text(signed(self.transport, said.encode())),
            "Content-Type": "application/json",
        }

    def sealed(self, payload: dict[str, Any], at: datetime, type: int = envelope.VISIT) -> bytes:
        """A finished visit, or a note, as an envelope, next in this author's chain."""
        self.seq += 1
        made = envelope.seal(
            payload, id=payload.get("encounter") or payload["note"], tablet=self.id, author=self.author, seq=self.seq,
            previous=self.previous,
            claimed_at=at, author_private=self.author_key, public=self.key, type=type,
        )  # fmt: skip
        self.previous = hashlib.sha256(made).hexdigest()
        return made
