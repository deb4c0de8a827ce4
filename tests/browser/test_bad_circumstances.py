"""When the tablet's storage refuses, the net lies, fingers stutter, a second tab opens or the clock is wrong."""

import base64
import json
import sqlite3
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, Route, expect

from screening.store import envelope
from tests.browser.demo import Demo
from tests.browser.tablet import SLOW, act, screen
from tests.browser.visit import JOINT, SETTING, Tapping, begin, finish, open_family

LOGIN_PAGE = "<!doctype html><title>Wi-Fi</title><h1>Welcome! Please sign in to use this network.</h1>"
# The store keeps something in reserve, so a full tablet refuses only after some more answers.
ROOM, TAPS = 8 * 1024 * 1024, 20
# Takes what room there is left, in ever smaller pieces.
FILL = """(number) => new Promise((done) => {
  const asked = indexedDB.open(`filler ${number}`, 1)
  asked.onupgradeneeded = () => asked.result.createObjectStore("rows")
  asked.onerror = done
  asked.onsuccess = async () => {
    const kept = (size, key) => new Promise((told) => {
      const writing = asked.result.transaction("rows", "readwrite")
      writing.oncomplete = () => told(true)
      writing.onabort = () => told(false)
      writing.objectStore("rows").put(crypto.getRandomValues(new Uint8Array(size)), key)
    })
    let key = 0
    for (const size of [65536, 16384, 4096, 512]) while (key < 400 && (await kept(size, key))) key += 1
    asked.result.close()
    done()
  }
})"""
AHEAD = timedelta(hours=3)
WRONG_CLOCK = f"""{{
  const Right = Date
  const now = () => Right.now() + {AHEAD.total_seconds() * 1000}
  globalThis.Date = class extends Right {{
    constructor(...given) {{ given.length ? super(...given) : super(now()) }}
    static now() {{ return now() }}
  }}
}}
"""
ARRIVED = 75_000  # the tablet sends within a minute by itself


@pytest.fixture
def tablet(open_tablet, demo):
    opened = open_tablet(demo)
    opened.enrol(demo.rested("visitor"))
    return opened


def ready_to_finish(page: Page) -> Tapping:
    """A visit with every question answered, one tap from being finished."""
    open_family(page)
    begin(page)
    tapping = Tapping(page, SETTING | JOINT)
    tapping.until("finish")
    return tapping


def room(page: Page, demo: Demo, size: int | None) -> None:
    """Let the tablet's storage take so many bytes, or as many as it likes."""
    given = {} if size is None else {"quotaSize": size}
    page.context.new_cdp_session(page).send("Storage.overrideQuotaForOrigin", {"origin": demo.url} | given)


def database(demo: Demo, sql: str, *values: str) -> tuple:
    """One row of the server's database."""
    with sqlite3.connect(f"file:{demo.folder / 'screening.db'}?mode=ro", uri=True) as opened:
        return opened.execute(sql, values).fetchone()


def test_an_answer_that_could_not_be_kept_says_so_and_stays_on_the_screen(open_tablet, demo):
    tablet = open_tablet(demo)
    page = tablet.page
    tablet.open()
    room(page, demo, ROOM)
    tablet.enrol(demo.rested("visitor"))
    open_family(page)
    begin(page)
    choices = page.locator("fieldset[data-link-id]:visible").first.locator("input[type=radio]")
    told = page.locator("[data-unsaved]:visible")
    for number in range(TAPS):
        page.evaluate(FILL, number)
        chosen = choices.nth(number % 2)
        chosen.check(force=True)
        expect(told.or_(page.locator("[data-saved='yes']"))).to_be_attached(timeout=SLOW)
        if told.count():
            break
    expect(told).to_contain_text("Ikke gemt – svaret står her endnu")
    expect(page.locator("[data-saved='no']")).to_be_attached()
    expect(page.get_by_text("Gemt på tabletten")).to_have_count(0)
    expect(chosen).to_be_checked()
    room(page, demo, None)
    told.get_by_role("button", name="Prøv igen").click()
    expect(page.locator("[data-saved='yes']")).to_be_attached(timeout=SLOW)
    expect(told).to_have_count(0)
    expect(chosen).to_be_checked()


