"""What is not a visit has its effect all the same: appointments, households, new families, the lead's tasks."""

from datetime import timedelta

import pytest

from screening import audit, families, notes, people, tasks
from screening.errors import NotFound
from screening.responses import Unacceptable
from screening.store import envelope, new_id, utc
from tests.builders import a_family, a_person, a_tablet, a_visit, bring, judge, sealed

TWO = [{"key": "parent1", "name": "Sara Lindskov"}, {"key": "parent2", "name": "Jonas Lindskov"}]
NEW = {
    "children": [{"name": "Vega Holm", "birth": "2026-09-24"}], "parents": [{"key": "parent1", "name": "Ida Holm"}],
    "address_protected": False, "languages": ["dansk"],
}  # fmt: skip


def a_note(family, kind, at, visit=None, **data):
    """A note's payload as a tablet makes it."""
    id = family if isinstance(family, str) else family["id"]
    about = {"visit": visit} if visit else {}
    return {
        "schema": 1, "note": new_id(at), "family": id, "kind": kind, "noted_at": utc(at), "release": "test",
        "data": data,
    } | about  # fmt: skip


def raw_of(tablet, payload, at):
    """A note in its envelope."""
    return envelope.seal(
        payload, id=payload["note"], tablet=tablet.id, author=tablet.author, seq=1, claimed_at=at,
        author_private=tablet.author_key, public=tablet.key, type=envelope.NOTE,
    )  # fmt: skip


def enveloped(tablet, payload, at):
    """The outside of the envelope a note comes in."""
    return envelope.parse(raw_of(tablet, payload, at))


@pytest.fixture
def note(store, tablet, now):
    """A function: a note of the visitor's tablet is checked and kept as judging does it."""

    def come(family, kind, at=now, visit=None, by=tablet, released=None, **data):
        payload = a_note(family, kind, at, visit, **data)
        notes.check(payload, enveloped(by, payload, at))
        row = {"author": by.author, "received_at": utc(at), "reason": released}
        with store.transaction():
            notes.keep(store, row, payload, at)
        return payload

    return come


def row_of(store, visitor, now, after=None):
    (row,) = families.caseload(store, visitor, after, now)["families"]
    return row


def visit_of(row, visit="2m"):
    return next(one for one in row["visits"] if one["visit"] == visit)


# ── does it fit ──


@pytest.mark.parametrize(
    ("kind", "visit", "data"),
    [
        ("not_home", "2m", {"tried_at": "2026-11-23T08:00:00.000Z", "text": "Ringede på to gange."}),
        ("declined", "8m", {"reason": "time"}),
        ("postponed", "2m", {"reason": "ill"}),
        ("postponed", "2m", {"reason": "other", "planned": "2026-11-25T09:00", "text": None}),
        ("moved", None, {}),
        ("not_offered", "8m", {"reason": "moved"}),
        ("planned", "2m", {"planned": None, "place": "home"}),
        ("planned", "2m", {"planned": "2026-11-25T09:00", "place": "clinic"}),
        ("parents", None, {"parents": TWO, "separated": True, "others": "Farmor"}),
        ("parents", None, {"parents": TWO[:1], "separated": False, "unknown": True}),
        ("new_family", None, NEW | {"address": "Havnegade 2"}),
        ("task_done", None, {"task": "019ab000-0000-7000-8000-000000000001"}),
    ],
)
def test_each_kind_of_note_is_taken(tablet, home, now, kind, visit, data):
    payload = a_note(home, kind, now, visit, **data)
    notes.check(payload, enveloped(tablet, payload, now))


WRONG = [
    ({"schema": 2}, "wrong_schema"),
    ({"schema": True}, "wrong_schema"),
    ({"more": 1}, "unknown_field"),
    ({"release": None}, "wrong_type"),
    ({"family": "7"}, "wrong_type"),
    ({"noted_at": "i går"}, "wrong_time"),
    ({"note": "019ab000-0000-7000-8000-000000000001"}, "wrong_id"),
    ({"kind": "gossip"}, "unknown_kind"),
    ({"kind": ["moved"]}, "unknown_kind"),
    ({"visit": "talk"}, "unknown_visit"),
    ({"visit": ["2m"]}, "unknown_visit"),
    ({"visit": None}, "unknown_visit"),
    ({"data": []}, "wrong_data"),
    ({"data": {"reason": "lazy"}}, "wrong_reason"),
    ({"data": {"reason": ["time"]}}, "wrong_reason"),
    ({"data": {}}, "wrong_reason"),
    ({"data": {"reason": "time", "planned": "i morgen"}}, "wrong_planned"),
    ({"data": {"reason": "time", "planned": 7}}, "wrong_planned"),
    ({"data": {"reason": "time", "planned": "2026-11-25T09:00+01:00"}}, "wrong_planned"),
    ({"data": {"reason": "time", "place": "home"}}, "wrong_data"),
    ({"data": {"reason": "time", "text": ""}}, "wrong_data"),
    ({"data": {"reason": "time", "text": "x" * 2001}}, "wrong_data"),
    ({"data": {"reason": "time", "text": "\x00"}}, "wrong_data"),
]


