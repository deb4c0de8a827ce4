"""A visit is read by its own questions: what fits is judged, what does not has a name, and each answer has an owner."""

import copy
import json
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screening import instrument, responses
from screening.responses import Unacceptable
from screening.store import envelope
from screening.store.envelope import Envelope
from tests.builders import CALM, LOUD, a_visit

NOW = datetime(2026, 11, 23, 9, 12, tzinfo=UTC)
FAMILY = "01a207ad-2f00-7000-8000-000000000001"
INSTRUMENTS = {version: instrument.load(version) for version in instrument.versions()}
OWN = INSTRUMENTS["1.0.0"]


def outside(visit, **given) -> Envelope:
    """The envelope a visit would come in."""
    whole = {
        "type": 1, "suite": 1, "kid": "0" * 16, "tenant": 0, "id": visit.get("encounter"), "tablet": "", "author": "",
        "seq": 1, "previous": "0" * 64, "claimed_at": NOW, "schema": 1, "questionnaire": (1, 100), "ct": b"",
        "header": b"", "signature": b"", "sha256": "",
    }  # fmt: skip
    return Envelope(**whole | given)


def accepted(visit, **given):
    return responses.accepted(visit, outside(visit, **given), INSTRUMENTS)


def refused(visit, **given) -> str:
    """The reason a visit is refused for, where it is read or where it is judged."""
    with pytest.raises(Unacceptable) as refusal:
        own = accepted(visit, **given)
        responses.judged(own, visit, ["parent1", "parent2"], {})
    return refusal.value.reason


def whole(**given):
    """A visit with all four forms: both parents for themselves, one of them alone."""
    answers = {
        ("A", "parent1"): {}, ("B", "parent1"): {"k5": "1", "p3": "Farmor hjælper"}, ("B", "parent2"): {"k5": "na"},
        ("C", "parent1"): {"t2": "yes", "t10": ["partner"], "c1": {"declined": True}, "c2": "Kl. 10"},
        "D": {"v3": "Set og hørt", "v5a": "Aftalt", "v5b": "Aftalt alene", "v1": "2", "v7": "later",
              "v9": "2026-12-01"},
    }  # fmt: skip
    return a_visit(FAMILY, NOW, mode="each", answers=answers, **given)


def changed(visit, form, who, **cells):
    """The same visit with cells of one response put in (or, with None, taken out) as they stand."""
    visit = copy.deepcopy(visit)
    (response,) = [one for one in visit["responses"] if (one["form"], one["respondent"]) == (form, who)]
    for name, cell in cells.items():
        response["unanswered"].pop(name, None)
        response["answers"].pop(name, None)
        if cell is not None:
            response["answers"][name] = cell
    visit["count"] = sum(len(one["answers"]) for one in visit["responses"])
    return visit


# ── what fits ──


@pytest.mark.parametrize("visit", ["2m", "8m", "talk"])
@pytest.mark.parametrize("mode", ["joint", "each", "one", "none"])
def test_a_whole_visit_of_every_kind_fits(visit, mode):
    made = a_visit(FAMILY, NOW, visit, mode, {("C", "parent1"): {}, "D": {}})
    assert accepted(made) is OWN
    assert responses.judged(OWN, made, ["parent1", "parent2"], {})["final"] == 0


def test_all_four_forms_with_follow_ups_fit():
    made = whole()
    assert accepted(made) is OWN
    assert responses.judged(OWN, made, ["parent1", "parent2"], {})["flags"] == {"R09": 2}


def test_an_answer_given_while_the_gate_was_open_is_taken_whatever_the_gate_says_later():
    made = changed(whole(), "A", "parent1", s6={"value": "false"}, s7={"value": "visit"})
    accepted(made)
    assert responses.judged(OWN, made, ["parent1"], {})["flags"] == {"R09": 2}


def test_a_question_that_was_open_by_what_the_tablet_knew_is_taken_though_we_know_more():
    made = a_visit(FAMILY, NOW, "8m", answers={"B": {"f1": "some"}, ("C", "parent1"): {"t20": "yes"}})
    accepted(made)
    responses.judged(OWN, made, ["parent1", "parent2"], {"t20": False, "agreement": False})


def test_an_assessment_that_the_tablets_own_result_opened_is_taken():
    made = changed(a_visit(FAMILY, NOW, answers={"D": {}}), "D", "case", v7={"value": "later"})
    assert refused(made) == "hidden"
    made["result"] = {"level": 1, "flags": {}, "badge": "clarified", "blocks": []}
    accepted(made)
    # Its own judgement is green, so the tablet's floor must have held it up.
    made["result"]["flags"] = {"R09": 1}
    responses.judged(OWN, made, ["parent1", "parent2"], {})


