"""Sealed visits that have come home are opened, judged again by the published rules, and kept.

Judging follows receiving and cannot undo it. Each envelope is one transaction of its own: the visit, its answers,
the audit entry, the lead's review and the note for the tablet, or nothing. What cannot be opened or does not fit
its questions is set aside in sight of the lead, and the next one goes on.
"""

import hashlib
import logging
from datetime import datetime
from pathlib import Path
from typing import Any

from screening import (
    audit,
    calendar_days,
    changes,
    comparison,
    continuing,
    correcting,
    couple_gate,
    duties,
    families,
    flags,
    left_out,
    notes,
    opening,
    people,
    responses,
    sync,
    untrusted,
)
from screening.continuing import EARLIER_MISSING
from screening.errors import KeysClosed, NotAnswerable, NotFound, NotKept
from screening.instrument import Instrument
from screening.municipality import Municipality
from screening.readers import sent_to
from screening.responses import Unacceptable
from screening.store import Store, envelope, new_id, parse_utc, utc
from screening.store.envelope import BadEnvelope, Envelope

log = logging.getLogger(__name__)

# So many visits share one flush of the disk; receipts that come meanwhile wait for no more than these.
BATCH = 20
# The one kind of note that may name a family that is not here yet: it brings it.
NEW_FAMILY = "new_family"
# What a visit waits under until its family is here: from a list, or from a note of its own visitor.
UNKNOWN_FAMILY = "unknown_family"
# Why a visit to a family waits that its author has never visited; a lead who knows better lets it through.
NOT_HER_FAMILY = "not_her_family"
# Only one of each of these is expected of a family; a second is kept, and the lead sees both.
ONCE = ("2m", "8m")
# What a lead can let through after talking to the visitor, or after what was missing is here.
RELEASABLE = (
    "revoked", "person_left", "other_tablet", UNKNOWN_FAMILY, NOT_HER_FAMILY, "unknown_questionnaire", "not_judged",
)  # fmt: skip

Row = dict[str, Any]


def judge_waiting(store: Store, instruments: dict[str, Instrument], municipality: Municipality, now: datetime) -> int:
    """Open and judge every envelope that waits; gives how many became visits.

    Nothing in an envelope makes it raise. It raises KeysClosed or NotKept while keys or disk do not answer: then what
    was not judged still waits.
    """
    total = 0
    while True:
        again(store)
        came = judge_received(store, instruments, municipality, now)
        total += came
        # Whoever waited for an earlier visit may have got it now.
        if not came or not store.run(
            "UPDATE envelopes SET state = 'received' WHERE state = 'quarantined' AND reason = :reason",
            reason=EARLIER_MISSING,
        ):
            return total + (judge_received(store, instruments, municipality, now) if again(store) else 0)


def again(store: Store) -> int:
    """Let those be judged again whose family has come meanwhile; gives how many."""
    return store.run(
        "UPDATE envelopes SET state = 'received' WHERE state = 'quarantined' AND reason = :reason"
        " AND family IN (SELECT id FROM families)",
        reason=UNKNOWN_FAMILY,
    )


def judge_received(store: Store, instruments: dict[str, Instrument], municipality: Municipality, now: datetime) -> int:
    came = 0
    while rows := together(sync.waiting(store, BATCH)):
        ready = [(row, prepared(store, row, instruments)) for row in rows]
        with store.transaction():
            came += sum(settled(store, row, found, municipality, now) for row, found in ready)
            for author in {row["author"] for row in rows}:
                sync.count_on(store, author)
    return came


def together(rows: list[Row]) -> list[Row]:
    """As many of those that wait as can be prepared before any of them is kept.

    A correction looks at the visit it corrects, and a note may bring the family of the visits after it.
    """
    for place, row in enumerate(rows):
        if row["type"] == envelope.NOTE:
            return rows[: place + 1]
        if row["type"] == envelope.AMENDMENT and place:
            return rows[:place]
    return rows


class Aside(Exception):
    """An envelope that is set aside: the reason, and the family it is about where that is known."""

    def __init__(self, reason: str, family: str | None = None):
        super().__init__(reason)
        self.reason, self.family = reason, family


def prepared(store: Store, row: Row, instruments: dict[str, Instrument]) -> Row | Aside:
    """What is to be kept of an envelope; or why it is set aside. Writes nothing."""
    try:
        return read(store, row, instruments)
    except Aside as aside:
        return aside
    except (BadEnvelope, Unacceptable) as error:
        return Aside(error.reason)
    except (KeysClosed, NotKept):
        raise
    except Exception as error:
        return Aside(unexpected(row, error))


