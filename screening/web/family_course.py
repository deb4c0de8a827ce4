"""What has happened in a family and what is to come: visits, notes and decisions, tasks and due visits, as lines."""

from datetime import datetime
from typing import Any

from screening import duties, notifying
from screening.calendar_days import day as day_of
from screening.web.family_page import gone, title, unclear, visit_title
from screening.web.language import day, language, local_clock, moment
from screening.web.language import gettext as _

Row = dict[str, Any]


def course(
    visits: list[Row], decided: list[Row], noted: list[Row], names: dict[str, str], here: str | None
) -> list[Row]:
    """Visits, notes and decisions, newest first."""
    rows = [
        {"at": one["ended_at"], "kind": "visit", "title": title(one),
         "when": moment(one["ended_at"]),
         "level": one["result"]["final"], "unclear": unclear(one["result"]), "lines": visit_lines(one),
         "encounter": one["id"], "here": one["id"] == here}
        for one in visits
    ] + [
        {"at": one["decided_at"], "kind": "decision", "title": decision_title(one), "when": moment(one["decided_at"]),
         "lines": decision_lines(one), "decision": one["id"], "here": False}
        for one in decided
    ] + [
        {"at": one["at"], "kind": "note", "title": note_title(one), "when": moment(one["at"]),
         "lines": note_lines(one, names), "note": one["id"], "here": False}
        for one in noted
    ]  # fmt: skip
    return sorted(rows, key=lambda row: row["at"], reverse=True)


def visit_lines(visit: Row) -> list[str]:
    lines = [visit["by"]]
    if visit["state"] != "current":
        lines.append(gone(visit))
    lines += [reason["headline"] + "." for reason in visit["reasons"][:1]]
    return lines


def note_title(note: Row) -> str:
    """What was noted, in as few words as it takes."""
    titles = {
        "not_home": _("Ingen hjemme"), "declined": _("Ønsker ikke besøg"), "postponed": _("Besøg udsat"),
        "moved": _("Familien er flyttet"), "not_offered": _("Besøg ikke tilbudt"), "planned": _("Besøg aftalt"),
        "parents": _("Forældre rettet"), "new_family": _("Ny familie"), "task_done": _("Handling gjort"),
    }  # fmt: skip
    name = titles[note["kind"]]
    return f"{name} – {visit_title(note['visit'])}" if note.get("visit") else name


def note_lines(note: Row, names: dict[str, str]) -> list[str]:
    """Who noted it, why, what was agreed, and what she wrote."""
    data, lines = note["data"], [names.get(note["person"], "")]
    if reason := data.get("reason"):
        lines.append(reason_word(reason))
    if at := data.get("planned"):
        lines.append(_("Ny tid: %(day)s %(clock)s") % {"day": day(at[:10]), "clock": local_clock(at[11:16])})
    if data.get("separated"):
        lines.append(_("Forældrene bor hver for sig"))
    return [*lines, *(text for text in (data.get("others"), data.get("text")) if text)]


def reason_word(reason: str) -> str:
    return {
        "time": _("Ingen tid"), "ill": _("Sygdom"), "language": _("Sprog"), "declined": _("Ønskede det ikke"),
        "unsafe": _("Ikke trygt"), "moved": _("Flyttet"), "other": _("Andet"),
    }[reason]  # fmt: skip


def decision_title(decided: Row) -> str:
    titles = {
        "agree": _("Afgørelse: enig"), "change": _("Afgørelse: niveau ændret"), "plan": _("Afgørelse: plan"),
        "close": _("Afgørelse: følges ikke mere"), "withdraw": _("Forslag trukket tilbage"),
        notifying.KIND: _("Afgørelse: underretning"),
    }  # fmt: skip
    return titles[decided["decision"]]


def decision_lines(decided: Row) -> list[str]:
    """Who decided, and what was written."""
    lines = [decided["by"]]
    if decided["decision"] == notifying.KIND:
        lines.append(notification_word(decided["choice"]))
        if decided["again"]:
            lines.append(_("Tages op igen %(day)s") % {"day": day(decided["again"])})
    if decided["awaits_second"]:
        lines.append(_("Venter på, at en teamleder mere er enig."))
    return [*lines, *(text for text in (decided["reason"], decided["note"]) if text)]


def notification_word(choice: str) -> str:
    return {"sent": _("Er sendt"), "will": _("Skal sendes"), "not_now": _("Ikke nu")}[choice]


def ahead(family: Row, names: dict[str, str], person: str, now: datetime) -> list[Row]:
    """Open tasks and due visits, the next first. ``mine``: the reader's own task, which she can tick off.

    ``decides``: a task that is not ticked off but decided.

    What has to be decided about a notification today stands first, whatever its date (FR19).
    """
    today = day_of(now).isoformat()
    rows = [
        {"at": one["due"], "kind": "ahead", "title": one["text"][language()], "when": f"{_('frist')} {day(one['due'])}",
         "lines": [names.get(one["responsible"], "")], "task": one["id"], "mine": one["responsible"] == person,
         "urgent": one["action"] == duties.UNDECIDED, "over": one["due"] < today,
         "decides": one["action"] == duties.UNDECIDED}
        for one in family["tasks"]
    ] + [
        {"at": (one["planned"] or one["closes"])[:10], "kind": "ahead", "title": visit_title(one["visit"]),
         "when": planned(one), "lines": []}
        for one in family["visits"] if one["state"] == "open"
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (not row.get("urgent"), row["at"]))


def planned(visit: Row) -> str:
    """When a visit is agreed, else until when it is in time."""
    if visit["planned"]:
        return f"{day(visit['planned'][:10])} {local_clock(visit['planned'][11:16])}"
    return f"{day(visit['opens'])} – {day(visit['closes'])}"
