"""A real server: it says when it is ready; whoever sends slowly, in part or not at all holds up nobody else."""

import contextlib
import json
import socket
import ssl
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.browser.demo import Demo, free_port
from tests.builders import a_certificate

PATIENCE = 60  # seconds, on a busy machine
FORM = (
    b"POST /account/sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Connection: %s\r\nContent-Length: %d\r\n\r\n"
)
SILENT_BODY = FORM % (b"keep-alive", 100)
SOME_BODY = SILENT_BODY + b"username=an"
SILENT_CHUNKS = b"POST /visit/outbox HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n"
HALF_HEADERS = b"GET /account/sign-in HTTP/1.1\r\nHost: loc"
KEPT_ALIVE = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    running = Demo(tmp_path_factory.mktemp("strain") / "instance", "--families", "2").start()
    yield running
    running.stop()


@pytest.fixture
def connect(demo):
    """A function: so many connections that have sent this much and no more."""
    with contextlib.ExitStack() as open_ones:

        def made(sent: bytes, count: int = 1) -> list[socket.socket]:
            found = []
            for _ in range(count):
                one = open_ones.enter_context(socket.create_connection(("127.0.0.1", demo.port), timeout=PATIENCE))
                one.sendall(sent)
                found.append(one)
            return found

        yield made


def fetched(demo: Demo, path: str) -> bytes:
    with urllib.request.urlopen(demo.url + path, timeout=PATIENCE) as answer:  # noqa: S310 - loopback
        return answer.read()


def until_closed(connection: socket.socket) -> bytes:
    """All that is said on a connection until the server ends it."""
    said = b""
    while more := connection.recv(65536):
        said += more
    return said


def assert_others_are_served(demo: Demo) -> None:
    assert json.loads(fetched(demo, "/healthz"))["status"] == "ok"
    assert b"csrf_token" in fetched(demo, "/account/sign-in")


@pytest.mark.parametrize(
    "sent", [SILENT_BODY, SOME_BODY, SILENT_CHUNKS, HALF_HEADERS, KEPT_ALIVE, b""],
    ids=["silent bodies", "begun bodies", "begun chunks", "half headers", "idle connections", "silent connections"],
)  # fmt: skip
def test_six_who_do_not_go_on_hold_up_nobody(demo, connect, sent):
    connect(sent, 6)
    assert_others_are_served(demo)


def test_six_who_never_read_their_answers_hold_up_nobody(demo, connect):
    connect(b"GET /account/sign-in HTTP/1.1\r\nHost: localhost\r\n\r\n" * 200, 6)
    assert_others_are_served(demo)


def test_five_hundred_at_once_hold_up_nobody(demo, connect):
    for sent in (SILENT_BODY, SOME_BODY, HALF_HEADERS, KEPT_ALIVE, b""):
        connect(sent, 100)
    assert_others_are_served(demo)


def test_what_does_not_go_on_is_ended(demo, connect):
    (silent,), (begun,), (chunks,) = connect(SILENT_BODY), connect(SOME_BODY), connect(SILENT_CHUNKS)
    (headers,), (idle,), (mute,) = connect(HALF_HEADERS), connect(KEPT_ALIVE), connect(b"")
    for one in (silent, begun, chunks):
        said = until_closed(one).lower()
        assert said.startswith(b"http/1.1 408 ") and b"connection: close" in said
        assert b"content-security-policy: default-src 'none'" in said and b"cache-control: no-store" in said
    assert until_closed(headers) == b"" and until_closed(mute) == b""
    assert until_closed(idle).startswith(b"HTTP/1.1 200 ")
    assert_others_are_served(demo)


def test_a_body_that_is_cut_off_is_not_answered_as_if_whole(demo, connect):
    (cut,) = connect(SOME_BODY)
    cut.shutdown(socket.SHUT_WR)
    assert until_closed(cut).startswith(b"HTTP/1.1 400 ")
    assert_others_are_served(demo)


def test_who_goes_away_in_the_middle_leaves_no_line_in_the_log(demo, connect):
    for one in connect(SOME_BODY, 20) + connect(SILENT_CHUNKS, 20) + connect(KEPT_ALIVE * 20, 20):
        one.close()
    assert_others_are_served(demo)
    assert demo.said() == ""


def test_a_whole_body_in_small_pieces_is_answered(demo, connect):
    body = b"username=anne&password=x"
    (slow,) = connect(FORM % (b"close", len(body)))
    for byte in body:
        slow.sendall(bytes([byte]))
    assert until_closed(slow).startswith(b"HTTP/1.1 400 "), "the form's token is missing"


def screening(*words: object, **more: object) -> subprocess.Popen:
    """The command line in a process of its own, with what it says at hand."""
    return subprocess.Popen(
        [sys.executable, "-m", "screening", *map(str, words)], cwd=Path(__file__).parent.parent, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, **more,
    )  # fmt: skip


def done(*words: object) -> str:
    """What a command that must succeed says."""
    said, complained = (running := screening(*words)).communicate(timeout=PATIENCE)
    assert running.returncode == 0, complained
    return said


@pytest.fixture
def instance(tmp_path):
    """A municipality's folder that lacks nothing but another place for its keys."""
    folder = tmp_path / "instance"
    done("migrate", "--instance", folder)
    (folder / "municipality.toml").write_text('name = "Prøvested"\n', encoding="utf-8")
    done("person", "add", "lene", "--name", "Lene", "--role", "lead", "--team", "Nord", "--instance", folder)
    return folder


def test_a_real_service_says_when_it_is_ready_and_where(instance, tmp_path):
    refused = screening("serve", "--instance", instance)
    said, complained = refused.communicate(timeout=PATIENCE)
    assert (refused.returncode, said) == (2, "")
    subprocess.run(["sh", "-ec", complained.partition("move them: ")[2]], check=True)
    with open(instance / "config.toml", "a", encoding="utf-8") as file:
        file.write('origin = "https://besoeg.example"\n')
    files = tmp_path / "cert.pem", tmp_path / "key.pem"
    for file, content in zip(files, a_certificate(), strict=True):
        file.write_bytes(content)
    port = free_port()
    running = screening("serve", "--instance", instance, "--port", port, "--cert", files[0], "--key", files[1])
    try:
        ready = running.stdout.readline()
        assert f"https://127.0.0.1:{port}" in ready and "https://besoeg.example" in ready
        assert answered(port, "besoeg.example").startswith(b"HTTP/1.1 200 ")
        assert b"strict-transport-security" in answered(port, "besoeg.example").lower()
        assert answered(port, "evil.example").startswith(b"HTTP/1.1 400 ")
    finally:
        running.terminate()
        running.communicate(timeout=PATIENCE)
    assert running.returncode == 0


def answered(port: int, name: str) -> bytes:
    """What is said over https to a request under a name."""
    anybody = ssl.create_default_context()
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    with anybody.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)) as connection:
        connection.sendall(b"GET /account/sign-in HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n" % name.encode())
        return until_closed(connection)
