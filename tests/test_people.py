"""The people who work here: added with what they need to sign in, ended at once."""

from datetime import timedelta

import pyotp
import pytest

from screening import audit, passwords, people, sessions
from screening.errors import Conflict, NotAllowed, NotAnswerable, NotFound


@pytest.fixture
def anna(store, now, cheap):
    return people.add(store, "anna", "Anna Ærø Andersen", "visitor", "Nord", now, cost=cheap)


def test_a_person_is_added_with_a_password_and_a_code_secret_shown_once(store, anna):
    assert passwords.fits(anna["password"], store.row("SELECT password_hash FROM people")["password_hash"])
    assert len(anna["totp_secret"]) >= 32 and pyotp.TOTP(anna["totp_secret"]).now()
    person = people.get(store, anna["id"])
    assert person == {
        "id": anna["id"], "username": "anna", "name": "Anna Ærø Andersen", "role": "visitor", "team": "Nord",
        "initials": "AA", "language": "da", "disabled_at": None, "trained_at": None,
    }  # fmt: skip
    assert [entry["event"] for entry in audit.listed(store)] == ["person_added"]


def test_names_and_secrets_are_sealed(store, anna):
    row = store.row("SELECT * FROM people")
    kept = b"".join(value if isinstance(value, bytes) else str(value).encode() for value in row.values())
    for secret in ("Anna Ærø", anna["totp_secret"], anna["password"]):
        assert secret.encode() not in kept


def test_a_name_to_sign_in_with_is_the_same_however_it_is_typed(store, now, cheap):
    people.add(store, " Åse.Øst ", "Åse Øst", "lead", "Nord", now, cost=cheap)
    for typed in ("åse.øst", "ÅSE.ØST", "a\u030ase.øst", " åse.øst\n"):
        assert people.named(store, typed)["name"] == "Åse Øst"


def test_a_name_in_use_is_refused_and_nothing_of_it_is_kept(store, anna, now, cheap):
    before = len(store.rows("SELECT id FROM data_keys"))
    with pytest.raises(Conflict, match="anna"):
        people.add(store, "ANNA", "Anne", "lead", "Syd", now, cost=cheap)
    assert len(people.listed(store)) == 1
    assert len(store.rows("SELECT id FROM data_keys")) == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"username": ""}, {"username": "a"}, {"username": "anna andersen"}, {"username": "x" * 41}, {"username": "-a"},
        {"username": "<b>"}, {"name": " "}, {"name": "x" * 101}, {"role": "boss"}, {"role": ""},
        {"name": "Anna\u200b Andersen"}, {"name": "\u202eAnna"}, {"team": "No\u200drd"}, {"username": "an\u200bna"},
        {"language": "de"}, {"password": "kort"}, {"password": "annaandersen-annaandersen"},
    ],
)  # fmt: skip
def test_a_person_that_cannot_be_is_refused_with_a_sentence(store, now, cheap, wrong):
    given = {"username": "anna", "name": "Anna Andersen", "role": "visitor", "team": "Nord"} | wrong
    with pytest.raises(NotAnswerable) as refused:
        people.add(store, **given, now=now, cost=cheap)
    assert str(refused.value).endswith(".")
    assert people.listed(store) == []


def test_name_and_team_are_kept_in_one_form(store, now, cheap):
    made = people.add(store, "aase", "A\u030ase\u00a0Holm", "visitor", " No\u0308rd ", now, cost=cheap)
    person = people.get(store, made["id"])
    assert (person["name"], person["team"]) == ("Åse Holm", "Nörd")


def test_a_chosen_password_is_kept(store, now, cheap):
    made = people.add(store, "bo", "Bo", "admin", "", now, "fire glade køer danser", cost=cheap)
    assert made["password"] == "fire glade køer danser"
    assert sessions.sign_in(store, "bo", "fire glade køer danser", now, "here", cheap)


def test_initials_are_the_first_letters_or_what_was_chosen(store, now, cheap):
    for username, name, chosen, initials in (
        ("a1", "Åse", None, "Å"), ("a2", "bo von ib", None, "BI"), ("a3", "Bo Ib", "bix", "BIX"),
    ):  # fmt: skip
        made = people.add(store, username, name, "visitor", "N", now, initials=chosen, cost=cheap)
        assert people.get(store, made["id"])["initials"] == initials


def test_nobody_is_found_under_a_name_or_id_that_is_not_there(store):
    with pytest.raises(NotFound):
        people.named(store, "nobody")
    with pytest.raises(NotFound):
        people.named(store, "\ud83d")
    with pytest.raises(NotFound):
        people.get(store, "nobody")


def test_those_who_still_work_here_come_first(store, anna, now, cheap):
    people.add(store, "bo", "Bo", "lead", "Nord", now, cost=cheap)
    people.disable(store, "anna", now)
    assert [person["username"] for person in people.listed(store)] == ["bo", "anna"]
    assert people.listed(store)[1]["disabled_at"]


PROOF = "Birgit Dam har set hendes id-kort"


