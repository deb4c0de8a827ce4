"""A tablet is made ready once, known by its own signature, and out of use the moment somebody says so."""

import base64
import json
import re
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from screening import audit, schema, sessions, tablets
from screening.demo.tablet import Tablet, public, signed, text
from screening.errors import Conflict, NotAllowed, NotAnswerable, NotFound, Refused
from screening.store import open_store
from tests.builders import a_family, a_person, a_tablet, a_visit, bring, sealed
from tests.conftest import NOW

PATH = "/visit/outbox"


@pytest.fixture
def visitor(store, now):
    return a_person(store, now, name="Vera Prøve")


def ready(store, person, now, tablet):
    """This tablet, made ready by this person."""
    tablet.enrolled(tablets.enrol(store, person, tablet.request(person["id"]), now, need_activation=False))
    return tablet


def known(store, tablet, now, body=b"{}", **changed):
    return tablets.authenticated(store, tablet.headers(PATH, body) | changed, "POST", PATH, body, now)


# ── making ready ──


def test_a_tablet_learns_everything_it_must_pin(store, visitor, now):
    tablet = Tablet()
    answer = tablets.enrol(store, visitor, tablet.request(visitor["id"]), now, need_activation=False)
    assert set(answer) == {"tablet", "author", "person", "epoch", "keys", "keys_signature", "root", "receipt_key"}
    assert answer["tablet"] == tablet.id
    assert answer["person"] == {"id": visitor["id"], "initials": "VP", "language": "da"}
    assert re.fullmatch("[0-9a-f]{32}", answer["epoch"])
    assert len(base64.b64decode(answer["keys"][0]["public"])) == len(base64.b64decode(answer["receipt_key"])) == 65
    lines = "".join(f"{key['kid']} {key['public']}\n" for key in answer["keys"])
    root = Ed25519PublicKey.from_public_bytes(base64.b64decode(answer["root"]))
    root.verify(base64.b64decode(answer["keys_signature"]), ("screening keys 1\n" + lines).encode())


def test_enrolling_again_after_a_lost_answer_gives_the_same_author_without_a_new_code(store, visitor, now):
    tablet, code = Tablet(), tablets.new_activation(store, visitor["id"], "admin", now)
    first = tablets.enrol(store, visitor, tablet.request(visitor["id"]), now, code)
    assert tablets.enrol(store, visitor, tablet.request(visitor["id"]), now, code) == first
    assert len(store.rows("SELECT id FROM authors")) == 1


def test_two_visitors_may_share_a_tablet_each_with_a_key_of_her_own(store, visitor, now):
    tablet = a_tablet(store, visitor, now)
    colleague = a_person(store, now)
    other = Tablet()
    other.id, other.transport = tablet.id, tablet.transport
    ready(store, colleague, now, other)
    assert other.author != tablet.author
    assert [row["people"] for row in tablets.listed(store)] == [2]


def test_who_has_forgotten_her_passphrase_gets_a_new_key_and_what_she_made_with_the_old_one_is_taken(
    store, visitor, now
):
    """AT-43"""
    old = a_tablet(store, visitor, now)
    new = Tablet()
    new.id, new.transport = old.id, old.transport
    with pytest.raises(NotAllowed):
        tablets.enrol(store, visitor, new.request(visitor["id"]), now)
    code = tablets.new_activation(store, visitor["id"], "admin", now)
    new.enrolled(tablets.enrol(store, visitor, new.request(visitor["id"]), now, code))
    assert new.author != old.author
    assert [row["people"] for row in tablets.listed(store)] == [1]
    for author in (old, new):
        visit = a_visit(a_family(store, visitor, now), now)
        assert bring(store, new, sealed(author, visit, now), now)["result"] == "received"


def test_a_tablets_number_with_another_key_is_refused(store, visitor, now):
    tablet, other = a_tablet(store, visitor, now), Tablet()
    other.id = tablet.id
    with pytest.raises(Conflict):
        ready(store, visitor, now, other)


def test_an_authors_key_never_becomes_somebody_elses(store, visitor, now):
    tablet = a_tablet(store, visitor, now)
    with pytest.raises(Conflict):
        ready(store, a_person(store, now), now, tablet)


