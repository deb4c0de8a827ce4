"""Nobody looks at the page, or somebody else does: it is empty at once, and what it comes back as is known."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import launch
from tests.browser.demo import Demo
from tests.browser.tablet import CODE, SLOW, Tablet, act
from tests.browser.visit import another_family, begin, open_family

STATIC = Path(__file__).parent.parent.parent / "static"
APP = STATIC / "visitor" / "app.js"
RESUMED = "resumed: why });"
# The page that comes back says what it was set aside for.
TELLING = "resumed: (document.body.dataset.resumed = why) });"
# The system puts the page away. What its picture could show is read in the same moment, before anything else happens.
AWAY = """(is) => {
  Object.defineProperty(document, "visibilityState", { value: is ? "hidden" : "visible", configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
  return document.documentElement.innerText + [...document.querySelectorAll("input,textarea")].map(({ value }) => value)
    + ["screen", "now", "cover", "notice", "announcer"].map((id) => document.getElementById(id).outerHTML);
}"""
NAMES = """async () => (await (await import("/static/visitor/vault.js")).caseload()).families
  .flatMap(({ children, parents, address }) => [{ name: address }, ...children, ...parents])
  .flatMap(({ name }) => name ?? [])"""
ANSWERED = """async () => {
  const vault = await import("/static/visitor/vault.js");
  return Promise.all(["caseload", "drafts"].map((name) => vault[name]().then(() => "answered", (error) => error.name)));
}"""
LATER = "(ms) => { const right = Date.now; Date.now = () => right() + ms }"
MIDDLE = """() => {
  const { x, y, width, height } = document.querySelector("[data-action=cover]").getBoundingClientRect();
  return [x + width / 2, y + height / 2];
}"""


@pytest.fixture(scope="module")
def tablet(playwright, chromium_path, demo: Demo, tmp_path_factory) -> Iterator[Tablet]:
    opened = launch(
        playwright, chromium_path, demo, tmp_path_factory.mktemp("hidden") / "tablet", service_workers="block"
    )
    code = APP.read_text(encoding="utf-8")
    assert RESUMED in code
    opened.context.route(
        "**/static/visitor/app.js",
        lambda route: route.fulfill(status=200, content_type="text/javascript", body=code.replace(RESUMED, TELLING)),
    )
    opened.enrol("anne")
    expect(opened.page.locator("[data-family]").first).to_be_visible(timeout=SLOW)
    yield opened
    opened.close()


def on_today(page: Page) -> None:
    page.fill("[name=search]", "Anne")


def in_family(page: Page) -> None:
    open_family(page)


def in_visit(page: Page) -> None:
    another_family(page)
    begin(page)
    expect(page.locator("[data-saved='yes']")).to_be_attached()


def with_now(page: Page) -> None:
    in_visit(page)
    act(page, "now")
    expect(page.locator("#now h1")).to_be_visible()


def right_code(page: Page) -> None:
    page.fill("[name=pin]", CODE)
    act(page, "unlock")


@pytest.mark.parametrize("place", [on_today, in_family, in_visit, with_now])
def test_the_page_is_empty_in_the_moment_in_which_nobody_can_look_at_it(page, place):
    """FR5 and security.md 1, row 5: the app switcher's picture shows nothing."""
    names = page.evaluate(NAMES)
    assert len(names) > 10
    place(page)
    here = [name for name in names if name in page.evaluate("() => document.documentElement.outerHTML")]
    assert here or place is on_today or page.locator("fieldset[data-link-id]").count()
    left = page.evaluate(AWAY, True)
    assert [name for name in [*names, "Anne", "112", "data-link-id"] if name in left] == []
    expect(page.locator("#screen :is(h1, fieldset[data-link-id])")).to_have_count(1 if place is not with_now else 0)
    expect(page.locator("body[data-locked=re]")).to_be_attached()
    assert page.evaluate(ANSWERED) == ["Locked", "Locked"]


def test_an_open_nu_card_is_there_again_and_everything_else_needs_the_code(page):
    """D9: its steps, numbers and address stay through a re-lock."""
    with_now(page)
    page.evaluate(AWAY, True)
    expect(page.locator("#now")).to_be_empty()
    page.evaluate(AWAY, False)
    expect(page.locator("#now h1")).to_be_visible()
    page.locator("#now [data-action=back]").first.click()
    expect(page.locator("[name=pin]")).to_be_visible()
    expect(page.locator("fieldset[data-link-id]")).to_have_count(0)
    right_code(page)
    expect(page.locator("fieldset[data-link-id]").first).to_be_visible()


def test_a_screen_is_told_of_the_lock_also_when_it_came_during_the_nu_card_or_the_cover(page):
    """FR3: after a re-lock the alone gate is asked again, whatever was on the page when it came."""
    resumed = page.locator("body")
    in_visit(page)
    page.keyboard.press("Escape")
    act(page, "uncover")
    expect(resumed).to_have_attribute("data-resumed", "cover")
    act(page, "now")
    page.locator("#now [data-action=back]").first.click()
    expect(resumed).to_have_attribute("data-resumed", "now")
    act(page, "now")
    page.evaluate(LATER, 301_000)
    expect(page.locator("body[data-locked=re]")).to_be_attached()
    page.keyboard.press("Escape")
    expect(page.locator("body[data-covered]")).to_be_attached()
    act(page, "uncover")
    right_code(page)
    expect(page.locator("#now h1")).to_be_visible()
    page.locator("#now [data-action=back]").first.click()
    expect(resumed).to_have_attribute("data-resumed", "re")


def test_a_double_tap_covers_and_does_not_uncover_and_the_focus_goes_to_the_cover(page):
    """FR4"""
    in_visit(page)
    act(page, "cover")
    expect(page.locator("#cover h1")).to_be_focused()
    act(page, "uncover")
    expect(page.locator("fieldset[data-link-id]").first).to_be_visible()
    page.mouse.dblclick(*page.evaluate(MIDDLE))
    expect(page.locator("body[data-covered]")).to_be_attached()
    expect(page.locator("#screen")).to_be_empty()


def test_the_lock_needs_no_connection_and_one_that_comes_back_opens_nothing(page):
    """AT-36 and AT-78"""
    page.context.set_offline(True)
    page.evaluate(LATER, 301_000)
    expect(page.locator("body[data-locked=re]")).to_be_attached()
    right_code(page)
    act(page, "lock")
    expect(page.locator("[name=passphrase]")).to_be_visible(timeout=SLOW)
    page.context.set_offline(False)
    page.evaluate("async () => (await import('/static/visitor/sync.js')).pull()")
    expect(page.locator("body[data-locked=full]")).to_be_attached()
    asked = "async () => (await import('/static/visitor/vault.js')).drafts().catch(({ name }) => name)"
    assert page.evaluate(asked) == "Locked"


def test_a_passphrase_that_is_shown_is_hidden_when_nobody_can_look_at_it(page):
    act(page, "lock")
    page.fill("[name=passphrase]", "bal-bem")
    act(page, "reveal")
    field = page.locator("[name=passphrase]")
    expect(field).not_to_have_attribute("data-masked", "")
    page.evaluate(AWAY, True)
    expect(field).to_have_attribute("data-masked", "")


def test_a_passphrase_is_drawn_as_dots_and_offered_to_no_password_manager(page):
    act(page, "lock")
    field = page.locator("[name=passphrase]")
    expect(field).to_have_attribute("type", "text")
    expect(field).to_have_css("-webkit-text-security", "disc")


def test_the_card_with_the_passphrase_is_in_no_picture_of_the_page(open_tablet, demo):
    new = open_tablet(demo, "card", service_workers="block")
    new.page.add_init_script(
        "addEventListener('DOMContentLoaded', () => new MutationObserver((_, watching) => {"
        " if (!document.querySelector('[data-passphrase]')) return;"
        " watching.disconnect();"
        " Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });"
        " document.dispatchEvent(new Event('visibilitychange'));"
        " globalThis.shown = document.body.innerText + document.querySelector('[data-passphrase]').textContent.length;"
        " delete document.visibilityState; document.dispatchEvent(new Event('visibilitychange'));"
        " }).observe(document.body, { childList: true, subtree: true }))"
    )
    phrase = new.enrol("line")
    shown = new.page.evaluate("() => globalThis.shown")
    assert shown.endswith(str(len(phrase)))
    assert phrase not in shown


def test_the_app_says_nothing_outside_its_page():
    """FR5: no notification, no badge, one title."""
    code = {path: path.read_text(encoding="utf-8") for path in [*STATIC.glob("visitor/**/*.js"), STATIC / "sw.js"]}
    outside = re.compile(r"\bNotification\b|showNotification|setAppBadge|document\.title|\.download\b|navigator\.share")
    assert len(code) > 15
    assert [str(path) for path, text in code.items() if outside.search(text)] == []
