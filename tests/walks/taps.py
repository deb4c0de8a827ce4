"""The log of a visit's taps, and what must stand on the lead's page when the visit is finished.

Nothing here looks at the tablet's code or at what it kept. The last answer to each question is known from the taps;
what is hidden at the end is found by the published conditions as Python reads them (`asking`, `evaluation`), with the
few rules of the course that stand beside them (domain guide 3.2 and 5.8), said once more in `Log.asked`.
"""

import copy
from collections.abc import Iterable
from typing import Any

from screening import asking, evaluation
from screening.instrument import Instrument

Cell = dict[str, Any]
Responses = list[dict[str, Any]]

JOINT, CASE = "joint", "case"
# Asked of one parent; the first two also of both together, the others only when they answer together (5.8.18).
AROUND = ("s3", "s4", "s5", "s6", "s7")
PLAN = "s7"
ABOUT_ONE = ("s5", "s6", "s7")
# Said anew before the private part goes on (FR3); what was not said anew when the turn ends is as it was.
ANEW = ("s3", "s5", "s6")
# A later talk has been agreed on, so form A only asks how it is held (5.8.21).
TALK = ("s1", "s2", "s8")
WILLING = ("yes", "part")
# When they cannot be asked apart because nobody answers, the plan is made with both.
NOT_HELD = "none"
# Safety answers that are asked about when a change has hidden them (5.8.9).
GRAVE = ("t11", "t12", "t13", "t18")


