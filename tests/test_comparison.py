"""From two to eight months: compared is who answered both times in the same way, and nothing else."""

from datetime import timedelta

import pytest

from screening import comparison, families, reviews
from screening.municipality import Municipality
from screening.store import envelope
from tests.builders import LOUD, QUIET, a_person, a_visit, arrive

PLACE = Municipality()
MILD = LOUD | {"k2": "1", "k7": "1", "k1": "1", "k6": "1"}  # yellow, without a minimum rule
DONE = {("C", "parent1"): {}, ("C", "parent2"): {}}


@pytest.fixture
def visits(store, tablet, home, now):
    """A function: (kind, answers, mode) one after the other -> the family's visits that count, newest first."""

    def come(*given):
        for number, (kind, mode, answers, *outside) in enumerate(given):
            at = now - timedelta(days=190 if kind == "2m" else 1) + timedelta(hours=number)
            visit = a_visit(home, at, kind, mode, answers)
            row = arrive(store, tablet, visit, now, **(outside[0] if outside else {}))
            assert row["state"] == "opened", row["reason"]
        return families.encounters(store, home["id"])

    return come


def joint(kind, answers):
    return kind, "joint", DONE | {"B": answers}


def each(kind, one, other=QUIET, **alone):
    forms = {("C", parent): alone.get(parent, {}) for parent in ("parent1", "parent2")}
    return kind, "each", {("B", "parent1"): one, ("B", "parent2"): other} | forms


def moved(past):
    return {
        one["respondent"]: (one["change"], one["persistent"], one["new_flag"]) for one in comparison.for_tablet(past)
    }


def test_without_both_visits_there_is_nothing_to_compare(visits):
    assert moved(visits(joint("8m", QUIET))) == {}
    assert moved(visits(("talk", "joint", DONE))) == {}


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [(QUIET, QUIET, "unchanged"), (QUIET, MILD, "worse"), (MILD, QUIET, "better"), (QUIET, LOUD, "worse")],
)
def test_better_worse_and_unchanged_for_answers_given_together(visits, before, after, change):
    assert moved(visits(joint("2m", before), joint("8m", after))) == {"joint": (change, False, False)}


def test_each_parent_is_compared_with_herself_and_one_counts_as_each(visits):
    """5.8.7: each and one are the same mode."""
    eight = ("8m", "one", {("B", "parent1"): MILD} | DONE)
    assert moved(visits(each("2m", QUIET, MILD), eight)) == {"parent1": ("worse", False, False)}


def test_together_and_alone_are_not_compared(visits):
    """5.5.6"""
    past = visits(joint("2m", QUIET), each("8m", MILD))
    assert moved(past) == {"parent1": ("not_comparable", False, False), "parent2": ("not_comparable", False, False)}


def test_orange_both_times_is_persistent_whatever_the_index_did(visits):
    past = visits(joint("2m", LOUD | {"k9": "3", "k4": "3", "k1": "3"}), joint("8m", LOUD))
    assert moved(past) == {"joint": ("better", True, False)}


def test_a_new_flag_overrides_better_and_only_for_whom_it_is(visits):
    """5.5.6, 5.8.7: a rule that was absent or lower at 2 months."""
    past = visits(each("2m", MILD, MILD), each("8m", QUIET, QUIET, parent1={"t2": "yes"}))
    assert moved(past) == {"parent1": ("worse", False, True), "parent2": ("better", False, False)}


def test_a_flag_that_was_there_before_is_not_new_and_a_higher_floor_is(visits):
    first, same, higher = (
        each(kind, answers, parent1=told)
        for kind, answers, told in (("2m", MILD, {"t1": "2"}), ("8m", QUIET, {"t1": "2"}), ("8m", QUIET, {"t2": "yes"}))
    )
    assert moved(visits(first, same))["parent1"] == ("better", False, False)
    assert moved(visits(first, same, higher))["parent1"] == ("worse", False, True)


def test_what_the_visitor_saw_is_new_for_everybody(visits):
    eight = joint("8m", QUIET)
    eight[2]["D"] = {"o4": "2", "v1": "2", "v7": "later"}
    assert moved(visits(joint("2m", MILD), eight)) == {"joint": ("worse", False, True)}


