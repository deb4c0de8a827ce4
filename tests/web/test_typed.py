"""What a lead has typed outlives her sign-in: it is given back to her, to nobody else, and nothing is done with it."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from screening import decisions, families, people, unfinished
from tests import builders
from tests.web.conftest import PASSWORD

TYPED = {"decision": "change", "level": "1", "reason": "Hun sagde: “De har fået hjælp.”", "note": "Ring fredag."}


@pytest.fixture
def home(store, staff, clock):
    vera = people.get(store, staff.ids["vera"])
    home = builders.a_family(store, vera, clock.now)
    visit = builders.a_visit(home, clock.now, answers={"B": builders.LOUD})
    builders.arrive(store, builders.a_tablet(store, vera, clock.now), visit, clock.now)
    return home


@pytest.fixture
def lead(signed_in):
    return signed_in("lene")


def fields(page):
    """The hidden fields of the decision's form."""
    form = page.text[page.text.rindex('/decision"') :]
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))


def post(browser, home, page, **more):
    return browser.post(f"/lead/families/{home['id']}/decision", data=fields(page) | TYPED | more)


def path(home):
    return f"/lead/families/{home['id']}"


def back(answer):
    """Where signing in will lead."""
    assert answer.status_code == 303 and answer.location.startswith("/account/sign-in?")
    return parse_qs(urlsplit(answer.location).query)["next"][0]


def sign_in(browser, staff, username, clock, way):
    clock.pass_by(seconds=31)
    browser.send("/account/sign-in", username=username, password=PASSWORD)
    answer = browser.post(
        "/account/code", query_string={"next": way},
        data={"csrf_token": browser.token("/account/code"), "code": staff.code(username, clock.now)},
    )  # fmt: skip
    assert answer.status_code == 303
    return browser.get(answer.location)


def stands(page):
    return (
        "Hun sagde: “De har fået hjælp.”" in page.text and "Ring fredag." in page.text and "data-restored" in page.text
    )


def test_what_was_typed_stands_in_the_form_again_after_half_an_hour_of_quiet(lead, store, staff, home, clock):
    page = lead.get(path(home))
    clock.pass_by(minutes=31)
    way = back(post(lead, home, page))
    assert "er gemt og står i formularen" in lead.get("/account/sign-in", query_string={"next": way}).text
    assert "hjælp" not in way and decisions.of_family(store, home["id"]) == []
    again = sign_in(lead, staff, "lene", clock, way)
    assert stands(again) and 'value="change" checked' in again.text.replace('autocomplete="off" ', "")
    assert decisions.of_family(store, home["id"]) == [], "nothing is decided by signing in"
    saved = post(lead, home, again)
    assert saved.status_code == 303
    (made,) = decisions.of_family(store, home["id"])
    assert made["reason"] == TYPED["reason"]
    assert store.rows("SELECT id FROM unfinished") == [], "what was saved is not kept beside it"


def test_it_does_so_when_she_was_signed_out_elsewhere_or_here_in_another_tab(
    lead, signed_in, store, staff, home, clock
):
    page = lead.get(path(home))
    other = signed_in("lene")
    other.send("/account/sessions/end", "/account/")
    assert stands(sign_in(lead, staff, "lene", clock, back(post(lead, home, page))))
    page = lead.get(path(home))
    lead.send("/account/sign-out", "/account/")
    assert stands(sign_in(lead, staff, "lene", clock, back(post(lead, home, page))))


def test_a_page_from_before_she_signed_in_again_loses_nothing(lead, store, staff, home, clock):
    page = lead.get(path(home))
    lead.send("/account/sign-out", "/account/")
    sign_in(lead, staff, "lene", clock, "/lead/")
    answer = post(lead, home, page)
    assert answer.status_code == 303 and "typed=" in answer.location
    assert stands(lead.get(answer.location)) and decisions.of_family(store, home["id"]) == []


def test_nobody_else_who_signs_in_there_reads_it(lead, store, staff, home, clock):
    staff.add("mona", "lead")
    page = lead.get(path(home))
    clock.pass_by(minutes=31)
    way = back(post(lead, home, page))
    others = sign_in(lead, staff, "mona", clock, way)
    assert others.status_code == 200 and "hjælp" not in others.text and "data-restored" not in others.text
    assert post(lead, home, page).status_code == 400, "nor does her page become the other's"
    lead.send("/account/sign-out", "/account/")
    assert stands(sign_in(lead, staff, "lene", clock, way))


