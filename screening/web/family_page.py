"""What a family's page shows of a visit: from the middle floor's answers to columns, rows and sentences.

Nothing is decided and nothing is read here; what was said alone comes in only when it was opened.
"""

from datetime import datetime, timedelta
from typing import Any

from screening import calendar_days, evaluation
from screening.instrument import Instrument
from screening.store import parse_utc
from screening.web.language import day, language, local_clock, moment, ngettext
from screening.web.language import gettext as _

Row = dict[str, Any]

RESPONDENTS = ("joint", "parent1", "parent2", "case")
PARENTS = ("parent1", "parent2")
# As they are read: what the parents said, what one said alone, the assessment, the frame of the visit.
FORMS = "BCDA"
NOT_SEEN = "x"
# A clock that is a little fast is not worth a line.
CLOCK_OFF = timedelta(minutes=10)


def name_of(respondent: str) -> str:
    """A respondent or subject as staff say it; nobody is called mother or father."""
    return {
        "joint": _("Sammen"),
        "parent1": _("Forælder 1"),
        "parent2": _("Forælder 2"),
        "case": _("Sundhedsplejersken"),
        "child": _("Barnet"),
    }[respondent]


def visit_title(visit: str) -> str:
    return {"2m": _("2-måneders-besøg"), "8m": _("8-måneders-besøg"), "talk": _("Samtale")}[visit]


def initials(family: Row) -> str:
    """The child's initials, as the review list shows them; several children are joined."""
    return " + ".join(
        "".join(part[0] + "." for part in (words[0], words[-1])[: len(words)])
        for words in (child["name"].split() for child in family["children"])
    )


def age(family: Row, now: datetime) -> str:
    birth = max(calendar_days.date.fromisoformat(child["birth"]) for child in family["children"])
    return calendar_days.age(birth, calendar_days.day(now), language())


def span(since: str, now: datetime) -> str:
    return calendar_days.span(now - parse_utc(since), language())


def unclear(result: Row) -> bool:
    return result["badge"] != "clarified"


# ── the visit that is looked at ──


def seen(visit: Row, earlier: Row | None, own: Instrument, opened: list[Row], before: list[Row], now: datetime) -> Row:
    """Everything about one visit. ``opened``: answers; ``earlier`` and ``before``: the 2-month visit and its."""
    result = visit["result"]
    change = changed(own, earlier, visit) if earlier else None
    return {
        "id": visit["id"],
        "title": visit_title(visit["visit"]),
        "visitor": visit["by"],
        "ended_at": visit["ended_at"],
        "clock": wrong_clock(visit),
        "since_visit": span(visit["ended_at"], now),
        "since_received": span(visit["received_at"], now),
        "final": visit["standing"],
        "suggested": result["level"],
        "unclear": unclear(result),
        "tags": tags(visit, change),
        "why_title": why(own, visit["standing"]),
        "reasons": [reason | {"rule": rule_of(reason["id"])} for reason in visit["reasons"]],
        "judgement": judgement(visit, opened),
        "indexes": indexes(own, result),
        "unknown": unknown(visit, earlier, change, opened),
        "change": change if change and change["people"] else None,
        "forms": [made for key in FORMS if (made := form(own, key, visit, opened, before))],
    }


def wrong_clock(visit: Row) -> str | None:
    """What the tablet's clock said at the end of the visit, where that was so wrong that it is not used."""
    off = parse_utc(visit["finished_at"]) - parse_utc(visit["ended_at"])
    return visit["finished_at"] if abs(off) > CLOCK_OFF else None


def why(own: Instrument, level: int | None) -> str:
    if level is None:
        return _("Hvorfor niveauet ikke er kendt")
    return _("Derfor %(level)s") % {"level": own.level_word(level, language()).lower()}


def rule_of(reason: str) -> str:
    """A rule's number, shown after its words; other reasons have none."""
    return reason if reason[0] in "RM" and reason[1:].isdigit() else ""


def tags(visit: Row, change: Row | None) -> list[str]:
    """What is worth knowing beside the level, shortest first words."""
    result = visit["result"]
    said = [safety_tag(result)]
    if result["discrepant"]:
        said.append(_("Meget forskellige svar"))
    if change and any(one["moved"] == "worse" for one in change["people"]):
        said.append(_("Forværret"))
    if result["preliminary"] and result["level"] is not None:
        said.append(_("Foreløbigt"))
    if visit["decided"]:
        said.append(_("Rettet efter afgørelse"))
    if visit["twice"]:
        said.append(_("To besøg af samme slags"))
    if visit["state"] != "current":
        said.append(_("Rettet siden"))
    return said


