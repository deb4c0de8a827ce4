"""Everybody can use it: axe finds nothing on any screen in either language, and the keyboard alone does everything."""

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe, keyboard
from tests.browser.demo import Demo
from tests.browser.tablet import CODE, SLOW, act, screen, sign_in
from tests.browser.visit import (
    ACTIONS,
    CAN_BE_PRESSED,
    JOINT,
    ONWARD,
    OWN_PART,
    SETTING,
    STEPS,
    Tapping,
    begin,
    finish,
    open_family,
)

ANSWERS = SETTING | JOINT | OWN_PART
NEXT_CONTACT = "v9"
WHO = {"da": ("line", "birgit"), "en": ("karin", "peter")}


def speak(page: Page, demo: Demo, language: str) -> None:
    """Choose the language on the account's own page."""
    page.goto(demo.url + "/account/")
    page.locator(f"button[name=language][value={language}]").first.click()
    expect(page.locator(f"html[lang={language}]")).to_be_attached()


class Look:
    """Looks at one screen after the other and remembers what axe says."""

    def __init__(self, page: Page):
        self.page, self.seen, self.found = page, [], []

    def at(self, name: str) -> None:
        self.seen.append(name)
        self.found += [f"{name}: {problem}" for problem in axe.problems(self.page)]


@pytest.mark.parametrize("language", ["da", "en"])
def test_axe_finds_nothing_on_the_tablets_screens(open_tablet, demo, language):
    tablet = open_tablet(demo, language)
    page, look = tablet.page, Look(tablet.page)
    username = WHO[language][0]
    page.goto(demo.url + "/visit")
    expect(page.locator("h1")).to_be_visible()
    look.at("a tablet without keys")
    sign_in(page, demo, username)
    screen(page, "enrol")
    speak(page, demo, language)
    page.goto(demo.url + "/visit")
    screen(page, "enrol")
    look.at("enrol")
    act(page, "enrol")
    expect(page.locator("[data-passphrase]")).not_to_be_empty(timeout=SLOW)
    tablet.passphrase = page.locator("[data-passphrase]").inner_text().strip()
    look.at("the card")
    page.fill("[name=pin]", CODE)
    act(page, "continue")
    screen(page, "today")
    look.at("today")
    open_family(page)
    look.at("family")
    begin(page)
    tapping = Tapping(page, ANSWERS)
    for number in range(1, 8):
        look.at(f"visit {number}")
        tapping.step()
    act(page, "cover")
    look.at("cover")
    act(page, "uncover")
    act(page, "now")
    look.at("now")
    act(page, "back")
    tapping.until("finish")
    look.at("before finishing")
    finish(page)
    look.at("waiting")
    page.reload()
    screen(page, "unlock")
    look.at("unlock")
    page.fill("[name=passphrase]", "forkert")
    act(page, "unlock")
    expect(page.locator("[data-slot=problem]").first).to_be_visible(timeout=SLOW)
    look.at("a wrong passphrase")
    assert not look.found, "\n".join(look.found)
    assert tablet.complaints == []


@pytest.mark.parametrize("language", ["da", "en"])
def test_axe_finds_nothing_on_the_pages_of_lead_account_and_admin(open_tablet, demo, language):
    desk = open_tablet(demo, f"desk-{language}", 1440, 900)
    page, look = desk.page, Look(desk.page)
    page.goto(demo.url + "/account/sign-in")
    look.at("sign-in")
    for username in (WHO[language][1], "admin"):
        sign_in(page, demo, username)
        speak(page, demo, language)
        for path in pages_of(page, demo, username):
            page.goto(demo.url + path)
            look.at(path)
        page.context.clear_cookies()
    page.goto(demo.url + "/nowhere")
    look.at("an error")
    assert not look.found, "\n".join(look.found)
    assert desk.complaints == []


def pages_of(page: Page, demo, username: str) -> list[str]:
    """The pages of a role, with the first family the lead's list leads to."""
    if username == "admin":
        return ["/admin/", "/account/"]
    page.goto(demo.url + "/lead/")
    family = page.locator("a[href*='/lead/families/']").first.get_attribute("href")
    return ["/lead/", family, "/lead/families", "/account/"]


def test_the_keyboard_alone_makes_a_whole_visit(open_tablet, demo):
    tablet = open_tablet(demo)
    page = tablet.page
    page.goto(demo.url + "/account/sign-in")
    keyboard.write(page, "username", "tove")
    keyboard.write(page, "password", demo.people["tove"]["password"])
    page.keyboard.press("Enter")
    keyboard.write(page, "code", demo.code("tove"))
    page.keyboard.press("Enter")
    screen(page, "enrol")
    keyboard.press(page, "enrol")
    expect(page.locator("[data-passphrase]")).not_to_be_empty(timeout=SLOW)
    keyboard.write(page, "pin", CODE)
    keyboard.press(page, "continue")
    screen(page, "today")
    keyboard.reach(page, "[data-family], [data-family] a, [data-family] button")
    page.keyboard.press("Enter")
    screen(page, "family")
    keyboard.press(page, "start")
    screen(page, "visit")
    through_the_visit(page)
    keyboard.press(page, "finish")
    screen(page, "waiting")
    assert tablet.complaints == []


