"""What is kept, and how it is sealed: a handful of verbs over a database, knowing no word of the trade.

A column whose name ends in ``_sealed`` takes any JSON value; the store seals it on the way in, under the
data key that the row names in ``sealed_for``, bound to table, column and row. It opens only by ``opened``.
"""

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from time import monotonic
from typing import Any

from screening.errors import Unreadable
from screening.store import history as tables
from screening.store import sealing
from screening.store.history import SEALED
from screening.store.keys import KeyProvider
from screening.store.moments import new_id, parse_utc, utc
from screening.store.sealing import Filled, Place, Sealed
from screening.store.sqlite import NotOpened, Sqlite

__all__ = ["Filled", "NotOpened", "Row", "Sealed", "Store", "new_id", "open_store", "parse_utc", "utc"]

Row = dict[str, Any]

NAME = re.compile(r"[a-z][a-z0-9_]*")
# A data key stays open in memory for so long (seconds), and so many of them.
OPEN_SECONDS = 300
OPEN_KEYS = 4096
# So many rows are written by one statement.
TOGETHER = 50


class Store:
    """The verbs. Any thread may use it; see sqlite.py for what a transaction promises."""

    def __init__(self, database: Sqlite, keys: KeyProvider):
        self.database = database
        self.keys = keys
        self._open_keys: dict[tuple[str, bytes], tuple[bytes, float]] = {}

    def rows(self, sql: str, /, **values: Any) -> list[Row]:
        """All rows of a SELECT with ``:named`` values."""
        return self.database.rows(sql, values)

    def row(self, sql: str, /, **values: Any) -> Row | None:
        """The first row, or None."""
        found = self.database.rows(sql, values)
        return found[0] if found else None

    def run(self, sql: str, /, **values: Any) -> int:
        """Carry out a statement; gives how many rows it changed."""
        return self.database.run(sql, values)

    def add(self, table: str, /, **values: Any) -> int:
        """Add a row: 1, or 0 when it was there already. ``_sealed`` values are sealed on the way."""
        ready = self._with_sealed(table, values.get("id"), values.get("sealed_for"), values)
        return self.run(insert_sql(table, tuple(ready)), **ready)

    def change(self, table: str, id: str, /, **values: Any) -> int:
        """Change columns of one row by id; gives 1, or 0 when there is none. ``_sealed`` values are sealed."""
        if "sealed_for" in values or "id" in values:
            raise ValueError("a row keeps its id and its data key")
        if not any(name.endswith(SEALED) for name in values):
            return self.run(update_sql(table, tuple(values)), row_id=id, **values)
        with self.transaction():
            row = self.row(f"SELECT sealed_for FROM {plain(table)} WHERE id = :id", id=id)  # noqa: S608 - only names that plain() let through
            if not row:
                return 0
            ready = self._with_sealed(table, id, row["sealed_for"], values)
            return self.run(update_sql(table, tuple(ready)), row_id=id, **ready)

    def ready(self, table: str, rows: Sequence[Mapping[str, Any]]) -> list[Row]:
        """Rows for ``add_all``, their ``_sealed`` values sealed: done ahead, so that the transaction is short."""
        return [self._with_sealed(table, row["id"], row.get("sealed_for"), dict(row)) for row in rows]

    def add_all(self, table: str, rows: Sequence[Row]) -> int:
        """Add many rows of the same columns, sealed by ``ready``; gives how many were added."""
        refuse_unsealed(table, rows)
        columns = tuple(rows[0]) if rows else ()
        return self._in_parts(insert_all_sql, table, columns, rows)

    def change_all(self, table: str, rows: Sequence[Row]) -> int:
        """Change the same columns of many rows by ``id``, sealed by ``ready``; gives how many there were."""
        refuse_unsealed(table, rows)
        columns = ("id", *(name for name in (rows[0] if rows else ()) if name not in ("id", "sealed_for")))
        return self._in_parts(update_all_sql, table, columns, rows)

    def run_all(self, sql: str, rows: Sequence[Row]) -> int:
        """Carry out a statement for many rows of ``:named`` values; gives how many rows it changed."""
        return self.database.run_many(sql, list(rows)) if rows else 0

    def transaction(self) -> AbstractContextManager[None]:
        """Everything in it is kept or nothing, and durable when it ends. Inside another: a part that can fail alone."""
        return self.database.transaction()

    def opened(self, table: str, row: Mapping[str, Any], column: str) -> Any:
        """The value of a sealed column of a row that has ``id`` and ``sealed_for``; None where nothing stands.

        Raises Unreadable when it is damaged, moved, or its key is destroyed; KeysClosed while no key answers.
        """
        if row[column] is None:
            return None
        return sealing.opened(self._data_key(row["sealed_for"]), Place(table, column, row["id"]), row[column])

    def sealed(self, table: str, id: str, column: str, sealed_for: str, value: Any) -> Sealed:
        """A value sealed ahead for one column of one row, for whoever must know the bytes before they are added."""
        return sealing.sealed(self._data_key(sealed_for), Place(table, column, id), value)

    def new_data_key(self, id: str, now: datetime) -> int:
        """Make, wrap and keep a data key of 256 bits: 1, or 0 when there is one of that id."""
        kek, wrapped = self.keys.wrap(secrets.token_bytes(32), key_place(id))
        return self.add("data_keys", id=id, kek=kek, wrapped=wrapped, created_at=utc(now))

    def new_data_keys(self, ids: Sequence[str], now: datetime) -> int:
        """Make many data keys at once, as ``new_data_key``. They are wrapped before anything is written."""
        made = [(id, *self.keys.wrap(secrets.token_bytes(32), key_place(id))) for id in ids]
        rows = [{"id": id, "kek": kek, "wrapped": wrapped, "created_at": utc(now)} for id, kek, wrapped in made]
        return self.add_all("data_keys", rows)

    def migrate(self, history: Mapping[str, str]) -> list[str]:
        """Bring the tables up to a history ``{name: SQL}``; gives the names applied now. Raises NotOpened."""
        with self.transaction():
            new = tables.apply(self.database, history)
            if self.row("SELECT name FROM sqlite_master WHERE name = 'facts'"):
                self.add("facts", name="epoch", value=secrets.token_hex(16))
        return new

    def close(self) -> None:
        self._open_keys.clear()
        self.database.close()

    def _in_parts(self, sql: Callable[..., str], table: str, columns: tuple[str, ...], rows: Sequence[Row]) -> int:
        """Write rows in as many statements as are quickest: a guarded table is slow to begin a statement."""
        count = 0
        with self.transaction():
            for first in range(0, len(rows), TOGETHER):
                part = rows[first : first + TOGETHER]
                values = [row[name] for row in part for name in columns]
                count += self.database.run(sql(table, columns, len(part)), values)
        return count

    def _with_sealed(self, table: str, id: str | None, sealed_for: str | None, values: Row) -> Row:
        """The values with each that goes into a ``_sealed`` column sealed for its place."""
        ready = dict(values)
        for name, value in values.items():
            if name.endswith(SEALED) and value is not None:
                if id is None or sealed_for is None:
                    raise ValueError(f"{table}.{name} needs id and sealed_for")
                if not isinstance(value, Sealed):
                    value = self.sealed(table, id, name, sealed_for, value)
                if value.place != Place(table, name, id):
                    raise ValueError(f"{table}.{name} was sealed for another place")
                ready[name] = value
        return ready

    def _data_key(self, id: str) -> bytes:
        """A data key unwrapped. Its row is looked up each time, so that a destroyed key opens nothing from then on."""
        row = self.row("SELECT kek, wrapped FROM data_keys WHERE id = :id", id=id)
        if not row:
            raise Unreadable("Nøglen til det gemte er destrueret. Det kan ikke læses mere.")
        place = (id, row["wrapped"])
        kept = self._open_keys.get(place)
        if kept and monotonic() < kept[1]:
            return kept[0]
        key = self.keys.unwrap(row["kek"], row["wrapped"], key_place(id))
        if len(self._open_keys) >= OPEN_KEYS:
            self._open_keys.clear()
        self._open_keys[place] = (key, monotonic() + OPEN_SECONDS)
        return key


