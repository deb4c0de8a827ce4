"""The newest hash of the log, kept in a file outside the database: entries that were cut off the end are found.

A chain alone shows what was changed or taken out of its middle, not that its end is missing. So number and hash of the
newest entry are written to a file of their own (setting ``audit_head``), best on another disk or machine: a line for
the last entry of each day, and a line for the newest of today.

The order is: the database commits to the disk, then the file is written, to the disk as well, whole or not at all. So
after a crash the file may name an entry older than the newest (while serving by at most two seconds' entries), which
says nothing is wrong; it never names an entry that the database does not hold. A line that the database does not bear
out means that entries were cut off or that an older backup was put back. Such a line is never written over.
"""

import os
import re
import tempfile
from datetime import datetime
from pathlib import Path

from screening.store import Store, utc

LINE = re.compile(r"(?P<at>\d{4}-\d\d-\d\dT\S{1,20}) (?P<seq>\d{1,15}) (?P<hash>[0-9a-f]{64})")


def keep(store: Store, path: Path, now: datetime) -> None:
    """Write the newest committed entry's number and hash; nothing when it stands there. Raises OSError."""
    newest = store.row("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")
    if not newest:
        return
    lines = read(path)
    last = LINE.fullmatch(lines[-1]) if lines else None
    if last and (int(last["seq"]), last["hash"]) == (newest["seq"], newest["hash"]):
        return
    if last and last["at"][:10] == utc(now)[:10] and borne_out(store, last):
        lines.pop()
    write(path, [*lines, f"{utc(now)} {newest['seq']} {newest['hash']}"])


def problems(store: Store, path: Path) -> list[str]:
    """Where file and database disagree, one English line each; empty when every line is borne out. Raises OSError."""
    if not path.exists():
        return [f"{path} is missing: entries cut off the end cannot be found"] if entries(store) else []
    return [said for number, line in enumerate(read(path), 1) if (said := problem(store, path, number, line))]


def problem(store: Store, path: Path, number: int, line: str) -> str | None:
    kept = LINE.fullmatch(line)
    if not kept:
        return f"{path}: line {number} cannot be read"
    if borne_out(store, kept):
        return None
    here = entries(store)
    if here < int(kept["seq"]):
        return (
            f"entries {here + 1} to {kept['seq']} are missing at the end: {path} names entry {kept['seq']} "
            f"of {kept['at']}; they were cut off, or an older backup was put back"
        )
    return f"entry {kept['seq']} is not the one that {path} names on {kept['at']}"


def borne_out(store: Store, kept: re.Match[str]) -> bool:
    row = store.row("SELECT hash FROM audit WHERE seq = :seq", seq=int(kept["seq"]))
    return bool(row) and row["hash"] == kept["hash"]


def entries(store: Store) -> int:
    """The number of the newest entry, 0 for an empty log."""
    row = store.row("SELECT MAX(seq) AS newest FROM audit")
    return (row and row["newest"]) or 0


def read(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []


def write(path: Path, lines: list[str]) -> None:
    """Put the lines on the disk in place of what was there, whole or not at all."""
    handle, half = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write("".join(line + "\n" for line in lines))
            file.flush()
            os.fsync(file.fileno())
        os.replace(half, path)
    except OSError:
        os.unlink(half)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
