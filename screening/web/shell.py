"""What a tablet keeps of the app itself: one page, its files and questions, under one release hash.

The list is made from the files that are there. What is fetched carries the SHA-256 of its content, so that the
browser takes a file of another release, a cut-off one or a login page for what it is: not ours.

What the page does not load by itself while it starts travels to the service worker in one piece, the pack, because
many small files packed together are a fifth smaller, and one request is more likely to come through than thirty.
"""

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, current_app

from screening.web import current
from screening.web.files import sent

PAGE = "/visit"
PACK = "/visit/shell.txt"
# What the page loads by itself before the service worker is there; the worker finds it in the browser's cache.
STARTS_WITH = {PAGE, "/static/visitor/visitor.css"} | {
    f"/static/visitor/{name}.js"
    for name in ("app", "days", "dom", "names", "words", "vault", "screens/unlock", "update", "database")
}
TYPES = {".js": "text/javascript; charset=utf-8", ".json": "application/json"}
FOLDERS = ("visitor", "vendor", "icons")
KINDS = {".js", ".css", ".woff2", ".svg"}


@dataclass(frozen=True)
class Shell:
    """The page, the instruments as JSON by version, the pack, and the service worker with its list filled in."""

    page: bytes
    instruments: dict[str, bytes]
    pack: bytes
    worker: bytes


def shell() -> Shell:
    """The running application's shell, made when it is first asked for."""
    app: Flask = current_app
    if "shell" not in app.extensions:
        app.extensions["shell"] = made()
    return app.extensions["shell"]


def made() -> Shell:
    instruments = {version: compact(one.bundle()) for version, one in current.instruments().items()}
    page = rendered().encode()
    entries = {PAGE: page}
    entries |= {f"/static/{name}": sent(path) for name, path in files(current.folder("static")).items()}
    entries |= {f"/visit/instrument/{version}.json": body for version, body in instruments.items()}
    together = {url: body for url, body in entries.items() if url not in STARTS_WITH and Path(url).suffix in TYPES}
    pack = packed(together)
    return Shell(page, instruments, pack, worker(entries, set(together), pack, current.release()))


def rendered() -> str:
    """The page, made without anything of the request at hand: neither person nor language reaches it.

    Its lines travel at the margin, and none of them is empty.
    """
    instruments = current.instruments()
    *_, newest = instruments.values()
    page = current_app.jinja_env.get_template("visitor/visit.html")
    whole = page.render(instrument=newest, instruments=instruments, release=current.release())
    return re.sub(r"\s*\n\s*", "\n", whole)


def files(static: Path) -> dict[str, Path]:
    """The static files that the tablet's page needs, by their path below /static/."""
    return {
        path.relative_to(static).as_posix(): path
        for folder in FOLDERS
        for path in sorted((static / folder).rglob("*"))
        if path.suffix in KINDS
    }


def packed(together: dict[str, bytes]) -> bytes:
    """A first line that says what follows, [[address, type, length in UTF-16 units], …]; then the files' texts.

    The shortest come first: a long text finds more of its words said before, and the whole travels smaller.
    """
    together = dict(sorted(together.items(), key=lambda one: len(one[1])))
    listed = [
        [url, TYPES[Path(url).suffix], len(body.decode().encode("utf-16-le")) // 2] for url, body in together.items()
    ]
    return compact(listed) + b"\n" + b"".join(together.values())


def worker(entries: dict[str, bytes], together: set[str], pack: bytes, release: str) -> bytes:
    """static/sw.js, preceded by what it must know: the release, and the list with the digest of all that is fetched."""
    shell = [[url] if url in together else [url, integrity(body)] for url, body in entries.items()]
    known = {"release": release, "shell": shell, "pack": [PACK, integrity(pack)]}
    code = sent(current.folder("static") / "sw.js")
    return b"self.visit = " + compact(known) + b";\n" + code


def integrity(body: bytes) -> str:
    """As the browser checks it: https://www.w3.org/TR/SRI/"""
    return "sha256-" + base64.b64encode(hashlib.sha256(body).digest()).decode()


def compact(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
