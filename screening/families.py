"""Who is visited, by whom and when; and what each visitor's tablet may know of it.

A family's names, birth dates and address stand sealed under its case's data key. Each family has four subjects:
child, parent 1, parent 2 and the case, each with a data key of its own, so that what one parent told
alone can be kept from the other and forgotten by itself.
"""

import logging
from datetime import date, datetime
from typing import Any

from screening import audit, calendar_days, changes, people, tasks
from screening.errors import NotAnswerable, NotFound, Unreadable
from screening.municipality import WINDOWS
from screening.store import Store, new_id, parse_utc, utc

log = logging.getLogger(__name__)

SUBJECTS = ("child", "parent1", "parent2", "case")
PARENTS = ("parent1", "parent2")
PLACES = ("home", "clinic")
ABSENT = "Familien findes ikke på din liste. Gå tilbage til listen."
PAGE = 200

Family = dict[str, Any]


# ── when visits are due ──


def due(birth: date, visit: str, windows: dict[str, dict[str, int]] = WINDOWS) -> tuple[date, date]:
    """The first and the last day on which a visit (2m, 8m) is in time, for a child born on a day.

    2m from day 56 to day 70; 8m from birth + 8 months to the day before birth + 11 months, unless the
    municipality has other windows.
    """
    return calendar_days.window(birth, windows[visit])


# ── who is visited ──


def add(
    store: Store,
    details: dict[str, Any],
    team: str,
    visitor: str | None,
    now: datetime,
    planned: dict[str, Any] | None = None,
    *,
    windows: dict[str, dict[str, int]] = WINDOWS,
    by: str = "system",
) -> str:
    """Add a family; gives its id.

    ``details``: children [{name, birth, cpr?}], parents [{key: parent1|parent2, name, custody}], address,
    address_protected, languages. ``visitor`` is a person's id. ``planned``: visit -> ``2026-11-25T09:00`` or
    {at, place: home|clinic}.
    Raises NotAnswerable with a sentence for what cannot be.
    """
    details, plans = checked(details), {visit: plan(given) for visit, given in (planned or {}).items()}
    birth = max(date.fromisoformat(child["birth"]) for child in details["children"])
    id, case = new_id(now), new_id(now)
    details["places"] = {visit: one["place"] for visit, one in plans.items()}
    with store.transaction():
        store.new_data_key(case, now)
        store.add(
            "families", id=id, team=team, visitor=visitor, sealed_for=case, details_sealed=details,
            created_at=utc(now), left_at=None,
        )  # fmt: skip
        for kind in SUBJECTS:
            subject = case if kind == "case" else new_id(now)
            store.new_data_key(subject, now)
            store.add("subjects", id=subject, family=id, kind=kind)
        for visit, at in {visit: plans.get(visit, {}).get("at") for visit in windows}.items():
            plan_visit(store, {"id": id, "sealed_for": case}, visit, birth, at, now, windows)
        changes.changed(store, id, now)
        audit.add(store, "family_added", by, now, subject=id)
    return id


def checked(details: dict[str, Any]) -> dict[str, Any]:
    """A family's details as they are kept. Raises NotAnswerable."""
    children, parents = details.get("children") or [], details.get("parents") or []
    if not children or not all(child.get("name") and calendar_days.is_day(child.get("birth")) for child in children):
        raise NotAnswerable("Barnets navn eller fødselsdato mangler. Skriv datoen som 2026-09-23.")
    keys = [parent.get("key") for parent in parents]
    if not keys or keys != list(PARENTS[: len(keys)]) or not all(parent.get("name") for parent in parents):
        raise NotAnswerable("Der skal være en eller to forældre med navn. Ret det, og prøv igen.")
    known = {"children", "parents", "address", "address_protected", "languages"}
    return {"address": None, "address_protected": False, "languages": ["dansk"]} | {
        name: value for name, value in details.items() if name in known
    }


def plan(given: Any) -> dict[str, str]:
    """When and where a visit is agreed. Raises NotAnswerable."""
    whole = {"at": given} if isinstance(given, str | None) else dict(given)
    whole = {"place": "home"} | whole
    try:
        right = whole["at"] is None or datetime.fromisoformat(whole["at"]).isoformat(timespec="minutes") == whole["at"]
    except ValueError:
        right = False
    if not right or whole["place"] not in PLACES:
        raise NotAnswerable("Tidspunktet for besøget kan ikke læses. Skriv det som 2026-11-25T09:00.")
    return whole


def plan_visit(
    store: Store, home: Family, visit: str, birth: date, at: str | None, now: datetime, windows: dict[str, Any]
) -> None:
    """One of the visits a family is due. One that was over before the family came here is passed, not overdue."""
    opens, closes = due(birth, visit, windows)
    today, later = calendar_days.day(now), [due(birth, other, windows)[0] for other in windows]
    passed = at is None and closes < today and any(opens < other <= today for other in later)
    store.add(
        "planned_visits", id=new_id(now), family=home["id"], visit=visit, planned_at=at,
        state="passed" if passed else "open", encounter=None, sealed_for=home["sealed_for"],
        window_sealed={"opens": opens.isoformat(), "closes": closes.isoformat()},
    )  # fmt: skip


