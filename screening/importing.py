"""Families from a file: read whole, checked whole, and taken in whole or not at all.

A row is a child; rows with the same ``family`` are siblings. That name is the register's own key for the family. It is
kept under seal with what the file said last, so that the same file taken in again changes nothing, even where a
visitor has agreed on another day or learnt another name since; only what the file says anew is written.
"""

import csv
import io
import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from screening import calendar_days, cpr, families, people, teams, untrusted
from screening import parents as places
from screening.errors import NotAnswerable
from screening.municipality import WINDOWS
from screening.registering import Place, Registering
from screening.responses import is_plain
from screening.store import Store

COLUMNS = (
    "family", "child_name", "child_cpr", "birth_date", "parent1_name", "parent1_custody", "parent2_name",
    "parent2_custody", "visitor", "team", "address_protected", "planned_2m", "planned_8m",
)  # fmt: skip
FURTHER = ("address", "languages")
# What stands in every row of a family and is the same in each.
OF_CHILD = ("child_name", "child_cpr", "birth_date")
YES = frozenset(("yes", "ja", "true", "1"))
NO = frozenset(("no", "nej", "false", "0"))
LONGEST = {"address": 300, "languages": 300}
LONGEST_CELL = 100
# An appointment further ahead is a slip of the year.
AHEAD = timedelta(days=366)
# What is worth a look in more lines than this, and in most of them, is told once with its count.
MANY = 100
# What a line must hold to be more than separators, and what some programs write before the first.
WRITTEN = re.compile(r"[^\s;,\"]")
LINES = re.compile(r"\r\n|\r|\n")
DECLARED = re.compile(r'\s*"?sep=(.)"?[;,\t]*\s*', re.IGNORECASE)
# The last visit is held before a child is one; who is older than three came here by a wrong year.
OLDEST = timedelta(days=3 * 365 + 1)

Row = dict[str, Any]


class Faulty(Exception):
    """Nothing of a file was taken in. ``lines`` says why, each in an English sentence with its place."""

    def __init__(self, *lines: str):
        super().__init__("\n".join(lines))
        self.lines = lines


