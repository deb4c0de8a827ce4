"""The sealed envelope: what is opened, what is refused, and that the tablet's code and the server's agree."""

import base64
import random
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from screening.errors import KeysClosed
from screening.store import envelope
from tests.vectors.envelope import (
    Opener,
    b64,
    in_node,
    jwk,
    private,
    public_bytes,
    read,
    sealed_in_javascript,
)  # fmt: skip

KEYS = read("keys-1.json")
OPENER = Opener(private(KEYS["municipality"]))
AUTHOR = private(KEYS["author"])
AUTHOR_PUBLIC = public_bytes(AUTHOR)
GOOD, BAD = read("good-1.json"), read("bad-1.json")
SIGNATURES = read("signatures-1.json")
SMALLEST = base64.b64decode(GOOD[1]["envelope"])


def outcome(data: bytes) -> object:
    """What a server makes of bytes: the payload, or the reason why not."""
    try:
        found = envelope.parse(data)
        if not envelope.verify(found, AUTHOR_PUBLIC):
            return "signature"
        return envelope.open_payload(found, OPENER)
    except envelope.BadEnvelope as error:
        return error.reason


def sealed(payload: dict, now: datetime, seq: int = 1) -> bytes:
    return envelope.seal(
        payload, id=str(uuid4()), tablet=str(uuid4()), author=str(uuid4()), seq=seq, claimed_at=now,
        author_private=AUTHOR, public=OPENER.public,
    )  # fmt: skip


@pytest.mark.parametrize("vector", GOOD, ids=lambda one: one["name"])
def test_what_was_once_sealed_is_opened(vector):
    found = envelope.parse(base64.b64decode(vector["envelope"]))
    assert envelope.verify(found, AUTHOR_PUBLIC)
    assert envelope.open_payload(found, OPENER) == vector["payload"]
    assert (found.type, found.seq, found.kid) == (vector["type"], vector["seq"], KEYS["kid"])
    assert found.claimed_at == datetime(2026, 11, 23, 9, 12, 0, 345000, UTC)
    assert (found.schema, found.questionnaire, found.tenant, found.suite) == (1, (1, 100), 0, 1)


def test_the_envelopes_of_an_author_are_a_chain():
    found = [envelope.parse(base64.b64decode(vector["envelope"])) for vector in GOOD]
    assert [one.previous for one in found] == ["0" * 64, *(one.sha256 for one in found[:-1])]


@pytest.mark.parametrize("vector", BAD, ids=lambda one: one["name"])
def test_what_is_wrong_is_refused_with_its_reason(vector):
    assert outcome(base64.b64decode(vector["envelope"])) == vector["reason"]


def test_every_bit_flipped_outside_the_seal_is_noticed():
    for at in range(envelope.LAYOUT.size):
        for bit in range(8):
            changed = bytearray(SMALLEST)
            changed[at] ^= 1 << bit
            assert isinstance(outcome(bytes(changed)), str), (at, bit)


def test_every_byte_flipped_in_the_seal_and_the_signature_is_noticed():
    for at in range(envelope.LAYOUT.size, len(SMALLEST), 7):
        changed = bytearray(SMALLEST)
        changed[at] ^= 0x20
        assert outcome(bytes(changed)) == "signature", at


def test_a_signature_alone_does_not_open_what_was_changed():
    """Whoever could sign anew, a thief with another author's key, still cannot move a seal to another header."""
    found = envelope.parse(SMALLEST)
    for at in range(16, envelope.LAYOUT.size - 6):
        header = bytearray(found.header)
        header[at] ^= 1
        again = envelope.signed(bytes(header), found.ct, AUTHOR)
        assert outcome(again) in ("damaged", "wrong_number", "wrong_time"), at


def test_an_envelope_cut_off_anywhere_is_refused():
    for length in range(0, len(SMALLEST)):
        expected = "not_ours" if length < 4 else "too_short"
        assert outcome(SMALLEST[:length]) == expected, length


def test_two_buckets_cut_off_are_refused():
    data = base64.b64decode(GOOD[-1]["envelope"])
    for length in range(envelope.SMALLEST, len(data), 61):
        assert outcome(data[:length]) == "wrong_length"


def test_an_envelope_that_is_too_large_is_refused_unread():
    assert outcome(SMALLEST + bytes(envelope.LARGEST)) == "too_large"


def test_the_size_tells_only_how_many_buckets_it_takes(now):
    sizes = {len(sealed({"text": "a" * length}, now)) for length in range(0, 3000, 100)}
    assert sizes == {envelope.SMALLEST}


