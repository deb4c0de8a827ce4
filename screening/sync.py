"""What tablets bring and ask: sealed visits are taken in, kept before anything else, and answered with receipts.

Receiving knows nothing of what is inside an envelope. It keeps the bytes, in one transaction for the whole batch,
and signs a receipt after that; judging (``encounters.judge_waiting``) comes later and cannot undo it.

States of an envelope: received -> opened | quarantined. Refused ones were never kept; a line without bytes says so
until a lead has seen it (dismissed).
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from screening import audit, chains, tablets
from screening.errors import NotFound, TooLarge
from screening.people import Person
from screening.store import Store, envelope, utc
from screening.tablets import Tablet

MOST = 20
MOST_BYTES = 2 * 1024 * 1024
MOST_ASKED = 500
# These count in an author's sequence and are judged.
VISITS = (envelope.VISIT, envelope.AMENDMENT, envelope.PRELIMINARY, envelope.NOTE)
# A stolen transport key must not fill the list of what was refused: so many of a tablet's within so long.
REFUSED_KEPT, REFUSED_HOURS = 20, timedelta(hours=24)
TOO_MUCH = "For meget på én gang. Tabletten sender igen i mindre dele."

Outcome = dict[str, str]


def receive(store: Store, tablet: Tablet, envelopes: Sequence[bytes], now: datetime) -> list[Outcome]:
    """Take in a batch of envelopes; gives an outcome for each, in the same order.

    An outcome is id (``-`` when unreadable), sha256, result and where there is one a reason: ``received``
    and ``duplicate`` with a reason are kept but set aside, ``conflict`` is kept beside the other of its id,
    ``refused`` is not kept. Nothing in an envelope can make the others fail: whatever can be wrong with it is
    found before a row is written, so the only failure left is the disk's, and then nothing is acknowledged.
    Raises TooLarge for more than 20 envelopes or 2 MiB.
    """
    if len(envelopes) > MOST or sum(map(len, envelopes)) > MOST_BYTES:
        raise TooLarge(TOO_MUCH)
    known = [looked_at(store, raw) for raw in envelopes]  # before anybody else's writing has to wait
    with store.transaction():
        return [received(store, tablet, raw, one, now) for raw, one in zip(envelopes, known, strict=True)]


Known = tuple[envelope.Envelope | None, dict[str, Any] | None, str | None]


def looked_at(store: Store, raw: bytes) -> Known:
    """An envelope's outside, its author, and why it cannot be anybody's work; writes nothing."""
    try:
        opened = envelope.parse(raw)
    except envelope.BadEnvelope as error:
        return None, None, error.reason
    author = author_of(store, opened.author)
    return opened, author, unacceptable(opened, author)


def received(store: Store, tablet: Tablet, raw: bytes, known: Known, now: datetime) -> Outcome:
    """One envelope's outcome, with its row written."""
    opened, author, reason = known
    if opened is None or author is None or reason:
        sha256 = hashlib.sha256(raw).hexdigest()
        return refused(store, tablet, opened.id if opened else "-", sha256, reason or "unknown_author", now)
    return kept(store, tablet, opened, raw, set_aside(store, tablet, opened, author), now)


def author_of(store: Store, author: str) -> dict[str, Any] | None:
    return store.row(
        "SELECT a.id, a.person, a.tablet, a.public_key, a.revoked_at, p.disabled_at, t.revoked_at AS tablet_revoked_at"
        " FROM authors a JOIN people p ON p.id = a.person JOIN tablets t ON t.id = a.tablet WHERE a.id = :id",
        id=author,
    )


def unacceptable(opened: envelope.Envelope, author: dict[str, Any] | None) -> str | None:
    """Why an envelope cannot be anybody's work; None when its author's signature holds."""
    if author is None or author["tablet"] != opened.tablet:
        return "unknown_author"
    if not (envelope.is_sole(opened) and envelope.verify(opened, bytes(author["public_key"]))):
        return "wrong_signature"
    if opened.type not in VISITS:
        return "unknown_type"
    return None if opened.seq else "wrong_number"


def set_aside(store: Store, tablet: Tablet, opened: envelope.Envelope, author: dict[str, Any]) -> str | None:
    """Why an envelope is kept but waits for the lead; None when it may be judged."""
    if tablet["revoked_at"] or author["revoked_at"] or author["tablet_revoked_at"]:
        return "revoked"
    if author["disabled_at"]:
        return "person_left"
    if tablet["id"] != opened.tablet:
        return "other_tablet"
    # F10: a second content under the same id is kept beside the first, never instead of it.
    other = store.row(
        "SELECT sha256 FROM envelopes WHERE id = :id AND sha256 <> :sha256", id=opened.id, sha256=opened.sha256
    )
    return "conflict" if other else None


