"""Envelopes that must go on being opened, and others that must go on being refused, in both languages."""

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from screening.store.keys import SUITE, key_id
from tests import programs

FOLDER = Path(__file__).parent
SCRIPTS = FOLDER.parent.parent / "js"


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def public_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    """65 bytes, uncompressed."""
    form = serialization.PublicFormat.UncompressedPoint
    return key.public_key().public_bytes(serialization.Encoding.X962, form)


def jwk(key: ec.EllipticCurvePrivateKey) -> dict[str, Any]:
    """A private P-256 key as WebCrypto reads it."""
    numbers = key.private_numbers()
    parts = {"d": numbers.private_value, "x": numbers.public_numbers.x, "y": numbers.public_numbers.y}
    return {"kty": "EC", "crv": "P-256"} | {
        name: base64.urlsafe_b64encode(value.to_bytes(32, "big")).rstrip(b"=").decode() for name, value in parts.items()
    }


def private(key: dict[str, Any]) -> ec.EllipticCurvePrivateKey:
    """The other way round."""
    value = int.from_bytes(base64.urlsafe_b64decode(key["d"] + "="), "big")
    return ec.derive_private_key(value, ec.SECP256R1())


class Opener:
    """A key provider with one municipality key."""

    def __init__(self, key: ec.EllipticCurvePrivateKey):
        self.key, self.public = key, public_bytes(key)

    def municipality_keys(self) -> list[dict[str, Any]]:
        return [{"kid": key_id(self.public), "public": self.public}]

    def hpke_open(self, kid: str, enc_and_ct: bytes, info: bytes) -> bytes:
        return SUITE.decrypt(enc_and_ct, self.key, info)


def read(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def sealed_in_javascript(
    visits: list[tuple[dict[str, Any], dict[str, Any]]], public: bytes, author: ec.EllipticCurvePrivateKey
) -> list[bytes]:
    """Sealed by the tablet's own module in Node: (header as for ``envelope.seal``, payload) each."""
    asked = [
        {"header": as_javascript(header), "payload": payload, "public": b64(public), "author": jwk(author)}
        for header, payload in visits
    ]
    return [base64.b64decode(line) for line in in_node("seal.mjs", asked)]


def as_javascript(header: dict[str, Any]) -> dict[str, Any]:
    claimed = round(header["claimed_at"].timestamp() * 1000)
    rest = {name: value for name, value in header.items() if name != "claimed_at"}
    return {"type": 1, "schema": 1, "questionnaire": 1, "version": "1.0.0", "claimedAt": claimed} | rest


def in_node(script: str, asked: Any) -> list[str]:
    """The lines that a script prints for what it is given."""
    ran = subprocess.run(
        [programs.node(), str(SCRIPTS / script)], input=json.dumps(asked), capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    return ran.stdout.split("\n")[:-1]
