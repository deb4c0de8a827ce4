"""What was told alone closes what is offered to both together, and nothing but an assessment opens it (FR20)."""

from datetime import timedelta

import pytest

from screening import couple_gate, decisions, encounters, families, tasks
from screening.errors import NotAnswerable
from tests.builders import LOUD, PLACE, a_person, a_tablet, a_visit, arrive

AFRAID = {("C", "parent1"): {"t2": "yes", "t3": "yes"}, ("C", "parent2"): {}}
ORANGE = {"B": LOUD, "D": {"v1": "2", "v2": "no", "v7": "both", "v8": ["H14"]}}


def come(store, tablet, visit, at):
    assert arrive(store, tablet, visit, at)["state"] == "opened"
    return visit["encounter"]


def actions(store, home, encounter):
    return next(one for one in encounters.of_family(store, home["id"]) if one["id"] == encounter)["result"]["actions"]


def row(store, person, now):
    return families.caseload(store, person, None, now)["families"][0]


def owed(store, home):
    return {one["action"] for one in tasks.of_family(store, home["id"])}


def test_the_gate_is_open_for_whom_nothing_was_told(store, tablet, visitor, home, now):
    encounter = come(store, tablet, a_visit(home, now, answers=ORANGE), now)
    assert row(store, visitor, now)["couple_block"] is False
    assert "H14" in actions(store, home, encounter) and "H14" in owed(store, home)


@pytest.mark.parametrize("days", [30, 400, 1500])
def test_a_later_visit_that_asks_nobody_alone_does_not_open_the_gate(store, tablet, visitor, home, now, days):
    come(store, tablet, a_visit(home, now, answers=AFRAID), now)
    later = now + timedelta(days=days)
    encounter = come(store, tablet, a_visit(home, later, "8m", answers=ORANGE), later)
    assert row(store, visitor, later)["couple_block"] is True
    assert "H14" not in actions(store, home, encounter) and "H15" in actions(store, home, encounter)
    assert "H14" not in owed(store, home) and "H15" in owed(store, home)


def test_a_correction_that_leaves_it_out_does_not_open_the_gate(store, tablet, visitor, home, now):
    first = come(store, tablet, a_visit(home, now, answers=AFRAID), now)
    later = now + timedelta(days=1)
    encounter = come(store, tablet, a_visit(home, later, replaces=first, answers=ORANGE), later)
    assert row(store, visitor, later)["couple_block"] is True
    assert "H14" not in actions(store, home, encounter) and "H14" not in owed(store, home)


def test_another_visitor_has_it_on_her_tablet_too(store, tablet, home, now):
    come(store, tablet, a_visit(home, now, answers=AFRAID), now)
    other = a_person(store, now)
    families.move(store, home["id"], other["id"], "system", now)
    assert row(store, other, now)["couple_block"] is True
    later = now + timedelta(days=200)
    encounter = come(store, a_tablet(store, other, now), a_visit(home, later, "8m", answers=ORANGE), later)
    assert "H14" not in actions(store, home, encounter)


def test_an_offer_that_waits_is_taken_back_when_somebody_tells(store, tablet, visitor, home, now):
    come(store, tablet, a_visit(home, now, answers=ORANGE), now)
    later = now + timedelta(days=3)
    come(store, tablet, a_visit(home, later, "talk", answers=AFRAID), later)
    assert "H14" not in owed(store, home)
    assert "H14" not in [one["id"] for one in row(store, visitor, later)["tasks"]]


def test_a_lead_cannot_plan_it_while_the_gate_is_closed(store, tablet, lead, home, now):
    encounter = come(store, tablet, a_visit(home, now, answers=AFRAID | {"B": LOUD}), now)
    form = {
        "decision": "plan",
        "seen": "",
        "plan": [{"action": "H14", "responsible": "visitor", "due": now.date().isoformat()}],
    }
    with pytest.raises(NotAnswerable, match="lukker for forløb"):
        decisions.decide(store, home["id"], encounter, form, lead, now, PLACE)
    form["plan"][0]["action"] = "H15"
    assert decisions.decide(store, home["id"], encounter, form, lead, now, PLACE)


def test_what_is_done_instead_stands_once():
    assert couple_gate.allowed(["H14", "H15", "H16"], True) == ["H15", "H16"]
    assert couple_gate.allowed(["H14", "H16"], False) == ["H14", "H16"]


def test_the_gate_is_closed_since_the_first_visit_that_closed_it():
    visits = [
        {"ended_at": "2026-09-03T10:00:00.000Z", "result": {"blocks": ["R09"]}},
        {"ended_at": "2026-03-03T10:00:00.000Z", "result": {"blocks": ["R07"]}},
        {"ended_at": "2026-02-03T10:00:00.000Z", "result": {"blocks": []}},
    ]
    assert couple_gate.closed_since(visits) == "2026-03-03T10:00:00.000Z"
    assert couple_gate.closed_since(visits[2:]) is None
