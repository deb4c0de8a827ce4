"""What a test does not care about, made in one line: people, families, tablets, finished and sealed visits.

store, person = …, a_person(store, now)
home = a_family(store, person, now)
visit = a_visit(home, now, answers={"B": {"k2": "3"}})
arrive(store, a_tablet(store, person, now), visit, now)
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from screening import encounters, evaluation, families, instrument, people, responses, sync, tablets
from screening.demo.tablet import Tablet
from screening.municipality import Municipality
from screening.passwords import Cost
from screening.store import Store, envelope, new_id, utc

CHEAP = Cost(memory=8, passes=1, lanes=1)
PLACE = Municipality()
# Form A when both sit there together, and when one parent is spoken to alone.
TOGETHER = {
    "s1": "home", "s2": ["p1", "p2"], "s3": ["none"], "s5": "mayhear", "s6": "false", "s7": "clinic", "s8": "true",
    "s9": "yes",
}  # fmt: skip
ALONE = {"s1": "home", "s2": ["p1"], "s3": ["none"], "s5": "away", "s6": "true", "s8": "true", "s9": "yes"}
# A quiet couple: index 3, green.
QUIET = {"k1": "0", "k2": "0", "k3": "0", "k4": "0", "k6": "1", "k7": "0", "k8": "0", "k9": "0"}
# Shouting with the child in the room: index 53, orange by M3.
LOUD = {"k1": "2", "k2": "2", "k3": "1", "k4": "1", "k6": "2", "k7": "2", "k8": "1", "k9": "1"}
CALM = {
    "t1": "0", "t2": "no", "t3": "no", "t4": "no", "t5": "no", "t6": "ok", "t7": "no", "t8": ["no"], "t9": "no",
}  # fmt: skip
AFTERWARDS = {"v1": "0", "v2": "no"}

count = iter(range(1, 10**9))


def a_person(store: Store, now: datetime, role: str = "visitor", team: str = "Nord", **given: Any) -> people.Person:
    """Somebody who works here, as a sign-in gives her."""
    number = next(count)
    name = given.pop("name", f"{role.capitalize()} Prøve {number}")
    username = given.pop("username", f"{role}{number}")
    made = people.add(store, username, name, role, team, now, cost=CHEAP, **given)
    return people.get(store, made["id"])


def a_family(
    store: Store, visitor: people.Person | None, now: datetime, days: int = 60, planned: Any = None, **details: Any
) -> dict[str, Any]:
    """A family with one child who is so many days old; gives id and details as ``families.opened``."""
    birth = (now - timedelta(days=days)).date().isoformat()
    whole = {
        "children": [{"name": "Nora Lindskov", "birth": birth, "cpr": ""}],
        "parents": [
            {"key": "parent1", "name": "Sara Lindskov", "custody": True},
            {"key": "parent2", "name": "Jonas Lindskov", "custody": True},
        ],
        "address": "Birkevænget 4",
    } | details
    team = visitor["team"] if visitor else "Nord"
    id = families.add(store, whole, team, visitor["id"] if visitor else None, now, planned)
    return families.opened(store, store.row("SELECT * FROM families WHERE id = :id", id=id))


def a_tablet(store: Store, person: people.Person, now: datetime) -> Tablet:
    """A tablet on which this person may write."""
    made = Tablet()
    made.enrolled(tablets.enrol(store, person, made.request(person["id"]), now, need_activation=False))
    return made


def a_visit(
    family: Mapping[str, Any] | str,
    at: datetime,
    visit: str = "2m",
    mode: str = "joint",
    answers: Mapping[str, Any] | None = None,
    **payload: Any,
) -> dict[str, Any]:
    """A finished visit's payload, whole and fitting.

    ``answers``: form -> answers, or (form, respondent) -> answers; they are put above the usual ones, and a value None
    takes one away. Without forms C and D in it there are none. Other fields of the payload by name.
    """
    given = {named(form, mode): one for form, one in (answers or {}).items()}
    first = "joint" if mode == "joint" else "parent1"
    usual = {("A", first): TOGETHER if mode == "joint" else ALONE, ("B", first): QUIET}
    usual |= {key: {"C": CALM, "D": AFTERWARDS, "A": ALONE}.get(key[0], QUIET) for key in given if key not in usual}
    own = instrument.load()
    made = {
        "schema": 1, "encounter": new_id(at), "family": family if isinstance(family, str) else family["id"],
        "visit": visit, "instrument": own.version, "mode": mode, "replaces": None, "completes": None,
        "started_at": utc(at - timedelta(minutes=50)), "finished_at": utc(at), "release": "test",
        "responses": [], "count": 0, "result": {},
    } | payload  # fmt: skip
    for form, who in sorted(usual):
        whole = usual[form, who] | (given.get((form, who)) or {})
        said = {name: value for name, value in whole.items() if value is not None}
        made["responses"].append(a_response(own, form, who, said, made, at))
    made["count"] = payload.get("count", sum(len(one["answers"]) for one in made["responses"]))
    return made | payload


def named(form: str | tuple[str, str], mode: str) -> tuple[str, str]:
    """A form with whoever usually answers it."""
    if isinstance(form, tuple):
        return form
    return form, "case" if form == "D" else "joint" if mode == "joint" and form in "AB" else "parent1"


def a_response(
    own: instrument.Instrument, form: str, who: str, said: Mapping[str, Any], visit: Mapping[str, Any], at: datetime
) -> dict[str, Any]:
    """One filled form: what was not asked is hidden, what was asked and not answered is skipped."""
    items = [item.link_id for item in own.items(form, visit["visit"]) if item.type != "display"]
    cells = {name: value if isinstance(value, dict) else {"value": value} for name, value in said.items()}
    cells = {name: cells[name] for name in items if name in cells}
    around = responses.context(dict(visit), who)
    if form == "D":
        assessment = {"form": "D", "respondent": who, "answers": cells}
        result = evaluation.judged(own, [*visit["responses"], assessment], around)
        around |= responses.shown(result)
    asked = evaluation.enabled(own, form, cells, around)
    return {
        "form": form, "respondent": who, "authored_at": utc(at), "answers": cells,
        "unanswered": {name: "skipped" if name in asked else "hidden" for name in items if name not in cells},
    }  # fmt: skip


def a_correction(
    visit: Mapping[str, Any], at: datetime, *parts: tuple[str, str, dict[str, Any]], **payload: Any
) -> dict[str, Any]:
    """A correction of single questions of a visit: (form, respondent, answers), None where one is taken back."""
    made = a_visit(visit["family"], at, visit["visit"], visit["mode"], replaces=visit["encounter"], partial=True)
    made["responses"] = [
        {
            "form": form, "respondent": who, "authored_at": utc(at),
            "answers": {name: value if isinstance(value, dict) else {"value": value}
                        for name, value in said.items() if value is not None},
            "unanswered": {name: "skipped" for name, value in said.items() if value is None},
        }
        for form, who, said in parts
    ]  # fmt: skip
    return made | {"count": responses.counted(made["responses"])} | payload


def a_note(
    family: Mapping[str, Any] | str, at: datetime, kind: str, visit: str | None = None, **content: Any
) -> dict[str, Any]:
    """What is no visit, as a tablet sends it; ``content`` is its data."""
    about = {"visit": visit} if visit else {}
    return {
        "schema": 1, "note": new_id(at), "family": family if isinstance(family, str) else family["id"], "kind": kind,
        "noted_at": utc(at), "release": "test", "data": content,
    } | about  # fmt: skip


def sealed(tablet: Tablet, visit: dict[str, Any], at: datetime, **outside: Any) -> bytes:
    """A visit or a note in its envelope, the next in the tablet's chain; what replaces another is a correction."""
    usual = envelope.AMENDMENT if visit.get("replaces") else envelope.NOTE if "note" in visit else envelope.VISIT
    whole = {
        "id": visit.get("encounter") or visit["note"],
        "tablet": tablet.id, "author": tablet.author, "seq": tablet.seq + 1,
        "previous": tablet.previous, "claimed_at": at, "author_private": tablet.author_key, "public": tablet.key,
        "type": usual,
    } | outside  # fmt: skip
    made = envelope.seal(visit, **whole)
    tablet.seq, tablet.previous = whole["seq"], hashlib.sha256(made).hexdigest()
    return made


