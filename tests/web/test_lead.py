"""The team lead's pages: the list, a family's page, what was said alone, and the decision."""

import re
from datetime import timedelta

import pytest

from screening import decisions, families, people, reviews, tablets
from tests import builders
from tests.web.house import Page

SHAKEN = {
    ("B", "parent1"): builders.QUIET,
    ("C", "parent1"): builders.CALM | {"t7": "yes"},
    "D": {"v1": "3", "v2": "yes"},
}


@pytest.fixture
def vera(store, staff):
    return people.get(store, staff.ids["vera"])


@pytest.fixture
def home(store, vera, clock):
    return builders.a_family(store, vera, clock.now)


@pytest.fixture
def tablet(store, vera, clock):
    return builders.a_tablet(store, vera, clock.now)


@pytest.fixture
def visited(store, home, tablet, clock):
    """A function: fields of a visit -> its id, once it has come home and was judged."""

    def comes(family=home, **given):
        clock.pass_by(minutes=1)
        visit = builders.a_visit(family, clock.now - timedelta(hours=1), **given)
        builders.arrive(store, tablet, visit, clock.now)
        return visit["encounter"]

    return comes


@pytest.fixture
def lead(signed_in):
    return signed_in("lene")


def path(home):
    return f"/lead/families/{home['id']}"


def marks(answer):
    """Every answer on a page: (subject, link id) -> value."""
    rows = [found for _, found, _ in Page(answer.text).elements if "data-link-id" in found]
    return {(row["data-subject"], row["data-link-id"]): row["data-value"] for row in rows}


def one(answer, mark):
    return next(found for _, found, _ in Page(answer.text).elements if mark in found)


def events(store):
    return [row["event"] for row in store.rows("SELECT event FROM audit ORDER BY seq")]


# ── the list ──


def test_a_flagged_visit_stands_on_the_list_with_level_reason_clocks_deadline_and_a_way_in(lead, visited, home):
    encounter = visited(answers={"B": builders.LOUD})
    page = lead.get("/lead/")
    row = one(page, "data-review")
    assert row["data-level"] == "2"
    for words in (
        "Orange",
        "N.L.",
        "8 uger",
        "Nord",
        "Vera Prøve",
        "mens barnet er i rummet",
        "2 arbejdsdage",
        "Lene Prøve",
    ):
        assert words in page.text, words
    assert f'href="/lead/families/{home["id"]}?visit={encounter}"' in page.text
    assert "skabelon, som ikke er afprøvet" in page.text
    assert "Nora" not in page.text


def test_a_quiet_visit_waits_for_nobody(lead, visited):
    visited(answers={("C", "parent1"): {}, ("C", "parent2"): {}})
    page = lead.get("/lead/")
    assert "data-review" not in page.text and "Intet venter på dig." in page.text


def test_what_is_filtered_lives_in_the_address(lead, visited):
    visited(answers={"B": builders.LOUD})
    for query, shown in [
        ("level=2", True), ("level=3", False), ("visitor=Vera+Prøve", True), ("visitor=Anne", False),
        ("show=mine", True), ("show=free", False), ("level=nonsense", True), ("show=%00&level=%F0", True),
    ]:  # fmt: skip
        page = lead.get(f"/lead/?{query}")
        assert ("data-review=" in page.text) == shown, query
        assert shown or "Ingen sager passer" in page.text


def test_what_could_not_be_read_stands_in_sight_with_its_reason(lead, store, tablet, home, clock):
    visit = builders.a_visit(home, clock.now, count=99)
    builders.arrive(store, tablet, visit, clock.now)
    page = lead.get("/lead/")
    assert one(page, "data-quarantine")["data-reason"] == "wrong_count"
    assert "Svarene passer ikke til spørgsmålene" in page.text and "Intet er slettet" in page.text


def test_what_was_refused_is_taken_off_the_list_when_it_has_been_seen(lead, store, tablet, clock):
    builders.bring(store, tablet, b"junk", clock.now)
    page = lead.get("/lead/")
    assert one(page, "data-quarantine")["data-reason"] == "not_ours"
    assert lead.send(f"/lead/refused/{tablet.id}/seen", "/lead/").status_code == 303
    assert "data-quarantine" not in lead.get("/lead/").text
    assert lead.send(f"/lead/refused/{tablet.id}/seen", "/lead/").status_code == 404


