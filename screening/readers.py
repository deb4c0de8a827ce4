"""For whom a list is made, and when: the language, the names of colleagues, the municipality's working time."""

from datetime import date, datetime
from typing import Any

from screening import calendar_days, families, names, people, teams
from screening.municipality import Municipality
from screening.store import Store, parse_utc

CALL = ("Ring til {name}", "Call {name}")

Item = dict[str, Any]


class Reader:
    """For whom and when a list is made: language, names of people, the municipality's working time."""

    def __init__(self, store: Store, person: people.Person, now: datetime, place: Municipality):
        self.store, self.person, self.now, self.place = store, person, now, place
        self.language = person["language"]
        self.today = calendar_days.day(now)
        self.people = {one["id"]: one for one in people.listed(store)}
        self.led = families.led(store)

    def looks_after(self, team: str) -> bool:
        """Whether this lead answers for a team."""
        return families.looks_after(self.person, team, self.led)

    def words(self, pair: tuple[str, str], **values: Any) -> str:
        return pair[self.language == "en"].format(**values)

    def name(self, id: str | None) -> str | None:
        return self.people[id]["name"] if id in self.people else None

    def first_name(self, id: str | None) -> str:
        return names.first(self.name(id) or "")

    def since(self, moment: str) -> str:
        return calendar_days.span(self.now - parse_utc(moment), self.language)


def sent_to(lead: people.Person, team: str | None) -> bool:
    """Whether what somebody of a team sent is a lead's to see and release; what is nobody's is everybody's."""
    return team is None or teams.leads(lead["team"], team)


def child(reader: Reader, details: dict[str, Any]) -> Item:
    """The child as a list shows it: initials and age; of twins the youngest."""
    youngest = max(details["children"], key=lambda one: one["birth"])
    return {
        "initials": names.initials(youngest["name"]),
        "age": calendar_days.age(date.fromisoformat(youngest["birth"]), reader.today, reader.language),
        "birth": youngest["birth"],
    }


def sealed_row(row: dict[str, Any], id: str, column: str) -> dict[str, Any]:
    """The part of a joined row that the store opens: everything about a case is under one key."""
    return {"id": row[id], "sealed_for": row["case_key"], column: row[column]}


def call(reader: Reader, person: str | None) -> str:
    return reader.words(CALL, name=reader.first_name(person))
