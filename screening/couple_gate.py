"""Whether a family may be offered something for both parents together (flow rule FR20, domain guide 5.4).

A rule marked "Block" that fired at any visit closes the gate for the family. What one parent told alone is not taken
back because a later visit did not ask, a correction left it out, years went by or somebody else visits now: the gate
stays closed until a named professional has assessed both parents, each alone. While nobody can record such an
assessment it stays closed.
"""

from collections.abc import Iterable
from typing import Any

# The guide's offers to both parents together, and what is to be done instead while the gate is closed.
OFFERS = frozenset({"H14"})
INSTEAD = "H15"

Known = dict[str, Any]


def is_closed(held: Iterable[Known]) -> bool:
    """Whether anything that was told at one of these visits closes the gate.

    ``held``: what is kept of every visit the family had, also of those whose place another has taken.
    """
    return any(known["result"]["blocks"] for known in held)


def closed_since(visits: Iterable[dict[str, Any]]) -> str | None:
    """When the first visit that closes the gate ended (UTC); None while it is open. ``visits``: result, ended_at."""
    return min((one["ended_at"] for one in visits if one["result"]["blocks"]), default=None)


def allowed(actions: Iterable[str], closed: bool) -> list[str]:
    """Actions of the guide without the offers that a closed gate forbids; what is done instead stands in their place.

    In the order given, each once.
    """
    return list(dict.fromkeys(INSTEAD if closed and id in OFFERS else id for id in actions))
