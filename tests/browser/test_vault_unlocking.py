"""Locked means locked: passphrase, code or passkey opens, and on the disk nothing can be read."""

from tests.browser.conftest import FLAGS, keeps_storage
from tests.browser.search import found
from tests.browser.vaults import (
    ANNE,
    BODIL,
    FAMILY,
    TYPED,
    Vault,
    a_draft,
    a_payload,
    authenticator,
    caseload,
    finished,
    keys_of,
    refused,
)

PLANTED = "Ulven pudser sin violin"
PLANTED_KEY = bytes(range(100, 132))
KEEP_KEY = """async (bytes) => {
  const value = await crypto.subtle.importKey("raw", new Uint8Array(bytes), "AES-GCM", false, ["encrypt"]);
  const { write } = await import("/static/visitor/database.js");
  await write({ put: { settings: [{ name: "planted key", value }] } });
}"""


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


REFUSED = [
    ("caseload",), ("keepCaseload", {"families": [FAMILY]}), ("held",), ("drafts",), ("draft", a_draft(1)["id"]),
    ("dropDraft", a_draft(1)["id"]), ("finish", a_draft(1)["id"], a_payload(a_draft(1))),
    ("preliminary", a_payload(a_draft(9))), ("note", {"note": a_draft(8)["id"], "kind": "moved"}),
    ("sent",), ("visits",), ("visit", a_draft(2)["id"]), ("notes",),
    ("problems",), ("selfCheck",), ("rehearse", [FAMILY]), ("makeKeys", BODIL, {}), ("renewKeys", ANNE, {}),
]  # fmt: skip


def test_after_a_re_lock_the_code_and_a_draft_are_taken_and_nothing_else_is_answered(vault):
    phrase = vault.enrol(ANNE, "2580")
    caseload(vault, FAMILY)
    vault.call("keepDraft", a_draft(1))
    sent = finished(vault, 2)
    before = vault.rows("envelopes")
    vault.call("relock")
    assert vault.call("unlocked") is None
    for name, *given in REFUSED:
        assert refused(vault, name, *given).name == "Locked", name
        if name == "rehearse":  # whoever cannot begin one is locked out
            vault.call("unlock", ANNE["id"], phrase)
            vault.call("relock")
    assert vault.rows("envelopes") == before
    vault.call("keepDraft", a_draft(1, note="halvt skrevet"))
    assert refused(vault, "draft", a_draft(1)["id"]).name == "Locked"
    assert vault.call("checkCode", "0000") == {"ok": False, "left": 4}
    assert refused(vault, "drafts").name == "Locked"
    assert vault.call("checkCode", "2580") == {"ok": True, "left": 5}
    assert vault.call("unlocked")["id"] == ANNE["id"]
    assert vault.call("draft", a_draft(1)["id"])["note"] == "halvt skrevet"
    assert vault.call("caseload")["families"] == [FAMILY]
    assert [one["id"] for one in vault.call("visits")] == [sent["id"]]
    assert vault.call("problems") == []
    finished(vault, 3)
    vault.open()
    vault.call("unlock", ANNE["id"], phrase)
    assert vault.call("draft", a_draft(1)["id"])["note"] == "halvt skrevet"
    assert len(vault.call("visits")) == 2 and vault.call("problems") == []


def test_the_passphrase_opens_a_re_locked_vault_and_five_wrong_codes_end_its_key(vault):
    phrase = vault.enrol(ANNE, "2580")
    vault.call("keepDraft", a_draft(1))
    vault.call("relock")
    vault.call("unlock", ANNE["id"], phrase)
    assert [one["id"] for one in vault.call("drafts")] == [a_draft(1)["id"]]
    vault.call("relock")
    assert [vault.call("checkCode", "0000")["left"] for _ in range(5)] == [4, 3, 2, 1, 0]
    assert refused(vault, "checkCode", "2580").name == "Locked"
    assert refused(vault, "keepDraft", a_draft(1)).name == "Locked"


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


# ── the disk ──


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
