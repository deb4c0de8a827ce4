"""Sealed visits that have come home are opened, judged again by the published rules, and kept.

Judging follows receiving and cannot undo it. Each envelope is one transaction of its own: the visit, its answers,
the audit entry, the lead's review and the note for the tablet, or nothing. What cannot be opened or does not fit
its questions is set aside in sight of the lead, and the next one goes on.
"""

import hashlib
import logging
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from screening import audit, calendar_days, changes, decisions, families, flags, opening, people, responses, sync, tasks
from screening.errors import KeysClosed, NotAnswerable, NotFound, NotKept
from screening.instrument import Instrument
from screening.municipality import Municipality
from screening.readers import sent_to
from screening.responses import Unacceptable
from screening.store import Store, new_id, parse_utc, utc
from screening.store.envelope import BadEnvelope, Envelope

log = logging.getLogger(__name__)

# So many visits share one flush of the disk; receipts that come meanwhile wait for no more than these.
BATCH = 20
# What a correction or a later talk waits under until the visit it names has come.
EARLIER_MISSING = "earlier_missing"
# Why a visit to a family waits that its author has never visited; a lead who knows better lets it through.
NOT_HER_FAMILY = "not_her_family"
# Only one of each of these is expected of a family; a second is kept, and the lead sees both.
ONCE = ("2m", "8m")
# The talk with each parent alone that is owed when nobody was asked alone (flow rule FR16).
PRIVATE_TALK = "H18"
PRIVATE_TALK_DAYS = timedelta(days=14)
# What a lead can let through after talking to the visitor, or after what was missing is here.
RELEASABLE = (
    "revoked", "person_left", "other_tablet", "unknown_family", NOT_HER_FAMILY, "unknown_questionnaire", "not_judged",
)  # fmt: skip

Row = dict[str, Any]


def judge_waiting(store: Store, instruments: dict[str, Instrument], municipality: Municipality, now: datetime) -> int:
    """Open and judge every envelope that waits; gives how many became visits.

    Nothing in an envelope makes it raise. It raises KeysClosed or NotKept while keys or disk do not answer: then what
    was not judged still waits.
    """
    total = 0
    while True:
        came = judge_received(store, instruments, municipality, now)
        total += came
        # Whoever waited for an earlier visit may have got it now.
        if not came or not store.run(
            "UPDATE envelopes SET state = 'received' WHERE state = 'quarantined' AND reason = :reason",
            reason=EARLIER_MISSING,
        ):
            return total


def judge_received(store: Store, instruments: dict[str, Instrument], municipality: Municipality, now: datetime) -> int:
    came = 0
    while rows := sync.waiting(store, BATCH):
        ready = [(row, prepared(store, row, instruments)) for row in rows]
        with store.transaction():
            came += sum(settled(store, row, visit, municipality, now) for row, visit in ready)
            for author in {row["author"] for row in rows}:
                sync.count_on(store, author)
    return came


def prepared(store: Store, row: Row, instruments: dict[str, Instrument]) -> Row | str:
    """What is to be kept of an envelope; or the reason why it is set aside. Writes nothing."""
    try:
        return read(store, row, instruments)
    except (BadEnvelope, Unacceptable) as error:
        return error.reason
    except (KeysClosed, NotKept):
        raise
    except Exception as error:
        return unexpected(row, error)


def read(store: Store, row: Row, instruments: dict[str, Instrument]) -> Row:
    """An envelope opened, checked and judged. Raises BadEnvelope, Unacceptable."""
    author = store.row("SELECT person, public_key FROM authors WHERE id = :id", id=row["author"])
    responses.check(author is not None, "unknown_author")
    outside, payload = opening.opened(store.keys, bytes(row["bytes"]), bytes(author["public_key"]))
    own = responses.accepted(payload, outside, instruments)
    home = store.row("SELECT * FROM families WHERE id = :id", id=payload["family"])
    responses.check(home is not None, "unknown_family")
    # The reason of an envelope that waits again is what a lead has let through.
    responses.check(row["reason"] == NOT_HER_FAMILY or hers(store, home, author["person"]), NOT_HER_FAMILY)
    parents = [one["key"] for one in families.opened(store, home)["parents"]]
    past = families.encounters(store, home["id"])
    before = families.prior([one for one in past if one["id"] != payload["replaces"]])
    prior = {"t20": any(before["t20"].values()), "agreement": before["agreement"]}
    result = responses.judged(own, payload, parents, prior)
    return {
        "payload": payload, "outside": outside, "instrument": own, "home": home, "person": author["person"],
        "known": known(own, payload, result, parents),
    }  # fmt: skip


def hers(store: Store, home: Row, person: str) -> bool:
    """Whether a family is, or ever was, on a visitor's list."""
    return home["visitor"] == person or bool(
        store.row(
            "SELECT seq FROM caseload_changes WHERE person = :person AND family = :family LIMIT 1",
            person=person,
            family=home["id"],
        )
    )


