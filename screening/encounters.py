"""Visits that have come home: opened, judged again by the published rules, and kept under each subject's own key.

Judging follows receiving and cannot undo it. Each envelope is one transaction of its own: the visit, its answers,
the audit entry, the lead's review and the note for the tablet, or nothing. What cannot be opened or does not fit
its questions is set aside in sight of the lead, and the next one goes on.
"""

import hashlib
import logging
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from screening import (
    audit,
    calendar_days,
    changes,
    decisions,
    families,
    flags,
    instrument,
    opening,
    people,
    responses,
    sync,
    tasks,
)
from screening.errors import KeysClosed, NotAnswerable, NotFound, NotKept
from screening.instrument import Instrument
from screening.municipality import Municipality
from screening.questionnaire import Item
from screening.responses import Unacceptable
from screening.store import Store, new_id, parse_utc, utc
from screening.store.envelope import BadEnvelope, Envelope

log = logging.getLogger(__name__)

# So many visits share one flush of the disk; receipts that come meanwhile wait for no more than these.
BATCH = 20
# What a correction or a later talk waits under until the visit it names has come.
EARLIER_MISSING = "earlier_missing"
# Only one of each of these is expected of a family; a second is kept, and the lead sees both.
ONCE = ("2m", "8m")
# The talk with each parent alone that is owed when nobody was asked alone (flow rule FR16).
PRIVATE_TALK = "H18"
PRIVATE_TALK_DAYS = timedelta(days=14)
DECLINED = {"da": "Ønsker ikke at svare", "en": "Prefers not to answer"}
YES_NO = {"true": {"da": "Ja", "en": "Yes"}, "false": {"da": "Nej", "en": "No"}}
RELEASABLE = ("revoked", "person_left", "other_tablet", "unknown_family", "unknown_questionnaire", "not_judged")

Row = dict[str, Any]


# ── judging ──


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
            "UPDATE envelopes SET state = 'received', reason = NULL WHERE state = 'quarantined' AND reason = :reason",
            reason=EARLIER_MISSING,
        ):
            return total


def judge_received(store: Store, instruments: dict[str, Instrument], municipality: Municipality, now: datetime) -> int:
    came = 0
    while rows := sync.waiting(store, BATCH):
        ready = [(row, prepared(store, row, instruments)) for row in rows]
        with store.transaction():
            came += sum(settled(store, row, visit, municipality, now) for row, visit in ready)
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
    parents = [one["key"] for one in families.opened(store, home)["parents"]]
    past = families.encounters(store, home["id"])
    before = families.prior([one for one in past if one["id"] != payload["replaces"]])
    prior = {"t20": any(before["t20"].values()), "agreement": before["agreement"]}
    result = responses.judged(own, payload, parents, prior)
    return {
        "payload": payload, "outside": outside, "instrument": own, "home": home, "person": author["person"],
        "known": known(own, payload, result, parents),
    }  # fmt: skip


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
    """Keep an envelope as it came, with the reason, where the lead sees it."""
    with store.transaction():
        changed = store.run(
            "UPDATE envelopes SET state = 'quarantined', reason = :reason, judged_at = :now"
            " WHERE seq = :seq AND state = 'received'",
            reason=reason,
            now=utc(now),
            seq=row["seq"],
        )
        if changed:
            audit.add(store, "envelope_set_aside", "system", now, subject=row["id"])


