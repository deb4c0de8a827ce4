"""What the first visit to the app costs, and what the server takes."""

import contextlib
import gzip
import os
import subprocess
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.browser.counter import Counter
from tests.caller import Caller

MOST_BYTES = 150_000
MOST_REQUESTS = 40
MOST_MEMORY = 256 * 1024 * 1024


@pytest.fixture
def counter(demo):
    running = Counter(demo)
    yield running
    running.shutdown()
    running.server_close()


def test_the_first_load_of_the_app_is_small(counter, browser):
    context = browser.new_context(locale="da-DK")
    page = context.new_page()
    page.goto(counter.url + "/visit")
    page.evaluate("async () => { await navigator.serviceWorker.ready }")
    page.evaluate(
        "async () => { const { active } = await navigator.serviceWorker.ready; if (active.state !== 'activated')"
        " await new Promise((done) => active.addEventListener('statechange', done, { once: true })) }"
    )
    context.close()
    assert len(counter.seen) > 12, "the counter saw too little to be believed"
    assert len(counter.seen) <= MOST_REQUESTS, sorted(counter.seen)
    assert sum(counter.seen.values()) <= MOST_BYTES, sorted(counter.seen.items(), key=lambda one: -one[1])


def test_every_text_file_of_the_app_travels_compressed(counter, browser):
    context = browser.new_context()
    page = context.new_page()
    page.goto(counter.url + "/visit")
    page.evaluate("async () => { await navigator.serviceWorker.ready }")
    context.close()
    line = HTTPConnection("localhost", counter.demo.port, timeout=30)
    for path in counter.seen:
        line.request("GET", path)
        plain = line.getresponse().read()
        if path.endswith((".js", ".css")) and len(plain) > 1500:
            assert counter.seen[path] < len(gzip.compress(plain)) + 3000, path
    line.close()


def memory(group: int) -> int:
    """Bytes of memory that a group of processes holds; pages they share count once for each."""
    return sum(size for pgid, size in processes() if pgid == group)


def processes() -> Iterator[tuple[int, int]]:
    """(process group, resident bytes) of everything that runs, from /proc or, where there is none, from ps."""
    stats = list(Path("/proc").glob("[0-9]*/stat"))
    for stat in stats:
        with contextlib.suppress(OSError):  # it ended meanwhile
            fields = stat.read_text().rpartition(")")[2].split()
            yield int(fields[2]), int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
    if not stats:
        listed = subprocess.run(["ps", "-A", "-o", "pgid=,rss="], capture_output=True, text=True, check=True).stdout
        for line in listed.splitlines():
            pgid, kilobytes = line.split()
            yield int(pgid), int(kilobytes) * 1024


def test_the_demo_server_stays_small_while_people_sign_in(demo):
    for username in ("anne", "line", "birgit"):
        Caller(demo).sign_in(username)
    assert 20 * 1024 * 1024 < memory(demo.process.pid) <= MOST_MEMORY
