"""A correction of single questions: what it is laid over, and what follows for the questions it does not name.

A tablet holds no earlier answers, so it sends only the questions to be changed. The whole is read and judged like any
other visit and kept as a version of its own; nothing of the version before is erased.
"""

from typing import Any

from screening import continuing, evaluation
from screening.instrument import Instrument
from screening.responses import (
    Payload,
    Response,
    check,
    context,
    counted,
    joined,
    known_around,
    questions,
    readable,
    shown,
)
from screening.store import Store

Row = dict[str, Any]


def base(store: Store, payload: Row, family: str, person: str, past: list[Row]) -> Row:
    """What a partial correction is laid over: encounter, completes, visit (as ``laid_over`` wants it) and kept.

    That is what stands in the place of the visit it names: a second correction of the same visit made on a tablet that
    has not heard of the first adds to it. Raises Unacceptable as ``continuing.earlier``.
    """
    named = continuing.earlier(store, payload["replaces"], family, person)
    now_there = continuing.standing_in(past, named["id"])
    row = continuing.earlier(store, now_there["id"], family, person) if now_there else named
    there = row["known"]
    visit = {"visit": row["visit"], "instrument": row["instrument"], "mode": there["mode"]}
    visit |= {name: there[name] for name in ("household", "now") if there.get(name)}
    kept = {name: there.get(name) for name in ("revealed", "continues")}
    kept |= {"not_noted": bool(there.get("not_noted") or payload.get("not_noted"))}
    whole = visit | {"responses": joined(parts_of(store, row["id"]))}
    return {"encounter": row["id"], "completes": row["completes"], "visit": whole, "kept": kept}


def parts_of(store: Store, encounter: str) -> list[Row]:
    """The parts of a visit's answers, as ``responses.split`` gives them."""
    rows = store.rows("SELECT * FROM responses WHERE encounter = :encounter ORDER BY id", encounter=encounter)
    return [part for row in rows for part in store.opened("responses", row, "answers_sealed")["parts"]]


def laid_over(
    instrument: Instrument, base: Payload, changes: Payload, parents: list[str], prior: dict[str, bool]
) -> Payload:
    """A partial correction laid over the visit it corrects: the visit as it would have been, whole and readable.

    ``base``: visit, instrument, mode, household, now and responses of the corrected visit, which it keeps: what is
    corrected is what was written down, not when or how the visit was held. ``parents`` and ``prior`` as in ``judged``.
    What is not named stays as it was, but for questions that the change opens or closes:

    - one that opens was not asked: it is skipped now, unless the correction answers it;
    - one that closes does not count any more (domain guide 5.8.9): its answer goes, and it is hidden now. A grave yes
      (t11, t12, t13, t18) does not go: nobody can be asked whether to take it along, so it is taken along, marked
      ``kept``. Only a correction that names it takes it away.

    Raises Unacceptable: wrong_partial for another kind of visit, version or home than the corrected one's, ``hidden``
    for an answer to what stays closed, and those of ``readable``.
    """
    same = all(changes[name] == base[name] for name in ("visit", "instrument"))
    check(same and changes.get("household") in (None, base.get("household")), "wrong_partial")
    whole = changes | {name: value for name, value in base.items() if name != "responses"}
    before = {(one["form"], one["respondent"]): one for one in base["responses"]}
    after = dict(before)
    for response in changes["responses"]:
        key = response["form"], response["respondent"]
        after[key] = put_over(instrument, before.get(key), response, whole)
    whole["responses"] = [after[key] for key in sorted(after)]
    first, then = (asking(instrument, one, parents, prior) for one in (base, whole))
    named = {(one["form"], one["respondent"]): {*one["answers"], *one["unanswered"]} for one in changes["responses"]}
    for response in whole["responses"]:
        key = response["form"], response["respondent"]
        follow(instrument, response, first.get(key, frozenset()), then[key], named.get(key, set()))
    whole["count"] = counted(whole["responses"])
    readable(instrument, whole)
    return whole


def put_over(instrument: Instrument, old: Response | None, new: Response, visit: Payload) -> Response:
    """One response with its changes. One that there was not yet was not asked before."""
    if old is None:
        names = [item.link_id for item in questions(instrument, new["form"], visit["visit"])]
        old = new | {"answers": {}, "unanswered": dict.fromkeys(names, "hidden")}
    named = {*new["answers"], *new["unanswered"]}
    left = {
        field: {name: value for name, value in old[field].items() if name not in named}
        for field in ("answers", "unanswered")
    }
    return new | {field: left[field] | new[field] for field in left}


def asking(
    instrument: Instrument, payload: Payload, parents: list[str], prior: dict[str, bool]
) -> dict[tuple[str, str], frozenset[str]]:
    """(form, respondent) -> the questions that are asked under the answers that are there."""
    result = evaluation.judged(instrument, payload["responses"], known_around(payload, parents, prior))
    found = {}
    for response in payload["responses"]:
        form, who = response["form"], response["respondent"]
        around = context(payload, who)
        if form == "D":
            around |= {"now": payload.get("now", False)} | shown(result)
        found[form, who] = frozenset(evaluation.enabled(instrument, form, response["answers"], around))
    return found


def follow(
    instrument: Instrument, response: Response, before: frozenset[str], now: frozenset[str], named: set[str]
) -> None:
    """Let a response's questions follow what has opened and closed; what the correction names itself stays."""
    answers, unanswered, grave = response["answers"], response["unanswered"], instrument.rules["keep"]
    for name in before - now - named:
        if name not in answers:
            unanswered[name] = "hidden"
        elif name in grave["items"] and answers[name].get("value") == grave["answer"]:
            answers[name] = answers[name] | {"kept": True}
        else:
            del answers[name]
            unanswered[name] = "hidden"
    for name in now - before - named:
        if name in unanswered:
            unanswered[name] = "skipped"
