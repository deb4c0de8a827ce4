"""What a family's page shows of a visit: from the middle floor's answers to columns, rows and sentences.

Nothing is decided and nothing is read here; what was said alone comes in only when it was opened.
"""

from datetime import datetime, timedelta
from typing import Any

from screening import calendar_days, comparison, names
from screening.instrument import Instrument
from screening.store import parse_utc
from screening.web.language import clock, day, day_year, language, moment, ngettext
from screening.web.language import gettext as _

Row = dict[str, Any]

RESPONDENTS = ("joint", "parent1", "parent2", "case")
PARENTS = ("parent1", "parent2")
# As they are read: what the parents said, what one said alone, the assessment, the frame of the visit.
FORMS = "BCDA"
NOT_SEEN = "x"
NUMBER, WHEN_TO_CALL = "c1", "c2"
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
    """The child's initials, as the review list shows them; those of twins are joined."""
    return " + ".join(names.initials(child["name"]) for child in names.subjects(family["children"]))


def age(family: Row, now: datetime) -> str:
    birth = max(calendar_days.date.fromisoformat(child["birth"]) for child in family["children"])
    return calendar_days.age(birth, calendar_days.day(now), language())


def span(since: str, now: datetime) -> str:
    return calendar_days.span(now - parse_utc(since), language())


def unclear(result: Row) -> bool:
    return result["badge"] != "clarified"


# ── the visit that is looked at ──


def seen(visit: Row, own: Instrument, opened: list[Row], around: Row, now: datetime) -> Row:
    """Everything about one visit. ``opened``: its answers; ``around``: what stands beside it, from ``lead.around``."""
    result = visit["result"]
    change = changed(own, around["changes"])
    return {
        "id": visit["id"],
        "title": title(visit),
        "visitor": visit["by"],
        "ended_at": visit["ended_at"],
        "clock": wrong_clock(visit),
        "since_visit": span(visit["ended_at"], now),
        "since_received": span(visit["received_at"], now),
        "final": visit["standing"],
        "suggested": result["level"],
        "unclear": unclear(result),
        "tags": tags(visit, around["changes"]),
        "facts": facts(visit, around),
        "others": [key for key, one in around["another"].items() if one["id"] == visit["id"]],
        "why_title": why(own, visit["standing"]),
        "reasons": [reason | {"rule": rule_of(reason["id"])} for reason in visit["reasons"]],
        "judgement": judgement(own, visit, opened),
        "notification": around["notification"],
        "indexes": indexes(own, result),
        "unknown": unknown(visit, around, opened),
        "change": change if change["people"] else None,
        "linked": around["linked"],
        "corrections": corrections(visit, around["before_correction"], opened),
        "forms": [made for key in FORMS if (made := form(own, key, visit, opened, around["before"]))],
    }


def title(visit: Row) -> str:
    """What a visit is called: its kind, whose home it was, and whether it is only the beginning of one."""
    name = visit_title(visit["visit"])
    if home := visit.get("household"):
        name = _("%(visit)s hos %(name)s") % {"visit": name, "name": name_of(home).lower()}
    return _("%(visit)s, foreløbigt") % {"visit": name} if visit.get("preliminary") else name


def facts(visit: Row, around: Row) -> list[str]:
    """How the visit was held and kept, in sentences; what stands on the page by itself is left out."""
    found = []
    if visit.get("preliminary"):
        found.append(_("Sendt under besøget. Sundhedsplejersken har ikke skrevet sin del endnu."))
    if visit["replaces"]:
        said = _("Rettet %(moment)s. Den første udgave er gemt.")
        found.append(said % {"moment": moment(visit.get("written_at") or visit["finished_at"])})
    if visit.get("now"):
        found.append(_("Nu-kortet blev åbnet under besøget."))
    if visit.get("not_noted"):
        found.append(_("Ønskes ikke noteret: den frie tekst må ikke føres over i journalen."))
    if visit.get("unsure"):
        found.append(_("En pårørende tolkede. Bestil en tolk til næste gang."))
    found += [unread(one) for one in visit.get("left_out") or ()]
    if around["couple_block"]:
        said = _(
            "Foreslå ikke fælles samtaler eller parforløb. Det gælder fra %(day)s,"
            " til en fagperson har vurderet det forsvarligt for hver af forældrene."
        )
        found.append(said % {"day": day_year(around["couple_block"])})
    said = _("%(name)s er en anden person end ved besøget %(day)s.")
    found += [
        said % {"name": name_of(key), "day": day_year(parse_utc(one["ended_at"]))}
        for key, one in around["another"].items()
    ]
    if around["persistent"]:
        found.append(_("Orange eller rød både ved 2 og ved 8 måneder."))
    return found


def unread(one: Row) -> str:
    """An answer that was left out of a visit because it could not be read."""
    said = _("Et svar kunne ikke læses ind og tæller ikke med: %(question)s")
    return said % {"question": one["question"]} + (f" (“{one['came']}”)" if one["came"] else "")


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


