"""A tablet in a health visitor's hands: what she does, by the marks that the pages promise to keep."""

from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.demo import Demo

CODE = "2580"
SLOW = 30_000  # deriving the key from the passphrase takes a second or two by design


def act(page: Page, action: str) -> None:
    """Press what carries this action."""
    page.locator(f"[data-action='{action}']:visible").first.click()


def screen(page: Page, name: str) -> None:
    """Wait until this screen stands."""
    expect(page.locator(f"body[data-screen='{name}']")).to_be_attached(timeout=SLOW)


def sign_in(page: Page, demo: Demo, username: str) -> None:
    """Sign in with password and one-time code."""
    page.goto(demo.url + "/account/sign-in")
    page.fill("[name=username]", username)
    page.fill("[name=password]", demo.people[username]["password"])
    page.locator("form:has([name=password]) button[type=submit]").click()
    page.fill("[name=code]", demo.code(username))
    page.locator("form:has([name=code]) button[type=submit]").click()
    page.wait_for_url(lambda url: "/account/" not in url)


class Tablet:
    """One browser profile; `page` is its only tab. Keeps what the browser complained of."""

    def __init__(self, context: BrowserContext, demo: Demo, profile: Path):
        self.context, self.demo, self.profile = context, demo, profile
        self.page = context.pages[0] if context.pages else context.new_page()
        self.passphrase = ""
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("console", self._heard)

    def _heard(self, message) -> None:
        text = message.text
        if message.type == "error" and "ERR_" not in text and "Failed to load resource" not in text:
            self.complaints.append(f"{message.type}: {text}")

    def enrol(self, username: str) -> str:
        """Sign in on a new tablet and make its keys; gives the passphrase on the card."""
        sign_in(self.page, self.demo, username)
        screen(self.page, "enrol")
        act(self.page, "enrol")
        phrase = self.page.locator("[data-passphrase]")
        expect(phrase).not_to_be_empty(timeout=SLOW)
        self.passphrase = phrase.inner_text().strip()
        self.page.fill("[name=pin]", CODE)
        act(self.page, "continue")
        screen(self.page, "today")
        expect(self.page.locator("[data-slot='as-of']")).not_to_be_empty(timeout=SLOW)  # her list has come
        return self.passphrase

    def open(self) -> None:
        self.page.goto(self.demo.url + "/visit")

    def unlock(self, passphrase: str | None = None) -> None:
        screen(self.page, "unlock")
        self.page.fill("[name=passphrase]", passphrase or self.passphrase)
        act(self.page, "unlock")
        screen(self.page, "today")

    def shell_is_kept(self) -> None:
        """Wait until the service worker has the whole shell and serves this page."""
        self.page.evaluate("async () => { await navigator.serviceWorker.ready }")

    def close(self) -> None:
        self.context.close()
