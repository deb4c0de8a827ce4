"""What is traced: a tablet that sends one visit at a time, and a tablet and a plain page that keep answers."""

import os
import signal
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.conftest import FLAGS, keeps_storage
from tests.browser.demo import Demo
from tests.browser.tablet import Tablet
from tests.browser.visit import begin, open_family
from tests.caller import Caller

SETTLE_SECONDS = 2.0


def send_to_traced_demo(command: list[str], folder: Path, count: int) -> int:
    """Start a demo by this command (its options are added), send visits one at a time; gives the receipts had."""
    demo = Demo(folder, "--families", "4")
    demo.command = command
    demo.start()
    try:
        caller = Caller(demo)
        tablet = caller.enrol("anne")
        return sum(len(caller.send(tablet, [tablet.sealed(nothing(), datetime.now(UTC))])) for _ in range(count))
    finally:
        demo.stop()


def nothing() -> dict[str, str]:
    """A visit that is received and later set aside: it holds nothing."""
    return {"encounter": str(uuid4())}


def keep_answers_on_a_tablet(chromium: str, folder: Path, count: int, trace: Path) -> tuple[int, int]:
    """Answer questions one after the other; gives the trace's length before and after."""
    demo = Demo(folder / "instance", "--families", "4").start()
    try:
        with opened(chromium, folder, demo) as page:
            tablet = Tablet(page.context, demo, folder / "profile")
            tablet.enrol("anne")
            open_family(page)
            begin(page)
            answer = answerer(page)
            answer(0)
            before = length(trace)
            for number in range(1, count + 1):
                answer(number)
            return before, length(trace)
    finally:
        demo.stop()


def answerer(page: Page):
    """A function that changes one answer and waits until the screen says it is kept."""
    choices = page.locator("fieldset[data-link-id]:visible input[type=radio]")
    expect(choices.nth(1)).to_be_attached()

    def answer(number: int) -> None:
        saved = page.locator("[data-saved]").first
        ...

    return answer
