"""Real Chromium against a real server. A persistent profile writes through to disk, as a tablet's does."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser.demo import Demo
from tests.browser.tablet import SLOW, Tablet, sign_in
from tests.browser.vaults import Vault, served
from tests.browser.ways import Ways

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="session")
def playwright():
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright, chromium_path):
    running = playwright.chromium.launch(executable_path=chromium_path, args=FLAGS)
    yield running
    running.close()


@pytest.fixture(scope="module")
def demo(request, tmp_path_factory):
    """An invented municipality for the tests of a file, with as many families as the file says it needs."""
    families = getattr(request.module, "DEMO_FAMILIES", 48)
    running = Demo(tmp_path_factory.mktemp("demo") / "instance", "--families", str(families)).start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def tablet(playwright, chromium_path, demo, tmp_path_factory):
    """One tablet for the tests of a file, each with a family of its own; its tab complains of nothing."""
    opened = launch(playwright, chromium_path, demo, tmp_path_factory.mktemp("tablet") / "profile")
    opened.enrol("anne")
    expect(opened.page.locator("[data-family]").first).to_be_visible(timeout=SLOW)
    yield opened
    assert opened.complaints == []
    opened.close()


@pytest.fixture(scope="module")
def alone(tablet):
    """The same tablet, of which nothing reaches the server."""
    tablet.page.route("**/visit/outbox", lambda route: route.abort())
    tablet.shell_is_kept()
    return tablet


@pytest.fixture
def page(tablet):
    """Today's list, wherever the last test ended."""
    tablet.page.set_viewport_size({"width": 820, "height": 1180})
    tablet.context.set_offline(False)
    tablet.open()
    tablet.unlock()
    return tablet.page


@pytest.fixture(scope="module")
def module_ways(playwright, chromium_path, demo, tablet, tmp_path_factory):
    """The tablet and a lead's browser beside it."""
    folder = tmp_path_factory.mktemp("ways")
    desk = launch(playwright, chromium_path, demo, folder / "desk", 1440, 900)
    sign_in(desk.page, demo, demo.somebody("lead"))
    yield Ways(tablet, desk.page, folder)
    assert desk.complaints == []
    desk.close()


def keeps_storage(profile: Path, url: str) -> None:
    """Seed the profile so that storage really is persistent for this address (the DevTools grant is not)."""
    folder = profile / "Default"
    folder.mkdir(parents=True, exist_ok=True)
    setting = {f"{url},*": {"setting": 1}}
    preferences = {"profile": {"content_settings": {"exceptions": {"durable_storage": setting}}}}
    (folder / "Preferences").write_text(json.dumps(preferences), encoding="utf-8")


def launch(
    playwright, chromium: str, demo: Demo, profile: Path, width: int = 820, height: int = 1180, **options
) -> Tablet:
    """Open a tablet on a profile that writes through to disk; a new one is told that storage stays."""
    if not profile.exists():
        keeps_storage(profile, demo.url)
    context = playwright.chromium.launch_persistent_context(
        str(profile), executable_path=chromium, args=FLAGS, viewport={"width": width, "height": height},
        has_touch=True, timezone_id="Europe/Copenhagen", **{"locale": "da-DK"} | options,
    )  # fmt: skip
    return Tablet(context, demo, profile)


@pytest.fixture
def open_tablet(playwright, chromium_path, tmp_path):
    """A function that opens a tablet with its own profile on disk; the same name opens the same profile."""
    opened: list[Tablet] = []

    def open_one(demo: Demo, name: str = "tablet", width: int = 820, height: int = 1180, **options) -> Tablet:
        opened.append(launch(playwright, chromium_path, demo, tmp_path / name, width, height, **options))
        return opened[-1]

    yield open_one
    for tablet in opened:
        tablet.close()


@pytest.fixture(scope="module")
def url():
    """Where the vault's modules are served, beside a blank page."""
    with served() as address:
        yield address


@pytest.fixture
def vault(chromium_path, browser, url, keys):
    """A blank tablet; its tab must not have complained of anything."""
    context = browser.new_context()
    opened = Vault(context.new_page(), url, keys)
    yield opened
    context.close()
    assert opened.complaints == []
