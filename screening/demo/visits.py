"""One invented visit: what was answered, by whom and where; and how that becomes the forms of the instrument.

Only what was said stands here. Which questions were open, and what follows from the answers, is left to the published
instrument, as on a tablet.
"""

from dataclasses import dataclass, field
from typing import Any

Answers = dict[str, Any]

PARENTS = ("parent1", "parent2")
# The questions of form B that are scored; k5 is asked of nobody who answers together with somebody.
SCORED = tuple(f"k{number}" for number in range(1, 10))
TOGETHER = tuple(name for name in SCORED if name != "k5")

# Form A by how form B is answered; how the room is for one parent is asked again before she is asked alone.
ROOM: Answers = {"s3": ["none"], "s5": "mayhear", "s6": "false", "s7": "clinic"}
SETTINGS: dict[str, Answers] = {
    "joint": {"s1": "home", "s2": ["p1", "p2"], "s8": "true", "s9": "yes"} | ROOM,
    "each": {"s1": "home", "s2": ["p1", "p2"], "s3": ["none"], "s8": "true", "s9": "yes"},
    "one": {"s1": "home", "s2": ["p1"], "s3": ["none"], "s8": "true", "s9": "yes"},
    "none": {"s1": "home", "s2": ["p1", "p2"], "s8": "true", "s9": "no", "s10": "declined"} | ROOM,
    "talk": {"s1": "clinic", "s2": ["p1"], "s8": "true"},
}
ALONE: Answers = {"s3": ["none"], "s5": "away", "s6": "true"}
CALM: Answers = {
    "t1": "0", "t2": "no", "t3": "no", "t4": "no", "t5": "no", "t6": "ok", "t7": "no", "t8": ["no"], "t9": "no",
}  # fmt: skip
# The answers that follow a yes, where a story says nothing else.
FOLLOWED: Answers = {
    "t10": ["partner"], "t11": "no", "t12": "no", "t13": "no", "t14": "no", "t15": "no", "t16": "no", "t17": "no",
    "t18": "no", "t19": ["talk"], "c3": "no", "c4": "oral",
}  # fmt: skip
EVERYDAY: Answers = {"k10": "1", "k11": "no", "p1": "several", "p2": "try"}
AFTERWARDS: Answers = {f"o{number}": "0" for number in range(1, 9)} | {"v2": "no", "v11": "na"}


@dataclass(frozen=True)
class Visit:
    """A visit (2m, 8m or talk) as it was answered. ``days`` is the child's age in days.

    ``mode``: joint, each, one, or none where nobody was asked. ``conflict``: respondent -> k1 to k9 as digits, in a
    joint answer without k5. ``alone``: parent -> what she answered alone besides ``CALM``; ``rooms``: parent -> how the
    room was. ``own`` is the visitor's level; empty for the suggested one, + or - for one more or less where that can
    be. ``mistyped``: what of ``conflict`` was sent first, and corrected the same day. ``plan``: actions (id of the
    guide, days until they are due) a lead decided on when she had read it. ``household``: whose home it was, of parents
    who live apart.
    """

    visit: str
    days: int
    mode: str
    conflict: dict[str, str]
    own: str = ""
    setting: Answers = field(default_factory=dict)
    rooms: dict[str, Answers] = field(default_factory=dict)
    alone: dict[str, Answers] = field(default_factory=dict)
    everyday: Answers = field(default_factory=dict)
    afterwards: Answers = field(default_factory=dict)
    mistyped: dict[str, str] = field(default_factory=dict)
    plan: tuple[tuple[str, int], ...] = ()
    household: str = ""


def forms(visit: Visit) -> list[tuple[str, str, Answers]]:
    """A visit as (form, respondent, answers), before closed questions are taken out."""
    usual = SETTINGS["talk" if visit.visit == "talk" else visit.mode]
    given = [("A", "joint", usual | visit.setting)]
    given += [("A", parent, room) for parent in PARENTS if (room := room_of(visit, parent))]
    for respondent, digits in visit.conflict.items():
        asked = TOGETHER if respondent == "joint" else SCORED
        own = dict(zip(asked, digits, strict=True))
        given.append(("B", respondent, own | EVERYDAY | visit.everyday))
    given += [("C", parent, told) for parent, said in visit.alone.items() if (told := CALM | FOLLOWED | said)]
    return [*given, ("D", "case", AFTERWARDS | {"v1": visit.own} | visit.afterwards)]


def room_of(visit: Visit, parent: str) -> Answers:
    """How the room was for a parent who was spoken to by herself; empty for one who was not."""
    if parent in visit.alone:
        return ALONE | visit.rooms.get(parent, {})
    return ROOM | visit.rooms.get(parent, {}) if parent in visit.conflict or parent in visit.rooms else {}
