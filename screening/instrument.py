"""The questions, rules and actions as they were published, read from files and checked before anybody is asked.

A version is a folder under `instruments/conflict`: four FHIR Questionnaires (A visit, B conflict, C safety,
D assessment), `rules.json` and `actions.json`. A published version is never edited; a change is a new folder.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from screening import publishing, untrusted
from screening.config import NotConfigured
from screening.questionnaire import Item, Option, Text, read

__all__ = ["FORMS", "Instrument", "Item", "Option", "load", "opened", "versions"]

FOLDER = Path(__file__).parent / "instruments" / "conflict"
FORMS = {"A": "a-visit.json", "B": "b-conflict.json", "C": "c-safety.json", "D": "d-assessment.json"}
# What a tablet needs of rules.json; the rest is only for checking and for the lead.
FOR_TABLET = (
    "gates", "exclusive", "tells", "keep", "scoring", "domains", "safety", "minimum_rules", "rules", "reasons", "who",
    "levels", "safety_words",
)  # fmt: skip


@dataclass(frozen=True)
class Instrument:
    """One published version. ``rules`` and ``actions`` are the two files as they stand."""

    version: str
    urls: dict[str, str]
    forms: dict[str, tuple[Item, ...]]
    rules: dict[str, Any]
    actions: dict[str, Any]
    by_id: dict[str, Item]
    scores: dict[str, dict[str, int]]

    @property
    def template(self) -> Text:
        """The sentence, da and en, that stands wherever the instrument is shown: nobody has validated it."""
        return self.rules["template"]

    def items(self, form: str, visit: str | None = None) -> list[Item]:
        """The questions of a form in order; with a visit (2m, 8m, talk) those that belong to it.

        A later talk takes up what is asked at every age.
        """
        return [item for item in self.forms[form] if visit is None or asked_at(item, visit)]

    def item(self, link_id: str) -> Item:
        """The question of that name. Raises KeyError."""
        return self.by_id[link_id]

    def reason(self, reason_id: str, language: str = "da", who: str | None = None) -> tuple[str, str]:
        """Why a visit stands where it does, in plain words: a headline and one more line.

        ``reason_id`` is a rule (R09), a minimum rule (M3) or one of `reasons`; ``who`` is the parent it is about,
        as the reader knows her ("Forælder 1", "Sara"). Raises KeyError for an id that is not there.
        """
        found = self._reasons[reason_id]
        name = who or self.rules["who"][language]
        return found["reason"][language].replace("{who}", name), found["second"][language]

    @property
    def _reasons(self) -> dict[str, Any]:
        rows = self.rules["minimum_rules"] + self.rules["rules"]
        return {row["id"]: row for row in rows} | self.rules["reasons"]

    def action(self, action_id: str) -> dict[str, Any]:
        """An action of the guide (H07): label, text, deadline in da and en, responsible, contacts. Raises KeyError."""
        return {row["id"]: row for row in self.actions["actions"]}[action_id]

    def level_word(self, level: int | None, language: str = "da") -> str:
        """The level as a word ("Orange"); None is "Ikke belyst"."""
        return next(row[language] for row in self.rules["levels"] if row["level"] == level)

    def order(self, link_id: str) -> list[str]:
        """The codes of a choice from the least to the most serious. Codes outside it are not compared.

        In a yes/no question yes is worse; otherwise it is the order of the options, unless `orders` says another.
        """
        if link_id in self.rules["orders"]:
            return self.rules["orders"][link_id]
        codes = [option.code for option in self.by_id[link_id].options if option.code != "na"]
        return ["no", "yes"] if set(codes) == {"no", "yes"} else codes

    def bundle(self) -> dict[str, Any]:
        """The instrument as JSON for a tablet, which cannot ask later. The questions' words stand in its page."""
        return {
            "version": self.version,
            "template": self.template,
            "forms": {form: [for_tablet(item) for item in items] for form, items in self.forms.items()},
            "rules": {name: self.rules[name] for name in FOR_TABLET},
            "actions": self.actions["actions"],
            "contacts": self.actions["contacts"],
            "responsible": self.actions["responsible"],
        }


def asked_at(item: Item, visit: str) -> bool:
    """Whether a question belongs to a visit of that kind."""
    return len(item.visits) > 1 if visit == "talk" else visit in item.visits


def versions() -> list[str]:
    """The published versions, oldest first."""
    names = [path.name for path in FOLDER.iterdir() if (path / "rules.json").exists()]
    return sorted(names, key=lambda name: [int(part) for part in name.split(".")])


def load(version: str = "1.0.0") -> Instrument:
    """A published version, checked, and the same each time. Raises NotConfigured naming file, rule and item."""
    return kept(version)


@lru_cache(maxsize=8)
def kept(version: str) -> Instrument:
    if version not in versions():
        raise NotConfigured(f"there is no instrument {version}; there are {', '.join(versions())}")
    return opened(FOLDER / version)


def opened(folder: Path) -> Instrument:
    """The instrument of a folder, checked and not kept. Raises NotConfigured naming file, rule and item."""
    try:
        return checked(folder)
    except (AttributeError, LookupError, TypeError) as error:
        raise NotConfigured(f"{folder}: something there is not shaped as it must be: {error!r}") from error


def checked(folder: Path) -> Instrument:
    guide, rules = json_of(folder / "actions.json"), json_of(folder / "rules.json")
    publishing.check_actions(folder / "actions.json", guide)
    urls, forms = {}, {}
    for form, name in FORMS.items():
        data = json_of(folder / name)
        urls[form] = f"{data.get('url')}|{data.get('version')}"
        forms[form] = read(folder / name, form, data, guide["actions"])
    by_id = publishing.once(folder, [item for items in forms.values() for item in items])
    publishing.check_rules(folder / "rules.json", rules, by_id)
    publishing.check_when_due(folder / "actions.json", guide, rules, by_id)
    for form, items in forms.items():
        forms[form] = tuple(publishing.with_conditions(item, rules) for item in items)
    by_id = {item.link_id: item for items in forms.values() for item in items}
    return Instrument(rules["version"], urls, forms, rules, guide, by_id, scores_of(by_id))


def scores_of(by_id: dict[str, Item]) -> dict[str, dict[str, int]]:
    """Link id -> code -> score, for the questions that have scores."""
    found = {}
    for name, item in by_id.items():
        if scores := {option.code: option.score for option in item.options if option.score is not None}:
            found[name] = scores
    return found


def json_of(path: Path) -> dict[str, Any]:
    """A JSON file that holds an object. Raises NotConfigured naming it."""
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"), object_pairs_hook=untrusted.undoubled)
    except (OSError, ValueError) as error:
        raise NotConfigured(f"{path}: {error}") from error
    if not isinstance(data, dict):
        raise NotConfigured(f"{path}: must hold an object")
    return data


def for_tablet(item: Item) -> dict[str, Any]:
    """A question as the tablet reads it, without its words; what is empty is left out."""
    options = [filled({"code": one.code, "score": one.score}) for one in item.options]
    whole = {
        "linkId": item.link_id,
        "type": item.type,
        "options": options,
        "visits": list(item.visits),
        "required": item.required,
        "maxLength": item.max_length,
        "when": item.when,
        "requiredWhen": item.required_when,
    }
    return filled(whole)


def filled(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if value is not None and value != [] and value is not False}
