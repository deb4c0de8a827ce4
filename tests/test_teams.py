"""A lead leads one team, several or all; everybody else has one."""

import pytest

from screening import families, flags, people, teams
from screening.errors import NotAnswerable, NotFound
from tests.builders import LOUD, a_family, a_person, a_tablet, a_visit, arrive


@pytest.mark.parametrize(
    ("text", "kept", "named"),
    [
        ("Nord", "Nord", {"Nord"}), (" Nord , Syd,Nord", "Nord, Syd", {"Nord", "Syd"}), ("*", "*", set()),
        ("Nord, *", "*", set()), ("", "", set()),
    ],
)  # fmt: skip
def test_what_is_typed_says_which_teams(text, kept, named):
    assert teams.written(text) == kept and teams.named(text) == named


def test_a_lead_of_two_teams_sees_both_and_no_third(store, now):
    lead = a_person(store, now, "lead", "Nord, Syd")
    a_person(store, now, "lead", "Vest")
    visitors = {team: a_person(store, now, team=team) for team in ("Nord", "Syd", "Vest")}
    homes = {team: a_family(store, one, now) for team, one in visitors.items()}
    assert {one["id"] for one in families.listed(store, lead).families} == {homes["Nord"]["id"], homes["Syd"]["id"]}
    assert families.get(store, homes["Syd"]["id"], lead)
    with pytest.raises(NotFound):
        families.get(store, homes["Vest"]["id"], lead)


def test_a_lead_of_all_teams_sees_all(store, now):
    lead, visitor = a_person(store, now, "lead", "*"), a_person(store, now, team="Vest")
    home = a_family(store, visitor, now)
    assert [one["id"] for one in families.listed(store, lead).families] == [home["id"]]


def test_the_lead_of_one_team_looks_first_then_who_leads_several_then_who_leads_all(store, now):
    everywhere = a_person(store, now, "lead", "*", username="a.alle")
    two = a_person(store, now, "lead", "Nord, Syd", username="b.begge")
    assert flags.who_looks(store, "Syd") == ("Syd", two["id"], everywhere["id"])
    own = a_person(store, now, "lead", "Syd", username="c.syd")
    assert flags.who_looks(store, "Syd") == ("Syd", own["id"], two["id"])
    assert flags.who_looks(store, "Vest") == ("Vest", everywhere["id"], None)


def test_what_waits_goes_to_a_lead_of_several_teams(store, now):
    lead, visitor = a_person(store, now, "lead", "Nord, Syd"), a_person(store, now, team="Syd")
    home = a_family(store, visitor, now)
    arrive(store, a_tablet(store, visitor, now), a_visit(home, now, answers={"B": LOUD}), now)
    assert store.row("SELECT owner FROM reviews")["owner"] == lead["id"]


def test_only_a_lead_has_several_teams(store, now):
    for team in ("Nord, Syd", "*"):
        with pytest.raises(NotAnswerable, match="Kun en teamleder"):
            people.add(store, "vera", "Vera Prøve", "visitor", team, now)
