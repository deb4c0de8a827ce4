"""A program that holds keys, as an operator's own would: one question on standard input, one answer out.

``python key_command.py FOLDER`` holds the keys of a folder that FileKeys made, and shares no code with it. The
question is ``{"verb": …}`` with bytes as base64; the answer ``{"result": …}``, or ``{"unreadable": true}`` for
what does not open.
"""

import base64
import hashlib
import json
import secrets
import sys
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

FOLDER = Path(sys.argv[1])
KEK = "kek-0001"
UNREADABLE = (InvalidTag, ValueError, LookupError)


def private(name: str) -> Any:
    return serialization.load_pem_private_key((FOLDER / f"{name}.pem").read_bytes(), password=None)


def point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def municipality() -> dict[str, Any]:
    """The municipality's keys by id, newest first."""
    keys = [private(path.stem) for path in sorted(FOLDER.glob("municipality-*.pem"), reverse=True)]
    return {hashlib.sha256(point(key)).hexdigest()[:16]: key for key in keys}


def kek(name: str) -> AESGCM:
    if name != KEK:
        raise LookupError(name)
    return AESGCM(base64.b64decode((FOLDER / f"{name}.key").read_bytes()))


def wrap(dek: bytes, aad: bytes) -> dict[str, Any]:
    nonce = secrets.token_bytes(12)
    return {
        "kek_id": KEK,
        "blob": nonce + kek(KEK).encrypt(nonce, dek, b"screening wrap 1\n" + KEK.encode() + b"\n" + aad),
    }


def unwrap(kek_id: str, blob: bytes, aad: bytes) -> bytes:
    return kek(kek_id).decrypt(blob[:12], blob[12:], b"screening wrap 1\n" + kek_id.encode() + b"\n" + aad)


def municipality_keys() -> list[dict[str, Any]]:
    return [{"kid": kid, "public": point(key)} for kid, key in municipality().items()]


def hpke_open(kid: str, enc_and_ct: bytes, info: bytes) -> bytes:
    return Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM).decrypt(enc_and_ct, municipality()[kid], info=info)


def sign_receipt(message: bytes) -> bytes:
    r, s = decode_dss_signature(private("receipt").sign(message, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def receipt_public() -> bytes:
    return point(private("receipt"))


def root_public() -> bytes:
    return private("root").public_key().public_bytes_raw()


def sign_root(message: bytes) -> bytes:
    return private("root").sign(message)


VERBS = {
    one.__name__: one
    for one in (wrap, unwrap, municipality_keys, hpke_open, sign_receipt, receipt_public, root_public, sign_root)
}
NAMES = {"kek_id", "kid"}


def answer(question: dict[str, Any]) -> dict[str, Any]:
    verb = VERBS[question.pop("verb")]
    try:
        values = {key: value if key in NAMES else base64.b64decode(value) for key, value in question.items()}
        return {"result": verb(**values)}
    except UNREADABLE:
        return {"unreadable": True}


if __name__ == "__main__":
    print(json.dumps(answer(json.load(sys.stdin)), default=lambda value: base64.b64encode(value).decode()))
