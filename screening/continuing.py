"""Which visit takes the place of which: a correction of the one it corrects, a finished visit of its preliminary ones.

A preliminary visit is sent from the living room before the visitor has written her own part; the finished visit, or a
later preliminary one, names it. They may come in any order: nothing waits for a preliminary visit, and one that comes
after its finished visit is kept as replaced at once.
"""

from typing import Any

from screening import decisions, families, responses
from screening.store import Store

# What a correction or a later talk waits under until the visit it names has come.
EARLIER_MISSING = "earlier_missing"

Row = dict[str, Any]


def earlier(store: Store, id: str | None, family: str, person: str | None = None) -> Row | None:
    """The visit that another one names. Raises Unacceptable: earlier_missing, wrong_family, not_own_visit."""
    if id is None:
        return None
    row = store.row(
        "SELECT id, family, visit, person, instrument, completes, state, started_at, finished_at, began_at, ended_at,"
        " sealed_for, result_sealed FROM encounters WHERE id = :id",
        id=id,
    )
    responses.check(row is not None, EARLIER_MISSING)
    responses.check(row["family"] == family, "wrong_family")
    responses.check(person in (None, row["person"]), "not_own_visit")
    return row | {"known": store.opened("encounters", row, "result_sealed")}


def replaced(store: Store, payload: Row, family: str, person: str) -> list[Row]:
    """The visits whose place another takes: the one it corrects, and the preliminary one it continues if it has come.

    Raises Unacceptable as ``earlier``, and wrong_preliminary where the one that it continues was a finished visit.
    """
    corrected = earlier(store, payload["replaces"], family, person)
    found = [corrected] if corrected else []
    begun = payload.get("preliminary")
    if begun and store.row("SELECT id FROM encounters WHERE id = :id", id=begun):
        one = earlier(store, begun, family, person)
        responses.check(one["known"].get("preliminary"), "wrong_preliminary")
        found += [one] if one["state"] == "current" else []
    return found


def taken(replaced: list[Row]) -> list[str]:
    """The ids of all the visits whose place one takes, with those that these had replaced."""
    return list(dict.fromkeys(id for one in replaced for id in (*one["known"]["instead_of"], one["id"])))


def decided(store: Store, replaced: list[Row]) -> Row | None:
    """What a visit takes over from the leads: {level, preliminary}; None where no lead had decided.

    ``preliminary``: nothing but preliminary visits had been decided on.
    """
    found = [(one, said) for one in replaced if (said := decisions.carried(store, one))]
    if not found:
        return None
    levels = [said["level"] for _, said in found if said["level"] is not None]
    begun = all(one["known"].get("preliminary") or said.get("preliminary") for one, said in found)
    return {"level": max(levels, default=None), "preliminary": bool(begun)}


def standing_in(past: list[Row], id: str) -> Row | None:
    """The visit that counts in the place of one; itself where it does. ``past`` as ``families.encounters``."""
    return next((one for one in past if id == one["id"] or id in one["known"]["instead_of"]), None)


def continued_by(store: Store, encounter: str, family: str, person: str) -> Row | None:
    """The visit that stands where a preliminary one would, because what continues it came first; None otherwise.

    Only her own visit to the same family can say so: what somebody else's names is not taken off the list by it.
    """
    rows = store.rows(
        "SELECT id, sealed_for, result_sealed FROM encounters WHERE family = :family AND person = :person",
        family=family,
        person=person,
    )
    known = {row["id"]: store.opened("encounters", row, "result_sealed") for row in rows}
    naming = [id for id, one in known.items() if one.get("continues") == encounter]
    past = families.encounters(store, family)
    return next((one for id in naming if (one := standing_in(past, id))), None)


def lay_down(store: Store, late: str, replaced: list[Row], successor: Row) -> Row:
    """A preliminary visit came late: what stands in its place now also stands for it and for those it continued.

    ``successor`` as ``continued_by`` gives it; it is given back with what leads had decided on those.
    """
    known = successor["known"]
    ids = [*known["instead_of"], *taken(replaced), late]
    known |= {"instead_of": list(dict.fromkeys(ids)), "decided": known["decided"] or decided(store, replaced)}
    store.change("encounters", successor["id"], result_sealed=responses.of_one_length(known))
    return successor