def test_a_kept_answer_counts_though_its_question_is_closed():
    made = changed(
        a_visit(FAMILY, NOW, answers={("C", "parent1"): {}}), "C", "parent1", t18={"value": "yes", "kept": True}
    )
    accepted(made)
    assert responses.judged(OWN, made, ["parent1"], {})["flags"] == {"R04": 3}


def test_what_the_tablets_own_code_sends_fits_and_means_the_same_here(node, tmp_path):
    bundle = tmp_path / "bundle.json"
    bundle.write_text(json.dumps(OWN.bundle()), encoding="utf-8")
    argv = [node, str(Path(__file__).parent / "js" / "visits.mjs"), str(bundle), "200"]
    made = json.loads(subprocess.run(argv, capture_output=True, text=True, check=True, encoding="utf-8").stdout)
    assert len(made) == 200
    for visit in made:
        assert accepted(visit) is OWN
        result = responses.judged(OWN, visit, ["parent1", "parent2"], {})
        assert set(result) == set(visit["result"])
        assert responses.differences(result, visit["result"]) == []


def test_what_a_tablet_says_besides_is_taken_and_what_it_does_not_say_is_no():
    """FR18, FR24, FR27"""
    said = {"preliminary": FAMILY, "household": "parent1", "not_noted": True,
            "revealed": {"at": "2026-11-23T10:40:00.000Z", "v1": "x"}}  # fmt: skip
    accepted(whole(**said))
    accepted(whole(**dict.fromkeys(("preliminary", "household", "revealed"))))


def test_where_there_is_no_contact_the_questions_about_it_are_irrelevant_and_only_those():
    """5.8.17"""
    made = a_visit(FAMILY, NOW, mode="each", answers={("B", "parent2"): dict.fromkeys(LOUD)})
    silent = {"form": "B", "respondent": "parent2"}
    for response in made["responses"]:
        if silent.items() <= response.items():
            response["unanswered"] = dict.fromkeys(response["unanswered"], "irrelevant")
    accepted(made)
    assert responses.irrelevant(made) == ["parent2"]
    made["responses"][0]["unanswered"]["s4"] = "irrelevant"
    assert refused(made) == "wrong_type"


# ── what does not fit has a name ──


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"schema": 2}, "wrong_schema"),
        ({"schema": True}, "wrong_schema"),
        ({"surprise": 1}, "unknown_field"),
        ({"encounter": "01a207ad-2f00-7000-8000-0000000000ff"}, "wrong_id"),
        ({"family": "Lindskov"}, "wrong_type"),
        ({"family": FAMILY.upper()}, "wrong_type"),
        ({"visit": "4m"}, "unknown_visit"),
        ({"visit": ["2m"]}, "unknown_visit"),
        ({"mode": "both"}, "unknown_mode"),
        ({"started_at": "2026-11-23"}, "wrong_time"),
        ({"finished_at": "2026-11-23T09:12:00Z"}, "wrong_time"),
        ({"release": "x" * 101}, "wrong_type"),
        ({"result": []}, "wrong_type"),
        ({"now": 1}, "wrong_type"),
        ({"not_noted": "yes"}, "wrong_type"),
        ({"partial": True}, "wrong_partial"),
        ({"preliminary": "the one before"}, "wrong_type"),
        ({"household": "joint"}, "wrong_household"),
        ({"household": ["parent1"]}, "wrong_household"),
        ({"revealed": "2026-11-23T09:12:00.000Z"}, "wrong_revealed"),
        ({"revealed": {"at": "2026-11-23T09:12:00.000Z"}}, "wrong_revealed"),
        ({"revealed": {"at": "kl. 10", "v1": "1"}}, "wrong_revealed"),
        ({"revealed": {"at": "2026-11-23T09:12:00.000Z", "v1": "yes"}}, "wrong_revealed"),
        ({"replaces": FAMILY}, "wrong_replaces"),
        ({"completes": FAMILY}, "wrong_completes"),
        ({"completes": 7}, "wrong_type"),
        ({"instrument": "9.0.0"}, "unknown_questionnaire"),
        ({"instrument": 1}, "unknown_questionnaire"),
        ({"count": 3}, "wrong_count"),
        ({"count": "8"}, "wrong_count"),
        ({"responses": {}}, "wrong_type"),
        ({"responses": [7]}, "wrong_type"),
        ({"responses": [{}]}, "missing_field"),
    ],
)
def test_a_visit_that_does_not_fit_its_frame_has_a_reason(change, reason):
    made = a_visit(FAMILY, NOW)
    given = outside(made)
    with pytest.raises(Unacceptable) as refusal:
        responses.accepted(made | change, given, INSTRUMENTS)
    assert refusal.value.reason == reason


