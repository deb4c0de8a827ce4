"""A lead's list: visits that want a second pair of eyes, in the order of their urgency, each with one next step.

Beside them stand visits that must exist and have not come, and envelopes that could not be read.
"""

from datetime import date, datetime
from typing import Any

from screening import (
    absent,
    audit,
    calendar_days,
    changes,
    comparison,
    duties,
    families,
    flags,
    following,
    instrument,
    notes,
    people,
    tasks,
)
from screening.absent import missing, quarantine
from screening.decisions import UNREADABLE, decide, decided_on, of_family, of_visit, of_waiting, proposal, standing
from screening.errors import NotFound, Unreadable
from screening.municipality import Municipality
from screening.readers import Reader, call, child, sealed_row
from screening.store import Store, parse_utc, utc

__all__ = ["decide", "listed", "of_family", "take"]

NOT_KNOWN = ("Ikke belyst", "Not known")
# In the order of domain guide 7.1. Its tenth, what is not here yet, stands below the list (``missing``).
GROUPS = {
    "danger": ("Barn i fare, og underretning er ikke registreret", "Child in danger, and no notification registered"),
    "red": ("Rød uden afgørelse", "Red without decision"),
    "unconfirmed": (
        "Underretning uden bekræftelse efter 6 arbejdsdage",
        "Notification not confirmed after 6 working days",
    ),
    "notify": ("Underretning er ikke skrevet eller afgjort", "Notification not written or not decided"),
    "today": ("Skal ses i dag, uanset niveau", "To be seen today, whatever the level"),
    "orange_over": ("Orange over fristen", "Orange past the deadline"),
    "worse": ("Forværret eller fortsat højt siden 2 måneder", "Worse or still high since 2 months"),
    "follow_up": ("Aftalt handling over datoen", "Agreed action past its date"),
    "orange": ("Orange inden for fristen", "Orange within the deadline"),
    "discrepant": ("Meget forskellige svar", "Answers that differ greatly"),
    "not_clarified": ("Ingen spurgt alene efter to forsøg", "Nobody asked alone after two attempts"),
    "lower": ("Vurderet lavere end forslaget", "Assessed lower than suggested"),
    "never_met": ("Mødt ikke", "Not met"),
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
    "unconfirmed": ("Spørg efter bekræftelsen", "Ask for the confirmation"),
    "own_proposal": ("Venter på en anden teamleder", "Waits for another lead"),
    "notify": ("Se, om underretningen er skrevet", "See whether the notification is written"),
    "followed": ("Se familien", "See the family"),
    "never_met": ("Beslut, hvordan familien nås", "Decide how to reach the family"),
    "moved": ("Beslut, hvem der besøger", "Decide who visits"),
    "new_family": ("Se, om den er jeres", "See whether it is yours"),
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
    "finished": (
        "Gjort færdigt efter afgørelse: fra {before} til {after}",
        "Finished after the decision: from {before} to {after}",
    ),
    "finished_same": ("Gjort færdigt efter afgørelse", "Finished after the decision"),
    "preliminary": ("Sendt under besøget", "Sent during the visit"),
    "never_met": ("Ingen hjemme {attempts} gange", "Nobody at home {attempts} times"),
    "moved": ("Familien er flyttet", "The family has moved"),
    "new_family": ("Ny familie, mødt uden at stå på listen", "A new family that was on no list"),
    "second": ("{before} foreslået sænket til {after}", "{before}, proposed to become {after}"),
    "end": ("Følges: foreslået afsluttet", "Followed: proposed to be ended"),
    "follow_up": ("{text}", "{text}"),
    "seen": ("Ingen særlige tegn", "No particular signs"),
    "left_out": ("Et svar kunne ikke læses", "An answer could not be read"),
    "unreadable": ("Sagen kan ikke læses", "The case cannot be read"),
}
SECONDS = {
    "twice": ("Begge er gemt. Læs dem, og se, hvilken der gælder.", "Both are kept. Read them and see which counts."),
    "second": ("En anden teamleder skal sige det samme.", "Another lead must say the same."),
    "end": ("En anden teamleder skal sige det samme.", "Another lead must say the same."),
    "own": (
        "Foreslået af dig. En anden teamleder skal sige det samme.",
        "Proposed by you. Another lead must say the same.",
    ),
    "follow_up": ("Skulle være gjort {due}", "Should have been done {due}"),
    "seen": ("Åbnet af en teamleder.", "Opened by a lead."),
    "preliminary": ("Sundhedsplejersken er ikke færdig endnu.", "The health visitor is not finished yet."),
    "noted": ("Noteret {day} af {name}.", "Noted {day} by {name}."),
    "noted_said": ("Noteret {day} af {name}: {said}", "Noted {day} by {name}: {said}"),
    "left_out": (
        "Niveauet er fundet uden det. Sundhedsplejersken er bedt om at rette det.",
        "The level was found without it. The health visitor was asked to correct it.",
    ),
    "unreadable": ("Noget er beskadiget. Intet er slettet.", "Something is damaged. Nothing was deleted."),
}
# What else is true of a line, in words.
MARKS = {
    "preliminary": ("Foreløbigt besøg", "Preliminary visit"),
    "undecided": ("Underretning ikke afgjort", "Notification not decided"),
    "unsure": ("Tolket af en pårørende", "Interpreted by a relative"),
    "left_out": ("Et svar kunne ikke læses", "An answer could not be read"),
}
# Not among the groups: what was decided and is followed stands by itself.
FOLLOWED = "followed"
Item = dict[str, Any]


