"""What a visit leaves to be done comes back to the tablet: who, and before which day; nothing is asked for twice."""

from datetime import UTC, date, datetime, timedelta

import pytest

from screening import calendar_days, duties, encounters, families, reviews, tasks
from screening.municipality import Municipality
from screening.store import envelope
from tests.builders import CALM, LOUD, TOGETHER, a_correction, a_note, a_person, a_visit, arrive

PLACE = Municipality()
CLOSED = Municipality(closing_days=frozenset({date(2026, 12, 7), date(2026, 12, 24), date(2026, 12, 25)}))
BOTH = {("C", "parent1"): {}, ("C", "parent2"): {}}
SHAKEN = {("C", "parent1"): {"t7": "yes"}, ("C", "parent2"): {}}


def come(store, tablet, visit, at, **outside):
    row = arrive(store, tablet, visit, at, **outside)
    assert row["state"] == "opened", row["reason"]
    return visit


def owed(store, home):
    """Action -> last day of a family's open tasks."""
    return {one["action"]: one["due"] for one in tasks.of_family(store, home["id"])}


def whose(store, home, action):
    return next(one["responsible"] for one in tasks.of_family(store, home["id"]) if one["action"] == action)


# ── by when ──


@pytest.mark.parametrize(
    ("hours", "last"),
    [
        (0, "2026-12-04"), (8, "2026-12-04"), (24, "2026-12-08"), (48, "2026-12-09"), (144, "2026-12-15"),
        (240, "2026-12-21"), (336, "2026-12-18"), (720, "2027-01-01"), (456, "2026-12-23"),
    ],
)  # fmt: skip
def test_up_to_ten_days_are_working_days_and_longer_ones_end_no_later_than_the_calendar_says(hours, last):
    """A Friday; the Monday after it and Christmas are closed."""
    assert duties.within(date(2026, 12, 4), hours, CLOSED).isoformat() == last


def test_what_cannot_wait_is_due_the_same_day_though_the_office_is_closed():
    assert duties.within(date(2026, 12, 6), 8, CLOSED) == date(2026, 12, 6)


# ── what the visitor has chosen ──


def test_chosen_actions_and_the_next_contact_come_back_to_the_tablet(store, tablet, visitor, home, now):
    chosen = {"v1": "2", "v7": "both", "v8": ["H14", "H16", "H22"], "v9": "2026-12-01"}
    come(store, tablet, a_visit(home, now, answers=BOTH | {"B": LOUD, "D": chosen}), now)
    assert owed(store, home) == {"H14": "2026-12-07", "H16": "2026-12-23", "H22": "2026-12-07", "contact": "2026-12-01"}
    (row,) = families.caseload(store, visitor, None, now)["families"]
    assert [one["due"] for one in row["tasks"]] == ["2026-12-01", "2026-12-07", "2026-12-07", "2026-12-23"]
    assert row["tasks"][0] | {"id": ""} == {"id": "", "text": "Næste kontakt", "due": "2026-12-01",
                                            "responsible": visitor["name"], "mine": True}  # fmt: skip


def test_what_is_over_with_the_visit_leaves_nothing_and_what_has_a_second_step_leaves_that(store, tablet, home, now):
    said = {"v1": "0", "v8": ["H03", "H10", "H17"]}
    come(store, tablet, a_visit(home, now, answers=BOTH | {"D": said}), now)
    assert owed(store, home) == {"H03": "2026-11-24", "H10": "2026-11-30"}


def test_what_is_due_at_the_next_contact_or_at_an_age_has_the_day_that_the_tablet_names(store, tablet, home, now):
    said = {"v1": "2", "v7": "both", "v8": ["H24", "H27"], "v9": "2026-12-01"}
    answers = BOTH | {"B": LOUD | {"p1": "none"}, "D": said}
    come(store, tablet, a_visit(home, now, answers=answers), now)
    birth = date.fromisoformat(home["children"][0]["birth"])
    wanted = calendar_days.months_after(birth, 4) + timedelta(days=15)
    assert owed(store, home) == {"H24": "2026-12-01", "H27": wanted.isoformat(), "contact": "2026-12-01"}


def test_the_leads_action_is_the_leads_and_without_a_lead_the_visitors(store, tablet, visitor, home, now):
    said = {"v1": "0", "v8": ["H09"]}
    come(store, tablet, a_visit(home, now, answers=BOTH | {"D": said}), now)
    assert whose(store, home, "H09") == visitor["id"]
    lead = a_person(store, now, "lead")
    come(store, tablet, a_visit(home, now, "8m", answers=BOTH | {"D": said | {"v8": ["H23"]}}), now)
    assert whose(store, home, "H23") == lead["id"]


