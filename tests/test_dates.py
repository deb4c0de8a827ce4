"""A date or a time that the server takes is taken by the tablet, and the other way about (tests/js/dates.test.mjs)."""

import json
from pathlib import Path

from screening import calendar_days, notes

VECTORS = json.loads((Path(__file__).parent / "vectors" / "dates.json").read_text(encoding="utf-8"))


def test_a_date_is_a_day_of_the_calendar_in_a_year_of_four_digits():
    assert [text for text, is_one in VECTORS["days"] if calendar_days.is_day(text) != is_one] == []
    assert not any(calendar_days.is_day(none) for none in (None, 20261125))


def test_a_time_agreed_on_is_such_a_day_and_a_time_of_it():
    assert [text for text, is_one in VECTORS["plans"] if notes.is_plan(text) != is_one] == []