@pytest.mark.parametrize(("change", "reason"), WRONG)
def test_a_note_that_does_not_fit_is_refused_under_a_name(tablet, home, now, change, reason):
    payload = a_note(home, "postponed", now, "2m", reason="time")
    outside = enveloped(tablet, payload, now)
    with pytest.raises(Unacceptable) as refused:
        notes.check(payload | change, outside)
    assert refused.value.reason == reason


@pytest.mark.parametrize("name", ["schema", "note", "family", "kind", "noted_at", "release", "data"])
def test_a_note_without_a_field_is_refused(tablet, home, now, name):
    payload = a_note(home, "moved", now)
    outside = enveloped(tablet, payload, now)
    del payload[name]
    with pytest.raises(Unacceptable):
        notes.check(payload, outside)


@pytest.mark.parametrize(
    ("kind", "data", "reason"),
    [
        ("parents", {"parents": [], "separated": False}, "wrong_parents"),
        ("parents", {"parents": [{"key": "parent2", "name": "Jonas"}], "separated": False}, "wrong_parents"),
        ("parents", {"parents": TWO + TWO, "separated": False}, "wrong_parents"),
        ("parents", {"parents": [{"key": "parent1", "name": " "}], "separated": False}, "wrong_parents"),
        ("parents", {"parents": [{"key": ["parent1"], "name": "Sara"}], "separated": False}, "wrong_parents"),
        ("parents", {"parents": [TWO[0] | {"cpr": "1"}], "separated": False}, "wrong_parents"),
        ("parents", {"parents": TWO, "separated": "no"}, "wrong_separated"),
        ("parents", {"parents": TWO}, "wrong_separated"),
        ("new_family", NEW | {"children": []}, "wrong_children"),
        ("new_family", NEW | {"children": [{"name": "Vega", "birth": "24-09-2026"}]}, "wrong_children"),
        ("new_family", NEW | {"children": [{"name": "\u200b", "birth": "2026-09-24"}]}, "wrong_children"),
        ("new_family", NEW | {"address": 7}, "wrong_address"),
        ("new_family", NEW | {"languages": "dansk"}, "wrong_languages"),
        ("task_done", {"task": "7"}, "wrong_task"),
        ("planned", {"planned": None, "place": ["home"]}, "wrong_place"),
        ("not_home", {"tried_at": 7}, "wrong_tried_at"),
    ],
)
def test_data_that_is_not_as_it_must_be_is_refused_by_its_field(tablet, home, now, kind, data, reason):
    payload = a_note(home, kind, now, "2m" if kind in notes.ABOUT_VISIT else None, **data)
    with pytest.raises(Unacceptable) as refused:
        notes.check(payload, enveloped(tablet, payload, now))
    assert refused.value.reason == reason


# ── kept ──


def test_a_note_is_a_fact_under_the_cases_key_with_a_neutral_entry_in_the_log(store, visitor, home, note, now):
    made = note(home, "declined", visit="2m", reason="unsafe", text="Han ville ikke have os ind.")
    (kept,) = notes.of_family(store, home["id"])
    assert (kept["id"], kept["person"], kept["kind"], kept["visit"]) == (made["note"], visitor["id"], "declined", "2m")
    assert kept["data"] == {"reason": "unsafe", "text": "Han ville ikke have os ind."}
    row = store.row("SELECT * FROM notes")
    assert row["sealed_for"] == home["sealed_for"]
    readable = " ".join(str(value) for value in row.values() if isinstance(value, str))
    assert "declined" not in readable and "unsafe" not in readable
    entry = audit.listed(store)[0]
    assert (entry["event"], entry["actor"], entry["subject"]) == ("note_kept", visitor["id"], home["id"])


