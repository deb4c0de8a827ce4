"""A lead's list: what is most urgent stands first, in plain words, with a deadline that counts working time."""

import copy
from datetime import UTC, datetime, timedelta

import pytest

from screening import duties, families, people, reviews, sync, tasks
from screening.errors import NotFound
from screening.municipality import Municipality
from tests.builders import LOUD, QUIET, a_family, a_note, a_person, a_tablet, a_visit, arrive, bring, judge, sealed

PLACE = Municipality()
FRIGHTENED = {"B": {}, ("C", "parent1"): {"t2": "yes", "t18": "yes"}, "D": {"v1": "3", "v7": "unsafe"}}
THROAT = {"B": {}, ("C", "parent1"): {"t2": "yes", "t11": "yes"}, "D": {"v1": "3", "v7": "later"}}
SAD = {"B": {}, ("C", "parent1"): {"t1": "3", "t17": "yes"}, "D": {"v1": "2", "v7": "one"}}
APART = {("B", "parent1"): {}, ("B", "parent2"): LOUD | {"k2": "1", "k7": "1"}, "D": {"v1": "1", "v7": "both"}}
LOWER = {"B": {"k1": "3"}, "D": {"v1": "0", "v6": "De ler ad det."}}


@pytest.fixture
def lead(store, now):
    return a_person(store, now, "lead", name="Birgit Dam")


@pytest.fixture
def visitor(store, now):
    return a_person(store, now, name="Line Holst")


@pytest.fixture
def visited(store, visitor, tablet, lead):
    """A function: what was answered -> a family with that visit."""

    def visit(at, answers=None, kind="2m", mode="joint", days=60, **details):
        home = a_family(store, visitor, at, days=days, **details)
        row = arrive(store, tablet, a_visit(home, at, kind, mode, answers), at)
        assert row["state"] == "opened", row["reason"]
        return home | {"encounter": row["id"]}

    return visit


def listed(store, person, at, place=PLACE):
    return reviews.listed(store, person, at, place)


def lines(store, person, at):
    return [one for group in listed(store, person, at)["groups"] for one in group["reviews"]]


def only(store, person, at):
    (line,) = lines(store, person, at)
    return line


# ── order ──


def test_the_groups_of_the_guide_stand_in_their_fixed_order(store, lead, visitor, tablet, visited, now):
    visited(now, LOWER)
    visited(now, APART, mode="each")
    visited(now, {"B": LOUD, "D": {"v1": "2", "v7": "both"}})
    worse = visited(now - timedelta(days=190), {"B": QUIET})
    visit = a_visit(worse, now, "8m", answers={"B": LOUD, "D": {"v1": "2", "v7": "both"}})
    assert arrive(store, tablet, visit, now)["state"] == "opened"
    visited(now - timedelta(days=5), {"B": LOUD})
    visited(now, SAD, mode="one")
    visited(now, THROAT, mode="one")
    visited(now, FRIGHTENED, mode="one")
    twice = visited(now - timedelta(days=190))
    arrive(store, tablet, a_visit(twice, now, "8m"), now)
    sent = visited(now - timedelta(days=30), {("C", "parent1"): {}, "D": {"v1": "0", "v2": "yes"}}, mode="one")
    reviews.decide(store, sent["id"], sent["encounter"], {"decision": "agree", "seen": ""}, lead, now, PLACE)
    for task in tasks.of_family(store, sent["id"]):
        if task["action"] == duties.NOTIFY:
            tasks.end(store, task, visitor["id"], now)
    late = visited(now - timedelta(days=30), {"B": LOUD, "D": {"v1": "2", "v7": "both", "v9": "2026-11-20"}})
    reviews.decide(store, late["id"], late["encounter"], {"decision": "agree", "seen": ""}, lead, now, PLACE)
    nobody = a_family(store, visitor, now)
    for _ in range(2):
        arrive(store, tablet, a_note(nobody, now, "not_home", "2m", tried_at="2026-11-23T09:00:00.000Z"), now)
    arrive(store, tablet, a_note(a_family(store, visitor, now), now, "moved"), now)
    found = listed(store, lead, now)["groups"]
    assert [(group["key"], len(group["reviews"])) for group in found] == [
        ("danger", 1), ("red", 1), ("unconfirmed", 1), ("today", 1), ("orange_over", 1), ("worse", 1), ("follow_up", 1),
        ("orange", 1), ("discrepant", 1), ("not_clarified", 1), ("lower", 1), ("never_met", 1), ("other", 1),
    ]  # fmt: skip
    assert found[1]["title"] == "Rød uden afgørelse"
    every = [one for group in found for one in group["reviews"]]
    assert len({frozenset(one) for one in every}) == 1, "a page reads the same fields of all"


