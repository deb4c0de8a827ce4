"""Real Chromium against a real server. A persistent profile writes through to disk, as a tablet's does."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.demo import Demo
from tests.browser.tablet import Tablet
from tests.browser.vaults import Vault, served

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
def demo(tmp_path_factory):
    running = Demo(tmp_path_factory.mktemp("demo") / "instance", "--families", "48").start()
    yield running
    running.stop()


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