def listed(
    store: Store, person: people.Person, now: datetime, municipality: Municipality | None = None
) -> dict[str, Any]:
    """What waits for a lead.

    Gives ``groups`` [{key, title, reviews}] in their fixed order, without empty ones; ``followed``, families that a
    lead has decided on and that are followed until a closing decision, a line each; ``missing``, visits that should
    be here; ``quarantine``, envelopes set aside or refused; and the counts ``count, today, over, unowned`` with
    ``next``, the words of the next deadline or None.

    A review has id (None for an action past its date and for what a note asks), family, encounter (None without one),
    group, level, level_word, ring (green, but safety not clarified), initials, age, team, visitor, headline, second,
    marks (more words), visited_at, received_at, visited_since, received_since, deadline (UTC), deadline_text, left,
    over, owner, owner_id, deputy, next_step; one that is followed also has next {day, said, text, over} or None.
    """
    reader = Reader(store, person, now, municipality or Municipality())
    if person["role"] != "lead":
        return {"groups": [], "followed": [], "missing": [], "quarantine": [], **counts([], reader)}
    decided, late = of_waiting(store), late_tasks(reader)
    unconfirmed = {family for family, ours in late.items() if first_of(ours)["action"] == duties.CONFIRMATION}
    found = [line(reader, row, decided, unconfirmed) for row in open_rows(reader, decided)]
    items = [one for one in found if one["group"] != FOLLOWED]
    items += follow_ups(reader, late, {one["family"] for one in items})
    items += [asked(reader, one) for one in notes.for_lead(store, person)]
    return {
        "groups": grouped(reader, items),
        "followed": following.register(reader, [one for one in found if one["group"] == FOLLOWED]),
        "missing": missing(reader),
        "quarantine": quarantine(reader),
        **counts(items, reader),
    }


def forgotten(
    store: Store, person: people.Person, now: datetime, municipality: Municipality | None = None
) -> list[Item]:
    """The families that nobody has or that are long overdue, as ``absent.forgotten``; nothing for who is no lead."""
    if person["role"] != "lead":
        return []
    return absent.forgotten(Reader(store, person, now, municipality or Municipality()))


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


