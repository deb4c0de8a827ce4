"""The command line: what is typed wrongly gets one clear line, and what is typed rightly does its work."""

import json
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from pathlib import Path

import pyotp
import pytest
from click.testing import CliRunner

from screening import config, importing
from screening.cli import main
from tests.builders import a_certificate

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


COMMANDS = [
    "demo", "serve", "migrate", "person", "person add", "person disable", "person renew", "person trained",
    "person list", "families", "families import", "families move", "audit", "audit read", "audit verify", "evaluate",
    "config",
]  # fmt: skip


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
        (["person", "add", "anne", "--name", "A", "--role", "admin", "--trained", "1.9.2026"], "1.9.2026"),
        (["person", "trained", "anne"], "DATE"),
        (["person", "trained", "anne", "i dag"], "i dag"),
        (["person", "fire", "anne"], "fire"),
        (["person", "renew", "anne", "--password"], "--identity"),
        (["person", "renew", "anne", "--identity", "Bo har set hende"], "--password"),
        (["families", "import"], "FILE"),
        (["families", "import", "nowhere.csv"], "nowhere.csv"),
        (["audit", "read", "--since", "i dag"], "i dag"),
        (["audit", "burn"], "burn"),
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


@pytest.mark.parametrize("words", ["", "person", "families"])
def test_without_a_command_the_help_is_shown(run, words):
    status, said, complained = run(*words.split())
    assert status == 2 and "Usage:" in said + complained and "Commands:" in said + complained


def others_can_read(database: Path) -> str:
    database.chmod(0o644)
    return "chmod 600"


def no_database(database: Path) -> str:
    database.write_text("navn;adresse\n" * 500, encoding="utf-8")
    return "not a database"


def a_newer_one(database: Path) -> str:
    with sqlite3.connect(database) as newer:
        newer.execute("INSERT INTO history (name, digest) VALUES ('9999_tomorrow', 'x')")
    return "newer version"


def a_folder(database: Path) -> str:
    database.unlink()
    database.mkdir()
    return "Is a directory"


OPENING = [
    "serve", "migrate", "person add anne --name A --role admin", "person disable anne", "person list",
    "person renew anne --code --identity Bo", "person trained anne 2026-09-01",
    "families import FILE", "families move anne bente", "demo",
    "audit read", "audit verify",
]  # fmt: skip


@pytest.mark.parametrize("spoil", [others_can_read, no_database, a_newer_one, a_folder])
@pytest.mark.parametrize("words", OPENING)
def test_a_database_that_cannot_be_used_gets_one_line_from_every_command(run, instance, tmp_path, words, spoil):
    (instance / "municipality.toml").write_text('name = "Prøvested"\n', encoding="utf-8")
    (tmp_path / "FILE").write_text("family\n", encoding="utf-8")
    if words == "demo":
        (instance / "demo.json").write_text("[]", encoding="utf-8")
    named = spoil(instance / "screening.db")
    wanted = [str(tmp_path / "FILE") if word == "FILE" else word for word in words.split()]
    status, said, complained = run(*wanted, "--instance", instance)
    assert (status, said) == (2, "") and named in complained
    assert len(complained.splitlines()) == 1 and complained.startswith("screening: ")


@pytest.mark.parametrize("folder", ["/proc/nope", "/dev/null/nope"])
@pytest.mark.parametrize("words", OPENING)
def test_an_instance_folder_that_cannot_be_made_gets_one_line(run, tmp_path, words, folder):
    (tmp_path / "FILE").write_text("family\n", encoding="utf-8")
    wanted = [str(tmp_path / "FILE") if word == "FILE" else word for word in words.split()]
    status, said, complained = run(*wanted, "--instance", folder)
    assert (status, said) == (2, "") and folder in complained
    assert len(complained.splitlines()) == 1 and complained.startswith("screening: ")


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


