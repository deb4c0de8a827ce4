"""The two programs the tests need beside Python: a browser and a JavaScript runtime.

Neither is skipped when missing: it is found, or installed where that is allowed, or the run fails
with one sentence that says what to install.
"""

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_CHROME = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")

MISSING_BROWSER = (
    "The browser tests need Chromium and none was found or could be installed: "
    "install it with `playwright install chromium`, or with the system's packages "
    "(for example `apt-get install chromium`), and run the tests again."
)
OLDEST_NODE = 20
MISSING_NODE = "The JavaScript tests need Node 20 or newer: install it, or reinstall the `playwright` package."


@functools.cache
def chromium() -> str:
    """Path of a Chromium: Playwright's own, else the system's, else one installed now.

    Raises RuntimeError with one sentence when there is none to be had.
    """
    found = _playwrights_own() or _the_systems() or _installed_now()
    if not found:
        raise RuntimeError(MISSING_BROWSER)
    return found


@functools.cache
def node() -> str:
    """Path of a Node that is new enough: the machine's, else the one inside Playwright's package.

    Raises RuntimeError with one sentence when there is none.
    """
    found = next((one for one in (shutil.which("node"), _playwrights_node()) if one and new_enough(one)), None)
    if not found:
        raise RuntimeError(MISSING_NODE)
    return found


def new_enough(path: str) -> bool:
    """Whether a Node says that it is of version 20 or later."""
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=60).stdout
    except (OSError, subprocess.TimeoutExpired):
        return False
    number = said.strip().removeprefix("v").partition(".")[0]
    return number.isdecimal() and int(number) >= OLDEST_NODE


# In a process of its own: Playwright may already run in this one, and runs only once.
ASK_PLAYWRIGHT = (
    "from playwright.sync_api import sync_playwright\n"
    "with sync_playwright() as playwright: print(playwright.chromium.executable_path)"
)


def _playwrights_own() -> str | None:
    asked = subprocess.run([sys.executable, "-c", ASK_PLAYWRIGHT], capture_output=True, text=True)
    path = asked.stdout.strip()
    return path if path and Path(path).exists() else None


def _the_systems() -> str | None:
    named = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    return named or (str(MAC_CHROME) if MAC_CHROME.exists() else None)


def _installed_now() -> str | None:
    if _quietly([sys.executable, "-m", "playwright", "install", "chromium"]) and (own := _playwrights_own()):
        return own
    if shutil.which("apt-get") and os.geteuid() == 0:
        _quietly(["apt-get", "update"])
        _quietly(["apt-get", "install", "-y", "--no-install-recommends", "chromium"])
    return _the_systems()


def _playwrights_node() -> str | None:
    import playwright

    path = Path(playwright.__file__).parent / "driver" / ("node.exe" if os.name == "nt" else "node")
    return str(path) if path.exists() else None


def _quietly(command: list[str]) -> bool:
    """Run an installer; False when it fails or takes more than five minutes."""
    try:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        return subprocess.run(command, capture_output=True, timeout=300, env=environment).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