def kept(
    store: Store, tablet: Tablet, opened: envelope.Envelope, raw: bytes, reason: str | None, now: datetime
) -> Outcome:
    """Write an envelope's row once; both times are kept, the tablet's claim and ours."""
    added = store.add(
        "envelopes", id=opened.id, sha256=opened.sha256, state="quarantined" if reason else "received", reason=reason,
        type=opened.type, tablet=tablet["id"], author=opened.author, author_seq=opened.seq, previous=opened.previous,
        claimed_at=utc(opened.claimed_at), received_at=utc(now), bytes=raw,
    )  # fmt: skip
    if not added:
        return duplicate(store, opened)
    forget_refusal(store, opened)
    chains.look(store, opened, now)
    if reason:
        audit.add(store, "envelope_set_aside", tablet["id"], now, subject=opened.id)
    result = "conflict" if reason == "conflict" else "received"
    return outcome(opened.id, opened.sha256, result, reason)


def duplicate(store: Store, opened: envelope.Envelope) -> Outcome:
    """It was here before: say so, and whether it was set aside."""
    row = store.row(
        "SELECT state, reason FROM envelopes WHERE id = :id AND sha256 = :sha256", id=opened.id, sha256=opened.sha256
    )
    reason = row["reason"] if row and row["state"] == "quarantined" else None
    return outcome(opened.id, opened.sha256, "conflict" if reason == "conflict" else "duplicate", reason)


def refused(store: Store, tablet: Tablet, id: str, sha256: str, reason: str, now: datetime) -> Outcome:
    """Say no, and write once that it happened (AT-16): the number and the reason, not the bytes.

    The row's id is not the envelope's own, so that the same bytes can be kept the day they are acceptable.
    """
    so_far = store.row(
        "SELECT COUNT(*) AS n FROM envelopes"
        " WHERE state IN ('refused', 'dismissed') AND tablet = :tablet AND received_at > :since",
        tablet=tablet["id"],
        since=utc(now - REFUSED_HOURS),
    )
    if so_far and so_far["n"] < REFUSED_KEPT and store.add(
        "envelopes", id=refusal(sha256), sha256=sha256, state="refused", reason=reason, tablet=tablet["id"],
        received_at=utc(now),
    ):  # fmt: skip
        audit.add(store, "envelope_refused", tablet["id"], now, subject=refusal(sha256))
    return outcome(id, sha256, "refused", reason)


def refusal(sha256: str) -> str:
    """The id of the line that remembers a refusal."""
    return f"refused {sha256[:16]}"


def dismiss(store: Store, tablet: str, by: Person, now: datetime) -> None:
    """A lead has seen what a tablet was refused: off the list with it. The same bytes do not come back on it.

    Raises NotFound when nothing is there, or not for this person.
    """
    with store.transaction():
        seen = by["role"] == "lead" and store.run(
            "UPDATE envelopes SET state = 'dismissed' WHERE state = 'refused' AND tablet = :tablet", tablet=tablet
        )
        if not seen:
            raise NotFound("Der er ikke afvist noget fra den tablet. Gå tilbage til listen.")
        audit.add(store, "refusals_seen", by["id"], now, subject=tablet)


def forget_refusal(store: Store, opened: envelope.Envelope) -> None:
    """What was refused once (a server set back did not know its author) and is kept now is no longer refused."""
    store.run(
        "DELETE FROM envelopes WHERE id = :id AND sha256 = :sha256", id=refusal(opened.sha256), sha256=opened.sha256
    )


def outcome(id: str, sha256: str, result: str, reason: str | None = None) -> Outcome:
    made = {"id": id, "sha256": sha256, "result": result}
    return made | {"reason": reason} if reason else made


