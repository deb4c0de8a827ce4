"""What the README tells a newcomer to type is what is tested."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent


def commands() -> list[str]:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    return [block.strip() for block in re.findall(r"```sh\n(.*?)```", readme, re.S)]


def test_the_readme_has_two_commands_of_one_line_each():
    shown = commands()
    assert len(shown) == 2
    assert all("\n" not in line for line in shown)
    assert shown[0].endswith("screening demo")
    assert shown[1].endswith("pytest")


def test_what_guards_every_change_runs_the_readmes_test_command():
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert commands()[1] in lines


def test_the_readme_says_that_the_instrument_is_not_validated():
    assert "unvalidated" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_pictures_in_the_readme_exist():
    for name in re.findall(r'src="([^"]+)"', (ROOT / "README.md").read_text(encoding="utf-8")):
        assert (ROOT / name).exists(), name
