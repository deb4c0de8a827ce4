"""The visitor's own part of an invented visit: what she writes once she knows what the answers suggest."""

from datetime import datetime, timedelta
from typing import Any

from screening import calendar_days
from screening.demo.visits import Answers
from screening.instrument import Instrument

NEXT_STEP = timedelta(days=14)
# What stands there where a story says nothing, by level: seen and heard, thought, agreed.
TEXTS = (
    ("De taler roligt sammen, mens barnet bliver vejet.", "Almindelige uenigheder.", ""),
    ("De fortæller om korte nætter og skænderier om, hvem der gør hvad.", "Belastet, men de taler om det.",
     "De aftaler et pauseord og en aften om ugen til at tale færdigt."),
    ("De fortæller om højlydte skænderier. Stemningen er anspændt.", "Højt konfliktniveau. Barnet mærker det.",
     "De vil høre mere om det forløb, vi har for forældre."),
    ("En af dem fortæller noget alvorligt.", "Meget alvorligt. Jeg handler i dag.", "Jeg kommer igen i denne uge."),
)  # fmt: skip
WHY_LOWER = "De har fortalt om en hård måned, som er ovre. De taler godt sammen nu."
WHY_HIGHER = "Der er mere på spil, end svarene viser. De undgår at se på hinanden."


def judgement(answers: Answers, found: dict[str, Any], at: datetime) -> Answers:
    """The assessment as it is written: level, texts, who was told, next contact.

    ``answers`` win; ``found`` is what was judged of the other forms. Questions that are not asked fall out later.
    """
    own, reason = level(answers["v1"], found)
    said = texts(own, found) | answers | {"v1": own}
    if reason:
        said = {"v6": reason} | said
    due = (calendar_days.day(at) + NEXT_STEP).isoformat()
    return {"v7": told(found), "v9": due} | said


def level(own: str, found: dict[str, Any]) -> tuple[str, str]:
    """The visitor's level with her reason where it is another than the suggested one."""
    suggested = found["level"]
    if own not in ("", "+", "-"):
        return own, ""
    if suggested is None:
        return "x", ""
    if own == "-" and suggested > (found["floor"] or 0):
        return str(suggested - 1), WHY_LOWER
    if own == "+" and suggested < 2:
        return str(suggested + 1), WHY_HIGHER
    return str(suggested), ""


def texts(own: str, found: dict[str, Any]) -> Answers:
    """What is written where a story says nothing; only about answers that there are."""
    if own == "x":
        return {}
    seen, thought, agreed = TEXTS[max(int(own), found["floor"] or 0)]
    private = any(name.startswith("parent") for names in found["whose"].values() for name in names)
    said = {"v3": seen, "v4": thought, "v5b" if private and own > "1" else "v5a": agreed}
    harmed = found["floor"] == 3
    return {name: text for name, text in said.items() if text} | ({"v2": "yes"} if harmed else {})


def told(found: dict[str, Any]) -> str:
    """Who knows of the visitor's concern."""
    if "R01" in found["flags"] or "R03" in found["flags"]:
        return "unsafe"
    return "one" if found["blocks"] else "both"


def actions(published: Instrument, found: dict[str, Any]) -> Answers:
    """The actions of the guide that follow from the whole visit, in its order; the visitor chooses them all."""
    steps = [option.code for option in published.item("v8").options if option.code in found["actions"]]
    return {"v8": steps} if steps else {}
