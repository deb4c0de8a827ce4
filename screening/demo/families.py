"""Invented families: who lives there, when the child was born, and what is agreed.

Every visitor gets the same run of situations, so that each list shows what a visitor meets: due today, over the
deadline, this week, later; twins, a protected address, another language, parents who live apart.
"""

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from screening.demo.names import CHILDREN, PARENTS, STREETS, SURNAMES

LANGUAGES = ("arabisk", "tyrkisk", "polsk", "engelsk", "somali")
FLOORS = ("", "", "", ", 1. tv.", ", 2. th.", ", st.", ", 3. tv.")
# A number with the digits 5-8 in the seventh place and a year from 50 to 57 belongs to the years 2050 to 2057:
# to nobody alive (Det Centrale Personregister, "Personnummeret i CPR").
FIRST_YEAR, YEARS = 50, 8
LATER = 120


@dataclass(frozen=True)
class Situation:
    """What is special about a family. ``days``: the child's age; ``planned``: days from today, and the time."""

    days: int
    planned: tuple[int, str] | None = None
    place: str = "home"
    marks: frozenset[str] = field(default_factory=frozenset)

    @property
    def visit(self) -> str:
        """The visit that comes next at this age."""
        return "2m" if self.days < LATER else "8m"


def marked(*marks: str) -> frozenset[str]:
    return frozenset(marks)


# In the order in which a visitor's list is filled; days as in the rules: 2m is day 56 to 70, 8m month 8 to 11.
SITUATIONS = (
    Situation(61, (0, "09:00")),
    Situation(252, (0, "10:30")),
    Situation(78, marks=marked("forgotten")),
    Situation(59, (2, "09:00"), marks=marked("second_language")),
    Situation(70, (0, "13:00"), marks=marked("protected")),
    Situation(341, (1, "12:30"), marks=marked("twins")),
    Situation(266, (3, "12:30"), "clinic"),
    Situation(259, (4, "10:00"), marks=marked("apart")),
    Situation(57, (4, "08:30")),
    Situation(33),
    Situation(64, (-3, "11:00")),
    Situation(150),
    Situation(8),
    Situation(58, (8, "09:30"), marks=marked("one_parent")),
    Situation(288, (9, "13:30"), marks=marked("second_language", "protected")),
)


def situation(number: int) -> Situation:
    """The situation of a visitor's family by its place on her list; after the run, ages spread over the year."""
    if number < len(SITUATIONS):
        return SITUATIONS[number]
    return Situation(5 + (number * 37) % 320)


def invented(rng: Random, number: int, today: date, given: Situation) -> dict[str, Any]:
    """A family's details, as they are kept under seal."""
    surname, other = SURNAMES[number % len(SURNAMES)], rng.choice(SURNAMES)
    birth = today - timedelta(days=given.days)
    children = [child(rng, number + turn * 7, surname, birth) for turn in range(2 if "twins" in given.marks else 1)]
    parents = [parent(rng, key, surname, custody=True) for key in ("parent1", "parent2")]
    if "apart" in given.marks:
        parents[1] = parent(rng, "parent2", other, custody=True)
    if "one_parent" in given.marks:
        parents = parents[:1]
    return {
        "children": children,
        "parents": parents,
        "address": f"{rng.choice(STREETS)} {rng.randint(1, 88)}{rng.choice(FLOORS)}",
        "address_protected": "protected" in given.marks,
        "languages": ["dansk", rng.choice(LANGUAGES)] if "second_language" in given.marks else ["dansk"],
    }


def child(rng: Random, number: int, surname: str, birth: date) -> dict[str, str]:
    """A child with a name, a birth date and a CPR number that cannot be anybody's."""
    return {
        "name": f"{CHILDREN[number % len(CHILDREN)]} {surname}",
        "birth": birth.isoformat(),
        "cpr": cpr(rng, birth),
    }


def parent(rng: Random, key: str, surname: str, *, custody: bool) -> dict[str, Any]:
    return {"key": key, "name": f"{rng.choice(PARENTS)} {surname}", "custody": custody}


def cpr(rng: Random, birth: date) -> str:
    """Ten digits in the form of a CPR number, with a birth year from 2050 to 2057."""
    year = FIRST_YEAR + birth.year % YEARS
    day = min(birth.day, monthrange(2000 + year, birth.month)[1])
    return f"{day:02}{birth.month:02}{year}{rng.randint(5, 8)}{rng.randint(0, 999):03}"


def planned(given: Situation, today: date) -> dict[str, str] | None:
    """When (``2026-11-25T09:00``) and where the next visit is agreed; never on a weekend unless it is today."""
    if not given.planned:
        return None
    days, at = given.planned
    day = today + timedelta(days=days)
    while days and day.weekday() > 4:
        day += timedelta(days=1 if days > 0 else -1)
    moment = datetime.combine(day, time.fromisoformat(at))
    return {"at": moment.isoformat(timespec="minutes"), "place": given.place}