def entered(store, username, password, totp_secret, at, cheap):
    half = sessions.sign_in(store, username, password, at, "here", cheap)
    return sessions.confirm(store, half, pyotp.TOTP(totp_secret).at(at), at, "here")


def test_who_lost_her_password_gets_in_again_with_nothing_lost(store, anna, now, cheap):
    open_one = entered(store, "anna", anna["password"], anna["totp_secret"], now, cheap)
    before = store.row("SELECT * FROM people")
    later = now + timedelta(minutes=1)
    new = people.renew_password(store, "ANNA", PROOF, later, cost=cheap)
    assert sessions.by_token(store, open_one, now, sessions.Lifetime()) is None
    with pytest.raises(NotAllowed):
        sessions.sign_in(store, "anna", anna["password"], now, "here", cheap)
    token = entered(store, "anna", new, anna["totp_secret"], later, cheap)
    assert sessions.by_token(store, token, later, sessions.Lifetime())["first_until"] == "2026-11-30T09:13:00.000Z"
    after = store.row("SELECT * FROM people")
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"password_hash", "first_until", "last_code"}


def test_who_lost_her_code_app_gets_a_new_secret_and_the_old_one_is_worth_nothing(store, anna, now, cheap):
    open_one = entered(store, "anna", anna["password"], anna["totp_secret"], now, cheap)
    secret = people.renew_code(store, "anna", PROOF, now)
    assert sessions.by_token(store, open_one, now, sessions.Lifetime()) is None
    with pytest.raises(NotAllowed):
        entered(store, "anna", anna["password"], anna["totp_secret"], now + timedelta(minutes=1), cheap)
    assert entered(store, "anna", anna["password"], secret, now, cheap), "at once, in the half minute of the old one"


def test_a_half_sign_in_does_not_survive_a_renewal(store, anna, now, cheap):
    half = sessions.sign_in(store, "anna", anna["password"], now, "here", cheap)
    people.renew_password(store, "anna", PROOF, now, cost=cheap)
    with pytest.raises(NotAllowed):
        sessions.confirm(store, half, pyotp.TOTP(anna["totp_secret"]).at(now), now, "here")


def test_who_proved_the_identity_is_in_the_log(store, anna, now, cheap):
    people.renew_password(store, "anna", PROOF, now, cost=cheap)
    people.renew_code(store, "anna", PROOF, now, by="adam")
    code, password, *_ = [audit.readable(store, entry) for entry in audit.listed(store)]
    assert (password["event"], password["actor"], password["subject"]) == ("password_renewed", "system", anna["id"])
    assert (code["event"], code["actor"]) == ("code_renewed", "adam")
    assert code["detail"] == password["detail"] == {"identity": PROOF}


@pytest.mark.parametrize("proof", ["", "  ", "x", "x" * 201])
def test_without_a_proof_nothing_is_renewed(store, anna, now, cheap, proof):
    before = store.row("SELECT * FROM people")
    for renew in (lambda: people.renew_password(store, "anna", proof, now, cost=cheap),
                  lambda: people.renew_code(store, "anna", proof, now)):  # fmt: skip
        with pytest.raises(NotAnswerable):
            renew()
    assert store.row("SELECT * FROM people") == before


def test_nothing_is_renewed_for_who_no_longer_works_here(store, anna, now, cheap):
    people.disable(store, "anna", now)
    with pytest.raises(Conflict):
        people.renew_code(store, "anna", PROOF, now)
    with pytest.raises(NotFound):
        people.renew_password(store, "nobody", PROOF, now, cost=cheap)


def test_tablets_stay_ready_when_her_sign_in_is_renewed(store, visitor, tablet, now, cheap):
    tables = ("tablets", "authors", "families", "activations")
    before = [store.rows(f"SELECT * FROM {table}") for table in tables]  # noqa: S608 - tables named above
    people.renew_password(store, visitor["username"], PROOF, now, cost=cheap)
    people.renew_code(store, visitor["username"], PROOF, now)
    assert [store.rows(f"SELECT * FROM {table}") for table in tables] == before  # noqa: S608 - tables named above
    assert before[0] and before[1]


def test_disabling_ends_what_is_open_at_once_and_is_written_once(store, anna, now, cheap):
    half = sessions.sign_in(store, "anna", anna["password"], now, "here", cheap)
    whole = sessions.confirm(store, half, pyotp.TOTP(anna["totp_secret"]).at(now), now, "here")
    assert sessions.by_token(store, whole, now, sessions.Lifetime())
    people.disable(store, "anna", now)
    people.disable(store, "anna", now)
    assert sessions.by_token(store, whole, now, sessions.Lifetime()) is None
    assert [entry["event"] for entry in audit.listed(store)].count("person_disabled") == 1


def test_a_choice_of_language_is_kept(store, anna):
    person = people.get(store, anna["id"])
    people.speak(store, person, "en")
    assert people.get(store, anna["id"])["language"] == "en"
    with pytest.raises(NotAnswerable):
        people.speak(store, person, "xx")
