"""Hands that only have a keyboard."""

from playwright.sync_api import Page, expect

STEPS = 120


def reach(page: Page, selector: str) -> None:
    """Go with Tab until something that fits has the focus."""
    for _ in range(STEPS):
        if page.evaluate("(wanted) => document.activeElement?.matches(wanted) ?? false", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no way with Tab to {selector}")


def press(page: Page, action: str) -> None:
    """Go to what carries an action and press it."""
    reach(page, f"[data-action='{action}']")
    page.keyboard.press("Enter")


def write(page: Page, name: str, text: str) -> None:
    """Go to a field and type."""
    page.locator(f"[name='{name}']").wait_for()
    reach(page, f"[name='{name}']")
    page.keyboard.type(text)


def choose(page: Page, link_id: str, code: str) -> None:
    """Choose an option of a question: the arrow keys in a group of one choice, and no other on the way to it where the
    group is still empty; the space bar for its first option and for several."""
    reach(page, f"input[name='{link_id}']")
    wanted = page.locator(f"input[name='{link_id}'][value='{code}']")
    if wanted.get_attribute("type") == "checkbox":
        reach(page, f"input[name='{link_id}'][value='{code}']")
        if not wanted.is_checked():
            page.keyboard.press("Space")
    else:
        group = page.locator(f"input[name='{link_id}']")
        if not group.and_(page.locator(":checked")).count() and group.first.get_attribute("value") == code:
            page.keyboard.press("Space")
        for _ in range(group.count()):
            if wanted.is_checked():
                break
            page.keyboard.press("ArrowDown")
    expect(wanted).to_be_checked()
