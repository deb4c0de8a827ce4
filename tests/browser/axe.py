"""Runs axe-core on a page as it stands. Through the debugger, so the page's own policy stays in force."""

import json
from pathlib import Path

from playwright.sync_api import Page

SOURCE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
RUN = """axe.run(document, {resultTypes: ["violations"]}).then((found) => JSON.stringify(found.violations.map(
  ({id, help, nodes}) => ({id, help, nodes: nodes.map((node) => node.html.slice(0, 200))}))))"""


def problems(page: Page) -> list[str]:
    """What axe finds on this page, a line each; nothing is the aim."""
    session = page.context.new_cdp_session(page)
    try:
        loaded = session.send("Runtime.evaluate", {"expression": "typeof axe"})["result"]["value"]
        if loaded == "undefined":
            session.send("Runtime.evaluate", {"expression": SOURCE})
        answer = session.send("Runtime.evaluate", {"expression": RUN, "awaitPromise": True, "returnByValue": True})
    finally:
        session.detach()
    assert "value" in answer["result"], answer
    return [f"{one['id']}: {one['help']} {one['nodes']}" for one in json.loads(answer["result"]["value"])]
