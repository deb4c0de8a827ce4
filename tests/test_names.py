"""What people are called, and which child a visit is about, as the tablet has it too (tests/js/names.test.mjs)."""

import json
from pathlib import Path

from screening import names
from screening.web import family_page

VECTORS = json.loads((Path(__file__).parent / "vectors" / "names.json").read_text(encoding="utf-8"))


def test_a_name_is_said_as_it_is_said():
    for one in VECTORS["names"]:
        said = [names.natural(one["name"]), names.first(one["name"]), names.initial(one["name"])]
        assert said == [one["natural"], one["first"], one["initial"]], one["name"]


def test_two_who_share_a_name_are_told_apart():
    for one in VECTORS["called"]:
        assert names.called(one["names"]) == one["called"]


def test_a_visit_is_about_the_youngest():
    for one in VECTORS["subjects"]:
        assert [child["name"] for child in names.subjects(one["children"])] == one["about"], one["why"]


def test_a_name_from_right_to_left_keeps_its_place_in_a_sentence():
    assert [names.isolated(text) for text, _ in VECTORS["isolated"]] == [wanted for _, wanted in VECTORS["isolated"]]


def test_initials_are_the_first_names_and_then_the_last_names():
    assert [names.initials(name) for name in ("Nora Lindskov", "Lindskov, Nora", "Nora")] == ["N.L.", "N.L.", "N."]


def test_the_leads_page_is_about_the_child_that_the_visit_was_about():
    older, baby = {"name": "Alma Holm", "birth": "2024-12-23"}, {"name": "Holm, Bo", "birth": "2026-09-21"}
    assert family_page.initials({"children": [older, baby]}) == "B.H."
