"""A dozen random visits through the whole app; `python -m tests.walks` makes two hundred of them."""

import pytest

from tests.walks.ground import Ground

WALKS = 12


@pytest.fixture(scope="module")
def ground(playwright, chromium_path, tmp_path_factory):
    made = Ground(playwright, chromium_path, tmp_path_factory.mktemp("walks"), WALKS)
    yield made
    assert made.end() == []


@pytest.mark.parametrize("seed", range(1, WALKS + 1))
def test_what_was_tapped_and_not_hidden_stands_on_the_leads_page_with_the_level_it_gives(ground, seed):
    """5.8.9: what is hidden at the end is not there, what is to be taken along is. FR1: nothing opens past the gate."""
    found = ground.walk(seed)
    assert found.differences == []
    assert found.answers > 5
