"""Looks at a tablet's screen as it stands: can everybody read and reach it, and does it give nothing away."""

import re

from playwright.sync_api import Page

from tests.browser import axe

SIZES = [(820, 1180), (1180, 820), (390, 844)]
USUAL, TWICE = 16, 32  # px, Chromium's own setting for the size of text
# What is cut off at an edge it cannot be scrolled to, or stands beyond the side of the window.
CUT = """() => {
  const found = [];
  const own = (node) => [...node.childNodes].some((part) => part.nodeType === 3 && part.data.trim());
  const isForListening = (node) =>
    node !== document.body && (getComputedStyle(node).clipPath !== "none" || isForListening(node.parentElement));
  const beyond = (box, node) => {
    if (box.left < -1 || box.right > innerWidth + 1) return true;
    for (let near = node; near !== document.documentElement; near = near.parentElement) {
      const { overflowX, overflowY } = getComputedStyle(near);
      const edge = near.getBoundingClientRect();
      if (overflowX !== "visible" && (box.left < edge.left - 1 || box.right > edge.right + 1)) return true;
      if (["auto", "scroll"].includes(overflowY)) return false;
      if (overflowY !== "visible" && (box.top < edge.top - 1 || box.bottom > edge.bottom + 1)) return true;
      const isPressed = near.matches("button, .opt, .input");
      if (isPressed && (box.top < edge.top - 1 || box.bottom > edge.bottom + 1)) return true;
    }
    return false;
  };
  for (const node of document.querySelectorAll("body *")) {
    if (!own(node) || node.closest("noscript") || !node.checkVisibility()) continue;
    if (isForListening(node)) continue;
    const text = document.createRange();
    text.selectNodeContents(node);
    if ([...text.getClientRects()].some((box) => beyond(box, node))) found.push(node.outerHTML.slice(0, 120));
  }
  for (const node of [document.documentElement, ...document.querySelectorAll("main")]) {
    if (node.scrollWidth <= node.clientWidth + 1) continue;
    const isBeyond = (one) => one.getBoundingClientRect().right > innerWidth + 1;
    const widest = [...node.querySelectorAll("*")].findLast(isBeyond);
    found.push(`wide: ${(widest ?? node).outerHTML.slice(0, 80)}`);
  }
  const isWhole = document.documentElement.scrollHeight > innerHeight + 1; // very narrow: the bars go with the page
  for (const node of document.querySelectorAll("header.top button, footer.bar button")) {
    const box = node.getBoundingClientRect();
    const isOut = box.width && (box.bottom > innerHeight + 1 || box.top < -1);
    if (isOut && !isWhole) found.push(`out of sight: ${node.outerHTML.slice(0, 80)}`);
  }
  const main = document.querySelector("#screen main");
  if (main?.checkVisibility() && main.clientHeight < 96) found.push(`main is ${main.clientHeight} px high`);
  return found;
}"""
SMALL = """() => [...document.querySelectorAll('button, a[href], label:has(input), summary')]
  .filter((node) => node.checkVisibility())
  .map((node) => [node.outerHTML.slice(0, 80), node.getBoundingClientRect()])
  .filter(([, box]) => box.width && (Math.round(box.height) < 44 || Math.round(box.width) < 44))
  .map(([html]) => html)"""
# Where the system decides the colours: what can be pressed has its outline, what is chosen a thicker one, and signs
# are not drawn in the colour of the ground.
UNLINED = """() => {
  const ground = getComputedStyle(document.body).backgroundColor;
  const lined = (node, width) => {
    const { borderTopStyle: style, borderTopWidth, borderTopColor } = getComputedStyle(node);
    return style !== "none" && parseFloat(borderTopWidth) >= width && borderTopColor !== ground;
  };
  const seen = (selector) => [...document.querySelectorAll(selector)].filter((node) => node.checkVisibility());
  return [
    ...seen(".btn, .opt, .input, .iconbtn.line, .card, .said, .lives").filter((node) => !lined(node, 1)),
    ...seen(".opt:has(:checked), .opt[aria-pressed=true]").filter((node) => !lined(node, 3)),
    ...seen(".opt .dot, .opt .box").filter((node) => !lined(node, 1)),
    ...seen("svg.icon").filter((node) => getComputedStyle(node).fill === ground && !node.closest(".ring")),
  ].map((node) => node.outerHTML.slice(0, 120));
}"""
UNRINGED = """() => {
  const node = document.activeElement;
  if (!node || node === document.body) return "nothing has the focus";
  const rings = [node, node.closest("label")].filter(Boolean).map((one) => getComputedStyle(one));
  const is = rings.some(({ outlineStyle, outlineWidth }) => outlineStyle !== "none" && parseFloat(outlineWidth) >= 2);
  return is ? null : node.outerHTML.slice(0, 120);
}"""
OUTSIDE = "() => JSON.stringify([location.href, document.title, history.state, history.length])"
# The level colours; on what a family may see there is only grey and blue.
COLOURS = ("#2e7d46", "#1e5b32", "#f3c433", "#6e5200", "#5c4500", "#d4650f", "#853a00", "#b3261e", "#8c1a14")
SHADES = {f"rgb({int(c[1:3], 16)}, {int(c[3:5], 16)}, {int(c[5:7], 16)})" for c in COLOURS}
USED = """() => [...document.querySelectorAll('#screen *, #cover *')].flatMap((node) => {
  const { color, backgroundColor, borderTopColor, fill, stroke } = getComputedStyle(node);
  return node.checkVisibility() ? [color, backgroundColor, borderTopColor, fill, stroke] : [];
})"""
CLASSES = """() => [...document.querySelectorAll('#screen *, #cover *')]
  .flatMap((node) => [...node.classList]).filter((name) => /^(level|shape|flag|score)/.test(name))"""