def test_a_note_to_a_family_that_was_never_hers_is_not_kept_until_a_lead_lets_it_through(store, note, now):
    """And one that left her list is noted all the same (AT-07)."""
    other = a_person(store, now)
    home = a_family(store, other, now)
    with pytest.raises(Unacceptable) as refused:
        note(home, "moved")
    assert refused.value.reason == "not_her_family"
    assert notes.of_family(store, home["id"]) == [] and tasks.of_family(store, home["id"]) == []
    note(home, "moved", released="not_her_family")
    assert [one["kind"] for one in notes.of_family(store, home["id"])] == ["moved"]


def test_a_family_that_left_her_list_is_noted_all_the_same(store, home, note, now):
    """AT-07"""
    families.move(store, home["id"], a_person(store, now)["id"], "system", now)
    note(home, "declined", visit="2m", reason="time")
    assert len(notes.of_family(store, home["id"])) == 1


def test_a_family_that_is_not_here_is_named(store, note):
    with pytest.raises(Unacceptable) as refused:
        note("019ab000-0000-7000-8000-000000000001", "moved")
    assert refused.value.reason == "unknown_family"


def test_a_note_comes_home_like_a_visit_and_once(store, tablet, visitor, home, now):
    raw = raw_of(tablet, a_note(home, "planned", now, "2m", planned="2026-11-25T09:00", place="home"), now)
    assert bring(store, tablet, raw, now)["result"] == "received"
    judge(store, now)
    assert store.row("SELECT state, reason FROM envelopes") == {"state": "opened", "reason": None}
    assert bring(store, tablet, raw, now)["result"] == "duplicate"
    judge(store, now)
    assert len(notes.of_family(store, home["id"])) == 1
    assert visit_of(row_of(store, visitor, now))["planned"] == "2026-11-25T09:00"


def test_a_note_that_does_not_fit_is_set_aside_and_holds_up_nothing(store, tablet, home, now):
    bring(store, tablet, raw_of(tablet, a_note(home, "declined", now, "2m", reason="lazy"), now), now)
    bring(store, tablet, sealed(tablet, a_visit(home, now), now, seq=2), now)
    assert judge(store, now) == 1
    assert [one["reason"] for one in store.rows("SELECT reason FROM envelopes ORDER BY seq")] == ["wrong_reason", None]


# ── appointments ──


def test_an_appointment_reaches_the_list(store, visitor, home, note, now):
    cursor = families.caseload(store, visitor, None, now)["cursor"]
    note(home, "planned", visit="2m", planned="2026-11-25T09:00", place="clinic")
    visit = visit_of(row_of(store, visitor, now, cursor))
    assert (visit["planned"], visit["place"], visit["state"], visit["outcome"]) == (
        "2026-11-25T09:00", "clinic", "open", None,
    )  # fmt: skip
    note(home, "planned", visit="2m", at=now + timedelta(hours=1), planned=None, place="home")
    assert visit_of(row_of(store, visitor, now))["planned"] is None


def test_what_was_noted_last_counts_whichever_comes_last(store, visitor, home, note, now):
    note(home, "planned", visit="2m", at=now + timedelta(hours=1), planned="2026-11-26T09:00", place="home")
    note(home, "planned", visit="2m", at=now, planned="2026-11-25T09:00", place="home")
    assert visit_of(row_of(store, visitor, now))["planned"] == "2026-11-26T09:00"
    assert len(notes.of_family(store, home["id"])) == 2


@pytest.mark.parametrize("kind", ["declined", "not_offered"])
def test_a_visit_that_is_called_off_is_not_awaited_until_it_is_planned_anew(store, visitor, home, note, now, kind):
    note(home, "planned", visit="2m", planned="2026-11-25T09:00", place="home")
    note(home, kind, visit="2m", at=now + timedelta(hours=1), reason="time")
    visit = visit_of(row_of(store, visitor, now))
    assert (visit["planned"], visit["outcome"]["kind"], visit["outcome"]["reason"]) == (None, kind, "time")
    lead = a_person(store, now, "lead")
    assert families.listed(store, lead).families[0]["next"]["visit"] == "8m"
    note(home, "planned", visit="2m", at=now + timedelta(hours=2), planned="2026-11-27T09:00", place="home")
    assert families.listed(store, lead).families[0]["next"]["visit"] == "2m"


