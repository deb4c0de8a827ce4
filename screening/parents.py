"""Who the parents of a family are: each keeps her place, and whoever comes into it later takes over nothing.

What a parent told is kept under a place, parent 1 or parent 2. It is hers and not the place's (flow rules FR9 and FR24,
domain guide 5.8.10): so a family remembers who had a place before, and until when.
"""

import unicodedata
from datetime import datetime
from typing import Any

from screening import audit
from screening.store import Store

PLACES = ("parent1", "parent2")
# Letters that are spelled in two ways, where taking the marks away is not enough.
SPELLED = str.maketrans({"å": "aa", "æ": "ae", "ä": "ae", "ø": "o"})

Parent = dict[str, Any]
# Place -> the name of who has it.
Names = dict[str, str]
Details = dict[str, Any]


# ── the same person ──


def same_person(one: str, other: str) -> bool:
    """Whether two names in the same place of one family are one person's.

    They are when the first names are the same, because surnames change, are left out and come later; or when all the
    other words are the same and the first names differ by one letter, or by two that changed places: a misspelling.
    Anybody else is another person. Wrongly taken for another she is asked the ordinary questions once more; wrongly
    taken for the same he would hear what somebody else told, so in doubt it is another.
    """
    (first, *rest), (second, *others) = (folded(name).split() or [""] for name in (one, other))
    return first == second or (rest == others != [] and nearly(first, second))


def is_short_for(one: str, other: str) -> bool:
    """Whether one of two names is the other with some words left out: stricter, for families not matched by a key."""
    words, others = folded(one).split(), folded(other).split()
    return words[:1] == others[:1] and (set(words) <= set(others) or set(others) <= set(words))


def folded(name: str) -> str:
    """A name without capitals, accents and needless spaces, the first name first: some registers write it last.

    Two names that are alike here may be one person's: what she told depends on it. It is narrow on purpose; a search
    folds much wider (``folding.py``).
    """
    last, _, first = unicodedata.normalize("NFC", name).partition(",")
    plain = unicodedata.normalize("NFKD", f"{first} {last}".casefold().translate(SPELLED))
    return " ".join("".join(sign for sign in plain if not unicodedata.combining(sign)).split())


def nearly(one: str, other: str) -> bool:
    """Whether two words differ by no more than one letter, or by two neighbours that changed places."""
    while one and other and one[0] == other[0]:
        one, other = one[1:], other[1:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    return max(len(one), len(other)) <= 1 or (len(one) == 2 and one == other[::-1])


# ── when ──


def now(details: Details) -> Names:
    """Who has each place."""
    return {one["key"]: one["name"] for one in details["parents"]}


def at(details: Details, moment: str) -> Names:
    """Who had each place at a moment, as UTC text; ``""`` is before everything."""
    found = now(details)
    for one in reversed(details.get("former", ())):
        if one["until"] > moment:
            found[one["key"]] = one["name"]
    return found


def others(then: Names, later: Names) -> set[str]:
    """The respondents who are other people at one time than at another: parent1, parent2, and with them ``joint``."""
    if then == later:
        return set()
    both = [key for key in PLACES if key in then and key in later]
    found = {key for key in both if not same_person(then[key], later[key])}
    return found | ({"joint"} if found else set())


# ── other parents than before ──


def placed(details: Details, given: list[Parent], moment: str) -> Details:
    """A family's ``parents`` as they are given now, each in her place, and ``former``: [{key, name, until}].

    Of a parent who stays, what was known stays too; what belongs to another does not (FR24). ``moment``: since when.
    """
    known, last = {one["key"]: one for one in details["parents"]}, last_in(details)
    made = []
    for one in in_place(last, given):
        before = known.get(one["key"])
        kept = before if before and same_person(before["name"], one["name"]) else {}
        made.append(kept | {name: value for name, value in one.items() if value is not None})
    after, former = now({"parents": made}), list(details.get("former", ()))
    for key, one in known.items():
        if key not in after or not same_person(one["name"], after[key]):
            # A note may come after a newer one from elsewhere; who was before whom stays in order.
            until = max([moment, *(left["until"] for left in former if left["key"] == key)])
            former.append({"key": key, "name": one["name"], "until": until})
    return {"parents": made, "former": former}


def last_in(details: Details) -> Names:
    """Who has each place, or had it last where it is empty."""
    return {one["key"]: one["name"] for one in details.get("former", ())} | now(details)


def in_place(last: Names, given: list[Parent]) -> list[Parent]:
    """Two parents in the order in which they are known, whichever is named first."""
    turned = [one | {"key": key} for one, key in zip(reversed(given), PLACES, strict=False)]
    return turned if len(given) == len(PLACES) and likeness(last, turned) > likeness(last, given) else given


def likeness(last: Names, given: list[Parent]) -> int:
    """How well parents fit the places they are given for: the whole name counts more than the person."""
    pairs = [(last[one["key"]], one["name"]) for one in given if one["key"] in last]
    return sum((folded(one) == folded(other)) + same_person(one, other) for one, other in pairs)


def given_up(before: Details, after: Details) -> list[str]:
    """The places that have become another person's."""
    return sorted(others(last_in(before), now(after)) & set(PLACES))


def write_down(store: Store, home: dict[str, Any], before: Details, after: Details, by: str, at: datetime) -> None:
    """An entry in the log for each place that has become another person's; whose, but no name."""
    for key in given_up(before, after):
        about = {"subject": home["id"], "sealed_for": home["sealed_for"], "detail": {"parent": key}}
        audit.add(store, "parent_changed", by, at, **about)
