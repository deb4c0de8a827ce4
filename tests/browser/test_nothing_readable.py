"""What was typed is nowhere to be read: not on the tablet's disk, not in the server's files, logs or caches.

Each search comes with a planted control that it must find, so that a search which sees nothing is not believed.
"""

import sqlite3
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from screening.store import open_store
from screening.store.keys import FileKeys
from tests.browser.demo import Demo
from tests.browser.search import found
from tests.browser.tablet import Tablet, act, screen, sign_in
from tests.browser.visit import JOINT, SETTING, Tapping, begin, finish, open_family

TYPED = "Zebraen drikker rødgrød ved kajen"
SEARCHED = "Pindsvinet søger paraplyen"
REASON = "Giraffen læser avisen baglæns"
NOTE = "Krabben maler et blåt rækværk"
PLANTED = "Ulven pudser sin violin"
PLANTED_TYPED = "Ræven strikker en grøn hue"
KEEP = """([name, text]) => new Promise((done, failed) => {
  const asked = indexedDB.open(name, 1)
  asked.onupgradeneeded = () => asked.result.createObjectStore("rows")
  asked.onerror = failed
  asked.onsuccess = () => {
    const writing = asked.result.transaction("rows", "readwrite", { durability: "strict" })
    writing.objectStore("rows").put(text, 1)
    writing.oncomplete = () => { asked.result.close(); done() }
  }
})"""
SESSION_SECONDS = 60


@pytest.fixture(scope="module")
def played(tmp_path_factory, playwright, chromium_path):
    """A whole run in which every field that takes free text was typed into; gives (demo, folder of profiles)."""
    from tests.browser.conftest import launch

    folder = tmp_path_factory.mktemp("played")
    demo = Demo(folder / "instance", "--families", "24").start()
    tablet = launch(playwright, chromium_path, demo, folder / "tablet")
    desk = launch(playwright, chromium_path, demo, folder / "desk", 1440, 900)
    family = on_the_tablet(tablet)
    on_the_desk(desk.page, demo, family)
    names = on_the_list(demo)
    tablet.close()
    desk.close()
    demo.stop()
    return demo, folder, names, tablet.passphrase


def on_the_tablet(tablet: Tablet) -> str:
    """Enrol, search, and make a visit with text in it; what is half typed stays so for as long as sessions need."""
    page = tablet.page
    tablet.enrol("anne")
    act(page, "search") if page.locator("[data-action='search']:visible").count() else None
    page.locator("input[type=search], [name=search]").first.fill(SEARCHED)
    page.locator("input[type=search], [name=search]").first.fill("")
    page.evaluate(KEEP, ["planted", PLANTED])
    family = open_family(page)
    begin(page)
    tapping = Tapping(page, SETTING | JOINT, TYPED)
    tapping.until("finish")
    assert TYPED in tapping.tapped.values()
    sessions_are_written(tablet)
    finish(page)
    expect(page.locator("[data-sync-state='opened']").first).to_be_attached(timeout=75_000)
    return family


def sessions_are_written(tablet: Tablet) -> None:
    """Wait until the browser has written down what stands in its tabs: a field that lets it is found there."""
    planted = tablet.context.new_page()
    planted.goto("data:text/html,<title>planted</title><textarea></textarea>")
    planted.locator("textarea").fill(PLANTED_TYPED)
    late = time.monotonic() + SESSION_SECONDS
    while not found([tablet.profile / "Default" / "Sessions"], [PLANTED_TYPED]):
        assert time.monotonic() < late, "the browser wrote no session: the search could not be believed"
        planted.wait_for_timeout(1000)
    planted.close()


def on_the_desk(page: Page, demo: Demo, family: str) -> None:
    """The lead reads the visit and decides with a reason."""
    sign_in(page, demo, demo.somebody("lead"))
    page.goto(f"{demo.url}/lead/families/{family}")
    for field in page.locator("form:has([name=decision]) textarea, form:has([name=decision]) input[type=text]").all():
        if field.is_visible():
            field.fill(REASON)
    page.locator("[name=decision][value=agree]").first.check(force=True)
    page.locator("form:has([name=decision]) button[type=submit]").last.click()
    page.goto(f"{demo.url}/lead/")


def on_the_list(demo: Demo) -> list[str]:
    """Every name and street of the demo's families: the server knows them sealed, the tablet too."""
    store = open_store(demo.folder / "screening.db", FileKeys(demo.folder / "keys"))
    try:
        rows = store.rows("SELECT id, sealed_for, details_sealed FROM families")
        details = [store.opened("families", row, "details_sealed") for row in rows]
    finally:
        store.close()
    people = [one["name"] for family in details for one in (*family["children"], *family["parents"])]
    return sorted({*people, *(family["address"] for family in details)})


def test_the_search_finds_what_is_planted(played):
    _, folder, _, _ = played
    assert found([folder / "tablet"], [PLANTED])


def test_nothing_typed_can_be_read_on_the_tablets_disk(played):
    _, folder, _, passphrase = played
    assert found([folder / "tablet"], [TYPED, SEARCHED, passphrase, passphrase.replace("-", "")]) == []


def test_no_name_or_address_can_be_read_on_the_tablets_disk(played):
    _, folder, names, _ = played
    assert len(names) > 50
    assert found([folder / "tablet"], names) == []


def test_nothing_typed_can_be_read_in_the_servers_files_and_logs(played):
    demo, folder, names, _ = played
    server = [demo.folder, folder / "log"]
    assert found(server, [TYPED, SEARCHED, REASON, NOTE, *names]) == []


def test_nothing_the_lead_read_or_typed_can_be_read_on_the_desks_disk(played):
    _, folder, names, _ = played
    assert found([folder / "desk"], [TYPED, REASON, *names]) == []


def test_no_key_lies_open_beside_the_key_providers_own_files(played):
    demo, folder, _, _ = played
    provider = demo.folder / "keys"
    secrets = keys_of(demo)
    assert len(secrets) > 20
    assert found([folder], secrets, leave_out=[provider, demo.folder / "demo.json"]) == []
    assert found([provider], secrets), "the provider's own files were not recognised"


def keys_of(demo: Demo) -> list[bytes]:
    """Every data key that opens a row, and every key of the provider's, as bytes."""
    ...


def plant(path: Path, text: str) -> None:
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE planted (text TEXT)")
        database.execute("INSERT INTO planted VALUES (?)", (text,))


def test_the_search_finds_a_word_planted_in_the_database(tmp_path):
    plant(tmp_path / "some.db", PLANTED)
    assert found([tmp_path], [PLANTED])


__all__ = ["screen"]
