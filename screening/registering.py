"""A register's families beside those that are here: known again, added or updated, all of them or none.

Whatever takes time is done while others go on writing: the families that are here are opened and compared, data keys
are made in small steps, and what will be written is sealed. Then a short transaction looks whether what was read still
stands, and writes. Where it does not stand, all is compared again. A data key that seals nothing harms nobody, so what
was made for a file that came to nothing may stay.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from screening import audit, changes, families, tasks, untrusted
from screening import parents as places
from screening.errors import Conflict, Unreadable
from screening.store import Row, Store, utc

# So often is everything compared anew when somebody changed a family meanwhile.
TRIES = 8
# So many families get their data keys in one step; each step is a transaction.
AT_ONCE = 250
# What a row must still be when it is written.
MARKS = "SELECT id, team, visitor, left_at, sealed_for, details_sealed FROM families ORDER BY id"
# What a child is called that has no name yet, as ``parents.folded`` has it.
NAMELESS = frozenset(
    "ukendt unavngivet unavngiven pige dreng datter baby barn nyfodt nn n.n. unknown unnamed girl boy newborn".split()
)
VISIT_MARKS = "SELECT id, state, window_sealed FROM planned_visits"
BUSY = "Familierne blev ændret igen og igen imens. Intet er taget ind. Prøv igen, når der er mere ro."

# Line of the file, column and what is said of it.
Place = tuple[int, str, str]


class Meanwhile(Exception):
    """What was read does not stand any more."""


@dataclass
class Here:
    """The families that are here, each with its opened ``details``.

    ``registered``: by the register's key. ``by_children`` and ``by_births``: those that no register has named yet, such
    as one that a visitor met without its being on a list. ``unreadable``: ids of those that do not open. ``marks``: all
    as they were read.
    """

    marks: list[Row]
    registered: dict[str, Row] = field(default_factory=dict)
    by_children: dict[Any, list[Row]] = field(default_factory=dict)
    by_births: dict[Any, list[Row]] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)


@dataclass
class Plan:
    """What is to be written, sealed, and what became of the file's families."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    doubts: list[Place] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    changed_families: list[Row] = field(default_factory=list)
    changed_visits: list[Row] = field(default_factory=list)
    visits_read: dict[str, Row] = field(default_factory=dict)
    handed_over: list[Row] = field(default_factory=list)
    heard: list[tuple[str, str, int]] = field(default_factory=list)
    entries: list[Row] = field(default_factory=list)


