"""Twenty faults of one character, ten in each evaluator: each must be seen by the worked or the random visits."""

import shutil
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
# What screening.evaluation needs, and no more.
PYTHON = (
    "__init__ asking conditions config errors evaluation instrument publishing questionnaire untrusted worked".split()
)
JAVASCRIPT = ("evaluation", "instrument")


@dataclass(frozen=True)
class Mutation:
    """``old`` stands exactly once in the file and differs from ``new`` by one character; ``fault`` says what breaks."""

    file: str
    old: str
    new: str
    fault: str


IN_PYTHON = (
    Mutation("evaluation.py", "(200 * total", "(201 * total", "the index is a little too high"),
    Mutation("evaluation.py", "3 * weights)", "2 * weights)", "a half is rounded down"),
    Mutation("evaluation.py", "answered >= scoring", "answered > scoring", "six answers are too few"),
    Mutation("evaluation.py", 'floor >= rule["block"]', 'floor > rule["block"]', "the couple gate stays open"),
    Mutation("evaluation.py", "floor >= 0 and", "floor > 0 and", "cards without a floor are lost"),
    Mutation("evaluation.py", 'if person.mode != "joint"', 'if person.mode == "joint"', "joint answers are compared"),
    Mutation("evaluation.py", "case.get(rule, -1)", "case.get(rule, 1)", "what was told is nobody's"),
    Mutation("conditions.py", 'in condition["of"]) >= ', 'in condition["of"]) > ', "two signs of fear are not enough"),
    Mutation("conditions.py", '["rule"], -1) >= ', '["rule"], -1) > ', "an earlier rule at the floor does not count"),
    Mutation("conditions.py", "level >= condition", "level > condition", "a known level just reached does not count"),
)  # fmt: skip
IN_JAVASCRIPT = (
    Mutation("evaluation.js", "(200 * total", "(201 * total", "the index is a little too high"),
    Mutation("evaluation.js", "3 * weights)", "2 * weights)", "a half is rounded down"),
    Mutation("evaluation.js", "index >= limit)", "index > limit)", "exactly 25 is green"),
    Mutation("evaluation.js", ">= limits.index", "> limits.index", "25 apart is not discrepant"),
    Mutation("evaluation.js", "floor >= rule.block", "floor > rule.block", "the couple gate stays open"),
    Mutation("evaluation.js", "one > 0", "one > 1", "a floor of 1 holds nothing up"),
    Mutation("evaluation.js", '.mode !== "joint"', '.mode !== "point"', "joint answers are compared"),
    Mutation("evaluation.js", ".length >= condition", ".length > condition", "two signs of fear are not enough"),
    Mutation("evaluation.js", ".rule] ?? -1) >= ", ".rule] ?? -1) > ", "an earlier rule at the floor does not count"),
    Mutation("evaluation.js", "if (condition.not) return !within", "if (condition.not) return within", "not means yes"),
)  # fmt: skip


def copy(folder: Path, mutation: Mutation | None) -> Path:
    """The few modules of both evaluators and the published files in a folder, with one fault or none."""
    package, tablet = folder / "screening", folder / "visitor"
    shutil.copytree(ROOT / "screening" / "instruments", package / "instruments")
    tablet.mkdir()
    for name in PYTHON:
        shutil.copy(ROOT / "screening" / f"{name}.py", package)
    for name in JAVASCRIPT:
        shutil.copy(ROOT / "static" / "visitor" / f"{name}.js", tablet)
    # Node takes a file for a module by this, as a browser does by how it is loaded.
    (tablet / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    if mutation:
        plant(mutation, (package if mutation.file.endswith(".py") else tablet) / mutation.file)
    return folder


def plant(mutation: Mutation, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if text.count(mutation.old) != 1:
        raise ValueError(f"{mutation.old!r} stands {text.count(mutation.old)} times in {path.name}, not once")
    path.write_text(text.replace(mutation.old, mutation.new), encoding="utf-8")
