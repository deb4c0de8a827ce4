"""The visitor's own part after a visit, and the action guide: her judgement first, then what is suggested and why."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import problems
from tests.browser.conftest import launch
from tests.browser.tablet import CODE, SLOW, act, screen
from tests.browser.test_around import NO_DATE, STANDS
from tests.browser.test_screens import SMALL, TYPED_AND_COVERED, WIDE
from tests.browser.visit import at_hour
from tests.caller import Caller

DEMO_FAMILIES = 24
AT = "2026-11-23T10:00:00.000Z"
SIZES = [(820, 1180), (1180, 820), (390, 844), (410, 590)]
# An unfinished visit as the vault keeps it, in place of whatever was unfinished before.
KEEP = """async ([family, responses, more]) => {
  const vault = await import('/static/visitor/vault.js');
  const course = await import('/static/visitor/course.js');
  for (const { id } of await vault.drafts()) await vault.dropDraft(id);
  const draft = { ...course.begun(family, '8m', '1.0.0', new Date()), ...more, responses };
  await vault.keepDraft(draft);
  return draft.id;
}"""
KEPT = "async (id) => (await import('/static/visitor/vault.js')).draft(id)"
# Nothing can be written while this transaction is held; it ends when `release` is set.
HOLD = """() => new Promise((held) => {
  const asked = indexedDB.open('visit');
  asked.onsuccess = () => {
    const [name] = asked.result.objectStoreNames;
    const all = asked.result.transaction([...asked.result.objectStoreNames], 'readwrite');
    const again = () => { if (!window.release) all.objectStore(name).count().onsuccess = again; };
    all.oncomplete = () => asked.result.close();
    all.objectStore(name).count().onsuccess = () => { held(); again(); };
  };
})"""
HOUR = "() => { const right = Date.now; Date.now = () => right() + %d }"


def response(form: str, who: str, **values: object) -> dict:
    return {
        "form": form, "respondent": who, "authored_at": AT,
        "answers": {link_id: {"value": value} for link_id, value in values.items()},
    }  # fmt: skip


SETTING = response("A", "joint", s1="home", s2=["p1", "p2"], s3=["none"], s8="true", s9="yes")
ROOM = response("A", "parent1", s3=["none"], s5="away", s6="true", s7="clinic")
QUIET = {**{f"k{number}": "0" for number in range(1, 10)}, "k10": "1", "k11": "no", "p1": "one", "p2": "try"}
TENSE = {**QUIET, **{f"k{number}": "1" for number in range(1, 10)}, "k2": "2", "k7": "2", "k11": "maybe"}
SAFE = {"t1": "0", "t2": "no", "t3": "no", "t4": "no", "t5": "no", "t6": "ok", "t7": "no", "t8": ["no"], "t9": "no"}
EACH = {
    "mode": "each",
    "gates": {"parent1": {"at": AT, "seen": AT, "state": "open"}},
    "done": {"parent1": True, "parent2": True},
}


def told_alone(**more: str) -> list[dict]:
    """Both have answered for themselves, and parent 1 has told something alone."""
    both = [response("B", "parent1", **TENSE), response("B", "parent2", **QUIET)]
    return [SETTING, ROOM, *both, response("C", "parent1", **SAFE | more)]


AFRAID = told_alone(t2="yes")
SHAKEN = told_alone(t7="yes")
SAID_TOGETHER = {"s5": "mayhear", "s6": "false", "s7": "clinic"}
TOGETHER = [
    {**SETTING, "answers": SETTING["answers"] | response("A", "joint", **SAID_TOGETHER)["answers"]},
    response("B", "joint", **{link_id: code for link_id, code in TENSE.items() if link_id != "k5"}),
]


@pytest.fixture
def page(page) -> Page:
    """Today's list with its families."""
    expect(page.locator("[data-family]").first).to_be_visible(timeout=SLOW)
    return page