def get(store: Store, family: str, person: people.Person) -> Family:
    """A family that this person may see, with its visits and open tasks. Raises NotFound for any other.

    Gives id, team, visitor, visitor_name, children, parents, address, address_protected, languages, visits, tasks,
    subjects (kind -> id), created_at, left_at.
    """
    row = store.row("SELECT * FROM families WHERE id = :id", id=family)
    if not row or not may_see(store, row, person):
        raise NotFound(ABSENT)
    visitor = people.get(store, row["visitor"])["name"] if row["visitor"] else None
    return opened(store, row) | {
        "visitor_name": visitor,
        "visits": visits(store, row),
        "tasks": tasks.of_family(store, family),
        "subjects": subjects(store, family),
    }


def may_see(store: Store, row: dict[str, Any], person: people.Person) -> bool:
    """A visitor sees her own families; a lead those of her team or of a team without a lead, and what waits for her."""
    if person["role"] == "visitor":
        return row["visitor"] == person["id"] and row["left_at"] is None
    if person["role"] != "lead":
        return False
    return looks_after(person, row["team"], led(store)) or bool(
        store.row(
            "SELECT id FROM reviews"
            " WHERE family = :family AND state = 'open' AND (owner = :person OR deputy = :person)",
            family=row["id"],
            person=person["id"],
        )
    )


def led(store: Store) -> set[str]:
    """The teams that have a lead; with ``""`` in it somebody leads them all."""
    return {one["team"] for one in people.listed(store) if one["role"] == "lead" and one["disabled_at"] is None}


def looks_after(person: people.Person, team: str, teams_led: set[str]) -> bool:
    """Whether a lead answers for a team: it is hers, or nobody's."""
    return person["team"] in ("", team) or not teams_led & {"", team}


def opened(store: Store, row: dict[str, Any]) -> Family:
    """A row of families with its details."""
    kept = ("id", "team", "visitor", "sealed_for", "created_at", "left_at")
    return {name: row[name] for name in kept} | store.opened("families", row, "details_sealed")


def subjects(store: Store, family: str) -> dict[str, str]:
    """Kind (child, parent1, parent2, case) -> the subject's id, which names its data key."""
    rows = store.rows("SELECT id, kind FROM subjects WHERE family = :family", family=family)
    return {row["kind"]: row["id"] for row in rows}


def visits(store: Store, row: dict[str, Any]) -> list[dict[str, Any]]:
    """A family's due visits in order: visit, opens, closes, planned, place, state (open, done, passed), encounter."""
    places = store.opened("families", row, "details_sealed").get("places", {})
    found = [
        {"visit": one["visit"], "planned": one["planned_at"], "state": one["state"], "encounter": one["encounter"],
         "place": places.get(one["visit"], "home")} | store.opened("planned_visits", one, "window_sealed")
        for one in store.rows("SELECT * FROM planned_visits WHERE family = :family", family=row["id"])
    ]  # fmt: skip
    return sorted(found, key=lambda one: one["opens"])


def listed(store: Store, person: people.Person, after: str = "", limit: int = PAGE) -> list[Family]:
    """A lead's families, oldest first, at most ``limit`` after the one of an id: as ``get``, with ``next`` visit."""
    names = {one["id"]: one["name"] for one in people.listed(store)}
    rows = store.rows(
        "SELECT * FROM families WHERE (:team = '' OR team = :team) AND left_at IS NULL AND id > :after"
        " ORDER BY id LIMIT :limit",
        team=person["team"],
        after=after,
        limit=limit,
    )
    found = []
    for row in rows if person["role"] == "lead" else ():
        due_visits = visits(store, row)
        following = next((one for one in due_visits if one["state"] == "open"), None)
        found.append(
            opened(store, row) | {"visitor_name": names.get(row["visitor"]), "visits": due_visits, "next": following}
        )
    return found


def move(store: Store, family: str, visitor: str, by: str, now: datetime) -> None:
    """Give a family to another visitor; both tablets hear of it. Raises NotFound."""
    with store.transaction():
        row = store.row("SELECT id, visitor FROM families WHERE id = :id", id=family)
        if not row or people.get(store, visitor)["role"] != "visitor":
            raise NotFound(ABSENT)
        if row["visitor"] and row["visitor"] != visitor:
            changes.left(store, row["visitor"], family, now)
        store.change("families", family, visitor=visitor)
        changes.changed(store, family, now)
        audit.add(store, "family_moved", by, now, subject=family)


def leave(store: Store, family: str, by: str, now: datetime) -> None:
    """A family is no longer visited; what is known of it stays. Raises NotFound."""
    with store.transaction():
        row = store.row("SELECT id, visitor FROM families WHERE id = :id AND left_at IS NULL", id=family)
        if not row:
            raise NotFound(ABSENT)
        store.change("families", family, left_at=utc(now))
        if row["visitor"]:
            changes.left(store, row["visitor"], family, now)
        audit.add(store, "family_left", by, now, subject=family)


