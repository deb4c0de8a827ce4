"""Visits that lie behind the invented families: a few told in full, and for every older child an ordinary one.

A story is what was answered; which questions were open and what follows from the answers is left to the
published instrument, as on a tablet.
"""

from dataclasses import dataclass, field
from random import Random
from statistics import NormalDist
from typing import Any

Answers = dict[str, Any]

# Form A when both sit there together, and when one parent is spoken to alone at home.
TOGETHER: Answers = {
    "s1": "home", "s2": ["p1", "p2"], "s3": ["none"], "s5": "mayhear", "s6": "false", "s7": "clinic",
    "s8": "true", "s9": "yes",
}  # fmt: skip
ALONE: Answers = {
    "s1": "home", "s2": ["p1"], "s3": ["none"], "s5": "away", "s6": "true", "s8": "true", "s9": "yes",
}  # fmt: skip
CALM: Answers = {
    "t1": "0", "t2": "no", "t3": "no", "t4": "no", "t5": "no", "t6": "ok", "t7": "no", "t8": ["no"], "t9": "no",
}  # fmt: skip
AFTERWARDS: Answers = {f"o{number}": "0" for number in range(1, 9)} | {"v2": "no", "v11": "na"}


@dataclass(frozen=True)
class Story:
    """A visit as it was answered. ``days`` is the child's age in days, ``ago`` how many working days have passed.

    ``conflict`` (k1 to k9 as digits, in a joint answer without k5) and ``alone`` are respondent -> answers; ``own`` is
    the visitor's level; ``plan`` an action that the lead has decided on.
    """

    visit: str
    days: int
    ago: int
    mode: str
    conflict: dict[str, str]
    own: str
    setting: Answers = field(default_factory=lambda: TOGETHER)
    alone: dict[str, Answers] = field(default_factory=dict)
    afterwards: Answers = field(default_factory=dict)
    plan: str = ""


# Some of the people of domain guide 9.4.
STORIES = (
    # Shouting with the child in the room.
    Story("8m", 258, 1, "joint", {"joint": "22112211"}, "2",
          afterwards={"o1": "1", "o6": "1", "v3": "De fortæller åbent om højlydte skænderier, også ved puslebordet.",
                      "v4": "Barnet reagerer med uro. Forældrene vil gerne have hjælp.", "v7": "both",
                      "v10": "y"}),
    # The child has been shaken.
    Story("2m", 64, 0, "one", {"parent1": "111101111"}, "3", ALONE,
          {"parent1": {"t1": "0", "t7": "yes", "t10": ["partner"], "t11": "no", "t12": "no", "t13": "no", "t14": "no",
                       "t15": "no", "t16": "no", "t17": "no", "t18": "no"}},
          {"o5": "0", "v2": "yes", "v3": "Forælder 1 siger: „Han ruskede hende i nat, til hun blev stille.“",
           "v7": "unsafe"}),
    # Mother alone tells of fear, father's own answers are calm.
    Story("2m", 63, 1, "each", {"parent1": "122121101", "parent2": "011000000"}, "2", ALONE,
          {"parent1": {"t1": "2", "t2": "yes", "t3": "no", "t10": ["partner"], "t11": "no", "t12": "no", "t13": "no",
                       "t14": "no", "t15": "no", "t16": "no", "t17": "no", "t18": "no", "c3": "no", "c4": "oral"}},
          {"o2": "1", "v3": "Forælder 1 bliver stille, når der tales om penge.", "v7": "later"}),
    # Never alone: the partner always stays and answers.
    Story("2m", 66, 4, "joint", {"joint": "00000000"}, "2",
          afterwards={"o2": "2", "o3": "2", "v3": "Den ene svarer for begge. Den anden ser ned.", "v7": "later"}),
    # A hand at the throat within the year.
    Story("8m", 249, 1, "one", {"parent1": "211221211"}, "3", ALONE,
          {"parent1": {"t1": "2", "t2": "yes", "t4": "some", "t5": "year", "t10": ["partner"], "t11": "yes",
                       "t12": "no", "t13": "no", "t14": "yes", "t15": "no", "t16": "no", "t17": "no", "t18": "no",
                       "t19": ["talk", "info"], "c3": "no", "c4": "oral"}},
          {"v2": "yes", "v3": "Forælder 1 siger: „Han tog mig om halsen i september.“", "v7": "one"}),
    # Two tired people who say so.
    Story("2m", 62, 2, "joint", {"joint": "21112102"}, "1",
          afterwards={"v3": "Nætterne er hårde. De har aftalt, hvem der tager hvilke.", "v7": "both"}, plan="H16"),
    # Two answers far apart, nobody afraid.
    Story("2m", 65, 3, "each", {"parent1": "010001000", "parent2": "211121102"}, "1",
          afterwards={"v3": "De svarer hver for sig og meget forskelligt.", "v7": "later"}),
    # A quiet home.
    Story("2m", 60, 1, "joint", {"joint": "00001000"}, "0"),
)  # fmt: skip

# Shares of the answers 0 to 3 to k1 to k9 (domain guide 9.2); what they have in common weighs 0.7.
SHARES = (
    (0.71, 0.22, 0.06), (0.67, 0.27, 0.05), (0.77, 0.17, 0.05), (0.83, 0.14, 0.03), (0.80, 0.16, 0.03),
    (0.58, 0.32, 0.08), (0.76, 0.19, 0.04), (0.92, 0.07, 0.01), (0.74, 0.21, 0.04),
)  # fmt: skip
LOADING = 0.7
MODES, MODE_SHARES = ("each", "joint", "one"), (35, 40, 25)


def ordinary(rng: Random) -> Story:
    """A 2-month visit as most are; the visitor goes with what the answers suggest."""
    mode = rng.choices(MODES, MODE_SHARES)[0]
    common = rng.gauss()
    respondents = {"each": ("parent1", "parent2"), "joint": ("joint",), "one": ("parent1",)}[mode]
    conflict = {who: drawn(rng, common) for who in respondents}
    if mode == "joint":
        conflict = {"joint": conflict["joint"][:4] + conflict["joint"][5:]}
    alone = {"parent1": CALM} if mode == "one" else {}
    return Story("2m", 0, 0, mode, conflict, "", ALONE if alone else TOGETHER, alone)


def drawn(rng: Random, common: float) -> str:
    """Nine answers that lean the same way."""
    digits = ""
    for shares in SHARES:
        leaning = NormalDist().cdf(LOADING * common + (1 - LOADING**2) ** 0.5 * rng.gauss())
        digits += str(sum(leaning > sum(shares[: step + 1]) for step in range(3)))
    return digits


def forms(story: Story) -> list[tuple[str, str, Answers]]:
    """The story as (form, respondent, answers), before closed questions are taken out."""
    first = next(iter(story.conflict))
    given = [("A", first, story.setting)]
    for respondent, digits in story.conflict.items():
        asked = [number for number in range(1, 10) if len(digits) == 9 or number != 5]
        answers = {f"k{number}": digit for number, digit in zip(asked, digits, strict=True)}
        given.append(("B", respondent, answers | {"k10": "1", "k11": "maybe", "p1": "one", "p2": "try"}))
    given += [("C", respondent, CALM | answers) for respondent, answers in story.alone.items()]
    return [*given, ("D", "case", AFTERWARDS | {"v1": story.own} | story.afterwards)]