def test_what_was_set_aside_for_a_lost_tablet_can_be_read_in_all_the_same(lead, store, tablet, home, clock, service):
    raw = builders.sealed(tablet, builders.a_visit(home, clock.now), clock.now)
    tablets.revoke(store, tablet.id, "system", clock.now)
    builders.bring(store, tablet, raw, clock.now)
    store.run("UPDATE envelopes SET state = 'quarantined', reason = 'revoked'")
    page = lead.get("/lead/")
    action = re.search(r'action="(/lead/quarantine/[^"]+/release)"', page.text).group(1)
    assert lead.send(action, "/lead/").status_code == 303
    assert service.judge.is_set()
    assert "data-quarantine" not in lead.get("/lead/").text


def test_a_planned_visit_that_has_not_come_is_missed(lead, store, vera, clock):
    planned = (clock.now - timedelta(days=3)).strftime("%Y-%m-%dT09:00")
    late = builders.a_family(store, vera, clock.now, planned={"2m": planned})
    page = lead.get("/lead/")
    assert one(page, "data-missing")["data-missing"] == "planned"
    assert f"/lead/families/{late['id']}" in page.text


def test_the_list_says_how_many_tablets_have_not_reported(lead, store, vera, clock):
    builders.a_tablet(store, vera, clock.now - timedelta(days=2))
    assert "1 af 1 tablets har ikke meldt ind i dag" in lead.get("/lead/").text


def test_another_teams_families_are_not_on_the_list(signed_in, staff, visited, home):
    visited(answers={"B": builders.LOUD})
    staff.add("sofie", "lead", team="Syd")
    other = signed_in("sofie")
    assert home["id"] not in other.get("/lead/").text
    assert other.get(path(home)).status_code == 404
    assert other.get("/lead/families").status_code == 200


def test_a_lead_takes_a_case(signed_in, staff, store, visited, home, clock):
    visited(answers={"B": builders.LOUD})
    staff.add("grete", "lead")
    taker = signed_in("lene" if "Grete" in signed_in("lene").get("/lead/").text.split("data-review")[1] else "grete")
    action = re.search(r'action="(/lead/reviews/[^"]+/take)"', taker.get(path(home)).text)
    assert taker.send(action.group(1), path(home), family=home["id"]).location == path(home)
    assert "/take" not in taker.get(path(home)).text
    assert "family_taken" in events(store)


# ── families ──


def test_the_families_are_listed_and_found_by_every_word_of_a_name(lead, store, vera, home, clock):
    builders.a_family(store, vera, clock.now, children=[{"name": "Ida Østergaard", "birth": "2026-09-20"}])
    page = lead.get("/lead/families").text
    assert "Nora Lindskov" in page and "Ida Østergaard" in page and "2 familier" in page
    asked = lead.send("/lead/families", q="  østerg IDA ").location
    found = lead.get(asked).text
    assert "Ida Østergaard" in found and "Nora Lindskov" not in found
    assert "IDA" not in asked
    assert "Ingen med det navn" in lead.get(lead.send("/lead/families", q="Nobody <b>").location).text
    assert "2 familier" in lead.get("/lead/families?s=somebody-elses").text
    assert [event for event in events(store)].count("families_searched") == 2


def test_a_family_without_visits_has_a_page_and_nothing_to_decide(lead, home):
    page = lead.get(path(home))
    assert "Ingen besøg endnu" in page.text and "2-måneders-besøg" in page.text
    assert 'name="decision"' not in page.text


def test_a_family_that_is_not_there_is_not_found(lead, home):
    assert lead.get("/lead/families/nothing").status_code == 404
    assert lead.get(path(home), query_string={"visit": "nothing"}).status_code == 404


# ── a family's page ──


def test_every_answer_stands_on_the_page_as_it_was_given(lead, visited, home):
    visited(answers={"B": builders.LOUD | {"p3": "Vi griner\nsammen", "f2": None}})
    page = lead.get(path(home))
    shown = marks(page)
    assert shown["case", "k2"] == "2" and shown["child", "s2"] == "p1 p2" and shown["case", "s6"] == "false"
    assert shown["case", "p3"] == "Vi griner\nsammen"
    assert {"case", "child"} == {subject for subject, _ in shown}
    assert one(page, "data-suggested")["data-suggested"] == "2"
    assert one(page, "data-final")["data-final"] == "2"
    assert "Forælder 1 er ikke spurgt alene." in page.text
    assert "skabelon, som ikke er afprøvet" in page.text


def test_what_was_typed_is_shown_as_text_and_nothing_else(lead, visited, home):
    visited(answers={"B": {"p3": '<script>alert("x")</script>'}})
    assert "<script>alert" not in lead.get(path(home)).text
    assert marks(lead.get(path(home)))["case", "p3"] == '<script>alert("x")</script>'


