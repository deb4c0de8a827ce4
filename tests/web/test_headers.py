"""Every header on every answer, whatever it is: page, file, nothing new, refusal, mishap."""

import gzip
import logging

import brotli
import pytest
from flask import Response

from screening import config, create_app
from screening.errors import KeysClosed
from screening.web.headers import ALWAYS, CONTENT_SECURITY_POLICY
from tests.web.house import HouseClient, check_headers, check_page

FOREIGN = {"Origin": "https://evil.example"}


def test_nothing_but_our_own_files_may_run_or_be_shown():
    parts = dict(part.partition(" ")[::2] for part in CONTENT_SECURITY_POLICY.split("; "))
    assert parts.pop("default-src") == "'none'"
    assert parts.pop("require-trusted-types-for") == "'script'"
    assert parts.pop("trusted-types") == "visit"
    assert parts.pop("frame-ancestors") == parts.pop("base-uri") == "'none'"
    assert set(parts.values()) == {"'self'"}


@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    [
        ("GET", "/static/shared/base.css", {}, 200),
        ("GET", "/static/nothing.css", {}, 404),
        ("GET", "/static/../screening/config.py", {}, 404),
        ("GET", "/static/%2e%2e/pyproject.toml", {}, 404),
        ("GET", "/nothing", {}, 404),
        ("GET", "/visit/nothing", {}, 404),
        ("GET", "/healthz", {}, 200),
        ("POST", "/healthz", {}, 405),
        ("OPTIONS", "/account/sign-in", {}, 405),
        ("TRACE", "/account/sign-in", {}, 405),
        ("WHATEVER", "/account/sign-in", {}, 405),
        ("POST", "/account/sign-in", {"data": b"x" * 70_000}, 413),
        ("POST", "/visit/outbox", {"data": b"x" * 3_200_000}, 413),
        ("POST", "/account/sign-in", {"data": {"username": "a"}}, 400),
        ("GET", "/lead/", {"headers": FOREIGN}, 403),
        ("POST", "/visit/outbox", {"headers": FOREIGN}, 403),
        ("GET", "/lead/", {}, 303),
    ],
)
def test_every_answer_carries_every_header(browser, method, path, options, status):
    assert browser.open(path, method=method, **options).status_code == status


