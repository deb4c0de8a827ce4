"""Lets invented visits happen, day by day: each is sealed on an invented tablet, received and judged as every visit is.

At the end of each day the visits are judged and the lead decides; what falls due is done.
"""

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from screening import (
    calendar_days,
    couple_gate,
    decisions,
    encounters,
    families,
    notifying,
    people,
    sync,
    tablets,
    tasks,
)
from screening import instrument as instruments
from screening.demo.families import Home, Note, drawing, steady_id
from screening.demo.payload import LENGTH, Before, payload
from screening.demo.tablet import Tablet
from screening.demo.visits import Visit
from screening.errors import Conflict, NotAnswerable, NotFound
from screening.municipality import Municipality
from screening.store import Store, envelope, utc

# So long a family is followed at most, and why it is not any more.
FOLLOWED = timedelta(days=120)
ENDED = "Målet er nået, og forældrene ved, at vi kun kommer til de almindelige besøg."
HOURS = ("08:45", "09:30", "10:15", "11:00", "12:45", "13:30")
EVENING = time(17)
# From the end of a visit until it is received: most are finished in the home, some at the desk.
ON_THE_WAY = (timedelta(minutes=20), timedelta(minutes=20), timedelta(minutes=95))
JUST_NOW = timedelta(hours=2)
CORRECTED = timedelta(minutes=60)
# On visits older than this the lead has decided. Of the tasks due in these days some are still open.
DECIDED, LATELY = timedelta(days=14), timedelta(days=10)
ONE = timedelta(days=1)
NOTES = (
    "Ring og hør, om aftalen holder.", "Godt set. Tag det op næste gang.", "Vi taler om det på fredag.", "",
    "Tal med dem hver for sig, når du kan.",
)  # fmt: skip


@dataclass
class Past:
    """A visit that lies behind a family: when it ended, when it came, what was said."""

    home: Home
    day: date
    at: datetime
    received: datetime
    visit: Visit

    def id(self, which: str = "") -> str:
        return steady_id(self.day, f"{self.home.key} {self.visit.visit} {self.visit.days} {which}")

    @property
    def last(self) -> bool:
        return self.visit is self.home.behind[-1][1]

    @property
    def way(self) -> str:
        return self.home.persona.way if self.home.persona and self.last else ""


@dataclass
class Municipal:
    """Everything that lets visits happen: the store, who works here, their tablets, the instruments, the time."""

    store: Store
    town: Municipality
    now: datetime
    staff: dict[str, people.Person]
    posts: dict[str, Tablet] = field(default_factory=dict)
    made: dict[str, str] = field(default_factory=dict)
    left_open: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.published = {version: instruments.load(version) for version in instruments.versions()}
        self.newest = instruments.load(instruments.versions()[-1])
        self.today = calendar_days.day(self.now)
        self.by_id = {person["id"]: person for person in self.staff.values()}

    def lead(self, team: str) -> people.Person:
        return next(one for one in self.staff.values() if one["role"] == "lead" and one["team"] == team)

    def post(self, visitor: str, now: datetime) -> Tablet:
        """A visitor's tablet, made ready before her first visit."""
        if visitor not in self.posts:
            self.posts[visitor] = ready(self.store, self.staff[visitor], now)
        return self.posts[visitor]


def happen(store: Store, homes: list[Home], town: Municipality, now: datetime) -> None:
    """Let everything happen that lies behind the families, day after day until now."""
    here = Municipal(store, town, now, {one["username"]: one for one in people.listed(store)})
    here.left_open = {home.id for number, home in enumerate(homes) if left_open(number, home)}
    visits = sorted(pasts(homes, now), key=lambda past: (past.day, past.at))
    days = {day: list(rows) for day, rows in groupby(visits, key=lambda past: past.day)}
    noted = sorted(((note, home) for home in homes for note in home.notes), key=lambda one: (one[0][0], one[1].key))
    said = {day: list(rows) for day, rows in groupby(noted, key=lambda one: one[0][0])}
    day = min([*days, *said], default=here.today)
    while day <= here.today:
        live(here, day, days.get(day, []), said.get(day, []))
        day += ONE
    end_followed(here)


