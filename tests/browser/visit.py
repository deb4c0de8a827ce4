"""A whole visit as a visitor taps it, with a log of every answer that was touched."""

from datetime import date, timedelta

from playwright.sync_api import Locator, Page, expect

from tests.browser.lists import ask
from tests.browser.tablet import SLOW, act, screen

# What a joint visit answers on the pages of form A.
SETTING = {
    "s1": "home", "s2": ["p1", "p2"], "s3": ["none"], "s5": "mayhear", "s6": "false", "s7": "clinic",
    "s8": "true", "s9": "yes",
}  # fmt: skip
JOINT = {"k1": "2", "k2": "2", "k3": "1", "k4": "1", "k6": "2", "k7": "2", "k8": "1", "k9": "1",
         "k10": "1", "k11": "maybe", "p1": "one", "p2": "try"}  # fmt: skip
# What a visitor says in her own part of the visit that JOINT answers: she sees what the answers suggest, and agrees.
OWN_PART = {f"o{number}": "0" for number in range(1, 9)} | {
    "v1": "2", "v2": "no", "v7": "later", "v9": (date.today() + timedelta(days=10)).isoformat(), "v11": "na",
}  # fmt: skip
STEPS = 200
ACTIONS = "v8"
SAID_ANEW = ("s3", "s5", "s6")
RESPONDENTS = {"joint", "parent1", "parent2", "case"}
CAN_BE_PRESSED = ":visible:not([disabled]):not([aria-disabled='true'])"
ONWARD = ("next", "open-private", "reveal")


def open_family(page: Page, family: str | None = None) -> str:
    """Open a family from today's list (the first ordinary one, or the one named) and give its id."""
    chosen = page.locator(f"[data-family='{family}']").first if family else ordinary(page).first
    family = chosen.get_attribute("data-family")
    chosen.click()
    screen(page, "family")
    return family


def another_family(page: Page) -> str:
    """Open an ordinary family in which no visit was begun, wherever it stands on the list."""
    folded = page.locator("details.later:not([open]) summary")
    while folded.count():
        folded.first.click()
    fresh = ordinary(page).and_(page.locator(":visible:not(:has-text('Påbegyndt'))")).first
    return open_family(page, fresh.get_attribute("data-family"))


def ordinary(page: Page) -> Locator:
    """The rows of families in which both parents live together and a visit is still to be made."""
    expect(page.locator("[data-family]").first).to_be_visible(timeout=SLOW)
    fitting = [one["id"] for one in ask(page, "caseload")["families"] if fits(one)]
    return page.locator(", ".join(f"[data-family='{family}']" for family in fitting))


def fits(family: dict) -> bool:
    is_open = any(one["state"] == "open" for one in family["visits"])
    return is_open and len(family["parents"]) == 2 and not family["separated"]


def begin(page: Page) -> None:
    """Begin the visit from the family's page."""
    act(page, "start")
    screen(page, "visit")


def first_answer(page: Page) -> None:
    """Say where the visit is, so that there is something to keep of it."""
    page.locator("[name=s1][value=home]").check(force=True)
    expect(page.locator("[data-saved=yes]")).to_be_attached()


AT = """(at) => { const right = Date; Date = class extends right { constructor(...given) {
  given.length ? super(...given) : super(at) } } }"""


def at_hour(page: Page, hour: int) -> None:
    """Let it be this hour (UTC) of the municipality's next working day."""
    closed = ask(page, "caseload")["config"]["closing_days"]
    days = (date.today() + timedelta(days=ahead) for ahead in range(20))
    day = next(day for day in days if day.weekday() < 5 and day.isoformat() not in closed)
    page.evaluate(AT, f"{day}T{hour}:00:00Z")


def say_of_the_room(page: Page, s3: str = "none", s5: str = "away", s6: str = "true") -> None:
    """Who hears, where the other is, and whether they are alone: by code; without any, that they are alone."""
    for link_id, code in {"s3": s3, "s5": s5, "s6": s6}.items():
        page.locator(f"input[name={link_id}][value={code}]").check(force=True)