def bring(store: Store, tablet: Tablet, raw: bytes, at: datetime) -> dict[str, str]:
    """An envelope reaches the server; gives its outcome."""
    return sync.receive(store, {"id": tablet.id, "revoked_at": None, "nonce": "n" * 22}, [raw], at)[0]


def judge(store: Store, at: datetime, place: Municipality = PLACE) -> int:
    """What waits is judged."""
    return encounters.judge_waiting(store, {own: instrument.load(own) for own in instrument.versions()}, place, at)


def arrive(store: Store, tablet: Tablet, visit: dict[str, Any], at: datetime, **outside: Any) -> dict[str, Any]:
    """A visit is sealed, received and judged; gives its envelope's row, with state and reason."""
    bring(store, tablet, sealed(tablet, visit, at, **outside), at)
    judge(store, at)
    id = visit.get("encounter") or visit["note"]
    return store.row("SELECT * FROM envelopes WHERE id = :id ORDER BY seq DESC LIMIT 1", id=id)


def a_certificate() -> tuple[bytes, bytes]:
    """A certificate for localhost and its key, PEM. Its day has passed: nobody takes it who does not want to."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    day = datetime(2026, 11, 23, tzinfo=UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(day).not_valid_after(day).sign(key, hashes.SHA256())
    )  # fmt: skip
    return made.public_bytes(Encoding.PEM), key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
