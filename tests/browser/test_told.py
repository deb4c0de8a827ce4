"""What happens on the page in the moment in which a parent tells something alone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.tablet import CODE, SLOW, act, screen
from tests.browser.test_assessment import EACH, KEEP, SAFE, response
from tests.browser.test_assessment import SETTING as TOGETHER
from tests.browser.visit import another_family, at_hour, begin, say_of_the_room, unfold

ALONE = {"s3": ["none"], "s5": "away", "s6": "true"}
ASKED_NOW = """() => new Date().toISOString()"""


def resumed(page: Page, *said: dict, **more: object) -> None:
    """A visit to the first family on the list, left in the middle, is gone on with."""
    expect(page.locator("[data-family]").first).to_be_visible(timeout=SLOW)
    family = page.locator("[data-family]").first.get_attribute("data-family")
    place = {"form": "A", "respondent": "parent1", "item": "s3", "at": 0, "of": 0}
    responses = [TOGETHER, response("A", "parent1", **ALONE), *said]
    page.evaluate(KEEP, [family, responses, EACH | {"who": "parent1", "place": place} | more])
    page.locator(f"[data-family='{family}']").first.click()
    screen(page, "family")
    act(page, "resume")
    screen(page, "visit")


@pytest.fixture
def asked(page) -> Callable[[str, dict], Page]:
    """A function that opens a private question of parent 1, with what she answered before it."""

    def begin(link_id: str, said: dict) -> Page:
        at = page.evaluate(ASKED_NOW)
        gates = {"parent1": {"at": at, "seen": at, "state": "ask"}}
        after = {"form": "C", "respondent": "parent1", "item": link_id}
        resumed(page, response("C", "parent1", **said), gates=gates, after=after)
        say_of_the_room(page)
        act(page, "next")
        expect(page.locator(f"[data-link-id={link_id}]")).to_be_visible()
        return page

    return begin


@pytest.fixture
def before(page) -> Page:
    """The last question that parent 1 is asked before the private part; the gate is open."""
    resumed(page)
    say_of_the_room(page)
    act(page, "next")
    for _ in range(20):
        if page.locator("[data-link-id=f2]").count():
            return page
        act(page, "skip" if page.locator("[data-action=skip]:visible").count() else "next")
    raise AssertionError("the last question never came")


@pytest.mark.parametrize(("hour", "said"), [(11, "Ring til lederen på vagt"), (22, "Ring 114")])
def test_the_nu_card_sends_her_to_somebody_who_answers_now(page, hour, said):
    """FR11: outside office hours the leader is not there, and the first number is the one of the last step."""
    expect(page.locator("[data-family]").first).to_be_visible(timeout=SLOW)
    at_hour(page, hour)
    another_family(page)
    begin(page)
    act(page, "now")
    expect(page.locator("#now [data-slot=call]")).to_contain_text(said)
    expect(page.locator("#now .calls .call").first).to_contain_text("Leder" if hour == 11 else "114")


def answers_alone(page: Page, link_id: str) -> None:
    """The tablet is lent to her, and she has come to this question."""
    act(page, "self")
    act(page, "open-private")
    while not page.locator(f"[data-link-id={link_id}]:visible").count():
        act(page, "skip" if not page.locator("[data-link-id]:visible :checked").count() else "next")


def answer(page: Page, link_id: str, code: str) -> None:
    page.locator(f"label:has(input[name={link_id}][value='{code}'])").click()


def test_fear_of_what_comes_after_the_visit_opens_the_nu_card_before_anything_else(asked):
    """FR11: also without a connection, with the numbers that lie on the tablet; nothing has to be finished first."""
    page = asked("t18", SAFE | {"t2": "yes"})
    page.context.set_offline(True)
    answer(page, "t18", "yes")
    expect(page.locator("#now h1")).to_be_visible()
    for words in ("Er du tryg? Er barnet trygt?", "112", "Tag barnet og forælderen med ud", "når I er ude"):
        expect(page.locator("#now")).to_contain_text(words)
    expect(page.locator("#now .calls .number")).to_have_count(2)
    page.context.set_offline(False)
    page.locator("#now [data-action=back]").click()
    expect(page.locator("input[name=t18][value=yes]")).to_be_checked()


def test_the_private_part_waits_for_the_room_when_the_tablet_was_covered_on_the_way_to_it(before):
    """FR3: who comes back to the questions before it has not said that they are still alone."""
    page = before
    page.keyboard.press("Escape")
    act(page, "uncover")
    act(page, "skip")
    expect(page.locator("[data-link-id=s6]")).to_be_visible()
    expect(page.locator("[name=s6]:checked")).to_have_count(0)
    expect(page.locator("[data-form=C]")).to_have_count(0)
    say_of_the_room(page)
    act(page, "next")
    expect(page.locator("[data-form=C] [data-link-id=t0]")).to_be_visible()


def test_a_room_that_was_said_before_the_tablet_was_put_away_is_said_anew(page):
    """FR3: an hour later somebody may be there, and what stands there opens nothing."""
    resumed(page)
    expect(page.locator("[data-link-id=s6]")).to_be_visible()
    expect(page.locator("#screen :checked")).to_have_count(0)
    expect(page.locator("[data-action=next]")).to_have_attribute("aria-disabled", "true")
    say_of_the_room(page)
    page.keyboard.press("Escape")
    act(page, "uncover")
    expect(page.locator("[data-link-id=s6]")).to_be_visible()
    expect(page.locator("#screen :checked")).to_have_count(0)


def test_the_private_part_follows_at_once_where_nothing_came_in_between(before):
    page = before
    act(page, "skip")
    expect(page.locator("[data-form=C] [data-link-id=t0]")).to_be_visible()


@pytest.mark.parametrize(
    ("link_id", "code", "said", "not_said"),
    [
        ("t2", "yes", "Det er ikke din skyld", "Der findes hjælp, som virker for mange"),
        ("t7", "yes", "Der findes hjælp, som virker for mange", "Det er ikke din skyld"),
        ("t8", "child", "Der findes hjælp, som virker for mange", "Det er ikke din skyld"),
        ("t8", "adult", "Der findes hjælp, som virker for mange", "Det er ikke din skyld"),
    ],
)
def test_who_tells_something_is_met_before_the_next_question(asked, link_id, code, said, not_said):
    """FR12; 5.8.15: who is afraid of her own anger is not told that it is not her fault."""
    page = asked(link_id, {name: cell for name, cell in SAFE.items() if name < link_id})
    answer(page, link_id, code)
    act(page, "next")
    expect(page.locator(".lives")).to_contain_text(said)
    expect(page.locator(".lives")).not_to_contain_text(not_said)
    expect(page.locator(".lives dt")).to_have_count(5)


@pytest.mark.parametrize("first", ["", "now"])
def test_back_from_the_cover_a_parent_who_holds_the_tablet_meets_the_code_at_once(asked, first):
    """FR10, FR22: from her questions no way leads to the visitor's pages, nor to what the other parent said."""
    page = asked("t0", {})
    act(page, "self")
    act(page, "open-private")
    expect(page.locator("[data-self] [data-link-id=t1]")).to_be_visible()
    if first:
        act(page, first)
        expect(page.locator("#now h1")).to_be_visible()
    act(page, "cover")
    act(page, "uncover")
    expect(page.locator("[name=pin]")).to_be_visible()
    expect(page.locator("#screen [data-link-id], #now h1")).to_have_count(0)
    page.locator("[name=pin]").fill(CODE)
    act(page, "unlock")
    if first:
        page.locator("#now [data-action=back]").click()
    expect(page.locator("[data-link-id=s6]")).to_be_visible()
    expect(page.locator("[name=s6]:checked")).to_have_count(0)


