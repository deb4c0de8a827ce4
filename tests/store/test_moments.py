from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest

from screening.store import new_id, parse_utc, utc


def test_an_id_is_a_uuid_of_version_7_that_tells_its_moment(now):
    made = UUID(new_id(now))
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == int(now.timestamp() * 1000)


def test_ids_sort_as_they_were_made_even_within_a_millisecond(now):
    made = [new_id(now) for _ in range(1000)] + [new_id(now + timedelta(milliseconds=1))]
    assert made == sorted(made) and len(set(made)) == 1001


def test_an_id_for_an_earlier_moment_sorts_before(now):
    later = new_id(now)
    assert new_id(now - timedelta(days=1)) < later


@pytest.mark.parametrize(
    "moment, text",
    [
        (datetime(2026, 11, 23, 9, 12, tzinfo=UTC), "2026-11-23T09:12:00.000Z"),
        (datetime(2026, 11, 23, 9, 12, 0, 987654, tzinfo=UTC), "2026-11-23T09:12:00.987Z"),
        (datetime(2026, 11, 23, 10, 12, tzinfo=timezone(timedelta(hours=1))), "2026-11-23T09:12:00.000Z"),
    ],
)
def test_a_moment_is_kept_as_utc_text_with_milliseconds(moment, text):
    assert utc(moment) == text
    assert utc(parse_utc(text)) == text
    assert abs(parse_utc(text) - moment) < timedelta(milliseconds=1)


def test_a_moment_without_a_zone_is_refused(now):
    with pytest.raises(ValueError, match="time zone"):
        utc(now.replace(tzinfo=None))


@pytest.mark.parametrize(
    "text", ["", "2026-11-23", "2026-11-23T09:12:00Z", "2026-11-23T09:12:00.000+00:00", "2026-11-23 09:12:00.000Z"]
)
def test_only_the_kept_form_of_a_moment_is_read(text):
    with pytest.raises(ValueError):
        parse_utc(text)
