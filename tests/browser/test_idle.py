"""A lead's page does not stay on the screen after her sign-in has ended; what she had typed comes back to her."""

import re

from playwright.sync_api import expect

from tests.browser.tablet import SLOW, sign_in

DEMO_FAMILIES = 24
NOTE = "Ring fredag efter kl. 10"


def test_a_leads_page_is_blanked_when_her_sign_in_has_ended_and_what_was_typed_comes_back(demo, open_tablet):
    desk = open_tablet(demo, "desk", 1440, 900)
    page = desk.page
    sign_in(page, demo, demo.somebody("lead"))
    page.clock.install()
    page.goto(f"{demo.url}/lead/families?level=2")
    page.locator("[data-family] a").first.click()
    initials = page.locator("h1").inner_text()
    page.locator("#note").fill(NOTE)
    page.clock.fast_forward("29:00")
    expect(page.locator("#note")).to_have_value(NOTE)

    page.route("**/decision", lambda route: route.abort())
    page.clock.fast_forward("02:00")
    expect(page.locator("body[data-idle='over']")).to_be_attached(timeout=SLOW)
    expect(page.locator("form, input, textarea, header")).to_have_count(0)
    expect(page.locator("body")).not_to_contain_text(initials)
    expect(page.locator("[role=status]")).to_contain_text("ikke gemt endnu")

    page.unroute("**/decision")
    page.locator("main a").click()
    expect(page).to_have_url(re.compile("typed="), timeout=SLOW)
    expect(page.locator("[data-restored]").first).to_be_visible()
    expect(page.locator("#note")).to_have_value(NOTE)
    desk.complaints.clear()  # the request that was cut off on purpose
