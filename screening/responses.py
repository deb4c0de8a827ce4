"""Whether a visit's answers fit the questions that were asked, what they mean, and to whom each belongs.

A visit is read by the version of the instrument it was made with. Whatever does not fit has a name (``Unacceptable``),
and the visit is set aside under it where the lead sees it; nothing is guessed, mended or dropped.
"""

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from screening import calendar_days, evaluation
from screening.instrument import Instrument
from screening.questionnaire import Item
from screening.store import Filled, envelope, parse_utc
from screening.store.envelope import Envelope

SCHEMA = 1
KEYS = frozenset(
    "schema encounter family visit instrument mode replaces completes started_at finished_at release responses count"
    " result".split()
)
# What a tablet says only where it is so: the Nu card was opened; the preliminary visit that this one continues; the
# judgement that was kept before the suggestion was shown; whose home it was, of two parents who live apart; what was
# said is not to be noted (FR27); a correction that holds only the questions to be changed.
OPTIONAL = frozenset({"now", "preliminary", "revealed", "household", "not_noted", "partial"})
YES_OR_NO = ("now", "not_noted", "partial")
RESPONSE_KEYS = frozenset({"form", "respondent", "authored_at", "answers", "unanswered"})
VISITS = ("2m", "8m", "talk")
MODES = ("joint", "each", "one", "none")
# Who may answer which form.
RESPONDENTS = {
    "A": ("joint", "parent1", "parent2", "case"),
    "B": ("joint", "parent1", "parent2"),
    "C": ("parent1", "parent2"),
    "D": ("case",),
}
# Passed, or not come that far; closed, or grave and closed and not taken along (domain guide 5.8.9).
WHY_NOT = ("skipped", "not_reached", "hidden", "not_kept")
# About a parent with whom there is no contact form B asks nothing (domain guide 5.8.17).
IRRELEVANT = "irrelevant"
# Who interpreted is asked in form A; a relative makes the answers to form B unsure (FR17).
INTERPRETER, RELATIVE = "s4", "lay"
# What one subject said at one visit is kept in steps of so many bytes; all questions of a form unanswered fit in one.
STEP = 2048
RESULT_BYTES = 8192
STATUSES = evaluation.STATUSES
TEXTS = ("text", "string")
LONGEST_RELEASE = 100
# In form A these are asked of a respondent; the rest is about the visit (domain guide 5.8.18).
ABOUT_RESPONDENT = ("s3", "s4", "s5", "s6", "s7")
ABOUT_CASE = ("s10",)
TOLD_ALONE = "v5b"
# A tablet's time that is further back than this, or in the future, is its clock's mistake.
LONGEST_UNDERWAY = timedelta(days=366)
# Whoever judges later must not take back that a question was open: priors and the alone gate count as they were then.
AS_OPEN = {"alone": True, "requested": True, "prior": {"t20": True, "agreement": True}}

Payload = dict[str, Any]
Response = dict[str, Any]


