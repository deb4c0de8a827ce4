"""What was typed is nowhere to be read: not on the tablet's disk, not in the server's files, logs or caches.

Every search has a planted control beside it: where the control is not found, the search is not believed.
T24, T25, T26
"""

import base64
import json
import re
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from playwright.sync_api import Page, expect

from screening import instrument
from screening.schema import HISTORY
from screening.store import key_place, open_store
from screening.store.keys import FileKeys
from tests.browser.conftest import launch
from tests.browser.demo import Demo
from tests.browser.search import found
from tests.browser.tablet import Tablet, sign_in
from tests.browser.vaults import ROWS, keys_of
from tests.browser.visit import JOINT, SETTING, Tapping, begin, finish, open_family
from tests.faults import form_state

TEMPLATES = Path(__file__).parents[2] / "templates"
TYPED = "Zebraen drikker rødgrød ved kajen"
SEARCHED = "Pindsvinet søger paraplyen"
REASON = "Giraffen læser avisen baglæns"
NOTE = "Krabben maler et blåt rækværk"
ACTION = "Musen øver sig på trompet"

PLANTED = "Ulven pudser sin violin"
PLANTED_TYPED = "Ræven strikker en grøn hue"
PLANTED_KEY = bytes(range(7, 231, 7))
# What a page without our care would do: keep a text, and a key, in a database of the browser's.
KEEP = """async ([text, key]) => {
  const made = await crypto.subtle.importKey("raw", new Uint8Array(key), "AES-GCM", false, ["encrypt"])
  await new Promise((done, failed) => {
    const asked = indexedDB.open("planted", 1)
    asked.onupgradeneeded = () => asked.result.createObjectStore("rows")
    asked.onerror = failed
    asked.onsuccess = () => {
      const writing = asked.result.transaction("rows", "readwrite", { durability: "strict" })
      writing.objectStore("rows").put({ text, made }, 1)
      writing.oncomplete = () => { asked.result.close(); done() }
    }
  })
}"""
PLANTED_CHOICE = "planted-choice"
# What a person signs in with may stand there: a browser is to fill it in.
SIGNS_IN = {"username", "code"}
# Chromium writes what stands in its tabs after some twenty seconds.
SESSION_SECONDS = 90


@dataclass
class Played:
    """A run that is over: where its files are, and what must not be in them."""

    demo: Demo
    tablet: Path
    desk: Path
    passphrase: str
    tablet_keys: list[bytes]


@pytest.fixture(scope="module")
def played(tmp_path_factory, playwright, chromium_path) -> Played:
    """A whole run, from signing in to the decision, in which every field that takes free text is typed into."""
    folder = tmp_path_factory.mktemp("played")
    demo = Demo(folder / "server" / "instance", "--families", "24")
    (folder / "server").mkdir()
    demo.start()
    tablet = launch(playwright, chromium_path, demo, folder / "tablet")
    desk = launch(playwright, chromium_path, demo, folder / "desk", 1440, 900)
    try:
        family = on_the_tablet(tablet)
        on_the_desk(desk, family)
        rows = [tablet.page.evaluate(ROWS, store) for store in ("people", "records")]
        keys = keys_of(rows[0][0], rows[1], tablet.passphrase)
    finally:
        tablet.close()
        desk.close()
        demo.stop()
    return Played(demo, folder / "tablet", folder / "desk", tablet.passphrase, keys)


def on_the_tablet(tablet: Tablet) -> str:
    """Enrol, search, and make a visit with text in it; gives its family."""
    page = tablet.page
    tablet.enrol("anne")
    page.evaluate(KEEP, [PLANTED, list(PLANTED_KEY)])
    page.locator("[name=search]").fill(SEARCHED)
    session_is_written(tablet)
    page.locator("[name=search]").fill("")
    family = open_family(page)
    begin(page)
    tapping = Tapping(page, SETTING | JOINT, TYPED)
    while page.locator("textarea").count() == 0:
        tapping.step()
    page.locator("textarea").fill(TYPED)
    session_is_written(tablet)
    tapping.until("finish")
    assert TYPED in tapping.tapped.values()
    finish(page)
    expect(page.locator("[data-sync-state='opened']").first).to_be_attached(timeout=75_000)
    return family


def on_the_desk(desk: Tablet, family: str) -> None:
    """The lead reads the visit, and writes in every field of the decision."""
    page, demo = desk.page, desk.demo
    sign_in(page, demo, demo.somebody("lead"))
    page.goto(f"{demo.url}/lead/families/{family}")
    page.locator("[name=decision][value=change]").check(force=True)
    page.select_option("[name=level]", "1")
    page.locator("[name=reason]").fill(REASON)
    page.locator("[name=note]").fill(NOTE)
    page.locator("#own-action").fill(ACTION)
    session_is_written(desk)
    page.locator(".plan-row.own [name=due]").fill(tomorrow(page))
    page.locator("form:has([name=decision]) button[type=submit]").click()
    expect(page.get_by_text(REASON).first).to_be_visible()
    page.goto(f"{demo.url}/lead/families")
    name = page.locator("[data-family] th").first.inner_text()
    page.locator("[name=q]").fill(name)
    page.locator("[name=q]").press("Enter")
    expect(page.locator("[data-family]")).to_have_count(1)
    page.goto(f"{demo.url}/lead/")


def tomorrow(page: Page) -> str:
    return page.evaluate("() => new Date(Date.now() + 864e5).toISOString().slice(0, 10)")


