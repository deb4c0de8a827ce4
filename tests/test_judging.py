"""A visit that comes home is judged by the rules and kept under each subject's own key; nothing is dropped."""

import hashlib
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screening import audit, encounters, families, instrument, notes, reviews, schema, sync, tablets
from screening.demo.tablet import public
from screening.errors import KeysClosed, NotAnswerable, NotFound, Unreadable
from screening.municipality import Municipality
from screening.store import envelope, new_id, open_store
from tests.builders import ALONE as TALKED
from tests.builders import (
    LOUD,
    QUIET,
    a_correction,
    a_family,
    a_note,
    a_person,
    a_tablet,
    a_visit,
    arrive,
    bring,
    judge,
    sealed,
)

OWN = instrument.load("1.0.0")
TABLES = ("encounters", "responses", "reviews", "tasks", "planned_visits", "caseload_changes", "audit", "decisions")


def everything(store):
    return {table: store.rows(f"SELECT * FROM {table} ORDER BY 1") for table in TABLES}  # noqa: S608 - tables named above


def parts_of(store, row):
    return store.opened("responses", row, "answers_sealed")["parts"]


def alone(home, now, **said):
    """Both answered for themselves; parent 1 alone told this."""
    return a_visit(home, now, mode="each", answers={("B", "parent2"): {}, ("C", "parent1"): said, "D": {}})


# ── a visit comes home ──


def test_each_answer_is_sealed_under_its_subjects_own_key(store, tablet, home, now):
    visit = alone(home, now, t2="yes")
    arrive(store, tablet, visit, now)
    subjects = families.subjects(store, home["id"])
    kept = {row["sealed_for"]: parts_of(store, row) for row in store.rows("SELECT * FROM responses")}
    assert all(part["subject"] == kind for kind, key in subjects.items() for part in kept[key])
    assert {(part["form"], part["respondent"], part["subject"]) for parts in kept.values() for part in parts} == {
        ("A", "parent1", "child"), ("A", "parent1", "parent1"), ("A", "parent1", "case"), ("B", "parent1", "parent1"),
        ("B", "parent2", "parent2"), ("C", "parent1", "parent1"), ("D", "case", "case"), ("D", "case", "parent1"),
    }  # fmt: skip


def test_one_parents_answers_are_gone_with_that_parents_key_and_the_others_stay(store, tablet, home, now):
    visit = alone(home, now, t2="yes")
    arrive(store, tablet, visit, now)
    subjects = families.subjects(store, home["id"])
    store.run("UPDATE data_keys SET wrapped = :wrapped WHERE id = :id", wrapped=b"gone", id=subjects["parent1"])
    for row in store.rows("SELECT * FROM responses"):
        if row["sealed_for"] == subjects["parent1"]:
            with pytest.raises(Unreadable):
                parts_of(store, row)
        else:
            assert all(part["answers"] or part["unanswered"] for part in parts_of(store, row))


def test_a_thief_of_the_tables_cannot_see_who_was_asked_alone(store, visitor, tablet, now):
    looks = []
    for answers in ({}, {("C", "parent1"): {}}, {("C", "parent1"): {"t2": "yes"}, ("C", "parent2"): {}}):
        visit = a_visit(a_family(store, visitor, now), now, answers=answers)
        assert arrive(store, tablet, visit, now)["state"] == "opened"
        rows = store.rows("SELECT * FROM responses WHERE encounter = :id", id=visit["encounter"])
        assert set(rows[0]) == {"id", "encounter", "sealed_for", "answers_sealed"}
        looks.append([len(row["answers_sealed"]) for row in rows])
    assert looks[0] == looks[1] == looks[2] and len(looks[0]) == 4
    assert len({len(row["result_sealed"]) for row in store.rows("SELECT result_sealed FROM encounters")}) == 1


def test_nothing_said_stands_unsealed_in_the_servers_files(file_store, now):
    visitor = a_person(file_store, now)
    a_person(file_store, now, "lead")
    home, tablet = a_family(file_store, visitor, now), a_tablet(file_store, visitor, now)
    words = "Skovlygterne brænder"
    visit = alone(home, now, t2="yes", c2=words)
    visit["responses"][-1]["answers"]["v3"] = {"value": words}
    del visit["responses"][-1]["unanswered"]["v3"]
    visit["count"] += 1
    row = arrive(file_store, tablet, visit, now)
    assert row["state"] == "opened"
    lead = a_person(file_store, now, "lead", name="Kontrol Planteret")
    form = {"decision": "agree", "note": words, "seen": ""}
    reviews.decide(file_store, home["id"], row["id"], form, lead, now, Municipality())
    folder = file_store.database.path.parent
    file_store.close()
    kept = b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())
    assert row["id"].encode() in kept
    for encoding in ("utf-8", "utf-16-le"):
        assert words.encode(encoding) not in kept


