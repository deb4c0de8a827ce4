"""A preliminary visit and its finished one, in whatever order they come: one of them counts, none is lost."""

from datetime import timedelta

import pytest

from screening import encounters, families, reviews
from screening.municipality import Municipality
from screening.store import envelope
from tests.builders import LOUD, a_family, a_person, a_tablet, a_visit, arrive, bring, judge, sealed

PLACE = Municipality()
SHAKEN = {("C", "parent1"): {"t7": "yes"}}
JUDGED = SHAKEN | {"D": {"v1": "3", "v2": "yes", "v7": "unsafe"}}


def preliminary(home, at, answers=SHAKEN, **given):
    """A visit as it is sent from the living room: without the visitor's own part."""
    return a_visit(home, at, mode="each", answers=answers, **given)


def finished(home, at, begun, answers=JUDGED, **given):
    return a_visit(home, at, mode="each", answers=answers, preliminary=begun, **given)


def send(store, tablet, visit, at, type=envelope.VISIT):
    row = arrive(store, tablet, visit, at, type=type)
    assert row["state"] == "opened", row["reason"]
    return visit["encounter"]


def begin(store, tablet, visit, at):
    return send(store, tablet, visit, at, envelope.PRELIMINARY)


def lines(store, lead, at):
    return [one for group in reviews.listed(store, lead, at, PLACE)["groups"] for one in group["reviews"]]


def states(store, home):
    return {one["id"]: one["state"] for one in encounters.of_family(store, home["id"])}


# ── a preliminary visit alone ──


def test_a_preliminary_visit_is_judged_at_once_and_waits_for_the_lead(store, tablet, lead, home, now):
    id = begin(store, tablet, preliminary(home, now), now)
    (found,) = encounters.of_family(store, home["id"])
    assert (found["id"], found["preliminary"], found["state"]) == (id, True, "current")
    assert (found["result"]["final"], found["result"]["preliminary"]) == (3, True)
    (line,) = lines(store, lead, now)
    assert (line["encounter"], line["level"], line["deadline"]) == (id, 3, "2026-11-23T13:12:00.000Z")


def test_a_preliminary_visit_is_not_the_due_visit_and_not_one_of_two(store, tablet, lead, home, now):
    begin(store, tablet, preliminary(home, now), now)
    assert [one["state"] for one in families.get(store, home["id"], lead)["visits"]] == ["open", "open"]
    send(store, tablet, a_visit(home, now), now)
    begin(store, tablet, preliminary(home, now), now)
    assert not any(one["twice"] for one in encounters.of_family(store, home["id"]))


def test_a_preliminary_visit_is_no_attempt_to_talk_alone_and_owes_no_talk(store, tablet, lead, home, now):
    begin(store, tablet, preliminary(home, now), now)
    assert "H18" not in [one["action"] for one in families.get(store, home["id"], lead)["tasks"]]
    done = send(store, tablet, a_visit(home, now, "8m"), now)
    assert done not in [one["encounter"] for one in lines(store, lead, now)]


def test_whatever_its_level_a_preliminary_visit_is_to_be_seen_the_same_day(store, tablet, lead, home, now):
    begin(store, tablet, a_visit(home, now, now=True), now)
    (line,) = lines(store, lead, now)
    assert (line["level"], line["group"], line["deadline"]) == (0, "today", "2026-11-23T13:12:00.000Z")


# ── it is finished ──


def test_the_finished_visit_takes_its_place_and_its_answers_are_the_record(store, tablet, lead, home, now):
    begun = begin(store, tablet, preliminary(home, now), now)
    later = now + timedelta(hours=2)
    done = send(store, tablet, finished(home, later, begun), later)
    assert states(store, home) == {done: "current", begun: "replaced"}
    found = encounters.of_family(store, home["id"])[0]
    assert (found["id"], found["preliminary"], found["twice"]) == (done, False, False)
    assert families.get(store, home["id"], lead)["visits"][0]["encounter"] == done
    assert [one["encounter"] for one in lines(store, lead, later)] == [done]
    assert encounters.answers(store, begun, {"parent1"}), "nothing is erased"


