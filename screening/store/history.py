"""How a database is brought up to date: an ordered ``{name: SQL}`` that only ever grows.

After it, every ``..._sealed`` column is guarded by a trigger, so that no way into the table takes what was
not sealed; a column cannot be made without its guard.
"""

import hashlib
import re
import sqlite3
from collections.abc import Iterator, Mapping

from screening.store.sealing import MAGIC, SHORTEST
from screening.store.sqlite import NotOpened, Sqlite

SEALED = "_sealed"


def apply(database: Sqlite, history: Mapping[str, str]) -> list[str]:
    """Apply what a database lacks, inside the caller's transaction; gives the names. Raises NotOpened.

    A database made by a newer program, or by another text under the same name, is refused.
    """
    database.run("CREATE TABLE IF NOT EXISTS history (name TEXT PRIMARY KEY, digest TEXT NOT NULL)", {})
    new = missing(
        {row["name"]: row["digest"] for row in database.rows("SELECT * FROM history ORDER BY name", {})}, history
    )
    for name in new:
        for statement in statements(history[name]):
            database.run(statement, {})
        database.run(
            "INSERT INTO history (name, digest) VALUES (:name, :digest)",
            {"name": name, "digest": digest(history[name])},
        )
    for table, column in sealed_columns(database):
        for event in ("INSERT", "UPDATE"):
            database.run(guard(table, column, event), {})
    return new


def missing(applied: Mapping[str, str], history: Mapping[str, str]) -> list[str]:
    """The names a database has not seen, in order. Raises NotOpened when the two histories differ."""
    names = list(history)
    if names != sorted(names):
        raise NotOpened("the migrations are out of order; a new one is appended with the next number")
    if list(applied) != names[: len(applied)]:
        raise NotOpened("the database was made by another or a newer version of the program; use that one")
    changed = [name for name, seen in applied.items() if seen != digest(history[name])]
    if changed:
        raise NotOpened(f"migration {changed[0]} was applied with another text; use the program that made the database")
    return names[len(applied) :]


def digest(sql: str) -> str:
    """What a migration says, whatever its line breaks."""
    return hashlib.sha256(" ".join(sql.split()).encode()).hexdigest()


def statements(script: str) -> Iterator[str]:
    """The single statements of a script; one a line or more, each ending with its semicolon at a line's end."""
    text = ""
    for line in script.splitlines(keepends=True):
        text += line
        if sqlite3.complete_statement(text):
            yield text.strip()
            text = ""
    if text.strip():
        raise NotOpened(f"a migration ends in the middle of a statement: {text.strip()[:60]}")


def sealed_columns(database: Sqlite) -> list[tuple[str, str]]:
    """Every (table, column) whose name promises a seal."""
    rows = database.rows(
        "SELECT t.name AS tab, c.name AS col FROM sqlite_master t, pragma_table_info(t.name) c"
        " WHERE t.type = 'table' AND c.name LIKE '%\\_sealed' ESCAPE '\\'",
        {},
    )
    return [(row["tab"], row["col"]) for row in rows if re.fullmatch(r"\w+", row["tab"] + row["col"])]


def guard(table: str, column: str, event: str) -> str:
    """A trigger that takes only NULL or what has the outer form of a sealed value."""
    magic = MAGIC.hex()
    return (
        f"CREATE TRIGGER IF NOT EXISTS guard_{table}_{column}_{event.lower()} BEFORE {event} ON {table}"
        f" WHEN NEW.{column} IS NOT NULL AND (typeof(NEW.{column}) <> 'blob' OR length(NEW.{column}) < {SHORTEST}"
        f" OR substr(NEW.{column}, 1, {len(MAGIC)}) <> x'{magic}')"
        f" BEGIN SELECT RAISE(ABORT, '{table}.{column} takes only what the store has sealed'); END"
    )
