"""The reception takes in every request whole before a thread of the application is spent on it.

A thread that reads a body itself waits for as long as the sender pleases: six tablets on a slow net, or six silent
connections of a stranger, were enough to stop the service. The server below (Granian) has a time limit for headers
but none for bodies, and its makers do not want any. Servers that buffer a body themselves, such as waitress, do not
speak TLS and would need another program in front. So Granian stays, and this layer runs in its event loop, where a
request that is still arriving costs its own bytes and no thread.

What is promised: a body is never silent for longer than ``grace`` and arrives at ``least_rate`` on average; what is
held in memory is bounded; when there is too much, the network that holds most gives way with what it has held longest;
a request that did not arrive whole is never answered as if it had; ``/healthz`` has a thread of its own.
"""

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from screening import attempts
from screening.web import headers, refusals
from screening.web.access import TABLET_BODY
from screening.web.gateway import Answer, Application, Crowded, Gateway, Scope

log = logging.getLogger("screening")

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
HEALTH = "/healthz"
RETRY_SECONDS = b"5"
network_of = lru_cache(maxsize=4096)(attempts.network)


@dataclass(frozen=True)
class Limits:
    """How long and how much is waited for. Times in seconds, sizes in bytes."""

    grace: float = 25.0  # a little longer than a tablet itself waits for an answer
    least_rate: int = 1000  # of a mobile net at its worst
    most: int = TABLET_BODY  # more than this no path takes; the application says so itself
    held: int = 64 * 1024 * 1024  # of all unfinished and waiting requests together
    each: int = 64  # bodies of one network arriving at once; a town hall may stand behind one address
    bodies: int = 1024  # of all networks
    waiting: int = 1000  # whole requests of one network that wait for their answer
    threads: int = 6


class Stopped(Exception):
    """A request will not arrive whole. ``status`` is the answer."""

    def __init__(self, status: int):
        super().__init__(status)
        self.status = status


@dataclass(eq=False)
class Parcel:
    """A body on its way in, or whole and not yet answered."""

    network: str
    since: float
    body: bytearray = field(default_factory=bytearray)
    size: int = 0  # stays when the body has been handed on: it is still in memory
    limit: asyncio.Timeout | None = None  # while it is on its way
    displaced: bool = False


