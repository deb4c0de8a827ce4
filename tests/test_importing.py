"""Families from a file: all or none of them, each fault named with its line; the same file again changes nothing."""

import sqlite3
import subprocess
import sys
import unicodedata
from datetime import timedelta

import pytest

from screening import audit, families, importing, notes, people, registering, schema
from screening.errors import Conflict
from screening.importing import COLUMNS, Faulty
from screening.store import new_id, open_store, utc
from tests.builders import QUIET, a_person, a_tablet, a_visit, arrive

NORA = {
    "family": "A1", "child_name": "Nora Lindskov", "child_cpr": "240957-5000", "birth_date": "2026-09-24",
    "parent1_name": "Sara Lindskov", "parent1_custody": "yes", "parent2_name": "Jonas Lindskov",
    "parent2_custody": "ja", "visitor": "anne", "team": "Nord", "address_protected": "no", "planned_2m": "",
    "planned_8m": "",
}  # fmt: skip
YUSUF = NORA | {
    "family": "A2", "child_name": "Yusuf Demir", "child_cpr": "", "birth_date": "2026-03-01",
    "parent1_name": "Ayse Demir", "parent2_name": "", "parent2_custody": "", "planned_8m": "2026-11-25T09:00",
}  # fmt: skip


def a_file(*rows, separator=";", columns=None, start=""):
    columns = columns or [*NORA, *(name for name in importing.FURTHER if name in rows[0])]
    lines = [separator.join(columns)] + [separator.join(row.get(name, "") for name in columns) for row in rows]
    return (start + "\n".join(lines) + "\n").encode()


@pytest.fixture
def anne(store, now):
    return a_person(store, now, username="anne")


@pytest.fixture
def take(store, anne, now):
    """A function: rows, or a file's bytes -> what was done with them."""

    def taken(*rows, at=now, **how):
        content = rows[0] if isinstance(rows[0], bytes) else a_file(*rows, **how)
        return importing.families_of(store, content, at)

    return taken


def faults(take, *rows, **how):
    with pytest.raises(Faulty) as refused:
        take(*rows, **how)
    return refused.value.lines


def rows_of(store, person, now):
    return {one["children"][0]["name"]: one for one in families.caseload(store, person, None, now)["families"]}


# ── taken in ──


def test_families_reach_their_visitors_list(store, anne, take, now):
    assert take(NORA, YUSUF).added == 2
    rows = rows_of(store, anne, now)
    nora, yusuf = rows["Nora Lindskov"], rows["Yusuf Demir"]
    assert [(one["key"], one["name"], one["custody"]) for one in nora["parents"]] == [
        ("parent1", "Sara Lindskov", True), ("parent2", "Jonas Lindskov", True),
    ]  # fmt: skip
    assert len(yusuf["parents"]) == 1 and yusuf["visits"][0]["planned"] == "2026-11-25T09:00"
    kept = families.opened(store, store.row("SELECT * FROM families WHERE id = :id", id=nora["id"]))
    assert kept["children"][0]["cpr"] == "2409575000" and kept["team"] == "Nord"


@pytest.mark.parametrize("how", [{"separator": ","}, {"start": "\ufeff"}, {"separator": ",", "start": "\ufeff"}])
def test_either_separator_with_or_without_a_byte_order_mark(take, how):
    assert take(NORA, YUSUF, **how).added == 2


@pytest.mark.parametrize(
    "content",
    [
        a_file(NORA, YUSUF).replace(b"\n", b";;\n"),
        a_file(NORA, YUSUF).replace(b"\n", b";;\n", 1),
        a_file(NORA, YUSUF)[:-1] + b";;",
        a_file(NORA, YUSUF).replace(b";Nord;no;;\n", b";Nord;no\n"),
        b"sep=;\r\n" + a_file(NORA, YUSUF),
        b"\xef\xbb\xbfsep=,\n" + a_file(NORA, YUSUF, separator=","),
        b"\r\n;;;\r\n  \r\n" + a_file(NORA, YUSUF),
        b"\n,,,\n" + a_file(NORA, YUSUF, separator=","),
        2 * b"\xef\xbb\xbf" + a_file(NORA, YUSUF),
    ],
    ids=[
        "empty columns",
        "in the header",
        "in one row",
        "short rows",
        "sep=;",
        "sep=,",
        "blank first",
        "commas",
        "marks",
    ],
)
def test_what_spreadsheets_make_of_a_table_is_read(store, anne, take, now, content):
    assert take(content).added == 2
    assert rows_of(store, anne, now)["Yusuf Demir"]["visits"][0]["planned"] == (
        None if b"2026-11-25" not in content else "2026-11-25T09:00"
    )


def test_lines_keep_their_numbers_below_what_is_skipped(take):
    content = b"sep=;\n\n;;;\n" + a_file(NORA | {"birth_date": "soon"})
    assert faults(take, content) == ("line 5, birth_date: is no date; write it as 2026-09-23",)


