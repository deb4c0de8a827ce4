"""The tablet's side of the server: the same app for everybody, and nothing it sends can bring the server down."""

import base64
import hashlib
import json
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screening import people, sync, tablets
from screening.demo.tablet import Tablet
from screening.store import envelope, new_id
from screening.web import visitor
from tests.builders import a_family, a_tablet

ROOT = Path(__file__).parent.parent.parent
JSON = {"Content-Type": "application/json"}
IMPORT = re.compile(r'(?:from|import)\s*\(?\s*["`](\.{1,2}/[^"`]+)["`]')
IDLE_ANSWER = 900  # bytes, headers and all


def worker(browser):
    """What the service worker knows: release and shell."""
    code = browser.get("/sw.js").get_data(as_text=True)
    head, _, rest = code.partition("\n")
    assert "=self.visit" in rest[:60]
    return json.loads(head.removeprefix("self.visit = ").removesuffix(";"))


@pytest.fixture
def enrolled(store, staff, clock):
    """A tablet that Vera has made ready."""
    return a_tablet(store, people.get(store, staff.ids["vera"]), clock())


@pytest.fixture
def vera(signed_in, enrolled):
    """Vera's own browser on that tablet, and how it asks for her list."""
    return Asking(signed_in("vera"), enrolled)


class Asking:
    """A browser that asks for the list with its tablet's signature."""

    def __init__(self, browser, tablet):
        self.browser, self.tablet = browser, tablet

    def list(self, after=None):
        path = "/visit/caseload" if after is None else f"/visit/caseload?after={quote(after, errors='surrogatepass')}"
        return self.browser.get(path, headers=self.tablet.headers(path, method="GET"))


def post(browser, tablet, path, value, **headers):
    """A request with the tablet's signature; bytes are sent as they are."""
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return browser.post(path, data=body, headers=tablet.headers(path, body) | headers)


def a_visit(tablet, clock):
    return tablet.sealed({"encounter": new_id(clock())}, clock())


def as_text(raw):
    return base64.b64encode(raw).decode()


# ── the app itself ──


def test_the_page_is_the_same_for_everybody_and_starts_no_session(browser, signed_in):
    pages = [one.get("/visit") for one in (browser, signed_in("vera"), signed_in("lene"))]
    assert len({page.data for page in pages}) == 1
    assert all("Set-Cookie" not in page.headers for page in pages)
    assert pages[0].headers["Cache-Control"] == "no-cache"
    assert browser.get("/visit", headers={"If-None-Match": pages[0].headers["ETag"]}).status_code == 304
    assert browser.get("/visit/").headers["Location"] == "/visit"


def test_the_page_speaks_the_same_whatever_language_is_asked_for_first(app):
    english = app.test_client().get("/visit", headers={"Accept-Language": "en"})
    app.extensions.pop("shell")
    assert app.test_client().get("/visit", headers={"Accept-Language": "da"}).data == english.data


def test_every_file_of_the_shell_is_served_as_the_worker_expects_it(browser):
    known = worker(browser)
    assert known["release"] == browser.get("/healthz").json["release"]
    for address, *integrity in [*known["shell"], known["pack"]]:
        answer = browser.get(address)
        assert answer.status_code == 200, address
        digest = base64.b64encode(hashlib.sha256(answer.data).digest()).decode()
        assert integrity in ([], [f"sha256-{digest}"]), address
        assert "Set-Cookie" not in answer.headers, address


def test_what_travels_together_is_what_each_address_says_by_itself(browser):
    known = worker(browser)
    pack = browser.get(known["pack"][0])
    index, _, texts = pack.get_data(as_text=True).partition("\n")
    units, at, together = texts.encode("utf-16-le"), 0, {}
    for address, kind, length in json.loads(index):
        together[address] = (kind, units[at : at + 2 * length].decode("utf-16-le"))
        at += 2 * length
    assert at == len(units)
    assert set(together) == {address for address, *integrity in known["shell"] if not integrity}
    assert len(together) > 15
    for address, (kind, text) in together.items():
        alone = browser.get(address)
        assert (alone.get_data(as_text=True), alone.content_type) == (text, kind), address
        if address.endswith(".js"):
            same = ("Content-Security-Policy", "Cross-Origin-Opener-Policy", "X-Content-Type-Options")
            assert [alone.headers[name] for name in same] == [pack.headers[name] for name in same], address