class Unacceptable(ValueError):
    """A visit that does not fit its questions. ``reason`` is a code, neutral and without content."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


def check(holds: bool, reason: str) -> None:
    if not holds:
        raise Unacceptable(reason)


# ── does it fit ──


def accepted(payload: Payload, outside: Envelope, instruments: dict[str, Instrument]) -> Instrument:
    """Check a visit against the envelope it came in and against its own questions; gives its instrument.

    Raises Unacceptable: wrong_schema, unknown_field, missing_field, wrong_id, wrong_type, unknown_visit, unknown_mode,
    wrong_time, unknown_questionnaire, those of ``fits_type`` and ``around_fits``, and those of ``readable``.
    """
    check(type(payload.get("schema")) is int and payload["schema"] == outside.schema == SCHEMA, "wrong_schema")
    check(set(payload) <= KEYS | OPTIONAL, "unknown_field")
    check(set(payload) >= KEYS, "missing_field")
    check(payload["encounter"] == outside.id, "wrong_id")
    check(is_id(payload["family"]), "wrong_type")
    check(among(payload["visit"], VISITS), "unknown_visit")
    check(among(payload["mode"], MODES), "unknown_mode")
    check(is_time(payload["started_at"]) and is_time(payload["finished_at"]), "wrong_time")
    check(is_text(payload["release"], LONGEST_RELEASE), "wrong_type")
    check(isinstance(payload["result"], dict), "wrong_type")
    check(all(isinstance(payload.get(name, False), bool) for name in YES_OR_NO), "wrong_type")
    fits_type(payload, outside.type)
    instrument = own_instrument(payload["instrument"], outside, instruments)
    around_fits(instrument, payload)
    if payload.get("partial"):
        changes_fit(instrument, payload)
    else:
        readable(instrument, payload)
    return instrument


def fits_type(payload: Payload, type_: int) -> None:
    """A correction names the visit it replaces, and only a correction does; only a talk completes another visit.

    A preliminary visit was not assessed yet; whatever continues one names another than itself.
    """
    named = [payload["replaces"], payload["completes"], payload.get("preliminary")]
    check(all(one is None or is_id(one) for one in named), "wrong_type")
    check((payload["replaces"] is not None) == (type_ == envelope.AMENDMENT), "wrong_replaces")
    check(payload["completes"] is None or payload["visit"] == "talk", "wrong_completes")
    check(payload["encounter"] not in named, "names_itself")
    check(not payload.get("partial") or type_ == envelope.AMENDMENT, "wrong_partial")
    check(type_ != envelope.PRELIMINARY or not assessed(payload), "wrong_preliminary")


def assessed(payload: Payload) -> bool:
    """Whether there is a form D among the responses."""
    found = payload["responses"]
    return isinstance(found, list) and any(isinstance(one, dict) and one.get("form") == "D" for one in found)


def around_fits(instrument: Instrument, payload: Payload) -> None:
    """Whose home it was, and what was judged before the suggestion was shown, are said as they can be."""
    check(payload.get("household") is None or among(payload["household"], evaluation.PARENTS), "wrong_household")
    shown = payload.get("revealed")
    if shown is not None:
        check(isinstance(shown, dict) and set(shown) == {"at", "v1"}, "wrong_revealed")
        known = tuple(option.code for option in instrument.item("v1").options)
        check(is_time(shown["at"]) and among(shown["v1"], known), "wrong_revealed")


def own_instrument(version: Any, outside: Envelope, instruments: dict[str, Instrument]) -> Instrument:
    """The version a visit was made with; the header must say the same."""
    check(isinstance(version, str) and version in instruments, "unknown_questionnaire")
    major, minor = (int(part) for part in version.split(".")[:2])
    check(outside.questionnaire == (envelope.CONFLICT, major * 100 + minor), "wrong_questionnaire")
    return instruments[version]


def readable(instrument: Instrument, payload: Payload) -> None:
    """Every response fits its form: each question answered or said to be unanswered, none that was not asked.

    Raises Unacceptable: wrong_type, unknown_field, missing_field, unknown_form, unknown_respondent, response_twice,
    wrong_time, unknown_question, answered_and_unanswered, incomplete, hidden, wrong_count, and those of ``cell_fits``.
    """
    heads_fit(payload)
    for response in payload["responses"]:
        complete(instrument, response, payload["visit"])
        if response["form"] != "D":
            none_hidden(instrument, response, context(payload, response["respondent"]))
    count_fits(payload)


def changes_fit(instrument: Instrument, payload: Payload) -> None:
    """The changes of a partial correction fit their forms; whether they fit the visit, ``laid_over`` says.

    Raises Unacceptable as ``readable``, and nothing_changed.
    """
    heads_fit(payload)
    for response in payload["responses"]:
        part_fits(instrument, response, payload["visit"])
        check(bool(response["answers"] or response["unanswered"]), "nothing_changed")
    check(bool(payload["responses"]), "nothing_changed")
    count_fits(payload)


def heads_fit(payload: Payload) -> None:
    """Every response says which form it is, whose and when, and none comes twice."""
    responses = payload["responses"]
    check(isinstance(responses, list) and all(isinstance(one, dict) for one in responses), "wrong_type")
    seen = set()
    for response in responses:
        check(set(response) <= RESPONSE_KEYS, "unknown_field")
        check(set(response) >= RESPONSE_KEYS, "missing_field")
        form, who = response["form"], response["respondent"]
        check(among(form, tuple(RESPONDENTS)), "unknown_form")
        check(among(who, RESPONDENTS[form]), "unknown_respondent")
        check((form, who) not in seen, "response_twice")
        seen.add((form, who))
        check(is_time(response["authored_at"]), "wrong_time")


def count_fits(payload: Payload) -> None:
    check(type(payload["count"]) is int and payload["count"] == counted(payload["responses"]), "wrong_count")


def counted(responses: list[Response]) -> int:
    """How many answers there are."""
    return sum(len(response["answers"]) for response in responses)


def complete(instrument: Instrument, response: Response, visit: str) -> None:
    """Each question of the form at this visit is answered, or said to be unanswered, and no other is."""
    asked = part_fits(instrument, response, visit)
    check(len(response["answers"]) + len(response["unanswered"]) == asked, "incomplete")


def part_fits(instrument: Instrument, response: Response, visit: str) -> int:
    """What is said of a form's questions is what they take; gives how many questions the form has at this visit."""
    answers, unanswered = response["answers"], response["unanswered"]
    check(isinstance(answers, dict) and isinstance(unanswered, dict), "wrong_type")
    asked = {item.link_id: item for item in questions(instrument, response["form"], visit)}
    check(set(answers) <= set(asked) and set(unanswered) <= set(asked), "unknown_question")
    check(not set(answers) & set(unanswered), "answered_and_unanswered")
    known = (*WHY_NOT, IRRELEVANT) if response["form"] == "B" else WHY_NOT
    check(all(among(why, known) for why in unanswered.values()), "wrong_type")
    for link_id, cell in answers.items():
        cell_fits(instrument, asked[link_id], cell)
    return len(asked)


