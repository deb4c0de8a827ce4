"""The vault in real Chromium: kept means kept, locked means locked, and nothing on the disk can be read."""

import base64
import hashlib
import random
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from screening.store import envelope
from tests.browser.conftest import FLAGS, keeps_storage
from tests.browser.search import found
from tests.browser.vaults import Refused, Vault, answer, authenticator, keys_of, place_of, served, text

ANNE = {"id": "0198c3f0-7c00-7a00-8a00-000000000001", "initials": "AL", "language": "da"}
BODIL = {"id": "0198c3f0-7c00-7a00-8a00-000000000002", "initials": "BK", "language": "en"}
FAMILY = {"id": "019a0000-0000-7000-8000-00000000f001", "children": [{"name": "Nora Lindskov", "birth": "2026-09-20"}]}
OTHER = {"id": "019a0000-0000-7000-8000-00000000f002", "children": [{"name": "Yusuf Demir", "birth": "2026-03-20"}]}
TYPED = "Zebraen drikker rødgrød ved kajen"
PLANTED = "Ulven pudser sin violin"
PLANTED_KEY = bytes(range(100, 132))
KEEP_KEY = """async (bytes) => {
  const value = await crypto.subtle.importKey("raw", new Uint8Array(bytes), "AES-GCM", false, ["encrypt"]);
  const { write } = await import("/static/visitor/database.js");
  await write({ put: { settings: [{ name: "planted key", value }] } });
}"""


@pytest.fixture(scope="module")
def url():
    with served() as address:
        yield address


@pytest.fixture
def vault(chromium_path, browser, url, keys):
    """A blank tablet; its tab must not have complained of anything."""
    context = browser.new_context()
    opened = Vault(context.new_page(), url, keys)
    yield opened
    context.close()
    assert opened.complaints == []


def a_draft(number: int = 1, **more) -> dict:
    id_ = f"019ab000-0000-7000-8000-{number:012x}"
    given = {"family": FAMILY["id"], "visit": "2m", "startedAt": "2026-11-23T09:12:00.000Z", "place": "k2"}
    return {"id": id_, **given, "answers": {"k2": {"value": "3"}}, **more}


def a_payload(draft: dict, **more) -> dict:
    given = {"schema": 1, "encounter": draft["id"], "family": draft["family"], "visit": "2m", "instrument": "1.0.0"}
    return given | {"replaces": None, "finished_at": "2026-11-23T10:00:00.000Z", "text": TYPED} | more


def caseload(vault: Vault, *families: dict, gone: tuple[str, ...] = ()) -> None:
    vault.call(
        "keepCaseload",
        {"families": families, "gone": gone, "config": {"a": 1}, "cursor": "5", "asOf": "2026-11-23T09:00:00.000Z"},
    )


def refused(vault: Vault, name: str, *given) -> Refused:
    with pytest.raises(Refused) as caught:
        vault.call(name, *given)
    return caught.value


def states(vault: Vault) -> list[str]:
    return [one["state"] for one in vault.call("outbox")]


# ── setting up, locking, opening ──


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


def test_the_request_proves_that_its_keys_are_held(vault):
    request = vault.call("makeKeys", ANNE, {})["request"]
    assert set(request) == {"tablet", "transport_key", "author_key", "proof"}
    message = f"screening enrol 1\n{request['tablet']}\n{request['transport_key']}\n{ANNE['id']}".encode()
    check(request["author_key"], request["proof"], message)


def check(public: str, signature: str, message: bytes) -> None:
    """Raises InvalidSignature unless a base64 signature fits."""
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), base64.b64decode(public))
    raw = base64.b64decode(signature)
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    key.verify(encode_dss_signature(r, s), message, ec.ECDSA(SHA256()))


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


