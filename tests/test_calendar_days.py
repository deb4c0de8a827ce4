"""A birthday never moves, and a deadline is counted in the hours in which somebody works."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening import calendar_days as days
from screening.municipality import Municipality

PLACE = Municipality(closing_days=frozenset({date(2026, 12, 24), date(2026, 12, 25)}))
MONDAY = datetime(2026, 11, 23, 14, 20, tzinfo=UTC)  # 15.20 in Denmark


def local(year, month, day, hour, minute=0):
    return datetime(year, month, day, hour, minute, tzinfo=days.COPENHAGEN)


# ── windows ──


@pytest.mark.parametrize(
    ("birth", "opens", "closes"),
    [
        (date(2026, 1, 15), date(2026, 9, 15), date(2026, 12, 14)),
        (date(2026, 6, 30), date(2027, 2, 28), date(2027, 5, 29)),
        (date(2027, 6, 30), date(2028, 2, 29), date(2028, 5, 29)),
        (date(2026, 3, 31), date(2026, 11, 30), date(2027, 2, 27)),
        (date(2026, 12, 31), date(2027, 8, 31), date(2027, 11, 29)),
    ],
)
def test_the_second_visit_is_due_from_eight_months_to_the_day_before_eleven(birth, opens, closes):
    assert days.window(birth, {"from_months": 8, "before_months": 11}) == (opens, closes)


def test_the_first_visit_is_due_from_day_56_to_day_70_inclusive():
    birth = date(2026, 9, 1)
    opens, closes = days.window(birth, {"from_days": 56, "to_days": 70})
    assert ((opens - birth).days, (closes - birth).days) == (56, 70)


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(0, 30))
def test_months_later_is_the_same_day_or_the_months_last(birth, months):
    later = days.months_after(birth, months)
    assert (later.year * 12 + later.month) - (birth.year * 12 + birth.month) == months
    assert later.day == birth.day or (later.day < birth.day and (later + timedelta(days=1)).day == 1)


def test_a_moment_around_midnight_belongs_to_the_danish_day():
    assert days.day(datetime(2026, 6, 30, 22, 30, tzinfo=UTC)) == date(2026, 7, 1)
    assert days.day(datetime(2026, 12, 31, 22, 30, tzinfo=UTC)) == date(2026, 12, 31)


# ── working time ──


@pytest.mark.parametrize(
    ("start", "until"),
    [
        (local(2026, 11, 23, 9, 12), local(2026, 11, 23, 13, 12)),
        (local(2026, 11, 23, 14, 8), local(2026, 11, 23, 16)),
        (local(2026, 11, 23, 6), local(2026, 11, 23, 12)),
        (local(2026, 11, 23, 16), local(2026, 11, 24, 12)),
        (local(2026, 11, 27, 18), local(2026, 11, 30, 12)),
        (local(2026, 12, 23, 17), local(2026, 12, 28, 12)),
    ],
)
def test_red_is_looked_at_within_four_office_hours_of_the_same_working_day(start, until):
    assert days.within_hours(start, 4, PLACE) == until


@pytest.mark.parametrize(
    ("start", "until"),
    [
        (local(2026, 11, 23, 13, 5), local(2026, 11, 25, 16)),
        (local(2026, 11, 27, 9), local(2026, 12, 1, 16)),
        (local(2026, 11, 28, 9), local(2026, 12, 1, 16)),
        (local(2026, 12, 23, 9), local(2026, 12, 29, 16)),
    ],
)
def test_orange_is_looked_at_before_the_office_closes_on_the_second_working_day(start, until):
    assert days.within_days(start, 2, PLACE) == until


@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1)).map(lambda one: one.replace(tzinfo=UTC)),
    st.integers(1, 8),
)
def test_a_deadline_lies_after_its_beginning_and_in_office_hours(start, hours):
    for until in (days.within_hours(start, hours, PLACE), days.within_days(start, hours, PLACE)):
        assert until > start
        assert days.is_working(days.day(until), PLACE)
        assert PLACE.opens < days.local(until).time() <= PLACE.closes


def test_the_hours_of_the_office_are_the_municipalitys():
    place = Municipality(opens=time(9), closes=time(12))
    assert days.within_hours(local(2026, 11, 23, 7), 4, place) == local(2026, 11, 23, 12)


# ── in words ──


@pytest.mark.parametrize(
    ("deadline", "danish", "english"),
    [
        (local(2026, 11, 23, 16), "om 40 min", "in 40 min"),
        (local(2026, 11, 24, 16), "1 arbejdsdag", "1 working day"),
        (local(2026, 11, 25, 16), "2 arbejdsdage", "2 working days"),
        (local(2026, 11, 26, 16), "3 arbejdsdage", "3 working days"),
        (local(2026, 11, 20, 16), "1 dag over", "1 day over"),
        (local(2026, 11, 19, 16), "2 dage over", "2 days over"),
        (local(2026, 11, 23, 13), "2 t 20 min over", "2 h 20 min over"),
    ],
)
def test_what_is_left_is_told_in_working_time(deadline, danish, english):
    assert days.left(deadline, MONDAY, PLACE, "da") == danish
    assert days.left(deadline, MONDAY, PLACE, "en") == english


def test_a_deadline_that_passed_before_the_weekend_is_over_on_saturday():
    assert days.left(local(2026, 11, 20, 16), local(2026, 11, 21, 10), PLACE, "da") == "1 dag over"


@pytest.mark.parametrize(
    ("moment", "danish", "english"),
    [
        (local(2026, 11, 23, 16), "i dag 16.00", "today 16:00"),
        (local(2026, 11, 25, 16), "ons. 25. nov.", "Wed 25 Nov"),
        (local(2026, 3, 2, 9), "man. 2. marts", "Mon 2 Mar"),
    ],
)
def test_a_moment_is_told_as_short_as_a_list_needs_it(moment, danish, english):
    assert days.said(moment, MONDAY, "da") == danish
    assert days.said(moment, MONDAY, "en") == english


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(minutes=-3), "0 min"),
        (timedelta(minutes=40), "40 min"),
        (timedelta(hours=2, minutes=41), "2 t 41 min"),
        (timedelta(hours=3), "3 t 00 min"),
        (timedelta(days=1), "1 dag"),
        (timedelta(days=3, hours=2, minutes=9), "3 dage 2 t"),
        (timedelta(days=11, hours=5), "11 dage"),
    ],
)
def test_how_long_it_took_is_told_by_its_size(length, words):
    assert days.span(length, "da") == words


@pytest.mark.parametrize(
    ("birth", "danish", "english"),
    [
        (date(2026, 11, 16), "1 uge", "1 week"),
        (date(2026, 9, 20), "9 uger", "9 weeks"),
        (date(2026, 8, 3), "3 md.", "3 months"),
        (date(2026, 3, 23), "8 md.", "8 months"),
        (date(2026, 3, 24), "7 md.", "7 months"),
    ],
)
def test_a_childs_age_is_told_in_weeks_then_in_months(birth, danish, english):
    assert days.age(birth, date(2026, 11, 23), "da") == danish
    assert days.age(birth, date(2026, 11, 23), "en") == english
