"""Who lives in an invented family: children, parents, address, languages, as they are kept under seal."""

from calendar import monthrange
from datetime import date
from random import Random
from typing import Any

from screening.demo.names import BACKGROUNDS, STREETS, Background
from screening.demo.visits import PARENTS

FLOORS = ("", "", "", ", 1. tv.", ", 2. th.", ", st.", ", 3. tv.")
# A number with the digits 5-8 in the seventh place and a year from 50 to 57 belongs to the years 2050 to 2057:
# to nobody alive (Det Centrale Personregister, "Personnummeret i CPR").
FIRST_YEAR, YEARS = 50, 8
# How many of a hundred parents have names from elsewhere than the child, or a surname of their own.
MIXED, OTHER_SURNAME = 0.1, 0.3
DANISH = BACKGROUNDS[0]
LANGUAGES = tuple(one.language for one in BACKGROUNDS if one.language)


def invented(rng: Random, birth: date, marks: frozenset[str], first: str = "", surname: str = "") -> dict[str, Any]:
    """A family's details, as they are kept under seal."""
    own = spoken(rng, marks) if not surname else next((one for one in BACKGROUNDS if surname in one.surnames), DANISH)
    surname = surname or rng.choice(own.surnames)
    names = [first or rng.choice(own.children)]
    if "twins" in marks:
        names.append(rng.choice([name for name in own.children if name not in names]))
    children = [child(rng, f"{name} {surname}", birth) for name in names]
    parents = [parent(rng, key, own, surname, marks) for key in PARENTS]
    details = settled(rng, children, parents[:1] if "one_parent" in marks else parents)
    language = own.language or rng.choice(LANGUAGES)
    return details | {
        "address_protected": "protected" in marks,
        "languages": ["dansk", language] if "second_language" in marks else ["dansk"],
    } | ({"separated": True} if "apart" in marks else {})  # fmt: skip


def spoken(rng: Random, marks: frozenset[str]) -> Background:
    """Where a family's names come from; those who need another language are not all Danish."""
    others = BACKGROUNDS[1:] if "second_language" in marks else BACKGROUNDS
    return rng.choices(others, [one.share for one in others])[0]


def parent(rng: Random, key: str, own: Background, surname: str, marks: frozenset[str]) -> dict[str, Any]:
    other = rng.choices(BACKGROUNDS, [one.share for one in BACKGROUNDS])[0] if rng.random() < MIXED else own
    woman = key == PARENTS[0] or "two_mothers" in marks
    apart = key == PARENTS[1] and ("apart" in marks or rng.random() < OTHER_SURNAME)
    last = rng.choice([name for name in other.surnames if name != surname]) if apart else surname
    return {"key": key, "name": f"{rng.choice(other.women if woman else other.men)} {last}", "custody": True}


def settled(rng: Random, children: list[dict[str, str]], parents: list[dict[str, Any]]) -> dict[str, Any]:
    """Children and parents with an address."""
    address = f"{rng.choice(STREETS)} {rng.randint(1, 88)}{rng.choice(FLOORS)}"
    return {"children": children, "parents": parents, "address": address, "address_protected": False,
            "languages": ["dansk"]}  # fmt: skip


def child(rng: Random, name: str, birth: date) -> dict[str, str]:
    """A child with a name, a birth date and a CPR number that cannot be anybody's."""
    return {"name": name, "birth": birth.isoformat(), "cpr": cpr(rng, birth)}


def cpr(rng: Random, birth: date) -> str:
    """Ten digits in the form of a CPR number, with a birth year from 2050 to 2057."""
    in_years = FIRST_YEAR + birth.year % YEARS
    day = min(birth.day, monthrange(2000 + in_years, birth.month)[1])
    return f"{day:02}{birth.month:02}{in_years}{rng.randint(5, 8)}{rng.randint(0, 999):03}"