def test_that_a_visit_was_declined_stands_in_no_readable_column(store, home, note):
    before = store.rows("SELECT state FROM planned_visits")
    note(home, "declined", visit="2m", reason="declined")
    assert store.rows("SELECT state FROM planned_visits") == before


def test_a_visit_put_off_has_its_new_day_or_none(store, visitor, home, note, now):
    note(home, "postponed", visit="2m", reason="ill", planned="2026-12-01T10:00")
    visit = visit_of(row_of(store, visitor, now))
    assert (visit["planned"], visit["outcome"]) == ("2026-12-01T10:00", None)
    note(home, "postponed", visit="2m", at=now + timedelta(hours=1), reason="ill")
    visit = visit_of(row_of(store, visitor, now))
    assert (visit["planned"], visit["outcome"]["kind"]) == (None, "postponed")
    assert families.is_awaited(families.get(store, home["id"], visitor)["visits"][0])


def test_a_visit_that_was_held_is_not_undone_by_a_note(store, tablet, visitor, home, note, now):
    bring(store, tablet, sealed(tablet, a_visit(home, now), now), now)
    judge(store, now)
    note(home, "declined", visit="2m", at=now + timedelta(hours=1), reason="time")
    visit = visit_of(row_of(store, visitor, now))
    assert (visit["state"], visit["outcome"]) == ("done", None)


def test_a_visit_that_was_passed_by_is_due_again_once_it_is_planned(store, visitor, note, now):
    late = a_family(store, visitor, now, days=260)
    note(late, "planned", visit="2m", planned="2026-11-25T09:00", place="home")
    assert visit_of(row_of(store, visitor, now))["state"] == "open"


# ── nobody at home ──


def tried(note, home, at, **more):
    return note(home, "not_home", visit="2m", at=at, tried_at=utc(at), **more)


def test_after_the_second_try_in_vain_the_lead_decides_how_to_go_on(store, visitor, lead, home, note, now):
    """FR16, H25, domain 7.1: never met."""
    tried(note, home, now)
    assert row_of(store, visitor, now)["attempts"] == {"2m": 1} and notes.for_lead(store, lead) == []
    later = now + timedelta(days=2)
    tried(note, home, later, text="Naboen siger, de er bortrejst.")
    (asked,) = notes.for_lead(store, lead)
    assert (asked["kind"], asked["visit"], asked["attempts"], asked["family"]) == ("never_met", "2m", 2, home["id"])
    assert (asked["due"].isoformat(), asked["responsible"]) == ("2026-12-09", lead["id"])
    assert (asked["said"], asked["noted_by"]) == ("Naboen siger, de er bortrejst.", visitor["id"])
    assert row_of(store, visitor, now)["attempts"] == {"2m": 2}


def test_a_try_at_each_visit_is_no_second_try(store, lead, home, note, now):
    tried(note, home, now)
    note(home, "not_home", visit="8m", at=now, tried_at=utc(now))
    assert notes.for_lead(store, lead) == []


def test_a_third_try_is_no_second_task_and_after_the_first_is_done_it_is_a_new_one(store, lead, home, note, now):
    for day in range(3):
        tried(note, home, now + timedelta(days=day))
    (asked,) = notes.for_lead(store, lead)
    tasks.finish(store, asked["task"], lead, now)
    assert notes.for_lead(store, lead) == []
    tried(note, home, now + timedelta(days=9))
    assert [one["attempts"] for one in notes.for_lead(store, lead)] == [4]


def test_an_appointment_that_came_to_nothing_is_over_and_a_later_one_stands(store, visitor, home, note, now):
    note(home, "planned", visit="2m", planned="2026-11-23T09:00", place="home")
    tried(note, home, now + timedelta(hours=1))
    assert visit_of(row_of(store, visitor, now))["planned"] is None
    note(home, "planned", visit="2m", at=now + timedelta(hours=2), planned="2026-11-30T09:00", place="home")
    tried(note, home, now + timedelta(hours=1, minutes=30))
    assert visit_of(row_of(store, visitor, now))["planned"] == "2026-11-30T09:00"


def test_a_visit_that_was_held_after_all_ends_the_leads_task(store, visitor, lead, home, note, now):
    for day in range(2):
        tried(note, home, now + timedelta(days=day))
    with store.transaction():
        notes.met(store, home["id"], visitor["id"], now)
    assert notes.for_lead(store, lead) == []


