"""What a lead decides stands, with its reason, goes home to the tablet, and never undercuts what is firm."""

from datetime import UTC, datetime, timedelta

import pytest

from screening import audit, decisions, encounters, families, reviews, tasks
from screening.errors import Conflict, NotAllowed, NotAnswerable, NotFound
from screening.municipality import Municipality
from tests.builders import CALM, LOUD, a_family, a_person, a_visit, arrive

PLACE = Municipality()
CHILD_HURT = {"B": {}, ("C", "parent1"): {"t7": "yes"}, "D": {"v1": "3", "v2": "yes", "v7": "unsafe"}}
CHILD_MARKED = {"B": {}, "D": {"v1": "2", "o5": "1", "v7": "unsafe"}}
HIT = {"B": {}, ("C", "parent1"): {"t5": "year"}, "D": {"v1": "3", "v7": "later"}}


@pytest.fixture
def lead(store, now):
    return a_person(store, now, "lead", name="Birgit Dam")


@pytest.fixture
def visitor(store, now):
    return a_person(store, now, name="Line Holst")


@pytest.fixture
def visited(store, visitor, tablet, lead, now):
    def visit(answers=None, mode="joint"):
        home = a_family(store, visitor, now)
        row = arrive(store, tablet, a_visit(home, now, "2m", mode, answers), now)
        assert row["state"] == "opened", row["reason"]
        return home | {"encounter": row["id"]}

    return visit


def decide(store, home, by, at, **form):
    whole = {"decision": "agree", "level": "", "reason": "", "note": "", "plan": [], "seen": ""} | form
    return decisions.decide(store, home["id"], home["encounter"], whole, by, at, PLACE)


def stands(store, home) -> int | None:
    return encounters.of_family(store, home["id"])[0]["standing"]


def waiting(store, person, at):
    return [one for group in reviews.listed(store, person, at, PLACE)["groups"] for one in group["reviews"]]


# ── what is kept, and where it goes ──


def test_what_a_lead_writes_is_kept_without_signs_that_nobody_sees(store, lead, visited, now):
    home = visited({"B": LOUD})
    decide(store, home, lead, now, note="Ring \u202etil\u202c Sa\u200bra")
    assert decisions.of_family(store, home["id"])[0]["note"] == "Ring til Sara"


def test_an_agreement_closes_the_review_and_goes_home_to_the_tablet(store, lead, visitor, visited, now):
    home = visited({"B": LOUD})
    cursor = families.caseload(store, visitor, None, now)["cursor"]
    later = now + timedelta(minutes=5)
    id = decide(store, home, lead, later, note="  Godt set.  ")
    assert waiting(store, lead, later) == []
    (row,) = families.caseload(store, visitor, cursor, later)["families"]
    assert row["decisions"] == [
        {"id": id, "at": "2026-11-23T09:17:00.000Z", "decision": "agree", "level": 2, "note": "Godt set.",
         "by": "Birgit Dam", "visit": "2m"}
    ]  # fmt: skip
    assert stands(store, home) == 2
    assert "family_updated" in [one["event"] for one in audit.listed(store)]


def test_a_changed_level_stands_with_its_reason(store, lead, visited, now):
    home = visited({"B": LOUD})
    decide(store, home, lead, now, decision="change", level="1", reason="De har allerede hjælp.")
    (made,) = decisions.of_family(store, home["id"])
    assert (made["level"], made["reason"], made["by"]) == (1, "De har allerede hjælp.", "Birgit Dam")
    assert stands(store, home) == 1


def test_a_plan_becomes_tasks_for_named_people(store, lead, visitor, visited, now):
    home = visited({"B": LOUD})
    plan = [
        {"action": "H14", "responsible": "visitor", "due": "2026-12-07"},
        {"action": " Ring til mormor ", "responsible": lead["id"], "due": "2026-11-24"},
        {"action": "", "responsible": "", "due": ""},
    ]
    id = decide(store, home, lead, now, decision="plan", plan=plan)
    found = [one for one in tasks.of_family(store, home["id"]) if one["decision"] == id]
    assert [(one["text"]["da"], one["action"], one["responsible"], one["due"]) for one in found] == [
        ("Ring til mormor", None, lead["id"], "2026-11-24"),
        ("Tilbyd gruppeforløb eller familiebehandling", "H14", visitor["id"], "2026-12-07"),
    ]
    assert len(decisions.of_family(store, home["id"])[0]["plan"]) == 2
    (row,) = families.caseload(store, visitor, None, now)["families"]
    assert {"Line Holst", "Birgit Dam"} == {one["responsible"] for one in row["tasks"]}


