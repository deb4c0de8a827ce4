"""The one place where sealed visits are opened. Nothing else asks for the municipality's private keys.

It is narrow on purpose: bytes and a public key go in, an envelope and its payload come out. So it can move into a
process of its own, away from whatever faces the network, without any other module noticing.
"""

from typing import Any

from screening.store import envelope
from screening.store.envelope import BadEnvelope, Envelope
from screening.store.keys import KeyProvider

__all__ = ["BadEnvelope", "opened"]


def opened(keys: KeyProvider, raw: bytes, author_public: bytes) -> tuple[Envelope, dict[str, Any]]:
    """What stands on and in an envelope, once its author's signature (65 bytes of public key) holds.

    Raises BadEnvelope with a reason: wrong_signature, or as ``envelope.parse`` and ``envelope.open_payload``.
    Raises KeysClosed while no key answers.
    """
    found = envelope.parse(raw)
    if not envelope.verify(found, author_public):
        raise BadEnvelope("wrong_signature")
    return found, envelope.open_payload(found, keys)