def test_the_next_contact_is_over_when_the_next_visit_or_talk_was_held(store, tablet, home, now):
    first = come(store, tablet, a_visit(home, now, answers=BOTH | {"D": {"v1": "x", "v9": "2026-12-01"}}), now)
    assert owed(store, home) == {"contact": "2026-12-01"}
    talk = a_visit(home, now, "talk", "none", BOTH, completes=first["encounter"])
    come(store, tablet, talk, now)
    assert owed(store, home) == {}


# ── a notification ──


@pytest.mark.parametrize("v2", [None, "no", "unsure"])
def test_where_a_rule_asks_for_a_notification_and_nobody_has_said_yes_a_red_task_is_left_for_today(
    store, tablet, visitor, lead, home, now, v2
):
    """FR19"""
    said = {"v1": "3", "v2": v2, "v7": "later"}
    come(store, tablet, a_visit(home, now, mode="each", answers=SHAKEN | {"D": said}), now)
    assert owed(store, home) == {"notification": "2026-11-23"}
    assert whose(store, home, "notification") == visitor["id"]
    (group,) = reviews.listed(store, lead, now)["groups"]
    assert "Underretning ikke afgjort" in group["reviews"][0]["marks"]


@pytest.mark.parametrize(
    ("told", "asks"),
    [
        ({"t5": "year"}, True), ({"t5": "past", "t10": ["ex"]}, False), ({"t5": "past", "t10": ["partner"]}, True),
        ({"t6": "past", "t10": ["ex"]}, False), ({"t2": "yes"}, False), ({"t2": "yes", "t14": "yes"}, True),
        ({"t8": ["child"]}, True), ({"t9": "yes"}, False),
    ],
)  # fmt: skip
def test_which_rules_ask_for_a_notification(store, tablet, lead, home, now, told, asks):
    """FR19, 5.8.2: R01 to R06, R10, and R07 and R08 at floor 2 or more."""
    said = {("C", "parent1"): told, ("C", "parent2"): {}, "D": {"v1": "3", "v2": "no"}}
    come(store, tablet, a_visit(home, now, mode="each", answers=said), now)
    assert ("notification" in owed(store, home)) is asks


def test_yes_leaves_the_notification_and_its_two_reminders(store, tablet, lead, home, now):
    """2.1, H19, H26: written today, confirmed within 6 working days, answered within 28 days."""
    said = {"v1": "3", "v2": "yes", "v7": "unsafe"}
    come(store, tablet, a_visit(home, now, mode="each", answers=SHAKEN | {"D": said}), now)
    assert owed(store, home) == {"H19": "2026-11-23", "confirmation": "2026-12-01", "feedback": "2026-12-21"}


def test_a_child_in_danger_stands_first_until_the_notification_is_ticked_off_as_sent(
    store, tablet, visitor, lead, home, now
):
    """7.1, first and third group"""
    said = {"v1": "3", "v2": "yes", "v7": "unsafe"}
    come(store, tablet, a_visit(home, now, mode="each", answers=SHAKEN | {"D": said}), now)
    assert reviews.listed(store, lead, now)["groups"][0]["key"] == "danger"
    sent = next(one for one in tasks.of_family(store, home["id"]) if one["action"] == "H19")
    arrive(store, tablet, a_note(home, now, "task_done", task=sent["id"]), now)
    assert reviews.listed(store, lead, now)["groups"][0]["key"] == "red"
    (visit,) = encounters.of_family(store, home["id"])
    reviews.decide(store, home["id"], visit["id"], {"decision": "agree", "seen": ""}, lead, now, PLACE)
    assert reviews.listed(store, lead, datetime(2026, 12, 1, 9, tzinfo=UTC))["groups"] == []
    (group,) = reviews.listed(store, lead, datetime(2026, 12, 2, 9, tzinfo=UTC))["groups"]
    assert (group["key"], group["reviews"][0]["headline"]) == ("unconfirmed", "Er underretningen bekræftet modtaget?")


def test_deciding_later_ends_the_red_task(store, tablet, lead, home, now):
    visit = a_visit(home, now, mode="each", answers=SHAKEN | {"D": {"v1": "3", "v2": "unsure"}})
    come(store, tablet, visit, now)
    come(store, tablet, a_correction(visit, now, ("D", "case", {"v2": "yes"})), now)
    assert set(owed(store, home)) == {"H19", "confirmation", "feedback"}
    assert not duties.registered(store, home["id"]), "nothing was sent yet"


