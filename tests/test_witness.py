"""The log's newest hash outside the database: what is cut off the end is found, and a crash is no tampering."""

import os
from datetime import timedelta

import pytest

from screening import audit, serve, witness
from screening.config import Settings
from screening.denials import Denials

DAY = timedelta(days=1)


@pytest.fixture
def head(tmp_path):
    return tmp_path / "head"


def happen(store, count, now):
    for _ in range(count):
        audit.add(store, "signin", "anna", now)


def test_fifty_entries_cut_off_the_end_are_found(store, head, now):
    happen(store, 120, now)
    witness.keep(store, head, now)
    store.run("DELETE FROM audit WHERE seq > 70")
    assert audit.verify(store) == []
    (line,) = witness.problems(store, head)
    assert line.startswith("entries 71 to 120 are missing at the end")


def test_going_on_after_a_cut_does_not_hide_it(store, head, now):
    happen(store, 120, now)
    witness.keep(store, head, now)
    store.run("DELETE FROM audit WHERE seq > 70")
    for count in (10, 80):
        happen(store, count, now)
        witness.keep(store, head, now)
        assert len(witness.problems(store, head)) == 1
    assert "is not the one" in witness.problems(store, head)[0]


def test_a_crash_before_the_file_was_written_is_no_tampering(store, head, now):
    happen(store, 5, now)
    witness.keep(store, head, now)
    happen(store, 5, now)
    assert witness.problems(store, head) == []
    witness.keep(store, head, now)
    assert witness.problems(store, head) == []


def test_what_is_not_committed_is_not_named(file_store, head, now):
    happen(file_store, 1, now)
    with pytest.raises(ZeroDivisionError), file_store.transaction():
        happen(file_store, 5, now)
        _ = 1 / 0
    witness.keep(file_store, head, now)
    assert head.read_text(encoding="utf-8").split()[1] == "1"


def test_a_line_a_day_and_the_newest_of_today(store, head, now):
    for day in range(3):
        for _ in range(4):
            happen(store, 1, now + day * DAY)
            witness.keep(store, head, now + day * DAY)
    assert [line.split()[1] for line in witness.read(head)] == ["4", "8", "12"]
    assert witness.problems(store, head) == []


def test_nothing_is_written_when_nothing_is_new(store, head, now):
    witness.keep(store, head, now)
    assert not head.exists() and witness.problems(store, head) == []
    happen(store, 1, now)
    witness.keep(store, head, now)
    before = head.stat().st_ino
    witness.keep(store, head, now + DAY)
    assert head.stat().st_ino == before


def test_a_file_that_is_gone_or_damaged_is_told(store, head, now):
    happen(store, 3, now)
    assert "is missing" in witness.problems(store, head)[0]
    head.write_bytes(b"\xff\n")
    witness.keep(store, head, now)
    assert witness.problems(store, head) == [f"{head}: line 1 cannot be read"]


def test_a_write_that_fails_leaves_the_file_as_it_was(store, head, now, monkeypatch):
    happen(store, 1, now)
    witness.keep(store, head, now)
    before = head.read_bytes()
    happen(store, 1, now)
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(OSError):
        witness.keep(store, head, now)
    assert head.read_bytes() == before and list(head.parent.iterdir()) == [head]


class Service:
    """As much of a running service as keeping the log needs."""

    def __init__(self, store, settings, now):
        self.store, self.settings, self.denials, self.clock = store, settings, Denials(), lambda: now


def test_the_serving_process_keeps_it_and_survives_a_file_it_cannot_write(store, tmp_path, now, caplog):
    folder = tmp_path / "instance"
    happen(store, 2, now)
    serve.keep_log(Service(store, Settings(instance=folder), now))
    assert witness.problems(store, tmp_path / "instance.audit-head") == []
    serve.keep_log(Service(store, Settings(instance=folder, audit_head="/proc/nope/head"), now))
    assert "not kept outside the database" in caplog.text
