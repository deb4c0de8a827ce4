"""The house stands as designed: imports go down only, the top level is what it says, colours are one."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "screening"
TOP = {
    "screening", "static", "templates", "instance", "tests", "pyproject.toml", "README.md", "LICENSE",
    "requirements.lock", "requirements-test.lock",
}  # fmt: skip
# The command line and the starting of servers are what people touch, as the pages are.
ABOVE = {"screening", "screening.__main__", "screening.cli", "screening.serve"}


def floor(module: str) -> int:
    """0 for what is kept, 1 for what the service knows, 2 for what people and tablets touch."""
    # Refusals are the one word that every floor may say.
    if module in ("screening.store", "screening.errors") or module.startswith("screening.store."):
        return 0
    return 2 if module in ABOVE or module == "screening.web" or module.startswith("screening.web.") else 1


def modules() -> dict[str, Path]:
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imports(module: str, path: Path) -> set[str]:
    """The project's own modules that a module names in its imports, wherever they stand in it."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    named = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            named |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = ".".join(
                    package.split(".")[: len(package.split(".")) - node.level + 1] + ([base] if base else [])
                )
            full = {alias.name: f"{base}.{alias.name}" for alias in node.names}
            named |= {name if name in MODULES else base for name in full.values()}
    return {name for name in named if name in MODULES and name != module}


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_from_its_own_floor_or_below(module):
    too_high = {name for name in imports(module, MODULES[module]) if floor(name) > floor(module)}
    assert not too_high, f"{module} reaches up to {sorted(too_high)}"


@pytest.mark.parametrize("module", [name for name in MODULES if floor(name) < 2])
def test_the_two_lower_floors_know_no_flask(module):
    text = MODULES[module].read_text(encoding="utf-8")
    assert "import flask" not in text and "from flask" not in text


def test_imports_never_go_in_a_circle():
    graph = {module: imports(module, path) for module, path in MODULES.items()}
    done: set[str] = set()

    def visit(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, " -> ".join((*trail, module))
        if module not in done:
            for name in graph[module]:
                visit(name, (*trail, module))
            done.add(module)

    for module in graph:
        visit(module, ())


def test_the_top_level_holds_what_the_readme_says_and_nothing_else():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    names = {line.split("/")[0] for line in tracked.splitlines()}
    assert {name for name in names if not name.startswith(".")} <= TOP


# The tablet has one style sheet, so what it shares with the other pages stands there a second time.
TOKENS = ("static/shared/tokens.css", "static/visitor/visitor.css")
TOKEN = re.compile(r"^\s*(--[\w-]+):\s*([^;]+);", re.MULTILINE)


def test_whatever_a_rule_is_silenced_for_is_said_beside_it():
    silenced = re.compile(r"#\s*noqa\b(?!: [A-Z0-9, ]+ - \w)")
    found = [
        f"{path.relative_to(ROOT)}:{number}" for folder in (PACKAGE, ROOT / "tests") for path in folder.rglob("*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if silenced.search(line)
    ]  # fmt: skip
    assert found == []


def test_a_token_of_the_tablets_style_sheet_is_worth_what_it_is_on_every_other_page():
    shared, tablets = (dict(TOKEN.findall((ROOT / path).read_text(encoding="utf-8"))) for path in TOKENS)
    both = shared.keys() & tablets.keys()
    assert {"--ink", "--red", "--fjord", "--font"} <= both
    assert {name: tablets[name] for name in both} == {name: shared[name] for name in both}


# What would print, send or make a code to be read by a telephone; the server itself calls nobody.
WAYS_OUT = re.compile(
    r"window\.print|[^\w.]print\(\)|mailto:|\bsms:|navigator\.share|clipboardItem|qrcode|new QR"
    r"|\bsmtplib\b|\bfrom email\b|\bimport email\b|\burllib\.request\b|\bhttp\.client\b|\bhttpx\b|\bdigital_?post\b",
    re.IGNORECASE,
)


def test_nothing_can_be_printed_sent_or_coded_for_a_parent():
    """FR14 and FR15: whatever c3 and c4 allow is done by hand; no letter, message or mail leaves by itself."""
    code = [*PACKAGE.rglob("*.py"), *(ROOT / "static").rglob("*.js"), *(ROOT / "templates").rglob("*.html")]
    assert len(code) > 100
    assert [str(path) for path in code if WAYS_OUT.search(path.read_text(encoding="utf-8"))] == []