def test_inside_a_group_the_nearest_deadline_comes_first_then_the_youngest_child(store, lead, visited, now):
    late = visited(now, {"B": LOUD})
    old, young = (visited(now - timedelta(days=3), {"B": LOUD}, days=days) for days in (70, 58))
    assert [one["family"] for one in lines(store, lead, now - timedelta(minutes=1))] == [
        young["id"], old["id"], late["id"],
    ]  # fmt: skip


def test_a_quiet_visit_waits_for_nobody(store, lead, visited, now):
    visited(now)
    found = listed(store, lead, now)
    assert (found["groups"], found["count"], found["next"]) == ([], 0, None)


# ── one line ──


def test_a_line_says_who_why_until_when_and_what_next(store, lead, visited, now):
    visited(now - timedelta(hours=1), {"B": LOUD})
    line = only(store, lead, now)
    assert (line["level"], line["level_word"], line["ring"]) == (2, "Orange", False)
    assert (line["initials"], line["age"], line["team"], line["visitor"]) == ("N.L.", "8 uger", "Nord", "Line Holst")
    assert line["headline"] == "Det bliver voldsomt, mens barnet er i rummet"
    assert (line["visited_since"], line["received_since"]) == ("1 t 50 min", "1 t 00 min")
    assert (line["deadline_text"], line["left"], line["over"]) == ("ons. 25. nov.", "2 arbejdsdage", False)
    assert (line["owner"], line["deputy"], line["next_step"]) == ("Birgit Dam", None, "Læs og afgør")


def test_a_line_holds_no_name_of_the_family(store, lead, visited, now):
    visited(now, {"B": LOUD | {"p3": "Farmor hjælper"}})
    assert not any(word in str(listed(store, lead, now)) for word in ("Nora", "Lindskov", "Birkevænget", "Farmor"))


def test_an_english_reader_reads_english(store, lead, visited, now):
    visited(now, {"B": LOUD})
    people.speak(store, lead, "en")
    found = listed(store, people.get(store, lead["id"]), now)
    (group,) = found["groups"]
    line = group["reviews"][0]
    assert (group["title"], line["level_word"], line["next_step"]) == (
        "Orange within the deadline", "Orange", "Read and decide",
    )  # fmt: skip
    assert (line["left"], line["age"], found["next"]) == ("2 working days", "8 weeks", "Wed 25 Nov")


def test_who_told_something_alone_is_named_by_role_only(store, lead, visited, now):
    visited(now, THROAT, mode="one")
    line = only(store, lead, now)
    assert line["headline"] == "Forælder 1 er blevet taget om halsen"
    assert line["second"].startswith("Fortalt alene. Lægetilsyn samme dag")


def test_danger_says_whom_to_call(store, lead, visited, now):
    visited(now, FRIGHTENED, mode="one")
    assert only(store, lead, now)["next_step"] == "Ring til Line"


def test_far_apart_answers_say_which_levels(store, lead, visited, now):
    visited(now, APART, mode="each")
    line = only(store, lead, now)
    assert (line["headline"], line["next_step"]) == ("Den ene grøn, den anden gul", "Læs")
    assert line["second"] == "Nævn det ikke for dem. Tal med dem hver for sig."


def test_green_without_clarified_safety_is_an_open_ring(store, lead, tablet, visited, now):
    home = visited(now - timedelta(days=190))
    arrive(store, tablet, a_visit(home, now, "8m"), now)
    line = only(store, lead, now)
    assert (line["group"], line["level"], line["ring"]) == ("not_clarified", 0, True)
    assert (line["headline"], line["next_step"]) == ("Tryghed ikke afklaret", "Aftal nyt sted")


@pytest.mark.parametrize(
    ("before", "after", "headline"),
    [
        ({"B": QUIET}, {"B": LOUD}, "Forværret: fra grøn til orange"),
        ({"B": LOUD | {"k9": "2"}}, {"B": LOUD}, "Orange ved 2 måneder, orange ved 8"),
        ({"B": LOUD | {"k1": "1", "k6": "0"}}, {"B": LOUD | {"k1": "3", "k6": "3"}}, "Forværret siden 2 måneder"),
    ],
)  # fmt: skip
def test_worse_or_still_high_since_two_months_says_from_what_to_what(
    store, lead, tablet, visited, now, before, after, headline
):
    home = visited(now - timedelta(days=190), before)
    arrive(store, tablet, a_visit(home, now, "8m", answers=after), now)
    found = [one for one in lines(store, lead, now) if one["group"] == "worse"]
    assert [one["headline"] for one in found] == [headline]


