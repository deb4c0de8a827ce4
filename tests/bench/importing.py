"""A file of 20,000 new families comes in while somebody else writes: how long does she wait?

`python -m tests.bench importing` measures it. The other one is a process of her own that writes a row every 50 ms, as
a server does for whoever signs in or sends.
"""

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter, sleep

from screening import importing
from screening.errors import NotKept
from screening.schema import HISTORY
from screening.store import Store, new_id, open_store, utc
from screening.store.keys import FileKeys
from tests.bench.table import Table
from tests.builders import a_person

FAMILIES = 20_000
PAUSE = 0.05


def measure(table: Table) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder, now = Path(scratch), datetime.now(UTC)
        store = opened(folder)
        for team in ("Nord", "Syd"):
            a_person(store, now, username=f"anne-{team.lower()}", team=team)
        for what, team in {"new": "Nord", "again, unchanged": "Nord", "all moved": "Syd"}.items():
            content = a_file(now, team)
            waited, refused, seconds = beside(
                folder, lambda content=content: importing.families_of(store, content, now)
            )
            label = f"import of {FAMILIES:,}, {what} ({seconds:.0f} s)"
            table.at_most(f"{label}: longest wait", waited, 2, "s")
            table.at_most(f"{label}: refused", refused, 0, "")
        store.close()


def opened(folder: Path) -> Store:
    return open_store(folder / "screening.db", FileKeys(folder / "keys"), HISTORY)


def a_file(now: datetime, team: str) -> bytes:
    birth = (now - timedelta(days=50)).date()
    rows = [
        f"F{number};Barn {number};;{birth};Sara {number};yes;Jonas {number};yes;anne-{team.lower()};{team};no;;"
        for number in range(FAMILIES)
    ]
    return "\n".join([";".join(importing.COLUMNS), *rows]).encode()


def beside(folder: Path, work: Callable[[], object]) -> tuple[float, int, float]:
    """Do something while another process writes: its longest wait, how often it was refused, how long the work took."""
    writer = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.importing", str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert writer.stdout and writer.stdout.readline() == b"ready\n"
    begun = perf_counter()
    work()
    seconds = perf_counter() - begun
    said, _ = writer.communicate(b"\n")
    found = json.loads(said)
    return max(found["waited"]), found["refused"], seconds


def write_on(folder: Path) -> None:
    """Write a row every 50 ms until a line comes; then tell how long each took, and how many were refused."""
    store, now, over = opened(folder), datetime.now(UTC), threading.Event()
    threading.Thread(target=lambda: (sys.stdin.readline(), over.set()), daemon=True).start()
    print("ready", flush=True)
    waited, refused = [], 0
    while not over.is_set() or not waited:
        begun = perf_counter()
        try:
            store.add("attempts", id=new_id(now), scope="bench", at=utc(now))
        except NotKept:
            refused += 1
        waited.append(perf_counter() - begun)
        sleep(PAUSE)
    store.close()
    print(json.dumps({"waited": waited, "refused": refused}))


if __name__ == "__main__":
    write_on(Path(sys.argv[1]))
