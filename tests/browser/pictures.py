"""Pictures of every screen and state, to look at: `python -m tests.browser.pictures FOLDER [da|en]`.

Runs a demo, walks through it as a visitor and as a lead, and writes PNG files named by screen and size.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests import programs
from tests.browser import test_access_in_private as private
from tests.browser.conftest import launch
from tests.browser.demo import Demo
from tests.browser.tablet import CODE, SLOW, Tablet, act, screen, sign_in
from tests.browser.visit import JOINT, OWN_PART, SETTING, Tapping, begin, finish, open_family
from tests.caller import Caller

TABLET_SIZES = {"upright": (820, 1180), "lying": (1180, 820), "phone": (390, 844)}
VISITOR, PRIVATE_VISITOR = "anne", "line"
# Parent 1 is alone and tells something, parent 2 is not.
TOLD = {
    "s3": ["none"], "s5": "away", "s6": "true", "k5": "1", "t1": "2", "t2": "yes", "t3": "no", "t4": "no", "t5": "no",
    "t6": "ok", "t7": "yes", "t8": ["no"], "t9": "no", "t18": "no", "t10": ["partner"], "t11": "no", "t12": "no",
    "t13": "no", "t14": "no", "t15": "no", "t16": "no", "t17": "no", "t19": ["talk"], "c3": "no", "c4": "oral",
}  # fmt: skip
BY_TURNS = {
    "joint": SETTING,
    "parent1": JOINT | TOLD,
    "parent2": JOINT | {"s3": ["none"], "s5": "mayhear", "s6": "false", "s7": "clinic"},
    "case": OWN_PART | {"v2": "yes", "v7": "unsafe"},
}
DESK_SIZES = {"desk": (1440, 900), "upright": (820, 1180), "phone": (390, 844)}


class Album:
    """Takes one page in several sizes and puts the size back."""

    def __init__(self, folder: Path, sizes: dict):
        self.folder, self.sizes = folder, sizes
        folder.mkdir(parents=True, exist_ok=True)

    def take(self, page: Page, name: str) -> None:
        first = next(iter(self.sizes.values()))
        for size, (width, height) in self.sizes.items():
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(150)
            page.screenshot(path=self.folder / f"{name}-{size}.png")
        page.set_viewport_size({"width": first[0], "height": first[1]})


def tablet_pictures(tablet: Tablet, album: Album) -> str:
    """The tablet's screens in the order a visitor meets them; gives the family that was visited."""
    page, demo = tablet.page, tablet.demo
    tablet.open()
    page.locator("h1").wait_for()
    album.take(page, "01-new-tablet")
    sign_in(page, demo, VISITOR)
    screen(page, "enrol")
    album.take(page, "01-enrol")
    act(page, "enrol")
    expect(page.locator("[data-passphrase]")).not_to_be_empty(timeout=SLOW)
    album.take(page, "01-enrol-card")
    tablet.passphrase = page.locator("[data-passphrase]").inner_text().strip()
    page.fill("[name=pin]", CODE)
    act(page, "continue")
    screen(page, "today")
    page.locator("[data-family]").first.wait_for()
    album.take(page, "02-today")
    page.fill("[name=search]", "a")
    album.take(page, "02-today-search")
    page.fill("[name=search]", "")
    family = open_family(page)
    album.take(page, "03-family")
    begin(page)
    visit_pictures(page, album)
    finish(page)
    expect(page.locator("[data-sync-state]").first).to_be_visible()
    album.take(page, "13-waiting")
    expect(page.locator("[data-sync-state='opened']").first).to_be_visible(timeout=75_000)
    album.take(page, "13-waiting-opened")
    page.reload()
    screen(page, "unlock")
    album.take(page, "01-unlock")
    page.fill("[name=passphrase]", "forkert")
    act(page, "unlock")
    page.locator("[data-slot=problem]:visible").wait_for(timeout=SLOW)
    album.take(page, "01-unlock-wrong")
    return family


def visit_pictures(page: Page, album: Album) -> None:
    """The pages of a visit to two parents, one after the other, one of whom tells something alone."""
    tapping = Tapping(page, BY_TURNS, "Vi griner sammen hver dag", "each", ("parent1", "parent2"))
    number = 0
    while not page.locator("[data-action='finish']:visible").count():
        number += 1
        tapping.answer_all()
        shown = "-".join(tapping.shown()[:3]) or "page"
        album.take(page, f"05-visit-{number:02}-{shown}")
        if "k1" in tapping.shown() and not (album.folder / "10-cover-phone.png").exists():
            text_at_twice(page, album)
            aside(page, album)
        tapping.step()
    album.take(page, "11-before-finishing")


