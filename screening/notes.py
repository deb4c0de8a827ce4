"""What is not a visit and must be known all the same: nobody at home, declined, moved, other parents, a new family.

A note is made on the tablet, sealed and signed like a visit. It is a fact and stays as it came; what follows from it
(an appointment, a task for the lead, who the parents are) is written beside it, with what stood there before.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from screening import audit, calendar_days, changes, families, flags, instrument, people, responses, tasks, untrusted
from screening import parents as places
from screening.errors import NotAnswerable, NotFound, Unreadable
from screening.municipality import Municipality
from screening.responses import check as holds
from screening.responses import is_id, is_text, is_time
from screening.store import Store, parse_utc
from screening.store.envelope import Envelope

log = logging.getLogger(__name__)

SCHEMA = 1
KEYS = frozenset("schema note family kind noted_at release data".split())
REASONS = ("time", "ill", "language", "declined", "unsafe", "moved", "other")
# These are about one of the visits a family is due.
ABOUT_VISIT = frozenset({"not_home", "declined", "postponed", "not_offered", "planned"})
LONGEST_NAME, LONGEST_LINE, LONGEST_TEXT, LONGEST_RELEASE = 100, 300, 2000, 100
MOST_CHILDREN = 6
# So often nobody was at home: then the lead decides how the family is to be reached (flow rule FR16, action H25).
ATTEMPTS = 2
NEVER_MET = "H25"
LEADS_DAYS = timedelta(days=14)
LEADS = {
    "moved": {
        "da": "Familien er flyttet: tag den af listen, eller giv den videre",
        "en": "The family has moved: take it off the list or hand it over",
    },
    "new_family": {
        "da": "Ny familie, mødt uden at stå på listen: se, om den skal besøges af os",
        "en": "A new family that was on no list: see whether it is ours to visit",
    },
}
# The action of a lead's task -> what her list calls it.
ASKS = {NEVER_MET: "never_met"} | {action: action for action in LEADS}

Payload = dict[str, Any]
Row = dict[str, Any]
Test = Callable[[Any], bool]


# ── does it fit ──


def words(longest: int) -> Test:
    return lambda value: is_text(value, longest) and untrusted.clean(value).strip() != ""


def is_plan(value: Any) -> bool:
    """A time agreed on, or None for none: ``2026-11-25T09:00``."""
    try:
        return (value is None or isinstance(value, str)) and bool(families.plan(value))
    except NotAnswerable:
        return False


def is_bool(value: Any) -> bool:
    return isinstance(value, bool)


def is_child(value: Any) -> bool:
    return fits(value, {"name": words(LONGEST_NAME), "birth": calendar_days.is_day}, {})


def are_children(value: Any) -> bool:
    return isinstance(value, list) and 1 <= len(value) <= MOST_CHILDREN and all(is_child(one) for one in value)


def are_parents(value: Any) -> bool:
    """One or two parents in their order, each with a name."""
    needed = {"key": lambda key: key in families.PARENTS, "name": words(LONGEST_NAME)}
    further = {"custody": is_bool, "address": words(LONGEST_LINE)}
    if not isinstance(value, list) or not all(fits(one, needed, further) for one in value):
        return False
    keys = [one["key"] for one in value]
    return bool(keys) and keys == list(families.PARENTS[: len(keys)])


def are_languages(value: Any) -> bool:
    return isinstance(value, list) and 1 <= len(value) <= 8 and all(words(LONGEST_NAME)(one) for one in value)


def fits(value: Any, needed: dict[str, Test], further: dict[str, Test]) -> bool:
    return not list(misfits(value, needed, further))


def misfits(value: Any, needed: dict[str, Test], further: dict[str, Test]):
    """The fields of an object that are not as they must be: missing, unknown or wrong. ``further`` ones may be null."""
    if not isinstance(value, dict):
        yield "data"
        return
    for name in [*needed, *value]:
        if name in needed:
            if name not in value or not needed[name](value[name]):
                yield name
        elif name not in further or not (value[name] is None or further[name](value[name])):
            yield name


REASON: dict[str, Test] = {"reason": lambda value: responses.among(value, REASONS)}
HOUSEHOLD: dict[str, Test] = {"separated": is_bool, "others": words(LONGEST_LINE), "unknown": is_bool}
# Kind -> what its data must hold, and may hold besides ``text``.
SHAPES: dict[str, tuple[dict[str, Test], dict[str, Test]]] = {
    "not_home": ({"tried_at": is_time}, {}),
    "declined": (REASON, {}),
    "postponed": (REASON, {"planned": is_plan}),
    "moved": ({}, {}),
    "not_offered": (REASON, {}),
    "planned": ({"planned": is_plan, "place": lambda place: place in families.PLACES}, {}),
    "parents": ({"parents": are_parents, "separated": is_bool}, HOUSEHOLD),
    "new_family": (
        {"children": are_children, "parents": are_parents, "address_protected": is_bool, "languages": are_languages},
        HOUSEHOLD | {"address": words(LONGEST_LINE)},
    ),
    "task_done": ({"task": is_id}, {}),
}


def check(payload: Payload, outside: Envelope) -> None:
    """Check a note against the envelope it came in and against its kind.

    Raises Unacceptable: wrong_schema, unknown_field, missing_field, wrong_id, wrong_type, wrong_time, unknown_kind,
    unknown_visit, and ``wrong_`` with the name of a field of ``data`` that is missing, unknown or not as it must be
    (wrong_reason, wrong_planned, wrong_parents …).
    """
    holds(type(payload.get("schema")) is int and payload["schema"] == outside.schema == SCHEMA, "wrong_schema")
    holds(set(payload) <= KEYS | {"visit"}, "unknown_field")
    holds(set(payload) >= KEYS, "missing_field")
    holds(payload["note"] == outside.id, "wrong_id")
    holds(is_id(payload["family"]) and is_text(payload["release"], LONGEST_RELEASE), "wrong_type")
    holds(is_time(payload["noted_at"]), "wrong_time")
    holds(responses.among(payload["kind"], tuple(SHAPES)), "unknown_kind")
    about = payload["kind"] in ABOUT_VISIT
    holds((payload.get("visit") in families.VISITS) if about else payload.get("visit") is None, "unknown_visit")
    needed, further = SHAPES[payload["kind"]]
    wrong = next(misfits(payload["data"], needed, further | {"text": words(LONGEST_TEXT)}), None)
    # A name that nobody knows is the tablet's own text and goes nowhere.
    holds(wrong is None, f"wrong_{wrong}" if wrong in needed or wrong in further else "wrong_data")


# ── keeping it ──


@dataclass(frozen=True)
class Note:
    """A note on its way in: the family it is about, who made it, and when that was."""

    store: Store
    payload: Payload
    home: Row
    person: people.Person
    at: str
    now: datetime
    place: Municipality

    @property
    def data(self) -> Row:
        return self.payload["data"]


def keep(store: Store, row: Row, payload: Payload, now: datetime, place: Municipality | None = None) -> bool:
    """Write a checked note and what follows from it, inside the caller's transaction; always True.

    ``row`` is the envelope's: author, received_at, reason. Raises Unacceptable: unknown_author, unknown_family,
    not_her_family (unless a lead let it through), family_twice, unknown_task, conflict.
    """
    author = store.row("SELECT person FROM authors WHERE id = :id", id=row["author"])
    holds(author is not None, "unknown_author")
    payload = payload | {"data": untrusted.cleaned(payload["data"])}
    person, place = people.get(store, author["person"]), place or Municipality()
    at = responses.believed(payload["noted_at"], row["received_at"])
    if payload["kind"] == "new_family":
        newcomer(store, payload, person, now, place)
    home = store.row("SELECT * FROM families WHERE id = :id", id=payload["family"])
    holds(home is not None, "unknown_family")
    holds(row["reason"] == "not_her_family" or families.was_hers(store, home, person["id"]), "not_her_family")
    note = Note(store, payload, home, person, at, now, place)
    before = EFFECTS[payload["kind"]](note)
    added = store.add(
        "notes", id=payload["note"], family=home["id"], person=person["id"], at=at, received_at=row["received_at"],
        sealed_for=home["sealed_for"],
        note_sealed={name: payload.get(name) for name in ("kind", "visit", "data", "release")} | {"before": before},
    )  # fmt: skip
    holds(bool(added), "conflict")
    changes.changed(store, home["id"], now)
    detail = {"note": payload["note"], "kind": payload["kind"]}
    audit.add(store, "note_kept", person["id"], now, subject=home["id"], sealed_for=home["sealed_for"], detail=detail)
    return True


# Each gives what stood there before, as far as the note changes it.


def not_home(note: Note) -> Row | None:
    """Tried in vain once more; after the second time the lead decides how to go on.

    A newer note about the visit stands when this one comes late; the try counts all the same.
    """

    def counted(visit: Row) -> Row:
        again = {"attempts": visit["attempts"] + 1}
        if max(visit["noted"], (visit["outcome"] or {}).get("at", "")) > note.at:
            return again
        return again | {"planned": after_try(visit["planned"], note.data["tried_at"]), "outcome": outcome(note)}

    before = families.change_visit(note.store, note.home, note.payload["visit"], counted)
    if before and before["attempts"] + 1 >= ATTEMPTS:
        ask_lead(note, NEVER_MET, instrument.load().action(NEVER_MET)["label"])
    return before


def after_try(planned: str | None, tried: str) -> str | None:
    """An appointment that came to nothing is over; a later one stands."""
    return planned if (planned or "")[:10] > calendar_days.day(parse_utc(tried)).isoformat() else None


def called_off(note: Note) -> Row | None:
    """Declined or not offered: there is no appointment, and none is missing."""
    return plan_anew(note, {"planned": None, "outcome": outcome(note)})


def postponed(note: Note) -> Row | None:
    planned = note.data.get("planned")
    return plan_anew(note, {"planned": planned, "outcome": None if planned else outcome(note)})


def planned(note: Note) -> Row | None:
    return plan_anew(note, {"planned": note.data["planned"], "place": note.data["place"], "outcome": None})


def plan_anew(note: Note, change: Row) -> Row | None:
    """Write how it stands with a visit, unless a newer note said so already, or somebody was there in vain since."""

    def newer(visit: Row) -> Row:
        tried = visit["outcome"] or {}
        if visit["noted"] > note.at:
            return {}
        if tried.get("kind") == "not_home" and tried["at"] > note.at:
            kept = {"planned": after_try(change["planned"], tried["at"]), "outcome": tried}
            return change | kept | {"noted": note.at}
        return change | {"noted": note.at}

    return families.change_visit(note.store, note.home, note.payload["visit"], newer)


def moved(note: Note) -> Row | None:
    """The family stays on the list until the lead has said where it belongs; nobody goes there meanwhile."""
    for visit in families.VISITS:
        families.change_visit(note.store, note.home, visit, lambda _: {"planned": None, "outcome": outcome(note)})
    ask_lead(note, "moved", LEADS["moved"])
    return None


def outcome(note: Note) -> Row:
    return {"kind": note.payload["kind"], "at": note.at, "reason": note.data.get("reason")}


def parents(note: Note) -> Row | None:
    """Who the parents are, and whether they live together. A newer note about it stands.

    Each keeps her place, and another person in it takes over nothing: see ``screening/parents.py``.
    """
    details = note.store.opened("families", note.home, "details_sealed")
    if details.get("noted", "") > note.at:
        return None
    names = ("parents", "separated", "others", "unknown")
    given = {name: note.data[name] for name in names if note.data.get(name) is not None}
    after = details | {"unknown": False, "noted": note.at} | given
    after |= places.placed(details, note.data["parents"], note.at)
    note.store.change("families", note.home["id"], details_sealed=after)
    places.write_down(note.store, note.home, details, after, note.person["id"], note.now)
    return {name: details.get(name) for name in names}


def newcomer(store: Store, payload: Payload, person: people.Person, now: datetime, place: Municipality) -> None:
    """A family that was on no list is its author's until the lead has confirmed it."""
    holds(not store.row("SELECT id FROM families WHERE id = :id", id=payload["family"]), "family_twice")
    details = {name: value for name, value in payload["data"].items() if name != "text" and value is not None}
    families.add(
        store, details | {"provisional": True}, person["team"], person["id"], now, id=payload["family"],
        windows=place.windows, by=person["id"],
    )  # fmt: skip