def tags(visit: Row, changes: list[Row]) -> list[str]:
    """What is worth knowing beside the level, shortest first words."""
    result = visit["result"]
    said = [safety_tag(result)]
    if result["discrepant"]:
        said.append(_("Meget forskellige svar"))
    if any(one["change"] == "worse" for one in changes):
        said.append(_("Forværret"))
    if any(one["new_flag"] for one in changes):
        said.append(_("Nyt siden 2 måneder"))
    if visit.get("preliminary") or (result["preliminary"] and result["level"] is not None):
        said.append(_("Foreløbigt"))
    if visit["decided"]:
        begun = visit["decided"].get("preliminary")
        said.append(_("Gjort færdigt efter afgørelse") if begun else _("Rettet efter afgørelse"))
    if visit.get("unsure"):
        said.append(_("Tolket af en pårørende"))
    if visit.get("not_noted"):
        said.append(_("Ønskes ikke noteret"))
    if visit["twice"]:
        said.append(_("To besøg af samme slags"))
    if visit["state"] != "current":
        said.append(gone(visit))
    return said


def gone(visit: Row) -> str:
    """What has become of a visit that another one stands for now."""
    return _("Gjort færdigt siden") if visit.get("preliminary") else _("Rettet siden")


def safety_tag(result: Row) -> str:
    if list(result["safety"].values()).count("clarified") == 1 < len(result["safety"]):
        return _("Tryghed: afklaret for den ene")
    return {
        "clarified": _("Tryghed: afklaret"),
        "partly": _("Tryghed: delvis afklaret"),
        "declined": _("Tryghed: ønskede ikke at svare"),
        "not_clarified": _("Tryghed: ikke afklaret"),
    }[result["badge"]]


def judgement(own: Instrument, visit: Row, opened: list[Row]) -> Row | None:
    """The visitor's own level and, where it is another than the suggestion, why; None without one.

    ``before``: what she had judged before the suggestion was shown to her (FR18), with its time.
    """
    if visit["own"] is None:
        return None
    reason = next((one["value"] for one in opened if one["link_id"] == "v6"), None)
    return {"level": level_of(visit["own"]), "reason": reason, "before": before_reveal(own, visit.get("revealed"))}


def before_reveal(own: Instrument, revealed: Row | None) -> str | None:
    if not revealed:
        return None
    level = level_of(revealed["v1"])
    word = _("Kan ikke vurderes endnu") if level is None else own.level_word(level, language())
    said = _("Egen vurdering før forslaget: %(level)s kl. %(clock)s")
    return said % {"level": word, "clock": clock(revealed["at"])}


def level_of(code: str) -> int | None:
    return None if code == NOT_SEEN else int(code)


def indexes(own: Instrument, result: Row) -> list[Row]:
    """Each respondent's index, with the level it and the minimum rules give."""
    rows = zip(result["respondents"], result["index"], result["klevels"], strict=True)
    return [{"name": name_of(who), "index": index, "level": level} for who, index, level in rows if index is not None]


def unknown(visit: Row, around: Row, opened: list[Row]) -> list[str]:
    """What nobody knows yet, in sentences: not asked is not no."""
    result = visit["result"]
    return [
        *not_asked_alone(result),
        *not_enough(visit, result),
        *not_visited(around["not_visited"]),
        *not_assessed(visit, opened),
        *not_compared(around["changes"], around["first"]),
    ]


def not_asked_alone(result: Row) -> list[str]:
    sentences = {
        "not_clarified": _("%(name)s er ikke spurgt alene."),
        "partly": _("%(name)s har kun svaret på noget af det, der spørges om alene."),
        "declined": _("%(name)s ønskede ikke at svare, da der blev spurgt alene."),
    }
    return [
        sentences[status] % {"name": name_of(parent)}
        for parent, status in result["safety"].items()
        if status in sentences
    ]


def not_enough(visit: Row, result: Row) -> list[str]:
    """Who answered too little to be scored, was not asked at all, or whose answers went through a relative."""
    irrelevant, unsure = visit.get("irrelevant") or [], visit.get("unsure") or []
    found = [
        _("%(name)s: der er ikke kontakt, så der er ikke spurgt om samspil.") % {"name": name_of(who)}
        for who in irrelevant
    ]
    some = comparison.answered(result)
    thin = [
        who for who, index in zip(result["respondents"], result["index"], strict=True) if index is None and who in some
    ]
    found += [
        _("%(name)s: for få svar til et indeks.") % {"name": name_of(who)} for who in thin if who not in irrelevant
    ]
    if not some:
        found.append(_("Ingen har svaret på spørgsmålene om samspil."))
    said = _("%(name)s: en pårørende tolkede, så svarene om samspil er usikre.")
    return found + [said % {"name": name_of(who)} for who in unsure]