def test_a_wrong_passphrase_opens_nothing_and_a_right_one_still_opens(vault):
    phrase = vault.enrol(ANNE)
    vault.open()
    for wrong in ("", "bal-bem-kos-fon-gras-hev-jol", phrase[:-1], phrase + "n"):
        assert refused(vault, "unlock", ANNE["id"], wrong).name == "WrongPassphrase"
        assert not vault.call("unlocked")
        assert refused(vault, "caseload").name == "Locked"
    typed = "  " + phrase.upper().replace("-", " ") + " "
    assert vault.call("unlock", ANNE["id"], typed)["id"] == ANNE["id"]
    vault.call("lock")
    assert vault.call("unlock", ANNE["id"], phrase.replace("-", ""))["id"] == ANNE["id"]


def test_the_code_opens_again_and_five_wrong_ones_drop_the_key(vault):
    phrase = vault.enrol(ANNE, "2580")
    assert [vault.call("checkCode", "0000")["left"] for _ in range(4)] == [4, 3, 2, 1]
    assert vault.call("checkCode", "2580") == {"ok": True, "left": 5}
    assert [vault.call("checkCode", "0000")["left"] for _ in range(5)] == [4, 3, 2, 1, 0]
    assert not vault.call("unlocked")
    assert refused(vault, "checkCode", "2580").name == "Locked"
    vault.call("unlock", ANNE["id"], phrase)
    assert vault.call("checkCode", "2580") == {"ok": True, "left": 5}


def test_locking_ends_what_is_under_way_and_forgets_the_key_at_once(vault):
    vault.enrol(ANNE)
    said = vault.page.evaluate(
        """async (draft) => {
          const vault = await import("/static/visitor/vault.js");
          const keeping = vault.keepDraft(draft).then(() => "kept", ({ name }) => name);
          vault.lock();
          return [vault.unlocked(), await keeping, await vault.drafts().catch(({ name }) => name)];
        }""",
        a_draft(),
    )
    assert said == [None, "Locked", "Locked"]


def test_a_passkey_opens_and_the_passphrase_too(chromium_path, browser, url, keys):
    context = browser.new_context()
    page = context.new_page()
    authenticator(context, page)
    vault = Vault(page, url, keys)
    phrase = vault.enrol(ANNE, passkey=True)
    vault.call("keepDraft", a_draft())
    assert vault.call("people") == [ANNE | {"passkey": True}]
    vault.open()
    assert vault.call("unlockPasskey", ANNE["id"]) == ANNE | {"passkey": True}
    assert len(vault.call("drafts")) == 1
    assert vault.call("unlockPasskey", ANNE["id"])["id"] == ANNE["id"]  # again, after a re-lock
    vault.open()
    vault.call("unlock", ANNE["id"], phrase)
    assert len(vault.call("drafts")) == 1
    assert vault.complaints == []
    context.close()


def test_without_a_passkey_or_without_prf_the_passphrase_is_there(chromium_path, browser, url, keys):
    context = browser.new_context()
    page = context.new_page()
    authenticator(context, page, prf=False)
    vault = Vault(page, url, keys)
    phrase = vault.enrol(ANNE, passkey=True)
    assert vault.call("people") == [ANNE | {"passkey": False}]
    vault.open()
    assert refused(vault, "unlockPasskey", ANNE["id"]).name == "NoPasskey"
    vault.call("unlock", ANNE["id"], phrase)
    context.close()


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


# ── post ──


def finished(vault: Vault, number: int = 1) -> dict:
    draft = a_draft(number)
    vault.call("keepDraft", draft)
    return vault.call("finish", draft["id"], a_payload(draft))


def news(done: dict, state: str, reason: str | None = None) -> dict:
    return {"id": done["id"], "sha256": done["sha256"], "state": state, "reason": reason}


