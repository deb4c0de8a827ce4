"""Opening is narrow: bytes and a public key go in, what stood in them comes out, or a named refusal."""

import ast
from pathlib import Path

import pytest

from screening import opening
from screening.demo.tablet import public
from screening.opening import BadEnvelope
from tests.builders import a_family, a_person, a_tablet, a_visit, sealed

PACKAGE = Path(opening.__file__).parent


@pytest.fixture
def tablet(store, now):
    return a_tablet(store, a_person(store, now), now)


def reason(*given) -> str:
    with pytest.raises(BadEnvelope) as refusal:
        opening.opened(*given)
    return refusal.value.reason


def test_a_visit_comes_out_as_it_was_sealed(store, tablet, now):
    visit = a_visit(a_family(store, a_person(store, now), now), now)
    found, payload = opening.opened(store.keys, sealed(tablet, visit, now), public(tablet.author_key))
    assert (payload, found.id) == (visit, visit["encounter"])


def test_what_somebody_else_signed_or_changed_is_not_opened(store, tablet, now):
    raw = sealed(tablet, a_visit("x", now), now)
    other = public(a_tablet(store, a_person(store, now), now).author_key)
    assert reason(store.keys, raw, other) == "wrong_signature"
    changed = raw[:200] + bytes([raw[200] ^ 1]) + raw[201:]
    assert reason(store.keys, changed, public(tablet.author_key)) == "wrong_signature"


def test_what_is_no_envelope_is_refused_by_name(store, tablet):
    assert reason(store.keys, b"SCE1", public(tablet.author_key)) == "too_short"


def test_no_other_module_opens_envelopes():
    """The seam for a process of its own: only this module may ask for the municipality's private keys."""
    for path in PACKAGE.rglob("*.py"):
        if path.name == "opening.py" or "store" in path.relative_to(PACKAGE).parts:
            continue
        named = {
            node.attr if isinstance(node, ast.Attribute) else node.id
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Attribute | ast.Name)
        }
        assert not named & {"open_payload", "hpke_open"}, path
