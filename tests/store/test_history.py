"""A database is brought up to date without losing a row, or refused with a reason."""

import sqlite3

import pytest

from screening.store import NotOpened, open_store

# What an early version of a program made, as it stood in its file.
OLD = {
    "0001 notes": """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE data_keys (id TEXT PRIMARY KEY, kek TEXT NOT NULL, wrapped BYTEA NOT NULL, created_at TEXT NOT NULL);
CREATE TABLE notes (
    id TEXT PRIMARY KEY, team TEXT NOT NULL, sealed_for TEXT NOT NULL, text_sealed BYTEA NOT NULL);
"""
}
NEW = OLD | {
    "0002 notes have a state": """
-- A comment; with a semicolon.
ALTER TABLE notes ADD COLUMN state TEXT NOT NULL DEFAULT 'open';
ALTER TABLE notes ADD COLUMN more_sealed BYTEA;
CREATE INDEX notes_team ON notes (team, state);
UPDATE notes SET state = 'done; or so' WHERE team = 'Syd';
""",
    "0003 tasks": "CREATE TABLE tasks (id TEXT PRIMARY KEY, sealed_for TEXT, task_sealed BYTEA);",
}


@pytest.fixture
def old(keys, now, tmp_path):
    """The file of an old program with two notes in it."""
    made = open_store(tmp_path / "s.db", keys, OLD)
    made.new_data_key("k", now)
    for id, team in (("n1", "Nord"), ("n2", "Syd")):
        made.add("notes", id=id, team=team, sealed_for="k", text_sealed={"said": id})
    made.close()
    return tmp_path / "s.db"


def test_an_old_database_is_brought_up_to_date_and_keeps_its_rows(old, keys):
    store = open_store(old, keys, NEW)
    rows = store.rows("SELECT * FROM notes ORDER BY id")
    assert [(row["team"], row["state"], row["more_sealed"]) for row in rows] == [
        ("Nord", "open", None),
        ("Syd", "done; or so", None),
    ]
    assert [store.opened("notes", row, "text_sealed")["said"] for row in rows] == ["n1", "n2"]
    assert [row["name"] for row in store.rows("SELECT name FROM history")] == list(NEW)
    store.close()


def test_the_epoch_is_made_once_and_stays(old, keys):
    def epoch(store):
        return store.row("SELECT value FROM facts WHERE name = 'epoch'")["value"]

    first, second = open_store(old, keys, NEW), open_store(old, keys, NEW)
    assert epoch(first) == epoch(second) and len(bytes.fromhex(epoch(first))) == 16
    first.close()
    second.close()


def test_a_new_sealed_column_is_guarded_too(old, keys):
    store = open_store(old, keys, NEW)
    for sql in ("UPDATE notes SET more_sealed = 'plain'", "INSERT INTO tasks (id, task_sealed) VALUES ('t', 'plain')"):
        with pytest.raises(sqlite3.IntegrityError, match="takes only what the store has sealed"):
            store.run(sql)
    assert store.change("notes", "n1", more_sealed=["x"]) == 1
    store.close()


def test_migrating_again_does_nothing(old, keys):
    store = open_store(old, keys, NEW)
    assert store.migrate(NEW) == []
    store.close()


def test_a_migration_that_fails_leaves_the_database_as_it_was(old, keys):
    broken = OLD | {"0002 broken": "CREATE TABLE fine (id TEXT);\nCREATE TABLE notes (id TEXT);"}
    with pytest.raises(sqlite3.OperationalError):
        open_store(old, keys, broken)
    store = open_store(old, keys, OLD)
    assert not store.rows("SELECT name FROM sqlite_master WHERE name = 'fine'")
    assert len(store.rows("SELECT * FROM notes")) == 2
    store.close()


@pytest.mark.parametrize(
    "history, reason",
    [
        ({}, "newer version"),
        ({"0001 other": "CREATE TABLE x (id TEXT);"}, "another or a newer"),
        ({"0001 notes": OLD["0001 notes"].replace("team TEXT NOT NULL", "team TEXT")}, "0001 notes"),
        (OLD | {"0000 late": "CREATE TABLE x (id TEXT);"}, "out of order"),
        (OLD | {"0002 half": "CREATE TABLE x (id"}, "middle of a statement"),
    ],
)
def test_a_history_that_does_not_fit_is_refused_with_its_reason(old, keys, history, reason):
    with pytest.raises(NotOpened, match=reason):
        open_store(old, keys, history)


def test_other_line_breaks_are_the_same_migration(old, keys):
    reformatted = {name: sql.replace("\n", "\n    ") for name, sql in OLD.items()}
    open_store(old, keys, reformatted).close()