def known(own: Instrument, payload: Row, result: Row, parents: list[str]) -> Row:
    """What is kept of a visit beside its answers, under the case's key."""
    return {
        "result": result,
        "mode": payload["mode"],
        "parents": parents,
        "own": responses.text_of(payload, "D", "v1"),
        "t20": responses.told_alone(own, payload, result),
        "agreed": responses.text_of(payload, "D", "v5a"),
        "differs": responses.differences(result, payload["result"]),
        "release": payload["release"],
        "twice": False,
        "decided": None,
        "instead_of": [],
        "clarity": {name: result[name] for name in ("safety", "badge")},
    }


def settled(store: Store, row: Row, visit: Row | str, municipality: Municipality, now: datetime) -> bool:
    """Keep a visit or set it aside; whether it was kept. Each succeeds or fails by itself."""
    if isinstance(visit, str):
        set_aside(store, row, visit, now)
        return False
    try:
        with store.transaction():
            return keep(store, row, visit, municipality, now)
    except Unacceptable as error:
        set_aside(store, row, error.reason, now)
    except (KeysClosed, NotKept):
        raise
    except Exception as error:
        set_aside(store, row, unexpected(row, error), now)
    return False


def unexpected(row: Row, error: Exception) -> str:
    """A mistake of ours must not hold up the others. Its words may hold what a family said; kind and place do not."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "nowhere"
    log.error("envelope %s was set aside: %s at %s", row["id"], type(error).__name__, place)
    return "not_judged"


def set_aside(store: Store, row: Row, reason: str, now: datetime) -> None:
    """Keep an envelope as it came, with the reason, where the lead sees it. The log has a line for each new reason."""
    with store.transaction():
        changed = store.run(
            "UPDATE envelopes SET state = 'quarantined', reason = :reason, judged_at = :now"
            " WHERE seq = :seq AND state = 'received'",
            reason=reason,
            now=utc(now),
            seq=row["seq"],
        )
        if changed and row["reason"] != reason:
            audit.add(store, "envelope_set_aside", "system", now, subject=row["id"])


def keep(store: Store, row: Row, visit: Row, municipality: Municipality, now: datetime) -> bool:
    """Write everything that follows from a judged visit. Raises Unacceptable; False when it was judged before."""
    payload, home, found = visit["payload"], visit["home"], visit["known"]
    if not take(store, row, visit["outside"], home["id"], now):
        return False
    replaced = earlier(store, payload["replaces"], home["id"], visit["person"])
    earlier(store, payload["completes"], home["id"])
    found["twice"] = twice(store, payload, home["id"])
    found["decided"] = decisions.carried(store, replaced) if replaced else None
    found["instead_of"] = [*replaced["known"]["instead_of"], replaced["id"]] if replaced else []
    began, ended = (responses.believed(payload[name], row["received_at"]) for name in ("started_at", "finished_at"))
    encounter = {
        "id": payload["encounter"], "family": home["id"], "visit": payload["visit"], "person": visit["person"],
        "tablet": visit["outside"].tablet, "instrument": visit["instrument"].version, "state": "current",
        "replaces": payload["replaces"], "completes": payload["completes"], "started_at": payload["started_at"],
        "finished_at": payload["finished_at"], "began_at": began, "ended_at": ended,
        "received_at": row["received_at"], "judged_at": utc(now), "sealed_for": home["sealed_for"],
    }  # fmt: skip
    responses.check(bool(store.add("encounters", **encounter, result_sealed=found)), "conflict")
    keep_answers(store, payload, families.subjects(store, home["id"]), now)
    if replaced:
        store.change("encounters", replaced["id"], state="replaced")
    done(store, payload, home["id"])
    found["clarity"] = clear_up(store, home["id"], payload["encounter"])
    owe_private_talk(store, visit, calendar_days.day(parse_utc(ended)), now)
    review(store, encounter, found, municipality, now)
    changes.changed(store, home["id"], now)
    write_down(store, encounter, found, now)
    return True


def take(store: Store, row: Row, outside: Envelope, family: str, now: datetime) -> int:
    """The envelope is opened now, once. What is sealed in it goes; what proves its origin stays.

    That is the header, the SHA-256 of what was sealed, and the author's signature over both. A sealed
    copy kept for ever could be opened after a subject's data key is destroyed.
    """
    return store.run(
        "UPDATE envelopes SET state = 'opened', reason = NULL, judged_at = :now, family = :family, bytes = :proof"
        " WHERE seq = :seq AND state = 'received'",
        now=utc(now),
        family=family,
        proof=outside.header + hashlib.sha256(outside.ct).digest() + outside.signature,
        seq=row["seq"],
    )


def earlier(store: Store, id: str | None, family: str, person: str | None = None) -> Row | None:
    """The visit that another one names. Raises Unacceptable: earlier_missing, wrong_family, not_own_visit."""
    if id is None:
        return None
    row = store.row("SELECT id, family, person, sealed_for, result_sealed FROM encounters WHERE id = :id", id=id)
    responses.check(row is not None, EARLIER_MISSING)
    responses.check(row["family"] == family, "wrong_family")
    responses.check(person in (None, row["person"]), "not_own_visit")
    return row | {"known": store.opened("encounters", row, "result_sealed")}


def twice(store: Store, payload: Row, family: str) -> bool:
    """Whether the family already has such a visit besides the one that this replaces."""
    return payload["visit"] in ONCE and bool(
        store.row(
            "SELECT id FROM encounters WHERE family = :family AND visit = :visit AND state = 'current'"
            " AND id <> COALESCE(:replaces, '')",
            family=family,
            visit=payload["visit"],
            replaces=payload["replaces"],
        )
    )


def keep_answers(store: Store, payload: Row, subjects: dict[str, str], now: datetime) -> None:
    """A row for each subject of the family, also for whom nobody told anything: rows do not say who was asked."""
    parts = responses.split(payload["responses"])
    for kind, subject in subjects.items():
        own = [part for part in parts if part["subject"] == kind]
        store.add(
            "responses", id=new_id(now), encounter=payload["encounter"], sealed_for=subject,
            answers_sealed=responses.filled(own),
        )  # fmt: skip


def done(store: Store, payload: Row, family: str) -> None:
    """The due visit has been made; a first registration stays the one that is named."""
    store.run(
        "UPDATE planned_visits SET state = 'done', encounter = :encounter WHERE family = :family AND visit = :visit"
        " AND (encounter IS NULL OR encounter = :replaces)",
        encounter=payload["encounter"],
        family=family,
        visit=payload["visit"],
        replaces=payload["replaces"],
    )


def clear_up(store: Store, family: str, encounter: str) -> Row:
    """Write beside each visit's result how clear it is with the talks that complete it; gives one visit's."""
    past, found = families.encounters(store, family), {}
    for one in past:
        found[one["id"]] = clarity = flags.clarity(flags.together(past, one))
        if clarity != one["known"]["clarity"]:
            store.change("encounters", one["id"], result_sealed=one["known"] | {"clarity": clarity})
    return found[encounter]


def owe_private_talk(store: Store, visit: Row, finished: date, now: datetime) -> None:
    """When not everybody was asked alone, another talk is owed within 14 days, until it has been held (FR16)."""
    home, person = visit["home"], visit["person"]
    if visit["known"]["clarity"]["badge"] != "not_clarified":
        return tasks.end_of(store, home["id"], PRIVATE_TALK, person, now)
    if any(one["action"] == PRIVATE_TALK for one in tasks.of_family(store, home["id"])):
        return None
    tasks.add(
        store, home["id"], home["sealed_for"], visit["instrument"].action(PRIVATE_TALK)["label"],
        home["visitor"] or person, finished + PRIVATE_TALK_DAYS, now,
        action=PRIVATE_TALK, encounter=visit["payload"]["encounter"],
    )  # fmt: skip
    return None


def review(store: Store, encounter: Row, found: Row, municipality: Municipality, now: datetime) -> None:
    """Put the visit on the lead's list where it must be seen."""
    reasons = flags.why(found, attempts(store, encounter["family"]))
    if reasons:
        flags.raise_review(store, encounter, found, reasons, now, municipality)
    else:
        flags.withdraw(store, encounter["family"], encounter["replaces"], now)


