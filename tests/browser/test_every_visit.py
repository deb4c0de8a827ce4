"""Every kind of visit, a whole way each: from the unlocked list to the lead's page, every answer compared."""

import sqlite3
from contextlib import closing
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.lists import ask
from tests.browser.tablet import act, screen
from tests.browser.visit import SETTING, unfold
from tests.browser.ways import ALONE, DECLINE, FOLLOWED, NOTE, SAFE, Visit, Ways, open_now, scored

DEMO_FAMILIES = 120
ALL_AT_HOME = SETTING
QUIET = scored(0, 0, 0, 0, 1, 0, 0, 0, joint=True)  # E1
APART = {"s1": "home", "s2": ["p1", "p2"], "s3": ["none"], "s8": "true", "s9": "yes"}
FINE = scored(0, 1, 0, 0, 0, 1, 0, 0, 0)  # E4, the one
TENSE = scored(2, 2, 2, 2, 3, 2, 1, 1, 2)  # E4, the other


@pytest.fixture
def ways(module_ways) -> Ways:
    """Unlocked, on today's list: a test that failed in the middle of a visit leaves the next one nothing."""
    page = module_ways.page
    if page.locator("body[data-screen='waiting'], body[data-screen='today']").count() == 0:
        module_ways.tablet.open()
        module_ways.tablet.unlock()
    return module_ways


def own(level: str, **more: str) -> dict[str, Any]:
    """The visitor's own part: her judgement, and what else is other than on a quiet visit."""
    return {"v1": level} | more


def told_as_tapped(ways: Ways, visit: Visit) -> dict[str, Any]:
    ways.finish(visit)
    return ways.compare(visit)


def eight_months(
    ways: Ways, row: dict[str, Any], answers: dict[str, Any], turns=(), home: str = "", **more: Any
) -> Visit:
    """The visit at 8 months after the one at 2, chosen on the family's page long before its time."""
    visit = ways.start(ways.row(row["id"]), "8m", answers, home, **more)
    for parent in turns:
        visit.taps.turn(parent)
    visit.taps.end()
    return visit


# ── the visits ──


def test_a_quiet_visit_answered_together_is_green_with_safety_not_clarified(ways):
    row = ways.take(open_now)
    answers = {"joint": ALL_AT_HOME | QUIET | {"p3": DECLINE, "k10": DECLINE}, "case": own("0")}
    visit = ways.start(row, "2m", answers)
    visit.taps.end()
    result = told_as_tapped(ways, visit)
    assert (result["level"], result["badge"]) == (0, "not_clarified")

    worse = {"joint": ALL_AT_HOME | scored(2, 2, 1, 1, 2, 2, 1, 1, joint=True), "case": own("2")}
    later = eight_months(ways, row, worse)
    assert told_as_tapped(ways, later)["level"] == 2
    assert {("joint", "f1"), ("joint", "f2")} <= set(later.taps.log)
    assert "Forværret" in ways.tags()
    changed = ways.row(row["id"])["changed"]
    assert [(one["respondent"], one["change"]) for one in changed] == [("joint", "worse")]