def test_declining_is_shown_as_declining(lead, visited, home):
    visited(answers={"B": {"k4": "na", "p3": {"declined": True}}})
    page = lead.get(path(home))
    assert marks(page)["case", "k4"] == "na" and marks(page)["case", "p3"] == ""
    assert page.text.count("Ønsker ikke at svare") >= 2


def test_what_was_said_alone_is_not_on_the_page_until_a_purpose_is_given(lead, store, visited, home):
    encounter = visited(mode="each", answers=SHAKEN)
    page = lead.get(path(home))
    assert not [name for _, name in marks(page) if name.startswith("t")]
    assert "Forælder 1 · beskyttede svar" in page.text
    opened = lead.send(path(home), path(home), visit=encounter, subject="parent1", purpose="Jeg skal afgøre niveauet")
    assert opened.status_code == 200 and marks(opened)["parent1", "t7"] == "yes"
    assert "record_read" in events(store)
    assert not [name for _, name in marks(lead.get(path(home))) if name.startswith("t")]


def test_one_parents_answers_open_and_the_others_stay_closed(lead, visited, home):
    both = SHAKEN | {("B", "parent2"): builders.QUIET, ("C", "parent2"): builders.CALM}
    visited(mode="each", answers=both)
    opened = lead.send(path(home), path(home), subject="parent2", purpose="Jeg skal kontakte forælderen")
    assert {subject for subject, name in marks(opened) if name.startswith("t")} == {"parent2"}
    everything = lead.send(path(home), path(home), purpose="Jeg skal kontakte forælderen")
    assert {subject for subject, name in marks(everything) if name.startswith("t")} == {"parent1", "parent2"}


def test_without_a_purpose_nothing_opens_and_nothing_is_logged_as_opened(lead, store, visited, home):
    visited(mode="each", answers=SHAKEN)
    before = len(events(store))
    for purpose in ("", "   ", "x" * 5000):
        refused = lead.send(path(home), path(home), subject="parent1", purpose=purpose)
        assert refused.status_code == 422 and "t7" not in refused.text
    assert lead.send(path(home), path(home), subject="somebody", purpose="x").status_code == 404
    pages_fetched_for_a_token = 4
    assert len(events(store)) == before + pages_fetched_for_a_token


def test_names_and_address_are_shown_when_asked_for_and_only_there(lead, store, visited, home):
    visited()
    assert "Birkevænget" not in lead.get(path(home)).text and "Sara" not in lead.get(path(home)).text
    shown = lead.send(f"{path(home)}/identity", path(home))
    assert shown.status_code == 200
    for words in ("Nora Lindskov", "Birkevænget 4", "Sara Lindskov"):
        assert words in shown.text
    assert "Birkevænget" not in lead.get(path(home)).text


def test_a_protected_address_is_never_shown(lead, store, vera, clock):
    home = builders.a_family(store, vera, clock.now, address_protected=True)
    shown = lead.send(f"{path(home)}/identity", path(home)).text
    assert "Adressen er beskyttet" in shown and "Birkevænget" not in shown


def test_reading_a_familys_page_is_written_down(lead, store, visited, home):
    visited()
    before = events(store).count("record_read")
    lead.get(path(home))
    assert events(store).count("record_read") == before + 1


def test_the_eight_month_visit_is_shown_beside_the_one_at_two(lead, visited, home):
    visited(answers={"B": builders.QUIET})
    visited(visit="8m", answers={"B": builders.LOUD})
    page = lead.get(path(home)).text
    assert "Fra 2 til 8 måneder" in page and "værre" in page and "Forværret" in page and "3 → 53" in page


def test_visits_answered_in_different_ways_are_not_compared(lead, visited, home):
    visited(answers={"B": builders.QUIET})
    visited(visit="8m", mode="each", answers={("B", "parent1"): builders.LOUD | {"k5": "1"}})
    page = lead.get(path(home)).text
    assert "Fra 2 til 8 måneder" not in page and "Kan ikke sammenlignes" in page


def test_an_earlier_visit_can_be_opened_from_the_course(lead, visited, home):
    first = visited(answers={"B": builders.QUIET})
    visited(visit="8m", answers={"B": builders.LOUD})
    link = f"{path(home)}?visit={first}"
    assert link in lead.get(path(home)).text
    assert marks(lead.get(link))["case", "k2"] == "0"


def test_the_page_is_whole_in_english(lead, visited, home):
    encounter = visited(mode="each", answers=SHAKEN)
    lead.send("/account/language", "/account/", language="en", back="/lead/")
    page = lead.send(
        path(home), path(home), visit=encounter, subject="parent1", purpose="I am to decide the level"
    ).text
    for words in ("Why red", "What we do not know", "Your decision", "unvalidated template", "Told alone", "Yes"):
        assert words in page, words
    for words in ("Derfor", "Svar om", "Ønsker", "Forælder"):
        assert words not in page, words


