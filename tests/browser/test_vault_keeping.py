"""Kept means kept: drafts, finished visits and the list of families, over restarts, and read back before it is said."""

import hashlib
from uuid import uuid4

from screening.store import envelope
from tests.browser.vaults import (
    ANNE,
    FAMILY,
    OTHER,
    Vault,
    a_draft,
    a_payload,
    answer,
    caseload,
    finished,
    news,
    refused,
    served,
    states,
)


def test_a_visit_from_enrolment_to_the_outbox_over_two_restarts(vault, keys):
    phrase = vault.enrol(ANNE)
    assert vault.call("people") == [ANNE | {"passkey": False}]
    vault.call("lock")
    assert not vault.call("unlocked")
    assert vault.call("unlock", ANNE["id"], phrase) == ANNE | {"passkey": False}
    caseload(vault, FAMILY)
    draft = a_draft()
    saved = vault.call("keepDraft", draft)

    vault.open()
    assert refused(vault, "draft", draft["id"]).name == "Locked"
    vault.call("unlock", ANNE["id"], phrase)
    kept = vault.call("draft", draft["id"])
    assert {name: kept[name] for name in draft} == draft
    assert kept["savedAt"] == saved.strftime("%Y-%m-%dT%H:%M:%S.") + f"{saved.microsecond // 1000:03}Z"
    done = vault.call("finish", draft["id"], a_payload(draft))

    vault.open()
    assert [one["id"] for one in vault.call("outbox")] == [draft["id"]]
    data = bytes(vault.rows("envelopes")[0]["bytes"])
    assert hashlib.sha256(data).hexdigest() == done["sha256"] == vault.call("outbox")[0]["sha256"]
    assert envelope.open_payload(envelope.parse(data), keys) == a_payload(draft)
    vault.call("unlock", ANNE["id"], phrase)
    assert vault.call("drafts") == []
    mine = vault.call("visits")
    assert [(one["id"], one["name"], one["state"]) for one in mine] == [(draft["id"], "Nora Lindskov", "waiting")]
    assert vault.call("visit", draft["id"]) == a_payload(draft)
    assert vault.call("problems") == []


# ── drafts and visits ──


def test_two_drafts_do_not_mix_and_one_can_be_dropped(vault):
    vault.enrol(ANNE)
    one, two = a_draft(1, note="en"), a_draft(2, note="to", family=OTHER["id"])
    vault.call("keepDraft", one)
    vault.call("keepDraft", two)
    vault.call("keepDraft", one | {"note": "en igen"})
    assert sorted(each["id"] for each in vault.call("drafts")) == [one["id"], two["id"]]
    assert (vault.call("draft", one["id"])["note"], vault.call("draft", two["id"])["note"]) == ("en igen", "to")
    vault.call("dropDraft", one["id"])
    assert [each["id"] for each in vault.call("drafts")] == [two["id"]]
    assert vault.call("draft", one["id"]) is None


def test_ten_taps_on_finish_make_one_visit(vault):
    vault.enrol(ANNE)
    draft = a_draft()
    vault.call("keepDraft", draft)
    done = vault.page.evaluate(
        """async ([id, payload]) => {
          const vault = await import("/static/visitor/vault.js");
          return Promise.all(Array.from({ length: 10 }, () => vault.finish(id, payload)));
        }""",
        [draft["id"], a_payload(draft)],
    )
    assert len({one["sha256"] for one in done}) == 1
    assert len(vault.call("outbox")) == len(vault.rows("envelopes")) == 1
    assert refused(vault, "keepDraft", draft).reason == "Finished"
    assert vault.call("drafts") == []


def test_the_visits_of_one_author_are_a_chain_without_gaps_over_restarts(vault):
    phrase = vault.enrol(ANNE)
    for number in (1, 2, 3):
        draft = a_draft(number)
        vault.call("keepDraft", draft)
        vault.call("finish", draft["id"], a_payload(draft))
        vault.open()
        vault.call("unlock", ANNE["id"], phrase)
    found_there = [envelope.parse(bytes(one["bytes"])) for one in vault.rows("envelopes")]
    assert [one.seq for one in found_there] == [1, 2, 3]
    assert [one.previous for one in found_there] == ["0" * 64, *(one.sha256 for one in found_there[:2])]
    assert len({(one.tablet, one.author) for one in found_there}) == 1


def test_a_correction_is_sealed_as_one(vault, keys):
    vault.enrol(ANNE)
    draft = a_draft()
    vault.call("finish", draft["id"], a_payload(draft, replaces=str(uuid4())))
    assert envelope.parse(bytes(vault.rows("envelopes")[0]["bytes"])).type == envelope.AMENDMENT


def test_what_is_read_back_wrong_is_not_called_kept(chromium_path, browser, keys):
    """A planted fault: a database that gives back other bytes than it was given."""
    fault = (
        "asked.map(({ result }) => result)",
        "asked.map(({ result }) => (result?.bytes && (result.bytes[99] ^= 1), result))",
    )
    with served(database_js=fault) as address:
        context = browser.new_context()
        vault = Vault(context.new_page(), address, keys)
        request = vault.call("makeKeys", ANNE, {})["request"]
        error = refused(vault, "acceptEnrolment", answer(request, ANNE, keys), "2580")
        assert (error.name, error.reason) == ("NotKept", "ReadBack")
        context.close()


