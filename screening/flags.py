"""Which visits a team lead must look at, why, and until when."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from screening import calendar_days, parents, teams
from screening.evaluation import STATUSES
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


def floored(known: Known) -> int | None:
    """The level of a visit that no lead has decided on: its final one; corrected, not below what was decided before."""
    levels = (known["result"]["final"], (known["decided"] or {}).get("level"))
    return max((level for level in levels if level is not None), default=None)


def together(past: list[Known], visit: Known) -> list[Known]:
    """A visit with the talks that complete it, or a talk with the visit it completes and that one's other talks.

    ``past`` as ``families.encounters``. A talk that named a visit belongs to what has corrected it since.
    """
    now_at = {id: one["id"] for one in past for id in (one["id"], *one["known"]["instead_of"])}
    root = {one["id"]: now_at.get(one["completes"], one["id"]) for one in past}
    return [one for one in past if root[one["id"]] == root[visit["id"]]]


def clarity(group: list[Known], visit: Known) -> Known:
    """How clear it is after a visit and its talks whether each parent is safe: safety by parent, and badge, the worst.

    What a parent said in one of them is known, whether or not she was asked again; what somebody else said who was in
    her place then is not hers.
    """
    safety: dict[str, str] = {}
    for one in group:
        others = parents.others(one["parents"], visit["parents"])
        for parent, status in one["known"]["result"]["safety"].items():
            if parent not in others:
                safety[parent] = max(status, safety.get(parent, status), key=STATUSES.index)
    return {"safety": safety, "badge": min(safety.values(), key=STATUSES.index, default=STATUSES[0])}


def cleared(known: Known) -> dict[str, Any]:
    """A visit's result with what the talks that complete it have made clear."""
    result, badge = known["result"], known["clarity"]["badge"]
    reasons = [id for id in result["reasons"] if id != result["badge"]]
    return result | known["clarity"] | {"reasons": reasons if badge == STATUSES[-1] else [*reasons, badge]}


def other_home(one: Known, other: Known) -> bool:
    """Whether two visits were made in the homes of two parents who live apart (FR24)."""
    homes = {one.get("household"), other.get("household")}
    return None not in homes and len(homes) == 2


def why(known: Known, attempts: int, moved: Iterable[str] = ()) -> list[str]:
    """Why a visit needs a lead; or nothing.

    Among level, flags, discrepant, lower, not_clarified, twice, corrected, finished (a preliminary visit that a lead
    had decided on), preliminary, left_out (an answer could not be read), and what ``moved`` names: worse, persistent.
    ``known`` is what is kept of a visit; ``attempts`` how many visits so far left safety unclarified.
    """
    result = known["result"]
    reasons = {
        "level": (floored(known) or 0) >= 2,
        "flags": bool(result["flags"]),
        "discrepant": result["discrepant"],
        "lower": "lower" in result["reasons"],
        "not_clarified": known["clarity"]["badge"] == "not_clarified" and attempts >= ATTEMPTS,
        "twice": known["twice"],
        "corrected": bool(known["decided"]) and not known["decided"].get("preliminary"),
        "finished": bool(known["decided"]) and bool(known["decided"].get("preliminary")),
        "preliminary": bool(known.get("preliminary")),
        "left_out": bool(known.get("left_out")),
    }
    return [*(name for name, true in reasons.items() if true), *moved]


def deadline(known: Known, received: datetime, place: Municipality) -> datetime:
    """Until when a lead should have looked at a visit that came at a moment; in UTC.

    Who sends a preliminary visit from the living room waits for an answer the same day, whatever the level.
    """
    level = floored(known)
    if level == 3 or known.get("preliminary") or any(rule in known["result"]["flags"] for rule in TODAY):
        return calendar_days.within_hours(received, SAME_DAY_HOURS, place)
    days = ORANGE_DAYS if level == 2 else OTHER_DAYS
    return calendar_days.within_days(received, days, place)


def firm_floor(result: dict[str, Any]) -> int:
    """The level below which nobody may set this visit; 0 where there is none."""
    return max((result["flags"].get(rule, 0) for rule in FIRM), default=0)


def raise_review(
    store: Store, encounter: dict[str, Any], known: Known, reasons: list[str], now: datetime, place: Municipality
) -> str:
    """Put a visit on a lead's list, inside the caller's transaction; gives the review's id.

    ``encounter``: id, family, received_at and sealed_for, and in ``replaced`` the ids of the visits whose place it
    takes. It keeps their open review's deadline when that is the earlier one, and who had it and stood in.
    """
    team = store.row("SELECT team FROM families WHERE id = :id", id=encounter["family"])["team"]
    team, owner, deputy = who_looks(store, team)
    until = deadline(known, parse_utc(encounter["received_at"]), place)
    earlier = withdraw(store, encounter["family"], encounter.get("replaced", ()), now)
    if held := next((one for one in earlier if one["owner"]), None):
        owner, deputy = held["owner"], held["deputy"]
    id = new_id(now)
    store.add(
        "reviews", id=id, encounter=encounter["id"], family=encounter["family"], team=team, state="open", owner=owner,
        deputy=deputy, opened_at=utc(now), closed_at=None, sealed_for=encounter["sealed_for"],
        summary_sealed={"why": reasons, "deadline": min([utc(until), *(one["deadline"] for one in earlier)])},
    )  # fmt: skip
    return id


def withdraw(store: Store, family: str, encounters: Iterable[str], now: datetime) -> list[Known]:
    """Take replaced visits' open reviews off the list; gives of each its deadline, owner and deputy."""
    rows = [
        row
        for encounter in encounters
        for row in store.rows(
            "SELECT id, owner, deputy, sealed_for, summary_sealed FROM reviews"
            " WHERE family = :family AND encounter = :encounter AND state = 'open'",
            family=family,
            encounter=encounter,
        )
    ]
    for row in rows:
        store.change("reviews", row["id"], state="replaced", closed_at=utc(now))
    return [
        {"deadline": store.opened("reviews", row, "summary_sealed")["deadline"]}
        | {name: row[name] for name in ("owner", "deputy")}
        for row in rows
    ]


def who_looks(store: Store, team: str) -> tuple[str, str | None, str | None]:
    """The team a visit is looked at in, its lead, and who stands in.

    Leads of the team come before those who lead several, and these before those who lead all. Another team's are asked
    only where there is neither.
    """
    rows = store.rows("SELECT id, team FROM people WHERE role = 'lead' AND disabled_at IS NULL ORDER BY username")
    leads = sorted(rows, key=lambda one: (team not in teams.named(one["team"]), len(teams.named(one["team"]))))
    own = [one for one in leads if teams.leads(one["team"], team)]
    first, second, *_ = [one["id"] for one in own or leads] + [None, None]
    return team, first, second


def who(result: dict[str, Any], reason: str, language: str) -> str | None:
    """Whom a reason is about, as staff say it: ``Forælder 1``; None when it is the case, or both."""
    names = [name for name in result["whose"].get(reason, ()) if name.startswith("parent")]
    if len(names) != 1:
        return None
    return f"{'Forælder' if language == 'da' else 'Parent'} {names[0][-1]}"