def test_our_scripts_and_styles_travel_minified_and_what_others_wrote_as_it_is(browser):
    static = ROOT / "static"
    for path in [*static.rglob("*.js"), *static.rglob("*.css")]:
        name = path.relative_to(static).as_posix()
        travels = browser.get("/sw.js" if name == "sw.js" else f"/static/{name}").get_data()
        if "vendor" in path.parts:
            assert travels == path.read_bytes()
        else:
            assert len(travels.split(b";\n")[-1]) < path.stat().st_size, name
            assert b"/*" not in travels and b"\n// " not in travels, name


def test_the_shell_holds_all_that_the_page_needs_and_nothing_of_anybody_elses(browser):
    shell = {address for address, *_ in worker(browser)["shell"]}
    assert not [
        address
        for address in shell
        if not re.match(r"/visit$|/visit/instrument/|/static/(visitor|vendor|icons)/", address)
    ]
    page = browser.get("/visit").get_data(as_text=True)
    named = set(re.findall(r'(?:href|src)="(/[^"]+)"', page)) - {"/manifest.webmanifest", "/account/sign-in"}
    assert named <= shell
    for address in shell:
        if address.endswith(".js"):
            code = browser.get(address).get_data(as_text=True)
            for relative in IMPORT.findall(code):
                if "${" not in relative:
                    assert resolved(address, relative) in shell, f"{address} imports {relative}"


def resolved(address, relative):
    parts = address.split("/")[:-1]
    for step in relative.split("/"):
        if step == "..":
            parts.pop()
        elif step != ".":
            parts.append(step)
    return "/".join(parts)


def test_the_questions_are_served_by_version_and_an_unknown_one_is_named(browser):
    answer = browser.get("/visit/instrument/1.0.0.json")
    assert answer.mimetype == "application/json"
    assert json.loads(answer.data)
    missing = browser.get("/visit/instrument/9.9.9.json")
    assert missing.status_code == 404
    assert "findes ikke" in missing.json["error"]


def test_the_app_on_the_tablets_screen_has_a_neutral_name(browser):
    answer = browser.get("/manifest.webmanifest")
    assert answer.mimetype == "application/manifest+json"
    manifest = json.loads(answer.data)
    assert (manifest["name"], manifest["short_name"], manifest["start_url"]) == ("Besøg", "Besøg", "/visit")
    for icon in manifest["icons"]:
        assert browser.get(icon["src"]).mimetype == icon["type"]


# ── who ──


def test_who_says_nothing_of_anybody_when_nobody_is_signed_in(browser):
    answer = browser.get("/visit/who")
    assert (answer.json["signed_in"], answer.json["person"], answer.json["csrf"]) == (False, None, None)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


def test_who_names_the_one_who_is_signed_in(signed_in, staff):
    answer = signed_in("vera").get("/visit/who").json
    assert answer["person"] == {
        "id": staff.ids["vera"], "username": "vera", "name": "Vera Prøve", "initials": "VP", "role": "visitor",
        "language": "da",
    }  # fmt: skip
    assert answer["csrf"] and answer["activation"] and not answer["demo"]
    assert answer["municipality"] == "Prøvested Kommune"


# ── making ready ──


def enrol(browser, request, token=None):
    token = browser.get("/visit/who").json["csrf"] if token is None else token
    return browser.post("/visit/enrol", json=request, headers={"X-CSRFToken": token} if token else {})


def test_a_visitor_makes_a_tablet_ready_with_her_code(signed_in, staff, store, clock):
    vera, tablet = signed_in("vera"), Tablet()
    code = tablets.new_activation(store, staff.ids["vera"], staff.ids["adam"], clock())
    asked = tablet.request(staff.ids["vera"])
    assert enrol(vera, asked).status_code == 403
    answer = enrol(vera, asked | {"activation": code})
    assert answer.status_code == 200
    assert (answer.json["tablet"], answer.json["municipality"]) == (tablet.id, "Prøvested Kommune")
    assert answer.headers["Cache-Control"] == "no-store"