def test_what_the_visitor_had_chosen_is_planned_anew_and_stands_once(store, lead, visitor, visited, now):
    home = visited({"B": LOUD, "D": {"v1": "2", "v7": "both", "v8": ["H14", "H16"], "v9": "2026-12-01"}})
    plan = [{"action": "H14", "responsible": "visitor", "due": "2026-11-30"}]
    decide(store, home, lead, now, decision="plan", plan=plan)
    found = [(one["action"], one["due"]) for one in tasks.of_family(store, home["id"])]
    assert [due for action, due in found if action == "H14"] == ["2026-11-30"]
    assert "H16" in [action for action, _ in found]


def test_a_visit_without_a_review_can_be_decided_too(store, lead, visited, now):
    home = visited()
    decide(store, home, lead, now)
    (review,) = store.rows("SELECT state FROM reviews")
    assert review["state"] == "closed"
    (made,) = decisions.of_family(store, home["id"])
    assert made["level"] == 0


def test_a_visit_of_which_no_level_is_known_can_be_agreed_to(store, lead, visited, now):
    home = visited({"B": dict.fromkeys(("k1", "k2", "k3", "k4", "k6", "k7"))})
    decide(store, home, lead, now)
    assert stands(store, home) is None


# ── what must hold ──


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"decision": ""}, "Vælg, om du er enig"),
        ({"decision": "shut"}, "Vælg, om du er enig"),
        ({"decision": "close"}, "Skriv, hvorfor det kan afsluttes"),
        ({"decision": "withdraw"}, "ikke noget forslag fra dig"),
        ({"decision": "change", "level": "1"}, "Skriv, hvorfor"),
        ({"decision": "change", "level": "1", "reason": "   "}, "Skriv, hvorfor"),
        ({"decision": "change", "level": "", "reason": "x"}, "Vælg det nye niveau"),
        ({"decision": "change", "level": "4", "reason": "x"}, "Vælg det nye niveau"),
        ({"decision": "change", "level": "2", "reason": "x"}, "vælg Enig"),
        ({"decision": "plan"}, "mindst én handling"),
        ({"decision": "plan", "plan": [{"action": " ", "responsible": "", "due": ""}]}, "mindst én handling"),
        ({"decision": "agree", "note": "x" * 2001}, "for lang"),
        ({"decision": "agree", "note": "a\0b"}, "kan ikke læses"),
        ({"decision": "agree", "reason": 7}, "kan ikke læses"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_kept(store, lead, visited, now, form, sentence):
    home = visited({"B": LOUD})
    with pytest.raises(NotAnswerable, match=sentence):
        decide(store, home, lead, now, **form)
    assert decisions.of_family(store, home["id"]) == [] and len(waiting(store, lead, now)) == 1


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"due": ""}, "en dato fra i dag"),
        ({"due": "2026-11-22"}, "en dato fra i dag"),
        ({"due": "2028-01-01"}, "et år frem"),
        ({"due": "7. dec."}, "en dato fra i dag"),
        ({"responsible": ""}, "hvem der har ansvar"),
        ({"responsible": "nobody"}, "hvem der har ansvar"),
        ({"responsible": ["visitor"]}, "hvem der har ansvar"),
        ({"responsible": "admin"}, "ikke få handlingen"),
        ({"responsible": "elsewhere"}, "ikke få handlingen"),
        ({"action": "x" * 201}, "for lang"),
    ],
)
def test_an_action_without_date_or_person_is_refused_with_all_the_others(store, lead, visited, now, row, sentence):
    home = visited({"B": LOUD})
    good = {"action": "H14", "responsible": "visitor", "due": "2026-12-07"}
    others = {
        "admin": a_person(store, now, "admin")["id"],
        "elsewhere": a_person(store, now, username="vivi", team="Syd")["id"],
    }
    if isinstance(row.get("responsible"), str):
        row = {"responsible": others.get(row["responsible"], row["responsible"])}
    before = tasks.of_family(store, home["id"])
    with pytest.raises(NotAnswerable, match=sentence):
        decide(store, home, lead, now, decision="plan", plan=[good, good | row])
    assert tasks.of_family(store, home["id"]) == before


