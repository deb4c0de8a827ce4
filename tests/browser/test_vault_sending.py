"""What the vault signs for the post, what it believes of the server, and how long a copy stays here."""

import hashlib

from cryptography.hazmat.primitives.asymmetric import ec

from screening.store import envelope
from tests.browser.vaults import ANNE, FAMILY, caseload, check_signature, finished, news, states, text


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


def test_what_the_server_refused_is_told_from_what_it_keeps_whatever_the_reason(vault):
    """The same code is given to an envelope that is too large and refused, and to one that is once it was opened."""
    vault.enrol(ANNE)
    one = finished(vault, 1)
    for said in (True, False, True):
        vault.call("record", [news(one, "quarantined", "too_large") | {"refused": said}])
        (sent,) = vault.call("sent")
        assert (sent["state"], sent["reason"], sent["refused"]) == ("quarantined", "too_large", said)
    vault.call("record", [news(one, "received")])
    assert vault.call("sent")[0]["refused"] is False


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
    check_signature(request["transport_key"], said["X-Signature"], message)


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
    """FR25"""
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
