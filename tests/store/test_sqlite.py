"""One writer with group commit, readers that see what is committed, and a file nobody else can read."""

import os
import re
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import pytest

from screening.errors import NotKept
from screening.store import NotOpened, Store, open_store, sqlite
from screening.store.sqlite import Sqlite, assert_pragmas

ROOT = Path(__file__).parent.parent.parent
NOTES = {
    "0001": "CREATE TABLE notes (id TEXT PRIMARY KEY, text TEXT);\n"
    "CREATE TABLE late (id TEXT REFERENCES notes (id) DEFERRABLE INITIALLY DEFERRED);"
}


@pytest.fixture(params=["file", "memory"])
def both(request, keys, tmp_path):
    """A small store, in a file and in memory."""
    path = tmp_path / "notes.db" if request.param == "file" else ":memory:"
    made = open_store(path, keys, NOTES)
    yield made
    made.close()


@pytest.fixture
def notes(keys, tmp_path):
    made = open_store(tmp_path / "notes.db", keys, NOTES)
    yield made
    made.close()


def ids(store: Store) -> list[str]:
    return [row["id"] for row in store.rows("SELECT id FROM notes ORDER BY id")]


def elsewhere(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def until(true: Callable[[], bool]) -> None:
    """Let the other threads run until something is so, or fail."""
    last = monotonic() + 10
    while not true():
        assert monotonic() < last, "it never came to be"
        os.sched_yield()


# ── one transaction ──


def test_a_transaction_is_kept_whole(both):
    with both.transaction():
        both.add("notes", id="a")
        both.add("notes", id="b")
    assert ids(both) == ["a", "b"]


def test_a_transaction_that_fails_leaves_nothing(both):
    with pytest.raises(ZeroDivisionError), both.transaction():
        both.add("notes", id="a")
        both.add("notes", id=str(1 / 0))
    assert ids(both) == []


def test_a_transaction_sees_what_it_wrote(both):
    with both.transaction():
        both.add("notes", id="a")
        assert ids(both) == ["a"]


def test_a_part_can_fail_without_the_whole(both):
    with both.transaction():
        both.add("notes", id="a")
        with pytest.raises(ZeroDivisionError), both.transaction():
            both.add("notes", id="b")
            _ = 1 / 0
        both.add("notes", id="c")
    assert ids(both) == ["a", "c"]


def test_a_part_is_taken_back_with_the_whole(both):
    with pytest.raises(ZeroDivisionError), both.transaction():
        with both.transaction():
            both.add("notes", id="a")
        _ = 1 / 0
    assert ids(both) == []


def test_reading_cannot_write(both):
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        both.rows("INSERT INTO notes (id) VALUES ('a') RETURNING id")
    assert ids(both) == []


def test_a_reader_sees_nothing_that_is_not_committed(notes):
    seen: list[list[str]] = []
    with notes.transaction():
        notes.add("notes", id="a")
        elsewhere(lambda: seen.append(ids(notes))).join()
    assert seen == [[]]
    assert ids(notes) == ["a"]


# ── group commit ──


@pytest.fixture
def commits(notes):
    """How often the writer commits, counted by SQLite's own trace."""
    counted: list[str] = []
    notes.database.writer.conn.set_trace_callback(lambda sql: counted.append(sql) if sql == "COMMIT" else None)
    return counted


def test_transactions_that_meet_share_one_commit_and_one_that_fails_takes_back_only_itself(notes, commits, monkeypatch):
    monkeypatch.setattr(sqlite, "GROUP_SECONDS", 60)
    errors = []

    def write(name: str) -> None:
        try:
            with notes.transaction():
                notes.add("notes", id=name)
                if name == "c":
                    raise ValueError(name)
        except ValueError as error:
            errors.append(str(error))

    with notes.transaction():
        notes.add("notes", id="first")
        threads = [elsewhere(lambda name=name: write(name)) for name in "abcdefgh"]
        until(lambda: notes.database._waiting == len(threads))
    for thread in threads:
        thread.join()
    assert ids(notes) == ["a", "b", "d", "e", "f", "first", "g", "h"]
    assert errors == ["c"]
    assert len(commits) == 1


def test_a_transaction_returns_only_when_the_groups_commit_is_there(notes, monkeypatch):
    monkeypatch.setattr(sqlite, "GROUP_SECONDS", 60)
    second_may_end, first_wrote, second_in = threading.Event(), threading.Event(), threading.Event()
    returned: list[str] = []

    def first() -> None:
        with notes.transaction():
            notes.add("notes", id="first")
            first_wrote.set()
            until(lambda: notes.database._waiting == 1)
        returned.append("first")

    def second() -> None:
        assert first_wrote.wait(10)
        with notes.transaction():
            second_in.set()
            notes.add("notes", id="second")
            second_may_end.wait(10)
        returned.append("second")

    threads = [elsewhere(first), elsewhere(second)]
    assert second_in.wait(10)
    # The first has left its body, or the second could not be in its own.
    assert not returned and ids(notes) == []
    threads[0].join(timeout=0.2)
    assert not returned, "the first returned before its writes were on disk"
    second_may_end.set()
    for thread in threads:
        thread.join()
    assert sorted(returned) == ["first", "second"] and ids(notes) == ["first", "second"]


def test_when_the_groups_commit_fails_everybody_in_it_hears(notes, monkeypatch):
    monkeypatch.setattr(sqlite, "GROUP_SECONDS", 60)
    refused = []

    def write(table: str) -> None:
        try:
            notes.add(table, id="other")
        except NotKept:
            refused.append(table)

    with pytest.raises(NotKept), notes.transaction():
        notes.add("notes", id="first")
        # A reference that points nowhere and is checked at the commit.
        notes.add("late", id="nobody")
        threads = [elsewhere(lambda: write("notes")), elsewhere(lambda: write("notes"))]
        until(lambda: notes.database._waiting == 2)
    for thread in threads:
        thread.join()
    assert refused == ["notes", "notes"]
    assert ids(notes) == []
    notes.add("notes", id="after")
    assert ids(notes) == ["after"]


def test_a_group_whose_next_member_never_comes_is_committed_by_the_one_that_waits(notes, monkeypatch):
    monkeypatch.setattr(sqlite, "PATIENCE_SECONDS", 0.01)
    notes.database._waiting += 1
    notes.add("notes", id="a")
    notes.database._waiting -= 1
    assert ids(notes) == ["a"]


def test_a_group_does_not_grow_for_ever(notes, commits, monkeypatch):
    monkeypatch.setattr(sqlite, "GROUP_SECONDS", -1)
    with notes.transaction():
        thread = elsewhere(lambda: notes.add("notes", id="a"))
        until(lambda: notes.database._waiting == 1)
    thread.join()
    assert len(commits) == 2


def test_many_threads_lose_nothing(notes):
    def work(name: int) -> None:
        for number in range(25):
            with notes.transaction():
                notes.add("notes", id=f"{name}-{number}")

    threads = [elsewhere(lambda name=name: work(name)) for name in range(8)]
    for thread in threads:
        thread.join()
    assert len(ids(notes)) == 200


# ── when the disk or the database refuses ──


def test_a_full_database_refuses_and_goes_on(notes):
    (pages,) = notes.database.writer.conn.execute("PRAGMA page_count").fetchone()
    notes.database.writer.conn.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(NotKept), notes.transaction():
        notes.add("notes", id="big", text="x" * 100_000)
    assert ids(notes) == []
    notes.add("notes", id="small")
    assert ids(notes) == ["small"]


def test_after_an_error_ended_the_transaction_nothing_is_kept_by_itself(notes):
    with pytest.raises(NotKept), notes.transaction():
        notes.add("notes", id="a")
        notes.database.writer.conn.execute("ROLLBACK")  # as SQLite itself does after some errors
        with pytest.raises(NotKept):
            notes.add("notes", id="b")
        with pytest.raises(NotKept), notes.transaction():
            pass
    assert ids(notes) == []


def test_a_writer_in_another_process_makes_ours_wait_and_then_refuse(notes, tmp_path):
    other = sqlite3.connect(tmp_path / "notes.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    notes.database.writer.conn.execute("PRAGMA busy_timeout = 1")
    with pytest.raises(NotKept):
        notes.add("notes", id="a")
    other.execute("ROLLBACK")
    notes.add("notes", id="b")
    assert ids(notes) == ["b"]


def test_the_process_stops_when_the_disk_fails_a_write(tmp_path):
    """A limit on the size of files stands for the disk: the write ahead of the commit fails as a broken disk's."""
    script = (
        "import resource, sys\n"
        "from screening.store.sqlite import Sqlite\n"
        "database = Sqlite(sys.argv[1])\n"
        "database.run('CREATE TABLE notes (text TEXT)', {})\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (65536, resource.RLIM_INFINITY))\n"
        "for number in range(100):\n"
        "    database.run('INSERT INTO notes VALUES (:text)', {'text': 'x' * 4000})\n"
        "    print(number, flush=True)\n"
        "print('went on')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "n.db")], capture_output=True, text=True, cwd=ROOT, timeout=30
    )
    assert done.returncode == os.EX_IOERR, done.stderr
    assert "went on" not in done.stdout and "The disk did not keep" in done.stderr
    kept = sqlite3.connect(tmp_path / "n.db").execute("SELECT count(*) FROM notes").fetchone()[0]
    assert kept == len(done.stdout.split()) > 0, "every row that was called kept is there, and no other"


def test_what_was_committed_is_there_after_the_process_is_gone(tmp_path):
    script = (
        "import os, sys\n"
        "from screening.store.sqlite import Sqlite\n"
        "database = Sqlite(sys.argv[1])\n"
        "database.run('CREATE TABLE notes (text TEXT)', {})\n"
        "database.run('INSERT INTO notes VALUES (1)', {})\n"
        "os._exit(9)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "n.db")], cwd=ROOT, timeout=30)
    assert sqlite3.connect(tmp_path / "n.db").execute("SELECT count(*) FROM notes").fetchone() == (1,)


def test_a_long_log_is_written_back_and_cut(notes, tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite, "LOG_SECONDS", 0)
    monkeypatch.setattr(sqlite, "LOG_BYTES", 100_000)
    for name in range(40):
        notes.add("notes", id=str(name), text="x" * 10_000)
    assert sqlite.log_bytes(tmp_path / "notes.db") < 120_000
    assert len(ids(notes)) == 40


def test_a_reader_that_stays_does_not_hold_up_the_writers(notes, tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite, "LOG_SECONDS", 0)
    monkeypatch.setattr(sqlite, "LOG_BYTES", 100_000)
    other = sqlite3.connect(tmp_path / "notes.db", isolation_level=None)
    other.execute("BEGIN")
    other.execute("SELECT * FROM notes").fetchall()
    for name in range(40):
        notes.add("notes", id=str(name), text="x" * 10_000)
    assert len(ids(notes)) == 40
    (wait,) = notes.database.writer.conn.execute("PRAGMA busy_timeout").fetchone()
    assert wait == sqlite.BUSY_MS


# ── every connection, and the file ──


def test_every_connection_is_as_strict_as_the_first(notes, tmp_path):
    found: list[object] = []

    def look() -> None:
        connection = notes.database._reader().conn
        assert_pragmas(connection, tmp_path / "notes.db")
        found.append(connection)

    for _ in range(3):
        elsewhere(look).join()
    writer = notes.database.writer.conn
    assert_pragmas(writer, tmp_path / "notes.db")
    # Written back by the store, which looks whether it went well; SQLite by itself would not say.
    assert writer.execute("PRAGMA wal_autocheckpoint").fetchone() == (0,)
    assert len(set(map(id, found))) == len(found) == 3, "each thread reads through its own connection"


WEAKER = {
    "synchronous": "NORMAL",
    "foreign_keys": "0",
    "secure_delete": "0",
    "busy_timeout": "0",
    "trusted_schema": "1",
    "journal_mode": "DELETE",
}


@pytest.mark.parametrize("name", WEAKER)
def test_a_weaker_connection_is_refused(tmp_path, name):
    database = Sqlite(tmp_path / "n.db")
    connection = database.writer.conn
    connection.execute(f"PRAGMA {name} = {WEAKER[name]}")
    with pytest.raises(NotOpened, match=name):
        assert_pragmas(connection, tmp_path / "n.db")


def test_the_file_and_its_log_are_their_owners_alone(notes, tmp_path):
    notes.add("notes", id="a")
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in tmp_path.iterdir()}
    assert modes == {"notes.db": "0o600", "notes.db-shm": "0o600", "notes.db-wal": "0o600"}


def test_a_file_that_others_can_read_is_refused(tmp_path, keys):
    (tmp_path / "n.db").touch(mode=0o644)
    with pytest.raises(NotOpened, match="chmod 600"):
        open_store(tmp_path / "n.db", keys, NOTES)


def test_a_missing_folder_or_a_file_that_is_no_database_is_refused_in_one_line(tmp_path, keys):
    with pytest.raises(NotOpened, match="No such file"):
        open_store(tmp_path / "nowhere" / "n.db", keys, NOTES)
    (tmp_path / "text.db").write_text("this is a shopping list, not a database\n" * 100)
    (tmp_path / "text.db").chmod(0o600)
    with pytest.raises(NotOpened, match=r"text\.db.*not a database"):
        open_store(tmp_path / "text.db", keys, NOTES)


def test_closing_leaves_one_file(keys, tmp_path):
    made = open_store(tmp_path / "notes.db", keys, NOTES)
    made.add("notes", id="a")
    ids(made)
    made.close()
    assert [path.name for path in tmp_path.iterdir()] == ["notes.db"]


def test_nobody_commits_past_the_store():
    """sqlite-utils' own calls commit by themselves inside ``with db.conn``: only the store's transactions are used."""
    wrong = re.compile(r"with [\w.]*conn\b|conn\.commit\(|\.executescript\(|isolation_level\s*=\s*[^N]")
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in sorted((ROOT / "screening").rglob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if wrong.search(line)
    ]
    assert found == []
