"""What is full, damaged, put back or gone is named, and takes nothing else with it."""

import random

from screening.store import envelope
from tests.browser.vaults import (
    ANNE,
    BODIL,
    FAMILY,
    Refused,
    Vault,
    a_draft,
    a_payload,
    caseload,
    finished,
    news,
    place_of,
    refused,
)

ROOM = 8 * 1024 * 1024  # of which the ballast takes five
LONG = "a" * 300_000


# ── a full store ──


def full(vault: Vault) -> tuple[str, list[str], Refused]:
    """Enrol on a small tablet and fill it with drafts; gives the passphrase, the drafts' ids and the first refusal."""
    limit(vault, ROOM)
    phrase = vault.enrol(ANNE)
    assert vault.count("ballast") == 1
    kept = []
    for number in range(1, 60):
        draft = a_draft(number, note=LONG)
        try:
            vault.call("keepDraft", draft)
        except Refused as error:
            return phrase, kept, error
        kept.append(draft["id"])
    raise AssertionError("the store never was full")


def limit(vault: Vault, size: int | None) -> None:
    """The room this tablet has, in bytes; None lifts the limit."""
    room = {"origin": vault.url} | ({"quotaSize": size} if size else {})
    vault.session.send("Storage.overrideQuotaForOrigin", room)


def test_on_a_full_store_the_last_save_takes_the_ballast_and_the_next_says_that_it_is_not_kept(vault):
    """F15, P15"""
    phrase, kept, last = full(vault)
    assert len(kept) * len(LONG) > ROOM - 5 * 1024 * 1024, "the ballast was not given up"
    assert vault.count("ballast") == 0
    assert (last.name, last.key, last.reason) == ("NotKept", "save.not", "QuotaExceededError")
    vault.open()
    vault.call("unlock", ANNE["id"], phrase)
    assert sorted(one["id"] for one in vault.call("drafts")) == kept
    assert vault.call("problems") == []
    limit(vault, None)
    vault.call("keepDraft", a_draft(99))
    vault.open()
    vault.call("unlock", ANNE["id"], phrase)
    assert vault.count("ballast") == 1


def test_a_refused_save_changes_nothing_that_was_kept(vault):
    phrase, kept, _ = full(vault)
    noise = "".join(random.choices("0123456789abcdef", k=250_000))  # noqa: S311 - only has to be long
    draft = a_draft(1, note=LONG)
    error = refused(vault, "finish", draft["id"], a_payload(draft, text=noise))
    assert (error.name, error.reason) == ("NotKept", "QuotaExceededError")
    assert refused(vault, "keepDraft", a_draft(1, note="b" * 400_000)).name == "NotKept"
    for _ in range(2):
        assert vault.call("outbox") == vault.rows("envelopes") == vault.call("visits") == []
        assert vault.call("draft", kept[0])["note"] == LONG
        vault.open()
        vault.call("unlock", ANNE["id"], phrase)


# ── what is damaged ──


def records_of(vault: Vault, *wanted: str) -> list[str]:
    """Ids of records that were not there before: what the last keeping added."""
    return [one["id"] for one in vault.rows("records") if one["id"] not in wanted]


def test_a_damaged_draft_is_named_and_kept_and_the_others_open(vault):
    phrase = vault.enrol(ANNE)
    before = [one["id"] for one in vault.rows("records")]
    vault.call("keepDraft", a_draft(1))
    (first,) = records_of(vault, *before)
    vault.call("keepDraft", a_draft(2))
    vault.open()
    vault.change("records", first, "bytes", 700)
    vault.call("unlock", ANNE["id"], phrase)
    assert vault.call("problems") == [{"id": a_draft(1)["id"], "kind": "draft"}]
    assert [one["id"] for one in vault.call("drafts")] == [a_draft(2)["id"]]
    vault.call("keepDraft", a_draft(1, note="igen"))
    vault.open()
    vault.call("unlock", ANNE["id"], phrase)
    assert first in [one["id"] for one in vault.rows("records")]
    assert vault.call("problems") == [{"id": a_draft(1)["id"], "kind": "draft"}]
    assert vault.call("draft", a_draft(1)["id"])["note"] == "igen"


def test_the_server_is_known_again_when_her_own_record_of_it_is_damaged(vault, keys):
    phrase = vault.enrol(ANNE)
    vault.call("lock")
    vault.enrol(BODIL)
    damage_kind(vault, ANNE, phrase, "server")
    vault.open()
    vault.call("unlock", ANNE["id"], phrase)
    assert [one["kind"] for one in vault.call("problems")] == ["server"]
    finished(vault)
    sealed = envelope.parse(bytes(vault.rows("envelopes")[0]["bytes"]))
    assert (sealed.kid, sealed.seq) == (keys.municipality_keys()[0]["kid"], 1)
    vault.open()
    vault.call("unlock", ANNE["id"], phrase)
    finished(vault, 2)
    assert [envelope.parse(bytes(one["bytes"])).seq for one in vault.rows("envelopes")] == [1, 2]