@pytest.fixture
def unfinished(page) -> Callable[..., str]:
    """A function that keeps an unfinished visit and opens its assessment; gives the visit's id."""

    def begin(responses: list[dict], **more: object) -> str:
        family = page.locator("[data-family]").first.get_attribute("data-family")
        place = {"place": {"form": "D", "page": 1, "at": 1, "of": 5}}
        id = page.evaluate(KEEP, [family, responses, EACH | place | more])
        page.locator(f"[data-family='{family}']").first.click()
        screen(page, "family")
        act(page, "resume")
        screen(page, "assessment")
        return id

    return begin


def choose(page: Page, link_id: str, code: str) -> None:
    page.locator(f"input[name={link_id}][value='{code}']").check(force=True)
    expect(page.locator("[data-saved=yes]")).to_be_attached()


def reveal(page: Page, own: str) -> None:
    """Judge, and see the suggestion."""
    choose(page, "v1", own)
    act(page, "reveal")
    expect(page.locator("[data-suggested]")).to_be_visible()


def onward(page: Page, part: str) -> None:
    """Go on until this page stands, writing why where it is asked."""
    for _ in range(6):
        if part in page.locator("h1").inner_text():
            return
        if page.locator("[name=v6]:visible").count() and not page.locator("[name=v6]").input_value():
            page.fill("[name=v6]", "Jeg har kendt familien længe")
        act(page, "next")
    raise AssertionError(f"{part} never came")


def to_the_end(page: Page, own: str, action: str) -> None:
    """Judge, choose one action, decide against a notification, agree on a day: nothing is missing."""
    reveal(page, own)
    choose(page, "v8", action)
    onward(page, "underretning")
    choose(page, "v2", "no")
    choose(page, "v7", "later")
    onward(page, "skrives")
    page.fill("[name=v9]", "2031-01-15")
    onward(page, "afslutter")
    expect(page.locator("[data-must]")).to_be_hidden()


# ── her own judgement first ──


def test_nothing_computed_is_on_the_page_before_her_judgement_is_kept(page, unfinished):
    """FR18."""
    id = unfinished(AFRAID)
    assert "Forslag" not in page.locator("#screen main").inner_text()
    expect(page.locator("[data-suggested], [data-own], [data-action-id]")).to_have_count(0)
    expect(page.locator("[data-action=reveal]")).to_have_attribute("aria-disabled", "true")
    choose(page, "v1", "1")
    assert page.evaluate(KEPT, id).get("revealed") is None
    page.evaluate(HOLD)
    act(page, "reveal")
    expect(page.locator("[data-unsaved]")).to_contain_text("Ikke gemt", timeout=SLOW)
    expect(page.locator("[data-suggested]")).to_have_count(0)
    page.evaluate("() => { window.release = true }")
    expect(page.locator("[data-suggested]")).to_contain_text("Orange", timeout=SLOW)
    assert page.evaluate(KEPT, id)["revealed"]["v1"] == "1"


def test_what_she_did_not_notice_is_said_with_one_tap_and_what_she_said_stays(page, unfinished):
    id = unfinished(AFRAID)
    choose(page, "o3", "2")
    act(page, "rest")
    expect(page.locator(".observed input:checked")).to_have_count(8)
    expect(page.locator("[name=o3][value='2']")).to_be_checked()
    expect(page.locator("[data-action=rest]")).to_be_hidden()
    expect(page.locator("[data-saved=yes]")).to_be_attached()
    own = next(one for one in page.evaluate(KEPT, id)["responses"] if one["form"] == "D")
    assert {name: cell["value"] for name, cell in own["answers"].items()} == dict.fromkeys(
        (f"o{number}" for number in range(1, 9)), "0"
    ) | {"o3": "2"}


def everything(page: Page) -> None:
    """The guide as it opens from a family's own part, and back."""
    page.locator("[data-family]").first.click()
    screen(page, "family")
    act(page, "own-part")
    act(page, "guide")
    screen(page, "guide")
    expect(page.locator("[data-action-id]")).to_have_count(27)
    expect(page.locator("[data-groups]")).not_to_contain_text("Gælder")
    expect(page.locator("[data-groups] .by strong:visible")).to_have_count(0)
    act(page, "back")
    expect(page.locator("[data-tasks]")).to_be_attached()
    for _ in range(2):
        act(page, "back")
    screen(page, "today")


