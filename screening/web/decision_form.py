"""The decision as it is offered on a family's page, and as it was typed."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from math import ceil
from typing import Any

from werkzeug.datastructures import MultiDict

from screening import calendar_days, couple_gate, decisions, flags, instrument
from screening.web.family_course import decision_lines, decision_title
from screening.web.language import language

Row = dict[str, Any]

# More suggestions than these hide the ones that matter.
MOST_ROWS = 6
# When nothing says by when, this is offered.
USUAL = timedelta(days=7)


def typed(form: MultiDict[str, str]) -> Row:
    """What was sent, as decisions.py takes it.

    The page names every row of the plan in ``row``, so that who and when of a row that was not chosen fall away;
    without ``row`` the first ``action`` goes with the first ``responsible`` and ``due``, and so on.
    """
    whole = {name: form.get(name, "") for name in ("decision", "level", "reason", "note", "seen", "closing")}
    if whole["decision"] == "close" and "closing" in form:
        whole["reason"] = whole["closing"]
    return whole | {"plan": plan(form)}


def plan(form: MultiDict[str, str]) -> list[Row]:
    rows, actions = form.getlist("row"), form.getlist("action")
    whole = zip(form.getlist("responsible"), form.getlist("due"), strict=False)
    if not rows:
        return [made(action, *one) for action, one in zip(actions, whole, strict=False)]
    own = actions[-1] if actions else ""
    chosen = [(row if row in actions else "") if row else own for row in rows]
    return [made(action, *one) for action, one in zip(chosen, whole, strict=False) if action.strip()]


def made(action: str, responsible: str, due: str) -> Row:
    return {"action": action, "responsible": responsible, "due": due}


def offered(
    home: Row,
    visit: Row | None,
    closed: str | None,
    decided: list[Row],
    team: list[Row],
    person: Row,
    now: datetime,
    typed: Row | None,
    conflict: bool,
    restored: bool,
) -> Row | None:
    """What the form offers for a visit; None where there is nothing to decide on.

    ``closed``: since when the couple gate is, or None. ``typed`` is put back as it was; after a conflict the newest
    decision counts as seen, because it is shown.
    """
    if not visit or visit["state"] != "current":
        return None
    written = typed or {"decision": "", "level": "", "reason": "", "note": "", "closing": "", "plan": []}
    proposed = decisions.proposal([one for one in decided if one["encounter"] == visit["id"]])
    newest, firm = decided[0] if decided else None, flags.firm_floor(visit["result"])
    seen = newest["id"] if newest else ""
    return {
        # What was typed before the sign-in ended was decided on what was seen then.
        "seen": written.get("seen", "") if restored else seen,
        "done": done(next((one for one in decided if one["encounter"] == visit["id"]), newest if conflict else None)),
        "levels": [level for level in (3, 2, 1, 0) if level >= firm and level != visit["standing"]],
        "firm": firm,
        "proposed": proposed,
        "own_proposal": bool(proposed) and proposed["person"] == person["id"],
        "people": sorted(
            (one for one in team if decisions.can_answer(one, home, person)),
            key=lambda one: (one["id"] != home["visitor"], one["id"] != person["id"], one["name"]),
        ),
        "rows": rows(home, visit, closed, person, calendar_days.day(now), written["plan"]),
        "own": own_row(written["plan"], visit, closed, home),
        "typed": written,
    }  # fmt: skip


def done(decision: Row | None) -> Row | None:
    """The newest decision in words."""
    if not decision:
        return None
    return {"title": decision_title(decision), "by": decision["by"], "at": decision["decided_at"],
            "lines": decision_lines(decision)[1:]}  # fmt: skip


def suggested(visit: Row, closed: str | None) -> list[Row]:
    """The guide's actions for this visit that somebody must choose to do, the most urgent first.

    While the couple gate is ``closed`` nothing is offered to both together (FR20).
    """
    own = instrument.load(visit["instrument"])
    actions = (own.action(id) for id in couple_gate.allowed(visit["result"]["actions"], bool(closed)))
    return [one for one in actions if not one["automatic"]][:MOST_ROWS]


def rows(home: Row, visit: Row, closed: str | None, person: Row, today: date, written: Iterable[Row]) -> list[Row]:
    """A row for each suggested action: who and when as typed, else as the guide says."""
    kept = {one["action"]: one for one in written}
    found = []
    for action in suggested(visit, closed):
        usual = {"responsible": usual_person(home, action, person), "due": usual_day(action, today).isoformat()}
        found.append(
            usual | kept.get(action["id"], {})
            | {"action": action["id"], "label": action["label"][language()], "deadline": action["deadline"][language()],
               "chosen": action["id"] in kept}
        )  # fmt: skip
    return found


def usual_person(home: Row, action: Row, person: Row) -> str:
    return (home["visitor"] or person["id"]) if action["responsible"][0] == "visitor" else person["id"]


def usual_day(action: Row, today: date) -> date:
    hours = action.get("within_hours")
    return today + (USUAL if hours is None else timedelta(days=ceil(hours / 24) if hours >= 24 else 0))


def own_row(written: list[Row], visit: Row, closed: str | None, home: Row) -> Row:
    """What was typed as an action of one's own."""
    known = {one["id"] for one in suggested(visit, closed)}
    own = [one for one in written if one["action"] not in known]
    return own[-1] if own else made("", home["visitor"] or "", "")