def test_it_lies_sealed_and_for_twelve_hours(lead, store, staff, home, clock):
    page = lead.get(path(home))
    clock.pass_by(minutes=31)
    way = back(post(lead, home, page))
    row = store.row("SELECT * FROM unfinished")
    assert b"Ring" not in bytes(row["form_sealed"]) and row["sealed_for"] == staff.ids["lene"]
    clock.pass_by(hours=12)
    assert "data-restored" not in sign_in(lead, staff, "lene", clock, way).text


def test_a_form_that_is_not_ours_is_kept_for_nobody(lead, store, home, clock):
    page = lead.get(path(home))
    clock.pass_by(minutes=31)
    for made in ("", "x", "å", fields(page)["made"][:-3] + "xyz"):
        assert post(lead, home, page, made=made).status_code == 401
    clock.pass_by(hours=12)
    assert post(lead, home, page).status_code == 401, "nor one that is older than what would be kept"
    assert store.rows("SELECT id FROM unfinished") == []


def test_a_page_from_elsewhere_cannot_leave_anything(lead, store, home, clock):
    page = lead.get(path(home))
    clock.pass_by(minutes=31)
    data = fields(page) | TYPED
    answer = lead.post(f"{path(home)}/decision", data=data, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403 and store.rows("SELECT id FROM unfinished") == []


def test_a_page_that_is_blanked_leaves_what_was_typed_and_decides_nothing(lead, store, home):
    answer = post(lead, home, lead.get(path(home)), keep="1")
    assert answer.status_code == 303 and stands(lead.get(answer.location))
    assert decisions.of_family(store, home["id"]) == []
    assert post(lead, home, lead.get(path(home)), keep="1", made="x").status_code == 422
    assert decisions.of_family(store, home["id"]) == []


def test_who_decided_meanwhile_is_still_said(lead, signed_in, store, staff, home, clock):
    staff.add("mona", "lead")
    page = lead.get(path(home))
    clock.pass_by(minutes=31)
    way = back(post(lead, home, page))
    mona = signed_in("mona")
    assert post(mona, home, mona.get(path(home)), level="0", reason="Andet.").status_code == 303
    again = sign_in(lead, staff, "lene", clock, way)
    answer = post(lead, home, again)
    assert answer.status_code == 409 and "Mona Prøve har afgjort det" in answer.text and TYPED["note"] in answer.text


def test_a_second_identical_press_is_the_same_decision(lead, store, home):
    page = lead.get(path(home))
    first, second = post(lead, home, page), post(lead, home, page)
    assert (first.status_code, second.status_code) == (303, 303) and first.location == second.location
    (made,) = decisions.of_family(store, home["id"])
    assert made["by"] == "Lene Prøve"
    assert "har afgjort det" not in lead.get(first.location).text


def test_what_is_typed_about_a_notification_is_kept_too(lead, store, staff, clock):
    vera = people.get(store, staff.ids["vera"])
    home = builders.a_family(store, vera, clock.now)
    hit = {"B": {}, ("C", "parent1"): {"t5": "year"}, "D": {"v1": "3", "v2": None, "v7": "later"}}
    builders.arrive(
        store, builders.a_tablet(store, vera, clock.now), builders.a_visit(home, clock.now, answers=hit), clock.now
    )
    lene = people.get(store, staff.ids["lene"])
    task = next(one["id"] for one in families.get(store, home["id"], lene)["tasks"] if one["action"] == "notification")
    way = f"{path(home)}/tasks/{task}"
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', lead.get(way).text.split("<form class")[1]))
    data = hidden | {"choice": "not_now", "reason": "Hun ringer i morgen.", "again": "2026-11-24"}
    clock.pass_by(minutes=31)
    again = sign_in(lead, staff, "lene", clock, back(lead.post(way, data=data)))
    assert "Hun ringer i morgen." in again.text and "data-restored" in again.text
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', again.text.split("<form class")[1]))
    for _ in range(2):
        assert lead.post(way, data=data | hidden).status_code == 303
    assert len(decisions.of_family(store, home["id"])) == 1


def test_more_forms_than_anybody_has_open_are_not_kept(store, staff, clock):
    for number in range(25):
        clock.pass_by(seconds=1)
        unfinished.keep(store, staff.ids["lene"], {"note": [str(number)]}, clock.now)
    assert store.row("SELECT COUNT(*) AS n FROM unfinished")["n"] == unfinished.MOST
