"""What stands readable in the tables, and that each table can be sealed and moved to another database."""

import re

import pytest

from screening import people, schema
from screening.store import open_store

# Bytes that are not sealed: keys that are public or wrapped already, and what tablets sealed themselves.
PLAIN_BYTES = {
    ("data_keys", "wrapped"),
    ("tablets", "transport_key"),
    ("authors", "public_key"),
    ("envelopes", "bytes"),
}
# Words for what a family said or is: they belong in a sealed column.
SAID = re.compile(r"name|birth|cpr|address|phone|answer|level|index|reason|note|text|purpose|summary|result")
# What finding a row needs, though it sounds like more.
ALLOWED = {("envelopes", "reason"), ("facts", "name"), ("people", "username"), ("history", "name")}


@pytest.fixture
def columns(store):
    rows = store.rows(
        "SELECT t.name AS tab, c.name AS col, c.type AS kind, c.pk AS pk"
        " FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'"
    )
    return [(row["tab"], row["col"], row["kind"], row["pk"]) for row in rows]


def test_types_are_those_that_both_databases_share(columns):
    assert {kind for _, _, kind, _ in columns} == {"TEXT", "INTEGER", "BYTEA"}
    text = " ".join(schema.HISTORY.values()).upper()
    for only_here in ("AUTOINCREMENT", "STRICT", "WITHOUT ROWID", "BLOB", "DATETIME", "JSON"):
        assert only_here not in text


def test_bytes_are_sealed_or_known_not_to_need_it(columns):
    plain = {(tab, col) for tab, col, kind, _ in columns if kind == "BYTEA" and not col.endswith("_sealed")}
    assert plain == PLAIN_BYTES


def test_what_a_family_said_or_is_stands_in_no_readable_column(columns):
    readable = {(tab, col) for tab, col, _, _ in columns if not col.endswith("_sealed") and SAID.search(col)}
    assert readable <= ALLOWED


def test_a_table_with_a_sealed_column_has_an_id_and_the_name_of_its_key(columns):
    sealed = {tab for tab, col, _, _ in columns if col.endswith("_sealed")}
    assert sealed >= {
        "people",
        "families",
        "encounters",
        "responses",
        "reviews",
        "decisions",
        "tasks",
        "notes",
        "audit",
    }
    for table in sealed:
        assert {"id", "sealed_for"} <= {col for tab, col, _, _ in columns if tab == table}


def test_every_table_has_a_key_of_its_own(columns):
    assert {tab for tab, *_ in columns} == {tab for tab, _, _, pk in columns if pk}


def test_migrations_are_numbered_in_order():
    assert list(schema.HISTORY) == sorted(schema.HISTORY)
    assert [name[:4] for name in schema.HISTORY] == [f"{number:04d}" for number in range(1, len(schema.HISTORY) + 1)]


def test_a_database_of_every_earlier_version_is_brought_up_to_date(keys, now, tmp_path):
    names = list(schema.HISTORY)
    for count in range(1, len(names) + 1):
        path = tmp_path / f"{count}.db"
        old = open_store(path, keys, {name: schema.HISTORY[name] for name in names[:count]})
        old.new_data_key("f", now)
        old.add("families", id="f", team="Nord", sealed_for="f", details_sealed={"said": "x"}, created_at="t")
        old.close()
        new = open_store(path, keys, schema.HISTORY)
        row = new.row("SELECT * FROM families")
        assert row and new.opened("families", row, "details_sealed") == {"said": "x"}
        new.close()


def test_people_of_the_first_version_are_not_trained_and_their_families_can_be_noted(keys, now, tmp_path):
    """FR21: nobody is taken for trained because the column is new."""
    path, (first, *_) = tmp_path / "old.db", schema.HISTORY.items()
    old = open_store(path, keys, dict([first]))
    for id in ("p", "f"):
        old.new_data_key(id, now)
    old.add(
        "people", id="p", username="anne", role="visitor", team="Nord", initials="A", language="da", password_hash="x",
        sealed_for="p", details_sealed={"name": "Anne"}, totp_sealed="y", created_at="t",
    )  # fmt: skip
    old.add("families", id="f", team="Nord", visitor="p", sealed_for="f", details_sealed={}, created_at="t")
    old.close()
    new = open_store(path, keys, schema.HISTORY)
    assert new.row("SELECT name FROM sqlite_master WHERE name = 'guard_notes_note_sealed_insert'")
    assert [one["trained_at"] for one in people.listed(new)] == [None]
    note = {"id": "n", "family": "f", "person": "p", "at": "t", "received_at": "t", "sealed_for": "f"}
    assert new.add("notes", **note, note_sealed={"kind": "moved"}) == 1
    new.close()
