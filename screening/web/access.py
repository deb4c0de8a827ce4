"""Who may go where. Every view names its audience; what names none is not served, and the start is refused.

The table below is all there is: an audience and the roles it lets in. The guard runs before every view.
"""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, current_app, redirect, request, url_for
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import RequestEntityTooLarge

from screening.config import NotConfigured
from screening.errors import NotAllowed, Refused
from screening.web import current, typed

EVERYBODY = frozenset({"visitor", "lead", "coordinator", "admin"})
# audience -> the roles it lets in; None: nobody needs to be signed in.
AUDIENCES: dict[str, frozenset[str] | None] = {
    "public": None,
    "tablet": None,  # shows its transport key instead; takes no cookie, so no form token either
    "anyone": EVERYBODY,
    "visitor": frozenset({"visitor"}),
    "lead": frozenset({"lead"}),
    "admin": frozenset({"admin"}),
}
HOMES = {"visitor": "/visit", "lead": "/lead/", "coordinator": "/account/", "admin": "/admin/"}
# What a request may carry: forms are small, a tablet brings at most 2 MiB of envelopes in base64.
BODY = 64 * 1024
TABLET_BODY = 3 * 1024 * 1024
SAFE = ("GET", "HEAD")
# What is open to somebody who has not chosen a password of her own yet.
BEFORE_OWN_PASSWORD = ("account.password", "account.sign_out")

View = TypeVar("View", bound=Callable[..., Any])
csrf = CSRFProtect()


class SignInFirst(Refused):
    """Nobody is signed in; a page leads to signing in, everything else gets this."""

    status = 401


def audience(name: str) -> Callable[[View], View]:
    """Say whom a view is for. Stands nearest to the function, below the route."""
    if name not in AUDIENCES:
        raise ValueError(f"{name} is not an audience")

    def mark(view: View) -> View:
        view.audience = name  # type: ignore[attr-defined]
        return view

    return mark


def audience_of(app: Flask, endpoint: str | None) -> str | None:
    return getattr(app.view_functions.get(endpoint or ""), "audience", None)


def install(app: Flask) -> None:
    """Put the guard before every view."""
    csrf.init_app(app)
    app.before_request(guard)


def refuse_unclassified(app: Flask) -> None:
    """Raise NotConfigured when a route names no audience."""
    for rule in app.url_map.iter_rules():
        if audience_of(app, rule.endpoint) is None:
            raise NotConfigured(f"the route {rule.rule} names no audience; see screening/web/access.py")


def guard() -> Any:
    """Refuse what must not reach a view; None lets it through."""
    refuse_foreign()
    if request.url_rule is None:  # no such page or method: the router has its own answer
        return None
    name = audience_of(current_app, request.endpoint)
    if name is None:
        raise NotAllowed("Siden er ikke åben for nogen. Gå til forsiden.")
    limit_body(TABLET_BODY if name == "tablet" else BODY)
    if name == "tablet":
        return None
    roles = AUDIENCES[name]
    if roles is not None:
        refuse_odd_fetch()
        if current.person() is None:
            return sign_in_first()
        if current.person()["role"] not in roles:
            raise NotAllowed("Siden er ikke for din rolle. Gå til din egen forside.")
        if current.person()["first_until"] and request.endpoint not in BEFORE_OWN_PASSWORD:
            return password_first()
    csrf.protect()
    return None


def refuse_foreign() -> None:
    """Nothing that a page from elsewhere sends is taken, whoever is signed in."""
    origin = request.headers.get("Origin")
    if origin is not None and origin != own_origin():
        raise NotAllowed("Forespørgslen kom fra en anden side. Åbn Besøg selv, og prøv igen.")
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    if request.method not in SAFE and site != "same-origin":
        raise NotAllowed("Forespørgslen kom fra en anden side. Åbn Besøg selv, og prøv igen.")


def refuse_odd_fetch() -> None:
    """What is behind a sign-in is opened as a page or fetched by our own, never embedded or loaded as a script."""
    headers = request.headers
    ours = headers.get("Sec-Fetch-Site", "same-origin") in ("same-origin", "none")
    page = headers.get("Sec-Fetch-Mode") == "navigate" and headers.get("Sec-Fetch-Dest") == "document"
    if not (ours or page) or headers.get("Sec-Fetch-Dest", "") not in ("", "document", "empty"):
        raise NotAllowed("Siden kan kun åbnes for sig selv. Åbn den i et vindue.")


def own_origin() -> str:
    """The address people use: the configured one, else the one this request names."""
    configured = current.settings().origin.rstrip("/")
    return configured or f"{request.scheme}://{request.host}"


def limit_body(most: int) -> None:
    request.max_content_length = most
    if (request.content_length or 0) > most:
        raise RequestEntityTooLarge()


def sign_in_first() -> Any:
    """A page leads to signing in and back; anything else is told so."""
    if kept := typed.rescued():
        return kept
    if wants_json() or request.method not in SAFE:
        raise SignInFirst("Du er logget ud. Log ind, og prøv igen.")
    wanted = request.full_path.rstrip("?")
    return redirect(url_for("account.sign_in", next=None if wanted == "/" else wanted), 303)


def password_first() -> Any:
    """Somebody else has seen her password: before anything else she chooses her own."""
    if wants_json() or request.method not in SAFE:
        raise NotAllowed("Vælg først din egen adgangskode. Log ind på Besøgs forside, og vælg den der.")
    return redirect(url_for("account.password"), 303)


def wants_json() -> bool:
    """Whether the answer is read by a program: the tablet's own requests, and whoever asks for JSON."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html")
    return request.path.startswith("/visit/") or best == "application/json"


def home(role: str) -> str:
    """Where a role begins."""
    return HOMES[role]


def own_path(wanted: str | None) -> str | None:
    """A path of our own to go back to, or None for anything else."""
    if not wanted or not wanted.startswith("/") or wanted.startswith(("//", "/\\")) or "\\" in wanted:
        return None
    parts = urlsplit(wanted)
    return wanted if not parts.scheme and not parts.netloc and wanted.isprintable() else None