def read(store: Store, row: Row, instruments: dict[str, Instrument]) -> Row:
    """An envelope opened, checked and judged. Raises Aside, BadEnvelope, Unacceptable."""
    author = store.row("SELECT person, public_key FROM authors WHERE id = :id", id=row["author"])
    responses.check(author is not None, "unknown_author")
    outside, payload = opening.opened(store.keys, bytes(row["bytes"]), bytes(author["public_key"]))
    if outside.type == envelope.NOTE:
        return read_note(store, row, outside, payload, author["person"])
    own, payload, left = left_out.accepted(payload, outside, instruments)
    payload = untrusted.cleaned(payload)
    home = home_of(store, row, payload, author["person"])
    if home is None:
        raise Aside(UNKNOWN_FAMILY, payload["family"])
    found = {"outside": outside, "instrument": own, "home": home, "person": author["person"], "left": left}
    parents = [one["key"] for one in families.opened(store, home)["parents"]]
    past = families.encounters(store, home["id"])
    found["earlier"] = families.earlier(store, home["id"])
    return found | judged(store, found, payload, parents, past)


def home_of(store: Store, row: Row, payload: Row, person: str) -> Row | None:
    """The family an envelope is about; None where it is not here. Raises Unacceptable(not_her_family)."""
    home = store.row("SELECT * FROM families WHERE id = :id", id=payload["family"])
    # The reason of an envelope that waits again is what a lead has let through.
    if home:
        hers = row["reason"] == NOT_HER_FAMILY or families.was_hers(store, home, person)
        responses.check(hers, NOT_HER_FAMILY)
    return home


def judged(store: Store, found: Row, payload: Row, parents: list[str], past: list[Row]) -> Row:
    """payload, known, left and base of a visit: it and what is kept of it; a partial correction is whole after this."""
    own, base, changes, left = found["instrument"], None, payload, found["left"]
    if payload.get("partial"):
        base = correcting.base(store, payload, found["home"]["id"], found["person"], past)
        payload = payload | {"replaces": base["encounter"], "completes": base["completes"]}
    before = families.prior([one for one in past if one["id"] not in (payload["replaces"], payload.get("preliminary"))])
    prior = {
        "t20": any(before["t20"].values()),
        "agreement": before["agreement"],
        # Of every visit, also the one that is corrected: a correction does not open the couple gate again.
        "couple_block": couple_gate.is_closed([*(one["known"] for one in past), *found["earlier"]]),
    }
    if base:
        left = left_out.standing(left_out.kept(store, base["encounter"]), changes["responses"], left)
        payload = correcting.laid_over(own, base["visit"], payload, parents, prior)
    result = responses.judged(own, payload, parents, prior)
    return {
        "payload": payload,
        "base": base,
        "known": known(own, found["outside"], payload, result, parents)
        | {"left_out": left_out.names(left)}
        | (base["kept"] if base else {}),
        "left": left,
        "claims": {} if base else changes["result"],
    }


def read_note(store: Store, row: Row, outside: Envelope, payload: Row, person: str) -> Row:
    """A note opened and checked. Raises Aside(unknown_family), Unacceptable as ``notes.check``, and not_her_family."""
    notes.check(payload, outside)
    if home_of(store, row, payload, person) is None and payload["kind"] != NEW_FAMILY:
        raise Aside(UNKNOWN_FAMILY, payload["family"])
    return {"payload": payload, "outside": outside}


def known(own: Instrument, outside: Envelope, payload: Row, result: Row, parents: list[str]) -> Row:
    """What is kept of a visit beside its answers, under the case's key."""
    return {
        "result": result,
        "mode": payload["mode"],
        "parents": parents,
        "own": responses.text_of(payload, "D", "v1"),
        "t20": responses.told_alone(own, payload, result),
        "agreed": responses.text_of(payload, "D", "v5a"),
        "release": payload["release"],
        "now": payload.get("now", False),
        "preliminary": outside.type == envelope.PRELIMINARY,
        "continues": payload.get("preliminary"),
        "household": payload.get("household"),
        "revealed": payload.get("revealed"),
        "not_noted": payload.get("not_noted", False),
        "partial": payload.get("partial", False),
        "written_at": payload["finished_at"],
        "said_at": responses.said_at(payload),
        "unsure": responses.unsure(payload),
        "irrelevant": responses.irrelevant(payload),
        "twice": False,
        "decided": None,
        "instead_of": [],
        "clarity": {name: result[name] for name in ("safety", "badge")},
    }


