import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.errors import Unreadable
from screening.store import sealing
from screening.store.sealing import Place

KEY = bytes(range(32))
PLACE = Place("notes", "text_sealed", "0190-1")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
# Sealed once by the first version of the format, with KEY, for PLACE: it opens for ever.
KEPT = (
    "53525731a581a81de0fc8920da2075f167fec9bc7c308a7b35eaed4b6fc752425e119735aecdb6d22f1c8ce00a9330ab65be"
    "d4cc5d4707ec6d189263ab9ab164c31a56ac4c47a7debb91620bb731a4d33ddeb1b90689397cbd5ac478db5118efb2cbd244"
    "01ab9486ccf85a56483e297fbb94da9ef5d8b9cbdeaebc33e03bc6ba84c19cfcae1741115f05596d5da37d5196bfccd77763"
    "336a183dccbd9e48ea10e442bd8a8177166b70553eb76b1d1423a3f12242d9b0b3a211283dfbae5bd1fec6419f31434daa50"
    "51c1c61cf965fc9464df49eb54d47bef443fc1eb246a9a72ccf3492b99f0f70946f30b636703f6b5c4f7b43d96f6ae65f06d"
    "90ece94896af61adf273ef7f8eed9e569692e845a7eef505d0917697621a7efbbbc34bee30be"
)


@given(JSON)
def test_any_json_value_opens_as_it_was_sealed(value):
    assert sealing.opened(KEY, PLACE, sealing.sealed(KEY, PLACE, value)) == value


def test_a_lone_half_of_a_sign_is_kept_too():
    assert sealing.opened(KEY, PLACE, sealing.sealed(KEY, PLACE, "\ud83d")) == "\ud83d"


@pytest.mark.parametrize("value", [b"bytes", object(), float("nan"), {"a": {1, 2}}])
def test_what_json_lacks_is_refused(value):
    with pytest.raises((TypeError, ValueError)):
        sealing.sealed(KEY, PLACE, value)


def test_the_first_versions_bytes_still_open():
    assert sealing.opened(KEY, PLACE, bytes.fromhex(KEPT)) == {"name": "Åse", "born": None, "n": [1, 2.5]}


def test_a_flip_of_any_byte_is_seen():
    whole = bytes(sealing.sealed(KEY, PLACE, "said"))
    for at in range(len(whole)):
        damaged = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        with pytest.raises(Unreadable):
            sealing.opened(KEY, PLACE, damaged)


@pytest.mark.parametrize("length", [0, 3, 4, 16, 32, 100, 287])
def test_a_cut_off_value_is_seen(length):
    with pytest.raises(Unreadable):
        sealing.opened(KEY, PLACE, bytes(sealing.sealed(KEY, PLACE, "said"))[:length])


@pytest.mark.parametrize(
    "place", [PLACE._replace(table="others"), PLACE._replace(column="name_sealed"), PLACE._replace(row="0190-2")]
)
def test_a_value_opens_only_in_its_own_table_column_and_row(place):
    blob = sealing.sealed(KEY, PLACE, "said")
    with pytest.raises(Unreadable):
        sealing.opened(KEY, place, blob)


def test_another_key_opens_nothing():
    with pytest.raises(Unreadable):
        sealing.opened(hashlib.sha256(KEY).digest(), PLACE, sealing.sealed(KEY, PLACE, "said"))


def test_the_same_value_never_looks_the_same_twice():
    assert len({bytes(sealing.sealed(KEY, PLACE, "said")) for _ in range(100)}) == 100


def test_the_length_does_not_tell_how_much_was_said():
    lengths = {len(sealing.sealed(KEY, PLACE, "x" * count)) for count in range(200)}
    assert lengths == {sealing.SHORTEST}