def safety_tag(result: Row) -> str:
    if list(result["safety"].values()).count("clarified") == 1 < len(result["safety"]):
        return _("Tryghed: afklaret for den ene")
    return {
        "clarified": _("Tryghed: afklaret"),
        "partly": _("Tryghed: delvis afklaret"),
        "declined": _("Tryghed: ønskede ikke at svare"),
        "not_clarified": _("Tryghed: ikke afklaret"),
    }[result["badge"]]


def judgement(visit: Row, opened: list[Row]) -> Row | None:
    """The visitor's own level and, where it is another than the suggestion, why; None without one."""
    if visit["own"] is None:
        return None
    level = None if visit["own"] == NOT_SEEN else int(visit["own"])
    reason = next((one["value"] for one in opened if one["link_id"] == "v6"), None)
    return {"level": level, "reason": reason}


def indexes(own: Instrument, result: Row) -> list[Row]:
    """Each respondent's index, with the level it and the minimum rules give."""
    rows = zip(result["respondents"], result["index"], result["klevels"], strict=True)
    return [{"name": name_of(who), "index": index, "level": level} for who, index, level in rows if index is not None]


def unknown(visit: Row, earlier: Row | None, change: Row | None, opened: list[Row]) -> list[str]:
    """What nobody knows yet, in sentences: not asked is not no."""
    result, found = visit["result"], []
    sentences = {
        "not_clarified": _("%(name)s er ikke spurgt alene."),
        "partly": _("%(name)s har kun svaret på noget af det, der spørges om alene."),
        "declined": _("%(name)s ønskede ikke at svare, da der blev spurgt alene."),
    }
    for parent, status in result["safety"].items():
        if status in sentences:
            found.append(sentences[status] % {"name": name_of(parent)})
    thin = [who for who, index in zip(result["respondents"], result["index"], strict=True) if index is None]
    found += [_("%(name)s: for få svar til et indeks.") % {"name": name_of(who)} for who in thin]
    if not result["respondents"]:
        found.append(_("Ingen har svaret på spørgsmålene om samspil."))
    if visit["own"] is None:
        found.append(_("Sundhedsplejersken har ikke skrevet sin vurdering."))
    unseen = sum(one["form"] == "D" and one["value"] == NOT_SEEN and one["link_id"] != "v1" for one in opened)
    if unseen:
        found.append(
            ngettext("%(num)s observation er ikke vurderet.", "%(num)s observationer er ikke vurderet.", unseen)
            % {"num": unseen}
        )
    if earlier and not (change and change["people"]):
        found.append(_("Kan ikke sammenlignes med 2 måneder, for der blev ikke svaret på samme måde."))
    return found


# ── from two to eight months ──


def changed(own: Instrument, earlier: Row, later: Row) -> Row:
    """How each respondent moved, domain by domain; only who answered in the same way both times."""
    before, after = earlier["result"], later["result"]
    words = {"worse": _("værre"), "better": _("bedre"), "unchanged": _("uændret")}
    people = []
    for who in RESPONDENTS[:3]:
        moved = evaluation.change(own, before, after, who)
        if moved in words:
            first, second = before["respondents"].index(who), after["respondents"].index(who)
            index = f"{shown(before['index'][first])} → {shown(after['index'][second])}"
            people.append({"who": who, "name": name_of(who), "moved": moved, "word": words[moved], "index": index,
                           "before": before["profile"][first], "after": after["profile"][second]})  # fmt: skip
    return {"people": people, "rows": [domain_row(one, people) for one in own.rules["domains"]]}


def domain_row(domain: Row, people: list[Row]) -> Row:
    key = domain["id"]
    return {"name": domain[language()], "cells": [means(one["before"][key], one["after"][key]) for one in people]}


def means(before: float | None, after: float | None) -> Row:
    return {"before": before, "after": after, "words": f"{decimal(before)} → {decimal(after)}"}


def decimal(number: float | None) -> str:
    if number is None:
        return "–"
    return f"{number:.1f}".replace(".", "," if language() == "da" else ".")


def shown(index: int | None) -> str:
    return "–" if index is None else str(index)


# ── answers ──


