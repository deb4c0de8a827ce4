"""Visits that were made, as a reader may see them: results in words, answers by question, what was said alone.

How they came to be is in ``judging.py``.
"""

import logging
from datetime import datetime
from itertools import zip_longest
from typing import Any

from screening import audit, correcting, decisions, families, flags, instrument, left_out, people, responses
from screening.errors import NotAnswerable, NotFound, Unreadable
from screening.instrument import Instrument
from screening.judging import RELEASABLE, judge_waiting, release
from screening.questionnaire import Item
from screening.store import Store

__all__ = ["RELEASABLE", "answers", "judge_waiting", "of_family", "open_private", "private_counts", "release"]

LONGEST_SHOWN = 100  # characters of an answer that could not be read
log = logging.getLogger(__name__)

DECLINED = {"da": "Ønsker ikke at svare", "en": "Prefers not to answer"}
ABSENT = "Besøget findes ikke. Gå tilbage til familien."
YES_NO = {"true": {"da": "Ja", "en": "Yes"}, "false": {"da": "Nej", "en": "No"}}

Row = dict[str, Any]


def of_family(store: Store, family: str, language: str = "da") -> list[Row]:
    """A family's visits, those that count first, then newest first.

    Each has id, visit, person, by (the visitor's name), instrument, state (current, replaced), replaces, completes,
    started_at and finished_at (as the tablet's clock said), began_at and ended_at (as far as that can be), received_at,
    judged_at; result (as ``evaluation.judged``), mode, own (the visitor's own level), twice, preliminary, continues
    (the preliminary visit it names), instead_of (the visits whose place it took), household, revealed, not_noted,
    unsure, irrelevant, left_out [{question, came}], written_at; standing (the level after a lead's decision)
    and reasons [{id, headline, second}].
    """
    rows = store.rows(
        "SELECT * FROM encounters WHERE family = :family"
        " ORDER BY CASE WHEN state = 'current' THEN 0 ELSE 1 END, ended_at DESC, id DESC",
        family=family,
    )
    found = [readable(store, row, language) for row in rows]
    return [one for one in found if one]


def readable(store: Store, row: Row, language: str) -> Row | None:
    """One visit; None for one that does not open, so that it keeps none of the others back."""
    try:
        return opened(store, row, language)
    except Unreadable:
        log.error("visit %s cannot be read and is missing on its family's page", row["id"])
        return None


def unreadable(store: Store, family: str, found: list[Row]) -> int:
    """How many visits a family has beside those that could be read."""
    row = store.row("SELECT COUNT(*) AS count FROM encounters WHERE family = :family", family=family)
    return row["count"] - len(found)


def opened(store: Store, row: Row, language: str) -> Row:
    found = store.opened("encounters", row, "result_sealed")
    result = flags.cleared(found)
    own = instrument.load(row["instrument"])
    return (
        {name: value for name, value in row.items() if name not in ("sealed_for", "result_sealed")}
        | found
        | {
            "result": result,
            "by": people.get(store, row["person"])["name"],
            "left_out": unread(store, row, found, language),
            "standing": decisions.standing(decisions.of_visit(store, row["family"], row["id"]), found),
            "reasons": [in_words(own, result, id, language) for id in result["reasons"]],
        }
    )


def unread(store: Store, row: Row, found: Row, language: str) -> list[Row]:
    """The answers that could not be read: question, and what was written; of what was told alone neither."""
    names = found.get("left_out") or []
    if not names:
        return []
    came = {left_out.place(one): one["cell"] for one in left_out.kept(store, row["id"])}
    cells = [written(came.get(left_out.place(one))) for one in names if not left_out.is_private(one)]
    said = left_out.questions(found, row["instrument"], row["visit"], language)
    return [{"question": question, "came": cell} for question, cell in zip_longest(said, cells, fillvalue="")]


def written(cell: Any) -> str:
    """An answer that could not be read, as far as it is text."""
    value = cell.get("value") if isinstance(cell, dict) else None
    return value[:LONGEST_SHOWN] if isinstance(value, str) and responses.is_plain(value) else ""


def in_words(own: Instrument, result: Row, reason: str, language: str) -> Row:
    """A reason for a level in plain words: id, headline, second."""
    headline, second = own.reason(reason, language, flags.who(result, reason, language))
    return {"id": reason, "headline": headline, "second": second}


