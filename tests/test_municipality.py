"""The municipality's own file: numbers, windows and closing days, or one line that names the mistake."""

import json
from datetime import date, time

import pytest

from screening import municipality
from screening.config import NotConfigured

WHOLE = """
name = "Eksempel Kommune"
closing_days = [2026-12-24, 2026-12-31]
[clinic]
da = "Sundhedshuset"
en = "The health centre"
[office]
opens = 07:30:00
closes = 15:30:00
[visits."2m"]
to_days = 77
[units]
family_centre = "Familiecentret"
[contacts.duty]
name_da = "Døgnvagten"
phone = "70 00 00 00"
hours_da = "hele døgnet"
verified_on = 2026-10-01
[contacts.police]
verified_on = 2026-10-01
"""


@pytest.fixture
def write(tmp_path):
    def written(text):
        (tmp_path / "municipality.toml").write_text(text, encoding="utf-8")
        return tmp_path / "municipality.toml"

    return written


def test_without_a_file_everything_has_a_default(tmp_path):
    place = municipality.load(tmp_path / "municipality.toml")
    assert place.name == "Kommunen"
    assert {contact["phone"] for contact in place.contacts.values()} == {"112", "114", "1888"}
    assert place.windows == {"2m": {"from_days": 56, "to_days": 70}, "8m": {"from_months": 8, "before_months": 11}}
    assert (place.opens, place.closes, place.closing_days) == (time(8), time(16), frozenset())


def test_a_file_says_what_is_different(write):
    place = municipality.load(write(WHOLE))
    assert (place.name, place.clinic_da, place.clinic_en) == ("Eksempel Kommune", "Sundhedshuset", "The health centre")
    assert (place.opens, place.closes) == (time(7, 30), time(15, 30))
    assert place.windows["2m"] == {"from_days": 56, "to_days": 77}
    assert place.units["family_centre"] == "Familiecentret"
    assert place.units["open_counselling"] == "Åben rådgivning"
    assert place.closing_days == {date(2026, 12, 24), date(2026, 12, 31)}


def test_a_contact_without_an_english_name_keeps_its_danish_one(write):
    contacts = municipality.load(write(WHOLE)).contacts
    assert contacts["duty"]["name_en"] == "Døgnvagten"
    assert contacts["police"]["phone"] == "114" and contacts["police"]["name_en"].startswith("Police")
    assert contacts["emergency"]["phone"] == "112"


def test_a_tablet_gets_it_as_plain_json(write):
    told = json.loads(json.dumps(municipality.load(write(WHOLE)).public()))
    assert told["closing_days"] == ["2026-12-24", "2026-12-31"]
    assert (told["opens"], told["closes"]) == ("07:30", "15:30")
    assert told["contacts"]["duty"]["verified_on"] == "2026-10-01"


def test_numbers_nobody_checked_for_half_a_year_are_named(write):
    text = WHOLE + '[contacts.never]\nname_da = "Aldrig"\nphone = "1"\n[contacts.none]\nname_da = "Ingen"\n'
    place = municipality.load(write(text))
    assert place.unchecked(date(2026, 11, 1)) == ["never"]
    assert place.unchecked(date(2027, 6, 1)) == ["duty", "never"]


@pytest.mark.parametrize(
    "text, says",
    [
        ("nmae = 'x'", "nmae is not known"),
        ("name = ''", "name must be a text"),
        ("name = 7", "name must be a text"),
        ("contacts = 7", "contacts must be a table"),
        ("contacts.x = 7", "contacts.x must be a table"),
        ("[contacts.x]\nphone = '1'", "contacts.x.name_da is missing"),
        ("[contacts.x]\nname_da = 'x'\nphone = 12345678", "contacts.x.phone must be a text"),
        ("[contacts.x]\nname_da = 'x'\nverified_on = '2026-10-01'", "contacts.x.verified_on must be a date"),
        ("[contacts.x]\nname_da = 'x'\nfax = '1'", "contacts.x.fax is not known"),
        ("[visits.'3m']\nfrom_days = 1", "visits.3m is not known"),
        ("[visits.'2m']\nfrom_days = 'x'", "visits.2m.from_days must be a whole number"),
        ("[visits.'2m']\nfrom_days = -1", "visits.2m.from_days must be a whole number"),
        ("[visits.'2m']\nfrom_days = true", "visits.2m.from_days must be a whole number"),
        ("[visits.'8m']\nbefore_months = 8", "visits.8m ends before it begins"),
        ("[office]\nopens = '8'", "office.opens must be a time"),
        ("[office]\nopens = 17:00:00", "office.closes must be later"),
        ("closing_days = '2026-12-24'", "closing_days must be a list of dates"),
        ("closing_days = [2026-12-24T00:00:00]", "closing_days must be a list of dates"),
        ("[units]\nx = 1", "units.x must be a text"),
        ("name = ", "municipality.toml"),
    ],
)
def test_a_mistake_stops_the_start_and_names_file_and_key(write, text, says):
    with pytest.raises(NotConfigured) as refused:
        municipality.load(write(text))
    message = str(refused.value)
    assert says in message and "municipality.toml" in message and "\n" not in message