def test_a_file_that_the_browser_has_is_not_sent_again(browser):
    first = browser.get("/static/shared/base.css")
    again = browser.get("/static/shared/base.css", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304 and not again.data


def test_what_anybody_may_have_is_packed_and_what_is_somebodys_is_not(browser, signed_in):
    packed = browser.get("/static/shared/base.css", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == browser.get("/static/shared/base.css").data
    for path in ("/account/sign-in", "/account/"):
        answer = signed_in("lene").get(path, headers={"Accept-Encoding": "gzip"})
        assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize(
    ("accepted", "packing"),
    [
        (None, None), ("", None), ("br", "br"), ("gzip", "gzip"), ("gzip, deflate, br, zstd", "br"),
        ("GZIP;Q=1", "gzip"),
        ("br;q=0", None), ("br;q=0.000", None), ("br;q=0, gzip", "gzip"), ("*;q=0", None), ("*", "br"),
        ("gzip, *;q=0", "gzip"), ("br;q=0, *", "gzip"), ("br;q=0.5, gzip;q=0.8", "gzip"), ("br ; q=0.001", "br"),
        ("identity;q=0", None), ("identity;q=0, gzip", "gzip"), ("identity, br;q=0.5", None), ("identity, br", "br"),
        ("deflate", None), ("br;q=", None), ("br;q=2", None), ("br;q=-1", None), ("br;q=0.1234", None),
        ("br;q=nan", None),
        ("br;level=5", None), ("br;q=1;q=0", None), (",,;,", None), ("brotli", None), ("br;q=1.001", None),
    ],
)  # fmt: skip
def test_an_answer_is_packed_only_as_the_browser_takes_it(browser, accepted, packing):
    """RFC 9110, 12.4.2 and 12.5.3"""
    plain = browser.get("/static/shared/base.css").data
    answer = browser.get("/static/shared/base.css", headers={} if accepted is None else {"Accept-Encoding": accepted})
    assert answer.headers.get("Content-Encoding") == packing
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[packing](answer.data) == plain


def test_what_is_behind_a_sign_in_is_never_kept_whatever_its_view_says(app, signed_in):
    def careless():
        return Response("<p>careless", headers={"Cache-Control": "public, max-age=60"}, mimetype="text/plain")

    careless.audience = "lead"
    app.view_functions["lead.families_list"] = careless
    assert signed_in("lene").get("/lead/families").headers["Cache-Control"] == "no-store"


def test_over_https_the_browser_is_told_to_stay_there(browser):
    answer = browser.get("/account/sign-in", base_url="https://localhost")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=63072000")


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost:1", "http://localhost.evil.example"]
)
def test_a_request_from_somebody_elses_page_is_refused(signed_in, origin):
    browser = signed_in("lene")
    token = browser.token("/account/")
    answer = browser.post("/account/sign-out", headers={"Origin": origin}, data={"csrf_token": token})
    assert answer.status_code == 403
    assert browser.get("/account/").status_code == 200


def test_a_request_from_our_own_page_is_taken(signed_in):
    browser = signed_in("lene")
    token = browser.token("/account/")
    own = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert browser.post("/account/sign-out", headers=own, data={"csrf_token": token}).status_code == 303


@pytest.mark.parametrize(
    "fetched",
    [
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
        {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"},
    ],
)
def test_a_page_behind_a_sign_in_is_never_embedded_or_loaded_as_something_else(signed_in, fetched):
    assert signed_in("lene").get("/lead/", headers=fetched).status_code == 403


def test_a_link_from_a_message_opens_the_page(signed_in):
    followed = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert signed_in("lene").get("/lead/", headers=followed).status_code == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_nothing_is_changed_by_a_request_that_no_page_of_ours_sent(signed_in, site):
    browser = signed_in("lene")
    token = browser.token("/account/")
    answer = browser.post("/account/sign-out", headers={"Sec-Fetch-Site": site}, data={"csrf_token": token})
    assert answer.status_code == 403


def test_a_form_without_its_token_changes_nothing(signed_in):
    browser = signed_in("lene")
    answer = browser.post("/account/sign-out", data={})
    assert answer.status_code == 400 and "for længe" in answer.text
    assert browser.get("/account/").status_code == 200


def test_a_program_gets_a_refusal_it_can_read(browser):
    assert browser.get("/visit/caseload").status_code == 401
    assert browser.get("/visit/caseload").json == {"error": "Du er logget ud. Log ind, og prøv igen."}
    english = browser.get("/visit/caseload", headers={"Accept-Language": "en"})
    assert english.json == {"error": "You are signed out. Sign in and try again."}


SECRET = "Fru Hansen i Havnegade 7"


@pytest.fixture
def broken(app, browser, monkeypatch):
    """A function that makes the sign-in page fail with an error; gives a browser without the rule against 500."""

    def breaks(error):
        def fail():
            raise error

        fail.audience = "public"
        app.view_functions["account.sign_in"] = fail
        app.test_client_class = None
        return app.test_client()

    return breaks


def test_a_mishap_gets_calm_words_and_every_header_but_no_trace(broken, caplog):
    answer = broken(ValueError(SECRET)).get("/account/sign-in?name=hansen")
    assert answer.status_code == 500
    check_headers(answer)
    check_page(answer)
    assert "Noget gik galt hos os" in answer.text and "intet er gået tabt" in answer.text
    assert "ValueError" not in answer.text and SECRET not in answer.text
    assert "ValueError at" in caplog.text and "account.sign_in" in caplog.text
    assert SECRET not in caplog.text and "hansen" not in caplog.text


def test_when_even_the_page_of_a_mishap_fails_the_last_words_still_come(broken, app, caplog):
    browser = broken(RuntimeError(SECRET))
    app.jinja_env.globals["url_for"] = None
    app.jinja_env.cache.clear()
    answer = browser.get("/account/sign-in")
    assert answer.status_code == 500 and "Noget gik galt hos os" in answer.text
    check_headers(answer)
    assert SECRET not in caplog.text


def test_keys_that_do_not_answer_are_said_to_the_reader_and_named_to_the_operator(broken, caplog):
    answer = broken(KeysClosed("the command gave no answer in 5 s")).get("/account/sign-in")
    assert answer.status_code == 503 and "Nøglerne svarer ikke" in answer.text
    check_headers(answer)
    assert "the command gave no answer in 5 s" in caplog.text


def test_nothing_about_who_or_where_is_logged(signed_in, caplog):
    caplog.set_level(logging.DEBUG)
    browser = signed_in("lene")
    browser.get("/lead/families?q=Hansen")
    browser.get("/nothing/Hansen")
    for word in ("lene", "Hansen", "127.0.0.1", browser.get_cookie("session").value):
        assert word not in caplog.text


def test_a_name_that_is_not_ours_is_not_answered(tmp_path, cheap, clock):
    folder = tmp_path / "named"
    folder.mkdir()
    app = create_app(config.load(folder, environment={}, origin="https://besoeg.example"), clock, cheap)
    app.test_client_class = HouseClient
    assert app.test_client().get("/healthz", base_url="https://besoeg.example").status_code == 200
    assert app.test_client().get("/healthz", base_url="https://evil.example").status_code == 400
    app.extensions["screening"].store.close()


def test_a_header_that_no_proxy_of_ours_set_is_not_believed(browser, staff):
    for number in range(8):
        answer = browser.post(
            "/account/sign-in",
            headers={"X-Forwarded-For": f"10.0.0.{number}", "X-Forwarded-Proto": "https"},
            data={"csrf_token": browser.token(), "username": "lene", "password": "forkert"},
        )
    assert answer.status_code == 429
    assert "Strict-Transport-Security" not in answer.headers


def test_the_list_of_headers_is_whole():
    assert {"Content-Security-Policy", "Referrer-Policy", "X-Content-Type-Options", "Permissions-Policy"} <= set(ALWAYS)
    assert ALWAYS["Referrer-Policy"] == "same-origin"