def test_nobody_else_makes_a_tablet_ready(browser, signed_in, staff):
    asked = Tablet().request(staff.ids["lene"])
    assert enrol(browser, asked, token="x").status_code == 401
    for username in ("lene", "adam", "kim"):
        assert enrol(signed_in(username), asked).status_code == 403
    assert enrol(signed_in("vera"), asked, token="").status_code == 400


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"x"', b"{}", b"[" * 5000, b'{"tablet":1,"tablet":2}', b"\xff"])
def test_a_damaged_enrolment_is_refused_in_words(signed_in, body):
    vera = signed_in("vera")
    token = vera.get("/visit/who").json["csrf"]
    answer = vera.post("/visit/enrol", data=body, headers=JSON | {"X-CSRFToken": token})
    assert answer.status_code == 422
    assert "Prøv igen" in answer.json["error"]


# ── the outbox ──


def test_a_visit_is_taken_in_and_acknowledged_under_signature(browser, enrolled, clock, store, service):
    raw = a_visit(enrolled, clock)
    service.judge.clear()
    body = json.dumps({"envelopes": [as_text(raw)]}).encode()
    headers = enrolled.headers("/visit/outbox", body)
    answer = browser.post("/visit/outbox", data=body, headers=headers)
    assert answer.status_code == 200
    (outcome,) = answer.json["results"]
    assert (outcome["sha256"], outcome["result"]) == (hashlib.sha256(raw).hexdigest(), "received")
    said = sync.receipt_message("outbox", enrolled.id, headers["X-Nonce"], answer.json["epoch"], 0, [outcome])
    assert tablets.signed_by(store.keys.receipt_public(), said, base64.b64decode(answer.json["signature"]))
    assert bytes(store.row("SELECT bytes FROM envelopes")["bytes"]) == raw
    assert service.judge.is_set()
    assert "Set-Cookie" not in answer.headers
    assert (
        post(browser, enrolled, "/visit/outbox", {"envelopes": [as_text(raw)]}).json["results"][0]["result"]
        == "duplicate"
    )


def test_a_tablet_goes_on_as_before_when_its_visitors_sign_in_is_renewed(browser, enrolled, clock, store, cheap):
    before = a_visit(enrolled, clock)
    people.renew_password(store, "vera", "Adam har set hendes id-kort", clock(), cost=cheap)
    people.renew_code(store, "vera", "Adam har set hendes id-kort", clock())
    sent = [as_text(raw) for raw in (before, a_visit(enrolled, clock))]
    results = post(browser, enrolled, "/visit/outbox", {"envelopes": sent}).json["results"]
    assert [(one["result"], "reason" in one) for one in results] == [("received", False)] * 2


def test_a_tablet_hears_how_far_its_visit_has_come(browser, enrolled, clock):
    post(browser, enrolled, "/visit/outbox", {"envelopes": [as_text(a_visit(enrolled, clock))]})
    id = new_id(clock())
    answer = post(browser, enrolled, "/visit/status", {"ids": [id]})
    assert answer.json["states"] == []
    assert len(base64.b64decode(answer.json["signature"])) == 64


def test_what_is_no_envelope_is_refused_by_itself(browser, enrolled, clock):
    odd = [
        "",
        "???",
        "Æ",
        7,
        None,
        True,
        1.5,
        {"a": []},
        [[]],
        as_text(b"junk"),
        as_text(a_visit(enrolled, clock)),
    ]
    results = post(browser, enrolled, "/visit/outbox", {"envelopes": odd}).json["results"]
    assert [one["result"] for one in results] == ["refused"] * (len(odd) - 1) + ["received"]
    assert all(one["reason"] and one["id"] == "-" for one in results[:-1])


BAD_BODIES = [
    b"", b"null", b"[]", b"7", b'"envelopes"', b"{", b"{}", b'{"envelopes":null}', b'{"envelopes":{}}',
    b'{"envelopes":"x"}', b'{"envelopes":[],"more":1}', b'{"envelopes":[],"envelopes":[]}', b'{"envelopes":[NaN]}',
    b'{"envelopes":[1e999999]}', b'{"envelopes":[' + b"9" * 5000 + b"]}", b'{"envelopes":' + b"[" * 3000,
    b'{"envelopes":' + b"[" * 40 + b"]" * 40 + b"}", b"\xff\xfe", b"\0" * 100, "{“envelopes”: []}".encode(),
]  # fmt: skip