def test_the_opened_envelope_keeps_proof_of_its_origin_and_no_sealed_copy(store, tablet, home, now):
    raw = sealed(tablet, a_visit(home, now), now)
    bring(store, tablet, raw, now)
    judge(store, now)
    row = store.row("SELECT * FROM envelopes")
    proof, opened = bytes(row["bytes"]), envelope.parse(raw)
    assert opened.ct not in proof and len(proof) < 300
    header, digest, signature = proof[:-96], proof[-96:-64], proof[-64:]
    assert digest == hashlib.sha256(opened.ct).digest()
    assert tablets.signed_by(public(tablet.author_key), envelope.SIGNED + header + digest, signature)
    assert bring(store, tablet, raw, now)["result"] == "duplicate"


def test_the_planned_visit_is_done_and_the_tablet_hears_of_it(store, tablet, visitor, home, now):
    cursor = families.caseload(store, visitor, None, now)["cursor"]
    visit = a_visit(home, now)
    arrive(store, tablet, visit, now)
    (row,) = families.caseload(store, visitor, cursor, now)["families"]
    assert [(one["visit"], one["state"]) for one in row["visits"]] == [("2m", "done"), ("8m", "open")]
    assert families.get(store, home["id"], visitor)["visits"][0]["encounter"] == visit["encounter"]


def test_judging_again_changes_nothing(store, tablet, home, lead, now):
    raw = sealed(tablet, a_visit(home, now, answers={"B": LOUD}), now)
    bring(store, tablet, raw, now)
    assert judge(store, now) == 1
    before = everything(store)
    bring(store, tablet, raw, now + timedelta(hours=1))
    assert judge(store, now + timedelta(hours=1)) == 0
    assert everything(store) == before


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.fixed_dictionaries({name: st.sampled_from(["0", "1", "2", "3", "na"]) for name in QUIET}),
    st.fixed_dictionaries({name: st.sampled_from(sorted(OWN.item(name).codes())) for name in ("t1", "t4", "t5", "t6")}),
)
def test_however_it_was_answered_it_is_judged_once_and_every_answer_is_there(keys, now, conflict, told):
    store = open_store(":memory:", keys, schema.HISTORY)
    visitor = a_person(store, now)
    a_person(store, now, "lead")
    tablet, home = a_tablet(store, visitor, now), a_family(store, visitor, now)
    visit = a_visit(home, now, mode="each", answers={"B": conflict, ("C", "parent1"): told, "D": {}})
    assert arrive(store, tablet, visit, now)["state"] == "opened"
    before = everything(store)
    assert judge(store, now) == 0 and everything(store) == before
    assert len(encounters.answers(store, visit["encounter"], {"parent1"})) == visit["count"]
    final = encounters.of_family(store, home["id"])[0]["result"]["final"]
    waiting = store.rows("SELECT id FROM reviews WHERE state = 'open'")
    assert len(waiting) == 1 or final is None or final < 2
    store.close()


# ── what is wrong is set aside, and the others go on ──


# Reason -> what is wrong with the visit, and what with its envelope.
BROKEN = {
    "wrong_count": ({"count": 99}, {}),
    "unknown_family": ({"family": "01a207ad-2f00-7000-8000-0000000000aa"}, {}),
    "unknown_questionnaire": ({"instrument": "2.0.0"}, {}),
    "wrong_id": ({}, {"id": "01a207ad-2f00-7000-8000-0000000000ab"}),
    "wrong_schema": ({"schema": 7}, {}),
    "wrong_questionnaire": ({}, {"questionnaire": (1, 200)}),
    "wrong_replaces": ({}, {"type": envelope.AMENDMENT}),
    "unknown_field": ({"surprise": "Skovlygterne"}, {}),
    "hidden": ({"mode": "joint", "now": False}, {}),
}


@pytest.mark.parametrize("reason", BROKEN)
def test_a_visit_that_does_not_fit_is_set_aside_with_its_reason(store, tablet, lead, home, now, reason):
    given, outside = BROKEN[reason]
    visit = a_visit(home, now) | given
    if reason == "hidden":
        visit["responses"][0]["answers"]["s4"] = {"value": "pro"}
        del visit["responses"][0]["unanswered"]["s4"]
        visit["count"] += 1
    raw = sealed(tablet, visit, now, **outside)
    bring(store, tablet, raw, now)
    assert judge(store, now) == 0
    row = store.row("SELECT * FROM envelopes")
    assert (row["state"], row["reason"], bytes(row["bytes"])) == ("quarantined", reason, raw)
    assert store.rows("SELECT id FROM encounters") == []
    (shown,) = reviews.listed(store, lead, now)["quarantine"]
    assert shown["reason"] == reason and shown["headline"] and shown["visitor"]
    assert audit.listed(store)[0]["event"] == "envelope_set_aside"


def test_a_visit_sealed_to_a_key_we_do_not_hold_is_set_aside(store, tablet, home, now):
    tablet.key = public(ec.generate_private_key(ec.SECP256R1()))
    row = arrive(store, tablet, a_visit(home, now), now)
    assert (row["state"], row["reason"]) == ("quarantined", "wrong_key")


