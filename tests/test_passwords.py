"""How passwords are kept, and which ones a person may choose."""

import threading

import pytest

from screening import passwords
from screening.errors import NotAnswerable, TooMany


def test_only_the_same_password_fits(cheap):
    kept = passwords.hashed("fire glade køer danser", cheap)
    assert passwords.fits("fire glade køer danser", kept)
    for other in ("fire glade køer dansee", "fire glade køer danser ", "Fire glade køer danser", ""):
        assert not passwords.fits(other, kept)


def test_a_password_is_whole_however_long(cheap):
    kept = passwords.hashed("x" * 1000 + "a", cheap)
    assert not passwords.fits("x" * 1000 + "b", kept)


def test_two_who_chose_the_same_are_kept_differently(cheap):
    assert passwords.hashed("fire glade køer danser", cheap) != passwords.hashed("fire glade køer danser", cheap)


def test_keyboards_that_write_a_letter_differently_write_the_same_password(cheap):
    assert passwords.fits("ga\u030ar til sø", passwords.hashed("går til sø", cheap))


def test_half_a_sign_is_a_wrong_password_and_no_mistake(cheap):
    assert not passwords.fits("\ud83d", passwords.hashed("fire glade køer danser", cheap))


def test_the_work_is_at_least_what_asvs_asks():
    """OWASP ASVS 5.0, appendix C: Argon2id, at least 46 MiB, one pass, one lane."""
    assert passwords.COST.memory >= 46 * 1024 and passwords.COST.passes >= 1 and passwords.COST.lanes == 1
    kept = passwords.hashed("fire glade køer danser")
    assert kept.startswith("$argon2id$v=19$m=47104,t=1,p=1$")


def test_the_calculation_is_done_one_at_a_time_two_wait_and_the_rest_are_told_at_once(cheap):
    kept = passwords.hashed("fire glade køer danser", cheap)
    fits: list[bool] = []
    threads = [
        threading.Thread(target=lambda: fits.append(passwords.fits("fire glade køer danser", kept)))
        for _ in range(passwords.WAITING)
    ]
    with passwords.turn():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(0.05)
        for _ in range(20):
            with pytest.raises(TooMany):
                passwords.fits("fire glade køer danser", kept)
            with pytest.raises(TooMany):
                passwords.hashed("fire glade køer danser", cheap)
        assert fits == []
    for thread in threads:
        thread.join(10)
    assert fits == [True] * passwords.WAITING
    assert passwords.fits("fire glade køer danser", kept)


def test_made_passwords_are_new_each_time_and_strong_enough_to_be_chosen():
    made = {passwords.generated() for _ in range(100)}
    assert len(made) == 100
    for password in made:
        assert set(password) <= set(passwords.ALPHABET + "-")
        assert [len(group) for group in password.split("-")] == [5, 5, 5, 5]
        passwords.refuse_weak(password, [])


@pytest.mark.parametrize(
    "password",
    [
        "kort",
        "fjorten tegn!!",
        "x" * 1025,
        "aaaaaaaaaaaaaaaaaaaa",
        "ababababababababab",
        "adgangskode adgangskode 1",
        "SommerSommerSommer2026",
        "sundhedsplejerske-2026",
        "Hvidovre-Kommune-2026",
        "AnnaAndersen12345",
        "1234567890 1234567890",
        "qwertyuiop asdfghjkl",
        " " * 20,
    ],
)
def test_a_password_that_is_easily_guessed_is_refused(password):
    with pytest.raises(NotAnswerable):
        passwords.refuse_weak(password, ["Hvidovre", "Anna", "Andersen"])


USUAL = """
manchesterunited iloveyouiloveyou correcthorsebatterystaple passwordpassword123 qwertyuiopasdfghjkl 123456789012345
1q2w3e4r5t6y7u8i liverpoolfootballclub ihatepasswords123 thisismypassword letmeinletmein1 football123456789
sunshine12345678 princess12345678 trustno1trustno1 monkeymonkeymonkey harrypotter123456 superman12345678
michaeljackson123 unbelievable12345 1234qwerasdfzxcv abcdefghijklmnop zaq12wsxcde34rfv ilovemyfamily1234
tobeornottobethatisthequestion fcbarcelona12345 goodmorningvietnam maytheforcebewithyou
"""


@pytest.mark.parametrize("password", USUAL.split())
def test_what_is_on_every_list_of_breached_passwords_is_refused_and_it_is_said_what_to_do(password):
    """ASVS 6.2.12, without a network."""
    for typed in (password, password.upper(), password.capitalize()):
        with pytest.raises(NotAnswerable, match="Vælg"):
            passwords.refuse_weak(typed, [])


@pytest.mark.parametrize(
    "typed", ["Correct Horse Battery Staple", "correct-horse-battery-staple 1", "P@ssword P@ssword1"]
)
def test_it_is_refused_however_it_is_typed(typed):
    with pytest.raises(NotAnswerable):
        passwords.refuse_weak(typed, [])


@pytest.mark.parametrize(
    "password",
    [
        "plum rapid stone window",
        "abide canyon flame otter",
        "unicorn-tablet-velvet-anchor",
        "lamp river table green",
        "fire glade køer danser",
        "tre bjørne på en bus",
        "K9$wq!zPr7&mLx2",
        "fire glade køer danser på en mark " * 5,
        "山の上に古い寺がある、そして静か",
    ],
)
def test_words_in_a_row_and_any_sign_will_do(password):
    passwords.refuse_weak(password, ["Hvidovre", "Anna", "Andersen"])


def test_fifteen_signs_are_enough_and_fourteen_are_not():
    passwords.refuse_weak("jzq kbx vpw mfh", [])
    with pytest.raises(NotAnswerable, match="15"):
        passwords.refuse_weak("jzq kbx vpw mf", [])