def test_a_lost_password_and_code_app_are_renewed_with_who_proved_it(run, instance):
    somebody(run, instance)
    words = ("person", "renew", "anne", "--identity", "Bo Holm har set hendes id-kort", "--instance", instance)
    status, said, _ = run(*words, "--password", "--code")
    lines = dict(line.split(None, 1) for line in said.splitlines()[:3])
    assert status == 0 and lines["username"] == "anne" and len(lines["password"]) == 23
    assert len(pyotp.TOTP(lines["secret"]).now()) == 6
    assert "secret" not in run(*words, "--password")[1].splitlines()[1]
    read = run("audit", "read", "--person", "anne", "--instance", instance)[1]
    assert read.count("identity=Bo Holm har set hendes id-kort") == 3
    assert run("person", "renew", "nobody", *words[3:], "--code")[0] == 2
    run("person", "disable", "anne", "--instance", instance)
    status, said, complained = run(*words, "--code")
    assert (status, said) == (2, "") and "no longer works here" in complained


def test_the_day_of_training_is_registered_at_once_or_later(run, instance):
    """FR21"""
    words = ["--role", "visitor", "--team", "Nord", "--instance", instance]
    assert run("person", "add", "anne", "--name", "Anne", *words, "--trained", "2026-09-01")[0] == 0
    assert run("person", "add", "bo", "--name", "Bo", *words)[0] == 0
    anne, bo = run("person", "list", "--instance", instance)[1].splitlines()
    assert "trained 2026-09-01" in anne and "trained" not in bo
    assert run("person", "trained", "bo", "2026-10-01", "--instance", instance)[0] == 0
    assert "trained 2026-10-01" in run("person", "list", "--instance", instance)[1].splitlines()[1]
    status, _, complained = run("person", "trained", "nobody", "2026-10-01", "--instance", instance)
    assert status == 2 and complained == "screening: Nobody has the username nobody. See the list of people.\n"


def test_families_are_imported_all_or_none(run, instance, tmp_path):
    run("person", "add", "anne", "--name", "Anne", "--role", "visitor", "--team", "Nord", "--instance", instance)
    head = ",".join(importing.COLUMNS) + "\n"
    good = "A1,Nora Lindskov,,2024-09-24,Sara Lindskov,yes,,,anne,Nord,no,,\n"
    file = tmp_path / "families.csv"
    file.write_text(head + good + good.replace("A1", "A2").replace("2024-09-24", "24/9"), encoding="utf-8")
    status, said, complained = run("families", "import", file, "--instance", instance)
    assert (status, said, complained) == (1, "", "line 3, birth_date: is no date; write it as 2026-09-23\n")
    file.write_text(head + good, encoding="utf-8")
    status, said, complained = run("families", "import", file, "--instance", instance)
    assert (status, said) == (0, "families: 1 added, 0 updated, 0 unchanged\n")
    assert complained.startswith("look at line 2, child_cpr: is empty")
    assert run("families", "import", file, "--instance", instance)[1] == "families: 0 added, 0 updated, 1 unchanged\n"
    for nothing in (b"", b";;;;;;\r\n"):
        file.write_bytes(nothing)
        status, said, complained = run("families", "import", file, "--instance", instance)
        assert (status, said, len(complained.splitlines())) == (1, "", 1)


def test_a_name_with_a_sign_that_nobody_sees_is_refused_in_one_line(run, instance):
    words = ["--role", "visitor", "--team", "Nord", "--instance", instance]
    status, said, complained = run("person", "add", "anne", "--name", "An\u200bne", *words)
    assert (status, said) == (2, "")
    assert complained == "screening: There is an invisible sign in Anne (U+200B). Write it again without it.\n"


def test_a_whole_list_is_moved_after_a_look_and_given_back(run, instance, tmp_path):
    """AT-74"""
    for username in ("anne", "bo"):
        run("person", "add", username, "--name", "A", "--role", "visitor", "--team", "Nord", "--instance", instance)
    file = tmp_path / "families.csv"
    row = "A1,Nora Lindskov,,2024-09-24,Sara Lindskov,yes,,,anne,Nord,no,,"
    file.write_text(",".join(importing.COLUMNS) + f"\n{row}\n", encoding="utf-8")
    run("families", "import", file, "--instance", instance)
    move = ("families", "move", "anne", "bo", "--instance", instance)
    assert run(*move)[1].startswith("1 families would move from anne to bo")
    said = run(*move, "--yes")[1].splitlines()
    assert said[0] == "1 families moved"
    assert run(*move, "--undo", said[1].rpartition(" ")[2])[1] == "1 families given back to anne\n"
    status, _, complained = run(*move, "--undo", "yesterday")
    assert status == 2 and "--undo" in complained
    assert run("families", "move", "anne", "anne", "--instance", instance)[0] == 2


