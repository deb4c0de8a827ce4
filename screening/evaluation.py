"""What follows from the answers: index, levels, rules that fire, safety, reasons and actions.

Every visit is judged twice by the same data: on the tablet by `static/visitor/evaluation.js`, which must guide
without a connection, and here; what this module says is the record. Rules and numbers are in `rules.json`
and `actions.json`; here is only how they are put together.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from screening import worked
from screening.asking import (
    Context,
    Values,
    enabled,
    facts,
    final,
    gate,
    kept_of,
    missing,
    mode_of,
    prior,
    values_of,
)
from screening.conditions import Scope, holds
from screening.errors import NotAnswerable
from screening.instrument import Instrument, asked_at, load
from screening.questionnaire import Item

__all__ = [
    "PARENTS", "RESPONDENTS", "STATUSES", "Context", "change", "enabled", "evaluate", "gate", "judged", "main_evaluate",
    "missing",
]  # fmt: skip

RESPONDENTS = ("joint", "parent1", "parent2")
PARENTS = ("parent1", "parent2")
# Worst first: a family is only as clear as the parent of whom least is known.
STATUSES = ("not_clarified", "declined", "partly", "clarified")
# Judging asks what answers mean, not whether a question might be opened: what stood behind a gate was open then.
OPEN = {"alone": "true", "requested": "true"}


@dataclass(slots=True)
class Person:
    """One respondent's answers that count. ``mode`` is joint, each or one; ``values`` link id -> code or codes."""

    who: str
    mode: str
    values: Values


def judged(instrument: Instrument, responses: list[dict[str, Any]], context: Context) -> dict[str, Any]:
    """What a visit's responses mean: the record.

    ``responses`` as in a visit's payload: form, respondent, answers. ``context``: visit, mode, prior (names that are
    true), parents (the keys of those the family has; both when not given), now (the Nu card was opened).
    Gives, a person each in the order of `respondents`: index, klevels, minrules, profile; and flags (rule -> floor),
    whose (rule -> respondents or case), floor, level (suggested), final, preliminary, discrepant, safety (parent ->
    status), badge (the worst), blocks, gates, reasons (ids, most serious first), actions (ids, shortest time first).
    """
    persons, case = told(instrument, responses, context)
    found, scopes = assessed(instrument, persons, case)
    safety = safety_of(instrument, responses, context.get("parents") or PARENTS)
    badge = min(safety.values(), key=STATUSES.index, default="not_clarified")
    own = case.get("v1")
    found |= {
        "respondents": [person.who for person in persons],
        "profile": [profile(instrument, person) for person in persons],
        "final": final(own, found["level"], found["floor"]),
        "preliminary": own in (None, "x"),
        "safety": safety,
        "badge": badge,
    }
    fired = dict.fromkeys(found["whose"], 0) | found["flags"]
    for scope in scopes:
        # A rule looks within one person; what is to be done looks at the whole visit.
        scope.fired = fired
        scope.values |= facts(context | found)
        scope.levels |= {"suggested": found["level"], "final": found["final"]}
        scope.prior = prior(context)
    found["gates"] = [
        name for name, when in instrument.rules["gates"].items() if name != "alone" and anywhere(when, scopes)
    ]
    found["reasons"] = reasons(instrument, found, own)
    found["actions"] = due(instrument, scopes)
    return found


def evaluate(instrument: Instrument, visit: dict[str, Any]) -> dict[str, Any]:
    """What one visit in the plain form of the worked examples means, as their `expect`.

    Raises NotAnswerable with one line for an unknown key, code or mode.
    """
    persons, case = worked.read(instrument, visit)
    counted = []
    for number, (mode, values, kept) in enumerate(persons):
        scope = OPEN | {"mode": mode}
        left: Values = {}
        for form in ("B", "C"):
            left |= counting(instrument.forms[form], values, kept, scope, frozenset(("t20", "agreement")))
        counted.append(Person(str(number), mode, left))
    found, _ = assessed(instrument, counted, case)
    return {name: found[name] for name in ("index", "klevels", "minrules", "flags", "level", "discrepant")}


def main_evaluate(path: str | Path) -> str:
    """The JSON that `screening evaluate FILE` prints: an object for an object, a list for a list.

    Raises NotAnswerable with one line that names the visit, the person and the key.
    """
    visits, several = worked.from_file(Path(path))
    instrument = load()
    results = []
    for number, visit in enumerate(visits):
        try:
            results.append(evaluate(instrument, visit))
        except NotAnswerable as error:
            where = f"visit {number + 1}: " if several else ""
            raise worked.refusal(f"{where}{error}") from error
    return json.dumps(results if several else results[0], ensure_ascii=False, indent=2)


