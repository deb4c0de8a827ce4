"""Visits that a lead must ask for: those that were to be here and are not, and envelopes that were set aside."""

from datetime import timedelta
from typing import Any

from screening import calendar_days, chains, reasons, sync
from screening.readers import Reader, call, child, sealed_row, sent_to

# A visit that was to be here and is not is asked for after so long (security 3, P5).
LATE = timedelta(hours=24)

Item = dict[str, Any]


def missing(reader: Reader) -> list[Item]:
    """Visits that must exist and have not come: forks of a chain, numbers missing in it, planned visits a day over."""
    forks, gaps = chains.forks(reader.store, None, reader.now), sync.gaps(reader.store, None, reader.now - LATE)
    return (
        [fork(reader, one) for one in of_hers(reader, forks)]
        + [gap(reader, one) for one in of_hers(reader, gaps)]
        + [unmet(reader, row) for row in unmet_rows(reader)]
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


def unmet(reader: Reader, row: dict[str, Any]) -> Item:
    details = reader.store.opened("families", sealed_row(row, "family", "details_sealed"), "details_sealed")
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
    } | child(reader, details)  # fmt: skip


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
