"""Every refusal and every mishap as a page or as JSON: calm words, what to do next, and no trace."""

import logging
import traceback
from types import TracebackType
from typing import Any

from flask import Flask, Response, current_app, got_request_exception, jsonify, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from screening.denials import STATUSES, Denial
from screening.errors import KeysClosed, Refused
from screening.web import current, typed
from screening.web.access import audience_of, wants_json
from screening.web.language import gettext as _
from screening.web.language import sentence

log = logging.getLogger("screening")

TITLES = {
    400: "Det kunne ikke læses",
    401: "Log ind først",
    403: "Det er ikke åbent for dig",
    404: "Siden findes ikke",
    405: "Det kan man ikke her",
    409: "Nogen kom først",
    413: "Det er for meget på én gang",
    422: "Det kunne ikke læses",
    429: "Vent et øjeblik",
}
OTHERS = "Noget gik galt hos os"
SENTENCES = {
    400: "Forespørgslen kunne ikke læses. Gå tilbage, og prøv igen.",
    404: "Siden findes ikke, eller den er ikke for dig. Gå til forsiden.",
    405: "Siden tager ikke imod den slags forespørgsler. Gå til forsiden.",
    413: "Det er mere, end der kan tages imod på én gang. Send mindre ad gangen.",
}
UNEXPECTED = "Det er noteret, og intet er gået tabt. Prøv igen om lidt."
OLD_PAGE = "Siden havde stået åben for længe. Gå tilbage, hent den igen, og prøv en gang til."
# Answers without the application and its pages: title, Danish, English. 500 when even the page of a mishap fails.
WITHOUT_APPLICATION = {
    400: ("Det kunne ikke læses", "Forespørgslen kom ikke hel frem. Prøv igen.",
          "The request did not arrive whole. Try again."),
    408: ("Det tog for lang tid", "Forespørgslen kom ikke hel frem i tide. Se efter forbindelsen, og prøv igen.",
          "The request did not arrive whole in time. Look to the connection, and try again."),
    500: ("Noget gik galt hos os", "Det er noteret, og intet er gået tabt. Prøv igen om lidt.",
          "Something went wrong on our side. Nothing is lost. Try again in a moment."),
    503: ("Der er travlt lige nu", "Der kommer for meget på én gang. Vent lidt, og prøv igen.",
          "Too much comes at once. Wait a little, and try again."),
}  # fmt: skip


def last_words(title: str, danish: str, english: str) -> str:
    """A page that needs nothing that may be broken, in both languages."""
    return (
        f'<!doctype html><html lang="da"><head><meta charset="utf-8"><title>{title} – Besøg</title></head>'
        f'<body><main><h1>{title}</h1><p>{danish}</p><p lang="en">{english}</p></main></body></html>'
    )


def install(app: Flask) -> None:
    """Turn every refusal of an application into an answer."""
    app.register_error_handler(Refused, refused)
    app.register_error_handler(CSRFError, old_page)
    app.register_error_handler(HTTPException, refused_early)
    app.register_error_handler(Exception, unexpected)
    got_request_exception.connect(noted, app)
    app.after_request(audited)


def audited(answer: Response) -> Response:
    """Put a denial into the log. What fails in that is noted, and the answer leaves all the same."""
    if answer.status_code in STATUSES and not ordinary(answer.status_code):
        try:
            path = request.url_rule.rule if request.url_rule else "no page"
            denial = Denial(asker(), answer.status_code, request.method, path)
            current.service().denials.note(current.store(), denial, current.now())
        except Exception as error:
            note(error)
    return answer


def ordinary(status: int) -> bool:
    """A page that is not there, or is everybody's, is nobody's secret; a wrong sign-in has its own entry."""
    if status == 404:
        return audience_of(current_app, request.endpoint) in (None, "public")
    return status == 403 and request.endpoint in ("account.sign_in", "account.code")


def asker() -> str:
    """Who asked: the id of whoever is signed in, else the tablet of ours that it says it is, else ``unknown``."""
    if person := current.person():
        return person["id"]
    named = request.headers.get("X-Tablet", "").encode("utf-8", "replace").decode()
    tablet = current.store().row("SELECT id FROM tablets WHERE id = :id", id=named)
    return tablet["id"] if tablet else "unknown"


def refused(refusal: Refused) -> Any:
    if refusal.status >= 500:
        note(refusal)
    answer = shown(refusal.status, sentence(refusal))
    if seconds := refusal.values.get("seconds"):
        answer.headers["Retry-After"] = str(seconds)
    return answer


def old_page(_error: CSRFError) -> Any:
    """A page from before she signed in anew: what was typed on it stands in its form again."""
    if kept := typed.rescued():
        return kept
    return shown(400, _(OLD_PAGE))


def refused_early(error: HTTPException) -> Any:
    """What the router or the reading of a request refuses; a redirect passes."""
    status = error.code or 500
    if status < 400:
        return error.get_response()
    answer = shown(status, _(SENTENCES.get(status, SENTENCES[400] if status < 500 else UNEXPECTED)))
    if allowed := getattr(error, "valid_methods", None):
        answer.headers["Allow"] = ", ".join(sorted(allowed))
    return answer


def unexpected(error: Exception) -> Any:
    note(error)
    return shown(500, _(UNEXPECTED))


def shown(status: int, text: str) -> Response:
    """The answer to a refusal. When making it fails as well, the last words that need nothing."""
    try:
        if wants_json():
            answer = jsonify(error=text)
        else:
            answer = Response(render_template("error.html", title=_(TITLES.get(status, OTHERS)), sentence=text))
    except Exception as error:
        note(error)
        answer = Response(last_words(*WITHOUT_APPLICATION[500]))
    answer.status_code = status
    return answer


def noted(_app: Flask, exception: BaseException, **_more: object) -> None:
    """What Flask itself could not answer."""
    note(exception)


def note(error: BaseException) -> None:
    """Write down kind and place of a mishap. Its words, its values and the address may be somebody's: never."""
    kind = f"{type(error).__name__} ({error.reason})" if isinstance(error, KeysClosed) else type(error).__name__
    log.error("%s at %s in %s %s", kind, place(error.__traceback__), request.method, request.endpoint)


def place(trace: TracebackType | None) -> str:
    steps = [f"{step.filename.rpartition('/')[2]}:{step.lineno}" for step in traceback.extract_tb(trace)]
    return " > ".join(steps[-4:]) or "nowhere"
