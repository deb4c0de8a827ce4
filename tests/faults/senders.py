"""What is traced: a tablet that sends one visit at a time, and a tablet and a plain page that keep answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.conftest import launch
from tests.browser.demo import Demo
from tests.browser.tablet import Tablet
from tests.browser.visit import begin, open_family
from tests.caller import Caller

SLOW = 60_000  # a traced browser is several times slower
# A page that keeps answers one after the other in transactions without a flush each.
RELAXED = """(count) => new Promise((done, failed) => {
  const asked = indexedDB.open("relaxed", 1)
  asked.onupgradeneeded = () => asked.result.createObjectStore("rows")
  asked.onerror = failed
  asked.onsuccess = async () => {
    for (let number = 0; number < count; number += 1) {
      const writing = asked.result.transaction("rows", "readwrite", { durability: "relaxed" })
      writing.objectStore("rows").put({ number }, number)
      await new Promise((kept) => { writing.oncomplete = kept })
    }
    done()
  }
})"""


def send_to_traced_demo(command: list[str], folder: Path, count: int) -> set[str]:
    """Start a demo by this command (its options are added), send visits one at a time; gives those with a receipt."""
    demo = Demo(folder, "--families", "4")
    demo.command = command
    demo.start()
    try:
        caller = Caller(demo)
        tablet = caller.enrol("anne")
        sealed = (tablet.sealed({"encounter": str(uuid4())}, datetime.now(UTC)) for _ in range(count))
        outcomes = [one for visit in sealed for one in caller.send(tablet, [visit])]
        return {one["id"] for one in outcomes if one["result"] == "received"}
    finally:
        demo.stop()


def keep_answers_on_a_tablet(chromium: str, folder: Path, count: int, trace: Path) -> tuple[int, int]:
    """Answer questions one after the other; gives the trace's length (lines) before and after."""
    with traced(chromium, folder) as tablet:
        page = tablet.page
        tablet.enrol("anne")
        open_family(page)
        begin(page)
        before = length(trace)
        for number in range(count):
            answer(page, number)
        return before, length(trace)


def keep_answers_relaxed(chromium: str, folder: Path, count: int, trace: Path) -> tuple[int, int]:
    """The same with a planted fault: a page that asks for no flush."""
    with traced(chromium, folder) as tablet:
        tablet.open()
        before = length(trace)
        tablet.page.evaluate(RELAXED, count)
        return before, length(trace)


@contextmanager
def traced(chromium: str, folder: Path) -> Iterator[Tablet]:
    """A tablet in a browser started by this program, with a demo of its own."""
    demo = Demo(folder / "instance", "--families", "4").start()
    try:
        with sync_playwright() as playwright:
            tablet = launch(playwright, chromium, demo, folder / "profile")
            yield tablet
            tablet.close()
    finally:
        demo.stop()


def answer(page: Page, number: int) -> None:
    """Change one answer and wait until the screen says that it is kept."""
    choices = page.locator("fieldset[data-link-id]:visible").first.locator("input[type=radio]")
    choices.nth(number % 2).click(force=True)
    expect(choices.nth(number % 2)).to_be_checked()
    expect(page.locator("[data-saved='yes']").first).to_be_attached(timeout=SLOW)


def length(trace: Path) -> int:
    return len(trace.read_text(encoding="utf-8", errors="replace").splitlines())
