"""Making a tablet ready asks the browser to keep what is on it."""

from tests.browser.tablet import Tablet, act, screen, sign_in

# Before any script of the page: whoever asks is counted, and gets no answer of the profile's own.
COUNTED = """(() => {
  globalThis.asked = 0;
  StorageManager.prototype.persist = async () => {
    globalThis.asked += 1;
    return false;
  };
})()"""


def test_a_new_tablet_asks_that_its_storage_is_kept(browser, demo, tmp_path):
    """D18: a browser that was not asked may clear everything when its disk is full."""
    context = browser.new_context(viewport={"width": 820, "height": 1180}, locale="da-DK")
    context.add_init_script(COUNTED)
    tablet = Tablet(context, demo, tmp_path)
    page = tablet.page
    sign_in(page, demo, "anne")
    screen(page, "enrol")
    assert page.evaluate("asked") == 0, "not before she has said that this is a tablet to work on"
    act(page, "enrol")
    page.locator("[data-passphrase]:not(:empty)").wait_for()
    assert page.evaluate("asked") == 1
    context.close()
