"""Several people on one tablet: no trace of each other, and whoever opens it sends what the others left."""

from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.tablet import SLOW, Tablet, act, screen
from tests.browser.vaults import ROWS
from tests.browser.visit import begin, open_family

NAMES = """async () => (await (await import("/static/visitor/vault.js")).caseload()).families
  .flatMap(({ children, parents }) => [...children, ...parents]).map(({ name }) => name)"""
# What has come of everything that was left here, once the server has read it in; nobody presses anything.
READ_IN = """async () => {
  const { queue } = await import("/static/visitor/vault.js");
  const states = async () => (await queue()).map(({ state }) => state);
  const onItsWay = (one) => ["waiting", "received"].includes(one);
  for (let rounds = 0; rounds < 30 && (await states()).some(onItsWay); rounds += 1) {
    await new Promise((again) => document.addEventListener("sync", again, { once: true }));
  }
  return states();
}"""
WHOLE = """() => document.documentElement.outerHTML
  + [...document.querySelectorAll("input,textarea")].map(({ value }) => value)"""
# Nobody was at home.
TRIED = """async (family) => {
  const now = new Date().toISOString();
  const visit = { note: crypto.randomUUID(), family, kind: "not_home", visit: "2m", noted_at: now, release: "" };
  await (await import("/static/visitor/vault.js")).note({ schema: 1, ...visit, data: { tried_at: now } });
}"""
MOVED = {"state", "reason", "refused", "openedAt"}  # what a receipt may change


def lying(page: Page, vault: str) -> dict[str, Any]:
    """What one person's vault has on the disk, and everything in the outbox."""
    records = [one for one in page.evaluate(ROWS, "records") if one["vault"] == vault]
    outbox = [{name: one[name] for name in one.keys() - MOVED} for one in page.evaluate(ROWS, "outbox")]
    return {"records": records, "outbox": outbox, "envelopes": page.evaluate(ROWS, "envelopes")}


def enrolled(tablet: Tablet, username: str) -> tuple[str, set[str]]:
    """Her passphrase, and the names on her list; the tablet is locked again."""
    phrase = tablet.enrol(username)
    expect(tablet.page.locator("[data-family]").first).to_be_visible(timeout=SLOW)
    names = set(tablet.page.evaluate(NAMES))
    lock(tablet.page)
    return phrase, names


def work_that_waits(page: Page) -> None:
    """A note to be sent and a draft, with the outbox out of reach."""
    page.context.route("**/visit/outbox", lambda route: route.abort())
    family = open_family(page)
    begin(page)
    page.locator("fieldset[data-link-id='s1'] input").first.check(force=True)
    expect(page.locator("[data-saved='yes']")).to_be_attached()
    act(page, "family")
    screen(page, "family")
    page.evaluate(TRIED, family)
    act(page, "back")
    screen(page, "today")


def lock(page: Page) -> None:
    act(page, "lock")
    expect(page.locator("[name=passphrase]")).to_be_visible(timeout=SLOW)


def unlocked_as(tablet: Tablet, initials: str, passphrase: str) -> None:
    """Choose who she is by her initials, and open."""
    tablet.page.get_by_label(initials, exact=True).check(force=True)
    tablet.unlock(passphrase)


def unknown(page: Page, names: set[str]) -> None:
    """None of these names is in the page, wherever one could be."""
    text = page.evaluate(WHOLE)
    assert "Besøg" in text
    assert [name for name in names if name in text] == []


def test_who_opens_a_shared_tablet_sees_nothing_of_the_other_and_sends_what_she_left(open_tablet, demo):
    """AT-68; security.md 1, row 10"""
    tablet = open_tablet(demo, "shared", service_workers="block")
    page = tablet.page
    toves, own = enrolled(tablet, "tove")
    tablet.context.clear_cookies()
    annes, hers = enrolled(tablet, "anne")
    hers -= own
    assert len(hers) > 10
    tove, anne = sorted(page.evaluate(ROWS, "people"), key=lambda one: one["initials"] == "AM")
    unlocked_as(tablet, anne["initials"], annes)
    work_that_waits(page)
    lock(page)
    unknown(page, hers | own)
    before = lying(page, anne["vault"])
    assert (len(before["outbox"]), len(before["envelopes"])) == (1, 1)

    unlocked_as(tablet, tove["initials"], toves)
    expect(page.locator("[data-family]").first).to_be_visible()
    expect(page.locator("[data-encounter]")).to_have_count(0)
    unknown(page, hers)
    act(page, "waiting")
    screen(page, "waiting")
    expect(page.locator("[data-slot=others]")).to_contain_text("1 besøg fra en kollega eller en tidligere dag")
    expect(page.locator("[data-sync-state]")).to_have_count(0)
    unknown(page, hers)
    lock(page)
    assert sorted(page.locator(".person").all_inner_texts()) == sorted(
        one["initials"] for one in page.evaluate(ROWS, "people")
    )
    expect(page.locator("[data-outbox] [data-slot=count]")).to_have_text("1 besøg eller besked venter på net")
    unknown(page, hers)
    assert lying(page, anne["vault"]) == before

    tablet.context.unroute("**/visit/outbox")
    unlocked_as(tablet, tove["initials"], toves)
    assert page.evaluate(READ_IN) == ["opened"]
    unknown(page, hers)
    assert lying(page, anne["vault"]) == before

    lock(page)
    unlocked_as(tablet, anne["initials"], annes)
    expect(page.locator("[data-encounter]")).to_have_count(1)
    act(page, "waiting")
    expect(page.locator("[data-sync-state='opened']")).to_have_count(1)