def forged(sent: str) -> str:
    """A receipt that names what was sent, with a signature that anybody could write."""
    envelopes = [envelope.parse(base64.b64decode(one)) for one in json.loads(sent).get("envelopes", [])]
    results = [{"id": one.id, "sha256": one.sha256, "result": "received"} for one in envelopes]
    signature = base64.b64encode(bytes(range(64))).decode()
    return json.dumps({"epoch": "0" * 32, "safe_seq": 0, "results": results, "states": [], "signature": signature})


@pytest.mark.parametrize(
    ("kind", "answered", "said"),
    [
        ("text/html", lambda sent: LOGIN_PAGE, "Nettet her svarer med noget andet end vores server."),
        ("application/json", forged, "Svaret kommer ikke fra den server, tabletten er gjort klar til."),
        ("application/json", lambda sent: forged(sent)[:-40], "Uden net siden"),
    ],
    ids=["a login page", "a receipt of a stranger's", "an answer cut off"],
)
def test_what_is_no_signed_receipt_leaves_the_visit_in_the_outbox(tablet, kind, answered, said):
    page, asked = tablet.page, []

    def lie(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=200, content_type=kind, body=answered(route.request.post_data))

    page.context.route("**/visit/outbox", lie)
    page.context.route("**/visit/status", lie)
    ready_to_finish(page)
    finish(page)
    expect(page.get_by_text(said)).to_be_visible(timeout=SLOW)
    assert asked
    expect(page.locator("[data-sync-state='waiting']")).to_be_attached()
    page.context.unroute("**/visit/outbox")
    page.context.unroute("**/visit/status")
    act(page, "send-now")
    expect(page.locator("[data-sync-state='opened']")).to_be_attached(timeout=ARRIVED)


def test_ten_taps_on_finish_make_one_visit(tablet, demo):
    page = tablet.page
    count = "SELECT COUNT(*) FROM envelopes"
    (before,) = database(demo, count)
    ready_to_finish(page)
    page.locator("[data-action='finish']:visible").evaluate(
        "button => { for (let tap = 0; tap < 10; tap += 1) button.click() }"
    )
    screen(page, "waiting")
    expect(page.locator("[data-sync-state='opened']")).to_be_attached(timeout=ARRIVED)
    expect(page.locator("[data-encounter]")).to_have_count(1)
    assert database(demo, count) == (before + 1,)


def test_a_second_tab_says_so_and_takes_over_when_the_first_is_closed(tablet):
    second = tablet.context.new_page()
    second.goto(tablet.demo.url + "/visit")
    expect(second.get_by_role("heading", name="Besøg er åbent et andet sted")).to_be_visible(timeout=SLOW)
    expect(second.locator("[name=passphrase]")).to_have_count(0)
    tablet.page.close()
    screen(second, "unlock")
    second.fill("[name=passphrase]", tablet.passphrase)
    act(second, "unlock")
    screen(second, "today")


def test_a_wrong_clock_is_told_once_and_both_times_are_kept(open_tablet, demo):
    tablet = open_tablet(demo)
    page = tablet.page
    page.add_init_script(WRONG_CLOCK)
    told = page.get_by_text("Tablettens ur viser")
    tablet.enrol(demo.rested("visitor"))
    expect(told).to_be_visible()
    act(page, "hush")
    ready_to_finish(page)
    finish(page)
    expect(page.locator("[data-sync-state='opened']")).to_be_attached(timeout=ARRIVED)
    expect(told).to_be_hidden()
    visit = page.locator("[data-encounter]").get_attribute("data-encounter")
    times = database(demo, "SELECT finished_at, received_at FROM encounters WHERE id = ?", visit)
    finished, received = map(datetime.fromisoformat, times)
    assert abs(finished - received - AHEAD) < timedelta(minutes=5)
