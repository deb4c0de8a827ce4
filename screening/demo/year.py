"""An ordinary year: visits drawn by the shares of the domain guide's section 9.2, which its authors simulated.

A family's tension is one number for each parent, normally distributed; both parents' numbers have much in common, and
so have the numbers of the two visits. Each answer leans the way of its number.
"""

import math
from dataclasses import dataclass, replace
from random import Random
from statistics import NormalDist

from screening.demo.visits import PARENTS, ROOM, SCORED, Answers, Visit

# Shares of the answers 0, 1 and 2 to k1 to k9; the rest is 3.
SHARES = (
    (0.71, 0.22, 0.06), (0.67, 0.27, 0.05), (0.77, 0.17, 0.05), (0.83, 0.14, 0.03), (0.80, 0.16, 0.03),
    (0.58, 0.32, 0.08), (0.76, 0.19, 0.04), (0.92, 0.07, 0.01), (0.74, 0.21, 0.04),
)  # fmt: skip
LOADING, ALIKE, LASTING = 0.7, 0.56, 0.6
# How much of what is only one question's own lasts from 2 to 8 months, and how tension falls meanwhile: with these
# about one in ten is worse and one in eight is better, as the guide says.
HABIT, RELIEF = 0.9, 0.05

VISITED = {"2m": 0.95, "8m": 0.90}
ASKED = {"2m": 0.96, "8m": 0.95}
MODES = ("each", "joint", "one")
SHARE_OF_MODES = {"2m": (0.35, 0.40, 0.25), "8m": (0.30, 0.35, 0.35)}
# A parent who lives alone with the child, parents who live apart, and those who part between the two visits.
SINGLE, APART, PARTING = 0.05, 0.03, 0.03
HOMES = {"single": SINGLE, "apart": APART, "parting": PARTING, "pair": 1 - SINGLE - APART - PARTING}
INTERPRETER, LAY = 0.08, 0.15
# Mode -> how likely both parents, or only one, were asked alone. Over the modes: 65 % somebody and 18 % both at 2
# months, 60 and 12 % at 8.
SPOKEN_TO = {
    "2m": {"each": (0.41, 0.41), "joint": (0.10, 0.30), "one": (0.0, 0.85)},
    "8m": {"each": (0.31, 0.46), "joint": (0.09, 0.19), "one": (0.0, 0.80)},
}
# The probability that somebody asked alone tells of what is a danger: logistic(-4.0 + 1.2 * tension); of these 40 %
# tell what makes the level red.
BASE, SLOPE, SEVERE = -4.0, 1.2, 0.4
SEVERE_STORIES: tuple[Answers, ...] = (
    {"t1": "2", "t2": "yes", "t4": "some", "t5": "year", "t14": "yes"},
    {"t1": "2", "t2": "yes", "t3": "yes"},
    {"t2": "yes", "t4": "often", "t15": "yes"},
    {"t8": ["child"], "t10": ["other"]},
    {"t1": "3", "t2": "yes", "t5": "month"},
)
SERIOUS_STORIES: tuple[Answers, ...] = (
    {"t1": "1", "t2": "yes"},
    {"t3": "yes"},
    {"t4": "often"},
    {"t8": ["adult"]},
    {"t1": "1", "t6": "some"},
    {"t9": "yes", "t10": ["family"]},
    {"t5": "past", "t1": "1"},
)
LOWER, HIGHER = 0.03, 0.02
WHY_NOT = (("later", "time"), ("later", "acute"), ("no", "declined"), ("notasked", "lang"), ("notasked", "unsafe"))
# Why nobody came: kind of the note, and its data.
WHY_NOT_VISITED: tuple[tuple[str, dict[str, str]], ...] = (
    ("declined", {"reason": "declined"}), ("declined", {"reason": "time"}), ("not_offered", {"reason": "language"}),
    ("not_home", {"text": "Ingen lukkede op."}),
)  # fmt: skip
GOOD = (
    "Vi griner sammen hver dag.", "Vi er gode til at dele nætterne.", "Vi siger tak til hinanden.",
    "Bedsteforældrene hjælper meget.", "Vi går en tur hver aften.",
)  # fmt: skip


@dataclass(frozen=True)
class Life:
    """What of a family is the same at both visits: who lives there, and who tends to answer how.

    ``home``: pair, single, apart, or parting between the visits. ``tension``: of parent 1, of parent 2, and together;
    ``habits`` likewise, a number for each scored question.
    """

    home: str
    interpreter: bool
    tension: tuple[float, ...]
    habits: tuple[tuple[float, ...], ...]

    def parted(self, visit: str) -> bool:
        """Whether the parents live apart at a visit."""
        return self.home == "apart" or (self.home == "parting" and visit == "8m")


def life(rng: Random) -> Life:
    """A family, drawn."""
    home = rng.choices(list(HOMES), list(HOMES.values()))[0]
    return Life(home, rng.random() < INTERPRETER, tensions(rng), tuple(noise(rng) for _ in range(3)))


def tensions(rng: Random) -> tuple[float, ...]:
    common = math.sqrt(ALIKE) * rng.gauss()
    one, other = (common + math.sqrt(1 - ALIKE) * rng.gauss() for _ in PARENTS)
    return one, other, (one + other) / math.sqrt(2 + 2 * ALIKE)


def noise(rng: Random) -> tuple[float, ...]:
    return tuple(rng.gauss() for _ in SCORED)