def settled(store: Store, row: Row, found: Row | Aside, municipality: Municipality, now: datetime) -> bool:
    """Keep what came or set it aside; whether it was kept. Each succeeds or fails by itself."""
    if isinstance(found, Aside):
        set_aside(store, row, found, now)
        return False
    try:
        with store.transaction():
            if found["outside"].type == envelope.NOTE:
                return keep_note(store, row, found, municipality, now)
            return keep(store, row, found, municipality, now)
    except Unacceptable as error:
        set_aside(store, row, Aside(error.reason), now)
    except (KeysClosed, NotKept):
        raise
    except Exception as error:
        set_aside(store, row, Aside(unexpected(row, error)), now)
    return False


def unexpected(row: Row, error: Exception) -> str:
    """A mistake of ours must not hold up the others. Its words may hold what a family said; kind and place do not."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "nowhere"
    log.error("envelope %s was set aside: %s at %s", row["id"], type(error).__name__, place)
    return "not_judged"


def set_aside(store: Store, row: Row, aside: Aside, now: datetime) -> None:
    """Keep an envelope as it came, with the reason, where the lead sees it. The log has a line for each new reason."""
    with store.transaction():
        changed = store.run(
            "UPDATE envelopes SET state = 'quarantined', reason = :reason, judged_at = :now, family = :family"
            " WHERE seq = :seq AND state = 'received'",
            reason=aside.reason,
            family=aside.family,
            now=utc(now),
            seq=row["seq"],
        )
        if changed and row["reason"] != aside.reason:
            audit.add(store, "envelope_set_aside", "system", now, subject=row["id"])


def keep_note(store: Store, row: Row, note: Row, municipality: Municipality, now: datetime) -> bool:
    """What is no visit: not at home, moved, a new family. Raises Unacceptable; False when it was read before."""
    payload = note["payload"]
    if not take(store, row, note["outside"], payload["family"], now):
        return False
    return notes.keep(store, row, payload, now, municipality)


def keep(store: Store, row: Row, visit: Row, municipality: Municipality, now: datetime) -> bool:
    """Write everything that follows from a judged visit. Raises Unacceptable; False when it was judged before."""
    payload, home, found, person = visit["payload"], visit["home"], visit["known"], visit["person"]
    if not take(store, row, visit["outside"], home["id"], now):
        return False
    continuing.earlier(store, payload["completes"], home["id"])
    replaced = continuing.replaced(store, payload, home["id"], person)
    late = found["preliminary"] and continuing.continued_by(store, payload["encounter"], home["id"], person)
    found |= {
        "instead_of": continuing.taken(replaced),
        "decided": continuing.decided(store, replaced),
        "twice": twice(found, payload, families.encounters(store, home["id"])),
        "differs": responses.differences(found["result"], visit["claims"]),
    }
    encounter = {
        "id": payload["encounter"], "family": home["id"], "visit": payload["visit"], "person": person,
        "tablet": visit["outside"].tablet, "instrument": visit["instrument"].version,
        "state": "replaced" if late else "current", "replaces": payload["replaces"], "completes": payload["completes"],
        **held(payload, replaced, row["received_at"]), "received_at": row["received_at"], "judged_at": utc(now),
        "sealed_for": home["sealed_for"],
    }  # fmt: skip
    responses.check(
        bool(store.add("encounters", **encounter, result_sealed=responses.of_one_length(found))), "conflict"
    )
    keep_answers(store, payload, visit["left"], families.subjects(store, home["id"]), now)
    for one in replaced:
        store.change("encounters", one["id"], state="replaced")
    if late:
        come_late(store, encounter, replaced, late, municipality, now)
    else:
        follow(store, visit, encounter, replaced, municipality, now)
    changes.changed(store, home["id"], now)
    write_down(store, encounter, found, now)
    return True


def follow(store: Store, visit: Row, encounter: Row, replaced: list[Row], place: Municipality, now: datetime) -> None:
    """What a visit that counts brings with it: the due visit is made, safety is clearer, tasks, the lead's list."""
    payload, home, found = visit["payload"], visit["home"], visit["known"]
    if not found["preliminary"]:
        done(store, payload, home["id"])
        notes.met(store, home["id"], visit["person"], now)
    past = families.encounters(store, home["id"])
    found["clarity"] = clear_up(store, past, encounter["id"])
    told = [*(one["known"] for one in past), *families.earlier(store, home["id"])]
    visit["couple_block"] = couple_gate.is_closed(told)
    duties.settle(store, visit, past, calendar_days.day(parse_utc(encounter["ended_at"])), place, now)
    review(store, encounter | {"replaced": [one["id"] for one in replaced]}, found, past, place, now)
    look_again(store, encounter, past, place, now)


