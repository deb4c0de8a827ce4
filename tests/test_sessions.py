"""Signing in: a password, then a code that is used once, then a sign-in that ends."""

import time
from datetime import timedelta
from sqlite3 import IntegrityError

import pyotp
import pytest

from screening import attempts, audit, passwords, people, sessions
from screening.errors import NotAllowed, NotAnswerable, TooMany
from screening.sessions import Lifetime

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
LIFE = Lifetime()


class Someone:
    """A person of the test, who knows what is needed to sign in."""

    def __init__(self, store, now, cheap, username="lise", role="lead"):
        self.store, self.cheap, self.username = store, cheap, username
        made = people.add(store, username, f"{username} Holm", role, "Nord", now, cost=cheap)
        self.id, self.password, self.totp = made["id"], made["password"], pyotp.TOTP(made["totp_secret"])

    def half(self, now, place="here", password=None):
        return sessions.sign_in(self.store, self.username, password or self.password, now, place, self.cheap)

    def whole(self, now, place="here"):
        return sessions.confirm(self.store, self.half(now, place), self.totp.at(now), now, place)

    def seen(self, token, now):
        return sessions.by_token(self.store, token, now, LIFE)


@pytest.fixture
def lise(store, now, cheap):
    return Someone(store, now, cheap)


@pytest.fixture
def visitor(store, now, cheap):
    return Someone(store, now, cheap, "vibe", "visitor")


def events(store):
    return [(entry["event"], entry["actor"], entry["subject"]) for entry in audit.listed(store)]


# ── in ──


def test_password_and_code_lead_in(lise, now):
    token = lise.whole(now)
    person = lise.seen(token, now)
    assert (person["id"], person["username"], person["name"], person["role"]) == (lise.id, "lise", "lise Holm", "lead")
    assert set(person) == {
        "id",
        "username",
        "role",
        "team",
        "initials",
        "language",
        "trained_at",
        "name",
        "session",
        "first_until",
    }
    assert events(lise.store)[0] == ("signin", lise.id, None)


def test_the_password_alone_leads_nowhere(lise, now):
    half = lise.half(now)
    assert lise.seen(half, now) is None


def test_the_half_sign_in_ends_when_it_has_led_in(lise, now):
    half = lise.half(now)
    token = sessions.confirm(lise.store, half, lise.totp.at(now), now, "here")
    assert token != half
    with pytest.raises(NotAllowed):
        sessions.confirm(lise.store, half, lise.totp.at(now + MINUTE), now + MINUTE, "here")


@pytest.mark.parametrize("token", ["", "x", "\ud83d", "' OR 1=1 --"])
def test_an_invented_token_is_nobody(lise, now, token):
    lise.whole(now)
    assert lise.seen(token, now) is None
    with pytest.raises(NotAllowed):
        sessions.confirm(lise.store, token, lise.totp.at(now), now, "here")


def test_the_table_does_not_hold_what_leads_in(lise, now):
    token = lise.whole(now)
    ids = [row["id"] for row in lise.store.rows("SELECT id FROM sessions")]
    assert token not in ids and sessions.digest(token) in ids
    assert all(lise.seen(id, now) is None for id in ids)


def test_each_sign_in_has_a_token_of_its_own(lise, now):
    assert len({lise.whole(now + MINUTE * count, f"place {count}") for count in range(5)}) == 5


# ── refused alike ──


def refusal(work):
    with pytest.raises(NotAllowed) as refused:
        work()
    return type(refused.value), str(refused.value), refused.value.status


def test_unknown_disabled_and_wrong_get_the_same_answer(store, lise, visitor, now, cheap):
    people.disable(store, "vibe", now)
    answers = {
        refusal(lambda: lise.half(now, password="wrong")),
        refusal(lambda: visitor.half(now)),
        refusal(lambda: sessions.sign_in(store, "nobody", "wrong", now, "here", cheap)),
        refusal(lambda: sessions.sign_in(store, "", "", now, "here", cheap)),
        refusal(lambda: sessions.sign_in(store, "\ud83d" * 5000, "\ud83d", now, "here", cheap)),
    }
    assert answers == {(NotAllowed, sessions.WRONG, 403)}


