"""What follows from the answers: the worked visits, both languages on random ones, and worse never meaning less."""

import json
import subprocess
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from screening import evaluation, instrument
from screening.errors import NotAnswerable
from tests import answers_at_random, judge

ROOT = Path(__file__).parent.parent
JUDGE = ROOT / "tests" / "js" / "judge.mjs"
EVALUATE = ROOT / "tests" / "js" / "evaluate.mjs"
TABLET = ROOT / "static" / "visitor" / "instrument.js"


@pytest.fixture(scope="module")
def published():
    return instrument.load()


def on_tablet(node, published, cases):
    """What the tablet's code makes of the cases."""
    given = json.dumps({"bundle": published.bundle(), **cases})
    ran = subprocess.run([node, JUDGE, TABLET], input=given, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)[0]


@pytest.fixture(scope="module")
def tablets_worked(node, published):
    return on_tablet(node, published, judge.worked())


@pytest.fixture(scope="module")
def servers_worked():
    return judge.results(judge.worked())


@pytest.fixture(params=["server", "tablet"])
def worked(request, servers_worked, tablets_worked):
    """The results of all worked cases, by each of the two."""
    return servers_worked if request.param == "server" else tablets_worked


def test_the_worked_visits_come_out_as_written(worked):
    """The rules of 5.3 to 5.6; 5.8.3 (only an ex), 5.8.4 (minimum rules and E19) and 5.8.8 (far apart) among them."""
    for case, found in zip(judge.worked()["visits"], worked["visits"], strict=True):
        assert found == case["expect"], case["name"]


def test_whole_visits_are_judged_as_written(worked):
    """5.8.1 (some marks on the child), 5.8.2 (violence and the same day), 5.8.5 (nothing known), 5.8.6 (the badge)."""
    for case, found in zip(judge.worked()["judged"], worked["judged"], strict=True):
        assert {name: found[name] for name in case["expect"]} == case["expect"], case["name"]


def test_questions_open_and_are_missed_as_written(worked):
    for case, found in zip(judge.worked()["opening"], worked["opening"], strict=True):
        assert set(case["shown"]) <= set(found["shown"]), case["name"]
        assert not set(case["hidden"]) & set(found["shown"]), case["name"]
        assert found["missing"] == case.get("missing", found["missing"]), case["name"]


def test_the_private_part_opens_only_when_alone(worked):
    for case, found in zip(judge.worked()["gates"], worked["gates"], strict=True):
        assert found is case["open"], case["name"]


def test_every_rule_and_every_action_is_worked_at_every_floor(published):
    flags = {flag for case in judge.worked()["visits"] for flag in case["expect"]["flags"].items()}
    floors = {(rule["id"], step["floor"]) for rule in published.rules["rules"] for step in rule["floors"]}
    assert floors - flags == {("R17", 0)}
    minimum = {rule for case in judge.worked()["visits"] for rules in case["expect"]["minrules"] for rule in rules}
    assert minimum == {rule["id"] for rule in published.rules["minimum_rules"]}


def test_tablet_and_server_agree_on_random_visits(node, published):
    cases = answers_at_random.cases(published, seed=20261123, visits=2000, others=300)
    server, tablet = judge.results(cases), on_tablet(node, published, cases)
    for kind, found in server.items():
        for case, one, other in zip(cases[kind], found, tablet[kind], strict=True):
            assert one == other, case
    assert {flag for one in server["visits"] for flag in one["flags"].items()} >= {("R10", 2), ("R11", 2), ("R07", 1)}
    assert {one["level"] for one in server["visits"]} == {None, 0, 1, 2, 3}
    assert {action for one in server["judged"] for action in one["actions"]} == {
        row["id"] for row in published.actions["actions"]
    }


# ── a worse answer never lowers a level (domain 5.8.20) ──


VISITS = 24


def lowered(published):
    """Every single worse answer to calm visits with a few serious answers: what it was, and whether it lowers a level.

    Lowered is also a level that is no longer known.
    """
    rng = Random(8)  # noqa: S311 - always the same visits
    for number in range(VISITS):
        visit = answers_at_random.calm(published, rng, serious=number % 4)
        for said, name in answers_at_random.asked(visit):
            known: dict[str, list[int]] = {}
            for answer, worse in answers_at_random.worse(published, name):
                for one in (answer, worse):
                    known[str(one)] = known.get(str(one)) or levels(published, visit, said, name, one)
                steps = zip(known[str(answer)], known[str(worse)], strict=True)
                yield (name, answer, worse), any(after < before for before, after in steps)


