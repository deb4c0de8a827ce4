"""What a team lead decides about a visit: agree, another level, a plan, an end; and what must hold for it.

Decisions are only ever added. The newest one that counts says at what level a visit stands. A visit that stands at
orange or red stays with the lead after it was decided, as does one with a notification still to be written, until a
closing decision with its reason.
"""

from datetime import date, datetime, timedelta
from typing import Any

from screening import (
    audit,
    calendar_days,
    changes,
    couple_gate,
    duties,
    families,
    flags,
    instrument,
    people,
    proposals,
    tasks,
    teams,
    untrusted,
)
from screening.errors import Conflict, NotAllowed, NotAnswerable, NotFound, Unreadable
from screening.municipality import Municipality
from screening.responses import is_plain
from screening.store import Store, new_id, parse_utc, utc

KINDS = ("agree", "change", "plan", "close", proposals.WITHDRAW)
RED, FOLLOWED = 3, 2
LONGEST = 2000
LONGEST_ACTION = 200
FARTHEST = timedelta(days=366)

CHANGED = "{name} har afgjort det kl. {clock}. Læs afgørelsen, og gem igen, hvis din stadig gælder."
REPLACED = "Besøget er rettet imens. Læs det nye, og afgør det."

COUPLE = (
    "Noget, der er fortalt, lukker for forløb og samtaler for begge forældre. Vælg noget til hver af dem,"
    " til en fagperson har vurderet det forsvarligt."
)
NOT_OFFERED = "Den person kan ikke få handlingen på sin liste. Vælg en fra familiens team."

NOT_PAST_NOTIFICATION = (
    "Rød kan ikke blive grøn, før der er taget stilling til underretning, og den er skrevet."
    " Vælg et højere niveau, eller gør det først."
)
NOT_PAST_FLOOR = "Rød kan ikke blive grøn: det, der er fortalt eller set, kræver mere. Vælg et højere niveau."
NOT_PAST_SAFETY = "Rød kan ikke blive grøn, før nogen er spurgt alene. Vælg et højere niveau, eller få det gjort først."
UNWRITTEN = "Der er ikke taget stilling til underretning, eller den er ikke skrevet. Gør det, før du afslutter."
ELSEWHERE = "Et andet af familiens besøg er ikke afgjort. Afgør det, før du afslutter."
NOTHING_FOLLOWED = "Familien følges ikke, så der er ikke noget at afslutte."
NOT_YOURS = "Der er ikke noget forslag fra dig at trække tilbage."

Decision = dict[str, Any]
UNREADABLE: list[Decision] = []


def decide(
    store: Store,
    family: str,
    encounter: str,
    form: dict[str, Any],
    by: people.Person,
    now: datetime,
    municipality: Municipality,
) -> str:
    """Keep a lead's decision on a visit; gives its id. It reaches the visitor's tablet with the next caseload.

    ``form``: decision (agree, change, plan, close, withdraw), level, reason, plan [{action, responsible, due}], note,
    seen: the id of the family's newest decision the lead had before her, empty when there was none, and key: the number
    of the form, so that the same form sent twice is one decision.
    Lowering red, and the end of a red family's following, count when a second lead decides the same (domain guide 7.3).
    Raises NotAllowed, NotFound, NotAnswerable with what is missing, Conflict when somebody decided meanwhile.
    """
    if by["role"] != "lead":
        raise NotAllowed("Kun en teamleder kan afgøre et besøg.")
    home = families.get(store, family, by)
    with store.transaction():
        if same := said_before(store, family, form.get("key"), by):
            return same
        visit = visit_of(store, family, encounter)
        refuse_unseen(store, family, form.get("seen"))
        said = checked(store, visit, form, by) | ({"key": form["key"]} if form.get("key") else {})
        plan = [planned(store, home, visit, one, by, now) for one in rows_of(form)]
        if said["decision"] == "plan" and not plan:
            raise NotAnswerable("En plan skal have mindst én handling med en dato. Vælg en.")
        return keep(store, visit, said, plan, by, now, municipality)


def keep(
    store: Store,
    visit: dict[str, Any],
    said: Decision,
    plan: list[dict[str, Any]],
    by: people.Person,
    now: datetime,
    municipality: Municipality,
) -> str:
    """Write a checked decision with its tasks, and what follows for the list and the tablet."""
    id, family = new_id(now), visit["family"]
    review = review_of(store, visit, said, now, municipality)
    store.add(
        "decisions", id=id, review=review, encounter=visit["id"], family=family, person=by["id"], decided_at=utc(now),
        sealed_for=visit["sealed_for"],
        decision_sealed=said | {"plan": [one | {"due": one["due"].isoformat()} for one in plan]},
    )  # fmt: skip
    for one in plan:
        replan(store, visit, one, now)
        tasks.add(
            store, family, visit["sealed_for"], one["text"], one["responsible"], one["due"], now,
            action=one["action"], encounter=visit["id"], decision=id,
        )  # fmt: skip
    close_reviews(store, visit, said, now)
    changes.changed(store, family, now)
    audit.add(
        store, "family_updated", by["id"], now, subject=family, sealed_for=visit["sealed_for"], detail={"decision": id}
    )
    return id