def form(own: Instrument, key: str, visit: Row, opened: list[Row], before: list[Row]) -> Row | None:
    """One form as a table: a question a row, a respondent a column; None when nothing of it may be shown."""
    answers = [one for one in opened if one["form"] == key]
    if not answers:
        return None
    columns = [who for who in RESPONDENTS if any(one["respondent"] == who for one in answers)]
    earlier = {(one["respondent"], one["link_id"]): one for one in before if one["form"] == key}
    cells = {(one["respondent"], one["link_id"]): cell(own, one, earlier) for one in answers}
    texts = {one["link_id"]: one["text"] for one in answers}
    titles = {
        "A": _("Om besøget"),
        "B": _("Svar om samspillet"),
        "C": _("Fortalt alene"),
        "D": _("Set og vurderet efter besøget"),
    }
    return {
        "key": key,
        "title": titles[key],
        "legend": _("2 md. → 8 md.") if any(one and one["before"] is not None for one in cells.values()) else "",
        "private": key == "C",
        "columns": [column(key, who, visit) for who in columns],
        "rows": [
            {"link_id": name, "text": text, "cells": [cells.get((who, name)) for who in columns]}
            for name, text in texts.items()
        ],
    }


def column(key: str, who: str, visit: Row) -> Row:
    if key == "D" or who == "case":
        return {"name": visit["by"], "note": ""}
    notes = {"joint": _("svarede sammen"), "parent1": _("svarede selv"), "parent2": _("svarede selv")}
    if key == "A":
        return {"name": name_of(who), "note": _("noteret af %(visitor)s") % {"visitor": visit["by"]}}
    return {"name": _("Begge") if who == "joint" else name_of(who), "note": notes[who]}


def cell(own: Instrument, answer: Row, earlier: dict[tuple[str, str], Row]) -> Row:
    """One answer: its words, its raw value as the marks of the page carry it, and its score then and now."""
    value = answer["value"]
    then = earlier.get((answer["respondent"], answer["link_id"]))
    return {
        "subject": answer["subject"],
        "value": " ".join(value) if isinstance(value, list) else (value or ""),
        "shown": day(value) if answer["type"] == "date" and value else "; ".join(answer["shown"]),
        "declined": answer["declined"],
        "kept": answer["kept"],
        "score": score(own, answer),
        "before": score(own, then) if then else None,
    }


def score(own: Instrument, answer: Row) -> int | None:
    value = answer["value"]
    return own.scores.get(answer["link_id"], {}).get(value) if isinstance(value, str) else None


# ── what has happened and what is to come ──


def course(visits: list[Row], decided: list[Row], here: str | None) -> list[Row]:
    """Visits and decisions, newest first."""
    rows = [
        {"at": one["ended_at"], "kind": "visit", "title": visit_title(one["visit"]),
         "when": moment(one["ended_at"]),
         "level": one["result"]["final"], "unclear": unclear(one["result"]), "lines": visit_lines(one),
         "encounter": one["id"], "here": one["id"] == here}
        for one in visits
    ] + [
        {"at": one["decided_at"], "kind": "decision", "title": decision_title(one), "when": moment(one["decided_at"]),
         "lines": decision_lines(one), "decision": one["id"], "here": False}
        for one in decided
    ]  # fmt: skip
    return sorted(rows, key=lambda row: row["at"], reverse=True)


def visit_lines(visit: Row) -> list[str]:
    lines = [visit["by"]]
    if visit["state"] != "current":
        lines.append(_("Rettet siden"))
    lines += [reason["headline"] + "." for reason in visit["reasons"][:1]]
    return lines


def decision_title(decided: Row) -> str:
    titles = {"agree": _("Afgørelse: enig"), "change": _("Afgørelse: niveau ændret"), "plan": _("Afgørelse: plan")}
    return titles[decided["decision"]]


def decision_lines(decided: Row) -> list[str]:
    """Who decided, and what was written."""
    lines = [decided["by"]]
    if decided["awaits_second"]:
        lines.append(_("Venter på, at en teamleder mere er enig."))
    return [*lines, *(text for text in (decided["reason"], decided["note"]) if text)]


def ahead(family: Row, names: dict[str, str]) -> list[Row]:
    """Open tasks and due visits, the next first."""
    rows = [
        {"at": one["due"], "kind": "ahead", "title": one["text"][language()], "when": f"{_('frist')} {day(one['due'])}",
         "lines": [names.get(one["responsible"], "")], "task": one["id"]}
        for one in family["tasks"]
    ] + [
        {"at": (one["planned"] or one["closes"])[:10], "kind": "ahead", "title": visit_title(one["visit"]),
         "when": planned(one), "lines": []}
        for one in family["visits"] if one["state"] == "open"
    ]  # fmt: skip
    return sorted(rows, key=lambda row: row["at"])


def planned(visit: Row) -> str:
    """When a visit is agreed, else until when it is in time."""
    if visit["planned"]:
        return f"{day(visit['planned'][:10])} {local_clock(visit['planned'][11:16])}"
    return f"{day(visit['opens'])} – {day(visit['closes'])}"
