"""A rehearsal is the real app on invented families: nothing of it is kept, sent, or mixed with what is real."""

from typing import Any

import pytest

from screening.store import envelope
from tests.browser.vaults import ANNE, FAMILY, TYPED, Vault, a_draft, a_payload, caseload, finished, refused

STORES = ("settings", "people", "records", "outbox", "envelopes")
REHEARSED = """async ([name, stores]) => {
  // Opening waits for a removal that is under way; what is not there is not made.
  const open = await new Promise((done) => {
    const request = indexedDB.open(name);
    request.onupgradeneeded = () => request.transaction.abort();
    request.onerror = () => done(null);
    request.onsuccess = () => done(request.result);
  });
  if (!open) return null;
  const all = (store) => new Promise((done) => {
    open.transaction(store).objectStore(store).getAll().onsuccess = ({ target }) => done(target.result);
  });
  const rows = await Promise.all(stores.map(all));
  open.close();
  const plain = (_, value) => (value instanceof Uint8Array ? [...value] : value);
  return JSON.parse(JSON.stringify(Object.fromEntries(stores.map((store, n) => [store, rows[n]])), plain));
}"""
OF_OTHERS = {"kind": "not_home", "noted_at": "2026-11-23T10:01:00.000Z", "data": {}, "schema": 1, "visit": "2m"}


def database(vault: Vault, name: str) -> dict[str, Any] | None:
    """Everything in a database, or None when there is none of that name."""
    return vault.page.evaluate(REHEARSED, [name, STORES])


def everything(vault: Vault) -> dict[str, Any]:
    return database(vault, "visit")


def rehearse(vault: Vault) -> dict[str, Any]:
    """Begin a rehearsal with a visit that waits and a draft in the real vault; gives the person."""
    caseload(vault, FAMILY)
    finished(vault, 7)
    vault.call("keepDraft", a_draft(8, note="min egen"))
    return vault.call("rehearse", None, {"clinic_da": "Klinikken", "ready": {"ok": False, "missing": ["training"]}})


def used(vault: Vault) -> list[dict]:
    """A whole day in the rehearsal: a draft, a visit, one sent before its end, a note. Gives what was sealed."""
    (family, *_) = vault.call("caseload")["families"]
    draft, other = a_draft(1, family=family["id"]), a_draft(2, family=family["id"])
    vault.call("keepDraft", draft)
    early = a_payload(draft) | {"encounter": a_draft(3)["id"]}
    note = OF_OTHERS | {"note": a_draft(4)["id"], "family": family["id"]}
    done = [vault.call("preliminary", early), vault.call("note", note)]
    done.append(vault.call("finish", draft["id"], a_payload(draft)))
    vault.call("keepDraft", other)
    return done


def test_what_is_real_is_not_touched_by_a_rehearsal_and_stays_locked(vault):
    phrase = vault.enrol(ANNE)
    person = rehearse(vault)
    before = everything(vault)
    assert person == ANNE | {"passkey": False, "older": False, "rehearsal": True}
    used(vault)
    assert everything(vault) == before
    assert [one["id"] for one in vault.call("drafts")] == [a_draft(2)["id"]]
    assert vault.call("draft", a_draft(8)["id"]) is vault.call("visit", a_draft(7)["id"]) is None
    assert FAMILY["id"] not in {one["id"] for one in vault.call("caseload")["families"]}
    refused(vault, "unlock", ANNE["id"], phrase)
    assert everything(vault) == before
    vault.call("endRehearsal")
    assert refused(vault, "drafts").name == "Locked"
    vault.call("unlock", ANNE["id"], phrase)
    assert vault.call("draft", a_draft(8)["id"])["note"] == "min egen"
    assert [one["id"] for one in vault.call("visits")] == [a_draft(7)["id"]]


