"""Who is visited and when; and a tablet hears of its visitor's families, of each change once, and of no other."""

from datetime import date, timedelta

import pytest

from screening import families, people
from screening.errors import NotAnswerable, NotFound
from screening.store import utc
from tests.builders import LOUD, a_correction, a_family, a_note, a_person, a_tablet, a_visit, arrive


def pull(store, person, now, after=None):
    return families.caseload(store, person, after, now)


# ── added ──


def test_a_family_has_both_visits_with_their_windows(store, visitor, now):
    home = a_family(store, visitor, now, days=60, planned={"2m": "2026-11-25T09:00"})
    first, second = families.get(store, home["id"], visitor)["visits"]
    assert (first["visit"], first["opens"], first["closes"]) == ("2m", "2026-11-19", "2026-12-03")
    assert (first["planned"], first["place"], first["state"]) == ("2026-11-25T09:00", "home", "open")
    assert (second["visit"], second["opens"], second["closes"]) == ("8m", "2027-05-24", "2027-08-23")


def test_of_twins_born_around_midnight_the_younger_says_when_the_visit_is_due(store, visitor, now):
    children = [{"name": "Asta Holm", "birth": "2026-09-23"}, {"name": "Storm Holm", "birth": "2026-09-24"}]
    home = a_family(store, visitor, now, children=children)
    assert families.get(store, home["id"], visitor)["visits"][0]["opens"] == "2026-11-19"


def test_a_visit_that_was_over_before_the_family_came_is_not_overdue(store, visitor, now):
    home = a_family(store, visitor, now, days=260)
    assert [one["state"] for one in families.get(store, home["id"], visitor)["visits"]] == ["passed", "open"]
    assert [one["visit"] for one in pull(store, visitor, now)["families"][0]["visits"]] == ["8m"]


def test_a_visit_that_is_late_but_can_still_be_made_is_overdue(store, visitor, now):
    home = a_family(store, visitor, now, days=78)
    assert families.get(store, home["id"], visitor)["visits"][0]["state"] == "open"


def test_due_windows_are_the_municipalitys():
    windows = {"2m": {"from_days": 40, "to_days": 50}, "8m": {"from_months": 6, "before_months": 8}}
    assert families.due(date(2026, 1, 31), "2m", windows) == (date(2026, 3, 12), date(2026, 3, 22))
    assert families.due(date(2026, 1, 31), "8m", windows) == (date(2026, 7, 31), date(2026, 9, 29))


@pytest.mark.parametrize(
    "details",
    [
        {"children": []},
        {"children": [{"name": "Nora", "birth": "23-09-2026"}]},
        {"children": [{"name": "", "birth": "2026-09-23"}]},
        {"parents": []},
        {"parents": [{"key": "parent2", "name": "Jonas"}]},
        {"parents": [{"key": "parent1", "name": ""}]},
    ],
)
def test_a_family_without_child_birth_date_or_parent_is_refused_with_a_sentence(store, visitor, now, details):
    with pytest.raises(NotAnswerable, match=r"mangler|skal være"):
        a_family(store, visitor, now, **details)
    assert not store.rows("SELECT id FROM families")


@pytest.mark.parametrize("planned", ["i morgen", "2026-11-25", {"at": "2026-11-25T09:00", "place": "cafe"}])
def test_a_plan_that_cannot_be_read_is_refused(store, visitor, now, planned):
    with pytest.raises(NotAnswerable, match="2026-11-25T09:00"):
        a_family(store, visitor, now, planned={"2m": planned})


def test_nothing_a_family_is_stands_unsealed(file_store, now):
    visitor = a_person(file_store, now)
    a_family(file_store, visitor, now)
    file_store.run("DELETE FROM attempts")
    file_store.close()
    kept = b"".join(path.read_bytes() for path in file_store.database.path.parent.iterdir() if path.is_file())
    assert visitor["username"].encode() in kept
    for word in ("Nora", "Lindskov", "Birkev", "2026-09-24"):
        assert word.encode() not in kept


def test_when_a_visit_is_due_does_not_tell_a_thief_when_the_child_was_born(store, visitor, now):
    a_family(store, visitor, now, days=60)
    for row in store.rows("SELECT * FROM planned_visits"):
        assert not any(isinstance(value, str) and value.startswith("20") for value in row.values())