class Log:
    """Every tap of one visit. ``family`` as the tablet's list has it; parents are those whose home it is."""

    def __init__(self, instrument: Instrument, family: dict[str, Any], visit: str, household: str | None):
        self.instrument, self.family, self.visit = instrument, family, visit
        keys = [one["key"] for one in family["parents"]]
        self.parents = [key for key in keys if household in (None, key)]
        self.said: dict[tuple[str, str], dict[str, Cell]] = {}
        self.mode: str | None = None
        self.one: str | None = None
        self.gate: dict[str, str] = {}
        self.room: dict[str, dict[str, Cell]] = {}
        self.left_room: set[str] = set()
        self.requested: set[str] = set()
        self.no_contact: dict[str, bool] = {}
        self.decided: set[tuple[str, str]] = set()
        self.now = False
        self.taps: list[str] = []

    # ── what is tapped ──

    def note(self, *words: object) -> None:
        """A line of the log, for the reader of a difference."""
        self.taps.append(" ".join(str(word) for word in words))

    def put(self, form: str, who: str, link_id: str, cell: Cell | None) -> None:
        """The newest answer to a question, or that it was passed over."""
        self.note(form, who, link_id, cell)
        answers = self.said.setdefault((form, who), {})
        answers.pop(link_id, None)
        self.decided.discard((who, link_id))
        if cell:
            answers[link_id] = cell

    def tap(self, form: str, who: str, link_id: str, code: str) -> None:
        """A choice was tapped. Of several answers each tap takes one in or out; an exclusive one stands alone."""
        item = self.instrument.item(link_id)
        if item.type != "multi":
            return self.put(form, who, link_id, {"value": code})
        before = self.answers(form, who).get(link_id, {}).get("value", [])
        alone = {*self.instrument.rules["exclusive"].get(link_id, ()), "na"}
        chosen = set(before) - {"na"}
        if code in chosen:
            chosen -= {code}
        else:
            chosen = {code} if code in alone else chosen - alone | {code}
        order = [option.code for option in item.options]
        value = [one for one in order if one in chosen]
        self.put(form, who, link_id, {"value": value} if value else None)

    def decline(self, form: str, who: str, link_id: str) -> None:
        """Not to answer is an answer: `na`, and for text a mark (5.8.19)."""
        kind = self.instrument.item(link_id).type
        cells: dict[str, Cell] = {"multi": {"value": ["na"]}, "choice": {"value": "na"}}
        self.put(form, who, link_id, cells.get(kind, {"declined": True}))

    def write(self, form: str, who: str, link_id: str, text: str) -> None:
        """Something was written; only spaces are nothing."""
        self.put(form, who, link_id, {"value": text} if text.strip() else None)

    def keep(self, who: str, link_id: str, is_kept: bool) -> None:
        """The answer to "Skal svaret tages med?"."""
        self.note("kept", who, link_id, is_kept)
        self.decided.add((who, link_id))
        if is_kept:
            self.said["C", who][link_id] = {**self.said["C", who][link_id], "kept": True}

    def turn(self, who: str) -> None:
        """A parent's turn; where only one answers it is whoever comes first."""
        self.note("turn", who)
        if self.mode == "one" and not self.answering():
            self.one = who

    def settle(self, who: str) -> None:
        """She has said how the room is, and goes on: the private part opens for this parent, or it does not (FR1)."""
        self.room.pop(who, None)
        self.left_room.discard(who)
        place = {"s1": self.answers("A", JOINT).get("s1", {})}
        if asking.gate(self.instrument, place | self.answers("A", who)):
            self.gate[who] = "open"
        elif who in self.gate:
            self.gate[who] = "shut"
        self.note("gate", who, self.gate.get(who))

    def interrupted(self, who: str) -> None:
        """Out of the private part: how the room is must be said again (FR3, FR4)."""
        if who in self.gate:
            self.gate[who] = "ask"

    def emptied(self, who: str, chosen: set[str]) -> None:
        """How the room is, is asked about again, and the page shows none of what was said of it before."""
        answers = self.answers("A", who)
        if (self.gate.get(who) == "ask" or who in self.left_room) and not chosen.intersection(ANEW):
            before = {name: answers.pop(name) for name in ANEW if name in answers}
            self.room[who] = self.room.get(who, {}) | before

    def as_before(self) -> None:
        """The turn is over: of what was not said anew of the room, what was said last stays."""
        for who, cells in self.room.items():
            self.said["A", who] = cells | self.answers("A", who)
        self.room.clear()

    def weigh(self) -> None:
        """An action that is not due any more is not chosen any more; seen from her second page on."""
        chosen = self.answers("D", CASE).get("v8", {}).get("value", [])
        due = [name for name in self.result()["actions"] if not self.instrument.action(name).get("automatic")]
        if left_over := [name for name in chosen if name not in due]:
            left = [name for name in chosen if name in due]
            self.note("no longer due", left_over)
            self.put("D", CASE, "v8", {"value": left} if left else None)

    # ── what is asked ──

    def answers(self, form: str, who: str) -> dict[str, Cell]:
        return self.said.get((form, who), {})

    def is_asked(self) -> bool:
        """Whether form B is part of the visit: they were willing, or something was answered."""
        if self.visit == "talk":
            return self.mode is not None
        said = any(cells for (form, _), cells in self.said.items() if form == "B")
        return said or self.answers("A", JOINT).get("s9", {}).get("value") in WILLING

    def has_contact(self, who: str) -> bool:
        """To the other parent; it is asked where that parent is not around at all (5.8.17)."""
        return not (self.no_contact.get(who) and self.answers("A", who).get("s5", {}).get("value") == "none")

    def answering(self) -> list[str]:
        """Who answers form B, by the way of answering that was chosen last."""
        if not self.is_asked():
            return []
        if self.mode == "one":
            return [self.the_one()] if self.the_one() else []
        return {"joint": [JOINT], "each": self.parents}.get(self.mode or "", [])

    def left_out_by(self, mode: str | None) -> bool:
        """Whether answers that count now would not, were the questions answered in this way."""
        before = self.mode
        count = {who for who in self.answering() if self.answers("B", who)}
        self.mode = mode
        left = count - set(self.answering())
        self.mode = before
        return bool(left)

    def the_one(self) -> str | None:
        """Who answers where only one does: who has answered, or was chosen, or is there alone."""
        answered = [key for key in self.parents if self.answers("B", key)]
        if answered:
            return self.one if self.one in answered else answered[0]
        taking = self.answers("A", JOINT).get("s2", {}).get("value", [])
        present = [key for key in self.parents if key.replace("parent", "p") in taking]
        alone = next((keys[0] for keys in (present, self.parents) if len(keys) == 1), None)
        return self.one or alone

    def context(self, who: str) -> dict[str, Any]:
        """Under which circumstances somebody is asked."""
        told = self.family.get("t20") or {}
        t20 = any(told.values()) if who in (JOINT, CASE) else bool(told.get(who))
        return {
            "visit": self.visit, "mode": self.mode or "joint", "respondent": who, "alone": self.is_alone(who),
            "requested": who in self.requested, "now": self.now, "parents": self.parents,
            "prior": {
                "t20": t20,
                "agreement": bool(self.family.get("agreement")),
                "couple_block": bool(self.family.get("couple_block")),
            },
        }  # fmt: skip

    def is_alone(self, who: str) -> bool:
        """Known to be alone now, or it was answered while she was (5.8.12, 5.8.13)."""
        return self.gate.get(who) == "open" or "k5" in self.answers("B", who)

    def asked(self, form: str, who: str) -> set[str]:
        """What is asked of somebody by the answers as they stand now. Not for form D."""
        found = set(asking.enabled(self.instrument, form, self.answers(form, who), self.context(who)))
        if form != "A":
            return found
        if who != JOINT:
            return found & set(AROUND)
        if self.visit == "talk":
            return found & set(TALK)
        if all(parent in self.gate for parent in self.parents):
            found -= {PLAN}  # with each alone, nothing is left to plan
        apart = self.mode != "joint" and (self.is_asked() or "s9" not in self.answers("A", JOINT))
        return found - set(ABOUT_ONE) if apart else found

    def undecided(self) -> list[str]:
        """Grave answers that a change has hidden and about which nobody has been asked (5.8.9)."""
        return [
            f"{who} {name}" for who in self.parents for name in GRAVE
            if self.answers("C", who).get(name, {}).get("value") == "yes"
            and name not in self.asked("C", who) and (who, name) not in self.decided
        ]  # fmt: skip

    # ── what is sent ──

    def responses(self, own: bool = True) -> Responses:
        """Form by form what counts at the end; ``own``: with the visitor's part."""
        given = [("A", JOINT), *(("A", who) for who in self.parents if ("A", who) in self.said)]
        given += [
            ("B", who) for who in self.answering()
            if (who == JOINT or ("B", who) in self.said) and self.has_contact(who)
        ]  # fmt: skip
        given += [("C", who) for who in self.parents if ("C", who) in self.said]
        found = [self.response(form, who, self.asked(form, who)) for form, who in given]
        if own and ("D", CASE) in self.said:
            found.append(self.response("D", CASE, self.asked_of_her(found)))
        return found

    def response(self, form: str, who: str, asked: set[str]) -> dict[str, Any]:
        cells = self.answers(form, who)
        left = {name: cell for name, cell in cells.items() if name in asked or cell.get("kept")}
        return {"form": form, "respondent": who, "answers": copy.deepcopy(left)}

    def asked_of_her(self, found: Responses) -> set[str]:
        """What form D asks: the suggestion opens some of it."""
        everything = {"form": "D", "respondent": CASE, "answers": self.answers("D", CASE)}
        result = self.result([*found, everything])
        around = self.context(CASE) | {name: result[name] for name in ("level", "flags", "badge", "blocks")}
        return set(asking.enabled(self.instrument, "D", self.answers("D", CASE), around))

    def result(self, responses: Responses | None = None) -> dict[str, Any]:
        """What Python's evaluation makes of it."""
        responses = self.responses() if responses is None else responses
        mode = self.mode or "one" if any(one["form"] == "B" for one in responses) else NOT_HELD
        return evaluation.judged(self.instrument, responses, self.context(CASE) | {"mode": mode})

    def left_out(self, responses: Responses) -> list[str]:
        """What was answered and is hidden at the end."""
        sent = {(one["form"], one["respondent"], name) for one in responses for name in one["answers"]}
        return [f"{who} {name}" for (form, who), cells in self.said.items() for name in cells
                if (form, who, name) not in sent]  # fmt: skip


