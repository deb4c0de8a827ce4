"""A visitor's whole list goes to a colleague in one step, with a look before and a way back after."""

from datetime import timedelta

import pytest

from screening import families, handover, tasks
from screening.errors import NotAnswerable, NotFound
from tests.builders import a_family, a_person


@pytest.fixture
def line(store, now):
    return a_person(store, now, username="line")


def list_of(store, person, now, after=None):
    return families.caseload(store, person, after, now)


def test_four_hundred_families_move_at_once_after_a_look_and_come_back(store, now, line):
    """AT-74, AT-08: one operation with preview and undo; no count on either list is left behind."""
    anne = a_person(store, now, username="anne")
    with store.transaction():
        homes = [a_family(store, anne, now, planned={"2m": "2026-11-25T09:00"})["id"] for _ in range(400)]
    own = a_family(store, line, now)["id"]
    hers, others = list_of(store, anne, now)["cursor"], list_of(store, line, now)["cursor"]
    seen = handover.preview(store, "anne", "line", now)
    assert (len(seen["families"]), seen["planned"]) == (400, 400)
    assert len(list_of(store, anne, now)["families"]) == 400, "a look changes nothing"
    assert handover.move(store, "anne", "line", "system", now) == 400
    assert sorted(list_of(store, anne, now, hers)["gone"]) == sorted(homes)
    assert len(list_of(store, line, now, others)["families"]) == 400
    later = now + timedelta(minutes=5)
    assert handover.take_back(store, "anne", "line", now, "system", later) == 400
    assert len(list_of(store, anne, later)["families"]) == 400
    assert [one["id"] for one in list_of(store, line, later)["families"]] == [own]


def test_what_has_gone_on_to_somebody_else_is_not_taken_back(store, visitor, line, now):
    home, other = a_family(store, visitor, now), a_family(store, visitor, now)
    handover.move(store, visitor["username"], "line", "system", now)
    third = a_person(store, now)
    families.move(store, other["id"], third["id"], "system", now + timedelta(hours=1))
    assert handover.take_back(store, visitor["username"], "line", now, "system", now + timedelta(hours=2)) == 1
    assert [one["id"] for one in list_of(store, visitor, now)["families"]] == [home["id"]]
    assert handover.take_back(store, visitor["username"], "line", now + timedelta(hours=3), "system", now) == 0


def test_what_was_given_away_at_another_moment_stays_there(store, visitor, line, home, now):
    families.move(store, home["id"], line["id"], "system", now - timedelta(days=1))
    later = a_family(store, visitor, now)
    handover.move(store, visitor["username"], "line", "system", now)
    assert handover.take_back(store, visitor["username"], "line", now, "system", now) == 1
    assert [one["id"] for one in list_of(store, visitor, now)["families"]] == [later["id"]]


def test_what_she_was_to_do_goes_along_and_a_colleagues_part_stays(store, visitor, line, lead, home, now):
    with store.transaction():
        mine, leads = (
            tasks.add(store, home["id"], home["sealed_for"], {"da": "Ring", "en": "Call"}, one["id"], now.date(), now)
            for one in (visitor, lead)
        )
    assert handover.preview(store, visitor["username"], "line", now)["tasks"] == 1
    handover.move(store, visitor["username"], "line", "system", now)
    assert {one["id"]: one["responsible"] for one in tasks.of_family(store, home["id"])} == {
        mine: line["id"], leads: lead["id"],
    }  # fmt: skip


def test_nobody_takes_over_who_does_not_visit_or_is_not_here(store, visitor, lead, now):
    for after in (lead["username"], visitor["username"]):
        with pytest.raises(NotAnswerable):
            handover.move(store, visitor["username"], after, "system", now)
    with pytest.raises(NotFound):
        handover.move(store, visitor["username"], "nobody", "system", now)
