"""One random visit: what is answered, changed, skipped, declined, covered, reloaded, and at last finished."""

from datetime import date, timedelta
from random import Random
from typing import Any

from screening.instrument import Instrument
from tests.walks.tablet import Hand
from tests.walks.taps import CASE, JOINT, Log, Responses

STEPS = 600  # more pages than any visit needs, also with many changes of mind
WHOLE = 40  # more pages than a private part has: back to how the room is
TEXTS = (
    "Vi griner sammen hver dag", "Hun sagde: \"det går nok\" & smilede <b>lidt</b>", "to\nlinjer", "  indrykket  ",
    "Æblegrød, ø og å 👶🏽", "{{ 7 * 7 }} %s", "   ",
)  # fmt: skip
LINES = ("20 12 34 56", "efter kl. 10, ikke i weekenden", 'O\'Neill – "kun" sms')
FIRST_PAGE = {*(f"o{number}" for number in range(1, 9)), "v1"}
BASE = [f"t{number}" for number in range(1, 10)]
PLAN = ["s7"]  # on a page of its own after the talk; the room was said before
LEAVING = {"turns": 0.01, "stop": 0.06}  # to each of them; the tablet goes back
COVERS = ("escape", "back", "cover")
# A room in which a parent can be asked alone (FR1).
ROOM = {"s1": ("home", "clinic"), "s3": (["none"], ["interp"]), "s4": ("pro", "remote"),
        "s5": ("away", "nohear", "none"), "s6": ("true",)}  # fmt: skip
PREFERRED = {"s9": ("yes", "yes", "yes", "part", "no", "later", "notasked"), "s8": ("true",)}

View = dict[str, Any]