# ── seen ──


def test_only_her_own_visitor_and_her_teams_lead_see_a_family(store, visitor, now):
    home = a_family(store, visitor, now)
    assert families.get(store, home["id"], visitor)["visitor_name"] == visitor["name"]
    assert families.get(store, home["id"], a_person(store, now, "lead"))["id"] == home["id"]
    others = [a_person(store, now), a_person(store, now, "lead", "Syd"), a_person(store, now, "admin", "")]
    for other in [*others, a_person(store, now, "coordinator")]:
        with pytest.raises(NotFound):
            families.get(store, home["id"], other)


def test_a_family_that_is_not_there_and_one_that_is_not_hers_answer_alike(store, visitor, now):
    home = a_family(store, a_person(store, now), now)
    sentences = set()
    for id in (home["id"], "0" * 36):
        with pytest.raises(NotFound) as refusal:
            families.get(store, id, visitor)
        sentences.add(str(refusal.value))
    assert len(sentences) == 1


def test_a_leads_list_holds_her_teams_families_page_by_page(store, visitor, now):
    made = [a_family(store, visitor, now)["id"] for _ in range(5)]
    a_family(store, a_person(store, now, team="Syd"), now)
    lead = a_person(store, now, "lead")
    first = families.listed(store, lead, limit=3)
    rest = families.listed(store, lead, after=first.following)
    assert [one["id"] for one in first.families + rest.families] == made and rest.following is None
    assert first.families[0]["next"]["visit"] == "2m" and first.families[0]["visitor_name"] == visitor["name"]
    assert families.listed(store, visitor).families == []


DAMAGE = {
    "families": "UPDATE families SET details_sealed = :other WHERE id = :id",
    "planned_visits": "UPDATE planned_visits SET window_sealed = :other WHERE family = :id",
}


@pytest.mark.parametrize("damaged", DAMAGE)
def test_a_family_that_does_not_open_is_named_beside_the_others(store, visitor, now, damaged):
    homes = [a_family(store, visitor, now)["id"] for _ in range(3)]
    other = store.row("SELECT details_sealed FROM families WHERE id = :id", id=homes[0])["details_sealed"]
    store.run(DAMAGE[damaged], other=other, id=homes[1])
    lead = a_person(store, now, "lead")
    page = families.listed(store, lead, limit=2)
    assert ([one["id"] for one in page.families], page.unreadable, page.following) == (homes[:1], homes[1:2], homes[1])
    assert [one["id"] for one in families.listed(store, lead, page.following, 2).families] == homes[2:]


# ── the caseload ──


def test_a_tablet_gets_every_family_of_its_visitor_and_no_other(store, visitor, now):
    home = a_family(store, visitor, now)
    a_family(store, a_person(store, now), now)
    answer = pull(store, visitor, now)
    assert [one["id"] for one in answer["families"]] == [home["id"]]
    assert answer["gone"] == [] and answer["as_of"] == "2026-11-23T09:12:00.000Z"


def test_a_tablet_gets_no_cpr_number_and_no_earlier_answer(store, visitor, now):
    children = [{"name": "Nora", "birth": "2026-09-24", "cpr": "2409545678"}]
    home = a_family(store, visitor, now, children=children)
    visit = a_visit(home, now, answers={"B": LOUD | {"p3": "Farmor hjælper"}, "D": {"v4": "Vurdering"}})
    assert arrive(store, a_tablet(store, visitor, now), visit, now)["state"] == "opened"
    told = str(pull(store, visitor, now))
    assert "2409545678" not in told and "Farmor" not in told and "Vurdering" not in told and "'k2'" not in told


def test_nothing_new_is_an_empty_answer_with_the_same_cursor(store, visitor, now):
    a_family(store, visitor, now)
    cursor = pull(store, visitor, now)["cursor"]
    a_family(store, a_person(store, now), now)  # somebody else's news is not hers
    again = pull(store, visitor, now, cursor)
    assert (again["families"], again["gone"], again["cursor"]) == ([], [], cursor)


