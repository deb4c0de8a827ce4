"""Visits on their way: what was sent stands there truthfully, what was only begun does not."""

from playwright.sync_api import expect

from tests.browser.tablet import SLOW, act, screen
from tests.browser.visit import begin, first_answer, open_family

# A visit sent before its end, a note, and a visit with its correction, all of one family.
POSTED = """async (family) => {
  const vault = await import("/static/visitor/vault.js");
  const now = new Date().toISOString();
  const [early, note, visit, fixed] = Array.from({ length: 4 }, () => crypto.randomUUID());
  const payload = (encounter, more) => ({
    schema: 1, encounter, family, visit: "2m", instrument: "1.0.0", replaces: null, finished_at: now, responses: [],
    ...more,
  });
  await vault.preliminary(payload(early));
  await vault.note({ schema: 1, note, family, kind: "planned", visit: "2m", noted_at: now, release: "", data: {} });
  await vault.finish(visit, payload(visit));
  await vault.finish(fixed, payload(fixed, { replaces: visit }));
  return { early, note, visit, fixed };
}"""


def test_what_was_sent_is_named_as_what_it_is_and_a_draft_is_not_among_it(open_tablet, demo):
    """AT-19"""
    tablet = open_tablet(demo, "waiting", service_workers="block")
    page = tablet.page
    tablet.enrol("anne")
    expect(page.locator("[data-family]").first).to_be_visible(timeout=SLOW)
    tablet.context.route("**/visit/outbox", lambda route: route.abort())
    family = open_family(page)
    begin(page)
    first_answer(page)
    sent = page.evaluate(POSTED, family)
    act(page, "family")
    act(page, "back")
    screen(page, "today")
    (draft,) = page.locator("[data-encounter]").evaluate_all("(rows) => rows.map(({ dataset }) => dataset.encounter)")
    act(page, "waiting")
    screen(page, "waiting")
    line = page.locator(".way")
    expect(line).to_have_count(4)
    expect(page.locator("[data-sync-state=waiting]")).to_have_count(4)
    expect(page.locator(f"[data-encounter='{draft}']")).to_have_count(0)
    for mark, said in {
        f"[data-encounter='{sent['early']}']": "Sendt til lederen, før besøget er afsluttet",
        f"[data-note='{sent['note']}']": "Besked",
        f"[data-encounter='{sent['fixed']}']": "Rettelse",
        f"[data-encounter='{sent['visit']}']": "Rettet senere",
    }.items():
        expect(page.locator(mark)).to_contain_text(said)
        expect(page.locator(mark)).to_contain_text("venter på net")
    expect(page.locator("[data-slot=others]")).to_be_hidden()
    act(page, "lock")
    expect(page.locator("[data-outbox] [data-slot=count]")).to_have_text("4 besøg og beskeder venter på net")