def open_rows(reader: Reader, decided: dict[str, list[Item]]) -> list[dict[str, Any]]:
    """The open reviews of a lead's teams and of teams without a lead, and those she has or stands in for elsewhere.

    Besides, those of any team in which another lead's proposal waits for a second.
    """
    rows = reader.store.rows(
        "SELECT r.id, r.encounter, r.family, r.team, r.owner, r.deputy, r.sealed_for, r.summary_sealed,"
        " e.visit, e.person, e.instrument, e.began_at, e.received_at, e.sealed_for AS case_key, e.result_sealed,"
        " f.team AS family_team, f.visitor, f.details_sealed"
        " FROM reviews r JOIN encounters e ON e.id = r.encounter JOIN families f ON f.id = r.family"
        " WHERE r.state = 'open'"
    )
    me = reader.person["id"]
    second = {id: one for id, ours in decided.items() if (one := proposal(ours)) and one["person"] != me}
    return [
        row
        for row in rows
        if me in (row["owner"], row["deputy"]) or reader.looks_after(row["family_team"]) or row["encounter"] in second
    ]


def line(reader: Reader, row: dict[str, Any], decided: dict[str, list[Item]], unconfirmed: set[str]) -> Item:
    """One line of the list. One that cannot be read says so and leaves the others usable."""
    ours = decided.get(row["encounter"], [])
    try:
        if ours is UNREADABLE:
            return unreadable(reader, row)
        return review(reader, row, ours, row["family"] in unconfirmed)
    except Unreadable:
        return unreadable(reader, row)


def unreadable(reader: Reader, row: dict[str, Any]) -> Item:
    headline, second = pair(reader, "unreadable")
    return whose(reader, row) | {
        "group": "today", "level": None, "level_word": reader.words(NOT_KNOWN), "ring": False, "initials": "–",
        "age": "", "birth": "", "headline": headline, "second": second, "marks": [],
        "next_step": reader.words(STEPS["call_operator"]),
    } | due(reader, parse_utc(row["received_at"]))  # fmt: skip


def review(reader: Reader, row: dict[str, Any], decided: list[Item], unconfirmed: bool) -> Item:
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
        "why": summary["why"], "change": changed(reader, row), "second_reader": proposal(decided),
        "decided": decided_on(decided, row["id"]), "unwritten": duties.unwritten(store, row["family"]),
        "unconfirmed": unconfirmed, "undecided": undecided(reader, row, result),
        "danger": in_danger(reader, row, result),
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
    needless = (
        "result", "instrument", "known", "why", "change", "visitor_id", "second_reader", "unconfirmed", "undecided",
        "danger", "decided", "unwritten",
    )  # fmt: skip
    return {name: value for name, value in item.items() if name not in needless}


def due(reader: Reader, deadline: datetime) -> Item:
    return {
        "deadline": utc(deadline),
        "deadline_text": calendar_days.said(deadline, reader.now, reader.language),
        "left": calendar_days.left(deadline, reader.now, reader.place, reader.language),
        "over": deadline < reader.now,
    }


def changed(reader: Reader, row: dict[str, Any]) -> Item:
    """How an 8-month visit stands to the 2-month one: worse, persistent, before (the level then); empty if unknown."""
    if row["visit"] != "8m":
        return {}
    past = families.encounters(reader.store, row["family"])
    here = next((one for one in past if one["id"] == row["encounter"]), None)
    moved = comparison.of_visit(past, here) if here else []
    return {
        "worse": any(one["change"] == "worse" for one in moved),
        "persistent": any(one["persistent"] for one in moved),
        "before": moved[0]["from_level"] if moved else None,
    }


def in_danger(reader: Reader, row: dict[str, Any], result: Item) -> bool:
    """Whether somebody may be in danger and no notification is registered (domain guide 7.1, first group)."""
    danger = any(rule in result["flags"] for rule in flags.DANGER)
    return danger and not duties.registered(reader.store, row["family"])


def undecided(reader: Reader, row: dict[str, Any], result: Item) -> bool:
    """Whether a rule asks for a notification and nobody has decided about it (FR19)."""
    return duties.UNDECIDED in result["gates"] and duties.undecided(reader.store, row["family"])