def older(rng: Random, before: Life) -> Life:
    """The same family half a year later."""
    new = tensions(rng)
    rest = math.sqrt(1 - LASTING**2)
    tension = tuple(LASTING * was + rest * now - RELIEF for was, now in zip(before.tension, new, strict=True))
    fresh = math.sqrt(1 - HABIT**2)
    habits = tuple(tuple(HABIT * was + fresh * rng.gauss() for was in habit) for habit in before.habits)
    return replace(before, tension=tension, habits=habits)


def drawn(rng: Random, family: Life, visit: str, days: int) -> Visit | None:
    """A visit to a family as it may have gone; None when nobody came to visit."""
    if rng.random() >= VISITED[visit]:
        return None
    if rng.random() >= ASKED[visit]:
        said, why = rng.choice(WHY_NOT)
        return Visit(visit, days, "none", {}, setting={"s2": present(family, "none"), "s9": said, "s10": why})
    mode = way(rng, family, visit)
    lay = family.interpreter and rng.random() < LAY
    who = {"joint": ("joint",), "each": PARENTS, "one": ("parent1",)}[mode]
    told = [] if lay else spoken_to(rng, family, visit, mode)
    setting, rooms = setting_of(family, mode, lay), rooms_of(family, told, who, lay)
    return Visit(
        visit, days, mode, {one: digits(rng, family, one) for one in who}, own(rng), setting, rooms,
        {parent: alone(rng, family.tension[PARENTS.index(parent)]) for parent in told},
        everyday(rng, family, visit), observed(rng, family),
    )  # fmt: skip


def way(rng: Random, family: Life, visit: str) -> str:
    """How form B is answered: a parent who is alone answers alone, those who live apart never together."""
    each, joint, one = SHARE_OF_MODES[visit]
    apart = APART + (PARTING if visit == "8m" else 0)
    if family.home == "single":
        return "one"
    if family.parted(visit):
        return rng.choice(("each", "one"))
    return rng.choices(MODES, (each - apart / 2, joint, one - SINGLE - apart / 2))[0]


def spoken_to(rng: Random, family: Life, visit: str, mode: str) -> list[str]:
    """Who was asked alone."""
    both, one = SPOKEN_TO[visit][mode]
    at = rng.random()
    if at < both:
        return list(PARENTS)
    if at >= both + one:
        return []
    return ["parent1"] if mode == "one" or rng.random() < 0.8 else ["parent2"]


def present(family: Life, mode: str) -> list[str]:
    return ["p1"] if mode == "one" or family.home == "single" else ["p1", "p2"]


def setting_of(family: Life, mode: str, lay: bool) -> Answers:
    made: Answers = {"s2": present(family, mode)}
    return made | interpreted(lay) if family.interpreter else made


def interpreted(lay: bool) -> Answers:
    return {"s3": ["interp"], "s4": "lay" if lay else "pro"}


def rooms_of(family: Life, told: list[str], who: tuple[str, ...], lay: bool) -> dict[str, Answers]:
    """How the room was for each parent who was spoken to by herself."""
    heard = interpreted(lay) if family.interpreter else {}
    elsewhere = {"s5": "none"} if family.home == "single" else {}
    return {
        parent: (elsewhere if parent in told else {name: ROOM[name] for name in ("s5", "s6", "s7")}) | heard
        for parent in PARENTS
        if parent in told or parent in who
    }


def digits(rng: Random, family: Life, who: str) -> str:
    """Answers to the scored questions that lean the same way."""
    place = {"parent1": 0, "parent2": 1, "joint": 2}[who]
    rest, normal = math.sqrt(1 - LOADING**2), NormalDist()
    found = ""
    for name, shares, habit in zip(SCORED, SHARES, family.habits[place], strict=True):
        leaning = normal.cdf(LOADING * family.tension[place] + rest * habit)
        if who != "joint" or name != "k5":
            found += str(sum(leaning > sum(shares[: step + 1]) for step in range(3)))
    return found


def alone(rng: Random, tension: float) -> Answers:
    """What a parent tells alone, besides the calm answers."""
    if rng.random() < 1 / (1 + math.exp(-BASE - SLOPE * tension)):
        return rng.choice(SEVERE_STORIES if rng.random() < SEVERE else SERIOUS_STORIES)
    return {"t1": rng.choice(("0", "0", "0", "0", "0", "0", "1"))}


def own(rng: Random) -> str:
    """The visitor mostly goes with what is suggested."""
    return rng.choices(("-", "+", ""), (LOWER, HIGHER, 1 - LOWER - HIGHER))[0]


def everyday(rng: Random, family: Life, visit: str) -> Answers:
    """The questions that are not scored."""
    strained = family.tension[2] > 1
    made: Answers = {
        "k10": rng.choice("0112" if strained else "0011"),
        "k11": rng.choice(("maybe", "yes", "no") if strained else ("no", "no", "no", "maybe")),
        "p1": rng.choice(("several", "one", "none") if strained else ("several", "several", "one")),
        "p2": rng.choice(("try", "no") if strained else ("yes", "try")),
    }
    if rng.random() < 0.3:
        made["p3"] = rng.choice(GOOD)
    if visit == "8m":
        news = rng.choice((["none"], ["none"], ["work"], ["care"], ["work", "care"], ["move"]))
        made |= {"f1": rng.choice(("yes", "some", "some", "no"))}
        made |= {"f2": ["sep"] if family.home == "parting" else news}
    return made


def observed(rng: Random, family: Life) -> Answers:
    """What the visitor saw: little, and more where there is more tension."""
    chance = 0.25 if family.tension[2] > 1 else 0.03
    return {name: "1" for name in ("o1", "o2", "o6", "o8") if rng.random() < chance}
