"""Which questions of a form are asked now, which are missing, and whether a parent may be asked alone.

`static/visitor/instrument.js` says the same on the tablet.
"""

from typing import Any

from screening.conditions import Scope, holds
from screening.instrument import Instrument
from screening.questionnaire import Item

Values = dict[str, Any]
Context = dict[str, Any]


def enabled(instrument: Instrument, form: str, answers: dict[str, Any], context: Context) -> list[str]:
    """The link ids of a form that are asked now, in order.

    ``answers`` are cells `{link_id: {"value": …}}`; ``context`` holds visit, mode, alone, requested, prior (names that
    are true), and for form D level (the suggested one), flags, badge and blocks from `judged`.
    """
    return opening(instrument, form, answers, context)[0]


def missing(instrument: Instrument, form: str, answers: dict[str, Any], context: Context) -> list[str]:
    """The link ids of a form that must be answered, are asked now and are not answered. ``context`` as in `enabled`."""
    asked, scope = opening(instrument, form, answers, context)
    return [name for name in asked if name not in answers and must(instrument.item(name), scope)]


def opening(instrument: Instrument, form: str, answers: dict[str, Any], context: Context) -> tuple[list[str], Scope]:
    """What is asked, question by question, each seeing the answers before it that count."""
    values, kept = values_of(answers), kept_of(answers)
    scope = Scope(facts(context), context.get("flags") or {}, levels(context, values), prior(context))
    asked = []
    for item in instrument.items(form, context["visit"]):
        opens = item.when is None or holds(item.when, scope)
        if opens:
            asked.append(item.link_id)
        if item.link_id in values and (opens or item.link_id in kept):
            scope.values[item.link_id] = values[item.link_id]
    return asked, scope


def must(item: Item, scope: Scope) -> bool:
    return item.required or (item.required_when is not None and holds(item.required_when, scope))


def gate(instrument: Instrument, answers: dict[str, Any]) -> bool:
    """Whether this respondent may be asked alone now (FR1), by the answers to form A. Not answered closes it."""
    return holds(instrument.rules["gates"]["alone"], Scope(values_of(answers)))


def final(own: str | None, suggested: int | None, floor: int | None) -> int | None:
    """The level that stands: the visitor's own judgement, not below the floor; without one, the suggestion."""
    return suggested if own in (None, "x") else max(int(own), floor or 0)


def facts(context: Context) -> Values:
    """The visit's own facts as conditions name them."""
    return {
        "visit": context["visit"],
        "mode": mode_of(who, context.get("mode")) if (who := context.get("respondent")) else context.get("mode"),
        "alone": yes_no(context.get("alone")),
        "requested": yes_no(context.get("requested")),
        "now": yes_no(context.get("now")),
        "safety": context.get("badge"),
        "block": yes_no(context.get("blocks") or "couple_block" in prior(context)),
    }


def mode_of(respondent: str, mode: str | None) -> str:
    """How one respondent answered: joint, one or each."""
    if respondent == "joint":
        return "joint"
    return "one" if mode == "one" else "each"


def yes_no(value: Any) -> str:
    return "true" if value else "false"


def prior(context: Context) -> frozenset[str]:
    return frozenset(name for name, true in (context.get("prior") or {}).items() if true)


def levels(context: Context, values: Values) -> dict[str, int | None]:
    """The levels that form D's questions look at, while it is being filled in."""
    suggested = context.get("level")
    floor = max((context.get("flags") or {}).values(), default=0)
    return {"suggested": suggested, "final": final(values.get("v1"), suggested, floor)}


def values_of(answers: dict[str, Any]) -> Values:
    """What was answered, without the marks: declined texts and empty choices are not there."""
    return {name: cell["value"] for name, cell in answers.items() if cell.get("value") not in (None, "", [])}


def kept_of(answers: dict[str, Any]) -> set[str]:
    return {name for name, cell in answers.items() if cell.get("kept")}
