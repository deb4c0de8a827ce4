"""One form of the instrument as it is published: an HL7 FHIR R4 Questionnaire read into questions.

Danish stands in the elements, English in the standard's translation extension. What FHIR has no place for
are extensions of our own: the visits a question belongs to, its wording at eight months, who asks it and why.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from screening.conditions import Condition
from screening.config import NotConfigured

Text = dict[str, str]

OWN = "https://besoeg.example/fhir/StructureDefinition/"
HL7 = "http://hl7.org/fhir/StructureDefinition/"
TRANSLATION = HL7 + "translation"
SCORES = (HL7 + "ordinalValue", HL7 + "itemWeight")
OWN_NAMES = {"visit", "text-8m", "asked-by", "rationale", "options-from"}
TYPES = {"display", "choice", "boolean", "text", "string", "date"}
VISITS = ("2m", "8m")
KEYS = {
    "linkId", "text", "_text", "type", "required", "repeats", "maxLength", "enableWhen", "enableBehavior",
    "answerOption", "extension",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Option:
    """One possible answer: its code, its words in da and en, its score where it has one."""

    code: str
    text: Text
    text8: Text | None
    score: int | None


@dataclass(frozen=True, slots=True)
class Item:
    """One question, or words to read aloud. ``type`` is display, choice, multi, boolean, text, string or date.

    ``text8`` is the wording at eight months where it differs; ``visits`` are among 2m and 8m; ``when`` is the condition
    under which it is asked, None for always; ``required_when`` makes it required.
    """

    link_id: str
    form: str
    type: str
    text: Text
    text8: Text | None
    options: tuple[Option, ...]
    visits: tuple[str, ...]
    required: bool
    max_length: int | None
    when: Condition | None
    by: str
    why: str
    required_when: Condition | None = None

    def codes(self) -> frozenset[str]:
        """What may be answered, where that is a choice."""
        return frozenset({"true", "false"} if self.type == "boolean" else {option.code for option in self.options})


def read(path: Path, form: str, data: dict[str, Any], actions: list[dict[str, Any]]) -> list[Item]:
    """The questions of a Questionnaire, in order. ``actions`` fill a question whose options are the action guide's.

    Raises NotConfigured naming the file and the question.
    """
    if data.get("resourceType") != "Questionnaire" or not isinstance(data.get("item"), list):
        raise NotConfigured(f"{path}: is not a FHIR Questionnaire with items")
    found: list[Item] = []
    for row in data["item"]:
        where = f"{path}: item {row.get('linkId', '?')}"
        item = _item(where, form, row, actions)
        if any(item.link_id == earlier.link_id for earlier in found):
            raise NotConfigured(f"{where} stands there twice")
        found.append(item)
    rows = zip(found, data["item"], strict=True)
    return [replace(item, when=_opened_by(path, item, row, found)) for item, row in rows]


def _item(where: str, form: str, row: dict[str, Any], actions: list[dict[str, Any]]) -> Item:
    for key in row:
        if key not in KEYS:
            raise NotConfigured(f"{where}: {key} is not supported")
    if not isinstance(row.get("linkId"), str) or row.get("type") not in TYPES:
        names = ", ".join(sorted(TYPES))
        raise NotConfigured(f"{where}: needs a linkId and a type among {names}, not {row.get('type')}")
    extra = _extensions(where, row)
    item = Item(
        link_id=row["linkId"],
        form=form,
        type="multi" if row.get("repeats") else row["type"],
        text=_text(where, row, "text"),
        text8=_text(where, extra["text-8m"], "valueString") if "text-8m" in extra else None,
        options=_options(where, row, extra, actions),
        visits=tuple(one.get("valueCode") for one in row.get("extension", []) if one["url"] == OWN + "visit"),
        required=row.get("required", False),
        max_length=row.get("maxLength"),
        when=None,
        by=extra.get("asked-by", {}).get("valueString", ""),
        why=extra.get("rationale", {}).get("valueString", ""),
    )
    if not item.visits or not set(item.visits) <= set(VISITS):
        raise NotConfigured(f"{where}: the visits must be among {', '.join(VISITS)}")
    if (item.type in ("choice", "multi")) != bool(item.options):
        raise NotConfigured(f"{where}: a {item.type} item has {'no' if not item.options else 'too many'} options")
    return item


def _extensions(where: str, row: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Our own extensions of an element by their short name; one of ours that nobody reads is a typing mistake."""
    found = {}
    for one in row.get("extension", []):
        url = one.get("url", "")
        if url.startswith(OWN):
            name = url.removeprefix(OWN)
            if name not in OWN_NAMES:
                raise NotConfigured(f"{where}: the extension {url} is not known")
            found[name] = one
    return found


