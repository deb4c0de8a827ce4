"""A lead's proposal to lower a red visit, or to end the following of a red family: it counts with four eyes only.

Any other lead of the service can say the same, and whoever has proposed it can take it back (domain guide 7.3).
"""

from typing import Any

# Kinds of decisions that say at which level a visit stands; the others say something about it.
LEVELS = ("agree", "change", "plan", "close")
# Whoever has withdrawn her proposal is asked for nothing more.
WITHDRAW = "withdraw"

Decision = dict[str, Any]


def counting(decided: list[Decision]) -> Decision | None:
    """The decision that says where a visit stands; None where only the answers do. ``decided``: the newest first."""
    return next((one for one in decided if one["decision"] in LEVELS and not one["awaits_second"]), None)


def waiting(decided: list[Decision]) -> Decision | None:
    """What a lead has proposed for a red visit, while it waits for a second lead; None otherwise.

    What answers it is another lead's agreement with the red, or her change of level; and its author can withdraw it.
    Whatever else she decides, and any plan, leaves it waiting.
    """
    answered_by = set()
    for one in decided:
        if one["awaits_second"]:
            return None if answered_by - {one["person"]} else one
        if one["decision"] == WITHDRAW:
            return None
        if one["decision"] in ("agree", "change", "close"):
            answered_by.add(one["person"])
    return None
