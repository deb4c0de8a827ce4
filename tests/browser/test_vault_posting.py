"""What leaves the tablet besides a finished visit: corrections, visits sent before their end, and notes."""

from typing import Any

import pytest

from screening.store import envelope
from tests.browser.vaults import (
    ANNE,
    FAMILY,
    OTHER,
    Vault,
    a_draft,
    a_payload,
    caseload,
    finished,
    news,
    opened_records,
    opened_slot,
    refused,
    served,
    states,
)

EARLY = "019ab000-0000-7000-8000-0000000000e1"
NOTE = "019ab000-0000-7000-8000-0000000000f2"


def early(**more: Any) -> dict:
    """A preliminary visit, sent while a_draft() goes on."""
    return a_payload(a_draft()) | {"encounter": EARLY, "text": "Sagt indtil nu"} | more


def a_note(number: int = 1, **more: Any) -> dict:
    given = {"schema": 1, "note": NOTE[:-1] + str(number), "family": FAMILY["id"], "kind": "not_home", "release": "r"}
    return given | {"noted_at": f"2026-11-23T10:0{number}:00.000Z", "visit": "2m", "data": {"tried_at": "x"}} | more


def sealed(vault: Vault) -> dict[str, envelope.Envelope]:
    """Every envelope here, by its id."""
    return {one["id"]: envelope.parse(bytes(one["bytes"])) for one in vault.rows("envelopes")}


def in_a_chain(vault: Vault) -> list[envelope.Envelope]:
    """The envelopes in their order, which has neither gap nor break."""
    found = sorted(sealed(vault).values(), key=lambda one: one.seq)
    assert [one.seq for one in found] == list(range(1, len(found) + 1))
    assert [one.previous for one in found] == ["0" * 64, *(one.sha256 for one in found[:-1])]
    return found


# ── before the end of the visit ──


def test_a_visit_sent_before_its_end_is_sealed_and_the_draft_goes_on(vault, keys):
    phrase = vault.enrol(ANNE)
    caseload(vault, FAMILY)
    vault.call("keepDraft", a_draft(note="mit"))
    before = vault.call("draft", a_draft()["id"])
    done = vault.call("preliminary", early())
    assert vault.call("draft", a_draft()["id"]) == before
    assert vault.call("keepDraft", a_draft(preliminary=EARLY))
    (only,) = in_a_chain(vault)
    assert (only.type, only.id, only.sha256) == (envelope.PRELIMINARY, EARLY, done["sha256"])
    assert envelope.open_payload(only, keys) == early()
    vault.call("finish", a_draft()["id"], a_payload(a_draft(), preliminary=EARLY))
    assert [one.type for one in in_a_chain(vault)] == [envelope.PRELIMINARY, envelope.VISIT]
    vault.open()
    vault.call("unlock", ANNE["id"], phrase)
    assert vault.call("problems") == vault.call("drafts") == []


def test_a_visit_sent_before_its_end_is_named_on_its_way_and_is_neither_a_draft_nor_held(vault):
    """AT-19, and FR16: what was sent early keeps no visit from being made."""
    phrase = vault.enrol(ANNE)
    caseload(vault, FAMILY)
    vault.call("keepDraft", a_draft())
    vault.call("preliminary", early())
    for _ in range(2):
        (line,) = vault.call("sent")
        assert (line["kind"], line["id"], line["name"]) == ("preliminary", EARLY, "Nora Lindskov")
        assert (line["visit"], line["state"], line["finishedAt"]) == ("2m", "waiting", early()["finished_at"])
        assert vault.call("held") == vault.call("visits") == []
        assert [one["id"] for one in vault.call("drafts")] == [a_draft()["id"]]
        vault.open()
        vault.call("unlock", ANNE["id"], phrase)


def test_no_readable_copy_is_kept_of_what_was_sent_before_the_end(vault):
    phrase = vault.enrol(ANNE)
    vault.call("preliminary", early())
    vault.call("note", a_note())
    assert vault.call("visit", EARLY) is None
    (person,) = vault.rows("people")
    kept = {
        kind: value for kind, _, value in opened_records(person, vault.rows("records"), opened_slot(person, phrase))
    }
    assert kept["note"]["payload"] == a_note()
    assert kept["preliminary"] == {
        "id": EARLY, "family": FAMILY["id"], "name": "", "visit": "2m", "finishedAt": early()["finished_at"],
    }  # fmt: skip


