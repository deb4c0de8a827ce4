"""Invented families: who lives there, when the child was born, what is agreed, and what lies behind them.

The first visitor's list shows everything a visitor meets: due today, over the deadline, this week, later; twins, a
protected address, another language, parents who live apart. The others' lists begin alike. After that come the
families of a story, and an ordinary year's. What a family is follows from the seed, its number and the day alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from random import Random
from typing import Any
from uuid import UUID

from screening.calendar_days import months_after
from screening.demo import year
from screening.demo.household import child, invented, settled
from screening.demo.names import PEOPLE
from screening.demo.personas import PERSONAS, Persona
from screening.demo.visits import PARENTS, Visit

LATER = 120
# The product came a year ago: the oldest child was due its first visit then. Ages are spread evenly, by steps without
# a common factor.
OLDEST, STEP, YOUNGEST = 420, 37, 5
# When an ordinary visit is made: days after the window opens; so far ahead it is agreed on.
INTO_WINDOW = {"2m": (1, 12), "8m": (3, 60)}
AHEAD = timedelta(days=21)
TIMES = ("08:00", "11:30", "14:15")
# So many of the others' families are as the first visitor's.
SHORT_RUN = 8
TWO_MOTHERS, TWINS, PROTECTED = 0.02, 0.015, 0.01


@dataclass(frozen=True)
class Situation:
    """What is special about a family. ``days``: the child's age; ``planned``: days from today, and the time.

    ``child`` and ``surname`` are given where the family has a name of its own.
    """

    days: int
    planned: tuple[int, str] | None = None
    place: str = "home"
    marks: frozenset[str] = field(default_factory=frozenset)
    child: str = ""
    surname: str = ""

    @property
    def visit(self) -> str:
        """The visit that comes next at this age."""
        return "2m" if self.days < LATER else "8m"


# The day, the kind, the visit it is about or None, and the note's data.
Note = tuple[date, str, str | None, dict[str, Any]]


def marked(*marks: str) -> frozenset[str]:
    return frozenset(marks)


# In the order in which a visitor's list is filled; days as in the rules: 2m is day 56 to 70, 8m month 8 to 11.
SITUATIONS = (
    Situation(61, (0, "09:00"), child="Agnes", surname="Holm"),
    Situation(252, (0, "10:30"), child="Nora", surname="Lindskov"),
    Situation(78, marks=marked("forgotten"), child="Elias", surname="Thomsen"),
    Situation(59, (2, "09:00"), marks=marked("second_language"), child="Viggo", surname="Bech"),
    Situation(70, (0, "13:00"), marks=marked("protected"), child="Alma-Josefine", surname="Vestergaard-Rasmussen"),
    Situation(341, (1, "12:30"), marks=marked("twins"), child="Yusuf", surname="Demir"),
    Situation(266, (3, "12:30"), "clinic", child="Ida", surname="Skov Kristoffersen"),
    Situation(259, (4, "10:00"), marks=marked("apart")),
    Situation(57, (4, "08:30"), child="Nohr", surname="Bang"),
    Situation(33),
    Situation(64, (-3, "11:00")),
    Situation(150),
    Situation(8),
    Situation(58, (8, "09:30"), marks=marked("one_parent")),
    Situation(288, (9, "13:30"), marks=marked("second_language", "protected")),
)


@dataclass
class Home:
    """A family before it is added: whose list it is on, what is kept of it, what is planned, what lies behind it.

    ``behind``: (day, visit), the oldest first; ``notes``: (day, kind, visit, data), what else was noted. ``key`` seeds
    whatever else is drawn for it.
    """

    key: str
    visitor: str
    details: dict[str, Any]
    planned: dict[str, dict[str, str]]
    behind: list[tuple[date, Visit]]
    persona: Persona | None = None
    notes: list[Note] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The same for the same key and birth date."""
        return steady_id(date.fromisoformat(self.details["children"][0]["birth"]), self.key)

    @property
    def parents(self) -> list[str]:
        return [parent["key"] for parent in self.details["parents"]]