def test_the_same_letters_in_another_form_are_the_same_family(store, anne, take, now):
    """Some systems write å as one sign, others as a and a ring."""
    nora = NORA | {"family": "Gård-1", "child_name": "Åse Lindskov"}
    assert take(nora).added == 1
    content = unicodedata.normalize("NFD", a_file(nora).decode()).encode()
    assert content != a_file(nora)
    report = take(content)
    assert (report.added, report.updated, report.unchanged) == (0, 0, 1)
    assert list(rows_of(store, anne, now)) == ["Åse Lindskov"]


def test_a_key_that_was_kept_in_another_form_is_the_same_family(store, anne, take, now):
    """Before letters came in one form, a key was kept as it had been written."""
    key = unicodedata.normalize("NFD", "Gård-1")
    details = {
        "children": [{"name": "Nora Lindskov", "birth": "2026-09-24", "cpr": ""}],
        "parents": [{"key": "parent1", "name": "Sara Lindskov"}],
        "register": {"key": key, "said": {"visitor": None, "team": "", "planned": {}, "details": {}}},
    }
    families.add(store, details, "Nord", anne["id"], now)
    report = take(NORA | {"family": "Gård-1"})
    assert (report.added, report.updated) == (0, 1)


@pytest.mark.parametrize("column", ["family", "child_name", "child_cpr", "parent1_name", "visitor", "team", "address"])
@pytest.mark.parametrize("sign", ["\u200b", "\u202e", "\u2066", "\ufeff", "\u00ad"])
def test_a_sign_that_nobody_sees_is_refused_in_every_cell(store, take, column, sign):
    nora = NORA | {"address": "Havnegade 2"}
    said = f"line 3, {column}: holds a sign that nobody sees (U+{ord(sign):04X}); write it again without it"
    wrong = nora | {"family": "A2", "child_name": "Vega", "child_cpr": "2409575001"}
    assert said in faults(take, nora, wrong | {column: f"{wrong[column]}{sign}"})
    assert store.rows("SELECT id FROM families") == []


def test_joiners_that_a_script_needs_stay_in_a_name(store, anne, take, now):
    name = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
    assert take(NORA | {"child_name": name}).added == 1
    assert list(rows_of(store, anne, now)) == [name]


def test_letters_that_were_lost_on_the_way_are_named_and_stop_nothing(take):
    report = take(
        NORA | {"child_name": "S\ufffdren Holm"}, YUSUF | {"parent1_name": "JÃ¸rgen", "child_cpr": "0103265001"}
    )
    assert report.added == 2
    assert [line for line in report.doubts if "child_cpr" not in line] == [
        "line 2, child_name: holds the sign for a lost letter (U+FFFD); look at how the file was saved",
        "line 3, parent1_name: holds Ã¸ where ø was probably meant; look at how the file was saved",
    ]


def test_a_doubt_about_every_line_is_told_once_and_the_others_in_full(take):
    many = [NORA | {"family": f"F{n}", "child_name": f"Barn {n}", "child_cpr": ""} for n in range(30)]
    many[7] |= {"planned_2m": "2062-11-25T09:00"}
    many[8] |= {"planned_2m": "2026-09-01T09:00"}
    report = take(*many)
    assert report.added == 30
    assert report.doubts == [
        "30 of 30 lines, child_cpr: is empty; add it when the child has one",
        "line 9, planned_2m: is more than a year ahead; look at the year",
        "line 10, planned_2m: is before the child is born; look at both dates",
    ]


def test_an_appointment_is_looked_at_beside_the_child_that_it_is_about(take):
    """Of siblings the youngest says when visits are due."""
    older = NORA | {
        "child_name": "Storm",
        "child_cpr": "",
        "birth_date": "2025-01-10",
        "planned_2m": "2026-09-01T09:00",
    }
    report = take(older, NORA | {"planned_2m": "2026-09-01T09:00"})
    assert "line 2, planned_2m: is before the child is born; look at both dates" in report.doubts


def test_twins_with_one_number_are_refused_and_so_are_two_families_children(store, take):
    twin = NORA | {"child_name": "Storm Lindskov"}
    said = "line 3, child_cpr: is that of another child in line 2 as well; a number belongs to one child"
    assert faults(take, NORA, twin) == faults(take, NORA, twin | {"family": "A2"}) == (said,)
    assert store.rows("SELECT id FROM families") == []


def test_the_same_child_in_two_families_is_worth_a_look(take):
    report = take(NORA, NORA | {"family": "A2"})
    assert report.added == 2
    assert "line 3, child_cpr: is that of the same child in line 2; look at both" in report.doubts


def test_columns_in_any_order_windows_line_ends_and_empty_lines(take):
    content = a_file(NORA, columns=[*reversed(COLUMNS), "address"]).replace(b"\n", b"\r\n") + b"\r\n;;;\r\n"
    assert take(content).added == 1