def levels(published, visit, said, name, answer):
    """With this answer: the suggested level, the highest floor and each person's level; -1 for what is not known."""
    kept = dict(said)
    said[name] = answer
    found = evaluation.evaluate(published, visit)
    said.clear()
    said.update(kept)
    floor = max(found["flags"].values(), default=-1)
    return [-1 if level is None else level for level in (found["level"], floor, *found["klevels"])]


def test_a_worse_answer_never_lowers_a_level(published):
    """5.8.20: worse is later in the order of the options, or as `orders` says."""
    tried = list(lowered(published))
    assert not [change for change, lower in tried if lower]
    assert len(tried) > 2500


@pytest.mark.parametrize(("rule", "step", "floor"), [("R07", 0, 1), ("R08", 0, 0), ("R01", 0, 1), ("R02", 0, 1)])
def test_the_search_finds_a_rule_that_turns_around(published, rule, step, floor):
    rules = deepcopy(published.rules)
    next(row for row in rules["rules"] if row["id"] == rule)["floors"][step]["floor"] = floor
    assert any(lower for _, lower in lowered(replace(published, rules=rules)))


# ── how a conflict moves from two to eight months (domain 5.5.6, 5.8.7) ──


@pytest.mark.parametrize(
    ("earlier", "later", "expected"),
    [
        ((20, 0), (34, 0), "unchanged"), ((20, 0), (35, 0), "worse"), ((24, 0), (27, 1), "worse"),
        ((40, 1), (25, 1), "better"), ((46, 2), (44, 1), "better"), ((60, 2), (40, 2), "better"),
        ((60, 1), (44, 2), "worse"), ((None, None), (40, 1), "not_comparable"), ((None, 2), (None, 1), "better"),
    ],
)  # fmt: skip
def test_a_change_is_worse_before_it_is_better(published, earlier, later, expected):
    before, after = (
        {"respondents": ["parent1"], "index": [index], "klevels": [level]} for index, level in (earlier, later)
    )
    assert evaluation.change(published, before, after, "parent1") == expected
    assert evaluation.change(published, before, after, "joint") == "not_comparable"


# ── what bad input gets ──

