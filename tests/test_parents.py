"""Each of two parents keeps her place; and what one told is never taken for another's who comes into it (FR9)."""

from datetime import timedelta

import pytest

from screening import audit, comparison, encounters, families, parents
from screening.store import utc
from tests.builders import QUIET, a_note, a_visit, arrive

SARA, JONAS = ({"key": key, "name": f"{name} Lindskov", "custody": True}
               for key, name in (("parent1", "Sara"), ("parent2", "Jonas")))  # fmt: skip
KARIM = {"key": "parent2", "name": "Karim Ny", "custody": False}
TOLD = {("B", "parent1"): QUIET, ("B", "parent2"): QUIET, ("C", "parent1"): {}, ("C", "parent2"): {"t2": "yes"}}


@pytest.fixture
def say(store, tablet, home, now):
    """A function: who the parents are, noted so many days after the visit at 2 months."""

    def noted(*given, days=30, **content):
        at = now + timedelta(days=days)
        whole = {"parents": list(given), "separated": False, "unknown": False} | content
        row = arrive(store, tablet, a_note(home, at, "parents", **whole), at)
        assert row["state"] == "opened", row["reason"]

    return noted


@pytest.fixture
def visited(store, tablet, home, now):
    """A function: a visit so many days after the one at 2 months."""

    def came(days=0, kind="2m", mode="each", answers=TOLD, **content):
        at = now + timedelta(days=days)
        visit = a_visit(home, at, kind, mode, answers, **content)
        row = arrive(store, tablet, visit, at)
        assert row["state"] == "opened", row["reason"]
        return visit

    return came


@pytest.fixture
def row(store, visitor, now):
    return lambda: families.caseload(store, visitor, None, now)["families"][0]


def names(row):
    return [(one["key"], one["name"]) for one in row["parents"]]


# ── the same two people ──


def test_two_parents_named_in_the_other_order_keep_their_places_and_what_each_told(visited, say, row):
    visited()
    say(JONAS | {"key": "parent1"}, SARA | {"key": "parent2", "custody": False})
    assert names(row()) == [("parent1", "Sara Lindskov"), ("parent2", "Jonas Lindskov")]
    assert row()["t20"] == {"parent1": False, "parent2": True}
    assert [one["custody"] for one in row()["parents"]] == [False, True], "what is said of a person comes with her"


def test_one_who_stays_keeps_her_place_when_another_is_named_before_her(visited, say, row):
    visited()
    say(KARIM | {"key": "parent1"}, SARA | {"key": "parent2"})
    assert names(row()) == [("parent1", "Sara Lindskov"), ("parent2", "Karim Ny")]


@pytest.mark.parametrize(
    ("name", "same"),
    [
        ("Jonas Lindskov", True),
        ("  JÓNAS   lindskov ", True),
        ("Jonas Holm", True),
        ("Jonas", True),
        ("Jonsa Lindskov", True),
        ("Jona Lindskov", True),
        ("Jonathan Lindskov", False),
        ("Joans", False),
        ("Karim Lindskov", False),
        ("Karim Ny", False),
    ],
)
def test_a_changed_surname_or_one_wrong_letter_is_still_the_same_person(visited, say, row, name, same):
    visited()
    say(SARA, JONAS | {"name": name})
    assert row()["t20"]["parent2"] is same


@pytest.mark.parametrize(
    ("one", "other"),
    [("Søren", "Sören"), ("Åse Æbelø", "åse  æbelø"), ("José", "Jose"), ("Lindskov, Sara", "Sara Lindskov")],
)
def test_names_are_the_same_whatever_their_capitals_accents_and_spaces(one, other):
    assert parents.folded(one) == parents.folded(other)


def test_a_parent_who_was_taken_off_and_comes_back_is_who_she_was(visited, say, row):
    visited()
    say(SARA, days=30)
    say(SARA, JONAS, days=60)
    assert row()["t20"]["parent2"] is True


def test_a_wrong_name_that_is_put_right_has_lost_nothing(visited, say, row):
    visited()
    say(SARA, KARIM, days=30)
    say(SARA, JONAS, days=31)
    assert row()["t20"]["parent2"] is True


# ── another person ──


def test_what_one_told_alone_is_not_asked_of_who_comes_after(visited, say, row):
    """FR9"""
    visited()
    say(SARA, KARIM)
    assert row()["t20"] == {"parent1": False, "parent2": False}
    assert names(row())[1] == ("parent2", "Karim Ny")


def test_a_new_partner_some_time_after_the_former_left_is_another_person(visited, say, row):
    """FR9"""
    visited()
    say(SARA, days=30)
    say(SARA, KARIM, days=60)
    assert row()["t20"]["parent2"] is False


def test_that_the_former_was_safe_says_nothing_of_who_came_after(visited, say, store, home):
    """5.8.6: a talk that completes the former's visit makes clear only what is asked of who is there now."""
    first = visited(answers=TOLD | {("C", "parent2"): {}})
    say(SARA, KARIM)
    visited(40, "talk", "one", {("C", "parent1"): {}}, completes=first["encounter"])
    talk, before = encounters.of_family(store, home["id"])
    assert talk["result"]["safety"] == {"parent1": "clarified", "parent2": "not_clarified"}
    assert before["result"]["safety"] == {"parent1": "clarified", "parent2": "clarified"}


