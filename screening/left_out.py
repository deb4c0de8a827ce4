"""Single answers that cannot be read are left out of a visit, so that the rest of it counts at once.

A tablet takes only what the server takes. Where the two differ all the same, one date must not keep a whole visit from
being judged: the answer is named and kept as it came, under the key of whoever it belongs to; it counts as not
answered; the visitor is told what to write again, and the lead sees that the level was found without it.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from screening import evaluation, instrument, responses
from screening.instrument import Instrument
from screening.responses import Payload, Response, Unacceptable, counted
from screening.store import Store
from screening.store.envelope import Envelope

Left = dict[str, Any]

# What a question whose answer is left out counts as: nobody got that far.
COUNTS_AS = "not_reached"
PLACE = ("form", "respondent", "link_id")


# ── taking it out ──


def accepted(
    payload: Payload, outside: Envelope, instruments: dict[str, Instrument]
) -> tuple[Instrument, Payload, list[Left]]:
    """As ``responses.accepted``; besides, the visit without what cannot be read, and that.

    Each that is left out has form, respondent, link_id, reason (as ``responses.cell_fits``, or hidden) and cell, the
    answer as it came. Raises Unacceptable, for what was wrong first, where the rest does not fit either.
    """
    try:
        return responses.accepted(payload, outside, instruments), payload, []
    except Unacceptable as first:
        whole, left = apart(payload, instruments)
        with suppress(Unacceptable):
            if left:
                return responses.accepted(whole, outside, instruments), whole, left
        raise first from None


def apart(payload: Payload, instruments: dict[str, Instrument]) -> tuple[Payload, list[Left]]:
    """A visit without the answers that cannot be read, and those; where there is none, the visit as it came.

    So does a visit that its tablet did not call whole. Answers to what is not asked without those that are left out go
    with them.
    """
    version = payload.get("instrument")
    own = instruments.get(version) if isinstance(version, str) else None
    if own is None or not is_whole(payload):
        return payload, []
    partial = bool(payload.get("partial"))
    left: list[Left] = []
    while found := next(misfits(own, payload), None) or (left and not partial and next(hidden(own, payload), None)):
        left.append(found)
        payload = without(payload, found, partial)
    return payload, left


def is_whole(payload: Payload) -> bool:
    """Whether it has the shape of a visit, with as many answers as its tablet says."""
    try:
        responses.check(responses.among(payload.get("visit"), responses.VISITS), "unknown_visit")
        responses.check(responses.among(payload.get("mode"), responses.MODES), "unknown_mode")
        responses.heads_fit(payload)
        for one in payload["responses"]:
            responses.check(all(isinstance(one[field], dict) for field in ("answers", "unanswered")), "wrong_type")
        responses.count_fits(payload)
    except (Unacceptable, KeyError):
        return False
    return True


def misfits(own: Instrument, payload: Payload) -> Iterator[Left]:
    """The answers that their questions do not take."""
    for response in payload["responses"]:
        asked = {item.link_id: item for item in responses.questions(own, response["form"], payload["visit"])}
        for link_id, cell in response["answers"].items():
            if link_id in asked and (reason := misfit(own, asked[link_id], cell)):
                yield left(response, link_id, reason)


def hidden(own: Instrument, payload: Payload) -> Iterator[Left]:
    """The answers to what is not asked, but for those that were taken along; the assessment follows from the result."""
    for response in payload["responses"]:
        if response["form"] != "D":
            around = responses.context(payload, response["respondent"])
            asked_now = evaluation.enabled(own, response["form"], response["answers"], around)
            for link_id, cell in response["answers"].items():
                if link_id not in asked_now and not cell.get("kept"):
                    yield left(response, link_id, "hidden")


def misfit(own: Instrument, item: Any, cell: Any) -> str | None:
    try:
        responses.cell_fits(own, item, cell)
    except Unacceptable as error:
        return error.reason
    return None


def left(response: Response, link_id: str, reason: str) -> Left:
    return {"form": response["form"], "respondent": response["respondent"], "link_id": link_id, "reason": reason,
            "cell": response["answers"][link_id]}  # fmt: skip


def without(payload: Payload, one: Left, partial: bool) -> Payload:
    """The visit without this answer. A correction of single questions then says nothing of that question."""
    changed = [
        cleared(response, one["link_id"], partial)
        if all(response[name] == one[name] for name in ("form", "respondent"))
        else response
        for response in payload["responses"]
    ]
    said = [response for response in changed if not partial or response["answers"] or response["unanswered"]]
    return payload | {"responses": said, "count": counted(said)}


def cleared(response: Response, link_id: str, partial: bool) -> Response:
    answers = {name: cell for name, cell in response["answers"].items() if name != link_id}
    unanswered = response["unanswered"] if partial else response["unanswered"] | {link_id: COUNTS_AS}
    return response | {"answers": answers, "unanswered": unanswered}


# ── keeping it, and saying it again ──


def standing(before: list[Left], changes: list[Response], now: list[Left]) -> list[Left]:
    """What is left out of a corrected visit: what was before and is not answered anew, and what came now."""
    named = {place(one) for one in now}
    for one in changes:
        named |= {(one["form"], one["respondent"], name) for name in (*one["answers"], *one["unanswered"])}
    return [*(one for one in before if place(one) not in named), *now]


def place(one: Left) -> tuple[str, ...]:
    return tuple(one[name] for name in PLACE)


def owned(found: list[Left], payload: Payload) -> dict[str, list[Left]]:
    """By the subject whose it is: what is kept under that one's key."""
    confidant = responses.confidant(payload["responses"])
    by: dict[str, list[Left]] = {}
    for one in found:
        by.setdefault(responses.owner(*(one[name] for name in PLACE), confidant), []).append(one)
    return by


def names(found: list[Left]) -> list[Left]:
    """The same without the answers: what may stand under the case's key."""
    return [{name: one[name] for name in (*PLACE, "reason")} for one in found]


def kept(store: Store, encounter: str) -> list[Left]:
    """What was left out of a visit, as it came."""
    rows = store.rows("SELECT * FROM responses WHERE encounter = :encounter ORDER BY id", encounter=encounter)
    return [one for row in rows for one in store.opened("responses", row, "answers_sealed").get("left_out", ())]


def questions(known: dict[str, Any], version: str, visit: str, language: str) -> list[str]:
    """The questions whose answers were left out of a visit, in words; of what was told alone none is named."""
    found = known.get("left_out") or []
    own = instrument.load(version) if found else None
    said = [wording(own, one, visit, language) for one in found if not is_private(one)] if own else []
    return said + [ALONE[language == "en"]] * any(is_private(one) for one in found)


ALONE = ("Noget, der blev sagt alene", "Something that was said alone")


def is_private(one: Left) -> bool:
    return one["form"] == "C" or one["link_id"] == responses.TOLD_ALONE


def wording(own: Instrument, one: Left, visit: str, language: str) -> str:
    item = own.item(one["link_id"])
    return ((item.text8 if visit == "8m" else None) or item.text)[language]
