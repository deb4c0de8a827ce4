"""Whole ways: a visit tapped from today's list to its end, and the lead's page compared with what was tapped.

What the lead must see is worked out here from the taps alone: whose each answer is by the domain guide (5.8.18), what
follows from them by the Python evaluation and by what `screening evaluate` prints.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from screening import evaluation
from screening.instrument import Instrument, load
from tests.browser.lists import ask
from tests.browser.tablet import Tablet, act, screen
from tests.browser.visit import ACTIONS, ONWARD, OWN_PART, STEPS, Tapping, begin, finish, unfold

DECLINE = "to be declined"
# Typed as a visitor types: quotes, signs that HTML takes for its own, a second line, letters beyond Latin 1.
NOTE = 'Hun siger: "Vi griner & græder" <her>\nLinje to – Çelik, 5 € 🙂'
PARENTS = ("parent1", "parent2")
# In form A these are asked about whoever is asked; together they are the case's, as are all answers given together.
ABOUT_RESPONDENT = {"s3", "s4", "s5", "s6", "s7"}
TOGETHER = ABOUT_RESPONDENT | {"s10"}
PURPOSE = "supervision"
SAFETY = {
    "clarified": "Tryghed: afklaret", "partly": "Tryghed: delvis afklaret",
    "declined": "Tryghed: ønskede ikke at svare", "not_clarified": "Tryghed: ikke afklaret",
}  # fmt: skip
FOR_ONE = "Tryghed: afklaret for den ene"

# Alone with a parent, so that everything may be asked; and what she says when there is nothing to tell.
ALONE = {"s3": ["none"], "s5": "away", "s6": "true", "s7": "clinic"}
SAFE = {"t1": "0", "t2": "no", "t3": "no", "t4": "no", "t5": "no", "t6": "ok", "t7": "no", "t8": ["no"], "t9": "no"}
FOLLOWED = {
    "t18": "no", "t10": ["partner"], "t11": "no", "t12": "no", "t13": "no", "t14": "no", "t15": "no", "t16": "no",
    "t17": "no", "t19": ["talk", "info"], "c1": "00 00 00 99", "c2": "Efter kl. 10", "c3": "no", "c4": "oral",
}  # fmt: skip
OTHERS = {"k10": "1", "k11": "maybe", "p1": "one", "p2": "try", "f1": "some", "f2": ["work", "ill"]}

# Resolves when the server has read an envelope, at the latest after a minute; gives the state then.
OPENED = """async (id) => {
  const vault = await import("/static/visitor/vault.js");
  const state = async () => {
    const [found] = (await vault.outbox()).filter((one) => one.id === id);
    return [found?.state, found?.reason].filter(Boolean).join(" ");
  };
  const late = new Promise((done) => setTimeout(done, 60_000, "late"));
  for (;;) {
    const now = await state();
    if (/^(opened|quarantined)/.test(now)) return now;
    const news = new Promise((done) => document.addEventListener("sync", done, { once: true }));
    if ((await Promise.race([news, late])) === "late") return `${await state()}, a minute later`;
  }
}"""
PULL = "async () => (await import('/static/visitor/sync.js')).pull()"
# What can be answered and pressed now.
STATE = """() => {
  const all = (selector) => [...document.querySelectorAll(selector)].filter((node) => node.getClientRects().length);
  const isFree = (node) => !node.disabled && node.getAttribute("aria-disabled") !== "true";
  const kind = (field) => field.querySelector("textarea") ? "text"
    : field.querySelector("input[type=text], input[type=date]") ? "typed" : "choice";
  const one = (field) => ({ kind: kind(field), first: field.querySelector("input")?.value,
    checked: [...field.querySelectorAll("input:checked")].map(({ value }) => value) });
  const { screen, respondent } = document.body.dataset;
  return {
    who: screen === "assessment" ? "case" : respondent ?? "joint",
    fields: Object.fromEntries(all("fieldset[data-link-id]").map((field) => [field.dataset.linkId, one(field)])),
    actions: all("[data-action]").filter(isFree).map(({ dataset }) => dataset.action),
    choices: all("[data-action][aria-pressed=false]").map(({ dataset }) => dataset.action),
    end: all("[data-form=end]").length > 0,
  };
}"""
SHOWN = """all => all.map((one) => [one.dataset.subject, one.dataset.linkId, one.dataset.value,
  "declined" in one.dataset])"""

Log = dict[tuple[str, str], Any]


def scored(*values: int | str | None, joint: bool = False) -> dict[str, Any]:
    """k1 to k9 in order, without k5 when answered together; None is skipped. And the questions around them."""
    names = [f"k{number}" for number in range(1, 10) if not (joint and number == 5)]
    given = {name: str(value) for name, value in zip(names, values, strict=True) if value is not None}
    return given | OTHERS


class Taps(Tapping):
    """A visit's taps, also those that decline or answer again. ``kept`` are hidden answers she took along.

    What stands on the page is asked in one go, because a whole way has some hundred questions.
    """

    def __init__(self, *given: Any, **more: Any):
        super().__init__(*given, **more)
        self.hidden: set[tuple[str, str]] = set()
        self.kept: set[tuple[str, str]] = set()

    def state(self) -> dict[str, Any]:
        """who is asked, fields by link id, actions that can be pressed, and whether this is the page after the talk."""
        return self.page.evaluate(STATE)

    def step(self) -> None:
        """Answer what is on the page now, also what that opens, and go on."""
        here = self.answer_all()
        if f"mode-{self.mode}" in here["choices"]:
            act(self.page, f"mode-{self.mode}")
            here = self.answer_all()
        forward = next((action for action in (*ONWARD, "skip") if action in here["actions"]), None)
        if here["end"]:
            unfold(self.page)
        if forward:
            act(self.page, forward)
        if forward == "reveal":
            expect(self.page.locator("[data-suggested]")).to_be_visible()
        if here["end"]:
            screen(self.page, "assessment")
            self.page.locator("[data-form='D']").wait_for()

    def answer_all(self) -> dict[str, Any]:
        """Answer what stands on the page, and what that opens; gives what is there then."""
        while True:
            here = self.state()
            given = OWN_PART | self.answers["case"] if here["who"] == "case" else self.answers.get(here["who"], {})
            link_id = next((one for one in here["fields"] if self.is_due(one, here, given)), None)
            if link_id is None:
                return here
            self.put(here["who"], link_id, here["fields"][link_id], given.get(link_id))

    def is_due(self, link_id: str, here: dict[str, Any], given: dict[str, Any]) -> bool:
        has = link_id in given or link_id == ACTIONS or here["fields"][link_id]["kind"] == "text"
        return has and (here["who"], link_id) not in self.log

    def put(self, who: str, link_id: str, there: dict[str, Any], wanted: Any) -> None:
        """Answer one question, and see that the screen says it is kept."""
        field = self.page.locator(f"fieldset[data-link-id='{link_id}']")
        if wanted == DECLINE:
            act(self.page, "decline")
            wanted = "" if there["kind"] == "text" else "na"
        elif there["kind"] != "choice":
            wanted = self.text if there["kind"] == "text" else wanted
            field.locator("textarea, input").fill(wanted)
        else:
            wanted = self.actions(there) if link_id == ACTIONS else wanted
            for code in wanted if isinstance(wanted, list) else [wanted]:
                if code not in there["checked"]:
                    field.locator(f"input[value='{code}']").check(force=True)
        self.log[who, link_id] = wanted
        expect(self.page.locator("[data-saved='yes']")).to_be_attached(timeout=10_000)

    def actions(self, there: dict[str, Any]) -> list[str]:
        """Those that were chosen before and are due still, or else the first: which there are depends on the rest."""
        known = [option.code for option in load().item(ACTIONS).options]
        return sorted(there["checked"] or [there["first"]], key=known.index)

    def again(self, answers: dict[str, Any]) -> None:
        """Answer what is on the page otherwise than before, and what that opens."""
        who = self.state()["who"]
        self.answers[who] |= answers
        for link_id in answers:
            self.log.pop((who, link_id), None)
        self.answer_all()

    def to(self, selector: str) -> None:
        """Go on, answering, until this is on the page."""
        for _ in range(STEPS):
            if self.page.locator(f"{selector}:visible").count():
                return
            self.step()
        raise AssertionError(f"{selector} never came; tapped {self.log}")

    def turn(self, parent: str) -> None:
        """One parent's turn, from where it is given to where it ends."""
        self.give(parent)
        self.to("[data-turns]")

    def not_today(self, parent: str) -> None:
        """One parent's turn, without the private part that is open to her."""
        self.give(parent)
        self.to("[data-action='later']")
        act(self.page, "later")

    def give(self, parent: str) -> None:
        self.to("[data-turns]")
        act(self.page, f"respondent-{parent[-1]}")

    def end(self) -> None:
        """To the page after the talk."""
        self.to("[data-form='end'] .overview")

    def answered(self) -> Log:
        """What was tapped and stands at the end."""
        return {key: value for key, value in self.log.items() if key not in self.hidden}


