"""What is installed is whole: the pages and the tablet's code travel inside the package and are served from there."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.browser.demo import Demo

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    built = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(built, cwd=ROOT, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return zipfile.ZipFile(path)


def files(folder: str) -> set[str]:
    """What stands in a folder of the checkout, without what Python makes there."""
    found = {path.relative_to(ROOT) for path in (ROOT / folder).rglob("*") if path.is_file()}
    return {path.as_posix() for path in found if "__pycache__" not in path.parts}


def test_every_file_of_the_package_its_pages_and_its_static_files_is_in_the_wheel(wheel):
    inside = {name for name in wheel.namelist() if name.startswith("screening/")}
    there = files("screening") | {f"screening/{name}" for name in files("static") | files("templates")}
    assert inside == there


def test_the_demo_runs_from_the_wheel_alone(wheel, tmp_path):
    wheel.extractall(tmp_path / "installed")
    demo = Demo(tmp_path / "instance", "--families", "2")
    demo.environment = {"PYTHONPATH": str(tmp_path / "installed"), "PYTHONSAFEPATH": "1"}
    demo.start()
    try:
        assert demo.healthz()["status"] == "ok"
        for path in ("/visit", "/sw.js", "/static/visitor/app.js", "/account/sign-in"):
            assert demo.fetch(path)
    finally:
        demo.stop()