def session_is_written(tablet: Tablet) -> None:
    """Wait until the browser has written down what stands in its tabs: a field that allows it is found there."""
    planted = tablet.context.new_page()
    text = f"{PLANTED_TYPED} {time.monotonic_ns()}"
    planted.goto(f"data:text/html,<title>planted</title><textarea></textarea><input type=radio name={PLANTED_CHOICE}>")
    planted.locator("textarea").fill(text)
    planted.locator("input").check()
    late = time.monotonic() + SESSION_SECONDS
    while not found([tablet.profile / "Default" / "Sessions"], [text]):
        assert time.monotonic() < late, "the browser wrote no session: the search could not be believed"
        planted.wait_for_timeout(1000)
    planted.close()


def names(demo: Demo) -> list[str]:
    """Every name and address in the demo, which server and tablet know under seal."""
    store = open_store(demo.folder / "screening.db", FileKeys(demo.folder / "keys"), HISTORY)
    rows = store.rows("SELECT id, sealed_for, details_sealed FROM families")
    details = [store.opened("families", row, "details_sealed") for row in rows]
    store.close()
    people = {one["name"] for family in details for one in (*family["children"], *family["parents"])}
    return sorted(people | {family["address"] for family in details})


def server_keys(demo: Demo) -> list[bytes]:
    """Every data key as it opens rows, and every key of the provider's, as bytes."""
    provider = FileKeys(demo.folder / "keys")
    store = open_store(demo.folder / "screening.db", provider, HISTORY)
    rows = store.rows("SELECT id, kek, wrapped FROM data_keys")
    store.close()
    keys = [provider.unwrap(row["kek"], row["wrapped"], key_place(row["id"])) for row in rows]
    keys += list(provider._keks.values())
    for path in (demo.folder / "keys").glob("*.pem"):
        private = load_pem_private_key(path.read_bytes(), None)
        raw = getattr(private, "private_bytes_raw", None)
        keys.append(raw() if raw else private.private_numbers().private_value.to_bytes(32, "big"))
    return keys


def secrets_of_people(demo: Demo) -> list[str | bytes]:
    """What people sign in with; in the demo it stands in demo.json and nowhere else."""
    people = json.loads((demo.folder / "demo.json").read_text(encoding="utf-8"))
    texts = [one[name] for one in people for name in ("password", "totp_secret")]
    return [*texts, *(base64.b32decode(one["totp_secret"]) for one in people)]


def test_nothing_typed_can_be_read_on_the_tablets_disk(played):
    assert found([played.tablet], [PLANTED])
    assert found([played.tablet], [PLANTED_TYPED])
    assert found([played.tablet], [TYPED, SEARCHED, played.passphrase, played.passphrase.replace("-", "")]) == []


def test_no_choice_that_was_made_can_be_read_on_a_disk(played):
    """What stood in forms, as the browser itself writes it down: no radio, no tick, no list, no field of ours."""
    for profile in (played.tablet, played.desk):
        kept = {name for name, *_ in form_state.kept(profile)}
        assert PLANTED_CHOICE in kept, "a choice on a page without protection was not seen"
        known = {name for name in kept if name in control_names()}
        assert known - SIGNS_IN == set()


def control_names() -> set[str]:
    """Every name of a form's control in the pages' templates, and every question."""
    said = " ".join(path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html"))
    return set(instrument.load().by_id) | set(re.findall(r'name="([\w-]+)"', said))


def test_no_name_or_address_can_be_read_on_the_tablets_disk(played):
    known = names(played.demo)
    assert len(known) > 50
    assert found([played.tablet], known) == []


def test_nothing_typed_and_no_name_can_be_read_in_the_servers_files_and_logs(played, tmp_path):
    words = [TYPED, SEARCHED, REASON, NOTE, ACTION, played.passphrase, *names(played.demo)]
    server = played.demo.folder.parent
    assert found([server], words) == []
    assert found([server], secrets_of_people(played.demo), leave_out=[played.demo.folder / "demo.json"]) == []
    assert found([server], ["Fjordby Kommune"]), "the search saw nothing at all"


def test_nothing_the_lead_read_or_typed_can_be_read_on_her_disk(played):
    assert found([played.desk], [PLANTED_TYPED])
    assert found([played.desk], [TYPED, REASON, NOTE, ACTION, *names(played.demo)]) == []


def test_no_key_can_be_read_anywhere_but_in_the_key_providers_own_files(played):
    keys, provider = server_keys(played.demo), played.demo.folder / "keys"
    assert len(keys) > 100
    assert found([provider], keys), "the provider's own keys were not recognised"
    assert found([played.demo.folder.parent, played.tablet, played.desk], keys, leave_out=[provider]) == []
    assert found([played.tablet], [PLANTED_KEY]), "a key kept by the browser was not recognised"
    assert found([played.demo.folder.parent, played.tablet, played.desk], played.tablet_keys) == []


@pytest.mark.parametrize("code", ["utf-8", "utf-16-le", "utf-16-be", "latin-1", "base64", "hex", "json"])
def test_the_search_finds_a_phrase_in_every_form(tmp_path, code):
    plain = TYPED.encode("utf-8")
    forms = {
        "base64": base64.b64encode(b"x" + plain + b"yz"),
        "hex": plain.hex().encode(),
        "json": json.dumps(TYPED).encode(),
    }
    (tmp_path / "file").write_bytes(b"before " + (forms.get(code) or TYPED.encode(code)) + b" after")
    assert found([tmp_path], [TYPED])
