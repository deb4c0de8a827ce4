"""Guessing is slow from anywhere, and whoever hammers an account does not keep its owner out."""

import threading
from datetime import timedelta

import pytest

from screening import attempts
from screening.attempts import network
from screening.errors import TooMany

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


def tried(store, account, place, now) -> int:
    """0 when the try was let through, else how many seconds it must wait."""
    try:
        attempts.begin(store, account, place, now)
    except TooMany as refused:
        return refused.values["seconds"]
    return 0


@pytest.mark.parametrize(
    "address, expected",
    [
        ("192.0.2.7", "192.0.2.7/32"),
        ("::ffff:192.0.2.7", "192.0.2.7/32"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("", "unknown"),
        ("192.0.2.7, 10.0.0.1", "unknown"),
        ("localhost", "unknown"),
    ],
)
def test_a_place_is_a_network(address, expected):
    assert network(address) == expected


def test_the_first_five_are_free_and_then_the_wait_doubles_up_to_a_quarter_of_an_hour(store, now):
    at, waits = now, []
    for _ in range(14):
        while wait := tried(store, "lise", "here", at):
            waits.append(wait)
            at += wait * SECOND
    assert waits == [5, 10, 20, 40, 80, 160, 320, 640, 900]


def test_a_try_during_the_wait_does_not_lengthen_it(store, now):
    for _ in range(5):
        tried(store, "lise", "here", now)
    assert [tried(store, "lise", "here", now + seconds * SECOND) for seconds in (1, 2, 3, 4, 5)] == [4, 3, 2, 1, 0]


def test_the_sentence_says_when_to_try_again_in_danish_time(store, now):
    for _ in range(5):
        attempts.begin(store, "lise", "here", now)
    with pytest.raises(TooMany) as refused:
        attempts.begin(store, "lise", "here", now)
    assert str(refused.value) == "Der er prøvet mange gange. Prøv igen kl. 10.13."
    assert refused.value.status == 429


def test_an_hour_later_all_is_forgotten(store, now):
    for _ in range(5):
        tried(store, "lise", "here", now)
    assert tried(store, "lise", "here", now)
    assert [tried(store, "lise", "here", now + HOUR) for _ in range(5)] == [0] * 5


def test_the_right_password_clears_the_places_wait(store, now):
    for _ in range(5):
        tried(store, "lise", "here", now)
    attempts.succeed(store, "lise", "here", now)
    assert tried(store, "lise", "here", now) == 0


def test_other_places_and_other_accounts_do_not_wait(store, now):
    for _ in range(6):
        tried(store, "lise", "here", now)
    assert tried(store, "lise", "there", now) == 0
    assert tried(store, "vibe", "here", now) == 0


def test_at_most_a_hundred_guesses_an_hour_count_and_the_owner_gets_in_every_time(store, now):
    """Guesses from 150 places all the time for an hour, while the owner signs in every ten minutes."""
    attempts.succeed(store, "lise", "home", now - timedelta(days=10))
    evaluated, owner = 0, []
    for number in range(2400):
        at = now + number * 1.5 * SECOND
        evaluated += tried(store, "lise", f"place {number % 150}", at) == 0
        if number % 400 == 399:
            owner.append(tried(store, "lise", "home", at) + tried(store, "lise", "home", at))
            attempts.succeed(store, "lise", "home", at)
    assert evaluated + 2 * len(owner) <= 100
    assert owner == [0] * 6


def test_a_new_place_gets_a_try_while_a_crowd_is_guessing(store, now):
    for number in range(attempts.SHARED):
        tried(store, "lise", f"place {number}", now)
    assert tried(store, "lise", "a new tablet", now) == 0
    assert tried(store, "lise", "place 1", now) > 0


def test_names_that_do_not_exist_are_counted_alike_and_kept_unreadable(store, now):
    """AT-41"""
    for _ in range(5):
        tried(store, "mit kodeord", "here", now)
    assert tried(store, "mit kodeord", "here", now) == 5
    assert "kodeord" not in str(store.rows("SELECT * FROM attempts"))


def test_a_network_that_tries_ever_new_names_must_wait_and_others_need_not(store, now):
    for number in range(attempts.PLACE):
        assert tried(store, f"name {number}", "10.0.0.1/32", now + number * SECOND) == 0
    later = now + attempts.PLACE * SECOND
    assert tried(store, "another name", "10.0.0.1/32", later) == 3600 - attempts.PLACE
    assert tried(store, "another name", "10.0.0.2/32", later) == 0
    assert tried(store, "another name", "browser x", later) == 0
    assert tried(store, "another name", "10.0.0.1/32", now + HOUR) == 0


def test_a_town_hall_behind_one_address_signs_in_all_morning(store, now):
    for number in range(3 * attempts.PLACE):
        at, account = now + number * SECOND, f"person {number}"
        assert [tried(store, account, "10.0.0.1/32", at) for _ in range(2)] == [0, 0]
        attempts.succeed(store, account, "10.0.0.1/32", at)


def test_account_and_place_cannot_be_mixed_up(store, now):
    for _ in range(5):
        tried(store, "a\nb", "c", now)
    assert tried(store, "a", "b\nc", now) in (0, 5)
    assert tried(store, "a", "c", now) == 0


def test_tries_at_the_same_moment_do_not_slip_past(file_store, now):
    results: list[int] = []
    together = threading.Barrier(20)

    def guess() -> None:
        file_store.rows("SELECT 1 AS one")  # the thread's reader is open before it counts
        together.wait(10)
        results.append(tried(file_store, "lise", "here", now))

    threads = [threading.Thread(target=guess) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [0] * 5 + [5] * 15


def test_what_is_old_is_swept(store, now):
    for number in range(5):
        tried(store, f"account {number}", "here", now)
    attempts.succeed(store, "old", "here", now - timedelta(days=181))
    attempts.succeed(store, "lise", "here", now + 2 * HOUR)
    assert len(store.rows("SELECT id FROM attempts")) == 1