def questions(instrument: Instrument, form: str, visit: str) -> list[Item]:
    """The questions of a form at a kind of visit, without what is only read."""
    return [item for item in instrument.items(form, visit) if item.type != "display"]


def cell_fits(instrument: Instrument, item: Item, cell: Any) -> None:
    """One answer is what its question takes.

    Raises Unacceptable: wrong_type, wrong_code, wrong_order, wrong_declined, wrong_kept, wrong_date, wrong_text,
    too_long.
    """
    check(isinstance(cell, dict) and set(cell) <= {"value", "declined", "kept"}, "wrong_type")
    kept = cell.get("kept", True) is True
    check(kept and ("kept" not in cell or item.link_id in instrument.rules["keep"]["items"]), "wrong_kept")
    check(("value" in cell) != ("declined" in cell), "wrong_type")
    if "declined" in cell:
        may = item.type not in ("choice", "multi", "boolean") and item.form in ("B", "C")
        check(cell["declined"] is True and may, "wrong_declined")
    else:
        value_fits(instrument, item, cell["value"])


def value_fits(instrument: Instrument, item: Item, value: Any) -> None:
    if item.type == "multi":
        several_fit(instrument, item, value)
    elif item.type in ("choice", "boolean"):
        check(isinstance(value, str), "wrong_type")
        check(value in codes(item), "wrong_code")
    elif item.type == "date":
        check(calendar_days.is_day(value), "wrong_date")
    else:
        check(isinstance(value, str), "wrong_type")
        check(is_plain(value) and value != "", "wrong_text")
        check(len(value) <= (item.max_length or 0), "too_long")


def several_fit(instrument: Instrument, item: Item, value: Any) -> None:
    """Codes of one question, each once, in its order; an exclusive one stands alone (domain guide 5.8.14)."""
    check(isinstance(value, list) and all(isinstance(code, str) for code in value), "wrong_type")
    order = [option.code for option in item.options]
    check(bool(value) and set(value) <= codes(item), "wrong_code")
    if len(value) > 1:
        check(not {"na", *instrument.rules["exclusive"].get(item.link_id, [])} & set(value), "wrong_code")
        check(value == [code for code in order if code in value], "wrong_order")


def codes(item: Item) -> frozenset[str]:
    """What may be answered; not to answer is possible everywhere in B and C (domain guide 5.8.19)."""
    return item.codes() | {"na"} if item.form in ("B", "C") else item.codes()


def none_hidden(instrument: Instrument, response: Response, *contexts: evaluation.Context) -> None:
    """No answer to a question that was not asked, in any of the contexts it may have been asked in, but kept ones."""
    answers = response["answers"]
    closed = {name for name, cell in answers.items() if not cell.get("kept")}
    for one in contexts:
        if closed:
            closed.difference_update(evaluation.enabled(instrument, response["form"], answers, one))
    check(not closed, "hidden")


def said_at(payload: Payload) -> dict[str, str]:
    """When each parent answered alone, by the tablet's clock: her last answer to form C, else to form B."""
    said: dict[str, str] = {}
    for form in ("B", "C"):
        own = [one for one in payload["responses"] if one["form"] == form and one["answers"]]
        said |= {one["respondent"]: one["authored_at"] for one in own if one["respondent"] in evaluation.PARENTS}
    return said


