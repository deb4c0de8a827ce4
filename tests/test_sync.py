"""What a tablet brings is kept once and whole, whatever else it brings; what is not kept is refused by name."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from screening import audit, opening, people, reviews, sync, tablets
from screening.demo.tablet import public
from screening.errors import NotFound, TooLarge
from screening.store import envelope, new_id, parse_utc
from screening.store.keys import ORDER
from tests.builders import PLACE, a_person, a_tablet


def a_visit(tablet, now, **payload):
    """The next sealed visit of this tablet; what it holds does not matter here."""
    return tablet.sealed({"encounter": new_id(now)} | payload, now)


def sealed(by, now, **outside):
    """A visit whose outside is as the test says."""
    given = {
        "id": new_id(now), "tablet": by.id, "author": by.author, "seq": 1, "claimed_at": now,
        "author_private": by.author_key, "public": by.key,
    }  # fmt: skip
    return envelope.seal({"schema": 1}, **given | outside)


def row_of(tablet, revoked_at=None):
    return {"id": tablet.id, "revoked_at": revoked_at, "nonce": "n" * 22}


def bring(store, tablet, envelopes, now):
    return sync.receive(store, row_of(tablet), envelopes, now)


def kept(store):
    return store.rows("SELECT * FROM envelopes WHERE state <> 'refused' ORDER BY seq")


# ── kept once ──


def test_a_visit_is_kept_byte_for_byte_and_waits_to_be_judged(store, tablet, now):
    raw = a_visit(tablet, now)
    (outcome,) = bring(store, tablet, [raw], now)
    opened = envelope.parse(raw)
    assert outcome == {"id": opened.id, "sha256": hashlib.sha256(raw).hexdigest(), "result": "received"}
    (waiting,) = sync.waiting(store)
    assert bytes(waiting["bytes"]) == raw
    assert (waiting["state"], waiting["tablet"], waiting["author"], waiting["author_seq"]) == (
        "received", tablet.id, tablet.author, 1,
    )  # fmt: skip


def test_a_visit_sent_twice_is_kept_once(store, tablet, now):
    raw = a_visit(tablet, now)
    first, again = bring(store, tablet, [raw, raw], now)
    assert (first["result"], again["result"]) == ("received", "duplicate")
    assert bring(store, tablet, [raw], now + timedelta(days=1))[0] == again
    assert len(kept(store)) == 1
    assert kept(store)[0]["received_at"] == "2026-11-23T09:12:00.000Z"


def test_another_content_under_the_same_id_is_kept_beside_the_first_and_set_aside(store, tablet, now):
    id = new_id(now)
    first, other = sealed(tablet, now, id=id), sealed(tablet, now, id=id)
    assert bring(store, tablet, [first], now)[0]["result"] == "received"
    (outcome,) = bring(store, tablet, [other], now)
    assert (outcome["result"], outcome["reason"]) == ("conflict", "conflict")
    assert [(row["state"], row["reason"], bytes(row["bytes"])) for row in kept(store)] == [
        ("received", None, first), ("quarantined", "conflict", other),
    ]  # fmt: skip
    again = bring(store, tablet, [other, first], now)
    assert [one["result"] for one in again] == ["conflict", "duplicate"]
    assert len(kept(store)) == 2


def test_a_wrong_clock_is_accepted_and_both_times_are_kept(store, tablet, now):
    for claimed in (datetime(1970, 1, 1, tzinfo=UTC), now - timedelta(days=800), datetime(2199, 1, 1, tzinfo=UTC)):
        assert bring(store, tablet, [sealed(tablet, now, claimed_at=claimed)], now)[0]["result"] == "received"
        row = kept(store)[-1]
        assert (parse_utc(row["claimed_at"]), parse_utc(row["received_at"])) == (claimed, now)


def test_the_twin_of_an_envelope_is_refused_and_makes_no_conflict(store, tablet, now):
    """(r, n - s) is a signature too: whoever carries the post could make a second envelope of another SHA-256."""
    for _ in range(8):
        raw = a_visit(tablet, now)
        twin = raw[:-32] + (ORDER - int.from_bytes(raw[-32:], "big")).to_bytes(32, "big")
        assert envelope.verify(envelope.parse(twin), public(tablet.author_key))
        outcomes = bring(store, tablet, [twin, raw, twin], now)
        assert [(one["result"], one.get("reason")) for one in outcomes] == [
            ("refused", "wrong_signature"), ("received", None), ("refused", "wrong_signature"),
        ]  # fmt: skip


def test_what_was_kept_before_with_the_higher_signature_is_judged_all_the_same(store, tablet, now):
    raw = a_visit(tablet, now)
    twin = raw[:-32] + (ORDER - int.from_bytes(raw[-32:], "big")).to_bytes(32, "big")
    found, payload = opening.opened(store.keys, twin, public(tablet.author_key))
    assert found.seq == 1 and set(payload) == {"encounter"}


def test_visits_may_arrive_in_any_order(store, tablet, now):
    sent = [a_visit(tablet, now + timedelta(seconds=number)) for number in range(8)]
    mixed = sent[5:] + sent[4:1:-1] + sent[:2]
    assert {one["result"] for one in bring(store, tablet, mixed, now)} == {"received"}
    assert sync.gaps(store, None, now + timedelta(days=2)) == []


# ── one bad item ──


def flipped(raw, at):
    """The same bytes but for one bit."""
    return raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]


def garbage(raw):
    """Envelopes that are none, each with the reason it must get."""
    return {
        b"": "not_ours", b"<html>Log ind</html>": "not_ours", raw[:50]: "too_short", flipped(raw, 0): "not_ours",
        raw + b"\0": "wrong_length", raw[:4] + b"\x09" + raw[5:]: "unknown_suite",
        raw[:15] + b"\x63" + raw[16:]: "unknown_type", raw + bytes(256 * 1024): "too_large",
        flipped(raw, len(raw) - 1): "wrong_signature", flipped(raw, 400): "wrong_signature",
    }  # fmt: skip


def test_what_is_wrong_with_an_envelope_is_named_and_stops_no_other(store, tablet, now):
    """AT-22."""
    other = ec.generate_private_key(ec.SECP256R1())
    bad = garbage(a_visit(tablet, now)) | {
        sealed(tablet, now, author_private=other): "wrong_signature",
        sealed(tablet, now, author=new_id(now)): "unknown_author",
        sealed(tablet, now, tablet=new_id(now)): "unknown_author",
        sealed(tablet, now, type=envelope.DRAFT): "unknown_type",
        sealed(tablet, now, seq=0): "wrong_number",
        sealed(tablet, now, seq=2**64 - 1): "wrong_number",
    }
    good = [a_visit(tablet, now) for _ in bad]
    outcomes = []
    for item, fine in zip(bad, good, strict=True):
        outcomes += bring(store, tablet, [item, fine], now)
    assert [one["reason"] for one in outcomes[::2]] == list(bad.values())
    assert [one["sha256"] for one in outcomes[::2]] == [hashlib.sha256(item).hexdigest() for item in bad]
    assert {one["result"] for one in outcomes[::2]} == {"refused"}
    assert {one["result"] for one in outcomes[1::2]} == {"received"}
    assert len(kept(store)) == len(good)


def test_no_changed_byte_in_front_of_the_seal_is_believed(store, tablet, now):
    raw = a_visit(tablet, now)
    changed = [flipped(raw, at) for at in range(envelope.LAYOUT.size)]
    outcomes = [bring(store, tablet, [one], now)[0] for one in changed]
    assert {one["result"] for one in outcomes} == {"refused"}
    assert kept(store) == []


def test_a_refusal_leaves_a_line_without_bytes_once_and_not_without_end(store, tablet, now):
    """AT-16."""
    for number in range(sync.REFUSED_KEPT + 5):
        junk = b"junk %d" % number
        assert [one["result"] for one in bring(store, tablet, [junk, junk], now)] == ["refused", "refused"]
    rows = store.rows("SELECT * FROM envelopes")
    assert len(rows) == sync.REFUSED_KEPT
    assert {(row["state"], row["reason"], row["bytes"]) for row in rows} == {("refused", "not_ours", None)}
    assert [one["event"] for one in audit.listed(store)].count("envelope_refused") == sync.REFUSED_KEPT


def test_junk_of_one_day_does_not_hide_what_is_refused_the_next(store, tablet, now):
    for number in range(sync.REFUSED_KEPT):
        bring(store, tablet, [b"junk %d" % number], now)
    bring(store, tablet, [b"unseen"], now + timedelta(hours=23))
    assert len(store.rows("SELECT id FROM envelopes")) == sync.REFUSED_KEPT
    bring(store, tablet, [b"seen"], now + timedelta(hours=25))
    assert len(store.rows("SELECT id FROM envelopes")) == sync.REFUSED_KEPT + 1


def test_a_lead_who_has_seen_what_was_refused_takes_it_off_the_list_for_good(store, visitor, tablet, now):
    lead = a_person(store, now, "lead")
    bring(store, tablet, [b"junk"], now)
    with pytest.raises(NotFound):
        sync.dismiss(store, tablet.id, visitor, now)
    sync.dismiss(store, tablet.id, lead, now)
    assert audit.listed(store)[0]["event"] == "refusals_seen"
    bring(store, tablet, [b"junk"], now + timedelta(days=2))
    assert reviews.listed(store, lead, now + timedelta(days=2), PLACE)["quarantine"] == []
    with pytest.raises(NotFound):
        sync.dismiss(store, tablet.id, lead, now)
    assert [one["event"] for one in audit.listed(store)].count("envelope_refused") == 1


def test_what_was_refused_is_kept_the_day_its_author_is_known(store, visitor, tablet, now):
    late = a_tablet(store, visitor, now)
    store.run("UPDATE authors SET tablet = :other WHERE id = :id", other=tablet.id, id=late.author)
    raw = a_visit(late, now)
    assert bring(store, late, [raw], now)[0]["reason"] == "unknown_author"
    store.run("UPDATE authors SET tablet = :own WHERE id = :id", own=late.id, id=late.author)
    assert bring(store, late, [raw], now)[0]["result"] == "received"
    assert [(row["state"], bytes(row["bytes"])) for row in store.rows("SELECT * FROM envelopes")] == [("received", raw)]


def test_too_much_at_once_is_refused_whole_and_nothing_of_it_is_kept(store, tablet, now):
    raw = a_visit(tablet, now)
    for batch in ([raw] * 21, [bytes(2 * 1024 * 1024), raw]):
        with pytest.raises(TooLarge):
            bring(store, tablet, batch, now)
    assert store.rows("SELECT id FROM envelopes") == []


def test_a_batch_that_cannot_be_written_is_not_acknowledged_at_all(store, tablet, now):
    batch = [a_visit(tablet, now), a_visit(tablet, now)]
    with pytest.raises(TypeError):
        bring(store, tablet, [*batch, "text is no envelope"], now)
    assert kept(store) == []
    assert {one["result"] for one in bring(store, tablet, batch, now)} == {"received"}


# ── set aside ──


def test_a_revoked_tablets_visits_are_kept_and_set_aside(store, tablet, now):
    raw = a_visit(tablet, now)
    (outcome,) = sync.receive(store, row_of(tablet, revoked_at="2026-11-23T09:00:00.000Z"), [raw], now)
    assert (outcome["result"], outcome["reason"]) == ("received", "revoked")
    assert (kept(store)[0]["state"], bytes(kept(store)[0]["bytes"])) == ("quarantined", raw)
    assert sync.waiting(store) == []
    (again,) = bring(store, tablet, [raw], now)
    assert (again["result"], again["reason"]) == ("duplicate", "revoked")


def test_a_visit_made_on_a_tablet_or_with_a_key_that_was_revoked_is_set_aside_whoever_brings_it(
    store, visitor, tablet, now
):
    other = a_tablet(store, visitor, now)
    tablets.revoke(store, other.id, "admin", now)
    assert bring(store, tablet, [a_visit(other, now)], now)[0]["reason"] == "revoked"
    store.run("UPDATE authors SET revoked_at = '2026-11-23' WHERE id = :id", id=tablet.author)
    assert bring(store, tablet, [a_visit(tablet, now)], now)[0]["reason"] == "revoked"


def test_a_visit_of_somebody_who_has_left_is_kept_and_set_aside(store, visitor, tablet, now):
    people.disable(store, visitor["username"], now)
    (outcome,) = bring(store, tablet, [a_visit(tablet, now)], now)
    assert (outcome["result"], outcome["reason"]) == ("received", "person_left")
    assert audit.listed(store)[0]["event"] == "envelope_set_aside"


def test_a_visit_brought_by_another_tablet_is_kept_and_set_aside(store, visitor, tablet, now):
    other = a_tablet(store, visitor, now)
    (outcome,) = bring(store, other, [a_visit(tablet, now)], now)
    assert (outcome["result"], outcome["reason"]) == ("received", "other_tablet")


# ── how far it has come ──


def test_a_tablet_hears_how_far_its_own_visits_have_come_and_nobody_elses(store, visitor, tablet, now):
    mine, other = a_visit(tablet, now), a_tablet(store, visitor, now)
    bring(store, tablet, [mine], now)
    bring(store, other, [a_visit(other, now)], now)
    ids = [row["id"] for row in kept(store)]
    assert sync.states(store, row_of(tablet), [*ids, "no such id"]) == [
        {"id": ids[0], "sha256": hashlib.sha256(mine).hexdigest(), "state": "received"}
    ]
    store.run("UPDATE envelopes SET state = 'quarantined', reason = 'incomplete' WHERE id = :id", id=ids[0])
    assert sync.states(store, row_of(tablet), ids)[0]["reason"] == "incomplete"
    assert sync.states(store, row_of(tablet), []) == []
    with pytest.raises(TooLarge):
        sync.states(store, row_of(tablet), ["x"] * 501)


def test_a_visit_that_another_tablet_brought_is_followed_on_its_own_too(store, visitor, tablet, now):
    other, stranger = a_tablet(store, visitor, now), a_tablet(store, a_person(store, now), now)
    bring(store, other, [a_visit(tablet, now)], now)
    id = kept(store)[0]["id"]
    store.run("UPDATE envelopes SET state = 'opened', reason = NULL")
    assert [one["state"] for one in sync.states(store, row_of(tablet), [id])] == ["opened"]
    assert [one["state"] for one in sync.states(store, row_of(other), [id])] == ["opened"]
    assert sync.states(store, row_of(stranger), [id]) == []


def test_both_contents_of_an_id_are_named(store, tablet, now):
    id = new_id(now)
    bring(store, tablet, [sealed(tablet, now, id=id), sealed(tablet, now, id=id)], now)
    found = sync.states(store, row_of(tablet), [id])
    assert [(one["state"], one.get("reason")) for one in found] == [("received", None), ("quarantined", "conflict")]


# ── receipts ──


def test_a_receipt_is_signed_over_everything_it_says(store, tablet, now):
    outcomes = bring(store, tablet, [a_visit(tablet, now), b"junk"], now)
    answer = sync.receipt(store, "outbox", row_of(tablet), outcomes)
    assert set(answer) == {"epoch", "safe_seq", "results", "signature"}
    lines = "".join(
        f"{one['id']} {one['sha256']} {one['result']} {one.get('reason', '-')}\n" for one in answer["results"]
    )
    said = f"screening receipt 1\noutbox\n{tablet.id}\n{'n' * 22}\n{answer['epoch']}\n0\n{lines}".encode()
    signature, key = base64.b64decode(answer["signature"]), store.keys.receipt_public()
    assert tablets.signed_by(key, said, signature)
    assert lines.endswith("refused not_ours\n")
    for changed in (said.replace(b"received", b"refused "), said.replace(b"outbox", b"status"), said + b"x"):
        assert not tablets.signed_by(key, changed, signature)


def test_a_status_is_signed_as_a_status(store, tablet, now):
    bring(store, tablet, [a_visit(tablet, now)], now)
    states = sync.states(store, row_of(tablet), [row["id"] for row in kept(store)])
    answer = sync.receipt(store, "status", row_of(tablet), states)
    said = sync.receipt_message("status", tablet.id, "n" * 22, answer["epoch"], 0, answer["states"])
    assert b"\nstatus\n" in said and said.endswith(b" received -\n")
    assert tablets.signed_by(store.keys.receipt_public(), said, base64.b64decode(answer["signature"]))


# ── what must have existed ──


def test_a_number_missing_in_an_authors_sequence_is_seen_a_day_later(store, visitor, tablet, now):
    sent = [a_visit(tablet, now) for _ in range(6)]
    bring(store, tablet, [sent[1], sent[4], sent[5]], now)
    tomorrow = now + timedelta(days=1, minutes=1)
    assert sync.gaps(store, "Nord", now) == []
    found = sync.gaps(store, "Nord", tomorrow)
    assert [(one["first"], one["last"]) for one in found] == [(1, 1), (3, 4)]
    assert found[0] == {
        "author": tablet.author, "person": visitor["id"], "tablet": tablet.id, "first": 1, "last": 1,
        "noticed_at": "2026-11-23T09:12:00.000Z",
    }  # fmt: skip
    assert sync.gaps(store, "Syd", tomorrow) == []
    bring(store, tablet, [sent[0], sent[2], sent[3]], tomorrow)
    assert sync.gaps(store, None, tomorrow + timedelta(days=2)) == []


def test_whichever_visit_is_lost_its_absence_is_seen(store, visitor, now):
    for lost in range(7):
        tablet = a_tablet(store, visitor, now)
        sent = [a_visit(tablet, now) for _ in range(8)]
        bring(store, tablet, [one for number, one in enumerate(sent) if number != lost], now)
        found = [one for one in sync.gaps(store, None, now + timedelta(days=2)) if one["author"] == tablet.author]
        assert [(one["first"], one["last"]) for one in found] == [(lost + 1, lost + 1)]


def test_what_is_known_to_be_whole_is_not_looked_at_again(store, tablet, now):
    sent = [a_visit(tablet, now) for _ in range(6)]
    bring(store, tablet, sent[:3] + sent[4:], now)
    sync.count_on(store, tablet.author)
    assert store.row("SELECT whole_to FROM authors")["whole_to"] == 3
    later = now + timedelta(days=2)
    store.run("DELETE FROM envelopes WHERE author_seq <= 3")
    assert [(one["first"], one["last"]) for one in sync.gaps(store, None, later)] == [(4, 4)]
    bring(store, tablet, [sent[3]], later)
    sync.count_on(store, tablet.author)
    assert store.row("SELECT whole_to FROM authors")["whole_to"] == 6
    assert sync.gaps(store, None, later + timedelta(days=2)) == []


def test_the_oldest_visits_are_judged_first(store, tablet, now):
    sent = [a_visit(tablet, now) for _ in range(3)]
    bring(store, tablet, sent, now)
    assert [bytes(row["bytes"]) for row in sync.waiting(store, 2)] == sent[:2]