def test_the_two_month_visit_may_come_after_the_eight_month_one(store, visitor, tablet, lead, now):
    home = a_family(store, visitor, now, days=250)
    arrive(store, tablet, a_visit(home, now, "8m", answers={"B": LOUD}), now)
    assert only(store, lead, now)["group"] == "orange"
    arrive(store, tablet, a_visit(home, now - timedelta(days=190), "2m"), now)
    assert listed(store, lead, now)["groups"][0]["key"] == "worse"


def test_a_case_that_cannot_be_read_says_so_and_leaves_the_others_usable(store, lead, visited, now):
    """AT-49"""
    broken, fine = visited(now, {"B": LOUD}), visited(now, {"B": LOUD})
    store.run("UPDATE data_keys SET wrapped = :bytes WHERE id = :id", bytes=b"damaged", id=broken["sealed_for"])
    first, second = lines(store, lead, now)
    assert (first["family"], first["group"], first["headline"]) == (broken["id"], "today", "Sagen kan ikke læses")
    assert (second["family"], second["level"]) == (fine["id"], 2)
    assert set(second) == set(first), "a page reads the same fields of both"


# ── deadlines ──


@pytest.mark.parametrize(
    ("answers", "mode", "deadline"),
    [
        (FRIGHTENED, "one", "2026-11-23T13:12:00.000Z"),
        (SAD, "one", "2026-11-23T13:12:00.000Z"),
        ({"B": LOUD}, "joint", "2026-11-25T15:00:00.000Z"),
        (APART, "each", "2026-11-30T15:00:00.000Z"),
    ],
)
def test_how_soon_a_lead_must_look_follows_from_what_was_found(store, lead, visited, now, answers, mode, deadline):
    visited(now, answers, mode=mode)
    assert only(store, lead, now)["deadline"] == deadline


def test_a_passed_deadline_is_said_and_orange_rises(store, lead, visited, now):
    visited(now, {"B": LOUD})
    line = only(store, lead, datetime(2026, 11, 26, 9, tzinfo=UTC))
    assert (line["group"], line["left"], line["over"]) == ("orange_over", "1 dag over", True)


def test_the_list_counts_what_is_due_today_what_is_over_and_what_nobody_has(store, lead, visited, now):
    visited(now - timedelta(days=6), {"B": LOUD})
    visited(now, THROAT, mode="one")
    store.run("UPDATE reviews SET owner = NULL WHERE opened_at < :now", now="2026-11-20")
    found = listed(store, lead, now)
    assert [found[key] for key in ("count", "today", "over", "unowned", "next")] == [2, 1, 1, 1, "i dag 14.12"]
    assert {one["next_step"] for one in lines(store, lead, now)} == {"Tag sagen", "Læs og afgør"}


# ── whose it is ──


def test_a_review_has_a_named_owner_and_a_deputy(store, visited, lead, now):
    """AT-69: no automatic work without a named owner."""
    other = a_person(store, now, "lead", name="Peter Skov")
    visited(now, {"B": LOUD})
    line = only(store, lead, now)
    assert (line["owner"], line["deputy"]) == ("Birgit Dam", "Peter Skov")
    assert only(store, other, now)["id"] == line["id"]


def test_where_a_team_has_a_lead_another_teams_stands_in_for_nobody(store, visited, lead, now):
    other = a_person(store, now, "lead", "Syd")
    home = visited(now, {"B": LOUD})
    assert only(store, lead, now)["deputy"] is None
    assert lines(store, other, now) == []
    with pytest.raises(NotFound):
        families.get(store, home["id"], other)


def test_who_stood_in_for_another_team_sees_its_family_no_longer_than_the_case_is_open(store, visited, lead, now):
    other = a_person(store, now, "lead", "Syd")
    home = visited(now, {"B": LOUD})
    store.run("UPDATE reviews SET deputy = :id", id=other["id"])
    assert families.get(store, home["id"], other)["id"] == home["id"]
    form = {"decision": "close", "reason": "Det går godt nu.", "seen": ""}
    reviews.decide(store, home["id"], home["encounter"], form, lead, now, PLACE)
    with pytest.raises(NotFound):
        families.get(store, home["id"], other)