def context(payload: Payload, respondent: str) -> evaluation.Context:
    """Under which circumstances a respondent was asked, as far as the visit says it."""
    return {"visit": payload["visit"], "mode": mode(payload, respondent), "respondent": respondent} | AS_OPEN


def mode(payload: Payload, respondent: str) -> str:
    """How one respondent answered: joint, each or one; ``none`` where nobody was asked."""
    if respondent == "joint":
        return "joint"
    return "each" if payload["mode"] == "joint" and respondent in evaluation.PARENTS else payload["mode"]


# ── what it means ──


def judged(instrument: Instrument, payload: Payload, parents: list[str], prior: dict[str, bool]) -> dict[str, Any]:
    """The result of an accepted visit: the record, whatever the tablet says. As ``evaluation.judged``.

    ``parents``: the keys of those the family has; ``prior``: what was known before. Raises Unacceptable("hidden") for
    an assessment that answers what was asked neither by our result nor by the tablet's.
    """
    known = known_around(payload, parents, prior)
    result = evaluation.judged(instrument, payload["responses"], known)
    for response in payload["responses"]:
        if response["form"] == "D":
            around = context(payload, "case") | {"now": known["now"]}
            none_hidden(instrument, response, around | shown(result), around | shown(claimed(payload["result"])))
    return result


def known_around(payload: Payload, parents: list[str], prior: dict[str, bool]) -> evaluation.Context:
    """Under which circumstances a visit is judged. In one of two homes the other home's parent is not asked (FR24)."""
    told = {one["respondent"] for one in payload["responses"]} & set(evaluation.PARENTS)
    at_home = [payload["household"]] if payload.get("household") else parents
    return {
        "visit": payload["visit"],
        "mode": payload["mode"],
        "prior": prior,
        "parents": [parent for parent in evaluation.PARENTS if parent in told or parent in at_home],
        "now": payload.get("now", False),
    }


def unsure(payload: Payload) -> list[str]:
    """The respondents of form B whose answers went through a relative who interpreted (FR17).

    What was said of the room for one parent counts before what was said for both.
    """
    said = {one["respondent"]: one["answers"] for one in payload["responses"] if one["form"] == "A"}
    together = said.get("joint") or said.get("case") or {}
    asked = [one["respondent"] for one in payload["responses"] if one["form"] == "B" and one["answers"]]
    rooms = {who: said[who] if "s3" in said.get(who, {}) else together for who in asked}
    return [who for who, room in rooms.items() if room.get(INTERPRETER, {}).get("value") == RELATIVE]


def irrelevant(payload: Payload) -> list[str]:
    """The respondents who were not asked about the other parent, because there is no contact (domain guide 5.8.17)."""
    own = [one for one in payload["responses"] if one["form"] == "B"]
    return [one["respondent"] for one in own if IRRELEVANT in one["unanswered"].values()]


def interpreted(payload: Payload) -> set[str]:
    """Who interpreted at a visit: pro, remote, lay."""
    cells = [one["answers"].get(INTERPRETER, {}) for one in payload["responses"] if one["form"] == "A"]
    return {cell["value"] for cell in cells if "value" in cell}


def believed(claimed: str, received: str) -> str:
    """When something was, by a tablet's time and the time its visit was received: the tablet's, where that can be."""
    when, latest = parse_utc(claimed), parse_utc(received)
    return claimed if latest - LONGEST_UNDERWAY <= when <= latest else received


def shown(result: dict[str, Any]) -> dict[str, Any]:
    """What of a result decides which questions of the assessment are asked."""
    return {name: result[name] for name in ("level", "flags", "badge", "blocks")}


def claimed(result: dict[str, Any]) -> dict[str, Any]:
    """The same of a tablet's result, of which nothing is believed but what can be."""
    level, flags = result.get("level"), result.get("flags")
    badge, blocks = result.get("badge"), result.get("blocks")
    floors = flags.items() if isinstance(flags, dict) else ()
    return {
        "level": level if type(level) is int and 0 <= level <= 3 else None,
        "flags": {rule: floor for rule, floor in floors if type(floor) is int and 0 <= floor <= 3},
        "badge": badge if among(badge, STATUSES) else None,
        "blocks": blocks if isinstance(blocks, list) else [],
    }


def differences(result: dict[str, Any], tablet: dict[str, Any]) -> list[str]:
    """In what the tablet's result is another than ours; only names, so that they can stand in the log."""
    return sorted(name for name, value in result.items() if name in tablet and tablet[name] != value)


