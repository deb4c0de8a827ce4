"""What is installed is what the lock files say: all that pyproject.toml asks for stands there, pinned by its bytes."""

import re
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
NEEDED = PROJECT["project"]["dependencies"]
TESTS = PROJECT["project"]["optional-dependencies"]["test"]
# What builds the package is installed from the lock as well: nothing is fetched beside it.
BUILT = PROJECT["build-system"]["requires"]
LOCKS = {"requirements.lock": [*NEEDED, *BUILT], "requirements-test.lock": [*NEEDED, *TESTS, *BUILT]}
PIN = re.compile(r"(?m)^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def entries(lock: str) -> dict[str, str]:
    """What a lock file says of each package, hashes and all, by its name."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    found = [(canonicalize_name(one[1]), text[one.start() :]) for one in PIN.finditer(text)]
    return {name: rest[: again.start()] if (again := PIN.search(rest, 1)) else rest for name, rest in found}


def pins(lock: str) -> dict[str, str]:
    return {name: PIN.match(entry)[2] for name, entry in entries(lock).items()}


@pytest.mark.parametrize(("lock", "asked"), [(lock, one) for lock, asked in LOCKS.items() for one in asked])
def test_what_is_asked_for_is_locked_in_a_version_that_fits(lock, asked):
    wanted = Requirement(asked)
    assert wanted.specifier.contains(pins(lock)[canonicalize_name(wanted.name)])


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_its_hashes(lock):
    assert not [name for name, entry in entries(lock).items() if not HASH.search(entry)]


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_names_a_host(lock):
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text and not re.search(r"(?m)^\s*-(?!-hash=)", text)


def test_what_is_installed_here_is_what_is_locked():
    """Only then do the tests say something about what is served."""
    locked = pins("requirements-test.lock")
    here = {canonicalize_name(one.name): one.version for one in distributions()}
    # The installer itself comes with Python.
    assert {name: here[name] for name in locked.keys() & here.keys() - {"pip", "setuptools"}} == {
        name: locked[name] for name in locked.keys() & here.keys() - {"pip", "setuptools"}
    }
    assert {canonicalize_name(Requirement(one).name) for one in LOCKS["requirements-test.lock"]} <= here.keys()


def test_the_tests_run_with_what_is_served():
    served, tested = (pins(lock) for lock in LOCKS)
    assert {name: tested.get(name) for name in served} == served
