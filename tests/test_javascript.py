"""The tablet's modules that touch neither page nor storage are tested in Node."""

import subprocess
from pathlib import Path

import pytest

SUITES = sorted((Path(__file__).parent / "js").glob("*.test.mjs"))


@pytest.mark.parametrize("suite", SUITES, ids=lambda path: path.name)
def test_the_tablets_modules_in_node(suite, node):
    ran = subprocess.run([node, "--test", str(suite)], capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr[-2000:]


def test_there_are_suites():
    assert SUITES