def test_each_answers_alone_and_a_closed_gate_opens_later(ways):
    """FR1, FR2, FR10, 5.8.12: with a child in the room there is no private part; when the child sleeps there is."""
    row = ways.take(open_now)
    room = ALONE | {"s3": ["child2"], "s7": "walk"}
    answers = {"joint": APART, "parent1": room | FINE | SAFE, "parent2": ALONE | TENSE | SAFE}
    answers["case"] = own("2", v2="unsure")
    visit = ways.start(row, "2m", answers, mode="each")
    taps = visit.taps
    taps.turn("parent1")
    assert not {("parent1", "t1"), ("parent1", "k5")} & set(taps.log)
    expect(ways.page.locator("[data-slot=closed]")).to_have_text("Ikke alle dele er åbne i dag.")
    taps.turn("parent2")
    assert {("parent2", "t9"), ("parent2", "k5")} <= set(taps.log)
    taps.give("parent1")
    taps.again({"s3": ["none"]})
    taps.to("[data-turns]")
    assert {("parent1", "t9"), ("parent1", "k5")} <= set(taps.log)
    taps.end()
    result = told_as_tapped(ways, visit)
    assert (result["level"], result["discrepant"], result["badge"]) == (2, True, "clarified")

    answers |= {"parent1": ALONE | FINE | SAFE, "case": own("2")}
    later = ways.start(ways.row(row["id"]), "8m", answers, mode="each")
    later.taps.not_today("parent2")
    later.taps.not_today("parent1")
    later.taps.end()
    assert told_as_tapped(ways, later)["level"] == 2
    assert {one["respondent"]: one["change"] for one in ways.row(row["id"])["changed"]} == dict.fromkeys(
        ("parent1", "parent2"), "unchanged"
    )


def test_fear_that_is_told_alone_makes_a_green_visit_orange(ways):
    """E5, FR9, 5.8.10: at 8 months only the parent who told something is asked how things are now."""
    row = ways.take(open_now)
    calm = scored(1, 1, 1, 0, 1, 1, 0, 0, 1)
    afraid = SAFE | FOLLOWED | {"t1": "1", "t2": "yes"}
    answers = {"joint": APART, "parent1": ALONE | calm | afraid, "parent2": ALONE | FINE | SAFE, "case": own("1")}
    visit = ways.start(row, "2m", answers, mode="each")
    visit.taps.turn("parent1")
    visit.taps.turn("parent2")
    assert ("parent2", "c1") not in visit.taps.log
    visit.taps.end()
    ways.finish(visit)
    result = ways.compare(visit, final=2)
    assert (result["flags"], result["level"]) == ({"R09": 2}, 2)
    assert visit.taps.log["case", "v6"] == NOTE  # her own level is below the floor
    assert ways.reviews(row["id"]) == ["2"]

    answers |= {"parent1": ALONE | calm | SAFE | {"t20": "yes"}, "case": own("1")}
    later = eight_months(ways, row, answers, ("parent1", "parent2"), mode="each")
    assert ("parent1", "t20") in later.taps.log
    assert ("parent2", "t20") not in later.taps.log
    assert told_as_tapped(ways, later)["level"] == 0


def test_that_a_child_was_shaken_reaches_the_lead_before_the_visit_is_finished(ways):
    """E8, 5.5: sent from the living room without her own part; the finished visit takes its place."""
    row = ways.take(open_now)
    shaken = SAFE | FOLLOWED | {"t7": "yes"}
    answers = {
        "joint": APART, "parent1": ALONE | scored(1, 1, 1, 1, 0, 1, 1, 1, 1) | shaken,
        "case": own("3", v2="yes", v7="unsafe", o6="1"),
    }  # fmt: skip
    visit = ways.start(row, "2m", answers, mode="one")
    visit.taps.turn("parent1")
    visit.taps.end()
    unfold(ways.page)
    act(ways.page, "send")
    expect(ways.page.locator("[data-slot=grave]")).to_contain_text("er på vej til lederen")
    first = ask(ways.page, "draft", visit.id)["preliminary"]
    ways.is_opened(first)
    begun = Visit(first, visit.family, "2m", visit.parents, visit.taps, visit.prior)
    assert ways.compare(begun)["flags"] == {"R01": 3}
    expect(ways.lead.locator(".under").first).to_contain_text("2-måneders-besøg, foreløbigt")
    assert ways.reviews(row["id"]) == ["3"]

    result = told_as_tapped(ways, visit)
    assert (result["level"], "R01" in result["blocks"]) == (3, True)
    assert first in ways.linked()
    assert ways.reviews(row["id"]) == ["3"]
    ways.lead.goto(ways.address(row["id"], first))
    assert "Gjort færdigt siden" in ways.tags()

    answers["parent1"] = ALONE | scored(1, 1, 0, 1, 0, 1, 1, 0, 1) | SAFE | {"t20": "no"}
    answers["case"] = own("2", v2="no")
    later = eight_months(ways, row, answers, ("parent1",), mode="one")
    assert told_as_tapped(ways, later)["level"] == 0


