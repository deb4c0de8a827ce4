"""What must be true of rules and actions before a version may be used: nothing names what is not there.

Every mistake is one line naming the file, the rule and the item.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

from screening.conditions import Condition, Known, parts, problem
from screening.config import NotConfigured
from screening.questionnaire import Item

LANGUAGES = ("da", "en")
TOP = 3
PARTS = {
    "version", "template", "facts", "prior", "conditions", "required", "gates", "exclusive", "orders", "tells", "keep",
    "scoring", "domains", "safety", "minimum_rules", "rules", "reasons", "who", "levels", "safety_words",
}  # fmt: skip


def once(folder: Path, items: list[Item]) -> dict[str, Item]:
    """The items by name. Raises NotConfigured when two forms use the same link id."""
    found: dict[str, Item] = {}
    for item in items:
        if item.link_id in found:
            both = f"form {found[item.link_id].form} and form {item.form}"
            raise NotConfigured(f"{folder}: item {item.link_id} stands in {both}")
        found[item.link_id] = item
    return found


def check_rules(path: Path, rules: dict[str, Any], by_id: dict[str, Item]) -> None:
    """Refuse a rules.json that cannot work. Raises NotConfigured naming rule and item."""
    if missing := PARTS - set(rules):
        raise NotConfigured(f"{path}: {', '.join(sorted(missing))} is missing")
    for key in ("template", "who"):
        words(f"{path}: {key}", rules.get(key))
    check_scoring(f"{path}: scoring", rules["scoring"], by_id)
    names = known(rules, by_id)
    check_openings(path, rules, by_id, names)
    check_lists(path, rules, by_id)
    check_hard_rules(path, rules, names)
    for name, gate in rules["gates"].items():
        condition(f"{path}: gate {name}", gate, replace(names, rules=every_rule(rules)))


def check_scoring(where: str, scoring: dict[str, Any], by_id: dict[str, Item]) -> None:
    need(where, scoring, "weights", "thresholds", "min_answered", "requires", "discrepant", "change")
    for name, weight in scoring["weights"].items():
        exists(f"{where}.weights", name, by_id)
        if type(weight) is not int or weight < 1:
            raise NotConfigured(f"{where}.weights: the weight of {name} must be a whole number above 0, not {weight!r}")
        if not any(option.score is not None for option in by_id[name].options):
            raise NotConfigured(f"{where}.weights: {name} has a weight, but none of its options has a score")
    limits = scoring["thresholds"]
    if len(limits) != TOP or any(type(limit) is not int for limit in limits) or sorted(set(limits)) != limits:
        raise NotConfigured(f"{where}.thresholds: must be three rising whole numbers, not {limits}")
    for names in scoring["requires"]:
        for name in names:
            exists(f"{where}.requires", name, by_id)


def check_openings(path: Path, rules: dict[str, Any], by_id: dict[str, Item], names: Known) -> None:
    """The conditions under which questions open or become required; none may look ahead in its own form."""
    for key in ("conditions", "required"):
        seen: set[str] = set()
        for row in rules[key]:
            need(f"{path}: {key}", row, "items", "when")
            for name in row["items"]:
                where = f"{path}: {key} of {name}"
                exists(where, name, by_id)
                if name in seen:
                    raise NotConfigured(f"{where}: stands there twice")
                seen.add(name)
                condition(where, row["when"], replace(names, rules=flags(rules)))
                check_looks_back(where, name, row["when"], by_id)


def check_looks_back(where: str, name: str, when: Condition, by_id: dict[str, Item]) -> None:
    order = list(by_id)
    for part in parts(when):
        other = part.get("item")
        same_form = other in by_id and by_id[other].form == by_id[name].form
        if same_form and order.index(other) >= order.index(name):
            raise NotConfigured(f"{where}: names {other}, which comes later or is itself")


def check_lists(path: Path, rules: dict[str, Any], by_id: dict[str, Item]) -> None:
    """Exclusive options, orders, what tells something, what is kept, domains, safety: every name and code exists."""
    for key in ("exclusive", "orders", "tells"):
        for name, codes in rules[key].items():
            exists(f"{path}: {key}", name, by_id)
            for code in codes:
                if code not in by_id[name].codes():
                    raise NotConfigured(f"{path}: {key}: {name} has no code {code}")
    words(f"{path}: keep.ask", rules["keep"].get("ask"))
    named = {"keep": rules["keep"]["items"], "safety": rules["safety"]["items"] + rules["safety"]["na_is_an_answer"]}
    for domain in rules["domains"]:
        words(f"{path}: domain {domain['id']}", domain)
        named[f"domain {domain['id']}"] = domain["items"]
    for place, names in named.items():
        for name in names:
            exists(f"{path}: {place}", name, by_id)


def check_hard_rules(path: Path, rules: dict[str, Any], names: Known) -> None:
    """Minimum rules and hard rules in their order: each may name only what stands before it."""
    earlier: tuple[str, ...] = ()
    for row in rules["minimum_rules"]:
        where = rule(path, row, earlier)
        need(where, row, "on", "level", "when")
        level(f"{where}: level", row["level"])
        condition(where, row["when"], names)
        earlier += (row["id"],)
    earlier = ()
    for row in rules["rules"]:
        where = rule(path, row, earlier)
        need(where, row, "floors", "block")
        for step in row["floors"]:
            need(where, step, "floor", "when")
        floors = [step["floor"] for step in row["floors"]]
        if not floors or sorted(set(floors), reverse=True) != floors:
            raise NotConfigured(f"{where}: floors must fall from one to the next, not {floors}")
        for step in row["floors"]:
            level(f"{where}: floor", step["floor"])
            condition(where, step["when"], replace(names, rules=earlier))
        if row["block"] is not None:
            level(f"{where}: block", row["block"])
        earlier += (row["id"],)
    for name, row in rules["reasons"].items():
        words(f"{path}: reason {name}", row.get("reason"))
        words(f"{path}: reason {name}, second", row.get("second"))


def rule(path: Path, row: dict[str, Any], earlier: tuple[str, ...]) -> str:
    """Check a rule's name and words; gives how to name it in a sentence."""
    where = f"{path}: rule {row.get('id')}"
    if row.get("id") in earlier:
        raise NotConfigured(f"{where}: stands there twice")
    words(f"{where}, reason", row.get("reason"))
    words(f"{where}, second", row.get("second"))
    return where


