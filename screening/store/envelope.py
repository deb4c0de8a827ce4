"""The sealed envelope that carries a visit from the tablet: read, checked, opened and (for tests) made.

The format is described in ``envelope.md``; ``static/visitor/envelope.js`` is its twin on the tablet, and
``tests/vectors/envelope`` holds files that both must open and files that both must refuse.
"""

import hashlib
import json
import math
import struct
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from screening.errors import Unreadable
from screening.store.keys import SUITE as HPKE
from screening.store.keys import KeyProvider, has_low_s, key_id, signature

MAGIC = b"SCE1"
SUITE = 1
VISIT, AMENDMENT, DRAFT, PRELIMINARY, NOTE = 1, 2, 3, 4, 5
CONFLICT = 1  # the number of the questionnaire "conflict" in the header

BUCKET = 4096
LARGEST = 256 * 1024  # bytes of a whole envelope
LARGEST_PAYLOAD = 1024 * 1024  # bytes of the payload once inflated
DEEPEST = 32  # levels of nesting in the payload
WHOLE_NUMBERS = 2**53  # what JavaScript counts exactly

# magic, suite, kid, tenant, type, id, tablet, author, seq, previous, claimed, schema, questionnaire, version, flags,
# length of the ciphertext
LAYOUT = struct.Struct(">4sB8sHB16s16s16sQ32sQHHHHI")
ENC, TAG, SIGNATURE = 65, 16, 64
SMALLEST = LAYOUT.size + ENC + BUCKET + TAG + SIGNATURE

INFO = b"screening envelope 1"
SIGNED = b"screening signature 1"


