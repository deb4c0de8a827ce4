"""Something that a named person does before a date, for a family."""

from datetime import date, datetime
from typing import Any

from screening import audit, changes, teams
from screening.errors import NotAnswerable, NotFound
from screening.store import Store, new_id, utc

ASKS = "Der skal tages stilling til underretning. Vælg, om den er sendt, skal sendes eller ikke sendes nu."
# To decide about a notification: nobody ticks that off, it is decided (flow rule FR19).
DECIDED = frozenset({"notification"})

Task = dict[str, Any]


def add(
    store: Store,
    family: str,
    sealed_for: str,
    text: dict[str, str],
    responsible: str,
    due: date,
    now: datetime,
    *,
    action: str | None = None,
    encounter: str | None = None,
    decision: str | None = None,
    once: str | None = None,
) -> str:
    """Add a task inside the caller's transaction; gives its id.

    ``text`` is what is to be done, da and en; ``action`` the row of the guide it comes from (H07);
    ``responsible`` a person's id; ``due`` the last day; ``once`` what makes it the same as another one: two open
    tasks of one person with the same are one thing to do.
    """
    id = new_id(now)
    store.add(
        "tasks", id=id, family=family, encounter=encounter, decision=decision, responsible=responsible,
        due=due.isoformat(), state="open", created_at=utc(now), sealed_for=sealed_for,
        task_sealed={"text": text, "action": action, "once": once},
    )  # fmt: skip
    return id


def of_family(store: Store, family: str) -> list[Task]:
    """A family's open tasks, the first due first: id, text (da, en), action, once, responsible, due, encounter …"""
    rows = store.rows("SELECT * FROM tasks WHERE family = :family AND state = 'open' ORDER BY due, id", family=family)
    return [opened(store, row) for row in rows]


def to_do(found: list[Task]) -> list[Task]:
    """Tasks, the first due first, each thing that is to be done once: not again what an earlier visit has left."""
    return [one for number, one in enumerate(found) if not any(is_same(one, other) for other in found[:number])]


def is_same(one: Task, other: Task) -> bool:
    return one["responsible"] == other["responsible"] and bool(one.get("once")) and one.get("once") == other.get("once")


def of_person(store: Store, person: str) -> list[Task]:
    """A person's open tasks, the first due first, each with its family's id."""
    rows = store.rows(
        "SELECT * FROM tasks WHERE responsible = :person AND state = 'open' ORDER BY due, id", person=person
    )
    return [opened(store, row) for row in rows]


def opened(store: Store, row: dict[str, Any]) -> Task:
    kept = ("id", "family", "encounter", "decision", "responsible", "due", "state", "created_at", "done_at")
    return {name: row[name] for name in kept} | store.opened("tasks", row, "task_sealed")


def finish(store: Store, task: str, person: dict[str, Any], now: datetime) -> None:
    """A task is done, and with it what is the same.

    Raises NotFound for one that neither she nor her team has, NotAnswerable for one that is decided, not ticked off.
    """
    with store.transaction():
        row = store.row("SELECT t.*, f.team FROM tasks t JOIN families f ON f.id = t.family WHERE t.id = :id", id=task)
        if not row or not (row["responsible"] == person["id"] or leads(person, row["team"])):
            raise NotFound("Opgaven findes ikke. Gå tilbage til listen.")
        known = opened(store, row)
        if known["action"] in DECIDED:
            raise NotAnswerable(ASKS)
        for one in [known, *(other for other in of_family(store, row["family"]) if is_same(other, known))]:
            end(store, one, person["id"], now)


def hand_over(store: Store, family: str, before: str, after: str) -> None:
    """What one visitor was to do for a family is the next one's. Inside the caller's transaction."""
    hand_over_all(store, [{"family": family, "before": before, "after": after}])


def hand_over_all(store: Store, rows: list[dict[str, Any]]) -> None:
    """The same for many families: {family, before, after} each."""
    store.run_all(
        "UPDATE tasks SET responsible = :after WHERE family = :family AND responsible = :before AND state = 'open'",
        rows,
    )


def leads(person: dict[str, Any], team: str) -> bool:
    return person["role"] == "lead" and teams.leads(person["team"], team)


def end_of(store: Store, family: str, action: str, by: str, now: datetime) -> None:
    """End a family's open tasks that come from one row of the guide. Inside the caller's transaction."""
    for task in of_family(store, family):
        if task["action"] == action:
            end(store, task, by, now)


def drop(store: Store, task: dict[str, Any], now: datetime) -> None:
    """What asked for a task is no more, or asks otherwise now; it was not done."""
    store.change("tasks", task["id"], state="dropped")
    changes.changed(store, task["family"], now)


def end(store: Store, task: dict[str, Any], by: str, now: datetime) -> None:
    done = store.run(
        "UPDATE tasks SET state = 'done', done_at = :now WHERE id = :id AND state = 'open'", id=task["id"], now=utc(now)
    )
    if done:
        changes.changed(store, task["family"], now)
        audit.add(store, "task_done", by, now, subject=task["family"])
