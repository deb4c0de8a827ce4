"""The published questions, rules and actions: what they are, and that a mistake is found before anybody is asked."""

import contextlib
import json
import shutil

import pytest

from screening import instrument
from screening.config import NotConfigured
from screening.questionnaire import OWN

VERSION = "1.0.0"
FILES = [*instrument.FORMS.values(), "rules.json", "actions.json"]


@pytest.fixture(scope="module")
def published():
    return instrument.load()


# ── what is published ──


def test_every_question_has_its_place(published):
    expected = {
        "A": [f"s{number}" for number in range(11)],
        "B": ["b0", *(f"k{number}" for number in range(1, 12)), "p1", "p2", "p3", "f1", "f2"],
        "C": "t0 t20 t1 t2 t3 t4 t5 t6 t7 t8 t9 t18 t10 t11 t12 t13 t14 t15 t16 t17 t19 c1 c2 c3 c4".split(),
        "D": "o1 o2 o3 o4 o5 o6 o7 o8 v1 v2 v3 v4 v5a v5b v6 v7 v8 v9 v10 v11".split(),
    }
    assert {form: [item.link_id for item in items] for form, items in published.forms.items()} == expected


def test_both_ages_have_their_questions(published):
    only_later = {"f1", "f2", "t20"}
    for form in published.forms:
        two, eight, talk = ({item.link_id for item in published.items(form, visit)} for visit in ("2m", "8m", "talk"))
        assert eight - two == only_later & eight
        assert two == talk == eight - only_later


def test_every_word_stands_in_danish_and_english(published):
    """FR26: both languages of every question, also of what is read aloud."""
    for item in published.by_id.values():
        texts = [item.text, item.text8, *(text for one in item.options for text in (one.text, one.text8))]
        for text in filter(None, texts):
            assert set(text) == {"da", "en"}
            assert all(text.values())


def test_declining_is_possible_everywhere_in_b_and_c(published):
    for form in "BC":
        for item in published.items(form):
            assert item.type in ("display", "text", "string") or "na" in item.codes(), item.link_id


def test_declining_always_stands_alone(published):
    """5.8.14, the part of `na`."""
    for item in published.by_id.values():
        if item.type == "multi" and "na" in item.codes():
            assert "na" in published.rules["exclusive"][item.link_id], item.link_id


def test_an_answer_that_says_none_stands_alone(published):
    """5.8.14"""
    alone = {name: set(codes) - {"na"} for name, codes in published.rules["exclusive"].items()}
    assert {name: codes for name, codes in alone.items() if codes} == {
        "s3": {"none"}, "f2": {"none"}, "t8": {"no"}, "t19": {"nothing"},
    }  # fmt: skip


def test_what_is_read_first_names_the_time_that_is_asked_about(published):
    """5.8.16"""
    first = published.item("b0")
    assert "siden barnet blev født" in first.text["da"]
    assert "siden barnet var to måneder" in first.text8["da"]
    assert "since the child was born" in first.text["en"]
    assert "since the child was two months" in first.text8["en"]


def test_nobody_is_asked_as_a_mother_or_a_father(published):
    """FR23: the same words for everybody."""
    words = {
        "da": {"mor", "far", "mødre", "fædre", "kvinde", "kvinder", "mand", "mænd", "kone", "hustru"},
        "en": {"mother", "father", "mum", "dad", "woman", "women", "man", "men", "wife", "husband"},
    }
    for item in published.by_id.values():
        for text in filter(None, (item.text, item.text8, *(option.text for option in item.options))):
            for language, forbidden in words.items():
                said = {word.strip(".,;:?!()–“”’").lower() for word in text[language].split()}
                assert not forbidden & said, (item.link_id, text[language])


def test_scores_are_the_codes_of_k1_to_k9(published):
    assert set(published.scores) == {f"k{number}" for number in range(1, 10)}
    assert all(scores == {str(score): score for score in range(4)} for scores in published.scores.values())


