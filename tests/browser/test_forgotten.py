"""A forgotten passphrase: new keys on the same tablet, what was finished is sent, and nothing old is lost."""

import sqlite3

from playwright.sync_api import Page, expect

from tests.browser.demo import Demo
from tests.browser.tablet import CODE, SLOW, Tablet, act, screen, sign_in
from tests.browser.visit import JOINT, SETTING, Tapping, another_family, begin, finish, open_family

SENT = """async () => {
  const vault = await import("/static/visitor/vault.js");
  await (await import("/static/visitor/sync.js")).sendNow();
  const done = async () => (await vault.outbox()).every(({ state }) => ["opened", "safe"].includes(state));
  while (!(await done())) await new Promise((again) => setTimeout(again, 200));
  return (await vault.outbox()).map(({ id }) => id);
}"""


def a_finished_visit_and_a_draft(page: Page) -> None:
    """With the outbox out of reach: one visit that waits, and one that is begun."""
    page.context.route("**/visit/outbox", lambda route: route.abort())
    open_family(page)
    begin(page)
    Tapping(page, SETTING | JOINT).until("finish")
    finish(page)
    expect(page.locator("[data-sync-state='waiting']")).to_have_count(1)
    act(page, "back")
    screen(page, "today")
    another_family(page)
    begin(page)
    Tapping(page, SETTING | JOINT).step()


def new_keys(page: Page) -> str:
    """From the enrolment screen to today's list; gives the new passphrase."""
    screen(page, "enrol")
    expect(page.get_by_text("kan kun åbnes med den gamle adgangssætning")).to_be_visible()
    act(page, "enrol")
    phrase = page.locator("[data-passphrase]")
    expect(phrase).not_to_be_empty(timeout=SLOW)
    written = phrase.inner_text().strip()
    page.fill("[name=pin]", CODE)
    act(page, "continue")
    screen(page, "today")
    return written


def keys_known(demo: Demo, page: Page) -> int:
    """How many author's keys the server knows of this tablet."""
    tablet = page.evaluate("async () => (await (await import('/static/visitor/vault.js')).server()).tablet")
    with sqlite3.connect(f"file:{demo.folder / 'screening.db'}?mode=ro", uri=True) as database:
        return database.execute("SELECT COUNT(*) FROM authors WHERE tablet = ?", (tablet,)).fetchone()[0]


def encounters(demo: Demo, ids: list[str]) -> int:
    with sqlite3.connect(f"file:{demo.folder / 'screening.db'}?mode=ro", uri=True) as database:
        marks = ", ".join("?" for _ in ids)
        return database.execute(f"SELECT COUNT(*) FROM encounters WHERE id IN ({marks})", ids).fetchone()[0]  # noqa: S608 - only question marks are put in


def forget(tablet: Tablet) -> None:
    tablet.open()
    screen(tablet.page, "unlock")
    act(tablet.page, "forgotten")
    expect(tablet.page.get_by_text("Færdige besøg, der venter, bliver sendt alligevel")).to_be_visible()


def test_who_has_forgotten_her_passphrase_gets_a_new_one_and_what_waited_is_sent(open_tablet, demo):
    """AT-03, AT-42, AT-43, AT-48"""
    tablet = open_tablet(demo)
    page, old = tablet.page, tablet.enrol("anne")
    a_finished_visit_and_a_draft(page)

    forget(tablet)
    page.context.route("**/visit/who", lambda route: route.abort())
    act(page, "renew")
    expect(page.get_by_text("Der skal være net for at få en ny adgangssætning").first).to_be_visible()
    screen(page, "unlock")
    page.context.unroute("**/visit/who")

    page.context.clear_cookies()
    act(page, "renew")
    page.wait_for_url("**/account/sign-in")
    sign_in(page, demo, "anne")
    new = new_keys(page)
    assert new != old
    page.context.unroute("**/visit/outbox")
    sent = page.evaluate(SENT)
    expect(page.locator("[data-family]").first).to_be_attached(timeout=SLOW)
    expect(page.locator("[data-action=resume]")).to_have_count(0)
    assert len(sent) == encounters(demo, sent) == 1
    assert keys_known(demo, page) == 2

    tablet.open()
    tablet.unlock(new)
    tablet.open()
    tablet.unlock(old)
    expect(page.get_by_text("en af dine tidligere adgangssætninger").first).to_be_visible(timeout=SLOW)
    expect(page.locator("[data-action=resume]:visible").first).to_be_visible()
    assert tablet.complaints == []


def test_who_is_signed_in_already_comes_straight_to_new_keys_and_may_turn_back(open_tablet, demo):
    tablet = open_tablet(demo)
    page, old = tablet.page, tablet.enrol("anne")
    families = page.locator("[data-family]")
    expect(families.first).to_be_attached(timeout=SLOW)
    tablet.open()
    tablet.unlock()
    act(page, "lock")
    screen(page, "unlock")
    act(page, "forgotten")
    act(page, "renew")
    screen(page, "enrol")
    act(page, "back")
    tablet.unlock(old)
    act(page, "lock")
    screen(page, "unlock")
    act(page, "forgotten")
    act(page, "renew")
    new_keys(page)
    expect(families.first).to_be_attached(timeout=SLOW)
    assert tablet.complaints == []