class Reception:
    """An ASGI application before a WSGI application. ``proxies``: how many stand in front and tell who is behind."""

    def __init__(self, application: Application, proxies: int = 0, limits: Limits | None = None):
        self.limits = limits or Limits()
        self.proxies = proxies
        self.gateway = Gateway(application, self.limits.threads, self.limits.waiting)
        self.aside = Gateway(application, 1, self.limits.waiting)
        self.parcels: dict[Parcel, None] = {}  # in the order in which they came
        self.held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        network = network_of(self.address(scope))
        parcel = Parcel(network, asyncio.get_running_loop().time())
        try:
            length = await self.received(parcel, scope, receive)
            answer = await self.answered(parcel, scope, length)
        except Stopped as stopped:
            answer = refusal(stopped.status, scope)
        finally:
            self.release(parcel)
        await say(send, answer)

    def address(self, scope: Scope) -> str:
        """Who asks: the connection's other end, or whom the declared proxies name (X-Forwarded-For)."""
        own = (scope.get("client") or ("",))[0]
        if not self.proxies:
            return own
        named = ",".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for")
        told = named.split(",")
        return told[-self.proxies].strip() if len(told) >= self.proxies else own

    # ── taking in ──

    async def received(self, parcel: Parcel, scope: Scope, receive: Receive) -> int:
        """Take in a body; gives its length, or the announced one, unread, when that is too much. Raises Stopped."""
        announced = announced_length(scope)
        if announced is not None and (announced == 0 or announced > self.limits.most):
            return announced
        self.enter(parcel)
        try:
            async with asyncio.timeout(self.limits.grace) as parcel.limit:
                await self.collect(parcel, receive)
        except TimeoutError:
            raise Stopped(503 if parcel.displaced else 408) from None
        finally:
            parcel.limit = None
        if announced is not None and parcel.size != announced:
            raise Stopped(400)
        return parcel.size

    async def collect(self, parcel: Parcel, receive: Receive) -> None:
        """Piece after piece until the last, or until it is more than any path takes."""
        clock = asyncio.get_running_loop().time
        while True:
            message = await receive()
            if message["type"] != "http.request":
                raise Stopped(400)  # gone, or has only closed its own side and still listens
            piece = message.get("body", b"")
            parcel.body += piece  # not a list: many tiny pieces would cost more than their bytes
            parcel.size += len(piece)
            self.held += len(piece)
            self.relieve()
            if parcel.displaced:
                raise Stopped(503)
            if not message.get("more_body") or parcel.size > self.limits.most:
                return
            if piece:
                parcel.limit.reschedule(min(clock() + self.limits.grace, self.deadline(parcel)))

    def deadline(self, parcel: Parcel) -> float:
        """Until when the next piece must be here, for the average to be fast enough."""
        return parcel.since + self.limits.grace + parcel.size / self.limits.least_rate

    # ── who gives way ──

    def enter(self, parcel: Parcel) -> None:
        """Begin to take in. Where too many are on their way, the one that has been longest gives way."""
        arriving = [one for one in self.parcels if one.limit and not one.displaced]
        own = [one for one in arriving if one.network == parcel.network]
        if len(own) >= self.limits.each:
            displace(own[0])
        elif len(arriving) >= self.limits.bodies:
            displace(oldest_of_most(arriving, lambda one: 1))
        self.parcels[parcel] = None

    def relieve(self) -> None:
        """When too much is held: the network that holds most gives way, with what it has held longest."""
        if self.held <= self.limits.held:
            return
        arriving = [one for one in self.parcels if one.limit and not one.displaced]
        if arriving:
            displace(oldest_of_most(arriving, lambda one: one.size))

    def release(self, parcel: Parcel) -> None:
        """Forget what was held of a request."""
        if parcel in self.parcels:
            del self.parcels[parcel]
            self.held -= parcel.size

    # ── answering ──

    async def answered(self, parcel: Parcel, scope: Scope, length: int) -> Answer:
        """The application's answer, or the last words when it has none."""
        gateway = self.aside if scope["path"] == HEALTH else self.gateway
        body = b"" if length > self.limits.most else bytes(parcel.body)
        parcel.body.clear()
        try:
            return await gateway.answer(parcel.network, scope, body, length)
        except Crowded:
            return refusal(503, scope)
        except Exception as error:
            log.error("%s at %s", type(error).__name__, refusals.place(error.__traceback__))
            return refusal(500, scope)


def announced_length(scope: Scope) -> int | None:
    """The length that a request names, 0 for a request without a body, None for a body of unknown length."""
    named = {name: value for name, value in scope["headers"] if name in (b"content-length", b"transfer-encoding")}
    if b"transfer-encoding" in named or scope["http_version"].startswith("2"):
        return None
    text = named.get(b"content-length", b"0")
    return int(text) if text.isdigit() else None


def displace(parcel: Parcel) -> None:
    """End the waiting for a request."""
    parcel.displaced = True
    if parcel.limit:
        parcel.limit.reschedule(asyncio.get_running_loop().time())


def oldest_of_most(arriving: list[Parcel], weight: Callable[[Parcel], int]) -> Parcel:
    """Of the network whose requests weigh most together, the one that came first."""
    weights: defaultdict[str, int] = defaultdict(int)
    for one in arriving:
        weights[one.network] += weight(one)
    most = max(weights, key=lambda network: weights[network])
    return next(one for one in arriving if one.network == most)


def refusal(status: int, scope: Scope) -> Answer:
    """What is said without the application; the connection ends with it, because the rest of a body may follow."""
    title, danish, english = refusals.WITHOUT_APPLICATION[status]
    as_json = scope["path"].startswith("/visit/")
    text = json.dumps({"error": danish}) if as_json else refusals.last_words(title, danish, english)
    fixed = headers.fixed("application/json" if as_json else "text/html; charset=utf-8", scope.get("scheme") == "https")
    more = {"connection": "close", "content-length": str(len(text.encode()))}
    named = [(name.lower().encode(), value.encode()) for name, value in (fixed | more).items()]
    if status == 503:
        named.append((b"retry-after", RETRY_SECONDS))
    return Answer(status, named, text.encode())


async def say(send: Send, answer: Answer) -> None:
    """Send an answer in one piece."""
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    await send({"type": "http.response.body", "body": answer.body})