# ── the decision ──


def decide(lead, home, **fields):
    page = lead.get(path(home)).text
    return lead.send(f"{path(home)}/decision", path(home), **({"visit": visit_in(page)} | fields))


def visit_in(page):
    """The visit that the page's own form decides."""
    return re.search(r'name="visit" value="([^"]*)"', page[page.index('/decision"') :]).group(1)


def test_the_visit_that_was_read_is_decided_though_a_newer_one_has_come(lead, store, visited, home):
    first = visited(answers={"B": builders.LOUD})
    read = lead.get(path(home)).text
    visited(visit="talk", answers={"B": builders.LOUD})
    answer = decide(lead, home, visit=visit_in(read), decision="agree")
    assert answer.status_code == 303
    assert [one["encounter"] for one in decisions.of_family(store, home["id"])] == [first]


def test_a_decision_that_names_no_visit_decides_none(lead, store, visited, home):
    visited(answers={"B": builders.LOUD})
    for fields in ({"visit": ""}, {"visit": []}):
        assert decide(lead, home, decision="agree", **fields).status_code == 422
    assert decisions.of_family(store, home["id"]) == []


def test_what_was_typed_for_a_visit_that_was_corrected_meanwhile_is_not_lost(lead, store, visited, home):
    first = visited(answers={"B": builders.LOUD})
    visited(visit="talk", answers={"B": builders.QUIET})
    second = visited(answers={"B": builders.LOUD | {"k9": "2"}}, replaces=first)
    third = visited(answers={"B": builders.LOUD}, replaces=second)
    refused = decide(lead, home, visit=first, decision="change", level="1", reason="De har hjælp.", note="Ring.")
    assert refused.status_code == 409
    for words in ("rettet imens", "De har hjælp.", "Ring."):
        assert words in refused.text, words
    assert visit_in(refused.text) == third


def test_a_tablets_wrong_clock_is_shown(lead, visited, home, clock):
    visited(finished_at="2036-11-23T08:12:00.000Z")
    assert "Tablettens ur sagde" in lead.get(path(home)).text and "2036" in lead.get(path(home)).text


def test_agreeing_closes_the_case_and_reaches_the_tablet(lead, store, visited, home, vera, clock):
    encounter = visited(answers={"B": builders.LOUD})
    answer = decide(lead, home, visit=encounter, decision="agree", note="Godt set.")
    assert answer.status_code == 303 and answer.location.startswith(path(home))
    assert "data-review=" not in lead.get("/lead/").text
    assert "Afgørelse: enig" in lead.get(path(home)).text
    (row,) = families.caseload(store, vera, None, clock.now)["families"]
    assert row["decisions"][0]["note"] == "Godt set."


def test_a_new_level_needs_its_reason(lead, visited, home):
    visited(answers={"B": builders.LOUD})
    refused = decide(lead, home, decision="change", level="1", note="Husk det")
    assert refused.status_code == 422 and "Skriv, hvorfor" in refused.text and "Husk det" in refused.text
    assert decide(lead, home, decision="change", level="1", reason="Talt med dem.").status_code == 303
    page = lead.get(path(home))
    assert one(page, "data-final")["data-final"] == "1" and one(page, "data-suggested")["data-suggested"] == "2"


def test_where_a_child_may_be_in_danger_a_lower_level_is_not_offered_and_not_taken(lead, visited, home):
    visited(mode="each", answers=SHAKEN)
    page = lead.get(path(home)).text
    assert not re.search(r'<option value="[012]"', page)
    assert decide(lead, home, decision="change", level="1", reason="Nej").status_code == 422


def test_a_plan_takes_the_rows_that_were_chosen(lead, store, visited, home, clock, staff):
    visited(answers={"B": builders.LOUD})
    rows = re.findall(r'name="row" value="([^"]*)"', lead.get(path(home)).text)
    assert rows[-1] == "" and len(rows) > 2
    due = [(clock.now + timedelta(days=number)).date().isoformat() for number in range(1, len(rows) + 1)]
    fields = {
        "row": rows,
        "action": [rows[1], "Ring til lægen"],
        "responsible": [staff.ids["vera"]] * len(rows),
        "due": due,
    }
    assert decide(lead, home, decision="plan", **fields).status_code == 303
    (said,) = decisions.of_family(store, home["id"])
    assert [(one["action"], one["due"]) for one in said["plan"]] == [(rows[1], due[1]), (None, due[-1])]
    assert "Ring til lægen" in lead.get(path(home)).text