def test_a_field_that_is_missing_has_a_reason():
    for name in responses.KEYS - {"schema", "encounter"}:
        made = a_visit(FAMILY, NOW)
        del made[name]
        assert refused(made) == "missing_field"


def test_a_correction_names_what_it_corrects_and_says_so_outside():
    made = a_visit(FAMILY, NOW, replaces=FAMILY)
    accepted(made, type=envelope.AMENDMENT)
    assert refused(made) == "wrong_replaces"
    assert refused(a_visit(FAMILY, NOW), type=envelope.AMENDMENT) == "wrong_replaces"


def test_the_header_and_the_visit_name_the_same_questions():
    assert refused(a_visit(FAMILY, NOW), questionnaire=(1, 101)) == "wrong_questionnaire"
    assert refused(a_visit(FAMILY, NOW), questionnaire=(2, 100)) == "wrong_questionnaire"


@pytest.mark.parametrize(
    ("form", "who", "cells", "reason"),
    [
        ("B", "parent1", {"k99": {"value": "1"}}, "unknown_question"),
        ("B", "parent1", {"b0": {"value": "1"}}, "unknown_question"),
        ("B", "parent1", {"f1": {"value": "yes"}}, "unknown_question"),  # belongs to the visit at eight months
        ("B", "parent1", {"k2": {"value": "4"}}, "wrong_code"),
        ("B", "parent1", {"k2": {"value": 1}}, "wrong_type"),
        ("B", "parent1", {"k2": {"value": ["1"]}}, "wrong_type"),
        ("B", "parent1", {"k2": {"value": None}}, "wrong_type"),
        ("B", "parent1", {"k2": "1"}, "wrong_type"),
        ("B", "parent1", {"k2": {}}, "wrong_type"),
        ("B", "parent1", {"k2": {"value": "1", "declined": True}}, "wrong_type"),
        ("B", "parent1", {"k2": {"value": "1", "sure": True}}, "wrong_type"),
        ("B", "parent1", {"k2": {"declined": True}}, "wrong_declined"),
        ("B", "parent1", {"k2": {"value": "1", "kept": True}}, "wrong_kept"),
        ("C", "parent1", {"t18": {"value": "yes", "kept": False}}, "wrong_kept"),
        ("C", "parent1", {"c1": {"declined": False}}, "wrong_declined"),
        ("D", "case", {"v3": {"declined": True}}, "wrong_declined"),
        ("D", "case", {"v1": {"value": "na"}}, "wrong_code"),
        ("B", "parent1", {"p3": {"value": "x" * 501}}, "too_long"),
        ("B", "parent1", {"p3": {"value": ""}}, "wrong_text"),
        ("B", "parent1", {"p3": {"value": "a\x00b"}}, "wrong_text"),
        ("B", "parent1", {"p3": {"value": "a\x1bb"}}, "wrong_text"),
        ("B", "parent1", {"p3": {"value": "\ud83d"}}, "wrong_text"),
        ("B", "parent1", {"p3": {"value": 7}}, "wrong_type"),
        ("D", "case", {"v9": {"value": "20261201"}}, "wrong_date"),
        ("D", "case", {"v9": {"value": "2026-02-30"}}, "wrong_date"),
        ("D", "case", {"v8": {"value": ["H99"]}}, "wrong_code"),
        ("A", "parent1", {"s6": {"value": True}}, "wrong_type"),
        ("A", "parent1", {"s6": {"value": "yes"}}, "wrong_code"),
        ("A", "parent1", {"s2": {"value": "p1"}}, "wrong_type"),
        ("A", "parent1", {"s2": {"value": []}}, "wrong_code"),
        ("A", "parent1", {"s2": {"value": [["p1"]]}}, "wrong_type"),
        ("A", "parent1", {"s2": {"value": ["p2", "p1"]}}, "wrong_order"),
        ("A", "parent1", {"s2": {"value": ["p1", "p1"]}}, "wrong_order"),
        ("A", "parent1", {"s3": {"value": ["none", "adult"]}}, "wrong_code"),
        ("C", "parent1", {"t8": {"value": ["no", "child"]}}, "wrong_code"),
        ("C", "parent1", {"t8": {"value": ["child", "na"]}}, "wrong_code"),
        ("A", "parent1", {"s4": {"value": "pro"}}, "hidden"),
        ("C", "parent1", {"t2": {"value": "no"}}, "hidden"),  # leaves what followed from it
        ("B", "parent1", {"k2": None}, "incomplete"),
    ],
)
def test_an_answer_that_does_not_fit_its_question_has_a_reason(form, who, cells, reason):
    assert refused(changed(whole(), form, who, **cells)) == reason