class Tapping:
    """Answers what is asked, question by question, and remembers each tap.

    ``answers`` are by link id, the same for whoever is asked, or by respondent (joint, parent1, parent2, case) and
    then by link id. ``mode`` is how form B is answered, ``turns`` whose turn it is one after the other.
    ``tapped`` holds what was answered by link id, ``log`` by (respondent, link id).
    """

    def __init__(self, page: Page, answers: dict, text: str = "", mode: str = "joint", turns: tuple[str, ...] = ()):
        self.page, self.answers, self.text = page, answers, text
        self.mode, self.turns = mode, list(turns)
        self.tapped: dict[str, object] = {}
        self.log: dict[tuple[str, str], object] = {}

    def until(self, action: str) -> None:
        """Go on answering until this action can be pressed."""
        for _ in range(STEPS):
            if self.page.locator(f"[data-action='{action}']:visible:not([disabled])").count():
                return
            self.step()
        raise AssertionError(f"{action} never came; tapped {self.log}")

    def step(self) -> None:
        """Answer what is on the page now, also what that opens, and go on."""
        self.answer_all()
        mode = self.page.locator(f"[data-action='mode-{self.mode}'][aria-pressed='false']:visible")
        if mode.count():
            mode.first.click()
            self.answer_all()
        if self.turns and self.page.locator("[data-turns]:visible").count():
            return act(self.page, f"respondent-{self.turns.pop(0)[-1]}")
        is_end = self.page.locator("[data-form='end']").count()
        if is_end:
            unfold(self.page)
        for action in (*ONWARD, "skip"):
            forward = self.page.locator(f"[data-action='{action}']{CAN_BE_PRESSED}")
            if forward.count():
                forward.first.click()
                break
        if action == "reveal":  # her judgement is kept first
            expect(self.page.locator("[data-action='reveal']:visible")).to_have_count(0, timeout=10_000)
        if is_end:
            screen(self.page, "assessment")
            self.page.locator("[data-form='D']").wait_for()

    def answer_all(self) -> None:
        """Answer what stands on the page, and what that opens."""
        who = self.who()
        for name in SAID_ANEW:
            if name in self.shown() and not self.page.locator(f"[name={name}]:checked").count():
                self.log.pop((who, name), None)  # after the cover she says it again
        while waiting := [name for name in self.shown() if (who, name) not in self.log and self.can(name)]:
            self.answer(waiting[0])

    def who(self) -> str:
        """Whom the page asks: joint, parent1, parent2, or case for the visitor's own part."""
        body = self.page.locator("body")
        if body.get_attribute("data-screen") == "assessment":
            return "case"
        return body.get_attribute("data-respondent") or "joint"

    def given(self) -> dict:
        """The answers for whom the page asks; without others, a quiet visit's for the visitor's own part."""
        who = self.who()
        own = self.answers.get(who, {}) if set(self.answers) & RESPONDENTS else self.answers
        return OWN_PART | own if who == "case" else own

    def shown(self) -> list[str]:
        """The questions on the page."""
        fields = self.page.locator("fieldset[data-link-id]:visible")
        return fields.evaluate_all("fields => fields.map(field => field.dataset.linkId)")

    def can(self, link_id: str) -> bool:
        """Whether there is an answer for it: one that was given, or text where text is asked for."""
        typed = self.page.locator(f"fieldset[data-link-id='{link_id}'] textarea").count()
        return bool(self.text) if typed else link_id in self.given() or link_id == ACTIONS

    def answer(self, link_id: str) -> None:
        """Answer one question, and see that the screen says it is kept."""
        field = self.page.locator(f"fieldset[data-link-id='{link_id}']")
        if field.locator("textarea").count():
            field.locator("textarea").fill(self.text)
            wanted = self.text
        elif field.locator("input[type=text], input[type=date]").count():
            wanted = self.given()[link_id]
            field.locator("input").fill(wanted)
        else:
            wanted = self.given()[link_id] if link_id in self.given() else self.first(field)
            for code in wanted if isinstance(wanted, list) else [wanted]:
                choice = field.locator(f"input[name='{link_id}'][value='{code}']")
                if not choice.is_checked():
                    choice.check(force=True)
                expect(choice).to_be_checked()
        self.tapped[link_id] = self.log[self.who(), link_id] = wanted
        expect(self.page.locator("[data-saved='yes']")).to_be_attached(timeout=10_000)

    def first(self, field) -> list[str]:
        """The first action that the guide offers: which there are depends on all the other answers."""
        return [field.locator("input").first.get_attribute("value")]


def unfold(page: Page) -> None:
    """On the page after the talk: what she is to look at."""
    closed = page.locator("[data-waiting]:not([open]) summary")
    if closed.count():
        closed.click()


def finish(page: Page) -> None:
    """Finish, and see the visit on its way. A Nu card that was opened says that there was danger."""
    asked = page.locator("[data-danger]:visible:not(:has([aria-pressed=true])) [data-action=danger]")
    if asked.count():
        asked.click()
    act(page, "finish")
    screen(page, "waiting")
