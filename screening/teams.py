"""Which teams a lead leads: one, several or all.

It stands with the person as it is typed when she is added: ``Nord``, ``Nord, Syd``, or ``*`` for all (as does nothing).
A visitor has one team, and its name holds no comma.
"""

from collections.abc import Iterable

ALL = "*"


def named(text: str) -> frozenset[str]:
    """The teams a text names; empty for all of them."""
    names = {name.strip() for name in text.split(",")} - {""}
    return frozenset() if ALL in names else frozenset(names)


def leads(text: str, team: str) -> bool:
    """Whether a lead with this text leads a team."""
    return not named(text) or team in named(text)


def led(texts: Iterable[str]) -> set[str]:
    """All the teams that leads with these texts lead; with ``""`` in it somebody leads them all."""
    return {name for text in texts for name in (named(text) or {""})}


def written(text: str) -> str:
    """A text as it is kept: ``Nord, Syd``, and ``*`` for all."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    return ALL if ALL in names else ", ".join(dict.fromkeys(names))