def test_the_screens_see_the_rehearsal_and_the_post_sees_only_what_is_real(vault):
    vault.enrol(ANNE)
    rehearse(vault)
    done = {one["id"] for one in used(vault)}
    assert {one["id"] for one in vault.call("outbox")} == {one["id"] for one in vault.call("sent")} == done
    assert len(vault.call("notes")) == 1
    assert [one["id"] for one in vault.call("queue")] == [a_draft(7)["id"]]
    assert vault.call("envelopes", list(done)) == []
    assert vault.call("unlocked") is None
    assert refused(vault, "keepCaseload", {"families": [FAMILY], "cursor": "9"}).name == "Locked"
    assert vault.call("caseload")["config"] == {"clinic_da": "Klinikken", "ready": {"ok": True, "missing": []}}


def test_what_a_rehearsal_seals_can_never_be_a_visit(vault, keys):
    """Nobody has the key it is sealed to, and no server knows its author and its tablet."""
    vault.enrol(ANNE)
    rehearse(vault)
    used(vault)
    (real,) = [envelope.parse(bytes(one["bytes"])) for one in everything(vault)["envelopes"]]
    made = [envelope.parse(bytes(one["bytes"])) for one in database(vault, "visit-rehearsal")["envelopes"]]
    assert len(made) == 3
    for one in made:
        assert {one.author, one.tablet} & {real.author, real.tablet} == set()
        with pytest.raises(envelope.BadEnvelope):
            envelope.open_payload(one, keys)


def test_a_rehearsal_is_sealed_at_rest_and_gone_at_its_end(vault):
    vault.enrol(ANNE)
    rehearse(vault)
    used(vault)
    there = database(vault, "visit-rehearsal")
    assert len(there["records"]) > 5
    assert there["people"] == there["settings"] == []
    text = bytes(byte for row in there["records"] + there["envelopes"] for byte in row["bytes"])
    for readable in (TYPED, "Øvelse", a_draft(2)["startedAt"], "not_home"):
        assert readable.encode() not in text
    vault.call("endRehearsal")
    assert database(vault, "visit-rehearsal") is None


def test_the_lock_and_five_wrong_codes_end_a_rehearsal_too(vault):
    phrase = vault.enrol(ANNE, code="2580")
    for way in ("lock", "code"):
        rehearse(vault) if way == "lock" else vault.call("rehearse")
        assert vault.call("checkCode", "2580")["ok"]
        for _ in range(1 if way == "lock" else 5):
            vault.call("lock") if way == "lock" else vault.call("checkCode", "0000")
        assert refused(vault, "drafts").name == "Locked"
        assert database(vault, "visit-rehearsal") is None
        vault.call("unlock", ANNE["id"], phrase)


def test_what_a_page_that_went_left_behind_opens_for_nobody_and_is_removed(vault):
    phrase = vault.enrol(ANNE)
    rehearse(vault)
    used(vault)
    vault.open()
    vault.call("unlock", ANNE["id"], phrase)
    assert vault.call("draft", a_draft(2)["id"]) is None
    vault.call("rehearse")
    assert vault.call("drafts") == vault.call("outbox") == []
    assert len(database(vault, "visit-rehearsal")["records"]) < 5
    used(vault)
    vault.open()
    vault.call("forgetRehearsal")
    assert database(vault, "visit-rehearsal") is None


def test_the_invented_families_show_what_happens_in_real_ones_and_say_that_they_are_invented(vault):
    vault.enrol(ANNE)
    rehearse(vault)
    families = vault.call("caseload")["families"]
    names = [one["name"] for family in families for one in family["children"] + family["parents"]]
    assert all(name.endswith(" Øvelse") for name in names)
    assert len(families) >= 4
    for seen in (
        lambda one: len(one["children"]) > 1,
        lambda one: len(one["parents"]) == 1,
        lambda one: (
            one["separated"]
            and {parent["address"] for parent in one["parents"]} == {one["address"], "Øvevej 2, 0000 Øveby"}
        ),
        lambda one: one["address_protected"],
        lambda one: one["t20"]["parent1"] and one["agreement"] and one["agreed"],
        lambda one: one["tasks"] and one["decisions"],
        lambda one: len(one["languages"]) > 1,
    ):
        assert any(seen(family) for family in families)
    vault.call("endRehearsal")


def test_only_who_is_unlocked_can_begin_a_rehearsal(vault):
    vault.enrol(ANNE)
    vault.call("lock")
    assert refused(vault, "rehearse").name == "Locked"
    assert database(vault, "visit-rehearsal") is None
