"""What a tablet seals of an invented visit: the forms as they were answered, and what follows from them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from screening.demo.assessment import actions, judgement
from screening.demo.visits import Visit, forms
from screening.evaluation import enabled, judged
from screening.instrument import Instrument
from screening.store import new_id, utc

LENGTH = timedelta(minutes=50)


@dataclass
class Before:
    """What a tablet knows of a family before a visit: who its parents are, and what the caseload says."""

    parents: list[str] = field(default_factory=lambda: ["parent1", "parent2"])
    t20: dict[str, bool] = field(default_factory=dict)
    agreement: bool = False
    couple_block: bool = False
    completes: str | None = None
    replaces: str | None = None


def payload(
    published: Instrument, family: str, visit: Visit, at: datetime, known: Before | None = None, id: str | None = None
) -> dict[str, Any]:
    """A finished visit as a tablet makes it; closed questions are taken out, what follows is judged."""
    known = known or Before()
    prior = {"t20": any(known.t20.values()), "agreement": known.agreement, "couple_block": known.couple_block}
    mode = "each" if visit.visit == "talk" else visit.mode
    parents = [visit.household] if visit.household else known.parents
    around = {"visit": visit.visit, "mode": mode, "prior": prior, "parents": parents}
    responses: list[dict[str, Any]] = []
    *asked, (_, _, own) = forms(visit)
    for form, respondent, answers in asked:
        context = around | {"respondent": respondent, "alone": respondent in visit.alone}
        if form == "C":
            context["prior"] = prior | {"t20": known.t20.get(respondent, False)}
        responses.append(response(published, form, respondent, answers, context, at))
    found = judged(published, responses, around)
    own = judgement(own, found, at)
    context = around | {name: found[name] for name in ("level", "flags", "badge", "blocks")}
    found = judged(published, [*responses, response(published, "D", "case", own, context, at)], around)
    responses.append(response(published, "D", "case", own | actions(published, found), context, at))
    return {
        "schema": 1,
        "encounter": id or new_id(at),
        "family": family,
        "visit": visit.visit,
        "instrument": published.version,
        "mode": mode,
        "replaces": known.replaces,
        "completes": known.completes,
        "started_at": utc(at - LENGTH),
        "finished_at": utc(at),
        "release": "demo",
        "responses": responses,
        "count": sum(len(one["answers"]) for one in responses),
        "result": found,
        "revealed": {"at": utc(at), "v1": own["v1"]},
    } | ({"household": visit.household} if visit.household else {})


def response(
    published: Instrument, form: str, respondent: str, answers: dict[str, Any], context: dict[str, Any], at: datetime
) -> dict[str, Any]:
    """One form of one respondent: each question is answered, skipped or was never shown."""
    given = {name: {"value": value} for name, value in answers.items()}
    shown = enabled(published, form, given, context)
    asked = [item.link_id for item in published.items(form, context["visit"]) if item.type != "display"]
    kept = {name: given[name] for name in asked if name in given and name in shown}
    silent = {name: "skipped" if name in shown else "hidden" for name in asked if name not in kept}
    return {"form": form, "respondent": respondent, "authored_at": utc(at), "answers": kept, "unanswered": silent}