def test_ten_taps_on_send_now_send_it_once(vault):
    vault.enrol(ANNE)
    done = vault.page.evaluate(TEN_TIMES, ["preliminary", early()])
    assert len({one["sha256"] for one in done}) == 1
    assert len(vault.rows("envelopes")) == len(vault.call("outbox")) == 1


def test_a_visit_sent_before_its_end_may_not_bear_the_drafts_own_id(vault):
    """It would take the draft with it at the next opening."""
    phrase = vault.enrol(ANNE)
    vault.call("keepDraft", a_draft())
    refused(vault, "preliminary", early(encounter=a_draft()["id"]))
    vault.call("unlock", ANNE["id"], phrase)
    assert [one["id"] for one in vault.call("drafts")] == [a_draft()["id"]]
    assert vault.call("outbox") == []


# ── notes ──


def test_a_note_is_sealed_and_shown_here_until_a_newer_list_knows_of_it(vault, keys):
    phrase = vault.enrol(ANNE)
    caseload(vault, FAMILY)
    two, one = vault.call("note", a_note(2)), vault.call("note", a_note(1))
    assert [envelope.open_payload(each, keys) for each in in_a_chain(vault)] == [a_note(2), a_note(1)]
    assert {each.type for each in in_a_chain(vault)} == {envelope.NOTE}
    assert {each.questionnaire for each in in_a_chain(vault)} == {(0, 0)}
    assert vault.call("notes") == [a_note(1), a_note(2)]
    vault.call("record", [news(one, "opened"), news(two, "received")])
    assert vault.call("notes") == [a_note(1), a_note(2)]
    caseload(vault)
    assert vault.call("notes") == [a_note(2)]
    vault.open()
    vault.call("unlock", ANNE["id"], phrase)
    assert vault.call("notes") == [a_note(2)]
    lines = [(each["kind"], each["note"], each["name"], each["state"]) for each in vault.call("sent")]
    assert lines == [("note", "not_home", "Nora Lindskov", "received"), ("note", "not_home", "Nora Lindskov", "opened")]
    assert vault.call("held") == vault.call("visits") == []
    assert vault.call("problems") == []


def test_a_note_that_was_opened_yesterday_is_still_shown_while_no_newer_list_has_come(vault):
    phrase = vault.enrol(ANNE)
    vault.call("record", [news(vault.call("note", a_note()), "opened")])
    vault.page.evaluate(OPENED_YESTERDAY)
    vault.call("unlock", ANNE["id"], phrase)
    assert vault.call("notes") == [a_note()]
    caseload(vault, FAMILY)
    vault.call("unlock", ANNE["id"], phrase)
    assert vault.call("notes") == vault.call("sent") == []


def test_the_same_note_again_is_the_same_note(vault):
    vault.enrol(ANNE)
    done = vault.page.evaluate(TEN_TIMES, ["note", a_note()])
    assert len({one["sha256"] for one in done}) == len(vault.rows("envelopes")) == 1


def test_a_family_that_a_note_told_of_is_named_by_it(vault):
    vault.enrol(ANNE)
    made = {"children": [{"name": "Alma Vig", "birth": "2026-09-01"}], "parents": []}
    vault.call("note", a_note(family=OTHER["id"], kind="new_family", data=made))
    draft = a_draft(family=OTHER["id"])
    vault.call("finish", draft["id"], a_payload(draft))
    assert [one["name"] for one in vault.call("sent")] == ["Alma Vig", "Alma Vig"]


def test_a_family_that_left_stays_while_a_note_about_it_is_unsent(vault):
    """AT-07"""
    vault.enrol(ANNE)
    caseload(vault, FAMILY)
    done = vault.call("note", a_note())
    caseload(vault, gone=(FAMILY["id"],))
    assert [one["id"] for one in vault.call("caseload")["families"]] == [FAMILY["id"]]
    vault.call("record", [news(done, "opened")])
    caseload(vault)
    assert vault.call("caseload")["families"] == []


# ── corrections ──


def answered(k1: str, **more: Any) -> dict:
    given = {"form": "B", "respondent": "joint", "authored_at": "2026-11-23T09:30:00.000Z"}
    return given | {"answers": {"k1": {"value": k1}, "k2": {"value": "2"}}, "unanswered": {"k3": "skipped"}} | more


