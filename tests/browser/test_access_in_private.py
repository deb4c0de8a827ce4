"""Everybody can use the talk with each parent alone, in either language, and nothing on its pages gives them away."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import keyboard
from tests.browser.conftest import launch
from tests.browser.lists import ask
from tests.browser.looks import Look
from tests.browser.tablet import CODE, SLOW, Tablet, act, screen
from tests.browser.test_assessment import KEEP, response
from tests.browser.visit import (
    ACTIONS,
    JOINT,
    OWN_PART,
    SETTING,
    STEPS,
    Tapping,
    begin,
    finish,
    say_of_the_room,
    unfold,
)
from tests.caller import Caller

SAID = "Ring kl. 10, ikke om aftenen"
TOGETHER = {link_id: code for link_id, code in SETTING.items() if link_id not in ("s5", "s6", "s7")}
ROOM = {"s3": ["none"], "s5": "away", "s6": "true", "s7": "clinic"}
NOTHING = {"t1": "0", "t2": "no", "t3": "no", "t4": "no", "t5": "no", "t6": "ok", "t7": "no", "t8": ["no"], "t9": "no"}
# Afraid of somebody and of her own anger: what follows is asked, and the lead hears of it today.
TELLS = NOTHING | {"t2": "yes", "t8": ["child"], "t18": "no", "t10": ["partner"], "t11": "yes", "t19": ["talk"],
                   "c3": "no", "c4": "oral"} | {f"t{number}": "no" for number in range(12, 18)}  # fmt: skip
OWN = JOINT | {"k5": "1"}
EVERYTHING = {
    "joint": TOGETHER,
    "parent1": ROOM | OWN | TELLS,
    "parent2": ROOM | {"s5": "nohear"} | NOTHING,
    "case": {},
}
PEOPLE = {"da": ("line", "da-DK"), "en": ("karin", "en-GB")}
# Families with both parents at home: first those whose visit may be held today, then those that have had one.
FAMILIES = """async () => {
  const { families } = await (await import("/static/visitor/vault.js")).caseload();
  const today = new Date().toISOString().slice(0, 10);
  const isDue = ({ state, opens, closes }) => state === "open" && opens <= today && today <= closes;
  const two = families.filter(({ parents, separated }) => parents.length === 2 && !separated);
  const [due, held] = [({ visits }) => visits.some(isDue), ({ last }) => Object.keys(last ?? {}).length];
  const apart = families.filter(({ parents, separated }) => parents.length === 2 && separated);
  return { due: two.filter(due), held: two.filter(held), apart };
}"""
LATER = "(step) => { const right = Date.now; Date.now = () => right() + step }"
NAMES = """async () => (await (await import("/static/visitor/vault.js")).caseload()).families
  .flatMap(({ children, parents, address }) => [...[...children, ...parents].map(({ name }) => name), address])
  .filter(Boolean)"""


def to_family(page: Page, family: dict) -> None:
    """Open a family by its name."""
    page.fill("[name=search]", family["children"][0]["name"])
    page.locator(f"[data-found] [data-family='{family['id']}']").click()
    screen(page, "family")


def form(page: Page) -> str:
    """The form on the page: A, hub, B, C, told, back or end."""
    return page.locator("#screen > .screen").get_attribute("data-form")


def asks(page: Page, link_id: str) -> None:
    expect(page.locator(f"[data-link-id='{link_id}']:visible")).to_be_visible()


def forward(page: Page, is_there: Callable[[], object], tapping: Tapping | None = None) -> None:
    """Go on, answering with `tapping` or skipping, until the page is there."""
    for _ in range(STEPS):
        if is_there():
            return
        tapping.step() if tapping else act(
            page, "skip" if page.locator("[data-action=skip]:visible").count() else "next"
        )
    raise AssertionError(f"the page never came, at {form(page)}")


def shows(page: Page, link_id: str) -> Callable[[], int]:
    return lambda: page.locator(f"[data-link-id='{link_id}']:visible").count()


def code(page: Page) -> None:
    """The code that opens a tablet which was handed back."""
    page.locator("[name=pin]").fill(CODE)
    act(page, "unlock")
    screen(page, "visit")


# ── each page, in both languages, sizes and colours ──


@pytest.fixture
def speaking(playwright, chromium_path, demo, tmp_path):
    """A function that opens a tablet of somebody who reads a language."""
    opened = []

    def open_one(language: str) -> Tablet:
        username, locale = PEOPLE[language]
        caller = Caller(demo)
        caller.sign_in(username)
        caller.form("/account/", language=language, to="/account/language")
        opened.append(launch(playwright, chromium_path, demo, tmp_path / language, locale=locale))
        opened[0].enrol(username)
        return opened[0]

    yield open_one
    for tablet in opened:
        tablet.close()


@pytest.mark.parametrize("language", PEOPLE)
def test_every_page_between_the_room_and_the_lead_is_readable_reachable_and_neutral(speaking, language):
    """FR5, FR6, FR8, FR22, 5.8.9 and 5.8.24."""
    tablet = speaking(language)
    page, look = tablet.page, Look(tablet.page)
    to_family(page, page.evaluate(FAMILIES)["due"][0])
    begin(page)
    tapping = Tapping(page, EVERYTHING, SAID, mode="each")
    the_first_parent(page, look, tapping)
    the_other_parent(page, look, tapping)
    to_the_lead(page, look, tapping)
    around(page, look)
    rehearsal(page, look)
    assert look.found == []
    assert len(look.outside) == 1, look.outside
    assert {"hub", "room", "met", "told", "cover"} <= set(look.kinds)
    assert (look.kinds["hub"], look.kinds["question"], look.kinds["end"]) == ("shareable", "private", "visitor")
    assert look.kinds["the last page of the talk"] == "shareable"
    assert tablet.complaints == []


def the_first_parent(page: Page, look: Look, tapping: Tapping) -> None:
    forward(page, lambda: form(page) == "hub", tapping)
    look.at("hub")
    act(page, "respondent-1")
    look.at("room")
    tapping.answer_all()
    look.at("answered room", touched=True)
    act(page, "next")
    asks(page, "b0")
    look.at("before her questions")
    act(page, "self")
    look.at("lent to her")
    act(page, "open-private")
    look.at("she answers")
    forward(page, lambda: form(page) == "back", tapping)
    look.at("handing back")
    act(page, "handed")
    expect(page.locator("[name=pin]")).to_be_visible()
    code(page)
    asks(page, "s6")
    look.at("asked again")
    say_of_the_room(page)
    act(page, "next")
    asks(page, "t0")
    look.at("before the private part")
    act(page, "open-private")
    look.at("question")
    forward(page, shows(page, "t3"), tapping)
    page.locator(".lives summary").click()
    look.at("met", touched=True)
    act(page, "now")
    look.at("now")
    page.locator("#now [data-action=back]").first.click()
    asks(page, "t3")
    forward(page, shows(page, "t9"), tapping)
    look.at("met with her anger")
    forward(page, shows(page, "c1"), tapping)
    look.at("contact")
    forward(page, lambda: form(page) == "told", tapping)
    look.at("told")
    for _ in range(STEPS):
        if shows(page, "t2")():
            break
        act(page, "back")
    page.locator("[name=t2][value=no]").check(force=True)
    forward(page, lambda: form(page) == "hub", tapping)


def the_other_parent(page: Page, look: Look, tapping: Tapping) -> None:
    act(page, "respondent-2")
    tapping.answer_all()
    act(page, "next")
    forward(page, shows(page, "t0"))
    forward(page, lambda: form(page) == "told", tapping)
    look.at("nothing told")
    act(page, "contact")
    asks(page, "c1")
    page.keyboard.press("Escape")
    look.at("cover")
    act(page, "uncover")
    asks(page, "s6")
    say_of_the_room(page)
    act(page, "next")
    asks(page, "c1")
    forward(page, lambda: form(page) == "hub")
    look.at("hub after both")


def to_the_lead(page: Page, look: Look, tapping: Tapping) -> None:
    act(page, "next")
    expect(page.locator("[data-grave]:visible")).to_have_count(0)
    look.at("the last page of the talk")
    act(page, "next")
    expect(page.locator("[data-grave]:visible, [data-kept]:visible")).to_have_count(0)
    look.at("end")
    unfold(page)
    page.locator("[data-passed] summary").click()
    expect(page.locator("[data-grave]:visible, [data-kept]:visible, [data-passed] li:visible").nth(2)).to_be_visible()
    look.at("end unfolded", touched=True)
    act(page, "no-danger")
    act(page, "send")
    expect(page.locator("[data-slot=grave]")).to_contain_text(
        re.compile("er på vej til lederen|is on its way to the lead")
    )
    page.locator("[data-action=kept-yes]").click()
    expect(page.locator("[data-kept]")).to_be_hidden()
    look.at("sent", touched=True)
    tapping.step()
    look.at("own part of the visit")
    tapping.until("finish")
    finish(page)
    act(page, "back")
    screen(page, "today")


def around(page: Page, look: Look) -> None:
    """What is noted around a visit, and what is on its way."""
    to_family(page, page.evaluate(FAMILIES)["due"][-1])
    act(page, "own-part")
    expect(page.locator("[data-held]")).to_be_attached()
    look.at("own part")
    act(page, "guide")
    screen(page, "guide")
    look.at("guide")
    act(page, "back")
    for name in ("parents", "plan", "missed"):
        page.locator(f"[data-page={name}]").click()
        expect(page.locator("form.around")).to_be_visible()
        if name == "missed":
            page.locator("[name=outcome][value=postponed]").check(force=True)
        look.at(name, touched=name == "missed")
        if name != "missed":
            act(page, "back")
    page.locator("[name=reason][value=ill]").check(force=True)
    act(page, "note")
    expect(page.locator("#notice")).to_be_visible()
    act(page, "back")
    act(page, "back")
    screen(page, "today")
    homes(page, look)
    correction(page, look)
    act(page, "waiting")
    expect(page.locator("[data-way], .way")).to_have_count(3)
    look.at("waiting")
    act(page, "back")
    act(page, "ready")
    expect(page.locator("[data-checks] li").first).to_be_visible()
    look.at("ready")


def correction(page: Page, look: Look) -> None:
    """A finished visit is corrected: what there is to choose, and what was changed."""
    visited = ask(page, "visits")[0]["family"]
    to_family(page, next(one for one in ask(page, "caseload")["families"] if one["id"] == visited))
    act(page, "own-part")
    act(page, "correct")
    screen(page, "visit")
    look.at("what is corrected")
    page.locator("[data-action=part]").first.click()
    page.locator("[name=s1][value=clinic]").check(force=True)
    act(page, "back")
    page.locator("[data-action=part]").last.click()
    screen(page, "assessment")
    act(page, "reveal")
    expect(page.locator("[data-suggested]")).to_be_visible()
    while not page.locator("[data-action=finish]:visible").count():
        act(page, "next")
    expect(page.locator("[data-changes] li").first).to_be_visible()
    expect(page.locator("[data-action=finish]")).to_have_text(re.compile("Send rettelsen|Send the correction"))
    look.at("what was corrected", touched=True)
    act(page, "pause")
    screen(page, "today")


def homes(page: Page, look: Look) -> None:
    """A family in two homes, and one that is not on the list."""
    to_family(page, page.evaluate(FAMILIES)["apart"][0])
    expect(page.locator("[name=home]").first).to_be_attached()
    look.at("two homes")
    act(page, "back")
    screen(page, "today")
    page.fill("[name=search]", "Xerxes")
    act(page, "around")
    expect(page.locator("form.around")).to_be_visible()
    look.at("new family")
    page.locator("[name=home][value=apart]").check(force=True)
    look.at("new family in two homes", touched=True)
    act(page, "back")
    screen(page, "today")
    page.fill("[name=search]", "")


def rehearsal(page: Page, look: Look) -> None:
    """The mark of a rehearsal takes its place and nothing else's."""
    act(page, "rehearse")
    expect(page.locator("body[data-rehearsal]")).to_be_attached(timeout=SLOW)
    screen(page, "today")
    look.at("rehearsal")
    page.locator("[data-family]:has-text('Alma')").first.click()
    screen(page, "family")
    begin(page)
    forward(page, lambda: form(page) == "hub", Tapping(page, EVERYTHING, SAID, mode="each"))
    act(page, "respondent-1")
    look.at("room of a rehearsal")


