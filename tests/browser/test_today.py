"""Today's list for real caseloads: many drafts and families, what is left undone, and whether the tablet is ready."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.lists import a_row, a_visit, ask, days, finished, plant
from tests.browser.tablet import SLOW, act, screen
from tests.browser.test_screens import fits
from tests.browser.visit import SETTING, Tapping, begin

DRAFTS = 60
CASELOAD = 2000
WHERE = {"form": "A", "respondent": "joint", "authored_at": None, "answers": {"s1": {"value": "home"}}}
LATE = "Ikke afsluttet i over 24 timer"
EMPTIED = """async (part) => {
  const [name] = (await caches.keys()).filter((one) => one.startsWith("visit "));
  const cache = await caches.open(name);
  for (const request of await cache.keys()) if (request.url.endsWith(part)) await cache.delete(request);
}"""
STOPPED = """() => navigator.serviceWorker.controller.postMessage = () => {}"""
ORDER = """() => [...document.querySelectorAll('[data-sync-state=draft]')].map((row) => row.dataset.encounter)"""


@pytest.fixture
def page(alone, page) -> Iterator[Page]:
    """Today's list without drafts, on a tablet of which nothing reaches the server."""
    yield page
    for draft in ask(page, "drafts") if page.locator("body[data-locked]").count() == 0 else ():
        ask(page, "dropDraft", draft["id"])


def a_draft(number: int, family: dict[str, Any], hours: float = 1) -> dict[str, Any]:
    """A draft begun so many hours ago, on the first page."""
    begun = datetime.now(UTC) - timedelta(hours=hours, minutes=number)
    return {
        "id": f"018f1111-0000-7000-8000-{number:012d}", "family": family["id"], "visit": "2m", "instrument": "1.0.0",
        "startedAt": begun.isoformat(timespec="milliseconds").replace("+00:00", "Z"), "mode": None, "second": {},
        "now": False, "responses": [WHERE],
        "place": {"form": "A", "respondent": "joint", "item": "s1", "at": 1, "of": 3},
    }  # fmt: skip


def shown(page: Page) -> None:
    """Look at the list again as it is now."""
    plant(page)


# ── drafts ──