# Whole words (5.8.24): what must stand on no page that a family may see.
TELLING = re.compile(
    r"\b(vold|volden|voldelig|voldelige|voldsramt|voldsramte|krisecenter|krisecentre|underretning|underretningen|overgreb|"
    r"mishandling|bekymring|bekymringsbarn|offer|udøver|gerningsmand|politi|politianmeldelse|konflikt|konfliktniveau|"
    r"screening|risiko|sikkerhedsplan|"
    r"violence|violent|abuse|abuser|abused|shelter|refuge|notification|victim|perpetrator|assault|police|conflict|risk)\b",
    re.IGNORECASE,
)
# FR8: neither level, score nor flag stands on what a family may see or a parent answers.
JUDGING = re.compile(
    r"\b(grøn|gul|orange|rød|niveau|point|score|indeks|index|flag|green|yellow|red|level|points)\b", re.IGNORECASE
)


class Look:
    """Looks at one screen after the other, in each size, and remembers what is wrong."""

    def __init__(self, page: Page):
        self.page, self.found = page, []
        self.seen: list[str] = []
        self.outside: set[str] = set()
        self.kinds: dict[str, str] = {}
        self.browser = page.context.new_cdp_session(page)

    def at(self, name: str, touched: bool = False) -> None:
        """Everything about the screen that stands now; its size and settings are as before afterwards. Unless it was
        touched since it came, the focus is on its heading."""
        self.seen.append(name)
        self.outside.add(self.page.evaluate(OUTSIDE))
        self.heading(name, touched)
        self.wrong(name, axe.problems(self.page))
        self.gives_nothing_away(name)
        for size in (USUAL, TWICE):
            self.text(size)
            for width, height in SIZES:
                self.page.set_viewport_size({"width": width, "height": height})
                self.wrong(f"{name}, {width} x {height}, text {size}", self.page.evaluate(CUT))
                if size == USUAL:
                    self.wrong(f"{name}, {width} x {height}, small", self.page.evaluate(SMALL))
        self.text(USUAL)
        self.page.set_viewport_size(dict(zip(("width", "height"), SIZES[0], strict=True)))
        self.forced(name)

    def wrong(self, name: str, problems: list[str]) -> None:
        self.found += [f"{name}: {problem}" for problem in problems]

    def text(self, pixels: int) -> None:
        """As the setting of the browser has it: sizes in rem and limits in em follow."""
        self.browser.send("Page.setFontSizes", {"fontSizes": {"standard": pixels}})
        assert self.page.evaluate("() => getComputedStyle(document.documentElement).fontSize") == f"{pixels}px"

    def heading(self, name: str, touched: bool) -> None:
        headings = self.page.locator("h1:visible").count()
        focused = self.page.evaluate("() => document.activeElement?.tagName")
        # What was told is met before the question.
        first = "H2" if self.page.locator(".lives:visible").count() else "H1"
        if headings != 1 or not (touched or focused == first):
            self.found.append(f"{name}: {headings} headings, focus on {focused}")

    def forced(self, name: str) -> None:
        """With the system's own colours, and the ring around what the Tab key comes to."""
        self.page.emulate_media(forced_colors="active")
        self.wrong(f"{name}, forced colours", self.page.evaluate(UNLINED))
        self.page.keyboard.press("Tab")
        if self.page.evaluate("() => document.activeElement === document.body"):  # past the last, to the first
            self.page.keyboard.press("Tab")
        if unringed := self.page.evaluate(UNRINGED):
            self.found.append(f"{name}, forced colours, no ring: {unringed}")
        self.page.emulate_media(forced_colors="none")

    def gives_nothing_away(self, name: str) -> None:
        """What a family may see, and what a parent answers, shows nothing that judges; the first no telling word."""
        part = self.page.locator("#cover:visible, #now:visible, #screen:visible")
        kind = part.locator("[data-kind]").first
        over = {"cover": "shareable", "now": "visitor"}.get(part.get_attribute("id"))
        self.kinds[name] = over or kind.get_attribute("data-kind")
        if self.kinds[name] == "visitor":
            return
        text, used = part.inner_text(), set(self.page.evaluate(USED))
        words = JUDGING.findall(text) + (TELLING.findall(text) if self.kinds[name] == "shareable" else [])
        self.wrong(name, [*words, *sorted(used & SHADES), *self.page.evaluate(CLASSES)])
        assert len(used) > 3
