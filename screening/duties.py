"""What a visit leaves to be done: by whom, and before which day. It comes back to the tablet with the next caseload.

Four sources: the actions the visitor has chosen (v8), the date of the next contact (v9), the talk alone that is owed
(FR16), and what the rules ask for whatever she chose: to decide about a notification (FR19), to write it and see that
it was received (domain guide 2.1), and to book an interpreter where a relative interpreted (FR17).
"""

from datetime import date, datetime, timedelta
from typing import Any

from screening import calendar_days, couple_gate, families, flags, responses, tasks
from screening.municipality import Municipality
from screening.store import Store

# The talk with each parent alone that is owed when nobody was asked alone (FR16).
PRIVATE_TALK = "H18"
PRIVATE_TALK_DAYS = timedelta(days=14)
# The notification that follows from "yes" to v2 (domain guide 6), and the actions that are done when one was sent.
NOTIFY = "H19"
NOTIFIED = ("H02", "H04", NOTIFY)
# A rule wants it decided, and the visitor has not said yes (FR19).
UNDECIDED = "notification"
CONFIRMATION, FEEDBACK, INTERPRETER, CONTACT = "confirmation", "feedback", "interpreter", "contact"
WORDS = {
    UNDECIDED: {"da": "Tag stilling til underretning i dag", "en": "Decide about a notification today"},
    CONFIRMATION: {"da": "Er underretningen bekræftet modtaget?", "en": "Was the notification confirmed as received?"},
    FEEDBACK: {"da": "Er der svar på underretningen?", "en": "Is there an answer to the notification?"},
    INTERPRETER: {"da": "Bestil tolk", "en": "Book an interpreter"},
    CONTACT: {"da": "Næste kontakt", "en": "Next contact"},
}
CONFIRMED_WITHIN, ANSWERED_WITHIN = 6, timedelta(days=28)
# Soon enough for the talk within 14 days that a closed form C asks for.
INTERPRETER_WITHIN = 2
# The guide's times up to ten days are working days; longer ones are weeks and months of the calendar.
LONGEST_IN_WORKING_DAYS = 10
# What the guide has done before the visit ends leaves nothing behind, or a second step after so many working days.
IN_THE_VISIT = {"H01": None, "H17": None, "H03": 1, "H10": 5}
# "At the next contact" is its day where one is agreed; "when the child is 4½ months" is months and days after birth.
AT_NEXT_CONTACT, AT_AGE = "H24", {"H27": (4, 15)}

Row = dict[str, Any]
Duty = dict[str, Any]


def settle(store: Store, visit: Row, past: list[Row], finished: date, place: Municipality, now: datetime) -> None:
    """Write down what a visit leaves to be done. Inside the caller's transaction.

    ``visit`` as judging reads it, with ``couple_block``: the couple gate is closed; ``past`` as
    ``families.encounters`` with it; ``finished`` is its day. What a visit whose place it takes had left is carried on:
    open ones with the date they had, done ones stay done.
    """
    wanted = of_visit(store, visit, finished, place)
    if not visit["known"]["preliminary"]:
        close(store, visit, past, now)
        owe_private_talk(store, visit, past, finished, now)
    if visit["couple_block"]:
        withdraw_offers(store, visit["home"]["id"], now)
    kept = carried(store, visit)
    for duty in wanted:
        if duty["action"] not in kept:
            add(store, visit, duty, now)
    for task in kept.values():
        carry(store, visit, task, {one["action"]: one for one in wanted}, now)


def of_visit(store: Store, visit: Row, finished: date, place: Municipality) -> list[Duty]:
    """The tasks that follow from a visit: action, text, responsible, due. Without the talk alone."""
    payload, decides = visit["payload"], responses.text_of(visit["payload"], "D", "v2")
    whom = responsible(store, visit)
    ids = couple_gate.allowed(responses.text_of(payload, "D", "v8") or (), visit["couple_block"])
    found = [chosen(store, visit, id, finished, whom, place) for id in ids]
    if decides == "yes":
        label = visit["instrument"].action(NOTIFY)["label"]
        found += [
            {"action": NOTIFY, "text": label, "due": finished},
            {"action": CONFIRMATION, "due": working_day(finished, CONFIRMED_WITHIN, place)},
            {"action": FEEDBACK, "due": no_later(finished + ANSWERED_WITHIN, place)},
        ]
    elif UNDECIDED in visit["known"]["result"]["gates"]:
        found.append({"action": UNDECIDED, "due": finished})
    if visit["known"]["unsure"]:
        found.append({"action": INTERPRETER, "due": working_day(finished, INTERPRETER_WITHIN, place)})
    if next_contact := responses.text_of(payload, "D", "v9"):
        found.append({"action": CONTACT, "due": date.fromisoformat(next_contact)})
    usual = {"responsible": whom["visitor"]}
    return list({one["action"]: usual | {"text": WORDS.get(one["action"])} | one for one in found if one}.values())