def test_a_team_without_a_lead_is_looked_after_by_all_others(store, lead, now):
    second, third = a_person(store, now, "lead", "Syd"), a_person(store, now, "lead", "Vest")
    visitor = a_person(store, now, team="Øst")
    home = a_family(store, visitor, now, planned={"2m": "2026-11-20T09:00"})
    store.run("UPDATE families SET team = 'Ingen'")
    assert [one["family"] for one in listed(store, third, now)["missing"]] == [home["id"]]
    arrive(store, a_tablet(store, visitor, now), a_visit(home, now, answers={"B": LOUD}), now)
    line = only(store, lead, now)
    assert (line["team"], line["owner"]) == ("Ingen", "Birgit Dam")
    assert {only(store, one, now)["id"] for one in (second, third)} == {line["id"]}
    assert only(store, a_person(store, now, "lead", ""), now)["id"] == line["id"]
    assert lines(store, lead, now) and lines(store, third, now) == [], "now somebody leads all teams"


def test_a_review_that_nobody_could_be_given_is_found_by_the_first_lead_there_is(store, visitor, tablet, now):
    arrive(store, tablet, a_visit(a_family(store, visitor, now), now, answers={"B": LOUD}), now)
    lead = a_person(store, now, "lead", "Syd")
    assert only(store, lead, now)["next_step"] == "Tag sagen"


def test_another_teams_lead_and_everybody_else_sees_nothing(store, visited, lead, visitor, now):
    visited(now, {"B": LOUD})
    for other in (visitor, a_person(store, now, "lead", "Syd"), a_person(store, now, "admin", "Nord")):
        found = listed(store, other, now)
        assert (found["groups"], found["missing"], found["quarantine"], found["count"]) == ([], [], [], 0)


def test_a_lead_of_no_team_sees_all(store, visited, lead, now):
    visited(now, {"B": LOUD})
    assert lines(store, a_person(store, now, "lead", ""), now)


def test_who_takes_a_review_has_it_and_the_other_stands_in(store, visited, lead, now):
    other = a_person(store, now, "lead", name="Peter Skov")
    visited(now, {"B": LOUD})
    review = only(store, lead, now)["id"]
    reviews.take(store, review, other, now)
    line = only(store, lead, now)
    assert (line["owner"], line["deputy"]) == ("Peter Skov", "Birgit Dam")
    for person, id in ((other, "none"), (a_person(store, now), review), (a_person(store, now, "lead", "Syd"), review)):
        with pytest.raises(NotFound):
            reviews.take(store, id, person, now)


# ── what is not here ──


def test_a_planned_visit_that_did_not_come_within_a_day_is_asked_for(store, visitor, lead, now):
    a_family(store, visitor, now, planned={"2m": "2026-11-22T09:00"})
    a_family(store, visitor, now, planned={"2m": "2026-11-23T09:00"})
    (gone,) = listed(store, lead, now)["missing"]
    assert (gone["kind"], gone["headline"], gone["next_step"]) == (
        "planned", "Planlagt søn. 22. nov., ikke kommet ind", "Ring til Line",
    )  # fmt: skip
    assert (gone["initials"], gone["since"]) == ("N.L.", "1 dag 1 t")
    assert listed(store, a_person(store, now, "lead", "Syd"), now)["missing"] == []


def test_a_visit_that_came_is_not_asked_for(store, visitor, tablet, lead, now):
    home = a_family(store, visitor, now, planned={"2m": "2026-11-21T09:00"})
    arrive(store, tablet, a_visit(home, now), now)
    assert listed(store, lead, now)["missing"] == []


def test_a_hole_in_a_chain_is_asked_for_after_a_day(store, visitor, tablet, lead, now):
    """P5: visit 1 and 3 are here, so visit 2 was made and has not come."""
    made = [sealed(tablet, a_visit(a_family(store, visitor, now), now), now) for _ in range(3)]
    for raw in (made[0], made[2]):
        bring(store, tablet, raw, now)
    judge(store, now)
    assert listed(store, lead, now)["missing"] == []
    tomorrow = now + timedelta(hours=25)
    (gone,) = listed(store, lead, tomorrow)["missing"]
    assert (gone["kind"], gone["count"], gone["headline"], gone["visitor"]) == (
        "gap", 1, "Et besøg er lavet, men ikke kommet", "Line Holst",
    )  # fmt: skip
    bring(store, tablet, made[1], tomorrow)
    assert listed(store, lead, tomorrow)["missing"] == []


