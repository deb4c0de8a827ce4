"""A demo municipality served on loopback, that a test may stop and start again on the same address."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pyotp

START_SECONDS = 60
STOP_SECONDS = 20
STEP = 30
EARLY = 9


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Demo:
    """One `screening demo` in its own folder. `people` maps a username to its sign-in."""

    def __init__(self, folder: Path, *options: str):
        self.folder = folder
        self.options = options
        self.command = [sys.executable, "-m", "screening", "demo"]
        self.environment: dict[str, str] = {}
        self.port = free_port()
        self.process: subprocess.Popen | None = None
        self.people: dict[str, dict] = {}
        self.used: dict[str, int] = {}

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def start(self) -> "Demo":
        """Start and wait for the line that says it is ready."""
        self.log = open(self.folder.with_suffix(".log"), "ab")  # noqa: SIM115 - closed in stop
        self.process = subprocess.Popen(
            [*self.command, "--json", "--port", str(self.port), "--instance", str(self.folder), *self.options],
            stdout=subprocess.PIPE, stderr=self.log, text=True, start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **self.environment},
        )  # fmt: skip
        line = self.process.stdout.readline()
        assert line, "the demo ended before it was ready: " + self.said()
        ready = json.loads(line)
        assert ready["url"] == self.url
        self.people = {person["username"]: person for person in ready["people"]}
        return self

    def stop(self) -> None:
        """End it as a person would, with a signal; it must end by itself."""
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(STOP_SECONDS)
        self.log.close()

    def said(self) -> str:
        """What it wrote to its log."""
        return self.folder.with_suffix(".log").read_text(encoding="utf-8", errors="replace")

    def somebody(self, role: str) -> str:
        """The username of the first person with that role."""
        return next(name for name, person in self.people.items() if person["role"] == role)

    def rested(self, role: str) -> str:
        """The username of whoever of that role has signed in least lately: no code must be waited for."""
        names = [name for name, person in self.people.items() if person["role"] == role]
        return min(names, key=lambda name: self.used.get(name, 0))

    def code(self, username: str) -> str:
        """A one-time code that the person has not used, and that is good for at least twenty seconds from now.

        Each works once, in its own half minute and ten seconds to either side.
        """
        step = max(int(time.time() + EARLY) // STEP, self.used.get(username, 0) + 1)
        while step > int(time.time() + EARLY) // STEP:
            time.sleep(0.5)
        self.used[username] = step
        return pyotp.TOTP(self.people[username]["totp_secret"]).at(step * STEP)

    def fetch(self, path: str) -> bytes:
        """The answer to a GET; raises for anything but a good one."""
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:  # noqa: S310 - loopback
            return answer.read()

    def healthz(self) -> dict:
        return json.loads(self.fetch("/healthz"))
