"""A lead's list: visits that want a second pair of eyes, in the order of their urgency, each with one next step.

Beside them stand visits that must exist and have not come, and envelopes that could not be read.
"""

from datetime import date, datetime
from typing import Any

from screening import audit, calendar_days, changes, evaluation, families, flags, instrument, people
from screening.absent import missing, quarantine
from screening.decisions import decide, of_family, of_visit, of_waiting, proposal, standing
from screening.errors import NotFound, Unreadable
from screening.municipality import Municipality
from screening.readers import Reader, call, child, sealed_row
from screening.store import Store, parse_utc, utc

__all__ = ["decide", "listed", "of_family", "take"]

NOT_KNOWN = ("Ikke belyst", "Not known")
# In the order of domain guide 7.1; notifications and no-shows come with the pages that know of them.
GROUPS = {
    "danger": ("Barn i fare, og underretning er ikke registreret", "Child in danger, and no notification registered"),
    "red": ("Rød uden afgørelse", "Red without decision"),
    "today": ("Skal ses i dag, uanset niveau", "To be seen today, whatever the level"),
    "orange_over": ("Orange over fristen", "Orange past the deadline"),
    "worse": ("Forværret eller fortsat højt siden 2 måneder", "Worse or still high since 2 months"),
    "follow_up": ("Aftalt handling over datoen", "Agreed action past its date"),
    "orange": ("Orange inden for fristen", "Orange within the deadline"),
    "discrepant": ("Meget forskellige svar", "Answers that differ greatly"),
    "not_clarified": ("Ingen spurgt alene efter to forsøg", "Nobody asked alone after two attempts"),
    "lower": ("Vurderet lavere end forslaget", "Assessed lower than suggested"),
    "other": ("Andet, der skal ses", "Other visits to be seen"),
}
STEPS = {
    "take": ("Tag sagen", "Take the case"),
    "decide": ("Læs og afgør", "Read and decide"),
    "second": ("Læs som anden læser", "Read as second reader"),
    "follow_up": ("Følg op", "Follow up"),
    "discrepant": ("Læs", "Read"),
    "not_clarified": ("Aftal nyt sted", "Agree on another place"),
    "lower": ("Læs begrundelsen", "Read the reason"),
    "compare": ("Sammenlign", "Compare"),
    "call_operator": ("Sig det til driften", "Tell the operator"),
}
HEADLINES = {
    "worse": ("Forværret: fra {before} til {after}", "Worse: from {before} to {after}"),
    "worse_same": ("Forværret siden 2 måneder", "Worse since 2 months"),
    "persistent": ("{before} ved 2 måneder, {after} ved 8", "{before} at 2 months, {after} at 8"),
    "discrepant": ("Den ene {before}, den anden {after}", "One {before}, the other {after}"),
    "twice": ("To registreringer af samme besøg", "Two registrations of the same visit"),
    "corrected": (
        "Rettet efter afgørelse: fra {before} til {after}",
        "Corrected after decision: from {before} to {after}",
    ),
    "corrected_same": ("Rettet efter afgørelse", "Corrected after the decision"),
    "second": ("{before} foreslået sænket til {after}", "{before}, proposed to become {after}"),
    "follow_up": ("{text}", "{text}"),
    "seen": ("Ingen særlige tegn", "No particular signs"),
    "unreadable": ("Sagen kan ikke læses", "The case cannot be read"),
}
SECONDS = {
    "twice": ("Begge er gemt. Læs dem, og se, hvilken der gælder.", "Both are kept. Read them and see which counts."),
    "second": ("En anden teamleder skal sige det samme.", "Another lead must say the same."),
    "follow_up": ("Skulle være gjort {due}", "Should have been done {due}"),
    "seen": ("Åbnet af en teamleder.", "Opened by a lead."),
    "unreadable": ("Noget er beskadiget. Intet er slettet.", "Something is damaged. Nothing was deleted."),
}
Item = dict[str, Any]


