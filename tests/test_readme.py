"""What the README tells a newcomer to type is what is tested."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from screening import importing
from tests.browser.demo import free_port
from tests.builders import a_certificate

ROOT = Path(__file__).parent.parent


def commands() -> list[str]:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    return [block.strip() for block in re.findall(r"```sh\n(.*?)```", readme, re.S)]


def test_the_readme_has_two_commands_of_one_line_each_and_a_way_to_serve():
    shown = commands()
    assert len(shown) == 3
    assert all("\n" not in line for line in shown[:2])
    assert shown[0].endswith("screening demo")
    assert shown[1].endswith("pytest")


def test_what_guards_every_change_runs_the_readmes_test_command():
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert commands()[1] in lines


def test_whatever_is_installed_is_what_the_lock_files_name():
    installs = [step for command in commands() for step in re.findall(r"pip install [^&\n]*", command)]
    assert len(installs) == 6
    for locked, own in zip(installs[::2], installs[1::2], strict=True):
        assert "--require-hashes -r requirements" in locked
        assert "--no-deps --no-build-isolation" in own, "nothing besides what is locked"


def test_the_way_to_serve_works_from_an_empty_folder(tmp_path):
    """Every line of it, but the one that installs."""
    row = "A1,Nora Lindskov,,2024-09-24,Sara Lindskov,yes,,,anne,Nord,no,,"
    (tmp_path / "families.csv").write_text(",".join(importing.COLUMNS) + f"\n{row}\n", encoding="utf-8")
    for name, content in zip(("fullchain.pem", "privkey.pem"), a_certificate(), strict=True):
        (tmp_path / name).write_bytes(content)
    program = tmp_path / "bin" / "screening"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m screening "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    port, (first, *lines) = free_port(), commands()[2].splitlines()
    assert "pip install" in first and "pip" not in "".join(lines)
    script = "\n".join(lines).replace("/srv/", f"{tmp_path}/").replace("--port 443", f"--port {port}")
    script = script.replace("cp screening/", f"cp {ROOT}/screening/").replace("$PWD/.venv/bin", str(program.parent))
    running = subprocess.Popen(
        ["sh", "-ec", script], cwd=tmp_path, text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        said = []
        while line := running.stdout.readline():
            said.append(line)
            if f"https://0.0.0.0:{port}" in line:
                break
        else:
            raise AssertionError(running.stderr.read())
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        running.communicate(timeout=60)
    assert any("1 added" in line for line in said)


def test_the_readme_says_that_the_instrument_is_not_validated():
    assert "unvalidated" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_pictures_in_the_readme_exist():
    for name in re.findall(r'src="([^"]+)"', (ROOT / "README.md").read_text(encoding="utf-8")):
        assert (ROOT / name).exists(), name