def test_what_is_worse_is_what_the_rules_mean(published):
    assert published.order("t6") == ["ok", "past", "some", "forced"]
    assert published.order("t2") == ["no", "yes"]
    assert published.order("k1") == ["0", "1", "2", "3"]
    assert published.order("v2") == ["no", "unsure", "yes"]
    assert "x" not in published.order("o1")
    assert "x" not in published.order("v1")


def test_all_rules_and_actions_are_there(published):
    assert [rule["id"] for rule in published.rules["rules"]] == [f"R{number:02}" for number in range(1, 19)]
    assert [rule["id"] for rule in published.rules["minimum_rules"]] == ["M1", "M2", "M3", "M4", "M5"]
    assert [action["id"] for action in published.actions["actions"]] == [f"H{number:02}" for number in range(1, 28)]
    assert [option.code for option in published.item("v8").options] == [f"H{number:02}" for number in range(1, 28)]


def test_each_reason_is_a_plain_line_without_rule_numbers(published):
    ids = [rule["id"] for rule in published.rules["rules"] + published.rules["minimum_rules"]]
    for reason in [*ids, *published.rules["reasons"]]:
        for language in ("da", "en"):
            for line in published.reason(reason, language, "Sara"):
                assert line and "{" not in line and not any(one in line for one in ids), line
    assert published.reason("R09", "da", "Forælder 1")[0].startswith("Forælder 1 har fortalt noget alene")
    assert published.reason("R02", "en")[0].startswith("A parent")


def test_levels_are_words(published):
    assert [published.level_word(level) for level in (0, 1, 2, 3, None)] == [
        "Grøn",
        "Gul",
        "Orange",
        "Rød",
        "Ikke belyst",
    ]
    assert published.level_word(3, "en") == "Red"


def test_it_says_that_nobody_has_validated_it(published):
    assert "unvalidated" in published.template["en"]
    assert "ikke er afprøvet" in published.template["da"]
    for name in instrument.FORMS.values():
        form = json.loads((instrument.FOLDER / VERSION / name).read_text(encoding="utf-8"))
        assert form["status"] == "draft"
        assert "ikke er afprøvet" in form["description"]


def test_a_form_answered_in_the_open_names_no_violence(published):
    words = {"vold", "voldelig", "voldsramt", "krisecenter", "underretning"}
    for form in "AB":
        for item in published.items(form):
            for text in (item.text, item.text8 or item.text, *(option.text for option in item.options)):
                assert not words & {word.strip(".,;:?!()–").lower() for word in text["da"].split()}, item.link_id


def test_the_tablet_gets_all_it_needs_in_one_small_file(published):
    bundle = json.dumps(published.bundle(), ensure_ascii=False)
    assert json.loads(bundle) == published.bundle()
    assert len(bundle) < 60_000
    assert "rationale" not in bundle


def test_the_words_of_a_question_travel_to_the_tablet_once_in_its_page(published):
    bundle = json.dumps(published.bundle()["forms"], ensure_ascii=False)
    for item in published.by_id.values():
        for text in (item.text, item.text8 or item.text, *(option.text for option in item.options)):
            assert text["da"] not in bundle


def test_an_unknown_version_is_refused():
    assert instrument.versions() == [VERSION]
    with pytest.raises(NotConfigured, match=r"no instrument 9\.9\.9; there are 1\.0\.0"):
        instrument.load("9.9.9")


# ── a mistake gets a sentence naming file, rule and item ──


@pytest.fixture
def folder(tmp_path):
    """A copy of the published files to spoil."""
    return shutil.copytree(instrument.FOLDER / VERSION, tmp_path / VERSION)


def spoil(folder, name, change):
    path = folder / name
    data = json.loads(path.read_text(encoding="utf-8"))
    change(data)
    path.write_text(json.dumps(data), encoding="utf-8")


def item_of(data, link_id):
    return next(row for row in data["item"] if row["linkId"] == link_id)


def rule_of(data, rule_id):
    return next(row for row in data["rules"] + data["minimum_rules"] if row["id"] == rule_id)