@dataclass
class Visit:
    """A visit under way or finished: ``parents`` are those it is about, ``now`` whether the Nu card was opened."""

    id: str
    family: str
    kind: str
    parents: list[str]
    taps: Taps
    prior: dict[str, bool] = field(default_factory=dict)

    def mode(self) -> str:
        asked = {who for who, link_id in self.taps.answered() if form_of(link_id) == "B"}
        return self.taps.mode if asked else "none"


def form_of(link_id: str) -> str:
    return load().item(link_id).form


# ── what the lead must see ──


def owned(log: Log) -> dict[tuple[str, str], str]:
    """Every answer by (subject, link id) as the lead's page marks it."""
    told = sorted({who for who, link_id in log if form_of(link_id) == "C"})
    confidant = told[0] if len(told) == 1 else "case"
    return {(owner(who, link_id, confidant), link_id): as_shown(value) for (who, link_id), value in log.items()}


def owner(who: str, link_id: str, confidant: str) -> str:
    """Whose an answer is (domain guide 5.8.18)."""
    if link_id == "v5b":
        return confidant
    if who in PARENTS:
        return who
    if form_of(link_id) == "A" and link_id not in TOGETHER:
        return "child"
    return "case"


def as_shown(value: Any) -> str:
    return " ".join(value) if isinstance(value, list) else str(value)


