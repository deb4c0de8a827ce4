"""The whole way with a passkey: a virtual authenticator stands in for finger or face, lock and reload for restarts."""

from playwright.sync_api import Page, expect

from tests.browser.demo import Demo
from tests.browser.tablet import CODE, SLOW, act, screen, sign_in
from tests.browser.test_whole_way import NOTE, evaluated, lead_decides, see_it_opened
from tests.browser.visit import JOINT, SETTING, Tapping, begin, finish, open_family

AUTHENTICATOR = {
    "protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", "hasResidentKey": True,
    "hasUserVerification": True, "isUserVerified": True, "hasPrf": True, "automaticPresenceSimulation": True,
}  # fmt: skip


def with_authenticator(page: Page) -> None:
    """Give the page a way to make and use passkeys. It lives as long as the page."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})


def enrol_with_passkey(page: Page, demo: Demo, username: str) -> None:
    sign_in(page, demo, username)
    screen(page, "enrol")
    page.locator("[name=passkey]").check(force=True)
    act(page, "enrol")
    expect(page.locator("[data-passphrase]")).not_to_be_empty(timeout=SLOW)
    page.fill("[name=pin]", CODE)
    act(page, "continue")
    screen(page, "today")


def unlock_with_passkey(page: Page) -> None:
    screen(page, "unlock")
    act(page, "passkey")
    screen(page, "today")


def test_a_visit_unlocked_by_passkey_reaches_the_lead_and_the_decision_comes_back(open_tablet, tmp_path):
    demo = Demo(tmp_path / "instance", "--families", "24").start()
    tablet = open_tablet(demo)
    page = tablet.page
    with_authenticator(page)
    enrol_with_passkey(page, demo, "karin")
    tablet.shell_is_kept()
    demo.stop()
    page.reload()
    unlock_with_passkey(page)
    family = open_family(page)
    begin(page)
    tapping = Tapping(page, SETTING | JOINT, NOTE)
    tapping.until("skip")
    for _ in range(3):
        tapping.step()
    page.goto(demo.url + "/")
    unlock_with_passkey(page)
    act(page, "lock")
    unlock_with_passkey(page)
    act(page, "resume")
    screen(page, "visit")
    tapping.until("finish")
    finish(page)
    expect(page.locator("[data-sync-state='waiting']").first).to_be_attached()
    demo.start()
    act(page, "send-now")
    see_it_opened(page)
    level = evaluated(tapping.tapped, tmp_path)["level"]
    desk = open_tablet(demo, "desk", 1440, 900)
    lead_decides(desk.page, demo, family, tapping.tapped, level, tmp_path)
    sign_in(page, demo, "karin")
    unlock_with_passkey(page)
    expect(page.locator("[data-decision]").first).to_be_attached(timeout=SLOW)
    assert tablet.complaints == desk.complaints == []
    demo.stop()
