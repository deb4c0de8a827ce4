"""Lets invented visits happen: each is sealed on an invented tablet, received and judged as every visit is."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from screening import calendar_days, decisions, encounters, evaluation, instrument, people, sync, tablets, tasks
from screening.demo.tablet import Tablet
from screening.demo.visits import Answers, Story, forms, ordinary
from screening.instrument import Instrument
from screening.municipality import Municipality
from screening.store import Store, new_id, utc

HOURS = ("08:45", "09:30", "10:15", "11:00", "12:45", "13:30")
LENGTH = timedelta(minutes=50)
ON_THE_WAY = timedelta(minutes=70)
JUST_NOW = timedelta(hours=2)
# On visits older than this the lead has decided; the visitor's next step is due so long after a visit.
DECIDED = timedelta(days=14)
NEXT_STEP = timedelta(days=14)
# The child's age at an ordinary 2-month visit; who is older than this has had one, unless it was forgotten.
FIRST_VISIT = 60
WINDOW_CLOSED = 75
NOTE = "God aftale om nætterne. Ring og hør, om den holder."


@dataclass
class Home:
    """A family as its history needs it."""

    id: str
    visitor: people.Person
    birth: date
    forgotten: bool
    story: Story | None


@dataclass
class Past:
    """A visit that lies behind a family: when it ended, and what was said."""

    home: Home
    at: datetime
    story: Story


def happen(store: Store, rng: Random, homes: list[Home], town: Municipality, now: datetime) -> None:
    """Let everything happen that lies behind the families, the oldest visit first."""
    published = {version: instrument.load(version) for version in instrument.versions()}
    leads = {person["team"]: person for person in people.listed(store) if person["role"] == "lead"}
    posts: dict[str, Tablet] = {}
    for past in sorted(pasts(rng, homes, now), key=lambda past: past.at):
        visitor, received = past.home.visitor, min(past.at + ON_THE_WAY, now)
        if visitor["id"] not in posts:
            posts[visitor["id"]] = ready(store, visitor, past.at)
        encounter = send(store, posts[visitor["id"]], past, published["1.0.0"], received)
        encounters.judge_waiting(store, published, town, received)
        after = min(received + ON_THE_WAY, now)
        if now - received > DECIDED or past.story.plan:
            decide(store, past, encounter, leads[visitor["team"]], after, town)
        if now - received > DECIDED:
            for task in tasks.of_family(store, past.home.id):
                tasks.finish(store, task["id"], visitor, after)


def ready(store: Store, visitor: people.Person, now: datetime) -> Tablet:
    """A tablet made ready for a visitor."""
    tablet = Tablet()
    tablet.enrolled(tablets.enrol(store, visitor, tablet.request(visitor["id"]), now, need_activation=False))
    return tablet


def send(store: Store, tablet: Tablet, past: Past, published: Instrument, now: datetime) -> str:
    """Seal a visit and have it received; gives its id."""
    visit = payload(published, past.home.id, past.story, past.at)
    sync.receive(store, {"id": tablet.id, "revoked_at": None}, [tablet.sealed(visit, past.at)], now)
    return visit["encounter"]


def decide(store: Store, past: Past, encounter: str, lead: people.Person, now: datetime, town: Municipality) -> None:
    """The lead's decision on a visit that asks for one, or of which the story tells a plan."""
    waits = store.row("SELECT id FROM reviews WHERE encounter = :id AND state = 'open'", id=encounter)
    if not waits and not past.story.plan:
        return
    due = (calendar_days.day(now) + timedelta(days=10)).isoformat()
    plan = [{"action": past.story.plan, "responsible": past.home.visitor["id"], "due": due}] if past.story.plan else []
    form = {
        "decision": "plan" if plan else "agree",
        "plan": plan,
        "level": None,
        "reason": "",
        "note": "",
        "seen": None,
    }
    decisions.decide(store, past.home.id, encounter, form, lead, now, town)


# ── when ──


def pasts(rng: Random, homes: list[Home], now: datetime) -> list[Past]:
    """Every visit that lies behind: an ordinary first one for the older children, and the stories."""
    today, found = calendar_days.day(now), []
    for home in homes:
        if (today - home.birth).days > WINDOW_CLOSED and not home.forgotten and not first_told(home):
            day = weekday(home.birth + timedelta(days=FIRST_VISIT))
            found.append(Past(home, moment(rng, day), ordinary(rng)))
        if home.story:
            day = visited(home.story, today)
            found.append(Past(home, moment(rng, day) if day < today else now - JUST_NOW, home.story))
    return found


def first_told(home: Home) -> bool:
    return home.story is not None and home.story.visit == "2m"


def visited(story: Story, today: date) -> date:
    """The day of a story's visit, so many working days ago."""
    day, left = today, story.ago
    while left:
        day -= timedelta(days=1)
        left -= day.weekday() < 5
    return day


def weekday(day: date) -> date:
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def moment(rng: Random, day: date) -> datetime:
    """When a visit on that day ended."""
    begun = datetime.combine(day, time.fromisoformat(rng.choice(HOURS)), calendar_days.COPENHAGEN)
    return begun.astimezone(UTC) + LENGTH


# ── what the tablet would have sealed ──


def payload(published: Instrument, family: str, story: Story, at: datetime) -> dict[str, Any]:
    """A finished visit as a tablet makes it; closed questions are taken out, what follows is judged."""
    around = {"visit": story.visit, "mode": story.mode, "prior": {}, "requested": False}
    responses: list[dict[str, Any]] = []
    found: dict[str, Any] = {}
    for form, respondent, answers in forms(story):
        context = around | {"respondent": respondent, "alone": respondent in story.alone}
        if form == "D":
            context |= {name: found[name] for name in ("level", "flags", "badge", "blocks")}
            answers = judgement(published, answers, found, at)
        responses.append(response(published, form, respondent, answers, context, at))
        found = evaluation.judged(published, responses, around)
    return {
        "schema": 1,
        "encounter": new_id(at),
        "family": family,
        "visit": story.visit,
        "instrument": published.version,
        "mode": story.mode,
        "replaces": None,
        "completes": None,
        "started_at": utc(at - LENGTH),
        "finished_at": utc(at),
        "release": "demo",
        "responses": responses,
        "count": sum(len(one["answers"]) for one in responses),
        "result": found,
    }


def judgement(published: Instrument, answers: Answers, found: dict[str, Any], at: datetime) -> Answers:
    """The visitor's own part: what the guide says is to be done, and without a level of her own the suggested one."""
    own = answers["v1"] or ("x" if found["level"] is None else str(found["level"]))
    steps = [option.code for option in published.item("v8").options if option.code in found["actions"]]
    planned = {"v8": steps} if steps else {}
    return answers | {"v1": own, "v9": (at + NEXT_STEP).date().isoformat()} | planned


def response(
    published: Instrument, form: str, respondent: str, answers: Answers, context: dict[str, Any], at: datetime
) -> dict[str, Any]:
    """One form of one respondent: each question is answered, skipped or was never shown."""
    given = {name: {"value": value} for name, value in answers.items()}
    shown = evaluation.enabled(published, form, given, context)
    asked = [item.link_id for item in published.items(form, context["visit"]) if item.type != "display"]
    kept = {name: given[name] for name in asked if name in given and name in shown}
    silent = {name: "skipped" if name in shown else "hidden" for name in asked if name not in kept}
    return {"form": form, "respondent": respondent, "authored_at": utc(at), "answers": kept, "unanswered": silent}