def live(here: Municipal, day: date, visits: list[Past], noted: list[tuple[Note, Home]]) -> None:
    """One day: visits and notes come in, are judged, the lead decides, what is due is done."""
    evening = min(calendar_days.at(day, EVENING).astimezone(UTC), here.now)
    for past in visits:
        send(here, past)
    for note, home in noted:
        send_note(here, note, home, evening)
    if visits or noted:
        encounters.judge_waiting(here.store, here.published, here.town, evening)
    for past in visits:
        decide(here, past, evening)
    if day < here.today:  # what is due today is still to be done
        finish_due(here, day, evening)


def left_open(number: int, home: Home) -> bool:
    """Whether what falls due for a family lately is not done yet."""
    return number % 4 == 0 if home.persona is None else home.persona.overdue


def ready(store: Store, visitor: people.Person, now: datetime) -> Tablet:
    """A tablet made ready for a visitor."""
    tablet = Tablet()
    tablet.enrolled(tablets.enrol(store, visitor, tablet.request(visitor["id"]), now, need_activation=False))
    return tablet


# ── when ──


def pasts(homes: Iterable[Home], now: datetime) -> Iterator[Past]:
    """Every visit that lies behind, with its times."""
    today = calendar_days.day(now)
    for home in homes:
        for day, visit in home.behind:
            rng = drawing(f"{home.key} {visit.visit} {visit.days}")
            begun = datetime.combine(day, time.fromisoformat(rng.choice(HOURS)), calendar_days.COPENHAGEN)
            ended = begun.astimezone(UTC) + LENGTH if day < today else now - JUST_NOW
            yield Past(home, day, ended, min(ended + rng.choice(ON_THE_WAY), now), visit)


# ── on the way ──


def send(here: Municipal, past: Past) -> None:
    """Seal a visit and have it received; one that was mistyped is sent first as it was, and corrected."""
    home, tablet = past.home, here.post(past.home.visitor, past.at)
    if past.way == "revoked":
        return send_from_lost_tablet(here, past)
    known = before(here, past)
    if past.visit.mistyped:
        wrong = replace(past.visit, conflict=past.visit.mistyped, mistyped={})
        first = payload(here.newest, home.id, wrong, past.at, known, past.id("first"))
        receive(here, tablet, first, past.at, past.received)
        known = replace(known, replaces=first["encounter"])
        past = replace(past, received=min(past.received + CORRECTED, here.now))
    made = payload(here.newest, home.id, past.visit, past.at, known, past.id())
    if past.way == "lost":
        tablet.sealed(made, past.at)  # on a tablet that has not been seen since
        return None
    kind = envelope.AMENDMENT if known.replaces else envelope.VISIT
    receive(here, tablet, made, past.at, past.received, kind)
    here.made[home.id] = made["encounter"]
    return None


def receive(
    here: Municipal, tablet: Tablet, made: dict[str, Any], at: datetime, received: datetime, kind: int = envelope.VISIT
) -> None:
    row = here.store.row("SELECT id, revoked_at FROM tablets WHERE id = :id", id=tablet.id)
    sync.receive(here.store, row, [tablet.sealed(made, at, kind)], received)


def send_from_lost_tablet(here: Municipal, past: Past) -> None:
    """A visit comes from a tablet that was taken out of use meanwhile: it is kept, and the lead lets it in or not."""
    tablet = ready(here.store, here.staff[past.home.visitor], past.at)
    made = payload(here.newest, past.home.id, past.visit, past.at, before(here, past), past.id())
    tablets.revoke(here.store, tablet.id, here.staff["admin"]["id"], past.at)
    receive(here, tablet, made, past.at, past.received)


def send_note(here: Municipal, note: Note, home: Home, at: datetime) -> None:
    """Seal a note and have it received."""
    day, kind, visit, data = note
    tried = {"tried_at": utc(at)} if kind == "not_home" else {}
    made = {
        "schema": 1, "note": steady_id(day, f"{home.key} {kind} {visit}"), "family": home.id, "kind": kind,
        "noted_at": utc(at), "release": "demo", "data": tried | data,
    }  # fmt: skip
    made |= {"visit": visit} if visit else {}
    receive(here, here.post(home.visitor, at), made, at, at, envelope.NOTE)


