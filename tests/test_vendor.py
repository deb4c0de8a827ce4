"""What others made and we ship is what the list says: name, version, licence, and every byte."""

import hashlib
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = [ROOT / "static" / "vendor", ROOT / "tests" / "browser" / "vendor"]
LISTED = json.loads((ROOT / "static" / "vendor" / "vendor.json").read_text(encoding="utf-8"))
FREE = {"MIT", "OFL-1.1", "MPL-2.0"}


@pytest.mark.parametrize("one", LISTED, ids=lambda one: one["name"])
def test_a_vendored_file_is_byte_for_byte_the_one_on_the_list(one):
    assert hashlib.sha256((ROOT / one["file"]).read_bytes()).hexdigest() == one["sha256"]


@pytest.mark.parametrize("one", LISTED, ids=lambda one: one["name"])
def test_a_vendored_file_has_a_version_and_a_free_licence_whose_text_is_here(one):
    assert one["version"] and one["licence"] in FREE
    text = ROOT / (one["licence_file"] or one["file"])
    assert any(word in text.read_text(encoding="utf-8")[:5000].lower() for word in ("license", "permission"))


def test_nothing_vendored_is_missing_from_the_list():
    known = {one["file"] for one in LISTED} | {one["licence_file"] for one in LISTED}
    known.add("static/vendor/vendor.json")
    found = {path.relative_to(ROOT).as_posix() for folder in FOLDERS for path in folder.rglob("*") if path.is_file()}
    assert found - known == set()


def test_the_sealing_code_neither_evaluates_text_nor_asks_another_origin():
    code = (ROOT / "static" / "vendor" / "hpke-core.js").read_text(encoding="utf-8")
    assert not [word for word in ("eval(", "new Function", "http://", "https://", "fetch(") if word in code]
