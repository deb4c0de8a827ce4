"""The tests take a JavaScript runtime that is new enough, wherever it stands."""

import pytest

from tests import programs


@pytest.fixture
def on_path(tmp_path, monkeypatch):
    """A function: what the machine's own node says of its version."""

    def says(line: str) -> str:
        own = tmp_path / "node"
        own.write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
        own.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        programs.node.cache_clear()
        return str(own)

    yield says
    programs.node.cache_clear()


@pytest.mark.parametrize("line", ["echo v18.20.4", "echo v9.11.2", "echo nonsense", "exit 1", ": says nothing"])
def test_a_node_that_is_too_old_is_passed_by_for_playwrights_own(on_path, line):
    own = on_path(line)
    assert programs.node() != own
    assert programs.new_enough(programs.node())


@pytest.mark.parametrize("line", ["echo v20.0.0", "echo v24.1.0"])
def test_the_machines_own_node_is_taken_when_it_is_new_enough(on_path, line):
    assert on_path(line) == programs.node()