def not_visited(parents: list[str]) -> list[str]:
    """Parents with a home of their own to whom no such visit was made."""
    said = _("%(name)s har sit eget hjem. Der er ikke holdt besøg der.")
    return [said % {"name": name_of(parent)} for parent in parents]


def not_assessed(visit: Row, opened: list[Row]) -> list[str]:
    if visit["own"] is None:
        return [_("Sundhedsplejersken har ikke skrevet sin vurdering.")]
    unseen = sum(one["form"] == "D" and one["value"] == NOT_SEEN and one["link_id"] != "v1" for one in opened)
    said = ngettext("%(num)s observation er ikke vurderet.", "%(num)s observationer er ikke vurderet.", unseen)
    return [said % {"num": unseen}] if unseen else []


def not_compared(changes: list[Row], first: bool) -> list[str]:
    """Who cannot be compared with 2 months; ``first``: there is a visit from then."""
    apart = [one["respondent"] for one in changes if one["change"] == "not_comparable"]
    another = [one["respondent"] for one in changes if one["another"]]
    if first and len(apart) == len(changes) and not another:
        return [_("Kan ikke sammenlignes med 2 måneder, for der blev ikke svaret på samme måde.")]
    if "joint" in another:
        return [_("Kan ikke sammenlignes med 2 måneder, for den ene forælder er en anden person.")]
    said = _("%(name)s kan ikke sammenlignes med 2 måneder.")
    other = _("%(name)s kan ikke sammenlignes med 2 måneder, for det er en anden person.")
    return [(other if who in another else said) % {"name": name_of(who)} for who in apart]


# ── from two to eight months ──


def changed(own: Instrument, changes: list[Row]) -> Row:
    """How each respondent moved, domain by domain; only who answered in the same way both times."""
    words = {"worse": _("værre"), "better": _("bedre"), "unchanged": _("uændret")}
    people = []
    for one in changes:
        if one["change"] in words:
            who, before, after = one["respondent"], one["before"], one["after"]
            first, second = before["respondents"].index(who), after["respondents"].index(who)
            index = f"{shown(before['index'][first])} → {shown(after['index'][second])}"
            people.append({"who": who, "name": name_of(who), "moved": one["change"], "word": words[one["change"]],
                           "new": one["new_flag"], "index": index, "before": before["profile"][first],
                           "after": after["profile"][second]})  # fmt: skip
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
    times = {one["respondent"]: one["authored_at"] for one in answers}
    columns = [who for who in RESPONDENTS if who in times]
    earlier = {(one["respondent"], one["link_id"]): one for one in before if one["form"] == key}
    cells = {(one["respondent"], one["link_id"]): cell(own, one, earlier) for one in answers}
    texts = time_first(own, {one["link_id"]: one["text"] for one in answers})
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
        "columns": [column(key, who, visit, times[who]) for who in columns],
        "rows": [
            {"link_id": name, "text": text, "cells": [cells.get((who, name)) for who in columns]}
            for name, text in texts.items()
        ],
    }


def time_first(own: Instrument, texts: dict[str, str]) -> dict[str, str]:
    """The questions of a form by name; before a number to call always stands the time when that is safe (FR15)."""
    found = {}
    for name, text in texts.items():
        if name == NUMBER:
            found[WHEN_TO_CALL] = own.item(WHEN_TO_CALL).text[language()]
        found[name] = text
    return found


def column(key: str, who: str, visit: Row, at: str) -> Row:
    """Who answered and how. What was noted of the room has its time: it is asked again before a parent is alone."""
    if key == "D" or who == "case":
        return {"name": visit["by"], "note": ""}
    notes = {"joint": _("svarede sammen"), "parent1": _("svarede selv"), "parent2": _("svarede selv")}
    if key == "A":
        said = _("noteret af %(visitor)s kl. %(clock)s")
        return {"name": name_of(who), "note": said % {"visitor": visit["by"], "clock": clock(at)}}
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


# ── what a correction has changed ──


def corrections(visit: Row, before: list[Row], opened: list[Row]) -> list[Row]:
    """Question by question what a visit says otherwise than the one whose place it took; only what may be shown.

    ``before``: the answers of that visit. Of a preliminary visit only what was said otherwise, not what was added.
    """
    if not before:
        return []
    then, now = ({(one["form"], one["respondent"], one["link_id"]): one for one in rows} for rows in (before, opened))
    added = set(now) - set(then) if visit["replaces"] else set()
    keys = [
        key
        for key in {**then, **now}
        if key in added or (key in then and words_of(then[key]) != words_of(now.get(key)))
    ]
    return [
        {
            "name": name_of(key[1]),
            "text": (now.get(key) or then[key])["text"],
            "before": words_of(then.get(key)),
            "after": words_of(now.get(key)),
        }
        for key in keys
    ]


def words_of(answer: Row | None) -> str:
    return "; ".join(answer["shown"]) if answer else ""