def listed(
    store: Store, person: people.Person, now: datetime, municipality: Municipality | None = None
) -> dict[str, Any]:
    """What waits for a lead.

    Gives ``groups`` [{key, title, reviews}] in their fixed order, without empty ones; ``missing``, visits that should
    be here; ``quarantine``, envelopes set aside or refused; and the counts ``count, today, over, unowned`` with
    ``next``, the words of the next deadline or None.

    A review has id (None for an action past its date), family, encounter, group, level, level_word, ring (green, but
    safety not clarified), initials, age, team, visitor, headline, second, marks (more words), visited_at, received_at,
    visited_since, received_since, deadline (UTC), deadline_text, left, over, owner, owner_id, deputy, next_step.
    """
    reader = Reader(store, person, now, municipality or Municipality())
    if person["role"] != "lead":
        return {"groups": [], "missing": [], "quarantine": [], **counts([], reader)}
    decided = of_waiting(store)
    items = [line(reader, row, decided) for row in open_rows(reader)]
    items += follow_ups(reader, {one["family"] for one in items})
    return {
        "groups": grouped(reader, items),
        "missing": missing(reader),
        "quarantine": quarantine(reader),
        **counts(items, reader),
    }


def take(store: Store, review: str, person: people.Person, now: datetime) -> None:
    """A lead makes a review hers; whoever had it stands in. Raises NotFound."""
    with store.transaction():
        row = store.row("SELECT id, family, owner FROM reviews WHERE id = :id AND state = 'open'", id=review)
        if not row or person["role"] != "lead":
            raise NotFound("Sagen venter ikke mere. Gå tilbage til listen.")
        families.get(store, row["family"], person)
        if row["owner"] != person["id"]:
            deputy = {"deputy": row["owner"]} if row["owner"] else {}
            store.change("reviews", review, owner=person["id"], **deputy)
            audit.add(store, "family_taken", person["id"], now, subject=row["family"])
            changes.changed(store, row["family"], now)


# ── reviews ──


def open_rows(reader: Reader) -> list[dict[str, Any]]:
    """The open reviews of a lead's teams and of teams without a lead, and those she has or stands in for elsewhere."""
    rows = reader.store.rows(
        "SELECT r.id, r.encounter, r.family, r.team, r.owner, r.deputy, r.sealed_for, r.summary_sealed,"
        " e.visit, e.person, e.instrument, e.began_at, e.received_at, e.sealed_for AS case_key, e.result_sealed,"
        " f.team AS family_team, f.visitor, f.details_sealed"
        " FROM reviews r JOIN encounters e ON e.id = r.encounter JOIN families f ON f.id = r.family"
        " WHERE r.state = 'open'"
    )
    me = reader.person["id"]
    return [row for row in rows if me in (row["owner"], row["deputy"]) or reader.looks_after(row["family_team"])]


def line(reader: Reader, row: dict[str, Any], decided: dict[str, list[Item]]) -> Item:
    """One line of the list. One that cannot be read says so and leaves the others usable."""
    try:
        return review(reader, row, decided.get(row["encounter"], []))
    except Unreadable:
        return unreadable(reader, row)


def unreadable(reader: Reader, row: dict[str, Any]) -> Item:
    headline, second = pair(reader, "unreadable")
    return whose(reader, row) | {
        "group": "today", "level": None, "level_word": reader.words(NOT_KNOWN), "ring": False, "initials": "–",
        "age": "", "birth": "", "headline": headline, "second": second, "marks": [],
        "next_step": reader.words(STEPS["call_operator"]),
    } | due(reader, parse_utc(row["received_at"]))  # fmt: skip


def review(reader: Reader, row: dict[str, Any], decided: list[Item]) -> Item:
    """One line of the list."""
    store = reader.store
    summary = store.opened("reviews", row, "summary_sealed")
    known = store.opened("encounters", sealed_row(row, "encounter", "result_sealed"), "result_sealed")
    details = store.opened("families", sealed_row(row, "family", "details_sealed"), "details_sealed")
    result, own = flags.cleared(known), instrument.load(row["instrument"])
    level = standing(decided, known)
    item = whose(reader, row) | {
        "level": level, "level_word": own.level_word(level, reader.language), "result": result, "instrument": own,
        "known": known, "ring": level == 0 and result["badge"] != "clarified", "visitor_id": row["person"],
        "why": summary["why"], "change": changed(reader, row, result, own), "second_reader": proposal(decided),
    }  # fmt: skip
    item |= child(reader, details) | due(reader, parse_utc(summary["deadline"]))
    return finished(reader, item)


def whose(reader: Reader, row: dict[str, Any]) -> Item:
    """The part of a line that stands unsealed."""
    return {
        "id": row["id"], "family": row["family"], "encounter": row["encounter"], "team": row["family_team"],
        "visited_at": row["began_at"], "received_at": row["received_at"],
        "visited_since": reader.since(row["began_at"]), "received_since": reader.since(row["received_at"]),
        "visitor": reader.name(row["person"]), "owner": reader.name(row["owner"]), "owner_id": row["owner"],
        "deputy": reader.name(row["deputy"]),
    }  # fmt: skip


