"""The tablet's modules that touch neither page nor storage, tested in Node as they are written and as they travel."""

import shutil
import subprocess
from pathlib import Path

import pytest

from screening.web.files import sent

ROOT = Path(__file__).parent.parent
SUITES = sorted((ROOT / "tests" / "js").glob("*.test.mjs"))


@pytest.mark.parametrize("suite", SUITES, ids=lambda path: path.name)
def test_the_tablets_modules_in_node(suite, node):
    passes(node, suite)


@pytest.fixture(scope="module")
def as_sent(tmp_path_factory) -> Path:
    """A tree like ours in which each script is the one that a tablet gets."""
    tree = tmp_path_factory.mktemp("sent")
    for path in (ROOT / "static").rglob("*.js"):
        there = tree / path.relative_to(ROOT)
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_bytes(sent(path))
    (tree / "tests").mkdir()
    shutil.copytree(ROOT / "tests" / "js", tree / "tests" / "js")
    (tree / "tests" / "vectors").symlink_to(ROOT / "tests" / "vectors")
    (tree / "screening").symlink_to(ROOT / "screening")
    return tree


@pytest.mark.parametrize("suite", SUITES, ids=lambda path: path.name)
def test_the_modules_that_a_tablet_gets_in_node(suite, as_sent, node):
    passes(node, as_sent / suite.relative_to(ROOT))


def passes(node: str, suite: Path) -> None:
    ran = subprocess.run([node, "--test", str(suite)], capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr[-2000:]


def test_there_are_suites():
    assert SUITES