def test_the_guide_shows_what_was_found_only_after_her_judgement(page, unfinished):
    """FR18: from the family, beside an unfinished visit, every action stands there: for nobody, without a day."""
    everything(page)
    unfinished(AFRAID)
    reveal(page, "1")
    act(page, "guide")
    screen(page, "guide")
    assert 3 < page.locator("[data-action-id]").count() < 27
    expect(page.locator("[data-action-id=H07]")).to_contain_text("Gælder")


def test_what_she_saw_is_kept_and_each_choice_has_its_name(page, unfinished):
    id = unfinished(AFRAID)
    choose(page, "o3", "2")
    choose(page, "o7", "x")
    kept = page.evaluate(KEPT, id)["responses"][-1]
    assert (kept["form"], kept["respondent"]) == ("D", "case")
    assert kept["answers"] == {"o3": {"value": "2"}, "o7": {"value": "x"}}
    row = page.get_by_role("group", name="En forælder virkede bange")
    expect(row.get_by_role("radio", name="Tydelige tegn")).to_be_checked()
    expect(page.get_by_role("radio", name="Orange")).to_be_attached()


# ── the suggestion ──


def test_at_the_floor_it_says_why_it_cannot_be_lower_and_she_may_disagree(page, unfinished):
    id = unfinished(AFRAID)
    reveal(page, "1")
    expect(page.locator(".compared")).to_contain_text("Niveauet kan ikke være lavere end orange")
    expect(page.locator(".compared")).to_contain_text("har fortalt noget alene")
    expect(page.locator("[data-action=switch]")).to_have_text("Skift til orange")
    expect(page.locator("[data-action=keep-own]")).to_have_text("Uenig – skriv til teamlederen")
    expect(page.locator("[name=v6]")).to_be_hidden()
    act(page, "next")
    expect(page.locator("[name=v6]")).to_be_focused()
    page.fill("[name=v6]", "Jeg har kendt dem længe")
    act(page, "next")
    expect(page.locator("h1")).to_contain_text("underretning")
    assert page.evaluate(KEPT, id)["responses"][-1]["answers"]["v6"] == {"value": "Jeg har kendt dem længe"}


def test_changing_to_the_suggestion_keeps_what_she_thought_first(page, unfinished):
    """FR18: both are stored."""
    id = unfinished(AFRAID)
    reveal(page, "1")
    act(page, "switch")
    expect(page.locator("[data-slot=agreed]")).to_have_text("I er enige.")
    expect(page.locator("[data-slot=agreed]")).to_be_focused()
    expect(page.locator("[data-slot=first]")).to_contain_text("gul")
    expect(page.locator("[data-action=switch]")).to_be_hidden()
    expect(page.locator("[data-saved=yes]")).to_be_attached()
    kept = page.evaluate(KEPT, id)
    assert kept["revealed"]["v1"] == "1"
    assert kept["responses"][-1]["answers"]["v1"] == {"value": "2"}


@pytest.mark.parametrize(
    ("own", "says"),
    [("2", "I er enige."), ("1", "Behold gul – skriv hvorfor"), ("3", "Behold rød – skriv hvorfor"),
     ("x", "Aftal en ny kontakt inden 14 dage")],
)  # fmt: skip
def test_above_the_floor_she_changes_or_keeps_hers(page, unfinished, own, says):
    """5.8.11: required when hers is lower, offered when it is higher, nothing when they agree."""
    unfinished(TOGETHER, mode="joint", gates={})
    reveal(page, own)
    expect(page.locator(".judged")).to_contain_text(says)
    act(page, "next")
    if own == "1":
        expect(page.locator("[name=v6]")).to_be_visible()
    else:
        expect(page.locator("h1")).to_contain_text("underretning")


def test_too_few_answers_give_no_suggestion_and_hers_stands(page, unfinished):
    """5.8.5."""
    unfinished([SETTING], mode=None, gates={})
    reveal(page, "1")
    expect(page.locator("[data-suggested]")).to_have_text("Ikke belyst")
    expect(page.locator(".judged")).to_contain_text("Din vurdering gælder")
    expect(page.locator("[data-action=switch]")).to_be_hidden()


