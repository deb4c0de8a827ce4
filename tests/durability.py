"""Nothing is called kept before it is on disk: seen in system-call traces, not believed.

`python -m tests.durability` runs four traces and ends with a status other than 0 when one of them
does not show what it must:

1. the demo server: between a visit's first write to the write-ahead log and its receipt stands a flush;
2. the same server with `synchronous=NORMAL` planted: the check must find receipts without a flush;
3. the tablet in a persistent profile: each answer that the screen calls kept has its own flush;
4. a page that writes with relaxed durability: the check must find too few flushes.

Killing a process finds no missing flush, because the system still holds what was written.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests import programs
from tests.faults import senders

VISITS = 40
ANSWERS = 20
SERVER_CALLS = "trace=pwrite64,write,writev,sendto,sendmsg,fsync,fdatasync"
FLUSH = re.compile(r"\b(?:fdatasync|fsync)\(\d+<([^>]*)>")
FLUSHED = re.compile(r"<\.\.\. (?:fdatasync|fsync) resumed>")
LOG_WRITE = re.compile(r"\bpwrite64\(\d+<[^>]*-wal>")
RECEIPT = re.compile(r"\b(?:write|writev|sendto|sendmsg)\(.*received")
NUMBER = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
WHOLE_PAGE = "4200"  # characters of a write that the trace shows: a page of the database and some more


def server_trace(folder: Path, module: str) -> tuple[int, int]:
    """Send VISITS envelopes one request at a time to a traced server.

    Gives (receipts seen leaving, receipts that left before their visit was flushed). Others may write meanwhile, so it
    is the visit's own number that is followed: first written, then flushed, then in a receipt.
    """
    trace = folder / "server.trace"
    command = [
        "strace",
        "-f",
        "-y",
        "-s",
        WHOLE_PAGE,
        "-e",
        SERVER_CALLS,
        "-o",
        str(trace),
        sys.executable,
        "-m",
        *module.split(),
    ]
    sent = senders.send_to_traced_demo(command, folder / "instance", VISITS)
    written, flushed, left, early = set(), set(), 0, 0
    begun: dict[str, set[str]] = {}
    for line in trace.read_text(encoding="utf-8", errors="replace").splitlines():
        if LOG_WRITE.search(line):
            written |= sent.intersection(NUMBER.findall(line))
        elif (flush := FLUSH.search(line)) and flush.group(1).endswith("-wal"):
            # A flush counts from its end, for what had been written at its beginning.
            begun[line.split()[0]] = set(written)
            if "unfinished" not in line:
                flushed |= begun.pop(line.split()[0])
        elif FLUSHED.search(line):
            flushed |= begun.pop(line.split()[0], set())
        elif RECEIPT.search(line):
            named = sent.intersection(NUMBER.findall(line))
            left += len(named)
            early += len(named - flushed)
    if left < len(sent):
        raise SystemExit(f"the trace shows {left} receipts, {len(sent)} arrived: it cannot be trusted")
    return left, early


def tablet_trace(folder: Path, page: str) -> tuple[int, int]:
    """Trace Chromium while a page keeps ANSWERS answers; gives (answers kept, flushes of its database)."""
    trace = folder / "tablet.trace"
    wrapper = folder / "chromium"
    wrapper.write_text(
        f'#!/bin/sh\nexec strace -f -y -e trace=fsync,fdatasync -o {trace} {programs.chromium()} "$@"\n',
        encoding="utf-8",
    )
    wrapper.chmod(0o755)
    before, after = getattr(senders, page)(str(wrapper), folder, ANSWERS, trace)
    lines = trace.read_text(encoding="utf-8", errors="replace").splitlines()[before:after]
    return ANSWERS, sum(1 for line in lines if "fdatasync(" in line and "indexeddb" in line.lower())


def main() -> int:
    failures = []

    def check(name: str, good: bool, seen: str) -> None:
        print(("ok      " if good else "FAILED  ") + f"{name}: {seen}", flush=True)
        if not good:
            failures.append(name)

    with tempfile.TemporaryDirectory() as scratch:
        left, early = server_trace(_made(scratch, "server"), "screening demo")
        check(
            "every receipt leaves after its flush", not early and left >= VISITS, f"{left} receipts, {early} too early"
        )
        left, early = server_trace(_made(scratch, "relaxed-server"), "tests.faults.relaxed_server")
        check("control, synchronous=NORMAL is caught", early > 0, f"{left} receipts, {early} too early")
        kept, flushes = tablet_trace(_made(scratch, "tablet"), "keep_answers_on_a_tablet")
        check("every answer kept has its flush", flushes >= kept, f"{kept} answers, {flushes} flushes")
        kept, flushes = tablet_trace(_made(scratch, "relaxed-tablet"), "keep_answers_relaxed")
        check("control, relaxed writes are caught", flushes < kept, f"{kept} answers, {flushes} flushes")
    print(f"{4 - len(failures)} passed, {len(failures)} failed")
    return 1 if failures else 0


def _made(scratch: str, name: str) -> Path:
    folder = Path(scratch) / name
    folder.mkdir()
    return folder


if __name__ == "__main__":
    subprocess.run(["strace", "--version"], check=True, capture_output=True)
    sys.exit(main())
