"""A tablet that was set back or copied is seen: a number used twice, or an envelope that follows no other."""

import copy
from datetime import timedelta

import pytest

from screening import audit, chains, reviews, sync
from screening.store import new_id
from tests.builders import PLACE, a_person, a_tablet

DAY = timedelta(days=1)


def a_visit(tablet, now):
    return tablet.sealed({"encounter": new_id(now)}, now)


def bring(store, tablet, envelopes, now):
    row = {"id": tablet.id, "revoked_at": None, "nonce": "n" * 22}
    return [one["result"] for one in sync.receive(store, row, envelopes, now)]


def seen(store, now):
    return store.rows("SELECT seq FROM forks ORDER BY seq"), chains.forks(store, None, now)


@pytest.fixture
def used(store, tablet, now):
    """The tablet, after three visits that are here."""
    bring(store, tablet, [a_visit(tablet, now) for _ in range(3)], now)
    return tablet


def test_visits_in_any_order_and_sent_again_are_no_fork(store, tablet, now):
    sent = [a_visit(tablet, now) for _ in range(9)]
    for number in (4, 8, 0, 2, 1, 7, 3, 6, 5, 0, 4):
        bring(store, tablet, [sent[number]], now)
    assert seen(store, now) == ([], [])


def test_a_tablet_that_was_set_back_uses_a_number_twice(store, visitor, used, now):
    copied = copy.copy(used)
    bring(store, used, [a_visit(used, now) for _ in range(2)], now)
    assert bring(store, copied, [a_visit(copied, now) for _ in range(3)], now) == ["received"] * 3, "all is kept"
    numbers, (one,) = seen(store, now)
    assert [row["seq"] for row in numbers] == [4, 5]
    assert (one["person"], one["tablet"]) == (visitor["id"], used.id)
    assert [entry["event"] for entry in audit.listed(store)].count("chain_forked") == 2


@pytest.mark.parametrize("order", [1, -1])
def test_an_envelope_that_does_not_name_the_one_before_it_is_seen_in_either_order(store, used, now, order):
    lost = a_visit(used, now)
    used.previous = "ab" * 32
    bring(store, used, [lost, a_visit(used, now)][::order], now)
    assert [row["seq"] for row in seen(store, now)[0]] == [5]


def test_a_first_envelope_that_follows_another_is_seen(store, tablet, now):
    tablet.previous = "ab" * 32
    bring(store, tablet, [a_visit(tablet, now)], now)
    assert [row["seq"] for row in seen(store, now)[0]] == [1]


def test_the_teams_lead_is_told_for_thirty_days(store, visitor, lead, used, now):
    copied = copy.copy(used)
    bring(store, used, [a_visit(used, now)], now)
    bring(store, copied, [a_visit(copied, now)], now)
    other = a_person(store, now, "lead", "Syd")

    def told(who, at):
        return [one for one in reviews.listed(store, who, at, PLACE)["missing"] if one["kind"] == "fork"]

    (one,) = told(lead, now)
    assert one["headline"] == "En tablet er sat tilbage eller kopieret" and one["visitor"] == visitor["name"]
    assert told(other, now) == [] and told(lead, now + 31 * DAY) == []


def test_another_tablet_is_not_accused(store, visitor, used, now):
    other = a_tablet(store, visitor, now)
    bring(store, other, [a_visit(other, now) for _ in range(3)], now)
    assert seen(store, now) == ([], [])