def before(here: Municipal, past: Past) -> Before:
    """What the tablet knows; asked of the store only where there was an earlier visit."""
    made = here.made.get(past.home.id)
    if made is None:
        return Before(past.home.parents)
    held = families.encounters(here.store, past.home.id)
    known = families.prior(held)
    blocked = couple_gate.is_closed(one["known"] for one in held)
    completes = made if past.visit.visit == "talk" else None
    return Before(past.home.parents, known["t20"], known["agreement"], blocked, completes)


# ── what follows ──


def decide(here: Municipal, past: Past, now: datetime) -> None:
    """The lead's decision on a visit that waits for one, or of which the story tells a plan."""
    persona, plan = past.home.persona, past.visit.plan
    encounter, lead = here.made.get(past.home.id), here.lead(here.staff[past.home.visitor]["team"])
    waits = here.store.row("SELECT id FROM reviews WHERE encounter = :id AND state = 'open'", id=encounter)
    old = waits and past.day < here.today - DECIDED and not (persona and past.last and persona.undecided)
    if not encounter or past.way or not (plan or old):
        return
    rng = drawing(f"{past.home.key} {past.visit.days} decision")
    if old and not plan and rng.random() < 0.5:
        plan = (("H16", 14),)
    form = {
        "decision": "plan" if plan else "agree", "level": None, "reason": "", "note": rng.choice(NOTES),
        "plan": [{"action": action, "responsible": "visitor", "due": (past.day + days * ONE).isoformat()}
                 for action, days in plan],
        "seen": newest_decision(here.store, past.home.id),
    }  # fmt: skip
    decisions.decide(here.store, past.home.id, encounter, form, lead, now, here.town)


def newest_decision(store: Store, family: str) -> str | None:
    found = decisions.of_family(store, family)
    return found[0]["id"] if found else None


def finish_due(here: Municipal, day: date, now: datetime) -> None:
    """What is due on a day is done on it; a few of the latest things are not."""
    rows = here.store.rows(
        "SELECT id, family, responsible FROM tasks WHERE state = 'open' AND due <= :day ORDER BY due, id",
        day=day.isoformat(),
    )
    for row in rows:
        if row["family"] not in here.left_open or day < here.today - LATELY:
            finish(here, row, now)


def finish(here: Municipal, row: dict[str, Any], now: datetime) -> None:
    """One thing is done; whether to notify is decided, and then it was sent."""
    known = next(one for one in tasks.of_family(here.store, row["family"]) if one["id"] == row["id"])
    if known["action"] not in tasks.DECIDED:
        return tasks.finish(here.store, row["id"], here.by_id[row["responsible"]], now)
    lead = here.lead(here.by_id[row["responsible"]]["team"])
    notifying.decide(here.store, row["family"], row["id"], {"choice": "sent"}, lead, now, here.town)
    return None


def end_followed(here: Municipal) -> None:
    """Families that were followed for long are followed no more; red ones by two leads."""
    rows = here.store.rows(
        "SELECT r.family, f.team, MAX(r.encounter) AS encounter, MAX(e.ended_at) AS ended_at FROM reviews r"
        " JOIN encounters e ON e.id = r.encounter JOIN families f ON f.id = r.family"
        " WHERE r.state = 'open' GROUP BY r.family, f.team ORDER BY r.family"
    )
    before = utc(here.now - FOLLOWED)
    for row in rows:
        known = decisions.of_visit(here.store, row["family"], row["encounter"])
        if row["ended_at"] < before and known:
            leads = sorted(
                (one for one in here.staff.values() if one["role"] == "lead"),
                key=lambda one: one["team"] != row["team"],
            )
            for lead in leads:
                end(here, row["family"], row["encounter"], lead)


def end(here: Municipal, family: str, encounter: str, lead: people.Person) -> None:
    """One lead's closing decision; what is not settled, or was ended by the first lead already, stays as it is."""
    seen = newest_decision(here.store, family)
    form = {"decision": "close", "level": None, "reason": ENDED, "note": "", "plan": [], "seen": seen}
    with contextlib.suppress(NotAnswerable, NotFound, Conflict):
        decisions.decide(here.store, family, encounter, form, lead, here.now, here.town)
