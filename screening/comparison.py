"""How a family's conflict has moved from the visit at 2 months to the one at 8, for each who answered both times.

Compared is only the same respondent who answered in the same way; answers given together only with such. Another person
in a parent's place is another respondent, and with her the couple is another. A talk that completes a visit belongs to
it. Source: domain guide 5.5.6 and 5.8.7.
"""

from typing import Any

from screening import evaluation, flags, instrument, parents

# A family that has this level or a higher one both times is always a lead's (5.5.6).
HIGH = 2

Visit = dict[str, Any]
Change = dict[str, Any]


def of_visit(past: list[Visit], later: Visit) -> list[Change]:
    """How each who answered at an 8-month visit stands to 2 months; empty where nothing is known from then.

    ``past`` as ``families.encounters``, ``later`` one of them. A change has respondent, visit (8m), change (better,
    worse, unchanged, not_comparable), persistent (orange or red both times), new_flag (a rule fired for her or for the
    visit that did not, or lower, at 2 months; then it is never better), another (who answered at 2 months was another
    person), before and after (the results of which each is made, None when there is none), and from_level, the level at
    2 months.
    """
    if later["visit"] != "8m":
        return []
    first, now = at_two_months(past, later), flags.together(past, later)
    if not first:
        return []
    before, after = highest(first), highest(now)
    persistent = min(-1 if level is None else level for level in (before, after)) >= HIGH
    return [
        one_change(first, now, later, who) | {"visit": "8m", "persistent": persistent, "from_level": before}
        for who in evaluation.RESPONDENTS
        if result_of(hers(now, later, who), who)
    ]


def at_two_months(past: list[Visit], later: Visit) -> list[Visit]:
    """The finished visits at 2 months with their talks, newest first; not those to the other parent's home (FR24)."""
    own = [
        one for one in past
        if one["visit"] == "2m" and not one["known"].get("preliminary")
        and not flags.other_home(one["known"], later["known"])
    ]  # fmt: skip
    ids = {one["id"] for visit in own for one in flags.together(past, visit)}
    return [one for one in past if one["id"] in ids]


def one_change(first: list[Visit], now: list[Visit], later: Visit, who: str) -> Change:
    before, after = (result_of(hers(visits, later, who), who) for visits in (first, now))
    moved, new = "not_comparable", is_new(first, now, later, who)
    if before and after:
        moved = evaluation.change(instrument.load(now[0]["instrument"]), before, after, who)
    change = "worse" if moved == "better" and new else moved
    another = before is None and result_of(first, who) is not None
    return {"respondent": who, "change": change, "new_flag": new, "another": another, "before": before, "after": after}


def others(one: Visit, later: Visit) -> set[str]:
    """The respondents who were other people at one visit than at another."""
    return parents.others(one["parents"], later["parents"])


def hers(visits: list[Visit], later: Visit, who: str) -> list[Visit]:
    """The visits at which a respondent was the same as at a later one."""
    return [one for one in visits if who not in others(one, later)]


def result_of(visits: list[Visit], who: str) -> dict[str, Any] | None:
    """The result in which somebody answered form B: the newest visit's; a talk's where she answered only then."""
    results = [one["known"]["result"] for one in sorted(visits, key=lambda one: one["visit"] == "talk")]
    return next((one for one in results if who in answered(one)), None)


def answered(result: dict[str, Any]) -> list[str]:
    """Who answered anything of form B: a parent may have been asked alone only, and answered the rest together."""
    domains = zip(result["respondents"], result["profile"], strict=True)
    return [who for who, own in domains if any(mean is not None for mean in own.values())]


def is_new(first: list[Visit], now: list[Visit], later: Visit, who: str) -> bool:
    """Whether a rule fires for somebody, or for the visit, that was absent or lower at 2 months."""
    then = floors(first, later, who)
    return any(floor > then.get(rule, -1) for rule, floor in floors(now, later, who).items())


def floors(visits: list[Visit], later: Visit, who: str) -> dict[str, int]:
    """Rule -> floor of what fired for somebody or for the visit; answered together that is everybody's.

    Only for those who were the same people as at ``later``.
    """
    everybody = {who, "case", *(evaluation.PARENTS if who == "joint" else ())}
    found: dict[str, int] = {}
    for one in visits:
        result, whom = one["known"]["result"], everybody - others(one, later)
        for rule, floor in result["flags"].items():
            if whom & set(result["whose"].get(rule, ())):
                found[rule] = max(floor, found.get(rule, floor))
    return found


def highest(visits: list[Visit]) -> int | None:
    """The highest final level of a visit and its talks."""
    return max((one["known"]["result"]["final"] for one in visits if one["known"]["result"]["final"] is not None),
               default=None)  # fmt: skip


def reasons(past: list[Visit], later: Visit) -> list[str]:
    """Why a visit needs a lead because of what was at 2 months: worse, persistent; or nothing (domain guide 7.1)."""
    changes = of_visit(past, later)
    true = {
        "worse": any(one["change"] == "worse" for one in changes),
        "persistent": any(one["persistent"] for one in changes),
    }
    return [name for name, holds in true.items() if holds]


def for_tablet(past: list[Visit]) -> list[Change]:
    """What a tablet may know of it: respondent, visit, change, persistent, new_flag; no answer, no level.

    Of each home the newest finished visit at 8 months.
    """
    newest: dict[str | None, Visit] = {}
    for one in past:
        if one["visit"] == "8m" and not one["known"].get("preliminary"):
            newest.setdefault(one["known"].get("household"), one)
    shown = ("respondent", "visit", "change", "persistent", "new_flag")
    return [{name: change[name] for name in shown} for one in newest.values() for change in of_visit(past, one)]
