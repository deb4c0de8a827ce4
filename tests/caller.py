"""A visitor without a browser: signs in over HTTP, makes a tablet ready and sends sealed visits."""

import base64
import http.client
import json
import re
from typing import Any
from urllib.parse import urlencode

from screening.demo.tablet import Tablet
from tests.browser.demo import Demo

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Caller:
    """One connection that keeps cookies. Answers are (status, headers, body)."""

    def __init__(self, demo: Demo):
        self.demo = demo
        self.line = http.client.HTTPConnection("localhost", demo.port, timeout=60)
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> tuple:
        """Send one request as a page of ours would."""
        known = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} if self.cookies else {}
        sent = {"Origin": self.demo.url, "Referer": self.demo.url + "/"} | known | (headers or {})
        self.line.request(method, path, body or None, sent)
        answer = self.line.getresponse()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, rest = line.partition("=")
            self.cookies[name] = rest.split(";")[0]
        return answer.status, answer.headers, answer.read()

    def form(self, path: str, to: str | None = None, **fields: str) -> tuple:
        """Fill in the form on a page and send it, its token included; ``to`` where it leads elsewhere."""
        token = TOKEN.search(self.ask("GET", path)[2].decode())
        assert token, f"no form token on {path}"
        body = urlencode({"csrf_token": token.group(1), **fields}).encode()
        return self.ask("POST", to or path, body, {"Content-Type": "application/x-www-form-urlencoded"})

    def sign_in(self, username: str) -> dict[str, Any]:
        """Password and one-time code; gives what the server says about who is signed in."""
        person = self.demo.people[username]
        assert self.form("/account/sign-in", username=username, password=person["password"])[0] == 303
        assert self.form("/account/code", code=self.demo.code(username))[0] == 303
        return json.loads(self.ask("GET", "/visit/who")[2])

    def enrol(self, username: str) -> Tablet:
        """A tablet made ready for this visitor."""
        who = self.sign_in(username)
        tablet = Tablet()
        headers = {"Content-Type": "application/json", "X-CSRFToken": who["csrf"]}
        status, _, body = self.ask(
            "POST", "/visit/enrol", json.dumps(tablet.request(who["person"]["id"])).encode(), headers
        )
        assert status == 200, body
        tablet.enrolled(json.loads(body))
        return tablet

    def send(self, tablet: Tablet, envelopes: list[bytes]) -> list[dict[str, str]]:
        """Bring envelopes; gives the outcomes."""
        texts = [base64.b64encode(one).decode() for one in envelopes]
        body = json.dumps({"envelopes": texts}).encode()
        status, _, answer = self.ask("POST", "/visit/outbox", body, tablet.headers("/visit/outbox", body))
        assert status == 200, answer
        return json.loads(answer)["results"]