def test_actions_come_by_deadline_with_who_until_when_and_a_number(page, unfinished):
    id = unfinished(AFRAID)
    reveal(page, "2")
    rows = page.locator("[data-link-id=v8] [data-action-id]")
    ids = rows.evaluate_all("rows => rows.map(row => row.dataset.actionId)")
    assert ids[:2] == ["H07", "H13"]
    assert "H15" in ids
    assert "H14" not in ids
    expect(page.locator("[data-action-id=H07] .by")).to_contain_text("Dig")
    expect(page.locator("[data-action-id=H07]")).to_contain_text("Holdt senest")
    lead = page.locator("[data-action-id=H13]")
    expect(lead.locator("input")).to_have_count(0)
    expect(lead.locator(".pick .icon")).to_be_visible()
    expect(lead).to_contain_text("00 00 00 12")
    choose(page, "v8", "H07")
    expect(page.locator("[data-slot=chosen]")).to_have_text("1 handling valgt")
    assert page.evaluate(KEPT, id)["responses"][-1]["answers"]["v8"] == {"value": ["H07"]}


def test_couples_are_not_offered_anything_together_while_one_is_afraid(page, unfinished):
    """FR20 and 5.8.22."""
    unfinished(AFRAID)
    reveal(page, "2")
    expect(page.locator("[data-action-id=H15]")).to_contain_text("Foreslå ikke samtaler for jer begge endnu")
    expect(page.locator("[data-link-id=v8]")).not_to_contain_text("Familiehuset")


def test_an_action_that_is_not_due_any_more_is_not_chosen_any_more(page, unfinished):
    id = unfinished(TOGETHER, mode="joint", gates={})
    reveal(page, "1")
    choose(page, "v8", "H16")
    act(page, "switch")
    expect(page.locator("[data-action-id=H16]")).to_have_count(0)
    expect(page.locator("[data-slot=chosen]")).to_have_text("0 handlinger valgt")
    expect(page.locator("[data-saved=yes]")).to_be_attached()
    assert "v8" not in page.evaluate(KEPT, id)["responses"][-1]["answers"]


# ── the notification ──


def test_a_grave_answer_opens_the_decision_and_she_may_leave_without_it(page, unfinished):
    """FR19."""
    unfinished(SHAKEN)
    reveal(page, "3")
    page.locator("p[data-urgent] button").click()
    expect(page.locator("section[data-urgent]")).to_contain_text("Tag stilling i dag")
    first = page.locator("[data-first]")
    expect(first).to_contain_text("Kontakt ikke forældrene først – ring til")
    expect(first).to_contain_text("00 00 00 21")
    onward(page, "skrives")
    onward(page, "afslutter")
    expect(page.locator("[data-undecided] li")).to_have_count(2)
    page.locator("[data-undecided] button").first.click()
    expect(page.locator("[data-link-id=v2]")).to_be_visible()


def test_parents_are_not_told_first_when_she_says_that_it_is_not_safe(page, unfinished):
    """2.1: v7 = unsafe."""
    unfinished(AFRAID)
    reveal(page, "2")
    onward(page, "underretning")
    expect(page.locator("[data-urgent], [data-first]").locator("visible=true")).to_have_count(0)
    choose(page, "v7", "unsafe")
    expect(page.locator("[data-first]")).to_be_visible()
    choose(page, "v7", "later")
    expect(page.locator("[data-first]")).to_be_hidden()


def test_what_follows_from_the_decision_can_be_chosen_beside_it(page, unfinished):
    unfinished(AFRAID)
    reveal(page, "2")
    choose(page, "v8", "H07")
    onward(page, "underretning")
    expect(page.locator("[data-more]")).to_be_hidden()
    choose(page, "v2", "unsure")
    expect(page.locator("[data-more] [data-action-id]")).to_have_attribute("data-action-id", "H20")
    choose(page, "v2", "yes")
    expect(page.locator("[data-more] [data-action-id]")).to_have_attribute("data-action-id", "H19")
    choose(page, "v8", "H19")
    act(page, "back")
    expect(page.locator("[name=v8]:checked")).to_have_count(2)