class Registering:
    """A file on its way in; keeps what it has opened and sealed, for when it must compare again."""

    def __init__(self, store: Store, now: datetime, windows: dict[str, Any], by: str):
        self.store, self.now, self.windows, self.by = store, now, windows, by
        self.opened: dict[tuple[str, bytes], Row | None] = {}
        self.sealed: dict[str, tuple[str, list[tuple[str, Row]]]] = {}

    def take_in(self, found: list[Row]) -> Plan:
        """Take in a file's families (as ``importing.whole`` gives them), all or none; gives what was done.

        Raises Conflict when others changed families all the time, KeysClosed, NotKept.
        """
        for _ in range(TRIES):
            here = self.look()
            plan = self.compared(here, found)
            try:
                self.write(here, plan)
            except Meanwhile:
                continue
            return plan
        raise Conflict(BUSY)

    # ── before: nobody waits ──

    def look(self) -> Here:
        """Every family is opened: the register's key is sealed. A damaged one keeps no other back."""
        here = Here(self.store.rows(MARKS))
        for mark in here.marks:
            details = self.details(mark)
            if details is None:
                here.unreadable.append(mark["id"])
            elif "register" in details:
                here.registered[untrusted.clean(details["register"]["key"])] = mark | {"details": details}
            else:
                row = mark | {"details": details}
                here.by_children.setdefault(children_of(details), []).append(row)
                here.by_births.setdefault(births_of(details), []).append(row)
        return here

    def details(self, mark: Row) -> Row | None:
        place = mark["id"], mark["details_sealed"]
        if place not in self.opened:
            try:
                self.opened[place] = self.store.opened("families", mark, "details_sealed")
            except Unreadable:
                self.opened[place] = None
        return self.opened[place]

    def compared(self, here: Here, found: list[Row]) -> Plan:
        """What the file says anew, ready to be written."""
        plan, new = Plan(unreadable=here.unreadable), []
        for one in found:
            known = here.registered.get(one["key"]) or recognised(here, one, plan)
            if known is None:
                new.append(one)
            elif known["details"].get("register", {}).get("said") == said_now(one):
                plan.unchanged += 1
            else:
                self.update(plan, known, one)
        for first in range(0, len(new), AT_ONCE):
            self.seal([one for one in new[first : first + AT_ONCE] if one["key"] not in self.sealed])
        for one in new:
            self.add(plan, one)
        return plan

    def seal(self, new: list[Row]) -> None:
        """Make and seal the rows of families that are not here, and keep the data keys that they need."""
        made = [(one["key"], self.newcomer(one)) for one in new]
        self.store.new_data_keys([key for _, newcomer in made for key in newcomer.keys], self.now)
        for key, newcomer in made:
            rows = [(table, row) for table, one in newcomer.rows for row in self.store.ready(table, [one])]
            self.sealed[key] = newcomer.id, rows

    def newcomer(self, one: Row) -> families.Newcomer:
        plans = {visit: at for visit, at in one["planned"].items() if at}
        details = one["details"] | {"address_protected": bool(one["details"]["address_protected"])}
        return families.newcomer(
            details | {"register": register(one)}, one["team"], one["visitor"], self.now, plans, windows=self.windows
        )

    def add(self, plan: Plan, one: Row) -> None:
        id, rows = self.sealed[one["key"]]
        for table, row in rows:
            plan.rows.setdefault(table, []).append(row)
        if one["visitor"]:
            plan.heard.append((one["visitor"], id, 0))
        plan.entries.append(audit.entry(self.store, "family_added", self.by, self.now, subject=id))
        plan.added += 1

    def update(self, plan: Plan, known: Row, one: Row) -> None:
        """What differs from what the file said last time; all else may have become better known since."""
        details = known["details"]
        before = details.get("register", {}).get("said") or known | {"details": {}, "planned": {}}
        news = {name: value for name, value in one["details"].items() if value != before["details"].get(name)}
        if not may_say(details, news.get("address_protected")):
            news.pop("address_protected", None)
        if "parents" in news:
            news |= places.placed(details, news["parents"], utc(self.now))
            gone = places.given_up(details, news)
            plan.entries += [self.entry("parent_changed", known, {"parent": key}) for key in gone]
        self.change_visits(plan, known, one, before, "children" in news)
        plan.entries.append(self.entry("family_updated", known))
        moves = one["visitor"] != before["visitor"] and known["left_at"] is None
        visitor = self.hand_over(plan, known, one["visitor"]) if moves else known["visitor"]
        after = {
            "id": known["id"], "sealed_for": known["sealed_for"], "visitor": visitor,
            "team": one["team"] if one["team"] != before["team"] else known["team"],
            "details_sealed": details | news | {"register": register(one)},
        }  # fmt: skip
        plan.changed_families += self.store.ready("families", [after])
        if visitor and known["left_at"] is None:
            plan.heard.append((visitor, known["id"], 0))
        if known["left_at"]:
            plan.doubts.append((one["line"], "family", "is no longer visited; it was updated and stays off the lists"))
        plan.updated += 1

    def entry(self, event: str, known: Row, detail: Any = None) -> Row:
        about = {"sealed_for": known["sealed_for"], "detail": detail} if detail else {}
        return audit.entry(self.store, event, self.by, self.now, subject=known["id"], **about)

    def hand_over(self, plan: Plan, known: Row, visitor: str | None) -> str | None:
        """The family is another visitor's, or nobody's, from now on; gives whose."""
        if known["visitor"] and known["visitor"] != visitor:
            plan.heard.append((known["visitor"], known["id"], 1))
            if visitor:
                plan.handed_over.append({"family": known["id"], "before": known["visitor"], "after": visitor})
        plan.entries.append(self.entry("family_moved", known))
        return visitor

    def change_visits(self, plan: Plan, known: Row, one: Row, before: Row, is_born: bool) -> None:
        """Appointments that are new; and the days of the visits to come, when the children are others."""
        planned = {visit: at for visit, at in one["planned"].items() if at != before["planned"].get(visit)}
        if not (planned or is_born):
            return
        birth = families.youngest(one["details"])
        for row in self.store.rows("SELECT * FROM planned_visits WHERE family = :id ORDER BY id", id=known["id"]):
            news = days(birth, row["visit"], self.windows) if is_born else {}
            if row["visit"] in planned:
                news |= {"planned": planned[row["visit"]], "outcome": None}
            if news and row["state"] != "done":
                try:
                    plan.changed_visits.append(self.changed_visit(row, news))
                    plan.visits_read[row["id"]] = {name: row[name] for name in ("id", "state", "window_sealed")}
                except Unreadable:
                    doubt = f"the visit {row['visit']} that is planned here cannot be read; it stays as it is"
                    plan.doubts.append((one["line"], "family", doubt))

    def changed_visit(self, row: Row, news: Row) -> Row:
        after = families.with_news(families.due_visit(self.store, row), news)
        (ready,) = self.store.ready("planned_visits", [{name: row[name] for name in ("id", "sealed_for")} | after])
        return ready

    # ── the short write ──

    def write(self, here: Here, plan: Plan) -> None:
        """Everything at once, if what was read still stands. Raises Meanwhile where it does not."""
        if not (plan.added or plan.updated):
            return
        store = self.store
        with store.transaction():
            if store.rows(MARKS) != here.marks or not self.stand(plan.visits_read):
                raise Meanwhile
            for table, rows in plan.rows.items():
                store.add_all(table, rows)
            store.change_all("families", plan.changed_families)
            store.change_all("planned_visits", plan.changed_visits)
            tasks.hand_over_all(store, plan.handed_over)
            changes.note_all(store, plan.heard, self.now)
            audit.add_all(store, plan.entries)

    def stand(self, read: dict[str, Row]) -> bool:
        """Whether due visits are still as they were read; of one that is gone nothing can be written."""
        left = dict(read)
        for row in self.store.rows(VISIT_MARKS) if read else ():
            if left.pop(row["id"], row) != row:
                return False
        return not left