def _text(where: str, row: dict[str, Any], key: str) -> Text:
    """An element's words in both languages. Raises NotConfigured when one is missing."""
    for extension in row.get("_" + key, {}).get("extension", []):
        inner = {part["url"]: part for part in extension.get("extension", [])}
        if extension.get("url") == TRANSLATION and inner.get("lang", {}).get("valueCode") == "en":
            words = {"da": row.get(key), "en": inner.get("content", {}).get("valueString")}
            if all(isinstance(word, str) and word.strip() for word in words.values()):
                return words
    raise NotConfigured(f"{where}: {key} must stand there in Danish and in English")


def _options(
    where: str, row: dict[str, Any], extra: dict[str, Any], actions: list[dict[str, Any]]
) -> tuple[Option, ...]:
    if extra.get("options-from", {}).get("valueCode") == "actions":
        return tuple(Option(one["id"], one["label"], None, None) for one in actions)
    options = tuple(_option(where, option) for option in row.get("answerOption", []))
    codes = [option.code for option in options]
    if len(set(codes)) < len(codes):
        raise NotConfigured(f"{where}: an option stands there twice in {', '.join(codes)}")
    return options


def _option(where: str, option: dict[str, Any]) -> Option:
    coding = option.get("valueCoding", {})
    if not isinstance(coding.get("code"), str):
        raise NotConfigured(f"{where}: an option has no code")
    where = f"{where}, option {coding['code']}"
    extra = _extensions(where, coding)
    extensions = option.get("extension", []) + coding.get("extension", [])
    score = next((one.get("valueDecimal") for one in extensions if one.get("url") in SCORES), None)
    if score is not None and type(score) is not int:
        raise NotConfigured(f"{where}: the score {score!r} must be a whole number")
    text8 = _text(where, extra["text-8m"], "valueString") if "text-8m" in extra else None
    return Option(coding["code"], _text(where, coding, "display"), text8, score)


def _opened_by(path: Path, item: Item, row: dict[str, Any], items: list[Item]) -> Condition | None:
    """What `enableWhen` says, as one condition on the questions before this one."""
    rows = row.get("enableWhen", [])
    behaviour = row.get("enableBehavior")
    where = f"{path}: item {item.link_id}, enableWhen"
    if behaviour not in ({"any", "all"} if len(rows) > 1 else {"any", "all", None}):
        raise NotConfigured(f"{where}: enableBehavior must be any or all")
    before = {one.link_id: one for one in items[: items.index(item)]}
    later = {one.link_id for one in items} - set(before)
    parts = [_part(where, one, before, later) for one in rows]
    if behaviour == "any":
        parts = _merged(parts)
    if len(parts) < 2:
        return parts[0] if parts else None
    return {behaviour: parts}


def _part(where: str, one: dict[str, Any], before: dict[str, Item], later: set[str]) -> Condition:
    question, operator = one.get("question"), one.get("operator")
    if question in later:
        raise NotConfigured(f"{where}: names {question}, which comes later or is itself")
    if question not in before:
        raise NotConfigured(f"{where}: names {question}, which is not in this form")
    if operator != "=":
        raise NotConfigured(f"{where}: the operator {operator} is not known; known is =")
    asked = before[question]
    code = str(one["answerBoolean"]).lower() if "answerBoolean" in one else one.get("answerCoding", {}).get("code")
    if code not in asked.codes():
        raise NotConfigured(f"{where}: {question} has no answer {code}")
    return {"item": question, "contains": code} if asked.type == "multi" else {"item": question, "in": [code]}


def _merged(parts: list[Condition]) -> list[Condition]:
    """Several answers to one question become one condition."""
    joined: dict[str, Condition] = {}
    for part in parts:
        key = str(part["item"]) if "in" in part else f"{part['item']} {part['contains']}"
        codes = joined.get(key, {}).get("in", [])
        joined[key] = {**part, "in": codes + part["in"]} if "in" in part else part
    return list(joined.values())
