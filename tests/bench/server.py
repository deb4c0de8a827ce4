"""The server without a browser: receiving, judging, the lead's pages, memory."""

import contextlib
import json
import socket
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from time import perf_counter, sleep

from screening import encounters, instrument, people, sync
from screening.demo import history
from screening.demo.payload import payload
from screening.demo.personas import PERSONAS
from screening.demo.tablet import Tablet
from screening.municipality import Municipality
from screening.schema import HISTORY
from screening.store import open_store
from screening.store.keys import FileKeys
from tests.bench.table import Table, p95
from tests.browser.demo import Demo
from tests.browser.test_load import memory
from tests.builders import a_visit
from tests.caller import Caller

VISITS = 400  # one a family, as in life
BATCH = 20
PAGES = 60
SILENT = 500
TALKS = 10  # visits that are waited for, one after the other


def measure(table: Table) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        demo = Demo(Path(scratch) / "instance", "--families", str(VISITS)).start()
        try:
            pages(table, demo)
            judging(table, demo)
            strain(table, demo)
        finally:
            demo.stop()
        receiving(table, demo)


def pages(table: Table, demo: Demo) -> None:
    """The lead's list and a family's page as she gets them, and what the server holds afterwards."""
    caller = Caller(demo)
    caller.sign_in(demo.somebody("lead"))
    listed = caller.ask("GET", "/lead/")[2].decode()
    family = listed.partition("/lead/families/")[2].partition('"')[0].partition("#")[0]
    for what, path in {"the lead's list": "/lead/", "a family's page": f"/lead/families/{family}"}.items():
        table.at_most(
            f"{what}, {VISITS} families, p95 with the way there",
            p95([timed(caller, path) for _ in range(PAGES)]),
            15,
            "ms",
        )
    table.at_most("memory of the demo server", memory(demo.process.pid) / 2**20, 256, "MiB")


def timed(caller: Caller, path: str) -> float:
    begun = perf_counter()
    status, _, _ = caller.ask("GET", path)
    assert status == 200, path
    return (perf_counter() - begun) * 1000


def judging(table: Table, demo: Demo) -> None:
    """From a receipt to a judged visit, without another request of the kind that wakes the judge."""
    caller = Caller(demo)
    tablet = caller.enrol(demo.rested("visitor"))
    listed = caller.ask("GET", "/visit/caseload", headers=tablet.headers("/visit/caseload", method="GET"))[2]
    family = json.loads(listed)["families"][0]["id"]
    waited = []
    for _ in range(TALKS):
        visit = a_visit(family, datetime.now(UTC), "talk")
        caller.send(tablet, [tablet.sealed(visit, datetime.now(UTC))])
        waited.append(until_judged(caller, tablet, visit["encounter"]))
    table.at_most("a visit received → judged, the slowest", max(waited), 5, "s")


def strain(table: Table, demo: Demo) -> None:
    """How long the others wait while many senders do not go on: with bodies, with headers, with anything at all."""
    unfinished = (
        b"POST /account/sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: 100\r\n\r\n"
    )
    waited = []
    with contextlib.ExitStack() as silent:
        for number in range(SILENT):
            one = silent.enter_context(socket.create_connection(("127.0.0.1", demo.port), timeout=60))
            one.sendall(unfinished[: (len(unfinished), 40, 0)[number % 3]])
        for path in ("/healthz", "/account/sign-in") * 20:
            caller = Caller(demo)
            waited.append(timed(caller, path) / 1000)
    table.at_most(f"others beside {SILENT} who do not go on, the slowest", max(waited), 1, "s")


def until_judged(caller: Caller, tablet: Tablet, visit: str) -> float:
    """Seconds until the server says that a visit was opened."""
    begun, body = perf_counter(), json.dumps({"ids": [visit]}).encode()
    while True:
        answer = caller.ask("POST", "/visit/status", body, tablet.headers("/visit/status", body))[2]
        (said,) = json.loads(answer)["states"]
        if said["state"] != "received":
            assert said["state"] == "opened", said
            return perf_counter() - begun
        sleep(0.02)


def receiving(table: Table, demo: Demo) -> None:
    """Envelopes taken in with a flush a batch; then opened, judged and sealed again."""
    store = open_store(demo.folder / "screening.db", FileKeys(demo.folder / "keys"), HISTORY)
    now, published = datetime.now(UTC), {"1.0.0": instrument.load()}
    # Some families have one parent only.
    told = [visit for one in PERSONAS for visit in one.visits[:1] if not {"parent2"} & {*visit.conflict, *visit.alone}]
    posts: dict[str, Tablet] = {}
    sealed = []
    for number, family in enumerate(store.rows("SELECT id, visitor FROM families ORDER BY visitor, id")):
        visitor = family["visitor"]
        if visitor not in posts:
            posts[visitor] = history.ready(store, people.get(store, visitor), now)
        visit = payload(published["1.0.0"], family["id"], told[number % len(told)], now)
        sealed.append((posts[visitor], posts[visitor].sealed(visit, now)))
    begun = perf_counter()
    for tablet, batch in batches(sealed):
        sync.receive(store, {"id": tablet.id, "revoked_at": None}, batch, now)
    table.at_least("envelopes received, verified, flushed", VISITS / (perf_counter() - begun), 2_000, "/s")
    begun, judged = perf_counter(), 0
    while judged < VISITS:
        step = encounters.judge_waiting(store, published, Municipality(), now)
        assert step, store.rows("SELECT state, reason, COUNT(*) AS n FROM envelopes GROUP BY state, reason")
        judged += step
    table.at_least("visits opened, judged, sealed again", VISITS / (perf_counter() - begun), 500, "/s")
    store.close()


def batches(sealed: list[tuple[Tablet, bytes]]) -> Iterator[tuple[Tablet, list[bytes]]]:
    """Each tablet's envelopes, as many at once as it sends."""
    for tablet, rows in groupby(sealed, key=lambda one: one[0]):
        own = [envelope for _, envelope in rows]
        for first in range(0, len(own), BATCH):
            yield tablet, own[first : first + BATCH]