@pytest.mark.parametrize("path", ["/visit/outbox", "/visit/status"])
def test_a_request_that_cannot_be_read_is_refused_in_words_and_keeps_nothing(browser, enrolled, store, path):
    for body in BAD_BODIES:
        if path == "/visit/status":
            body = body.replace(b"envelopes", b"ids")
        answer = post(browser, enrolled, path, body)
        assert answer.status_code in (200, 422), body[:60]
        assert "error" in answer.json or answer.json.get("results"), body[:60]
    assert not store.rows("SELECT id FROM envelopes WHERE bytes IS NOT NULL")


HALF = [
    ("/visit/outbox", b'{"envelopes":["\\ud800"]}'), ("/visit/outbox", b'{"envelopes":[{"\\udfff":[]}]}'),
    ("/visit/outbox", b'{"\\ud800":[]}'), ("/visit/status", b'{"ids":["\\ud800"]}'),
    ("/visit/status", b'{"ids":["0191\\udc00"]}'), ("/visit/enrol", b'{"activation":"\\ud800"}'),
    ("/visit/enrol", b'{"activation":"A","tablet":"\\udc00","transport_key":"","author_key":"","proof":"\\ud800"}'),
]  # fmt: skip


@pytest.mark.parametrize(("path", "body"), HALF)
def test_half_a_character_is_refused_in_words_wherever_it_comes_in(vera, enrolled, store, path, body):
    """A lone surrogate is text for a JSON reader and for no database."""
    token = {"X-CSRFToken": vera.browser.get("/visit/who").json["csrf"]} if path == "/visit/enrol" else {}
    answer = post(vera.browser, enrolled, path, body, **token)
    assert (answer.status_code, answer.json["error"]) == (422, visitor.UNREADABLE)
    assert not store.rows("SELECT id FROM envelopes")


@pytest.mark.parametrize(("after", "status"), [("\ud800", 422), ("1\udfff.a.b", 422), ("1.\ud800.\udfff", 200)])
def test_half_a_character_in_a_cursor_brings_nothing_down(vera, after, status):
    """In the parts that are only compared it makes the cursor an unknown one, and everything is sent."""
    answer = vera.list(after)
    assert (answer.status_code, answer.json.get("whole", "error" in answer.json)) == (status, True)


@pytest.mark.parametrize("coding", ["utf-16", "utf-16-le", "utf-32", "utf-8-sig", "latin-1"])
@pytest.mark.parametrize(("path", "name"), [("/visit/outbox", "envelopes"), ("/visit/status", "ids")])
def test_only_utf_8_is_read(browser, enrolled, path, name, coding):
    answer = post(browser, enrolled, path, json.dumps({name: ["é"]}, ensure_ascii=False).encode(coding))
    assert (answer.status_code, answer.json["error"]) == (422, visitor.UNREADABLE)


def test_too_much_at_once_is_refused_as_too_much(browser, enrolled, clock):
    raw = as_text(a_visit(enrolled, clock))
    assert post(browser, enrolled, "/visit/outbox", {"envelopes": [raw] * 21}).status_code == 413
    assert post(browser, enrolled, "/visit/outbox", {"envelopes": [as_text(bytes(2_200_000))]}).status_code == 413
    assert post(browser, enrolled, "/visit/outbox", b" " * 4_000_000).status_code == 413
    assert post(browser, enrolled, "/visit/status", {"ids": ["x"] * 501}).status_code == 413
    (outcome,) = post(browser, enrolled, "/visit/outbox", {"envelopes": [as_text(bytes(300_000))]}).json["results"]
    assert (outcome["result"], outcome["reason"]) == ("refused", "too_large")


def test_who_is_no_tablet_of_ours_is_refused(browser, enrolled, clock, store):
    body = json.dumps({"envelopes": [as_text(a_visit(enrolled, clock))]}).encode()
    good = enrolled.headers("/visit/outbox", body)
    stranger = Tablet().headers("/visit/outbox", body)
    wrong = [
        {}, stranger, good | {"X-Signature": stranger["X-Signature"]}, good | {"X-Nonce": "short"},
        good | {"X-Tablet": "x" * 9000}, enrolled.headers("/visit/status", body), good | {"X-Signature": "=" * 88},
    ]  # fmt: skip
    for headers in wrong:
        answer = browser.post("/visit/outbox", data=body, headers=headers)
        assert answer.status_code == 403
        assert answer.json["error"]
    assert store.rows("SELECT id FROM envelopes") == []
    assert browser.post("/visit/outbox", data=body, headers=good).status_code == 200
    assert browser.post("/visit/outbox", data=body, headers=good).status_code == 403, "a request works once"