def said_before(store: Store, family: str, key: Any, by: people.Person) -> str | None:
    """The decision that the same form has made already: a second press is the same decision."""
    own = (one for one in of_family(store, family) if one["person"] == by["id"])
    return next((one["id"] for one in own if key and one.get("key") == key), None)


def close_reviews(store: Store, visit: dict[str, Any], said: Decision, now: datetime) -> None:
    """Take off the lead's list what a decision ends: all of the family by a closing one, else this visit.

    A visit at orange or red, a notification still to be written and a proposal that waits end with nothing else.
    """
    family = visit["family"]
    is_end = said["decision"] == "close" and not said["awaits_second"]
    decided = of_visit(store, family, visit["id"])
    stays = (standing(decided, visit["known"]) or 0) >= FOLLOWED or duties.unwritten(store, family)
    if is_end or not (proposal(decided) or stays):
        store.run(
            "UPDATE reviews SET state = 'closed', closed_at = :now"
            " WHERE family = :family AND (:whole = 1 OR encounter = :encounter) AND state = 'open'",
            now=utc(now),
            family=family,
            whole=int(is_end),
            encounter=visit["id"],
        )


def replan(store: Store, visit: dict[str, Any], planned: dict[str, Any], now: datetime) -> None:
    """What the visit itself had left that person to do is planned anew: by the lead's date, and once."""
    for task in tasks.of_family(store, visit["family"]):
        is_same = all(task[name] == planned[name] for name in ("action", "responsible")) and planned["action"]
        if is_same and task["encounter"] == visit["id"] and task["decision"] is None:
            tasks.drop(store, task, now)


def visit_of(store: Store, family: str, encounter: str) -> dict[str, Any]:
    """The visit a decision is about, with ``known``. Raises NotFound, or Conflict when it was corrected meanwhile."""
    row = store.row(
        "SELECT id, family, person, instrument, state, received_at, sealed_for, result_sealed FROM encounters"
        " WHERE id = :id AND family = :family",
        id=encounter,
        family=family,
    )
    if not row:
        raise NotFound("Besøget findes ikke. Gå tilbage til familien.")
    if row["state"] != "current":
        raise Conflict(REPLACED)
    return row | {"known": store.opened("encounters", row, "result_sealed")}


def refuse_unseen(store: Store, family: str, seen: Any) -> None:
    """Raise Conflict when somebody decided after the page was read."""
    newest = store.row(
        "SELECT id, person, decided_at FROM decisions WHERE family = :family ORDER BY decided_at DESC, id DESC LIMIT 1",
        family=family,
    )
    if newest and newest["id"] != seen:
        clock = calendar_days.local(parse_utc(newest["decided_at"]))
        raise Conflict(CHANGED, name=people.get(store, newest["person"])["name"], clock=f"{clock:%H.%M}")


def review_of(store: Store, visit: dict[str, Any], said: Decision, now: datetime, municipality: Municipality) -> str:
    """The open review a decision belongs to; a visit that had none gets one now."""
    row = store.row(
        "SELECT id FROM reviews WHERE family = :family AND encounter = :encounter AND state = 'open'",
        family=visit["family"],
        encounter=visit["id"],
    )
    if row:
        return row["id"]
    fresh = visit | {"received_at": utc(now)}
    why = ["second"] if said["awaits_second"] else []
    return flags.raise_review(store, fresh, visit["known"], why, now, municipality)


# ── what must hold ──