def test_only_the_teams_lead_is_asked(store, visitor, lead, home, note, now):
    note(home, "moved")
    assert len(notes.for_lead(store, lead)) == 1
    for other in (visitor, a_person(store, now, "lead", "Syd"), a_person(store, now, "admin", "")):
        assert notes.for_lead(store, other) == []


def test_an_older_not_at_home_that_comes_late_takes_nothing_newer_away(store, visitor, home, note, now):
    note(home, "declined", visit="2m", reason="declined")
    tried(note, home, now - timedelta(days=1))
    visit = visit_of(row_of(store, visitor, now))
    assert (visit["outcome"]["kind"], visit["planned"]) == ("declined", None)
    assert row_of(store, visitor, now)["attempts"] == {"2m": 1}, "that somebody was there counts all the same"


def test_an_older_note_that_comes_late_does_not_outdo_a_newer_not_at_home(store, visitor, home, note, now):
    tried(note, home, now)
    note(home, "declined", at=now - timedelta(days=1), visit="2m", reason="declined")
    assert visit_of(row_of(store, visitor, now))["outcome"]["kind"] == "not_home"
    note(home, "planned", at=now - timedelta(days=1), visit="2m", planned="2026-11-23T09:00", place="home")
    assert visit_of(row_of(store, visitor, now))["planned"] is None, "that appointment has come to nothing"
    note(home, "planned", at=now - timedelta(hours=9), visit="2m", planned="2026-11-27T09:00", place="home")
    visit = visit_of(row_of(store, visitor, now))
    assert visit["planned"] == "2026-11-27T09:00", "a later one stands"


def test_where_nobody_leads_the_one_who_noted_it_has_the_task(store, visitor, home, note, now):
    note(home, "moved")
    assert [one["responsible"] for one in tasks.of_family(store, home["id"])] == [visitor["id"]]


# ── moved ──


def test_a_family_that_moved_stays_on_the_list_until_the_lead_takes_it_off(store, visitor, lead, home, note, now):
    note(home, "planned", visit="2m", planned="2026-11-25T09:00", place="home")
    cursor = families.caseload(store, visitor, None, now)["cursor"]
    note(home, "moved", at=now + timedelta(hours=1), text="Til Aarhus")
    row = row_of(store, visitor, now, cursor)
    assert {one["outcome"]["kind"] for one in row["visits"]} == {"moved"}
    assert {one["planned"] for one in row["visits"]} == {None}
    (asked,) = notes.for_lead(store, lead)
    assert (asked["kind"], asked["said"], asked["visit"]) == ("moved", "Til Aarhus", None)
    families.leave(store, home["id"], lead["id"], now)
    assert notes.for_lead(store, lead) == [] and tasks.of_family(store, home["id"]) == []
    assert families.caseload(store, visitor, cursor, now)["gone"] == [home["id"]]


# ── parents ──


def test_parents_are_changed_and_who_they_were_stays_in_the_note(store, visitor, home, note, now):
    given = [{"key": "parent1", "name": "Sara Lindskov", "custody": True}, {"key": "parent2", "name": "Ali Demir"}]
    note(home, "parents", parents=given, separated=True, others="Farmor henter om torsdagen")
    row = row_of(store, visitor, now)
    assert [one["name"] for one in row["parents"]] == ["Sara Lindskov", "Ali Demir"]
    assert (row["separated"], row["others"]) == (True, "Farmor henter om torsdagen")
    (kept,) = notes.of_family(store, home["id"])
    assert [one["name"] for one in kept["before"]["parents"]] == ["Sara Lindskov", "Jonas Lindskov"]


def test_of_a_single_parent_there_is_one_and_of_an_unknown_second_it_is_known_that_there_is_one(
    store, visitor, home, note, now
):
    note(home, "parents", parents=TWO[:1], separated=False, unknown=True)
    row = row_of(store, visitor, now)
    assert [one["key"] for one in row["parents"]] == ["parent1"] and row["unknown"] is True
    note(home, "parents", at=now + timedelta(hours=1), parents=TWO[:1], separated=False)
    assert row_of(store, visitor, now)["unknown"] is False


def test_a_parent_of_another_name_takes_over_nothing_of_the_one_before(store, visitor, note, now):
    """FR24"""
    apart = [TWO[0] | {"custody": True}, TWO[1] | {"custody": True, "address": "Havnegade 2"}]
    home = a_family(store, visitor, now, parents=apart, separated=True)
    note(home, "parents", parents=[TWO[0], {"key": "parent2", "name": "Ali Demir"}], separated=True)
    assert row_of(store, visitor, now)["parents"][1] == {"key": "parent2", "name": "Ali Demir", "address": None}
    note(home, "parents", at=now - timedelta(days=1), parents=TWO, separated=False)
    assert row_of(store, visitor, now)["parents"][1]["name"] == "Ali Demir", "an older note does not win"