def is_private(link_id: str) -> bool:
    return link_id == "v5b" or form_of(link_id) == "C"


def judged(instrument: Instrument, visit: Visit) -> dict[str, Any]:
    """What the Python evaluation makes of all that was tapped, also of what a change has hidden."""
    responses: dict[tuple[str, str], dict[str, Any]] = {}
    for (who, link_id), value in visit.taps.log.items():
        cell = {"value": value} if value != "" else {"declined": True}
        kept = {"kept": True} if (who, link_id) in visit.taps.kept else {}
        responses.setdefault((form_of(link_id), who), {})[link_id] = cell | kept
    rows = [{"form": form, "respondent": who, "answers": cells} for (form, who), cells in responses.items()]
    around = {"visit": visit.kind, "mode": visit.mode(), "parents": visit.parents, "prior": visit.prior, "now": False}
    return evaluation.judged(instrument, rows, around)


def evaluated(visit: Visit, folder: Path) -> dict[str, Any]:
    """What `screening evaluate` prints for the same taps."""
    log, mode = visit.taps.log, visit.mode()
    asked = [who for who in ("joint", *PARENTS) if any(one == who and form_of(name) in "BC" for one, name in log)]
    persons = [person(visit, who, "joint" if who == "joint" else "one" if mode == "one" else "each") for who in asked]
    own = {name: value for (who, name), value in log.items() if who == "case"}
    plain = {
        "persons": persons,
        "observations": {name: own[name] for name in own if name.startswith("o")},
        "assessment": {name: own[name] for name in ("v1", "v2") if name in own},
    }
    file = folder / f"{visit.id}.json"
    file.write_text(json.dumps(plain), encoding="utf-8")
    return json.loads(evaluation.main_evaluate(file))


def person(visit: Visit, who: str, mode: str) -> dict[str, Any]:
    own = {name: value for (one, name), value in visit.taps.log.items() if one == who}
    scores = {name: value if value == "na" else int(value) for name, value in own.items() if is_scored(name)}
    told = {name: value for name, value in own.items() if name.startswith("t")}
    return {"mode": mode, "k": scores, "t": told, "kept": [name for one, name in visit.taps.kept if one == who]}