def test_a_visit_whose_envelope_is_read_back_wrong_is_a_draft_again(chromium_path, browser, keys):
    fault = (
        "async (store, key) => read(store,",
        "async (store, key) => (store === 'envelopes' ? null : 1) && read(store,",
    )
    with served(database_js=fault) as address:
        context = browser.new_context()
        vault = Vault(context.new_page(), address, keys)
        vault.enrol(ANNE)
        vault.call("keepDraft", a_draft(note="mit"))
        error = refused(vault, "finish", a_draft()["id"], a_payload(a_draft()))
        assert (error.name, error.key, error.reason) == ("NotKept", "save.not", "ReadBack")
        assert vault.call("draft", a_draft()["id"])["note"] == "mit"
        assert vault.call("outbox") == vault.call("visits") == vault.rows("envelopes") == []
        context.close()


BAD_COPY = (
    "async (store, keys) => read(store, (place) => keys.map((key) => place.get(key)))",
    "async (store, keys) => (await read(store, (place) => keys.map((key) => place.get(key)))).map((row) => "
    "(store === 'records' && globalThis.badRecords ? { ...row, bytes: new Uint8Array(9) } : row))",
)
# The database gives back wrong records from the first envelope on.
SEALED = "const hash = await sha256(bytes);\n  const author"
FROM_THE_ENVELOPE = (SEALED, "globalThis.badRecords = true;\n  " + SEALED)


def test_a_visit_is_finished_when_its_envelope_is_good_although_her_own_copy_is_read_back_wrong(
    chromium_path, browser, keys
):
    with served(database_js=BAD_COPY, keeper_js=FROM_THE_ENVELOPE) as address:
        context = browser.new_context()
        vault = Vault(context.new_page(), address, keys)
        vault.enrol(ANNE)
        vault.call("keepDraft", a_draft())
        done = vault.call("finish", a_draft()["id"], a_payload(a_draft()))
        (kept,) = vault.rows("envelopes")
        assert done["sha256"] == hashlib.sha256(bytes(kept["bytes"])).hexdigest()
        assert vault.call("drafts") == []
        assert [one["id"] for one in vault.call("visits")] == [a_draft()["id"]]
        assert vault.call("finish", a_draft()["id"], a_payload(a_draft())) == done
        context.close()


def test_a_draft_stays_as_long_as_the_envelope_of_that_name_is_not_good(vault):
    phrase = vault.enrol(ANNE)
    done = finished(vault)
    draft = a_draft(2, note="kun her")
    vault.call("keepDraft", draft)
    vault.page.evaluate(AN_ENVELOPE_OF_NOTHING, [done["id"], draft["id"]])
    vault.call("unlock", ANNE["id"], phrase)
    assert vault.call("draft", draft["id"])["note"] == "kun her"
    again = vault.call("finish", draft["id"], a_payload(draft, text="rettet"))
    found = next(bytes(one["bytes"]) for one in vault.rows("envelopes") if one["id"] == draft["id"])
    assert again["sha256"] == hashlib.sha256(found).hexdigest()
    assert envelope.open_payload(envelope.parse(found), vault.keys)["text"] == "rettet"


AN_ENVELOPE_OF_NOTHING = """async ([from, to]) => {
  const { get, write } = await import("/static/visitor/database.js");
  const outbox = [{ ...(await get("outbox", from)), id: to, seq: 2 }];
  await write({ put: { outbox, envelopes: [{ id: to, bytes: new Uint8Array(4096) }] } });
}"""
UNCOUNTED = """() => {
  Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };
}"""


def test_a_visit_is_finished_also_when_it_cannot_be_counted(vault):
    vault.enrol(ANNE)
    vault.page.evaluate(UNCOUNTED)
    done = finished(vault)
    vault.call("record", [news(done, "received")])
    assert states(vault) == ["received"]
    assert len(vault.complaints) == 2
    vault.complaints.clear()


# ── the caseload ──


def test_the_caseload_takes_in_what_changed(vault):
    vault.enrol(ANNE)
    assert vault.call("caseload") == {"families": [], "asOf": None, "config": None, "cursor": None}
    caseload(vault, FAMILY, OTHER)
    vault.call(
        "keepCaseload", {"families": [FAMILY | {"address": "Havnegade 1"}], "gone": [OTHER["id"]], "cursor": "6"}
    )
    held = vault.call("caseload")
    assert held["families"] == [FAMILY | {"address": "Havnegade 1"}]
    assert (held["cursor"], held["config"], held["asOf"]) == ("6", {"a": 1}, "2026-11-23T09:00:00.000Z")


def test_a_family_that_left_stays_until_its_unsent_work_is_delivered(vault):
    """AT-07"""
    vault.enrol(ANNE)
    caseload(vault, FAMILY, OTHER)
    draft = a_draft()
    vault.call("keepDraft", draft)
    caseload(vault, gone=(FAMILY["id"], OTHER["id"]))
    assert [one["id"] for one in vault.call("caseload")["families"]] == [FAMILY["id"]]
    done = vault.call("finish", draft["id"], a_payload(draft))
    caseload(vault)
    assert [one["id"] for one in vault.call("caseload")["families"]] == [FAMILY["id"]]
    vault.call("record", [news(done, "opened")])
    caseload(vault)
    assert vault.call("caseload")["families"] == []
