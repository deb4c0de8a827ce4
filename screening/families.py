"""Who is visited, by whom and when; and what each visitor's tablet may know of it.

A family's names, birth dates and address stand sealed under its case's data key. Each family has four subjects:
child, parent 1, parent 2 and the case, each with a data key of its own, so that what one parent told
alone can be kept from the other and forgotten by itself.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from screening import audit, calendar_days, changes, comparison, couple_gate, left_out, people, proposals, tasks, teams
from screening import parents as places
from screening.errors import NotAnswerable, NotFound, Unreadable
from screening.municipality import WINDOWS
from screening.store import Store, new_id, parse_utc, utc

log = logging.getLogger(__name__)

SUBJECTS = ("child", "parent1", "parent2", "case")
PARENTS = ("parent1", "parent2")
VISITS = ("2m", "8m")
PLACES = ("home", "clinic")
# After these a visit is not to be held until somebody plans it anew.
OFF = ("declined", "not_offered", "moved")
# What a family's details may say; the rest is nobody's.
DETAILS = frozenset(
    "children parents address address_protected languages separated others unknown provisional register".split()
)
# Tasks of a lead that a family's leaving settles.
SETTLED = ("H25", "moved", "new_family")
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
    id: str | None = None,
) -> str:
    """Add a family; gives its id.

    ``details``: children [{name, birth, cpr?}], parents [{key: parent1|parent2, name, custody, address?}], address,
    address_protected, languages; separated (two households; then a parent's own address stands with her, and the
    family's is parent 1's), others (who else looks after the child), unknown (there is a second parent, nobody knows
    who), provisional (met without being on a list), register (what ``importing`` keeps). ``visitor`` is a person's id.
    ``planned``: visit -> ``2026-11-25T09:00`` or {at, place: home|clinic}. ``id`` where it was born elsewhere.
    Raises NotAnswerable with a sentence for what cannot be.
    """
    new = newcomer(details, team, visitor, now, planned, windows=windows, id=id)
    with store.transaction():
        for key in new.keys:
            store.new_data_key(key, now)
        for table, row in new.rows:
            store.add(table, **row)
        changes.changed(store, new.id, now)
        audit.add(store, "family_added", by, now, subject=new.id)
    return new.id


@dataclass(frozen=True)
class Newcomer:
    """A family that is to be added: its id, the ids of the data keys it needs, and its rows as (table, values)."""

    id: str
    keys: list[str]
    rows: list[tuple[str, dict[str, Any]]]


def newcomer(
    details: dict[str, Any],
    team: str,
    visitor: str | None,
    now: datetime,
    planned: dict[str, Any] | None = None,
    *,
    windows: dict[str, dict[str, int]] = WINDOWS,
    id: str | None = None,
) -> Newcomer:
    """What ``add`` writes, made without a store and not sealed yet. Raises NotAnswerable."""
    details, plans = checked(details), {visit: plan(given) for visit, given in (planned or {}).items()}
    id, case = id or new_id(now), new_id(now)
    family = {
        "id": id, "team": team, "visitor": visitor, "sealed_for": case, "details_sealed": details,
        "created_at": utc(now), "left_at": None,
    }  # fmt: skip
    subjects = [{"id": case if kind == "case" else new_id(now), "family": id, "kind": kind} for kind in SUBJECTS]
    home, birth = {"id": id, "sealed_for": case}, youngest(details)
    due_visits = [planned_visit(home, visit, birth, plans.get(visit), now, windows) for visit in windows]
    rows = [("families", family)]
    rows += [("subjects", one) for one in subjects] + [("planned_visits", one) for one in due_visits]
    return Newcomer(id, [case, *(one["id"] for one in subjects if one["id"] != case)], rows)


def checked(details: dict[str, Any]) -> dict[str, Any]:
    """A family's details as they are kept. Raises NotAnswerable."""
    children, parents = details.get("children") or [], details.get("parents") or []
    if not children or not all(child.get("name") and calendar_days.is_day(child.get("birth")) for child in children):
        raise NotAnswerable("Barnets navn eller fødselsdato mangler. Skriv datoen som 2026-09-23.")
    keys = [parent.get("key") for parent in parents]
    if not keys or keys != list(PARENTS[: len(keys)]) or not all(parent.get("name") for parent in parents):
        raise NotAnswerable("Der skal være en eller to forældre med navn. Ret det, og prøv igen.")
    return {"address": None, "address_protected": False, "languages": ["dansk"]} | {
        name: value for name, value in details.items() if name in DETAILS
    }