def group(item: Item) -> str:
    """Where a line stands: the first group that it belongs to."""
    flagged, level, change = item["result"]["flags"], item["level"] or 0, item["change"]
    is_open = bool(item["second_reader"]) or not item["decided"]
    belongs = {
        "danger": item["danger"],
        "red": level == 3 and is_open,
        "unconfirmed": item["unconfirmed"] and is_open,
        "notify": item["unwritten"] and not is_open,
        FOLLOWED: not is_open,
        "today": item["known"].get("preliminary") or any(rule in flagged for rule in flags.TODAY),
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
    if proposed := item["second_reader"]:
        return second(reader, own, item["level"], proposed)
    if again := next((name for name in ("corrected", "finished") if name in item["why"]), None):
        return corrected(reader, own, again, item["known"]["decided"]["level"], result["final"]), first[0]
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
    if item["known"].get("preliminary") and not any(reason[0] in "RM" for reason in result["reasons"]):
        return pair(reader, "preliminary")
    if item["group"] == "other" and item["why"] == ["left_out"]:
        return pair(reader, "left_out")
    return pair(reader, "twice") if item["group"] == "other" and item["known"]["twice"] else first


def second(reader: Reader, own: instrument.Instrument, level: int | None, proposed: Item) -> tuple[str, str]:
    """What a lead has proposed, and who is to answer: never she who has proposed it."""
    headline, answer = pair(reader, "end" if proposed["decision"] == "close" else "second", **levels(
        reader, own, level, proposed["level"]
    ))  # fmt: skip
    return headline, reader.words(SECONDS["own"]) if proposed["person"] == reader.person["id"] else answer


def worse(reader: Reader, own: instrument.Instrument, change: Item, final: int | None) -> str:
    before = change["before"]
    if not change["worse"]:
        return reader.words(HEADLINES["persistent"], **levels(reader, own, before, final))
    if before == final:
        return reader.words(HEADLINES["worse_same"])
    return reader.words(HEADLINES["worse"], **levels(reader, own, before, final, lower=True))


def corrected(reader: Reader, own: instrument.Instrument, how: str, before: int | None, final: int | None) -> str:
    if before == final:
        return reader.words(HEADLINES[f"{how}_same"])
    return reader.words(HEADLINES[how], **levels(reader, own, before, final, lower=True))


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
        "preliminary": item["known"].get("preliminary"),
        "undecided": item["undecided"],
        "discrepant": item["result"]["discrepant"],
        "lower": "lower" in item["why"],
        "twice": item["known"]["twice"],
        "unsure": item["known"].get("unsure"),
        "left_out": item["known"].get("left_out"),
    }
    said = {"twice": HEADLINES["twice"]} | GROUPS | MARKS
    return [reader.words(said[key]) for key, holds in true.items() if holds and key != item["group"]]


def next_step(reader: Reader, item: Item) -> str:
    """One step, as a verb."""
    if proposed := item["second_reader"]:
        return reader.words(STEPS["own_proposal" if proposed["person"] == reader.person["id"] else "second"])
    if not item["owner_id"]:
        return reader.words(STEPS["take"])
    if item["group"] == "danger":
        return call(reader, item["visitor_id"])
    step = item["group"] if item["group"] in STEPS else "decide"
    return reader.words(STEPS["compare" if step == "decide" and item["known"]["twice"] else step])


# ── agreed actions past their date ──


def late_tasks(reader: Reader) -> dict[str, list[Item]]:
    """Family -> its open tasks whose date is over, the first due first: those a lead planned, and those of a visit
    that a lead has or had on her list."""
    rows = reader.store.rows(
        "SELECT t.*, f.team, f.visitor, f.sealed_for AS case_key, f.details_sealed FROM tasks t"
        " JOIN families f ON f.id = t.family WHERE t.responsible IN (SELECT id FROM people) AND t.state = 'open'"
        " AND t.due < :today AND f.left_at IS NULL AND (t.decision IS NOT NULL OR EXISTS"
        " (SELECT r.id FROM reviews r WHERE r.family = t.family AND r.encounter = t.encounter)) ORDER BY t.due, t.id",
        today=reader.today.isoformat(),
    )
    found: dict[str, list[Item]] = {}
    for row in rows:
        if reader.looks_after(row["team"]):
            found.setdefault(row["family"], []).append(row | known_task(reader.store, row))
    return found