def test_a_change_is_told_once_and_only_what_changed(store, visitor, now):
    one, other = a_family(store, visitor, now), a_family(store, visitor, now)
    cursor = pull(store, visitor, now)["cursor"]
    tablet = a_tablet(store, visitor, now)
    arrive(store, tablet, a_visit(one, now), now)
    arrive(store, tablet, a_visit(one, now, "talk"), now)
    answer = pull(store, visitor, now, cursor)
    assert [family["id"] for family in answer["families"]] == [one["id"]] != [other["id"]]
    assert answer["cursor"] > cursor
    assert pull(store, visitor, now, answer["cursor"])["families"] == []


def test_a_family_that_left_her_list_is_named_as_gone_and_comes_to_the_other(store, visitor, now):
    home, other = a_family(store, visitor, now), a_person(store, now)
    hers, others = pull(store, visitor, now)["cursor"], pull(store, other, now)["cursor"]
    families.move(store, home["id"], other["id"], "system", now)
    assert (pull(store, visitor, now, hers)["gone"], pull(store, visitor, now, hers)["families"]) == ([home["id"]], [])
    assert [one["id"] for one in pull(store, other, now, others)["families"]] == [home["id"]]
    families.move(store, home["id"], visitor["id"], "system", now)
    assert pull(store, visitor, now, hers)["gone"] == []
    assert [one["id"] for one in pull(store, visitor, now, hers)["families"]] == [home["id"]]


def test_a_family_that_is_no_longer_visited_leaves_the_list(store, visitor, now):
    home = a_family(store, visitor, now)
    cursor = pull(store, visitor, now)["cursor"]
    families.leave(store, home["id"], "system", now)
    assert pull(store, visitor, now, cursor)["gone"] == [home["id"]]
    assert pull(store, visitor, now)["families"] == []


def test_a_cursor_that_was_never_given_gets_everything(store, visitor, now):
    home = a_family(store, visitor, now)
    assert [one["id"] for one in pull(store, visitor, now, 10**6)["families"]] == [home["id"]]


def test_a_family_that_cannot_be_read_keeps_no_other_back(store, visitor, now, caplog):
    """AT-49"""
    broken, fine = a_family(store, visitor, now), a_family(store, visitor, now)
    store.run("UPDATE data_keys SET wrapped = :bytes WHERE id = :id", bytes=b"damaged", id=broken["sealed_for"])
    assert [one["id"] for one in pull(store, visitor, now)["families"]] == [fine["id"]]
    assert broken["id"] in caplog.text


def test_what_was_agreed_with_both_is_asked_about_at_the_next_visit(store, visitor, now):
    home = a_family(store, visitor, now)
    visit = a_visit(home, now, answers={"D": {"v5a": "Vi deler nætterne."}})
    arrive(store, a_tablet(store, visitor, now), visit, now)
    (row,) = pull(store, visitor, now)["families"]
    assert (row["agreed"], row["agreement"]) == ("Vi deler nætterne.", True)
    assert [(one["visit"], one["date"]) for one in row["dates"]] == [("2m", "2026-11-23")]


def test_words_in_an_answer_are_kept_without_signs_that_nobody_sees(store, visitor, tablet, home, now):
    arrive(store, tablet, a_visit(home, now, answers={"D": {"v5a": "Vi \u202edeler\u202c na\u0300tterne"}}), now)
    assert pull(store, visitor, now)["families"][0]["agreed"] == "Vi deler nàtterne"


AGREED = {"D": {"v5a": "Vi deler nætterne."}}


def test_a_talk_that_agrees_on_nothing_leaves_what_was_agreed_standing(store, visitor, tablet, home, now):
    first, later = a_visit(home, now, answers=AGREED), now + timedelta(days=2)
    arrive(store, tablet, first, now)
    assert arrive(store, tablet, a_visit(home, later, "talk", completes=first["encounter"]), later)["state"] == "opened"
    (row,) = pull(store, visitor, later)["families"]
    assert (row["agreed"], row["agreement"]) == ("Vi deler nætterne.", True)
    anew = a_visit(home, later, "talk", answers={"D": {"v5a": "Pause hver aften"}}, completes=first["encounter"])
    arrive(store, tablet, anew, later)
    assert pull(store, visitor, later)["families"][0]["agreed"] == "Pause hver aften"


def test_a_later_visit_that_agrees_on_nothing_ends_what_was_agreed(store, visitor, tablet, home, now):
    arrive(store, tablet, a_visit(home, now, answers=AGREED), now)
    later = now + timedelta(days=180)
    arrive(store, tablet, a_visit(home, later, "8m"), later)
    (row,) = pull(store, visitor, later)["families"]
    assert (row["agreed"], row["agreement"]) == (None, False)


