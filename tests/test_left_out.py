"""Answers that cannot be read are left out and named; the rest of the visit is judged, and nothing is thrown away."""

import pytest

from screening import encounters, families, instrument, left_out, reviews
from tests.builders import LOUD, a_correction, a_visit, arrive

FAR = "20266-03-05"
QUESTION = instrument.load("1.0.0").item("v9").text["da"]


@pytest.fixture
def came(store, tablet, home, now):
    """A function: answers -> the visit that holds them, read in."""

    def bring(answers, **payload):
        visit = a_visit(home, now, mode="each", answers=answers, **payload)
        row = arrive(store, tablet, visit, now)
        return visit, row

    return bring


def seen(store, home, language="da"):
    return encounters.of_family(store, home["id"], language)[0]


def told(store, visitor, now):
    (row,) = families.caseload(store, visitor, None, now)["families"]
    return [one.get("left_out") for one in row["dates"]]


def test_a_date_that_cannot_be_keeps_no_visit_from_being_judged(store, visitor, lead, home, came, now):
    visit, row = came({"B": LOUD, "D": {"v9": FAR}})
    assert (row["state"], row["reason"]) == ("opened", None)
    found = seen(store, home)
    assert found["left_out"] == [{"question": QUESTION, "came": FAR}]
    assert found["result"]["level"] is not None
    assert "v9" not in {one["link_id"] for one in encounters.answers(store, visit["encounter"])}
    assert told(store, visitor, now) == [[QUESTION]]
    (line,) = [one for group in reviews.listed(store, lead, now)["groups"] for one in group["reviews"]]
    assert "Et svar kunne ikke læses" in line["marks"]


def test_it_is_judged_as_if_the_answer_had_not_been_given(store, home, came, tablet, now):
    came({"B": LOUD, "D": {"v9": FAR}})
    with_it = seen(store, home)["result"]
    visit = a_visit(home, now, mode="each", answers={"B": LOUD, "D": {"v9": None}})
    arrive(store, tablet, visit, now)
    assert {name: seen(store, home)["result"][name] for name in ("level", "flags", "index")} == {
        name: with_it[name] for name in ("level", "flags", "index")
    }


def test_a_lead_looks_at_a_quiet_visit_of_which_something_could_not_be_read(store, lead, home, came, now):
    came({"D": {"v9": FAR}})
    (line,) = [one for group in reviews.listed(store, lead, now)["groups"] for one in group["reviews"]]
    assert line["headline"] == "Et svar kunne ikke læses" and "bedt om at rette det" in line["second"]


def test_what_was_told_alone_stays_under_its_own_key_and_is_not_named(store, visitor, lead, home, came, now):
    visit, row = came({("C", "parent1"): {"t2": {"value": "perhaps, and he is at home"}}})
    assert row["state"] == "opened"
    assert seen(store, home)["left_out"] == [{"question": "Noget, der blev sagt alene", "came": ""}]
    assert told(store, visitor, now) == [["Noget, der blev sagt alene"]]
    own = families.subjects(store, home["id"])["parent1"]
    rows = store.rows("SELECT * FROM responses WHERE encounter = :id", id=visit["encounter"])
    kept = {one["sealed_for"]: store.opened("responses", one, "answers_sealed")["left_out"] for one in rows}
    assert [one["cell"] for one in kept.pop(own)] == [{"value": "perhaps, and he is at home"}]
    assert not any(kept.values())


def test_the_visitor_puts_it_right_by_a_correction(store, tablet, visitor, home, came, now):
    visit, _ = came({"D": {"v9": FAR}})
    other = a_correction(visit, now, ("B", "parent1", {"k2": "1"}))
    assert arrive(store, tablet, other, now)["state"] == "opened"
    assert told(store, visitor, now) == [[QUESTION]]  # not this one
    right = a_correction(visit, now, ("D", "case", {"v9": "2026-12-03"}))
    assert arrive(store, tablet, right, now)["state"] == "opened"
    assert told(store, visitor, now) == [None] and seen(store, home)["left_out"] == []


def test_of_a_correction_that_holds_nothing_else_nothing_is_kept(store, tablet, home, came, now):
    visit, _ = came({"D": {}})
    row = arrive(store, tablet, a_correction(visit, now, ("D", "case", {"v9": FAR})), now)
    assert (row["state"], row["reason"]) == ("quarantined", "wrong_date")


@pytest.mark.parametrize(("payload", "reason"), [({"count": 99}, "wrong_date"), ({"surprise": 1}, "unknown_field")])
def test_a_visit_with_other_faults_is_set_aside_as_before(came, payload, reason):
    _, row = came({"D": {"v9": FAR}}, **payload)
    assert (row["state"], row["reason"]) == ("quarantined", reason)


@pytest.mark.parametrize("instrument", [None, 7, [], {}, "9.9.9"])
def test_what_is_no_visit_at_all_is_left_as_it_is(home, now, instrument):
    own = {"instrument": instrument, "responses": "x"}
    assert left_out.apart(own, {}) == (own, [])
