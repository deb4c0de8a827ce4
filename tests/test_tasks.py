"""A task has one named person and one date; who it is not for does not tick it."""

from datetime import date

import pytest

from screening import audit, families, tasks
from screening.errors import NotFound
from tests.builders import a_person

TEXT = {"da": "Ring og hør, hvordan det går", "en": "Call and hear how things are"}


def a_task(store, home, person, now, due=date(2026, 12, 1), **given):
    with store.transaction():
        return tasks.add(store, home["id"], home["sealed_for"], TEXT, person["id"], due, now, **given)


def test_tasks_come_in_the_order_of_their_dates(store, visitor, home, now):
    later = a_task(store, home, visitor, now, date(2026, 12, 9))
    first = a_task(store, home, visitor, now, date(2026, 12, 1), action="H07")
    found = tasks.of_family(store, home["id"])
    assert [one["id"] for one in found] == [first, later]
    assert (found[0]["text"], found[0]["action"], found[0]["due"]) == (TEXT, "H07", "2026-12-01")
    assert [one["id"] for one in tasks.of_person(store, visitor["id"])] == [first, later]


def test_a_finished_task_leaves_the_lists_and_the_tablet_hears_of_it(store, visitor, home, now):
    task = a_task(store, home, visitor, now)
    cursor = families.caseload(store, visitor, None, now)["cursor"]
    tasks.finish(store, task, visitor, now)
    assert tasks.of_family(store, home["id"]) == tasks.of_person(store, visitor["id"]) == []
    (row,) = families.caseload(store, visitor, cursor, now)["families"]
    assert row["tasks"] == []
    tasks.finish(store, task, visitor, now)
    assert [one["event"] for one in audit.listed(store)].count("task_done") == 1


def test_the_same_thing_of_two_visits_is_to_be_done_once(store, visitor, home, now):
    first = a_task(store, home, visitor, now, date(2026, 12, 1), action="H07", once="H07")
    a_task(store, home, visitor, now, date(2026, 12, 9), action="H07", once="H07")
    own = a_task(store, home, visitor, now, date(2026, 12, 10), action="H07", once="H07 parent2")
    letters = [a_task(store, home, visitor, now, date(2026, 12, 11), action="H19") for _ in range(2)]
    (row,) = families.caseload(store, visitor, None, now)["families"]
    assert [one["id"] for one in row["tasks"]] == [first, own, *letters]
    tasks.finish(store, first, visitor, now)
    assert [one["id"] for one in tasks.of_family(store, home["id"])] == [own, *letters]


def test_only_the_named_person_and_the_teams_lead_finish_a_task(store, visitor, home, now):
    task = a_task(store, home, visitor, now)
    for other in (a_person(store, now), a_person(store, now, "admin"), a_person(store, now, "lead", "Syd")):
        with pytest.raises(NotFound):
            tasks.finish(store, task, other, now)
    with pytest.raises(NotFound):
        tasks.finish(store, "none", visitor, now)
    tasks.finish(store, task, a_person(store, now, "lead"), now)
    assert tasks.of_family(store, home["id"]) == []


def test_ending_what_comes_from_one_row_of_the_guide_leaves_the_rest(store, visitor, home, now):
    a_task(store, home, visitor, now, action="H18")
    other = a_task(store, home, visitor, now, action="H07")
    with store.transaction():
        tasks.end_of(store, home["id"], "H18", visitor["id"], now)
    assert [one["id"] for one in tasks.of_family(store, home["id"])] == [other]