def somebody(run, instance, username="anne"):
    words = ["--name", "Anne Møller", "--role", "visitor", "--team", "Nord", "--instance", instance]
    assert run("person", "add", username, *words)[0] == 0


def test_the_log_is_read_by_whoever_what_and_when(run, instance):
    somebody(run, instance)
    somebody(run, instance, "bo")
    run("person", "disable", "anne", "--instance", instance)
    lines = run("audit", "read", "--instance", instance)[1].splitlines()
    assert [line.split()[2:5] for line in lines] == [
        ["system", "person_added", "anne"], ["system", "person_added", "bo"], ["system", "person_disabled", "anne"],
    ]  # fmt: skip

    def read(*words):
        said = run("audit", "read", "--json", *words, "--instance", instance)[1].splitlines()
        return [json.loads(line)["event"] for line in said]

    assert read("--person", "anne") == ["person_added", "person_disabled"]
    assert read("--event", "person_disabled") == ["person_disabled"]
    assert read("--family", "nobody") == read("--until", "2020-01-01") == read("--since", "2099-01-01") == []
    assert len(read("--since", "2020-01-01", "--until", "2099-01-01")) == 3
    assert run("audit", "read", "--person", "nobody", "--instance", instance)[0] == 2


def test_a_log_whose_end_was_cut_off_does_not_hold(run, instance):
    for count in range(3):
        somebody(run, instance, f"anne{count}")
    status, said, _ = run("audit", "verify", "--instance", instance)
    assert (status, said) == (0, "the log holds: 3 entries\n")
    with sqlite3.connect(instance / "screening.db") as database:
        database.execute("DELETE FROM audit WHERE seq > 1")
    status, said, complained = run("audit", "verify", "--instance", instance)
    assert (status, said) == (1, "") and "entries 2 to 3 are missing at the end" in complained
    somebody(run, instance, "after")
    assert run("audit", "verify", "--instance", instance)[0] == 1, "going on does not hide it"


def test_the_start_says_that_the_end_of_the_log_was_cut_off(run, instance):
    (instance / "municipality.toml").write_text('name = "Prøvested"\n', encoding="utf-8")
    (instance / "keys").rename(instance.with_name("keys"))
    (instance / "config.toml").write_text('keys = "../keys"\n', encoding="utf-8")
    for count in range(3):
        somebody(run, instance, f"anne{count}")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        serve = ("serve", "--instance", instance, "--port", taken.getsockname()[1])
        assert "the log" not in run(*serve)[2]
        with sqlite3.connect(instance / "screening.db") as database:
            database.execute("DELETE FROM audit WHERE seq > 1")
        assert "the log: entries 2 to 3 are missing at the end" in run(*serve)[2]


def test_a_changed_entry_is_told_in_a_line(run, instance):
    somebody(run, instance)
    somebody(run, instance, "bo")
    with sqlite3.connect(instance / "screening.db") as database:
        database.execute("UPDATE audit SET actor = 'bo' WHERE seq = 1")
    status, _, complained = run("audit", "verify", "--instance", instance)
    assert status == 1 and "entry 1 was changed" in complained


def test_a_file_beside_the_log_that_cannot_be_written_stops_no_command(run, instance, tmp_path):
    (instance / "config.toml").write_text('audit_head = "/proc/nope/head"\n', encoding="utf-8")
    words = ["anne", "--name", "Anne", "--role", "admin", "--instance", instance]
    status, said, complained = run("person", "add", *words)
    assert status == 0 and "password" in said
    assert "audit_head" in complained and len(complained.splitlines()) == 1


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


