"""What is the municipality's own: its name, numbers and procedure, when visits are due, when it is closed.

The file is ``municipality.toml`` in the instance folder; ``municipality.example.toml`` beside this module explains
every key. Everything has a default, so a missing file is a municipality without numbers of its own; a file with a
mistake stops the start and names file and key.
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import date, time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from screening import untrusted
from screening.config import NotConfigured, read_toml

EXAMPLE = Path(__file__).with_name("municipality.example.toml")

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
# Whom a visitor can turn to at each level, and for an interpreter; one of them must have a number (flow rule FR21).
ROUTES = {
    "level1": ("open_counselling",),
    "level2": ("family_centre", "family_counselling"),
    "level3": ("family_counselling", "social_duty"),
    "interpreter": ("interpreter",),
}
DUTY = "leader_on_duty"
JOURNAL = {
    "da": "Familiens trivsel og samarbejde er drøftet efter kommunens retningslinje.",
    "en": "The family's well-being and cooperation were discussed as the municipality's guideline says.",
}
# Whole words that tell what was asked or found (domain guide 5.8.24).
TELLING = re.compile(
    r"\b(vold\w*|partnervold|krisecent\w+|underret\w+|konflikt\w*|tryg\w*|utryg\w*|bange|violen\w+|abus\w+|shelter|"
    r"notification|conflict\w*|safe\w*|unsafe|afraid)\b",
    re.IGNORECASE,
)
# A number nobody has checked for so long is marked for the administrator.
CONTACT_DAYS = 180
# Autorisationsloven § 25; nothing may be discarded before an archive decision either (domain guide 2.3).
RETENTION_YEARS = 10
# Numbers that begin so are nobody's: the example's, and the demo's.
NOBODYS = "000000"
DENMARK = "45"
# Keys of the example that are different in every municipality; one that still says what the example says is not filled
# in. What could be meant as it stands there (office hours, names of contacts, texts) is not among them.
OWN = ("name", "clinic.da", "clinic.en", "procedure.url", "plan.url")
# Table -> the keys it takes; None for one whose keys are the municipality's own names.
KEYS: dict[str, frozenset[str] | None] = {
    "": frozenset(
        "name clinic office contacts visits units closing_days procedure plan journal routes retention".split()
    ),
    "clinic": frozenset(("da", "en")),
    "office": frozenset(("opens", "closes")),
    "visits": frozenset(WINDOWS),
    "visits.2m": frozenset(WINDOWS["2m"]),
    "visits.8m": frozenset(WINDOWS["8m"]),
    "units": frozenset(UNITS),
    "procedure": frozenset(("approved_on", "url")),
    "plan": frozenset(("url", "text_da", "text_en")),
    "journal": frozenset(("da", "en")),
    "routes": frozenset(ROUTES),
    "retention": frozenset(("years",)),
    "contacts": None,
}


@dataclass(frozen=True)
class Municipality:
    """The file's content with defaults filled in.

    ``contacts`` is id -> name_da, name_en, phone, hours, verified_on; ``routes`` level1, level2, level3 and interpreter
    -> ids of contacts; ``procedure`` approved_on and url; ``plan``, what is done when the app does not work, url,
    text_da and text_en; ``journal`` the sentence for the child's record that both parents may read; ``placeholders``
    the keys of the file that nobody has filled in: they hold what the example holds, or a number that is nobody's.
    """

    name: str = "Kommunen"
    clinic_da: str = ""
    clinic_en: str = ""
    opens: time = time(8)
    closes: time = time(16)
    contacts: dict[str, dict[str, Any]] = field(default_factory=lambda: {**NATIONAL})
    windows: dict[str, dict[str, int]] = field(default_factory=lambda: {**WINDOWS})
    units: dict[str, str] = field(default_factory=lambda: {**UNITS})
    closing_days: frozenset[date] = frozenset()
    procedure: dict[str, Any] = field(default_factory=dict)
    plan: dict[str, str] = field(default_factory=dict)
    journal: dict[str, str] = field(default_factory=lambda: {**JOURNAL})
    routes: dict[str, tuple[str, ...]] = field(default_factory=lambda: {**ROUTES})
    retention_years: int = RETENTION_YEARS
    placeholders: tuple[str, ...] = ()

    def public(self) -> dict[str, Any]:
        """What a tablet needs of it without a connection, as plain JSON."""
        whole = asdict(self)
        for name in ("procedure", "routes", "retention_years", "placeholders"):
            del whole[name]
        days = sorted(day.isoformat() for day in self.closing_days)
        hours = {"opens": self.opens.isoformat("minutes"), "closes": self.closes.isoformat("minutes")}
        plan = {"url": "", "text_da": "", "text_en": ""} | self.plan
        # A number that is nobody's would stand on the Nu card like one that somebody answers.
        contacts = {name: plain(name, one | {"phone": self.number(name)}) for name, one in self.contacts.items()}
        return whole | hours | {"closing_days": days, "contacts": contacts, "plan": plan}

    def for_visitor(self, person: dict[str, Any], today: date) -> dict[str, Any]:
        """The same for one visitor's tablet: with ``ready`` {ok, missing} and ``trained``, the day of her training."""
        missing = self.missing(today) + untrained(person, today)
        ready = {"ok": not missing, "missing": missing}
        return self.public() | {"ready": ready, "trained": person["trained_at"]}

    def missing(self, today: date) -> list[str]:
        """What this municipality lacks before anybody may be asked alone (flow rule FR21, after WHO's requirements).

        Codes: procedure (approved, with its link), route1, route2, route3 (somebody with a number at each level),
        leader_on_duty (her number), interpreter, placeholders (something of the example is still there).
        """
        approved, url = self.procedure.get("approved_on"), self.procedure.get("url")
        linked = bool(url) and "procedure.url" not in self.placeholders
        there = {"procedure": linked and approved is not None and approved <= today}
        there |= {f"route{level}": self.reaches(self.routes[f"level{level}"]) for level in (1, 2, 3)}
        there |= {DUTY: self.reaches((DUTY,)), "interpreter": self.reaches(self.routes["interpreter"])}
        there["placeholders"] = not self.placeholders
        return [name for name, true in there.items() if not true]

    def number(self, contact: str) -> str:
        """A contact's number, empty where it has none or nobody's."""
        number = self.contacts.get(contact, {}).get("phone", "").strip()
        return "" if f"contacts.{contact}.phone" in self.placeholders else number

    def reaches(self, contacts: tuple[str, ...]) -> bool:
        """Whether one of some contacts has a number."""
        return any(self.number(name) for name in contacts)

    def unchecked(self, today: date) -> list[str]:
        """The ids of contacts with a number that nobody has checked lately; the national ones are ours to check."""
        return sorted(
            name
            for name, contact in self.contacts.items()
            if name not in NATIONAL
            and contact.get("phone")
            and (today - contact.get("verified_on", date.min)).days > CONTACT_DAYS
        )


