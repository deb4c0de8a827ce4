"""Makes the files beside it, once: `python -m tests.vectors.envelope.make`. What is here already is never made anew.

Each file holds envelopes of one version and suite, which every later version must go on opening or refusing. The
keys are invented, and published with the vectors.
"""

import json
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from screening.store import envelope
from screening.store.keys import ORDER, key_id
from tests.vectors.envelope import b64, jwk, public_bytes, sealed_in_javascript

FOLDER = Path(__file__).parent
TABLET = "0c6d4bb0-5b5c-4f0e-9d0f-3a52f0a1b2c3"
AUTHOR = "0198c3f0-7c00-7a00-8a00-000000000001"
CLAIMED = datetime(2026, 11, 23, 9, 12, 0, 345000, UTC)

SMALL = {"schema": 1, "encounter": "019ab000-0000-7000-8000-000000000001", "count": 0}
DANISH = SMALL | {"text": 'Søster på Ærø: ☕ 👶🏽 \u0000\u2028 "citat" \\', "none": None, "list": [1, -2, 0.5, True]}
NOTE = {"schema": 1, "note": SMALL["encounter"], "kind": "moved", "data": {"text": "Til Ærø"}}
LARGE = SMALL | {"text": "".join(chr(97 + (n * n * 31 + n // 7) % 26) for n in range(9000))}


def header(seq: int, **more: Any) -> dict[str, Any]:
    id_ = f"019ab000-0000-7000-8000-{seq:012x}"
    return {"id": id_, "tablet": TABLET, "author": AUTHOR, "seq": seq, "claimed_at": CLAIMED} | more


def good(municipality: ec.EllipticCurvePrivateKey, author: ec.EllipticCurvePrivateKey) -> list[dict[str, Any]]:
    """Envelopes sealed by both languages, each after the one before."""
    public, made, previous = public_bytes(municipality), [], "0" * 64
    for seq, (name, language, type_, payload) in enumerate(
        [
            ("the smallest, sealed in Python", "python", envelope.VISIT, SMALL),
            ("the smallest, sealed in JavaScript", "javascript", envelope.VISIT, SMALL),
            ("Danish letters and marks, sealed in Python", "python", envelope.AMENDMENT, DANISH),
            ("Danish letters and marks, sealed in JavaScript", "javascript", envelope.AMENDMENT, DANISH),
            ("two buckets, sealed in Python", "python", envelope.DRAFT, LARGE),
            ("two buckets, sealed in JavaScript", "javascript", envelope.PRELIMINARY, LARGE),
            ("a note, sealed in Python", "python", envelope.NOTE, NOTE),
            ("a note, sealed in JavaScript", "javascript", envelope.NOTE, NOTE),
        ],
        start=1,
    ):
        outside = header(seq, type=type_, previous=previous)
        if language == "python":
            data = envelope.seal(payload, **outside, author_private=author, public=public)
        else:
            data = sealed_in_javascript([(outside, payload)], public, author)[0]
        previous = envelope.parse(data).sha256
        made.append({"name": name, "envelope": b64(data), "type": type_, "seq": seq, "payload": payload})
    return made


def bad(municipality: ec.EllipticCurvePrivateKey, author: ec.EllipticCurvePrivateKey) -> list[dict[str, Any]]:
    """Envelopes that both languages refuse, and why."""
    public = public_bytes(municipality)

    def padded(content: bytes) -> bytes:
        return envelope.seal_padded(content, **header(1), author_private=author, public=public)

    def compressed(content: bytes) -> bytes:
        return padded(envelope.padded(content))

    def plain(content: bytes) -> bytes:
        return compressed(envelope.deflated(content))

    def signed_again(change: Callable[[bytearray], None], by: ec.EllipticCurvePrivateKey) -> bytes:
        data = bytearray(envelope.seal(SMALL, **header(1), author_private=author, public=public))
        change(data)
        return envelope.signed(bytes(data[: envelope.LAYOUT.size]), bytes(data[envelope.LAYOUT.size : -64]), by)

    def put(at: int, *values: int) -> Callable[[bytearray], None]:
        def change(data: bytearray) -> None:
            data[at : at + len(values)] = bytes(values)

        return change

    other = ec.generate_private_key(ec.SECP256R1())
    framed = envelope.padded(envelope.deflated(b"{}"))
    good_one = envelope.seal(SMALL, **header(1), author_private=author, public=public)
    cases = [
        ("nothing", "not_ours", b""),
        ("another file", "not_ours", b"%PDF-1.7" + bytes(8000)),
        ("something after the end", "wrong_length", good_one + b"\0"),
        ("an unknown suite, rightly signed", "unknown_suite", signed_again(put(4, 2), author)),
        ("type 0, rightly signed", "unknown_type", signed_again(put(15, 0), author)),
        ("type 6, rightly signed", "unknown_type", signed_again(put(15, 6), author)),
        ("a flag, rightly signed", "unknown_flags", signed_again(put(119, 1), author)),
        ("a time that no calendar has, rightly signed", "wrong_time", signed_again(put(104, *[255] * 8), author)),
        ("a number beyond counting, rightly signed", "wrong_number", signed_again(put(64, 255), author)),
        ("signed by another", "signature", signed_again(put(0), other)),
        ("another author's name on it, signed anew", "damaged", signed_again(put(48, 7), author)),
        ("another number on it, signed anew", "damaged", signed_again(put(71, 9), author)),
        ("sealed to another key", "wrong_key",
         envelope.seal(SMALL, **header(1), author_private=author, public=public_bytes(other))),
        ("another key named on it, signed anew", "wrong_key", signed_again(put(5, *[1] * 8), author)),
        ("zeros that are none", "bad_padding", padded(framed[:-1] + b"\1")),
        ("a length beyond the end", "bad_padding", padded(b"\xff\xff\xff\xff" + framed[4:])),
        ("not compressed", "bad_compression", compressed(b"{}")),
        ("compressed and cut off", "bad_compression", compressed(envelope.deflated(bytes(3000))[:-3])),
        ("something after what is compressed", "bad_compression", compressed(envelope.deflated(b"{}") + b"{}")),
        ("compressed with a frame", "bad_compression", compressed(zlib.compress(b"{}"))),
        ("a bomb", "too_large", plain(b'{"text":"' + b"a" * (4 * 1024 * 1024) + b'"}')),
        ("a name twice", "bad_json", plain(b'{"answers":{"k1":"1","k1":"3"}}')),
        ("not a number", "bad_json", plain(b'{"a":NaN}')),
        ("without end", "bad_json", plain(b'{"a":1e999}')),
        ("more than is counted exactly", "bad_json", plain(b'{"a":9007199254740993}')),
        ("a number of 5,000 digits", "bad_json", plain(b'{"a":' + b"9" * 5000 + b"}")),
        ("nested without end", "bad_json", plain(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}")),
        ("nested 33 deep", "bad_json", plain(b'{"a":' + b"[" * 32 + b"]" * 32 + b"}")),
        ("half a character", "bad_json", plain(b'{"a":"\\ud800"}')),
        ("half a character as a name", "bad_json", plain(b'{"\\udc00":1}')),
        ("not UTF-8", "bad_json", plain(b'{"a":"\xe6"}')),
        ("a byte order mark", "bad_json", plain(b"\xef\xbb\xbf{}")),
        ("a list", "bad_json", plain(b"[]")),
        ("nothing inside", "bad_json", plain(b"")),
        ("something after the object", "bad_json", plain(b"{} {}")),
    ]  # fmt: skip
    return [{"name": name, "reason": reason, "envelope": b64(data)} for name, reason, data in cases]


def signatures(municipality: ec.EllipticCurvePrivateKey, author: ec.EllipticCurvePrivateKey) -> list[dict[str, Any]]:
    """An envelope with the lower of its two signatures, and with the higher: both hold, only the lower is taken in."""
    lower = envelope.seal(SMALL, **header(1), author_private=author, public=public_bytes(municipality))
    higher = lower[:-32] + (ORDER - int.from_bytes(lower[-32:], "big")).to_bytes(32, "big")
    pair = [("the lower signature", True, lower), ("the higher signature", False, higher)]
    return [{"name": name, "sole": sole, "s": data[-32:].hex(), "envelope": b64(data)} for name, sole, data in pair]


def write(name: str, content: Any) -> None:
    with open(FOLDER / name, "x", encoding="utf-8") as file:
        file.write(json.dumps(content, ensure_ascii=False, indent=1) + "\n")


def main() -> None:
    municipality, author = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    kid = key_id(public_bytes(municipality))
    write("keys-1.json", {"municipality": jwk(municipality), "kid": kid, "author": jwk(author)})
    write("good-1.json", good(municipality, author))
    write("bad-1.json", bad(municipality, author))
    write("signatures-1.json", signatures(municipality, author))


if __name__ == "__main__":
    main()