class Walk:
    """A visit to one family. `log` holds its taps, `id` its number, `preliminary` what was sent before the end."""

    def __init__(self, hand: Hand, instrument: Instrument, rng: Random):
        self.hand, self.instrument, self.rng = hand, instrument, rng
        self.log: Log | None = None
        self.id = ""
        self.faults: list[str] = []
        self.preliminary: list[tuple[str, Responses]] = []
        self.changes = rng.choice((0, 1, 2, 3))
        self.rethinks = rng.choice((0, 1, 1, 2, 3))  # of a whole private part
        self.covers = rng.choice((0, 0, 1, 2))
        self.reloads = int(rng.random() < 0.25)
        self.thorough = False
        self.again: str | None = None  # what is answered over: soft, hard, any
        self.mild: dict[str, float] = {}
        self.alone: dict[str, bool] = {}
        self.back = 0
        self.turns = rng.choice((1, 2, 2, 3))

    def is_so(self, chance: float) -> bool:
        return self.rng.random() < chance

    def so_far(self) -> str:
        """Every tap until now."""
        return " | ".join(self.log.taps) if self.log else "none"

    # ── to the visit ──

    def begin(self, family: dict[str, Any]) -> None:
        """From today's list to the first page of a visit of a random kind."""
        self.family = family
        self.hand.find(family["children"][0]["name"])
        self.hand.press("open", more=f"[data-family='{family['id']}']", wait=True)
        view, household = self.home(self.hand.look(), family)
        actions = [one["action"] for one in view["actions"]]
        if "start" not in actions or self.is_so(0.12):
            self.hand.press("own-part", wait=True)
            if any(one["action"] == "talk" for one in self.hand.look()["actions"]):
                self.hand.press("talk", wait=True)
                return self.begun("talk", household)
            self.hand.press("back", wait=True)
            view = self.hand.look()
        types = [one for one in view["names"] if one["name"] == "type"]
        if types := [one for one in types if one["value"] != "talk"] or types:
            self.hand.choose("type", self.rng.choice(types)["value"])
        self.hand.press("start", wait=True)
        return self.begun(None, household)

    def home(self, view: View, family: dict[str, Any]) -> tuple[View, str | None]:
        """Where parents live apart it is said first whose home it is."""
        if homes := [one["value"] for one in view["names"] if one["name"] == "home"]:
            household = self.rng.choice(homes)
            self.hand.choose("home", household)
            self.hand.page.locator("#screen [data-parents]").wait_for()
            return self.hand.look(), household
        return view, None

    def begun(self, visit: str | None, household: str | None) -> None:
        draft = next(one for one in self.hand.vault("drafts") if one["family"] == self.family["id"])
        self.id, visit = draft["id"], visit or draft["visit"]
        self.log = Log(self.instrument, self.family, visit, household)
        self.log.note("begun", visit, household)

    # ── page by page ──

    def run(self) -> None:
        """Walk until the visit is finished."""
        for _ in range(STEPS):
            view = self.hand.look()
            if view["screen"] == "waiting":
                return
            self.at(view)
        raise AssertionError(f"the walk had no end: {self.log.taps[-12:]}")

    def at(self, view: View) -> None:
        """One page."""
        if view["now"]:
            self.log.note("nu")
            self.log.now = True
            self.left(view)
            return self.hand.press("back", wait=True)
        if view["screen"] in ("visit", "assessment") and self.is_so(0.03) and self.interrupt(view):
            return None
        if view["screen"] == "family" and "resume" not in [one["action"] for one in view["actions"]]:
            return self.hand.press("back", wait=True)  # a talk stands on the list, not on the page that both may see
        if view["screen"] in ("family", "today"):
            more = f"[data-encounter='{self.id}']" if view["screen"] == "today" else ""
            return self.hand.press("resume", more=more, wait=True)
        if view["screen"] == "assessment":
            return self.own_part(view)
        form = view["form"]
        if form in ("C", "told") and self.log.gate.get(view["respondent"]) != "open":
            self.faults.append(f"form C stands open for {view['respondent']}, whose gate is not (FR1)")
        pages = {"hub": self.hub, "told": self.told, "lend": self.lent, "back": self.given_back,
                 "bye": self.bye, "end": self.end}  # fmt: skip
        return pages.get(form, self.questions)(view)

    def interrupt(self, view: View) -> bool:
        """Cover the page and come back, or reload it and unlock; whether that was done."""
        if self.reloads:
            self.reloads -= 1
            self.log.note("reload")
            self.left(view)
            self.hand.reload()
            self.hand.press("resume", more=f"[data-encounter='{self.id}']", wait=True)
            return True
        if not self.covers or "cover" not in [one["action"] for one in view["actions"]]:
            return False
        self.covers -= 1
        by = self.rng.choice(COVERS)
        self.log.note("cover", by)
        self.left(view)
        self.hand.cover(by)
        self.hand.uncover()
        return True

    def left(self, view: View) -> None:
        """The page is left in the middle: out of the private part, the room is asked about again."""
        if view["form"] in ("B", "C", "told", "lend") and view["respondent"] != JOINT:
            self.log.interrupted(view["respondent"])
        if view["form"] == "A" and view["respondent"] and view["items"] != PLAN:
            self.log.left_room.add(view["respondent"])

    def way_back(self, view: View) -> bool:
        """Now and then somebody thinks again: some pages back, where answers are given anew."""
        can = [one["action"] for one in view["actions"]]
        if self.back and "back" in can:
            self.back -= 1
            self.hand.press("back", wait=True)
            return True
        self.back = 0
        if self.changes and self.is_so(0.04) and "back" in can:
            self.changes -= 1
            self.think_again(self.rng.randint(1, 6), self.rng.choice(("soft", "hard", "any")))
        return False

    def think_again(self, pages: int, how: str) -> None:
        self.back, self.again = pages, how
        self.log.note("thinks again", how)

    # ── the pages between the questions ──

    def hub(self, view: View) -> None:
        """Whose turn it is, or nobody's any more."""
        self.log.as_before()
        if self.way_back(view):
            return None
        self.again = None
        turns = [one["action"] for one in view["actions"] if one["action"].startswith("respondent-")]
        if self.turns and turns:
            self.turns -= 1
            action = self.rng.choice(turns)
            self.log.turn("parent" + action[-1])
            return self.hand.press(action, wait=True)
        return self.hand.press("next", wait=True)

    def told(self, view: View) -> None:
        """The end of a private part; here it may be wished to agree on safe contact."""
        who = view["respondent"]
        if self.way_back(view):
            return None
        if self.rethinks and self.is_so(0.8):
            self.rethinks -= 1
            return self.think_again(WHOLE, "soft" if self.again != "soft" else "hard")
        if "contact" in [one["action"] for one in view["actions"]] and self.is_so(0.2):
            self.log.requested.add(who)
            self.log.note("contact", who)
            return self.hand.press("contact", wait=True)
        return self.hand.press("next", wait=True)

    def lent(self, view: View) -> None:
        """A parent is told how she answers by herself."""
        self.hand.press("stop" if self.is_so(0.1) else "open-private", wait=True)

    def given_back(self, view: View) -> None:
        """A parent has answered by herself and gives the tablet back."""
        self.log.note("given back")
        self.log.interrupted(view["respondent"])
        self.hand.press("handed", wait=True)
        self.hand.past_the_code()

    def bye(self, view: View) -> None:
        """The last page that the family may see."""
        if not self.way_back(view):
            self.hand.press("next", wait=True)

    def end(self, view: View) -> None:
        """The end of the talk: hidden answers, what is missing, what cannot wait."""
        self.thorough = True
        if self.way_back(view):
            return None
        if self.hand.unfold():
            view = self.hand.look()
        if "danger" in [one["action"] for one in view["actions"]] and self.is_so(0.8):
            return self.danger(self.is_so(0.5))
        if keeps := [one for one in view["actions"] if one["action"] in ("kept-yes", "kept-no")]:
            one = self.rng.choice(keeps)
            self.log.keep(one["respondent"], one["of"], one["action"] == "kept-yes")
            more = f"[data-respondent='{one['respondent']}'][data-of='{one['of']}']"
            return self.hand.press(one["action"], more=more)
        if missing := self.must():
            return self.hand.press("goto", more=missing, wait=True)
        if "send" in [one["action"] for one in view["actions"]] and not self.preliminary and self.is_so(0.6):
            return self.send()
        if self.is_so(0.05):
            self.log.note("later")
            return self.hand.press("pause", wait=True)
        return self.hand.press("next", wait=True)

    def danger(self, there_was: bool) -> None:
        """Whether there was danger when the Nu card was opened."""
        self.log.note("danger", there_was)
        self.log.now = there_was
        self.hand.press("danger" if there_was else "no-danger")

    def must(self) -> str:
        """A selector of the first row under "Mangler", or nothing."""
        row = "[data-must] [data-action='goto']"
        return ":is([data-must]:not([hidden]) *)" if self.hand.page.locator(f"#screen {row}:visible").count() else ""

    def send(self) -> None:
        """To the lead before the visit is finished."""
        self.log.note("send")
        self.hand.press("send")
        self.hand.page.locator("#screen [data-slot=grave]").wait_for()
        self.hand.page.locator("#screen [data-slot=grave]", has_text="er på vej til lederen").wait_for()
        early = [one for one in self.hand.vault("sent") if one["kind"] == "preliminary"]
        newest = max(early, key=lambda one: one["finishedAt"])
        self.preliminary.append((newest["id"], self.log.responses(own=False)))

    # ── questions ──

    def questions(self, view: View) -> None:
        if view["form"] == "A":
            return self.several(view)
        if self.way_back(view):
            return None
        can = [one["action"] for one in view["actions"]]
        if leaving := [action for action, chance in LEAVING.items() if action in can and self.is_so(chance)]:
            self.log.note(*leaving)
            return self.hand.press(leaving[0], wait=True)
        return self.single(view) if view["fields"] else self.read_aloud(view)

    def read_aloud(self, view: View) -> None:
        """Words before the questions: begun, left to a parent, or put off."""
        can = [one["action"] for one in view["actions"]]
        if "self" in can and self.is_so(0.08):
            self.log.note("self", view["form"], view["respondent"])
            return self.hand.press("self", wait=True)
        if "later" in can and self.is_so(0.05):
            return self.hand.press("later", wait=True)
        return self.hand.press("open-private" if "open-private" in can else "next", wait=True)

    def single(self, view: View) -> None:
        """One question: kept as it was answered, answered, declined or passed over."""
        form, who, [field, *_] = view["form"], view["respondent"], view["fields"]
        can = [one["action"] for one in view["actions"]]
        answered = field["id"] in self.log.answers(form, who)
        if answered and "next" in can and not self.is_again(field["id"]):
            return self.hand.press("next", wait=True)
        if not self.again and self.is_so(0.06) and "skip" in can:
            self.log.put(form, who, field["id"], None)
            return self.hand.press("skip", wait=True)
        if self.is_so(0.05) and "decline" in can:
            self.log.decline(form, who, field["id"])
            return self.hand.press("decline", wait=True)
        self.give(form, who, field)
        after = self.hand.look()
        if after["now"] or after["covered"]:
            return None
        if "next" in [one["action"] for one in after["actions"]]:
            return self.hand.press("next", wait=True)
        self.log.put(form, who, field["id"], None)
        return self.hand.press("skip", wait=True)

    def is_again(self, link_id: str) -> bool:
        """Whether an answered question is answered anew."""
        if self.again == "soft":
            return link_id in BASE
        return self.is_so({"hard": 0.6, "any": 0.4}.get(self.again or "", 0.02))

    def several(self, view: View) -> None:
        """A page of form A: answer by answer, also what that opens; then on."""
        who = view["respondent"] or JOINT
        if self.back and who == JOINT:
            return self.on_from_a(view, who)
        self.back = 0  # whose turn it is goes on from how the room is
        if view["items"] != PLAN:
            self.log.emptied(who, {field["id"] for field in view["fields"] if field["chosen"]})
        for _ in range(4):
            open_now = [one for one in view["fields"] if self.wants(who, one)]
            if not open_now:
                break
            self.give("A", who, *open_now)
            view = self.hand.look()
        return self.on_from_a(view, who)

    def wants(self, who: str, field: dict[str, Any]) -> bool:
        """Whether an answer is given: to what is open, and now and then another one."""
        if field["id"] == "s6" and not field["chosen"]:
            return True
        if field["id"] in self.log.answers("A", who):
            return self.is_so(0.25 if self.again else 0.04)
        return self.thorough or self.is_so(0.95)

    def on_from_a(self, view: View, who: str) -> None:
        if self.back:
            self.back -= 1
            return self.hand.press("back", wait=True)
        view = self.with_mode(view)
        if who != JOINT:
            view = self.with_contact(view, who)
        if "next" not in [one["action"] for one in view["actions"]]:
            self.thorough = True
            return None
        if who != JOINT and view["items"] != PLAN:
            self.log.settle(who)
        return self.hand.press("next", wait=True)

    def with_mode(self, view: View) -> View:
        """How the questions are answered, where that is asked; a later choice may be another one."""
        ways = [one["action"] for one in view["actions"] if one["action"].startswith("mode-")]
        if not ways:
            return view
        taken = next((one for one in view["pressed"] if one.startswith("mode-") and one != "mode-none"), None)
        if taken and not self.is_so(0.05):
            return view
        if self.log.visit == "talk" and not taken and self.is_so(0.6):
            return view
        way = self.rng.choice(ways)
        mode = None if way == "mode-none" else way.removeprefix("mode-")
        left_out = self.log.left_out_by(mode)
        if self.presses(way, left_out):
            self.log.mode = mode
            self.log.note("mode", mode)
        return self.hand.look()

    def presses(self, way: str, left_out: bool) -> bool:
        """A choice after which given answers may not count: the page says so, and it is meant when pressed again."""
        self.hand.press(way)
        if left_out != self.hand.warned():
            self.faults.append(f"{way}: answers left out {left_out}, and the page says {not left_out}")
        if left_out and self.is_so(0.5):
            return False
        if left_out:
            self.hand.press(way)
        return True

    def with_contact(self, view: View, who: str) -> View:
        ways = [one["action"] for one in view["actions"] if one["action"] in ("in-contact", "no-contact")]
        if not ways or not self.is_so(0.5):
            return view
        way = self.rng.choice(ways)
        is_apart = way == "no-contact"
        left_out = is_apart and not self.log.no_contact.get(who) and bool(self.log.answers("B", who))
        if self.presses(way, left_out):
            self.log.no_contact[who] = is_apart
            self.log.note(way, who)
        return self.hand.look()

    # ── her own part ──

    def own_part(self, view: View) -> None:
        """Form D, page by page; at the end whatever is missing is fetched."""
        can = [one["action"] for one in view["actions"]]
        if "reveal" not in can and view["fields"]:
            self.log.weigh()
        if "switch" in can and self.is_so(0.3):
            level = str(self.log.result()["level"])
            self.log.put("D", CASE, "v1", {"value": level})
            self.log.weigh()
            return self.hand.press("switch")
        self.give("D", CASE, *[field for field in view["fields"] if self.wants_own(field)])
        can = [one["action"] for one in self.hand.look()["actions"]]
        if "danger" in can and not {"danger", "no-danger"}.intersection(view["pressed"]):
            return self.danger(self.is_so(0.5))
        if "finish" in can:
            if self.changes and self.is_so(0.2):
                self.changes -= 1
                return self.hand.press("back", wait=True)
            return self.finish()
        if "goto" in can and (row := self.must()):
            self.thorough = True
            return self.hand.press("goto", more=row, wait=True)
        if self.changes and "back" in can and self.is_so(0.06):
            self.changes -= 1
            return self.hand.press("back", wait=True)
        # Without a reason the way on from the suggestion first opens the field for it, on the same page.
        forward = next((one for one in ("reveal", "next") if one in can), None)
        return self.hand.press(forward, wait=forward == "reveal") if forward else None

    def finish(self) -> None:
        self.log.note("finish")
        self.faults += [f"{one} is hidden and was never asked about (5.8.9)" for one in self.log.undecided()]
        self.hand.press("finish", wait=True)
        self.hand.page.locator("body[data-screen='waiting'] #screen > .screen").wait_for()

    def wants_own(self, field: dict[str, Any]) -> bool:
        if field["type"] != "choice" and field["id"] != "v9" and not self.is_so(0.4):
            return field["id"] == "v6" and not field["chosen"]
        answered = field["id"] in self.log.answers("D", CASE)
        return self.is_so(0.05) if answered else self.is_so(0.92) or field["id"] in ("v1", "v8", "v9", "v7", "v2", "v6")

    # ── answers ──

    def give(self, form: str, who: str, *fields: dict[str, Any]) -> None:
        """Answer questions at random, all in one go, and write down every tap that was done."""
        for done in self.hand.tap([tap for field in fields for tap in self.taps(form, who, field)]):
            if "code" in done:
                self.log.tap(form, who, done["id"], done["code"])
            else:
                self.log.write(form, who, done["id"], done["text"])
            if form == "D" and done["id"] not in FIRST_PAGE:
                self.log.weigh()

    def taps(self, form: str, who: str, field: dict[str, Any]) -> list[dict[str, Any]]:
        """What is tapped or written for one question. Of several, what is not wanted any more is taken out."""
        link_id = field["id"]
        if field["type"] != "choice":
            half = field["type"] == "textarea" and self.is_so(0.3)
            return [{"id": link_id, "text": self.text(link_id, field["type"]), "half": half}]
        wanted = self.drawn(form, who, field)
        if self.instrument.item(link_id).type == "multi":
            before = self.log.answers(form, who).get(link_id, {}).get("value", [])
            wanted = [code for code in dict.fromkeys([*before, *wanted]) if (code in before) != (code in wanted)]
        return [{"id": link_id, "code": code} for code in wanted if code in field["codes"]]

    def text(self, link_id: str, kind: str) -> str:
        if kind == "date":
            return (date.today() + timedelta(days=self.rng.randint(1, 30))).isoformat()
        if link_id == "v6":
            return self.rng.choice(TEXTS[:-1])
        return self.rng.choice(LINES if kind == "text" else TEXTS)

    def drawn(self, form: str, who: str, field: dict[str, Any]) -> list[str]:
        """Codes for a question, as mild as this respondent is."""
        link_id, codes = field["id"], field["codes"]
        several = self.instrument.item(link_id).type == "multi"
        mild = self.mild.setdefault(f"{form} {who}", self.rng.choice((0.2, 0.5, 0.7, 0.9)))
        if form == "A":
            return self.of_the_room(who, link_id, codes)
        order = [code for code in self.instrument.order(link_id) if code in codes]
        if form == "C" and self.again in ("soft", "hard") and order:
            return [order[0] if self.again == "soft" else order[-1]]
        if order and self.is_so(mild):
            return [order[0]]
        return self.rng.sample(codes, min(len(codes), self.rng.choice((1, 1, 2, 3)) if several else 1))

    def of_the_room(self, who: str, link_id: str, codes: list[str]) -> list[str]:
        """Form A: mostly so that a parent can be talked to alone, and otherwise anything."""
        alone = self.alone.setdefault(who, self.is_so(0.75))
        if link_id in ROOM and (who != JOINT or link_id == "s1") and (alone or self.is_so(0.3)):
            found = self.rng.choice(ROOM[link_id])
            return [code for code in ([found] if isinstance(found, str) else found) if code in codes]
        if link_id in PREFERRED and self.is_so(0.9):
            return [self.rng.choice([code for code in PREFERRED[link_id] if code in codes])]
        if self.instrument.item(link_id).type == "multi":
            return self.rng.sample(codes, min(len(codes), self.rng.choice((1, 1, 2))))
        return [self.rng.choice(codes)]