def test_a_relative_who_interprets_closes_the_private_part_and_an_interpreter_is_booked(ways):
    """FR1, FR17"""
    row = ways.take(open_now)
    room = ALONE | {"s3": ["interp"], "s4": "lay"}
    together = APART | room | scored(1, 1, 0, 0, 1, 0, 0, 0, joint=True)
    answers = {"joint": together, "parent1": room | SAFE, "parent2": room | SAFE, "case": own("0")}
    visit = ways.start(row, "2m", answers)
    for parent in ("parent1", "parent2"):
        visit.taps.turn(parent)
    visit.taps.end()
    assert not [link_id for _, link_id in visit.taps.log if link_id[0] in "tc"]
    assert told_as_tapped(ways, visit)["badge"] == "not_clarified"
    assert "Tolket af en pårørende" in ways.tags()
    expect(ways.lead.locator("[data-task]", has_text="Bestil tolk")).to_be_attached()
    assert "Bestil tolk" in [one["text"] for one in ways.row(row["id"])["tasks"]]

    remote = {"s4": "remote"}
    answers = {"joint": together | remote, "parent1": room | SAFE | remote, "case": own("0")}
    later = eight_months(ways, row, answers, ("parent1",))
    assert told_as_tapped(ways, later)["safety"] == {"parent1": "clarified", "parent2": "not_clarified"}
    assert "Tolket af en pårørende" not in ways.tags()


def test_a_family_that_does_not_want_to_answer_leaves_only_what_was_seen(ways):
    """E9: R14 by what she saw, though nobody answered."""
    row = ways.take(open_now)
    no = ALL_AT_HOME | {"s9": "no", "s10": "declined"}
    visit = ways.start(row, "2m", {"joint": no, "case": own("2", o2="2", o3="2")})
    visit.taps.end()
    expect(ways.page.locator("[data-slot=summary]")).to_have_text("Spørgsmålene er ikke stillet i dag.")
    result = told_as_tapped(ways, visit)
    assert (result["flags"], result["index"]) == ({"R14": 2}, [])

    later = eight_months(ways, row, {"joint": no | {"s10": "time"}, "case": own("0", o1="x")})
    assert told_as_tapped(ways, later)["level"] is None


def test_parents_who_live_apart_are_each_visited_at_home(ways):
    """FR24, 5.8.17: the same visit in both homes, neither showing the other; about no contact nothing is asked."""
    row = apart(ways, ways.take(open_now))
    present = {key: value for key, value in APART.items() if key != "s2"}
    for one, two, said in (("parent1", "parent2", FINE), ("parent2", "parent1", TENSE)):
        answers = {"joint": present | {"s2": [one.replace("parent", "p")]}, one: ALONE | said | SAFE}
        visit = ways.start(row, "2m", answers | {"case": own("0" if said is FINE else "2")}, home=one, mode="one")
        visit.taps.turn(one)
        visit.taps.end()
        told_as_tapped(ways, visit)
        alone = f"Forælder {two[-1]} har sit eget hjem. Der er ikke holdt besøg der."
        assert (alone in ways.each(".unknown li", "one.textContent")) == (one == "parent1")
    expect(ways.lead.locator("[data-linked]", has_text="Den andens hjem")).to_be_attached()

    answers = {"joint": present | {"s2": ["p2"]}, "parent2": ALONE | {"s5": "none"} | SAFE, "case": own("0")}
    visit = ways.start(ways.row(row["id"]), "8m", answers, home="parent2", mode="one")
    visit.taps.give("parent2")
    visit.taps.answer_all()
    act(ways.page, "no-contact")
    visit.taps.to("[data-turns]")
    visit.taps.end()
    assert not [link_id for _, link_id in visit.taps.log if link_id[0] in "kpf"]
    assert told_as_tapped(ways, visit)["level"] is None