def test_whoever_was_offered_can_be_given_an_action(store, lead, visited, now):
    home = visited({"B": LOUD})
    several = a_person(store, now, "lead", "Syd, Nord")
    offered = [several, a_person(store, now, "coordinator", ""), a_person(store, now), lead]
    plan = [{"action": f"Ring {one['id']}", "responsible": one["id"], "due": "2026-12-07"} for one in offered]
    decide(store, home, lead, now, decision="plan", plan=plan)
    found = {one["responsible"] for one in tasks.of_family(store, home["id"])}
    assert {one["id"] for one in offered} <= found


def test_only_the_teams_lead_decides(store, lead, visitor, visited, now):
    home = visited({"B": LOUD})
    for person in (visitor, a_person(store, now, "admin"), a_person(store, now, "coordinator")):
        with pytest.raises(NotAllowed):
            decide(store, home, person, now)
    with pytest.raises(NotFound):
        decide(store, home, a_person(store, now, "lead", "Syd"), now)
    with pytest.raises(NotFound):
        decide(store, home | {"encounter": visited()["encounter"]}, lead, now)


@pytest.mark.parametrize(("answers", "mode", "firm"), [(CHILD_HURT, "one", 3), (CHILD_MARKED, "one", 2)])
def test_where_somebody_may_be_in_danger_no_lead_goes_below_the_floor(store, lead, visited, now, answers, mode, firm):
    home = visited(answers, mode)
    for level in range(firm):
        with pytest.raises(NotAnswerable, match="i fare"):
            decide(store, home, lead, now, decision="change", level=str(level), reason="Misforstået")
    assert stands(store, home) == firm


def test_a_lead_may_go_below_another_rules_floor_with_a_reason(store, lead, visited, now):
    home = visited({"B": {}, ("C", "parent1"): {"t2": "yes"}, "D": {"v1": "2", "v7": "later"}}, "one")
    decide(store, home, lead, now, decision="change", level="1", reason="Handlede om moderens far.")
    assert stands(store, home) == 1


def test_red_is_lowered_by_four_eyes_only(store, lead, visitor, visited, now):
    home = visited(HIT, "one")
    first = decide(store, home, lead, now, decision="change", level="2", reason="Det var i 2019.")
    assert stands(store, home) == 3
    (line,) = waiting(store, a_person(store, now, "lead"), now)
    assert (line["group"], line["next_step"]) == ("red", "Læs som anden læser")
    assert line["headline"] == "Rød foreslået sænket til orange"
    (line,) = waiting(store, lead, now)
    assert line["next_step"] == "Venter på en anden teamleder", "nobody is asked to second what she has proposed"
    assert line["second"].startswith("Foreslået af dig.")
    assert families.caseload(store, visitor, None, now)["families"][0]["decisions"] == []
    again = decide(store, home, lead, now, decision="change", level="2", reason="Det var i 2019.", seen=first)
    assert stands(store, home) == 3, "the same eyes twice are not four"
    other = a_person(store, now, "lead", name="Peter Skov")
    decide(store, home, other, now, decision="change", level="1", reason="Mindre endnu.", seen=again)
    assert stands(store, home) == 3, "another level is another proposal"
    third = decisions.of_family(store, home["id"])[0]["id"]
    decide(store, home, lead, now, decision="change", level="1", reason="Enig.", seen=third)
    assert stands(store, home) == 1
    assert [one["group"] for one in waiting(store, lead, now)] == ["notify"]
    assert [one["level"] for one in families.caseload(store, visitor, None, now)["families"][0]["decisions"]] == [1]


def test_red_that_was_decided_comes_back_to_the_list_when_somebody_wants_to_lower_it(store, lead, visited, now):
    home = visited(HIT, "one")
    other = a_person(store, now, "lead", name="Peter Skov")
    first = decide(store, home, lead, now)
    assert [one["group"] for one in waiting(store, other, now)] == ["notify"]
    decide(store, home, lead, now, decision="change", level="2", reason="Misforstået.", seen=first)
    (line,) = waiting(store, other, now)
    assert (line["group"], line["next_step"]) == ("red", "Læs som anden læser") and stands(store, home) == 3