def check_actions(path: Path, guide: dict[str, Any]) -> None:
    """Refuse an action guide with an unknown contact or role, or words in one language only."""
    for key in ("contacts", "responsible"):
        for name, label in guide.get(key, {}).items():
            words(f"{path}: {key}.{name}", label)
    seen: set[str] = set()
    for row in guide.get("actions", []):
        where = f"{path}: action {row.get('id')}"
        if row.get("id") in seen:
            raise NotConfigured(f"{where}: stands there twice")
        seen.add(row.get("id"))
        need(where, row, "when", "contacts", "responsible", "within_hours")
        for key in ("label", "text", "deadline"):
            words(f"{where}, {key}", row.get(key))
        if type(row["within_hours"]) is not int:
            raise NotConfigured(f"{where}: within_hours must be a whole number")
        for key in ("contacts", "responsible"):
            for name in row[key]:
                if name not in guide[key]:
                    raise NotConfigured(f"{where}: {key} names {name}, which is not in the list of {key}")
    if not seen:
        raise NotConfigured(f"{path}: holds no actions")


def check_when_due(path: Path, guide: dict[str, Any], rules: dict[str, Any], by_id: dict[str, Item]) -> None:
    names = replace(known(rules, by_id), rules=every_rule(rules))
    for row in guide["actions"]:
        condition(f"{path}: action {row['id']}", row["when"], names)


def with_conditions(item: Item, rules: dict[str, Any]) -> Item:
    """The item with what rules.json says about it: both conditions must hold."""
    across = of_item(rules["conditions"], item)
    when = {"all": [item.when, across]} if item.when and across else item.when or across
    return replace(item, when=when, required_when=of_item(rules["required"], item))


def of_item(rows: list[dict[str, Any]], item: Item) -> Condition | None:
    return next((row["when"] for row in rows if item.link_id in row["items"]), None)


def known(rules: dict[str, Any], by_id: dict[str, Item]) -> Known:
    """What a condition may name: every item and fact, and no rule until one stands before it."""
    codes = {name: item.codes() for name, item in by_id.items() if item.codes()}
    facts = {name: frozenset(values) for name, values in rules["facts"].items()}
    several = frozenset(name for name, item in by_id.items() if item.type == "multi")
    return Known(codes | facts, several, (), frozenset(rules["prior"]))


def every_rule(rules: dict[str, Any]) -> tuple[str, ...]:
    return tuple(row["id"] for row in rules["rules"])


def flags(rules: dict[str, Any]) -> tuple[str, ...]:
    """The rules that a result carries as flags; form D knows no others."""
    return tuple(row["id"] for row in rules["rules"] if row.get("flag", True))


def condition(where: str, when: Any, names: Known) -> None:
    if found := problem(when, names):
        raise NotConfigured(f"{where}: {found}")


def need(where: str, row: dict[str, Any], *keys: str) -> None:
    """The row has all these parts."""
    for key in keys:
        if key not in row:
            raise NotConfigured(f"{where}: {key} is missing")


def exists(where: str, name: str, by_id: dict[str, Item]) -> None:
    if name not in by_id:
        raise NotConfigured(f"{where}: the item {name} does not exist")


def level(where: str, value: Any) -> None:
    if type(value) is not int or not 0 <= value <= TOP:
        raise NotConfigured(f"{where} must be 0, 1, 2 or 3, not {value!r}")


def words(where: str, found: Any) -> None:
    """Both languages stand there."""
    for language in LANGUAGES:
        if not (isinstance(found, dict) and isinstance(found.get(language), str) and found[language].strip()):
            raise NotConfigured(f"{where}: the words in {language} are missing")