def test_a_parent_who_fears_what_comes_after_gives_the_tablet_back_at_once_and_the_nu_card_follows(asked):
    """FR11, FR22: the card speaks to the visitor, so nothing more is asked before she has the tablet again."""
    page = asked("t0", SAFE | {"t2": "yes"})
    answers_alone(page, "t18")
    answer(page, "t18", "yes")
    expect(page.locator("#now h1")).to_have_count(0)
    act(page, "next")
    expect(page.locator("[data-form=back]")).to_be_visible()
    act(page, "handed")
    page.locator("[name=pin]").fill(CODE)
    act(page, "unlock")
    expect(page.locator("#now h1")).to_be_visible()
    page.locator("#now [data-action=back]").click()
    say_of_the_room(page)
    act(page, "next")
    expect(page.locator("[data-form=C] [data-link-id=t10]")).to_be_visible()


def test_a_parent_who_takes_it_back_goes_on(asked):
    page = asked("t0", SAFE | {"t2": "yes"})
    answers_alone(page, "t18")
    answer(page, "t18", "yes")
    answer(page, "t18", "no")
    act(page, "next")
    expect(page.locator("[data-self] [data-link-id=t10]")).to_be_visible()


def test_a_translation_is_marked_as_not_approved_wherever_it_stands(asked):
    """FR26"""
    page = asked("t1", {})
    expect(page.locator("[data-translation]")).to_be_hidden()
    act(page, "two-languages")
    expect(page.locator("[data-translation]")).to_have_text("oversættelsen er ikke godkendt")


