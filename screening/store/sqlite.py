"""One SQLite file with one writer and many readers: what is committed is on disk before anybody hears of it.

Transactions of several threads that meet share one flush (group commit). Each is a savepoint of its own, so
one that fails takes back only itself; the last of the group commits for all, and each returns only when
that commit is durable. What a transaction reads in its body may thus not be durable yet, but nothing of
it leaves the body without the same flush. A long body keeps those who wait for the same group waiting.

Open a file after a fork, not before: SQLite's locks do not survive one.
"""

import os
import sqlite3
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

from sqlite_utils import Database

from screening.errors import NotKept

MEMORY = ":memory:"
BUSY_MS = 5000
# What every connection must answer; SQLite's own defaults differ from build to build.
PRAGMAS = {"synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "busy_timeout": BUSY_MS, "trusted_schema": 0}
# A group commits when nobody waits, or when it is so old (seconds).
GROUP_SECONDS = 0.01
# Whoever has waited so long for a group to be committed commits it (seconds): its next member never came.
PATIENCE_SECONDS = 1.0
# The write-ahead log is written back when it is so long (bytes), at most once in so many seconds.
LOG_BYTES = 4 * 1024 * 1024
LOG_SECONDS = 1.0

NOT_KEPT = "Det kunne ikke gemmes lige nu. Prøv igen om lidt; bliver det ved, så sig det til driften."


class NotOpened(Exception):
    """The file or the keys cannot be used. The message is one English line for the operator: what and what helps."""


class Group:
    """Transactions that share one commit: when they began, whether it is over, and what went wrong."""

    def __init__(self) -> None:
        self.begun = monotonic()
        self.over = threading.Event()
        self.error: sqlite3.Error | None = None


class Mine(threading.local):
    """What a thread has for itself: whether it is inside a transaction, and its reader."""

    inside = False
    reader: Database | None = None


class Sqlite:
    """The connections to one file; ``:memory:`` is one connection that all threads share, for tests."""

    def __init__(self, path: Path | str):
        self.memory = str(path) == MEMORY
        self.path = Path(path)
        if not self.memory:
            make_file(self.path)
        self.writer = self._connect(write=True)
        self._readers: weakref.WeakSet[Database] = weakref.WeakSet()
        self._mine = Mine()
        self._turn = threading.Lock()
        self._count = threading.Lock()
        self._waiting = 0
        self._group: Group | None = None
        self._shortened = monotonic()

    def rows(self, sql: str, values: dict[str, Any]) -> list[dict[str, Any]]:
        """Rows as dicts: inside a transaction as it sees them, else as last committed."""
        if self._mine.inside:
            return self._fetch(self.writer, sql, values)
        if self.memory:
            return self._read_memory(sql, values)
        return self._fetch(self._reader(), sql, values)

    def run(self, sql: str, values: dict[str, Any] | list[Any]) -> int:
        """Carry out a statement in a transaction; gives how many rows it changed. Raises NotKept."""
        if not self._mine.inside:
            with self.transaction():
                return self.run(sql, values)
        return self._carry_out(lambda: self.writer.execute(sql, values))

    def run_many(self, sql: str, rows: list[dict[str, Any]]) -> int:
        """The same statement for many rows, in one transaction; gives how many rows it changed. Raises NotKept."""
        if not self._mine.inside:
            with self.transaction():
                return self.run_many(sql, rows)
        return self._carry_out(lambda: self.writer.conn.executemany(sql, rows))

    def _carry_out(self, statement: Callable[[], sqlite3.Cursor]) -> int:
        self._refuse_ended()
        try:
            return max(statement().rowcount, 0)
        except sqlite3.OperationalError as error:
            stop_if_disk_fails(error)
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_READONLY):
                raise NotKept(NOT_KEPT) from error
            raise

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, durable on return. Inside another it is a part that can fail alone. Raises NotKept."""
        if self._mine.inside:
            self._refuse_ended()
            with self.writer.atomic():
                yield
                self._refuse_ended()
            return
        group = self._join()
        try:
            with self.writer.atomic():
                yield
                self._refuse_ended()
        finally:
            self._leave(group)
        self._wait(group)

    def close(self) -> None:
        """Close every connection; the last one on the file writes the log back and removes it."""
        with self._turn:
            for reader in list(self._readers):
                reader.close()
            self.writer.close()

    def _refuse_ended(self) -> None:
        """An error such as a full disk ends the whole group; what came after it would be kept without the rest."""
        if not self.writer.conn.in_transaction:
            raise NotKept(NOT_KEPT)

    def _join(self) -> Group:
        with self._count:
            self._waiting += 1
        try:
            self._turn.acquire()
        finally:
            with self._count:
                self._waiting -= 1
        try:
            if self._group is None:
                self.writer.conn.execute("BEGIN IMMEDIATE")
                self._group = Group()
        except sqlite3.Error as error:
            self._turn.release()
            raise NotKept(NOT_KEPT) from error
        self._mine.inside = True
        return self._group

    def _leave(self, group: Group) -> None:
        self._mine.inside = False
        try:
            ended = not self.writer.conn.in_transaction
            if ended or not self._waiting or monotonic() - group.begun > GROUP_SECONDS:
                self._commit(group)
        finally:
            self._turn.release()

    def _commit(self, group: Group) -> None:
        self._group = None
        try:
            self.writer.conn.execute("COMMIT")
        except sqlite3.Error as error:
            stop_if_disk_fails(error)
            self.writer.rollback()
            group.error = error
        group.over.set()
        self._shorten_log()

    def _wait(self, group: Group) -> None:
        while not group.over.wait(PATIENCE_SECONDS):
            with self._turn:
                if self._group is group:
                    self._commit(group)
        if group.error:
            raise NotKept(NOT_KEPT) from group.error

    def _shorten_log(self) -> None:
        """Write a long log back, here and not by itself, so that a flush that fails is seen."""
        if self.memory or monotonic() - self._shortened < LOG_SECONDS or log_bytes(self.path) < LOG_BYTES:
            return
        self._shortened = monotonic()
        # A reader that is busy must not hold up the writers; the next try takes the rest.
        self.writer.conn.execute("PRAGMA busy_timeout = 0")
        try:
            self.writer.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except sqlite3.Error as error:
            stop_if_disk_fails(error)
        finally:
            self.writer.conn.execute(f"PRAGMA busy_timeout = {BUSY_MS}")

    def _read_memory(self, sql: str, values: dict[str, Any]) -> list[dict[str, Any]]:
        """The one connection as a reader, which cannot write any more than a file's readers can."""
        with self._turn:
            self.writer.conn.execute("PRAGMA query_only = 1")
            try:
                return self._fetch(self.writer, sql, values)
            finally:
                self.writer.conn.execute("PRAGMA query_only = 0")

    def _reader(self) -> Database:
        if self._mine.reader is None:
            self._mine.reader = self._connect(write=False)
            self._readers.add(self._mine.reader)
        return self._mine.reader

    def _connect(self, *, write: bool) -> Database:
        connection = sqlite3.connect(
            self.path if not self.memory else MEMORY, isolation_level=None, check_same_thread=False
        )
        try:
            if write and not self.memory:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA wal_autocheckpoint = 0")
            for name, value in PRAGMAS.items():
                connection.execute(f"PRAGMA {name} = {value}")
            if not write:
                connection.execute("PRAGMA query_only = 1")
            assert_pragmas(connection, self.path)
        except sqlite3.DatabaseError as error:
            connection.close()
            raise NotOpened(f"{self.path} cannot be used as a database: {error}") from error
        return Database(connection)

    @staticmethod
    def _fetch(database: Database, sql: str, values: dict[str, Any]) -> list[dict[str, Any]]:
        cursor = database.execute(sql, values)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def make_file(path: Path) -> None:
    """Make the file for its owner alone, or refuse one that others can read. Raises NotOpened."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise NotOpened(f"{path} cannot be opened: {error.strerror}") from error
    if path.stat().st_mode & 0o077:
        raise NotOpened(f"{path} can be read by others; chmod 600 makes it safe")


def assert_pragmas(connection: sqlite3.Connection, path: Path | str) -> None:
    """Ask a connection what it really does. Raises NotOpened naming the first thing that is not so."""
    wanted = PRAGMAS if str(path) == MEMORY else PRAGMAS | {"journal_mode": "wal"}
    for name, value in wanted.items():
        (found,) = connection.execute(f"PRAGMA {name}").fetchone()
        if found != value:
            raise NotOpened(f"{path}: SQLite answers {name} = {found} where {value} is needed; another disk may help")


def log_bytes(path: Path) -> int:
    try:
        return os.stat(f"{path}-wal").st_size
    except OSError:
        return 0


def stop_if_disk_fails(error: sqlite3.Error) -> None:
    """End the process when the disk did not take a write or a flush.

    After a failed flush the system may forget the pages and report the next flush as done (PostgreSQL's
    fsync finding of 2018), so going on could call something kept that is not. A restart reads what is there.
    """
    if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_IOERR:
        name = getattr(error, "sqlite_errorname", "")
        print(f"The disk did not keep what was written ({name}). Stopped; check the disk, then start again.",
              file=sys.stderr, flush=True)  # fmt: skip
        os._exit(os.EX_IOERR)
