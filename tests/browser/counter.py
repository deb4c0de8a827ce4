"""Counts what a browser fetches: a server between it and the demo that writes down each address and its length."""

import threading
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.browser.demo import Demo, free_port

PASSED_ON = ("Accept", "Accept-Encoding", "Cookie", "Referer", "Service-Worker")


class Counter(ThreadingHTTPServer):
    """Stands between browser and demo and writes down each address with the length of its answer as it was sent."""

    def __init__(self, demo: Demo):
        self.demo, self.seen = demo, {}
        super().__init__(("127.0.0.1", free_port()), Passing)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://localhost:{self.server_port}"


class Passing(BaseHTTPRequestHandler):
    """Hands a GET on to the demo."""

    def do_GET(self) -> None:
        line = HTTPConnection("localhost", self.server.demo.port, timeout=30)
        line.request("GET", self.path, headers={name: self.headers[name] for name in PASSED_ON if name in self.headers})
        answer = line.getresponse()
        body = answer.read()
        head = [
            (name, value)
            for name, value in answer.getheaders()
            if name.lower() not in ("connection", "transfer-encoding")
        ]
        self.server.seen[self.path] = max(len(body), self.server.seen.get(self.path, 0))
        self.send_response_only(answer.status)
        for name, value in head:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        line.close()

    def log_message(self, *_: object) -> None:
        """Quiet."""