def test_after_the_cover_nobody_sees_what_a_parent_has_answered_by_herself(before):
    """FR10, FR22: with the code the tablet is lent to her again; her answer is there when she goes on."""
    page = before
    for _ in range(20):
        if page.locator("[data-link-id=b0]").count():
            break
        act(page, "back")
    act(page, "self")
    expect(page.locator("h1", has_text="Nu svarer")).to_be_visible()
    act(page, "open-private")
    answer(page, "k1", "2")
    act(page, "cover")
    act(page, "uncover")
    page.locator("[name=pin]").fill(CODE)
    act(page, "unlock")
    expect(page.locator("h1", has_text="Nu svarer")).to_be_visible()
    expect(page.locator("#screen [data-link-id]")).to_have_count(0)
    act(page, "open-private")
    expect(page.locator("[name=k1][value='2']")).to_be_checked()


def test_a_parent_who_answers_by_herself_can_stop_and_the_visitor_goes_on_from_there(asked):
    page = asked("t0", {})
    act(page, "self")
    act(page, "open-private")
    answer(page, "t1", "0")
    act(page, "next")
    act(page, "stop")
    expect(page.locator("[data-form=back]")).to_be_visible()
    expect(page.locator("#screen [data-link-id]")).to_have_count(0)
    act(page, "handed")
    page.locator("[name=pin]").fill(CODE)
    act(page, "unlock")
    say_of_the_room(page)
    act(page, "next")
    expect(page.locator("[data-form=C] [data-link-id=t2]")).to_be_visible()
    expect(page.locator("[data-self]")).to_have_count(0)


def test_in_the_room_that_is_asked_about_again_no_old_answer_stands_and_no_plan_opens(asked):
    """FR3: he may have come in, and read that he could not hear; nor is the next talk planned before his eyes."""
    page = asked("t2", {"t1": {"value": "0"}})
    page.keyboard.press("Escape")
    act(page, "uncover")
    expect(page.locator("[data-link-id=s6]")).to_be_visible()
    expect(page.locator("#screen :checked")).to_have_count(0)
    page.locator("input[name=s6][value=false]").check(force=True)
    expect(page.locator("[data-action=next]")).to_have_attribute("aria-disabled", "true")
    say_of_the_room(page, s5="nohear", s6="false")
    expect(page.locator("[data-link-id=s7]:visible")).to_have_count(0)
    act(page, "next")
    expect(page.locator("[data-form=hub]")).to_be_visible()
    act(page, "next")
    expect(page.locator("[data-form=bye]")).to_be_visible()
    act(page, "next")
    expect(page.locator("[data-kind=visitor] [data-link-id=s7]")).to_be_visible()


def test_an_answer_is_never_taken_away_by_skipping(asked):
    """What takes it away says so."""
    page = asked("t2", {"t1": {"value": "0"}})
    expect(page.locator("[data-action=skip]")).to_have_text("Spring over")
    answer(page, "t2", "yes")
    expect(page.locator("[data-action=skip]")).to_have_text("Fjern svaret")


def test_from_any_question_one_tap_leads_to_each_of_them(asked):
    """Somebody leaves, or somebody wants to talk alone: the same way at the same place in every part."""
    page = asked("t2", {"t1": {"value": "0"}})
    act(page, "turns")
    expect(page.locator("[data-form=hub] [data-turns] button")).to_have_count(2)


