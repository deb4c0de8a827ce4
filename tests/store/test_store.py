"""The verbs, and that a sealed column takes nothing that was not sealed for its place."""

import base64
import sqlite3
from pathlib import Path

import pytest

from screening import schema
from screening.errors import Unreadable
from screening.store import NotOpened, Store, open_store
from screening.store.history import sealed_columns
from screening.store.keys import FileKeys

SAID = "Hun sagde fødselsdagskagefælden"


def add_family(store: Store, now, id: str = "f1", details: object = None) -> None:
    store.new_data_key(id, now)
    store.add("families", id=id, team="Nord", sealed_for=id, details_sealed=details or {"said": SAID}, created_at="t")


def family(store: Store, id: str = "f1") -> dict:
    row = store.row("SELECT * FROM families WHERE id = :id", id=id)
    assert row
    return row


# ── verbs ──


def test_what_is_added_is_read(store):
    assert store.add("facts", name="a", value="1") == 1
    assert store.row("SELECT value FROM facts WHERE name = :name", name="a") == {"value": "1"}
    assert store.row("SELECT value FROM facts WHERE name = 'b'") is None
    assert store.rows("SELECT value FROM facts WHERE name = 'b'") == []


def test_adding_twice_is_adding_once(store):
    assert store.add("facts", name="a", value="1") == 1
    assert store.add("facts", name="a", value="2") == 0
    assert store.row("SELECT value FROM facts WHERE name = 'a'") == {"value": "1"}


def test_running_tells_how_many_rows_changed(store):
    store.add("facts", name="a", value="1")
    store.add("facts", name="b", value="1")
    assert store.run("UPDATE facts SET value = :new WHERE value = '1'", new="2") == 2
    assert store.run("DELETE FROM facts WHERE value = '9'") == 0


MANY = 120  # more than fit into one statement, and a rest


def test_many_rows_are_added_and_changed_at_once(store, now):
    ids = [f"f{number:03}" for number in range(MANY)]
    assert store.new_data_keys(ids, now) == MANY
    rows = [
        {"id": id, "team": "Nord", "visitor": None, "sealed_for": id, "details_sealed": {"said": id}, "created_at": "t"}
        for id in ids
    ]
    ready = store.ready("families", rows)
    assert store.rows("SELECT id FROM families") == []
    assert store.add_all("families", ready) == MANY and store.add_all("families", ready) == 0
    news = [{"id": id, "sealed_for": id, "team": f"Syd {id}", "details_sealed": {"now": id}} for id in ids[1:]]
    assert store.change_all("families", store.ready("families", news)) == MANY - 1
    for number, id in enumerate(ids):
        row = family(store, id)
        assert row["team"] == (f"Syd {id}" if number else "Nord")
        assert store.opened("families", row, "details_sealed") == ({"now": id} if number else {"said": id})
    assert store.add_all("families", []) == store.change_all("families", []) == 0


def test_many_rows_take_nothing_that_was_not_sealed_for_its_own_place(store, now):
    add_family(store, now)
    add_family(store, now, "f2")
    ready = store.ready("families", [{"id": id, "sealed_for": id, "details_sealed": {}} for id in ("f1", "f2")])
    turned = [ready[0] | {"details_sealed": ready[1]["details_sealed"]}, ready[1]]
    for wrong in (turned, [ready[0], ready[1] | {"details_sealed": {}}], [ready[0] | {"details_sealed": b"plain"}]):
        for verb in (store.add_all, store.change_all):
            with pytest.raises(ValueError, match="not sealed for its place"):
                verb("families", wrong)
    assert store.opened("families", family(store), "details_sealed") == {"said": SAID}


def test_many_rows_are_all_kept_or_none(store, now):
    rows = [{"id": f"s{n}", "family": "nobody's", "kind": "child"} for n in range(MANY)]
    with pytest.raises(sqlite3.IntegrityError):
        store.add_all("subjects", [*rows[:-1], rows[0] | {"id": None}])
    assert store.rows("SELECT id FROM subjects") == []


def test_changing_a_row_by_its_id(store, now):
    add_family(store, now)
    assert store.change("families", "f1", team="Syd") == 1
    assert family(store)["team"] == "Syd"
    assert store.change("families", "nobody", team="Syd") == 0
    assert store.change("families", "nobody", details_sealed={}) == 0


def test_changing_a_sealed_column_seals_it_under_the_rows_own_key(store, now):
    add_family(store, now)
    assert store.change("families", "f1", details_sealed={"said": "new"}, team="Syd") == 1
    row = family(store)
    assert store.opened("families", row, "details_sealed") == {"said": "new"}
    assert row["team"] == "Syd"


def test_a_row_keeps_its_id_and_its_key(store, now):
    add_family(store, now)
    for wrong in ({"sealed_for": "other"}, {"id": "other"}):
        with pytest.raises(ValueError):
            store.change("families", "f1", **wrong)


@pytest.mark.parametrize("name", ["families; DROP TABLE families", "Families", "a b", 'a"', ""])
def test_a_name_that_is_no_name_never_reaches_the_database(store, name):
    with pytest.raises(ValueError):
        store.add(name, id="1")
    with pytest.raises(ValueError):
        store.add("facts", **{name: "1"})


def test_a_row_that_points_nowhere_is_refused(store):
    with pytest.raises(Exception, match="FOREIGN KEY"):
        store.add("subjects", id="nobody", family="nobody", kind="child")


# ── sealing ──


def test_a_sealed_value_opens_where_it_stands(store, now):
    add_family(store, now)
    assert store.opened("families", family(store), "details_sealed") == {"said": SAID}


