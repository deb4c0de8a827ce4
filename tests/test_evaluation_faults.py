"""A fault of one character in either evaluator does not go unseen: the worked and the random visits find it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from screening import instrument
from tests import answers_at_random, judge
from tests.faults import mutations

ROOT = Path(__file__).parent.parent
FAULTS = (*mutations.IN_PYTHON, *mutations.IN_JAVASCRIPT)


@pytest.fixture(scope="module")
def cases():
    """All worked cases and some random ones."""
    random = answers_at_random.cases(instrument.load(), seed=5, visits=20, others=20)
    return {kind: worked + random[kind] for kind, worked in judge.worked().items()}


@pytest.fixture(scope="module")
def right(cases):
    return judge.results(cases)


@pytest.fixture(scope="module")
def found(tmp_path_factory, node, cases):
    """Fault -> what the copy with it makes of the cases; None for the copies without a fault."""
    folder = tmp_path_factory.mktemp("copies")
    python = {one: copy_of(folder, one) for one in (None, *mutations.IN_PYTHON)}
    tablet = {one: copy_of(folder, one) / "visitor" / "instrument.js" for one in (None, *mutations.IN_JAVASCRIPT)}
    said = run([sys.executable, "-m", "tests.judge", *python.values()], cases)
    both = {("server", one): result for one, result in zip(python, said, strict=True)}
    given = cases | {"bundle": instrument.load().bundle()}
    said = run([node, ROOT / "tests" / "js" / "judge.mjs", *tablet.values()], given)
    return both | {("tablet", one): result for one, result in zip(tablet, said, strict=True)}


def copy_of(folder, mutation):
    place = folder / f"{len(list(folder.iterdir())):02}"
    return mutations.copy(place, mutation)


def run(command, given):
    ran = subprocess.run(
        [str(part) for part in command], input=json.dumps(given), capture_output=True, text=True, timeout=120, cwd=ROOT
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@pytest.mark.parametrize("which", ["server", "tablet"])
def test_a_copy_without_a_fault_says_the_same(found, right, which):
    assert found[which, None] == right


@pytest.mark.parametrize("fault", FAULTS, ids=[f"{one.file}: {one.fault}" for one in FAULTS])
def test_a_fault_of_one_character_is_seen(found, right, fault):
    assert found["server" if fault.file.endswith(".py") else "tablet", fault] != right


@pytest.mark.parametrize("fault", FAULTS, ids=[one.old for one in FAULTS])
def test_each_planted_fault_is_one_character(fault):
    shorter, longer = sorted((fault.old, fault.new), key=len)
    if len(shorter) == len(longer):
        assert sum(one != other for one, other in zip(fault.old, fault.new, strict=True)) == 1
    else:
        assert any(longer[:place] + longer[place + 1 :] == shorter for place in range(len(longer)))


def test_there_are_ten_in_each():
    assert len(mutations.IN_PYTHON) == len(mutations.IN_JAVASCRIPT) == 10
