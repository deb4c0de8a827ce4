"""The tablet's page as a random walk sees and presses it: one look a page, one script for all of its taps."""

from typing import Any

from playwright.sync_api import Page

CODE = "2580"

# What stands on the page. Waits until something does: between two screens the page is empty.
LOOK = """async () => {
  const body = document.body.dataset;
  const own = (selector) => document.querySelector(selector);
  const ready = () => body.covered !== undefined || own("#now").firstChild || own("#screen > .screen");
  while (!ready()) await new Promise(requestAnimationFrame);
  const seen = (node) => node.checkVisibility();
  const off = (node) => node.disabled || node.getAttribute("aria-disabled") === "true";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const field = (node) => {
    const choices = all("input[type=radio],input[type=checkbox]", node).filter((one) => seen(one.closest("label")));
    const typed = node.querySelector("textarea,input[type=text],input[type=date]");
    return {
      id: node.dataset.linkId, type: typed ? typed.type : "choice", codes: choices.map((one) => one.value),
      chosen: typed ? (typed.value ? [typed.value] : []) : choices.filter((one) => one.checked).map((one) => one.value),
    };
  };
  const marks = (node) => ({ ...node.dataset });
  const screen = own("#screen > .screen");
  return {
    screen: body.screen, respondent: body.respondent ?? null, form: screen?.dataset.form ?? null,
    covered: body.covered !== undefined, locked: body.locked ?? null, now: Boolean(own("#now").firstChild),
    part: own("#screen [data-slot=part]")?.textContent ?? "",
    items: all("#screen [data-page] [data-link-id]").filter(seen).map((node) => node.dataset.linkId),
    fields: all("#screen fieldset[data-link-id]").filter(seen).map(field),
    names: all("#screen :is([data-homes], [data-types]) input").filter((one) => seen(one.closest("label")))
      .map(({ name, value, checked }) => ({ name, value, checked })),
    pressed: all("#screen [aria-pressed=true]").filter(seen).map((node) => node.dataset.action),
    actions: all("#screen [data-action]").filter((node) => seen(node) && !off(node)).map(marks),
  };
}"""

# Presses the n-th element of a selector; with `wait`, until another page stands there.
PRESS = """async ([selector, n, wait]) => {
  const place = () => document.querySelector("#screen > .screen");
  const questions = () => [...document.querySelectorAll("#screen [data-page] [data-link-id]")];
  const signature = () => {
    const { screen, respondent, covered, locked } = document.body.dataset;
    const part = document.querySelector("#screen [data-slot=part]")?.textContent;
    const asked = questions().map((node) => node.dataset.linkId);
    return JSON.stringify([screen, respondent, covered, locked, place()?.dataset.form, part, asked]);
  };
  const seen = [...document.querySelectorAll(selector)].filter((node) => node.checkVisibility());
  const [before, stood] = [signature(), place()];
  const stays = () => signature() === before && (place() ?? stood) === stood;
  if (!seen[n]) throw new Error(`nothing to press: ${selector} on ${before}`);
  seen[n].click();
  const until = performance.now() + 30_000;
  while (wait && stays() && performance.now() < until) await new Promise(requestAnimationFrame);
  if (wait && stays()) throw new Error(`${selector} led nowhere from ${before}`);
}"""

# Taps and writes in one go, as a hand would: each is a real change on the page. Gives those that were done: an answer
# may close the next question.
TAP = """(taps) => taps.filter(({ id, code, text, half }) => {
    const fields = [...document.querySelectorAll(`#screen [data-link-id="${id}"]`)];
    const field = fields.find((node) => node.checkVisibility());
    if (!field) return false;
    if (code !== undefined) {
      field.querySelector(`input[value="${CSS.escape(code)}"]`).click();
      return true;
    }
    const input = field.querySelector("textarea,input");
    input.focus();
    input.value = text;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    if (!half) input.dispatchEvent(new Event("change", { bubbles: true }));
    return true;
})"""