def keep(store: Store, row: Row, visit: Row, municipality: Municipality, now: datetime) -> bool:
    """Write everything that follows from a judged visit. Raises Unacceptable; False when it was judged before."""
    payload, home, found = visit["payload"], visit["home"], visit["known"]
    if not take(store, row, visit["outside"], home["id"], now):
        return False
    replaced = earlier(store, payload["replaces"], home["id"], visit["person"])
    earlier(store, payload["completes"], home["id"])
    found["twice"] = twice(store, payload, home["id"])
    encounter = {
        "id": payload["encounter"], "family": home["id"], "visit": payload["visit"], "person": visit["person"],
        "tablet": visit["outside"].tablet, "instrument": visit["instrument"].version, "state": "current",
        "replaces": payload["replaces"], "completes": payload["completes"], "started_at": payload["started_at"],
        "finished_at": payload["finished_at"], "received_at": row["received_at"], "judged_at": utc(now),
        "sealed_for": home["sealed_for"],
    }  # fmt: skip
    responses.check(bool(store.add("encounters", **encounter, result_sealed=found)), "conflict")
    keep_answers(store, payload, families.subjects(store, home["id"]), now)
    if replaced:
        store.change("encounters", replaced["id"], state="replaced")
    done(store, payload, home["id"])
    owe_private_talk(store, visit, now)
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
    row = store.row("SELECT id, family, person FROM encounters WHERE id = :id", id=id)
    responses.check(row is not None, EARLIER_MISSING)
    responses.check(row["family"] == family, "wrong_family")
    responses.check(person in (None, row["person"]), "not_own_visit")
    return row


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
    for part in responses.split(payload["responses"]):
        store.add(
            "responses", id=new_id(now), encounter=payload["encounter"], form=part["form"],
            respondent=part["respondent"], subject=part["subject"], authored_at=part["authored_at"],
            sealed_for=subjects[part["subject"]],
            answers_sealed={"answers": part["answers"], "unanswered": part["unanswered"]},
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


def owe_private_talk(store: Store, visit: Row, now: datetime) -> None:
    """When not everybody was asked alone, another talk is owed within 14 days, until it has been held (FR16)."""
    home, person = visit["home"], visit["person"]
    if visit["known"]["result"]["badge"] != "not_clarified":
        return tasks.end_of(store, home["id"], PRIVATE_TALK, person, now)
    if any(one["action"] == PRIVATE_TALK for one in tasks.of_family(store, home["id"])):
        return None
    finished = calendar_days.day(parse_utc(visit["payload"]["finished_at"]))
    tasks.add(
        store, home["id"], home["sealed_for"], visit["instrument"].action(PRIVATE_TALK)["label"],
        home["visitor"] or person, finished + PRIVATE_TALK_DAYS, now,
        action=PRIVATE_TALK, encounter=visit["payload"]["encounter"],
    )  # fmt: skip
    return None


def review(store: Store, encounter: Row, found: Row, municipality: Municipality, now: datetime) -> None:
    """Put the visit on the lead's list where it must be seen."""
    past = families.encounters(store, encounter["family"])
    tried = (one["known"] for one in past if not one["known"]["twice"])
    attempts = sum(known["result"]["badge"] == "not_clarified" for known in tried)
    reasons = flags.why(found, attempts)
    if reasons:
        flags.raise_review(store, encounter, found, reasons, now, municipality)
    else:
        flags.withdraw(store, encounter["family"], encounter["replaces"], now)


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
            "SELECT seq, reason FROM envelopes WHERE id = :id AND state = 'quarantined' ORDER BY seq LIMIT 1",
            id=envelope,
        )
        if not row or by["role"] != "lead":
            raise NotFound("Besøget ligger ikke til side. Gå tilbage til listen.")
        if row["reason"] not in RELEASABLE:
            raise NotAnswerable("Besøget kan ikke læses ind, som det er. Tal med sundhedsplejersken om at rette det.")
        store.run("UPDATE envelopes SET state = 'received', reason = NULL WHERE seq = :seq", seq=row["seq"])
        audit.add(store, "envelope_released", by["id"], now, subject=envelope)


# ── reading ──


def of_family(store: Store, family: str, language: str = "da") -> list[Row]:
    """A family's visits, those that count first, then newest first.

    Each has id, visit, person, by (the visitor's name), instrument, state (current, replaced), replaces, completes,
    started_at, finished_at, received_at, judged_at; result (as ``evaluation.judged``), mode, own (the visitor's own
    level), twice; standing (the level after a lead's decision) and reasons [{id, headline, second}] in words.
    """
    rows = store.rows(
        "SELECT * FROM encounters WHERE family = :family"
        " ORDER BY CASE WHEN state = 'current' THEN 0 ELSE 1 END, finished_at DESC, id DESC",
        family=family,
    )
    return [opened(store, row, language) for row in rows]


def opened(store: Store, row: Row, language: str) -> Row:
    found = store.opened("encounters", row, "result_sealed")
    own = instrument.load(row["instrument"])
    return (
        {name: value for name, value in row.items() if name not in ("sealed_for", "result_sealed")}
        | found
        | {
            "by": people.get(store, row["person"])["name"],
            "standing": decisions.standing(store, row["family"], row["id"], found["result"]),
            "reasons": [in_words(own, found["result"], id, language) for id in found["result"]["reasons"]],
        }
    )


def in_words(own: Instrument, result: Row, reason: str, language: str) -> Row:
    """A reason for a level in plain words: id, headline, second."""
    headline, second = own.reason(reason, language, flags.who(result, reason, language))
    return {"id": reason, "headline": headline, "second": second}