def open_store(path: Path | str, keys: KeyProvider, history: Mapping[str, str]) -> Store:
    """The store of a file (made for its owner alone when missing) with its tables up to date.

    ``:memory:`` is a store for one test. Raises NotOpened, one English line for the operator; KeysClosed.
    """
    store = Store(Sqlite(path), keys)
    try:
        store.migrate(history)
        refuse_other_keys(store, path)
    except BaseException:
        store.close()
        raise
    return store


def refuse_other_keys(store: Store, path: Path | str) -> None:
    """Raise NotOpened when the database was sealed under other keys: whatever came in now would open nowhere else."""
    if not store.row("SELECT name FROM sqlite_master WHERE name = 'data_keys'"):
        return
    one = store.row("SELECT id, kek, wrapped FROM data_keys LIMIT 1")
    try:
        if one:
            store.keys.unwrap(one["kek"], one["wrapped"], key_place(one["id"]))
    except Unreadable as error:
        raise NotOpened(f"the keys do not fit {path}; put back the keys it was used with") from error


def refuse_unsealed(table: str, rows: Sequence[Row]) -> None:
    """Raise ValueError for a ``_sealed`` value that is not sealed for its own place."""
    for name in [name for name in (rows[0] if rows else ()) if name.endswith(SEALED)]:
        for row in rows:
            value = row[name]
            if value is not None and (not isinstance(value, Sealed) or value.place != (table, name, row["id"])):
                raise ValueError(f"{table}.{name} was not sealed for its place")