FIND = """(name) => {
  const field = document.querySelector("#screen [name=search]");
  field.value = name;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}"""

TYPE = """([name, text]) => {
  document.querySelector(`#screen [name=${name}]`).value = text;
}"""

BACK = """async () => {
  history.back();
  while (document.body.dataset.covered === undefined) await new Promise(requestAnimationFrame);
}"""

KEPT = """async () => {
  while (document.querySelector("#screen [data-saved=no]")) await new Promise(requestAnimationFrame);
}"""

VAULT = """async ([name, given]) => (await import("/static/visitor/vault.js"))[name](...given)"""
PULL = """async () => (await import("/static/visitor/sync.js")).pull()"""
SEND = """async () => (await import("/static/visitor/sync.js")).sendNow()"""


class Hand:
    """A hand on the tablet."""

    def __init__(self, page: Page, passphrase: str):
        self.page, self.passphrase = page, passphrase

    def look(self) -> dict[str, Any]:
        """What stands on the page: screen, form, respondent, fields, actions that can be pressed."""
        return self.page.evaluate(LOOK)

    def press(self, action: str, *, wait: bool = False, more: str = "", n: int = 0) -> None:
        """Press what carries this action; ``wait`` until another page stands there."""
        self.page.evaluate(PRESS, [f"[data-action='{action}']{more}", n, wait])

    def tap(self, taps: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Tap and write; gives what was done."""
        return self.page.evaluate(TAP, taps) if taps else []

    def choose(self, name: str, value: str) -> None:
        self.page.evaluate(PRESS, [f"#screen label:has(input[name='{name}'][value='{value}'])", 0, False])

    def warned(self) -> bool:
        """Whether the page says that answers would not count any more."""
        return self.page.locator("#screen [data-slot=drops]:visible").count() > 0

    def unfold(self) -> bool:
        """Open what is folded on the page after the talk; whether anything was."""
        closed = self.page.locator("#screen [data-waiting]:not([open]):not([hidden]) summary")
        is_there = closed.count() > 0
        if is_there:
            closed.click()
        return is_there

    def find(self, name: str) -> None:
        """Search in today's list."""
        self.page.evaluate(FIND, name)

    def vault(self, name: str, *given: Any) -> Any:
        """Ask what the tablet keeps; used for ids and the list, never for answers."""
        return self.page.evaluate(VAULT, [name, given])

    def pull(self) -> None:
        """Fetch what is new, so that the list says what earlier visits left."""
        self.page.evaluate(PULL)

    def send(self) -> None:
        self.page.evaluate(SEND)

    # ── cover, code and reload ──

    def cover(self, by: str) -> None:
        """Cover the page by Escape, the back gesture or the button."""
        if by == "escape":
            self.page.keyboard.press("Escape")
        elif by == "back":
            self.page.evaluate(BACK)
        else:
            self.press("cover", wait=True)

    def uncover(self) -> None:
        self.press("uncover", wait=True)
        self.past_the_code()

    def past_the_code(self) -> None:
        """Where the code is asked for, give it."""
        view = self.look()
        if view["screen"] == "unlock" and view["locked"] == "re":
            self.page.evaluate(TYPE, ["pin", CODE])
            self.press("unlock", wait=True)
            self.page.wait_for_selector("body:not([data-screen='unlock']), #now > *", state="attached")

    def reload(self) -> None:
        """The page goes and comes back fully locked; the passphrase opens it. What was kept is all there is."""
        self.page.evaluate(KEPT)
        self.anew()

    def anew(self) -> None:
        """The page again from its address, and unlocked."""
        self.page.reload()
        self.page.locator("body[data-screen='unlock'] [name=passphrase]").wait_for()
        self.page.fill("[name=passphrase]", self.passphrase)
        self.press("unlock")
        self.page.locator("body[data-screen='today'] #screen > .screen").wait_for()

    def today(self) -> None:
        """To today's list, from wherever a visit ends."""
        if self.look()["screen"] != "today":
            self.press("back", wait=True)