@dataclass
class Report:
    """What was done: families by what became of them, and what is worth a second look, with its place."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    doubts: list[str] = field(default_factory=list)


@dataclass
class Reading:
    """A file on its way in: who works here, which day it is, and what was found wrong so far."""

    visitors: dict[str, people.Person]
    teams: set[str]
    today: date
    faults: list[Place] = field(default_factory=list)
    doubts: list[Place] = field(default_factory=list)
    # CPR number -> the first row that has it.
    numbers: dict[str, Row] = field(default_factory=dict)

    def fault(self, line: int, column: str, sentence: str) -> None:
        self.faults.append((line, column, sentence))

    def doubt(self, line: int, column: str, sentence: str) -> None:
        self.doubts.append((line, column, sentence))


def families_of(
    store: Store, content: bytes, now: datetime, windows: dict[str, dict[str, int]] = WINDOWS, by: str = "system"
) -> Report:
    """Take in the families of a CSV file, all or none. Raises Faulty with every fault found; and as ``Registering``.

    Columns as in ``COLUMNS`` and ``FURTHER``; UTF-8 with or without a byte order mark, ``;`` or ``,``. Empty columns
    and cells at the end, empty lines and a first line ``sep=;`` are what spreadsheets make of them. Yes and no may be
    yes/no, ja/nej, true/false, 1/0; several languages are parted by a slash.
    """
    everybody = [one for one in people.listed(store) if one["disabled_at"] is None]
    visitors = {one["username"]: one for one in everybody if one["role"] == "visitor"}
    reading = Reading(
        visitors, {name for one in everybody for name in teams.named(one["team"])}, calendar_days.day(now)
    )
    rows = rows_of(reading, content)
    found = [whole(reading, group) for group in grouped(reading, rows)]
    if reading.faults:
        raise Faulty(*(said(one) for one in sorted(reading.faults)))
    done = Registering(store, now, windows, by).take_in(found)
    doubts = told(reading.doubts + done.doubts, len(rows))
    return Report(done.added, done.updated, done.unchanged, doubts + [damaged(id) for id in done.unreadable])


def said(fault: Place) -> str:
    line, column, sentence = fault
    return f"line {line}, {column}: {sentence}" if column else f"line {line}: {sentence}"


def damaged(family: str) -> str:
    return f"family {family}: it cannot be read; if the file holds it, it has come as a new one"


def told(doubts: list[Place], rows: int) -> list[str]:
    """Doubts in the order of their lines; what stands in every line is told once, or it would hide the rest."""
    alike: dict[tuple[str, str], list[int]] = {}
    for line, column, sentence in sorted(doubts):
        alike.setdefault((column, sentence), []).append(line)
    found: list[tuple[int, str]] = []
    for (column, sentence), lines in alike.items():
        if len(lines) == rows > 1 or len(lines) > max(MANY, rows / 2):
            found.append((lines[0], f"{len(lines)} of {rows} lines, {column}: {sentence}"))
        else:
            found += [(line, said((line, column, sentence))) for line in lines]
    return [text for _, text in sorted(found)]


# ── reading ──


def rows_of(reading: Reading, content: bytes) -> list[Row]:
    """The file's rows by column, each with its ``line``. Raises Faulty with one line for what is no such table."""
    text = decoded(content)
    if not text.strip():
        raise Faulty("the file is empty; its first line must hold the names of the columns")
    lines = lines_of(*separated(text))
    if not lines:
        raise Faulty("the file holds nothing but separators; its first line must hold the names of the columns")
    (start, names), *lines = lines
    columns = named_columns(without_tail(names), start)
    if not lines:
        raise Faulty("the file holds no families; write one child in each line after the first")
    return [row for line, cells in lines if (row := row_of(reading, columns, line, without_tail(cells)))]


def row_of(reading: Reading, columns: list[str], line: int, cells: list[str]) -> Row | None:
    """A line's cells by column; empty ones at its end may be missing."""
    if len(cells) > len(columns):
        reading.fault(line, "", f"has {len(cells)} cells and needs {len(columns)}; look at its separators")
        return None
    row = dict.fromkeys((*FURTHER, *columns), "") | {"line": line}
    for column, cell in zip(columns, cells, strict=False):
        row[column] = untrusted.clean(cell).strip()
        if sign := untrusted.hidden(cell):
            reading.fault(line, column, f"holds a sign that nobody sees ({sign}); write it again without it")
        if lost := untrusted.damage(cell):
            reading.doubt(line, column, f"{lost}; look at how the file was saved")
    return row


def without_tail(cells: list[str]) -> list[str]:
    """Cells without the empty ones at their end, which spreadsheets add and leave out."""
    return cells[: 1 + max((n for n, cell in enumerate(cells) if cell), default=-1)]


def separated(text: str) -> tuple[str, str]:
    """A file's text and what separates its cells: what its first written line says, or has. Raises Faulty."""
    first = next((line for line in LINES.split(text) if WRITTEN.search(line)), "")
    declared = DECLARED.fullmatch(first)
    if not declared:
        return text, ";" if ";" in first else ","
    if declared[1] not in ";,":
        raise Faulty("the file says that another sign than ; or , separates its cells; save it with one of the two")
    return text.replace(first, "", 1), declared[1]