def withdraw_offers(store: Store, family: str, now: datetime) -> None:
    """What an earlier visit or plan wanted to offer to both together is not to be done while the couple gate is closed.

    The visit that closes it stands on the lead's list, and the family's page says why.
    """
    for task in tasks.of_family(store, family):
        if task["action"] in couple_gate.OFFERS:
            tasks.drop(store, task, now)


def chosen(store: Store, visit: Row, id: str, finished: date, whom: dict[str, str], place: Municipality) -> Duty | None:
    """A task of an action that the visitor has chosen; None for what is over with the visit or comes by itself."""
    action = visit["instrument"].action(id)
    if action["automatic"] or id == PRIVATE_TALK or IN_THE_VISIT.get(id, 0) is None:
        return None
    first = action["responsible"][0]
    due = last_day(store, visit, action, finished, place)
    return {"action": id, "text": action["label"], "responsible": whom[first if first in whom else "lead"], "due": due}


def last_day(store: Store, visit: Row, action: dict[str, Any], finished: date, place: Municipality) -> date:
    """By when a chosen action is to be done, as the tablet has said it (static/visitor/screens/guide.js, ``due``)."""
    id, next_contact = action["id"], responses.text_of(visit["payload"], "D", "v9")
    if id == AT_NEXT_CONTACT and next_contact:
        return date.fromisoformat(next_contact)
    if id in AT_AGE:
        months, days = AT_AGE[id]
        birth = families.youngest(families.opened(store, visit["home"]))
        return calendar_days.months_after(birth, months) + timedelta(days=days)
    if id in IN_THE_VISIT:
        return working_day(finished, IN_THE_VISIT[id], place)
    return within(finished, action["within_hours"], place)


def responsible(store: Store, visit: Row) -> dict[str, str]:
    """visitor and lead -> whose task it is: the family's visitor, and who looks at its visits."""
    visitor = visit["home"]["visitor"] or visit["person"]
    lead = flags.who_looks(store, visit["home"]["team"])[1]
    return {"visitor": visitor, "lead": lead or visitor}


# ── by when ──


def within(start: date, hours: int, place: Municipality) -> date:
    """The last day of an action the guide wants within so many hours of a visit on a day.

    Less than a day is the same day, also when the office is closed: a child does not wait for Monday. Up to ten days
    are working days of the municipality. What is longer ends on the calendar's day, or the working day before it.
    """
    days = hours // 24
    if days <= LONGEST_IN_WORKING_DAYS:
        return working_day(start, days, place)
    return no_later(start + timedelta(days=days), place)


def working_day(start: date, days: int, place: Municipality) -> date:
    """The so-manieth working day after a day; 0 is the day itself."""
    for _ in range(days):
        start = calendar_days.next_working(start, place)
    return start


def no_later(last: date, place: Municipality) -> date:
    """A day, or the last working day before it."""
    while not calendar_days.is_working(last, place):
        last -= timedelta(days=1)
    return last


# ── what was there already ──


def carried(store: Store, visit: Row) -> dict[str, Row]:
    """Action -> the task that a visit has from those whose place it takes."""
    rows = store.rows("SELECT * FROM tasks WHERE family = :family ORDER BY id", family=visit["home"]["id"])
    own = [tasks.opened(store, row) for row in rows if row["encounter"] in visit["known"]["instead_of"]]
    return {one["action"]: one for one in own if one["decision"] is None and one["action"]}


