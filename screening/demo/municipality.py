"""Makes the invented municipality of the demo: who works there, whom they visit, what lies behind them.

Names, ages, addresses, answers and the ids of families and visits follow from the seed and the day; keys and passwords
are new every time.
"""

import json
import os
from datetime import date, datetime, timedelta
from pathlib import Path

from screening import calendar_days, families, instance, passwords, people
from screening.config import NotConfigured, Settings
from screening.demo import families as invented
from screening.demo import history
from screening.demo.families import Home
from screening.demo.names import PEOPLE
from screening.municipality import load
from screening.passwords import Cost
from screening.store import Store

KEPT = "demo.json"
# An invented person's password needs no second of work and no memory.
CHEAP = Cost(memory=1024, passes=1, lanes=1)
HEAD = """\
# The invented municipality of the demo. A number that begins with 00 00 is nobody's.
name = "Fjordby Kommune"
closing_days = []

[clinic]
da = "Klinikken er åben hver onsdag kl. 13-15."
en = "The clinic is open every Wednesday 13-15."

[office]
opens = 08:00:00
closes = 16:00:00

[procedure]
approved_on = {approved}
url = "https://fjordby.example/sundhedsplejen/retningslinje"

[plan]
url = "https://fjordby.example/sundhedsplejen/beredskab"
text_da = "Brug papirskemaet i mappen. Ring til lederen på vagt, og skriv besøget ind, når appen virker igen."
text_en = "Use the paper form in the folder. Phone the leader on duty, and enter the visit when the app works again."
"""
# So long ago the demo's procedure was approved and its people were trained.
READY_DAYS = timedelta(days=90)
# id, Danish name, English name, end of the number, hours, days since somebody checked it
CONTACTS = (
    ("leader_on_duty", "Leder på vagt", "Leader on duty", "12", ("Hverdage 07.30-17.00", "Weekdays 07.30-17.00"), 20),
    ("family_counselling", "Familierådgivningen", "Family counselling", "21", ("Hverdage 08-16", "Weekdays 08-16"), 20),
    ("social_duty", "Social døgnvagt", "Social duty officer", "24", ("Hele døgnet", "Day and night"), 20),
    ("family_centre", "Familiehuset", "Family centre", "31", ("Hverdage 09-15", "Weekdays 09-15"), 45),
    ("open_counselling", "Åben rådgivning", "Open counselling", "33", ("Tirs. og tors. 15-18", "Tue., Thu. 15-18"), 45),
    ("crisis_centre", "Krisecentret", "Crisis centre", "41", ("Hele døgnet", "Day and night"), 45),
    ("interpreter", "Tolkebestilling", "Interpreter booking", "51", ("Hverdage 08-16", "Weekdays 08-16"), 200),
)  # fmt: skip


def prepare(settings: Settings, count: int, seed: int, now: datetime) -> list[dict[str, str]]:
    """Make the municipality in an instance folder, once; gives username, password, totp_secret and role of each person.

    ``count`` families are spread over the visitors. A prepared folder keeps its people and families.
    Raises NotConfigured for settings of a real service, or for a folder that already holds something else.
    """
    kept = settings.instance / KEPT
    if not settings.demo:
        raise NotConfigured("demo data is only made with the setting demo = true")
    if kept.exists():
        return json.loads(kept.read_text(encoding="utf-8"))
    if settings.database_path.exists():
        raise NotConfigured(f"{settings.instance} holds a database but no {KEPT}: choose another folder, or remove it")
    settings.instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings.municipality_path.write_text(municipality(calendar_days.day(now)), encoding="utf-8")
    signins = fill(settings, count, seed, now)
    keep(kept, signins)
    return signins


def fill(settings: Settings, count: int, seed: int, now: datetime) -> list[dict[str, str]]:
    """Write people, families and past visits, all or nothing."""
    homes = invented.homes(count, seed, calendar_days.day(now))
    store = instance.opened(settings)
    try:
        with store.transaction():
            signins = [worker(store, *person, now) for person in PEOPLE]
            for home in homes:
                settle(store, home, now)
            history.happen(store, homes, load(settings.municipality_path), now)
    finally:
        store.close()
    return signins


def worker(
    store: Store, username: str, name: str, role: str, team: str, initials: str, now: datetime
) -> dict[str, str]:
    """Add one person; gives what she signs in with."""
    trained = calendar_days.day(now) - READY_DAYS
    password = passwords.generated()  # hers, as if she had chosen it: in the demo nobody must choose a better one
    made = people.add(store, username, name, role, team, now, password, initials=initials, trained=trained, cost=CHEAP)
    return {"username": username, "password": password, "totp_secret": made["totp_secret"], "role": role}


def settle(store: Store, home: Home, now: datetime) -> None:
    """Add one family to a visitor's list."""
    visitor = people.named(store, home.visitor)
    families.add(store, home.details, visitor["team"], visitor["id"], now, home.planned, id=home.id)


def municipality(today: date) -> str:
    """The municipality's file: everything invented but the national numbers."""
    approved = (today - READY_DAYS).isoformat()
    return HEAD.replace("{approved}", approved) + "".join(contact(today, *one) for one in CONTACTS)


def contact(today: date, name: str, da: str, en: str, end: str, hours: tuple[str, str], checked: int) -> str:
    verified = today - timedelta(days=checked)
    return (
        f'\n[contacts.{name}]\nname_da = "{da}"\nname_en = "{en}"\nphone = "00 00 00 {end}"\n'
        f'hours_da = "{hours[0]}"\nhours_en = "{hours[1]}"\nverified_on = {verified.isoformat()}\n'
    )


def keep(path: Path, signins: list[dict[str, str]]) -> None:
    """Write the sign-ins for the next start, readable by the owner alone."""
    half = path.with_suffix(".half")
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(signins, file, indent=1)
    half.replace(path)
