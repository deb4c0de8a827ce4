"""The files a browser fetches: style, scripts, fonts, icons. Read once, and again when they have changed."""

import hashlib
import mimetypes
import re
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
    """A file as it travels: our own scripts and styles without what is for whoever reads the source.

    Comments, indentation and empty lines are a tenth of what a tablet has to load before it can work without a
    connection. Every other character stays as it is, line by line; what others wrote travels byte for byte.
    """
    body = path.read_bytes()
    return stripped(body, path.suffix) if path.suffix in FOR_READERS and "vendor" not in path.parts else body


# Of a script: whole lines, what follows the end of a piece of code, and what stands before a line. No text in one looks
# like that; a test watches.
FOR_READERS = {
    ".js": re.compile(
        rb"^[ \t]*(?://[^\n]*|/\*\*(?:[^*]|\*(?!/))*\*/[ \t]*)$|(?<=[;,{})\]]) // [^\n]*$|^[ \t]+", re.MULTILINE
    ),
    ".css": re.compile(rb"/\*(?:[^*]|\*(?!/))*\*/|^[ \t]+", re.MULTILINE),
}


def stripped(body: bytes, suffix: str) -> bytes:
    """A script or a style without its comments and empty lines, and each line at the margin."""
    return re.sub(rb"\n{2,}", b"\n", FOR_READERS[suffix].sub(b"", body)).lstrip(b"\n")