def test_a_quoted_cell_may_hold_the_separator(store, anne, take, now):
    take(NORA | {"address": '"Birkevænget 4; 2. th."'})
    assert rows_of(store, anne, now)["Nora Lindskov"]["address"] == "Birkevænget 4; 2. th."


def test_rows_with_the_same_key_are_siblings_in_one_family(store, anne, take, now):
    twin = NORA | {"child_name": "Storm Lindskov", "child_cpr": "2409575001"}
    report = take(NORA, YUSUF, twin)
    assert report.added == 2
    row = rows_of(store, anne, now)["Nora Lindskov"]
    assert [one["name"] for one in row["children"]] == ["Nora Lindskov", "Storm Lindskov"]


def test_a_protected_address_is_marked_as_such(store, anne, take, now):
    take(NORA | {"address": "Havnegade 2", "address_protected": "ja", "languages": "Dansk/arabisk"})
    row = rows_of(store, anne, now)["Nora Lindskov"]
    assert (row["address"], row["address_protected"], row["languages"]) == ("Havnegade 2", True, ["dansk", "arabisk"])


def test_a_family_without_a_visitor_is_on_nobodys_list(store, anne, take, now):
    assert take(NORA | {"visitor": ""}).added == 1
    assert rows_of(store, anne, now) == {}


def test_nothing_of_the_file_stands_unsealed(file_store, now):
    a_person(file_store, now, username="anne")
    importing.families_of(file_store, a_file(NORA | {"family": "REGISTER-77"}), now)
    file_store.close()
    kept = b"".join(path.read_bytes() for path in file_store.database.path.parent.iterdir() if path.is_file())
    for word in ("REGISTER-77", "Lindskov", "2409575000"):
        assert word.encode() not in kept


# ── again ──


def test_the_same_file_again_changes_nothing(store, anne, take, now):
    take(NORA, YUSUF)
    cursor, entries = families.caseload(store, anne, None, now)["cursor"], len(audit.listed(store))
    before = store.rows("SELECT * FROM families") + store.rows("SELECT * FROM planned_visits")
    report = take(NORA, YUSUF, at=now + timedelta(days=1))
    assert (report.added, report.updated, report.unchanged) == (0, 0, 2)
    assert families.caseload(store, anne, cursor, now)["families"] == []
    assert len(audit.listed(store)) == entries
    assert store.rows("SELECT * FROM families") + store.rows("SELECT * FROM planned_visits") == before


def note_of(store, tablet, family, now, kind, visit=None, **data):
    payload = {
        "schema": 1, "note": new_id(now), "family": family, "kind": kind, "noted_at": utc(now), "release": "",
        "data": data, "visit": visit,
    }  # fmt: skip
    with store.transaction():
        notes.keep(store, {"author": tablet.author, "received_at": utc(now), "reason": None}, payload, now)


def test_the_same_file_again_takes_back_nothing_that_a_visitor_has_learnt(store, anne, take, now):
    take(NORA)
    id, tablet = rows_of(store, anne, now)["Nora Lindskov"]["id"], a_tablet(store, anne, now)
    note_of(store, tablet, id, now, "planned", "2m", planned="2026-11-27T09:00", place="home")
    note_of(store, tablet, id, now, "parents", parents=[{"key": "parent1", "name": "Sara Holm"}], separated=False)
    assert take(NORA).unchanged == 1
    assert take(NORA | {"team": "Nord", "address": "Havnegade 2"}).updated == 1
    row = rows_of(store, anne, now)["Nora Lindskov"]
    assert row["visits"][0]["planned"] == "2026-11-27T09:00" and row["parents"][0]["name"] == "Sara Holm"
    assert row["address"] == "Havnegade 2"


def test_what_the_file_says_anew_is_written(store, anne, take, now):
    take(NORA | {"planned_2m": "2026-11-25T09:00"}, YUSUF)
    cursor = families.caseload(store, anne, None, now)["cursor"]
    born = NORA | {"birth_date": "2026-09-20", "child_cpr": "2009575000", "planned_2m": "2026-11-26T10:00"}
    report = take(born, YUSUF)
    assert (report.added, report.updated, report.unchanged) == (0, 1, 1)
    (row,) = families.caseload(store, anne, cursor, now)["families"]
    assert row["children"][0]["birth"] == "2026-09-20"
    assert [(one["opens"], one["planned"]) for one in row["visits"]] == [
        ("2026-11-15", "2026-11-26T10:00"), ("2027-05-20", None),
    ]  # fmt: skip