def youngest(details: dict[str, Any]) -> date:
    """The birth date that says when a family's visits are due."""
    return max(date.fromisoformat(child["birth"]) for child in details["children"])


def plan(given: Any) -> dict[str, str]:
    """When and where a visit is agreed, by the clock on the wall. Raises NotAnswerable."""
    whole = {"at": given} if isinstance(given, str | None) else dict(given)
    whole = {"place": "home"} | whole
    try:
        clock = datetime.fromisoformat(whole["at"]) if whole["at"] is not None else None
        said = whole["at"]
        right = clock is None or (
            clock.tzinfo is None
            and clock.isoformat(timespec="minutes") == said
            and calendar_days.is_day(said[: said.index("T")])
        )
    except ValueError:
        right = False
    if not right or whole["place"] not in PLACES:
        raise NotAnswerable("Tidspunktet for besøget kan ikke læses. Skriv det som 2026-11-25T09:00.")
    return whole


def planned_visit(
    home: Family, visit: str, birth: date, planned: dict[str, str] | None, now: datetime, windows: dict[str, Any]
) -> dict[str, Any]:
    """One of the visits a family is due. One that was over before the family came here is passed, not overdue."""
    opens, closes = due(birth, visit, windows)
    at, place = (planned or {}).get("at"), (planned or {}).get("place", "home")
    today, later = calendar_days.day(now), [due(birth, other, windows)[0] for other in windows]
    passed = at is None and closes < today and any(opens < other <= today for other in later)
    return {
        "id": new_id(now), "family": home["id"], "visit": visit, "planned_at": at,
        "state": "passed" if passed else "open", "encounter": None, "sealed_for": home["sealed_for"],
        "window_sealed": {"opens": opens.isoformat(), "closes": closes.isoformat(), "place": place},
    }  # fmt: skip


def change_visit(
    store: Store, home: Family, visit: str, change: Callable[[dict[str, Any]], dict[str, Any]]
) -> dict[str, Any] | None:
    """Write what is new about a visit that a family is due; gives how it stood. Inside the caller's transaction.

    ``change`` gets the visit as ``visits`` gives it and gives the fields that become another: planned, place, attempts,
    outcome, noted, opens, closes. A visit that was held stays as it is; then None.
    """
    row = store.row(
        "SELECT * FROM planned_visits WHERE family = :family AND visit = :visit", family=home["id"], visit=visit
    )
    if not row or row["state"] == "done":
        return None
    before = due_visit(store, row)
    store.change("planned_visits", row["id"], **with_news(before, change(before)))
    return before


def with_news(before: dict[str, Any], news: dict[str, Any]) -> dict[str, Any]:
    """The columns of a due visit (as ``due_visit``) about which something is new, not sealed yet."""
    plain = ("visit", "planned", "state", "encounter")
    planned = news.get("planned", before["planned"])
    return {
        "planned_at": planned, "state": "open" if planned else before["state"],
        "window_sealed": {name: value for name, value in (before | news).items() if name not in plain},
    }  # fmt: skip