def text_at_twice(page: Page, album: Album) -> None:
    """The page at 200 %: the same tablet with half as many points each way; and with a second language."""
    halves = {f"{name}-200pct": (width // 2, height // 2) for name, (width, height) in TABLET_SIZES.items()}
    Album(album.folder, halves).take(page, "06-question")
    page.set_viewport_size(dict(zip(("width", "height"), TABLET_SIZES["upright"], strict=True)))
    if page.locator("[data-action='two-languages']:visible").count():
        act(page, "two-languages")
        album.take(page, "06-question-two-languages")
        act(page, "one-language")


def aside(page: Page, album: Album) -> None:
    """The cover and the Nu card."""
    act(page, "now")
    album.take(page, "09-now")
    act(page, "back")
    act(page, "cover")
    album.take(page, "10-cover")
    act(page, "uncover")
    page.locator("body:is([data-screen='visit'], [data-screen='unlock']):not([data-covered])").wait_for()
    if page.locator("[name=pin]:visible").count():  # the pictures took longer than the cover opens without a code
        private.code(page)
    screen(page, "visit")


class Camera:
    """Stands where the walk through the private part and around the visit looks at each of its pages."""

    def __init__(self, page: Page, album: Album):
        self.page, self.album, self.number = page, album, 0

    def at(self, name: str, touched: bool = False) -> None:
        self.number += 1
        self.album.take(self.page, f"30-{self.number:02}-{name.replace(' ', '-')}")


def around_pictures(tablet: Tablet, album: Album) -> None:
    """The private part in all its states, and what is noted around a visit."""
    tablet.enrol(PRIVATE_VISITOR)
    page, camera = tablet.page, Camera(tablet.page, album)
    private.to_family(page, page.evaluate(private.FAMILIES)["due"][0])
    begin(page)
    tapping = Tapping(page, private.EVERYTHING, private.SAID, mode="each")
    private.the_first_parent(page, camera, tapping)
    private.the_other_parent(page, camera, tapping)
    private.to_the_lead(page, camera, tapping)
    act(page, "waiting")
    album.take(page, "13-on-the-way")
    act(page, "back")
    guide_pictures(page, album)
    private.around(page, camera)
    private.rehearsal(page, camera)


def guide_pictures(page: Page, album: Album) -> None:
    """What the guide says for the visit that was just finished, and the form for a family that is not on the list."""
    private.to_family(page, page.evaluate(private.FAMILIES)["due"][0])
    act(page, "own-part")
    act(page, "guide")
    screen(page, "guide")
    album.take(page, "12-guide")
    act(page, "back")
    act(page, "back")
    act(page, "back")
    screen(page, "today")
    page.fill("[name=search]", "Xerxes")
    act(page, "around")
    album.take(page, "12-new-family")
    act(page, "back")
    screen(page, "today")


def desk_pictures(page: Page, demo: Demo, family: str, album: Album) -> None:
    """Sign-in, the lead's and the admin's pages, and a page that does not exist."""
    page.goto(demo.url + "/account/sign-in")
    album.take(page, "20-sign-in")
    page.goto(demo.url + "/lead/nowhere")
    album.take(page, "21-error")
    lead = demo.somebody("lead")
    sign_in(page, demo, lead)
    page.goto(demo.url + "/lead/")
    red = page.locator("[data-review][data-level='3'] a[href*='/lead/families/']").first.get_attribute("href")
    for name, path in {"14-review-list": "/lead/", "15-family": f"/lead/families/{family}", "15-family-red": red,
                       "16-families": "/lead/families", "17-account": "/account/"}.items():  # fmt: skip
        page.goto(demo.url + path)
        album.take(page, name)
    page.context.clear_cookies()
    sign_in(page, demo, "admin")
    album.take(page, "18-admin")


def speak(demo: Demo, language: str) -> None:
    """Let everybody whose pages are pictured read this language."""
    for username in (VISITOR, PRIVATE_VISITOR, demo.somebody("lead"), "admin"):
        caller = Caller(demo)
        caller.sign_in(username)
        caller.form("/account/", language=language, to="/account/language")


def main(folder: str, language: str = "da") -> None:
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        demo = Demo(Path(scratch) / "instance", "--families", "60").start()
        chromium, locale = programs.chromium(), "da-DK" if language == "da" else "en-GB"
        try:
            if language != "da":
                speak(demo, language)
            tablet = launch(playwright, chromium, demo, Path(scratch) / "tablet", locale=locale)
            family = tablet_pictures(tablet, Album(Path(folder), TABLET_SIZES))
            desk = launch(playwright, chromium, demo, Path(scratch) / "desk", 1440, 900, locale=locale)
            desk_pictures(desk.page, demo, family, Album(Path(folder), DESK_SIZES))
            other = launch(playwright, chromium, demo, Path(scratch) / "other", locale=locale)
            around_pictures(other, Album(Path(folder), TABLET_SIZES))
            for opened in (tablet, desk, other):
                opened.close()
        finally:
            demo.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