def answers(store: Store, encounter: str, private: set[str] = frozenset(), language: str = "da") -> list[Row]:
    """A visit's answers in the questionnaire's order.

    Each has subject (child, parent1, parent2, case), form, respondent, authored_at, link_id, type, value (a code, a
    list of codes, or text; None when declined), declined, kept, text (the question), shown (a list of words).
    What was said alone (form C, v5b) is left out but for the subjects in ``private``; whoever asks for them has
    written that down first, see ``open_private``.
    """
    own, parts = kept_answers(store, encounter)
    found = [
        answer(own["instrument"], own["visit"], part, link_id, cell, language)
        for part in parts
        for link_id, cell in part["answers"].items()
        if not is_private(part["form"], link_id) or part["subject"] in private
    ]
    place = {item.link_id: number for number, item in enumerate(own["instrument"].by_id.values())}
    return sorted(found, key=lambda one: (one["form"], place[one["link_id"]], one["respondent"]))


def answer(own: Instrument, visit: str, part: Row, link_id: str, cell: Row, language: str) -> Row:
    item, value = own.item(link_id), cell.get("value")
    return {
        "subject": part["subject"], "form": part["form"], "respondent": part["respondent"],
        "authored_at": part["authored_at"], "link_id": link_id, "type": item.type, "value": value,
        "declined": "declined" in cell or value in ("na", ["na"]), "kept": "kept" in cell,
        "text": wording(item, visit)[language], "shown": said(item, visit, value, language),
    }  # fmt: skip


def wording(item: Item, visit: str) -> dict[str, str]:
    return (item.text8 if visit == "8m" else None) or item.text


def said(item: Item, visit: str, value: Any, language: str) -> list[str]:
    """An answer in words, one for each code."""
    if value is None:
        return [DECLINED[language]]
    if item.type not in ("choice", "multi", "boolean"):
        return [value]
    words = YES_NO | {"na": DECLINED}
    words |= {one.code: (one.text8 if visit == "8m" else None) or one.text for one in item.options}
    return [words[code][language] for code in (value if isinstance(value, list) else [value])]


def is_private(form: str, link_id: str) -> bool:
    """Whether an answer was given alone: all of form C with c1 to c4, and what was agreed alone."""
    return form == "C" or link_id == responses.TOLD_ALONE


def private_counts(store: Store, encounter: str) -> dict[str, int]:
    """Subject -> how many answers given alone a visit holds, so that a closed part can say so."""
    _, parts = kept_answers(store, encounter)
    found: dict[str, int] = {}
    for part in parts:
        count = sum(is_private(part["form"], link_id) for link_id in part["answers"])
        if count:
            found[part["subject"]] = found.get(part["subject"], 0) + count
    return found


def open_private(
    store: Store, encounter: str, subject: str, person: people.Person, purpose: str, now: datetime, language: str = "da"
) -> list[Row]:
    """Open what one subject said alone at one visit: written down first, then given as ``answers``.

    ``purpose`` is why, in the reader's words; it and whose answers they were stand in the log under the case's key, so
    that the log itself does not say who told something alone. Raises NotFound for a family that is not the person's,
    NotAnswerable without a purpose.
    """
    home = families.get(store, visit_of(store, encounter)["family"], person)
    purpose = decisions.words(purpose)
    if not purpose:
        raise NotAnswerable("Vælg et formål, før du åbner de beskyttede svar.")
    if subject not in home["subjects"]:
        raise NotFound(ABSENT)
    about = {"subject": home["id"], "sealed_for": home["sealed_for"]}
    with store.transaction():
        detail = {"encounter": encounter, "purpose": purpose, "subject": subject}
        audit.add(store, "record_read", person["id"], now, **about, detail=detail)
    return answers(store, encounter, {subject}, language)


def kept_answers(store: Store, encounter: str) -> tuple[Row, list[Row]]:
    """A visit and the parts of its answers, as ``responses.split`` gives them. Raises NotFound."""
    return visit_of(store, encounter), correcting.parts_of(store, encounter)


def visit_of(store: Store, encounter: str) -> Row:
    """A visit's family, kind and instrument. Raises NotFound."""
    row = store.row("SELECT family, visit, instrument FROM encounters WHERE id = :id", id=encounter)
    if not row:
        raise NotFound(ABSENT)
    return row | {"instrument": instrument.load(row["instrument"])}