def get(store: Store, family: str, person: people.Person) -> Family:
    """A family that this person may see, with its visits and open tasks. Raises NotFound for any other.

    Gives id, team, visitor, visitor_name, children, parents, address, address_protected, languages, separated, others,
    unknown, provisional, visits, tasks, subjects (kind -> id), created_at, left_at.
    """
    row = store.row("SELECT * FROM families WHERE id = :id", id=family)
    if not row or not may_see(store, row, person):
        raise NotFound(ABSENT)
    visitor = people.get(store, row["visitor"])["name"] if row["visitor"] else None
    return opened(store, row) | {
        "visitor_name": visitor,
        "visits": visits(store, row),
        "tasks": tasks.to_do(tasks.of_family(store, family)),
        "subjects": subjects(store, family),
    }


def is_seen(store: Store, family: str, person: people.Person) -> bool:
    """Whether a person may see a family."""
    row = store.row("SELECT * FROM families WHERE id = :id", id=family)
    return bool(row) and may_see(store, row, person)


def may_see(store: Store, row: dict[str, Any], person: people.Person) -> bool:
    """A visitor sees her own families; a lead those of her teams or of a team without a lead, and what waits for her.

    What waits for her is also what a lead of another team has proposed: any lead of the service can be the second.
    """
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
        or wants_second(store, row["id"], person)
    )


def wants_second(store: Store, family: str, person: people.Person) -> bool:
    """Whether another lead's proposal about one of a family's open visits waits for a second lead."""
    rows = store.rows(
        "SELECT d.* FROM decisions d JOIN reviews r ON r.family = d.family AND r.encounter = d.encounter"
        " WHERE d.family = :family AND r.state = 'open' ORDER BY d.decided_at DESC, d.id DESC",
        family=family,
    )
    decided: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        said = row | store.opened("decisions", row, "decision_sealed")
        decided.setdefault(row["encounter"], []).append(said)
    found = [proposals.waiting(ours) for ours in decided.values()]
    return any(one["person"] != person["id"] for one in found if one)


def led(store: Store) -> set[str]:
    """The teams that have a lead; with ``""`` in it somebody leads them all."""
    rows = store.rows("SELECT team FROM people WHERE role = 'lead' AND disabled_at IS NULL")
    return teams.led(row["team"] for row in rows)


def looks_after(person: people.Person, team: str, teams_led: set[str]) -> bool:
    """Whether a lead answers for a team: it is hers, or nobody's."""
    return teams.leads(person["team"], team) or not teams_led & {"", team}


def was_hers(store: Store, row: dict[str, Any], person: str) -> bool:
    """Whether a family is, or ever was, on a visitor's list."""
    return row["visitor"] == person or bool(
        store.row(
            "SELECT seq FROM caseload_changes WHERE person = :person AND family = :family LIMIT 1",
            person=person,
            family=row["id"],
        )
    )


def opened(store: Store, row: dict[str, Any]) -> Family:
    """A row of families with its details."""
    kept = ("id", "team", "visitor", "sealed_for", "created_at", "left_at")
    usual = {"separated": False, "others": None, "unknown": False, "provisional": False}
    return {name: row[name] for name in kept} | usual | store.opened("families", row, "details_sealed")


def subjects(store: Store, family: str) -> dict[str, str]:
    """Kind (child, parent1, parent2, case) -> the subject's id, which names its data key."""
    rows = store.rows("SELECT id, kind FROM subjects WHERE family = :family", family=family)
    return {row["kind"]: row["id"] for row in rows}


def visits(store: Store, row: dict[str, Any]) -> list[dict[str, Any]]:
    """A family's due visits in order, each as ``due_visit``."""
    return in_order(store, store.rows("SELECT * FROM planned_visits WHERE family = :family", family=row["id"]))