# ── a family that is not on the list ──


def test_a_new_family_is_its_visitors_and_provisional_until_the_lead_confirms_it(store, visitor, lead, note, now):
    id = new_id(now)
    note(id, "new_family", **NEW, address="Havnegade 2", text="Nabo til en anden familie")
    row = row_of(store, visitor, now)
    assert (row["id"], row["provisional"], row["address"]) == (id, True, "Havnegade 2")
    assert [one["visit"] for one in row["visits"]] == ["2m", "8m"]
    (asked,) = notes.for_lead(store, lead)
    assert (asked["kind"], asked["family"], asked["said"]) == ("new_family", id, "Nabo til en anden familie")
    with pytest.raises(NotFound):
        notes.confirm(store, id, visitor, now)
    notes.confirm(store, id, lead, now)
    assert row_of(store, visitor, now)["provisional"] is False and notes.for_lead(store, lead) == []
    with pytest.raises(NotFound):
        notes.confirm(store, id, lead, now)


def test_the_names_of_a_new_family_are_kept_without_signs_that_nobody_sees(store, visitor, note, now):
    id = new_id(now)
    children = [{"name": "Ve\u200bga \u202eHolm", "birth": "2026-09-24"}]
    note(
        id,
        "new_family",
        **NEW | {"children": children, "parents": [{"key": "parent1", "name": "I\u0301da\u200e Holm"}]},
    )
    row = row_of(store, visitor, now)
    assert (row["children"][0]["name"], row["parents"][0]["name"]) == ("Vega Holm", "Ída Holm")


def test_a_new_family_under_the_id_of_another_changes_nothing(store, visitor, home, note, now):
    with pytest.raises(Unacceptable) as refused:
        note(home, "new_family", **NEW)
    assert refused.value.reason == "family_twice"
    assert row_of(store, visitor, now)["children"][0]["name"] == "Nora Lindskov"


def test_a_visit_that_came_before_its_new_family_is_judged_once_the_family_is_known(store, tablet, note, now):
    """AT-27: what waited for another joins up by itself."""
    id = new_id(now)
    bring(store, tablet, sealed(tablet, a_visit(id, now), now), now)
    assert judge(store, now) == 0
    assert store.row("SELECT reason FROM envelopes")["reason"] == "unknown_family"
    note(id, "new_family", **NEW)
    assert judge(store, now) == 1


# ── tasks ──


def a_task(store, home, responsible, now):
    with store.transaction():
        return tasks.add(
            store, home["id"], home["sealed_for"], {"da": "Ring", "en": "Call"}, responsible["id"], now.date(), now
        )


def test_a_task_done_on_the_tablet_is_done(store, visitor, home, note, now):
    note(home, "task_done", task=a_task(store, home, visitor, now))
    assert row_of(store, visitor, now)["tasks"] == []


def test_a_task_that_has_become_anothers_stays_open_and_what_was_done_is_known(store, home, note, now):
    task = a_task(store, home, a_person(store, now), now)
    note(home, "task_done", task=task)
    assert [one["id"] for one in tasks.of_family(store, home["id"])] == [task]
    assert notes.of_family(store, home["id"])[0]["before"] == {"not_hers": True}


def test_a_task_of_another_family_is_not_done(store, visitor, home, note, now):
    task = a_task(store, a_family(store, visitor, now), visitor, now)
    with pytest.raises(Unacceptable) as refused:
        note(home, "task_done", task=task)
    assert refused.value.reason == "unknown_task"


def test_a_note_from_a_clock_that_is_far_wrong_has_the_time_it_was_received(store, tablet, home, now):
    payload = a_note(home, "moved", now + timedelta(days=900))
    with store.transaction():
        notes.keep(store, {"author": tablet.author, "received_at": utc(now), "reason": None}, payload, now)
    assert notes.of_family(store, home["id"])[0]["at"] == utc(now)


def test_somebody_on_a_second_tablet_of_hers_counts_as_her(store, visitor, home, note, now):
    note(home, "moved", by=a_tablet(store, people.get(store, visitor["id"]), now))
    assert notes.of_family(store, home["id"])[0]["person"] == visitor["id"]
