"""Every header that an answer carries, in one place; and which answers are packed smaller."""

import gzip
import re
from collections.abc import Callable
from functools import lru_cache

import brotli
from flask import Flask, Response, current_app, request

from screening.web.access import audience_of

# Only our own files, nothing inline, nothing from elsewhere, no page of ours inside another.
CONTENT_SECURITY_POLICY = "; ".join([
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types visit",
])  # fmt: skip
# An answer that a program reads loads nothing. Short, because a tablet asks for news once a minute.
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
# What the product never asks a browser for. Short, because it travels with every answer.
UNUSED = ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")
ALWAYS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    # no-referrer would take the origin from our own forms and break their check.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in UNUSED),
}
TWO_YEARS = "max-age=63072000; includeSubDomains"
PACKED = {
    "text/html", "text/css", "text/javascript", "application/javascript", "application/json", "image/svg+xml",
    "application/manifest+json", "text/plain",
}  # fmt: skip
TOO_SMALL = 500
WEIGHT = re.compile(r"q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")
# Best first. Over slow connections the tablet's first load is a seventh smaller with brotli than with gzip.
SMALLER: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: brotli.compress(body, mode=brotli.MODE_TEXT),
    "gzip": lambda body: gzip.compress(body, 9, mtime=0),
}


def install(app: Flask) -> None:
    """Put the headers on every answer of an application."""
    app.after_request(complete)


def fixed(content_type: str, secure: bool) -> dict[str, str]:
    """The headers of an answer that no view made; ``secure``: it was asked for over https."""
    own = {"Content-Security-Policy": DATA_POLICY} if content_type == "application/json" else {}
    safe = {"Strict-Transport-Security": TWO_YEARS} if secure else {}
    return ALWAYS | own | safe | {"Content-Type": content_type, "Cache-Control": "no-store"}


def complete(answer: Response) -> Response:
    """Set every header. Runs after each view and each error, so nothing leaves without."""
    for name, value in ALWAYS.items():
        answer.headers[name] = value
    if answer.mimetype == "application/json":
        answer.headers["Content-Security-Policy"] = DATA_POLICY
    if request.is_secure:
        answer.headers["Strict-Transport-Security"] = TWO_YEARS
    if answer.status_code >= 400 or audience_of(current_app, request.endpoint) != "public":
        answer.headers["Cache-Control"] = "no-store"
    # Also a public page: one with a form token is nobody else's. A view that may be kept says so itself.
    answer.headers.setdefault("Cache-Control", "no-store")
    return packed(answer)


def packed(answer: Response) -> Response:
    """The same smaller, where anybody may have it: an answer with a secret is never compressed (BREACH)."""
    if answer.headers["Cache-Control"] == "no-store" or answer.mimetype not in PACKED:
        return answer
    answer.vary.add("Accept-Encoding")
    fits = answer.status_code == 200 and request.method == "GET" and not answer.is_streamed
    how = packing(request.headers.get("Accept-Encoding", ""))
    if not fits or how is None or "Content-Encoding" in answer.headers:
        return answer
    body = answer.get_data()
    if len(body) > TOO_SMALL:
        answer.set_data(smaller(body, how))
        answer.headers["Content-Encoding"] = how
    return answer


@lru_cache(maxsize=256)
def packing(accepted: str) -> str | None:
    """How an answer may be packed for a browser that says this in Accept-Encoding; None: not at all.

    RFC 9110, 12.5.3: what is not named is not wanted unless ``*`` is; what has the weight 0 is refused; what the
    browser likes better comes first, ``identity`` included.
    """
    weights = dict(weighed(one) for one in accepted.lower().split(","))
    anything = weights.get("*", 0)
    plain = weights.get("identity", 0)
    fitting = {name: weight for name in SMALLER if (weight := weights.get(name, anything)) > 0}
    best = max(fitting, key=lambda name: fitting[name], default=None)
    return best if best and fitting[best] >= plain else None


def weighed(one: str) -> tuple[str, int]:
    """A coding and its weight in thousandths. A weight that is none (RFC 9110, 12.4.2) counts as a refusal."""
    coding, parameter, weight = one.partition(";")
    if not parameter:
        return coding.strip(), 1000
    found = WEIGHT.fullmatch(weight.strip())
    return coding.strip(), round(float(found[1]) * 1000) if found else 0


@lru_cache(maxsize=256)
def smaller(body: bytes, how: str) -> bytes:
    return SMALLER[how](body)