def known_task(store: Store, row: dict[str, Any]) -> Item:
    """A task with what is to be done; of one that does not open only that, so that it keeps none of the others back."""
    try:
        return tasks.opened(store, row)
    except Unreadable:
        return {"text": dict(zip(("da", "en"), HEADLINES["unreadable"], strict=True)), "action": None, "once": None}


def first_of(late: list[Item]) -> Item:
    """The task that speaks for a family: a notification nobody has confirmed, else what was due first."""
    return next((one for one in late if one["action"] == duties.CONFIRMATION), late[0])


def follow_ups(reader: Reader, late: dict[str, list[Item]], listed_already: set[str]) -> list[Item]:
    """A line for each red or orange family with something past its date, and each whose notification is unconfirmed."""
    found = [readable(reader, first_of(ours)) for family, ours in late.items() if family not in listed_already]
    return [one for one in found if one and (one["group"] == "unconfirmed" or (one["level"] or 0) >= 2)]


def readable(reader: Reader, row: dict[str, Any]) -> Item | None:
    """The line of ``follow_up``; of a family that does not open that it cannot be read."""
    try:
        return follow_up(reader, row)
    except Unreadable:
        headline, second = pair(reader, "unreadable")
        last = date.fromisoformat(row["due"])
        return bare(reader, row["family"], row["team"], row["visitor"], row["responsible"], last) | {
            "group": "unconfirmed" if row["action"] == duties.CONFIRMATION else "follow_up", "level": 2,
            "initials": "–", "age": "", "birth": "", "headline": headline, "second": second,
            "next_step": reader.words(STEPS["call_operator"]),
        }  # fmt: skip


def follow_up(reader: Reader, row: dict[str, Any]) -> Item | None:
    store = reader.store
    newest = next(iter(families.encounters(store, row["family"])), None)
    if not newest:
        return None
    last, group = date.fromisoformat(row["due"]), "follow_up"
    level = standing(of_visit(store, row["family"], newest["id"]), newest["known"])
    if row["action"] == duties.CONFIRMATION:
        group = "unconfirmed"
    details = store.opened("families", sealed_row(row, "family", "details_sealed"), "details_sealed")
    headline, second = pair(
        reader, "follow_up", text=row["text"][reader.language], due=calendar_days.day_said(last, reader.language)
    )
    return bare(reader, row["family"], row["team"], row["visitor"], row["responsible"], last) | {
        "encounter": newest["id"], "group": group, "level": level,
        "level_word": instrument.load(newest["instrument"]).level_word(level, reader.language),
        "headline": headline, "second": second, "visited_at": newest["began_at"],
        "visited_since": reader.since(newest["began_at"]), "next_step": reader.words(STEPS[group]),
    } | child(reader, details)  # fmt: skip


def bare(reader: Reader, family: str, team: str, visitor: str | None, responsible: str | None, last: date) -> Item:
    """A line that is no review: whose it is and by when; without a visit."""
    return {
        "id": None, "family": family, "encounter": None, "level": None, "level_word": reader.words(NOT_KNOWN),
        "ring": False, "team": team, "visitor": reader.name(visitor), "marks": [], "visited_at": None,
        "received_at": None, "visited_since": None, "received_since": None, "owner": reader.name(responsible),
        "owner_id": responsible, "deputy": None,
    } | due(reader, calendar_days.at(last, reader.place.closes))  # fmt: skip


def asked(reader: Reader, one: Item) -> Item:
    """A line for what a note asks: nobody at home twice, moved, a family that was on no list."""
    kind = one["kind"]
    said = "noted_said" if one["said"] else "noted"
    day = calendar_days.said(parse_utc(one["noted_at"]), reader.now, reader.language) if one["noted_at"] else "–"
    return bare(reader, one["family"], one["team"], one["visitor"], one["responsible"], one["due"]) | {
        "group": "never_met" if kind == "never_met" else "other",
        "headline": reader.words(HEADLINES[kind], attempts=one["attempts"]),
        "second": reader.words(SECONDS[said], day=day, name=reader.name(one["noted_by"]) or "–", said=one["said"]),
        "next_step": reader.words(STEPS[kind]),
    } | child(reader, one)  # fmt: skip


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