def invented(place: Municipality) -> Municipality:
    """The same for a demo, in which everything is invented and nothing is waited for."""
    return replace(place, placeholders=())


def unfilled(data: dict[str, Any]) -> tuple[str, ...]:
    """The keys of a file that still hold the example's value, or a number that is nobody's, as ``contacts.x.phone``."""
    example = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    same = [key for key in OWN if (said := value_of(data, key)) is not None and said == value_of(example, key)]
    phones = [
        f"contacts.{name}.phone" for name, one in data.get("contacts", {}).items() if is_nobodys(one.get("phone"))
    ]
    return (*same, *phones)


def value_of(data: dict[str, Any], key: str) -> Any:
    """What a file says under a key such as ``clinic.da``; None where it says nothing."""
    table, _, name = key.rpartition(".")
    return (data.get(table, {}) if table else data).get(name)


def is_nobodys(phone: str | None) -> bool:
    """Whether a number is one of those that no telephone has: 00 00 00 12, also as +45 00 00 00 12 or 00000000."""
    digits = "".join(sign for sign in phone or "" if sign.isdecimal())
    return digits.removeprefix("00").removeprefix(DENMARK).startswith(NOBODYS) or digits.startswith(NOBODYS)


def plain(name: str, contact: dict[str, Any]) -> dict[str, Any]:
    """A contact as a tablet takes it; the national ones are not the municipality's to check."""
    told: dict[str, Any] = {key: str(value) for key, value in contact.items()}
    return told | {"national": True} if name in NATIONAL else told


def untrained(person: dict[str, Any], today: date) -> list[str]:
    """``training`` for a visitor whose day of training is not registered or still to come (flow rule FR21)."""
    return [] if person["trained_at"] and person["trained_at"] <= today.isoformat() else ["training"]


