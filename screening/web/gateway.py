"""The gateway gives a request that was received whole to the application, in one of a few threads.

The application is a WSGI application: it answers in a thread. Threads are shared out so that no network has all of
them, whatever it sends. Because the request is whole and the answer is not streamed, one step to a thread and one step
back are enough; the ready-made adapter ``a2wsgi`` needs four and joins repeated cookies with a comma.
"""

import asyncio
import io
import sys
from collections.abc import Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

Scope = MutableMapping[str, Any]
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
# Said by the reception itself: what it counted, not what was announced.
COUNTED = {b"content-length", b"transfer-encoding"}


class Crowded(Exception):
    """A network has too many requests waiting for a thread."""


@dataclass
class Answer:
    """An HTTP answer in one piece; names of headers in small letters."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


@dataclass
class Lane:
    """What one network has in hand: how many requests, and its share of the threads."""

    share: asyncio.Semaphore
    requests: int = field(default=0)


class Gateway:
    """``threads`` threads, of which a network has all but one at most. ``waiting``: requests of a network at once."""

    def __init__(self, application: Application, threads: int, waiting: int):
        self.application = application
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix="answering")
        self.free = asyncio.Semaphore(threads)
        self.share = max(1, threads - 1)
        self.waiting = waiting
        self.lanes: dict[str, Lane] = {}

    async def answer(self, network: str, scope: Scope, body: bytes, length: int) -> Answer:
        """The application's answer to a request of ``length`` bytes. Raises Crowded, and whatever the application does.

        ``body`` is empty when ``length`` is more than anybody may send: the application refuses it unread.
        """
        lane = self.lanes.setdefault(network, Lane(asyncio.Semaphore(self.share)))
        if lane.requests >= self.waiting:
            raise Crowded
        lane.requests += 1
        try:
            # First a network's own share: it stands in the common line no oftener than it may have threads.
            async with lane.share, self.free:
                return await asyncio.get_running_loop().run_in_executor(self.pool, self.call, scope, body, length)
        finally:
            lane.requests -= 1
            if not lane.requests:
                self.lanes.pop(network, None)

    def call(self, scope: Scope, body: bytes, length: int) -> Answer:
        """Run the application in this thread."""
        started: list[Any] = []
        written: list[bytes] = []

        def start_response(status: str, headers: list[tuple[str, str]], _failed: Any = None) -> Callable[[bytes], None]:
            started[:] = [status, headers]
            return written.append

        chunks = self.application(environ(scope, body, length), start_response)
        try:
            written.extend(chunks)
        finally:
            getattr(chunks, "close", lambda: None)()
        status, headers = started
        named = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        return Answer(int(status.split(" ", 1)[0]), named, b"".join(written))


def environ(scope: Scope, body: bytes, length: int) -> dict[str, Any]:
    """What a WSGI application is given (PEP 3333)."""
    host, port = scope.get("server") or ("localhost", 80)
    path = unquote_to_bytes(scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
    made: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": (scope.get("client") or ("",))[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    } | headers_of(scope)
    if length:
        made["CONTENT_LENGTH"] = str(length)
    return made


def headers_of(scope: Scope) -> dict[str, str]:
    """The request's headers as WSGI names them. A name with an underscore could pass for another: it is left out."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        if name in COUNTED or b"_" in name:
            continue
        key = name.decode("latin-1").upper().replace("-", "_")
        key, text = key if key == "CONTENT_TYPE" else f"HTTP_{key}", value.decode("latin-1")
        glue = "; " if name == b"cookie" else ","
        found[key] = f"{found[key]}{glue}{text}" if key in found else text
    return found