def test_a_correction_is_sealed_as_one_and_takes_the_place_of_the_visits_copy(vault, keys):
    phrase = vault.enrol(ANNE)
    caseload(vault, FAMILY)
    done = finished(vault, 1)
    anew = a_draft(2, replaces=done["id"])
    vault.call("keepDraft", anew)
    payload = a_payload(anew, replaces=done["id"], text="Rettet")
    fixed = vault.call("finish", anew["id"], payload)
    assert [one.type for one in in_a_chain(vault)] == [envelope.VISIT, envelope.AMENDMENT]
    assert envelope.open_payload(sealed(vault)[fixed["id"]], keys) == payload
    for _ in range(2):
        assert vault.call("visit", done["id"]) is None
        assert vault.call("visit", fixed["id"]) == payload
        marks = {one["id"]: (one["replaces"], one["corrected"], one["state"]) for one in vault.call("visits")}
        assert marks == {done["id"]: (None, fixed["id"], "waiting"), fixed["id"]: (done["id"], None, "waiting")}
        assert vault.call("held") == [{"family": FAMILY["id"], "visit": "2m"}]
        vault.open()
        vault.call("unlock", ANNE["id"], phrase)


def test_a_correction_of_some_questions_is_laid_over_what_was_said_before(vault, keys):
    vault.enrol(ANNE)
    draft, anew = a_draft(1), a_draft(2)
    vault.call("finish", draft["id"], a_payload(draft, responses=[answered("1")], count=2))
    some = {"answers": {"k3": {"value": "1"}}, "unanswered": {"k1": "skipped"}}
    part = a_payload(anew, replaces=draft["id"], partial=True, responses=[answered("1") | some], count=1)
    done = vault.call("finish", anew["id"], part)
    assert envelope.open_payload(sealed(vault)[done["id"]], keys) == part
    whole = vault.call("visit", done["id"])
    assert whole["responses"][0]["answers"] == {"k2": {"value": "2"}, "k3": {"value": "1"}}
    assert whole["responses"][0]["unanswered"] == {"k1": "skipped"}
    assert (whole["count"], whole.get("partial"), whole["encounter"]) == (2, None, done["id"])


def test_a_correction_of_what_is_no_longer_here_is_kept_as_it_is(vault):
    vault.enrol(ANNE)
    anew = a_draft(2)
    part = a_payload(anew, replaces=a_draft(1)["id"], partial=True, responses=[answered("3")])
    vault.call("finish", anew["id"], part)
    assert vault.call("visit", anew["id"]) == part


def test_a_correction_whose_envelope_is_read_back_wrong_leaves_the_visit_and_its_copy(chromium_path, browser, keys):
    """AT-12: a planted fault in the database, from the second envelope on."""
    fault = (
        "async (store, key) => read(store,",
        f"async (store, key) => (store === 'envelopes' && key !== '{a_draft(1)['id']}' ? null : 1) && read(store,",
    )
    with served(database_js=fault) as address:
        context = browser.new_context()
        vault = Vault(context.new_page(), address, keys)
        vault.enrol(ANNE)
        done = finished(vault, 1)
        anew = a_draft(2, replaces=done["id"])
        vault.call("keepDraft", anew)
        for way, given in [
            ("finish", [anew["id"], a_payload(anew, replaces=done["id"])]),
            ("preliminary", [early()]),
            ("note", [a_note()]),
        ]:
            assert refused(vault, way, *given).reason == "ReadBack"
            assert vault.call("visit", done["id"]) == a_payload(a_draft(1))
            assert [one["id"] for one in vault.call("sent")] == list(sealed(vault)) == [done["id"]]
            assert [one["id"] for one in vault.call("drafts")] == [anew["id"]]
        context.close()


# ── the outbox ──


@pytest.mark.parametrize("way", ["preliminary", "note"])
def test_what_is_no_finished_visit_waits_and_moves_by_receipts_as_a_visit_does(vault, way):
    vault.enrol(ANNE)
    done = vault.call(way, early() if way == "preliminary" else a_note())
    vault.open()
    assert states(vault) == ["waiting"]
    assert [one["id"] for one in vault.call("envelopes", [done["id"]])] == [done["id"]]
    vault.call("record", [news(done, "opened")])
    assert states(vault) == ["opened"]


TEN_TIMES = """async ([way, payload]) => {
  const vault = await import("/static/visitor/vault.js");
  return Promise.all(Array.from({ length: 10 }, () => vault[way](payload)));
}"""

OPENED_YESTERDAY = """async () => {
  const { all, write } = await import("/static/visitor/database.js");
  const outbox = (await all("outbox")).map((row) => ({ ...row, openedAt: row.openedAt && row.openedAt - 86_400_000 }));
  await write({ put: { outbox } });
}"""