def finished(reader: Reader, item: Item) -> Item:
    """Group, words and next step of a line; what was only needed for them goes."""
    item["group"] = group(item)
    item["headline"], item["second"] = words(reader, item)
    item["marks"] = marks(reader, item)
    item["next_step"] = next_step(reader, item)
    needless = ("result", "instrument", "known", "why", "change", "visitor_id", "second_reader")
    return {name: value for name, value in item.items() if name not in needless}


def due(reader: Reader, deadline: datetime) -> Item:
    return {
        "deadline": utc(deadline),
        "deadline_text": calendar_days.said(deadline, reader.now, reader.language),
        "left": calendar_days.left(deadline, reader.now, reader.place, reader.language),
        "over": deadline < reader.now,
    }


def changed(reader: Reader, row: dict[str, Any], result: Item, own: instrument.Instrument) -> Item:
    """How an 8-month visit stands to the 2-month one: worse, persistent, before (the level then); empty if unknown."""
    if row["visit"] != "8m":
        return {}
    past = families.encounters(reader.store, row["family"])
    earlier = next((one["known"]["result"] for one in past if one["visit"] == "2m"), None)
    if not earlier:
        return {}
    moved = [evaluation.change(own, earlier, result, who) for who in result["respondents"]]
    return {
        "worse": "worse" in moved,
        "persistent": (earlier["final"] or 0) >= 2 and (result["final"] or 0) >= 2,
        "before": earlier["final"],
    }


def group(item: Item) -> str:
    """Where a line stands: the first group that it belongs to."""
    flagged, level, change = item["result"]["flags"], item["level"] or 0, item["change"]
    belongs = {
        "danger": any(rule in flagged for rule in flags.DANGER),
        "red": level == 3,
        "today": any(rule in flagged for rule in flags.TODAY),
        "orange_over": level == 2 and item["over"],
        "worse": change.get("worse") or change.get("persistent"),
        "orange": level == 2,
        "discrepant": item["result"]["discrepant"],
        "not_clarified": "not_clarified" in item["why"] and item["result"]["badge"] == "not_clarified",
        "lower": "lower" in item["why"],
    }
    return next((key for key, true in belongs.items() if true), "other")


def words(reader: Reader, item: Item) -> tuple[str, str]:
    """One line why, and one more."""
    result, own, change = item["result"], item["instrument"], item["change"]
    reasons = [own.reason(id, reader.language, flags.who(result, id, reader.language)) for id in result["reasons"]]
    first = reasons[0] if reasons else pair(reader, "seen")
    if item["second_reader"]:
        return pair(reader, "second", **levels(reader, own, item["level"], item["second_reader"]["level"]))
    if "corrected" in item["why"]:
        return corrected(reader, own, item["known"]["decided"]["level"], result["final"]), first[0]
    if item["group"] == "worse":
        return worse(reader, own, change, result["final"]), first[0]
    if item["group"] == "discrepant":
        low, high = spread(result["klevels"])
        headline = reader.words(HEADLINES["discrepant"], **levels(reader, own, low, high, lower=True))
        same = low == high
        said = own.reason("discrepant", reader.language)
        return (said[0] if same else headline), said[1]
    if item["group"] in ("not_clarified", "lower"):
        return own.reason(item["group"], reader.language)
    return pair(reader, "twice") if item["group"] == "other" and item["known"]["twice"] else first


def worse(reader: Reader, own: instrument.Instrument, change: Item, final: int | None) -> str:
    before = change["before"]
    if not change["worse"]:
        return reader.words(HEADLINES["persistent"], **levels(reader, own, before, final))
    if before == final:
        return reader.words(HEADLINES["worse_same"])
    return reader.words(HEADLINES["worse"], **levels(reader, own, before, final, lower=True))


def corrected(reader: Reader, own: instrument.Instrument, before: int | None, final: int | None) -> str:
    if before == final:
        return reader.words(HEADLINES["corrected_same"])
    return reader.words(HEADLINES["corrected"], **levels(reader, own, before, final, lower=True))


def levels(
    reader: Reader, own: instrument.Instrument, before: int | None, after: int | None, lower: bool = False
) -> dict[str, str]:
    first, last = (own.level_word(level, reader.language) for level in (before, after))
    return {"before": first.lower() if lower else first, "after": last.lower()}


def spread(klevels: list[int | None]) -> tuple[int | None, int | None]:
    known = [level for level in klevels if level is not None]
    return (min(known), max(known)) if known else (None, None)


