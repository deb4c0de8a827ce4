"""The tablet's screens: what a family may see, what is kept when the page is emptied, and who can read and reach it."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import keeps_storage, launch
from tests.browser.lists import ask
from tests.browser.tablet import CODE, SLOW, act, screen
from tests.browser.visit import JOINT, SETTING, Tapping, another_family, begin, finish, open_family

DEMO_FAMILIES = 120
STATIC = Path(__file__).parent.parent.parent / "static" / "visitor"
FIRST = {"app.js", "days.js", "dom.js", "names.js", "words.js", "vault.js", "screens/unlock.js"}
IMPORT = re.compile(r'^(?:import|export)\b[^;]*?from "(\.[^"]+)"', re.MULTILINE)
# The level colours; on what a family may see there is only grey and blue.
COLOURS = ("#2e7d46", "#1e5b32", "#f3c433", "#6e5200", "#5c4500", "#d4650f", "#853a00", "#b3261e", "#8c1a14")
WORDS = re.compile(
    r"\b(grøn|gul|orange|rød|niveau|point|score|index|indeks|vold|voldelig|voldsramt|krisecenter|underretning|flag)\b",
    re.IGNORECASE,
)
USED_COLOURS = """() => [...document.querySelectorAll('#screen *')].flatMap((node) => {
  const { color, backgroundColor, borderTopColor, fill } = getComputedStyle(node);
  return [color, backgroundColor, borderTopColor, fill];
})"""
# Nothing comes between the last letter and the cover: no pause in which it could have been kept.
TYPED_AND_COVERED = """(field, text) => {
  field.value = text;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
}"""
TWO_FINGERS = """() => {
  const touch = (identifier) => new Touch({ identifier, target: document.body, clientX: 10 * identifier, clientY: 10 });
  document.body.dispatchEvent(new TouchEvent('touchstart', { touches: [touch(1), touch(2)], bubbles: true }));
}"""
# The tablet is not a demonstration, and its storage may be cleared: a visit begins only while the server answers.
MAY_BE_CLEARED = """() => {
  delete document.body.dataset.demo;
  navigator.storage.persisted = async () => false;
}"""
SMALL = """() => [...document.querySelectorAll('button, a[href], label:has(input), summary')]
  .filter((node) => node.checkVisibility())
  .map((node) => [node.outerHTML.slice(0, 80), node.getBoundingClientRect()])
  .filter(([, box]) => box.width && (Math.round(box.height) < 44 || Math.round(box.width) < 44))
  .map(([html]) => html)"""

WIDE = """() => [document.documentElement, ...document.querySelectorAll('main')]
  .filter((node) => node.scrollWidth > node.clientWidth + 1)
  .map((node) => node.outerHTML.slice(0, 120))"""


def another_visit(page: Page) -> Tapping:
    """Begin a visit in such a family; on its first page."""
    another_family(page)
    begin(page)
    return Tapping(page, SETTING | JOINT)


def at_question(page: Page, link_id: str) -> Tapping:
    """A visit in which this question is on the page."""
    tapping = another_visit(page)
    for _ in range(30):
        if page.locator(f"fieldset[data-link-id='{link_id}']:visible").count():
            return tapping
        tapping.step()
    raise AssertionError(f"{link_id} never came")


def test_the_first_screen_needs_few_modules_and_one_style_sheet(page):
    found, ahead = set(), {"app.js"}
    while ahead:
        name = ahead.pop()
        found.add(name)
        text = (STATIC / name).read_text(encoding="utf-8")
        ahead |= {str((STATIC / name).parent.joinpath(to).resolve().relative_to(STATIC)) for to in IMPORT.findall(text)}
        ahead -= found
    assert found == FIRST
    expect(page.locator("link[rel=stylesheet]")).to_have_count(1)


@pytest.mark.parametrize("way", ["button", "Escape", "two fingers", "back gesture"])
def test_every_way_to_the_cover_empties_the_page_and_leads_back_to_the_same_question(page, way):
    at_question(page, "k2")
    if way == "button":
        act(page, "cover")
    elif way == "Escape":
        page.keyboard.press("Escape")
    elif way == "two fingers":
        page.evaluate(TWO_FINGERS)
    else:
        page.go_back()
    expect(page.locator("body[data-covered]")).to_be_attached()
    expect(page.locator("#screen")).to_be_empty()
    expect(page.locator("#cover h1")).to_be_visible()
    expect(page.locator("#cover")).not_to_contain_text("Skærm")
    act(page, "uncover")
    expect(page.locator("fieldset[data-link-id='k2']")).to_be_visible()


def test_after_ten_seconds_the_cover_leads_to_the_code_and_then_to_the_same_question(tablet, page):
    at_question(page, "k3")
    page.evaluate("() => { const right = Date.now; Date.now = () => right() + 11_000 }")
    page.keyboard.press("Escape")
    page.evaluate("() => { const right = Date.now; Date.now = () => right() + 11_000 }")
    act(page, "uncover")
    screen(page, "unlock")
    expect(page.locator("body[data-locked=re]")).to_be_attached()
    expect(page.locator("fieldset")).to_have_count(0)
    page.fill("[name=pin]", "1397")
    act(page, "unlock")
    expect(page.locator("[data-slot=problem]")).to_contain_text("4 forsøg")
    page.fill("[name=pin]", CODE)
    act(page, "unlock")
    expect(page.locator("fieldset[data-link-id='k3']")).to_be_visible()


def test_half_typed_text_is_there_again_after_the_cover_and_after_a_full_lock(tablet, page):
    at_question(page, "p3")
    text = page.locator("textarea")
    text.evaluate(TYPED_AND_COVERED, "Vi griner s")
    act(page, "uncover")
    expect(text).to_have_value("Vi griner s")
    text.fill("Vi griner sammen")
    act(page, "family")
    screen(page, "family")
    act(page, "resume")
    expect(text).to_have_value("Vi griner sammen")
    text.press("End")
    text.type(" hver dag")
    page.evaluate("() => { const right = Date.now; Date.now = () => right() + 4 * 3600_000 }")
    expect(page.locator("body[data-locked=full]")).to_be_attached(timeout=SLOW)
    expect(page.locator("textarea")).to_have_count(0)
    page.reload()
    tablet.unlock()
    act(page, "resume")
    expect(text).to_have_value("Vi griner sammen hver dag")


def test_a_restart_comes_back_to_the_same_question_with_its_answer(tablet, page):
    tapping = at_question(page, "k7")
    tapping.answer("k7")
    draft = page.locator("button.who").inner_text()
    page.reload()
    tablet.unlock()
    act(page, "resume")
    expect(page.locator("button.who")).to_have_text(draft)
    expect(page.locator("fieldset[data-link-id='k7'] input[value='2']")).to_be_checked()


def test_skip_takes_the_answer_away_and_decline_keeps_that_they_do_not_want_to_answer(page):
    tapping = at_question(page, "k1")
    tapping.answer("k1")
    act(page, "skip")
    expect(page.locator("fieldset[data-link-id='k2']")).to_be_visible()
    act(page, "decline")
    expect(page.locator("fieldset[data-link-id='k3']")).to_be_visible()
    act(page, "back")
    expect(page.locator("[data-action=decline]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-action=next]")).not_to_have_attribute("aria-disabled", "true")
    act(page, "back")
    expect(page.locator("fieldset[data-link-id='k1'] :checked")).to_have_count(0)
    expect(page.locator("[data-action=next]")).to_have_attribute("aria-disabled", "true")


def test_no_clears_the_others_and_a_closed_question_is_not_on_the_page(page):
    another_visit(page)
    others = page.locator("fieldset[data-link-id='s3']")
    others.locator("[value=child2]").check(force=True)
    others.locator("[value=interp]").check(force=True)
    expect(page.locator("fieldset[data-link-id='s4']")).to_be_visible()
    others.locator("[value=none]").check(force=True)
    expect(others.locator(":checked")).to_have_count(1)
    expect(page.locator("fieldset[data-link-id='s4']")).to_be_hidden()


def test_the_second_language_stands_under_each_line_in_its_own_language_and_is_remembered(page):
    at_question(page, "k2")
    second = page.locator("fieldset[data-link-id='k2'] [lang=en]:visible")
    expect(second).to_have_count(0)
    act(page, "two-languages")
    expect(second).to_have_count(5)
    act(page, "skip")
    expect(page.locator("fieldset[data-link-id='k3'] [lang=en]:visible")).to_have_count(5)
    page.keyboard.press("Escape")
    act(page, "uncover")
    expect(page.locator("[data-action=two-languages]")).to_have_attribute("aria-pressed", "true")


def test_what_a_family_may_see_shows_neither_level_nor_score_nor_any_level_colour(page):
    tapping, kinds = another_visit(page), set()
    for _ in range(30):
        kinds.add(page.locator("#screen > .screen").get_attribute("data-kind"))
        if page.locator("[data-kind=shareable]").count():
            plain(page)
        if page.locator("[data-action=pause]:visible").count():
            break
        tapping.step()
    assert kinds == {"visitor", "shareable"}
    act(page, "family")
    plain(page)
    page.keyboard.press("Escape")
    assert not WORDS.search(page.locator("#cover").inner_text())


def plain(page: Page) -> None:
    text = page.locator("#screen").inner_text()
    assert not WORDS.search(text), text
    used = {shade for shade in page.evaluate(USED_COLOURS)}
    forbidden = {f"rgb({int(c[1:3], 16)}, {int(c[3:5], 16)}, {int(c[5:7], 16)})" for c in COLOURS}
    assert len(used) > 3
    assert not used & forbidden


def test_no_family_and_no_question_reaches_address_title_or_history(page):
    family = page.locator("[data-family]").first.get_attribute("data-family")
    seen = {(page.url, page.title(), page.evaluate("() => JSON.stringify(history.state)"))}
    tapping = another_visit(page)
    for _ in range(8):
        seen.add((page.url, page.title(), page.evaluate("() => JSON.stringify(history.state)")))
        tapping.step()
    act(page, "now")
    act(page, "cover")
    seen.add((page.url, page.title(), page.evaluate("() => JSON.stringify(history.state)")))
    assert len(seen) == 1
    (url, title, state), *_ = seen
    assert (url.endswith("/visit"), title, state) == (True, "Besøg", "null")
    assert family not in url


def test_every_page_has_one_heading_which_has_the_focus(page):
    """AT-63"""
    tapping = another_visit(page)
    for _ in range(30):
        expect(page.locator("#screen h1")).to_have_count(1)
        assert page.evaluate("() => document.activeElement?.tagName") == "H1"
        if page.locator("[data-action=finish]:visible").count():
            break
        tapping.step()
    act(page, "finish")
    screen(page, "waiting")
    expect(page.locator("#screen h1")).to_have_count(1)
    expect(page.locator("[data-sync-state=draft]")).to_have_count(0)


def test_the_next_question_is_said_aloud(page):
    at_question(page, "k1")
    act(page, "skip")
    expect(page.locator("#announcer")).to_have_text(re.compile("^Spørgsmål 2 af 1[34]$"))


def test_what_must_be_answered_stands_before_the_end_and_leads_there(page):
    tapping = another_visit(page)
    tapping.answers.pop("s1")
    tapping.until("finish")
    missing = page.locator("[data-must] button")
    expect(missing).to_have_count(1)
    expect(page.locator("[data-action=finish]")).to_have_attribute("aria-disabled", "true")
    missing.click()
    expect(page.locator("fieldset[data-link-id='s1']")).to_be_visible()
    page.locator("[name=s1][value=clinic]").check(force=True)
    act(page, "next")
    screen(page, "assessment")
    expect(page.locator("h2:visible", has_text="Før du afslutter")).to_be_visible()
    expect(page.locator("[data-must]")).to_be_hidden()
    finish(page)


def test_a_visit_that_was_begun_by_mistake_leaves_nothing(page):
    begun = another_family(page)
    begin(page)
    expect(page.locator("[data-saved=yes]")).to_be_attached()
    act(page, "back")
    screen(page, "family")
    expect(page.locator("[data-action=start]")).to_be_visible()
    assert [one for one in ask(page, "drafts") if one["family"] == begun] == []


def test_a_finished_visit_is_not_offered_again_before_the_server_knows_it(page):
    family = another_family(page)
    name = page.locator("h1").inner_text()
    kind = page.locator("[data-dates] [data-state=next] [data-slot=visit]").inner_text()
    begin(page)
    Tapping(page, SETTING | JOINT).until("finish")
    page.route("**/visit/outbox", lambda route: route.abort())
    finish(page)
    expect(page.locator("[data-sync-state=waiting]").first).to_be_visible()
    act(page, "back")
    expect(page.locator("[data-action=waiting]")).to_contain_text("venter på net")
    page.fill("[name=search]", name)
    page.locator(f"[data-found] [data-family='{family}']").click()
    expect(page.locator("[data-dates] [data-state=done]", has_text=kind)).to_contain_text("holdt")
    expect(page.locator("[data-dates] [data-state=next]", has_text=kind)).to_have_count(0)
    page.unroute("**/visit/outbox")


def test_a_notice_is_gone_when_its_button_was_pressed_and_stands_again_when_it_is_said_again(page):
    another_family(page)
    page.evaluate(MAY_BE_CLEARED)
    page.context.set_offline(True)
    notice = page.locator("#notice")
    for _ in range(2):
        act(page, "start")
        expect(notice).to_contain_text("må ikke gemme besøg uden net")
        notice.get_by_role("button", name="Luk").click()
        expect(notice).to_be_hidden()
        expect(notice.locator("p")).to_be_empty()
    page.context.set_offline(False)
    expect(page.locator("body[data-screen='family']")).to_be_attached()


def test_search_says_when_nobody_is_found_and_finds_whatever_the_accents(page):
    page.fill("[name=search]", "qqqq")
    expect(page.get_by_text("Ingen med det navn på din liste.").first).to_be_visible()
    name = page.evaluate("() => document.querySelector('[data-lists] [data-family] .name strong').textContent")
    page.fill("[name=search]", name.replace("ø", "o").replace("å", "aa").replace("æ", "ae").upper())
    expect(page.locator("[data-found] [data-family]", has_text=name)).to_be_visible()


@pytest.mark.parametrize(("width", "height"), [(820, 1180), (1180, 820), (390, 844)])
def test_targets_are_large_and_nothing_goes_sideways(page, width, height):
    page.set_viewport_size({"width": width, "height": height})
    fits(page)
    another_family(page)
    fits(page)
    begin(page)
    tapping = Tapping(page, SETTING | JOINT)
    for _ in range(7):
        fits(page)
        tapping.step()
    act(page, "two-languages")
    fits(page)
    act(page, "now")
    fits(page)
    act(page, "cover")
    fits(page)


def fits(page: Page) -> None:
    assert page.evaluate(SMALL) == []
    assert page.evaluate(WIDE) == []


@pytest.mark.parametrize(("width", "height"), [(820, 1180), (390, 844)])
def test_with_text_twice_as_large_everything_is_still_there(playwright, chromium_path, demo, tmp_path, width, height):
    profile = tmp_path / "large"
    keeps_storage(profile, demo.url)
    settings = profile / "Default" / "Preferences"
    kept = json.loads(settings.read_text(encoding="utf-8"))
    settings.write_text(json.dumps(kept | {"webkit": {"webprefs": {"default_font_size": 32}}}), encoding="utf-8")
    large = launch(playwright, chromium_path, demo, profile, width, height)
    try:
        page = large.page
        large.enrol("tove")
        expect(page.locator("[data-family]").first).to_be_visible(timeout=SLOW)
        assert page.evaluate("() => getComputedStyle(document.documentElement).fontSize") == "32px"
        fits(page)
        open_family(page)
        fits(page)
        begin(page)
        tapping = Tapping(page, SETTING | JOINT)
        for _ in range(6):
            fits(page)
            tapping.step()
        act(page, "now")
        fits(page)
        page.locator("#now [data-action=back]").click()
        for action in ("back", "skip", "decline", "next", "now", "cover"):
            button = page.locator(f"[data-action={action}]:visible").first
            button.scroll_into_view_if_needed()
            expect(button).to_be_in_viewport()
    finally:
        large.close()