def test_a_talk_in_one_home_leaves_what_was_agreed_there_and_in_the_other(store, visitor, tablet, now):
    """FR24"""
    home = a_family(store, visitor, now, parents=APART, separated=True)
    for hours, parent in enumerate(("parent1", "parent2")):
        at = now + timedelta(hours=hours)
        said = {("A", parent): {}, ("B", parent): {}, "D": {"v5a": f"Hos {parent}"}}
        visit = a_visit(home, at, mode="one", answers=said, household=parent)
        assert arrive(store, tablet, visit, at)["state"] == "opened"
    later = now + timedelta(days=2)
    arrive(store, tablet, a_visit(home, later, "talk", mode="one", household="parent2"), later)
    (row,) = pull(store, visitor, later)["families"]
    assert row["agreed_in"] == {"parent1": "Hos parent1", "parent2": "Hos parent2"}


def test_a_task_says_whether_it_is_hers_whose_list_it_stands_on(store, visitor, tablet, now):
    """She ticks off only her own; the lead's stand there so that she knows of them."""
    lead = a_person(store, now, "lead")
    home = a_family(store, visitor, now)
    for days in (2, 1):
        at = now - timedelta(days=days)
        arrive(store, tablet, a_note(home, at, "not_home", "2m", tried_at=utc(at)), now)
    arrive(store, tablet, a_visit(a_family(store, visitor, now), now), now)
    tasks = [one for row in pull(store, visitor, now)["families"] for one in row["tasks"]]
    assert {(one["responsible"], one["mine"]) for one in tasks} == {(lead["name"], False), (visitor["name"], True)}


@pytest.mark.parametrize(
    ("said", "asked"), [({"t2": "yes"}, True), ({"t1": "2"}, True), ({}, False), ({"t1": "1", "t8": ["adult"]}, True)]
)
def test_who_told_something_alone_is_asked_again_and_the_other_is_not(store, visitor, now, said, asked):
    home = a_family(store, visitor, now)
    visit = a_visit(home, now, mode="each", answers={("C", "parent1"): said, ("C", "parent2"): {}, "D": {}})
    assert arrive(store, a_tablet(store, visitor, now), visit, now)["state"] == "opened"
    (row,) = pull(store, visitor, now + timedelta(days=180))["families"]
    assert row["t20"] == {"parent1": asked, "parent2": False}


def test_tasks_come_in_the_visitors_language(store, now):
    visitor = a_person(store, now)
    home = a_family(store, visitor, now)
    arrive(store, a_tablet(store, visitor, now), a_visit(home, now), now)
    people.speak(store, visitor, "en")
    (row,) = pull(store, people.get(store, visitor["id"]), now)["families"]
    assert row["tasks"][0]["text"].startswith("Find an occasion to talk")


# ── homes ──

APART = [
    {"key": "parent1", "name": "Sara Lindskov", "custody": True},
    {"key": "parent2", "name": "Jonas Lindskov", "custody": True, "address": "Havnegade 2"},
]


def test_parents_who_live_apart_each_have_their_own_address_and_the_family_none(store, visitor, now):
    """FR24: who shows one home cannot show the other's by mistake."""
    a_family(store, visitor, now, parents=APART, separated=True)
    (row,) = pull(store, visitor, now)["families"]
    assert row["separated"] is True and row["address"] is None
    assert [(one["key"], one["address"]) for one in row["parents"]] == [
        ("parent1", "Birkevænget 4"), ("parent2", "Havnegade 2"),
    ]  # fmt: skip


def test_parents_who_live_together_have_one_address(store, visitor, now):
    """FR24: an address from when they lived apart is told to nobody."""
    a_family(store, visitor, now, parents=APART)
    (row,) = pull(store, visitor, now)["families"]
    assert (row["separated"], row["address"]) == (False, "Birkevænget 4")
    assert not any("address" in one for one in row["parents"])