# ── what is written ──


def test_what_was_agreed_with_one_alone_is_asked_only_where_somebody_was_asked_alone(page, unfinished):
    unfinished(TOGETHER, mode="joint", gates={})
    reveal(page, "2")
    onward(page, "skrives")
    expect(page.locator("[name=v5a]")).to_be_visible()
    expect(page.locator("[name=v5b]")).to_be_hidden()


def test_that_it_is_not_wished_noted_is_kept_and_changes_nothing_else(page, unfinished):
    """FR27."""
    id = unfinished(AFRAID)
    reveal(page, "2")
    onward(page, "skrives")
    expect(page.locator("[name=v5b]")).to_be_visible()
    page.locator("[name=not-noted]").check(force=True)
    page.fill("[name=v3]", "Sara sagde: “Han råber.”")
    page.fill("[name=v9]", "2031-01-15")
    expect(page.locator("[data-saved=yes]")).to_be_attached()
    kept = page.evaluate(KEPT, id)
    assert kept["notNoted"] is True
    assert kept["responses"][-1]["answers"]["v9"] == {"value": "2031-01-15"}
    act(page, "next")
    act(page, "back")
    expect(page.locator("[name=not-noted]")).to_be_checked()
    expect(page.locator("[name=v3]")).to_have_value("Sara sagde: “Han råber.”")
    page.fill("[name=v9]", "2020-01-15")
    expect(page.locator("[data-link-id=v9]")).to_contain_text("Datoen ligger før i dag.")


def test_half_typed_text_survives_cover_and_both_locks(tablet, page, unfinished):
    unfinished(AFRAID)
    reveal(page, "2")
    onward(page, "skrives")
    text = page.locator("[name=v4]")
    text.evaluate(TYPED_AND_COVERED, "Hun virker tr")
    expect(page.locator("#screen")).to_be_empty()
    act(page, "uncover")
    expect(text).to_have_value("Hun virker tr")
    text.press("End")
    text.type("æt")
    page.evaluate(HOUR % 400_000)
    expect(page.locator("body[data-locked=re]")).to_be_attached(timeout=SLOW)
    expect(page.locator("textarea")).to_have_count(0)
    page.fill("[name=pin]", CODE)
    act(page, "unlock")
    expect(text).to_have_value("Hun virker træt")
    text.press("End")
    text.type(" og bange")
    page.evaluate(HOUR % (4 * 3600_000))
    expect(page.locator("body[data-locked=full]")).to_be_attached(timeout=SLOW)
    expect(page.locator("textarea")).to_have_count(0)
    page.reload()
    tablet.unlock()
    act(page, "resume")
    expect(text).to_have_value("Hun virker træt og bange")


@pytest.mark.parametrize(("hour", "first"), [(11, "Familierådgivningen"), (22, "Social døgnvagt")])
def test_she_is_sent_to_somebody_who_answers_now(page, unfinished, hour, first):
    at_hour(page, hour)
    unfinished(SHAKEN)
    reveal(page, "3")
    onward(page, "underretning")
    expect(page.locator("[data-slot=first]")).to_have_text(f"Kontakt ikke forældrene først – ring til {first}")
    expect(page.locator("[data-contacts] li").first).to_contain_text(first)


# ── back, and the end ──


def test_back_from_the_first_page_leads_to_the_visit(page, unfinished):
    unfinished(TOGETHER, mode="joint", gates={})
    act(page, "back")
    screen(page, "visit")


