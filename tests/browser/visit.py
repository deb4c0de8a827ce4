"""A whole visit as a visitor taps it, with a log of every answer that was touched."""

from playwright.sync_api import Page, expect

from tests.browser.tablet import act, screen

# What a joint visit answers on the pages of form A.
SETTING = {
    "s1": "home", "s2": ["p1", "p2"], "s3": ["none"], "s5": "mayhear", "s6": "false", "s7": "clinic",
    "s8": "true", "s9": "yes",
}  # fmt: skip
JOINT = {"k1": "2", "k2": "2", "k3": "1", "k4": "1", "k6": "2", "k7": "2", "k8": "1", "k9": "1",
         "k10": "1", "k11": "maybe", "p1": "one", "p2": "try"}  # fmt: skip
STEPS = 60
FORWARD = "[data-action='next']:visible:not([disabled]):not([aria-disabled='true'])"


def open_family(page: Page, family: str | None = None) -> str:
    """Open a family from today's list (the first one, or the one named) and give its id."""
    chosen = page.locator(f"[data-family='{family}']" if family else "[data-family]").first
    family = chosen.get_attribute("data-family")
    chosen.click()
    screen(page, "family")
    return family


def begin(page: Page) -> None:
    """Begin the visit from the family's page."""
    act(page, "start")
    screen(page, "visit")


class Tapping:
    """Answers what is asked, question by question, and remembers each tap."""

    def __init__(self, page: Page, answers: dict, text: str = ""):
        self.page, self.answers, self.text = page, answers, text
        self.tapped: dict[str, object] = {}

    def until(self, action: str) -> None:
        """Go on answering until this action can be pressed."""
        for _ in range(STEPS):
            if self.page.locator(f"[data-action='{action}']:visible:not([disabled])").count():
                return
            self.step()
        raise AssertionError(f"{action} never came; tapped {self.tapped}")

    def step(self) -> None:
        """Answer what is on the page now, also what that opens, and go on."""
        while waiting := [link_id for link_id in self.shown() if link_id not in self.tapped and self.can(link_id)]:
            self.answer(waiting[0])
        joint = self.page.locator("[data-action='mode-joint']:visible")
        if joint.count():
            joint.first.click()
        forward = self.page.locator(FORWARD)
        if forward.count():
            forward.first.click()
        else:
            act(self.page, "skip")

    def shown(self) -> list[str]:
        """The questions on the page."""
        fields = self.page.locator("fieldset[data-link-id]:visible")
        return fields.evaluate_all("fields => fields.map(field => field.dataset.linkId)")

    def can(self, link_id: str) -> bool:
        """Whether there is an answer for it: one that was given, or text where text is asked for."""
        typed = self.page.locator(f"fieldset[data-link-id='{link_id}'] textarea").count()
        return bool(self.text) if typed else link_id in self.answers

    def answer(self, link_id: str) -> None:
        """Answer one question, and see that the screen says it is kept."""
        field = self.page.locator(f"fieldset[data-link-id='{link_id}']")
        if field.locator("textarea").count():
            field.locator("textarea").fill(self.text)
            self.tapped[link_id] = self.text
        else:
            wanted = self.answers[link_id]
            for code in wanted if isinstance(wanted, list) else [wanted]:
                choice = field.locator(f"input[name='{link_id}'][value='{code}']")
                if not choice.is_checked():
                    choice.check(force=True)
                expect(choice).to_be_checked()
            self.tapped[link_id] = wanted
        expect(self.page.locator("[data-saved='yes']")).to_be_attached(timeout=10_000)


def finish(page: Page) -> None:
    """Finish, and see the visit on its way."""
    act(page, "finish")
    screen(page, "waiting")
