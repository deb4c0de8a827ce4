"""The log of a random visit says by itself what must stand on the lead's page, and a difference is found."""

import pytest

from screening import instrument
from tests.walks import lead, taps
from tests.walks.ground import differences

FAMILY = {"parents": [{"key": "parent1"}, {"key": "parent2"}], "t20": {}, "agreement": False}


@pytest.fixture
def log():
    made = taps.Log(instrument.load(), FAMILY, "2m", None)
    for name, code in {"s1": "home", "s8": "true", "s9": "yes"}.items():
        made.tap("A", "joint", name, code)
    return made


def alone(log, who="parent1"):
    for name, code in {"s3": "none", "s5": "away", "s6": "true"}.items():
        log.tap("A", who, name, code)
    log.settle(who)


def told(log, **answers):
    for name, code in answers.items():
        log.tap("C", "parent1", name, code)


def names(log, form):
    return {name for one in log.responses() if one["form"] == form for name in one["answers"]}


def test_what_a_change_hides_is_left_out_and_comes_back_with_its_question(log):
    alone(log)
    told(log, t2="yes", t11="yes")
    assert names(log, "C") == {"t2", "t11"}
    told(log, t2="no")
    assert names(log, "C") == {"t2"} and log.left_out(log.responses()) == ["parent1 t11"]
    assert log.result()["flags"] == {}
    told(log, t2="yes")
    assert names(log, "C") == {"t2", "t11"}


def test_a_grave_answer_is_asked_about_and_what_is_taken_along_is_there_and_counts(log):
    alone(log)
    told(log, t2="yes", t11="yes")
    told(log, t2="no")
    assert log.undecided() == ["parent1 t11"]
    log.keep("parent1", "t11", True)
    assert log.undecided() == [] and list(taps.kept(log.responses())) == ["parent1 t11"]
    assert log.result()["level"] == 3
    assert taps.shown(log.responses())["parent1", "t11"] == ("yes", False, True)
    told(log, t11="yes")
    assert log.undecided() == ["parent1 t11"], "a new answer is asked about anew"


def test_the_gate_is_judged_when_she_goes_on(log):
    alone(log)
    assert log.gate == {"parent1": "open"}
    log.interrupted("parent1")
    log.tap("A", "parent1", "s6", "false")
    log.settle("parent1")
    assert log.gate == {"parent1": "shut"}
    log.tap("A", "parent2", "s6", "false")
    log.settle("parent2")
    assert "parent2" not in log.gate


def test_only_who_answers_by_the_way_that_was_chosen_last_is_there(log):
    log.mode = "joint"
    log.tap("B", "joint", "k1", "2")
    assert names(log, "B") == {"k1"}
    log.mode = "each"
    log.tap("B", "parent2", "k2", "1")
    assert [one["respondent"] for one in log.responses() if one["form"] == "B"] == ["parent2"]
    log.tap("A", "parent2", "s5", "none")
    log.no_contact["parent2"] = True
    assert names(log, "B") == set()


def test_of_several_answers_an_exclusive_one_stands_alone_and_declining_is_an_answer(log):
    for code in ("child", "adult"):
        log.tap("C", "parent1", "t8", code)
    assert log.answers("C", "parent1")["t8"] == {"value": ["adult", "child"]}
    log.tap("C", "parent1", "t8", "no")
    assert log.answers("C", "parent1")["t8"] == {"value": ["no"]}
    log.decline("C", "parent1", "t8")
    log.decline("C", "parent1", "c1")
    assert log.answers("C", "parent1") == {"t8": {"value": ["na"]}, "c1": {"declined": True}}


PAGE = """<span data-suggested="2" data-final="3"></span><input name="csrf_token" value="t">
<td data-subject="case" data-link-id="k1" data-value="2"><span class="answer">Tit</span></td>
<td data-subject="parent1" data-link-id="t11" data-value="yes"><span>Ja</span> <span class="tag">taget med</span></td>
<td data-subject="parent1" data-link-id="c1" data-value="" data-declined></td>"""
THERE = {
    ("case", "k1"): ("2", False, False),
    ("parent1", "t11"): ("yes", False, True),
    ("parent1", "c1"): ("", True, False),
}


def test_the_leads_page_is_read_as_it_stands():
    sheet = lead.parsed(PAGE)
    assert (sheet.answers, sheet.suggested, sheet.final, sheet.token) == (THERE, "2", "3", "t")
    assert differences(THERE, sheet) == []


@pytest.mark.parametrize("key", THERE)
def test_an_answer_that_is_missing_added_or_changed_is_found(key):
    sheet = lead.parsed(PAGE)
    without = {name: cell for name, cell in THERE.items() if name != key}
    assert len(differences(without, sheet)) == 1
    assert len(differences(THERE | {key: ("other", False, False)}, sheet)) == 1
    assert len(differences(THERE | {("child", "s1"): ("home", False, False)}, sheet)) == 1


def test_an_answer_that_stands_there_twice_is_found():
    assert differences(THERE, lead.parsed(PAGE + PAGE.splitlines()[1])) == ["case k1 stands twice on the lead's page"]