def in_order(store: Store, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted((due_visit(store, one) for one in rows), key=lambda one: one["opens"])


def due_visit(store: Store, row: dict[str, Any]) -> dict[str, Any]:
    """A visit that a family is due: visit, opens, closes, planned, place, state (open, done, passed), encounter.

    Besides: attempts (how often nobody was at home), outcome {kind, at, reason} of the newest note that it came to
    nothing, or None, and noted, when somebody last said how it stands.
    """
    return {
        "visit": row["visit"], "planned": row["planned_at"], "state": row["state"], "encounter": row["encounter"],
        "place": "home", "attempts": 0, "outcome": None, "noted": "",
    } | store.opened("planned_visits", row, "window_sealed")  # fmt: skip


def is_awaited(visit: dict[str, Any]) -> bool:
    """Whether a due visit is still to be held."""
    return visit["state"] == "open" and (visit["outcome"] or {}).get("kind") not in OFF


@dataclass(frozen=True)
class Page:
    """A part of a lead's list: ``families`` as ``get`` gives them, each with its ``next`` visit or None.

    ``unreadable``: the ids of families between them that do not open. ``following``: the id to go on after, None at
    the end.
    """

    families: list[Family]
    unreadable: list[str]
    following: str | None


def listed(store: Store, person: people.Person, after: str = "", limit: int = PAGE) -> Page:
    """A lead's families, oldest first, at most ``limit`` after the one of an id.

    A family that does not open keeps none of the others back and is named instead.
    """
    if person["role"] != "lead":
        return Page([], [], None)
    names = {one["id"]: one["name"] for one in people.listed(store)}
    hers, among = among_teams(person)
    rows = store.rows(
        f"SELECT * FROM families WHERE {hers} AND left_at IS NULL AND id > :after ORDER BY id LIMIT :limit",  # noqa: S608 - names of parameters
        after=after,
        limit=limit,
        **among,
    )
    found = [(row["id"], in_list(store, row, names)) for row in rows]
    return Page(
        [family for _, family in found if family],
        [id for id, family in found if not family],
        rows[-1]["id"] if len(rows) == limit else None,
    )


def among_teams(person: people.Person) -> tuple[str, dict[str, str]]:
    """What SQL asks of a team so that it is one of a lead's, with the values."""
    among = {f"team{number}": name for number, name in enumerate(sorted(teams.named(person["team"])))}
    return (f"team IN ({', '.join(f':{name}' for name in among)})" if among else "1 = 1"), among


def in_list(store: Store, row: dict[str, Any], names: dict[str, str]) -> Family | None:
    """One family of a lead's list; None for one that does not open."""
    try:
        due_visits = visits(store, row)
        following = next((one for one in due_visits if is_awaited(one)), None)
        beside = {"visitor_name": names.get(row["visitor"]), "visits": due_visits, "next": following}
        return opened(store, row) | beside
    except Unreadable:
        log.error("family %s cannot be read and is missing in the list", row["id"])
        return None


def move(store: Store, family: str, visitor: str, by: str, now: datetime) -> None:
    """Give a family to another visitor; both tablets hear of it. Raises NotFound."""
    if people.get(store, visitor)["role"] != "visitor":
        raise NotFound(ABSENT)
    hand_over(store, family, visitor, by, now)


def hand_over(store: Store, family: str, visitor: str | None, by: str, now: datetime) -> None:
    """The same, or to nobody; what the visitor before was to do for it goes with it. Raises NotFound."""
    with store.transaction():
        row = store.row("SELECT id, visitor FROM families WHERE id = :id", id=family)
        if not row:
            raise NotFound(ABSENT)
        if row["visitor"] and row["visitor"] != visitor:
            changes.left(store, row["visitor"], family, now)
            if visitor:
                tasks.hand_over(store, family, row["visitor"], visitor)
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
        for action in SETTLED:
            tasks.end_of(store, family, action, by, now)
        audit.add(store, "family_left", by, now, subject=family)


# ── what a tablet knows ──


def caseload(store: Store, person: people.Person, after: int | None, now: datetime) -> dict[str, Any]:
    """What changed for a visitor's families since a cursor; without one, or with one we never gave, everything.

    Gives cursor, families (rows as in the design, D11), gone (ids of families that left her list) and as_of.
    """
    # Read first: whatever changes while the families are read is then sent again next time, never missed.
    cursor = changes.newest(store, person["id"])
    whole = after is None or after > cursor
    touched = [] if whole else changes.since(store, person["id"], after)
    rows = hers(store, person["id"], None if whole else after) if whole or touched else []
    names = {one["id"]: one["name"] for one in people.listed(store)} if rows else {}
    families = [readable(store, row, names, person["language"]) for row in rows]
    return {
        "cursor": cursor,
        "families": [one for one in families if one],
        "gone": [id for id in touched if id not in {row["id"] for row in rows}],
        "as_of": utc(now),
    }


# The families that a visitor has, or those of them that changed since a cursor.
HERS = """
    WHERE f.visitor = :person AND f.left_at IS NULL AND (:after IS NULL OR f.id IN
        (SELECT family FROM caseload_changes WHERE person = :person AND seq > :after))"""
ROWS = f"SELECT f.* FROM families f {HERS} ORDER BY f.id"  # noqa: S608 - a constant, so that it stands once
# What stands beside a family, each in one question for all of them.
BESIDE = {
    "planned": f"SELECT p.* FROM families f JOIN planned_visits p ON p.family = f.id {HERS}",  # noqa: S608 - as above
    "past": f"""
        SELECT e.* FROM families f JOIN encounters e ON e.family = f.id {HERS} AND e.state = 'current'
        ORDER BY e.ended_at DESC, e.id DESC""",  # noqa: S608 - as above
    "earlier": f"""
        SELECT e.id, e.family, e.sealed_for, e.result_sealed
        FROM families f JOIN encounters e ON e.family = f.id {HERS} AND e.state <> 'current'""",  # noqa: S608 - as above
    "decided": f"""
        SELECT d.id, d.family, d.decided_at, d.person, d.sealed_for, d.decision_sealed, e.visit
        FROM families f JOIN decisions d ON d.family = f.id JOIN encounters e ON e.id = d.encounter {HERS}
        ORDER BY d.decided_at DESC, d.id DESC""",  # noqa: S608 - as above
    "tasks": f"""
        SELECT t.* FROM families f JOIN tasks t ON t.family = f.id {HERS} AND t.state = 'open'
        ORDER BY t.due, t.id""",  # noqa: S608 - as above
}


def hers(store: Store, person: str, after: int | None) -> list[dict[str, Any]]:
    """A visitor's families as rows, each with the rows that stand beside it, all still sealed."""
    found = {row["id"]: row | {name: [] for name in BESIDE} for row in store.rows(ROWS, person=person, after=after)}
    for name, sql in BESIDE.items() if found else ():
        for one in store.rows(sql, person=person, after=after):
            if one["family"] in found:  # it may have come to her meanwhile
                found[one["family"]][name].append(one)
    return list(found.values())


def readable(store: Store, row: dict[str, Any], names: dict[str, str], language: str) -> dict[str, Any] | None:
    """One family for a tablet; None for one that does not open, so that it keeps none of the others back."""
    try:
        return for_tablet(store, row, names, language)
    except Unreadable:
        log.error("family %s cannot be read and was not sent", row["id"])
        return None


def for_tablet(store: Store, row: dict[str, Any], names: dict[str, str], language: str) -> dict[str, Any]:
    """One family as a tablet keeps it: what planning and t20 and f1 need, and no earlier answer.

    ``row`` as ``hers`` gives it.
    """
    family = opened(store, row)
    past = [encounter(store, one, family) for one in row["past"]]
    before = [store.opened("encounters", one, "result_sealed") for one in row["earlier"]]
    held = [one for one in past if not one["known"].get("preliminary")]
    left = [tasks.opened(store, one) for one in row["tasks"]]
    due_visits = [one for one in in_order(store, row["planned"]) if one["state"] != "passed"]
    kept = ("address_protected", "languages", "separated", "others", "unknown", "provisional")
    return {
        "id": row["id"],
        "children": [{"name": child["name"], "birth": child["birth"]} for child in family["children"]],
        **households(family),
        **{name: family[name] for name in kept},
        "visits": [visit_for_tablet(one) for one in due_visits],
        "attempts": {one["visit"]: one["attempts"] for one in due_visits if one["attempts"]},
        "decisions": decisions(store, row["decided"], names),
        "tasks": [task(one, row["visitor"], names, language) for one in tasks.to_do(left)],
        **prior(past),
        "couple_block": couple_gate.is_closed([*(one["known"] for one in past), *before]),
        **agreements(held),
        "changed": comparison.for_tablet(past),
        "last": last(held),
        "last_in": {home: last(made_in(home, held)) for home in PARENTS} if family["separated"] else {},
        "dates": [made(one, row["visitor"], language) for one in held],
    }


def last(held: list[dict[str, Any]]) -> dict[str, str]:
    """The newest of each kind of visit, by its number: what a later talk can complete."""
    return {one["visit"]: one["id"] for one in reversed(held)}


def made_in(home: str, held: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The visits made in one of two homes, and those made before there were two."""
    return [one for one in held if one["known"].get("household") in (None, home)]


def made(visit: dict[str, Any], visitor: str, language: str) -> dict[str, Any]:
    """When a visit was made and, of parents who live apart, in whose home: in the other's it is still to be made.

    Of the visitor's own visits also what a correction must know to name one: no answers. ``left_out``: the questions
    whose answers could not be read and are to be written again, in words.
    """
    date = calendar_days.day(parse_utc(visit["began_at"])).isoformat()
    home = visit["known"].get("household")
    hers = {"id": visit["id"], "instrument": visit["instrument"], "mode": visit["known"]["mode"]}
    unread = left_out.questions(visit["known"], visit["instrument"], visit["visit"], language)
    hers |= {"left_out": unread} if unread else {}
    return (
        {"visit": visit["visit"], "date": date}
        | ({"household": home} if home else {})
        | (hers if visit["person"] == visitor else {})
    )


def households(family: Family) -> dict[str, Any]:
    """The parents and where they live. Of parents who live apart each has her own address and the family none.

    So whoever shows one home cannot show the other's by mistake (flow rule FR24). The family's address was that of who
    was parent 1 first, and is nobody's who came after.
    """
    apart = family["separated"]
    stayed = "parent1" not in places.others(places.at(family, ""), places.now(family))
    registered = {"parent1": family["address"]} if apart and stayed else {}
    parents = [
        {name: parent[name] for name in ("key", "name", "custody") if name in parent}
        | ({"address": parent.get("address") or registered.get(parent["key"])} if apart else {})
        for parent in family["parents"]
    ]
    return {"parents": parents, "address": None if apart else family["address"]}


def agreements(held: list[dict[str, Any]]) -> dict[str, Any]:
    """What was last agreed with both, and whether there is such; what was agreed in one of two homes by that home.

    The other home must not hear of it, nor who came into a home later (flow rule FR24). An agreement stands until
    another is made in the same home, or the next visit at 2 or 8 months is held there without one: f1 asks at a visit
    what became of it, and a talk only completes a visit (domain guide 5.8.21), so one that agrees on nothing ends none.
    """
    ending = [one for one in held if one["known"].get("agreed") or one["visit"] != "talk"]
    newest: dict[str | None, Any] = {}
    for one in ending:
        home = one["known"].get("household")
        newest.setdefault(home, None if (home or "joint") in one["others"] else one["known"].get("agreed"))
    both = newest.pop(None, None)
    together = both if ending and ending[0]["known"].get("household") is None else None
    return {
        "agreed": together,
        "agreement": bool(together),
        "agreed_in": {home: text for home, text in newest.items() if text},
    }


def visit_for_tablet(visit: dict[str, Any]) -> dict[str, Any]:
    kept = ("visit", "opens", "closes", "planned", "place", "state", "outcome")
    return {name: visit[name] for name in kept}


def task(one: tasks.Task, visitor: str, names: dict[str, str], language: str) -> dict[str, Any]:
    """A task as its visitor's tablet shows it, in her language; ``mine``: she is the one who can say it is done.

    ``decides``: it is not done by saying so, but decided, in the visit or by a lead.
    """
    whose = {"responsible": names.get(one["responsible"]), "mine": one["responsible"] == visitor}
    if one["action"] in tasks.DECIDED:
        whose["decides"] = True
    return {"id": one["id"], "text": one["text"][language], "due": one["due"]} | whose


def prior(past: list[dict[str, Any]]) -> dict[str, Any]:
    """What is known from before a visit: t20 for each parent who told something alone, and an open agreement.

    ``past`` as ``encounters`` gives them. What another person told who was in a parent's place before is not hers.
    Source: flow rule FR9, domain guide 5.8.10 and design D11.
    """
    told = {
        parent: any(one["known"].get("t20", {}).get(parent) for one in past if parent not in one["others"])
        for parent in PARENTS
    }
    stand = agreements([one for one in past if not one["known"].get("preliminary")])
    return {"t20": told, "agreement": stand["agreement"] or bool(stand["agreed_in"])}


def encounters(store: Store, family: str) -> list[dict[str, Any]]:
    """A family's visits that count, newest first: id, visit, person, instrument, completes, began_at, ``known``.

    ``known`` is what ``judging.py`` keeps of a visit: result, t20, agreed and more. ``parents`` is who the parents were
    then (place -> name), and ``others`` the respondents who are other people today.
    """
    home = store.row("SELECT id, sealed_for, details_sealed FROM families WHERE id = :id", id=family)
    if not home:
        return []
    details = store.opened("families", home, "details_sealed")
    rows = store.rows(
        "SELECT id, visit, person, instrument, completes, began_at, ended_at, sealed_for, result_sealed FROM encounters"
        " WHERE family = :family AND state = 'current' ORDER BY ended_at DESC, id DESC",
        family=family,
    )
    return [encounter(store, row, details) for row in rows]


def told(store: Store, family: str) -> list[dict[str, Any]]:
    """What is kept of every visit of a family, also of those whose place another has taken."""
    rows = store.rows("SELECT id, sealed_for, result_sealed FROM encounters WHERE family = :family", family=family)
    return [store.opened("encounters", row, "result_sealed") for row in rows]


def earlier(store: Store, family: str) -> list[dict[str, Any]]:
    """What is kept of the visits whose place another has taken."""
    rows = store.rows(
        "SELECT id, sealed_for, result_sealed FROM encounters WHERE family = :family AND state <> 'current'",
        family=family,
    )
    return [store.opened("encounters", row, "result_sealed") for row in rows]


def encounter(store: Store, row: dict[str, Any], details: Family) -> dict[str, Any]:
    known = store.opened("encounters", row, "result_sealed")
    # By its end: whoever came during a visit is the one who answered at it. Who has answered alone did it at her time:
    # a visit may be finished days later, when somebody else has her place. Nobody answered after its end: what says so
    # is a correction, or a wrong clock.
    then = places.at(details, row["ended_at"])
    for who, at in known.get("said_at", {}).items():
        then |= {
            key: name
            for key, name in places.at(details, min(utc(parse_utc(at)), row["ended_at"])).items()
            if key == who
        }
    return {name: row[name] for name in ("id", "visit", "person", "instrument", "completes", "began_at")} | {
        "known": known,
        "parents": then,
        "others": places.others(then, places.now(details)),
    }


def decisions(store: Store, rows: list[dict[str, Any]], names: dict[str, str]) -> list[dict[str, Any]]:
    """What leads have decided for a family, newest first, as a tablet shows it."""
    found = []
    for row in rows:
        said = store.opened("decisions", row, "decision_sealed")
        if said["awaits_second"] or said["decision"] not in proposals.LEVELS:
            continue
        found.append(
            {"id": row["id"], "at": row["decided_at"], "decision": said["decision"], "level": said["level"],
             "note": said["note"], "by": names.get(row["person"]), "visit": row["visit"]}
        )  # fmt: skip
    return found