def test_a_date_that_the_server_would_not_take_is_told_at_its_field_and_finishes_nothing(page, unfinished):
    unfinished(AFRAID)
    to_the_end(page, "2", "H07")
    act(page, "back")
    day = page.locator("[name=v9]")
    day.evaluate(STANDS, "20266-03-05")
    day.focus()
    page.locator("[name=v3]").focus()
    expect(page.locator("[data-link-id=v9] .error")).to_have_text(NO_DATE)
    act(page, "next")
    expect(page.locator("[data-action=finish]")).to_have_attribute("aria-disabled", "true")
    page.locator("[data-must] button").click()
    expect(page.locator("[data-link-id=v9] .error")).to_be_visible()
    page.fill("[name=v9]", "2031-01-15")
    page.locator("[name=v3]").focus()
    expect(page.locator("[data-link-id=v9] .error")).to_be_hidden()
    onward(page, "afslutter")
    expect(page.locator("[data-action=finish]")).not_to_have_attribute("aria-disabled", "true")


def test_what_is_missing_in_the_visit_stands_before_the_end_and_leads_there(page, unfinished):
    first = TOGETHER[0]
    setting = {**first, "answers": {name: cell for name, cell in first["answers"].items() if name != "s8"}}
    unfinished([setting, *TOGETHER[1:]], mode="joint", gates={})
    reveal(page, "2")
    onward(page, "afslutter")
    expect(page.locator("[data-action=finish]")).to_have_attribute("aria-disabled", "true")
    missing = page.locator("[data-must] button")
    assert missing.count() > 2
    missing.first.click()
    expect(page.locator("[data-link-id=s8]")).to_be_visible()


def test_whether_there_was_danger_is_asked_before_the_visit_is_finished_and_can_be_said_otherwise(page, unfinished):
    """H01: an opened Nu card is never passed over in silence."""
    id = unfinished(TOGETHER, mode="joint", gates={}, now=True)
    reveal(page, "3")
    onward(page, "afslutter")
    expect(page.locator("[data-danger]")).to_be_visible()
    assert page.evaluate(KEPT, id).get("danger") is None
    for action, is_danger in (("danger", True), ("no-danger", False)):
        act(page, action)
        expect(page.locator(f"[data-action={action}][aria-pressed=true]")).to_be_visible()
        expect(page.locator("[data-saved=yes]")).to_be_attached()
        assert page.evaluate(KEPT, id)["danger"] is is_danger


def test_no_visit_is_finished_while_it_is_not_said_whether_there_was_danger(page, unfinished):
    unfinished(AFRAID, now=True)
    to_the_end(page, "3", "H01")
    expect(page.locator("[data-action=finish]")).to_have_attribute("aria-disabled", "true")
    act(page, "danger")
    expect(page.locator("[data-action=finish]")).not_to_have_attribute("aria-disabled", "true")


def test_ten_taps_on_finish_give_one_visit(page, unfinished):
    id = unfinished(AFRAID)
    to_the_end(page, "2", "H07")
    expect(page.locator("[data-passed] li").first).to_be_visible()
    for said in ("Orange", "15. januar 2031", "Underretning"):
        expect(page.locator("[data-decided]")).to_contain_text(said)
    page.locator("[data-action=finish]").evaluate("button => { for (let n = 0; n < 10; n += 1) button.click() }")
    screen(page, "waiting")
    expect(page.locator(f"[data-encounter='{id}']")).to_have_count(1)
    assert page.evaluate(KEPT, id) is None
    outbox = page.evaluate("async () => (await import('/static/visitor/vault.js')).outbox()")
    assert len([one for one in outbox if one["id"] == id]) == 1


def test_each_page_has_one_heading_which_has_the_focus_and_says_which_page_it_is(page, unfinished):
    unfinished(AFRAID)
    heading = page.locator("#screen h1")
    seen = set()
    reveal(page, "2")
    for part in ("forslag", "underretning", "skrives", "afslutter"):
        onward(page, part)
        expect(heading).to_have_count(1)
        expect(heading).to_be_focused()
        seen.add(heading.inner_text())
    assert len(seen) == 4


# ── the guide ──


