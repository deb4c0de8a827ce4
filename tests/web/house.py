"""The house rules: what every page and every answer must be, whichever test fetches it."""

import json
import re
from collections import Counter
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from screening.web.headers import ALWAYS, DATA_POLICY

EMPTY = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
UNLABELLED = {"hidden", "submit", "button"}
# What a person signs in with: the only fields that a browser may keep or fill in.
FILLED_IN = {"username", "current-password", "new-password", "one-time-code"}
CONTROL = re.compile(r"<(?:form|input|select|textarea)\b[^>]*>")


class Page(HTMLParser):
    """What the rules need to know of a page. What stands in a <template> is not on it."""

    def __init__(self, text: str):
        super().__init__()
        self.open: list[tuple[str, dict[str, str | None]]] = []
        self.elements: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.labels: set[str | None] = set()
        self.forms: list[dict[str, Any]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found, inside = dict(attributes), [name for name, _ in self.open]
        if "template" not in inside:
            self.elements.append((tag, found, inside))
            if tag == "label":
                self.labels.add(found.get("for"))
            if tag == "form":
                self.forms.append(found | {"fields": {}})
            if self.forms and "form" in inside and found.get("name"):
                fields = self.forms[-1]["fields"]
                fields.setdefault(found["name"], []).append(found.get("value"))
        if tag not in EMPTY:
            self.open.append((tag, found))

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)
        if tag not in EMPTY:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1][0] == tag, f"</{tag}> closes {self.open[-1:]}"
        self.open.pop()

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [found for name, found, _ in self.elements if name == tag]


def check_page(answer: TestResponse) -> None:
    """Title, one h1, labels, a token in every form, nothing inline, no id twice."""
    text = answer.get_data(as_text=True)
    page = Page(text)
    where = f"{answer.request.method} {answer.request.path} ({answer.status_code})"
    check_nothing_is_kept(text, where)
    assert not page.open, f"{where}: {page.open} never closes"
    assert text.count("<title>") == 1 and "<title></title>" not in text and "<title> –" not in text, f"{where}: title"
    assert page.named("html")[0].get("lang") in ("da", "en"), f"{where}: language"
    ids = Counter(found["id"] for _, found, _ in page.elements if found.get("id"))
    assert not [name for name, count in ids.items() if count > 1], f"{where}: an id stands twice: {ids.most_common(2)}"
    for tag, found, inside in page.elements:
        assert "style" not in found and tag != "style", f"{where}: style stands inline in <{tag}>"
        assert not [name for name in found if name.startswith("on")], f"{where}: script stands inline in <{tag}>"
        assert tag != "script" or found.get("src"), f"{where}: script stands inline"
        if tag in ("input", "select", "textarea") and found.get("type") not in UNLABELLED:
            named = found.get("id") in page.labels or found.get("aria-label") or "label" in inside
            assert named or found.get("aria-labelledby"), f"{where}: {found} has no label"
        if tag == "img":
            assert "alt" in found, f"{where}: a picture without words"
        for name in ("href", "src", "action"):
            value = found.get(name) or "/"
            assert value.startswith(("/", "#", "tel:", "?")), f"{where}: {value} is not ours"
        for name in ("for", "aria-describedby", "aria-labelledby", "aria-controls"):
            for id in (found.get(name) or "").split():
                assert id in ids, f"{where}: {name}={id} points at nothing"
    for form in page.forms:
        assert form.get("method") != "post" or "csrf_token" in form["fields"], f"{where}: a form without a token"
    if page.named("link") and "manifest" not in text:
        assert len(page.named("h1")) == 1, f"{where}: {len(page.named('h1'))} h1"


def check_nothing_is_kept(text: str, where: str) -> None:
    """No control, in a <template> neither, whose state the browser writes down; no service reads what is typed."""
    for tag in CONTROL.findall(text):
        found = Page(tag).elements[0][1]
        allowed = FILLED_IN if tag.startswith("<input") else set()
        signs_in = tag.startswith("<form") and (found.get("action") or "").startswith("/account/")
        assert signs_in or found.get("autocomplete") in {"off"} | allowed, f"{where}: the browser keeps {tag}"
    [root] = re.findall(r"<html[^>]*>", text)
    for said in ('translate="no"', 'spellcheck="false"', 'writingsuggestions="false"', "notranslate"):
        assert said in root, f"{where}: {said} is missing at the root"


def check_answer(answer: TestResponse, *, public: bool) -> None:
    """Headers on everything, no trace in anything, and nothing personal kept by anybody."""
    where = f"{answer.request.method} {answer.request.path} ({answer.status_code})"
    assert answer.status_code < 500, where
    check_headers(answer)
    if not public or answer.status_code >= 400:
        assert answer.headers["Cache-Control"] == "no-store", where
    assert b"Traceback" not in answer.data, where
    if answer.mimetype == "text/html" and answer.data and not 300 <= answer.status_code < 400:
        check_page(answer)
    if answer.mimetype == "application/json" and answer.data and "Content-Encoding" not in answer.headers:
        json.loads(answer.data)


def check_headers(answer: TestResponse) -> None:
    where = f"{answer.request.method} {answer.request.path} ({answer.status_code})"
    data = {"Content-Security-Policy": DATA_POLICY} if answer.mimetype == "application/json" else {}
    for name, value in (ALWAYS | data).items():
        assert answer.headers.getlist(name) == [value], f"{where}: {name}"
    assert "Cache-Control" in answer.headers, where
    assert "Access-Control-Allow-Origin" not in answer.headers, where
    assert ("Strict-Transport-Security" in answer.headers) == (answer.request.scheme == "https"), where
    for cookie in answer.headers.getlist("Set-Cookie"):
        assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie, f"{where}: {cookie[:20]}"
        assert "Domain" not in cookie, where
        if answer.request.scheme == "https":
            # The one that is for the account pages only cannot have the prefix that wants it on every path.
            assert cookie.startswith(("__Host-", "__Secure-known=")), f"{where}: {cookie[:20]}"
            assert "; Secure" in cookie, f"{where}: {cookie[:20]}"


class HouseClient(FlaskClient):
    """A browser that checks the house rules on everything it is given."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        answer = super().open(*args, **options)
        endpoint = self.application.url_map.bind("localhost")
        public = audience_at(self.application, endpoint, answer.request.path, answer.request.method) == "public"
        check_answer(answer, public=public)
        return answer

    def token(self, path: str = "/account/sign-in") -> str:
        """The form token of a page."""
        page = Page(self.get(path).get_data(as_text=True))
        return next(form["fields"]["csrf_token"][0] for form in page.forms if "csrf_token" in form["fields"])

    def send(self, path: str, page: str | None = None, **fields: Any) -> TestResponse:
        """Post a form with the token of ``page``, or of the page itself."""
        return self.post(path, data={"csrf_token": self.token(page or path), **fields})


def audience_at(app: Any, urls: Any, path: str, method: str) -> str | None:
    """Whom a path is for."""
    from werkzeug.exceptions import HTTPException
    from werkzeug.routing import RequestRedirect

    from screening.web.access import audience_of

    try:
        return audience_of(app, urls.match(path, method=method)[0])
    except (RequestRedirect, HTTPException):
        return None
