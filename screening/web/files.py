"""The files a browser fetches: style, scripts, fonts, icons. Read once, and again when they have changed."""

import hashlib
import mimetypes
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, request
from werkzeug.utils import safe_join

from screening.errors import NotFound
from screening.web import current
from screening.web.access import audience

TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
}

pages = Blueprint("files", __name__)


@pages.get("/static/<path:name>", endpoint="static")
@audience("public")
def static(name: str) -> Response:
    path = safe_join(str(current.folder("static")), name)
    if path is None or not Path(path).is_file():
        raise NotFound("Filen findes ikke. Gå tilbage til siden, og prøv igen.")
    return file(Path(path))


def file(path: Path) -> Response:
    """A file as an answer: checked again with the server each time, sent again only when it is another."""
    content, etag = kept(path, path.stat().st_mtime_ns)
    answer = Response(content, content_type=content_type(path))
    answer.headers["Cache-Control"] = "no-cache"
    # Weak, because the packed bytes are not the same bytes.
    answer.set_etag(etag, weak=True)
    return answer.make_conditional(request)


def content_type(path: Path) -> str:
    kind = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


@lru_cache(maxsize=256)
def kept(path: Path, _changed: int) -> tuple[bytes, str]:
    body = sent(path)
    return body, hashlib.sha256(body).hexdigest()[:32]


def sent(path: Path) -> bytes:
    """A file as it travels: our own scripts and styles minified, what others wrote byte for byte.

    What is only for whoever reads the source is a sixth of what a tablet has to load before it can work without a
    connection.
    """
    kind = MINIFIED.get(path.suffix)
    if kind is None or "vendor" in path.parts:
        return path.read_bytes()
    import minify  # not before it is needed: it brings a runtime of its own, which no fork of a process survives

    return minify.string(kind, path.read_text(encoding="utf-8")).encode()


MINIFIED = {".js": "application/javascript", ".css": "text/css"}