def action_of(data, action_id):
    return next(row for row in data["actions"] if row["id"] == action_id)


def extension_of(element, name):
    return next(one for one in element["extension"] if one["url"].endswith(name))


def when(link_id, **change):
    return lambda data: item_of(data, link_id)["enableWhen"][0].update(change)


def rule(rule_id, condition, step=0):
    return lambda data: rule_of(data, rule_id)["floors"][step].update(when=condition)


MISTAKES = [
    ("b-conflict.json", lambda data: data["item"].append(item_of(data, "k1")), "item k1 stands there twice"),
    ("b-conflict.json", lambda data: item_of(data, "k3").update(linkId="t3"), "item t3 stands in form B and form C"),
    ("c-safety.json", when("t11", question="t99"), "item t11, enableWhen: names t99, which is not in this form"),
    ("c-safety.json", when("t11", question="k1"), "item t11, enableWhen: names k1, which is not in this form"),
    ("c-safety.json", when("t18", question="t19"), "item t18, enableWhen: names t19, which comes later or is itself"),
    ("c-safety.json", when("t18", question="t18"), "item t18, enableWhen: names t18, which comes later or is itself"),
    ("c-safety.json", when("t18", operator=">"), "item t18, enableWhen: the operator > is not known; known is ="),
    ("c-safety.json", when("t18", answerCoding={"code": "9"}), "item t18, enableWhen: t1 has no answer 9"),
    (
        "c-safety.json",
        lambda data: item_of(data, "t18").update(enableBehavior="some"),
        "item t18, enableWhen: enableBehavior must be any or all",
    ),
    ("a-visit.json", lambda data: item_of(data, "s1").update(type="group"), "item s1: needs a linkId and a type"),
    (
        "a-visit.json",
        lambda data: item_of(data, "s1").update(modifierExtension=[]),
        "modifierExtension is not supported",
    ),
    ("a-visit.json", lambda data: item_of(data, "s1").update(answerOption=[]), "item s1: a choice item has no options"),
    ("a-visit.json", lambda data: item_of(data, "s1").pop("_text"), "item s1: text must stand there in Danish and in"),
    ("a-visit.json", lambda data: data.update(resourceType="Bundle"), "is not a FHIR Questionnaire"),
    (
        "a-visit.json",
        lambda data: extension_of(item_of(data, "s1"), "visit").update(valueCode="3m"),
        "item s1: the visits must be among 2m, 8m",
    ),
    (
        "b-conflict.json",
        lambda data: extension_of(item_of(data, "k6"), "text-8m").update(url=f"{OWN}text-9m"),
        "item k6: the extension https://besoeg.example/fhir/StructureDefinition/text-9m is not known",
    ),
    (
        "b-conflict.json",
        lambda data: item_of(data, "k2")["answerOption"][1]["extension"][0].update(valueDecimal=1.5),
        "item k2, option 1: the score 1.5 must be a whole number",
    ),
    (
        "b-conflict.json",
        lambda data: item_of(data, "k2")["answerOption"][1]["valueCoding"].update(code="0"),
        "item k2: an option stands there twice",
    ),
    ("rules.json", lambda data: data["scoring"]["weights"].update(k2=1.5), "the weight of k2 must be a whole number"),
    ("rules.json", lambda data: data["scoring"]["weights"].update(k99=1), "the item k99 does not exist"),
    (
        "rules.json",
        lambda data: data["scoring"]["weights"].update(k10=1),
        "k10 has a weight, but none of its options has",
    ),
    ("rules.json", lambda data: data["scoring"].update(thresholds=[25, 20, 65]), "must be three rising whole numbers"),
    ("rules.json", rule("R05", {"item": "t21", "in": ["yes"]}), "rule R05: the item t21 does not exist"),
    ("rules.json", rule("R05", {"item": "t11", "in": ["ja"]}), "rule R05: the item t11 has no code ja"),
    ("rules.json", rule("R05", {"item": "t11", "is": "yes"}), "rule R05: the operator item, is is not known"),
    ("rules.json", rule("R05", {"any": [{"xor": []}]}), "rule R05: the operator xor is not known"),
    ("rules.json", rule("R05", {"not": "t11"}), "rule R05: the operator 't11' is not known"),
    ("rules.json", rule("R05", {"all": []}), "rule R05: a list of conditions is missing"),
    ("rules.json", rule("R02", {"item": "t8", "in": ["child"]}), "rule R02: the item t8 takes contains"),
    ("rules.json", rule("R05", {"item": "t11", "contains": "yes"}), "rule R05: the item t11 takes in"),
    (
        "rules.json",
        rule("R05", {"rule": "R06", "at_least": 1}),
        "rule R05: the rule R06 does not stand before this one",
    ),
    (
        "rules.json",
        rule("R05", {"rule": "R05", "at_least": 1}),
        "rule R05: the rule R05 does not stand before this one",
    ),
    ("rules.json", rule("R10", {"rule": "R05", "at_least": "1"}), "rule R10: at_least must be a whole number, not '1'"),
    ("rules.json", rule("R18", {"level": "highest", "at_least": 1}), "rule R18: the level highest is not known"),
    ("rules.json", rule("R18", {"prior": "visit"}), "rule R18: visit is not among what can be known from before"),
    ("rules.json", lambda data: rule_of(data, "R07")["floors"].reverse(), "rule R07: floors must fall"),
    (
        "rules.json",
        lambda data: rule_of(data, "R13")["floors"][0].update(floor=4),
        "rule R13: floor must be 0, 1, 2 or 3",
    ),
    ("rules.json", lambda data: rule_of(data, "R13").update(id="R12"), "rule R12: stands there twice"),
    (
        "rules.json",
        lambda data: rule_of(data, "R13")["reason"].pop("en"),
        "rule R13, reason: the words in en are missing",
    ),
    ("rules.json", lambda data: rule_of(data, "M3").update(level="2"), "rule M3: level must be 0, 1, 2 or 3"),
    ("rules.json", lambda data: rule_of(data, "M2")["when"].update(item="k22"), "rule M2: the item k22 does not exist"),
    (
        "rules.json",
        lambda data: data["conditions"][0].update(items=["k55"]),
        "conditions of k55: the item k55 does not",
    ),
    ("rules.json", lambda data: data["conditions"][1].update(items=["k5"]), "conditions of k5: stands there twice"),
    (
        "rules.json",
        lambda data: data["conditions"].append({"items": ["v2"], "when": {"item": "v11", "in": ["yes"]}}),
        "conditions of v2: names v11, which comes later or is itself",
    ),
    (
        "rules.json",
        lambda data: data["conditions"].append({"items": ["v4"], "when": {"rule": "R17", "at_least": 0}}),
        "conditions of v4: the rule R17 does not stand before this one",
    ),
    ("rules.json", lambda data: data["exclusive"].update(t8=["never"]), "exclusive: t8 has no code never"),
    ("rules.json", lambda data: data["orders"].update(t99=["no"]), "orders: the item t99 does not exist"),
    ("rules.json", lambda data: data["keep"].update(items=["t99"]), "keep: the item t99 does not exist"),
    (
        "rules.json",
        lambda data: data["domains"][0].update(items=["k99"]),
        "domain hyppighed: the item k99 does not exist",
    ),
    (
        "rules.json",
        lambda data: data["gates"]["alone"].update(all=[{"item": "s99", "in": ["x"]}]),
        "gate alone: the item s99",
    ),
    ("rules.json", lambda data: data.pop("gates"), "gates is missing"),
    ("rules.json", lambda data: data.pop("template"), "template is missing"),
    ("rules.json", lambda data: data["template"].pop("da"), "template: the words in da are missing"),
    (
        "actions.json",
        lambda data: action_of(data, "H07")["when"].update(any=[{"rule": "R19", "at_least": 1}]),
        "action H07: the rule R19",
    ),
    ("actions.json", lambda data: action_of(data, "H07").update(contacts=["aunt"]), "action H07: contacts names aunt"),
    (
        "actions.json",
        lambda data: action_of(data, "H07").update(responsible=["boss"]),
        "action H07: responsible names boss",
    ),
    (
        "actions.json",
        lambda data: action_of(data, "H07").update(within_hours="soon"),
        "action H07: within_hours must be",
    ),
    ("actions.json", lambda data: action_of(data, "H08").update(id="H07"), "action H07: stands there twice"),
    (
        "actions.json",
        lambda data: action_of(data, "H07")["text"].pop("da"),
        "action H07, text: the words in da are missing",
    ),
    ("actions.json", lambda data: data.update(actions=[]), "holds no actions"),
    ("actions.json", lambda data: action_of(data, "H07").pop("when"), "action H07: when is missing"),
    ("rules.json", lambda data: rule_of(data, "R05").pop("floors"), "rule R05: floors is missing"),
    ("rules.json", lambda data: rule_of(data, "R05")["floors"][0].pop("when"), "rule R05: when is missing"),
    ("rules.json", lambda data: rule_of(data, "M3").pop("on"), "rule M3: on is missing"),
    ("rules.json", lambda data: data["scoring"].pop("weights"), "scoring: weights is missing"),
    ("rules.json", lambda data: data["conditions"][0].pop("when"), "conditions: when is missing"),
]


