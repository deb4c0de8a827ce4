"""Text from outside is cleaned or refused before anything is compared; the tablet does the same by the same vectors."""

import json
import sys
import unicodedata
from pathlib import Path

import pytest

from screening import untrusted

VECTORS = json.loads((Path(__file__).parent / "vectors" / "signs.json").read_text(encoding="utf-8"))
# Signs of the format that stand before Arabic, Syriac and Kaithi numbers and are drawn.
DRAWN = frozenset(map(chr, (*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD)))
# Controls of layout in three old scripts, drawn with what stands around them.
OLD_SCRIPTS = frozenset(map(chr, range(0x13430, 0x13440)))


@pytest.mark.parametrize(("text", "cleaned", "sign"), VECTORS["texts"])
def test_a_text_is_cleaned_or_refused_as_the_vectors_say(text, cleaned, sign):
    assert untrusted.clean(text) == cleaned == untrusted.clean(cleaned)
    assert untrusted.hidden(text) == sign


def test_every_sign_of_the_format_that_is_not_drawn_is_hidden():
    signs = [chr(number) for number in range(sys.maxunicode + 1)]
    formats = {sign for sign in signs if unicodedata.category(sign) == "Cf"} - DRAWN - OLD_SCRIPTS
    assert {sign for sign in formats if untrusted.clean(f"a{sign}b") != "ab"} == set()


def test_no_letter_number_or_usual_sign_is_lost():
    lost = [
        sign for sign in map(chr, range(0x20, 0x3000))
        if unicodedata.category(sign)[0] in "LNPS" and not unicodedata.decomposition(sign)
        and untrusted.clean(sign) != sign
    ]  # fmt: skip
    assert set(lost) <= set("\u115f\u1160\u2800"), lost


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("S\ufffdren Holm", "U+FFFD"),
        ("SÃ¸ren", "Ã¸ where ø"),
        ("Ã…se", "Ã… where Å"),
        ("Ã†gir", "Ã† where Æ"),
        ("BjÃ¸rn og Ã…se", "Ã¸ where ø"),
        ("JosÃ©", "Ã© where é"),
        ("Å\x81ukasz", "where Ł"),
        ("â\x80\x99", "where ’"),
        ("â€™", "where ’"),
    ],
)
def test_letters_that_were_lost_before_they_came_are_seen(text, says):
    assert says in untrusted.damage(text)


@pytest.mark.parametrize("text", ["Søren Ågård", "Ærø Æble", "Éva Ünal", "Łukasz", "Ãngela Ôå", "São João", "محمد", ""])
def test_a_name_as_people_have_it_shows_no_damage(text):
    assert untrusted.damage(text) is None


def test_a_value_is_cleaned_in_every_depth_and_nothing_else_is_touched():
    given = {"name": "No\u200bra", "more": [{"text": "a\u0301", "n": 1, "yes": True, "none": None}], "k\u200b": []}
    assert untrusted.cleaned(given) == {
        "name": "Nora", "more": [{"text": "á", "n": 1, "yes": True, "none": None}], "k\u200b": [],
    }  # fmt: skip