def test_finishing_wins_no_time_and_leaves_the_case_with_who_took_it(store, tablet, lead, home, now):
    other = a_person(store, now, "lead", name="Peter Skov")
    begun = begin(store, tablet, preliminary(home, now), now)
    reviews.take(store, lines(store, lead, now)[0]["id"], other, now)
    later = now + timedelta(hours=3)
    send(store, tablet, finished(home, later, begun), later)
    (line,) = lines(store, lead, later)
    assert (line["deadline"], line["owner"]) == ("2026-11-23T13:12:00.000Z", "Peter Skov")


def test_what_a_lead_decided_on_the_preliminary_visit_is_carried_and_looked_at_again(store, tablet, lead, home, now):
    begun = begin(store, tablet, preliminary(home, now), now)
    reviews.decide(store, home["id"], begun, {"decision": "agree", "seen": ""}, lead, now, PLACE)
    assert [one["group"] for one in lines(store, lead, now)] == ["danger"]
    later = now + timedelta(hours=2)
    quiet = {("C", "parent1"): {}, ("C", "parent2"): {}, "D": {}}
    send(store, tablet, finished(home, later, begun, quiet), later)
    (line,) = lines(store, lead, later)
    assert (line["level"], line["headline"]) == (3, "Gjort færdigt efter afgørelse: fra rød til grøn")


def test_a_second_preliminary_visit_takes_the_firsts_place_and_the_finished_one_both_places(
    store, tablet, lead, home, now
):
    first = begin(store, tablet, preliminary(home, now), now)
    second = begin(store, tablet, preliminary(home, now, preliminary=first), now)
    assert states(store, home) == {first: "replaced", second: "current"}
    done = send(store, tablet, finished(home, now, second), now)
    assert states(store, home) == {first: "replaced", second: "replaced", done: "current"}
    assert len(lines(store, lead, now)) == 1
    found = encounters.of_family(store, home["id"])[0]
    assert found["instead_of"] == [first, second]


def test_a_correction_may_continue_a_preliminary_visit_too(store, tablet, lead, home, now):
    old = send(store, tablet, a_visit(home, now), now)
    begun = begin(store, tablet, preliminary(home, now), now)
    visit = finished(home, now, begun, replaces=old)
    done = send(store, tablet, visit, now, envelope.AMENDMENT)
    assert states(store, home) == {old: "replaced", begun: "replaced", done: "current"}
    assert [one["encounter"] for one in lines(store, lead, now)] == [done]


# ── in whatever order ──


def test_a_finished_visit_waits_for_no_preliminary_one_and_one_that_comes_late_raises_nothing(
    store, tablet, lead, home, now
):
    early = preliminary(home, now)
    raw = sealed(tablet, early, now, type=envelope.PRELIMINARY)
    done = send(store, tablet, finished(home, now, early["encounter"]), now)
    before = lines(store, lead, now), families.get(store, home["id"], lead)["tasks"]
    bring(store, tablet, raw, now)
    assert judge(store, now) == 1
    assert states(store, home) == {early["encounter"]: "replaced", done: "current"}
    assert (lines(store, lead, now), families.get(store, home["id"], lead)["tasks"]) == before
    assert store.row("SELECT COUNT(*) AS n FROM reviews")["n"] == 1
    assert encounters.of_family(store, home["id"])[0]["instead_of"] == [early["encounter"]]


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)])
def test_in_whatever_order_three_of_a_visit_come_one_counts_and_one_waits(store, tablet, lead, home, now, order):
    first = preliminary(home, now)
    second = preliminary(home, now, preliminary=first["encounter"])
    last = finished(home, now, second["encounter"])
    types = (envelope.PRELIMINARY, envelope.PRELIMINARY, envelope.VISIT)
    raws = [sealed(tablet, one, now, type=type) for one, type in zip((first, second, last), types, strict=True)]
    for place in order:
        bring(store, tablet, raws[place], now)
        assert judge(store, now) == 1
    assert states(store, home) == {
        first["encounter"]: "replaced", second["encounter"]: "replaced", last["encounter"]: "current",
    }  # fmt: skip
    assert [one["encounter"] for one in lines(store, lead, now)] == [last["encounter"]]