def pair(reader: Reader, key: str, **values: Any) -> tuple[str, str]:
    return reader.words(HEADLINES[key], **values), reader.words(SECONDS[key], **values)


def marks(reader: Reader, item: Item) -> list[str]:
    """What else is true of a line, in words: what its group does not say."""
    true = {
        "discrepant": item["result"]["discrepant"],
        "lower": "lower" in item["why"],
        "twice": item["known"]["twice"],
    }
    said = {"twice": HEADLINES["twice"]} | GROUPS
    return [reader.words(said[key]) for key, holds in true.items() if holds and key != item["group"]]


def next_step(reader: Reader, item: Item) -> str:
    """One step, as a verb."""
    if item["second_reader"]:
        return reader.words(STEPS["second"])
    if not item["owner_id"]:
        return reader.words(STEPS["take"])
    if item["group"] == "danger":
        return call(reader, item["visitor_id"])
    step = item["group"] if item["group"] in STEPS else "decide"
    return reader.words(STEPS["compare" if step == "decide" and item["known"]["twice"] else step])


# ── agreed actions past their date ──


def follow_ups(reader: Reader, listed_already: set[str]) -> list[Item]:
    """Red and orange families with a planned action whose date is over, a line for each that has none yet."""
    rows = reader.store.rows(
        "SELECT t.*, f.team, f.visitor, f.sealed_for AS case_key, f.details_sealed FROM tasks t"
        " JOIN families f ON f.id = t.family WHERE t.responsible IN (SELECT id FROM people) AND t.state = 'open'"
        " AND t.due < :today AND t.decision IS NOT NULL AND f.left_at IS NULL ORDER BY t.due, t.id",
        today=reader.today.isoformat(),
    )
    ours = [row for row in rows if reader.looks_after(row["team"]) and row["family"] not in listed_already]
    first = {row["family"]: row for row in reversed(ours)}
    found = [follow_up(reader, row) for row in first.values()]
    return [one for one in found if one and one["level"] is not None and one["level"] >= 2]


def follow_up(reader: Reader, row: dict[str, Any]) -> Item | None:
    store = reader.store
    newest = next(iter(families.encounters(store, row["family"])), None)
    if not newest:
        return None
    details = store.opened("families", sealed_row(row, "family", "details_sealed"), "details_sealed")
    text = store.opened("tasks", row, "task_sealed")["text"][reader.language]
    last = date.fromisoformat(row["due"])
    level = standing(of_visit(store, row["family"], newest["id"]), newest["known"])
    headline, second = pair(reader, "follow_up", text=text, due=calendar_days.day_said(last, reader.language))
    return {
        "id": None, "family": row["family"], "encounter": newest["id"], "group": "follow_up", "level": level,
        "level_word": instrument.load(newest["instrument"]).level_word(level, reader.language),
        "ring": False, "team": row["team"],
        "visitor": reader.name(row["visitor"]), "headline": headline, "second": second, "marks": [],
        "visited_at": newest["began_at"], "received_at": None, "visited_since": reader.since(newest["began_at"]),
        "received_since": None, "owner": reader.name(row["responsible"]), "owner_id": row["responsible"],
        "deputy": None, "next_step": reader.words(STEPS["follow_up"]),
    } | child(reader, details) | due(reader, calendar_days.at(last, reader.place.closes))  # fmt: skip


# ── the whole ──


def grouped(reader: Reader, items: list[Item]) -> list[Item]:
    """The groups that hold something; inside, the nearest deadline first, then the youngest child."""
    by_age = sorted(items, key=lambda one: one["birth"], reverse=True)
    by_deadline = sorted(by_age, key=lambda one: one["deadline"])
    groups = [
        {"key": key, "title": reader.words(title), "reviews": [one for one in by_deadline if one["group"] == key]}
        for key, title in GROUPS.items()
    ]
    return [one for one in groups if one["reviews"]]


def counts(items: list[Item], reader: Reader) -> Item:
    """How many wait, are due today, are over, have nobody; and the next deadline in words."""
    ahead = sorted(one["deadline"] for one in items if not one["over"])
    return {
        "count": len(items),
        "today": sum(calendar_days.day(parse_utc(one)) == reader.today for one in ahead),
        "over": sum(one["over"] for one in items),
        "unowned": sum(not one["owner_id"] for one in items),
        "next": calendar_days.said(parse_utc(ahead[0]), reader.now, reader.language) if ahead else None,
    }
