"""From a tap in the living room to the lead's list, and the decision back, in real Chromium."""

import json
import subprocess
import sys

from playwright.sync_api import expect

from tests.browser.demo import Demo
from tests.browser.tablet import SLOW, act, screen, sign_in
from tests.browser.visit import JOINT, SETTING, Tapping, begin, finish, open_family

NOTE = "Vi griner sammen hver dag"


def shown_answers(page) -> dict[tuple[str, str], str]:
    """Every answer on the lead's page as (subject, link id) -> value."""
    rows = page.locator("[data-link-id][data-value]").evaluate_all(
        "all => all.map(one => [one.closest('[data-subject]').dataset.subject, one.dataset.linkId, one.dataset.value])"
    )
    return {(subject, link_id): value for subject, link_id, value in rows}


def as_shown(value: object) -> str:
    return " ".join(value) if isinstance(value, list) else str(value)


def evaluated(tapped: dict, tmp_path) -> dict:
    """What `screening evaluate` gives for these joint answers."""
    k = {name: int(value) for name, value in tapped.items() if name in {f"k{n}" for n in range(1, 11)}}
    file = tmp_path / "visit.json"
    file.write_text(json.dumps({"persons": [{"mode": "joint", "k": k}], "observations": {}}), encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-m", "screening", "evaluate", str(file)], capture_output=True, text=True, check=True
    )
    return json.loads(ran.stdout)


def see_it_opened(page) -> None:
    expect(page.locator("[data-sync-state='opened']").first).to_be_attached(timeout=75_000)


def lead_decides(page, demo: Demo, family: str, tapped: dict, level: int, tmp_path) -> None:
    """The lead finds the visit on the list, reads every answer as it was tapped, and decides."""
    sign_in(page, demo, demo.somebody("lead"))
    review = page.locator(f"[data-review][data-level='{level}']", has=page.locator(f"a[href*='{family}']"))
    expect(review.first).to_be_visible()
    page.goto(f"{demo.url}/lead/families/{family}")
    shown = shown_answers(page)
    of_link = {link_id: value for (_, link_id), value in shown.items()}
    for link_id, value in tapped.items():
        assert of_link.get(link_id) == as_shown(value), (link_id, value, of_link.get(link_id))
    assert {subject for subject, link_id in shown if link_id.startswith("k")} == {"case"}
    expect(page.locator("[data-suggested]").first).to_have_attribute("data-suggested", str(level))
    expect(page.locator("[data-final]").first).to_have_attribute("data-final", str(level))
    page.locator("[name=decision][value=agree]").first.check(force=True)
    page.locator("form:has([name=decision]) button[type=submit]").last.click()


def test_a_visit_made_without_signal_reaches_the_lead_and_the_decision_comes_back(open_tablet, tmp_path):
    demo = Demo(tmp_path / "instance", "--families", "24").start()
    tablet = open_tablet(demo)
    page = tablet.page
    tablet.enrol("anne")
    tablet.shell_is_kept()
    tablet.close()
    demo.stop()

    tablet_again = open_tablet(demo)
    tablet_again.passphrase, page = tablet.passphrase, tablet_again.page
    tablet_again.open()
    tablet_again.unlock()
    family = open_family(page)
    begin(page)
    tapping = Tapping(page, SETTING | JOINT, NOTE)
    tapping.until("skip")
    for _ in range(4):
        tapping.step()
    tablet_again.close()

    tablet_third = open_tablet(demo)
    tablet_third.passphrase, page = tablet.passphrase, tablet_third.page
    tablet_third.page.goto(demo.url + "/")
    tablet_third.unlock()
    act(page, "resume")
    screen(page, "visit")
    tapping.page = page
    tapping.until("finish")
    finish(page)
    expect(page.locator("[data-sync-state='waiting']").first).to_be_attached()

    demo.start()
    see_it_opened(page)
    level = evaluated(tapping.tapped, tmp_path)["level"]
    desk = open_tablet(demo, "desk", 1440, 900)
    lead_decides(desk.page, demo, family, tapping.tapped, level, tmp_path)

    sign_in(page, demo, "anne")
    tablet_third.unlock()
    expect(page.locator("[data-decision]").first).to_be_attached(timeout=SLOW)
    for one in (tablet, tablet_again, tablet_third, desk):
        assert one.complaints == []
    demo.stop()