def test_what_only_one_parent_answers_for_herself_is_not_answered_together():
    made = a_visit(FAMILY, NOW)
    assert refused(changed(made, "B", "joint", k5={"value": "1"})) == "hidden"


def test_an_answer_said_to_be_unanswered_too_has_a_reason():
    made = a_visit(FAMILY, NOW)
    made["responses"][1]["unanswered"]["k1"] = "skipped"
    assert refused(made) == "answered_and_unanswered"
    made = a_visit(FAMILY, NOW, answers={"B": {"k1": None}})
    made["responses"][1]["unanswered"]["k1"] = "forgotten"
    assert refused(made) == "wrong_type"


def test_the_same_form_of_the_same_person_twice_has_a_reason():
    made = a_visit(FAMILY, NOW)
    made["responses"].append(made["responses"][1])
    assert refused(made) == "response_twice"


@pytest.mark.parametrize(
    ("form", "who", "reason"),
    [("E", "case", "unknown_form"), ("C", "joint", "unknown_respondent"), ("D", "parent1", "unknown_respondent"),
     ("B", None, "unknown_respondent"), (["B"], "joint", "unknown_form")],
)  # fmt: skip
def test_a_form_or_person_that_is_not_there_has_a_reason(form, who, reason):
    made = a_visit(FAMILY, NOW)
    made["responses"][1] |= {"form": form, "respondent": who}
    assert refused(made) == reason


