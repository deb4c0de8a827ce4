"""Orange and red stay in sight of the lead until a closing decision, whatever else was decided or ticked off."""

from datetime import timedelta

import pytest

from screening import decisions, duties, families, following, reviews, tasks
from screening.errors import NotAnswerable, NotFound
from tests.builders import LOUD, PLACE, a_family, a_person, a_visit, arrive

HIT = {"B": {}, ("C", "parent1"): {"t5": "year"}, "D": {"v1": "3", "v2": "yes", "v7": "later"}}
JUDGED_RED = {"B": {}, "D": {"v1": "3", "v2": "no"}, ("C", "parent1"): {}, ("C", "parent2"): {}}
PEACE = {"decision": "close", "reason": "Målet er nået. Familien ved det."}


@pytest.fixture
def other(store, lead, now):
    return a_person(store, now, "lead", name="Peter Skov")


@pytest.fixture
def visited(store, visitor, tablet, lead, now):
    def visit(answers=None, kind="2m", at=now, home=None):
        home = home or a_family(store, visitor, at)
        row = arrive(store, tablet, a_visit(home, at, kind, answers=answers), at)
        assert row["state"] == "opened", row["reason"]
        return home | {"encounter": row["id"]}

    return visit


def decide(store, home, by, at, **form):
    newest = next(iter(decisions.of_family(store, home["id"])), {"id": ""})
    whole = {"decision": "agree", "level": "", "reason": "", "note": "", "plan": [], "seen": newest["id"]} | form
    return decisions.decide(store, home["id"], home["encounter"], whole, by, at, PLACE)


def waiting(store, person, at):
    found = reviews.listed(store, person, at, PLACE)["groups"]
    return [(group["key"], one["family"]) for group in found for one in group["reviews"]]


def followed(store, person, at):
    return reviews.listed(store, person, at, PLACE)["followed"]


def written(store, home, visitor, now):
    """The visitor has written the notification, or decided that none is needed."""
    for task in tasks.of_family(store, home["id"]):
        if task["action"] in (duties.UNDECIDED, *duties.NOTIFIED):
            tasks.end(store, task, visitor["id"], now)


# ── who is followed ──


@pytest.mark.parametrize(
    "form", [{}, {"decision": "plan", "plan": [{"action": "Ring", "responsible": "lead", "due": "2026-12-01"}]}]
)
def test_orange_that_was_decided_is_followed_with_level_owner_and_what_comes_next(store, lead, visited, now, form):
    home = visited({"B": LOUD, "D": {"v1": "2", "v2": "no", "v7": "both", "v9": "2026-12-01"}})
    decide(store, home, lead, now, **form)
    assert waiting(store, lead, now) == []
    (line,) = followed(store, lead, now)
    assert (line["family"], line["level"], line["owner_id"]) == (home["id"], 2, lead["id"])
    assert (line["next"]["day"], line["next"]["over"]) == ("2026-12-01", False)


def test_that_nothing_is_agreed_is_said(store, lead, visitor, visited, now):
    home = visited({"B": LOUD})
    for task in tasks.of_family(store, home["id"]):
        tasks.end(store, task, visitor["id"], now)
    decide(store, home, lead, now)
    assert followed(store, lead, now)[0]["next"] is None


def test_agreeing_with_red_does_not_take_it_away_while_the_notification_is_to_be_written(
    store, lead, visitor, visited, now
):
    home = visited(HIT)
    decide(store, home, lead, now)
    assert waiting(store, lead, now) == [("notify", home["id"])]
    written(store, home, visitor, now)
    assert [key for key, _ in waiting(store, lead, now)] == []
    assert [one["level"] for one in followed(store, lead, now)] == [3]


def test_what_was_lowered_below_orange_is_followed_no_more(store, lead, visited, now):
    home = visited({"B": LOUD})
    decide(store, home, lead, now, decision="change", level="1", reason="De har hjælp.")
    assert followed(store, lead, now) == [] and waiting(store, lead, now) == []


def test_a_family_stands_once_with_its_highest_level(store, lead, visited, now):
    home = visited({"B": LOUD})
    later = now + timedelta(days=190)
    again = visited(JUDGED_RED, "8m", later, home)
    decide(store, home, lead, now)
    decide(store, again, lead, later)
    assert [(one["family"], one["level"], one["encounter"]) for one in followed(store, lead, later)] == [
        (home["id"], 3, again["encounter"])
    ]


def test_red_is_followed_though_a_later_visit_is_green_and_the_family_has_moved(store, lead, visited, now):
    home = visited(JUDGED_RED)
    decide(store, home, lead, now)
    visited({("C", "parent1"): {}, ("C", "parent2"): {}}, "8m", now + timedelta(days=190), home)
    families.leave(store, home["id"], lead["id"], now)
    assert [one["level"] for one in followed(store, lead, now + timedelta(days=200))] == [3]


def test_a_level_is_the_highest_that_still_holds(store, lead, visited, now):
    home, quiet = visited(JUDGED_RED), visited()
    visited({("C", "parent1"): {}, ("C", "parent2"): {}}, "8m", now + timedelta(days=190), home)
    nobody = a_family(store, None, now)
    assert following.levels(store, [home["id"], quiet["id"], nobody["id"]]) == {home["id"]: 3, quiet["id"]: 0}


# ── the end ──


