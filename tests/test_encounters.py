"""A visit is read as it was answered, in words; what was said alone opens only to a purpose that is written down."""

from datetime import timedelta

import pytest

from screening import audit, encounters
from screening.errors import NotAllowed, NotAnswerable, NotFound
from tests.builders import CALM, LOUD, a_person, a_visit, arrive

# ── in words ──


def test_every_answer_is_kept_as_it_was_given_with_question_and_words(store, tablet, home, now):
    text = "„Vi“ taler\nog taler \N{SLIGHTLY SMILING FACE}"
    visit = a_visit(home, now, answers={"B": {"p3": text, "k3": "na"}, "D": {"v8": ["H17", "H18"]}})
    assert arrive(store, tablet, visit, now)["state"] == "opened"
    found = encounters.answers(store, visit["encounter"])
    said = {(one["form"], one["respondent"], one["link_id"]): one["value"] for one in found}
    sent = {
        (one["form"], one["respondent"], name): cell["value"]
        for one in visit["responses"]
        for name, cell in one["answers"].items()
    }
    assert said == sent and len(found) == visit["count"]
    by_name = {one["link_id"]: one for one in found}
    assert by_name["p3"]["shown"] == [text]
    assert by_name["s2"]["shown"] == ["Forælder 1", "Forælder 2 / partner"]
    assert by_name["s6"]["shown"] == ["Nej"]
    assert by_name["k3"]["declined"] and by_name["k3"]["shown"] == ["Ønsker ikke at svare"]
    assert by_name["k1"]["text"].startswith("Hvor")
    english = {one["link_id"]: one for one in encounters.answers(store, visit["encounter"], language="en")}
    assert english["s6"]["shown"] == ["No"]


def test_the_visit_has_the_servers_own_result_and_both_times(store, tablet, home, now):
    visit = a_visit(home, now - timedelta(hours=3), answers={"B": LOUD, "D": {"v1": "1", "v7": "later"}})
    arrive(store, tablet, visit, now)
    (found,) = encounters.of_family(store, home["id"])
    assert (found["result"]["level"], found["result"]["final"], found["result"]["index"]) == (2, 1, [53])
    assert (found["own"], found["mode"], found["standing"], found["twice"]) == ("1", "joint", 1, False)
    assert found["reasons"][0]["headline"] == "Det bliver voldsomt, mens barnet er i rummet"
    assert (found["started_at"], found["received_at"]) == ("2026-11-23T05:22:00.000Z", "2026-11-23T09:12:00.000Z")


# ── what was said alone ──


@pytest.fixture
def told(store, tablet, home, now):
    visit = a_visit(
        home, now, mode="each",
        answers={("C", "parent1"): {"t2": "yes", "c1": "12 34"}, "D": {"v5b": "Ring kl. 10", "v1": "2", "v7": "later"}},
    )  # fmt: skip
    arrive(store, tablet, visit, now)
    return visit["encounter"]


def test_what_was_said_alone_is_on_no_page_before_it_is_opened(store, told):
    shown = encounters.answers(store, told)
    assert {one["form"] for one in shown} == {"A", "B", "D"}
    assert "v5b" not in {one["link_id"] for one in shown}
    assert encounters.answers(store, told, {"parent2", "child"}) == shown
    assert encounters.private_counts(store, told) == {"parent1": len(CALM) + 2}


def test_it_opens_with_a_purpose_that_is_written_down_and_the_log_hides_who_told_it(store, told, lead, home, now):
    opened = encounters.open_private(store, told, "parent1", lead, "Afgørelse", now)
    assert {"t2", "c1", "v5b"} <= {one["link_id"] for one in opened}
    line = audit.listed(store)[0]
    assert (line["event"], line["actor"]) == ("record_read", lead["id"])
    assert (line["subject"], line["sealed_for"]) == (home["id"], home["sealed_for"])
    detail = {"encounter": told, "purpose": "Afgørelse", "subject": "parent1"}
    assert store.opened("audit", line, "detail_sealed") == detail


@pytest.mark.parametrize("purpose", ["", "  ", "x" * 2001, "\0", None])
def test_without_a_purpose_nothing_opens(store, told, lead, now, purpose):
    with pytest.raises(NotAnswerable):
        encounters.open_private(store, told, "parent1", lead, purpose, now)
    assert audit.listed(store)[0]["event"] != "record_read"


def test_nothing_opens_for_whom_the_family_is_not(store, told, lead, now):
    for person in (a_person(store, now), a_person(store, now, "lead", "Syd"), a_person(store, now, "admin")):
        with pytest.raises((NotFound, NotAllowed)):
            encounters.open_private(store, told, "parent1", person, "Afgørelse", now)
    with pytest.raises(NotFound):
        encounters.answers(store, "nobody")