def lines_of(text: str, separator: str) -> list[tuple[int, list[str]]]:
    """The lines that hold something, each with its number in the file. Raises Faulty."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    found, start = [], 1
    try:
        for cells in reader:
            if any(WRITTEN.search(cell) for cell in cells):
                found.append((start, [cell.strip() for cell in cells]))
            start = reader.line_num + 1
    except csv.Error as error:
        raise Faulty(f"line {start}: cannot be read ({error}); look for a quotation mark that is not closed") from error
    return found


def decoded(content: bytes) -> str:
    try:
        text = content.decode("utf-8").lstrip("\ufeff")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise Faulty("the file is not UTF-8; save it as “CSV UTF-8”")
    return text


def named_columns(cells: list[str], line: int) -> list[str]:
    """The first line's names. Raises Faulty naming those that are unknown, missing or there twice."""
    names = [untrusted.clean(cell).lower() for cell in cells]
    known = COLUMNS + FURTHER
    problems = {
        "unknown": [name or "(empty)" for name in names if name not in known],
        "missing": [name for name in COLUMNS if name not in names],
        "there twice": sorted({name for name in names if names.count(name) > 1}),
    }
    wrong = [f"{what}: {', '.join(found)}" for what, found in problems.items() if found]
    if wrong:
        whole = f"the columns are {', '.join(COLUMNS)} and optionally {', '.join(FURTHER)}"
        raise Faulty(f"line {line}: {'; '.join(wrong)}; {whole}")
    return names