def test_post_goes_without_unlocking_and_only_what_is_named_by_its_content_moves(vault):
    vault.enrol(ANNE)
    one, two = finished(vault, 1), finished(vault, 2)
    vault.open()
    assert states(vault) == ["waiting", "waiting"]
    vault.call("record", [news(one, "received"), news(two, "received") | {"sha256": "0" * 64}])
    assert states(vault) == ["received", "waiting"]
    vault.call("record", [news(one, "opened"), news(two, "quarantined", "damaged"), {"id": "x", "sha256": "y"}])
    assert states(vault) == ["opened", "quarantined"]
    vault.call("record", [news(one, "received")])
    assert states(vault) == ["opened", "quarantined"]
    assert vault.call("outbox")[1]["reason"] == "damaged"
    assert not vault.call("unlocked")


def test_a_request_is_signed_by_the_tablets_key(vault):
    request = vault.call("makeKeys", ANNE, {})["request"]
    said = vault.page.evaluate(
        """async () => (await import("/static/visitor/vault.js"))
          .signed("POST", "/visit/outbox", new TextEncoder().encode('{"envelopes": []}'))"""
    )
    assert said["X-Tablet"] == request["tablet"]
    digest = hashlib.sha256(b'{"envelopes": []}').hexdigest()
    message = f"screening request 1\nPOST\n/visit/outbox\n{said['X-Tablet']}\n{said['X-Nonce']}\n{digest}".encode()
    assert len(said["X-Nonce"]) == 22
    check(request["transport_key"], said["X-Signature"], message)


def test_only_a_receipt_of_the_pinned_server_for_this_request_is_believed(vault, keys):
    vault.enrol(ANNE)
    tablet = vault.call("server")["tablet"]
    results = [
        {"id": "a", "sha256": "b", "result": "received"},
        {"id": "c", "sha256": "d", "result": "refused", "reason": "signature"},
    ]
    lines = "a b received -\nc d refused signature\n"
    signature = text(keys.sign_receipt(f"screening receipt 1\noutbox\n{tablet}\nN\nE\n0\n{lines}".encode()))
    good = {"epoch": "E", "safe_seq": 0, "results": results, "signature": signature}
    assert vault.call("verified", "outbox", good, "N") is True
    for kind, said, nonce in [
        ("outbox", good, "M"),
        ("status", good, "N"),
        ("outbox", good | {"epoch": "F"}, "N"),
        ("outbox", good | {"safe_seq": 9}, "N"),
        ("outbox", good | {"results": results[:1]}, "N"),
        ("outbox", good | {"results": [*results[:1], results[1] | {"result": "received"}]}, "N"),
        ("outbox", good | {"results": [results[0] | {"reason": "-\nc d refused signature"}]}, "N"),
        ("outbox", good | {"signature": text(bytes(64))}, "N"),
        ("outbox", good | {"signature": "not base64"}, "N"),
        ("outbox", good | {"signature": None}, "N"),
        ("outbox", {}, "N"),
        ("outbox", None, "N"),
    ]:
        assert vault.call("verified", kind, said, nonce) is False, said


def test_newer_keys_are_taken_over_when_the_pinned_root_signed_them(vault, keys, tmp_path):
    phrase = vault.enrol(ANNE)
    new = ec.generate_private_key(ec.SECP256R1())
    numbers = new.public_key().public_numbers()
    point = b"\4" + numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")
    listed = [{"kid": hashlib.sha256(point).hexdigest()[:16], "public": text(point)}]
    message = ("screening keys 1\n" + "".join(f"{one['kid']} {one['public']}\n" for one in listed)).encode()
    unsigned = {"keys": listed, "keys_signature": text(bytes(64))}
    assert vault.call("acceptKeys", unsigned) is False
    assert vault.call("acceptKeys", {"keys": listed, "keys_signature": text(keys.sign_root(message))}) is True
    vault.call("unlock", ANNE["id"], phrase)
    finished(vault)
    assert envelope.parse(bytes(vault.rows("envelopes")[0]["bytes"])).kid == listed[0]["kid"]