def test_one_bad_visit_among_many_holds_up_none(store, tablet, home, now):
    """AT-22: the good ones are delivered, the bad one is set aside."""
    for number in range(45):
        visit = a_visit(home, now, "talk") if number != 7 else a_visit(home, now, "talk") | {"count": 99}
        bring(store, tablet, sealed(tablet, visit, now), now)
    assert judge(store, now) == 44
    states = store.rows("SELECT state, COUNT(*) AS n FROM envelopes GROUP BY state ORDER BY state")
    assert [(row["state"], row["n"]) for row in states] == [("opened", 44), ("quarantined", 1)]


def test_a_visit_that_fails_half_way_leaves_nothing_of_itself(store, tablet, home, now, caplog):
    """The last subject's key is gone when its answers are to be sealed: everything written before goes back."""
    key = families.subjects(store, home["id"])["parent1"]
    store.run("UPDATE data_keys SET wrapped = :wrapped WHERE id = :id", wrapped=b"broken", id=key)
    before = everything(store)
    row = arrive(store, tablet, alone(home, now, t2="yes", c2="Skovlygterne"), now)
    assert (row["state"], row["reason"]) == ("quarantined", "not_judged")
    after = everything(store)
    assert [one["event"] for one in after.pop("audit")][-1] == "envelope_set_aside"
    before.pop("audit")
    assert after == before
    assert "Unreadable at" in caplog.text and "Skovlygterne" not in caplog.text


class Silent:
    """A key provider whose program has stopped answering."""

    def __getattr__(self, verb):
        def refuse(*_):
            raise KeysClosed(f"{verb} got no answer")

        return refuse


def test_while_the_keys_do_not_answer_everything_waits(store, tablet, home, now, keys):
    bring(store, tablet, sealed(tablet, a_visit(home, now), now), now)
    store.keys = Silent()
    with pytest.raises(KeysClosed):
        judge(store, now)
    assert store.row("SELECT state FROM envelopes")["state"] == "received"
    store.keys = keys
    assert judge(store, now) == 1


def test_a_lead_can_let_a_visit_be_judged_that_only_waited_for_her_word(store, tablet, lead, home, visitor, now):
    raw = sealed(tablet, a_visit(home, now), now)
    sync.receive(store, {"id": tablet.id, "revoked_at": "2026-11-22T00:00:00.000Z", "nonce": "n"}, [raw], now)
    id = store.row("SELECT id FROM envelopes")["id"]
    assert judge(store, now) == 0
    with pytest.raises(NotFound):
        encounters.release(store, id, visitor, now)
    encounters.release(store, id, lead, now)
    assert judge(store, now) == 1
    with pytest.raises(NotFound):
        encounters.release(store, id, lead, now)
    assert "envelope_released" in [one["event"] for one in audit.listed(store)]


def test_a_visit_that_cannot_be_read_is_not_released(store, tablet, lead, home, now):
    row = arrive(store, tablet, a_visit(home, now) | {"count": 99}, now)
    with pytest.raises(NotAnswerable, match="Tal med sundhedsplejersken"):
        encounters.release(store, row["id"], lead, now)


# ── corrections, second registrations, families that moved ──


def test_a_correction_takes_the_place_of_what_it_corrects_and_both_are_kept(store, tablet, lead, home, now):
    first = a_visit(home, now, answers={"B": LOUD})
    arrive(store, tablet, first, now)
    later = now + timedelta(hours=2)
    second = a_visit(home, later, answers={"B": LOUD | {"k9": "2"}}, replaces=first["encounter"])
    assert arrive(store, tablet, second, later)["state"] == "opened"
    found = encounters.of_family(store, home["id"])
    assert [(one["id"], one["state"], one["twice"]) for one in found] == [
        (second["encounter"], "current", False), (first["encounter"], "replaced", False),
    ]  # fmt: skip
    (waiting,) = [one for group in reviews.listed(store, lead, later)["groups"] for one in group["reviews"]]
    assert waiting["encounter"] == second["encounter"]
    assert encounters.answers(store, first["encounter"])
    assert families.get(store, home["id"], lead)["visits"][0]["encounter"] == second["encounter"]


def test_a_correction_does_not_win_time(store, tablet, lead, home, now):
    first = a_visit(home, now, answers={"B": LOUD})
    arrive(store, tablet, first, now)
    later = now + timedelta(days=1)
    arrive(store, tablet, a_visit(home, later, answers={"B": LOUD}, replaces=first["encounter"]), later)
    (waiting,) = reviews.listed(store, lead, later)["groups"][0]["reviews"]
    assert waiting["deadline"] == "2026-11-25T15:00:00.000Z"


def test_a_correction_to_green_takes_the_visit_off_the_list(store, tablet, lead, home, now):
    first = a_visit(home, now, answers={"B": LOUD})
    arrive(store, tablet, first, now)
    arrive(store, tablet, a_visit(home, now, answers={"B": QUIET}, replaces=first["encounter"]), now)
    assert reviews.listed(store, lead, now)["groups"] == []