def test_an_empty_sealed_column_opens_as_nothing(store, now):
    row = {"id": "1", "sealed_for": "nobody", "detail_sealed": None}
    assert store.opened("audit", row, "detail_sealed") is None


def test_nothing_plain_gets_into_any_sealed_column_by_any_way(store):
    columns = sealed_columns(store.database)
    assert len(columns) >= 9
    for table, column in columns:
        for plain in (SAID, SAID.encode(), 7, "SRW1" + SAID * 20, b"SRW1" + SAID.encode()):
            with pytest.raises(Exception, match="takes only what the store has sealed"):
                store.run(f"INSERT INTO {table} ({column}) VALUES (:plain)", plain=plain)  # noqa: S608 - names from the schema


def test_nothing_plain_replaces_what_is_sealed(store, now):
    add_family(store, now)
    for plain in (SAID, SAID.encode(), 7):
        with pytest.raises(Exception, match="takes only what the store has sealed"):
            store.run("UPDATE families SET details_sealed = :plain", plain=plain)
    assert store.opened("families", family(store), "details_sealed") == {"said": SAID}


def test_a_value_without_a_row_or_a_key_to_seal_it_for_is_refused(store, now):
    store.new_data_key("f1", now)
    for given in ({"id": "f1"}, {"sealed_for": "f1"}):
        with pytest.raises(ValueError, match="needs id and sealed_for"):
            store.add("families", team="Nord", details_sealed={}, created_at="t", **given)


def test_a_value_sealed_ahead_goes_only_where_it_was_sealed_for(store, now):
    store.new_data_key("f1", now)
    sealed = store.sealed("families", "f1", "details_sealed", "f1", {"said": SAID})
    values = {"team": "Nord", "sealed_for": "f1", "created_at": "t", "details_sealed": sealed}
    with pytest.raises(ValueError, match="another place"):
        store.add("families", id="f2", **values)
    assert store.add("families", id="f1", **values) == 1
    assert store.opened("families", family(store), "details_sealed") == {"said": SAID}


def test_a_value_moved_to_another_row_under_the_same_key_does_not_open(store, now):
    add_family(store, now, "f1")
    store.add("families", id="f2", team="Nord", sealed_for="f1", details_sealed={"said": "other"}, created_at="t")
    moved = family(store, "f1")["details_sealed"]
    store.run("UPDATE families SET details_sealed = :moved WHERE id = 'f2'", moved=moved)
    with pytest.raises(Unreadable):
        store.opened("families", family(store, "f2"), "details_sealed")


def test_a_data_key_moved_to_another_subject_does_not_open(store, now):
    add_family(store, now, "f1")
    store.new_data_key("f2", now)
    store.run("UPDATE data_keys SET wrapped = (SELECT wrapped FROM data_keys WHERE id = 'f1') WHERE id = 'f2'")
    store.run("UPDATE families SET sealed_for = 'f2' WHERE id = 'f1'")
    with pytest.raises(Unreadable):
        store.opened("families", family(store), "details_sealed")


def test_without_its_data_key_a_value_is_gone(store, now):
    add_family(store, now)
    with store.transaction():
        store.run("PRAGMA defer_foreign_keys = 1")
        store.run("DELETE FROM data_keys WHERE id = 'f1'")
        with pytest.raises(Unreadable):
            store.opened("families", family(store), "details_sealed")
        store.new_data_key("f1", now)  # a new key of the same name does not bring it back
        with pytest.raises(Unreadable):
            store.opened("families", family(store), "details_sealed")


def test_a_data_key_is_made_once(store, now):
    assert store.new_data_key("f1", now) == 1
    before = store.row("SELECT wrapped FROM data_keys WHERE id = 'f1'")
    assert store.new_data_key("f1", now) == 0
    assert store.row("SELECT wrapped FROM data_keys WHERE id = 'f1'") == before


def test_what_was_taken_back_leaves_no_key_behind(store, now):
    with pytest.raises(ZeroDivisionError), store.transaction():
        add_family(store, now, details={"said": "never"})
        store.opened("families", family(store), "details_sealed")
        _ = 1 / 0
    add_family(store, now)
    assert store.opened("families", family(store), "details_sealed") == {"said": SAID}
    store._open_keys.clear()
    assert store.opened("families", family(store), "details_sealed") == {"said": SAID}


def test_nothing_said_stands_readable_in_the_files(file_store, now, tmp_path):
    add_family(file_store, now)
    file_store.add("facts", name="control", value="kontrolordet")
    for _ in ("open", "closed"):
        whole = b"".join(path.read_bytes() for path in sorted(tmp_path.glob("screening.db*")))
        assert b"kontrolordet" in whole
        for form in (SAID.encode(), SAID.encode("utf-16-le"), base64.b64encode(SAID.encode())[:24]):
            assert form not in whole
        file_store.close()


# ── keys and database belong together ──


def test_a_database_with_other_keys_is_refused(keys, now, tmp_path):
    made = open_store(tmp_path / "s.db", keys, schema.HISTORY)
    made.new_data_key("f1", now)
    made.close()
    with pytest.raises(NotOpened, match="the keys do not fit"):
        open_store(tmp_path / "s.db", FileKeys(tmp_path / "other"), schema.HISTORY)
    open_store(tmp_path / "s.db", FileKeys(keys.folder), schema.HISTORY).close()


def test_the_store_knows_no_word_of_the_trade():
    words = ("famil", "visitor", "parents", "review", "encounter", "questionnaire", "levels")
    folder = Path(__file__).parent.parent.parent / "screening" / "store"
    for name in ("__init__", "sqlite", "sealing", "history", "moments"):
        text = (folder / f"{name}.py").read_text(encoding="utf-8").lower()
        assert not [word for word in words if word in text], name