# ── never anything but its named refusal ──

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False) | st.text(max_size=8)
    | st.sampled_from(["1", "na", "yes", "k2", "A", "B", "parent1", "value", "2m", FAMILY]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
VISITS = {
    "whole": whole(),
    "joint": a_visit(FAMILY, NOW, answers={"B": LOUD, "D": {"v1": "2", "v7": "both"}}),
    "eight": a_visit(FAMILY, NOW, "8m", answers={"B": {"f2": ["move", "job"]}, ("C", "parent2"): CALM}),
}


def places(value, path=()):
    """The way to every value inside a payload."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield from places(part, (*path, key))


PLACES = {name: [path for path in places(visit) if path] for name, visit in VISITS.items()}


def break_one(visit, path, instead):
    """Put something else at one place, or take out what is there; a place that is gone stays gone."""
    try:
        spot = visit
        for key in path[:-1]:
            spot = spot[key]
        if instead is None:
            del spot[path[-1]]
        else:
            spot[path[-1]] = instead[0]
    except (KeyError, IndexError, TypeError):
        pass


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_visit_broken_anywhere_is_accepted_or_refused_by_name(data):
    name = data.draw(st.sampled_from(sorted(VISITS)))
    made, given = copy.deepcopy(VISITS[name]), outside(VISITS[name])
    for _ in range(data.draw(st.integers(1, 2))):
        break_one(made, data.draw(st.sampled_from(PLACES[name])), data.draw(st.none() | JSON.map(lambda one: [one])))
    try:
        own = responses.accepted(made, given, INSTRUMENTS)
        result = responses.judged(own, made, ["parent1", "parent2"], {})
        responses.told_alone(own, made, result)
        responses.differences(result, made["result"])
        json.dumps(responses.split(made["responses"]))
    except Unacceptable as error:
        assert error.reason.replace("_", "").isalpha()


@given(JSON.filter(lambda value: isinstance(value, dict)))
def test_anything_at_all_is_refused_by_name(value):
    with pytest.raises(Unacceptable):
        responses.accepted(value, outside({}), INSTRUMENTS)


# ── whose it is ──


def owners(visit):
    """(form, respondent, link id) -> subject, for every question answered or not."""
    return {
        (part["form"], part["respondent"], name): part["subject"]
        for part in responses.split(visit["responses"])
        for name in part["answers"] | part["unanswered"]
    }


def test_what_one_parent_said_belongs_to_that_parent_and_to_nobody_else():
    found = owners(whole())
    for (form, who, name), subject in found.items():
        if form in ("B", "C"):
            assert subject == who, (form, who, name)
    assert {subject for (form, *_), subject in found.items() if form == "C"} == {"parent1"}


def test_the_frame_of_the_visit_belongs_to_the_child_but_what_concerns_one_person_to_that_person():
    found = owners(whole())
    for name in ("s1", "s2", "s8", "s9"):
        assert found["A", "parent1", name] == "child"
    for name in ("s3", "s4", "s5", "s6", "s7"):
        assert found["A", "parent1", name] == "parent1"
    assert found["A", "parent1", "s10"] == "case"
    together = owners(a_visit(FAMILY, NOW))
    assert {together["A", "joint", name] for name in ("s3", "s4", "s5", "s6", "s7", "s10")} == {"case"}


def test_joint_answers_and_the_assessment_belong_to_the_case_but_not_what_was_agreed_alone():
    together = owners(a_visit(FAMILY, NOW, answers={"D": {"v5b": "Aftalt"}}))
    assert {subject for (form, *_), subject in together.items() if form in ("B", "D")} == {"case"}
    alone = owners(whole())
    assert alone["D", "case", "v5b"] == "parent1"
    assert {subject for (form, _, name), subject in alone.items() if form == "D" and name != "v5b"} == {"case"}


def test_nothing_gets_lost_or_doubled_when_answers_are_divided():
    for visit in VISITS.values():
        parts = responses.split(visit["responses"])
        for field in ("answers", "unanswered"):
            before = sorted((one["form"], one["respondent"], name) for one in visit["responses"] for name in one[field])
            assert sorted((one["form"], one["respondent"], name) for one in parts for name in one[field]) == before
        assert sum(len(one["answers"]) for one in parts) == visit["count"]


# ── what it means ──


def test_a_parent_who_is_not_in_the_familys_papers_counts_when_she_was_asked():
    made = a_visit(FAMILY, NOW, mode="each", answers={("C", "parent2"): {}})
    result = responses.judged(OWN, made, ["parent1"], {})
    assert result["safety"] == {"parent1": "not_clarified", "parent2": "clarified"}
    alone = a_visit(FAMILY, NOW, mode="one", answers={("C", "parent1"): {}})
    assert responses.judged(OWN, alone, ["parent1"], {})["badge"] == "clarified"


def test_a_result_of_the_tablet_that_differs_is_named_by_field_only():
    result = responses.judged(OWN, whole(), ["parent1", "parent2"], {})
    assert responses.differences(result, json.loads(json.dumps(result))) == []
    assert responses.differences(result, result | {"level": 0, "extra": "Farmor"}) == ["level"]
    assert responses.differences(result, {}) == []


def test_the_envelopes_own_words_do_not_matter_for_what_it_holds():
    made = a_visit(FAMILY, NOW)
    given = replace(outside(made), tablet="x", seq=99)
    assert responses.accepted(made, given, INSTRUMENTS) is OWN


def test_in_one_of_two_homes_the_other_homes_parent_is_not_asked():
    """FR24"""
    made = a_visit(FAMILY, NOW, mode="one", answers={("C", "parent1"): {}}, household="parent1")
    result = responses.judged(OWN, made, ["parent1", "parent2"], {})
    assert (result["safety"], result["badge"]) == ({"parent1": "clarified"}, "clarified")


@pytest.mark.parametrize(
    ("together", "alone", "unsure"),
    [
        (None, None, []), ("lay", None, ["parent1", "parent2"]), ("pro", None, []), ("lay", "pro", ["parent2"]),
        ("remote", "lay", ["parent1"]),
    ],
)  # fmt: skip
def test_answers_through_a_relative_are_unsure_and_the_room_asked_last_counts(together, alone, unsure):
    """FR17, 5.8.18"""
    rooms = {("A", "joint"): together, ("A", "parent1"): alone}
    said = {key: {"s3": ["interp"], "s4": who} for key, who in rooms.items() if who}
    made = a_visit(FAMILY, NOW, mode="each", answers={("B", "parent1"): {}, ("B", "parent2"): {}} | said)
    if not alone:
        made["responses"] = [one for one in made["responses"] if (one["form"], one["respondent"]) != ("A", "parent1")]
    made["count"] = responses.counted(made["responses"])
    accepted(made)
    assert responses.unsure(made) == unsure
