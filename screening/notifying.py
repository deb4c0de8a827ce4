"""A lead sees to it that a notification is decided: that it was sent, that it will be, or why not now.

Ticking the task off decides nothing. "Not now" stands for three days at most and is asked again; it takes nothing from
the visitor, whose duty is her own and whom nobody can stop (domain guide 2.1, 7.3).
"""

from datetime import date, datetime, timedelta
from typing import Any

from screening import audit, calendar_days, changes, decisions, duties, families, instrument, people, tasks
from screening.errors import NotAllowed, NotAnswerable, NotFound
from screening.municipality import Municipality
from screening.store import Store, new_id, utc

KIND = "notification"
CHOICES = ("sent", "will", "not_now")
AGAIN_DAYS = timedelta(days=3)

ABSENT = "Opgaven findes ikke mere. Gå tilbage til familien."


def decide(
    store: Store,
    family: str,
    task: str,
    form: dict[str, Any],
    by: people.Person,
    now: datetime,
    place: Municipality,
) -> str:
    """Keep what a lead says about a notification that is to be decided; gives the decision's id.

    ``form``: choice (sent, will, not_now), reason, again (the day it is asked again, ``2026-11-25``); the last two for
    not_now. What was sent or will be has its tasks: written, confirmed within 6 working days, answered within 28 days.
    Raises NotAllowed, NotFound for a task that does not wait, NotAnswerable with what is missing.
    """
    if by["role"] != "lead":
        raise NotAllowed("Kun en teamleder kan afgøre et besøg.")
    home = families.get(store, family, by)
    with store.transaction():
        if same := decisions.said_before(store, family, form.get("key"), by):
            return same
        found = next((one for one in tasks.of_family(store, family) if one["id"] == task), None)
        if not found or found["action"] != duties.UNDECIDED:
            raise NotFound(ABSENT)
        said = checked(form, calendar_days.day(now))
        if said["choice"] == "not_now":
            store.change("tasks", task, due=said["again"])
        else:
            tasks.end(store, found, by["id"], now)
            follow(store, home, found, said["choice"], by, now, place)
        return keep(store, home, found, said | ({"key": form["key"]} if form.get("key") else {}), by, now)


def checked(form: dict[str, Any], today: date) -> dict[str, Any]:
    """choice, reason and again as they are kept. Raises NotAnswerable."""
    choice, reason = form.get("choice"), decisions.words(form.get("reason"))
    if choice not in CHOICES:
        raise NotAnswerable("Vælg, om underretningen er sendt, skal sendes eller ikke sendes nu.")
    if choice != "not_now":
        return {"choice": choice, "reason": reason, "again": None}
    if not reason:
        raise NotAnswerable("Skriv, hvorfor der ikke underrettes nu.")
    again = form.get("again")
    if not calendar_days.is_day(again) or not today <= date.fromisoformat(again) <= today + AGAIN_DAYS:
        raise NotAnswerable("Vælg en dag inden for tre dage, hvor der tages stilling igen.")
    return {"choice": choice, "reason": reason, "again": again}


def follow(
    store: Store,
    home: families.Family,
    task: tasks.Task,
    choice: str,
    by: people.Person,
    now: datetime,
    place: Municipality,
) -> None:
    """What a notification that is sent leaves to be done, each once; and that it was sent, or is to be."""
    today, whom = calendar_days.day(now), home["visitor"] or by["id"]
    written = [one for one in tasks.of_family(store, home["id"]) if one["action"] in duties.NOTIFIED]
    wanted = {
        duties.CONFIRMATION: duties.working_day(today, duties.CONFIRMED_WITHIN, place),
        duties.FEEDBACK: duties.no_later(today + duties.ANSWERED_WITHIN, place),
    } | ({} if written else {duties.NOTIFY: today})
    there = {one["action"] for one in tasks.of_family(store, home["id"])}
    for action in wanted.keys() - there:
        text = duties.WORDS.get(action) or instrument.load().action(action)["label"]
        tasks.add(
            store, home["id"], home["sealed_for"], text, whom, wanted[action], now, action=action,
            encounter=task["encounter"],
        )  # fmt: skip
    if choice == "sent":
        for one in tasks.of_family(store, home["id"]):
            if one["action"] in duties.NOTIFIED:
                tasks.end(store, one, by["id"], now)


def keep(
    store: Store, home: families.Family, task: tasks.Task, said: dict[str, Any], by: people.Person, now: datetime
) -> str:
    """It stands among the family's decisions, and says nothing of the level."""
    id, family = new_id(now), home["id"]
    store.add(
        "decisions", id=id, review=None, encounter=task["encounter"] or "", family=family, person=by["id"],
        decided_at=utc(now), sealed_for=home["sealed_for"],
        decision_sealed={"decision": KIND, "level": None, "note": "", "plan": [], "awaits_second": False} | said,
    )  # fmt: skip
    changes.changed(store, family, now)
    audit.add(
        store, "family_updated", by["id"], now, subject=family, sealed_for=home["sealed_for"], detail={"decision": id}
    )
    return id
