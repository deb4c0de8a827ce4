"""Denials in the log: the first at once, a flood as a number, nothing of what was typed."""

from datetime import timedelta

import pytest

from screening import audit
from screening.denials import MOST_KINDS, Denial, Denials

MINUTE = timedelta(minutes=1)
ONE = Denial("anna", 404, "GET", "/lead/families/<family>")


def told(store):
    return [
        (entry["actor"], *store.opened("audit", entry, "detail_sealed").values())
        for entry in reversed(audit.listed(store, limit=500))
    ]


@pytest.fixture
def denials():
    return Denials()


def test_a_denial_is_written_at_once(store, denials, now):
    denials.note(store, ONE, now)
    assert told(store) == [("anna", 404, "GET", "/lead/families/<family>", 1)]


def test_a_flood_is_two_entries_a_minute(store, denials, now):
    for second in range(50):
        for _ in range(100):
            denials.note(store, ONE, now + timedelta(seconds=second))
    denials.flush(store, now + MINUTE)
    assert [line[-1] for line in told(store)] == [1, 4999]


def test_the_count_comes_with_the_next_denial_as_well(store, denials, now):
    for at in (now, now, now + MINUTE):
        denials.note(store, ONE, at)
    assert [line[-1] for line in told(store)] == [1, 1, 1]


def test_nothing_is_written_before_the_minute_is_over_or_twice(store, denials, now):
    for _ in range(3):
        denials.note(store, ONE, now)
    denials.flush(store, now + MINUTE / 2)
    assert len(told(store)) == 1
    for _ in range(2):
        denials.flush(store, now + MINUTE)
    assert len(told(store)) == 2


def test_many_kinds_are_counted_together(store, denials, now):
    for number in range(500):
        denials.note(store, Denial(f"person {number}", 403, "GET", "/"), now)
    denials.flush(store, now + MINUTE)
    lines = told(store)
    assert len(lines) == MOST_KINDS + 2
    assert lines[-1] == ("unknown", 0, "", "several", 500 - MOST_KINDS - 1)
    assert sum(line[-1] for line in lines) == 500