def apart(ways: Ways, row: dict[str, Any]) -> dict[str, Any]:
    """The family after its visitor has written down that the parents live apart."""
    ways.open(row["id"])
    act(ways.page, "own-part")
    ways.page.locator("[data-page=parents]").click()
    ways.page.locator("[name=home][value=apart]").check(force=True)
    act(ways.page, "note")
    expect(ways.page.locator("#notice")).to_contain_text("Gemt på tabletten")
    ways.is_opened(ask(ways.page, "notes")[-1]["note"])
    act(ways.page, "back")
    screen(ways.page, "family")
    row = ways.row(row["id"])
    assert row["separated"]
    return row


def test_twins_met_without_being_on_the_list_are_one_family_with_one_visit(ways):
    act_at = ways.page
    ways.today()
    act(act_at, "around")
    act_at.fill("[name=child]", "Liv Ægidius")
    act(act_at, "one-more")
    act_at.locator("[name=child]").nth(1).fill("Storm Ægidius")
    born = min(one["children"][0]["birth"] for one in ways.caseload() if open_now(one))
    for number in (0, 1):
        act_at.locator("[name=birth]").nth(number).fill(born)
    act_at.locator("[name=home][value=together]").check(force=True)
    act_at.fill("[name=parent1]", "Sara Ægidius")
    act_at.fill("[name=parent2]", "Ea Ægidius")
    act(act_at, "note")
    screen(act_at, "family")
    note = ask(act_at, "notes")[-1]
    ways.is_opened(note["note"])
    row = ways.row(note["family"])
    assert (len(row["children"]), row["provisional"]) == (2, True)

    answers = {"joint": ALL_AT_HOME | scored(0, 1, 0, 0, 0, 0, 3, 0, joint=True), "case": own("2")}  # E14
    visit = ways.start(row, "2m", answers)
    expect(ways.page.locator("button.who")).to_contain_text("Liv og Storm")
    visit.taps.end()
    assert told_as_tapped(ways, visit)["level"] == 2
    expect(ways.lead.locator("h1")).to_contain_text("L.Æ. + S.Æ.")

    later = eight_months(ways, row, {"joint": ALL_AT_HOME | QUIET, "case": own("0")})
    assert told_as_tapped(ways, later)["level"] == 0


def test_a_grave_answer_that_a_change_has_hidden_counts_only_when_it_is_taken_along(ways):
    """5.8.9: t11 is taken along and t12 is not; what else was answered behind the changed answer is absent."""
    row = ways.take(open_now)
    told = SAFE | FOLLOWED | {"t2": "yes", "t11": "yes", "t12": "yes"}
    answers = {"joint": APART, "parent1": ALONE | FINE | told, "case": own("3", v2="yes", v7="one")}
    visit = ways.start(row, "2m", answers, mode="one")
    taps = visit.taps
    taps.give("parent1")
    taps.to("[data-form='told'] .overview")
    while not ways.page.locator("fieldset[data-link-id=t2]:visible").count():
        act(ways.page, "back")
    taps.again({"t2": "no"})
    taps.to("[data-turns]")
    taps.end()
    unfold(ways.page)
    for link_id, choice in (("t11", "kept-yes"), ("t12", "kept-no")):
        ways.page.locator(f"[data-action={choice}][data-of={link_id}]").click()
    expect(ways.page.locator("[data-kept]")).to_be_hidden()
    taps.kept = {("parent1", "t11")}
    taps.hidden = {("parent1", name) for name in FOLLOWED} - taps.kept
    assert taps.hidden < set(taps.log)
    result = told_as_tapped(ways, visit)
    assert result["flags"] == {"R05": 3, "R16": 0}


