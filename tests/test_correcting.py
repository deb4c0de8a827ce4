"""A correction of single questions: the whole it makes fits, what it does not name stays, no grave answer gets lost."""

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening import correcting, responses
from screening.responses import Unacceptable
from screening.store import envelope
from tests.builders import a_visit
from tests.test_responses import FAMILY, NOW, OWN, accepted, whole


def base(visit):
    """What is kept of a visit that a correction is laid over."""
    kept = ("visit", "instrument", "mode", "household", "now")
    return {name: visit[name] for name in kept if name in visit} | {"responses": copy.deepcopy(visit["responses"])}


def correction(*parts, **given):
    """A correction that holds only these questions: (form, respondent, answers, unanswered)."""
    made = a_visit(FAMILY, NOW, replaces=FAMILY, partial=True, **given)
    made["responses"] = [
        {"form": form, "respondent": who, "authored_at": "2026-11-24T08:00:00.000Z", "unanswered": dict(silent),
         "answers": {name: {"value": value} for name, value in said.items()}}
        for form, who, said, silent in parts
    ]  # fmt: skip
    return made | {"count": responses.counted(made["responses"])}


def laid_over(visit, *parts, **given):
    made = correction(*parts, **given)
    accepted(made, type=envelope.AMENDMENT)
    return correcting.laid_over(OWN, base(visit), made, ["parent1", "parent2"], {})


def of(visit, form, who):
    return next(one for one in visit["responses"] if (one["form"], one["respondent"]) == (form, who))


def test_a_correction_changes_what_it_names_and_leaves_the_rest():
    old = whole()
    new = laid_over(old, ("B", "parent1", {"k1": "3"}, {"p3": "skipped"}))
    first, then = of(old, "B", "parent1"), of(new, "B", "parent1")
    assert then["answers"] == {name: cell for name, cell in first["answers"].items() if name != "p3"} | {
        "k1": {"value": "3"}}  # fmt: skip
    assert then["unanswered"] == first["unanswered"] | {"p3": "skipped"}
    assert then["authored_at"] == "2026-11-24T08:00:00.000Z"
    others = [one for one in old["responses"] if one is not first]
    assert [one for one in new["responses"] if one is not then] == sorted(
        others, key=lambda one: (one["form"], one["respondent"])
    )
    assert new["count"] == old["count"] - 1
    assert new["mode"] == "each"


def test_what_a_correction_opens_was_not_asked_and_what_it_closes_counts_no_more():
    """5.8.9"""
    old = a_visit(FAMILY, NOW, mode="each", answers={("C", "parent1"): {}, "D": {}})
    opened = of(laid_over(old, ("C", "parent1", {"t2": "yes"}, {})), "C", "parent1")
    assert {opened["unanswered"][name] for name in ("t10", "t11", "t18")} == {"skipped"}
    closed = of(laid_over(whole(), ("C", "parent1", {"t2": "no"}, {})), "C", "parent1")
    assert "t10" not in closed["answers"] and closed["unanswered"]["t10"] == "hidden"


def test_a_question_of_the_assessment_follows_the_new_result():
    new = laid_over(whole(), ("D", "case", {"v1": "2", "v9": "2026-12-02"}, {}), ("C", "parent1", {"t2": "no"}, {}))
    assert of(new, "D", "case")["answers"]["v9"] == {"value": "2026-12-02"}
    quiet = laid_over(
        whole(), ("D", "case", {"v1": "0"}, {}), ("C", "parent1", {"t2": "no"}, {}), ("C", "parent2", {"t1": "0"}, {})
    )
    assert of(quiet, "D", "case")["unanswered"]["v7"] == "hidden"
    assert responses.judged(OWN, quiet, ["parent1", "parent2"], {})["final"] == 0


