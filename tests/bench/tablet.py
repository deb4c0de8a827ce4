"""The tablet in Chromium, its processor four times slower: first load, start without a server, taps and keeping."""

import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from playwright.sync_api import Page, sync_playwright

from tests import programs
from tests.bench.floor import Floor
from tests.bench.table import Table, p95
from tests.browser.conftest import FLAGS, launch
from tests.browser.counter import Counter
from tests.browser.demo import Demo
from tests.browser.lists import a_row, plant
from tests.browser.tablet import CODE, Tablet, act, screen
from tests.browser.visit import begin, open_family

SLOWER = 4
TAPS = 40
CHOICES = 8  # so many answers are touched in turn
STARTS = 5
# From a touch to the frame that shows the answer, and to the moment the page says that it is kept.
TAP = """async (input) => {
  const touched = performance.now()
  const kept = new Promise((done) => {
    const look = () => document.querySelector("[data-saved=yes]") ? done(performance.now()) : setTimeout(look, 1)
    setTimeout(look, 0)
  })
  input.click()
  const painted = await new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now()))))
  return [painted - touched, (await kept) - touched]
}"""

# From a letter to the frame that shows what was found.
SEARCH = """async (typed) => {
  const field = document.querySelector("[name=search]")
  field.focus()
  field.value = typed
  const begun = performance.now()
  field.dispatchEvent(new Event("input", { bubbles: true }))
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)))
  return performance.now() - begun
}"""
FOUND_AMONG = 2000
NAME = "søren lindskov"
# From the gesture to the frame in which nothing but the cover can be seen, and back to the question.
COVER = """async () => {
  const touched = performance.now()
  document.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }))
  if (document.querySelector("#screen").firstChild || document.querySelector("#cover").hidden) return Infinity
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)))
  return performance.now() - touched
}"""
# From the moment in which a lock is due, by a clock that is put on, until the page asks for what opens it.
DUE = """async ([later, lock]) => {
  const right = Date.now
  Date.now = () => right() + later
  const due = performance.now()
  while (document.body.dataset.locked !== lock || !document.querySelector("[name=pin],[name=passphrase]")) {
    await new Promise((done) => setTimeout(done, 5))
  }
  Date.now = right
  return performance.now() - due
}"""


def measure(table: Table) -> None:
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        demo = Demo(Path(scratch) / "instance", "--families", "600").start()
        floor, bare = Floor(), launch(playwright, programs.chromium(), demo, Path(scratch) / "floor")
        try:
            first_load(table, playwright, demo)
            tablet = launch(playwright, programs.chromium(), demo, Path(scratch) / "profile")
            tablet.enrol("anne")
            tablet.shell_is_kept()
            unlocking(table, tablet)
            searching(table, tablet)
            bare.page.goto(floor.url)
            bare.page.evaluate("async () => { await navigator.serviceWorker.ready }")
            taps(table, tablet.page, bare.page)
            leaving(table, tablet)
        finally:
            tablet.close()
            bare.close()
            demo.stop()
            floor.shutdown()
        starts(table, playwright, demo, Path(scratch), floor.url)


def slowed(page: Page) -> None:
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})


def first_load(table: Table, playwright, demo: Demo) -> None:
    """What a browser that was never here fetches until the service worker is in charge."""
    counter = Counter(demo)
    browser = playwright.chromium.launch(executable_path=programs.chromium(), args=FLAGS)
    page = browser.new_page()
    page.goto(counter.url + "/visit")
    page.evaluate("async () => { await navigator.serviceWorker.ready }")
    browser.close()
    counter.shutdown()
    table.at_most("first load, compressed", sum(counter.seen.values()) / 1000, 150, "kB")
    table.at_most("first load, requests", len(counter.seen), 40, "")


