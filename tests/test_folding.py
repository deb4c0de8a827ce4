"""A name is found however it is typed, at the lead's as on the tablet: both fold by the same vectors."""

import json
from pathlib import Path

import pytest

from screening import folding

VECTORS = json.loads((Path(__file__).parent / "vectors" / "folding.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("text", "folded"), VECTORS["folded"])
def test_a_text_is_folded_as_the_vectors_say(text, folded):
    assert folding.folded(text) == folded


@pytest.mark.parametrize(("asked", "found"), VECTORS["finds"])
def test_a_name_is_found_as_the_vectors_say(asked, found):
    words = folding.words(asked)
    assert [name for name in VECTORS["names"] if all(word in folding.folded(name) for word in words)] == found