def test_a_visit_from_before_that_comes_late_is_still_the_formers(visited, say, row):
    say(SARA, KARIM, days=30)
    visited()
    assert row()["t20"]["parent2"] is False


def test_who_has_answered_before_somebody_else_came_keeps_what_she_told_in_a_visit_that_is_finished_later(
    store, tablet, home, now, say, row
):
    """FR9: her answers go by when she gave them."""
    at = now + timedelta(days=40)
    visit = a_visit(home, at, "2m", "each", TOLD)
    for response in visit["responses"]:
        response["authored_at"] = utc(now)
    say(SARA, KARIM, days=30)
    assert arrive(store, tablet, visit, at)["state"] == "opened"
    assert row()["t20"] == {"parent1": False, "parent2": False}


@pytest.mark.parametrize("days", [31, 400])
def test_an_answer_that_is_corrected_later_or_a_clock_that_is_ahead_gives_nobody_what_the_former_told(
    store, tablet, home, now, say, row, days
):
    """FR9"""
    visit = a_visit(home, now, "2m", "each", TOLD)
    for response in visit["responses"]:
        response["authored_at"] = utc(now + timedelta(days=days))
    say(SARA, KARIM, days=30)
    assert arrive(store, tablet, visit, now)["state"] == "opened"
    assert row()["t20"] == {"parent1": False, "parent2": False}


def test_what_the_new_one_tells_is_his_own(visited, say, row):
    visited()
    say(SARA, KARIM)
    visited(days=180, kind="8m")
    assert row()["t20"]["parent2"] is True


def test_two_and_eight_months_are_not_compared_for_another_person(store, visited, say, home):
    """5.5.6: only the same respondent; and the other's flag is new for who comes after."""
    visited()
    say(SARA, KARIM)
    visited(days=180, kind="8m")
    moved = {one["respondent"]: one for one in comparison.for_tablet(families.encounters(store, home["id"]))}
    assert moved["parent1"]["change"] == "unchanged"
    assert (moved["parent2"]["change"], moved["parent2"]["new_flag"]) == ("not_comparable", True)


def test_two_couples_are_not_compared(store, visited, say, home):
    visited(mode="joint", answers={"B": QUIET})
    say(SARA, KARIM)
    visited(days=180, kind="8m", mode="joint", answers={"B": QUIET})
    (moved,) = comparison.for_tablet(families.encounters(store, home["id"]))
    assert (moved["respondent"], moved["change"], moved["new_flag"]) == ("joint", "not_comparable", False)


def test_a_change_after_both_visits_takes_no_comparison_away(store, visited, say, home):
    visited()
    visited(days=180, kind="8m")
    say(SARA, KARIM, days=200)
    moved = {one["respondent"]: one["change"] for one in comparison.for_tablet(families.encounters(store, home["id"]))}
    assert moved == {"parent1": "unchanged", "parent2": "unchanged"}


def test_what_was_agreed_with_another_person_is_not_told(visited, say, row):
    visited(mode="joint", answers={"D": {"v5a": "Jonas tager nætterne"}})
    say(SARA, KARIM)
    assert (row()["agreed"], row()["agreement"]) == (None, False)


def test_what_was_agreed_in_a_home_is_not_told_to_who_comes_into_it(visited, say, row):
    """FR24"""
    say(SARA, JONAS, separated=True, days=-1)
    visited(mode="one", answers={("A", "parent2"): {}, ("B", "parent2"): QUIET, ("A", "parent1"): {},
            "D": {"v5a": "Hos Jonas"}}, household="parent2")  # fmt: skip
    assert row()["agreed_in"] == {"parent2": "Hos Jonas"}
    say(SARA, KARIM, separated=True)
    assert row()["agreed_in"] == {} and row()["agreement"] is False


def test_the_registered_address_is_not_the_home_of_who_comes_into_the_first_place(store, visitor, say, row):
    """FR24: it was the former's."""
    say(SARA, JONAS, separated=True)
    assert row()["parents"][0]["address"] == "Birkevænget 4"
    say({"key": "parent1", "name": "Ali Demir"}, JONAS, separated=True, days=31)
    assert names(row())[0] == ("parent1", "Ali Demir") and row()["parents"][0]["address"] is None


def test_that_a_parent_is_another_is_in_the_log_without_a_name(store, visited, say, home):
    visited()
    say(SARA, KARIM)
    (entry,) = [one for one in audit.listed(store) if one["event"] == "parent_changed"]
    assert entry["subject"] == home["id"] and "Karim" not in str(entry)
    say(SARA, KARIM | {"name": "Karim Lindskov"}, days=40)
    assert len([one for one in audit.listed(store) if one["event"] == "parent_changed"]) == 1


def test_no_former_parent_reaches_a_tablet(visited, say, row):
    visited()
    say(SARA, KARIM)
    assert "Jonas" not in str(row())


def test_an_older_note_that_comes_late_puts_nobody_back(store, visitor, say, row):
    say(SARA, KARIM, days=30)
    say(SARA, JONAS, days=20)
    assert names(row())[1] == ("parent2", "Karim Ny")