def change(instrument: Instrument, earlier: dict[str, Any], later: dict[str, Any], who: str) -> str:
    """How a respondent's conflict moved from one `judged` visit to the next: worse, better, unchanged, not_comparable.

    Compared only for the same respondent; joint answers only with joint ones. Worse is tested first (domain 5.5.6).
    """
    before, after = place_of(earlier, who), place_of(later, who)
    if before is None or after is None:
        return "not_comparable"
    step = instrument.rules["scoring"]["change"]
    moved = difference(earlier["index"][before], later["index"][after])
    risen = difference(earlier["klevels"][before], later["klevels"][after])
    if moved is None and risen is None:
        return "not_comparable"
    if (moved or 0) >= step or (risen or 0) > 0:
        return "worse"
    return "better" if (moved or 0) <= -step or (risen or 0) < 0 else "unchanged"


# How the parts are put together.


def told(instrument: Instrument, responses: list[dict[str, Any]], context: Context) -> tuple[list[Person], Values]:
    """The persons who answered B or C, and what the visitor wrote in D; only answers that count."""
    known, persons, case = prior(context), {}, {}
    for response in sorted(responses, key=lambda one: one["form"]):
        form, who = response["form"], response["respondent"]
        values, kept = values_of(response["answers"]), kept_of(response["answers"])
        if form in ("B", "C"):
            mode = mode_of(who, context.get("mode"))
            person = persons.setdefault(who, Person(who, mode, {}))
            around = OPEN | {"mode": mode, "visit": context["visit"]}
            person.values |= counting(items_of(instrument, form, context), values, kept, around, known)
        elif form == "D":
            case |= {
                name: value for name, value in values.items() if instrument.by_id[name].type in ("choice", "multi")
            }
    return [persons[who] for who in RESPONDENTS if who in persons], case


def items_of(instrument: Instrument, form: str, context: Context) -> list[Item]:
    return [item for item in instrument.forms[form] if context["visit"] == "talk" or asked_at(item, context["visit"])]


def counting(items: Iterable[Item], values: Values, kept: set[str], around: Values, known: frozenset[str]) -> Values:
    """The answers whose questions are asked under the other answers that count, or are kept though they are not."""
    scope, left = Scope(around | {}, prior=known), {}
    for item in items:
        name = item.link_id
        if name in values and (item.when is None or name in kept or holds(item.when, scope)):
            left[name] = scope.values[name] = values[name]
    return left


def assessed(instrument: Instrument, persons: list[Person], case: Values) -> tuple[dict[str, Any], list[Scope]]:
    """Index, levels, rules and floor of what counts; and the scopes they were found in: the case, then each person."""
    scored = [conflict(instrument, person) for person in persons]
    highest = max((level for _, level, _ in scored if level is not None), default=None)
    scopes = [Scope(dict(case)), *(Scope(case | person.values) for person in persons)]
    for scope in scopes:
        scope.levels = {"conflict": highest}
        fire(instrument, scope)
    flags, blocks = raised(instrument, scopes)
    floor = max((floor for floor in flags.values() if floor > 0), default=None)
    found = {
        "index": [index for index, _, _ in scored],
        "klevels": [level for _, level, _ in scored],
        "minrules": [rules for _, _, rules in scored],
        "flags": flags,
        "whose": whose(scopes, [person.who for person in persons]),
        "blocks": blocks,
        "floor": floor,
        "level": max((level for level in (highest, floor) if level is not None), default=None),
        "discrepant": discrepant(instrument, persons, scored),
    }
    return found, scopes


def conflict(instrument: Instrument, person: Person) -> tuple[int | None, int | None, list[str]]:
    """One respondent's index 0-100, level 0-3 and the minimum rules that fired (domain 5.3)."""
    index = index_of(instrument, person.values)
    scope = Scope(person.values)
    fired = [rule for rule in instrument.rules["minimum_rules"] if rule["on"] and holds(rule["when"], scope)]
    levels = [rule["level"] for rule in fired]
    if index is not None:
        levels.append(sum(index >= limit for limit in instrument.rules["scoring"]["thresholds"]))
    return index, max(levels, default=None), [rule["id"] for rule in fired]


def index_of(instrument: Instrument, values: Values) -> int | None:
    """The weighted mean of the scored answers as 0-100, rounded half up; None when too little was answered."""
    scoring = instrument.rules["scoring"]
    total = weights = answered = 0
    for name, weight in scoring["weights"].items():
        score = instrument.scores[name].get(values.get(name))
        if score is not None:
            total, weights, answered = total + weight * score, weights + weight, answered + 1
    enough = answered >= scoring["min_answered"] and all(
        any(instrument.scores[name].get(values.get(name)) is not None for name in names)
        for names in scoring["requires"]
    )
    return (200 * total + 3 * weights) // (6 * weights) if enough else None


def fire(instrument: Instrument, scope: Scope) -> None:
    """Try the hard rules in their order; a later one sees which earlier ones fired, and at what floor."""
    for rule in instrument.rules["rules"]:
        for step in rule["floors"]:
            if holds(step["when"], scope):
                scope.fired[rule["id"]] = step["floor"]
                break