def test_a_plan_may_be_sent_without_naming_the_rows(lead, store, visited, home, clock):
    visited(answers={"B": builders.LOUD})
    due = (clock.now + timedelta(days=2)).date().isoformat()
    fields = {"action": ["H13", "Ring"], "responsible": ["visitor", "lead"], "due": [due, due]}
    assert decide(lead, home, decision="plan", **fields).status_code == 303
    assert len(decisions.of_family(store, home["id"])[0]["plan"]) == 2


@pytest.mark.parametrize(
    "fields",
    [
        {}, {"decision": "nonsense"}, {"decision": "plan"}, {"decision": "change"},
        {"decision": "change", "level": "9", "reason": "x"},
        {"decision": "plan", "action": "Ring", "responsible": "nobody", "due": "2026-12-01"},
        {"decision": "plan", "action": "Ring", "responsible": "visitor", "due": "i morgen"},
        {"decision": "plan", "action": "Ring", "responsible": "visitor", "due": "2020-01-01"},
        {"decision": "agree", "note": "x" * 3000}, {"decision": "agree", "note": "\x00"},
    ],
)  # fmt: skip
def test_what_cannot_be_decided_is_refused_in_words_and_what_was_typed_stays(lead, store, visited, home, fields):
    visited(answers={"B": builders.LOUD})
    refused = decide(lead, home, **fields)
    assert refused.status_code == 422 and 'role="alert"' in refused.text
    if fields.get("action"):
        assert 'value="Ring"' in refused.text
    assert decisions.of_family(store, home["id"]) == []


def test_when_somebody_decided_meanwhile_both_are_seen_and_nothing_typed_is_lost(
    lead, signed_in, staff, store, visited, home
):
    visited(answers={"B": builders.LOUD})
    staff.add("grete", "lead")
    other = signed_in("grete")
    lead_page = lead.get(path(home))
    assert decide(other, home, decision="change", level="3", reason="Talt med sundhedsplejersken.").status_code == 303
    typed = {"decision": "change", "level": "1", "reason": "Det er bedre nu.", "note": "Ring til mig."}
    seen = re.search(r'name="seen" value="([^"]*)"', lead_page.text).group(1)
    refused = decide(lead, home, seen=seen, **typed)
    assert refused.status_code == 409
    for words in (
        "Grete Prøve har afgjort det",
        "Talt med sundhedsplejersken.",
        "Det er bedre nu.",
        "Ring til mig.",
        "Gem alligevel",
    ):
        assert words in refused.text, words
    seen = re.search(r'name="seen" value="([^"]*)"', refused.text).group(1)
    assert decide(lead, home, seen=seen, **(typed | {"level": "2"})).status_code == 303


def test_red_is_lowered_only_when_a_second_lead_says_the_same(lead, signed_in, staff, store, visited, home):
    strangled = {("B", "parent1"): builders.QUIET, ("C", "parent1"): builders.CALM | {"t5": "year", "t11": "yes"},
                 "D": {"v1": "3", "v2": "yes"}}  # fmt: skip
    visited(mode="each", answers=strangled)
    fields = {"decision": "change", "level": "2", "reason": "Det var for længe siden."}
    decide(lead, home, **fields)
    page = lead.get(path(home))
    assert one(page, "data-final")["data-final"] == "3" and "en teamleder mere" in page.text
    staff.add("grete", "lead")
    second = signed_in("grete")
    seen = re.search(r'name="seen" value="([^"]*)"', second.get(path(home)).text).group(1)
    assert decide(second, home, seen=seen, **fields).status_code == 303
    assert one(lead.get(path(home)), "data-final")["data-final"] == "2"


def test_there_is_nothing_to_decide_on_a_visit_that_was_corrected(lead, store, visited, home):
    first = visited(answers={"B": builders.LOUD})
    visited(replaces=first)
    page = lead.get(path(home), query_string={"visit": first})
    assert "Rettet siden" in page.text and 'name="decision"' not in page.text
    assert decide(lead, home, visit=first, decision="agree").status_code == 409


def test_many_families_on_the_list_do_not_make_it_wrong(lead, store, vera, tablet, clock):
    for number in range(8):
        family = builders.a_family(store, vera, clock.now, children=[{"name": f"Barn {number}", "birth": "2026-09-20"}])
        builders.arrive(store, tablet, builders.a_visit(family, clock.now, answers={"B": builders.LOUD}), clock.now)
    assert lead.get("/lead/").text.count("data-review=") == 8
    assert reviews.listed(store, people.listed(store)[0], clock.now)["count"] in (0, 8)
