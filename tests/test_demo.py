"""The invented municipality: complete, the same for the same seed, and nobody's."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from screening import calendar_days, config, encounters, families, people, reviews
from screening.config import NotConfigured
from screening.demo import municipality
from screening.municipality import load
from screening.schema import HISTORY
from screening.store import open_store
from screening.store.keys import FileKeys

NOW = datetime(2026, 11, 23, 9, 12, 0, tzinfo=UTC)
COUNT = 40


def settings(folder):
    return config.load(folder, environment={}, demo=True)


def prepared(folder, seed: int = 1):
    signins = municipality.prepare(settings(folder), COUNT, seed, NOW)
    return signins, open_store(folder / "screening.db", FileKeys(folder / "keys"), HISTORY)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "instance"
    signins, store = prepared(folder)
    yield folder, signins, store
    store.close()


def details(store) -> list[dict]:
    rows = store.rows("SELECT id, sealed_for, details_sealed FROM families ORDER BY created_at, id")
    return [store.opened("families", row, "details_sealed") for row in rows]


def everything_written(demo) -> str:
    folder, _, store = demo
    return json.dumps(details(store), ensure_ascii=False) + (folder / "municipality.toml").read_text(encoding="utf-8")


def test_the_same_seed_invents_the_same_families(demo, tmp_path):
    _, again = prepared(tmp_path / "again")
    _, other = prepared(tmp_path / "other", seed=2)
    one, two, three = (sorted(map(json.dumps, details(store))) for store in (demo[2], again, other))
    again.close()
    other.close()
    assert one == two != three


def test_every_number_in_the_demo_is_nobodys(demo):
    numbers = [child["cpr"] for family in details(demo[2]) for child in family["children"]]
    assert len(numbers) > COUNT
    for number in numbers:
        assert re.fullmatch(r"\d{10}", number)
        assert number[4:6] in {"50", "51", "52", "53", "54", "55", "56", "57"} and number[6] in "5678"
        datetime.strptime(f"20{number[4:6]}-{number[2:4]}-{number[:2]}", "%Y-%m-%d")
    phones = re.findall(r'phone = "([^"]+)"', everything_written(demo))
    assert len(phones) >= 7
    assert all(phone.startswith("00 00 00 ") for phone in phones)


def test_every_visitor_has_visits_today_and_others_around_them(demo):
    _, signins, store = demo
    today = calendar_days.day(NOW).isoformat()
    for one in signins:
        if one["role"] != "visitor":
            continue
        rows = families.caseload(store, people.named(store, one["username"]), None, NOW)["families"]
        visits = [visit for family in rows for visit in family["visits"] if visit["state"] == "open"]
        assert sum((visit["planned"] or "").startswith(today) for visit in visits) >= 2
        assert any(visit["closes"] < today for visit in visits), "nothing is overdue"
        assert any(visit["opens"] > today for visit in visits), "nothing is later"


def test_somewhere_there_are_twins_a_protected_address_another_language_and_parents_apart(demo):
    known = details(demo[2])
    assert any(len(family["children"]) == 2 for family in known)
    assert any(family["address_protected"] for family in known)
    assert any(len(family["languages"]) == 2 for family in known)
    assert any(len({parent["name"].split()[-1] for parent in family["parents"]}) == 2 for family in known)


def test_the_visits_that_lie_behind_came_the_way_every_visit_comes(demo):
    store = demo[2]
    states = store.rows("SELECT state, COUNT(*) AS n FROM envelopes GROUP BY state")
    assert [row["state"] for row in states] == ["opened"]
    assert states[0]["n"] == store.row("SELECT COUNT(*) AS n FROM encounters")["n"] > len(municipality.PEOPLE)


def test_the_leads_find_every_level_among_the_newest_visits(demo):
    store = demo[2]
    levels = set()
    for family in store.rows("SELECT id FROM families"):
        levels |= {one["result"]["final"] for one in encounters.of_family(store, family["id"])}
    assert {0, 1, 2, 3} <= levels


def test_both_leads_have_something_to_decide(demo):
    _, _, store = demo
    for username in ("birgit", "peter"):
        groups = reviews.listed(store, people.named(store, username), NOW)["groups"]
        assert sum(len(group["reviews"]) for group in groups) >= 2


def test_a_prepared_folder_keeps_its_people(demo):
    folder, signins, _ = demo
    assert municipality.prepare(settings(folder), 5, 9, NOW + timedelta(days=1)) == signins


def test_the_municipalitys_file_is_one_that_the_service_reads(demo):
    read = load(demo[0] / "municipality.toml")
    assert read.name == "Fjordby Kommune"
    assert read.unchecked(calendar_days.day(NOW)) == ["interpreter"]


def test_no_demo_is_made_in_a_folder_that_holds_something_else(tmp_path):
    with pytest.raises(NotConfigured, match="demo = true"):
        municipality.prepare(config.load(tmp_path, environment={}), 4, 1, NOW)
    (tmp_path / "screening.db").touch()
    with pytest.raises(NotConfigured, match="choose another folder"):
        municipality.prepare(settings(tmp_path), 4, 1, NOW)