def test_a_later_talk_alone_completes_the_visit_it_names(ways):
    """5.8.21"""
    row = ways.take(lambda one: "2m" in one["last"] and len(one["parents"]) == 2 and not one["separated"])
    ways.open(row["id"])
    act(ways.page, "own-part")
    act(ways.page, "talk")
    screen(ways.page, "visit")
    pressed = SAFE | FOLLOWED | {"t9": "yes", "t20": "yes"}
    answers = {
        "joint": {"s1": "clinic", "s2": ["p1"], "s8": "true"},
        "parent1": ALONE | {"s5": "none"} | scored(1, 1, None, 1, 1, DECLINE, 0, 0, 1) | pressed,
        "case": own("2", v2="unsure", v7="one"),
    }  # fmt: skip
    visit = ways.begun(row, "talk", answers, mode="each")
    visit.taps.turn("parent1")
    visit.taps.end()
    result = told_as_tapped(ways, visit)
    assert result["flags"] == {"R12": 2}
    named = row["last"].get("8m") or row["last"]["2m"]
    assert named in ways.linked()
    expect(ways.lead.locator("[data-linked]", has_text="Besøget, som samtalen fuldfører")).to_be_attached()


def test_a_correction_takes_the_place_of_the_visit_and_both_can_be_read(ways):
    """5.8.21: answers given together, alone, in private and by the visitor are each corrected."""
    row = ways.take(open_now)
    answers = {"joint": APART, "parent1": ALONE | FINE | SAFE, "parent2": ALONE | FINE, "case": own("0")}
    first = ways.start(row, "2m", answers, mode="each")
    first.taps.turn("parent1")
    first.taps.not_today("parent2")
    first.taps.end()
    assert told_as_tapped(ways, first)["level"] == 0

    ways.open(row["id"])
    act(ways.page, "own-part")
    act(ways.page, "correct")
    screen(ways.page, "visit")
    again = ways.begun(row, "2m", answers, mode="each")
    taps = again.taps
    taps.log = dict(first.taps.log)
    del taps.log["case", "v8"]  # what was chosen at another level may not be due any more
    expect(ways.page.locator("[data-action=part]")).to_have_count(4)
    ways.page.locator("[data-action=part]").first.click()
    taps.again({"s1": "clinic"})
    taps.give("parent1")
    taps.again({"s6": "true"})
    taps.to("fieldset[data-link-id=k8]")
    taps.again({"k8": "3"})
    taps.to("fieldset[data-link-id=t4]")
    taps.again({"t4": "some"})
    taps.answers["parent1"] |= FOLLOWED
    taps.to("[data-turns]")
    taps.end()
    act(ways.page, "next")
    screen(ways.page, "assessment")
    taps.to("[data-link-id=o1]")
    taps.again({"o1": "1", "v1": "2"})
    taps.answers["case"] |= {"v2": "no"}
    taps.until("finish")
    changed = ways.page.locator("[data-changes] li")
    expect(changed.filter(has_text="Hvordan foregår kontakten?")).to_contain_text("Før: Hjemmebesøg. Nu: I klinikken.")
    expect(changed.filter(has_text="Før: Nej.").first).to_contain_text(row["parents"][0]["name"].split()[0])
    result = told_as_tapped(ways, again)
    assert (result["level"], result["flags"]) == (2, {"R09": 1})
    assert first.id in ways.linked()
    assert ways.compare(first)["level"] == 0
    assert "Rettet siden" in ways.tags()


# ── what holds for all of them ──


def test_the_server_found_nothing_else_than_the_tablet_in_any_of_them(ways, demo):
    """Both judged every visit by the same rules; a difference would be a line in the log (D6)."""
    with closing(sqlite3.connect(f"file:{demo.folder / 'screening.db'}?mode=ro", uri=True)) as database:
        events = dict(database.execute("SELECT event, COUNT(*) FROM audit GROUP BY event"))
    assert events["visit_kept"] >= len(ways.used)
    assert "result_differs" not in events