def test_orange_is_ended_by_a_closing_decision_with_its_reason(store, lead, visitor, visited, now):
    home = visited({"B": LOUD})
    decide(store, home, lead, now)
    with pytest.raises(NotAnswerable, match="Skriv, hvorfor"):
        decide(store, home, lead, now, decision="close", reason=" ")
    decide(store, home, lead, now, **PEACE)
    assert followed(store, lead, now) == [] and waiting(store, lead, now) == []
    (row,) = families.caseload(store, visitor, None, now)["families"]
    assert row["decisions"][0]["decision"] == "close"


def test_red_is_ended_by_four_eyes_only(store, lead, other, visited, now):
    home = visited(JUDGED_RED)
    decide(store, home, lead, now)
    decide(store, home, lead, now, **PEACE)
    assert waiting(store, other, now) == [("red", home["id"])] and followed(store, other, now) == []
    decide(store, home, lead, now, **PEACE)
    assert waiting(store, other, now) == [("red", home["id"])], "the same eyes twice are not four"
    decide(store, home, other, now, **PEACE)
    assert waiting(store, lead, now) == [] and followed(store, lead, now) == []


def test_nothing_ends_before_the_notification_is_written(store, lead, visited, now):
    home = visited(HIT)
    decide(store, home, lead, now)
    with pytest.raises(NotAnswerable, match="underretning"):
        decide(store, home, lead, now, **PEACE)


def test_nothing_ends_while_another_visit_of_the_family_is_not_decided(store, lead, visited, now):
    home = visited({"B": LOUD})
    again = visited({"B": LOUD}, "8m", now + timedelta(days=190), home)
    with pytest.raises(NotAnswerable, match="Et andet af familiens besøg"):
        decide(store, again, lead, now + timedelta(days=190), **PEACE)


def test_what_is_not_followed_cannot_be_ended(store, lead, visited, now):
    with pytest.raises(NotAnswerable, match="følges ikke"):
        decide(store, visited(), lead, now, **PEACE)


# ── from red to green ──


def test_red_does_not_become_green_past_a_notification(store, lead, visited, now):
    home = visited(HIT)
    with pytest.raises(NotAnswerable, match="taget stilling til underretning"):
        decide(store, home, lead, now, decision="change", level="0", reason="Misforstået.")


def test_red_does_not_become_green_past_what_was_told(store, lead, visitor, visited, now):
    home = visited(HIT)
    written(store, home, visitor, now)
    with pytest.raises(NotAnswerable, match="kræver mere"):
        decide(store, home, lead, now, decision="change", level="0", reason="Misforstået.")


def test_red_does_not_become_green_while_nobody_was_asked_alone(store, lead, visited, now):
    home = visited({"B": {}, "D": {"v1": "3", "v2": "no"}})
    with pytest.raises(NotAnswerable, match="spurgt alene"):
        decide(store, home, lead, now, decision="change", level="0", reason="Misforstået.")


def test_red_becomes_green_by_four_eyes_where_nothing_is_missing(store, lead, other, visited, now):
    home = visited(JUDGED_RED)
    lower = {"decision": "change", "level": "0", "reason": "Forkert barn."}
    decide(store, home, lead, now, **lower)
    decide(store, home, other, now, **lower)
    assert following.levels(store, [home["id"]]) == {home["id"]: 0} and followed(store, lead, now) == []


def test_red_does_not_become_green_in_two_steps_either(store, lead, other, visited, now):
    home = visited({"B": {}, "D": {"v1": "3", "v2": "no"}})
    for by in (lead, other):
        decide(store, home, by, now, decision="change", level="1", reason="Mindre.")
    with pytest.raises(NotAnswerable, match="spurgt alene"):
        decide(store, home, lead, now, decision="change", level="0", reason="Misforstået.")


# ── the second lead ──


def test_any_lead_of_the_service_can_be_the_second(store, lead, visited, now):
    home = visited(JUDGED_RED)
    far = a_person(store, now, "lead", "Syd", name="Mona Lund")
    with pytest.raises(NotFound):
        families.get(store, home["id"], far)
    decide(store, home, lead, now, decision="change", level="1", reason="Mindre.")
    assert waiting(store, far, now) == [("red", home["id"])]
    assert families.get(store, home["id"], far)["id"] == home["id"]
    decide(store, home, far, now, decision="change", level="1", reason="Enig.")
    assert waiting(store, far, now) == [] and waiting(store, lead, now) == []
    with pytest.raises(NotFound):
        families.get(store, home["id"], far)


def test_whoever_has_proposed_it_can_take_it_back(store, lead, other, visited, now):
    home = visited(JUDGED_RED)
    decide(store, home, lead, now, decision="change", level="1", reason="Mindre.")
    with pytest.raises(NotAnswerable, match="ikke noget forslag fra dig"):
        decide(store, home, other, now, decision="withdraw")
    decide(store, home, lead, now, decision="withdraw")
    (line,) = [one for group in reviews.listed(store, other, now, PLACE)["groups"] for one in group["reviews"]]
    assert (line["level"], line["next_step"]) == (3, "Læs og afgør"), "nobody has decided on it"
    decide(store, home, other, now, decision="change", level="1", reason="Enig.")
    assert following.levels(store, [home["id"]]) == {home["id"]: 3}, "what was taken back is no second pair of eyes"


def test_what_was_taken_back_reaches_no_tablet(store, lead, visitor, visited, now):
    home = visited(JUDGED_RED)
    decide(store, home, lead, now, decision="change", level="1", reason="Mindre.")
    decide(store, home, lead, now, decision="withdraw")
    assert families.caseload(store, visitor, None, now)["families"][0]["decisions"] == []
