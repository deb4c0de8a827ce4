"""The administrator's page: people, codes for tablets, tablets out of use, numbers to be checked."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from screening import municipality, people, tablets
from tests import builders


@pytest.fixture
def admin(signed_in):
    return signed_in("adam")


def test_everybody_is_listed_with_role_and_who_no_longer_works_here(admin, store, clock):
    people.disable(store, "kim", clock.now)
    page = admin.get("/admin/").text
    for words in ("Vera Prøve", "Sundhedsplejerske", "Lene Prøve", "Teamleder", "Prøvested Kommune", "lukket"):
        assert words in page, words


def test_a_code_for_a_tablet_is_shown_once_and_makes_one_tablet_ready(admin, store, staff, clock):
    shown = admin.send(f"/admin/people/{staff.ids['vera']}/activation", "/admin/")
    code = re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", shown.text).group()
    assert shown.status_code == 200 and code not in admin.get("/admin/").text
    vera, tablet = people.get(store, staff.ids["vera"]), builders.Tablet()
    assert tablets.enrol(store, vera, tablet.request(vera["id"]), clock.now, code)["tablet"] == tablet.id


@pytest.mark.parametrize("username", ["lene", "adam"])
def test_only_a_visitor_gets_a_code(admin, staff, username):
    answer = admin.send(f"/admin/people/{staff.ids[username]}/activation", "/admin/")
    assert answer.status_code == 422 and "Kun en sundhedsplejerske" in answer.text


def test_who_no_longer_works_here_gets_no_code(admin, store, staff, clock):
    people.disable(store, "vera", clock.now)
    assert admin.send(f"/admin/people/{staff.ids['vera']}/activation", "/admin/").status_code == 422
    assert admin.send("/admin/people/nobody/activation", "/admin/").status_code == 404


def test_a_lost_tablet_is_taken_out_of_use(admin, store, staff, clock):
    tablet = builders.a_tablet(store, people.get(store, staff.ids["vera"]), clock.now)
    assert tablet.id[-6:] in admin.get("/admin/").text
    assert admin.send(f"/admin/tablets/{tablet.id}/revoke", "/admin/").status_code == 303
    assert "ude af brug" in admin.get("/admin/").text
    assert admin.send("/admin/tablets/nothing/revoke", "/admin/").status_code == 404


def test_a_number_that_nobody_has_checked_lately_is_marked(admin):
    page = admin.get("/admin/").text
    assert "Leder på vagt" in page and "36 00 00 12" in page and "1. jan. 2020" in page


def test_what_is_missing_before_anybody_can_be_asked_alone_is_named_with_its_key(admin, store, clock):
    """FR21"""
    page = admin.get("/admin/").text
    missing = re.findall(r'data-missing="(\w+)"', page)
    assert missing == ["procedure", "route1", "route2", "route3", "interpreter", "training"]
    assert "[routes] level3" in page and "Uddannelse: Vera Prøve" in page and "ingen dag er registreret" in page
    people.train(store, "vera", clock.now.date() + timedelta(days=7), clock.now)
    assert "uddannes 30. nov. 2026" in admin.get("/admin/").text
    people.train(store, "vera", clock.now.date(), clock.now)
    assert "Vera Prøve</strong>" not in admin.get("/admin/").text


def test_nothing_is_said_when_nothing_is_missing(admin, store, clock, app):
    """FR21"""
    service = app.extensions["screening"]
    place = municipality.invented(municipality.load(municipality.EXAMPLE))
    ready = replace(service, municipality=place)
    app.extensions["screening"] = ready
    people.train(store, "vera", clock.now.date(), clock.now)
    page = admin.get("/admin/").text
    assert "data-missing" not in page and "Mangler, før" not in page


def test_the_page_is_whole_in_english(admin):
    admin.send("/account/language", "/account/", language="en", back="/admin/")
    page = admin.get("/admin/").text
    assert "Health visitor" in page and "Leader on duty" in page and "1 Jan 2020" in page


def test_what_the_file_still_has_from_the_example_is_named_with_its_keys(admin, app):
    """FR21"""
    app.extensions["screening"] = replace(
        app.extensions["screening"], municipality=municipality.load(municipality.EXAMPLE)
    )
    page = admin.get("/admin/").text
    assert 'data-missing="placeholders"' in page and "contacts.leader_on_duty.phone" in page and "plan.url" in page
