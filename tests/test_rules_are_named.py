"""Every flow rule and every ruling has a test that names it: whoever doubts a rule finds what proves it.

Named is in a test's docstring or name, or in the title of a test of the tablet's code. Not among the rulings is 5.8.23:
it is about publishing numbers. Of FR20 a test of the block is enough.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
FLOW_RULES = [f"FR{number}" for number in range(1, 28)]
RULINGS = [f"5.8.{number}" for number in range(1, 25) if number != 23]
TITLE = re.compile(r"""^\s*test(?:\.\w+)?\(\s*(["'`])(.*?)\1""", re.MULTILINE)


def said(path: Path) -> Iterator[str]:
    """What each test of a file says of itself: its name and its docstring, or its title."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".mjs":
        yield from (found[2] for found in TITLE.finditer(text))
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield f"{node.name.replace('_', ' ')} {ast.get_docstring(node) or ''}"


def names(text: str) -> set[str]:
    """The rules and rulings a text names."""
    return {one.upper() for one in re.findall(r"\bfr\d+\b|\b5\.8\.\d+\b", text, re.IGNORECASE)}


@pytest.fixture(scope="module")
def named() -> set[str]:
    files = [*TESTS.rglob("test_*.py"), *TESTS.rglob("*.test.mjs")]
    return {one for path in files for text in said(path) for one in names(text)}


@pytest.mark.parametrize("rule", FLOW_RULES + RULINGS)
def test_a_test_names_each_rule(named, rule):
    assert rule in named


def test_only_what_a_test_says_of_itself_counts(tmp_path):
    python, script = tmp_path / "test_a.py", tmp_path / "a.test.mjs"
    python.write_text('"""FR1"""\n# FR2\nFR3 = 1\ndef test_it():\n    """FR4, 5.8.19"""\ndef other():\n    """FR5"""\n')
    script.write_text('// FR6\ntest("the way on (FR7)", () => {\n  const title = "FR8";\n});\n')
    assert {one for path in (python, script) for text in said(path) for one in names(text)} == {"FR4", "5.8.19", "FR7"}