def test_a_long_body_holds_up_nobody_elses_writing(browser, enrolled, store, clock, monkeypatch):
    """Nothing of a body is read or looked at while the one writer is taken, and far too many are counted first."""
    inside = []
    writing = store.database._mine
    for module, name in ((visitor, "strict"), (visitor, "unpacked"), (envelope, "parse"), (envelope, "verify")):
        real = getattr(module, name)

        def watched(*given, real=real, name=name):
            inside.append((name, writing.inside))
            return real(*given)

        monkeypatch.setattr(module, name, watched)
    post(browser, enrolled, "/visit/outbox", {"envelopes": [as_text(a_visit(enrolled, clock)), "junk"]})
    post(browser, enrolled, "/visit/status", {"ids": []})
    assert {name for name, _ in inside} == {"strict", "unpacked", "parse", "verify"}
    assert not [name for name, taken in inside if taken]
    inside.clear()
    many = b'{"envelopes":[' + b",".join([b"[]"] * 100_000) + b"]}"
    assert post(browser, enrolled, "/visit/outbox", many).status_code == 413
    assert [name for name, _ in inside] == ["strict"]


def test_a_refused_request_was_here_all_the_same(browser, enrolled):
    for path, body in (("/visit/outbox", b"{"), ("/visit/status", b'{"ids":[7]}')):
        headers = enrolled.headers(path, body)
        assert browser.post(path, data=body, headers=headers).status_code == 422
        assert browser.post(path, data=body, headers=headers).status_code == 403


def test_a_tablet_that_never_stops_asking_must_wait_and_others_need_not(browser, enrolled, store, staff, clock):
    other = a_tablet(store, people.get(store, staff.ids["vera"]), clock())
    for _ in range(tablets.BURST):
        assert post(browser, enrolled, "/visit/status", {"ids": []}).status_code == 200
    answer = post(browser, enrolled, "/visit/status", {"ids": []})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert store.row("SELECT COUNT(*) AS n FROM nonces")["n"] == tablets.BURST
    assert post(browser, other, "/visit/status", {"ids": []}).status_code == 200
    clock.now += timedelta(seconds=2)
    waited = [post(browser, enrolled, "/visit/status", {"ids": []}).status_code for _ in range(3)]
    assert waited == [200, 200, 429]


def test_a_revoked_tablets_visit_is_kept_and_set_aside(browser, enrolled, clock, store, staff):
    tablets.revoke(store, enrolled.id, staff.ids["adam"], clock())
    (outcome,) = post(browser, enrolled, "/visit/outbox", {"envelopes": [as_text(a_visit(enrolled, clock))]}).json[
        "results"
    ]
    assert (outcome["result"], outcome["reason"]) == ("received", "revoked")
    assert store.row("SELECT state FROM envelopes")["state"] == "quarantined"


def test_a_cookie_is_no_tablet(signed_in):
    vera = signed_in("vera")
    for path in ("/visit/outbox", "/visit/status"):
        assert vera.post(path, data=b"{}", headers=JSON).status_code == 403


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4), max_leaves=12,
), st.sampled_from(["envelopes", "ids", "other"]), st.sampled_from(["/visit/outbox", "/visit/status"]))  # fmt: skip
def test_whatever_a_tablet_sends_gets_an_answer_in_words(browser, enrolled, clock, value, name, path):
    clock.pass_by(seconds=3)
    for body in (value, {name: value}, {name: [value]}):
        answer = post(browser, enrolled, path, body)
        assert answer.status_code in (200, 413, 422)
        assert ("error" in answer.json) == (answer.status_code != 200)


# ── the list ──