def come_late(
    store: Store, encounter: Row, replaced: list[Row], successor: Row, place: Municipality, now: datetime
) -> None:
    """A preliminary visit whose finished one is here raises nothing new; what it continued itself is taken over."""
    continuing.lay_down(store, encounter["id"], replaced, successor)
    flags.withdraw(store, encounter["family"], [one["id"] for one in replaced], now)
    if continuing.decided(store, replaced):
        past = families.encounters(store, encounter["family"])
        again_open = encounter | {"id": successor["id"], "replaced": [successor["id"]]}
        review(store, again_open, successor["known"], past, place, now)


def held(payload: Row, replaced: list[Row], received: str) -> dict[str, str]:
    """started_at and finished_at as the tablet's clock said, began_at and ended_at as far as that can be.

    A correction is written later than the visit it corrects was held, so these are the visit's own.
    """
    names = ("started_at", "finished_at", "began_at", "ended_at")
    for one in replaced:
        if one["id"] == payload["replaces"]:
            return {name: one[name] for name in names}
    claimed = [payload[name] for name in names[:2]]
    return dict(zip(names, [*claimed, *(responses.believed(one, received) for one in claimed)], strict=True))


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


def twice(found: Row, payload: Row, past: list[Row]) -> bool:
    """Whether the family already has such a visit besides those that this replaces, and in the same home.

    A preliminary visit is none yet.
    """
    return not found["preliminary"] and payload["visit"] in ONCE and any(
        one["visit"] == payload["visit"] and one["id"] not in (payload["replaces"], payload.get("preliminary"))
        and not one["known"].get("preliminary") and not flags.other_home(one["known"], found)
        for one in past
    )  # fmt: skip


def keep_answers(store: Store, payload: Row, left: list[Row], subjects: dict[str, str], now: datetime) -> None:
    """A row for each subject of the family, also for whom nobody told anything: rows do not say who was asked.

    ``left``: the answers that could not be read, as ``left_out.accepted`` gives them.
    """
    parts, unread = responses.split(payload["responses"]), left_out.owned(left, payload)
    for kind, subject in subjects.items():
        own = [part for part in parts if part["subject"] == kind]
        store.add(
            "responses", id=new_id(now), encounter=payload["encounter"], sealed_for=subject,
            answers_sealed=responses.filled(own, unread.get(kind, ())),
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


def clear_up(store: Store, past: list[Row], encounter: str) -> Row:
    """Write beside each visit's result, and in ``past``, how clear it is with the talks that complete it; gives one."""
    found = {one["id"]: flags.clarity(flags.together(past, one), one) for one in past}
    for one in past:
        if found[one["id"]] != one["known"]["clarity"]:
            one["known"]["clarity"] = found[one["id"]]
            store.change("encounters", one["id"], result_sealed=responses.of_one_length(one["known"]))
    return found[encounter]


def review(store: Store, encounter: Row, found: Row, past: list[Row], place: Municipality, now: datetime) -> None:
    """Put the visit on the lead's list where it must be seen."""
    here = continuing.standing_in(past, encounter["id"])
    reasons = flags.why(found, attempts(past, found), comparison.reasons(past, here) if here else ())
    if reasons:
        flags.raise_review(store, encounter, found, reasons, now, place)
    else:
        flags.withdraw(store, encounter["family"], encounter["replaced"], now)


def look_again(store: Store, encounter: Row, past: list[Row], place: Municipality, now: datetime) -> None:
    """What has come may show that a visit at 8 months is worse than the one at 2, or as high: then a lead looks again.

    That is so when the earlier visit comes after the later one, or is corrected.
    """
    for later in past:
        moved = comparison.reasons(past, later) if later["id"] != encounter["id"] else []
        if moved and set(moved) - set(said_why(store, encounter["family"], later["id"])):
            fresh = encounter | {"id": later["id"], "received_at": utc(now), "replaced": [later["id"]]}
            reasons = flags.why(later["known"], attempts(past, later["known"]), moved)
            flags.raise_review(store, fresh, later["known"], reasons, now, place)


def said_why(store: Store, family: str, encounter: str) -> list[str]:
    """Every reason for which a visit has been on a lead's list."""
    rows = store.rows(
        "SELECT id, sealed_for, summary_sealed FROM reviews WHERE family = :family AND encounter = :encounter",
        family=family,
        encounter=encounter,
    )
    return [reason for row in rows for reason in store.opened("reviews", row, "summary_sealed")["why"]]


def attempts(past: list[Row], found: Row) -> int:
    """How many visits and talks it took that left it open whether everybody is safe, and no later talk closed it.

    The same visit registered twice is one; what was tried in the other parent's home is not counted here, nor is a
    visit that is not finished.
    """
    tried = [
        one["known"] for one in past
        if not (one["known"]["twice"] or one["known"].get("preliminary") or flags.other_home(one["known"], found))
    ]  # fmt: skip
    return sum(one["clarity"]["badge"] == "not_clarified" for one in tried)


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