def new_family(note: Note) -> Row | None:
    ask_lead(note, "new_family", LEADS["new_family"])
    return None


def task_done(note: Note) -> Row | None:
    """Her task is done. One that has become somebody else's stays open, as does one that wants a decision about a
    notification: that she ticked it off is kept."""
    task = note.data["task"]
    found = note.store.row("SELECT id FROM tasks WHERE id = :id AND family = :family", id=task, family=note.home["id"])
    holds(found is not None, "unknown_task")
    try:
        tasks.finish(note.store, task, note.person, note.now)
    except NotFound:
        return {"not_hers": True}
    except NotAnswerable:
        return {"not_decided": True}
    return None


EFFECTS: dict[str, Callable[[Note], Row | None]] = {
    "not_home": not_home, "declined": called_off, "postponed": postponed, "not_offered": called_off,
    "planned": planned, "moved": moved, "parents": parents, "new_family": new_family, "task_done": task_done,
}  # fmt: skip


# ── what the lead is asked ──


def ask_lead(note: Note, action: str, text: dict[str, str]) -> None:
    """A task for the team's lead, unless she has it already; where nobody leads, for the one who noted it."""
    if any(one["action"] == action for one in tasks.of_family(note.store, note.home["id"])):
        return
    _, lead, _ = flags.who_looks(note.store, note.home["team"])
    due = calendar_days.day(parse_utc(note.at)) + LEADS_DAYS
    tasks.add(
        note.store, note.home["id"], note.home["sealed_for"], text, lead or note.person["id"], due, note.now,
        action=action,
    )  # fmt: skip