# ── what a tablet knows ──


def caseload(store: Store, person: people.Person, after: int | None, now: datetime) -> dict[str, Any]:
    """What changed for a visitor's families since a cursor; without one, or with one we never gave, everything.

    Gives cursor, families (rows as in the design, D11), gone (ids of families that left her list) and as_of.
    """
    # Read first: whatever changes while the families are read is then sent again next time, never missed.
    cursor = changes.newest(store, person["id"])
    hers = "SELECT * FROM families WHERE visitor = :person AND left_at IS NULL"
    if after is None or after > cursor:
        rows, gone = store.rows(hers + " ORDER BY id", person=person["id"]), []
    else:
        touched = changes.since(store, person["id"], after)
        found = [(id, store.row(hers + " AND id = :id", person=person["id"], id=id)) for id in touched]
        rows, gone = [row for _, row in found if row], [id for id, row in found if not row]
    names = {one["id"]: one["name"] for one in people.listed(store)} if rows else {}
    families = [readable(store, row, names, person["language"]) for row in rows]
    return {"cursor": cursor, "families": [one for one in families if one], "gone": gone, "as_of": utc(now)}


def readable(store: Store, row: dict[str, Any], names: dict[str, str], language: str) -> dict[str, Any] | None:
    """One family for a tablet; None for one that does not open, so that it keeps none of the others back."""
    try:
        return for_tablet(store, row, names, language)
    except Unreadable:
        log.error("family %s cannot be read and was not sent", row["id"])
        return None


def for_tablet(store: Store, row: dict[str, Any], names: dict[str, str], language: str) -> dict[str, Any]:
    """One family as a tablet keeps it: what planning and t20 and f1 need, and no earlier answer."""
    family = opened(store, row)
    past = encounters(store, row["id"])
    newest = past[0]["known"] if past else {}
    return {
        "id": row["id"],
        "children": [{"name": child["name"], "birth": child["birth"]} for child in family["children"]],
        "parents": family["parents"],
        "address": family["address"],
        "address_protected": family["address_protected"],
        "languages": family["languages"],
        "visits": [
            {name: value for name, value in one.items() if name != "encounter"}
            for one in visits(store, row)
            if one["state"] != "passed"
        ],
        "decisions": decisions(store, row["id"], names),
        "tasks": [task(one, names, language) for one in tasks.of_family(store, row["id"])],
        "agreed": newest.get("agreed"),
        **prior(past),
        "dates": [
            {"visit": one["visit"], "date": calendar_days.day(parse_utc(one["began_at"])).isoformat()} for one in past
        ],
    }


def task(one: tasks.Task, names: dict[str, str], language: str) -> dict[str, Any]:
    """A task as a tablet shows it, in its visitor's language."""
    responsible = names.get(one["responsible"])
    return {"id": one["id"], "text": one["text"][language], "due": one["due"], "responsible": responsible}


def prior(past: list[dict[str, Any]]) -> dict[str, Any]:
    """What is known from before a visit: t20 for each parent who told something alone, and an open agreement.

    ``past`` as ``encounters`` gives them. Source: domain guide 5.8.10 and design D11.
    """
    told = {parent: any(one["known"].get("t20", {}).get(parent) for one in past) for parent in PARENTS}
    return {"t20": told, "agreement": bool(past and past[0]["known"].get("agreed"))}


def encounters(store: Store, family: str) -> list[dict[str, Any]]:
    """A family's visits that count, newest first: id, visit, person, instrument, completes, began_at, ``known``.

    ``known`` is what ``encounters.py`` keeps of a visit: result, t20, agreed and more.
    """
    rows = store.rows(
        "SELECT id, visit, person, instrument, completes, began_at, sealed_for, result_sealed FROM encounters"
        " WHERE family = :family AND state = 'current' ORDER BY ended_at DESC, id DESC",
        family=family,
    )
    return [
        {name: row[name] for name in ("id", "visit", "person", "instrument", "completes", "began_at")}
        | {"known": store.opened("encounters", row, "result_sealed")}
        for row in rows
    ]


def decisions(store: Store, family: str, names: dict[str, str]) -> list[dict[str, Any]]:
    """What leads have decided for a family, newest first, as a tablet shows it."""
    rows = store.rows(
        "SELECT d.id, d.decided_at, d.person, d.sealed_for, d.decision_sealed, e.visit FROM decisions d"
        " JOIN encounters e ON e.id = d.encounter WHERE d.family = :family ORDER BY d.decided_at DESC, d.id DESC",
        family=family,
    )
    found = []
    for row in rows:
        said = store.opened("decisions", row, "decision_sealed")
        if said["awaits_second"]:
            continue
        found.append(
            {"id": row["id"], "at": row["decided_at"], "decision": said["decision"], "level": said["level"],
             "note": said["note"], "by": names.get(row["person"]), "visit": row["visit"]}
        )  # fmt: skip
    return found
