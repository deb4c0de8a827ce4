"""Requests that arrive slowly, in part, too large or too many at once, in front of the application."""

import asyncio
import io
import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from screening.web import access, headers
from screening.web.gateway import environ
from screening.web.reception import Limits, Reception

PATIENCE = 60  # seconds; nothing here takes so long


class Application:
    """A WSGI application that keeps what it was asked, and answers with the body it was given."""

    def __init__(self):
        self.asked = []
        self.waits_for = {}

    def __call__(self, given, start_response):
        if event := self.waits_for.get(given["REMOTE_ADDR"]):
            assert event.wait(PATIENCE)
        body = given["wsgi.input"].read()
        self.asked.append((given["PATH_INFO"], given.get("CONTENT_LENGTH"), body))
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
        return [body]


class Sender:
    """Whoever sends one request: gives its pieces, then is silent, and keeps the answer."""

    def __init__(self, *pieces, address="192.0.2.1", path="/account/sign-in", last=True, **named):
        self.pieces = [*pieces]
        self.last = last
        self.heard = []
        self.asked_for = 0
        self.gave = asyncio.Event()
        named = {name.replace("_", "-").encode(): value.encode() for name, value in named.items()}
        self.scope = {
            "type": "http", "http_version": "1.1", "method": "POST", "scheme": "https", "path": path,
            "raw_path": path.encode(), "query_string": b"", "headers": [*named.items()],
            "client": (address, "4711"), "server": ("127.0.0.1", "8000"),
        }  # fmt: skip

    async def receive(self):
        self.asked_for += 1
        if not self.pieces:
            self.gave.set()
            await asyncio.Event().wait()
        piece = self.pieces.pop(0)
        if piece is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": piece, "more_body": bool(self.pieces) or not self.last}

    async def send(self, message):
        self.heard.append(message)

    @property
    def status(self):
        return self.heard[0]["status"] if self.heard else None

    @property
    def body(self):
        return b"".join(one["body"] for one in self.heard[1:])

    @property
    def named(self):
        return {name.decode(): value.decode() for name, value in self.heard[0]["headers"]}


