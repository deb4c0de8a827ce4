"""The tablet's side of the server: the app itself, and what it sends and asks.

The app is the same for everybody. What it sends is known by the tablet's own key, without a cookie. Making a
tablet ready needs somebody who is signed in; fetching families needs both: her, and a tablet of hers.
"""

import base64
import binascii
import hashlib
import json
from typing import Any

from flask import Blueprint, Response, current_app, redirect, request
from flask_wtf.csrf import generate_csrf

from screening import calendar_days, families, sync, tablets
from screening.errors import NotAnswerable, NotFound, TooLarge
from screening.web import current, shell
from screening.web.access import audience

pages = Blueprint("visitor", __name__)

ABOUT = ("id", "username", "name", "initials", "role", "language")
DEEPEST = 20
UNREADABLE = "Det, der blev sendt, kan ikke læses. Prøv igen; det, der venter på tabletten, bliver liggende."
MANIFEST = {
    "id": "/visit",
    "name": "Besøg",
    "short_name": "Besøg",
    "lang": "da",
    "start_url": "/visit",
    "scope": "/",
    "display": "standalone",
    "background_color": "#F2F5F5",
    "theme_color": "#17526A",
    "icons": [
        {"src": "/static/icons/besog.svg", "type": "image/svg+xml", "sizes": "any"},
        {"src": "/static/icons/besog-192.png", "type": "image/png", "sizes": "192x192"},
        {"src": "/static/icons/besog-512.png", "type": "image/png", "sizes": "512x512", "purpose": "any maskable"},
    ],
}


# ── the app itself: nothing in it is anybody's ──


@pages.get("/visit")
@audience("public")
def visit() -> Response:
    """The one page."""
    return public(shell.shell().page, "text/html")


@pages.get("/visit/")
@audience("public")
def visit_again() -> Any:
    """The same with a stroke too many."""
    return redirect("/visit", 308)


@pages.get("/visit/instrument/<version>.json")
@audience("public")
def instrument(version: str) -> Response:
    """The published questions, rules and actions of a version."""
    bundle = shell.shell().instruments.get(version)
    if bundle is None:
        raise NotFound("Den udgave af spørgsmålene findes ikke. Opdatér appen, når der er net.")
    return public(bundle, "application/json")


@pages.get(shell.PACK)
@audience("public")
def shell_pack() -> Response:
    """Most of the app in one piece. As text: each file in it is kept with this answer's headers, the page's policy."""
    return public(shell.shell().pack, "text/plain")


@pages.get("/sw.js")
@audience("public")
def service_worker() -> Response:
    """What makes the app start without a connection."""
    return public(shell.shell().worker, "text/javascript")


@pages.get("/manifest.webmanifest")
@audience("public")
def manifest() -> Response:
    """The app's neutral name and icon on the tablet's own screen."""
    return public(shell.compact(MANIFEST), "application/manifest+json")


def public(body: bytes, mimetype: str) -> Response:
    """What every browser may keep, and asks about each time it uses it."""
    answer = Response(body, mimetype=mimetype)
    answer.headers["Cache-Control"] = "no-cache"
    answer.set_etag(hashlib.sha256(body).hexdigest()[:32])
    return answer.make_conditional(request)


# ── who is signed in ──


@pages.get("/visit/who")
@audience("public")
def who() -> Response:
    """Whether somebody is signed in, and what the app shows about this place."""
    person, settings = current.person(), current.settings()
    if person and person["first_until"]:
        person = None  # signing in leads her to choosing her own password
    return private(
        {
            "signed_in": person is not None,
            "municipality": current.municipality().name,
            "demo": settings.demo,
            "release": current.release(),
            "csrf": generate_csrf() if person else None,
            "activation": not settings.demo,
            "person": {name: person[name] for name in ABOUT} if person else None,
        }
    )


@pages.post("/visit/enrol")
@audience("visitor")
def enrol() -> Response:
    """Make this tablet ready for who is signed in."""
    asked = body_object()
    activation = asked.pop("activation", None)
    settings = current.settings()
    answer = tablets.enrol(
        current.store(), current.person(), asked, current.now(), activation, need_activation=not settings.demo
    )
    return private(answer | {"municipality": current.municipality().name})