def test_a_nu_card_that_was_opened_by_a_slip_is_no_danger(before):
    """H01: until she has said so, there was danger."""
    page = before
    act(page, "now")
    page.locator("#now [data-action=back]").click()
    act(page, "turns")
    for form in ("bye", "end"):
        act(page, "next")
        expect(page.locator(f"[data-form={form}]")).to_be_visible()
    expect(page.locator("[data-danger]")).to_be_hidden()
    unfold(page)
    expect(page.locator("[data-danger]")).to_be_visible()
    act(page, "no-danger")
    expect(page.locator("[data-danger]")).to_be_hidden()


def test_whoever_looks_on_when_the_talk_ends_reads_nothing_of_what_waits_and_she_does_not_go_past_it(asked):
    """FR9, FR19: it stands there when she opens it, and opens by itself before her own part."""
    page = asked("t7", {name: cell for name, cell in SAFE.items() if name < "t7"} | {"t7": "yes"})
    act(page, "now")
    page.locator("#now [data-action=back]").click()
    act(page, "turns")
    for form in ("bye", "end"):
        act(page, "next")
        expect(page.locator(f"[data-form={form}]")).to_be_visible()
    said = page.locator("main").inner_text().lower()
    assert not [word for word in ("fare", "lederen", "nu-kort", "kræver") if word in said]
    act(page, "next")  # nobody goes past it without having seen it
    expect(page.locator("[data-grave] [data-action=send]")).to_be_visible()


def test_that_something_was_sent_to_the_lead_is_on_no_page_that_the_family_sees(asked):
    """5.5: offered after the private part, and never shown to the parents."""
    page = asked("t7", {name: cell for name, cell in SAFE.items() if name < "t7"} | {"t7": "yes"})
    act(page, "turns")
    for form in ("bye", "end"):
        act(page, "next")
        expect(page.locator(f"[data-form={form}]")).to_be_visible()
    unfold(page)
    act(page, "send")
    expect(page.locator("[data-slot=grave]")).to_contain_text("er på vej til lederen")
    for form in ("bye", "hub"):
        act(page, "back")
        expect(page.locator(f"[data-form={form}]")).to_be_visible()
        assert "lederen" not in page.locator("#screen").inner_text()
        expect(page.locator("#notice")).to_be_hidden()


def test_covered_while_the_tablet_is_lent_for_the_private_part_the_room_is_asked_about_before_she_gets_it(asked):
    """FR10, FR22: no page of the visitor's opens in a parent's hands."""
    page = asked("t0", {})
    act(page, "self")
    expect(page.locator("[data-form=lend]")).to_be_visible()
    act(page, "cover")
    act(page, "uncover")
    page.locator("[name=pin]").fill(CODE)
    act(page, "unlock")
    expect(page.locator("[data-link-id=s6]")).to_be_visible()
    say_of_the_room(page)
    act(page, "next")
    expect(page.locator("[data-form=lend]")).to_be_visible()
    act(page, "open-private")
    expect(page.locator("[data-self][data-form=C] [data-link-id]")).to_be_visible()


def test_another_way_of_answering_leaves_no_answer_out_unsaid(before):
    """A parent has answered; that it would not count is said first, and done when it is pressed again."""
    page = before
    answer(page, "f2", "none")
    act(page, "turns")
    for _ in range(10):
        if page.locator("[data-action=mode-joint]:visible").count():
            break
        act(page, "back")
    act(page, "mode-one")
    expect(page.locator("[data-action=mode-one]")).to_have_attribute("aria-pressed", "true")
    act(page, "mode-joint")
    expect(page.locator("[data-slot=drops]:visible")).to_contain_text("tælles så ikke med")
    expect(page.locator("[data-action=mode-one]")).to_have_attribute("aria-pressed", "true")
    act(page, "mode-joint")
    expect(page.locator("[data-action=mode-joint]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-slot=drops]:visible")).to_have_count(0)


def test_the_page_after_a_private_talk_is_the_same_whatever_was_told(asked):
    words = []
    for t2 in ("no", "yes"):
        page = asked("t9", SAFE | {"t2": t2} | {"t9": "no"})
        while not page.locator("[data-form=told]").count():
            act(page, "skip" if page.locator("[data-action=skip]:visible").count() else "next")
        words.append(page.locator("main").inner_text())
        act(page, "turns") if page.locator("[data-action=turns]:visible").count() else act(page, "next")
        act(page, "family")
        screen(page, "family")
        act(page, "back")
    assert words[0] == words[1]