def unlocking(table: Table, tablet: Tablet) -> None:
    """Unlocking to the list of 150 families, at full speed; deriving the key is most of it."""
    page, times = tablet.page, []
    for _ in range(3):
        page.reload()
        screen(page, "unlock")
        page.fill("[name=passphrase]", tablet.passphrase)
        begun = perf_counter()
        act(page, "unlock")
        page.locator("[data-family]").first.wait_for(timeout=30_000)
        times.append(perf_counter() - begun)
    table.at_most("unlock to the list of 150 families, key derivation included", median(times), 3, "s")


def searching(table: Table, tablet: Tablet) -> None:
    """Letters typed one after the other into the search of today's list, until what they find is painted."""
    page = tablet.page
    plant(page, *(a_row(number) for number in range(1000, 1000 + FOUND_AMONG)))
    page.locator("summary", has_text="Mangler aftale").wait_for()
    slowed(page)
    times = [page.evaluate(SEARCH, NAME[: number % len(NAME) + 1]) for number in range(TAPS)]
    table.at_most(f"search among {FOUND_AMONG} families, p95", p95(times), 50, "ms")
    page.reload()
    tablet.unlock()
    page.locator("[data-family]").first.wait_for()


def taps(table: Table, page: Page, bare: Page) -> None:
    """Answers one after the other on a page of a visit, and on the floor's."""
    open_family(page)
    begin(page)
    painted, kept = tapped(page, "fieldset[data-link-id]:visible")
    floor_painted, floor_kept = tapped(bare, "fieldset:visible")
    table.at_most(f"tap to painted, p95 {painted:.0f} ms, to the floor", painted / floor_painted, 1.3, "x")
    table.at_most(f"tap to kept and read back, p95 {kept:.0f} ms, to the floor", kept / floor_kept, 2.5, "x")


def tapped(page: Page, fields: str) -> tuple[float, float]:
    """p95 in ms: from a touch until it is painted, and until the page says that it is kept."""
    slowed(page)
    inputs = page.locator(f"{fields} input[type=radio]")
    count = min(inputs.count(), CHOICES)
    times = [inputs.nth(number % count).evaluate(TAP) for number in range(TAPS)]
    painted, kept = zip(*times, strict=True)
    return p95(painted), p95(kept)


def leaving(table: Table, tablet: Tablet) -> None:
    """The cover after the gesture, and both locks when they are due, from a question of a visit."""
    page, covers = tablet.page, []
    for _ in range(TAPS):
        covers.append(page.evaluate(COVER))
        act(page, "uncover")
        page.locator("fieldset[data-link-id]").first.wait_for()
    table.at_most("cover after the gesture, p95", p95(covers), 100, "ms")
    table.at_most("re-lock after five quiet minutes are over", page.evaluate(DUE, [300_000, "re"]) / 1000, 1.5, "s")
    page.fill("[name=pin]", CODE)
    act(page, "unlock")
    page.locator("fieldset[data-link-id]").first.wait_for()
    table.at_most("full lock after four hours are over", page.evaluate(DUE, [4 * 3_600_000, "full"]) / 1000, 1.5, "s")


def starts(table: Table, playwright, demo: Demo, profiles: Path, floor: str) -> None:
    """From a restarted browser to an unlock screen that can be touched, with both servers gone."""
    own = starting(playwright, demo, profiles / "profile", demo.url + "/visit")
    bare = starting(playwright, demo, profiles / "floor", floor)
    table.at_most(f"start without a server, median {own:.2f} s, to the floor", own / bare, 1.5, "x")


def starting(playwright, demo: Demo, profile: Path, url: str) -> float:
    """The median, in seconds, until there is a field for the passphrase."""
    times = []
    for _ in range(STARTS):
        tablet = launch(playwright, programs.chromium(), demo, profile)
        slowed(tablet.page)
        tablet.page.goto(url, wait_until="commit")
        tablet.page.locator("[name=passphrase]").wait_for()
        times.append(tablet.page.evaluate("performance.now()") / 1000)
        tablet.close()
    return median(times)