@pytest.mark.parametrize("wrong", ["cert", "key", "both", "another's"])
def test_what_is_no_certificate_gets_one_line(run, instance, tmp_path, wrong):
    cert, key = a_certificate()
    if wrong == "another's":
        _, key = a_certificate()
    else:
        cert, key = (b"x" if wrong in (name, "both") else one for name, one in (("cert", cert), ("key", key)))
    files = tmp_path / "cert.pem", tmp_path / "key.pem"
    for file, content in zip(files, (cert, key), strict=True):
        file.write_bytes(content)
    status, said, complained = run("serve", "--instance", instance, "--cert", files[0], "--key", files[1])
    assert (status, said) == (2, "") and "cert.pem" in complained and "key.pem" in complained
    assert len(complained.splitlines()) == 1 and "PEM" in complained


def test_a_certificate_with_its_key_is_taken(run, instance, tmp_path):
    files = tmp_path / "cert.pem", tmp_path / "key.pem"
    for file, content in zip(files, a_certificate(), strict=True):
        file.write_bytes(content)
    status, _, complained = run("serve", "--instance", instance, "--cert", files[0], "--key", files[1])
    assert status == 2 and "municipality.toml" in complained, "the next thing that is missing"


EVERYWHERE = "0.0.0.0"  # noqa: S104 - nothing is served there
CERTIFIED = ["--cert", "cert.pem", "--key", "key.pem"]


@pytest.mark.parametrize(
    ("words", "settings", "asked_for"),
    [
        (["--host", EVERYWHERE], "", "--cert"),
        (["--host", "::"], "", "--cert"),
        (["--host", "192.0.2.1"], 'origin = "https://x.example"', "--cert"),
        (["--host", "besoeg.example"], "", "--cert"),
        (["--host", EVERYWHERE, *CERTIFIED], "", "origin"),
        (["--host", EVERYWHERE, *CERTIFIED], 'origin = "http://x.example"', "origin"),
        (["--host", EVERYWHERE], "proxies = 1", "origin"),
        ([], "proxies = 1", "origin"),
        (["--host", EVERYWHERE, *CERTIFIED], 'origin = "https://x.example"', "municipality.toml"),
        (["--host", EVERYWHERE], 'proxies = 1\norigin = "https://x.example"', "municipality.toml"),
        (["--host", "127.0.0.2"], "", "municipality.toml"),
        (["--host", "::1"], "", "municipality.toml"),
        (["--host", "localhost"], "", "municipality.toml"),
    ],
)
def test_other_machines_are_served_only_over_https_and_under_one_name(
    run, instance, tmp_path, monkeypatch, words, settings, asked_for
):
    monkeypatch.chdir(tmp_path)
    for file, content in zip(("cert.pem", "key.pem"), a_certificate(), strict=True):
        Path(file).write_bytes(content)
    (instance / "config.toml").write_text(settings, encoding="utf-8")
    status, said, complained = run("serve", "--instance", instance, *words)
    assert (status, said, len(complained.splitlines())) == (2, "", 1)
    assert asked_for in complained


def ready_but_for_the_keys(run, instance):
    (instance / "municipality.toml").write_text('name = "Prøvested"\n', encoding="utf-8")
    run("person", "add", "lene", "--name", "Lene", "--role", "lead", "--team", "Nord", "--instance", instance)


@pytest.mark.parametrize("keys", ["keys", "deep/keys"])
def test_keys_in_the_instance_folder_are_refused_with_the_line_that_moves_them(run, tmp_path, keys):
    instance = tmp_path / "in stance"
    instance.mkdir()
    if keys != "keys":
        (instance / "config.toml").write_text(f'keys = "{keys}"', encoding="utf-8")
    assert run("migrate", "--instance", instance)[0] == 0
    ready_but_for_the_keys(run, instance)
    status, said, complained = run("serve", "--instance", instance)
    assert (status, said, len(complained.splitlines())) == (2, "", 1)
    assert complained.startswith("screening: the keys lie in the instance folder") and "mv " in complained
    assert f'keys = "{tmp_path}/in stance-keys"' in complained


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