def test_who_does_not_hold_the_authors_key_cannot_enrol_it(store, visitor, now):
    asked = Tablet().request(visitor["id"])
    for wrong in (asked | {"proof": Tablet().request(visitor["id"])["proof"]}, Tablet().request("another person")):
        with pytest.raises(NotAnswerable):
            tablets.enrol(store, visitor, wrong, now, need_activation=False)
    assert store.rows("SELECT id FROM tablets") == []


WRONG = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(), st.binary(max_size=80).map(text), st.lists(st.integers()),
    st.just(text(b"\x04" + bytes(64))), st.dictionaries(st.text(), st.text()),
)  # fmt: skip


@given(st.sampled_from(["tablet", "transport_key", "author_key", "proof", "more"]), WRONG)
def test_a_damaged_request_is_refused_by_name(name, value):
    asked = Tablet().request("person") | {name: value}
    with pytest.raises(NotAnswerable):
        tablets.proven(asked, {"id": "person"})


# ── activation codes ──


def test_without_a_code_nothing_is_made_a_tablet(store, visitor, now):
    for code in (None, "", "ABCD-EFGH-JKLM", 7, ["x"]):
        with pytest.raises(NotAllowed):
            tablets.enrol(store, visitor, Tablet().request(visitor["id"]), now, code)
    assert store.rows("SELECT id FROM tablets") == []


def test_a_code_works_once_however_it_is_written(store, visitor, now):
    code = tablets.new_activation(store, visitor["id"], "admin", now)
    assert re.fullmatch("([A-HJ-NP-Z2-9]{4}-){2}[A-HJ-NP-Z2-9]{4}", code)
    tablets.enrol(store, visitor, Tablet().request(visitor["id"]), now, code.lower().replace("-", " "))
    with pytest.raises(NotAllowed):
        tablets.enrol(store, visitor, Tablet().request(visitor["id"]), now, code)


def test_a_code_ends_after_a_day_and_when_a_newer_one_is_made(store, visitor, now):
    first = tablets.new_activation(store, visitor["id"], "admin", now)
    second = tablets.new_activation(store, visitor["id"], "admin", now)
    with pytest.raises(NotAllowed):
        tablets.enrol(store, visitor, Tablet().request(visitor["id"]), now, first)
    with pytest.raises(NotAllowed):
        tablets.enrol(store, visitor, Tablet().request(visitor["id"]), now + timedelta(hours=24), second)
    tablets.enrol(store, visitor, Tablet().request(visitor["id"]), now + timedelta(hours=23), second)


def test_a_code_is_one_persons_and_is_not_kept_as_it_is(store, visitor, now):
    code = tablets.new_activation(store, visitor["id"], "admin", now)
    colleague = a_person(store, now)
    with pytest.raises(NotAllowed):
        tablets.enrol(store, colleague, Tablet().request(colleague["id"]), now, code)
    assert code.replace("-", "") not in json.dumps(store.rows("SELECT * FROM activations"))


def test_a_refused_enrolment_uses_up_no_code(store, visitor, now):
    code, other = tablets.new_activation(store, visitor["id"], "admin", now), Tablet()
    other.id = a_tablet(store, visitor, now).id
    with pytest.raises(Conflict):
        tablets.enrol(store, visitor, other.request(visitor["id"]), now, code)
    tablets.enrol(store, visitor, Tablet().request(visitor["id"]), now, code)


# ── whose request ──


def test_a_signed_request_is_its_tablets(store, visitor, now):
    tablet = a_tablet(store, visitor, now)
    found = known(store, tablet, now)
    assert (found["id"], found["revoked_at"]) == (tablet.id, None)
    assert len(found["nonce"]) == 22


def test_a_request_that_was_here_before_is_refused(store, visitor, now):
    tablet = a_tablet(store, visitor, now)
    headers = tablet.headers(PATH, b"{}")
    tablets.authenticated(store, headers, "POST", PATH, b"{}", now)
    with pytest.raises(NotAllowed):
        tablets.authenticated(store, headers, "POST", PATH, b"{}", now + timedelta(hours=1))


