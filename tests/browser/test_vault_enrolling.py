"""The vault is set up: whose keys are believed, new ones beside forgotten ones, and two people on one tablet."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from screening.store import envelope
from tests.browser.vaults import (
    ANNE,
    BODIL,
    FAMILY,
    a_draft,
    a_payload,
    answer,
    caseload,
    check_signature,
    finished,
    refused,
    text,
)


def test_the_request_proves_that_its_keys_are_held(vault):
    request = vault.call("makeKeys", ANNE, {})["request"]
    assert set(request) == {"tablet", "transport_key", "author_key", "proof"}
    message = f"screening enrol 1\n{request['tablet']}\n{request['transport_key']}\n{ANNE['id']}".encode()
    check_signature(request["author_key"], request["proof"], message)


def test_nothing_of_a_person_is_kept_before_the_server_has_answered(vault):
    vault.call("makeKeys", ANNE, {})
    assert vault.call("passphrase").count("-") == 6
    assert vault.rows("people") == vault.rows("records") == vault.rows("outbox") == []
    assert [one["name"] for one in vault.rows("settings")] == ["tablet"]
    vault.open()
    assert vault.call("passphrase") == ""
    assert vault.call("people") == []


@pytest.mark.parametrize("code", ["", "123", "1234567", "12a4", " 1234", "١٢٣٤"])
def test_a_code_has_four_to_six_digits(vault, keys, code):
    request = vault.call("makeKeys", ANNE, {})["request"]
    assert refused(vault, "acceptEnrolment", answer(request, ANNE, keys), code).key == "code.form"
    assert vault.rows("people") == []


@pytest.mark.parametrize("code", ["1111", "000000", "1234", "23456", "6543", "7890"])
def test_a_code_that_everybody_tries_first_is_refused(vault, keys, code):
    request = vault.call("makeKeys", ANNE, {})["request"]
    assert refused(vault, "acceptEnrolment", answer(request, ANNE, keys), code).key == "code.easy"
    assert vault.rows("people") == []


def test_an_answer_whose_keys_the_root_did_not_sign_is_not_believed(vault, keys):
    request = vault.call("makeKeys", ANNE, {})["request"]
    good = answer(request, ANNE, keys)
    strangers = ec.generate_private_key(ec.SECP256R1())
    public = strangers.public_key().public_numbers()
    point = b"\4" + public.x.to_bytes(32, "big") + public.y.to_bytes(32, "big")
    stranger = {"kid": hashlib.sha256(point).hexdigest()[:16], "public": text(point)}
    named = {"kid": good["keys"][0]["kid"], "public": text(point)}
    signed = text(keys.sign_root(f"screening keys 1\n{named['kid']} {named['public']}\n".encode()))
    for wrong in (
        {"keys": [stranger]},
        {"keys": [stranger, *good["keys"]]},
        {"keys": []},
        {"keys": [named], "keys_signature": signed},
        {"keys_signature": text(bytes(64))},
    ):
        assert refused(vault, "acceptEnrolment", good | wrong, "2580").key == "vault.untrusted"
    assert vault.rows("people") == []
    vault.call("acceptEnrolment", good, "2580")
    assert [one["id"] for one in vault.rows("people")] == [ANNE["id"]]


def test_who_has_keys_here_does_not_get_new_ones_over_them(vault):
    """AT-48"""
    phrase = vault.enrol(ANNE)
    before = vault.rows("people")
    vault.open()
    assert refused(vault, "makeKeys", ANNE, {}).key == "vault.alreadyHere"
    assert vault.rows("people") == before
    vault.call("unlock", ANNE["id"], phrase)


STORES = ("records", "envelopes", "outbox")


def test_with_a_forgotten_passphrase_new_keys_leave_everything_old_as_it_lies(vault):
    """AT-03, AT-42, AT-43, AT-48"""
    old = vault.enrol(ANNE)
    vault.call("keepDraft", a_draft(1, note="den gamle"))
    sent = finished(vault, 2)
    before, person = {name: vault.rows(name) for name in STORES}, vault.rows("people")[0]
    vault.open()
    new = vault.renew(ANNE)
    for name in STORES:
        assert [one for one in vault.rows(name) if one in before[name]] == before[name]
    (row,) = vault.rows("people")
    assert row["older"] == [{name: person[name] for name in ("vault", "index", "slots")}]
    assert not {row["vault"], row["index"]} & {person["vault"], person["index"]}
    assert vault.call("people") == [ANNE | {"passkey": False}]
    vault.open()
    assert vault.call("unlock", ANNE["id"], new) == ANNE | {"passkey": False}
    assert vault.call("checkCode", "2580")["ok"] is False and vault.call("checkCode", "1379")["ok"] is True
    assert vault.call("drafts") == vault.call("visits") == vault.call("problems") == []
    assert [(one["id"], one["state"]) for one in vault.call("outbox")] == [(sent["id"], "waiting")]
    finished(vault, 3)
    first, mine = (envelope.parse(bytes(one["bytes"])) for one in vault.rows("envelopes"))
    assert (mine.seq, mine.previous, mine.tablet) == (1, "0" * 64, first.tablet)
    assert mine.author != first.author
    assert refused(vault, "unlock", ANNE["id"], old[:-1]).name == "WrongPassphrase"


def test_an_old_passphrase_that_is_found_again_opens_what_was_kept_under_it(vault):
    old = vault.enrol(ANNE)
    vault.call("keepDraft", a_draft(1, note="den gamle"))
    sent = finished(vault, 2)
    vault.open()
    newer = vault.renew(ANNE)
    vault.call("keepDraft", a_draft(3, note="den nye"))
    vault.open()
    newest = vault.renew(ANNE)
    vault.open()
    assert vault.call("unlock", ANNE["id"], old) == ANNE | {"passkey": False, "older": True}
    assert vault.call("draft", a_draft(1)["id"])["note"] == "den gamle"
    assert [one["id"] for one in vault.call("visits")] == [sent["id"]]
    vault.call("finish", a_draft(1)["id"], a_payload(a_draft(1)))
    chain = {one.seq: one for one in (envelope.parse(bytes(row["bytes"])) for row in vault.rows("envelopes"))}
    assert (chain[2].author, chain[2].previous) == (chain[1].author, sent["sha256"])
    assert vault.call("unlock", ANNE["id"], newer)["older"] is True
    assert [one["id"] for one in vault.call("drafts")] == [a_draft(3)["id"]]
    assert vault.call("unlock", ANNE["id"], newest) == ANNE | {"passkey": False}
    assert vault.call("drafts") == vault.call("problems") == []


def test_a_damaged_list_in_an_old_area_is_made_again_there_and_nowhere_else(vault):
    old = vault.enrol(ANNE)
    vault.call("keepDraft", a_draft(1))
    vault.open()
    new = vault.renew(ANNE)
    vault.call("keepDraft", a_draft(2))
    vault.open()
    (before,) = vault.rows("people")
    vault.change("records", before["older"][0]["index"], "bytes", 100)
    vault.call("unlock", ANNE["id"], old)
    assert [one["id"] for one in vault.call("drafts")] == [a_draft(1)["id"]]
    (after,) = vault.rows("people")
    assert after["older"][0]["index"] != before["older"][0]["index"]
    assert after | {"older": None} == before | {"older": None}
    vault.open()
    vault.call("unlock", ANNE["id"], new)
    assert [one["id"] for one in vault.call("drafts")] == [a_draft(2)["id"]]


def test_new_keys_that_the_server_never_answered_for_change_nothing(vault):
    phrase = vault.enrol(ANNE)
    vault.call("keepDraft", a_draft(1))
    before = {name: vault.rows(name) for name in ("people", *STORES)}
    vault.open()
    vault.call("renewKeys", ANNE, {})
    vault.open()
    assert {name: vault.rows(name) for name in ("people", *STORES)} == before
    vault.call("unlock", ANNE["id"], phrase)
    assert [one["id"] for one in vault.call("drafts")] == [a_draft(1)["id"]]


# ── several people ──


def test_two_people_share_a_tablet_without_a_trace_of_each_other(vault):
    """AT-68 and security.md 1, row 10"""
    annes = vault.enrol(ANNE)
    vault.call("keepDraft", a_draft(1, note="Anne"))
    caseload(vault, FAMILY)
    finished(vault, 2)
    vault.call("lock")
    before = vault.rows("envelopes")
    bodils = vault.enrol(BODIL, "13579")
    assert vault.call("drafts") == vault.call("visits") == vault.call("caseload")["families"] == []
    assert vault.call("draft", a_draft(1)["id"]) is None
    finished(vault, 3)
    assert vault.rows("envelopes")[:1] == before
    vault.open()
    assert [one["initials"] for one in vault.call("people")] == ["AL", "BK"]
    assert refused(vault, "unlock", BODIL["id"], annes).name == "WrongPassphrase"
    vault.call("unlock", ANNE["id"], annes)
    assert vault.call("draft", a_draft(1)["id"])["note"] == "Anne"
    assert [one["id"] for one in vault.call("visits")] == [a_draft(2)["id"]]
    assert vault.call("problems") == []
    assert vault.call("checkCode", "13579")["ok"] is False
    vault.call("unlock", BODIL["id"], bodils)
    assert [one["id"] for one in vault.call("visits")] == [a_draft(3)["id"]]
    plain = {name for row in vault.rows("people") for name in row}
    assert plain == {"id", "initials", "language", "passkey", "vault", "index", "slots"}
    assert all(set(row) == {"id", "vault", "rev", "bytes"} for row in vault.rows("records"))
