"""When a question opens, a rule fires or an action is due: the few conditions there are, and whether one holds.

A condition is data, so that a municipality can change it without code, and there is no expression language.
The last part of `static/visitor/evaluation.js` is the same in the tablet's language:

    {"item": "t1", "in": ["2", "3"]}           one of these was answered
    {"item": "t8", "contains": "child"}        of several answers, this is one
    {"all": […]}  {"any": […]}  {"not": …}     of other conditions
    {"at_least": 2, "of": […]}                 as many of these hold
    {"rule": "R09", "at_least": 2}             an earlier rule fired at this floor or above
    {"level": "final", "at_least": 1}          a level is known and is this or above
    {"prior": "t20"}                           known from before the visit

An `item` is a question or one of the visit's own facts, which `rules.json` lists.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Condition = dict[str, Any]
LEVELS = ("conflict", "suggested", "final")
SHAPES = {
    frozenset({"item", "in"}), frozenset({"item", "contains"}), frozenset({"all"}), frozenset({"any"}),
    frozenset({"not"}), frozenset({"at_least", "of"}), frozenset({"rule", "at_least"}),
    frozenset({"level", "at_least"}), frozenset({"prior"}),
}  # fmt: skip


@dataclass(slots=True)
class Scope:
    """What a condition may look at: answers and facts by name, floors of rules that fired, levels, what was known."""

    values: dict[str, Any]
    fired: dict[str, int] = field(default_factory=dict)
    levels: dict[str, int | None] = field(default_factory=dict)
    prior: frozenset[str] = frozenset()


def holds(condition: Condition, scope: Scope) -> bool:
    """Whether a checked condition is true of what was said. Not answered is never true of `in` and `contains`."""
    if "in" in condition:
        return scope.values.get(condition["item"]) in condition["in"]
    if "contains" in condition:
        return condition["contains"] in scope.values.get(condition["item"], ())
    if "any" in condition:
        return any(holds(part, scope) for part in condition["any"])
    if "all" in condition:
        return all(holds(part, scope) for part in condition["all"])
    if "not" in condition:
        return not holds(condition["not"], scope)
    if "of" in condition:
        return sum(holds(part, scope) for part in condition["of"]) >= condition["at_least"]
    if "rule" in condition:
        return scope.fired.get(condition["rule"], -1) >= condition["at_least"]
    if "level" in condition:
        level = scope.levels.get(condition["level"])
        return level is not None and level >= condition["at_least"]
    return condition["prior"] in scope.prior


def parts(condition: Condition) -> Iterator[Condition]:
    """A condition and everything inside it."""
    yield condition
    for key in ("all", "any", "of"):
        for part in condition.get(key, ()):
            yield from parts(part)
    if "not" in condition:
        yield from parts(condition["not"])


@dataclass(frozen=True)
class Known:
    """What conditions may name: items and facts with their codes, which hold several, rules so far, what is prior."""

    codes: dict[str, frozenset[str]]
    several: frozenset[str]
    rules: tuple[str, ...]
    prior: frozenset[str]


def problem(condition: Any, known: Known) -> str:
    """What is wrong with a condition, as half a sentence; empty when nothing is."""
    if not isinstance(condition, dict) or frozenset(condition) not in SHAPES:
        name = ", ".join(condition) if isinstance(condition, dict) else repr(condition)
        return f"the operator {name} is not known"
    if "item" in condition:
        return _problem_of_item(condition, known)
    if "rule" in condition and condition["rule"] not in known.rules:
        return f"the rule {condition['rule']} does not stand before this one"
    if "level" in condition and condition["level"] not in LEVELS:
        return f"the level {condition['level']} is not known; known are {', '.join(LEVELS)}"
    if "prior" in condition and condition["prior"] not in known.prior:
        return f"{condition['prior']} is not among what can be known from before"
    if "at_least" in condition and type(condition["at_least"]) is not int:
        return f"at_least must be a whole number, not {condition['at_least']!r}"
    return _problem_inside(condition, known)


def _problem_of_item(condition: Condition, known: Known) -> str:
    item = condition["item"]
    if item not in known.codes:
        return f"the item {item} does not exist"
    if ("contains" in condition) != (item in known.several):
        return f"the item {item} takes {'contains' if item in known.several else 'in'}"
    codes = condition["in"] if "in" in condition else [condition["contains"]]
    if not isinstance(codes, list) or not codes:
        return f"the item {item} needs a list of codes"
    return next((f"the item {item} has no code {code}" for code in codes if code not in known.codes[item]), "")


def _problem_inside(condition: Condition, known: Known) -> str:
    if "not" in condition:
        return problem(condition["not"], known)
    key = next((key for key in ("all", "any", "of") if key in condition), None)
    if key is None:
        return ""
    inner = condition[key]
    if not isinstance(inner, list) or not inner:
        return "a list of conditions is missing"
    return next((found for part in inner if (found := problem(part, known))), "")
