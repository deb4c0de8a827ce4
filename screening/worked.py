"""Visits in the plain form of the worked examples, as `screening evaluate` reads them: checked, nothing guessed.

Answers are codes; null, `na` and a missing key are unanswered. Whatever is not known is refused with one line,
because an answer that goes unseen could be the one that matters.
"""

import json
import sys
from pathlib import Path
from typing import Any, NoReturn

from screening.errors import NotAnswerable
from screening.instrument import Instrument

VISIT = ("persons", "observations", "assessment", "name", "expect")
PERSON = ("mode", "k", "t", "kept")
MODES = ("each", "joint", "one")
K = [f"k{number}" for number in range(1, 11)]
T = [f"t{number}" for number in range(1, 21)]
O = [f"o{number}" for number in range(1, 9)]  # noqa: E741 - as the questions are called
V = ["v1", "v2"]
LONGEST = 60

Person = tuple[str, dict[str, Any], set[str]]


def from_file(path: Path) -> tuple[list[Any], bool]:
    """The visits of a file, and whether it holds a list of them. Raises NotAnswerable with one line."""
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
        found = json.loads(
            text.removeprefix("\ufeff"), object_pairs_hook=once, parse_float=number, parse_constant=constant
        )
    except (OSError, UnicodeDecodeError, RecursionError, ValueError) as error:
        refuse(f"{path} cannot be read as JSON: {one_line(error)}")
    if not isinstance(found, dict | list):
        refuse("the file must hold a visit or a list of visits")
    return (found, True) if isinstance(found, list) else ([found], False)


def read(instrument: Instrument, visit: Any) -> tuple[list[Person], dict[str, Any]]:
    """The persons (mode, answers, kept link ids) and the visitor's own answers. Raises NotAnswerable with one line."""
    table("the visit", visit, VISIT)
    persons = visit.get("persons")
    if not isinstance(persons, list):
        refuse("persons must be a list")
    read_persons = [person(instrument, f"person {place + 1}", one) for place, one in enumerate(persons)]
    case = answers(instrument, "observations", visit.get("observations"), O)
    case |= answers(instrument, "assessment", visit.get("assessment"), V)
    return read_persons, case


def person(instrument: Instrument, where: str, given: Any) -> Person:
    given = table(where, given, PERSON)
    if given.get("mode") not in MODES:
        refuse(f"{where}: mode must be one of {', '.join(MODES)}, not {shown(given.get('mode'))}")
    scored = table(f"{where}, k", given.get("k"), K)
    values = {name: conflict(instrument, f"{where}, k", name, value) for name, value in scored.items()}
    values |= answers(instrument, f"{where}, t", given.get("t"), T)
    kept = given.get("kept")
    if not isinstance(kept, list | None) or any(name not in K + T for name in kept or ()):
        refuse(f"{where}: kept must be a list of link ids among k1-k10 and t1-t20, not {shown(kept)}")
    return given["mode"], {name: value for name, value in values.items() if value is not None}, set(kept or ())


def conflict(instrument: Instrument, where: str, name: str, value: Any) -> str | None:
    """An answer to k1-k10: a whole number among the codes, na, or null."""
    if value is None or value == "na":
        return value
    if type(value) is not int or str(value) not in instrument.item(name).codes():
        refuse(f"{where}: {name} has no answer {shown(value)}")
    return str(value)


def answers(instrument: Instrument, where: str, given: Any, names: list[str]) -> dict[str, Any]:
    """Answers by code, one or a list, as the question takes them; unanswered ones are left out."""
    found = {}
    for name, value in table(where, given, names).items():
        codes = value if isinstance(value, list) else [] if value is None else [value]
        item = instrument.item(name)
        known = item.codes() | {"na"}
        for code in codes:
            if not isinstance(code, str) or code not in known:
                refuse(f"{where}: {name} has no answer {shown(code)}")
        if len(set(codes)) > 1 and item.type != "multi":
            refuse(f"{where}: {name} takes one answer, not {shown(value)}")
        if codes:
            found[name] = codes if item.type == "multi" else codes[0]
    return found


def table(where: str, given: Any, names: tuple[str, ...] | list[str]) -> dict[str, Any]:
    """An object with none but these keys; null is an empty one."""
    if given is None and where != "the visit":
        return {}
    if not isinstance(given, dict):
        refuse(f"{where} must be an object, not {shown(given)}")
    for key in given:
        if key not in names:
            refuse(f"{where}: the key {shown(key)} is not known; known are {', '.join(names)}")
    return given


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys stand there once: a second one would hide the first answer."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        refuse(f"the key {shown(next(key for key in keys if keys.count(key) > 1))} stands there twice")
    return found


def number(text: str) -> int | float:
    """1.0 is 1, as everywhere else where JSON is read."""
    value = float(text)
    return int(value) if value.is_integer() else value


def constant(text: str) -> NoReturn:
    refuse(f"{text} is not JSON")


def one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def shown(value: Any) -> str:
    """A value in one short line that any terminal can print."""
    text = json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace").decode("utf-8")
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def refuse(problem: str) -> NoReturn:
    raise refusal(problem)


def refusal(problem: str) -> NotAnswerable:
    return NotAnswerable("{problem}", problem=problem)