def test_a_correction_that_comes_before_its_visit_waits_and_joins_up_by_itself(store, tablet, lead, home, now):
    """AT-27"""
    first = a_visit(home, now)
    raw = sealed(tablet, first, now)
    second = a_visit(home, now, replaces=first["encounter"])
    row = arrive(store, tablet, second, now)
    assert (row["state"], row["reason"]) == ("quarantined", "earlier_missing")
    assert "Venter på" in reviews.listed(store, lead, now)["quarantine"][0]["headline"]
    arrive(store, tablet, a_visit(home, now, visit="8m"), now)
    said = [one["event"] for one in audit.listed(store)].count("envelope_set_aside")
    assert said == 1, "once, not again with every visit that comes"
    bring(store, tablet, raw, now)
    assert judge(store, now) == 2
    assert {one["state"] for one in encounters.of_family(store, home["id"])} == {"current", "replaced"}
    assert not store.rows("SELECT id FROM envelopes WHERE reason IS NOT NULL")


def answers_of(store, encounter, private=frozenset()):
    return {(one["respondent"], one["link_id"]): one["value"] for one in encounters.answers(store, encounter, private)}


def test_a_correction_of_single_questions_is_a_new_version_judged_again(store, tablet, lead, home, now):
    """5.8.21, D13: nothing is erased, and the new whole is the record."""
    first = a_visit(home, now, answers={"B": LOUD, ("C", "parent1"): {"t2": "no"}, "D": {"v1": "2", "v7": "both"}})
    arrive(store, tablet, first, now)
    later = now + timedelta(days=3)
    second = a_correction(first, later, ("B", "joint", {"k2": "0", "p3": "Vi griner"}), ("C", "parent1", {"t2": "yes"}))
    assert arrive(store, tablet, second, later)["state"] == "opened"
    new, old = encounters.of_family(store, home["id"])
    assert (new["id"], new["replaces"], new["state"], old["state"]) == (
        second["encounter"], first["encounter"], "current", "replaced",
    )  # fmt: skip
    assert new["result"]["flags"] == {"R09": 2} and old["result"]["flags"] == {}
    before, after = (answers_of(store, one["id"], {"parent1"}) for one in (old, new))
    assert after == before | {("joint", "k2"): "0", ("joint", "p3"): "Vi griner", ("parent1", "t2"): "yes"}
    assert (new["ended_at"], new["written_at"]) == (old["ended_at"], second["finished_at"])
    assert "result_differs" not in [one["event"] for one in audit.listed(store)]


def test_two_corrections_of_one_visit_by_a_tablet_that_heard_of_neither_add_up(store, tablet, home, now):
    first = a_visit(home, now, answers={"B": QUIET})
    arrive(store, tablet, first, now)
    for part in ({"k1": "1"}, {"k3": "1"}):
        bring(store, tablet, sealed(tablet, a_correction(first, now, ("B", "joint", part)), now), now)
    assert judge(store, now) == 2
    found = encounters.of_family(store, home["id"])
    assert [one["state"] for one in found] == ["current", "replaced", "replaced"]
    assert not any(one["twice"] for one in found)
    answers = answers_of(store, found[0]["id"])
    assert (answers["joint", "k1"], answers["joint", "k3"]) == ("1", "1")


def test_a_correction_that_comes_with_its_visit_or_before_it_is_laid_over_it(store, tablet, home, now):
    """AT-27"""
    first = a_visit(home, now)
    one, other = sealed(tablet, first, now), sealed(tablet, a_correction(first, now, ("B", "joint", {"k1": "2"})), now)
    bring(store, tablet, other, now)
    assert judge(store, now) == 0
    assert store.row("SELECT reason FROM envelopes")["reason"] == "earlier_missing"
    bring(store, tablet, one, now)
    assert judge(store, now) == 2
    assert answers_of(store, encounters.of_family(store, home["id"])[0]["id"])["joint", "k1"] == "2"


def test_what_was_kept_beside_the_answers_stays_with_a_corrected_visit(store, tablet, home, now):
    """FR18, FR27: the judgement before the suggestion, the wish, the Nu card and the home are the visit's own."""
    told = {"revealed": {"at": "2026-11-23T08:00:00.000Z", "v1": "1"}, "not_noted": True, "now": True,
            "household": "parent1"}  # fmt: skip
    first = a_visit(home, now, mode="one", answers={"D": {}}, **told)
    arrive(store, tablet, first, now)
    arrive(store, tablet, a_correction(first, now, ("D", "case", {"v3": "Rolig"})), now)
    new = encounters.of_family(store, home["id"])[0]
    assert {name: new[name] for name in told} == told and new["replaces"] == first["encounter"]


def test_a_corrected_talk_still_completes_its_visit(store, tablet, home, now):
    """5.8.21: a tablet that holds nothing of the talk cannot say which."""
    first = a_visit(home, now)
    talk = a_visit(home, now, "talk", mode="each", completes=first["encounter"])
    arrive(store, tablet, first, now)
    arrive(store, tablet, talk, now)
    arrive(store, tablet, a_correction(talk, now, ("B", "parent1", {"k1": "2"})), now)
    row = store.row("SELECT completes FROM encounters WHERE replaces = :id", id=talk["encounter"])
    assert row["completes"] == first["encounter"]