@pytest.mark.parametrize(("name", "change", "sentence"), MISTAKES, ids=[sentence for _, _, sentence in MISTAKES])
def test_a_mistake_in_a_file_is_named(folder, name, change, sentence):
    spoil(folder, name, change)
    with pytest.raises(NotConfigured) as refused:
        instrument.opened(folder)
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)
    if "in form" not in sentence:
        assert name in str(refused.value)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("text", ["{", "[]", ""])
def test_a_file_that_is_no_object_is_named(folder, name, text):
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(NotConfigured, match=name):
        instrument.opened(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_file_in_which_a_key_stands_twice_is_refused(folder, name):
    whole = (folder / name).read_text(encoding="utf-8")
    (folder / name).write_text(whole.replace("{", '{"twice": 1, "twice": 2,', 1), encoding="utf-8")
    with pytest.raises(NotConfigured, match="the key twice stands there twice"):
        instrument.opened(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_another_shape_is_refused_and_never_breaks(folder, name):
    whole = json.loads((folder / name).read_text(encoding="utf-8"))
    for key in whole:
        for value in (3, [3]):
            (folder / name).write_text(json.dumps(whole | {key: value}), encoding="utf-8")
            with contextlib.suppress(NotConfigured):
                instrument.opened(folder)


def test_item_weights_count_as_scores(folder):
    def as_weights(data):
        for option in item_of(data, "k1")["answerOption"]:
            for extension in option.get("extension", []):
                extension["url"] = extension["url"].replace("ordinalValue", "itemWeight")

    spoil(folder, "b-conflict.json", as_weights)
    assert instrument.opened(folder).scores["k1"] == {"0": 0, "1": 1, "2": 2, "3": 3}


def test_a_municipality_changes_rules_without_code(folder):
    from screening import evaluation

    spoil(folder, "rules.json", lambda data: rule_of(data, "M1").update(on=False))
    spoil(folder, "rules.json", lambda data: data["scoring"].update(thresholds=[5, 45, 65]))
    visit = {"persons": [{"mode": "each", "k": {f"k{number}": 3 if number == 6 else 0 for number in range(1, 10)}}]}
    own = evaluation.evaluate(instrument.opened(folder), visit)
    assert (own["minrules"], own["klevels"], own["index"]) == ([[]], [1], [9])
    assert evaluation.evaluate(instrument.load(), visit)["minrules"] == [["M1"]]


def test_a_version_is_read_once_whether_it_is_named_or_not():
    assert instrument.load() is instrument.load("1.0.0") is instrument.load(version="1.0.0")
