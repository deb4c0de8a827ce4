"""Pictures of every screen and state, to look at: `python -m tests.browser.pictures FOLDER [da|en]`.

Runs a demo, walks through it as a visitor and as a lead, and writes PNG files named by screen and size.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests import programs
from tests.browser.conftest import FLAGS, keeps_storage
from tests.browser.demo import Demo
from tests.browser.tablet import Tablet, act, screen, sign_in
from tests.browser.visit import JOINT, SETTING, Tapping, begin, open_family

TABLET_SIZES = {"upright": (820, 1180), "lying": (1180, 820), "phone": (390, 844)}
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
    sign_in(page, demo, "anne")
    screen(page, "enrol")
    album.take(page, "01-enrol")
    act(page, "enrol")
    page.locator("[data-passphrase]").wait_for(timeout=60_000)
    album.take(page, "01-enrol-card")
    tablet.passphrase = page.locator("[data-passphrase]").inner_text().strip()
    page.fill("[name=pin]", "2580")
    act(page, "continue")
    screen(page, "today")
    page.wait_for_timeout(500)
    album.take(page, "02-today")
    family = open_family(page)
    album.take(page, "03-family")
    begin(page)
    tapping = Tapping(page, SETTING | JOINT, "Vi griner sammen")
    for number in range(1, 10):
        album.take(page, f"04-visit-{number}")
        tapping.step()
    act(page, "cover")
    album.take(page, "10-cover")
    act(page, "uncover")
    if page.locator("[data-action='now']:visible").count():
        act(page, "now")
        album.take(page, "09-now")
        page.locator("[data-action='back']:visible").first.click()
    tapping.until("finish")
    album.take(page, "11-overview")
    act(page, "finish")
    screen(page, "waiting")
    page.wait_for_timeout(1500)
    album.take(page, "13-waiting")
    page.wait_for_timeout(8000)
    album.take(page, "13-waiting-later")
    page.reload()
    screen(page, "unlock")
    album.take(page, "01-unlock")
    page.fill("[name=passphrase]", "forkert")
    act(page, "unlock")
    page.wait_for_timeout(2500)
    album.take(page, "01-unlock-wrong")
    return family


def desk_pictures(page: Page, demo: Demo, family: str, album: Album) -> None:
    """Sign-in and the lead's pages."""
    page.goto(demo.url + "/account/sign-in")
    album.take(page, "20-sign-in")
    sign_in(page, demo, demo.somebody("lead"))
    for name, path in {"14-review-list": "/lead/", "15-family": f"/lead/families/{family}",
                       "16-families": "/lead/families", "17-account": "/account/"}.items():  # fmt: skip
        page.goto(demo.url + path)
        album.take(page, name)


def main(folder: str, language: str = "da") -> None:
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        demo = Demo(Path(scratch) / "instance", "--families", "40").start()
        locale = "da-DK" if language == "da" else "en-GB"

        def opened(name: str) -> Tablet:
            profile = Path(scratch) / name
            keeps_storage(profile, demo.url)
            context = playwright.chromium.launch_persistent_context(
                str(profile), executable_path=programs.chromium(), args=FLAGS, locale=locale,
                viewport={"width": 820, "height": 1180}, has_touch=True, timezone_id="Europe/Copenhagen",
            )  # fmt: skip
            return Tablet(context, demo, profile)

        try:
            tablet = opened("tablet")
            family = tablet_pictures(tablet, Album(Path(folder), TABLET_SIZES))
            desk_pictures(opened("desk").page, demo, family, Album(Path(folder), DESK_SIZES))
        finally:
            demo.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