def test_who_answered_for_herself_only_in_a_talk_is_compared_with_that(store, tablet, home, now, visits):
    """5.8.21: a talk completes its visit; what was answered at the visit itself counts before it."""
    first = visits(joint("2m", QUIET))[0]
    at = now - timedelta(days=180)
    talk = a_visit(home, at, "talk", "one", {("B", "parent1"): QUIET} | DONE, completes=first["id"])
    assert arrive(store, tablet, talk, at)["state"] == "opened"
    assert moved(visits(each("8m", MILD, MILD))) == {
        "parent1": ("worse", False, False), "parent2": ("not_comparable", False, False),
    }  # fmt: skip


def test_what_a_talk_told_at_two_months_belongs_to_that_visit(store, tablet, home, now, visits):
    first = visits(each("2m", MILD))[0]
    at = now - timedelta(days=180)
    said = {("B", "parent1"): QUIET, ("C", "parent1"): {"t2": "yes"}, ("C", "parent2"): {}}
    arrive(store, tablet, a_visit(home, at, "talk", "one", said, completes=first["id"]), at)
    past = visits(each("8m", QUIET, parent1={"t2": "yes"}))
    assert moved(past)["parent1"] == ("better", True, False)


def test_a_preliminary_visit_is_not_what_a_tablet_hears_of(visits):
    eight = (*joint("8m", MILD), {"type": envelope.PRELIMINARY})
    assert moved(visits(joint("2m", QUIET), eight)) == {}


def test_each_of_two_homes_is_compared_with_itself(store, tablet, home, now):
    """FR24"""
    for days, kind, parent, answers in (
        (190, "2m", "parent1", QUIET), (189, "2m", "parent2", LOUD),
        (2, "8m", "parent1", LOUD), (1, "8m", "parent2", QUIET),
    ):  # fmt: skip
        at = now - timedelta(days=days)
        said = {("A", parent): {"s1": "home"}, ("B", parent): answers, ("C", parent): {}}
        visit = a_visit(home, at, kind, "one", said, household=parent)
        visit["responses"] = [one for one in visit["responses"] if one["respondent"] == parent]
        visit["count"] = sum(len(one["answers"]) for one in visit["responses"])
        assert arrive(store, tablet, visit, at)["state"] == "opened"
    past = families.encounters(store, home["id"])
    assert moved(past) == {"parent1": ("worse", False, False), "parent2": ("better", False, False)}


def test_the_tablet_hears_how_it_changed_and_no_level_or_answer(store, visitor, tablet, home, now, visits):
    visits(joint("2m", QUIET), joint("8m", LOUD))
    (row,) = families.caseload(store, visitor, None, now)["families"]
    assert row["changed"] == [
        {"respondent": "joint", "visit": "8m", "change": "worse", "persistent": False, "new_flag": False}
    ]


# ── the lead looks ──


def waiting(store, lead, at):
    return {one["headline"]: group["key"] for group in reviews.listed(store, lead, at, PLACE)["groups"]
            for one in group["reviews"]}  # fmt: skip


@pytest.fixture
def lead(store, now):
    return a_person(store, now, "lead")


def test_worse_is_the_leads_though_it_is_only_yellow(store, lead, visits, now):
    """7.1, fifth group"""
    visits(joint("2m", QUIET), joint("8m", MILD))
    assert waiting(store, lead, now) == {"Forværret: fra grøn til gul": "worse"}


def test_yellow_that_was_yellow_is_not(store, lead, visits, now):
    visits(joint("2m", MILD), joint("8m", MILD))
    assert waiting(store, lead, now) == {}


def test_a_two_month_visit_that_comes_later_brings_the_other_back_to_the_lead(store, tablet, lead, visits, home, now):
    """5.5.6: persistent is always a lead's, also when nobody knew of it when it was decided."""
    (eight,) = visits(joint("8m", LOUD))
    reviews.decide(store, home["id"], eight["id"], {"decision": "agree", "seen": ""}, lead, now, PLACE)
    assert waiting(store, lead, now) == {}
    visits(joint("2m", LOUD))
    groups = reviews.listed(store, lead, now, PLACE)["groups"]
    lines = [one for group in groups for one in group["reviews"] if one["encounter"] == eight["id"]]
    assert [(one["group"], one["headline"]) for one in lines] == [("worse", "Orange ved 2 måneder, orange ved 8")]
    visits(("talk", "joint", DONE))
    assert len([one for one in store.rows("SELECT id FROM reviews WHERE encounter = :id", id=eight["id"])]) == 2