def answers(store: Store, encounter: str, private: set[str] = frozenset(), language: str = "da") -> list[Row]:
    """A visit's answers in the questionnaire's order.

    Each has subject (child, parent1, parent2, case), form, respondent, authored_at, link_id, type, value (a code, a
    list of codes, or text; None when declined), declined, kept, text (the question), shown (a list of words).
    What was said alone (form C, v5b) is left out but for the subjects in ``private``; whoever asks for them has
    written that down first, see ``open_private``.
    """
    own, rows = kept_answers(store, encounter)
    found = []
    for row in rows:
        given = store.opened("responses", row, "answers_sealed")["answers"]
        for link_id, cell in given.items():
            if not is_private(row["form"], link_id) or row["subject"] in private:
                found.append(answer(own["instrument"], own["visit"], row, link_id, cell, language))
    place = {item.link_id: number for number, item in enumerate(own["instrument"].by_id.values())}
    return sorted(found, key=lambda one: (one["form"], place[one["link_id"]], one["respondent"]))


def answer(own: Instrument, visit: str, row: Row, link_id: str, cell: Row, language: str) -> Row:
    item, value = own.item(link_id), cell.get("value")
    return {
        "subject": row["subject"], "form": row["form"], "respondent": row["respondent"],
        "authored_at": row["authored_at"], "link_id": link_id, "type": item.type, "value": value,
        "declined": "declined" in cell or value in ("na", ["na"]), "kept": "kept" in cell,
        "text": wording(item, visit)[language], "shown": said(item, visit, value, language),
    }  # fmt: skip


def wording(item: Item, visit: str) -> dict[str, str]:
    return (item.text8 if visit == "8m" else None) or item.text


def said(item: Item, visit: str, value: Any, language: str) -> list[str]:
    """An answer in words, one for each code."""
    if value is None:
        return [DECLINED[language]]
    if item.type not in ("choice", "multi", "boolean"):
        return [value]
    words = YES_NO | {"na": DECLINED}
    words |= {one.code: (one.text8 if visit == "8m" else None) or one.text for one in item.options}
    return [words[code][language] for code in (value if isinstance(value, list) else [value])]


def is_private(form: str, link_id: str) -> bool:
    """Whether an answer was given alone: all of form C with c1 to c4, and what was agreed alone."""
    return form == "C" or link_id == responses.TOLD_ALONE


def private_counts(store: Store, encounter: str) -> dict[str, int]:
    """Subject -> how many answers given alone a visit holds, so that a closed part can say so."""
    _, rows = kept_answers(store, encounter)
    found: dict[str, int] = {}
    for row in rows:
        given = store.opened("responses", row, "answers_sealed")["answers"]
        count = sum(is_private(row["form"], link_id) for link_id in given)
        if count:
            found[row["subject"]] = found.get(row["subject"], 0) + count
    return found


def open_private(
    store: Store, encounter: str, subject: str, person: people.Person, purpose: str, now: datetime, language: str = "da"
) -> list[Row]:
    """Open what one subject said alone at one visit: written down first, then given as ``answers``.

    ``purpose`` is why, in the reader's words; it stands in the log under the subject's own key. Raises NotFound for a
    family that is not the person's, NotAnswerable without a purpose.
    """
    own, _ = kept_answers(store, encounter)
    families.get(store, own["family"], person)
    purpose = decisions.words(purpose)
    if not purpose:
        raise NotAnswerable("Vælg et formål, før du åbner de beskyttede svar.")
    key = families.subjects(store, own["family"]).get(subject)
    if not key:
        raise NotFound("Besøget findes ikke. Gå tilbage til familien.")
    with store.transaction():
        detail = {"encounter": encounter, "purpose": purpose}
        audit.add(store, "record_read", person["id"], now, subject=key, sealed_for=key, detail=detail)
    return answers(store, encounter, {subject}, language)


def kept_answers(store: Store, encounter: str) -> tuple[Row, list[Row]]:
    """A visit (family, visit, instrument) and its rows of answers, still sealed. Raises NotFound."""
    row = store.row("SELECT family, visit, instrument FROM encounters WHERE id = :id", id=encounter)
    if not row:
        raise NotFound("Besøget findes ikke. Gå tilbage til familien.")
    rows = store.rows("SELECT * FROM responses WHERE encounter = :encounter ORDER BY id", encounter=encounter)
    return row | {"instrument": instrument.load(row["instrument"])}, rows