def test_a_proposal_waits_until_another_lead_has_answered_it(store, lead, visited, now):
    home = visited(HIT, "one")
    plan = [{"action": "Ring", "responsible": "lead", "due": "2026-12-01"}]
    other = a_person(store, now, "lead", name="Peter Skov")
    newest = decide(store, home, lead, now, decision="change", level="2", reason="Det var i 2019.")
    for said in ({"decision": "plan", "plan": plan}, {"decision": "agree"}):
        newest = decide(store, home, lead, now, seen=newest, **said)
        (line,) = waiting(store, other, now)
        assert (line["next_step"], line["headline"]) == ("Læs som anden læser", "Rød foreslået sænket til orange")
    newest = decide(store, home, other, now, seen=newest, decision="plan", plan=plan)
    assert len(waiting(store, lead, now)) == 1
    decide(store, home, other, now, seen=newest, decision="change", level="2", reason="Enig.")
    assert stands(store, home) == 2 and [one["group"] for one in waiting(store, lead, now)] == ["notify"]


def test_a_second_lead_who_agrees_with_red_has_answered_the_proposal(store, lead, visited, now):
    home = visited(HIT, "one")
    first = decide(store, home, lead, now, decision="change", level="2", reason="Det var i 2019.")
    other = a_person(store, now, "lead", name="Peter Skov")
    second = decide(store, home, other, now, seen=first)
    assert stands(store, home) == 3 and [one["group"] for one in waiting(store, lead, now)] == ["notify"]
    decide(store, home, other, now, seen=second, decision="change", level="2", reason="Alligevel.")
    assert stands(store, home) == 3, "a proposal that was answered is no second pair of eyes"


# ── meanwhile ──


def test_a_correction_does_not_take_back_what_a_lead_has_decided(store, lead, tablet, visited, now):
    home = visited()
    decide(store, home, lead, now, decision="change", level="3", reason="Politiet ringede.")
    for number in (1, 2):
        later = now + timedelta(hours=number)
        row = arrive(store, tablet, a_visit(home, later, replaces=home["encounter"]), later)
        home |= {"encounter": row["id"]}
        assert stands(store, home) == 3
        (line,) = waiting(store, lead, later)
        assert (line["encounter"], line["group"], line["level"]) == (row["id"], "red", 3)
        assert line["headline"] == "Rettet efter afgørelse: fra rød til grøn"
    seen = decisions.of_family(store, home["id"])[0]["id"]
    decide(store, home, lead, now, decision="change", level="1", reason="Enig.", seen=seen)
    assert stands(store, home) == 3, "red is lowered by four eyes also after a correction"


def test_a_correction_may_raise_what_a_lead_has_lowered(store, lead, tablet, visited, now):
    home = visited({"B": LOUD})
    decide(store, home, lead, now, decision="change", level="1", reason="De har hjælp.")
    arrive(store, tablet, a_visit(home, now, answers={"B": LOUD}, replaces=home["encounter"]), now)
    assert stands(store, home) == 2
    assert [one["headline"] for one in waiting(store, lead, now)] == ["Rettet efter afgørelse: fra gul til orange"]


def test_a_correction_of_a_visit_that_was_only_agreed_to_is_seen_again(store, lead, tablet, visited, now):
    home = visited()
    decide(store, home, lead, now)
    arrive(store, tablet, a_visit(home, now, replaces=home["encounter"]), now)
    assert [one["headline"] for one in waiting(store, lead, now)] == ["Rettet efter afgørelse"]


def test_who_decides_without_having_seen_the_other_decision_is_told(store, lead, visited, now):
    home = visited({"B": LOUD})
    other = a_person(store, now, "lead", name="Peter Skov")
    first = decide(store, home, other, now)
    with pytest.raises(Conflict, match=r"Peter Skov har afgjort det kl\. 10\.12"):
        decide(store, home, lead, now + timedelta(minutes=1), seen="")
    decide(store, home, lead, now + timedelta(minutes=2), seen=first)
    assert [one["person"] for one in decisions.of_family(store, home["id"])] == [lead["id"], other["id"]]


def test_who_decides_on_a_visit_that_was_corrected_meanwhile_is_told(store, lead, tablet, visited, now):
    home = visited({"B": LOUD})
    arrive(store, tablet, a_visit(home, now, replaces=home["encounter"]), now)
    with pytest.raises(Conflict, match="rettet imens"):
        decide(store, home, lead, now)


def test_a_decision_on_one_visit_leaves_the_other_where_it_is(store, lead, tablet, visited, now):
    home = visited({"B": LOUD})
    later = datetime(2027, 6, 1, 9, tzinfo=UTC)
    row = arrive(store, tablet, a_visit(home, later, "8m", answers={"B": LOUD, ("C", "parent1"): CALM}), later)
    decide(store, home | {"encounter": row["id"]}, lead, later)
    assert [one["encounter"] for one in waiting(store, lead, later) if one["id"]] == [home["encounter"]]
