"""Every Danish text that the server may say: in templates, in the web's code, and in refusals."""

import ast
import re
from pathlib import Path

from jinja2 import Environment

from screening import errors
from screening.web import access

ROOT = Path(__file__).parents[2]
PACKAGE, TEMPLATES = ROOT / "screening", ROOT / "templates"
REFUSALS = {
    name for module in (errors, access) for name, one in vars(module).items()
    if isinstance(one, type) and issubclass(one, errors.Refused)
}  # fmt: skip
# A refusal that makes its own sentence, and takes an operator's reason instead.
OWN_WORDS = {"KeysClosed"}
ONLY_A_GAP = re.compile(r"\{\w+\}")


def in_templates() -> dict[object, str]:
    """Text, or pair of texts for one and many -> where it stands."""
    environment = Environment(extensions=["jinja2.ext.i18n"])  # noqa: S701 - nothing is rendered
    found = {}
    for path in sorted(TEMPLATES.rglob("*.html")):
        texts = environment.extract_translations(path.read_text(encoding="utf-8"))  # type: ignore[attr-defined]
        for line, function, text in texts:
            words = text if isinstance(text, tuple) else (text,)
            found[words[:2] if function == "ngettext" else words[0]] = f"{path.name}:{line}"
    return found


def in_code() -> dict[object, str]:
    """The same for ``_()`` and ``ngettext()`` in the web's modules, and for every sentence of a refusal."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        if "demo" not in path.parts:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            found |= {text: f"{path.name}:{line}" for text, line in said(tree)}
    return found


def said(tree: ast.Module):
    """Every (text, line) that a module may say."""
    constants = constants_of(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name == "ngettext":
            yield (texts_of(node.args[0], constants)[0], texts_of(node.args[1], constants)[0]), node.lineno
        elif name == "_" or name in REFUSALS - OWN_WORDS:
            for text in texts_of(node.args[0], constants):
                if not ONLY_A_GAP.fullmatch(text):
                    yield text, node.lineno


def constants_of(tree: ast.Module) -> dict[str, list[str]]:
    """Module constants that hold a text, or a table of texts."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            strings = [one.value for one in ast.walk(node.value) if isinstance(one, ast.Constant) and one.value]
            found[node.targets[0].id] = [one for one in strings if isinstance(one, str)]
    return found


def texts_of(node: ast.expr, constants: dict[str, list[str]]) -> list[str]:
    """The texts an argument may be; nothing for what only exists while running, which some table must hold."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    assert not isinstance(node, ast.JoinedStr), f"line {node.lineno}: a text put together cannot be translated"
    names = [one.id for one in ast.walk(node) if isinstance(one, ast.Name)]
    own = [one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    return [text for name in names for text in constants.get(name, [])] + (own if isinstance(node, ast.IfExp) else [])