def attempts(store: Store, family: str) -> int:
    """How many visits and talks it took that left it open whether everybody is safe, and no later talk closed it.

    The same visit registered twice is one.
    """
    tried = [one["known"] for one in families.encounters(store, family)]
    return sum(one["clarity"]["badge"] == "not_clarified" for one in tried if not one["twice"])


def write_down(store: Store, encounter: Row, found: Row, now: datetime) -> None:
    """The entries in the log: neutral names, no level (a parent may ask for the log)."""
    about = {"subject": encounter["family"], "sealed_for": encounter["sealed_for"]}
    detail = {"encounter": encounter["id"], "replaces": encounter["replaces"]}
    audit.add(store, "visit_kept", encounter["person"], now, **about, detail=detail)
    if found["differs"]:
        detail = {"encounter": encounter["id"], "differs": found["differs"], "release": found["release"]}
        audit.add(store, "result_differs", "system", now, **about, detail=detail)


def release(store: Store, envelope: str, by: people.Person, now: datetime) -> None:
    """A lead lets an envelope that was set aside be judged after all. Raises NotFound, NotAnswerable."""
    with store.transaction():
        row = store.row(
            "SELECT e.seq, e.reason, p.team FROM envelopes e LEFT JOIN authors a ON a.id = e.author"
            " LEFT JOIN people p ON p.id = a.person"
            " WHERE e.id = :id AND e.state = 'quarantined' ORDER BY e.seq LIMIT 1",
            id=envelope,
        )
        if not row or by["role"] != "lead" or not sent_to(by, row["team"]):
            raise NotFound("Besøget ligger ikke til side. Gå tilbage til listen.")
        if row["reason"] not in RELEASABLE:
            raise NotAnswerable("Besøget kan ikke læses ind, som det er. Tal med sundhedsplejersken om at rette det.")
        store.run("UPDATE envelopes SET state = 'received' WHERE seq = :seq", seq=row["seq"])
        audit.add(store, "envelope_released", by["id"], now, subject=envelope)