def test_the_guide_has_numbers_texts_and_the_sentence_for_the_record(page, unfinished):
    """2.6: the neutral sentence, and who can read it."""
    unfinished(AFRAID)
    reveal(page, "2")
    act(page, "guide")
    screen(page, "guide")
    unchecked = page.locator("[data-all-contacts] [data-contact=interpreter]")
    expect(unchecked).to_contain_text("nummeret er ikke bekræftet")
    expect(page.locator("[data-all-contacts] [data-contact=emergency]")).not_to_contain_text("bekræftet")
    expect(page.locator("main")).to_contain_text("Begge forældre kan læse dette – måske allerede i dag.")
    sentence = page.locator("[data-slot=journal]").inner_text()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    act(page, "copy-journal")
    expect(page.locator("[data-slot=copied-journal]")).to_have_text("Kopieret.")
    assert page.evaluate("() => navigator.clipboard.readText()") == sentence
    page.context.clear_permissions()
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('denied')) }")
    act(page, "copy-journal")
    expect(page.locator("[data-slot=copied-journal]")).to_contain_text("kunne ikke kopieres")
    assert page.evaluate("() => String(getSelection())").strip() == sentence
    act(page, "back")
    expect(page.locator("h1")).to_contain_text("forslag")


def test_the_notification_is_drafted_from_what_she_wrote_and_stays_as_she_changes_it(page, unfinished):
    """2.1: facts, then her assessment; what was told alone is left out."""
    unfinished(SHAKEN)
    reveal(page, "3")
    onward(page, "skrives")
    page.fill("[name=v3]", "Barnet havde et mærke på armen.")
    page.fill("[name=v4]", "Det passer ikke med alderen.")
    page.fill("[name=v5b]", "Ring kun om aftenen.")
    act(page, "back")
    act(page, "guide")
    screen(page, "guide")
    text = page.locator("[name=notification]")
    drafted = text.input_value()
    assert 0 < drafted.index("mærke på armen") < drafted.index("passer ikke med alderen")
    assert "aftenen" not in drafted
    expect(page.locator("[data-notification]")).to_contain_text("Forældrene kan som regel læse underretningen")
    text.evaluate(TYPED_AND_COVERED, drafted + "\nJeg så barnet i dag.")
    act(page, "uncover")
    expect(text).to_have_value(drafted + "\nJeg så barnet i dag.")
    act(page, "back")
    screen(page, "assessment")


# ── who can read and reach it ──


def every_page(page: Page, look: Callable[[], None]) -> None:
    """Look at each page of her own part, with every part of it open, and at the guide."""
    look()
    reveal(page, "1")
    act(page, "keep-own")
    look()
    page.fill("[name=v6]", "Fordi")
    act(page, "next")
    choose(page, "v2", "yes")
    look()
    act(page, "next")
    look()
    act(page, "next")
    look()
    for _ in range(3):
        act(page, "back")
    act(page, "guide")
    screen(page, "guide")
    look()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_targets_are_large_and_nothing_goes_sideways(page, unfinished, width, height):
    page.set_viewport_size({"width": width, "height": height})
    unfinished(SHAKEN)

    def fits() -> None:
        assert page.evaluate(SMALL) == []
        assert page.evaluate(WIDE) == []

    every_page(page, fits)


def accessible(page: Page) -> None:
    assert problems(page) == []


def test_the_whole_part_is_accessible(page, unfinished):
    unfinished(SHAKEN)
    every_page(page, lambda: accessible(page))


def test_the_whole_part_is_accessible_and_complete_in_english(playwright, chromium_path, demo, tmp_path):
    caller = Caller(demo)
    caller.sign_in("tove")
    caller.form("/account/", language="en", to="/account/language")
    english = launch(playwright, chromium_path, demo, tmp_path / "english", locale="en-GB")
    try:
        english.enrol("tove")
        page = english.page
        family = page.locator("[data-family]").first
        expect(family).to_be_visible(timeout=SLOW)
        place = {"place": {"form": "D", "page": 1, "at": 1, "of": 5}}
        page.evaluate(KEEP, [family.get_attribute("data-family"), SHAKEN, EACH | place])
        family.click()
        screen(page, "family")
        act(page, "resume")
        screen(page, "assessment")

        def look() -> None:
            accessible(page)
            words = page.locator("#screen main").inner_text()
            assert not {"Handlinger", "Underretning", "Forslag", "Kontakt ikke", "Mangler"} & set(words.split()), words

        every_page(page, look)
        assert english.complaints == []
    finally:
        english.close()