def test_a_key_provider_out_of_reach_is_no_fault_of_the_envelope():
    class Closed(Opener):
        def hpke_open(self, kid: str, enc_and_ct: bytes, info: bytes) -> bytes:
            raise KeysClosed("no answer")

    with pytest.raises(KeysClosed):
        envelope.open_payload(envelope.parse(SMALLEST), Closed(OPENER.key))


def test_the_file_key_provider_opens_what_is_sealed_to_it(keys, now):
    public = keys.municipality_keys()[0]["public"]
    data = envelope.seal(
        {"a": 1}, id=str(uuid4()), tablet=str(uuid4()), author=str(uuid4()), seq=1, claimed_at=now,
        author_private=AUTHOR, public=public,
    )  # fmt: skip
    assert envelope.open_payload(envelope.parse(data), keys) == {"a": 1}


@pytest.mark.parametrize("vector", SIGNATURES, ids=lambda one: one["name"])
def test_both_signatures_of_an_envelope_hold_and_one_is_the_sole(vector):
    found = envelope.parse(base64.b64decode(vector["envelope"]))
    assert envelope.verify(found, AUTHOR_PUBLIC)
    assert envelope.is_sole(found) == vector["sole"]
    assert found.signature[32:].hex() == vector["s"]


def test_both_languages_sign_with_the_lower_one(now):
    outside = {"tablet": str(uuid4()), "author": str(uuid4()), "claimed_at": now, "seq": 1}
    jobs = [(outside | {"id": str(uuid4()), "type": envelope.VISIT}, {"a": 1}) for _ in range(16)]
    made = sealed_in_javascript(jobs, OPENER.public, AUTHOR) + [sealed({"a": 1}, now) for _ in range(16)]
    assert all(envelope.is_sole(envelope.parse(one)) for one in made), "by chance once in four thousand million"


def test_a_key_that_is_no_point_verifies_nothing():
    assert not envelope.verify(envelope.parse(SMALLEST), b"\4" + bytes(64))


@pytest.mark.parametrize("signature", [bytes(64), b"\xff" * 64])
def test_a_signature_out_of_range_is_none(signature):
    assert outcome(SMALLEST[:-64] + signature) == "signature"


# ── both languages ──

WORDS = ["søvn", "Ærø", "👶🏽", "\u0000", "\u2028", '"', "\\", "", " ", "\ud7ff", "\ufffd", "<b>", "1e5"]


def anything(rng: random.Random, depth: int = 0) -> object:
    """A JSON value of any shape that both languages write."""
    kind = rng.randrange(7 if depth < 4 else 5)
    if kind == 0:
        return "".join(rng.choice(WORDS) for _ in range(rng.randrange(6)))
    if kind == 1:
        return rng.choice([0, 1, -1, 2**53, -(2**53), rng.randrange(10**9)])
    if kind < 5:
        return [None, True, False, rng.randrange(1000) + 0.5][rng.randrange(4)]
    if kind == 5:
        return [anything(rng, depth + 1) for _ in range(rng.randrange(5))]
    return {f"k{rng.choice(WORDS)}{n}": anything(rng, depth + 1) for n in range(rng.randrange(6))}


def payloads(seed: int, number: int) -> list[dict]:
    rng = random.Random(seed)  # noqa: S311 - test data, the same each time
    return [{"n": n, "any": [anything(rng) for _ in range(rng.randrange(40))]} for n in range(number)]


def test_what_the_tablet_seals_the_server_opens(now):
    made = payloads(1, 120)
    headers = [
        {"id": str(uuid4()), "tablet": str(uuid4()), "author": str(uuid4()), "seq": 2**40 + n, "claimed_at": now}
        for n in range(len(made))
    ]
    bytes_of = sealed_in_javascript(list(zip(headers, made, strict=True)), OPENER.public, AUTHOR)
    for header, payload, data in zip(headers, made, bytes_of, strict=True):
        found = envelope.parse(data)
        assert envelope.verify(found, AUTHOR_PUBLIC)
        assert envelope.open_payload(found, OPENER) == payload
        assert {name: getattr(found, name) for name in header} == header


def test_what_python_seals_the_tablets_language_opens(now):
    made = payloads(2, 120)
    keys = {"municipality": KEYS["municipality"], "kid": KEYS["kid"]}
    asked = [{"envelope": b64(sealed(one, now)), "keys": keys, "author": b64(AUTHOR_PUBLIC)} for one in made]
    lines = in_node("open.mjs", asked)
    assert [envelope.read_payload(line.encode()) for line in lines] == made


def test_a_private_key_in_a_vector_is_the_one_it_says():
    assert jwk(ec.derive_private_key(5, ec.SECP256R1()))["d"].endswith("AU")