def test_a_decision_on_a_preliminary_visit_that_came_out_of_order_is_not_lost(store, tablet, lead, home, now):
    first = preliminary(home, now)
    second = preliminary(home, now, preliminary=first["encounter"])
    last = finished(home, now, second["encounter"], {("C", "parent1"): {}, ("C", "parent2"): {}, "D": {}})
    kinds = ((first, envelope.PRELIMINARY), (second, envelope.PRELIMINARY), (last, envelope.VISIT))
    one, two, three = (sealed(tablet, visit, now, type=type) for visit, type in kinds)
    for raw in (three, one):
        bring(store, tablet, raw, now)
        judge(store, now)
    reviews.decide(store, home["id"], first["encounter"], {"decision": "agree", "seen": ""}, lead, now, PLACE)
    bring(store, tablet, two, now)
    judge(store, now)
    (line,) = lines(store, lead, now)
    assert (line["encounter"], line["level"]) == (last["encounter"], 3)


# ── whose it is ──


def test_nobody_takes_a_colleagues_preliminary_visit_off_the_list(store, tablet, lead, home, now):
    """P4, 7.1: only her own finished visit does, in whatever order they come."""
    colleague = a_person(store, now)
    families.move(store, home["id"], colleague["id"], "system", now)
    begun = begin(store, tablet, preliminary(home, now), now)
    other = a_tablet(store, colleague, now)
    row = arrive(store, other, finished(home, now, begun), now)
    assert (row["state"], row["reason"]) == ("quarantined", "not_own_visit")
    late = preliminary(home, now)
    raw = sealed(tablet, late, now, type=envelope.PRELIMINARY)
    send(store, other, finished(home, now, late["encounter"]), now)
    bring(store, tablet, raw, now)
    assert judge(store, now) == 1
    assert states(store, home)[late["encounter"]] == "current"
    assert late["encounter"] in [one["encounter"] for one in lines(store, lead, now)]


def test_another_familys_preliminary_visit_is_not_continued(store, tablet, visitor, home, now):
    begun = begin(store, tablet, preliminary(home, now), now)
    other = a_family(store, visitor, now)
    row = arrive(store, tablet, finished(other, now, begun), now)
    assert (row["state"], row["reason"]) == ("quarantined", "wrong_family")


def test_a_finished_visit_is_nobodys_preliminary_one(store, tablet, home, now):
    old = send(store, tablet, a_visit(home, now), now)
    row = arrive(store, tablet, finished(home, now, old), now)
    assert (row["state"], row["reason"]) == ("quarantined", "wrong_preliminary")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"answers": JUDGED}, "wrong_preliminary"),
        ({"replaces": "01a207ad-2f00-7000-8000-0000000000aa"}, "wrong_replaces"),
        ({"preliminary": "before"}, "wrong_type"),
    ],
)
def test_a_preliminary_visit_is_not_assessed_and_corrects_nothing(store, tablet, home, now, given, reason):
    row = arrive(store, tablet, preliminary(home, now, **given), now, type=envelope.PRELIMINARY)
    assert (row["state"], row["reason"]) == ("quarantined", reason)


def test_no_visit_names_itself(store, tablet, home, now):
    visit = preliminary(home, now)
    row = arrive(store, tablet, visit | {"preliminary": visit["encounter"]}, now, type=envelope.PRELIMINARY)
    assert row["reason"] == "names_itself"


def test_a_talk_that_completes_a_preliminary_visit_belongs_to_the_finished_one(store, tablet, visitor, home, now):
    """5.8.21"""
    begun = begin(store, tablet, preliminary(home, now, {("B", "parent1"): LOUD, ("C", "parent1"): {}}), now)
    both = {("C", "parent1"): {}, ("C", "parent2"): {}}
    send(store, tablet, a_visit(home, now, "talk", "none", both, completes=begun), now)
    done = send(store, tablet, finished(home, now, begun, {("B", "parent1"): LOUD}), now)
    found = {one["id"]: one for one in encounters.of_family(store, home["id"])}
    assert found[done]["result"]["badge"] == "clarified"
