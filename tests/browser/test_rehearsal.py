"""A rehearsal in the real app: marked on every page but the cover, never sent, and gone at its end."""

from playwright.sync_api import Page, expect

from tests.browser.tablet import SLOW, act, screen
from tests.browser.visit import begin, open_family

MARK = """() => {
  const { content, display, color, backgroundColor } = getComputedStyle(document.body, "::before");
  return [content, display !== "none" && color !== backgroundColor];
}"""
NAMES = """async () => (await (await import("/static/visitor/vault.js")).caseload()).families
  .flatMap(({ children, parents }) => [...children, ...parents]).map(({ name }) => name)"""
DATABASES = "async () => (await indexedDB.databases()).map(({ name }) => name)"
SENT = """async (family) => {
  const vault = await import("/static/visitor/vault.js");
  const note = { schema: 1, note: crypto.randomUUID(), family, kind: "not_home", visit: "2m", release: "", data: {} };
  await vault.note({ ...note, noted_at: new Date().toISOString() });
  const { error } = await (await import("/static/visitor/sync.js")).sendNow();
  return [(await vault.queue()).length, (await vault.outbox()).length, error];
}"""


def marked(page: Page) -> None:
    assert page.evaluate(MARK) == ['"ØVELSE"', True]


def test_a_rehearsal_is_marked_on_every_page_sends_nothing_and_leaves_nothing(open_tablet, demo):
    tablet = open_tablet(demo, "rehearsal", service_workers="block")
    page, posted = tablet.page, []
    tablet.context.on("request", lambda request: posted.append(request.url) if request.method == "POST" else None)
    tablet.enrol("anne")
    expect(page.locator("[data-family]").first).to_be_visible(timeout=SLOW)
    real = set(page.evaluate(NAMES))
    assert len(real) > 10
    posted.clear()
    assert page.evaluate(MARK)[0] == "none"

    act(page, "practise")
    act(page, "rehearse")
    expect(page.locator("body[data-rehearsal]")).to_be_attached()
    screen(page, "today")
    marked(page)
    assert [name for name in real if name in page.locator("#screen").inner_text()] == []
    family = open_family(page, page.locator("[data-family]:has-text('Alma')").first.get_attribute("data-family"))
    marked(page)
    begin(page)
    expect(page.locator("[data-saved='yes']")).to_be_attached()
    marked(page)
    page.emulate_media(forced_colors="active")
    marked(page)
    page.emulate_media(forced_colors="none")
    act(page, "now")
    marked(page)
    page.locator("#now [data-action=back]").first.click()
    page.keyboard.press("Escape")
    expect(page.locator("body[data-covered]")).to_be_attached()
    assert page.evaluate(MARK)[0] == "none"
    act(page, "uncover")
    act(page, "family")
    screen(page, "family")
    act(page, "back")
    screen(page, "today")

    assert page.evaluate(SENT, family) == [0, 1, None]
    assert posted == []
    act(page, "waiting")
    expect(page.locator("[data-slot=summary]")).to_contain_text("Øvelse: intet bliver sendt")
    expect(page.locator("[data-note][data-sync-state=waiting]")).to_contain_text("Besked")
    expect(page.locator("[data-note]")).not_to_contain_text("venter på net")
    act(page, "lock")
    expect(page.locator("[name=passphrase]")).to_be_visible(timeout=SLOW)
    expect(page.locator("body[data-rehearsal]")).to_have_count(0)
    page.reload()
    tablet.unlock()
    assert page.evaluate(DATABASES) == ["visit"]
    assert set(page.evaluate(NAMES)) == real
    expect(page.locator("[data-encounter]")).to_have_count(0)


def test_what_a_rehearsal_left_behind_when_the_page_went_is_removed_at_the_next_start(open_tablet, demo):
    tablet = open_tablet(demo, "left", service_workers="block")
    page = tablet.page
    tablet.enrol("tove")
    page.evaluate(
        """() => new Promise((done) => {
          const request = indexedDB.open("visit-rehearsal");
          request.onsuccess = () => { request.result.close(); done(); };
        })"""
    )
    assert sorted(page.evaluate(DATABASES)) == ["visit", "visit-rehearsal"]
    page.reload()
    screen(page, "unlock")
    tablet.unlock()
    assert page.evaluate(DATABASES) == ["visit"]