class BadEnvelope(ValueError):
    """It is not an envelope this reader opens. ``reason`` is one of the codes in ``envelope.md``."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Envelope:
    """What stands outside the seal. Nothing in it is believed before ``verify`` has said yes."""

    type: int
    suite: int
    kid: str  # 16 hex digits, the municipality key it is sealed to
    tenant: int
    id: str
    tablet: str
    author: str
    seq: int  # gap-free for one author on one tablet, from 1
    previous: str  # hex SHA-256 of the author's envelope before, 64 zeros for the first
    claimed_at: datetime  # by the tablet's clock
    schema: int
    questionnaire: tuple[int, int]  # number, version as major * 100 + minor
    ct: bytes
    header: bytes
    signature: bytes
    sha256: str  # hex, of the whole envelope


def parse(data: bytes) -> Envelope:
    """Read an envelope's header.

    Raises:
        BadEnvelope: too_large, too_short, not_ours, unknown_suite, unknown_type, unknown_flags,
            wrong_length, wrong_number, wrong_time.
    """
    if len(data) > LARGEST:
        raise BadEnvelope("too_large")
    if data[: len(MAGIC)] != MAGIC:
        raise BadEnvelope("not_ours")
    if len(data) < SMALLEST:
        raise BadEnvelope("too_short")
    header = bytes(data[: LAYOUT.size])
    _, suite, kid, tenant, type_, *ids, seq, previous, claimed, schema, number, version, flags, length = LAYOUT.unpack(
        header
    )
    _check(suite, type_, flags, length, len(data))
    if seq > WHOLE_NUMBERS:
        raise BadEnvelope("wrong_number")
    id_, tablet, author = (str(UUID(bytes=each)) for each in ids)
    return Envelope(
        type_, suite, kid.hex(), tenant, id_, tablet, author,
        seq, previous.hex(), _moment(claimed), schema, (number, version),
        bytes(data[LAYOUT.size : -SIGNATURE]), header, bytes(data[-SIGNATURE:]), hashlib.sha256(data).hexdigest(),
    )  # fmt: skip


def _check(suite: int, type_: int, flags: int, length: int, size: int) -> None:
    if suite != SUITE:
        raise BadEnvelope("unknown_suite")
    if not VISIT <= type_ <= NOTE:
        raise BadEnvelope("unknown_type")
    if flags:
        raise BadEnvelope("unknown_flags")
    sealed = length - ENC - TAG
    if LAYOUT.size + length + SIGNATURE != size or sealed < BUCKET or sealed % BUCKET:
        raise BadEnvelope("wrong_length")


def _moment(milliseconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(milliseconds // 1000, UTC).replace(microsecond=milliseconds % 1000 * 1000)
    except (ValueError, OverflowError, OSError):
        raise BadEnvelope("wrong_time") from None


def is_sole(envelope: Envelope) -> bool:
    """Whether the signature is the lower of its two, so that no other bytes say and prove the same.

    Without this, whoever carries an envelope could make a second of another SHA-256. Asked where envelopes come in;
    what was kept before it was asked stays readable.
    """
    return has_low_s(envelope.signature)


def verify(envelope: Envelope, author_public: bytes) -> bool:
    """Did the holder of this author key (65 bytes, uncompressed P-256 point) sign exactly this envelope?"""
    r, s = (int.from_bytes(half, "big") for half in (envelope.signature[:32], envelope.signature[32:]))
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), author_public)
        key.verify(utils.encode_dss_signature(r, s), _to_sign(envelope.header, envelope.ct), ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def _to_sign(header: bytes, ct: bytes) -> bytes:
    return SIGNED + header + hashlib.sha256(ct).digest()


def open_payload(envelope: Envelope, keys: KeyProvider) -> dict[str, Any]:
    """Open the seal and read the payload, strictly.

    Raises:
        BadEnvelope: wrong_key (sealed to a key we do not hold), damaged (the seal does not open), bad_padding,
            bad_compression, too_large, bad_json (not strict JSON: duplicate names, NaN, numbers beyond 2**53,
            nesting beyond 32, half characters; or not an object).
    """
    if envelope.kid not in {key["kid"] for key in keys.municipality_keys()}:
        raise BadEnvelope("wrong_key")
    try:
        padded = keys.hpke_open(envelope.kid, envelope.ct, INFO + envelope.header)
    except (Unreadable, InvalidTag, ValueError):  # anything else is the key provider's trouble, not the envelope's
        raise BadEnvelope("damaged") from None
    return read_payload(_inflated(_unpadded(padded)))


def _unpadded(padded: bytes) -> bytes:
    length = int.from_bytes(padded[:4], "big")
    if len(padded) % BUCKET or 4 + length > len(padded) or any(padded[4 + length :]):
        raise BadEnvelope("bad_padding")
    return padded[4 : 4 + length]


def _inflated(compressed: bytes) -> bytes:
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        plain = inflate.decompress(compressed, LARGEST_PAYLOAD + 1)
    except zlib.error:
        raise BadEnvelope("bad_compression") from None
    if len(plain) > LARGEST_PAYLOAD:
        raise BadEnvelope("too_large")
    if not inflate.eof or inflate.unused_data:
        raise BadEnvelope("bad_compression")
    return plain


def read_payload(plain: bytes) -> dict[str, Any]:
    """Strict JSON: one meaning for every reader, or BadEnvelope("bad_json")."""
    try:
        value = json.loads(
            plain.decode("utf-8"),
            object_pairs_hook=_object, parse_int=_whole, parse_float=_broken, parse_constant=_no_constant,
        )  # fmt: skip
        _look_through(value)
    except (ValueError, RecursionError):  # also UnicodeError and JSONDecodeError
        raise BadEnvelope("bad_json") from None
    if not isinstance(value, dict):
        raise BadEnvelope("bad_json")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _whole(text: str) -> int:
    if len(text) > 17 or abs(number := int(text)) > WHOLE_NUMBERS:
        raise ValueError("a number that not every reader counts alike")
    return number


def _broken(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise ValueError("a number without end")
    return number


def _no_constant(text: str) -> None:
    raise ValueError(f"{text} is not JSON")


def _look_through(value: Any) -> None:
    """No half characters (lone surrogates), no nesting deeper than DEEPEST."""
    level = [value]
    for _ in range(DEEPEST + 1):
        if not level:
            return
        for text in level:
            if isinstance(text, str):
                text.encode("utf-8")
        level = [
            part
            for whole in level
            if isinstance(whole, dict | list)
            for part in (whole if isinstance(whole, list) else [*whole.keys(), *whole.values()])
        ]
    raise ValueError("nested too deep")


def seal(payload: dict[str, Any], **outside: Any) -> bytes:
    """Make an envelope as a tablet does (for tests and the demo; the product's envelopes come from tablets).

    Args:
        payload: what is sealed; any JSON object.
        outside: as for ``seal_padded``.
    """
    plain = json.dumps(payload, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    return seal_padded(padded(deflated(plain)), **outside)


def seal_padded(
    padded: bytes,
    *,
    id: str,
    tablet: str,
    author: str,
    seq: int,
    claimed_at: datetime,
    author_private: ec.EllipticCurvePrivateKey,
    public: bytes,
    type: int = VISIT,
    previous: str = "0" * 64,
    schema: int = 1,
    questionnaire: tuple[int, int] = (CONFLICT, 100),
    tenant: int = 0,
) -> bytes:
    """The second half of ``seal``, for tests that write JSON, compress or pad wrongly on purpose.

    Args:
        claimed_at: the tablet's clock, kept to the millisecond.
        public: the municipality's key, 65 bytes.
        previous: hex SHA-256 of the author's envelope before this one.
    """
    header = LAYOUT.pack(
        MAGIC, SUITE, bytes.fromhex(key_id(public)), tenant, type,
        UUID(id).bytes, UUID(tablet).bytes, UUID(author).bytes, seq, bytes.fromhex(previous),
        round(claimed_at.timestamp() * 1000), schema, *questionnaire, 0, ENC + len(padded) + TAG,
    )  # fmt: skip
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
    return signed(header, HPKE.encrypt(padded, key, INFO + header), author_private)


def signed(header: bytes, ct: bytes, author_private: ec.EllipticCurvePrivateKey) -> bytes:
    """A header and a ciphertext made an envelope by the author's signature."""
    return header + ct + signature(author_private, _to_sign(header, ct))


def deflated(plain: bytes) -> bytes:
    """Compressed as the tablet does it: a raw deflate stream, without frame or checksum (RFC 1951)."""
    deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return deflate.compress(plain) + deflate.flush()


def padded(compressed: bytes) -> bytes:
    """Length in front, zeros behind, to a whole number of buckets: the size tells next to nothing."""
    framed = len(compressed).to_bytes(4, "big") + compressed
    return framed + bytes(-len(framed) % BUCKET)
