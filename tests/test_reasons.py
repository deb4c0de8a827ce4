"""Whatever an envelope can be set aside or refused for, a lead reads what is wrong with it, and that is true."""

import ast
from pathlib import Path

import pytest

from screening import notes, reasons

PACKAGE = Path(reasons.__file__).parent
# Whoever is given a reason: the check of each module, and what carries it.
GIVEN = {"check", "holds", "BadEnvelope", "Unacceptable", "Aside"}
# Functions that answer with one.
ANSWERING = {"sync.py": {"unacceptable", "set_aside"}, "judging.py": {"unexpected"}}


def trees() -> dict[str, ast.Module]:
    paths = [path for path in sorted(PACKAGE.rglob("*.py")) if not {"demo", "web"} & set(path.parts)]
    return {path.name: ast.parse(path.read_text(encoding="utf-8")) for path in paths}


def texts(node: ast.AST, named: dict[str, str]) -> set[str]:
    """Every code that an expression may give; a name stands for the constant of that name."""
    found = {one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return found | {named[one.id] for one in ast.walk(node) if isinstance(one, ast.Name) and one.id in named}


def constants(tree: ast.Module) -> dict[str, str]:
    return {
        node.targets[0].id: node.value.value for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    }  # fmt: skip


def codes() -> set[str]:
    """Every reason that the package's code can give."""
    all_trees, found = trees(), set()
    named = {name: value for tree in all_trees.values() for name, value in constants(tree).items()}
    for path, tree in all_trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name in ANSWERING.get(path, ()):
                answers = [one for one in ast.walk(node) if isinstance(one, ast.Return)]
                found |= {code for one in answers for code in texts(one, named)}
            elif isinstance(node, ast.Call) and called(node) in GIVEN:
                reason = node.args[1 if called(node) in ("check", "holds") and len(node.args) == 2 else 0]
                if not isinstance(reason, ast.IfExp):
                    found |= texts(reason, named)
    # The one reason that is put together: the field of a message's data.
    fields = {name for needed, further in notes.SHAPES.values() for name in (*needed, *further)}
    return found | {f"wrong_{name}" for name in fields} | {"wrong_data"}


def called(call: ast.Call) -> str:
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


CODES = codes()


def test_the_codes_are_found():
    some = {
        "unknown_suite", "not_ours", "wrong_signature", "unknown_author", "other_tablet", "conflict", "not_judged",
        "earlier_missing", "not_her_family", "wrong_partial", "hidden", "wrong_reason", "family_twice", "bad_json",
    }  # fmt: skip
    assert some <= CODES and len(CODES) > 60
    assert all(code == code.lower() and code.replace("_", "").isalpha() for code in CODES), sorted(CODES)


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_reason_has_words_of_its_own_in_both_languages(code):
    danish, english = reasons.words(code)
    assert (danish, english) != reasons.OTHER
    assert danish and english and danish != english


def test_no_words_stand_for_a_reason_that_nobody_gives():
    assert set(reasons.WORDS) - CODES == set()


def test_only_what_is_about_the_answers_says_that_the_answers_are_wrong():
    outside = [code for code in CODES if code.startswith(("bad_", "not_", "too_l", "too_s", "unknown_", "wrong_s"))]
    assert not [code for code in outside if "passer ikke til spørgsmål" in reasons.words(code)[0]]
    assert reasons.words("a_code_of_tomorrow") == reasons.OTHER
