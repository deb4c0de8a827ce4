"""Visits that a lead must ask for: those that were to be here and are not, and envelopes that were set aside."""

from datetime import date, timedelta
from typing import Any

from screening import calendar_days, chains, families, reasons, sync
from screening.errors import Unreadable
from screening.readers import Reader, call, child, sealed_row, sent_to

# A visit that was to be here and is not is asked for after so long (security 3, P5).
LATE = timedelta(hours=24)

# A family that is so long past the window of its visit is asked for every morning, planned or not.
PAST_WINDOW = 2
VISITS = {"2m": ("2-måneders-besøget", "The 2-month visit"), "8m": ("8-måneders-besøget", "The 8-month visit")}

Item = dict[str, Any]


def missing(reader: Reader) -> list[Item]:
    """Visits that must exist and have not come: forks of a chain, numbers missing in it, planned visits a day over."""
    forks, gaps = chains.forks(reader.store, None, reader.now), sync.gaps(reader.store, None, reader.now - LATE)
    return (
        [fork(reader, one) for one in of_hers(reader, forks)]
        + [gap(reader, one) for one in of_hers(reader, gaps)]
        + [readable_unmet(reader, row) for row in unmet_rows(reader)]
    )


def fork(reader: Reader, one: dict[str, Any]) -> Item:
    said = ("En tablet er sat tilbage eller kopieret", "A tablet was set back or copied")
    second = (
        "To besøg har samme nummer eller følger ikke på hinanden. Bed hende læse sine besøg igennem.",
        "Two visits have the same number or do not follow each other. Ask her to look through her visits.",
    )
    return {
        "kind": "fork", "family": None, "visitor": reader.name(one["person"]), "tablet": one["tablet"], "count": 1,
        "headline": reader.words(said), "second": reader.words(second),
        "since": reader.since(one["noticed_at"]), "next_step": call(reader, one["person"]),
    }  # fmt: skip


def of_hers(reader: Reader, found: list[Item]) -> list[Item]:
    """Those of what was found that the visitors of a lead's teams have sent."""
    return [one for one in found if sent_to(reader.person, reader.people[one["person"]]["team"])]


def gap(reader: Reader, one: dict[str, Any]) -> Item:
    count = one["last"] - one["first"] + 1
    said = (
        ("{n} besøg er lavet, men ikke kommet", "{n} visits were made and have not come")
        if count > 1
        else ("Et besøg er lavet, men ikke kommet", "A visit was made and has not come")
    )
    return {
        "kind": "gap", "family": None, "visitor": reader.name(one["person"]), "tablet": one["tablet"], "count": count,
        "headline": reader.words(said, n=count),
        "second": reader.words(("Tabletten skal have net og appen åben.", "The tablet needs signal and the app open.")),
        "since": reader.since(one["noticed_at"]), "next_step": call(reader, one["person"]),
    }  # fmt: skip


def unmet_rows(reader: Reader) -> list[dict[str, Any]]:
    late = calendar_days.local(reader.now - LATE).replace(tzinfo=None).isoformat(timespec="minutes")
    rows = reader.store.rows(
        "SELECT p.visit, p.planned_at, f.id AS family, f.team, f.visitor, f.sealed_for AS case_key, f.details_sealed"
        " FROM planned_visits p JOIN families f ON f.id = p.family"
        " WHERE p.state = 'open' AND p.planned_at < :late AND f.left_at IS NULL ORDER BY p.planned_at, p.id",
        late=late,
    )
    return [row for row in rows if reader.looks_after(row["team"])]


def readable_unmet(reader: Reader, row: dict[str, Any]) -> Item:
    """The line of ``unmet``; of a family that does not open who has it and what was planned."""
    try:
        return unmet(reader, row)
    except Unreadable:
        return planned_line(reader, row) | {"initials": "–", "age": "", "birth": ""}


def unmet(reader: Reader, row: dict[str, Any]) -> Item:
    details = reader.store.opened("families", sealed_row(row, "family", "details_sealed"), "details_sealed")
    return planned_line(reader, row) | child(reader, details)


def planned_line(reader: Reader, row: dict[str, Any]) -> Item:
    planned = calendar_days.from_plan(row["planned_at"])
    said = ("Planlagt {day}, ikke kommet ind", "Planned {day}, has not come in")
    return {
        "kind": "planned", "family": row["family"], "visit": row["visit"], "planned_at": row["planned_at"],
        "visitor": reader.name(row["visitor"]), "tablet": None, "count": 1,
        "headline": reader.words(said, day=calendar_days.day_said(planned.date(), reader.language)),
        "second": reader.words(
            ("Besøget er ikke holdt, eller det ligger på en tablet.", "The visit was not held, or lies on a tablet.")
        ),
        "since": calendar_days.span(reader.now - planned, reader.language),
        "next_step": call(reader, row["visitor"]),
    }  # fmt: skip


