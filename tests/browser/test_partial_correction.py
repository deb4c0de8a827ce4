"""A visit whose readable copy is gone is corrected all the same: single answers, and nothing else of it changes."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import problems
from tests.browser.lists import ask
from tests.browser.tablet import CODE, SLOW, act, screen
from tests.browser.test_assessment import HOUR
from tests.browser.test_screens import SMALL, TYPED_AND_COVERED, WIDE
from tests.browser.ways import ALONE, SAFE, Visit, Ways, open_now, scored

SETTING = {"s1": "home", "s2": ["p1", "p2"], "s3": ["none"], "s8": "true", "s9": "yes"}
FINE = scored(0, 1, 0, 0, 0, 1, 0, 0, 0)
SIZES = [(820, 1180), (1180, 820), (390, 844), (410, 590)]
# As if everything that was read in had been so a day ago.
YESTERDAY = """async () => {
  const { all, write } = await import("/static/visitor/database.js");
  const outbox = (await all("outbox")).map((row) => ({ ...row, openedAt: row.openedAt && row.openedAt - 86_400_000 }));
  await write({ put: { outbox } });
}"""


@pytest.fixture(scope="module")
def ways(module_ways) -> Ways:
    return module_ways


@pytest.fixture(scope="module")
def visit(ways) -> Visit:
    """A visit at which each answered alone and one in private, read in, and no longer to be read on the tablet."""
    row = ways.take(open_now)
    answers = {"joint": SETTING, "parent1": ALONE | FINE | SAFE, "parent2": ALONE | FINE, "case": {"v1": "0"}}
    made = ways.start(row, "2m", answers, mode="each")
    made.taps.turn("parent1")
    made.taps.not_today("parent2")
    made.taps.end()
    ways.finish(made)
    ways.page.evaluate(YESTERDAY)
    reopened(ways)
    ways.page.evaluate("async () => (await import('/static/visitor/sync.js')).pull()")
    assert ask(ways.page, "visit", made.id) is None
    return made


def reopened(ways: Ways) -> None:
    ways.tablet.open()
    ways.tablet.unlock()
    expect(ways.page.locator("[data-family]").first).to_be_visible(timeout=SLOW)


def own_part(ways: Ways, visit: Visit) -> Page:
    reopened(ways)
    ways.open(visit.family)
    act(ways.page, "own-part")
    expect(ways.page.locator("[data-held]")).to_be_visible()
    return ways.page


def choose(page: Page, part: str, link_id: str, code: str) -> None:
    """One question of a part, from the list to its new answer."""
    question(page, part, link_id)
    page.locator(f"fieldset[data-link-id={link_id}] input[value='{code}']").check(force=True)
    expect(page.locator("[data-saved=yes]")).to_be_attached()


def question(page: Page, part: str, link_id: str) -> None:
    group = page.locator("details", has=page.get_by_role("heading", name=part)).first
    if group.get_attribute("open") is None:
        group.locator("summary").click()
    group.locator(f"button[data-place*='\"{link_id}\"']").click()
    expect(page.locator(f"[data-link-id={link_id}]")).to_be_visible()


def test_single_answers_of_a_visit_that_is_gone_are_corrected_and_nothing_else_changes(ways, visit):
    """5.8.21, design D11."""
    before = ways.compare(visit)
    page = own_part(ways, visit)
    held = page.locator("[data-held] li", has=page.locator(f"[data-of='{visit.id}']"))
    expect(held).to_contain_text("Svarene ligger ikke længere på tabletten")
    expect(held.locator("[data-action=correct]")).to_have_text("Ret enkelte svar")
    held.locator("[data-action=correct]").click()
    expect(page.get_by_role("heading", name="Ret enkelte svar")).to_be_focused()
    expect(page.locator("[data-action=finish]")).to_have_attribute("aria-disabled", "true")
    parent = next(one["name"].split()[0] for one in ways.row(visit.family)["parents"] if one["key"] == "parent1")

    choose(page, f"Spørgsmålene til {parent}", "k8", "3")
    act(page, "next")
    question(page, f"Spørgsmålene til {parent}", "k1")
    act(page, "skip")
    choose(page, f"Alene med {parent}", "t4", "some")
    expect(page.locator("body")).to_have_attribute("data-respondent", "parent1")
    act(page, "next")
    question(page, "Din del efter besøget", "v3")
    page.fill("[name=v3]", "Jonas sagde fra")
    act(page, "next")
    rows = page.locator("[data-changes] li")
    expect(rows).to_have_count(4)
    expect(rows.nth(1)).to_contain_text("Spring over")
    rows.last.locator("[data-action=remove]").click()
    expect(rows).to_have_count(3)

    draft = next(one for one in ask(page, "drafts") if one["family"] == visit.family)
    assert (draft["replaces"], draft["partial"]) == (visit.id, True)
    act(page, "finish")
    screen(page, "waiting")
    expect(page.locator(f"[data-encounter='{draft['id']}']")).to_contain_text("Rettelse")
    ways.is_opened(draft["id"])

    anew = Visit(draft["id"], visit.family, "2m", visit.parents, visit.taps, visit.prior)
    log = dict(visit.taps.log)
    visit.taps.log = log | {("parent1", "k8"): "3", ("parent1", "t4"): "some"}
    del visit.taps.log["parent1", "k1"]
    result = ways.compare(anew)
    assert (before["flags"], result["flags"]) == ({}, {"R09": 1})
    assert visit.id in ways.linked()
    visit.taps.log = log
    ways.compare(visit)

    page = own_part(ways, visit)
    expect(page.locator(f"[data-held] [data-of='{draft['id']}']")).to_have_text("Ret enkelte svar")
    expect(page.locator("[data-held]")).to_contain_text("Rettet i dag")
    expect(page.locator(f"[data-held] [data-of='{visit.id}']")).to_have_count(0)
    visit.id = draft["id"]


def test_a_half_made_correction_survives_a_lock_and_a_new_start_and_is_called_one(ways, visit):
    """AT-04"""
    page = own_part(ways, visit)
    page.locator(f"[data-of='{visit.id}']").click()
    choose(page, "Alene med", "t5", "year")
    act(page, "next")
    question(page, "Din del efter besøget", "v3")
    text = page.locator("[name=v3]")
    text.evaluate(TYPED_AND_COVERED, "Halvt skr")
    expect(page.locator("#screen")).to_be_empty()
    assert "Halvt" not in page.title() + page.url
    act(page, "uncover")
    expect(text).to_have_value("Halvt skr")
    text.press("End")
    text.type("ev")
    page.evaluate(HOUR % 400_000)
    expect(page.locator("body[data-locked=re]")).to_be_attached(timeout=SLOW)
    expect(text).to_have_count(0)
    page.fill("[name=pin]", CODE)
    act(page, "unlock")
    expect(text).to_have_value("Halvt skrev")
    text.type("et")
    page.evaluate(HOUR % (4 * 3600_000))
    expect(page.locator("body[data-locked=full]")).to_be_attached(timeout=SLOW)

    reopened(ways)
    row = page.locator("[data-sync-state=draft]", has_text="Rettelse")
    expect(row).to_have_count(1)
    expect(page.locator("[data-sync-state=draft]", has_text="Kladde")).to_have_count(0)
    expect(page.locator(f"[data-family='{visit.family}']:has-text('Påbegyndt')")).to_have_count(0)
    row.click()
    expect(text).to_have_value("Halvt skrevet")
    act(page, "next")
    expect(page.locator("[data-changes] li")).to_have_count(2)
    expect(page.locator("[data-changes]")).to_contain_text("Halvt skrevet")
    act(page, "back")
    expect(page.locator("[data-drafts]")).to_contain_text("Rettelse af 2-måneders-besøg")
    act(page, "back")
    expect(page.locator("[data-action=resume]")).to_be_hidden()  # what a family may see says nothing of it
    act(page, "own-part")
    act(page, "resume")
    for _ in range(2):
        act(page, "remove")
    act(page, "back")
    expect(page.locator("[data-held]")).to_be_visible()
    expect(page.locator("[data-drafts]")).to_be_hidden()
    assert [one for one in ask(page, "drafts") if one.get("partial")] == []


def test_a_correction_that_is_given_up_leaves_the_visit_as_it_was(ways, visit):
    page = own_part(ways, visit)
    page.locator(f"[data-of='{visit.id}']").click()
    choose(page, "Alene med", "t5", "year")
    act(page, "next")
    act(page, "discard")
    expect(page.locator("[data-changes] li")).to_have_count(1)  # one tap may be a slip of the finger
    act(page, "discard")
    screen(page, "family")
    expect(page.locator("[data-held]")).to_be_visible()
    assert [one for one in ask(page, "drafts") if one.get("partial")] == []
    expect(page.locator(f"[data-held] [data-of='{visit.id}']")).to_have_text("Ret enkelte svar")


def test_what_was_corrected_is_corrected_again_and_stands_there_once(ways, visit):
    """5.8.21: also while the one before is not known to the list yet."""
    page = own_part(ways, visit)
    page.context.route("**/visit/caseload*", lambda route: route.abort())
    page.locator(f"[data-of='{visit.id}']").click()
    choose(page, "Spørgsmålene til", "k8", "1")
    act(page, "next")
    draft = next(one for one in ask(page, "drafts") if one["family"] == visit.family)
    act(page, "finish")
    ways.is_opened(draft["id"])
    ways.open(visit.family)
    act(page, "own-part")
    expect(page.locator("[data-held] li")).to_have_count(1)
    expect(page.locator("[data-held]")).to_contain_text("Rettet i dag")
    page.context.unroute("**/visit/caseload*")
    ways.row(visit.family)
    seen = ways.read(visit.family, draft["id"])
    assert seen["parent1", "k8"] == "1" and ("parent1", "k1") not in seen
    visit.id = draft["id"]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_it_can_be_read_and_pressed_everywhere(ways, visit, width, height):
    """AT-31, AT-33"""
    page = own_part(ways, visit)
    page.set_viewport_size({"width": width, "height": height})
    try:
        page.locator(f"[data-of='{visit.id}']").click()
        expect(page.get_by_role("heading", name="Ret enkelte svar")).to_be_focused()
        for part, link_id in (
            ("Rammen om besøget", "s2"), ("Spørgsmålene til", "k2"), ("Alene med", "t8"), ("Din del", "o4"),
            ("Din del", "v1"), ("Din del", "v9"),
        ):  # fmt: skip
            looked_at(page)
            question(page, part, link_id)
            looked_at(page)
            if link_id == "k2":
                act(page, "decline")
            else:
                act(page, "back")
        expect(page.locator("[data-changes]")).to_contain_text("Ønsker ikke at svare")
        looked_at(page)
        act(page, "remove")
        act(page, "back")
    finally:
        page.set_viewport_size({"width": 820, "height": 1180})


def looked_at(page: Page) -> None:
    assert problems(page) == []
    assert page.evaluate(SMALL) == []
    assert page.evaluate(WIDE) == []
