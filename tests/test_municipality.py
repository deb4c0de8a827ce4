"""The municipality's own file: numbers, windows and closing days, or one line that names the mistake."""

import json
import re
import tomllib
from datetime import date, time

import pytest

from screening import config, instrument, municipality, serve
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


READY = (
    municipality.EXAMPLE.read_text(encoding="utf-8")
    .replace("00 00 00", "36 00 00")
    .replace("intranet.example.dk", "intranet.fjordby.dk")
    .replace("Eksempel Kommune", "Fjordby Kommune")
    .replace("onsdag kl. 13-15", "torsdag kl. 13-15")
    .replace("Wednesday 13-15", "Thursday 13-15")
)
TRAINED = {"trained_at": "2026-09-01"}


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


def test_a_file_that_a_windows_program_saved_is_read(write):
    assert municipality.load(write("\ufeff" + WHOLE)).name == "Eksempel Kommune"


def test_a_number_that_was_copied_with_signs_that_nobody_sees_is_kept_without(write):
    copied = WHOLE.replace("70 00 00 00", "\u202d70\u00a000 00 00\u202c")
    assert municipality.load(write(copied)).contacts["duty"]["phone"] == "70 00 00 00"


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


def keys_of(data, where=""):
    """Every table of a file with the keys in it."""
    found = {where: set(data)}
    for key, value in data.items():
        if isinstance(value, dict):
            found |= keys_of(value, f"{where}.{key}".lstrip("."))
    return found


def test_the_example_copied_unchanged_is_not_ready(now):
    """FR21: its numbers are nobody's, and its procedure stands nowhere."""
    place = municipality.load(municipality.EXAMPLE)
    assert place.missing(now.date()) == [
        "procedure", "route1", "route2", "route3", "leader_on_duty", "interpreter", "placeholders",
    ]  # fmt: skip
    assert place.for_visitor(TRAINED, now.date())["ready"]["ok"] is False
    assert {"name", "clinic.da", "clinic.en", "procedure.url", "plan.url"} < set(place.placeholders)
    assert "contacts.leader_on_duty.phone" in place.placeholders
    assert len(place.placeholders) == 5 + len(set(place.contacts) - set(municipality.NATIONAL))


def test_a_number_that_is_nobodys_is_told_to_no_tablet():
    contacts = municipality.load(municipality.EXAMPLE).public()["contacts"]
    assert {one["phone"] for name, one in contacts.items() if name not in municipality.NATIONAL} == {""}
    assert contacts["emergency"]["phone"] == "112"


def test_the_example_with_every_placeholder_filled_in_is_ready(write, now):
    """FR21: whoever fills in every key of it has filled in what is asked for."""
    place = municipality.load(write(READY))
    assert place.placeholders == () and place.missing(now.date()) == []


def test_a_demo_is_ready_with_invented_numbers(now):
    place = municipality.invented(municipality.load(municipality.EXAMPLE))
    assert place.missing(now.date()) == [] and place.public()["contacts"]["leader_on_duty"]["phone"] == "00 00 00 12"


@pytest.mark.parametrize("phone", ["00 00 00 12", "00000012", "+45 00 00 00 99", "0045 00 00 00 99", "00-00-00-00"])
def test_a_number_of_noughts_is_nobodys(phone):
    assert municipality.is_nobodys(phone)


@pytest.mark.parametrize("phone", ["", None, "112", "70 00 00 00", "+45 70 00 00 12", "36 39 00 00", "0046 8 000 000"])
def test_any_other_number_is_somebodys(phone):
    assert not municipality.is_nobodys(phone)


def test_a_single_number_left_from_the_example_closes_the_gate(write, now):
    """Also that of a contact which no level needs: the Nu card shows it."""
    place = municipality.load(write(READY + '\n[contacts.crisis_centre]\nname_da = "K"\nphone = "00 00 00 61"\n'))
    assert place.missing(now.date()) == ["placeholders"]
    assert place.placeholders == ("contacts.crisis_centre.phone",)


def test_the_example_holds_every_key_there_is_and_no_other():
    there = keys_of(tomllib.loads(municipality.EXAMPLE.read_text(encoding="utf-8")))
    contacts = {name: keys for name, keys in there.items() if name.startswith("contacts.")}
    assert {name: keys for name, keys in municipality.KEYS.items() if keys is not None} == {
        name: keys for name, keys in there.items() if name != "contacts" and name not in contacts
    }
    assert set().union(*contacts.values()) == set(municipality.CONTACT)


def test_every_key_of_the_example_is_explained_above_it():
    explained, table = False, ""
    for line in municipality.EXAMPLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            explained = True
        elif line.startswith("["):
            table, explained = line, explained or line.startswith("[contacts.")
            assert explained, f"{line} is not explained"
        elif not line.strip():
            explained = False
        else:
            assert table or explained, f"{line} is not explained"


def test_the_example_names_every_contact_that_the_action_guide_knows():
    text = municipality.EXAMPLE.read_text(encoding="utf-8")
    assert [name for name in instrument.load().actions["contacts"] if not re.search(rf"\b{name}\b", text)] == []