def raised(instrument: Instrument, scopes: list[Scope]) -> tuple[dict[str, int], list[str]]:
    """The highest floor of each rule over all scopes, and the rules that close the couple gate."""
    flags, blocks = {}, []
    for rule in instrument.rules["rules"]:
        floor = max(scope.fired.get(rule["id"], -1) for scope in scopes)
        if floor >= 0 and rule.get("flag", True):
            flags[rule["id"]] = floor
        if rule["block"] is not None and floor >= rule["block"]:
            blocks.append(rule["id"])
    return flags, blocks


def whose(scopes: list[Scope], names: list[str]) -> dict[str, list[str]]:
    """Rule -> who raised it: case for what the visitor saw, and each person whose own answers say more than that."""
    case, found = scopes[0].fired, {}
    for rule in case:
        found[rule] = ["case"]
    for name, scope in zip(names, scopes[1:], strict=True):
        for rule, floor in scope.fired.items():
            if floor > case.get(rule, -1):
                found.setdefault(rule, []).append(name)
    return found


def discrepant(instrument: Instrument, persons: list[Person], scored: list[tuple[Any, ...]]) -> bool:
    """Whether two who answered for themselves are far apart; what is not known is not compared (domain 5.8.8)."""
    limits = instrument.rules["scoring"]["discrepant"]
    own = [row for person, row in zip(persons, scored, strict=True) if person.mode != "joint"]
    return any(
        abs(difference(one[0], other[0]) or 0) >= limits["index"]
        or abs(difference(one[1], other[1]) or 0) >= limits["level"]
        for one, other in combinations(own, 2)
    )


def difference(earlier: int | None, later: int | None) -> int | None:
    return None if earlier is None or later is None else later - earlier


def profile(instrument: Instrument, person: Person) -> dict[str, float | None]:
    """Domain -> mean of its answered scores, 0-3; None where nothing was answered."""
    found = {}
    for domain in instrument.rules["domains"]:
        scores = [instrument.scores[name].get(person.values.get(name)) for name in domain["items"]]
        known = [score for score in scores if score is not None]
        found[domain["id"]] = sum(known) / len(known) if known else None
    return found


def safety_of(instrument: Instrument, responses: list[dict[str, Any]], parents: Iterable[str]) -> dict[str, str]:
    """Parent -> how clear it is whether she is safe. Not asked is not no: who was never asked is not clarified."""
    forms = {one["respondent"]: values_of(one["answers"]) for one in responses if one["form"] == "C"}
    return {parent: status(instrument, forms.get(parent, {})) for parent in parents}


def status(instrument: Instrument, values: Values) -> str:
    """One parent's answers to the questions that everybody is asked alone (domain 5.5.5, 5.8.6)."""
    asked = instrument.rules["safety"]["items"]
    declined = [name for name in asked if values.get(name) in ("na", ["na"])]
    said = [name for name in asked if name in values and name not in declined]
    if len(declined) == len(asked):
        return "declined"
    if not said:
        return "not_clarified"
    silent = set(asked) - set(said) - set(instrument.rules["safety"]["na_is_an_answer"]).intersection(declined)
    return "partly" if silent else "clarified"


def reasons(instrument: Instrument, found: dict[str, Any], own: str | None) -> list[str]:
    """Why the visit stands where it does, most serious first: hard rules, minimum rules, index, then the rest."""
    hard = [rule["id"] for rule in instrument.rules["rules"] if rule["id"] in found["whose"]]
    hard.sort(key=lambda rule: -found["flags"].get(rule, 0))
    fired = {rule for rules in found["minrules"] for rule in rules}
    soft = [rule for rule in instrument.rules["minimum_rules"] if rule["id"] in fired]
    soft.sort(key=lambda rule: -rule["level"])
    limits = instrument.rules["scoring"]["thresholds"]
    band = max((sum(index >= limit for limit in limits) for index in found["index"] if index is not None), default=0)
    lower = own not in (None, "x") and found["level"] is not None and int(own) < found["level"]
    rest = {
        f"index{band}": band > 0,
        "discrepant": found["discrepant"],
        "lower": lower,
        "preliminary": found["preliminary"],
        "unknown": found["level"] is None,
        found["badge"]: found["badge"] != "clarified",
    }
    return hard + [rule["id"] for rule in soft] + [name for name, true in rest.items() if true]


def due(instrument: Instrument, scopes: list[Scope]) -> list[str]:
    """The actions whose condition holds for somebody, the shortest time first."""
    rows = [row for row in instrument.actions["actions"] if anywhere(row["when"], scopes)]
    return [row["id"] for row in sorted(rows, key=lambda row: row["within_hours"])]


def anywhere(when: dict[str, Any], scopes: list[Scope]) -> bool:
    return any(holds(when, scope) for scope in scopes)


def place_of(found: dict[str, Any], who: str) -> int | None:
    return found["respondents"].index(who) if who in found["respondents"] else None