def said_now(one: Row) -> Row:
    """What the register says of a family, as it is kept beside it."""
    return {name: one[name] for name in ("visitor", "team", "planned", "details")}


def register(one: Row) -> Row:
    return {"key": one["key"], "said": said_now(one)}


def may_say(details: Row, protected: bool | None) -> bool:
    """Whether the file's word on a protected address counts: an empty cell is none, and a no only by the key.

    A family known again by its children may have been met by a visitor who knows better.
    """
    return protected is True or (protected is False and "register" in details)


def days(birth: date, visit: str, windows: dict[str, Any]) -> Row:
    """The first and last day of a visit that is due, as it is kept; nothing for a visit without a window."""
    if visit not in windows:
        return {}
    opens, closes = families.due(birth, visit, windows)
    return {"opens": opens.isoformat(), "closes": closes.isoformat()}


# ── known again ──


def recognised(here: Here, one: Row, plan: Plan) -> Row | None:
    """The family without a key that is the one in the file.

    That is a family with the same children and a parent of the same name; or with children born on the same days, of
    whom those of another name had none yet, and surely the same parents. Whatever else is alike may be a namesake's or
    a mistake; that is said, and nobody's row is taken.
    """
    alike = [row for row in here.by_children.get(children_of(one["details"]), ()) if row["id"] not in here.taken]
    born = [row for row in here.by_births.get(births_of(one["details"]), ()) if row["id"] not in here.taken]
    others = [row for row in born if row not in alike and shared(one, row)]
    known = next((row for row in alike if shared(one, row)), None)
    known = known or next((row for row in others if is_nameless(one, row) and is_sure(one, row)), None)
    if known:
        here.taken.add(known["id"])
        return known
    theirs = ", ".join(names(one["details"], "parents"))
    for row in alike:
        with_ = ", ".join(names(row["details"], "parents"))
        doubt = f"{theirs} came as a new family, though a child of the same name and birth date is here with {with_}"
        plan.doubts.append((one["line"], "family", f"{doubt}; look at both"))
    for row in others:
        doubt = f"{whole_names(one)} came as a new family, though {whole_names(row)}, born on the same day, is here"
        plan.doubts.append((one["line"], "family", f"{doubt}; look at both"))
    return None


def shared(one: Row, row: Row) -> list[tuple[str, str]]:
    """The parents of two families that may be the same person, in pairs."""
    ours, theirs = names(one["details"], "parents"), names(row["details"], "parents")
    return [(mine, other) for mine in ours for other in theirs if places.is_short_for(mine, other)]


def is_sure(one: Row, row: Row) -> bool:
    """Whether the parents are the same beyond a first name: one by more than that, or both."""
    pairs = shared(one, row)
    return len(pairs) > 1 or any(min(len(mine.split()), len(other.split())) > 1 for mine, other in pairs)


def is_nameless(one: Row, row: Row) -> bool:
    """Whether the children who are called otherwise had no name yet when a visitor met them."""
    now = {places.folded(name) for name in names(one["details"], "children")}
    others = [folded for name in names(row["details"], "children") if (folded := places.folded(name)) not in now]
    return all(NAMELESS & set(name.split()[:1]) for name in others)


def children_of(details: Row) -> Any:
    return frozenset((places.folded(child["name"]), child["birth"]) for child in details["children"])


def births_of(details: Row) -> Any:
    return tuple(sorted(child["birth"] for child in details["children"]))


def names(details: Row, whose: str) -> list[str]:
    return [one["name"] for one in details[whose]]


def whole_names(one: Row) -> str:
    children, parents = (", ".join(names(one["details"], whose)) for whose in ("children", "parents"))
    return f"{children} ({parents})"