def forgotten(reader: Reader) -> list[Item]:
    """Families that nobody has: without a visitor, and two months or more past the window of a visit not yet held.

    Each family once, without a visitor first. What was declined or not offered is decided, and what was planned for a
    day that is over stands with the visits that have not come.
    """
    rows = reader.store.rows(
        "SELECT f.id, f.id AS family, f.team, f.visitor, f.sealed_for AS case_key, f.details_sealed FROM families f"
        " WHERE f.left_at IS NULL ORDER BY f.id"
    )
    hers = {row["id"]: row for row in rows if reader.looks_after(row["team"])}
    alone = [row for row in hers.values() if row["visitor"] is None]
    late = past_window(reader, {id: row for id, row in hers.items() if row["visitor"] is not None})
    found = [(row, no_visitor(reader)) for row in alone] + [(row, too_late(reader, *about)) for row, *about in late]
    lines = [forgotten_line(reader, row, said) for row, said in found]
    return [one for one in lines if one]


def past_window(reader: Reader, families_of: dict[str, Item]) -> list[tuple[Item, str, date]]:
    """(family, visit, last day of its window) of the first visit that is so long overdue, the longest overdue first."""
    rows = reader.store.rows(
        "SELECT p.* FROM planned_visits p JOIN families f ON f.id = p.family"
        " WHERE p.state = 'open' AND p.planned_at IS NULL AND f.left_at IS NULL"
    )
    found: dict[str, tuple[Item, str, date]] = {}
    for row in rows:
        visit = readable_visit(reader, row) if row["family"] in families_of else None
        if not visit or not families.is_awaited(visit):
            continue
        closes = date.fromisoformat(visit["closes"])
        if calendar_days.months_after(closes, PAST_WINDOW) <= reader.today:
            about = (families_of[row["family"]], visit["visit"], closes)
            found[row["family"]] = min(found.get(row["family"], about), about, key=lambda one: one[2])
    return sorted(found.values(), key=lambda one: one[2])


def readable_visit(reader: Reader, row: Item) -> Item | None:
    """A visit that a family is due; None for one that does not open, so that it takes none of the others along."""
    try:
        return families.due_visit(reader.store, row)
    except Unreadable:
        return None


def no_visitor(reader: Reader) -> Item:
    return {
        "kind": "no_visitor", "headline": reader.words(("Ingen sundhedsplejerske", "No health visitor")),
        "second": reader.words(("Ingen har familien på sin liste.", "Nobody has the family on her list.")),
        "next_step": reader.words(("Giv familien til en sundhedsplejerske", "Give the family to a health visitor")),
    }  # fmt: skip


def too_late(reader: Reader, visit: str, closes: date) -> Item:
    said = ("{visit} skulle være holdt senest {day}", "{visit} should have been held by {day}")
    return {
        "kind": "late",
        "headline": reader.words(said, visit=reader.words(VISITS[visit]), day=day_of_year(closes, reader.language)),
        "second": reader.words(("Det er ikke holdt og ikke aftalt.", "It was not held and is not agreed.")),
        "next_step": None,
    }  # fmt: skip


def day_of_year(day: date, language: str) -> str:
    """A day that may be long ago: with its year."""
    return f"{calendar_days.day_said(day, language)} {day.year}"


def forgotten_line(reader: Reader, row: Item, said: Item) -> Item | None:
    """One family's line; of one that does not open only that it is there."""
    try:
        details = reader.store.opened("families", sealed_row(row, "family", "details_sealed"), "details_sealed")
        who = child(reader, details)
    except Unreadable:
        who = {"initials": "–", "age": "", "birth": ""}
    step = said["next_step"] or (call(reader, row["visitor"]) if row["visitor"] else "")
    return said | {"family": row["family"], "visitor": reader.name(row["visitor"]), "next_step": step} | who


def quarantine(reader: Reader) -> list[Item]:
    """Envelopes that are kept but could not become visits, and those that were refused; newest first."""
    rows = reader.store.rows(
        "SELECT e.id, e.sha256, e.state, e.reason, e.tablet, e.received_at, e.claimed_at, a.person, p.team"
        " FROM envelopes e LEFT JOIN authors a ON a.id = e.author LEFT JOIN people p ON p.id = a.person"
        " WHERE e.state IN ('quarantined', 'refused') ORDER BY e.seq DESC"
    )
    return [set_aside(reader, row) for row in rows if sent_to(reader.person, row["team"])]


def set_aside(reader: Reader, row: dict[str, Any]) -> Item:
    return row | {
        "visitor": reader.name(row["person"]),
        "headline": reader.words(reasons.words(row["reason"])),
        "since": reader.since(row["received_at"]),
        "next_step": call(reader, row["person"]) if row["person"] else None,
    }