@pages.get("/visit/caseload")
@audience("visitor")
def caseload() -> Response:
    """What changed for the visitor's families since the cursor; ``whole`` when it is everything there is."""
    store, person, now = current.store(), current.person(), current.now()
    tablets.of_person(store, person, request.headers, "GET", address(), now)
    config = current.municipality().for_visitor(person, calendar_days.day(now))
    life = tablets.epoch(store)[:8]
    digest = hashlib.sha256(shell.compact(config)).hexdigest()[:8]
    after, had, lived = cursor(request.args.get("after", ""))
    # A cursor of another life of the server counts something else.
    after = after if lived == life else None
    answer = families.caseload(store, person, after, now)
    seq = answer["cursor"]
    answer |= {"cursor": f"{seq}.{digest}.{life}", "person": person["id"]}
    if after is None or after > seq:
        answer["whole"] = True
    return private(answer if had == digest else answer | {"config": config})


def address() -> str:
    """The request's path with its question, as a tablet signs it."""
    asked = request.query_string.decode("latin-1")
    return f"{request.path}?{asked}" if asked else request.path


def cursor(text: str) -> tuple[int | None, str, str]:
    """A cursor's parts: how far the families were read, which configuration the tablet has, in which life of ours."""
    if not text:
        return None, "", ""
    seq, _, rest = text.partition(".")
    if not (seq.isascii() and seq.isdigit() and len(seq) < 19):
        raise NotAnswerable(UNREADABLE)
    digest, _, life = rest.partition(".")
    return int(seq), digest, life


# ── with the tablet's own key ──


@pages.post("/visit/outbox")
@audience("tablet")
def outbox() -> Response:
    """Take in sealed visits. The receipt leaves after the commit, never before."""
    body, store, now = request.get_data(), current.store(), current.now()
    tablet = tablets.authenticated(store, request.headers, "POST", request.path, body, now)
    envelopes = [unpacked(one) for one in one_list(body, "envelopes", sync.MOST)]
    results = sync.receive(store, tablet, envelopes, now)
    current_app.extensions["judge"].set()
    return private(sync.receipt(store, "outbox", tablet, results))


@pages.post("/visit/status")
@audience("tablet")
def status() -> Response:
    """How far sent visits have come."""
    body, store, now = request.get_data(), current.store(), current.now()
    tablet = tablets.authenticated(store, request.headers, "POST", request.path, body, now)
    ids = one_list(body, "ids", sync.MOST_ASKED)
    if not all(isinstance(id, str) and len(id) <= 36 for id in ids):
        raise NotAnswerable(UNREADABLE)
    found = sync.states(store, tablet, ids)
    return private(sync.receipt(store, "status", tablet, found))


def unpacked(value: Any) -> bytes:
    """An envelope's bytes. What is no base64 becomes an envelope that cannot be read, and is refused by itself."""
    text = value if isinstance(value, str) else json.dumps(value)
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return text.encode()


def one_list(body: bytes, name: str, most: int) -> list[Any]:
    """The list that is all a request consists of. Raises NotAnswerable, TooLarge for more than ``most``."""
    value = strict(body)
    if not isinstance(value, dict) or set(value) != {name} or not isinstance(value[name], list):
        raise NotAnswerable(UNREADABLE)
    if len(value[name]) > most:
        raise TooLarge(sync.TOO_MUCH)
    return value[name]


def body_object() -> dict[str, Any]:
    """The request's JSON object. Raises NotAnswerable."""
    value = strict(request.get_data())
    if not isinstance(value, dict):
        raise NotAnswerable(UNREADABLE)
    return value


def strict(body: bytes) -> Any:
    """JSON in UTF-8 without doubled names, NaN, endless nesting or half characters (ASVS 1.5.3).

    Raises NotAnswerable.
    """
    try:
        # Given bytes, ``json.loads`` would guess at UTF-16 and UTF-32 as well.
        value = json.loads(body.decode(), object_pairs_hook=undoubled, parse_constant=no_constant)
        json.dumps(value, ensure_ascii=False).encode()  # a lone surrogate is no character and fits into no database
    except (ValueError, RecursionError) as error:
        raise NotAnswerable(UNREADABLE) from error
    if depth(value) > DEEPEST:
        raise NotAnswerable(UNREADABLE)
    return value


def undoubled(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("doubled name")
    return made


def no_constant(name: str) -> None:
    raise ValueError(name)


def depth(value: Any) -> int:
    """How deep lists and objects stand in each other."""
    deep, level = 0, [value]
    while level := [one for one in level if isinstance(one, (list, dict))]:
        deep += 1
        level = [inner for one in level for inner in (one.values() if isinstance(one, dict) else one)]
    return deep


def private(value: Any) -> Response:
    """JSON for the one who asked; nobody keeps it."""
    answer = Response(shell.compact(value), mimetype="application/json")
    answer.headers["Cache-Control"] = "no-store"
    return answer
