"""When the tablet's storage refuses, the net lies, fingers stutter, a second tab opens or the clock is wrong."""

import sqlite3
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.tablet import SLOW, Tablet, act, screen
from tests.browser.visit import JOINT, SETTING, Tapping, begin, finish, open_family

LOGIN_PAGE = "<!doctype html><title>Wi-Fi</title><h1>Welcome! Please sign in to use this network.</h1>"
UNSIGNED = '{"epoch": "%s", "safe_seq": 0, "results": [], "signature": ""}' % ("0" * 32)
NOT_KEPT = "Ikke gemt"


@pytest.fixture
def tablet(open_tablet, demo):
    opened = open_tablet(demo)
    opened.enrol("anne")
    return opened


def ready_to_finish(page: Page) -> Tapping:
    """A visit with every question answered, one tap from being finished."""
    open_family(page)
    begin(page)
    tapping = Tapping(page, SETTING | JOINT)
    tapping.until("finish")
    return tapping


def quota(page: Page, url: str, size: int | None) -> None:
    """Let the tablet's storage take so many bytes, or as many as it likes."""
    given = {} if size is None else {"quotaSize": size}
    page.context.new_cdp_session(page).send("Storage.overrideQuotaForOrigin", {"origin": url} | given)


def test_an_answer_that_could_not_be_kept_says_so_and_stays_on_the_screen(tablet, demo):
    page = tablet.page
    open_family(page)
    begin(page)
    quota(page, demo.url, 1)
    choice = page.locator("fieldset[data-link-id]:visible input").first
    choice.check(force=True)
    expect(page.locator("[data-saved='no']")).to_be_attached(timeout=SLOW)
    expect(page.get_by_text(NOT_KEPT).first).to_be_visible()
    expect(choice).to_be_checked()
    quota(page, demo.url, None)
    page.get_by_role("button", name="Prøv igen").click()
    expect(page.locator("[data-saved='yes']")).to_be_attached(timeout=SLOW)
    expect(page.get_by_text(NOT_KEPT)).to_have_count(0)
    expect(choice).to_be_checked()


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [(200, "text/html", LOGIN_PAGE), (200, "application/json", UNSIGNED), (200, "application/json", '{"epoch": "')],
    ids=["a login page", "a receipt nobody signed", "an answer cut off"],
)
def test_what_is_no_signed_receipt_leaves_the_visit_in_the_outbox(tablet, demo, status, kind, body):
    page, asked = tablet.page, []
    ready_to_finish(page)

    def lie(route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=status, content_type=kind, body=body)

    page.context.route("**/visit/outbox", lie)
    page.context.route("**/visit/status", lie)
    finish(page)
    act(page, "send-now")
    expect.poll(lambda: len(asked)) if False else None
    expect(page.locator("[data-sync-state='waiting']").first).to_be_attached()
    assert asked
    page.context.unroute("**/visit/outbox")
    page.context.unroute("**/visit/status")
    act(page, "send-now")
    expect(page.locator("[data-sync-state='opened']").first).to_be_attached(timeout=75_000)


def test_ten_taps_on_finish_make_one_visit(tablet, demo):
    page = tablet.page
    before = kept_visits(demo)
    ready_to_finish(page)
    page.locator("[data-action='finish']:visible").first.evaluate(
        "button => { for (let tap = 0; tap < 10; tap += 1) button.click() }"
    )
    screen(page, "waiting")
    expect(page.locator("[data-sync-state='opened']").first).to_be_attached(timeout=75_000)
    expect(page.locator("[data-encounter]")).to_have_count(1)
    assert kept_visits(demo) == before + 1


def test_a_second_tab_says_so_and_takes_over_when_the_first_is_closed(tablet):
    second = tablet.context.new_page()
    second.goto(tablet.demo.url + "/visit")
    expect(second.get_by_role("heading", name="Besøg er åbent et andet sted")).to_be_visible(timeout=SLOW)
    expect(second.locator("[name=passphrase]")).to_have_count(0)
    tablet.page.close()
    screen(second, "unlock")


def test_a_wrong_clock_is_told_once_and_both_times_are_kept(open_tablet, demo):
    tablet = open_tablet(demo)
    page = tablet.page
    page.clock.install(time=datetime.now() + timedelta(hours=3))
    tablet.enrol("anne")
    expect(page.get_by_text("ur", exact=False).first).to_be_attached()
    ready_to_finish(page)
    finish(page)
    expect(page.locator("[data-sync-state='opened']").first).to_be_attached(timeout=75_000)


def kept_visits(demo) -> int:
    with sqlite3.connect(f"file:{demo.folder / 'screening.db'}?mode=ro", uri=True) as database:
        return database.execute("SELECT COUNT(*) FROM encounters").fetchone()[0]


def times(demo, encounter: str) -> tuple[str, str]:
    with sqlite3.connect(f"file:{demo.folder / 'screening.db'}?mode=ro", uri=True) as database:
        row = database.execute("SELECT claimed_at, received_at FROM envelopes WHERE id = ?", (encounter,))
        return row.fetchone()


__all__ = ["Tablet"]