def test_unknown_disabled_and_wrong_take_the_same_calculation(store, now):
    """Told by the processor's time of this thread, which other programs do not change; half as much would be seen."""
    cost = passwords.Cost(memory=4096, passes=4, lanes=1)
    for username in ("lise", "vibe"):
        people.add(store, username, "Somebody", "lead", "Nord", now, cost=cost)
    people.disable(store, "vibe", now)
    passwords.nobodys(cost)

    def work(username):
        taken = []
        for _ in range(3):
            begun = time.thread_time()
            refusal(lambda: sessions.sign_in(store, username, "wrong", now, "here", cost))
            taken.append(time.thread_time() - begun)
        return min(taken)

    wrong, unknown, disabled = work("lise"), work("nobody"), work("vibe")
    assert 0.5 < unknown / wrong < 2 and 0.5 < disabled / wrong < 2


@pytest.mark.parametrize("username", ["lise", "nobody"])
def test_a_try_that_found_the_queue_full_does_not_count_whoever_it_was_for(lise, now, cheap, username):
    passwords.nobodys(cheap)
    taken = [passwords.in_line.acquire(blocking=False) for _ in range(1 + passwords.WAITING)]
    try:
        for _ in range(20):
            with pytest.raises(TooMany, match="Mange logger ind"):
                sessions.sign_in(lise.store, username, "wrong", now, "here", cheap)
    finally:
        for _ in taken:
            passwords.in_line.release()
    assert lise.store.rows("SELECT id FROM attempts") == []


def test_nobodys_calculation_costs_what_everybodys_does(cheap):
    assert passwords.nobodys(cheap).split("$")[3] == passwords.hashed("x", cheap).split("$")[3] == "m=8,t=1,p=1"


def test_unknown_names_are_made_to_wait_as_known_ones_are(store, lise, now, cheap):
    for username in ("lise", "nobody"):
        for _ in range(attempts.FREE):
            with pytest.raises(NotAllowed):
                sessions.sign_in(store, username, "wrong", now, "here", cheap)
        with pytest.raises(TooMany) as refused:
            sessions.sign_in(store, username, "wrong", now, "here", cheap)
        assert refused.value.values["seconds"] == 5


def test_a_failed_sign_in_is_written_without_what_was_typed(store, lise, now, cheap):
    refusal(lambda: lise.half(now, password="hemmeligt"))
    refusal(lambda: sessions.sign_in(store, "hemmeligt", "hemmeligt", now, "here", cheap))
    assert events(store)[:2] == [("signin_failed", "unknown", None), ("signin_failed", "unknown", lise.id)]
    for table in ("audit", "attempts", "sessions"):
        assert "hemmeligt" not in str(store.rows(f"SELECT * FROM {table}"))  # noqa: S608 - tables named above


# ── the first password ──


def test_a_password_that_was_made_for_somebody_must_be_changed_within_a_week(lise, now, cheap):
    week = timedelta(days=7)
    assert lise.half(now + week - MINUTE)
    said = refusal(lambda: lise.half(now + week))
    assert said == (NotAllowed, sessions.OLD_FIRST, 403)
    assert refusal(lambda: lise.half(now + week, password="wrong"))[1] == sessions.WRONG, "a stranger learns nothing"
    me = lise.seen(lise.whole(now), now)
    assert me["first_until"]
    new = "fire glade køer danser"
    sessions.change_password(lise.store, me, new, [], now, cost=cheap)
    later = now + timedelta(days=400)
    half = lise.half(later, password=new)
    assert (
        lise.seen(sessions.confirm(lise.store, half, lise.totp.at(later), later, "here"), later)["first_until"] is None
    )


# ── codes ──


@pytest.mark.parametrize("seconds, fits", [(-11, False), (-10, True), (0, True), (29, True), (39, True), (40, False)])
def test_a_code_fits_for_its_half_minute_and_ten_seconds_to_either_side(lise, now, seconds, fits):
    """ASVS 6.5.5: a one-time code that follows the clock lives for thirty seconds at most; the rest is for clocks."""
    at, code = now + timedelta(seconds=seconds), lise.totp.at(now)
    half = lise.half(at)
    if fits:
        assert sessions.confirm(lise.store, half, code, at, "here")
    else:
        refusal(lambda: sessions.confirm(lise.store, half, code, at, "here"))


