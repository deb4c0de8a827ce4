"""Will it work tomorrow without a connection? The vault tries out what a visit needs, and names what does not work."""

from tests.browser.demo import Demo
from tests.browser.vaults import ANNE, Vault, a_draft, finished, place_of, refused, served

GOOD = {"ok": True, "problems": []}
OTHER_TABLET = """async () => {
  const { get, write } = await import("/static/visitor/database.js");
  const row = await get("settings", "tablet");
  row.value.key = (await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign"])).privateKey;
  await write({ put: { settings: [row] } });
}"""


def test_a_tablet_on_which_everything_works_says_so_offline_and_leaves_nothing_behind(vault):
    phrase = vault.enrol(ANNE)
    finished(vault)
    vault.open()
    vault.call("unlock", ANNE["id"], phrase)
    before = {store: vault.rows(store) for store in ("people", "settings", "records", "outbox", "envelopes")}
    assert vault.call("selfCheck") == GOOD  # fetches what makes envelopes; in the app the service worker has it
    vault.page.context.set_offline(True)
    assert vault.call("selfCheck") == GOOD
    assert {store: vault.rows(store) for store in before} == before
    vault.page.context.set_offline(False)


def test_only_who_is_unlocked_is_told(vault):
    vault.enrol(ANNE)
    vault.call("lock")
    assert refused(vault, "selfCheck").name == "Locked"


def test_a_store_that_gives_back_something_else_is_found(browser, keys):
    """A planted fault: from the first look on, every single row comes back changed."""
    single = "async (store, key) => read(store, (place) => place.get(key))"
    changed = single.replace("read(", "changed(store, await read(").replace("get(key))", "get(key)))")
    fault = """;
function changed(store, row) {
  if (store === "records" && globalThis.looked && row) row.bytes[40] ^= 1;
  return row;
}"""
    with served(
        database_js=(single + ";", changed + fault),
        keeper_js=("  const checks = {", "  globalThis.looked = true;\n  const checks = {"),
    ) as address:
        context = browser.new_context()
        vault = Vault(context.new_page(), address, keys)
        vault.enrol(ANNE)
        assert vault.call("selfCheck") == {"ok": False, "problems": ["keys", "storage"]}
        context.close()


def test_keys_of_the_server_that_are_damaged_are_named(vault):
    phrase = vault.enrol(ANNE)
    (person,) = vault.rows("people")
    vault.change("records", place_of(person, vault.rows("records"), phrase, "server"), "bytes", 40)
    vault.page.evaluate(
        """async () => (await import("/static/visitor/database.js")).write({ drop: { settings: ["server"] } })"""
    )
    vault.call("unlock", ANNE["id"], phrase)
    assert vault.call("selfCheck") == {"ok": False, "problems": ["server", "recipient"]}
    assert vault.call("keepDraft", a_draft())
    vault.complaints.clear()


def test_a_tablet_whose_own_key_does_not_fit_is_named(vault):
    vault.enrol(ANNE)
    vault.page.evaluate(OTHER_TABLET)
    assert vault.call("selfCheck") == {"ok": False, "problems": ["transport"]}


def test_with_the_server_gone_the_whole_app_still_seals_what_is_finished(open_tablet, tmp_path):
    """What makes envelopes is fetched when it is first needed: then it must be here, and be allowed to run."""
    demo = Demo(tmp_path / "instance", "--families", "6").start()
    tablet = open_tablet(demo)
    tablet.enrol("anne")
    tablet.shell_is_kept()
    demo.stop()
    tablet.open()
    tablet.unlock()
    assert tablet.page.evaluate("() => Boolean(navigator.serviceWorker.controller)")
    assert tablet.page.evaluate("async () => (await import('/static/visitor/vault.js')).selfCheck()") == GOOD
