"""Who may go where: every route, asked by everybody. A route that names no audience is never served."""

import re

import pytest

from screening import audit, people
from screening.config import NotConfigured
from screening.web import access

ROLES = {"visitor": "vera", "lead": "lene", "coordinator": "kim", "admin": "adam"}
# What the four roles may reach; a route that is not here makes the test fail, so that somebody must decide.
TABLE = {
    "public": {
        "account.code", "account.sign_in", "account.speak", "files.static", "healthz", "visitor.instrument",
        "visitor.manifest", "visitor.service_worker", "visitor.shell_pack", "visitor.visit", "visitor.visit_again",
        "visitor.who",
    },
    "tablet": {"visitor.outbox", "visitor.status"},
    "anyone": {
        "account.account", "account.end_others", "account.end_session", "account.front", "account.password",
        "account.sign_out",
    },
    "visitor": {"visitor.caseload", "visitor.enrol"},
    "lead": {
        "lead.confirm", "lead.decide", "lead.families_list", "lead.family", "lead.find", "lead.identity", "lead.leave",
        "lead.notification", "lead.notification_decided", "lead.open_private", "lead.refusals_seen", "lead.release",
        "lead.reviews_list", "lead.take", "lead.task_done",
    },
    "admin": {"admin.activation", "admin.front", "admin.revoke"},
}  # fmt: skip


def routes(app):
    """Every (endpoint, method, path), with something in each variable part."""
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<[^>]+>", "0196e0f0-0000-7000-8000-000000000000", rule.rule)
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, method, path


def ask(browser, method, path):
    """Ask with everything in order but the right: the form's token and our own origin."""
    token = browser.token("/account/sign-in")
    data = {"csrf_token": token} if method == "POST" else None
    return browser.open(path, method=method, data=data, headers={"Origin": "http://localhost"})


def test_every_route_is_in_the_table_under_its_audience(app):
    found = {}
    for endpoint, _, _ in routes(app):
        found.setdefault(access.audience_of(app, endpoint), set()).add(endpoint)
    assert found == TABLE


def test_a_route_without_an_audience_stops_the_start(app):
    app._got_first_request = False
    app.add_url_rule("/left-open", "left_open", lambda: "everything")
    with pytest.raises(NotConfigured, match="/left-open names no audience"):
        access.refuse_unclassified(app)


def test_a_route_without_an_audience_is_not_served_even_so(app, browser):
    app._got_first_request = False
    app.add_url_rule("/left-open", "left_open", lambda: "everything")
    answer = browser.get("/left-open")
    assert answer.status_code == 403 and "everything" not in answer.text


def test_an_audience_that_is_not_in_the_table_cannot_be_named():
    with pytest.raises(ValueError, match="everyone"):
        access.audience("everyone")


@pytest.mark.parametrize("role", ROLES)
def test_every_route_lets_in_its_roles_and_nobody_else(app, signed_in, role):
    browser = signed_in(ROLES[role])
    for endpoint, method, path in routes(app):
        roles = access.AUDIENCES[access.audience_of(app, endpoint)]
        if roles is None or endpoint == "account.sign_out":
            continue
        answer = ask(browser, method, path)
        shut = answer.status_code == 403 and "ikke for din rolle" in answer.text
        assert shut == (role not in roles), f"{role} at {method} {path}: {answer.status_code}"


def shut_out(app, browser):
    """Assert that nothing behind a sign-in opens: a page leads to it, everything else says so."""
    for endpoint, method, path in routes(app):
        if access.AUDIENCES[access.audience_of(app, endpoint)] is None:
            continue
        answer = ask(browser, method, path)
        if method == "GET" and not path.startswith("/visit/"):
            assert answer.status_code == 303 and answer.location.startswith("/account/sign-in"), path
        else:
            assert answer.status_code == 401, f"{method} {path}: {answer.status_code}"


def test_a_stranger_reaches_nothing(app, browser):
    shut_out(app, browser)


def test_a_sign_in_that_has_ended_reaches_nothing(app, signed_in, clock):
    browser = signed_in("lene")
    clock.pass_by(hours=13)
    shut_out(app, browser)


def test_a_disabled_person_reaches_nothing(app, signed_in, store, clock):
    for role, username in ROLES.items():
        browser = signed_in(username)
        people.disable(store, username, clock.now)
        shut_out(app, browser)
        assert role


def test_a_half_sign_in_reaches_nothing(app, browser, staff):
    from tests.web.conftest import PASSWORD

    browser.send("/account/sign-in", username="lene", password=PASSWORD)
    shut_out(app, browser)


def test_a_made_up_token_reaches_nothing(app, browser, staff):
    browser.set_cookie("session", "x" * 43)
    shut_out(app, browser)


def test_a_cookie_opens_nothing_on_the_tablets_own_routes(signed_in):
    browser = signed_in("vera")
    for path in ("/visit/outbox", "/visit/status"):
        assert browser.post(path, data=b"{}").status_code in (401, 403)


def test_reading_never_changes_anything(app):
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        assert view.audience
        if "POST" in rule.methods and "GET" in rule.methods:
            assert rule.endpoint in ("account.sign_in", "account.code", "account.password"), rule.endpoint


def denials(store):
    """(actor, detail) of every denial in the log, oldest first."""
    found = [entry for entry in reversed(audit.listed(store)) if entry["event"] == "denied"]
    return [(entry["actor"], store.opened("audit", entry, "detail_sealed")) for entry in found]


def test_what_was_denied_to_whom_is_in_the_log_without_what_was_typed(signed_in, staff, store):
    browser = signed_in("lene")
    assert browser.get("/lead/families/hemmelig-123").status_code == 404
    assert browser.get("/admin/?hemmelig-123").status_code == 403
    assert browser.get("/hemmelig-123").status_code == 404
    assert browser.get("/static/hemmelig-123.css").status_code == 404
    (first, family), (second, page) = denials(store)
    assert first == second == staff.ids["lene"]
    assert (family["status"], page["status"]) == (404, 403)
    assert family["path"] == "/lead/families/<family_id>" and page["path"] == "/admin/"
    assert "hemmelig" not in str(denials(store)) + str(store.rows("SELECT * FROM audit"))


def test_a_hundred_denials_are_two_entries(signed_in, store, clock):
    browser = signed_in("lene")
    for _ in range(100):
        browser.get("/lead/families/nobody")
    clock.pass_by(minutes=1)
    browser.get("/lead/families/nobody")
    assert [detail["count"] for _, detail in denials(store)] == [1, 99, 1]


def test_a_signature_that_is_refused_is_in_the_log(browser, store):
    for named in ("somebody's words", "\xff"):
        assert browser.post("/visit/outbox", data=b"{}", headers={"X-Tablet": named}).status_code == 403
    (entry,) = denials(store)
    assert entry[0] == "unknown" and entry[1]["path"] == "/visit/outbox"


def test_a_sign_in_that_must_wait_is_in_the_log(browser, staff, store):
    for _ in range(7):
        browser.send("/account/sign-in", username="lene", password="forkert")
    assert [row["event"] for row in reversed(audit.listed(store))][-6:] == ["signin_failed"] * 5 + ["denied"]


def test_a_denial_is_answered_though_the_log_cannot_be_written(signed_in, store, monkeypatch):
    browser = signed_in("lene")
    monkeypatch.setattr(audit, "hash_of", lambda _entry: None)
    assert browser.get("/lead/families/nobody").status_code == 404