# ── what comes with each change ──


@pytest.fixture
def private(page) -> Callable[..., str]:
    """A function that leaves off in the private part of a visit, and opens it again; gives its id."""

    def leave(link_id: str, **answers: object) -> str:
        family = page.evaluate(FAMILIES)["due"][0]
        at = page.evaluate("() => new Date().toISOString()")
        place = {"form": "C", "respondent": "parent1", "item": link_id, "at": 0, "of": 0}
        room = response("A", "parent1", **ROOM)
        together = response("A", "joint", **TOGETHER)
        alone = response("C", "parent1", **answers)
        more = {
            "mode": "each",
            "who": "parent1",
            "place": place,
            "gates": {"parent1": {"at": at, "seen": at, "state": "open"}},
        }
        id = page.evaluate(KEEP, [family["id"], [together, room, alone], more])
        to_family(page, family)
        act(page, "resume")
        screen(page, "visit")
        return id

    return leave


def alone_again(page: Page, link_id: str) -> None:
    """How the room is comes first and holds nothing of the question; said again, the same question is there."""
    asks(page, "s6")
    expect(page.locator("[data-link-id='s6'] :checked")).to_have_count(0)
    expect(page.locator(f"#screen [data-link-id='{link_id}']")).to_have_count(0)
    expect(page.locator("[data-action=next]")).to_have_attribute("aria-disabled", "true")
    say_of_the_room(page)
    act(page, "next")
    asks(page, link_id)