def told_alone(instrument: Instrument, payload: Payload, result: dict[str, Any]) -> dict[str, bool]:
    """Parent -> whether she told something alone that t20 takes up next time (domain guide 5.8.10).

    That is when a rule of form C fired for her, or the first follow-up group opened.
    """
    found = {}
    for response in payload["responses"]:
        if response["form"] == "C":
            who, answers = response["respondent"], response["answers"]
            opened = evaluation.enabled(instrument, "C", answers, context(payload, who))
            fired = any(who in names for names in result["whose"].values())
            found[who] = fired or "t10" in opened
    return found


def text_of(payload: Payload, form: str, link_id: str) -> str | None:
    """What was written in a field of one form, or None."""
    cells = [one["answers"].get(link_id, {}) for one in payload["responses"] if one["form"] == form]
    return next((cell["value"] for cell in cells if "value" in cell), None)


# ── whose it is ──


def joined(parts: list[Response]) -> list[Response]:
    """The responses that ``split`` made these parts of, by form and respondent."""
    found: dict[tuple[str, str], Response] = {}
    for part in parts:
        key = part["form"], part["respondent"]
        whole = found.setdefault(key, {name: part[name] for name in ("form", "respondent", "authored_at")} | {
            "answers": {}, "unanswered": {}})  # fmt: skip
        whole["answers"] |= part["answers"]
        whole["unanswered"] |= part["unanswered"]
    return [found[key] for key in sorted(found)]


def split(responses: list[Response]) -> list[Response]:
    """The responses again, each in parts that belong to one subject: as before, with ``subject`` in each."""
    return [part for response in responses for part in parts(response, confidant(responses))]


def confidant(responses: list[Response]) -> str:
    """Whose it is what was agreed alone: the parent's who was alone, or the case's where both were."""
    alone = sorted({one["respondent"] for one in responses if one["form"] == "C"})
    return alone[0] if len(alone) == 1 else "case"


def filled(parts: list[Response], left_out: Iterable[dict[str, Any]] = ()) -> Response:
    """One subject's parts as they are kept, with so much filling that their length does not tell what was asked.

    ``left_out``: the subject's answers that could not be read, as they came.
    """
    whole = {"parts": parts, "left_out": [*left_out], "filling": ""}
    text = json.dumps(whole, ensure_ascii=False, separators=(",", ":"))
    return whole | {"filling": " " * (-len(text.encode("utf-8", "surrogatepass")) % STEP)}


def of_one_length(result: dict[str, Any]) -> Filled:
    """A visit's result as it is kept: its length must not tell who was asked alone, or that something was flagged."""
    return Filled(result, RESULT_BYTES)


def parts(response: Response, confidant: str) -> list[Response]:
    """One response by subject; ``confidant``: whose it is what was agreed alone."""
    found: dict[str, Response] = {}
    for field in ("answers", "unanswered"):
        for link_id, value in response[field].items():
            subject = owner(response["form"], response["respondent"], link_id, confidant)
            empty = response | {"subject": subject, "answers": {}, "unanswered": {}}
            found.setdefault(subject, empty)[field][link_id] = value
    return list(found.values())


def owner(form: str, respondent: str, link_id: str, confidant: str) -> str:
    """Whose an answer is: child, parent1, parent2 or case (domain guide 5.8.18)."""
    asked = respondent if respondent in evaluation.PARENTS else "case"
    if form == "A":
        if link_id in ABOUT_RESPONDENT:
            return asked
        return "case" if link_id in ABOUT_CASE else "child"
    if form == "D":
        return confidant if link_id == TOLD_ALONE else "case"
    return asked


# ── small certainties about unknown values ──


def among(value: Any, known: tuple[str, ...]) -> bool:
    return isinstance(value, str) and value in known


def is_id(value: Any) -> bool:
    """A uuid in its one usual spelling."""
    try:
        return isinstance(value, str) and str(UUID(value)) == value
    except ValueError:
        return False


def is_time(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(parse_utc(value))
    except (ValueError, OverflowError):
        return False


def is_text(value: Any, longest: int) -> bool:
    return isinstance(value, str) and len(value) <= longest and is_plain(value)


def is_plain(text: str) -> bool:
    """Text that every reader takes alike: no half characters, no control characters but the end of a line and tabs."""
    return not any(
        "\ud800" <= sign <= "\udfff" or (sign < " " and sign not in "\n\r\t") or sign == "\x7f" for sign in text
    )