def checked(store: Store, visit: dict[str, Any], form: dict[str, Any], by: people.Person) -> Decision:
    """The decision's own fields. Raises NotAnswerable with what is missing or cannot be."""
    kind = form.get("decision")
    if kind not in KINDS:
        raise NotAnswerable("Vælg, om du er enig, vil ændre niveauet, lægge en plan eller afslutte.")
    reason, note = words(form.get("reason")), words(form.get("note"))
    decided = of_visit(store, visit["family"], visit["id"])
    stands = standing(decided, visit["known"])
    level, awaits = stands, False
    if kind == "change":
        level = new_level(form.get("level"), stands, flags.firm_floor(visit["known"]["result"]))
        if not reason:
            raise NotAnswerable("Skriv, hvorfor niveauet skal ændres.")
        if level == 0:
            refuse_green(store, visit, stands)
        awaits = stands == RED and level < RED and not proposed(decided, kind, level, by)
    if kind == "close":
        awaits = ends_red(store, visit, stands) and not proposed(decided, kind, level, by)
        if not reason:
            raise NotAnswerable("Skriv, hvorfor det kan afsluttes: hvad der er nået, og hvem der har fået det at vide.")
    if kind == proposals.WITHDRAW and (proposal(decided) or {}).get("person") != by["id"]:
        raise NotAnswerable(NOT_YOURS)
    return {"decision": kind, "level": level, "reason": reason, "note": note, "awaits_second": awaits}


def new_level(given: Any, stands: int | None, firm: int) -> int:
    """The level a lead changes to. Raises NotAnswerable: not below the floor of R01 to R04."""
    if str(given) not in ("0", "1", "2", "3"):
        raise NotAnswerable("Vælg det nye niveau.")
    level = int(given)
    if level == stands:
        raise NotAnswerable("Det er det niveau, besøget har. Vælg et andet, eller vælg Enig.")
    if level < firm:
        raise NotAnswerable("Niveauet kan ikke være så lavt, når nogen kan være i fare. Vælg et højere.")
    return level


def refuse_green(store: Store, visit: dict[str, Any], stands: int | None) -> None:
    """Raise NotAnswerable where a visit that is or was red is set to green though the rules ask for something else.

    They ask that a notification is decided and written, that no rule fires, and that somebody was asked alone.
    """
    known = visit["known"]
    if RED not in (stands, flags.floored(known)):
        return
    if duties.unwritten(store, visit["family"]):
        raise NotAnswerable(NOT_PAST_NOTIFICATION)
    if known["result"]["floor"]:
        raise NotAnswerable(NOT_PAST_FLOOR)
    if known["clarity"]["badge"] == "not_clarified":
        raise NotAnswerable(NOT_PAST_SAFETY)


def ends_red(store: Store, visit: dict[str, Any], stands: int | None) -> bool:
    """Whether a closing decision ends that a red family is followed. Raises NotAnswerable where it cannot be yet."""
    if duties.unwritten(store, visit["family"]):
        raise NotAnswerable(UNWRITTEN)
    rows = store.rows(
        "SELECT r.id AS review, r.encounter, e.sealed_for AS case_key, e.result_sealed FROM reviews r"
        " JOIN encounters e ON e.id = r.encounter WHERE r.family = :family AND r.state = 'open'",
        family=visit["family"],
    )
    if not rows:
        raise NotAnswerable(NOTHING_FOLLOWED)
    levels = [stands]
    for row in rows:
        decided = of_visit(store, visit["family"], row["encounter"])
        sealed = {"id": row["encounter"], "sealed_for": row["case_key"], "result_sealed": row["result_sealed"]}
        levels.append(standing(decided, store.opened("encounters", sealed, "result_sealed")))
        if row["encounter"] != visit["id"] and not decided_on(decided, row["review"]):
            raise NotAnswerable(ELSEWHERE)
    return RED in levels


def proposed(decided: list[Decision], kind: str, level: int | None, by: people.Person) -> bool:
    """Whether another lead has already wanted the same: then four eyes have seen it."""
    newest = proposal(decided)
    same = newest and (newest["decision"], newest["level"]) == (kind, level)
    return bool(same and newest["person"] != by["id"])


def words(value: Any) -> str:
    """Typed text, trimmed. Raises NotAnswerable when it is too long or holds what is no text."""
    text = untrusted.clean(value or "").strip() if isinstance(value, str | None) else "\0"
    if len(text) > LONGEST or not is_plain(text):
        raise NotAnswerable("Teksten er for lang eller kan ikke læses. Skriv den kortere.")
    return text


def rows_of(form: dict[str, Any]) -> list[dict[str, Any]]:
    """The plan's rows in which something was chosen or written."""
    return [one for one in form.get("plan") or () if (one.get("action") or "").strip()]


def planned(
    store: Store, home: families.Family, visit: dict[str, Any], row: dict[str, Any], by: people.Person, now: datetime
) -> dict[str, Any]:
    """One row of a plan: text (da, en), action (its id in the guide, or None), responsible, due.

    Raises NotAnswerable.
    """
    action = words(row["action"])
    if action in couple_gate.OFFERS and couple_gate.is_closed(families.told(store, home["id"])):
        raise NotAnswerable(COUPLE)
    guide = {one["id"]: one["label"] for one in instrument.load(visit["instrument"]).actions["actions"]}
    if len(action) > LONGEST_ACTION:
        raise NotAnswerable("Handlingen er for lang. Skriv den kortere.")
    return {
        "text": guide.get(action) or {"da": action, "en": action},
        "action": action if action in guide else None,
        "responsible": responsible(store, home, row.get("responsible"), by),
        "due": due(row.get("due"), calendar_days.day(now)),
    }