def test_families_given_to_another_visitor_leave_no_count_on_the_first_ones_list(store, anne, take, now):
    """AT-08: in bulk, by a file, without anybody clearing data by hand."""
    bo = a_person(store, now, username="bo")
    many = [NORA | {"family": f"F{n}", "child_name": f"Barn {n}", "child_cpr": ""} for n in range(40)]
    take(*many)
    cursor = families.caseload(store, anne, None, now)["cursor"]
    assert take(*(one | {"visitor": "bo"} for one in many)).updated == 40
    news = families.caseload(store, anne, cursor, now)
    assert len(news["gone"]) == 40 and news["families"] == [] and rows_of(store, anne, now) == {}
    assert len(rows_of(store, bo, now)) == 40


def test_a_family_that_a_visitor_met_first_is_known_again_when_the_register_names_it(store, anne, take, now):
    id, tablet = new_id(now), a_tablet(store, anne, now)
    children = [{"name": "Nora Lindskov", "birth": "2026-09-24"}]
    parents = [{"key": "parent1", "name": "Sara"}]
    note_of(
        store, tablet, id, now, "new_family", children=children, parents=parents, address_protected=False,
        languages=["dansk"],
    )  # fmt: skip
    assert take(NORA).updated == 1
    (row,) = rows_of(store, anne, now).values()
    assert (row["id"], row["provisional"]) == (id, True) and row["parents"][0]["name"] == "Sara Lindskov"
    assert take(NORA).unchanged == 1


def met(store, anne, now, **data):
    """A family that a visitor has noted without its being on a list; its row."""
    id = new_id(now)
    usual = {"address_protected": False, "languages": ["dansk"], "parents": [{"key": "parent1", "name": "Sara"}],
             "children": [{"name": "Nora Lindskov", "birth": "2026-09-24"}]}  # fmt: skip
    note_of(store, a_tablet(store, anne, now), id, now, "new_family", **usual | data)
    return id


def row_of(store, anne, now, id):
    return next(one for one in families.caseload(store, anne, None, now)["families"] if one["id"] == id)


@pytest.mark.parametrize("said", ["", "no"])
def test_an_address_that_a_visitor_has_protected_stays_so_whatever_the_register_says_at_first(
    store, anne, take, now, said
):
    id = met(store, anne, now, address_protected=True, address="Havnegade 2")
    assert take(NORA | {"address_protected": said}).updated == 1
    row = row_of(store, anne, now, id)
    assert (row["address_protected"], row["address"]) == (True, "Havnegade 2")


def test_an_empty_cell_says_nothing_about_a_protected_address_and_an_explicit_no_does(store, anne, take, now):
    take(NORA | {"address_protected": "yes"})
    take(NORA | {"address_protected": "", "planned_2m": "2026-11-26T10:00"})
    assert rows_of(store, anne, now)["Nora Lindskov"]["address_protected"] is True
    take(NORA | {"address_protected": "nej"})
    assert rows_of(store, anne, now)["Nora Lindskov"]["address_protected"] is False


def test_a_family_of_whose_address_nothing_is_said_is_not_protected(store, anne, take, now):
    take(NORA | {"address_protected": ""})
    assert rows_of(store, anne, now)["Nora Lindskov"]["address_protected"] is False


def test_strangers_whose_child_has_the_same_name_and_birth_date_are_a_family_of_their_own(store, anne, take, now):
    lise = [{"key": "parent1", "name": "Lise Hansen"}]
    id = met(store, anne, now, parents=lise, address_protected=True, address="Hemmelig 1")
    report = take(NORA | {"parent1_name": "Mette Olsen", "parent2_name": "Bo Olsen"})
    assert (report.added, report.updated) == (1, 0)
    row = row_of(store, anne, now, id)
    assert [one["name"] for one in row["parents"]] == ["Lise Hansen"] and row["address"] == "Hemmelig 1"
    (line,) = [line for line in report.doubts if "family" in line]
    assert line.startswith("line 2, family: ") and "Mette Olsen, Bo Olsen" in line and "Lise Hansen" in line
    assert "Hemmelig" not in line


def test_of_two_met_families_with_such_a_child_the_one_with_the_parents_name_is_known_again(store, anne, take, now):
    ids = [met(store, anne, now, parents=[{"key": "parent1", "name": name}]) for name in ("SÁRA  lindskov", "Lise")]
    assert take(NORA).updated == 1
    names = {id: [one["name"] for one in row_of(store, anne, now, id)["parents"]] for id in ids}
    assert names == {ids[0]: ["Sara Lindskov", "Jonas Lindskov"], ids[1]: ["Lise"]}


@pytest.mark.parametrize(
    "parents",
    [
        [{"key": "parent1", "name": "Sara Lindskov"}],
        [{"key": "parent1", "name": "lindskov, SARA"}],
        [{"key": "parent1", "name": "Jonas"}, {"key": "parent2", "name": "Sara"}],
    ],
)
@pytest.mark.parametrize("name", ["Ukendt Pige", "Pige Lindskov", "Baby", "Dreng"])
def test_a_child_met_before_it_had_a_name_is_known_again_by_its_birth_and_parents(
    store, anne, take, now, name, parents
):
    id = met(store, anne, now, children=[{"name": name, "birth": "2026-09-24"}], parents=parents)
    assert take(NORA).updated == 1
    row = row_of(store, anne, now, id)
    assert [one["name"] for one in row["children"]] == ["Nora Lindskov"]
    assert take(NORA).unchanged == 1