def test_a_code_is_the_one_that_a_phone_shows(store, lise, now):
    """RFC 6238 with SHA-1, six digits, thirty seconds: appendix B's vector, with its last six digits."""
    row = store.row("SELECT sealed_for FROM people WHERE id = :id", id=lise.id)
    rfc = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    person = {"id": lise.id, "sealed_for": row["sealed_for"]}
    person["totp_sealed"] = store.sealed("people", lise.id, "totp_sealed", row["sealed_for"], rfc)
    assert sessions.use_code(store, person, "081804", now.fromtimestamp(1111111109, now.tzinfo))


def test_a_code_is_used_once(lise, now):
    code = lise.totp.at(now)
    sessions.confirm(lise.store, lise.half(now), code, now, "here")
    half = lise.half(now)
    assert refusal(lambda: sessions.confirm(lise.store, half, code, now, "here"))[1] == sessions.WRONG_CODE


def test_a_code_from_before_the_last_used_one_is_refused(lise, now):
    earlier = lise.totp.at(now - timedelta(seconds=30))
    lise.whole(now)
    half = lise.half(now)
    refusal(lambda: sessions.confirm(lise.store, half, earlier, now, "here"))


def test_a_code_may_be_typed_with_a_gap(lise, now):
    code = lise.totp.at(now)
    assert sessions.confirm(lise.store, lise.half(now), f" {code[:3]} {code[3:]} ", now, "here")


@pytest.mark.parametrize("code", ["", "000", "abcdef", "１２３４５６", "\ud83d", "0" * 100000])
def test_what_is_no_code_is_a_wrong_code(lise, now, code):
    half = lise.half(now)
    assert refusal(lambda: sessions.confirm(lise.store, half, code, now, "here"))[1] == sessions.WRONG_CODE


def test_a_wrong_code_can_be_typed_again(lise, now):
    half = lise.half(now)
    refusal(lambda: sessions.confirm(lise.store, half, "000000", now, "here"))
    assert events(lise.store)[0] == ("signin_failed", lise.id, lise.id)
    assert sessions.confirm(lise.store, half, lise.totp.at(now), now, "here")


def test_codes_cannot_be_guessed_either(lise, now):
    half = lise.half(now)
    with pytest.raises(TooMany):
        for _ in range(20):
            refusal_or_wait(lise, half, now)


def refusal_or_wait(someone, half, now):
    try:
        sessions.confirm(someone.store, half, "000000", now, "here")
    except NotAllowed:
        return


def test_the_code_must_come_within_ten_minutes(lise, now):
    half, late = lise.half(now), now + 10 * MINUTE
    assert refusal(lambda: sessions.confirm(lise.store, half, lise.totp.at(late), late, "here"))[1] == sessions.TOO_LATE


def test_who_is_disabled_between_password_and_code_does_not_get_in(lise, now):
    half = lise.half(now)
    people.disable(lise.store, "lise", now)
    refusal(lambda: sessions.confirm(lise.store, half, lise.totp.at(now), now, "here"))


# ── out ──


def test_signing_out_ends_it_at_once(lise, now):
    token = lise.whole(now)
    sessions.sign_out(lise.store, lise.seen(token, now), now)
    assert lise.seen(token, now) is None
    assert events(lise.store)[0] == ("signout", lise.id, None)


def test_a_quiet_half_hour_ends_it(lise, now):
    token = lise.whole(now)
    assert lise.seen(token, now + 29 * MINUTE)
    assert lise.seen(token, now + 58 * MINUTE)
    assert lise.seen(token, now + 88 * MINUTE) is None


def test_looking_often_writes_once_a_minute(lise, now):
    token = lise.whole(now)
    before = lise.store.row("SELECT seen_at FROM sessions WHERE stage = 'in'")
    lise.seen(token, now + timedelta(seconds=59))
    assert lise.store.row("SELECT seen_at FROM sessions WHERE stage = 'in'") == before
    lise.seen(token, now + MINUTE)
    assert lise.store.row("SELECT seen_at FROM sessions WHERE stage = 'in'") != before


def test_twelve_hours_end_it_however_busy(lise, now):
    token = lise.whole(now)
    for quarter in range(1, 48):
        assert lise.seen(token, now + quarter * 15 * MINUTE)
    assert lise.seen(token, now + 12 * HOUR) is None


def test_a_visitors_sign_in_ends_after_a_quiet_half_hour_too(visitor, now):
    token = visitor.whole(now)
    assert visitor.seen(token, now + 29 * MINUTE)
    assert visitor.seen(token, now + 60 * MINUTE) is None


