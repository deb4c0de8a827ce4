"""What is to be decided about a notification is decided, never ticked off."""

import pytest

from screening import decisions, duties, families, notes, notifying, tasks
from screening.errors import NotAllowed, NotAnswerable, NotFound
from tests.builders import PLACE, a_note, a_visit, arrive

HIT = {"B": {}, ("C", "parent1"): {"t5": "year"}, "D": {"v1": "3", "v2": None, "v7": "later"}}


@pytest.fixture
def waiting(store, tablet, lead, home, now):
    """A task that wants a decision."""
    assert arrive(store, tablet, a_visit(home, now, answers=HIT), now)["state"] == "opened"
    return next(one for one in tasks.of_family(store, home["id"]) if one["action"] == duties.UNDECIDED)


def owed(store, home):
    return {one["action"]: one["due"] for one in tasks.of_family(store, home["id"])}


def decide(store, home, task, by, now, **form):
    return notifying.decide(store, home["id"], task["id"], form, by, now, PLACE)


def test_ticking_it_off_decides_nothing(store, waiting, lead, visitor, home, now):
    for person in (lead, visitor):
        with pytest.raises(NotAnswerable, match="tages stilling"):
            tasks.finish(store, waiting["id"], person, now)
    assert duties.undecided(store, home["id"])


def test_a_tablet_that_ticks_it_off_decides_nothing_and_it_is_kept(store, tablet, waiting, visitor, home, now):
    note = a_note(home, now, "task_done", task=waiting["id"])
    assert arrive(store, tablet, note, now)["state"] == "opened"
    assert duties.undecided(store, home["id"])
    assert notes.of_family(store, home["id"])[0]["before"] == {"not_decided": True}
    (row,) = families.caseload(store, visitor, None, now)["families"]
    assert [one["id"] for one in row["tasks"] if one.get("decides")] == [waiting["id"]]


def test_what_will_be_sent_is_a_task_for_the_visitor_with_its_confirmation(store, waiting, lead, visitor, home, now):
    decide(store, home, waiting, lead, now, choice="will")
    found = owed(store, home)
    assert duties.UNDECIDED not in found and found[duties.NOTIFY] == "2026-11-23"
    assert (found[duties.CONFIRMATION], found[duties.FEEDBACK]) == ("2026-12-01", "2026-12-21")
    assert duties.unwritten(store, home["id"]) and not duties.registered(store, home["id"])


def test_what_was_sent_is_registered_and_waits_for_its_confirmation(store, waiting, lead, home, now):
    decide(store, home, waiting, lead, now, choice="sent")
    found = owed(store, home)
    assert not {duties.UNDECIDED, *duties.NOTIFIED} & set(found) and duties.CONFIRMATION in found
    assert duties.registered(store, home["id"]) and not duties.unwritten(store, home["id"])


def test_not_now_needs_a_reason_and_is_asked_again_within_three_days(store, waiting, lead, home, now):
    for form, sentence in (
        ({}, "Vælg, om underretningen"),
        ({"choice": "never"}, "Vælg, om underretningen"),
        ({"choice": "not_now", "again": "2026-11-25"}, "hvorfor"),
        ({"choice": "not_now", "reason": "Ser barnet i morgen.", "again": "2026-11-27"}, "tre dage"),
        ({"choice": "not_now", "reason": "Ser barnet i morgen.", "again": ""}, "tre dage"),
        ({"choice": "not_now", "reason": "Ser barnet i morgen.", "again": "2026-11-22"}, "tre dage"),
    ):
        with pytest.raises(NotAnswerable, match=sentence):
            decide(store, home, waiting, lead, now, **form)
    decide(store, home, waiting, lead, now, choice="not_now", reason="Ser barnet i morgen.", again="2026-11-25")
    assert owed(store, home)[duties.UNDECIDED] == "2026-11-25"
    (made,) = decisions.of_family(store, home["id"])
    assert (made["decision"], made["choice"], made["reason"]) == ("notification", "not_now", "Ser barnet i morgen.")


def test_it_says_nothing_of_the_level_and_reaches_no_tablet_as_a_decision(store, waiting, lead, visitor, home, now):
    decide(store, home, waiting, lead, now, choice="will")
    assert families.caseload(store, visitor, None, now)["families"][0]["decisions"] == []
    known = families.encounters(store, home["id"])[0]
    assert decisions.standing(decisions.of_visit(store, home["id"], known["id"]), known["known"]) == 3


def test_only_a_lead_says_it_and_only_of_what_waits(store, waiting, lead, visitor, home, now):
    with pytest.raises(NotAllowed):
        decide(store, home, waiting, visitor, now, choice="sent")
    decide(store, home, waiting, lead, now, choice="sent")
    with pytest.raises(NotFound):
        decide(store, home, waiting, lead, now, choice="sent")