BAD = [
    ("{", "cannot be read as JSON"),
    ("3", "must hold a visit or a list of visits"),
    ('{"persons": [], "persons": []}', 'the key "persons" stands there twice'),
    (
        '{"persons": [{"mode": "each", "k": {"k1": 0, "k2": {"k1": 0}, "k\\u0031": 3}}]}',
        'the key "k1" stands there twice',
    ),
    ("{}", "persons must be a list"),
    ("[3]", "visit 1: the visit must be an object, not 3"),
    ("[null]", "visit 1: the visit must be an object, not null"),
    ('{"persons": {}}', "persons must be a list"),
    ('{"persons": [null]}', "person 1: mode must be one of each, joint, one, not null"),
    ('{"persons": ["each"]}', 'person 1 must be an object, not "each"'),
    ('{"persons": [{"k": {}}]}', "person 1: mode must be one of"),
    ('{"persons": [{"mode": "none"}]}', 'person 1: mode must be one of each, joint, one, not "none"'),
    ('{"persons": [], "observation": {}}', 'the key "observation" is not known'),
    ('{"persons": [{"mode": "each", "s": {}}]}', 'person 1: the key "s" is not known'),
    ('{"persons": [{"mode": "each", "k": {"k11": 1}}]}', 'person 1, k: the key "k11" is not known'),
    ('{"persons": [{"mode": "each", "k": {"k1": 4}}]}', "person 1, k: k1 has no answer 4"),
    ('{"persons": [{"mode": "each", "k": {"k1": "1"}}]}', 'person 1, k: k1 has no answer "1"'),
    ('{"persons": [{"mode": "each", "k": {"k1": true}}]}', "person 1, k: k1 has no answer true"),
    ('{"persons": [{"mode": "each", "k": {"k1": 0.5}}]}', "person 1, k: k1 has no answer 0.5"),
    ('{"persons": [{"mode": "each", "k": {"k10": 3}}]}', "person 1, k: k10 has no answer 3"),
    ('{"persons": [{"mode": "each", "k": []}]}', "person 1, k must be an object, not []"),
    ('{"persons": [{"mode": "each", "t": {"t1": "yes"}}]}', 'person 1, t: t1 has no answer "yes"'),
    ('{"persons": [{"mode": "each", "t": {"t1": 1}}]}', "person 1, t: t1 has no answer 1"),
    ('{"persons": [{"mode": "each", "t": {"t1": ["1", "2"]}}]}', 'person 1, t: t1 takes one answer, not ["1"'),
    ('{"persons": [{"mode": "each", "t": {"t8": ["child", null]}}]}', "person 1, t: t8 has no answer null"),
    ('{"persons": [{"mode": "each", "t": {"t21": "yes"}}]}', 'person 1, t: the key "t21" is not known'),
    ('{"persons": [{"mode": "each", "kept": "t11"}]}', "person 1: kept must be a list of link ids"),
    ('{"persons": [{"mode": "each", "kept": ["o1"]}]}', "person 1: kept must be a list of link ids"),
    ('{"persons": [], "observations": {"o1": "3"}}', 'observations: o1 has no answer "3"'),
    ('{"persons": [], "assessment": {"v3": "text"}}', 'assessment: the key "v3" is not known'),
    ('{"persons": [], "assessment": {"v2": "maybe"}}', 'assessment: v2 has no answer "maybe"'),
    ('[{"persons": []}, {"persons": [{"mode": "x"}]}]', "visit 2: person 1: mode must be"),
]


@pytest.mark.parametrize(("text", "problem"), BAD, ids=[problem for _, problem in BAD])
def test_a_visit_with_something_unknown_is_refused_in_one_line(tmp_path, text, problem):
    path = tmp_path / "visit.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(NotAnswerable) as refused:
        evaluation.main_evaluate(path)
    assert problem in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_strange_key_can_be_printed_anywhere(tmp_path):
    path = tmp_path / "visit.json"
    path.write_text('{"\\ud800\\n": 1}', encoding="utf-8")
    with pytest.raises(NotAnswerable) as refused:
        evaluation.main_evaluate(path)
    str(refused.value).encode("utf-8")
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path):
    (tmp_path / "picture").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "deep").write_text("[" * 100_000, encoding="utf-8")
    for name in ("nothing", "picture", "deep"):
        with pytest.raises(NotAnswerable, match="cannot be read as JSON"):
            evaluation.main_evaluate(tmp_path / name)


def test_the_tablets_command_prints_what_the_servers_does(node, tmp_path):
    examples = judge.VECTORS / "examples.json"
    ran = subprocess.run([node, EVALUATE, examples], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == json.loads(evaluation.main_evaluate(examples))
    one = tmp_path / "one.json"
    one.write_text(json.dumps(judge.vectors("examples")[3]), encoding="utf-8")
    assert json.loads(evaluation.main_evaluate(one)) == judge.vectors("examples")[3]["expect"]


def test_the_tablets_command_refuses_what_the_servers_does(node):
    texts = [text for text, _ in BAD]
    script = f"import {{ refusals }} from {json.dumps(EVALUATE.as_uri())}; refusals({json.dumps(texts)})"
    ran = subprocess.run(
        [node, "--input-type=module", "-e", script], capture_output=True, text=True, timeout=60, cwd=ROOT
    )
    assert ran.returncode == 0, ran.stderr
    for (text, problem), said in zip(BAD, json.loads(ran.stdout), strict=True):
        assert problem in (said or ""), text


def test_both_read_a_file_with_a_byte_order_mark(node, tmp_path):
    path = tmp_path / "visit.json"
    path.write_text("\ufeff" + json.dumps(judge.vectors("examples")[3]), encoding="utf-8")
    ran = subprocess.run([node, EVALUATE, path], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    assert (
        json.loads(ran.stdout) == json.loads(evaluation.main_evaluate(path)) == judge.vectors("examples")[3]["expect"]
    )