def test_the_list_is_for_the_visitor_who_is_signed_in(browser, signed_in, staff, vera):
    assert browser.get("/visit/caseload").status_code == 401
    assert signed_in("lene").get("/visit/caseload").status_code == 403
    answer = vera.list()
    assert answer.json["person"] == staff.ids["vera"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_sign_in_without_a_tablet_of_hers_reads_no_list(signed_in, store, staff, clock, enrolled):
    staff.add("viola", "visitor")
    colleagues = a_tablet(store, people.get(store, staff.ids["viola"]), clock())
    browser = signed_in("vera")
    good = enrolled.headers("/visit/caseload", method="GET")
    wrong = [
        ({}, 403), (Tablet().headers("/visit/caseload", method="GET"), 403), (good | {"X-Nonce": "n" * 22}, 403),
        (enrolled.headers("/visit/caseload?after=1", method="GET"), 403), (enrolled.headers("/visit/caseload"), 403),
        (colleagues.headers("/visit/caseload", method="GET"), 409),
    ]  # fmt: skip
    for headers, status in wrong:
        answer = browser.get("/visit/caseload", headers=headers)
        assert (answer.status_code, set(answer.json)) == (status, {"error"})
    assert browser.get("/visit/caseload", headers=good).status_code == 200
    assert browser.get("/visit/caseload", headers=good).status_code == 403, "a request works once"


def test_a_tablet_out_of_use_reads_no_list_and_whoever_worked_on_it_is_signed_out(vera, signed_in, store, staff, clock):
    assert vera.list().status_code == 200
    tablets.revoke(store, vera.tablet.id, staff.ids["adam"], clock())
    assert vera.list().status_code == 401
    assert Asking(signed_in("vera"), vera.tablet).list().status_code == 403


def test_who_has_no_key_on_a_tablet_any_more_reads_no_list_with_it(vera, store):
    store.run("UPDATE authors SET revoked_at = '2026-11-23' WHERE id = :id", id=vera.tablet.author)
    assert vera.list().status_code == 403


def test_what_the_tablet_has_is_not_sent_again(vera):
    first = vera.list().json
    assert first["config"]["name"] == "Prøvested Kommune"
    again = vera.list(first["cursor"]).json
    assert "config" not in again
    assert (again["families"], again["gone"], again["cursor"]) == ([], [], first["cursor"])
    seq, config, life = first["cursor"].split(".")
    old = vera.list(f"{seq}.00000000.{life}").json
    assert (old["config"], "whole" in old) == (first["config"], False)
    other = vera.list(f"{seq}.{config}.00000000").json
    assert ("config" in other, other["whole"], first["whole"], "whole" in again) == (False, True, True, False)


def test_a_tablet_hears_what_is_missing_for_its_visitor_and_that_she_is_trained(vera, store, clock):
    """FR21"""
    first = vera.list().json
    assert first["config"]["ready"]["ok"] is False
    assert {"procedure", "route1", "interpreter", "training"} <= set(first["config"]["ready"]["missing"])
    assert "leader_on_duty" not in first["config"]["ready"]["missing"]
    people.train(store, "vera", clock().date(), clock())
    again = vera.list(first["cursor"]).json
    assert "training" not in again["config"]["ready"]["missing"] and again["config"]["trained"] == "2026-11-23"
    assert "config" not in vera.list(again["cursor"]).json


@pytest.mark.parametrize("after", ["x", "-1", "1e9", "9" * 40, "٣", "1;DROP", "\ud800", " 1"])
def test_an_odd_cursor_is_refused_in_words(vera, after):
    answer = vera.list(after)
    assert answer.status_code == 422
    assert answer.json["error"]


def test_asking_for_nothing_new_costs_little(vera):
    answer = vera.list(vera.list().json["cursor"])
    said = "HTTP/1.1 200 OK\r\n" + "".join(f"{name}: {value}\r\n" for name, value in answer.headers) + "\r\n"
    assert len(said) + len(answer.data) <= IDLE_ANSWER


def test_a_family_given_meanwhile_comes_with_the_next_question(vera, store, staff, clock):
    cursor = vera.list().json["cursor"]
    clock.pass_by(minutes=1)
    family = a_family(store, people.get(store, staff.ids["vera"]), clock())["id"]
    answer = vera.list(cursor).json
    assert [one["id"] for one in answer["families"]] == [family]
    assert vera.list(answer["cursor"]).json["families"] == []