@pytest.mark.parametrize(
    "unlike",
    [
        {"children": [{"name": "Ukendt Pige", "birth": "2026-09-24"}]},
        {
            "children": [{"name": "Ella", "birth": "2026-09-24"}],
            "parents": [{"key": "parent1", "name": "Sara Lindskov"}],
        },
    ],
    ids=["parents by their first name only", "another name"],
)
def test_a_child_of_another_name_is_shown_beside_the_one_in_the_file_and_is_not_taken_for_it(
    store, anne, take, now, unlike
):
    id = met(store, anne, now, **unlike)
    report = take(NORA)
    assert (report.added, report.updated) == (1, 0)
    (line,) = [line for line in report.doubts if "family" in line]
    assert line.startswith(
        "line 2, family: Nora Lindskov (Sara Lindskov, Jonas Lindskov) came as a new family, though "
    )
    assert line.endswith(", born on the same day, is here; look at both") and unlike["children"][0]["name"] in line
    assert row_of(store, anne, now, id)["children"][0]["name"] == unlike["children"][0]["name"]


def test_a_child_without_a_name_is_not_taken_for_another_familys_of_the_same_day(store, anne, take, now):
    unknown = [{"name": "Ukendt Pige", "birth": "2026-09-24"}]
    met(store, anne, now, children=unknown, parents=[{"key": "parent1", "name": "Lise Hansen"}])
    report = take(NORA)
    assert report.added == 1 and not [line for line in report.doubts if "family" in line]


def test_two_families_of_the_file_are_not_taken_for_the_same_one(store, anne, take, now):
    unknown = [{"name": "Ukendt Pige", "birth": "2026-09-24"}]
    met(store, anne, now, children=unknown, parents=[{"key": "parent1", "name": "Sara Lindskov"}])
    report = take(NORA, NORA | {"family": "A2", "child_name": "Vega Lindskov", "child_cpr": ""})
    assert (report.added, report.updated) == (1, 1)


@pytest.mark.parametrize("damaged", ["families", "planned_visits"])
def test_a_family_that_does_not_open_stops_no_file(store, anne, take, now, damaged):
    take(NORA, YUSUF)
    nora, yusuf = (rows_of(store, anne, now)[name]["id"] for name in ("Nora Lindskov", "Yusuf Demir"))
    other = store.row("SELECT details_sealed FROM families WHERE id = :id", id=nora)["details_sealed"]
    if damaged == "families":
        store.run("UPDATE families SET details_sealed = :other WHERE id = :id", other=other, id=yusuf)
    else:
        store.run("UPDATE planned_visits SET window_sealed = :other WHERE family = :id", other=other, id=yusuf)
    report = take(NORA | {"planned_2m": "2026-11-26T10:00"}, YUSUF | {"planned_8m": "2026-11-27T10:00"})
    planned = families.visits(store, store.row("SELECT * FROM families WHERE id = :id", id=nora))[0]["planned"]
    assert planned == "2026-11-26T10:00"
    if damaged == "families":
        assert (report.added, report.updated) == (1, 1)
        assert report.doubts[-1] == f"family {yusuf}: it cannot be read; if the file holds it, it has come as a new one"
    else:
        assert (report.added, report.updated) == (0, 2)
        assert any("the visit 8m that is planned here cannot be read" in line for line in report.doubts)


# ── nobody waits for a file ──


@pytest.fixture
def beside(file_store, keys, now):
    """Two programs at one database: (the one that takes a file in, another), and a visitor."""
    a_person(file_store, now, username="anne")
    other = open_store(file_store.database.path, keys, schema.HISTORY)
    yield file_store, other
    other.close()


def during(monkeypatch, act):
    """Do something while a file is compared with what is here, each time; gives how often it was."""
    times, real = [], registering.Registering.compared

    def compared(self, here, found):
        plan = real(self, here, found)
        times.append(len(times))
        act(len(times))
        return plan

    monkeypatch.setattr(registering.Registering, "compared", compared)
    return times


def test_others_write_while_a_file_is_compared_and_sealed(beside, monkeypatch, now):
    importer, other = beside
    write = lambda n: other.add("attempts", id=new_id(now), scope="test", at=utc(now))  # noqa: E731 - a line as a function
    times = during(monkeypatch, write)
    assert importing.families_of(importer, a_file(NORA, YUSUF), now).added == 2
    assert importing.families_of(importer, a_file(NORA | {"planned_2m": "2026-11-26T10:00"}, YUSUF), now).updated == 1
    assert len(times) == 2 == len(other.rows("SELECT id FROM attempts"))
    assert audit.verify(importer) == []