def test_with_her_signing_key_damaged_drafts_can_be_read_and_finishing_says_no(vault):
    phrase = vault.enrol(ANNE)
    vault.call("keepDraft", a_draft(note="mit"))
    damage_kind(vault, ANNE, phrase, "author")
    vault.open()
    vault.call("unlock", ANNE["id"], phrase)
    assert [one["kind"] for one in vault.call("problems")] == ["author"]
    assert refused(vault, "finish", a_draft()["id"], a_payload(a_draft())).key == "save.not"
    assert vault.call("draft", a_draft()["id"])["note"] == "mit"


def damage_kind(vault: Vault, person: dict, phrase: str, kind: str) -> None:
    """Damage a person's record of one kind."""
    row = next(one for one in vault.rows("people") if one["id"] == person["id"])
    vault.change("records", place_of(row, vault.rows("records"), phrase, kind), "bytes", 200)


def test_a_damaged_list_of_families_is_fetched_again_from_the_beginning(vault):
    phrase = vault.enrol(ANNE)
    before = [one["id"] for one in vault.rows("records")]
    caseload(vault, FAMILY)
    (record,) = records_of(vault, *before)
    vault.open()
    vault.change("records", record, "bytes", 5000)
    vault.call("unlock", ANNE["id"], phrase)
    assert vault.call("caseload")["cursor"] is None
    assert [one["kind"] for one in vault.call("problems")] == ["caseload"]
    caseload(vault, FAMILY)
    assert vault.call("caseload")["families"] == [FAMILY]


def test_a_damaged_index_is_made_again_from_all_that_opens(vault):
    phrase = vault.enrol(ANNE)
    caseload(vault, FAMILY)
    vault.call("keepDraft", a_draft(1))
    done = finished(vault, 2)
    vault.open()
    vault.change("records", vault.rows("people")[0]["index"], "bytes", 100)
    vault.call("unlock", ANNE["id"], phrase)
    assert [one["id"] for one in vault.call("drafts")] == [a_draft(1)["id"]]
    assert vault.call("caseload")["families"] == [FAMILY]
    assert [one["kind"] for one in vault.call("problems")] == ["index"]
    finished(vault, 3)
    chain = [envelope.parse(bytes(one["bytes"])) for one in vault.rows("envelopes")]
    assert [one.seq for one in chain] == [1, 2]
    assert chain[1].previous == done["sha256"]
    vault.open()
    vault.call("unlock", ANNE["id"], phrase)
    assert [one["kind"] for one in vault.call("problems")] == ["unknown"]
    assert [one["id"] for one in vault.call("drafts")] == [a_draft(1)["id"]]


def test_a_record_put_back_to_an_older_state_is_noticed(vault):
    phrase = vault.enrol(ANNE)
    before = [one["id"] for one in vault.rows("records")]
    vault.call("keepDraft", a_draft(note="første"))
    (record,) = records_of(vault, *before)
    copy = "async ([id, to]) => { const d = await import('/static/visitor/database.js');"
    vault.page.evaluate(copy + " window.old = await d.get('records', id); }", [record, None])
    vault.call("keepDraft", a_draft(note="anden"))
    vault.page.evaluate(copy + " await d.write({ put: { records: [window.old] } }); }", [record, None])
    vault.open()
    vault.call("unlock", ANNE["id"], phrase)
    assert vault.call("draft", a_draft()["id"]) is None
    assert vault.call("problems") == [{"id": a_draft()["id"], "kind": "draft"}]


def test_a_damaged_or_missing_envelope_is_named(vault):
    phrase = vault.enrol(ANNE)
    finished(vault, 1), finished(vault, 2)
    vault.open()
    vault.change("envelopes", a_draft(1)["id"], "bytes", 999)
    vault.call("unlock", ANNE["id"], phrase)
    assert vault.call("problems") == [{"id": a_draft(1)["id"], "kind": "envelope"}]
    vault.page.evaluate(
        """async (id) => {
          const { write } = await import("/static/visitor/database.js");
          await write({ drop: { outbox: [id], envelopes: [id] } });
        }""",
        a_draft(1)["id"],
    )
    assert vault.call("problems") == [{"id": "1", "kind": "envelope"}]


# ── what is gone ──


def test_when_the_whole_store_is_gone_the_next_start_says_so(vault):
    """AT-01"""
    assert vault.call("people") == [] and vault.call("lost") is None
    vault.enrol(ANNE)
    assert vault.call("lost") is None
    done = finished(vault, 1)
    finished(vault, 2)
    vault.call("record", [news(done, "received")])
    vault.open()
    vault.call("people")
    assert vault.call("lost") is None
    vault.session.send("Storage.clearDataForOrigin", {"origin": vault.url, "storageTypes": "indexeddb"})
    vault.open()
    assert vault.call("people") == []
    assert vault.call("lost")["unsent"] == 1
    vault.call("keepSetting", "place", {})
    vault.open()
    vault.call("people")
    assert vault.call("lost")["unsent"] == 1
    vault.enrol(ANNE)
    assert vault.call("lost") is None
    assert vault.call("setting", "lost")["unsent"] == 1
