"""The app starts without a server, changes its version only when nothing is open, and sends by itself what waits."""

import json
import shutil
import threading
import time
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Error, Page, expect

from screening.store import new_id
from tests.browser.counter import Counter, Passing
from tests.browser.demo import Demo
from tests.browser.tablet import act, screen, sign_in
from tests.browser.visit import another_family, begin, open_family

ROOT = Path(__file__).parent.parent.parent
LOGIN_PAGE = b"<!doctype html><title>Wifi</title><h1>Velkommen til vores wifi</h1>"
DRAINED = 60  # seconds, AT-17
IDLE_ROUND = 1500  # bytes over the wire, both ways

# What every cache of this address holds: {cache: [[address, status, redirected, type, text], …]}.
CACHED = """async () => {
  const found = {};
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    found[name] = await Promise.all((await cache.keys()).map(async ({ url }) => {
      const answer = await cache.match(url);
      const path = url.slice(location.origin.length);
      return [path, answer.status, answer.redirected, answer.headers.get("Content-Type"), await answer.text()];
    }));
  }
  return found;
}"""
ACTIVE = "async () => (await navigator.serviceWorker.getRegistration())?.active?.state === 'activated'"
INSTALLED = "async () => (await navigator.serviceWorker.getRegistration())?.waiting?.state === 'installed'"
DRAFTS = """async () => {
  const vault = await import('/static/visitor/vault.js')
  return Promise.all((await vault.drafts()).map(({ id }) => vault.draft(id)))
}"""
OUTBOX = "async () => (await import('/static/visitor/vault.js')).outbox()"


def shell_of(demo: Demo) -> dict:
    """What the server's worker says: release and the addresses of the shell."""
    head = demo.fetch("/sw.js").decode().partition("\n")[0]
    return json.loads(head.removeprefix("self.visit = ").removesuffix(";"))


def until(page: Page, check: str, seconds: float = 30) -> None:
    """Wait until a function in the page says yes; the policy allows no waiting of the browser's own."""
    end = time.monotonic() + seconds
    while not page.evaluate(check):
        assert time.monotonic() < end, f"not within {seconds} s: {check}"
        page.wait_for_timeout(50)


def opened(page: Page, url: str) -> None:
    page.goto(url + "/visit")
    until(page, ACTIVE)


# ── starting without a server ──


def test_with_the_server_gone_the_app_starts_and_the_leads_pages_do_not(open_tablet, tmp_path):
    demo = Demo(tmp_path / "instance", "--families", "4").start()
    tablet = open_tablet(demo)
    opened(tablet.page, demo.url)
    tablet.close()
    demo.stop()

    again = open_tablet(demo)
    for path in ("/", "/visit", "/visit/", "/visit/anything?at=all"):
        again.page.goto(demo.url + path)
        screen(again.page, "unlock")
        assert again.page.url == demo.url + "/visit"
        assert again.page.title() == "Besøg"
    for path in ("/lead/", "/account/sign-in", "/admin/", "/elsewhere"):
        with pytest.raises(Error, match="ERR_"):
            again.page.goto(demo.url + path)
    assert again.complaints == []


TWO_YEARS_ON = """{ const right = Date, on = 2 * 365.25 * 86_400_000;
  Date = class extends right {
    constructor(...given) { given.length ? super(...given) : super(right.now() + on) }
    static now() { return right.now() + on }
  } }"""


def test_two_years_on_a_home_without_a_connection_asks_for_no_password(demo, open_tablet):
    """AT-35: the sign-in and every cookie are long over; what opens the tablet is on the tablet."""
    tablet = open_tablet(demo)
    tablet.enrol("anne")
    until(tablet.page, ACTIVE)
    tablet.context.clear_cookies()
    tablet.context.set_offline(True)
    tablet.page.add_init_script(TWO_YEARS_ON)
    tablet.page.reload()
    screen(tablet.page, "unlock")
    assert tablet.page.evaluate("new Date().getFullYear()") >= date.today().year + 2
    tablet.unlock()
    expect(tablet.page.locator("[name=search]")).to_be_visible()
    expect(tablet.page.locator("[name=password]")).to_have_count(0)


def test_the_caches_hold_the_shell_and_nothing_of_anybody(demo, open_tablet):
    tablet = open_tablet(demo)
    page = tablet.page
    tablet.enrol("anne")
    until(page, ACTIVE)
    page.goto(demo.url + "/account/")
    page.goto(demo.url + "/visit")
    tablet.unlock()
    name = page.evaluate(
        "async () => (await (await import('/static/visitor/vault.js')).caseload()).families[0].parents[0].name"
    )
    known, found = shell_of(demo), page.evaluate(CACHED)
    assert list(found) == [f"visit {known['release']}"]
    (entries,) = found.values()
    assert {entry[0] for entry in entries} == {address for address, *_ in known["shell"]}
    for path, status, redirected, kind, text in entries:
        assert (status, redirected) == (200, False), path
        assert (kind.startswith("text/html")) == (path == "/visit"), path
        assert name not in text, path


