"""Looks for words and key bytes in files, in every form in which they could lie there."""

import base64
import contextlib
import json
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote, quote_plus


def forms(secret: str | bytes) -> set[bytes]:
    """A text in UTF-8, UTF-16 and Latin-1, or bytes as they are; each also in base64 and hex, wherever it begins."""
    plain = {secret} if isinstance(secret, bytes) else encodings(secret)
    found = set(plain)
    for one in plain:
        found |= {middle(base64.b64encode(b"\0" * before + one), before) for before in range(3)}
        found |= {middle(base64.urlsafe_b64encode(b"\0" * before + one), before) for before in range(3)}
        found |= {one.hex().encode(), one.hex().upper().encode()}
    return found


def encodings(text: str) -> set[bytes]:
    """As a browser keeps strings (Latin-1, UTF-16), as a server writes them (UTF-8, escapes), as in addresses."""
    made = {text.encode("utf-8"), text.encode("utf-16-le"), text.encode("utf-16-be")}
    made |= {text.encode("ascii", "backslashreplace"), json.dumps(text)[1:-1].encode()}
    made |= {quote(text).encode(), quote_plus(text).encode()}
    with contextlib.suppress(UnicodeEncodeError):
        made.add(text.encode("latin-1"))
    return made


def middle(code: bytes, before: int) -> bytes:
    """The part of a base64 text that does not depend on its neighbours."""
    first = -(-before * 8 // 6)
    last = len(code.rstrip(b"=")) - (1 if code.endswith(b"=") else 0)
    return code[first:last]


def found(folders: Iterable[Path], secrets: Iterable[str | bytes], leave_out: Iterable[Path] = ()) -> list[str]:
    """Where any of the secrets lies, as ``file: secret``; files and names below the folders are looked through."""
    wanted = [(secret, form) for secret in secrets for form in forms(secret)]
    places, exempt = [], {path.resolve() for path in leave_out}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not any(one == path.resolve() or one in path.resolve().parents for one in exempt):
                text = path.name.encode() + b"\0" + path.read_bytes()
                places += [f"{path}: {shown(secret)}" for secret, form in wanted if form in text]
    return sorted(set(places))


def shown(secret: str | bytes) -> str:
    return secret if isinstance(secret, str) else "key " + secret.hex()[:12]
