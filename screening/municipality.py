"""What is the municipality's own: its name, its telephone numbers, when visits are due, when it is closed.

The file is ``municipality.toml`` in the instance folder. Everything has a default, so a missing file is
a municipality without numbers of its own; a file with a mistake stops the start and names file and key.
"""

from dataclasses import asdict, dataclass, field
from datetime import date, time
from pathlib import Path
from typing import Any

from screening.config import NotConfigured, read_toml

# National numbers may be prefilled; the others are the municipality's to fill in and to check.
NATIONAL = {
    "emergency": {"name_da": "Politi og ambulance", "name_en": "Police and ambulance", "phone": "112"},
    "police": {
        "name_da": "Politi; uden for kontortid også den sociale døgnvagt",
        "name_en": "Police; out of hours also the social duty officer",
        "phone": "114",
    },
    "hotline": {"name_da": "Lev Uden Vold", "name_en": "Lev Uden Vold (hotline)", "phone": "1888"},
}
CONTACT = {"name_da": str, "name_en": str, "phone": str, "hours_da": str, "hours_en": str, "verified_on": date}
WINDOWS = {"2m": {"from_days": 56, "to_days": 70}, "8m": {"from_months": 8, "before_months": 11}}
UNITS = {
    "family_counselling": "Familierådgivningen",
    "family_centre": "Familiehuset",
    "open_counselling": "Åben rådgivning",
}
# A number nobody has checked for so long is marked for the administrator.
CONTACT_DAYS = 180


@dataclass(frozen=True)
class Municipality:
    """The file's content with defaults filled in. ``contacts`` is id -> name_da, name_en, phone, hours, verified_on."""

    name: str = "Kommunen"
    clinic_da: str = ""
    clinic_en: str = ""
    opens: time = time(8)
    closes: time = time(16)
    contacts: dict[str, dict[str, Any]] = field(default_factory=lambda: {**NATIONAL})
    windows: dict[str, dict[str, int]] = field(default_factory=lambda: {**WINDOWS})
    units: dict[str, str] = field(default_factory=lambda: {**UNITS})
    closing_days: frozenset[date] = frozenset()

    def public(self) -> dict[str, Any]:
        """The same as plain JSON, for a tablet that needs it without a connection."""
        days = sorted(day.isoformat() for day in self.closing_days)
        hours = {"opens": self.opens.isoformat("minutes"), "closes": self.closes.isoformat("minutes")}
        contacts = {name: {key: str(value) for key, value in one.items()} for name, one in self.contacts.items()}
        return asdict(self) | hours | {"closing_days": days, "contacts": contacts}

    def unchecked(self, today: date) -> list[str]:
        """The ids of contacts with a number that nobody has checked lately; the national ones are ours to check."""
        return sorted(
            name
            for name, contact in self.contacts.items()
            if name not in NATIONAL
            and contact.get("phone")
            and (today - contact.get("verified_on", date.min)).days > CONTACT_DAYS
        )


def load(path: Path) -> Municipality:
    """The municipality of a file, or the defaults where there is none. Raises NotConfigured naming file and key."""
    if not path.exists():
        return Municipality()
    data = read_toml(path)
    only(path, "", data, {"name", "clinic", "office", "contacts", "visits", "units", "closing_days"})
    clinic = texts(path, "clinic", data.get("clinic", {}), {"da", "en"})
    return Municipality(
        name=text(path, "name", data.get("name", "Kommunen")),
        clinic_da=clinic.get("da", ""),
        clinic_en=clinic.get("en", ""),
        **office(path, data.get("office", {})),
        contacts=NATIONAL | {name: contact(path, name, one) for name, one in table(path, "contacts", data).items()},
        windows=windows(path, table(path, "visits", data)),
        units=UNITS | texts(path, "units", data.get("units", {}), None),
        closing_days=closing_days(path, data.get("closing_days", [])),
    )


def contact(path: Path, name: str, given: Any) -> dict[str, Any]:
    """One telephone number with its name in both languages, its hours and the day somebody checked it."""
    where = f"contacts.{name}"
    only(path, where, given, set(CONTACT))
    for key, value in given.items():
        if type(value) is not CONTACT[key]:
            expected = "a date such as 2026-11-23" if CONTACT[key] is date else "a text"
            raise NotConfigured(f"{path}: {where}.{key} must be {expected}")
    known = NATIONAL.get(name, {})
    if not (given.get("name_da") or known.get("name_da")):
        raise NotConfigured(f"{path}: {where}.name_da is missing")
    whole = known | given
    return {"name_en": whole["name_da"], "phone": ""} | whole


def windows(path: Path, given: dict[str, Any]) -> dict[str, dict[str, int]]:
    """When each visit is due: days after birth for the first, whole months for the second."""
    only(path, "visits", given, set(WINDOWS))
    made = {}
    for visit, default in WINDOWS.items():
        where, one = f"visits.{visit}", given.get(visit, {})
        only(path, where, one, set(default))
        for key, value in one.items():
            if type(value) is not int or value < 0:
                raise NotConfigured(f"{path}: {where}.{key} must be a whole number")
        made[visit] = default | one
        first, last = made[visit].values()
        if last <= first:
            raise NotConfigured(f"{path}: {where} ends before it begins")
    return made


def office(path: Path, given: Any) -> dict[str, time]:
    """The working day in which a deadline of hours is counted."""
    only(path, "office", given, {"opens", "closes"})
    for key, value in given.items():
        if type(value) is not time:
            raise NotConfigured(f"{path}: office.{key} must be a time such as 08:00:00")
    if given.get("closes", time(16)) <= given.get("opens", time(8)):
        raise NotConfigured(f"{path}: office.closes must be later than office.opens")
    return dict(given)


def closing_days(path: Path, given: Any) -> frozenset[date]:
    """Days without work besides weekends."""
    if not isinstance(given, list) or not all(type(day) is date for day in given):
        raise NotConfigured(f"{path}: closing_days must be a list of dates such as 2026-12-24")
    return frozenset(given)


def only(path: Path, where: str, given: Any, known: set[str]) -> None:
    """Refuse a key nobody reads: it is a typing mistake that would go unseen."""
    if not isinstance(given, dict):
        raise NotConfigured(f"{path}: {where} must be a table")
    for key in given:
        if key not in known:
            name = f"{where}.{key}" if where else key
            raise NotConfigured(f"{path}: {name} is not known here; known are {', '.join(sorted(known))}")


def table(path: Path, key: str, data: dict[str, Any]) -> dict[str, Any]:
    """A table of the file, empty when it is not there."""
    found = data.get(key, {})
    if not isinstance(found, dict):
        raise NotConfigured(f"{path}: {key} must be a table")
    return found


def texts(path: Path, where: str, given: Any, known: set[str] | None) -> dict[str, str]:
    """A table of texts; ``known`` None takes any key."""
    if not isinstance(given, dict):
        raise NotConfigured(f"{path}: {where} must be a table")
    only(path, where, given, set(given) if known is None else known)
    return {key: text(path, f"{where}.{key}", value) for key, value in given.items()}


def text(path: Path, where: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise NotConfigured(f"{path}: {where} must be a text")
    return value