def test_what_was_agreed_in_one_home_is_not_told_in_the_other(store, visitor, tablet, now):
    """FR24"""
    home = a_family(store, visitor, now, parents=APART, separated=True)
    visit = a_visit(home, now, mode="one", answers={"D": {"v5a": "Kun hos Sara"}}, household="parent1")
    assert arrive(store, tablet, visit, now)["state"] == "opened"
    (row,) = pull(store, visitor, now)["families"]
    assert (row["agreed"], row["agreement"], row["agreed_in"]) == (None, False, {"parent1": "Kun hos Sara"})


def test_of_two_homes_it_is_said_in_which_a_visit_was_made(store, visitor, tablet, now):
    """FR24: in the other one it is still to be made."""
    home = a_family(store, visitor, now, parents=APART, separated=True)
    arrive(store, tablet, a_visit(home, now, mode="one", household="parent2"), now)
    (row,) = pull(store, visitor, now)["families"]
    assert [(one["date"], one["household"]) for one in row["dates"]] == [("2026-11-23", "parent2")]
    assert row["last_in"] == {"parent1": {}, "parent2": row["last"]}, "a talk in the other home does not complete it"


def test_what_a_correction_must_know_of_a_visit_comes_with_the_list_and_no_answer(store, visitor, tablet, home, now):
    """Design D11: the newest version of each of her own visits, also of talks."""
    first = a_visit(home, now)
    later = now + timedelta(days=3)
    talk = a_visit(home, later, "talk", mode="each", completes=first["encounter"])
    arrive(store, tablet, first, now)
    arrive(store, tablet, talk, later)
    anew = a_correction(first, later, ("B", "joint", {"k1": "3"}))
    arrive(store, tablet, anew, later)
    (row,) = pull(store, visitor, later)["families"]
    assert row["dates"] == [
        {"visit": "talk", "date": "2026-11-26", "id": talk["encounter"], "instrument": "1.0.0", "mode": "each"},
        {"visit": "2m", "date": "2026-11-23", "id": anew["encounter"], "instrument": "1.0.0", "mode": "joint"},
    ]


def test_a_visit_of_somebody_elses_cannot_be_corrected_so_its_number_does_not_come(store, visitor, tablet, home, now):
    arrive(store, tablet, a_visit(home, now), now)
    other = a_person(store, now)
    store.change("families", home["id"], visitor=other["id"])
    (row,) = pull(store, other, now)["families"]
    assert row["dates"] == [{"visit": "2m", "date": "2026-11-23"}]


def test_a_tablet_gets_no_cpr_number_of_a_parent_either(store, visitor, now):
    a_family(store, visitor, now, parents=[APART[0] | {"cpr": "0101575005"}])
    assert "0101575005" not in str(pull(store, visitor, now))


# ── what a talk or a correction names ──


def test_the_newest_visit_of_each_kind_is_named(store, visitor, tablet, home, now):
    first, later = a_visit(home, now), now + timedelta(days=1)
    arrive(store, tablet, first, now)
    assert pull(store, visitor, now)["families"][0]["last"] == {"2m": first["encounter"]}
    second = a_visit(home, later, replaces=first["encounter"])
    talk = a_visit(home, later, "talk", completes=first["encounter"])
    for visit in (second, talk):
        assert arrive(store, tablet, visit, later)["state"] == "opened"
    assert pull(store, visitor, now)["families"][0]["last"] == {"2m": second["encounter"], "talk": talk["encounter"]}


def test_many_families_are_read_with_as_many_questions_as_one(store, visitor, now, monkeypatch):
    """A list of 2,000 takes as many questions to the database as a list of one, besides those for keys."""
    asked = []
    real = store.rows
    monkeypatch.setattr(store, "rows", lambda sql, /, **values: asked.append(sql) or real(sql, **values))
    counts = []
    for _ in range(2):
        for _ in range(20):
            a_family(store, visitor, now)
        asked.clear()
        pull(store, visitor, now)
        counts.append(len(asked))
    assert counts[0] == counts[1] < 12


def test_what_is_new_comes_with_all_that_stands_beside_it_and_nothing_else(store, visitor, tablet, now):
    homes = [a_family(store, visitor, now) for _ in range(3)]
    cursor = pull(store, visitor, now)["cursor"]
    arrive(store, tablet, a_visit(homes[1], now), now)
    (row,) = pull(store, visitor, now, cursor)["families"]
    assert row == next(one for one in pull(store, visitor, now)["families"] if one["id"] == homes[1]["id"])
    assert row["dates"] and row["tasks"] and row["last"]
