"""Days and working time in Copenhagen: when a visit is due, when an answer is due, and how that is said.

A calendar day is a plain date; it is never carried through a time zone, so that a birthday cannot move.
A working day is Monday to Friday without the municipality's closing days; its hours are the office's.
"""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from screening.municipality import Municipality

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
ONE = timedelta(days=1)
WEEKDAYS = {
    "da": ("man.", "tirs.", "ons.", "tors.", "fre.", "lør.", "søn."),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
MONTHS = {
    "da": ("jan.", "feb.", "marts", "april", "maj", "juni", "juli", "aug.", "sep.", "okt.", "nov.", "dec."),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}
# Nobody here was born before, and nothing is agreed after.
FIRST_YEAR, LAST_YEAR = 1900, 2199
# Until this age (days) a child's age is told in weeks, then in months.
WEEKS_UNTIL = 112


def local(moment: datetime) -> datetime:
    """A moment as clocks in Denmark show it."""
    return moment.astimezone(COPENHAGEN)


def day(moment: datetime) -> date:
    """The calendar day of a moment in Denmark."""
    return local(moment).date()


def is_day(text: Any) -> bool:
    """Whether something is a date as it is kept: ``2026-11-25``, in the years that anybody here writes of.

    The same as on the tablet (``static/visitor/days.js``), by the vectors in ``tests/vectors/dates.json``.
    """
    try:
        one = date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return False
    return one is not None and one.isoformat() == text and FIRST_YEAR <= one.year <= LAST_YEAR


def months_after(start: date, months: int) -> date:
    """The same day so many months later; a day the month lacks becomes its last."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def window(birth: date, rule: dict[str, int]) -> tuple[date, date]:
    """First and last day of a visit's window: from_days and to_days (inclusive), or from_months and before_months."""
    if "from_days" in rule:
        return birth + timedelta(days=rule["from_days"]), birth + timedelta(days=rule["to_days"])
    return months_after(birth, rule["from_months"]), months_after(birth, rule["before_months"]) - ONE


# ── working time ──


def is_working(one: date, place: Municipality) -> bool:
    """Whether the office is open on a day."""
    return one.weekday() < 5 and one not in place.closing_days


def next_working(one: date, place: Municipality) -> date:
    """The first working day after a day."""
    one += ONE
    while not is_working(one, place):
        one += ONE
    return one


def working_days(after: date, until: date, place: Municipality) -> int:
    """How many working days lie after one day, up to and with another."""
    return sum(is_working(after + ONE * step, place) for step in range(1, (until - after).days + 1))


def within_hours(start: datetime, hours: int, place: Municipality) -> datetime:
    """So many working hours later, but still the same working day (domain guide 6, H12); in UTC.

    What comes outside office hours counts from the next opening.
    """
    here = local(start)
    opening, closing = at(here.date(), place.opens), at(here.date(), place.closes)
    if not is_working(here.date(), place) or start >= closing:
        following = next_working(here.date(), place)
        opening, closing = at(following, place.opens), at(following, place.closes)
    return min(max(start, opening) + timedelta(hours=hours), closing).astimezone(UTC)


def within_days(start: datetime, days: int, place: Municipality) -> datetime:
    """When the office closes on the so-manieth working day after a moment's day; in UTC."""
    one = day(start)
    for _ in range(days):
        one = next_working(one, place)
    return at(one, place.closes).astimezone(UTC)


def at(one: date, clock: time) -> datetime:
    return datetime.combine(one, clock, COPENHAGEN)


def from_plan(text: str) -> datetime:
    """When a visit is agreed, as a moment; it is kept as clocks in Denmark show it: ``2026-11-25T09:00``."""
    return datetime.fromisoformat(text).replace(tzinfo=COPENHAGEN)


# ── in words ──


def said(moment: datetime, now: datetime, language: str) -> str:
    """When something is, as short as a list needs it: ``i dag 16.00``, ``today 16:00``, ``ons. 25. nov.``."""
    here = local(moment)
    if here.date() == day(now):
        return f"i dag {here:%H.%M}" if language == "da" else f"today {here:%H:%M}"
    return day_said(here.date(), language)


def day_said(one: date, language: str) -> str:
    """A day with its weekday: ``ons. 25. nov.``, ``Wed 25 Nov``."""
    dot = "." if language == "da" else ""
    return f"{WEEKDAYS[language][one.weekday()]} {one.day}{dot} {MONTHS[language][one.month - 1]}"


def left(deadline: datetime, now: datetime, place: Municipality, language: str) -> str:
    """What is left until a deadline, or how far it is over: ``om 40 min``, ``2 arbejdsdage``, ``1 dag over``."""
    today, last = day(now), day(deadline)
    danish = language == "da"
    if now > deadline:
        if today == last:
            return f"{span(now - deadline, language)} over"
        return f"{counted(max(working_days(last, today, place), 1), ('dag', 'dage') if danish else DAYS)} over"
    if today == last:
        return f"{'om' if danish else 'in'} {span(deadline - now, language)}"
    count = working_days(today, last, place)
    return counted(count, ("arbejdsdag", "arbejdsdage") if danish else ("working day", "working days"))


DAYS = ("day", "days")


def span(length: timedelta, language: str) -> str:
    """How long something took: ``40 min``, ``2 t 41 min``, ``3 dage 2 t``, ``11 dage``."""
    danish = language == "da"
    minutes = max(int(length.total_seconds()) // 60, 0)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    hour = "t" if danish else "h"
    if not days:
        return f"{hours} {hour} {rest:02} min" if hours else f"{rest} min"
    whole = counted(days, ("dag", "dage") if danish else DAYS)
    return f"{whole} {hours} {hour}" if hours and days < 5 else whole


def age(birth: date, today: date, language: str) -> str:
    """A child's age: ``9 uger`` while young, then ``8 md.``."""
    days = (today - birth).days
    if days < WEEKS_UNTIL:
        return counted(max(days, 0) // 7, ("uge", "uger") if language == "da" else ("week", "weeks"))
    months = (today.year - birth.year) * 12 + today.month - birth.month
    months -= months_after(birth, months) > today
    return f"{months} {'md.' if language == 'da' else 'months'}"


def counted(number: int, words: tuple[str, str]) -> str:
    return f"{number} {words[number != 1]}"