def is_scored(link_id: str) -> bool:
    return link_id in {f"k{number}" for number in range(1, 11)}


# ── the way there ──


class Ways:
    """One visitor's tablet and one lead's page for all visits of a module. ``used``: families somebody has had."""

    def __init__(self, tablet: Tablet, lead: Page, folder: Path):
        self.tablet, self.page, self.lead, self.folder = tablet, tablet.page, lead, folder
        self.instrument = load()
        self.used: set[str] = set()

    # families

    def caseload(self) -> list[dict[str, Any]]:
        return ask(self.page, "caseload")["families"]

    def row(self, family: str) -> dict[str, Any]:
        """A family as the list knows it after a synchronisation."""
        self.page.evaluate(PULL)
        return next(one for one in self.caseload() if one["id"] == family)

    def take(self, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """A family that nobody has had, by what the tablet's list says of it."""
        free = [one for one in self.caseload() if one["id"] not in self.used and fits(one)]
        assert free, "the demo has no such family left"
        self.used.add(free[0]["id"])
        return free[0]

    def today(self) -> None:
        """Today's list, wherever the last test ended."""
        if not self.page.locator("body[data-screen='today']").count():
            act(self.page, "back")
        screen(self.page, "today")

    def open(self, family: str) -> None:
        """The family's page, found by the child's name."""
        self.today()
        row = next(one for one in self.caseload() if one["id"] == family)
        self.page.fill("[name=search]", row["children"][0]["name"])
        self.page.locator(f"[data-found] [data-family='{family}']").click()
        screen(self.page, "family")

    # a visit

    def start(self, row: dict[str, Any], kind: str, answers: dict[str, Any], home: str = "", **more: Any) -> Visit:
        """Begin a visit of this kind, outside its time too, in the home of one of two parents who live apart."""
        self.open(row["id"])
        if home:
            self.page.locator(f"label:has([name=home][value='{home}'])").click()
            expect(self.page.locator("[data-parents]")).to_be_visible()
        chosen = self.page.locator(f"[name=type][value='{kind}']")
        if chosen.count():
            chosen.check(force=True)
        begin(self.page)
        return self.begun(row, kind, answers, home, **more)

    def begun(self, row: dict[str, Any], kind: str, answers: dict[str, Any], home: str = "", **more: Any) -> Visit:
        """What has just been begun on the tablet; ``more`` as Tapping takes it."""
        expect(self.page.locator("[data-saved='yes']")).to_be_attached()
        draft = next(one for one in ask(self.page, "drafts") if one["family"] == row["id"])
        assert draft["visit"] == kind
        given = {who: dict(own) for who, own in answers.items()}
        parents = [home] if home else [one["key"] for one in row["parents"]]
        prior = {"t20": any(row["t20"].values()), "agreement": row["agreement"], "couple_block": row["couple_block"]}
        return Visit(draft["id"], row["id"], kind, parents, Taps(self.page, given, NOTE, **more), prior)

    def finish(self, visit: Visit) -> None:
        """From the page after the talk to the server."""
        visit.taps.until("finish")
        finish(self.page)
        self.is_opened(visit.id)

    def is_opened(self, id: str) -> None:
        state = self.page.evaluate(OPENED, id)
        assert state == "opened", state

    # the lead's page

    def compare(self, visit: Visit, final: int | None = None) -> dict[str, Any]:
        """The lead reads every answer as it was tapped and nothing else, with what follows; gives that.

        What was said alone stands there only after a purpose was given, one person's at a time.
        """
        wanted = owned(visit.taps.answered())
        open_ones = {key: value for key, value in wanted.items() if not is_private(key[1])}
        found = self.read(visit.family, visit.id)
        assert found == open_ones, different(found, open_ones)
        closed = self.lead.locator("section.private input[name=subject]")
        subjects = closed.evaluate_all("all => all.map((one) => one.value)")
        assert sorted(subjects) == sorted({subject for subject, link_id in wanted if is_private(link_id)})
        result = self.follows(visit, final)
        for subject in subjects:
            self.give_purpose(subject)
            own = {key: wanted[key] for key in wanted if is_private(key[1]) and key[0] == subject}
            seen = self.shown()
            assert seen == open_ones | own, different(seen, open_ones | own)
            found |= own
            self.lead.goto(self.address(visit.family, visit.id))
        assert found == wanted
        return result

    def address(self, family: str, visit: str) -> str:
        return f"{self.tablet.demo.url}/lead/families/{family}?visit={visit}"

    def read(self, family: str, visit: str) -> dict[tuple[str, str], str]:
        self.lead.goto(self.address(family, visit))
        expect(self.lead.locator("[data-suggested]")).to_be_attached()
        return self.shown()

    def shown(self) -> dict[tuple[str, str], str]:
        """Every answer on the lead's page; each stands there once, and what was declined says so."""
        rows = self.lead.locator("[data-link-id][data-value]").evaluate_all(SHOWN)
        found = {(subject, link_id): value for subject, link_id, value, _ in rows}
        assert len(found) == len(rows)
        said = [(value, declined) for _, link_id, value, declined in rows if form_of(link_id) in "BC"]
        assert all(declined == (value in ("", "na")) for value, declined in said)
        return found

    def give_purpose(self, subject: str) -> None:
        form = self.lead.locator(f"section.private[aria-labelledby='private-{subject}'] form")
        form.locator("[name=purpose]").select_option(PURPOSE)
        with self.lead.expect_navigation():
            form.locator("button[type=submit]").click()
        if self.lead.locator("[name=code]").count():  # she signed in long ago
            self.lead.locator("[name=code]").fill(self.tablet.demo.code(self.tablet.demo.somebody("lead")))
            with self.lead.expect_navigation():
                self.lead.locator("form:has([name=code]) button[type=submit]").click()
        expect(self.lead.locator("h1", has_text="·")).to_be_visible()
        expect(self.lead.locator(f"#private-{subject}")).to_have_count(0)

    def follows(self, visit: Visit, final: int | None) -> dict[str, Any]:
        """Level, rules, index and safety on the lead's page are those that both evaluations give."""
        result, printed = judged(self.instrument, visit), evaluated(visit, self.folder)
        assert printed == {name: result[name] for name in printed}
        level = self.lead.locator("[data-suggested]").first
        expect(level).to_have_attribute("data-suggested", shown_level(result["level"]))
        expect(level).to_have_attribute("data-final", shown_level(result["final"] if final is None else final))
        assert self.each("[data-reason]", "one.dataset.reason") == result["reasons"]
        self.has_badge(result["safety"])
        return result

    def has_badge(self, safety: dict[str, str]) -> None:
        """The safety badge is the worst of the parents' (5.8.6)."""
        worst = min(safety.values(), key=tuple(reversed(SAFETY)).index)
        one_of = list(safety.values()).count("clarified") == 1 < len(safety)
        assert self.tags()[0] == (FOR_ONE if one_of else SAFETY[worst])

    def tags(self) -> list[str]:
        """The words beside the level."""
        return self.each(".headline > .tag", "one.textContent")

    def each(self, selector: str, what: str) -> list[str]:
        return self.lead.locator(selector).evaluate_all(f"all => all.map((one) => {what})")

    def reviews(self, family: str) -> list[str]:
        """The levels of a family's visits on the lead's list."""
        self.lead.goto(self.tablet.demo.url + "/lead/")
        rows = self.lead.locator("[data-review][data-level]", has=self.lead.locator(f"a[href*='{family}']"))
        return [level for level in rows.evaluate_all("all => all.map((one) => one.dataset.level)") if level]

    def linked(self) -> Iterable[str]:
        return self.each("[data-linked]", "one.dataset.linked")


def different(found: dict[Any, Any], wanted: dict[Any, Any]) -> dict[Any, Any]:
    """By key, what was found and what was wanted where they are not the same; None for nothing."""
    keys = {**found, **wanted}
    return {key: (found.get(key), wanted.get(key)) for key in keys if found.get(key) != wanted.get(key)}


def shown_level(level: int | None) -> str:
    return "" if level is None else str(level)


def open_now(row: dict[str, Any], kind: str = "2m") -> bool:
    """Both parents live together, and this visit has not been made."""
    is_open = any(one["visit"] == kind and one["state"] == "open" for one in row["visits"])
    return is_open and len(row["parents"]) == 2 and not row["separated"] and not row["provisional"]