def shown(responses: Responses) -> dict[tuple[str, str], tuple[str, bool, bool]]:
    """What the lead's page must show: (subject, link id) -> (value, declined, kept)."""
    confidants = {one["respondent"] for one in responses if one["form"] == "C"}
    alone = confidants.pop() if len(confidants) == 1 else CASE
    return {
        (subject(one["form"], one["respondent"], name, alone), name): words(cell)
        for one in responses
        for name, cell in one["answers"].items()
    }


def subject(form: str, who: str, link_id: str, alone: str) -> str:
    """Whose an answer is (5.8.18); ``alone``: to whom v5b was told."""
    asked = CASE if who == JOINT else who
    if form == "A":
        return asked if link_id in AROUND else CASE if link_id == "s10" else "child"
    return alone if link_id == "v5b" else asked


def words(cell: Cell) -> tuple[str, bool, bool]:
    """An answer as the marks of the lead's page carry it."""
    value = cell.get("value")
    plain = " ".join(value) if isinstance(value, list) else value or ""
    return plain, "declined" in cell or value in ("na", ["na"]), "kept" in cell


def kept(responses: Responses) -> Iterable[str]:
    """The answers that are there although their question is closed."""
    return [f"{one['respondent']} {name}" for one in responses for name, cell in one["answers"].items()
            if cell.get("kept")]  # fmt: skip