def test_lifetimes_are_what_the_settings_say(lise, now):
    token = lise.whole(now)
    short = Lifetime(idle=5 * MINUTE, whole=HOUR)
    assert sessions.by_token(lise.store, token, now + 4 * MINUTE, short)
    assert sessions.by_token(lise.store, token, now + 10 * MINUTE, short) is None


def test_a_person_sees_and_ends_their_own_sign_ins(lise, now):
    tokens = [lise.whole(now + MINUTE * count) for count in range(3)]
    at = now + 3 * MINUTE
    me = lise.seen(tokens[2], at)
    listed = sessions.open_ones(lise.store, me, at, LIFE)
    assert [one["own"] for one in listed] == [True, False, False]
    sessions.end_own(lise.store, me, listed[1]["id"], at)
    assert [lise.seen(token, at) is not None for token in tokens] == [True, False, True]
    sessions.end_others(lise.store, me, at)
    assert [lise.seen(token, at) is not None for token in tokens] == [False, False, True]


def test_what_is_ended_stands_in_the_log_and_what_was_over_does_not(lise, now):
    tokens = [lise.whole(now + MINUTE * count) for count in range(4)]
    at = now + 5 * MINUTE
    me, others = lise.seen(tokens[3], at), [lise.seen(token, at)["session"] for token in tokens[:3]]
    for _ in range(2):
        sessions.end_own(lise.store, me, others[0], at)
    assert [event for event, *_ in events(lise.store)].count("session_ended") == 1
    for _ in range(2):
        sessions.end_others(lise.store, me, at)
    assert [event for event, *_ in events(lise.store)].count("session_ended") == 2


def test_a_new_password_the_end_of_the_other_sign_ins_and_the_log_are_one(lise, now, cheap):
    other, own = lise.whole(now), lise.whole(now + MINUTE)
    at, new = now + 2 * MINUTE, "fire glade køer danser"
    me = lise.seen(own, at)
    for weak in ("kort", "Hvidovre Hvidovre 1"):
        with pytest.raises(NotAnswerable):
            sessions.change_password(lise.store, me, weak, ["Hvidovre"], at, cost=cheap)
    assert lise.seen(other, at)
    sessions.change_password(lise.store, me, new, ["Hvidovre"], at, cost=cheap)
    assert (lise.seen(other, at), bool(lise.seen(own, at))) == (None, True)
    assert sessions.sign_in(lise.store, me["username"], new, at, "here", cheap)
    assert [event for event, *_ in events(lise.store)][:2] == ["session_ended", "password_changed"]


def test_a_password_is_not_changed_when_the_log_cannot_be_written(lise, now, cheap, monkeypatch):
    other, own = lise.whole(now), lise.whole(now + MINUTE)
    at = now + 2 * MINUTE
    me, before = lise.seen(own, at), lise.store.rows("SELECT password_hash FROM people")
    monkeypatch.setattr(audit, "hash_of", lambda _entry: None)
    with pytest.raises(IntegrityError):
        sessions.change_password(lise.store, me, "fire glade køer danser", [], at, cost=cheap)
    assert lise.store.rows("SELECT password_hash FROM people") == before
    assert lise.seen(other, at)


def test_a_sign_in_that_ran_out_is_not_listed(lise, now):
    lise.whole(now)
    later = now + HOUR
    token = lise.whole(later)
    assert len(sessions.open_ones(lise.store, lise.seen(token, later), later, LIFE)) == 1


def test_nobody_ends_somebody_elses(lise, visitor, now):
    theirs, mine = visitor.whole(now), lise.whole(now)
    id = visitor.seen(theirs, now)["session"]
    sessions.end_own(lise.store, lise.seen(mine, now), id, now)
    sessions.end_others(lise.store, lise.seen(mine, now), now)
    assert visitor.seen(theirs, now)


def test_old_rows_are_swept_and_the_log_keeps_them(lise, now):
    lise.store.run("UPDATE people SET first_until = NULL")
    lise.whole(now)
    later = now + timedelta(days=8)
    lise.whole(later)
    assert len(lise.store.rows("SELECT id FROM sessions")) == 2  # the half one and the whole one of today
    assert [event for event, *_ in events(lise.store)].count("signin") == 2
