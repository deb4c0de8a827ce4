"""Where the walks take place: one demo, one tablet and one lead for all of them; and what a walk has found."""

import sqlite3
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from playwright.sync_api import Error, Playwright

from screening import instrument
from tests.browser.conftest import launch
from tests.browser.demo import Demo
from tests.browser.tablet import sign_in
from tests.walks import lead, taps
from tests.walks.tablet import Hand
from tests.walks.walk import Walk

PATIENCE = 60_000
# A quarter of the families are the visitor's; with two for each walk she nearly always has a visit to make.
FAMILIES = 2
LEAST, MOST = 40, 480
EVENTS = ("cover", "reload", "thinks again", "self", "nu", "send", "mode", "turns", "stop", "danger")


@dataclass
class Found:
    """What one walk came to. ``hidden``: answers that were given and are hidden at the end."""

    seed: int
    about: str
    answers: int = 0
    hidden: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    seconds: float = 0
    events: dict[str, int] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)

    def line(self) -> str:
        state = "FAILED" if self.differences else "ok    "
        return (
            f"{state} {self.seed:>5}  {self.about:<34} {self.answers:>3} answers, {len(self.hidden):>2} hidden,"
            f" {len(self.kept)} kept  {self.seconds:.1f} s"
        )

    def counts(self) -> dict[str, int]:
        return {"answers": self.answers, "hidden": len(self.hidden), "kept": len(self.kept), **self.events,
                "differences": len(self.differences)}  # fmt: skip


class Ground:
    """A demo in ``folder``, its visitor's tablet and its lead's browser."""

    def __init__(self, playwright: Playwright, chromium: str, folder: Path, walks: int):
        families = min(max(FAMILIES * walks, LEAST), MOST)
        self.demo = Demo(folder / "instance", "--families", str(families)).start()
        self.tablet = launch(playwright, chromium, self.demo, folder / "tablet")
        self.tablet.page.set_default_timeout(PATIENCE)
        self.tablet.enrol("anne")
        self.tablet.shell_is_kept()
        self.desk = launch(playwright, chromium, self.demo, folder / "desk", 1440, 900)
        sign_in(self.desk.page, self.demo, self.demo.somebody("lead"))
        self.hand = Hand(self.tablet.page, self.tablet.passphrase)
        self.instrument = instrument.load()

    def walk(self, seed: int) -> Found:
        """One visit by its seed, and the comparison with the lead's page."""
        rng, begun = Random(seed), time.monotonic()  # noqa: S311 - the same seed must give the same walk
        walk = Walk(self.hand, self.instrument, rng)
        try:
            self.hand.today()
            self.hand.pull()
            walk.begin(self.chosen(rng))
            walk.run()
            self.hand.send()
            found = self.compared(seed, walk)
        except (AssertionError, Error, TimeoutError) as error:
            found = Found(seed, "not finished", differences=[f"{error}", f"taps: {walk.so_far()}"])
            self.hand.anew()
        found.seconds = time.monotonic() - begun
        return found

    def chosen(self, rng: Random) -> dict[str, Any]:
        """A family, mostly one with a visit to come; with the others only a talk can be held."""
        families = self.families()
        coming = [one for one in families if any(visit["state"] == "open" for visit in one["visits"])]
        return rng.choice(coming if coming and rng.random() < 0.85 else families)

    def families(self) -> list[dict[str, Any]]:
        """The families on the tablet's list with whom nothing is begun, in the order of their ids."""
        begun = {one["family"] for one in self.hand.vault("drafts")}
        mine = [one for one in self.hand.vault("caseload")["families"] if not one.get("left")]
        return sorted((one for one in mine if one["id"] not in begun), key=lambda one: one["id"])

    def compared(self, seed: int, walk: Walk) -> Found:
        log, responses = walk.log, walk.log.responses()
        expected, result = taps.shown(responses), log.result(responses)
        about = f"{log.visit} {log.mode or 'none'}, {', '.join(f'{who} {gate}' for who, gate in log.gate.items())}"
        found = Found(seed, about, len(expected), log.left_out(responses), list(taps.kept(responses)))
        sheet = self.read(walk.family["id"], walk.id)
        found.events = {name: sum(tap.startswith(name) for tap in log.taps) for name in EVENTS}
        found.differences += [*walk.faults, *differences(expected, sheet)]
        for name, there in (("level", sheet.suggested), ("final", sheet.final)):
            want = "" if result[name] is None else str(result[name])
            if there != want:
                found.differences.append(f"{name}: {want!r} by Python, {there!r} on the lead's page")
        for visit, early in walk.preliminary:
            sheet = self.read(walk.family["id"], visit)
            found.differences += [f"preliminary: {one}" for one in differences(taps.shown(early), sheet)]
        found.differences += [f"the browser complained: {one}" for one in self.tablet.complaints]
        self.tablet.complaints.clear()
        if found.differences:
            found.differences.append(f"taps: {walk.so_far()}")
        return found

    def read(self, family: str, visit: str) -> lead.Sheet:
        """Everything of a visit, as the lead reads it."""
        code = partial(self.demo.code, self.demo.somebody("lead"))
        return lead.read(self.desk.context.request, self.demo.url, family, visit, code)

    def end(self) -> list[str]:
        """Close everything; gives what the server's log says of results that differ from the tablet's."""
        self.tablet.close()
        self.desk.close()
        self.demo.stop()
        with sqlite3.connect(self.demo.folder / "screening.db") as database:
            asked = "SELECT count(*) FROM audit WHERE event = 'result_differs'"
            [differs] = database.execute(asked).fetchone()
        return [f"{differs} results of the tablet differ from the server's"] if differs else []


def differences(expected: dict[tuple[str, str], Any], sheet: lead.Sheet) -> list[str]:
    """Answer by answer, what the taps' log and the lead's page do not say alike."""
    there = sheet.answers
    found = [
        f"{' '.join(key)}: {expected.get(key)} by the taps, {there.get(key)} on the lead's page"
        for key in sorted({**expected, **there})
        if expected.get(key) != there.get(key)
    ]
    return found + [f"{one} stands twice on the lead's page" for one in sheet.twice]