def through_the_visit(page: Page) -> None:
    """Answer what is asked until the visit can be finished, hands on the keyboard only."""
    answered: set[str] = set()
    for _ in range(STEPS):
        if page.locator("[data-action='finish']:visible").count():
            return
        answer_all(page, answered)
        if page.locator("[data-action='mode-joint'][aria-pressed='false']:visible").count():
            keyboard.press(page, "mode-joint")
            answer_all(page, answered)
        is_end = page.locator("[data-form='end']").count()
        onward = [one for one in ONWARD if page.locator(f"[data-action='{one}']{CAN_BE_PRESSED}").count()]
        keyboard.press(page, [*onward, "skip"][0])
        if "reveal" in onward[:1]:
            expect(page.locator("[data-suggested]")).to_be_visible()  # her judgement is kept first
        if is_end:
            screen(page, "assessment")
            page.locator("[data-form='D']").wait_for()
    raise AssertionError("the end of the visit never came")


def answer_all(page: Page, answered: set[str]) -> None:
    while waiting := [one for one in questions(page) if one in {*ANSWERS, ACTIONS} and one not in answered]:
        answer(page, waiting[0])
        answered.add(waiting[0])


def questions(page: Page) -> list[str]:
    shown = page.locator("fieldset[data-link-id]:visible")
    return shown.evaluate_all("fields => fields.map(field => field.dataset.linkId)")


def answer(page: Page, link_id: str) -> None:
    if link_id == NEXT_CONTACT:
        keyboard.reach(page, f"[name='{link_id}']")
        page.keyboard.type(date.fromisoformat(ANSWERS[link_id]).strftime("%m%d%Y"))  # as this browser shows a date
    else:
        first = page.locator(f"[name='{link_id}']").first.get_attribute("value")
        wanted = ANSWERS.get(link_id, [first])
        for code in wanted if isinstance(wanted, list) else [wanted]:
            keyboard.choose(page, link_id, code)
    expect(page.locator("[data-saved='yes']")).to_be_attached(timeout=SLOW)


def test_axe_would_say_so(open_tablet, demo):
    page = open_tablet(demo, "planted").page
    page.goto(demo.url + "/account/sign-in")
    page.evaluate("() => document.querySelector('label[for=username]').remove()")
    assert any(problem.startswith("label") for problem in axe.problems(page))


def test_the_keyboard_alone_leads_from_the_list_to_a_decision(open_tablet, demo):
    desk = open_tablet(demo, "keys", 1440, 900)
    page = desk.page
    page.goto(demo.url + "/account/sign-in")
    keyboard.write(page, "username", "birgit")
    keyboard.write(page, "password", demo.people["birgit"]["password"])
    page.keyboard.press("Enter")
    keyboard.write(page, "code", demo.code("birgit"))
    page.keyboard.press("Enter")
    page.locator("[data-review]").first.wait_for()
    review = page.locator("[data-review]:not([data-review=''])").first.get_attribute("data-review")
    keyboard.reach(page, f"[data-review='{review}'] .at-next a")
    page.keyboard.press("Enter")
    page.locator("#decision").wait_for()
    keyboard.reach(page, "#decision input[name=decision]")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#decision input[value=plan]")).to_be_checked()
    keyboard.reach(page, "#decision input[type=checkbox][name=action]")
    if not page.evaluate("document.activeElement.checked"):
        page.keyboard.press("Space")
    keyboard.reach(page, "#note")
    page.keyboard.type("Ring inden torsdag.")
    keyboard.reach(page, "#decision button[type=submit]")
    page.keyboard.press("Enter")
    expect(page.locator("#decision .decided")).to_contain_text("Afgørelse: plan")
    expect(page.locator("#decision .decided")).to_contain_text("Ring inden torsdag.")
    assert desk.complaints == []


def test_a_policy_violation_would_be_heard(open_tablet, demo):
    tablet = open_tablet(demo, "planted")
    tablet.page.goto(demo.url + "/account/sign-in")
    tablet.page.evaluate(
        "() => document.head.append(Object.assign(document.createElement('style'), { textContent: 'h1 {}' }))"
    )
    tablet.page.wait_for_timeout(200)
    assert tablet.complaints