def test_a_key_swapped_on_the_disk_seals_nothing(vault, keys):
    """security.md 1, row 15: what is sealed under her own key wins over what stands open on the disk."""
    phrase = vault.enrol(ANNE)
    vault.open()
    vault.page.evaluate(
        """async () => {
          const { get, write } = await import("/static/visitor/database.js");
          const row = await get("settings", "server");
          row.value.keys = [{ kid: "0000000000000000", public: row.value.receipt_key }];
          row.value.keys_signature = "AAAA";
          await write({ put: { settings: [row] } });
        }"""
    )
    vault.call("unlock", ANNE["id"], phrase)
    assert {"id": "server", "kind": "server"} in vault.call("problems")
    finished(vault)
    assert envelope.parse(bytes(vault.rows("envelopes")[0]["bytes"])).kid == keys.municipality_keys()[0]["kid"]


OPENED_YESTERDAY = """async () => {
  const { all, write } = await import("/static/visitor/database.js");
  const before = (time) => time && time - 86_400_000;
  const outbox = (await all("outbox")).map((row) => ({ ...row, openedAt: before(row.openedAt) }));
  await write({ put: { outbox } });
}"""


def test_the_readable_copy_stays_until_midnight_after_the_server_has_opened_it(vault):
    phrase = vault.enrol(ANNE)
    one, two = finished(vault, 1), finished(vault, 2)
    vault.call("record", [news(one, "opened"), news(two, "received")])
    vault.call("unlock", ANNE["id"], phrase)
    assert len(vault.call("visits")) == 2
    vault.page.evaluate(OPENED_YESTERDAY)
    vault.call("unlock", ANNE["id"], phrase)
    assert [each["id"] for each in vault.call("visits")] == [two["id"]]
    assert vault.call("visit", one["id"]) is None
    assert len(vault.rows("envelopes")) == 2
    assert vault.call("problems") == []


def test_a_visit_stays_held_after_its_copy_is_gone_until_a_newer_list_has_come(vault):
    phrase = vault.enrol(ANNE)
    caseload(vault, FAMILY)
    done = finished(vault)
    made = [{"family": FAMILY["id"], "visit": "2m"}]
    assert vault.call("held") == made
    vault.call("record", [news(done, "opened")])
    vault.page.evaluate(OPENED_YESTERDAY)
    for _ in range(2):
        vault.open()
        vault.call("unlock", ANNE["id"], phrase)
        assert vault.call("visits") == []
        assert vault.call("held") == made
    assert vault.call("caseload")["cursor"] == "5"
    caseload(vault, FAMILY)
    assert vault.call("held") == []


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


# ── what goes wrong ──


ROOM = 8 * 1024 * 1024  # of which the ballast takes five
LONG = "a" * 300_000


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


# ── several people, and the disk ──


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


def test_nothing_can_be_read_on_the_disk(chromium_path, playwright, url, keys, tmp_path):
    """T24 and T26, in a profile that writes through to disk, with a planted text and a planted key as controls."""
    profile = tmp_path / "profile"
    keeps_storage(profile, url)
    context = playwright.chromium.launch_persistent_context(str(profile), executable_path=chromium_path, args=FLAGS)
    vault = Vault(context.pages[0], url, keys)
    phrase = vault.enrol(ANNE, "2580")
    assert vault.call("persisted") is True
    caseload(vault, FAMILY)
    vault.call("keepDraft", a_draft(1, note=TYPED))
    finished(vault, 2)
    vault.call("keepSetting", "planted", PLANTED)
    vault.page.evaluate(KEEP_KEY, list(PLANTED_KEY))
    vault.open()
    vault.call("unlock", ANNE["id"], phrase)
    vault.call("dropDraft", a_draft(1)["id"])
    secret_keys = keys_of(vault.rows("people")[0], vault.rows("records"), phrase)
    context.close()
    assert found([profile], [PLANTED])
    assert found([profile], [PLANTED_KEY])
    secrets = [TYPED, "Nora Lindskov", phrase, phrase.replace("-", ""), FAMILY["id"], "answers"]
    assert found([profile], [*secrets, *secret_keys]) == []
