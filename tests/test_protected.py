"""What was said alone opens for a fixed purpose, one parent at a time, and no faster than a person reads."""

from datetime import timedelta

import pytest

from screening import audit, protected
from screening.errors import NotAnswerable, TooMany
from screening.store import utc
from tests.builders import a_person, a_visit, arrive


@pytest.fixture
def told(store, tablet, lead, home, now):
    return arrive(store, tablet, a_visit(home, now, answers={("C", "parent1"): {}}), now)["id"]


def opens(store, told, person, at, subject="parent1", purpose="second_opinion"):
    return protected.opened(store, [told], subject, person, purpose, at, "da")


@pytest.mark.parametrize("purpose", ["", "x", "Jeg skal afgøre niveauet", None, ["second_opinion"][0].upper()])
def test_a_purpose_is_one_of_six(store, told, lead, now, purpose):
    assert len(protected.PURPOSES) == 6
    with pytest.raises(NotAnswerable, match="formål"):
        opens(store, told, lead, now, purpose=purpose)


@pytest.mark.parametrize("subject", ["", None, ["parent1", "parent2"]])
def test_one_parent_is_opened_at_a_time(store, told, lead, now, subject):
    with pytest.raises(NotAnswerable, match="én forælder"):
        opens(store, told, lead, now, subject)


def test_sixty_a_minute_and_three_hundred_a_day_are_enough(store, told, lead, now):
    for number in range(300):
        opens(store, told, lead, now + timedelta(seconds=2 * number))
    with pytest.raises(TooMany, match=r"Vent til kl\. 10\.12"):
        opens(store, told, lead, now + timedelta(seconds=600))
    opens(store, told, a_person(store, now, "lead"), now + timedelta(seconds=600))
    opens(store, told, lead, now + timedelta(hours=24, seconds=1))


def test_the_first_over_a_minute_waits_a_minute(store, told, lead, now):
    for number in range(60):
        opens(store, told, lead, now + timedelta(milliseconds=number))
    with pytest.raises(TooMany) as stopped:
        opens(store, told, lead, now + timedelta(seconds=30))
    assert stopped.value.values["seconds"] == 30
    opens(store, told, lead, now + timedelta(seconds=61))


def test_it_is_written_down_once_each_time_somebody_is_stopped(store, told, lead, now):
    for _ in range(60):
        opens(store, told, lead, now)
    for second in range(1, 5):
        with pytest.raises(TooMany):
            opens(store, told, lead, now + timedelta(seconds=second))
    assert [one["event"] for one in audit.listed(store)].count(protected.LIMITED) == 1
    later = now + timedelta(minutes=2)
    assert protected.limited(store, later) == {lead["id"]: utc(now + timedelta(seconds=1))}
    assert protected.limited(store, now + timedelta(days=31)) == {}