def test_a_preliminary_visit_leaves_the_red_task_and_the_finished_one_takes_it_over(store, tablet, lead, home, now):
    """FR19"""
    begun = a_visit(home, now, mode="each", answers=SHAKEN)
    come(store, tablet, begun, now, type=envelope.PRELIMINARY)
    assert owed(store, home) == {"notification": "2026-11-23"}
    (first,) = tasks.of_family(store, home["id"])
    later = now + timedelta(days=1)
    done = a_visit(home, later, mode="each", answers=SHAKEN | {"D": {"v1": "3", "v2": "unsure"}},
                   preliminary=begun["encounter"])  # fmt: skip
    come(store, tablet, done, later)
    (same,) = tasks.of_family(store, home["id"])
    assert (same["id"], same["due"], same["encounter"]) == (first["id"], first["due"], done["encounter"])


# ── corrections ──


def test_a_correction_asks_for_nothing_twice_and_a_ticked_task_stays_ticked(store, tablet, visitor, home, now):
    said = {"v1": "1", "v8": ["H22", "H24"], "v9": "2026-12-01"}
    visit = come(store, tablet, a_visit(home, now, answers=BOTH | {"D": said}), now)
    done = next(one for one in tasks.of_family(store, home["id"]) if one["action"] == "H22")
    tasks.finish(store, done["id"], visitor, now)
    later = now + timedelta(days=2)
    come(store, tablet, a_correction(visit, later, ("D", "case", {"v3": "Rolig", "v9": "2026-12-08"})), later)
    assert owed(store, home) == {"H24": "2026-12-08", "contact": "2026-12-08"}


def test_what_a_correction_takes_back_is_no_longer_asked_for_and_was_not_done(store, tablet, home, now):
    said = {"v1": "0", "v8": ["H22", "H24"]}
    visit = come(store, tablet, a_visit(home, now, answers=BOTH | {"D": said}), now)
    come(store, tablet, a_correction(visit, now, ("D", "case", {"v8": ["H22"]})), now)
    assert set(owed(store, home)) == {"H22"}
    assert {row["state"] for row in store.rows("SELECT state FROM tasks")} == {"open", "dropped"}


# ── an interpreter ──


def test_a_relative_who_interprets_leaves_book_an_interpreter_and_low_confidence(store, tablet, lead, home, now):
    """FR17"""
    lay = TOGETHER | {"s3": ["interp"], "s4": "lay"}
    come(store, tablet, a_visit(home, now, answers={"A": lay, "B": LOUD}), now)
    assert owed(store, home) == {"H18": "2026-12-07", "interpreter": "2026-11-25"}
    assert encounters.of_family(store, home["id"])[0]["unsure"] == ["joint"]
    (line,) = reviews.listed(store, lead, now)["groups"][0]["reviews"]
    assert "Tolket af en pårørende" in line["marks"]


def test_a_professional_interpreter_at_the_next_visit_ends_that(store, tablet, home, now):
    lay, pro = (TOGETHER | {"s3": ["interp"], "s4": who} for who in ("lay", "remote"))
    come(store, tablet, a_visit(home, now, answers={"A": lay}), now)
    come(store, tablet, a_visit(home, now, "8m", answers={"A": lay}), now)
    assert "interpreter" in owed(store, home)
    come(store, tablet, a_visit(home, now, "talk", answers={"A": pro}), now)
    assert "interpreter" not in owed(store, home)


# ── the talk alone ──


@pytest.mark.parametrize("visit", ["2m", "8m"])
def test_a_talk_alone_is_owed_within_14_days_at_both_ages(store, tablet, home, now, visit):
    """FR16"""
    come(store, tablet, a_visit(home, now, visit), now)
    assert owed(store, home) == {"H18": "2026-12-07"}


def test_three_questions_not_answered_call_for_another_talk(store, tablet, home, now):
    """5.4: not a flag, but a follow-up talk."""
    for count, owes in ((2, False), (3, True)):
        declined = CALM | {f"t{number}": "na" for number in range(1, count + 1)}
        come(store, tablet, a_visit(home, now, "talk", answers=BOTH | {("C", "parent1"): declined}), now)
        assert ("H18" in owed(store, home)) is owes
    come(store, tablet, a_visit(home, now, "talk", answers=BOTH), now)
    assert owed(store, home) == {}
