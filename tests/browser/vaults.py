"""The tablet's vault alone: its real modules in a blank page, and the few answers of a server that they need."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import load_der_private_key
from playwright.sync_api import BrowserContext, Page

from screening.store.keys import FileKeys

ROOT = Path(__file__).parent.parent.parent
POLICY = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; base-uri 'none'; "
    "require-trusted-types-for 'script'; trusted-types visit"
)
PAGE = b"<!doctype html><html lang=da><meta charset=utf-8><title>Bes\xc3\xb8g</title>"

CALL = """async ([name, given]) => {
  const vault = await import("/static/visitor/vault.js");
  try {
    return { value: await vault[name](...given) };
  } catch ({ name, message, key, reason }) {
    return { error: { name, message, key, reason } };
  }
}"""


class Refused(Exception):
    """What the vault threw: ``name``, ``key`` (of words) and ``reason`` as they were."""

    def __init__(self, error: dict[str, Any]):
        super().__init__(error)
        self.name, self.key, self.reason = error.get("name"), error.get("key"), error.get("reason")


# Deriving a key from the passphrase costs a second by design; the number itself is looked at in tests/js.
CHEAP = {"sealing.js": ("ROUNDS = 1_200_000", "ROUNDS = 1_000")}


class Handler(SimpleHTTPRequestHandler):
    """The static files and one blank page, under the policy that the product has.

    ``changes``: by a file's name, what is put in the place of what in it: a planted fault, or less work.
    """

    def __init__(self, *given: Any, changes: dict[str, tuple[str, str]], **options: Any):
        self.changes = changes
        super().__init__(*given, directory=str(ROOT), **options)

    def do_GET(self) -> None:
        if not self.path.startswith("/static/"):
            return self.say("text/html", PAGE)
        if self.path.rpartition("/")[2] in self.changes:
            return self.say("text/javascript", self.changed())
        return super().do_GET()

    def changed(self) -> bytes:
        code = (ROOT / self.path[1:]).read_text(encoding="utf-8")
        before, after = self.changes[self.path.rpartition("/")[2]]
        assert before in code
        return code.replace(before, after).encode()

    def say(self, kind: str, content: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.end_headers()
        self.wfile.write(content)

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@contextmanager
def served(**changes: tuple[str, str]) -> Iterator[str]:
    """The address of a server; a passkey wants localhost. ``database_js=(before, after)`` plants a fault there."""
    planted = CHEAP | {name.replace("_js", ".js"): change for name, change in changes.items()}
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, changes=planted))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


class Vault:
    """One tab on one tablet."""

    def __init__(self, page: Page, url: str, keys: FileKeys):
        self.page, self.url, self.keys = page, url, keys
        self.session = page.context.new_cdp_session(page)
        self.complaints: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.open()

    def open(self) -> None:
        """Load the page afresh: the key is gone, as after a restart."""
        self.page.goto(self.url + "/visit")

    def call(self, name: str, *given: Any) -> Any:
        """One of vault.js's functions. Raises Refused with what it threw."""
        said = self.page.evaluate(CALL, [name, list(given)])
        if said.get("error"):
            raise Refused(said["error"])
        return said.get("value")

    def enrol(self, person: dict[str, str], code: str = "2580", passkey: bool = False) -> str:
        """Make a person's keys and have them accepted; gives the passphrase."""
        return self.keys_by("makeKeys", person, code, passkey)

    def renew(self, person: dict[str, str], code: str = "1379", passkey: bool = False) -> str:
        """The same for a person who has keys here and has forgotten her passphrase."""
        return self.keys_by("renewKeys", person, code, passkey)

    def keys_by(self, way: str, person: dict[str, str], code: str, passkey: bool) -> str:
        request = self.call(way, person, {"passkey": passkey})["request"]
        phrase = self.call("passphrase")
        self.call("acceptEnrolment", answer(request, person, self.keys), code)
        return phrase

    def rows(self, store: str) -> list[dict[str, Any]]:
        """Every row of one store, as it lies in the database; bytes as lists of numbers."""
        return self.page.evaluate(ROWS, store)

    def count(self, store: str) -> int:
        """How many rows one store has."""
        return self.page.evaluate(COUNT, store)

    def change(self, store: str, key: str, path: str, at: int) -> None:
        """Flip a bit of the bytes in a row, as a bad disk would."""
        self.page.evaluate(FLIP, [store, key, path, at])


ROWS = """(store) => new Promise((done, failed) => {
  const asked = indexedDB.open("visit");
  asked.onerror = () => failed(asked.error);
  asked.onsuccess = () => {
    const all = asked.result.transaction(store).objectStore(store).getAll();
    all.onsuccess = () => {
      asked.result.close();
      done(JSON.parse(JSON.stringify(all.result, (_, value) => (value instanceof Uint8Array ? [...value] : value))));
    };
  };
})"""

COUNT = """(store) => new Promise((done) => {
  const asked = indexedDB.open("visit");
  asked.onsuccess = () => {
    const number = asked.result.transaction(store).objectStore(store).count();
    number.onsuccess = () => { asked.result.close(); done(number.result); };
  };
})"""