def test_a_file_that_says_nothing_new_waits_for_nobody(beside, now):
    importer, other = beside
    importing.families_of(importer, a_file(NORA, YUSUF), now)
    with other.transaction():
        other.add("attempts", id=new_id(now), scope="test", at=utc(now))
        assert importing.families_of(importer, a_file(NORA, YUSUF), now).unchanged == 2


def test_what_somebody_changed_while_the_file_was_compared_is_kept(beside, monkeypatch, now):
    importer, other = beside
    importing.families_of(importer, a_file(NORA, YUSUF), now)
    nora = next(row["id"] for row in importer.rows("SELECT * FROM families ORDER BY id"))
    people_ = {one["username"]: one for one in people.listed(other)}
    tablet = a_tablet(other, people_["anne"], now)

    def change(time):
        if time == 1:
            named = [{"key": "parent1", "name": "Sara Holm"}]
            note_of(other, tablet, nora, now, "parents", parents=named, separated=False)

    times = during(monkeypatch, change)
    report = importing.families_of(importer, a_file(NORA | {"address": "Havnegade 2"}, YUSUF), now)
    assert (report.updated, report.unchanged, len(times)) == (1, 1, 2)
    row = families.opened(importer, importer.row("SELECT * FROM families WHERE id = :id", id=nora))
    assert (row["address"], row["parents"][0]["name"]) == ("Havnegade 2", "Sara Holm")


def test_a_visit_that_was_held_while_the_file_was_compared_stays_held(beside, monkeypatch, now):
    importer, other = beside
    importing.families_of(importer, a_file(NORA), now)
    done = lambda n: other.run("UPDATE planned_visits SET state = 'done' WHERE visit = '2m'")  # noqa: E731 - as above
    times = during(monkeypatch, done)
    assert importing.families_of(importer, a_file(NORA | {"planned_2m": "2026-11-26T10:00"}), now).updated == 1
    assert len(times) == 2
    assert importer.row("SELECT state, planned_at FROM planned_visits WHERE visit = '2m'") == {
        "state": "done", "planned_at": None,
    }  # fmt: skip


def test_a_file_for_which_there_is_never_time_is_refused_whole(beside, monkeypatch, now):
    importer, other = beside
    importing.families_of(importer, a_file(NORA), now)
    during(monkeypatch, lambda n: other.run("UPDATE families SET team = :team", team=f"Team {n}"))
    with pytest.raises(Conflict, match="Intet er taget ind"):
        importing.families_of(importer, a_file(NORA | {"address": "Havnegade 2"}, YUSUF), now)
    assert len(importer.rows("SELECT id FROM families")) == 1


KILLED = """
import os, sys
from datetime import datetime
from pathlib import Path
from screening import importing, registering, schema
from screening.store import open_store
from screening.store.keys import FileKeys

where, name, database, keys, file, at = sys.argv[1:]
owner = getattr(registering, where)
setattr(owner, name, lambda *given, **more: os.kill(os.getpid(), 9))
store = open_store(Path(database), FileKeys(Path(keys)), schema.HISTORY)
importing.families_of(store, Path(file).read_bytes(), datetime.fromisoformat(at))
"""
TABLES = ("families", "subjects", "planned_visits", "caseload_changes")


@pytest.mark.parametrize(("where", "name"), [("Registering", "write"), ("changes", "note_all"), ("audit", "add_all")])
def test_a_program_that_is_killed_in_the_middle_leaves_nothing_of_the_file(
    file_store, keys, tmp_path, now, where, name
):
    """The last two are in the transaction, with every family written."""
    a_person(file_store, now, username="anne")
    file = tmp_path / "families.csv"
    file.write_bytes(
        a_file(*(NORA | {"family": f"F{n}", "child_name": f"Barn {n}", "child_cpr": ""} for n in range(300)))
    )
    told = [sys.executable, "-c", KILLED, where, name, file_store.database.path, keys.folder, file, now.isoformat()]
    ran = subprocess.run([str(one) for one in told], capture_output=True, text=True, timeout=300)
    assert ran.returncode == -9, ran.stderr
    for table in TABLES:
        assert file_store.rows(f"SELECT * FROM {table}") == [], table  # noqa: S608 - the constants above
    assert importing.families_of(file_store, file.read_bytes(), now).added == 300
    assert audit.verify(file_store) == []


def test_parents_whom_the_register_names_in_the_other_order_keep_what_each_told(store, anne, take, now):
    """FR9"""
    take(NORA)
    home, tablet = rows_of(store, anne, now)["Nora Lindskov"], a_tablet(store, anne, now)
    told = {("B", "parent1"): QUIET, ("C", "parent1"): {"t2": "yes"}}
    assert arrive(store, tablet, a_visit(home, now, "2m", "each", told), now)["state"] == "opened"
    take(NORA | {"parent1_name": "Jonas Lindskov", "parent2_name": "Sara Lindskov"}, at=now + timedelta(days=1))
    row = rows_of(store, anne, now)["Nora Lindskov"]
    assert [one["name"] for one in row["parents"]] == ["Sara Lindskov", "Jonas Lindskov"]
    assert row["t20"] == {"parent1": True, "parent2": False}