def homes(count: int, seed: int, today: date) -> list[Home]:
    """So many families, spread over the visitors; the last ones have a story to tell."""
    visitors = [username for username, _, role, *_ in PEOPLE if role == "visitor"]
    told = PERSONAS[: count // 3]
    ordinary = count - len(told)
    found = [
        visited_home(f"{seed} {number}", number, visitors[number % len(visitors)], number // len(visitors), today)
        for number in range(ordinary)
    ]
    return found + [told_home(f"{seed} {persona.name}", persona, today) for persona in told]


# ── an ordinary family ──


def visited_home(key: str, number: int, visitor: str, place: int, today: date) -> Home:
    """A family by its place on a visitor's list: first the situations, then ages spread over the year."""
    rng = drawing(key)
    run = SITUATIONS if visitor == PEOPLE[0][0] else SITUATIONS[:SHORT_RUN]
    if place < len(run):
        return situated(rng, key, visitor, run[place], today)
    family = year.life(rng)
    birth = today - timedelta(days=YOUNGEST + number * STEP % OLDEST)
    details = invented(rng, birth, marks_of(rng, family, (today - birth).days))
    home = Home(key, visitor, details, {}, [])
    for day, kind, visit in life_of(rng, family, birth):
        if day >= today:
            if visit and day <= today + AHEAD:
                home.planned[kind] = plan(day, rng.choice(TIMES))
        elif visit:
            home.behind.append((day, visit))
        else:
            noted, data = rng.choice(year.WHY_NOT_VISITED)
            home.notes.append((day, noted, kind, data))
    return home


def life_of(rng: Random, family: year.Life, birth: date) -> Iterator[tuple[date, str, Visit | None]]:
    """The two visits of a family with their days, past or to come; None for one that nobody makes."""
    for visit in ("2m", "8m"):
        opens = birth + timedelta(days=56) if visit == "2m" else months_after(birth, 8)
        day = weekday(opens + timedelta(days=rng.randint(*INTO_WINDOW[visit])))
        yield day, visit, year.drawn(rng, family, visit, (day - birth).days)
        family = year.older(rng, family)


def situated(rng: Random, key: str, visitor: str, given: Situation, today: date) -> Home:
    """A family in a situation; who is old enough has had the first visit, unless it was forgotten."""
    birth = today - timedelta(days=given.days)
    parted = "single" if "one_parent" in given.marks else "parting" if "apart" in given.marks else "pair"
    family = replace(year.life(rng), home=parted, interpreter="second_language" in given.marks)
    named = (given.child, given.surname) if visitor == PEOPLE[0][0] else ("", "")
    details = invented(rng, birth, given.marks, *named)
    day, _, first = next(life_of(rng, family, birth))
    behind = [(day, first)] if given.visit == "8m" and first else []
    planned = {given.visit: upcoming(given, today)} if given.planned else {}
    return Home(key, visitor, details, planned, behind)


def marks_of(rng: Random, family: year.Life, age: int) -> frozenset[str]:
    """What is special about an ordinary family, drawn."""
    true = {
        "one_parent": family.home == "single",
        "apart": family.home == "apart" or (family.home == "parting" and age > LATER * 2),
        "second_language": family.interpreter,
        "twins": rng.random() < TWINS,
        "protected": rng.random() < PROTECTED,
        "two_mothers": rng.random() < TWO_MOTHERS,
    }
    return frozenset(mark for mark, holds in true.items() if holds)


# ── a family with a story ──


def told_home(key: str, persona: Persona, today: date) -> Home:
    """A family whose story is told: its last visit was so many working days ago, and the child is as old as it says."""
    rng, until = drawing(key), working_days_before(today, persona.ago)
    birth = until - timedelta(days=persona.visits[-1].days if persona.visits else persona.days)
    days = [weekday(birth + timedelta(days=visit.days)) for visit in persona.visits[:-1]]
    children = [child(rng, f"{name} {persona.surname}", birth) for name in (persona.child, persona.twin) if name]
    parents = [
        {"key": parent, "name": name, "custody": True} for parent, name in zip(PARENTS, persona.parents, strict=False)
    ]
    home = Home(key, persona.visitor, settled(rng, children, parents) | persona.details, {}, [], persona)
    home.behind = list(zip([*days, until], persona.visits, strict=False))
    home.notes = [(working_days_before(today, ago), *note) for ago, *note in persona.notes]
    if persona.way:
        home.planned = {persona.visits[-1].visit: plan(until, "09:30")}
    return home


# ── chance and days ──


def drawing(key: str) -> Random:
    """Chance that comes out the same for the same key."""
    return Random(key)  # noqa: S311 - the same seed must give the same families


def steady_id(day: date, key: str) -> str:
    """A UUIDv7 of a day's first moment whose other bits follow from a key."""
    moment = int(datetime.combine(day, time(), UTC).timestamp() * 1000)
    bits = int.from_bytes(sha256(key.encode()).digest()[:10]) >> 6
    return str(UUID(int=moment << 80 | 7 << 76 | (bits >> 62) << 64 | 0b10 << 62 | bits & (1 << 62) - 1))


def upcoming(given: Situation, today: date) -> dict[str, str]:
    """When and where a situation's next visit is agreed; never on a weekend unless it is today."""
    days, at = given.planned or (0, TIMES[0])
    day = today + timedelta(days=days)
    while days and day.weekday() > 4:
        day += timedelta(days=1 if days > 0 else -1)
    return plan(day, at) | {"place": given.place}


def plan(day: date, at: str) -> dict[str, str]:
    """A time (``2026-11-25T09:00``) and a place."""
    return {"at": datetime.combine(day, time.fromisoformat(at)).isoformat(timespec="minutes"), "place": "home"}


def weekday(day: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def working_days_before(today: date, count: int) -> date:
    """The day so many working days ago."""
    day = today
    while count:
        day -= timedelta(days=1)
        count -= day.weekday() < 5
    return day