def load(path: Path) -> Municipality:
    """The municipality of a file, or the defaults where there is none. Raises NotConfigured naming file and key."""
    if not path.exists():
        return Municipality()
    # Numbers are copied from lists of contacts, which put signs of direction around them.
    data = untrusted.cleaned(read_toml(path))
    only(path, "", data, KEYS[""])
    clinic = texts(path, "clinic", data)
    contacts = NATIONAL | {name: contact(path, name, one) for name, one in table(path, "contacts", data).items()}
    return Municipality(
        name=text(path, "name", data.get("name", "Kommunen")),
        clinic_da=clinic.get("da", ""),
        clinic_en=clinic.get("en", ""),
        **office(path, data.get("office", {})),
        contacts=contacts,
        windows=windows(path, table(path, "visits", data)),
        units=UNITS | texts(path, "units", data),
        closing_days=closing_days(path, data.get("closing_days", [])),
        procedure=procedure(path, data.get("procedure", {})),
        plan=plan(path, data),
        journal=journal(path, data),
        routes=routes(path, table(path, "routes", data), contacts),
        retention_years=retention(path, data.get("retention", {})),
        placeholders=unfilled(data),
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
    only(path, "visits", given, KEYS["visits"])
    made = {}
    for visit, default in WINDOWS.items():
        where, one = f"visits.{visit}", given.get(visit, {})
        only(path, where, one, KEYS[where])
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
    only(path, "office", given, KEYS["office"])
    for key, value in given.items():
        if type(value) is not time:
            raise NotConfigured(f"{path}: office.{key} must be a time such as 08:00:00")
    if given.get("closes", time(16)) <= given.get("opens", time(8)):
        raise NotConfigured(f"{path}: office.closes must be later than office.opens")
    return dict(given)


def procedure(path: Path, given: Any) -> dict[str, Any]:
    """The written procedure: the day it was approved, and where it stands."""
    only(path, "procedure", given, KEYS["procedure"])
    if "approved_on" in given and type(given["approved_on"]) is not date:
        raise NotConfigured(f"{path}: procedure.approved_on must be a date such as 2026-06-01")
    return dict(given) | link(path, "procedure", given)


def plan(path: Path, data: dict[str, Any]) -> dict[str, str]:
    """What is done when the app does not work, in both languages, and where the whole of it stands."""
    given = texts(path, "plan", data)
    return given | link(path, "plan", given)


def link(path: Path, where: str, given: dict[str, Any]) -> dict[str, str]:
    """A table's url, where it has one. A link over anything but https could be changed on its way."""
    if "url" not in given:
        return {}
    url = text(path, f"{where}.url", given["url"])
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.netloc:
        raise NotConfigured(f"{path}: {where}.url must begin with https://")
    return {"url": url}


def journal(path: Path, data: dict[str, Any]) -> dict[str, str]:
    """The sentence for the child's record. Both parents can read it, so it must not tell what was asked (2.6)."""
    given = JOURNAL | texts(path, "journal", data)
    for language, sentence in given.items():
        if telling := TELLING.search(sentence):
            raise NotConfigured(f"{path}: journal.{language} says “{telling[0]}”, and both parents may read it")
    return given


def routes(path: Path, given: dict[str, Any], contacts: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """Level or interpreter -> ids of contacts."""
    only(path, "routes", given, KEYS["routes"])
    for key, ids in given.items():
        if not isinstance(ids, list) or not all(isinstance(id, str) for id in ids):
            raise NotConfigured(f'{path}: routes.{key} must be a list of contacts such as ["family_centre"]')
        unknown = [id for id in ids if id not in contacts]
        if unknown:
            raise NotConfigured(f"{path}: routes.{key} names {unknown[0]}, and there is no contacts.{unknown[0]}")
    return ROUTES | {key: tuple(ids) for key, ids in given.items()}


def retention(path: Path, given: Any) -> int:
    """How many years after the last entry a family's record is kept at least."""
    only(path, "retention", given, KEYS["retention"])
    years = given.get("years", RETENTION_YEARS)
    if type(years) is not int or not RETENTION_YEARS <= years <= 100:
        raise NotConfigured(f"{path}: retention.years must be a whole number from {RETENTION_YEARS} to 100")
    return years


def closing_days(path: Path, given: Any) -> frozenset[date]:
    """Days without work besides weekends."""
    if not isinstance(given, list) or not all(type(day) is date for day in given):
        raise NotConfigured(f"{path}: closing_days must be a list of dates such as 2026-12-24")
    return frozenset(given)


def only(path: Path, where: str, given: Any, known: Iterable[str]) -> None:
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


def texts(path: Path, where: str, data: dict[str, Any]) -> dict[str, str]:
    """A table of texts."""
    given = table(path, where, data)
    only(path, where, given, KEYS[where])
    return {key: text(path, f"{where}.{key}", value) for key, value in given.items()}


def text(path: Path, where: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise NotConfigured(f"{path}: {where} must be a text")
    return value