def test_sixty_drafts_are_all_reached_and_sorted_without_a_connection(tablet, page):
    """AT-20"""
    rows = [a_row(number) for number in range(100, 100 + DRAFTS)]
    plant(page, *rows)
    tablet.context.set_offline(True)
    drafts = [a_draft(number, row, hours=number) for number, row in enumerate(rows)]
    for draft in drafts:
        ask(page, "keepDraft", draft)
    shown(page)
    listed = page.locator("[data-sync-state=draft]")
    expect(listed).to_have_count(DRAFTS)
    assert page.evaluate(ORDER) == [draft["id"] for draft in reversed(drafts)]
    page.locator("[data-order=oldest]").click()
    expect(page.locator("[data-order=oldest]")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate(ORDER) == [draft["id"] for draft in reversed(drafts)]
    page.locator("[data-order=name]").click()
    expect(page.locator("[data-order=name]")).to_be_focused()
    names = listed.locator(".name strong").all_text_contents()
    assert len(set(names)) == DRAFTS
    assert page.evaluate("(names) => names.toSorted(new Intl.Collator('da').compare)", names) == names
    for number in (0, DRAFTS - 1):
        listed.nth(number).click()
        screen(page, "visit")
        act(page, "back")
        screen(page, "family")
        act(page, "back")
        screen(page, "today")
        expect(listed).to_have_count(DRAFTS)
    fits(page)


def test_many_drafts_can_be_folded_away_and_stay_so(page):
    rows = [a_row(number) for number in range(100, 120)]
    plant(page, *rows)
    for number, row in enumerate(rows):
        ask(page, "keepDraft", a_draft(number, row))
    shown(page)
    expect(page.locator("[data-sync-state=draft]")).to_have_count(20)
    page.locator("details:has([data-sync-state=draft]) summary").click()
    expect(page.locator("[data-sync-state=draft]:visible")).to_have_count(0)
    shown(page)
    expect(page.locator("summary", has_text="Fortsæt")).to_contain_text("20")
    expect(page.locator("[data-sync-state=draft]:visible")).to_have_count(0)
    page.locator("summary", has_text="Fortsæt").click()
    expect(page.locator("[data-sync-state=draft]:visible")).to_have_count(20)


def test_a_draft_of_yesterday_says_that_it_is_not_finished_and_one_of_today_does_not(page):
    old, new = a_row(200), a_row(201)
    plant(page, old, new)
    ask(page, "keepDraft", a_draft(1, old, hours=25))
    ask(page, "keepDraft", a_draft(2, new, hours=2))
    shown(page)
    drafts = page.locator("[data-sync-state=draft]")
    expect(drafts.filter(has_text=old["children"][0]["name"])).to_contain_text(LATE)
    expect(drafts.filter(has_text=new["children"][0]["name"])).not_to_contain_text(LATE)


def test_a_visit_that_was_left_is_found_from_the_family_and_from_the_list_on_the_right_question(tablet, page):
    """AT-62"""
    row = a_row(202)
    plant(page, row)
    page.fill("[name=search]", row["children"][0]["name"])
    page.locator(f"[data-found] [data-family='{row['id']}']").click()
    begin(page)
    tapping = Tapping(page, SETTING)
    tapping.step()
    there = tapping.shown()
    expect(page.locator("[data-saved=yes]")).to_be_attached()
    page.reload()
    tablet.unlock()
    page.locator("[data-sync-state=draft]").click()
    expect(page.locator(f"fieldset[data-link-id='{there[0]}']")).to_be_visible()
    act(page, "family")
    screen(page, "family")
    expect(page.locator("[data-action=start]")).to_be_hidden()
    act(page, "resume")
    expect(page.locator(f"fieldset[data-link-id='{there[0]}']")).to_be_visible()


def test_a_finished_visit_is_no_draft_on_the_next_start_and_waits_to_be_sent(tablet, page):
    """AT-61, AT-19"""
    row = a_row(203)
    plant(page, row)
    draft = a_draft(3, row) | {"id": f"018f0000-0000-7000-8000-{row['id'][-12:]}"}
    ask(page, "keepDraft", draft)
    finished(page, row)
    page.reload()
    tablet.unlock()
    expect(page.locator("[data-sync-state=draft]")).to_have_count(0)
    act(page, "waiting")
    screen(page, "waiting")
    expect(page.locator(f"[data-encounter='{draft['id']}']")).to_have_attribute("data-sync-state", "waiting")


# ── many families ──


def test_two_thousand_families_stand_in_their_groups_and_are_found_by_a_name(page):
    rows = [a_row(number) for number in range(1000, 1000 + CASELOAD)]
    rows[0]["visits"] = [a_visit("2m", -4, 10, planned=f"{days(0)}T07:00")]
    plant(page, *rows)
    unplanned = page.locator("summary", has_text="Mangler aftale")
    expect(unplanned).to_be_visible()
    expect(page.locator(f"[data-lists] .group:has-text('I dag') [data-family='{rows[0]['id']}']")).to_be_visible()
    wanted = rows[-1]["children"][0]["name"]
    page.fill("[name=search]", wanted.lower().replace("æ", "ae").replace("ø", "o"))
    expect(page.locator("[data-found] [data-family]")).to_have_count(1)
    expect(page.locator("[data-found]")).to_contain_text(wanted)
    page.fill("[name=search]", "sara")
    expect(page.locator("[data-found] [data-family]")).to_have_count(12)
    expect(page.locator("[data-found]")).to_contain_text("Skriv mere")


def test_what_the_lead_decided_and_what_is_to_be_done_stand_in_the_list_and_lead_to_the_family(page):
    decision = {"id": "d-300", "at": datetime.now(UTC).isoformat(), "decision": "plan", "level": 1,
                "note": "Ring først", "by": "Birgit", "visit": "2m"}  # fmt: skip
    task = {"id": "t-300", "text": "Bestil tolk", "due": days(0), "responsible": "Anne"}
    late, others = task | {"id": "t-301", "due": days(-3)}, task | {"id": "t-302", "mine": False}
    row = a_row(300, decisions=[decision], tasks=[task, late, others])
    plant(page, row)
    expect(page.locator("[data-decision=d-300]")).to_contain_text("Der er lagt en plan")
    expect(page.locator("[data-tasks='2']")).to_contain_text("2 handlinger")  # the third is the lead's
    expect(page.locator("[data-tasks='2'] .late")).to_contain_text("Frist var")
    said = page.locator("main").inner_text()
    assert "Ring først" not in said and "tolk" not in said, "what is to be done stands beside nobody's name"
    page.locator("[data-tasks='2']").click()
    expect(page.locator("[data-task=t-300]")).to_contain_text("Bestil tolk")
    expect(page.locator("[data-decision=d-300]")).to_contain_text("Ring først")
    expect(page.locator("h1")).to_have_text(row["children"][0]["name"])
    expect(page.locator("[data-kind=visitor]")).to_be_visible()


# ── ready for tomorrow ──


def ready(page: Page) -> dict[str, str]:
    """What is said of each thing: check -> state."""
    act(page, "ready")
    expect(page.locator("[data-check]").first).to_be_visible(timeout=SLOW)
    return states(page)


def states(page: Page) -> dict[str, str]:
    checks = page.locator("[data-check]")
    return dict(checks.evaluate_all("all => all.map(({ dataset: { check, state } }) => [check, state])"))


def test_a_tablet_that_is_ready_says_so_and_why(page):
    found = ready(page)
    assert found == {name: "ok" for name in ("shell", "list", "storage", "clock", "unlock")} | {
        "sent": found["sent"],
        "drafts": found["drafts"],
    }
    expect(page.locator("[data-check=shell]")).to_contain_text("ligger på tabletten")
    fits(page)


def test_without_a_connection_it_says_what_it_could_not_look_at(tablet, page):
    ready(page)
    act(page, "back")
    tablet.context.set_offline(True)
    found = ready(page)
    assert (found["shell"], found["clock"], found["list"]) == ("ok", "unknown", "ok")
    expect(page.locator("[data-check=clock]")).to_contain_text("Ikke kontrolleret")


def test_a_file_of_the_app_that_is_gone_is_noticed(page):
    page.evaluate(STOPPED)
    page.evaluate(EMPTIED, "/static/visitor/screens/visit.js")
    assert ready(page)["shell"] == "act"
    expect(page.locator("[data-slot=summary]")).to_contain_text("Næsten")
    page.reload()
    screen(page, "unlock")


def test_what_waits_to_be_sent_and_a_wrong_clock_are_told_with_what_to_do(page):
    row = a_row(204)
    plant(page, row)
    finished(page, row)
    page.evaluate("() => { const right = Date; Date = class extends right { constructor(...a) {"
                  " a.length ? super(...a) : super(right.now() + 3600_000) } } }")  # fmt: skip
    found = ready(page)
    assert (found["sent"], found["clock"]) == ("act", "act")
    expect(page.locator("[data-check=sent]")).to_contain_text("sendes af")
    expect(page.locator("[data-check=clock]")).to_contain_text("Stil det")


# ── rehearsal ──


def test_a_rehearsal_has_families_of_its_own_sends_nothing_and_leaves_nothing(tablet, page):
    before = len(ask(page, "outbox"))
    act(page, "practise")
    act(page, "rehearse")
    expect(page.locator("body[data-rehearsal]")).to_be_attached(timeout=SLOW)
    screen(page, "today")
    expect(page.locator("[data-rehearsing]")).to_be_visible()
    expect(page.locator("[data-action=practise]")).to_be_hidden()
    page.locator("[data-family]").first.click()
    screen(page, "family")
    act(page, "back")
    act(page, "end-rehearsal")
    screen(page, "unlock")
    tablet.unlock()
    expect(page.locator("body[data-rehearsal]")).to_have_count(0)
    expect(page.locator("[data-rehearsing]")).to_be_hidden()
    assert len(ask(page, "outbox")) == before