def for_lead(store: Store, person: people.Person) -> list[Row]:
    """What notes ask of a lead, the first due first; a line each until its task is done.

    Each has kind (``never_met``: nobody at home twice, for the group "Mødt ikke"; ``moved``; ``new_family``), task (its
    id, for ``tasks.finish``), text {da, en}, due (a date), responsible, family, team, visitor (ids), children, and
    the newest note that asked: visit (2m, 8m or None), attempts, noted_at, noted_by, said (her words or None).
    Give what is decided to ``families.leave`` (moved), ``confirm`` (new_family) or ``tasks.finish``; a held visit
    ends ``never_met`` by ``met``.
    """
    rows = store.rows(
        "SELECT t.*, f.team, f.visitor FROM tasks t JOIN families f ON f.id = t.family"
        " WHERE t.responsible IN (SELECT id FROM people) AND t.state = 'open' AND t.encounter IS NULL"
        " AND t.decision IS NULL AND f.left_at IS NULL ORDER BY t.due, t.id"
    )
    led = families.led(store) if rows else set()
    hers = [row for row in rows if row["responsible"] == person["id"] or families.looks_after(person, row["team"], led)]
    found = [readable(store, row) for row in hers] if person["role"] == "lead" else []
    return [one for one in found if one]


def readable(store: Store, row: Row) -> Row | None:
    """What one task asks of a lead; None for any other, and for one that does not open, which keeps none back."""
    try:
        task = tasks.opened(store, row)
        return asked(store, row, task) if task["action"] in ASKS else None
    except Unreadable:
        log.error("task %s of family %s cannot be read and is missing in the list", row["id"], row["family"])
        return None