def test_a_correction_of_single_questions_that_does_not_fit_changes_nothing(store, tablet, lead, home, now):
    first = a_visit(home, now, mode="each", answers={("C", "parent1"): {}})
    arrive(store, tablet, first, now)
    row = arrive(store, tablet, a_correction(first, now, ("C", "parent1", {"t11": "yes"})), now)
    assert (row["state"], row["reason"]) == ("quarantined", "hidden")
    assert [one["state"] for one in encounters.of_family(store, home["id"])] == ["current"]
    assert reviews.listed(store, lead, now)["quarantine"][0]["reason"] == "hidden"


def test_nobody_corrects_a_colleagues_visit_or_another_familys(store, tablet, visitor, home, now):
    first = a_visit(home, now)
    arrive(store, tablet, first, now)
    other = a_person(store, now)
    colleague = a_tablet(store, other, now)
    families.move(store, home["id"], other["id"], "system", now)
    row = arrive(store, colleague, a_visit(home, now, replaces=first["encounter"]), now)
    assert (row["state"], row["reason"]) == ("quarantined", "not_own_visit")
    other = a_family(store, visitor, now)
    row = arrive(store, tablet, a_visit(other, now, replaces=first["encounter"]), now)
    assert (row["state"], row["reason"]) == ("quarantined", "wrong_family")
    row = arrive(store, tablet, a_visit(other, now, "talk", completes=first["encounter"]), now)
    assert row["reason"] == "wrong_family"


def test_a_visit_to_a_family_that_was_never_hers_waits_for_a_lead(store, visitor, lead, now):
    other = a_person(store, now, team="Syd")
    home, tablet = a_family(store, other, now), a_tablet(store, visitor, now)
    row = arrive(store, tablet, a_visit(home, now), now)
    assert (row["state"], row["reason"]) == ("quarantined", "not_her_family")
    (shown,) = reviews.listed(store, lead, now)["quarantine"]
    assert shown["headline"] == "Familien har aldrig været på sundhedsplejerskens liste"
    encounters.release(store, row["id"], lead, now)
    assert judge(store, now) == 1
    assert store.row("SELECT state, reason FROM envelopes") == {"state": "opened", "reason": None}


def test_what_was_released_for_another_reason_is_still_asked_about_the_family(store, visitor, lead, now):
    home, tablet = a_family(store, a_person(store, now), now), a_tablet(store, visitor, now)
    raw = sealed(tablet, a_visit(home, now), now)
    sync.receive(store, {"id": tablet.id, "revoked_at": "2026-11-22T00:00:00.000Z", "nonce": "n"}, [raw], now)
    encounters.release(store, store.row("SELECT id FROM envelopes")["id"], lead, now)
    assert judge(store, now) == 0
    assert store.row("SELECT reason FROM envelopes")["reason"] == "not_her_family"


def test_another_teams_lead_releases_nothing(store, tablet, lead, home, now):
    raw = sealed(tablet, a_visit(home, now), now)
    sync.receive(store, {"id": tablet.id, "revoked_at": "2026-11-22T00:00:00.000Z", "nonce": "n"}, [raw], now)
    id = store.row("SELECT id FROM envelopes")["id"]
    with pytest.raises(NotFound):
        encounters.release(store, id, a_person(store, now, "lead", "Syd"), now)
    assert judge(store, now) == 0
    encounters.release(store, id, a_person(store, now, "lead", ""), now)
    assert judge(store, now) == 1


@pytest.mark.parametrize("off", [timedelta(days=3650), timedelta(days=-3650)])
def test_a_clock_that_is_far_wrong_hides_no_later_visit(store, tablet, visitor, home, now, off):
    first = a_visit(home, now + off)
    arrive(store, tablet, first, now)
    (owed,) = families.get(store, home["id"], visitor)["tasks"]
    assert owed["due"] == "2026-12-07"
    later = now + timedelta(days=190)
    second = a_visit(home, later, "8m")
    arrive(store, tablet, second, later)
    found = encounters.of_family(store, home["id"])
    assert [one["id"] for one in found] == [second["encounter"], first["encounter"]]
    assert (found[1]["finished_at"], found[1]["ended_at"]) == (first["finished_at"], "2026-11-23T09:12:00.000Z")
    (row,) = families.caseload(store, visitor, None, later)["families"]
    assert [one["date"] for one in row["dates"]] == ["2027-06-01", "2026-11-23"]


def test_a_tablet_that_was_long_without_a_signal_is_believed(store, tablet, home, now):
    visit = a_visit(home, now - timedelta(days=60))
    arrive(store, tablet, visit, now)
    assert encounters.of_family(store, home["id"])[0]["ended_at"] == visit["finished_at"]


def test_the_same_visit_on_two_tablets_is_kept_twice_and_shown_to_the_lead(store, tablet, visitor, lead, home, now):
    first, second = a_visit(home, now), a_visit(home, now)
    arrive(store, tablet, first, now)
    assert arrive(store, a_tablet(store, visitor, now), second, now)["state"] == "opened"
    assert sorted(one["twice"] for one in encounters.of_family(store, home["id"])) == [False, True]
    (group,) = reviews.listed(store, lead, now)["groups"]
    assert group["reviews"][0]["headline"] == "To registreringer af samme besøg"
    assert group["reviews"][0]["encounter"] == second["encounter"]
    assert families.get(store, home["id"], lead)["visits"][0]["encounter"] == first["encounter"]