# ── another version ──


@pytest.fixture
def changing(tmp_path):
    """A demo that runs from a copy of the program, so that a test can publish a new version of it."""
    copy = tmp_path / "program"
    for folder in ("screening", "static", "templates"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    demo = Demo(tmp_path / "instance", "--families", "24")
    demo.environment = {"PYTHONPATH": str(copy), "PYTHONSAFEPATH": "1"}
    demo.start()
    yield demo, copy
    demo.stop()


def publish(demo: Demo, copy: Path) -> str:
    """Stop the server, change one file of the app, start it again; gives the new release."""
    demo.stop()
    with (copy / "static" / "visitor" / "words.js").open("a", encoding="utf-8") as file:
        file.write('\nexport const NEWS = "A new version";\n')
    demo.start()
    return shell_of(demo)["release"]


def test_a_new_version_waits_until_it_is_asked_for_and_leaves_what_is_kept_alone(changing, open_tablet):
    """AT-56, AT-57."""
    demo, copy = changing
    page = open_tablet(demo).page
    opened(page, demo.url)
    screen(page, "unlock")
    first = shell_of(demo)["release"]
    page.evaluate("async () => (await import('/static/visitor/vault.js')).keepSetting('probe', 'still here')")
    page.evaluate("async () => void await caches.open('not the app')")
    page.evaluate("window.untouched = true")

    second = publish(demo, copy)
    assert second != first
    page.evaluate("async () => (await navigator.serviceWorker.getRegistration()).update()")
    until(page, INSTALLED)
    assert set(page.evaluate(CACHED)) == {f"visit {first}", f"visit {second}", "not the app"}
    assert page.evaluate("window.untouched"), "nothing reloads by itself"
    page.reload()
    screen(page, "unlock")
    words = "async () => (await fetch('/static/visitor/words.js')).text()"
    assert "A new version" not in page.evaluate(words), "the old one is whole until the change"

    until(page, "async () => (await import('/static/visitor/update.js')).waiting()")
    with page.expect_navigation():
        page.evaluate("async () => (await import('/static/visitor/update.js')).change()")
    screen(page, "unlock")
    assert "A new version" in page.evaluate(words)
    assert set(page.evaluate(CACHED)) == {f"visit {second}", "not the app"}
    kept = page.evaluate("async () => (await import('/static/visitor/vault.js')).setting('probe')")
    assert kept == "still here"


def test_a_new_version_is_offered_on_todays_list_and_not_inside_a_visit(changing, open_tablet):
    """AT-57: nobody is interrupted while a visit is open, and it is she who says when."""
    demo, copy = changing
    tablet = open_tablet(demo)
    page, offer = tablet.page, "[data-update]:visible"
    tablet.enrol("anne")
    until(page, ACTIVE)
    open_family(page)
    begin(page)
    page.locator("[name=s1][value=home]").check(force=True)
    page.evaluate("window.untouched = true")
    second = publish(demo, copy)
    page.evaluate("async () => (await navigator.serviceWorker.getRegistration()).update()")
    until(page, INSTALLED)
    until(page, "async () => (await import('/static/visitor/update.js')).waiting()")
    expect(page.locator("body[data-screen='visit']")).to_be_attached()
    assert page.locator(offer).count() == 0
    act(page, "back")
    screen(page, "family")
    act(page, "back")
    screen(page, "today")
    expect(page.locator(offer)).to_contain_text("Skift nu")
    assert page.evaluate("window.untouched"), "nothing reloads by itself"
    with page.expect_navigation():
        act(page, "update")
    screen(page, "unlock")
    assert list(page.evaluate(CACHED)) == [f"visit {second}"]
    tablet.unlock()
    expect(page.locator("[data-action=resume]").first).to_be_visible()
    assert page.locator(offer).count() == 0


# An hour and a minute pass in half a second, and nobody looks at the page.
LONG_UNSEEN = """() => {
  const right = window.setInterval
  window.setInterval = (act, wait, ...more) => right(act, Math.min(wait, 500), ...more)
  Object.defineProperty(document, "visibilityState", { value: "hidden" })
}"""


def test_a_new_version_comes_by_itself_where_nothing_is_open(changing, open_tablet):
    """AT-54: no worker waits for ever on a tablet that lies locked in a drawer."""
    demo, copy = changing
    page = open_tablet(demo).page
    page.add_init_script(f"({LONG_UNSEEN})()")
    opened(page, demo.url)
    screen(page, "unlock")
    page.reload()
    screen(page, "unlock")
    second = publish(demo, copy)
    expect(page.locator(f"body[data-release='{second}'][data-screen=unlock]")).to_be_attached(timeout=60_000)
    assert list(page.evaluate(CACHED)) == [f"visit {second}"]


def publish_questions(demo: Demo, copy: Path, version: str, words: dict[str, str]) -> None:
    """Stop the server, publish another version of the questions with other words, start it again."""
    demo.stop()
    folder = copy / "screening" / "instruments" / "conflict"
    shutil.copytree(folder / "1.0.0", folder / version)
    for path in (folder / version).glob("*.json"):
        text = path.read_text(encoding="utf-8").replace('"version": "1.0.0"', f'"version": "{version}"')
        for before, after in words.items():
            text = text.replace(before, after)
        path.write_text(text, encoding="utf-8")
    demo.start()


def test_a_draft_ends_on_the_questions_it_began_with_and_a_new_visit_begins_on_the_new_ones(changing, open_tablet):
    """AT-60"""
    demo, copy = changing
    tablet = open_tablet(demo)
    page = tablet.page
    tablet.enrol("anne")
    until(page, ACTIVE)
    open_family(page)
    begin(page)
    before, after = "Hvordan foregår kontakten?", "Hvordan mødes I?"
    expect(page.locator("[data-link-id=s1]")).to_contain_text(before)
    page.locator("[name=s1][value=home]").check(force=True)
    expect(page.locator("[data-saved=yes]")).to_be_attached()

    publish_questions(demo, copy, "1.1.0", {before: after})
    page.evaluate("async () => (await navigator.serviceWorker.getRegistration()).update()")
    until(page, "async () => (await import('/static/visitor/update.js')).waiting()")
    with page.expect_navigation():
        page.evaluate("async () => (await import('/static/visitor/update.js')).change()")
    tablet.unlock()
    page.locator("[data-action=resume]").first.click()
    expect(page.locator("[data-link-id=s1]")).to_contain_text(before)
    expect(page.locator("[name=s1][value=home]")).to_be_checked()
    assert [one["instrument"] for one in page.evaluate(DRAFTS)] == ["1.0.0"]

    tablet.open()
    tablet.unlock()
    another_family(page)
    begin(page)
    expect(page.locator("[data-link-id=s1]")).to_contain_text(after)
    expect(page.locator("[data-saved=yes]")).to_be_attached()
    assert sorted(one["instrument"] for one in page.evaluate(DRAFTS)) == ["1.0.0", "1.1.0"]


class Portal(Passing):
    """A network that gives its own page in place of some addresses, cuts others, and leads others astray."""

    def do_GET(self) -> None:
        fault = self.server.faults.get(self.path)
        if fault is None:
            return super().do_GET()
        status, headers, body = fault
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        return None


@pytest.fixture
def portal(demo):
    running = Counter(demo)
    running.RequestHandlerClass, running.faults = Portal, {}
    yield running
    running.shutdown()
    running.server_close()


JS, HTML = {"Content-Type": "text/javascript"}, {"Content-Type": "text/html"}
FAULTS = {
    "a login page": (200, HTML, LOGIN_PAGE),
    "a login page that says it is a script": (200, JS, LOGIN_PAGE),
    "a redirect to a login page": (302, {"Location": "/account/sign-in"}, b""),
    "a cut-off file": (200, JS, b"// Synchronisation"),
    "an error": (500, HTML, b"no"),
}


@pytest.mark.parametrize("path", ["/visit/shell.txt", "/static/visitor/visitor.css"])
@pytest.mark.parametrize("name", FAULTS)
def test_what_is_not_ours_is_never_kept(portal, browser, name, path):
    """AT-56."""
    context = browser.new_context()
    page = context.new_page()
    portal.faults = {path: FAULTS[name]}
    page.goto(portal.url + "/visit")
    tried = """async () => {
      const { trusted } = await import("/static/visitor/dom.js");
      const registration = await navigator.serviceWorker.register(trusted("/sw.js"), { updateViaCache: "none" });
      const worker = registration.installing ?? registration.waiting ?? registration.active;
      const over = () => ["redundant", "activated"].includes(worker.state);
      for (let tries = 0; tries < 1000 && !over(); tries += 1) await new Promise((done) => setTimeout(done, 20));
      return worker.state;
    }"""
    assert page.evaluate(tried) == "redundant"
    assert all(entries == [] for entries in page.evaluate(CACHED).values())
    portal.faults = {}
    assert page.evaluate(tried) == "activated"
    (entries,) = page.evaluate(CACHED).values()
    assert LOGIN_PAGE.decode() not in [entry[4] for entry in entries]
    context.close()


def test_what_the_browser_has_dropped_of_the_app_is_mended(demo, browser):
    """AT-56."""
    context = browser.new_context()
    page = context.new_page()
    opened(page, demo.url)
    page.evaluate("""async () => {
      const cache = await caches.open((await caches.keys())[0]);
      await cache.delete("/static/visitor/sync.js");
    }""")
    page.reload()
    screen(page, "unlock")
    until(page, "async () => Boolean(await caches.match('/static/visitor/sync.js'))")
    context.close()


# ── sending by itself ──


def finish_a_visit(page: Page) -> str:
    """A finished visit through the vault, as a screen does it; gives its id."""
    id = new_id(datetime.now(UTC))
    page.evaluate(
        """async (id) => {
          const vault = await import("/static/visitor/vault.js");
          const { families } = await vault.caseload();
          const now = new Date().toISOString();
          await vault.finish(id, {
            schema: 1, encounter: id, family: families[0].id, visit: "2m", instrument: "1.0.0", mode: "none",
            replaces: null, completes: null, started_at: now, finished_at: now, release: "test", responses: [],
            count: 0, result: {},
          });
        }""",
        id,
    )
    return id


def states(page: Page) -> dict[str, str]:
    return {one["id"]: one["state"] for one in page.evaluate(OUTBOX)}


class LoginPage(BaseHTTPRequestHandler):
    """A Wi-Fi that answers everything with its own page."""

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response_only(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(LOGIN_PAGE)))
        self.end_headers()
        self.wfile.write(LOGIN_PAGE)

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        """Quiet."""


