"""Families planted on a tablet as if they had just come with the list, and what lies in its vault."""

from datetime import date, timedelta
from typing import Any

from playwright.sync_api import Page

PLANT = """async (families) => {
  const vault = await import("/static/visitor/vault.js");
  await vault.keepCaseload({ families, asOf: new Date().toISOString() });
  document.dispatchEvent(new CustomEvent("sync", { detail: { caseload: true } }));
}"""
ASK = """async ([what, given]) => (await import("/static/visitor/vault.js"))[what](...given)"""
FIRST = ("Agnes", "Viggo", "Søren", "Ida", "Çelik", "Ægir", "Nour", "Åse", "Bo", "Liv")
LAST = ("Holm", "Bech", "Lindskov", "Øvlisen", "Dam", "Krogh", "Nygaard", "Juhl", "Lund", "Bæk")


def a_row(number: int, **more: Any) -> dict[str, Any]:
    """A family's row: the two-month visit is due now and not agreed; each number has a name of its own."""
    today = date.today()
    name = f"{FIRST[number % 10]} {LAST[number // 10 % 10]}{number}"
    row = {
        "id": f"00000000-0000-4000-8000-{number:012d}",
        "children": [{"name": name, "birth": (today - timedelta(days=60)).isoformat()}],
        "parents": [{"key": "parent1", "name": f"Sara {LAST[number % 10]}", "custody": True},
                    {"key": "parent2", "name": f"Jonas {LAST[number % 10]}", "custody": True}],
        "address": f"Birkevænget {number}", "address_protected": False, "languages": ["dansk"], "separated": False,
        "visits": [a_visit("2m", -4, 10), a_visit("8m", 185, 275)],
        "decisions": [], "tasks": [], "dates": [], "agreed": None, "agreement": False, "t20": {},
        "attempts": {}, "changed": [], "last": {},
    }  # fmt: skip
    return row | more


def a_visit(visit: str, opens: int, closes: int, **more: Any) -> dict[str, Any]:
    """An open visit; the days are counted from today."""
    return {"visit": visit, "opens": days(opens), "closes": days(closes), "planned": None, "place": "home",
            "state": "open"} | more  # fmt: skip


def days(count: int) -> str:
    """The day so many days from today."""
    return (date.today() + timedelta(days=count)).isoformat()


def plant(page: Page, *rows: dict[str, Any]) -> None:
    """Put families on the tablet's list, and let the page show them."""
    page.evaluate(PLANT, list(rows))


def ask(page: Page, what: str, *given: Any) -> Any:
    """What the unlocked vault answers."""
    return page.evaluate(ASK, [what, list(given)])


def finished(page: Page, row: dict[str, Any]) -> str:
    """Finish a visit of a planted family in the tablet's vault; gives its id."""
    id = f"018f0000-0000-7000-8000-{row['id'][-12:]}"
    setting = {"s1": {"value": "home"}, "s2": {"value": ["p1", "p2"]}, "s9": {"value": "yes"}}
    said = (("A", setting), ("B", {"k1": {"value": "2"}}))
    payload = {
        "schema": 1, "encounter": id, "family": row["id"], "visit": "2m", "instrument": "1.0.0", "mode": "joint",
        "replaces": None, "completes": None, "release": "test", "count": 4,
        "started_at": f"{days(0)}T07:00:00.000Z", "finished_at": f"{days(0)}T08:00:00.000Z",
        "responses": [
            {"form": form, "respondent": "joint", "authored_at": f"{days(0)}T07:01:00.000Z", "answers": answers,
             "unanswered": {}} for form, answers in said
        ],
    }  # fmt: skip
    ask(page, "finish", id, payload)
    return id