def test_two_corrections_of_the_same_visit_are_both_kept_and_shown(store, tablet, lead, home, now):
    """AT-28: both are kept and a named person decides."""
    first = a_visit(home, now)
    arrive(store, tablet, first, now)
    for _ in range(2):
        arrive(store, tablet, a_visit(home, now, replaces=first["encounter"]), now)
    found = encounters.of_family(store, home["id"])
    assert sorted((one["state"], one["twice"]) for one in found) == [
        ("current", False), ("current", True), ("replaced", False),
    ]  # fmt: skip


def test_a_visit_to_a_family_that_left_her_list_is_taken_all_the_same(store, tablet, visitor, home, now):
    """AT-07"""
    other = a_person(store, now)
    families.move(store, home["id"], other["id"], "system", now)
    visit = a_visit(home, now)
    assert arrive(store, tablet, visit, now)["state"] == "opened"
    assert families.caseload(store, visitor, 0, now)["gone"] == [home["id"]]
    (row,) = families.caseload(store, other, None, now)["families"]
    assert row["visits"][0]["state"] == "done"
    families.leave(store, home["id"], "system", now)
    assert arrive(store, tablet, a_visit(home, now, "talk"), now)["state"] == "opened"


# ── the tablet's own result ──


def test_a_result_of_the_tablet_that_differs_leaves_a_line_and_changes_nothing(store, tablet, home, now):
    visit = a_visit(home, now, answers={"B": LOUD}, result={"level": 0, "final": 0}, release="gammel")
    arrive(store, tablet, visit, now)
    (found,) = encounters.of_family(store, home["id"])
    assert found["result"]["final"] == 2
    (line,) = [one for one in audit.listed(store) if one["event"] == "result_differs"]
    assert (line["subject"], line["sealed_for"]) == (home["id"], home["sealed_for"])
    assert store.opened("audit", line, "detail_sealed") == {
        "encounter": visit["encounter"], "differs": ["final", "level"], "release": "gammel",
    }  # fmt: skip


def test_the_same_result_on_both_sides_leaves_no_line(store, tablet, home, now):
    arrive(store, tablet, a_visit(home, now), now)
    (found,) = encounters.of_family(store, home["id"])
    arrive(store, tablet, a_visit(home, now, result=found["result"]), now)
    assert "result_differs" not in [one["event"] for one in audit.listed(store)]


def test_the_log_holds_and_its_names_tell_nothing(store, tablet, home, lead, now):
    arrive(store, tablet, alone(home, now, t7="yes"), now)
    assert audit.verify(store) == []
    telling = ("vold", "violence", "red", "level", "flag", "private", "safety", "danger", "review")
    for line in audit.listed(store):
        assert not any(word in line["event"].split("_") for word in telling), line["event"]


# ── the talk alone that is owed ──


def test_a_talk_alone_is_owed_within_14_days_until_it_was_held(store, tablet, visitor, home, now):
    """FR16"""
    arrive(store, tablet, a_visit(home, now), now)
    (owed,) = families.get(store, home["id"], visitor)["tasks"]
    assert (owed["action"], owed["due"], owed["responsible"]) == ("H18", "2026-12-07", visitor["id"])
    arrive(store, tablet, a_visit(home, now, "talk"), now)
    assert len(families.get(store, home["id"], visitor)["tasks"]) == 1
    both = {("C", "parent1"): {}, ("C", "parent2"): {}}
    arrive(store, tablet, a_visit(home, now, "talk", "none", both), now)
    assert families.get(store, home["id"], visitor)["tasks"] == []


def a_talk(home, at, completes, who="parent2", **given):
    """A talk with one parent alone, about a visit."""
    said = {("A", who): TALKED | {"s2": [f"p{who[-1]}"]}, ("C", who): {}}
    talk = a_visit(home, at, "talk", "one", said, completes=completes, **given)
    talk["responses"] = [one for one in talk["responses"] if one["respondent"] == who]
    return talk | {"count": sum(len(one["answers"]) for one in talk["responses"])}


def test_a_talk_closes_what_the_visit_it_completes_had_left_open(store, tablet, visitor, lead, home, now):
    first = a_visit(home, now, mode="one", answers={("C", "parent1"): {}})
    arrive(store, tablet, first, now)
    assert len(families.get(store, home["id"], visitor)["tasks"]) == 1
    talk = a_talk(home, now + timedelta(days=3), first["encounter"])
    assert arrive(store, tablet, talk, now + timedelta(days=3))["state"] == "opened"
    found = encounters.of_family(store, home["id"])
    assert [one["result"]["safety"] for one in found] == [{"parent1": "clarified", "parent2": "clarified"}] * 2
    assert [one["result"]["badge"] for one in found] == ["clarified"] * 2
    assert not any("not_clarified" in [reason["id"] for reason in one["reasons"]] for one in found)
    assert families.get(store, home["id"], visitor)["tasks"] == []
    assert reviews.listed(store, lead, now + timedelta(days=3))["groups"] == []