def test_what_is_signed_covers_method_path_nonce_and_body(store, visitor, now):
    tablet = a_tablet(store, visitor, now)
    headers = tablet.headers(PATH, b"{}")
    fresh = tablet.headers(PATH, b"{}")["X-Nonce"]
    for wrong in (
        (headers, "PUT", PATH, b"{}"), (headers, "POST", "/visit/status", b"{}"), (headers, "POST", PATH, b"{} "),
        (headers | {"X-Nonce": fresh}, "POST", PATH, b"{}"),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            tablets.authenticated(store, *wrong, now)


def test_another_tablets_signature_is_no_signature(store, visitor, now):
    tablet, other = a_tablet(store, visitor, now), a_tablet(store, visitor, now)
    with pytest.raises(NotAllowed):
        known(store, other, now, **{"X-Tablet": tablet.id})


@given(
    st.sampled_from(["X-Tablet", "X-Nonce", "X-Signature"]), st.text(max_size=120) | st.binary(max_size=80).map(text)
)
def test_odd_headers_are_refused_by_name(name, value):
    store = open_store(":memory:", None, schema.HISTORY)
    try:
        with pytest.raises(Refused):
            tablets.authenticated(store, Tablet().headers(PATH, b"") | {name: value}, "POST", PATH, b"", NOW)
    finally:
        store.close()


def test_a_tablet_that_was_heard_is_noted_and_old_nonces_go(store, visitor, now):
    tablet = a_tablet(store, visitor, now)
    known(store, tablet, now)
    known(store, tablet, now + timedelta(hours=2))
    tomorrow = now + timedelta(days=1, minutes=1)
    known(store, tablet, tomorrow)
    assert tablets.listed(store)[0]["seen_at"] == "2026-11-24T09:13:00.000Z"
    assert [row["seen_at"][:16] for row in store.rows("SELECT seen_at FROM nonces ORDER BY seen_at")] == [
        "2026-11-23T11:12", "2026-11-24T09:13",
    ]  # fmt: skip


def test_a_revoked_tablet_is_still_heard_so_that_nothing_it_holds_is_lost(store, visitor, now):
    tablet = a_tablet(store, visitor, now)
    tablets.revoke(store, tablet.id, "admin", now)
    assert known(store, tablet, now)["revoked_at"]
    with pytest.raises(NotAllowed):
        ready(store, visitor, now, tablet)
    with pytest.raises(NotFound):
        tablets.revoke(store, "no such tablet", "admin", now)


def test_revoking_a_tablet_signs_out_whoever_works_on_it_and_nobody_else(store, visitor, now):
    tablet, colleague = a_tablet(store, visitor, now), a_person(store, now)
    life = sessions.Lifetime()
    tokens = [sessions.begin(store, person["id"], "in", now) for person in (visitor, visitor, colleague)]
    tablets.revoke(store, tablet.id, "admin", now)
    assert [bool(sessions.by_token(store, token, now, life)) for token in tokens] == [False, False, True]
    assert [entry["event"] for entry in audit.listed(store)][:2] == ["session_ended", "tablet_revoked"]


def test_what_happens_to_tablets_stands_in_the_log(store, visitor, now):
    tablets.new_activation(store, visitor["id"], "admin", now)
    tablet = a_tablet(store, visitor, now)
    tablets.revoke(store, tablet.id, "admin", now)
    tablets.revoke(store, tablet.id, "admin", now)
    events = [entry["event"] for entry in audit.listed(store)]
    assert events[:3] == ["tablet_revoked", "tablet_enrolled", "activation_made"]
    assert audit.verify(store) == []


def test_a_signature_of_another_key_or_length_does_not_fit():
    tablet = Tablet()
    good = signed(tablet.transport, b"said")
    assert tablets.signed_by(public(tablet.transport), b"said", good)
    for wrong in (good[:-1], good + b"\0", b"", bytes(64), b"\xff" * 64, signed(tablet.author_key, b"said")):
        assert not tablets.signed_by(public(tablet.transport), b"said", wrong)