def responsible(store: Store, home: families.Family, given: Any, by: people.Person) -> str:
    """Who does it: a person's id, or ``visitor`` or ``lead``. Raises NotAnswerable for whoever was not offered."""
    name = given if isinstance(given, str) else ""
    id = {"visitor": home["visitor"], "lead": by["id"]}.get(name, name)
    row = store.row("SELECT id, role, team FROM people WHERE id = :id AND disabled_at IS NULL", id=id)
    if not row:
        raise NotAnswerable("Vælg, hvem der har ansvar for handlingen.")
    if not can_answer(row, home, by):
        raise NotAnswerable(NOT_OFFERED)
    return row["id"]


def can_answer(person: dict[str, Any], home: families.Family, by: people.Person) -> bool:
    """Whether a task of this family can be somebody's (id, role, team): on nobody else's list would it be seen."""
    if person["id"] in (home["visitor"], by["id"]):
        return True
    if person["role"] == "lead":
        return teams.leads(person["team"], home["team"])
    return person["role"] in ("visitor", "coordinator") and person["team"] in ("", home["team"])


def due(given: Any, today: date) -> date:
    """The last day of an action. Raises NotAnswerable."""
    if not calendar_days.is_day(given) or not today <= date.fromisoformat(given) <= today + FARTHEST:
        raise NotAnswerable("Handlingen skal have en dato fra i dag og højst et år frem. Skriv den som 2026-11-25.")
    return date.fromisoformat(given)


# ── what was decided ──


def of_family(store: Store, family: str) -> list[Decision]:
    """A family's decisions, newest first: id, encounter, person, by, decided_at, decision, level, reason, note, plan,
    awaits_second (it lowers red, and no second lead has agreed yet)."""
    rows = store.rows("SELECT * FROM decisions WHERE family = :family ORDER BY decided_at DESC, id DESC", family=family)
    return [opened(store, row) | {"by": people.get(store, row["person"])["name"]} for row in rows]


def of_visit(store: Store, family: str, encounter: str) -> list[Decision]:
    """The decisions on one visit, newest first; as ``of_family``."""
    return [one for one in of_family(store, family) if one["encounter"] == encounter]


def of_waiting(store: Store) -> dict[str, list[Decision]]:
    """Visit -> its decisions, newest first, of all families that wait on a list; as ``of_family``, without ``by``.

    Of a visit with a decision that does not open it is ``UNREADABLE``: nobody knows where it stands.
    """
    rows = store.rows(
        "SELECT * FROM decisions WHERE family IN"
        " (SELECT family FROM reviews WHERE state = 'open')"
        " ORDER BY decided_at DESC, id DESC"
    )
    found: dict[str, list[Decision]] = {}
    unread: set[str] = set()
    for row in rows:
        try:
            found.setdefault(row["encounter"], []).append(opened(store, row))
        except Unreadable:
            unread.add(row["encounter"])
    return found | {id: UNREADABLE for id in unread}


def opened(store: Store, row: dict[str, Any]) -> Decision:
    kept = ("id", "review", "encounter", "family", "person", "decided_at")
    return {name: row[name] for name in kept} | store.opened("decisions", row, "decision_sealed")


def standing(decided: list[Decision], known: dict[str, Any]) -> int | None:
    """The level a visit stands at: what a lead has decided, newest first, else as ``flags.floored``."""
    newest = proposals.counting(decided)
    return newest["level"] if newest else flags.floored(known)


def decided_on(decided: list[Decision], review: str) -> bool:
    """Whether a lead has decided on a visit since it came to the list as this review."""
    return proposals.counting([one for one in decided if one["review"] == review]) is not None


def proposal(decided: list[Decision]) -> Decision | None:
    """What a lead has proposed for a red visit, while it waits for a second; as ``proposals.waiting``."""
    return proposals.waiting(decided)


def carried(store: Store, visit: dict[str, Any]) -> dict[str, Any] | None:
    """What a correction of this visit takes over from the leads: {level}; None when no lead has decided.

    ``visit``: id, family and ``known``. What was carried once and not decided on since is carried on.
    """
    newest = proposals.counting(of_visit(store, visit["family"], visit["id"]))
    return {"level": newest["level"]} if newest else visit["known"]["decided"]