def test_another_parent_in_the_register_is_asked_nothing_that_the_former_told(store, anne, take, now):
    """FR9"""
    take(NORA)
    home, tablet = rows_of(store, anne, now)["Nora Lindskov"], a_tablet(store, anne, now)
    told = {("B", "parent1"): QUIET, ("C", "parent1"): {}, ("B", "parent2"): QUIET, ("C", "parent2"): {"t2": "yes"}}
    assert arrive(store, tablet, a_visit(home, now, "2m", "each", told), now)["state"] == "opened"
    take(NORA | {"parent2_name": "Karim Ny"}, at=now + timedelta(days=1))
    row = rows_of(store, anne, now)["Nora Lindskov"]
    assert row["t20"] == {"parent1": False, "parent2": False} and row["parents"][1]["name"] == "Karim Ny"
    assert "parent_changed" in [one["event"] for one in audit.listed(store)]


def test_a_family_that_left_stays_off_the_lists(store, anne, take, now):
    take(NORA)
    families.leave(store, rows_of(store, anne, now)["Nora Lindskov"]["id"], "system", now)
    assert take(NORA).unchanged == 1
    report = take(NORA | {"address": "Havnegade 2"})
    assert "no longer visited" in report.doubts[-1] and rows_of(store, anne, now) == {}


# ── refused ──


def test_every_fault_is_told_at_once_with_its_line_and_nothing_is_taken_in(store, take):
    wrong = YUSUF | {"birth_date": "1. marts", "parent1_name": "", "visitor": "nobody", "planned_8m": "onsdag"}
    assert faults(take, NORA, wrong, NORA | {"family": "A3", "team": "Nrod"}) == (
        "line 3, birth_date: is no date; write it as 2026-09-23",
        "line 3, parent1_name: is empty; fill it in",
        "line 3, planned_8m: is no day with a time; write it as 2026-11-25T09:00, or leave it empty",
        "line 3, visitor: nobody who visits has the username nobody; screening person list shows them",
        "line 4, team: nobody works in team Nrod; the teams are Nord",
    )
    assert store.rows("SELECT id FROM families") == []


def test_a_disk_that_fails_at_the_last_family_keeps_none(store, take):
    store.run(
        "CREATE TRIGGER full BEFORE INSERT ON families WHEN (SELECT COUNT(*) FROM families) = 1"
        " BEGIN SELECT RAISE(ABORT, 'full'); END"
    )
    with pytest.raises(sqlite3.IntegrityError):
        take(NORA, YUSUF)
    assert store.rows("SELECT id FROM families") == store.rows("SELECT id FROM subjects") == []


@pytest.mark.parametrize(
    ("change", "column", "says"),
    [
        ({"family": ""}, "family", "is empty"),
        ({"child_name": ""}, "child_name", "is empty"),
        ({"birth_date": ""}, "birth_date", "is empty"),
        ({"birth_date": "2026-02-30"}, "birth_date", "is no date"),
        ({"birth_date": "20260924"}, "birth_date", "is no date"),
        ({"birth_date": "2027-09-24"}, "birth_date", "still to come"),
        ({"birth_date": "2026-11-24"}, "birth_date", "still to come"),
        ({"birth_date": "2023-11-22"}, "birth_date", "more than 3 years ago"),
        ({"birth_date": "1950-01-01"}, "birth_date", "more than 3 years ago"),
        ({"birth_date": "0001-01-01"}, "birth_date", "is no date"),
        ({"child_cpr": "24095750"}, "child_cpr", "is no CPR number"),
        (
            {"child_cpr": "\u0662\u0664\u0660\u0669\u0665\u0667\u0665\u0660\u0660\u0660"},
            "child_cpr",
            "is no CPR number",
        ),
        ({"child_cpr": "240957500\u0660"}, "child_cpr", "is no CPR number"),
        ({"child_cpr": "240957-1AB\uff12"}, "child_cpr", "is no CPR number"),
        ({"child_cpr": "3009575000x"}, "child_cpr", "is no CPR number"),
        ({"child_cpr": "310957-5000"}, "child_cpr", "date that does not exist"),
        ({"parent1_custody": "perhaps"}, "parent1_custody", "neither yes nor no"),
        ({"parent2_name": ""}, "parent2_name", "is empty though parent2_custody says yes"),
        ({"address_protected": "secret"}, "address_protected", "neither yes nor no"),
        ({"address": "Havnegade 2", "address_protected": ""}, "address_protected", "is empty beside an address"),
        ({"visitor": "lena"}, "visitor", "nobody who visits"),
        ({"visitor": "gone"}, "visitor", "nobody who visits"),
        ({"team": ""}, "team", "is empty"),
        ({"planned_2m": "2026-11-25"}, "planned_2m", "is no day with a time"),
        ({"planned_2m": "2026-11-25T09:00+01:00"}, "planned_2m", "has a time zone"),
        ({"planned_8m": "2027-06-25 09:00Z"}, "planned_8m", "has a time zone"),
        ({"child_name": "x" * 101}, "child_name", "more than 100 signs"),
        ({"parent1_name": '"Sara\nLindskov"'}, "parent1_name", "line break"),
    ],
)
def test_a_cell_that_cannot_be_is_named(store, take, now, change, column, says):
    a_person(store, now, "lead", username="lena")
    store.change("people", a_person(store, now, username="gone")["id"], disabled_at=utc(now))
    found = [line for line in faults(take, NORA | change) if line.startswith(f"line 2, {column}: ")]
    assert len(found) == 1 and says in found[0]


