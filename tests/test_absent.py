"""Families that nobody has, or whose visit is long overdue, stand on the lead's list every morning."""

from datetime import timedelta

import pytest

from screening import families, reviews
from tests.builders import PLACE, a_family, a_note, a_person, a_visit, arrive


def forgotten(store, person, at):
    return [(one["kind"], one["family"]) for one in reviews.forgotten(store, person, at, PLACE)]


def test_a_family_two_months_past_its_window_is_asked_for(store, visitor, lead, now):
    """The window at two months ends on the seventieth day."""
    home = a_family(store, visitor, now, days=60)
    last = now + timedelta(days=10)
    assert forgotten(store, lead, last + timedelta(days=60)) == []
    assert forgotten(store, lead, last + timedelta(days=62)) == [("late", home["id"])]
    (line,) = reviews.forgotten(store, lead, last + timedelta(days=62), PLACE)
    assert line["headline"] == "2-måneders-besøget skulle være holdt senest tors. 3. dec. 2026"
    assert line["initials"] == "N.L." and line["next_step"].startswith("Ring til")


def test_it_stands_there_every_morning_until_the_visit_is_held(store, visitor, tablet, lead, now):
    home = a_family(store, visitor, now, days=60)
    later = now + timedelta(days=90)
    for morning in range(3):
        assert forgotten(store, lead, later + timedelta(days=morning)) == [("late", home["id"])]
    arrive(store, tablet, a_visit(home, later), later)
    assert forgotten(store, lead, later) == []


@pytest.mark.parametrize("kind", ["declined", "not_offered"])
def test_what_was_decided_is_not_forgotten(store, visitor, tablet, lead, now, kind):
    home = a_family(store, visitor, now, days=60)
    arrive(store, tablet, a_note(home, now, kind, "2m", reason="declined"), now)
    assert forgotten(store, lead, now + timedelta(days=90)) == []


def test_a_family_without_a_visitor_is_asked_for_at_once(store, visitor, lead, now):
    home = a_family(store, visitor, now)
    families.hand_over(store, home["id"], None, "system", now)
    assert forgotten(store, lead, now) == [("no_visitor", home["id"])]
    families.move(store, home["id"], visitor["id"], "system", now)
    assert forgotten(store, lead, now) == []


def test_a_family_stands_once_and_only_for_who_looks_after_it(store, visitor, lead, now):
    home = a_family(store, None, now, days=400)
    other = a_person(store, now, "lead", "Syd")
    assert forgotten(store, lead, now) == [("no_visitor", home["id"])]
    assert forgotten(store, other, now) == [] and forgotten(store, visitor, now) == []
    families.leave(store, home["id"], "system", now)
    assert forgotten(store, lead, now) == []


def test_a_family_that_does_not_open_is_named_and_keeps_none_back(store, visitor, lead, now):
    broken, whole = a_family(store, None, now), a_family(store, None, now)
    store.run("UPDATE data_keys SET wrapped = :bytes WHERE id = :id", bytes=b"damaged", id=broken["sealed_for"])
    found = reviews.forgotten(store, lead, now, PLACE)
    assert {one["family"]: one["initials"] for one in found} == {broken["id"]: "–", whole["id"]: "N.L."}