def test_what_waits_survives_a_login_page_and_goes_within_a_minute_of_the_servers_return(open_tablet, tmp_path):
    """AT-17."""
    demo = Demo(tmp_path / "instance", "--families", "8").start()
    tablet = open_tablet(demo)
    page = tablet.page
    tablet.enrol("anne")
    until(page, ACTIVE)
    demo.stop()
    visit = finish_a_visit(page)
    sending = "async () => (await import('/static/visitor/sync.js')).sendNow()"
    assert page.evaluate(sending) == {"offline": True, "sent": 0, "error": "sync.offline"}
    expect(page.locator("[data-net]:visible").first).to_be_visible()

    wifi = ThreadingHTTPServer(("localhost", demo.port), LoginPage)
    threading.Thread(target=wifi.serve_forever, daemon=True).start()
    assert page.evaluate(sending) == {"offline": True, "sent": 0, "error": "sync.portal"}
    wifi.shutdown()
    wifi.server_close()
    assert states(page) == {visit: "waiting"}

    demo.start()
    until(page, f"async () => (await ({OUTBOX})()).every(({{ state }}) => state !== 'waiting')", DRAINED)
    expect(page.locator("[data-net]:visible")).to_have_count(0)
    demo.stop()


def test_a_round_with_nothing_new_is_one_request(demo, open_tablet):
    tablet = open_tablet(demo)
    page = tablet.page
    tablet.enrol("anne")
    pulling = "async () => (await import('/static/visitor/sync.js')).pull()"
    page.evaluate(pulling)
    asked = []
    page.on("requestfinished", lambda request: asked.append(request))
    page.evaluate(pulling)
    page.wait_for_timeout(200)
    assert [request.url.removeprefix(demo.url).partition("?")[0] for request in asked] == ["/visit/caseload"]
    sizes = asked[0].sizes()
    assert sum(sizes.values()) <= IDLE_ROUND, sizes


