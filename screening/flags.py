"""Which visits a team lead must look at, why, and until when."""

from datetime import datetime
from typing import Any

from screening import calendar_days
from screening.municipality import Municipality
from screening.store import Store, new_id, parse_utc, utc

# Working time until a lead has looked (domain guide 6, H12 and H13): hours on the same working day, or working days.
SAME_DAY_HOURS = 4
ORANGE_DAYS = 2
OTHER_DAYS = 5
# A child may be in danger, or somebody is afraid now; these floors no lead can undercut (domain guide 5.5.4, 7.1).
DANGER = ("R01", "R04")
FIRM = ("R01", "R02", "R03", "R04")
# Cards without a level that want somebody the same day (domain guide 5.4).
TODAY = ("R15", "R16")
ATTEMPTS = 2

Known = dict[str, Any]


def why(known: Known, attempts: int) -> list[str]:
    """Why a visit needs a lead: among level, flags, discrepant, lower, not_clarified and twice; empty when it does not.

    ``known`` is what is kept of a visit; ``attempts`` how many visits so far left safety unclarified.
    """
    result = known["result"]
    reasons = {
        "level": (result["final"] or 0) >= 2,
        "flags": bool(result["flags"]),
        "discrepant": result["discrepant"],
        "lower": "lower" in result["reasons"],
        "not_clarified": result["badge"] == "not_clarified" and attempts >= ATTEMPTS,
        "twice": known["twice"],
    }
    return [name for name, true in reasons.items() if true]


def deadline(result: dict[str, Any], received: datetime, place: Municipality) -> datetime:
    """Until when a lead should have looked at a visit that came at a moment; in UTC."""
    if result["final"] == 3 or any(rule in result["flags"] for rule in TODAY):
        return calendar_days.within_hours(received, SAME_DAY_HOURS, place)
    days = ORANGE_DAYS if result["final"] == 2 else OTHER_DAYS
    return calendar_days.within_days(received, days, place)


def firm_floor(result: dict[str, Any]) -> int:
    """The level below which nobody may set this visit; 0 where there is none."""
    return max((result["flags"].get(rule, 0) for rule in FIRM), default=0)


def raise_review(
    store: Store, encounter: dict[str, Any], known: Known, reasons: list[str], now: datetime, place: Municipality
) -> str:
    """Put a visit on a lead's list, inside the caller's transaction; gives the review's id.

    ``encounter``: id, family, received_at and sealed_for. A visit that replaces another keeps the other's deadline when
    that is the earlier one.
    """
    team = store.row("SELECT team FROM families WHERE id = :id", id=encounter["family"])["team"]
    team, owner, deputy = who_looks(store, team)
    until = deadline(known["result"], parse_utc(encounter["received_at"]), place)
    earlier = withdraw(store, encounter["family"], encounter.get("replaces"), now)
    id = new_id(now)
    store.add(
        "reviews", id=id, encounter=encounter["id"], family=encounter["family"], team=team, state="open", owner=owner,
        deputy=deputy, opened_at=utc(now), closed_at=None, sealed_for=encounter["sealed_for"],
        summary_sealed={"why": reasons, "deadline": min([utc(until), *earlier])},
    )  # fmt: skip
    return id


def withdraw(store: Store, family: str, encounter: str | None, now: datetime) -> list[str]:
    """Take a replaced visit's open reviews off the list; gives their deadlines."""
    if encounter is None:
        return []
    rows = store.rows(
        "SELECT id, sealed_for, summary_sealed FROM reviews"
        " WHERE family = :family AND encounter = :encounter AND state = 'open'",
        family=family,
        encounter=encounter,
    )
    for row in rows:
        store.change("reviews", row["id"], state="replaced", closed_at=utc(now))
    return [store.opened("reviews", row, "summary_sealed")["deadline"] for row in rows]


def who_looks(store: Store, team: str) -> tuple[str, str | None, str | None]:
    """The team a visit is looked at in, its lead, and who stands in. Another's lead looks after a team without one."""
    leads = store.rows(
        "SELECT id, team FROM people WHERE role = 'lead' AND disabled_at IS NULL"
        " ORDER BY CASE WHEN team = :team THEN 0 ELSE 1 END, username",
        team=team,
    )
    if not leads:
        return team, None, None
    return leads[0]["team"], leads[0]["id"], leads[1]["id"] if len(leads) > 1 else None


def who(result: dict[str, Any], reason: str, language: str) -> str | None:
    """Whom a reason is about, as staff say it: ``Forælder 1``; None when it is the case, or both."""
    names = [name for name in result["whose"].get(reason, ()) if name.startswith("parent")]
    if len(names) != 1:
        return None
    return f"{'Forælder' if language == 'da' else 'Parent'} {names[0][-1]}"