# ── readiness ──


@pytest.mark.parametrize(
    ("line", "instead", "missing"),
    [
        ("approved_on = 2026-06-01", "", ["procedure"]),
        ("approved_on = 2026-06-01", "approved_on = 2026-11-24", ["procedure"]),
        ('url = "https://intranet.fjordby.dk/sundhedsplejen/procedure"', "", ["procedure"]),
        ('phone = "36 00 00 12"', "", ["leader_on_duty"]),
        ('phone = "36 00 00 12"', 'phone = " "', ["leader_on_duty"]),
        ('phone = "36 00 00 33"', "", ["route1"]),
        ('phone = "36 00 00 31"', "", []),
        ('phone = "36 00 00 21"', "", []),
        ('level2 = ["family_centre", "family_counselling"]', "level2 = []", ["route2"]),
        ('level3 = ["family_counselling", "social_duty"]', "level3 = []", ["route3"]),
        ('level3 = ["family_counselling", "social_duty"]', 'level3 = ["police"]', []),
        ('interpreter = ["interpreter"]', "interpreter = []", ["interpreter"]),
        ('phone = "36 00 00 51"', "", ["interpreter"]),
    ],
)
def test_a_municipality_is_ready_when_nothing_is_missing(write, now, line, instead, missing):
    """FR21"""
    assert READY.count(line) == 1
    place = municipality.load(write(READY.replace(line, instead)))
    assert place.missing(now.date()) == missing
    assert place.for_visitor(TRAINED, now.date())["ready"] == {"ok": not missing, "missing": missing}


def test_without_a_file_everything_is_missing(tmp_path, now):
    """FR21"""
    place = municipality.load(tmp_path / "municipality.toml")
    assert place.missing(now.date()) == ["procedure", "route1", "route2", "route3", "leader_on_duty", "interpreter"]


@pytest.mark.parametrize(("trained", "ready"), [(None, False), ("2026-11-24", False), ("2026-11-23", True)])
def test_a_visitor_is_ready_from_the_day_of_her_training(write, now, trained, ready):
    """FR21"""
    config = municipality.load(write(READY)).for_visitor({"trained_at": trained}, now.date())
    assert config["ready"] == {"ok": ready, "missing": [] if ready else ["training"]}
    assert config["trained"] == trained


def test_a_tablet_gets_the_plan_the_neutral_sentence_and_whether_a_number_is_national(write):
    told = municipality.load(write(READY)).public()
    assert told["plan"]["url"].startswith("https://") and told["plan"]["text_da"] and told["plan"]["text_en"]
    assert told["journal"] == municipality.JOURNAL
    assert {name for name, one in told["contacts"].items() if one.get("national")} == set(municipality.NATIONAL)
    assert "retention_years" not in told and "routes" not in told


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
        ("[units]\nfamily_centre = 1", "units.family_centre must be a text"),
        ("[units]\nfamily_center = 'x'", "units.family_center is not known"),
        ("units = 7", "units must be a table"),
        ("[procedure]\napproved_on = '2026-06-01'", "procedure.approved_on must be a date"),
        ("[procedure]\nurl = 'http://example.dk'", "procedure.url must begin with https://"),
        ("[procedure]\nurl = 7", "procedure.url must be a text"),
        ("[procedure]\nlink = 'x'", "procedure.link is not known"),
        ("[plan]\nurl = 'javascript:alert(1)'", "plan.url must begin with https://"),
        ("[plan]\ntext_da = 7", "plan.text_da must be a text"),
        ("[journal]\nda = 'Der er talt om vold.'", "journal.da says “vold”"),
        ("[journal]\nen = 'Safety was discussed.'", "journal.en says “Safety”"),
        ("[routes]\nlevel4 = []", "routes.level4 is not known"),
        ("[routes]\nlevel1 = 'hotline'", "routes.level1 must be a list of contacts"),
        ("[routes]\nlevel1 = ['nobody']", "routes.level1 names nobody"),
        ("[retention]\nyears = 5", "retention.years must be a whole number from 10"),
        ("[retention]\nyears = true", "retention.years must be a whole number from 10"),
        ("name = ", "municipality.toml"),
    ],
)
def test_a_mistake_stops_the_start_and_names_file_and_key(write, text, says):
    with pytest.raises(NotConfigured) as refused:
        municipality.load(write(text))
    message = str(refused.value)
    assert says in message and "municipality.toml" in message and "\n" not in message


def test_the_start_says_which_keys_nobody_has_filled_in(tmp_path):
    settings = config.load(tmp_path, environment={})
    settings.municipality_path.write_text(READY.replace("36 00 00 12", "00 00 00 12"), encoding="utf-8")
    (line,) = serve.unfilled(settings)
    assert "municipality.toml: contacts.leader_on_duty.phone" in line and "no tablet asks anybody alone" in line
    settings.municipality_path.write_text(READY, encoding="utf-8")
    assert serve.unfilled(settings) == []