def test_whoever_holds_a_locked_tablet_reads_no_list_with_the_sign_in_that_is_on_it(demo, open_tablet):
    tablet = open_tablet(demo)
    tablet.enrol("anne")
    act(tablet.page, "lock")
    screen(tablet.page, "unlock")
    asking = "async () => { const got = await fetch('/visit/caseload'); return [got.status, await got.json()]; }"
    status, said = tablet.page.evaluate(asking)
    assert (status, list(said)) == (403, ["error"])


def test_signing_in_as_somebody_else_brings_nobodys_list_into_anothers_vault(demo, open_tablet):
    """AT-68."""
    tablet = open_tablet(demo)
    page = tablet.page
    one, another = [name for name, person in demo.people.items() if person["role"] == "visitor"][:2]
    tablet.enrol(one)
    page.evaluate("async () => (await import('/static/visitor/sync.js')).pull()")
    before = page.evaluate("async () => (await (await import('/static/visitor/vault.js')).caseload()).families.length")
    other = tablet.context.new_page()
    sign_in(other, demo, another)
    other.wait_for_url("**/visit")
    page.evaluate("async () => (await import('/static/visitor/sync.js')).pull()")
    state = page.evaluate("async () => (await import('/static/visitor/sync.js')).state()")
    assert state["error"] == "sync.other"
    after = page.evaluate("async () => (await (await import('/static/visitor/vault.js')).caseload()).families.length")
    assert before == after