def key_place(id: str) -> bytes:
    """What a wrapped data key is bound to, so that two cannot change places."""
    return b"screening data key 1\n" + id.encode()


@lru_cache(maxsize=512)
def insert_sql(table: str, columns: tuple[str, ...]) -> str:
    names, values = ", ".join(map(plain, columns)), ", ".join(f":{name}" for name in columns)
    return f"INSERT INTO {plain(table)} ({names}) VALUES ({values}) ON CONFLICT DO NOTHING"  # noqa: S608 - only names that plain() let through


@lru_cache(maxsize=512)
def update_sql(table: str, columns: tuple[str, ...]) -> str:
    pairs = ", ".join(f"{plain(name)} = :{name}" for name in columns)
    return f"UPDATE {plain(table)} SET {pairs} WHERE id = :row_id"  # noqa: S608 - only names that plain() let through


@lru_cache(maxsize=512)
def insert_all_sql(table: str, columns: tuple[str, ...], count: int) -> str:
    names = ", ".join(map(plain, columns))
    return f"INSERT INTO {plain(table)} ({names}) VALUES {places(columns, count)} ON CONFLICT DO NOTHING"  # noqa: S608 - only names that plain() let through


@lru_cache(maxsize=512)
def update_all_sql(table: str, columns: tuple[str, ...], count: int) -> str:
    # PostgreSQL, too, calls the columns of such a list column1, column2 …
    pairs = ", ".join(f"{plain(name)} = news.column{place}" for place, name in enumerate(columns[1:], 2))
    news = f"(VALUES {places(columns, count)}) AS news"
    return f"UPDATE {plain(table)} SET {pairs} FROM {news} WHERE {plain(table)}.id = news.column1"  # noqa: S608 - only names that plain() let through


def places(columns: tuple[str, ...], count: int) -> str:
    return ", ".join(["(" + ", ".join("?" * len(columns)) + ")"] * count)


def plain(name: str) -> str:
    """A table's or column's name, which comes from code and never from a request."""
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a table or column")
    return name