def two_fingers(page: Page) -> None:
    fingers = page.context.new_cdp_session(page)
    points = [{"x": 200, "y": 500, "id": 0}, {"x": 500, "y": 700, "id": 1}]
    fingers.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": points})
    fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


WAYS = {
    "two fingers": two_fingers,
    "Escape": lambda page: page.keyboard.press("Escape"),
    "the way back": lambda page: page.go_back(),
    "the button": lambda page: act(page, "cover"),
}


def test_every_way_to_the_cover_leads_over_the_room_to_the_same_question_with_what_was_half_typed(page, private):
    """FR3 and FR4."""
    private("c1", **TELLS)
    alone_again(page, "c1")
    typed = page.locator("input[name=c1]")
    said = ""
    for way, cover in WAYS.items():
        typed.fill(said := said + way[4:8])
        cover(page)
        expect(page.locator("body[data-covered]")).to_be_attached()
        expect(page.locator("#screen")).to_be_empty()
        act(page, "uncover")
        alone_again(page, "c1")
        expect(typed).to_have_value(said)


def test_after_the_room_is_no_longer_theirs_the_question_does_not_come_back(page, private):
    """FR3 and 5.8.13: what was answered is kept, the private part is closed."""
    id = private("t3", **TELLS)
    asks(page, "s6")
    say_of_the_room(page, s6="false")
    expect(page.locator("[name=s7]:visible")).to_have_count(0)
    act(page, "next")
    expect(page.locator("#screen > .screen")).to_have_attribute("data-form", "hub")
    expect(page.locator("[data-slot=closed]")).to_be_visible()
    expect(page.locator("#screen [data-link-id]")).to_have_count(0)
    answers = ask(page, "draft", id)["responses"]
    assert next(one for one in answers if one["form"] == "C")["answers"]["t2"] == {"value": "yes"}


