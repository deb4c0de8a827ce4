"""What is typed on a lead's page outlives her sign-in: it is kept under her key, and the form stands as typed again.

Each such form carries a mark that only we can make: for whom it was made, and a number of its own. By the first what is
sent after the sign-in has ended is known to be hers; nothing is done with it until she has signed in, seen it and
pressed again. By the second a second press of the same form is the same decision.
"""

import json
import secrets
from base64 import urlsafe_b64encode
from hmac import digest
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from flask import current_app as app
from flask import redirect, request, url_for
from werkzeug.datastructures import MultiDict

from screening import unfinished
from screening.errors import NotAnswerable
from screening.web import current

# The forms that are kept -> the page on which each stands.
FORMS = {"lead.decide": "lead.family", "lead.notification_decided": "lead.notification"}
# What belongs to the page that was, not to what was typed.
OWN = ("csrf_token", "made", "typed", "keep")


def mark(key: str | None = None) -> str:
    """A new form's mark; ``key`` is that of the form whose text stands in it again."""
    said = json.dumps([current.person()["id"], key or secrets.token_urlsafe(12)])
    return box().encrypt_at_time(said.encode(), int(current.now().timestamp())).decode()


def whose(text: str) -> tuple[str, str] | None:
    """(person, key) of a mark that is ours and not too old."""
    try:
        said = box().decrypt_at_time(
            text.encode(), int(unfinished.KEPT.total_seconds()), int(current.now().timestamp())
        )
    except (InvalidToken, UnicodeEncodeError):
        return None
    person, key = json.loads(said)
    return person, key


def key() -> str:
    """The number of the form that was sent; empty where it carries none of ours."""
    found = whose(request.form.get("made", ""))
    return found[1] if found and found[0] == current.person()["id"] else ""


def rescued() -> Any:
    """Keep what a form sends that cannot be taken now, and lead back to it, past the sign-in; None for any other."""
    page = FORMS.get(request.endpoint or "")
    found = whose(request.form.get("made", "")) if page and request.method == "POST" else None
    person = current.person()
    if not found or (person and person["id"] != found[0]):
        return None
    way = url_for(page, **(request.view_args or {}), visit=request.form.get("visit"), typed=kept(*found))
    return redirect(way if person else url_for("account.sign_in", next=way), 303)


def kept_only() -> Any:
    """Keep what a form sends and do nothing with it: the page is about to be blanked. Raises NotAnswerable."""
    if kept := rescued():
        return kept
    raise NotAnswerable("Det, der er skrevet, kunne ikke gemmes: siden er for gammel. Hent den igen.")


def kept(person: str, key: str) -> str:
    fields = {name: values for name, values in request.form.to_dict(flat=False).items() if name not in OWN}
    return unfinished.keep(current.store(), person, fields | {"key": [key]}, current.now())


def restored() -> MultiDict[str, str] | None:
    """What stands in the form again: hers, by the address she was led to; None where there is nothing."""
    id = request.args.get("typed", "")
    fields = unfinished.read(current.store(), id, current.person(), current.now()) if id else None
    return MultiDict([(name, value) for name, values in fields.items() for value in values]) if fields else None


def forget() -> None:
    """What was restored has been saved."""
    if id := request.form.get("typed"):
        unfinished.forget(current.store(), id, current.person())


def box() -> Fernet:
    secret = app.secret_key if isinstance(app.secret_key, bytes) else str(app.secret_key).encode()
    return Fernet(urlsafe_b64encode(digest(secret, b"for whom a form was made", "sha256")))