def test_siblings_that_do_not_agree_are_named_with_both_lines(take):
    twin = NORA | {"child_name": "Storm", "child_cpr": "", "parent2_name": "Ali Demir", "visitor": ""}
    assert faults(take, NORA, twin) == (
        "line 3, parent2_name: differs from line 2 of the same family; write the same in both",
        "line 3, visitor: differs from line 2 of the same family; write the same in both",
    )
    assert faults(take, NORA, NORA) == ("line 3, child_name: stands twice in the same family; remove one of the lines",)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf\r\n", "the file is empty"),
        (a_file(NORA).splitlines()[0], "holds no families"),
        (a_file(NORA | {"child_name": "Søren"}).decode().encode("latin-1"), "is not UTF-8"),
        (a_file(NORA).decode().encode("utf-16"), "is not UTF-8"),
        (a_file(NORA, columns=[*COLUMNS, "phone"]), "line 1: unknown: phone; the columns are family, child_name"),
        (a_file(NORA, columns=COLUMNS[1:]), "line 1: missing: family"),
        (a_file(NORA, columns=[*COLUMNS, "team"]), "line 1: there twice: team"),
        (a_file(NORA, columns=[*COLUMNS[1:], "famly"]), "line 1: unknown: famly; missing: family"),
        (a_file(NORA) + b'A9;"Vega', "line 3: cannot be read"),
        (a_file(NORA) + b"A9;Vega" + 12 * b";" + b"more\n", "line 3: has 14 cells and needs 13"),
        (b";;;;;;\r\n", "the file holds nothing but separators"),
        (b"sep=;\r\n;;;\r\n", "the file holds nothing but separators"),
        (b"\xef\xbb\xbf,,,\n \n", "the file holds nothing but separators"),
        (b"sep=|\n" + a_file(NORA), "another sign than ; or ,"),
        (b"%PDF-1.7\n\0\0", "is not UTF-8"),
    ],
)
def test_a_file_that_is_no_such_table_gets_one_line(store, take, content, says):
    (line,) = faults(take, content)
    assert says in line and "\n" not in line
    assert store.rows("SELECT id FROM families") == []


# ── CPR numbers (domain guide 2.10) ──


@pytest.mark.parametrize(
    "number", ["240957-5000", "2409575000", "050520-9996", "010157-1AB2", "010157 0xy3", "290200-4000", "290296-3000"]
)
def test_a_number_with_a_real_date_is_taken_and_so_are_replacement_numbers(take, number):
    assert take(NORA | {"child_cpr": number}).added == 1


@pytest.mark.parametrize("number", ["290200-3000", "290201-4000", "320157-5000", "010057-5000", "310657-1AB2"])
def test_a_number_whose_date_was_in_no_such_year_is_refused(take, number):
    assert "date that does not exist" in faults(take, NORA | {"child_cpr": number})[0]


@pytest.mark.parametrize("number", ["010157-2AB2", "010157-1A22", "010157-12345", "abc", "01015715ÅÆ"])
def test_what_is_no_number_at_all_is_refused_without_repeating_it(take, number):
    (line,) = faults(take, NORA | {"child_cpr": number})
    assert "is no CPR number" in line and number not in line


@pytest.mark.parametrize(
    ("cpr", "birth", "doubt"),
    [
        ("2409265009", "2026-09-24", None),
        ("2409265000", "2026-09-24", "modulus 11"),
        ("2509265000", "2026-09-24", "does not begin with the birth date"),
        ("", "2026-09-24", "is empty"),
        ("240926-1AB2", "2026-09-24", None),
    ],
)
def test_what_only_looks_odd_is_pointed_out_and_taken_in(take, cpr, birth, doubt):
    report = take(NORA | {"child_cpr": cpr, "birth_date": birth})
    assert report.added == 1
    assert len(report.doubts) == (doubt is not None) and all(doubt in line for line in report.doubts)