def test_a_talk_about_nothing_in_particular_closes_only_what_it_asked(store, tablet, visitor, home, now):
    arrive(store, tablet, a_visit(home, now, mode="one", answers={("C", "parent1"): {}}), now)
    arrive(store, tablet, a_talk(home, now, None), now)
    assert {one["result"]["badge"] for one in encounters.of_family(store, home["id"])} == {"not_clarified"}
    assert len(families.get(store, home["id"], visitor)["tasks"]) == 1


def test_a_talk_belongs_to_the_visits_correction_and_what_it_closed_opens_with_its_own_correction(
    store, tablet, visitor, home, now
):
    first = a_visit(home, now, mode="one", answers={("C", "parent1"): {}})
    talk = a_talk(home, now, first["encounter"])
    second = a_visit(home, now, mode="one", answers={("C", "parent1"): {}}, replaces=first["encounter"])
    for visit in (first, talk, second):
        assert arrive(store, tablet, visit, now)["state"] == "opened"
    assert {one["result"]["badge"] for one in encounters.of_family(store, home["id"])[:2]} == {"clarified"}
    wrong = a_talk(home, now, None, replaces=talk["encounter"])
    assert arrive(store, tablet, wrong, now)["state"] == "opened"
    visit = next(one for one in encounters.of_family(store, home["id"]) if one["id"] == second["encounter"])
    assert visit["result"]["badge"] == "not_clarified"
    assert len(families.get(store, home["id"], visitor)["tasks"]) == 1


def test_what_a_talk_shows_reaches_the_lead_with_its_own_deadline_and_the_visit_stays_as_it_was(
    store, tablet, lead, home, now
):
    """5.8.21, 7.1"""
    first = a_visit(home, now, mode="one", answers={("C", "parent1"): {}})
    arrive(store, tablet, first, now)
    assert reviews.listed(store, lead, now)["groups"] == []
    later = now + timedelta(days=3)
    talk = a_talk(home, later, first["encounter"])
    for response in talk["responses"]:
        if response["form"] == "C":
            response["answers"]["t7"] = {"value": "yes"}
            response["unanswered"] |= {name: "skipped" for name in ("t10", "t11", "t12", "t13", "t14", "t18")}
    assert arrive(store, tablet, talk, later)["state"] == "opened"
    (group,) = reviews.listed(store, lead, later)["groups"]
    (line,) = group["reviews"]
    assert (group["key"], line["encounter"], line["level"]) == ("danger", talk["encounter"], 3)
    assert line["deadline"] == "2026-11-26T13:12:00.000Z"


def test_a_talk_may_hold_form_b_for_one_parent_and_form_d(store, tablet, home, now):
    """5.8.21"""
    first = a_visit(home, now)
    arrive(store, tablet, first, now)
    given = {("A", "parent2"): TALKED, ("B", "parent2"): LOUD | {"k5": "1"}, "D": {"v1": "2", "v7": "later"}}
    talk = a_visit(home, now, "talk", "one", given, completes=first["encounter"])
    talk["responses"] = [one for one in talk["responses"] if one["respondent"] in ("parent2", "case")]
    talk["count"] = sum(len(one["answers"]) for one in talk["responses"])
    assert arrive(store, tablet, talk, now)["state"] == "opened"
    found = {one["id"]: one for one in encounters.of_family(store, home["id"])}
    assert found[talk["encounter"]]["result"]["final"] == 2


# ── two homes ──


def in_home(home, at, parent, **given):
    """A visit to one of two parents who live apart: she answers for herself and is asked alone."""
    said = {("A", parent): TALKED | {"s2": [f"p{parent[-1]}"]}, ("B", parent): {}, ("C", parent): {}}
    visit = a_visit(home, at, mode="one", answers=said | given.pop("answers", {}), household=parent, **given)
    visit["responses"] = [one for one in visit["responses"] if one["respondent"] in (parent, "case")]
    return visit | {"count": sum(len(one["answers"]) for one in visit["responses"])}


def test_visits_in_two_homes_are_not_two_of_a_kind_and_the_first_is_the_due_one(store, tablet, lead, home, now):
    """FR24"""
    first, second = in_home(home, now, "parent1"), in_home(home, now + timedelta(hours=4), "parent2")
    for visit in (first, second):
        assert arrive(store, tablet, visit, now + timedelta(hours=5))["state"] == "opened"
    found = encounters.of_family(store, home["id"])
    assert [(one["twice"], one["result"]["safety"]) for one in found] == [
        (False, {"parent2": "clarified"}), (False, {"parent1": "clarified"}),
    ]  # fmt: skip
    assert families.get(store, home["id"], lead)["visits"][0]["encounter"] == first["encounter"]
    third = in_home(home, now, "parent2")
    arrive(store, tablet, third, now)
    assert [one["twice"] for one in encounters.of_family(store, home["id"]) if one["id"] == third["encounter"]] == [
        True
    ]