def run(work):
    """Run a coroutine function in a thread of its own: in this one somebody else's loop may run."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(asyncio.wait_for(work(), PATIENCE))).result()


def ask(reception, *senders):
    """Let senders ask one after the other; gives them."""

    async def all_of_them():
        for sender in senders:
            await reception(sender.scope, sender.receive, sender.send)

    run(all_of_them)
    assert (reception.parcels, reception.held, reception.gateway.lanes) == ({}, 0, {}), "nothing stays behind"
    return senders


@pytest.fixture
def application():
    return Application()


def test_a_body_in_pieces_reaches_the_application_whole(application):
    (sender,) = ask(Reception(application), Sender(b"ab", b"", b"cd", content_length="4"))
    assert (sender.status, sender.body) == (200, b"abcd")
    assert application.asked == [("/account/sign-in", "4", b"abcd")]


def test_a_body_of_unannounced_length_gets_its_own(application):
    (sender,) = ask(Reception(application), Sender(b"ab", b"cde", transfer_encoding="chunked"))
    assert sender.status == 200 and application.asked == [("/account/sign-in", "5", b"abcde")]


def test_a_request_without_a_body_waits_for_nothing(application):
    sender, empty = ask(Reception(application), Sender(), Sender(content_length="0"))
    assert (sender.status, empty.status, sender.asked_for, empty.asked_for) == (200, 200, 0, 0)


@pytest.mark.parametrize("pieces", [[], [b"user=an"]])
def test_a_body_that_stops_is_ended_and_never_answered_as_if_whole(application, pieces):
    limits = Limits(grace=0.05)
    (sender,) = ask(Reception(application, limits=limits), Sender(*pieces, last=False, content_length="100"))
    assert sender.status == 408 and application.asked == []
    assert sender.named["connection"] == "close"
    assert "ikke hel frem" in sender.body.decode() and "did not arrive" in sender.body.decode()
    assert sender.named["content-length"] == str(len(sender.body))


def test_what_is_said_without_the_application_has_the_headers_of_every_answer(application):
    limits = Limits(grace=0.05)
    page, data = ask(
        Reception(application, limits=limits),
        Sender(last=False, content_length="9"), Sender(last=False, content_length="9", path="/visit/outbox"),
    )  # fmt: skip
    for name, value in headers.ALWAYS.items():
        assert page.named[name.lower()] == value
    for sender in (page, data):
        assert sender.named["cache-control"] == "no-store"
        assert sender.named["strict-transport-security"] == headers.TWO_YEARS
    assert data.named["content-security-policy"] == headers.DATA_POLICY
    assert "ikke hel frem" in json.loads(data.body)["error"]


def test_a_body_that_trickles_is_ended(application):
    class Trickling(Sender):
        async def receive(self):
            await asyncio.sleep(0.02)
            return {"type": "http.request", "body": b"x", "more_body": True}

    limits = Limits(grace=0.2, least_rate=1_000_000)
    (sender,) = ask(Reception(application, limits=limits), Trickling(content_length="100000"))
    assert sender.status == 408 and application.asked == []


def test_empty_pieces_are_silence(application):
    class Empty(Sender):
        async def receive(self):
            await asyncio.sleep(0.02)
            return {"type": "http.request", "body": b"", "more_body": True}

    (sender,) = ask(Reception(application, limits=Limits(grace=0.2)), Empty(content_length="100"))
    assert sender.status == 408 and application.asked == []


def test_what_is_cut_off_is_not_answered_as_if_whole(application):
    (sender,) = ask(Reception(application), Sender(b"half", None, content_length="100"))
    assert sender.status == 400 and application.asked == []


@pytest.mark.parametrize("pieces", [[b"abc"], [b"abcdef", b"ghijk"]])
def test_a_body_of_another_length_than_announced_is_refused(application, pieces):
    (sender,) = ask(Reception(application), Sender(*pieces, content_length="10"))
    assert sender.status == 400 and application.asked == []


def test_what_is_too_much_for_every_path_is_refused_by_the_application_unread(app):
    reception = Reception(app.wsgi_app)
    much = b"x" * (access.TABLET_BODY // 2)
    announced, counted, form = ask(
        reception,
        Sender(much, much, much, content_length=str(len(much) * 3), host="localhost"),
        Sender(much, much, much, transfer_encoding="chunked", host="localhost", path="/visit/outbox"),
        Sender(b"x" * (access.BODY + 1), content_length=str(access.BODY + 1), host="localhost"),
    )
    assert [one.status for one in (announced, counted, form)] == [413, 413, 413]
    assert announced.asked_for == 0
    assert all("mere, end der kan tages imod" in one.body.decode() for one in (announced, form))


def test_a_network_gives_way_with_what_it_has_sent_longest(application):
    reception = Reception(application, limits=Limits(each=2))
    first, second, third = (Sender(last=False, content_length="9") for _ in range(3))
    other = Sender(last=False, content_length="9", address="192.0.2.2")

    async def work():
        for sender in (other, first, second, third):
            sender.task = asyncio.create_task(reception(sender.scope, sender.receive, sender.send))
            await sender.gave.wait()
        await first.task
        for sender in (other, second, third):
            assert not sender.task.done()
            sender.task.cancel()

    run(work)
    assert first.status == 503 and first.named["retry-after"] and first.named["connection"] == "close"
    assert [one.status for one in (other, second, third)] == [None, None, None]


def test_when_too_much_is_held_the_network_that_holds_most_gives_way(application):
    reception = Reception(application, limits=Limits(held=1000))
    small = Sender(b"x" * 10, last=False, content_length="900", address="2001:db8:1::1")
    # Two addresses of one network.
    large = [Sender(b"x" * 450, last=False, content_length="900", address=f"2001:db8:2::{n}") for n in (1, 2)]
    newest = Sender(b"x" * 300, last=False, content_length="900", address="192.0.2.2")

    async def work():
        for sender in (small, *large, newest):
            sender.task = asyncio.create_task(reception(sender.scope, sender.receive, sender.send))
            await sender.gave.wait()
        await large[0].task
        assert reception.held == 10 + 450 + 300
        for sender in (small, large[1], newest):
            assert not sender.task.done()
            sender.task.cancel()

    run(work)
    assert large[0].status == 503 and application.asked == []


def test_when_too_many_arrive_at_once_the_network_with_most_gives_way(application):
    reception = Reception(application, limits=Limits(bodies=3))
    few = Sender(last=False, content_length="9", address="192.0.2.1")
    many = [Sender(last=False, content_length="9", address="192.0.2.2") for _ in range(2)]
    newest = Sender(last=False, content_length="9", address="192.0.2.3")

    async def work():
        for sender in (few, *many, newest):
            sender.task = asyncio.create_task(reception(sender.scope, sender.receive, sender.send))
            await sender.gave.wait()
        await many[0].task
        for sender in (few, many[1], newest):
            assert not sender.task.done()
            sender.task.cancel()

    run(work)
    assert many[0].status == 503


def test_one_network_never_has_every_thread(application):
    application.waits_for = {"192.0.2.1": threading.Event()}
    reception = Reception(application, limits=Limits(threads=3))
    greedy = [Sender() for _ in range(9)]
    other = Sender(address="192.0.2.2", path="/lead/")

    async def work():
        tasks = [asyncio.create_task(reception(one.scope, one.receive, one.send)) for one in greedy]
        await asyncio.sleep(0)
        await reception(other.scope, other.receive, other.send)
        assert other.status == 200 and not any(task.done() for task in tasks)
        application.waits_for["192.0.2.1"].set()
        await asyncio.gather(*tasks)

    run(work)
    assert [one.status for one in greedy] == [200] * 9


def test_whether_it_is_well_is_answered_while_every_thread_is_busy(application):
    busy = [f"192.0.2.{number}" for number in range(1, 9)]
    event = threading.Event()
    application.waits_for = dict.fromkeys(busy, event)
    reception = Reception(application, limits=Limits(threads=2))
    asking = Sender(address="192.0.2.99", path="/healthz")

    async def work():
        tasks = []
        for address in busy:
            one = Sender(address=address)
            tasks.append(asyncio.create_task(reception(one.scope, one.receive, one.send)))
        await asyncio.sleep(0)
        await reception(asking.scope, asking.receive, asking.send)
        assert not any(task.done() for task in tasks)
        event.set()
        await asyncio.gather(*tasks)

    run(work)
    assert asking.status == 200


def test_a_network_with_too_many_waiting_is_told_to_wait(application):
    application.waits_for = {"192.0.2.1": threading.Event()}
    reception = Reception(application, limits=Limits(threads=2, waiting=3))
    senders = [Sender() for _ in range(4)]

    async def work():
        tasks = [asyncio.create_task(reception(one.scope, one.receive, one.send)) for one in senders]
        await tasks[-1]
        application.waits_for["192.0.2.1"].set()
        await asyncio.gather(*tasks)

    run(work)
    assert [one.status for one in senders] == [200, 200, 200, 503]


def test_an_application_that_fails_is_answered_for_without_a_trace(caplog):
    def failing(given, start_response):
        raise ValueError("Nora's mother said")

    (sender,) = ask(Reception(failing), Sender(b"x", content_length="1"))
    assert sender.status == 500 and "Noget gik galt" in sender.body.decode()
    assert "ValueError at " in caplog.text and "Nora" not in caplog.text + sender.body.decode()


@pytest.mark.parametrize(
    ("proxies", "named", "address"),
    [
        (0, "203.0.113.9", "192.0.2.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9", "198.51.100.1"),
        (2, "203.0.113.9", "192.0.2.1"),
    ],
)
def test_who_asks_is_told_by_declared_proxies_alone(application, proxies, named, address):
    assert Reception(application, proxies).address(Sender(x_forwarded_for=named).scope) == address


def test_the_application_gets_the_headers_as_they_were_meant():
    sender = Sender(host="localhost")
    sender.scope |= {"raw_path": b"/a%C3%A6%FF", "query_string": b"q=\xe6"}
    sender.scope["headers"] += [(b"cookie", b"a=1"), (b"cookie", b"b=2"), (b"x-forwarded-for", b"192.0.2.1"),
                                (b"x_forwarded_for", b"192.0.2.66"), (b"accept", b"text/html"), (b"accept", b"*/*"),
                                (b"content-type", b"text/plain"), (b"content-length", b"99")]  # fmt: skip
    given = environ(sender.scope, b"abc", 3)
    assert given["HTTP_COOKIE"] == "a=1; b=2"
    assert given["HTTP_X_FORWARDED_FOR"] == "192.0.2.1"
    assert given["HTTP_ACCEPT"] == "text/html,*/*"
    assert (given["CONTENT_TYPE"], given["CONTENT_LENGTH"]) == ("text/plain", "3")
    assert (given["PATH_INFO"], given["QUERY_STRING"]) == ("/aæ\xff".encode().decode("latin-1")[:4] + "\xff", "q=æ")
    assert (given["REMOTE_ADDR"], given["wsgi.url_scheme"]) == ("192.0.2.1", "https")
    assert isinstance(given["wsgi.input"], io.BytesIO)
