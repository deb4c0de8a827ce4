"""`screening demo` with a planted fault: SQLite tells of writes before they are on disk (synchronous=NORMAL)."""

import sys

from screening import cli
from screening.store import sqlite

sqlite.PRAGMAS["synchronous"] = 1

if __name__ == "__main__":
    cli.main(["demo", *sys.argv[1:]])
