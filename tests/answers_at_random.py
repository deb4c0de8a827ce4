"""Random visits by a seed, drawn so that every rule fires somewhere and every question is now and then skipped."""

from collections.abc import Iterator
from itertools import combinations, pairwise
from random import Random
from typing import Any

from screening.evaluation import RESPONDENTS
from screening.instrument import Instrument, Item

K = [f"k{number}" for number in range(1, 11)]
T = [f"t{number}" for number in range(1, 21)]
CASE = {"observations": [f"o{number}" for number in range(1, 9)], "assessment": ["v1", "v2"]}
VISITS = ("2m", "8m", "talk")


def visit(instrument: Instrument, rng: Random) -> dict[str, Any]:
    """One visit in the plain form of the worked examples."""
    made = {"persons": [person(instrument, rng) for _ in range(rng.choice((0, 1, 1, 2, 2, 3)))]}
    for name, link_ids in CASE.items():
        if rng.random() < 0.7:
            made[name] = answers(instrument, rng, link_ids, rng.choice((0.5, 1)))
    return made


def calm(instrument: Instrument, rng: Random, serious: int) -> dict[str, Any]:
    """A visit of one or two people with nothing serious but so many answers; some questions are skipped."""
    made = {"persons": [{"mode": rng.choice(("each", "joint", "one"))} for _ in range(rng.choice((1, 2)))]}
    questions = list(asked(made))
    for said, name in questions:
        if rng.random() < 0.9:
            said[name] = plain(instrument, name, instrument.order(name)[0])
    for said, name in rng.sample(questions, serious):
        said[name] = plain(instrument, name, rng.choice(instrument.order(name)[1:]))
    return made


def plain(instrument: Instrument, name: str, code: str) -> Any:
    """A code as a plain visit holds it."""
    if instrument.item(name).type == "multi":
        return [code]
    return int(code) if name in K else code


def person(instrument: Instrument, rng: Random) -> dict[str, Any]:
    said = answers(instrument, rng, K, rng.choice((0.5, 0.8, 1)))
    made = {
        "mode": rng.choice(("each", "joint", "one")),
        "k": {name: code if code in ("na", None) else int(code) for name, code in said.items()},
    }
    if rng.random() < 0.8:
        made["t"] = answers(instrument, rng, T, rng.choice((0.3, 0.8, 1)))
    if rng.random() < 0.2:
        made["kept"] = rng.sample(K + T, rng.randint(0, 5))
    return made


def answers(instrument: Instrument, rng: Random, link_ids: list[str], share: float) -> dict[str, Any]:
    """Answers to some of the questions; a mild person answers mostly what is least serious."""
    mild = rng.random()
    made = {name: drawn(instrument, rng, instrument.item(name), mild) for name in link_ids if rng.random() < share}
    return {name: rng.choice((None, "na")) if rng.random() < 0.05 else said for name, said in made.items()}


def drawn(instrument: Instrument, rng: Random, item: Item, mild: float) -> Any:
    codes, least = sorted(item.codes()), instrument.order(item.link_id)[:1]
    if rng.random() < mild:
        return least if item.type == "multi" else least[0]
    if item.type == "multi":
        return sorted(rng.sample(codes, rng.choice((0, 1, 1, 1, 2, 3))))
    return rng.choice(codes)


def judged(instrument: Instrument, rng: Random) -> dict[str, Any]:
    """Responses and context as a payload holds them; also answers that should not be there."""
    responses = []
    for form, share in (("A", 1), ("B", 0.8), ("C", 0.6), ("D", 0.7)):
        for who in RESPONDENTS if form in "BC" else ("case",):
            if rng.random() < share:
                responses.append({"form": form, "respondent": who, "answers": cells(instrument, rng, form)})
    rng.shuffle(responses)
    return {"responses": responses, "context": context(rng)}


def context(rng: Random) -> dict[str, Any]:
    """What is known around a visit, and for form D what was judged."""
    made = {
        "visit": rng.choice(VISITS),
        "mode": rng.choice(("each", "joint", "one", "none")),
        "prior": {name: rng.random() < 0.5 for name in ("t20", "agreement", "couple_block", "no_show", "notification")},
    }
    for name in ("alone", "requested", "now"):
        if rng.random() < 0.5:
            made[name] = rng.random() < 0.5
    if rng.random() < 0.3:
        made["parents"] = rng.choice((["parent1"], ["parent2"], ["parent1", "parent2"], []))
    return made


def cells(instrument: Instrument, rng: Random, form: str) -> dict[str, Any]:
    """A form's answers as the tablet keeps them."""
    share, mild, made = rng.choice((0.3, 0.8, 1)), rng.random(), {}
    for item in instrument.items(form):
        if item.type == "display" or rng.random() > share:
            continue
        if item.type in ("choice", "multi"):
            made[item.link_id] = {"value": drawn(instrument, rng, item, mild)}
        elif item.type == "boolean":
            made[item.link_id] = {"value": rng.choice(("true", "false"))}
        else:
            made[item.link_id] = rng.choice(({"value": "x"}, {"value": ""}, {"declined": True}))
        if rng.random() < 0.1:
            made[item.link_id]["kept"] = True
    return made


def opening(instrument: Instrument, rng: Random) -> dict[str, Any]:
    """One form half filled in, with what is known around it."""
    form = rng.choice("ABCD")
    around = context(rng) | {"respondent": "case" if form in "AD" else rng.choice(RESPONDENTS)}
    if rng.random() < 0.7:
        rules = rng.sample([rule["id"] for rule in instrument.rules["rules"]], 2)
        around |= {
            "level": rng.choice((None, 0, 1, 2, 3)),
            "flags": {rule: rng.randint(0, 3) for rule in rules},
            "badge": rng.choice(("not_clarified", "declined", "partly", "clarified")),
            "blocks": rng.choice(([], ["R09"])),
        }
    return {"form": form, "answers": cells(instrument, rng, form), "context": around}


def cases(instrument: Instrument, seed: int, visits: int, others: int) -> dict[str, list[Any]]:
    """So many plain visits and so many of each other kind, always the same for a seed."""
    rng = Random(seed)  # noqa: S311 - the same seed must give the same visits
    return {
        "visits": [visit(instrument, rng) for _ in range(visits)],
        "judged": [judged(instrument, rng) for _ in range(others)],
        "opening": [opening(instrument, rng) for _ in range(others)],
        "gates": [{"answers": cells(instrument, rng, "A")} for _ in range(others)],
    }


def asked(visit: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Every question of a plain visit, as the object its answer stands in and its name."""
    for person in visit["persons"]:
        for key, link_ids in (("k", K), ("t", T)):
            yield from ((person.setdefault(key, {}), name) for name in link_ids)
    for key, link_ids in CASE.items():
        yield from ((visit.setdefault(key, {}), name) for name in link_ids)


def worse(instrument: Instrument, name: str) -> list[tuple[Any, Any]]:
    """An answer and one that is worse (domain 5.8.20): the next in order; of several, one exchanged or one more."""
    order = instrument.order(name)
    steps = [(plain(instrument, name, code), plain(instrument, name, later)) for code, later in pairwise(order)]
    if instrument.item(name).type == "multi":
        steps += [([code], [code, later]) for code, later in combinations(order, 2)]
    return steps