def test_a_visit_that_names_no_home_beside_one_that_does_is_shown_to_the_lead(store, tablet, home, now):
    arrive(store, tablet, in_home(home, now, "parent1"), now)
    arrive(store, tablet, a_visit(home, now), now)
    assert sorted(one["twice"] for one in encounters.of_family(store, home["id"])) == [False, True]


def test_the_talk_that_is_owed_in_one_home_is_not_settled_in_the_other(store, tablet, visitor, lead, home, now):
    """FR16, FR24"""
    open_one = in_home(home, now, "parent1")
    open_one["responses"] = [one for one in open_one["responses"] if one["form"] != "C"]
    open_one["count"] = sum(len(one["answers"]) for one in open_one["responses"])
    arrive(store, tablet, open_one, now)
    arrive(store, tablet, in_home(home, now, "parent2"), now)
    assert [one["action"] for one in families.get(store, home["id"], visitor)["tasks"]] == ["H18"]
    arrive(store, tablet, a_talk(home, now, open_one["encounter"], "parent1", household="parent1"), now)
    assert families.get(store, home["id"], visitor)["tasks"] == []


# ── notes, and families that come later than what is about them ──


def a_newcomer(at):
    return a_note(
        new_id(at), at, "new_family", children=[{"name": "Ida Prøve", "birth": "2026-09-20"}],
        parents=[{"key": "parent1", "name": "Eva Prøve"}], address_protected=False, languages=["dansk"],
    )  # fmt: skip


def test_a_note_is_opened_kept_once_and_leaves_no_sealed_copy(store, tablet, lead, home, now):
    note = a_note(home, now, "not_home", "2m", tried_at="2026-11-23T09:00:00.000Z")
    raw = sealed(tablet, note, now)
    bring(store, tablet, raw, now)
    assert judge(store, now) == 1 and judge(store, now) == 0
    row = store.row("SELECT * FROM envelopes")
    assert (row["state"], row["family"], len(row["bytes"]) < 300) == ("opened", home["id"], True)
    assert [one["kind"] for one in notes.of_family(store, home["id"])] == ["not_home"]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"schema": 7}, "wrong_schema"), ({"note": "01a207ad-2f00-7000-8000-0000000000ab"}, "wrong_id"),
        ({"kind": "rumour"}, "unknown_kind"), ({"family": "01a207ad-2f00-7000-8000-0000000000aa"}, "unknown_family"),
    ],
)  # fmt: skip
def test_a_note_that_does_not_fit_is_set_aside_with_its_reason(store, tablet, lead, home, now, given, reason):
    note = a_note(home, now, "not_home", "2m", tried_at="2026-11-23T09:00:00.000Z")
    bring(store, tablet, sealed(tablet, note | given, now, id=note["note"]), now)
    assert judge(store, now) == 0
    assert store.row("SELECT state, reason FROM envelopes") == {"state": "quarantined", "reason": reason}
    assert reviews.listed(store, lead, now)["quarantine"][0]["reason"] == reason


def test_a_note_about_a_family_that_was_never_hers_waits_for_a_lead(store, tablet, lead, now):
    other = a_family(store, a_person(store, now), now)
    note = a_note(other, now, "moved")
    assert arrive(store, tablet, note, now)["reason"] == "not_her_family"
    encounters.release(store, note["note"], lead, now)
    assert judge(store, now) == 1


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_visit_to_a_new_family_is_read_when_the_family_has_come_by_itself(store, visitor, tablet, lead, now, order):
    """AT-27"""
    note = a_newcomer(now)
    raws = [sealed(tablet, note, now), sealed(tablet, a_visit(note["family"], now), now)]
    for place in order:
        bring(store, tablet, raws[place], now)
        judge(store, now)
    assert {row["state"] for row in store.rows("SELECT state FROM envelopes")} == {"opened"}
    assert len(encounters.of_family(store, note["family"])) == 1
    said = [one["event"] for one in audit.listed(store)].count("envelope_set_aside")
    assert said == (order == (1, 0))


def test_a_new_family_and_its_visit_that_come_together_are_never_set_aside(store, tablet, lead, now):
    note = a_newcomer(now)
    for one in (note, a_visit(note["family"], now)):
        bring(store, tablet, sealed(tablet, one, now), now)
    assert judge(store, now) == 2
    assert "envelope_set_aside" not in [one["event"] for one in audit.listed(store)]


def test_a_visit_waits_until_its_family_has_come_from_a_list(store, visitor, tablet, now):
    unknown = new_id(now)
    arrive(store, tablet, a_visit(unknown, now), now)
    assert store.row("SELECT reason FROM envelopes")["reason"] == "unknown_family"
    assert judge(store, now) == 0
    home = a_family(store, visitor, now)
    families.add(store, {name: home[name] for name in ("children", "parents")}, "Nord", visitor["id"], now, id=unknown)
    assert judge(store, now) == 1
    assert len(encounters.of_family(store, unknown)) == 1