@pytest.mark.parametrize("name", ["t11", "t12", "t13", "t18"])
def test_a_grave_yes_is_taken_along_when_a_correction_closes_its_question(name):
    """5.8.9: nobody can be asked whether to take it along; only who names it takes it away."""
    old = a_visit(FAMILY, NOW, mode="each", answers={("C", "parent1"): {"t2": "yes", "t10": ["ex"], name: "yes"}})
    new = laid_over(old, ("C", "parent1", {"t2": "no"}, {}))
    assert of(new, "C", "parent1")["answers"][name] == {"value": "yes", "kept": True}
    rule = {"t11": "R05", "t12": "R06", "t13": "R03", "t18": "R04"}[name]
    assert responses.judged(OWN, new, ["parent1"], {})["flags"][rule] == 3
    gone = laid_over(old, ("C", "parent1", {"t2": "no"}, {name: "hidden"}))
    assert name not in of(gone, "C", "parent1")["answers"]


def test_a_form_that_was_not_there_comes_with_what_the_correction_says():
    old = a_visit(FAMILY, NOW, mode="each")
    new = of(laid_over(old, ("C", "parent1", {"t1": "0", "t2": "no"}, {})), "C", "parent1")
    assert set(new["answers"]) == {"t1", "t2"}
    assert (new["unanswered"]["t3"], new["unanswered"]["t10"]) == ("skipped", "hidden")


@pytest.mark.parametrize(
    ("parts", "given", "reason"),
    [
        ([], {}, "nothing_changed"),
        ([("B", "parent1", {}, {})], {}, "nothing_changed"),
        ([("B", "parent1", {"t1": "0"}, {})], {}, "unknown_question"),
        ([("B", "parent1", {"k1": "9"}, {})], {}, "wrong_code"),
        ([("B", "parent1", {"k1": "1"}, {"k1": "skipped"})], {}, "answered_and_unanswered"),
        ([("B", "parent1", {"k1": "1"}, {}), ("B", "parent1", {"k2": "1"}, {})], {}, "response_twice"),
        ([("B", "parent1", {"k1": "1"}, {})], {"visit": "8m"}, "wrong_partial"),
        ([("B", "parent1", {"k1": "1"}, {})], {"household": "parent2"}, "wrong_partial"),
        ([("C", "parent1", {"t2": "no", "t10": ["ex"]}, {})], {}, "hidden"),
        ([("B", "parent1", {"k1": "1"}, {})], {"count": 7}, "wrong_count"),
    ],
)
def test_a_correction_that_does_not_fit_has_a_reason(parts, given, reason):
    made = correction(*parts, **{name: value for name, value in given.items() if name != "count"}) | {
        name: value for name, value in given.items() if name == "count"}  # fmt: skip
    with pytest.raises(Unacceptable) as refusal:
        accepted(made, type=envelope.AMENDMENT)
        correcting.laid_over(OWN, base(whole()), made, ["parent1", "parent2"], {})
    assert refusal.value.reason == reason


@settings(max_examples=40)
@given(st.data())
def test_whatever_is_corrected_the_whole_fits_and_every_other_answer_is_there(data):
    """A correction of some questions of a visit gives a visit that is read like any other."""
    made = [
        ("B", who, {name: data.draw(st.sampled_from(["0", "1", "2", "3", "na"]))}, {})
        for who, name in data.draw(
            st.lists(st.sampled_from([("parent1", "k2"), ("parent2", "k7"), ("parent1", "k9")]), min_size=1, max_size=1)
        )
    ]
    told = data.draw(st.dictionaries(st.sampled_from(["t2", "t3", "t7", "t9"]), st.sampled_from(["yes", "no", "na"])))
    new = laid_over(whole(), *made, *([("C", "parent1", told, {})] if told else []))
    responses.judged(OWN, new, ["parent1", "parent2"], {})
    for form, who, said, _ in made:
        assert of(new, form, who)["answers"].items() >= {name: {"value": value} for name, value in said.items()}.items()
    parts = responses.split(new["responses"])
    assert responses.joined(parts) == new["responses"]
