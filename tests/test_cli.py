"""The command line: what is typed wrongly gets one clear line, and what is typed rightly does its work."""

import json
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pyotp
import pytest
from click.testing import CliRunner

from screening import config
from screening.cli import main

ROOT = Path(__file__).parent.parent
CALM = {f"k{number}": 0 for number in (1, 2, 3, 4, 6, 7, 8, 9)}
QUIET = {"persons": [{"mode": "joint", "k": CALM}], "observations": {}}


@pytest.fixture
def run():
    """A function: words -> (exit status, what was printed, what was complained of)."""

    def command(*words: object) -> tuple[int, str, str]:
        ended = CliRunner().invoke(main, [str(word) for word in words])
        return ended.exit_code, ended.stdout, ended.stderr

    return command


@pytest.fixture
def instance(tmp_path, run):
    """A migrated instance folder."""
    folder = tmp_path / "instance"
    status, said, _ = run("migrate", "--instance", folder)
    assert status == 0 and "is up to date" in said
    return folder


COMMANDS = ["demo", "serve", "migrate", "person", "person add", "person disable", "person list", "evaluate", "config"]


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_command_explains_itself(run, command):
    status, said, _ = run(*command.split(), "--help")
    assert status == 0 and said.startswith("Usage:") and len(said.splitlines()) > 4


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["nothing"], "nothing"),
        (["demo", "--port", "x"], "--port"),
        (["demo", "--port", "70000"], "--port"),
        (["demo", "--families", "0"], "--families"),
        (["demo", "--loud"], "--loud"),
        (["serve", "--cert", "nowhere.pem", "--key", "nowhere.key"], "nowhere.pem"),
        (["person", "add"], "USERNAME"),
        (["person", "add", "anne", "--name", "Anne", "--role", "boss"], "boss"),
        (["person", "add", "anne", "--name", "Anne", "--role", "visitor"], "--team"),
        (["person", "fire", "anne"], "fire"),
        (["evaluate"], "FILE"),
        (["evaluate", "nowhere.json"], "nowhere.json"),
        (["config", "more"], "more"),
        (["code", "1!"], "secret"),
    ],
)
def test_a_wrong_argument_gets_one_clear_line_and_exit_status_2(run, tmp_path, monkeypatch, words, named):
    monkeypatch.chdir(tmp_path)
    status, said, complained = run(*words)
    assert status == 2 and not said
    assert len(complained.splitlines()) == 1 and complained.startswith("screening: ")
    assert named in complained


def test_without_a_command_the_help_is_shown(run):
    status, said, complained = run()
    assert status == 2 and "Usage:" in said + complained


def test_a_person_is_added_once_listed_and_disabled(run, instance):
    words = ["anne", "--name", "Anne Møller", "--role", "visitor", "--team", "Nord", "--instance", instance]
    status, said, _ = run("person", "add", *words)
    secret = dict(line.split(None, 1) for line in said.splitlines()[:3])["secret"]
    assert status == 0 and len(pyotp.TOTP(secret).now()) == 6
    assert run("person", "add", *words)[0] == 2
    assert "Anne Møller" in run("person", "list", "--instance", instance)[1]
    assert run("person", "disable", "anne", "--instance", instance)[0] == 0
    assert "ended" in run("person", "list", "--instance", instance)[1]
    status, _, complained = run("person", "disable", "nobody", "--instance", instance)
    assert status == 2 and "nobody" in complained


def test_people_need_a_place_to_be_kept(run, tmp_path):
    status, _, complained = run("person", "list", "--instance", tmp_path)
    assert status == 2 and "screening migrate makes it" in complained


def test_a_file_is_evaluated(run, tmp_path):
    file = tmp_path / "visit.json"
    file.write_text(json.dumps(QUIET), encoding="utf-8")
    status, said, _ = run("evaluate", file)
    assert status == 0 and json.loads(said)["level"] == 0
    file.write_text(json.dumps([QUIET, QUIET]), encoding="utf-8")
    assert [one["index"] for one in json.loads(run("evaluate", file)[1])] == [[0], [0]]


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"persons": 1}', '{"persons": [{"mode": "alone"}]}', "\udcff"])
def test_what_cannot_be_evaluated_gets_one_line(run, tmp_path, text):
    file = tmp_path / "visit.json"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    status, said, complained = run("evaluate", file)
    assert (status, said) == (2, "") and len(complained.splitlines()) == 1


def test_every_setting_is_explained(run):
    status, said, _ = run("config")
    assert status == 0
    assert all(f"{name} = " in said for name in config.NAMES)


def test_a_setting_that_cannot_be_gets_one_line(run, instance):
    (instance / "config.toml").write_text("session_hours = 99\n", encoding="utf-8")
    status, _, complained = run("serve", "--instance", instance)
    assert status == 2 and "session_hours" in complained and len(complained.splitlines()) == 1


def test_a_real_service_does_not_start_half_configured(run, instance, tmp_path):
    status, _, complained = run("serve", "--instance", tmp_path / "nowhere")
    assert status == 2 and "screening migrate" in complained
    status, _, complained = run("serve", "--instance", instance)
    assert status == 2 and "municipality.toml" in complained
    (instance / "municipality.toml").write_text('name = "Prøvested"\n', encoding="utf-8")
    status, _, complained = run("serve", "--instance", instance)
    assert status == 2 and "person add" in complained


def test_certificate_and_key_belong_together(run, instance, tmp_path):
    (tmp_path / "cert.pem").write_text("x", encoding="utf-8")
    status, _, complained = run("serve", "--instance", instance, "--cert", tmp_path / "cert.pem")
    assert status == 2 and "--key" in complained


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def start(*words: object) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "screening", *map(str, words)], cwd=ROOT, text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_the_demo_says_who_may_sign_in_and_ends_cleanly(tmp_path, ending):
    port, folder = free_port(), tmp_path / "demo"
    running = start("demo", "--port", port, "--instance", folder, "--families", 4, "--json")
    ready = json.loads(running.stdout.readline())
    assert ready["url"] == f"http://localhost:{port}"
    assert {"visitor", "lead", "admin"} <= {one["role"] for one in ready["people"]}
    with urllib.request.urlopen(f"{ready['url']}/healthz", timeout=10) as answer:  # noqa: S310 - loopback
        assert json.load(answer)["status"] == "ok"
    running.send_signal(ending)
    said, complained = running.communicate(timeout=20)
    assert (running.returncode, said, complained) == (0, "", "")


def test_a_demo_is_never_served_as_a_real_municipality(run, tmp_path):
    folder = tmp_path / "demo"
    running = start("demo", "--port", free_port(), "--instance", folder, "--families", 1, "--json")
    assert running.stdout.readline()
    running.terminate()
    running.communicate(timeout=20)
    status, _, complained = run("serve", "--instance", folder)
    assert status == 2 and "demo" in complained


def test_a_port_in_use_gets_one_line(run, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        words = ["demo", "--port", taken.getsockname()[1], "--instance", tmp_path / "demo", "--families", 1]
        status, said, complained = run(*words)
    assert status == 2 and not said and "--port" in complained and len(complained.splitlines()) == 1