def test_what_was_set_aside_or_refused_is_in_sight_of_the_team_it_came_from(store, visitor, tablet, lead, now):
    arrive(store, tablet, a_visit(a_family(store, visitor, now), now) | {"count": 99}, now)
    sync.receive(store, {"id": tablet.id, "revoked_at": None, "nonce": "n"}, [b"rubbish"], now)
    refused, aside = listed(store, lead, now)["quarantine"]
    assert (aside["state"], aside["reason"], aside["headline"]) == (
        "quarantined", "wrong_count", "Antallet af svar passer ikke",
    )  # fmt: skip
    assert (aside["visitor"], aside["next_step"]) == ("Line Holst", "Ring til Line")
    assert (refused["state"], refused["visitor"], refused["next_step"]) == ("refused", None, None)
    others = listed(store, a_person(store, now, "lead", "Syd"), now)["quarantine"]
    assert [one["state"] for one in others] == ["refused"]


# ── agreed actions past their date ──


def test_an_agreed_action_past_its_date_brings_an_orange_family_back(store, lead, visitor, visited, now):
    home = visited(now, {"B": LOUD})
    plan = [{"action": "H14", "responsible": "visitor", "due": "2026-11-30"}]
    form = {"decision": "plan", "plan": plan, "seen": ""}
    reviews.decide(store, home["id"], home["encounter"], form, lead, now, PLACE)
    assert lines(store, lead, datetime(2026, 11, 30, 22, tzinfo=UTC)) == []
    line = only(store, lead, datetime(2026, 12, 2, 9, tzinfo=UTC))
    assert (line["id"], line["group"], line["level"], line["owner"]) == (None, "follow_up", 2, "Line Holst")
    assert (line["headline"], line["left"], line["next_step"]) == (
        "Tilbyd gruppeforløb eller familiebehandling", "2 dage over", "Følg op",
    )  # fmt: skip


def test_the_next_contact_past_its_date_brings_an_orange_family_back(store, lead, visited, now):
    """7.1, sixth group: red or orange past follow-up date"""
    home = visited(now, {"B": LOUD, "D": {"v1": "2", "v7": "both", "v9": "2026-11-30"}})
    reviews.decide(store, home["id"], home["encounter"], {"decision": "agree", "seen": ""}, lead, now, PLACE)
    assert lines(store, lead, datetime(2026, 11, 30, 22, tzinfo=UTC)) == []
    line = only(store, lead, datetime(2026, 12, 1, 9, tzinfo=UTC))
    assert (line["group"], line["headline"], line["owner"]) == ("follow_up", "Næste kontakt", "Line Holst")


def test_a_notification_nobody_has_confirmed_lifts_a_case_that_is_on_the_list_already(store, lead, visited, now):
    """7.1: the third group stands before orange."""
    visited(now, {"B": LOUD, "D": {"v1": "2", "v2": "yes", "v7": "both"}})
    assert only(store, lead, datetime(2026, 12, 1, 9, tzinfo=UTC))["group"] == "today"
    assert only(store, lead, datetime(2026, 12, 2, 9, tzinfo=UTC))["group"] == "unconfirmed"


def test_nobody_at_home_twice_says_who_tried_and_what_is_to_be_decided(store, lead, visitor, tablet, now):
    """FR16, H25"""
    home = a_family(store, visitor, now)
    for _ in range(2):
        note = a_note(home, now, "not_home", "2m", tried_at="2026-11-23T09:00:00.000Z", text="Gardinerne var for")
        arrive(store, tablet, note, now)
    line = only(store, lead, now)
    assert (line["group"], line["headline"], line["level"]) == ("never_met", "Ingen hjemme 2 gange", None)
    assert line["second"] == "Noteret i dag 10.12 af Line Holst: Gardinerne var for"
    assert (line["deadline_text"], line["owner"], line["next_step"]) == (
        "man. 7. dec.", "Birgit Dam", "Beslut, hvordan familien nås",
    )  # fmt: skip
    assert lines(store, a_person(store, now, "lead", "Syd"), now) == []


def test_a_green_familys_task_past_its_date_does_not(store, lead, visited, now):
    visited(now)
    assert lines(store, lead, now + timedelta(days=60)) == []


def test_reading_the_list_writes_nothing(store, lead, visited, now):
    visited(now, {"B": LOUD})
    tables = ("reviews", "audit", "caseload_changes", "tasks")
    before = copy.deepcopy([store.rows(f"SELECT * FROM {table}") for table in tables])  # noqa: S608 - tables named above
    listed(store, lead, now + timedelta(days=9))
    assert [store.rows(f"SELECT * FROM {table}") for table in tables] == before  # noqa: S608 - tables named above