def asked(store: Store, row: Row, task: tasks.Task) -> Row:
    kind = ASKS[task["action"]]
    wanted = "not_home" if kind == "never_met" else kind
    home = store.row("SELECT * FROM families WHERE id = :id", id=row["family"])
    newest = next((one for one in of_family(store, row["family"]) if one["kind"] == wanted), {})
    visit = newest.get("visit")
    tried = {one["visit"]: one["attempts"] for one in families.visits(store, home)}
    return {
        "kind": kind, "task": task["id"], "text": task["text"], "due": date.fromisoformat(task["due"]),
        "responsible": task["responsible"], "family": row["family"], "team": row["team"], "visitor": row["visitor"],
        "children": families.opened(store, home)["children"], "visit": visit, "attempts": tried.get(visit, 0),
        "noted_at": newest.get("at"), "noted_by": newest.get("person"), "said": newest.get("data", {}).get("text"),
    }  # fmt: skip


def met(store: Store, family: str, by: str, now: datetime) -> None:
    """A visit was held: nobody has to decide any more how the family is reached. Inside the caller's transaction."""
    tasks.end_of(store, family, NEVER_MET, by, now)


def confirm(store: Store, family: str, person: people.Person, now: datetime) -> None:
    """A lead says that a family met without being on a list is ours. Raises NotFound for one that is not hers."""
    families.get(store, family, person)
    with store.transaction():
        row = store.row("SELECT * FROM families WHERE id = :id", id=family)
        details = store.opened("families", row, "details_sealed")
        if person["role"] != "lead" or not details.get("provisional"):
            raise NotFound(families.ABSENT)
        store.change("families", family, details_sealed=details | {"provisional": False})
        tasks.end_of(store, family, "new_family", person["id"], now)
        changes.changed(store, family, now)
        audit.add(store, "family_confirmed", person["id"], now, subject=family)


# ── what was noted ──


def of_family(store: Store, family: str) -> list[Row]:
    """A family's notes, newest first: id, person, at, received_at, kind, visit, data, release, before.

    ``at`` is when it was noted, ``before`` what a note changed (the parents as they were, a visit as it stood) or None.
    """
    rows = store.rows("SELECT * FROM notes WHERE family = :family ORDER BY at DESC, id DESC", family=family)
    kept = ("id", "person", "at", "received_at")
    return [{name: row[name] for name in kept} | store.opened("notes", row, "note_sealed") for row in rows]