def carry(store: Store, visit: Row, task: Row, wanted: dict[str, Duty], now: datetime) -> None:
    """One task goes on under the visit that stands in its visit's place, or falls away with what asked for it."""
    if task["state"] != "open":
        return
    if task["action"] not in (*wanted, PRIVATE_TALK):
        return tasks.drop(store, task, now)
    moved = {"due": wanted[CONTACT]["due"].isoformat()} if task["action"] in (CONTACT, AT_NEXT_CONTACT) else {}
    store.change("tasks", task["id"], encounter=visit["payload"]["encounter"], **moved)
    return None


def close(store: Store, visit: Row, past: list[Row], now: datetime) -> None:
    """End what this visit has done: the next contact, a professional interpreter, the decision to notify."""
    payload, own = visit["payload"], {visit["payload"]["encounter"], *visit["known"]["instead_of"]}
    ended = set()
    if payload["replaces"] is None:
        ended.add(CONTACT)
    if responses.interpreted(payload) and not visit["known"]["unsure"]:
        ended.add(INTERPRETER)
    if responses.text_of(payload, "D", "v2") == "yes":
        ended.add(UNDECIDED)
    homes = {one["id"]: one["known"] for one in past}
    for task in tasks.of_family(store, visit["home"]["id"]):
        elsewhere = flags.other_home(visit["known"], homes.get(task["encounter"], {}))
        if task["action"] in ended and task["encounter"] not in own and not elsewhere:
            tasks.end(store, task, visit["person"], now)


def add(store: Store, visit: Row, duty: Duty, now: datetime) -> None:
    tasks.add(
        store, visit["home"]["id"], visit["home"]["sealed_for"], duty["text"], duty["responsible"], duty["due"], now,
        action=duty["action"], encounter=visit["payload"]["encounter"], once=once(visit, duty["action"]),
    )  # fmt: skip


def once(visit: Row, action: str) -> str | None:
    """What makes a task the same as an earlier visit's: the guide's action, in one home. A notification never is."""
    if action in (*NOTIFIED, UNDECIDED, CONFIRMATION, FEEDBACK, INTERPRETER, CONTACT):
        return None
    return " ".join(filter(None, (action, visit["known"].get("household"))))


def owe_private_talk(store: Store, visit: Row, past: list[Row], finished: date, now: datetime) -> None:
    """When not everybody was asked alone, or did not answer, another talk is owed within 14 days (FR16).

    What is owed in the one of two homes is not settled in the other.
    """
    homes = {id: one["known"] for one in past for id in (one["id"], *one["known"]["instead_of"])}
    owed = [
        task for task in tasks.of_family(store, visit["home"]["id"])
        if task["action"] == PRIVATE_TALK and not flags.other_home(visit["known"], homes.get(task["encounter"], {}))
    ]  # fmt: skip
    if not owes_talk(visit["known"]):
        for task in owed:
            tasks.end(store, task, visit["person"], now)
    elif not owed:
        label = visit["instrument"].action(PRIVATE_TALK)["label"]
        usual = responsible(store, visit)["visitor"]
        due = finished + PRIVATE_TALK_DAYS
        add(store, visit, {"action": PRIVATE_TALK, "text": label, "responsible": usual, "due": due}, now)


def owes_talk(known: Row) -> bool:
    """Whether somebody was not asked alone, or preferred not to answer three or more of what is asked (5.4)."""
    result = known["result"]
    silent = PRIVATE_TALK in result["actions"] and result["badge"] != "not_clarified"
    return silent or known["clarity"]["badge"] == "not_clarified"


# ── what is known of a notification ──


def registered(store: Store, family: str) -> bool:
    """Whether a visitor has ticked off a notification as sent."""
    rows = store.rows("SELECT * FROM tasks WHERE family = :family AND state = 'done'", family=family)
    return any(tasks.opened(store, row)["action"] in NOTIFIED for row in rows)


def unwritten(store: Store, family: str) -> bool:
    """Whether somebody must still decide about a notification, or write one that was decided."""
    return any(one["action"] in (UNDECIDED, *NOTIFIED) for one in tasks.of_family(store, family))


def undecided(store: Store, family: str) -> bool:
    """Whether somebody must still decide about a notification: the red task of FR19."""
    return any(one["action"] == UNDECIDED for one in tasks.of_family(store, family))