@pytest.mark.parametrize("step", [301_000, 4 * 3_600_000])
def test_after_a_lock_nothing_of_the_visit_is_in_the_document(page, private, step):
    names = page.evaluate(NAMES)
    private("c1", **TELLS)
    alone_again(page, "c1")
    page.locator("input[name=c1]").fill("20 30 40 50")
    page.evaluate(LATER, step)
    expect(page.locator("body[data-locked]")).to_be_attached(timeout=SLOW)
    expect(page.locator(":is([name=pin], [name=passphrase]):visible")).to_be_visible(timeout=SLOW)
    left = page.evaluate("() => document.documentElement.outerHTML")
    values = page.evaluate("() => [...document.querySelectorAll('input, textarea')].map(({ value }) => value).join('')")
    assert len(names) > 10
    assert [name for name in [*names, "20 30 40 50"] if name in left + values] == []
    expect(page.locator(":is([data-link-id], .lives, .confirmed, [data-turns], body[data-respondent])")).to_have_count(
        0
    )


def test_each_question_takes_the_focus_and_only_those_of_the_counted_part_say_their_number(page):
    to_family(page, page.evaluate(FAMILIES)["due"][0])
    act(page, "start" if page.locator("[data-action=start]:visible").count() else "resume")
    screen(page, "visit")
    heading, said = page.locator("#screen h1"), page.locator("#announcer")
    tapping = Tapping(page, EVERYTHING, SAID, mode="each")
    forward(page, lambda: form(page) == "hub", tapping)
    act(page, "respondent-1")
    tapping.answer_all()
    act(page, "next")
    for _ in range(STEPS):
        expect(heading).to_have_count(1)
        expect(heading).to_be_focused()
        if form(page) == "B" and not shows(page, "b0")():
            number = page.locator("[data-slot=counter]").inner_text().split()
            expect(said).to_have_text(f"Spørgsmål {number[0]} af {number[-1]}")
        elif form(page) == "C":
            expect(page.locator("[data-slot=counter]")).to_be_hidden()
        if form(page) == "hub":
            break
        for action in ("open-private", "skip", "next"):
            if page.locator(f"[data-action={action}]:visible").count():
                act(page, action)
                break


