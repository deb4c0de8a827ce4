"""What people are called, and which children a visit is about.

The same rules as on the tablet (``static/visitor/names.js``), by the vectors in ``tests/vectors/names.json``.
"""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

Child = dict[str, Any]

# Children of one birth can be born on two days.
BIRTH = timedelta(days=7)
RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
OPEN, CLOSE = "\u2068", "\u2069"


def natural(name: str) -> str:
    """A name in the order in which it is said: "Lindskov, Nora" is Nora Lindskov."""
    last, *rest = [words for part in name.split(",") if (words := " ".join(part.split()))] or [""]
    return " ".join([*rest, last])


def first(name: str) -> str:
    """The first name: "Nora"."""
    return isolated(natural(name).split(" ")[0])


def initial(name: str) -> str:
    """The first letter of the last name, "L", or "" where there is no other word than the first."""
    _, *rest = natural(name).split(" ")
    return rest[-1][0] if rest else ""


def initials(name: str) -> str:
    """As lists show a child: "N.L."."""
    return "".join(f"{letter}." for letter in (natural(name)[:1], initial(name)) if letter)


def called(people: list[str]) -> list[str]:
    """What each of several people is called beside the others, in their order.

    The first name; with an initial where two share it, then the whole name, then a number. "" for "".
    """
    return [alone(people, number) if name else "" for number, name in enumerate(people)]


def alone(people: list[str], number: int) -> str:
    others = [name for other, name in enumerate(people) if other != number and name]
    for way in WAYS:
        if way(people[number]).casefold() not in {way(name).casefold() for name in others}:
            return way(people[number])
    return f"{whole(people[number])} ({number + 1})"


def with_initial(name: str) -> str:
    letter = initial(name)
    return isolated(natural(name).split(" ")[0] + (f" {letter}." if letter else ""))


def whole(name: str) -> str:
    """The name as it is said, fit to stand in a sentence."""
    return isolated(natural(name))


WAYS: tuple[Callable[[str], str], ...] = (first, with_initial, whole)


def subjects(children: list[Child]) -> list[Child]:
    """The children {birth: ``YYYY-MM-DD``, ...} that a visit is about: the youngest, and who was born with it."""
    born = [date.fromisoformat(child["birth"]) for child in children]
    return [child for child, day in zip(children, born, strict=True) if max(born) - day <= BIRTH]


def isolated(text: str) -> str:
    """A name as it stands in a sentence: what is written from right to left is closed in (U+2068, U+2069).

    So the words and numbers around it keep their places (https://www.w3.org/International/questions/qa-bidi-unicode-controls).
    Any other name stays as it is: nothing stands in a text that nobody sees.
    """
    return f"{OPEN}{text}{CLOSE}" if RIGHT_TO_LEFT.search(text) and not text.startswith(OPEN) else text