FLIP = """([store, key, path, at]) => new Promise((done, failed) => {
  const asked = indexedDB.open("visit");
  asked.onerror = () => failed(asked.error);
  asked.onsuccess = () => {
    const place = asked.result.transaction(store, "readwrite").objectStore(store);
    const found = place.get(key);
    found.onsuccess = () => {
      found.result[path][at] ^= 1;
      place.put(found.result);
      place.transaction.oncomplete = () => { asked.result.close(); done(); };
    };
  };
})"""


def answer(request: dict[str, str], person: dict[str, str], keys: FileKeys) -> dict[str, Any]:
    """What the server answers to an enrolment."""
    listed = [{"kid": key["kid"], "public": text(key["public"])} for key in keys.municipality_keys()]
    message = "screening keys 1\n" + "".join(f"{key['kid']} {key['public']}\n" for key in listed)
    return {
        "tablet": request["tablet"], "author": str(uuid4()), "person": person, "epoch": "0" * 32, "keys": listed,
        "keys_signature": text(keys.sign_root(message.encode())), "root": text(keys.root_public()),
        "receipt_key": text(keys.receipt_public()), "municipality": "Strandby",
    }  # fmt: skip


def text(value: bytes) -> str:
    return base64.b64encode(value).decode()


def authenticator(context: BrowserContext, page: Page, prf: bool = True) -> None:
    """A platform authenticator that says yes, with or without PRF."""
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "hasPrf": prf, "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


# ── whom and what the tests of the vault keep ──

ANNE = {"id": "0198c3f0-7c00-7a00-8a00-000000000001", "initials": "AL", "language": "da"}
BODIL = {"id": "0198c3f0-7c00-7a00-8a00-000000000002", "initials": "BK", "language": "en"}
FAMILY = {"id": "019a0000-0000-7000-8000-00000000f001", "children": [{"name": "Nora Lindskov", "birth": "2026-09-20"}]}
OTHER = {"id": "019a0000-0000-7000-8000-00000000f002", "children": [{"name": "Yusuf Demir", "birth": "2026-03-20"}]}
TYPED = "Zebraen drikker rødgrød ved kajen"


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


def check_signature(public: str, signature: str, message: bytes) -> None:
    """Raises InvalidSignature unless a base64 signature fits."""
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), base64.b64decode(public))
    raw = base64.b64decode(signature)
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    key.verify(encode_dss_signature(r, s), message, ec.ECDSA(SHA256()))


def finished(vault: Vault, number: int = 1) -> dict:
    draft = a_draft(number)
    vault.call("keepDraft", draft)
    return vault.call("finish", draft["id"], a_payload(draft))


def news(done: dict, state: str, reason: str | None = None) -> dict:
    return {"id": done["id"], "sha256": done["sha256"], "state": state, "reason": reason}


# ── what somebody with the disk and the passphrase can do: the second implementation of sealing.js, for the tests ──


def keys_of(person: dict[str, Any], records: list[dict[str, Any]], phrase: str) -> list[bytes]:
    """The secret keys behind a person's slot: her own, and the one she signs with."""
    uk = opened_slot(person, phrase)
    author = next(value for kind, _, value in opened_records(person, records, uk) if kind == "author")
    pkcs8 = base64.b64decode(author["privateKey"])
    private = load_der_private_key(pkcs8, None).private_numbers().private_value.to_bytes(32, "big")
    return [uk, private, pkcs8]


def place_of(person: dict[str, Any], records: list[dict[str, Any]], phrase: str, kind: str) -> str:
    """The id of a person's record of one kind."""
    found = opened_records(person, records, opened_slot(person, phrase))
    return next(id_ for each, id_, _ in found if each == kind)


def opened_slot(person: dict[str, Any], phrase: str) -> bytes:
    slot = next(one for one in person["slots"] if one["type"] == "pass")
    salt = bytes(slot["salt"])
    secret = hashlib.pbkdf2_hmac("sha256", phrase.replace("-", "").encode(), salt, slot["rounds"])
    vault = person["vault"]
    key = derived(secret, salt, f"screening slot 1\n{vault}\n{slot['id']}\npass")
    bound = framed("screening slot 1", slot["id"], "pass", vault, str(slot["rounds"]), "")
    return AESGCM(key).decrypt(bytes(slot["nonce"]), bytes(slot["sealed"]), bound)[:32]


def opened_records(
    person: dict[str, Any], records: list[dict[str, Any]], uk: bytes
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(kind, id, value) of every record on a person's list."""
    rows = {one["id"]: one for one in records if one["vault"] == person["vault"]}
    index = opened_record(rows[person["index"]], "index", uk)
    for id_, entry in index["rows"].items():
        yield entry["kind"], id_, opened_record(rows[id_], entry["kind"], uk)


def opened_record(row: dict[str, Any], kind: str, uk: bytes) -> Any:
    data = bytes(row["bytes"])
    key = derived(uk, row["vault"].encode(), f"screening record 1\n{row['id']}")
    bound = framed("screening record 1", kind, row["id"], row["vault"], str(row["rev"]))
    plain = AESGCM(key).decrypt(data[4:16], data[16:], bound)
    return json.loads(plain[4 : 4 + int.from_bytes(plain[:4], "big")])["value"]


def derived(secret: bytes, salt: bytes, info: str) -> bytes:
    return HKDF(SHA256(), 32, salt, info.encode()).derive(secret)


def framed(*parts: str) -> bytes:
    return b"".join(len(part.encode()).to_bytes(2, "big") + part.encode() for part in parts)