def states(store: Store, tablet: Tablet, ids: Sequence[str]) -> list[Outcome]:
    """How far envelopes made on or brought by this tablet have come: id, sha256, state, where there is one a reason.

    An id that is not here is left out; its tablet will bring it again. Raises TooLarge for more than 500.
    """
    if len(ids) > MOST_ASKED:
        raise TooLarge("Der er spurgt om for meget på én gang. Tabletten spørger igen i mindre dele.")
    if not ids:
        return []
    names = {f"id{number}": id for number, id in enumerate(ids)}
    rows = store.rows(
        "SELECT id, sha256, state, CASE WHEN state <> 'received' THEN reason END AS reason"  # noqa: S608 - only names of parameters are put in
        " FROM envelopes"
        f" WHERE id IN ({', '.join(':' + name for name in names)})"
        " AND (tablet = :tablet OR author IN (SELECT id FROM authors WHERE tablet = :tablet)) ORDER BY seq",
        tablet=tablet["id"],
        **names,
    )
    return [{name: value for name, value in row.items() if value is not None} for row in rows]


def waiting(store: Store, most: int = 100) -> list[dict[str, Any]]:
    """Envelopes that wait to be judged, the oldest first, with their bytes."""
    return store.rows(
        "SELECT * FROM envelopes WHERE state = 'received' ORDER BY seq LIMIT :most",
        most=most,
    )


def receipt(store: Store, kind: str, tablet: Tablet, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The signed answer to ``outbox`` or ``status``. Only what it says leaves a tablet's outbox.

    It names the request's nonce, so that an old answer does not fit a new question. ``safe_seq`` is 0 until
    backups say what is safe.
    """
    epoch, safe_seq = tablets.epoch(store), 0
    message = receipt_message(kind, tablet["id"], tablet["nonce"], epoch, safe_seq, outcomes)
    return {
        "epoch": epoch,
        "safe_seq": safe_seq,
        "results" if kind == "outbox" else "states": list(outcomes),
        "signature": tablets.text(store.keys.sign_receipt(message)),
    }


def receipt_message(
    kind: str, tablet: str, nonce: str, epoch: str, safe_seq: int, outcomes: Sequence[Outcome]
) -> bytes:
    """What the receipt key signs: a head, and a line for each outcome."""
    lines = [f"screening receipt 1\n{kind}\n{tablet}\n{nonce}\n{epoch}\n{safe_seq}\n"]
    for one in outcomes:
        said = one.get("result") or one["state"]
        lines.append(f"{one['id']} {one['sha256']} {said} {one.get('reason', '-')}\n")
    return "".join(lines).encode()


def gaps(store: Store, team: str | None, before: datetime) -> list[dict[str, Any]]:
    """Visits that must exist and have not come: numbers missing in an author's sequence (P5).

    Looks only behind the number up to which an author's visits are known to be whole.
    ``team`` None looks at all. Gives only gaps noticed before ``before`` (a day ago, say), oldest first: author,
    person, tablet, first and last missing number, noticed_at (when the visit after the gap came).
    """
    rows = store.rows(
        "SELECT a.id AS author, a.person, a.tablet, a.whole_to, e.author_seq, MIN(e.received_at) AS received_at"
        " FROM people p JOIN authors a ON a.person = p.id"
        " JOIN envelopes e ON e.author = a.id AND e.author_seq > a.whole_to WHERE p.team = COALESCE(:team, p.team)"
        " GROUP BY a.id, a.person, a.tablet, a.whole_to, e.author_seq ORDER BY a.id, e.author_seq",
        team=team,
    )
    found, last = [], {}
    for row in rows:
        expected = last.get(row["author"], row["whole_to"]) + 1
        last[row["author"]] = row["author_seq"]
        if row["author_seq"] > expected and row["received_at"] < utc(before):
            found.append(gap(row, expected))
    return sorted(found, key=lambda one: one["noticed_at"])


def count_on(store: Store, author: str) -> None:
    """Remember up to which number an author's visits are here without a gap. Inside the caller's transaction."""
    before = store.row("SELECT whole_to FROM authors WHERE id = :author", author=author)
    if not before:
        return
    whole = before["whole_to"]
    for row in store.rows(
        "SELECT author_seq FROM envelopes WHERE author = :author AND author_seq > :whole ORDER BY author_seq",
        author=author,
        whole=whole,
    ):
        if row["author_seq"] > whole + 1:
            break
        whole = row["author_seq"]
    if whole != before["whole_to"]:
        store.run("UPDATE authors SET whole_to = :whole WHERE id = :author", whole=whole, author=author)


def gap(row: dict[str, Any], first: int) -> dict[str, Any]:
    known = {name: row[name] for name in ("author", "person", "tablet")}
    return known | {"first": first, "last": row["author_seq"] - 1, "noticed_at": row["received_at"]}
