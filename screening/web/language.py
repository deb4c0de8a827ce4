"""Danish and English. The Danish text in code and templates is the original and the key to the English one.

Dates and times are written as people here write them: ons. 25. nov., 09.00; in English Wed 25 Nov, 09:00.
"""

from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from babel import dates
from babel.messages.pofile import read_po
from flask import Flask, g, has_request_context, request, session

from screening import calendar_days
from screening.errors import Refused
from screening.people import LANGUAGES
from screening.store import parse_utc
from screening.web import current

CATALOGUE = Path(__file__).with_name("english.po")


def install(app: Flask) -> None:
    """Give the templates their words."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.filters |= {one.__name__: one for one in (day, day_year, long_day, clock, local_clock, moment)}
    english()


@cache
def english() -> dict[str, str | tuple[str, ...]]:
    """The English of every Danish text; plurals as a pair. Read once, at start."""
    with CATALOGUE.open("rb") as file:
        return {
            message.id[0] if isinstance(message.id, tuple) else message.id: message.string
            for message in read_po(file, locale="en", abort_invalid=True)
            if message.id
        }


def language() -> str:
    """The reader's language: her own choice, else this browser's."""
    if not has_request_context():
        return "da"
    if "language" not in g:
        person = current.person()
        chosen = person["language"] if person else session.get("language")
        g.language = chosen or request.accept_languages.best_match(LANGUAGES, default="da")
    return g.language


def gettext(text: str) -> str:
    """The text in the reader's language."""
    if language() == "da":
        return text
    found = english().get(text, text)
    return found if isinstance(found, str) else found[0]


def ngettext(one: str, many: str, count: int) -> str:
    """The text for a number of things in the reader's language."""
    if language() == "da":
        return one if count == 1 else many
    found = english().get(one, (one, many))
    return found[0 if count == 1 else 1] if isinstance(found, tuple) else found


_ = gettext


def sentence(refusal: Refused) -> str:
    """A refusal in the reader's language."""
    text = gettext(refusal.sentence)
    return text.format(**refusal.values) if refusal.values else text


def role_word(role: str) -> str:
    """What a role is called on screen."""
    words = {
        "visitor": _("sundhedsplejerske"),
        "lead": _("teamleder"),
        "coordinator": _("koordinator"),
        "admin": _("administrator"),
    }
    return words[role]


def local(when: datetime | str) -> datetime:
    """A moment, or its UTC text, in the municipality's time."""
    return calendar_days.local(parse_utc(when) if isinstance(when, str) else when)


def day(when: date | datetime | str) -> str:
    """ons. 25. nov."""
    return calendar_days.day_said(as_date(when), language())


def day_year(when: date | datetime | str) -> str:
    """25. nov. 2026"""
    return dates.format_date(as_date(when), "d. MMM y" if language() == "da" else "d MMM y", language())


def long_day(when: date | datetime | str) -> str:
    """onsdag den 25. november"""
    pattern = "EEEE 'den' d. MMMM" if language() == "da" else "EEEE d MMMM"
    return dates.format_date(as_date(when), pattern, language())


def clock(when: datetime | str) -> str:
    """09.00"""
    return f"{local(when):%H.%M}" if language() == "da" else f"{local(when):%H:%M}"


def local_clock(text: str) -> str:
    """09:00, which is local already, as it is written here."""
    return text.replace(":", ".") if language() == "da" else text


def moment(when: datetime | str) -> str:
    """i dag 16.00, or the day and the time."""
    here, today = local(when).date(), local(current.now()).date()
    near = {today: _("i dag"), today + timedelta(days=1): _("i morgen"), today - timedelta(days=1): _("i går")}
    return f"{near.get(here) or day(here)} {clock(when)}"


def as_date(when: date | datetime | str) -> date:
    """A calendar day; a day's own text is never sent through a time zone."""
    if isinstance(when, str) and len(when) == 10:
        return date.fromisoformat(when)
    return when if isinstance(when, date) and not isinstance(when, datetime) else local(when).date()
