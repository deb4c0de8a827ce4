"""One running application: store, municipality, instruments, pages; refuses to start half configured."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, jsonify, request
from flask.sessions import SecureCookieSessionInterface
from werkzeug.middleware.proxy_fix import ProxyFix

from screening import instance, instrument
from screening import municipality as municipalities
from screening.config import NotConfigured, Settings, cookie_secret
from screening.demo import municipality as demo
from screening.passwords import Cost
from screening.web import access, account, admin, current, files, headers, language, lead, refusals, visitor

HALF = "the instance folder {folder} does not exist; screening migrate makes it"


class FormCookie(SecureCookieSessionInterface):
    """The signed cookie that holds a form token and, before signing in, a choice of language. Nothing else."""

    digest_method = staticmethod(hashlib.sha256)

    def get_cookie_name(self, app: Flask) -> str:
        return current.cookie_name("form")

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure


def build(settings: Settings, clock: Callable[[], datetime] | None = None, cost: Cost | None = None) -> Flask:
    """See ``screening.create_app``."""
    if not settings.instance.is_dir():
        raise NotConfigured(HALF.format(folder=settings.instance))
    app = Flask("screening", static_folder=None, template_folder=str(current.folder("templates")))
    configure(app, settings)
    if settings.demo and cost is None:
        cost = demo.CHEAP  # an unknown name costs what an invented person's does
    given: dict[str, Any] = {"clock": clock, "cost": cost}
    current.keep(app, service(settings, {name: value for name, value in given.items() if value is not None}))
    for part in (headers, access, refusals, language):
        part.install(app)
    for blueprint in (files.pages, account.pages, visitor.pages, lead.pages, admin.pages):
        app.register_blueprint(blueprint)
    app.add_url_rule("/healthz", "healthz", healthz)
    app.context_processor(words_of_every_page)
    access.refuse_unclassified(app)
    return app


def configure(app: Flask, settings: Settings) -> None:
    """Flask's own settings, and who may be believed about where a request comes from."""
    app.secret_key = cookie_secret(settings)
    app.session_interface = FormCookie()
    app.config.update(
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_PATH="/",
        MAX_CONTENT_LENGTH=access.TABLET_BODY,
        MAX_FORM_MEMORY_SIZE=access.BODY,
        MAX_FORM_PARTS=200,
        PROVIDE_AUTOMATIC_OPTIONS=False,
        WTF_CSRF_CHECK_DEFAULT=False,  # the guard checks, after it knows that the request may be ours
        WTF_CSRF_TIME_LIMIT=None,  # as long as the sign-in
    )
    if settings.origin:  # a name that is not ours is somebody's who points it at us
        app.config["TRUSTED_HOSTS"] = [urlsplit(settings.origin).hostname, "localhost", "127.0.0.1"]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if settings.proxies:
        count = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]


def service(settings: Settings, given: dict[str, Any]) -> current.Service:
    """Open what the application stands on. The store's files exist before any process is forked."""
    instruments = {version: instrument.load(version) for version in instrument.versions()}
    place = municipalities.load(settings.municipality_path)
    place = municipalities.invented(place) if settings.demo else place
    store = instance.opened(settings)
    return current.Service(settings, place, store, instruments, current.release_hash(), **given)


@access.audience("public")
def healthz() -> Any:
    return jsonify(status="ok", release=current.release())


def idle_minutes() -> int:
    """After how many quiet minutes a page is blanked; 0 where nobody is signed in, or where nothing is quiet."""
    person = current.person()
    return current.settings().idle_minutes if person and person["role"] != "visitor" else 0


def words_of_every_page() -> dict[str, Any]:
    """What every template may ask for."""
    return {
        "language": language.language(),
        "person": current.person(),
        "municipality": current.municipality(),
        "demo": current.settings().demo,
        "now": current.now(),
        "idle_minutes": idle_minutes(),
        "role_word": language.role_word,
    }
