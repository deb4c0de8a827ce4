"""Danish is the original, English is complete, and days and clocks are written as people write them."""

import re
from datetime import UTC, date, datetime
from string import Formatter

import pytest

from screening.web import language
from tests.web import words

TEXTS = words.in_templates() | words.in_code()
GAPS = re.compile(r"%\(\w+\)s")


def gaps(text: str) -> set[str]:
    """What is filled in later."""
    return set(GAPS.findall(text)) | {name for _, name, _, _ in Formatter().parse(text) if name}


def test_there_are_texts_from_templates_pages_and_refusals():
    assert {"Gennemgang", "Brugernavn eller adgangskode passer ikke. Prøv igen."} <= set(TEXTS)
    assert ("%(num)s sag", "%(num)s sager") in TEXTS


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: str(text)[:40])
def test_every_text_has_an_english_one_with_the_same_gaps(text):
    one = text[0] if isinstance(text, tuple) else text
    english = language.english().get(one)
    assert english, f"{TEXTS[text]}: no English for {text!r}"
    assert isinstance(english, tuple) == isinstance(text, tuple)
    for version in english if isinstance(english, tuple) else (english,):
        assert version and gaps(version) == gaps(one)


def test_the_catalogue_holds_nothing_that_nobody_says():
    said = {text[0] if isinstance(text, tuple) else text for text in TEXTS}
    assert set(language.english()) - said - {"Nøglerne svarer ikke lige nu. Prøv igen om lidt; bliver det ved, "
                                             "så sig det til driften."} == set()  # fmt: skip


@pytest.mark.parametrize(
    ("speaks", "day", "long", "year", "clock"),
    [
        ("da", "ons. 25. nov.", "onsdag den 25. november", "25. nov. 2026", "10.05"),
        ("en", "Wed 25 Nov", "Wednesday 25 November", "25 Nov 2026", "10:05"),
    ],
)
def test_days_and_clocks(app, speaks, day, long, year, clock):
    with app.test_request_context(headers={"Accept-Language": speaks}):
        moment = datetime(2026, 11, 25, 9, 5, tzinfo=UTC)
        assert language.day(moment) == language.day("2026-11-25") == language.day(date(2026, 11, 25)) == day
        assert language.long_day(moment) == long
        assert language.day_year(moment) == year
        assert language.clock(moment) == clock


def test_a_moment_near_is_told_by_its_nearness(app):
    with app.test_request_context(headers={"Accept-Language": "da"}):
        assert language.moment("2026-11-23T15:00:00.000Z") == "i dag 16.00"
        assert language.moment("2026-11-22T23:30:00.000Z") == "i dag 00.30"
        assert language.moment("2026-11-22T08:00:00.000Z") == "i går 09.00"
        assert language.moment("2026-11-24T08:00:00.000Z") == "i morgen 09.00"
        assert language.moment("2026-11-27T08:00:00.000Z") == "fre. 27. nov. 09.00"


def test_who_reads_another_language_gets_danish(app):
    with app.test_request_context(headers={"Accept-Language": "fr"}):
        assert language.language() == "da"