def grouped(reading: Reading, rows: list[Row]) -> list[list[Row]]:
    """The rows by family, in the file's order. Siblings must agree on everything but the child."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        check_cells(reading, row)
        group = groups.setdefault(row["family"] or f"line {row['line']}", [])
        for name in COLUMNS + FURTHER:
            if group and name not in OF_CHILD and row[name] != group[0][name]:
                other = f"line {group[0]['line']} of the same family"
                reading.fault(row["line"], name, f"differs from {other}; write the same in both")
        if any(all(row[name] == other[name] for name in OF_CHILD) for other in group):
            reading.fault(row["line"], "child_name", "stands twice in the same family; remove one of the lines")
        group.append(row)
    return list(groups.values())


def check_cells(reading: Reading, row: Row) -> None:
    """What must be there and be a text of one line."""
    for name in ("family", "child_name", "birth_date", "parent1_name", "team"):
        if not row[name]:
            reading.fault(row["line"], name, "is empty; fill it in")
    for name in COLUMNS + FURTHER:
        longest = LONGEST.get(name, LONGEST_CELL)
        if len(row[name]) > longest:
            reading.fault(row["line"], name, f"has more than {longest} signs; shorten it")
        if not is_plain(row[name]) or "\n" in row[name] or "\r" in row[name]:
            reading.fault(row["line"], name, "holds a line break or an invisible sign; write it in one line")


# ── one family ──


def whole(reading: Reading, group: list[Row]) -> Row:
    """What the file says of a family: key, line, visitor (id or None), team, planned and details."""
    first = group[0]
    visitor = reading.visitors.get(people.account(first["visitor"]))
    if first["visitor"] and not visitor:
        reading.fault(
            first["line"],
            "visitor",
            f"nobody who visits has the username {first['visitor']}; screening person list shows them",
        )
    if first["team"] and first["team"] not in reading.teams:
        there = ", ".join(sorted(reading.teams)) or "none yet"
        reading.fault(first["line"], "team", f"nobody works in team {first['team']}; the teams are {there}")
    return {
        "key": first["family"], "line": first["line"], "visitor": visitor["id"] if visitor else None,
        "team": first["team"],
        "planned": {visit: planned(reading, first, f"planned_{visit}", youngest(group)) for visit in families.VISITS},
        "details": {
            "children": [child(reading, row) for row in group],
            "parents": parents(reading, first),
            "address": first["address"] or None,
            "address_protected": protected(reading, first),
            "languages": [one.strip().lower() for one in first["languages"].split("/") if one.strip()] or ["dansk"],
        },
    }  # fmt: skip


def child(reading: Reading, row: Row) -> Row:
    number, birth = cpr.compact(row["child_cpr"]), birth_date(reading, row)
    if number and (fault := cpr.fault(number)):
        reading.fault(row["line"], "child_cpr", fault)
    elif number:
        of_one_child(reading, row, number)
    if birth and (not number or not cpr.fault(number)):
        doubt = cpr.doubt(number, birth) if number else "is empty; add it when the child has one"
        if doubt:
            reading.doubt(row["line"], "child_cpr", doubt)
    return {"name": row["child_name"], "birth": row["birth_date"], "cpr": number}


def of_one_child(reading: Reading, row: Row, number: str) -> None:
    """A number belongs to one child, and a child to one family."""
    other = reading.numbers.setdefault(number, row)
    if other is row:
        return
    if children_alike(row, other):
        reading.doubt(row["line"], "child_cpr", f"is that of the same child in line {other['line']}; look at both")
    else:
        sentence = f"is that of another child in line {other['line']} as well; a number belongs to one child"
        reading.fault(row["line"], "child_cpr", sentence)


def children_alike(row: Row, other: Row) -> bool:
    return all(places.folded(row[name]) == places.folded(other[name]) for name in ("child_name", "birth_date"))


def youngest(group: list[Row]) -> date | None:
    """The birth date that says when a family is visited; None where none can be read."""
    return max((date.fromisoformat(row["birth_date"]) for row in group if calendar_days.is_day(row["birth_date"])),
               default=None)  # fmt: skip


def birth_date(reading: Reading, row: Row) -> date | None:
    text = row["birth_date"]
    if not text:
        return None
    if not calendar_days.is_day(text):
        reading.fault(row["line"], "birth_date", "is no date; write it as 2026-09-23")
        return None
    birth = date.fromisoformat(text)
    if birth > reading.today:
        reading.fault(row["line"], "birth_date", "is still to come; look at the year")
    elif reading.today - birth > OLDEST:
        reading.fault(row["line"], "birth_date", "is more than 3 years ago; look at the year")
    return birth


def parents(reading: Reading, row: Row) -> list[Row]:
    found = [{"key": "parent1", "name": row["parent1_name"], "custody": yes_no(reading, row, "parent1_custody")}]
    if row["parent2_name"]:
        custody = yes_no(reading, row, "parent2_custody")
        found.append({"key": "parent2", "name": row["parent2_name"], "custody": custody})
    elif row["parent2_custody"] and yes_no(reading, row, "parent2_custody"):
        reading.fault(
            row["line"], "parent2_name", "is empty though parent2_custody says yes; write the name, or no custody"
        )
    return found


def protected(reading: Reading, row: Row) -> bool | None:
    """Whether nobody may see where the family lives; None where nothing is said. Beside an address it must be said."""
    if row["address"] and not row["address_protected"]:
        reading.fault(row["line"], "address_protected", "is empty beside an address; write yes or no")
    return yes_no(reading, row, "address_protected")


def yes_no(reading: Reading, row: Row, name: str) -> bool | None:
    """True, False, or None where nothing is said."""
    text = row[name].lower()
    if text and text not in YES | NO:
        reading.fault(row["line"], name, "is neither yes nor no; write one of the two")
    return text in YES if text else None


def planned(reading: Reading, row: Row, name: str, birth: date | None) -> str | None:
    """When a visit is agreed, or None; ``birth`` is that of the child it is about."""
    text = row[name].replace(" ", "T", 1)
    if not text:
        return None
    try:
        agreed = families.plan(text)["at"]
    except NotAnswerable:
        wrong = "has a time zone; write what clocks here show" if has_zone(text) else "is no day with a time; write it"
        reading.fault(row["line"], name, f"{wrong} as 2026-11-25T09:00, or leave it empty")
        return None
    day = date.fromisoformat(text[:10])
    if birth and day < birth:
        reading.doubt(row["line"], name, "is before the child is born; look at both dates")
    elif day - reading.today > AHEAD:
        reading.doubt(row["line"], name, "is more than a year ahead; look at the year")
    return agreed


def has_zone(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