# ── the keyboard alone ──


def test_the_keyboard_alone_holds_a_private_talk_from_todays_list_to_its_end(page):
    """5.8.21."""
    family = page.evaluate(FAMILIES)["held"][-1]
    keyboard.write(page, "search", family["children"][0]["name"])
    expect(page.locator(f"[data-found] [data-family='{family['id']}']")).to_be_visible()
    keyboard.reach(page, f"[data-found] [data-family='{family['id']}']")
    page.keyboard.press("Enter")
    screen(page, "family")
    keyboard.press(page, "own-part")
    page.locator("[data-action=talk]").wait_for()
    keyboard.press(page, "talk")
    screen(page, "visit")
    told = {"t2": "yes", "t18": "no", "t10": ["partner"], "t19": ["talk"]}
    own = OWN_PART | {ACTIONS: first_action, "v9": this_day}
    through_the_talk(page, TOGETHER | ROOM | NOTHING | told | own)
    keyboard.press(page, "finish")
    screen(page, "waiting")


def choose(page: Page, link_id: str, chosen: str | list[str]) -> None:
    for code in [chosen] if isinstance(chosen, str) else chosen:
        keyboard.choose(page, link_id, code)


def first_action(page: Page) -> None:
    keyboard.reach(page, f"input[name='{ACTIONS}']")
    page.keyboard.press("Space")


def this_day(page: Page) -> None:
    """Each part of an empty date begins with today's, whatever their order."""
    keyboard.reach(page, "input[name=v9]")
    for _ in range(3):
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowRight")


def through_the_talk(page: Page, answers: dict) -> None:
    answered: set[str] = set()
    turned = False
    for _ in range(STEPS):
        if page.locator("[data-action='finish']:visible:not([aria-disabled=true])").count():
            return
        while waiting := [one for one in questions(page) if one in answers and one not in answered]:
            answers[waiting[0]](page) if callable(answers[waiting[0]]) else choose(
                page, waiting[0], answers[waiting[0]]
            )
            answered.add(waiting[0])
        if page.locator("[data-turns]:visible").count() and not turned:
            turned = True
            keyboard.press(page, "respondent-1")
            continue
        is_end = page.locator("[data-form='end']").count()
        for action in ("next", "reveal", "open-private", "skip"):
            if page.locator(f"[data-action='{action}']:visible:not([aria-disabled=true])").count():
                keyboard.press(page, action)
                if action == "reveal":
                    expect(page.locator("[data-suggested]")).to_be_visible()
                elif is_end:
                    page.locator("[data-form='D']").wait_for()
                break
    raise AssertionError("the end of the talk never came: " + page.locator("#screen").inner_text())


def questions(page: Page) -> list[str]:
    shown = page.locator("fieldset[data-link-id]:visible")
    return shown.evaluate_all("fields => fields.map(field => field.dataset.linkId)")
