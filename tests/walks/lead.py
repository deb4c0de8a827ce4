"""The lead's page of a visit: every answer on it, also what was said alone, and the levels."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser

from playwright.sync_api import APIRequestContext

PURPOSE = "second_opinion"
PATIENCE = 60  # seconds until a visit that was sent must be read in
KEPT = "taget med"


@dataclass
class Sheet(HTMLParser):
    """What a page says: `answers` (subject, link id) -> (value, declined, kept); `suggested`, `final`; `token`."""

    answers: dict[tuple[str, str], tuple[str, bool, bool]] = field(default_factory=dict)
    visits: set[str] = field(default_factory=set)
    suggested: str | None = None
    final: str | None = None
    token: str = ""
    closed: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.cell: tuple[str, str] | None = None
        self.tagged = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        marks = {name: value or "" for name, value in attrs}
        if "data-suggested" in marks:
            self.suggested, self.final = marks["data-suggested"], marks["data-final"]
        if "data-encounter" in marks:
            self.visits.add(marks["data-encounter"])
        if marks.get("name") == "subject":
            self.closed.append(marks["value"])
        if marks.get("name") == "csrf_token":
            self.token = marks["value"]
        if tag == "td":
            self.cell = None
            if "data-link-id" in marks:
                self.cell = marks["data-subject"], marks["data-link-id"]
                if self.cell in self.answers:
                    self.twice.append(" ".join(self.cell))
                self.answers[self.cell] = marks["data-value"], "data-declined" in marks, False
        self.tagged = tag == "span" and marks.get("class") == "tag"

    def handle_data(self, data: str) -> None:
        if self.cell and self.tagged and data.strip() == KEPT:
            value, declined, _ = self.answers[self.cell]
            self.answers[self.cell] = value, declined, True

    def handle_endtag(self, tag: str) -> None:
        self.tagged = False
        if tag == "td":
            self.cell = None


def read(request: APIRequestContext, url: str, family: str, visit: str, code: Callable[[], str]) -> Sheet:
    """The page of one visit with everything on it, also what each said alone; ``code`` gives the lead's code.

    Raises TimeoutError when the visit does not come.
    """
    address = f"{url}/lead/families/{family}"
    until = time.monotonic() + PATIENCE
    while True:
        answer = request.get(f"{address}?visit={visit}")
        if answer.ok:
            break
        if time.monotonic() > until:
            raise TimeoutError(f"visit {visit} never came to the lead")
    sheet = parsed(answer.text())
    for subject in list(sheet.closed):
        form = {"csrf_token": sheet.token, "visit": visit, "purpose": PURPOSE, "subject": subject}
        opened = request.post(address, form=form, headers={"Referer": address})
        if opened.ok and 'name="code"' in opened.text():  # she signed in long ago
            opened = request.post(address, form=form | {"code": code()}, headers={"Referer": address})
        assert opened.ok, f"{opened.status} for the private answers of {visit}"
        sheet.answers |= parsed(opened.text()).answers
    return sheet


def parsed(page: str) -> Sheet:
    sheet = Sheet()
    sheet.feed(page)
    return sheet
