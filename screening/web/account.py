"""Signing in and out, and what is everybody's own: language, password, open sign-ins."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, session, url_for
from flask import current_app as app
from itsdangerous import BadData, URLSafeSerializer

from screening import attempts, people, sessions
from screening.errors import NotAllowed, NotAnswerable, Refused
from screening.store import parse_utc, utc
from screening.web import current, forms
from screening.web.access import audience, home, own_path
from screening.web.language import gettext as _
from screening.web.language import sentence

pages = Blueprint("account", __name__)

SIGNED_OUT = "Du er logget ud."
SAVED = "Adgangskoden er skiftet. Dine andre steder er logget ud."
DIFFERENT = "De to nye adgangskoder er ikke ens. Skriv dem igen."
SAME = "Den nye adgangskode er den samme som den gamle. Vælg en anden."
WRONG_OLD = "Din nuværende adgangskode passer ikke. Prøv igen."
MARK_SECONDS = attempts.KNOWN_DAYS * 24 * 3600
# Only signing in and changing a password ask for it; a tablet that looks for news need not carry it.
MARK_PATH = "/account"
MOST_ACCOUNTS = 12


@pages.get("/")
@audience("anyone")
def front() -> Any:
    return redirect(home(current.person()["role"]), 303)


@pages.route("/account/sign-in", methods=["GET", "POST"])
@audience("public")
def sign_in() -> Any:
    form, wanted = forms.SignIn(), own_path(request.args.get("next"))
    if request.method == "GET":
        return render_template("account/sign_in.html", form=form, wanted=wanted)
    try:
        account = people.account(form.username.data or "")
        token = sessions.sign_in(
            current.store(), account, form.password.data or "", current.now(), place(account), current.service().cost
        )
    except Refused as refusal:
        page = render_template("account/sign_in.html", form=form, wanted=wanted, refusal=sentence(refusal))
        return page, refusal.status
    return keep_cookie(redirect(url_for(".code", next=wanted), 303), current.cookie_name("session"), token)


@pages.route("/account/code", methods=["GET", "POST"])
@audience("public")
def code() -> Any:
    form, wanted = forms.Code(), own_path(request.args.get("next"))
    pending = request.cookies.get(current.cookie_name("session"), "")
    half = sessions.waiting(current.store(), pending, current.now())
    if not half:
        return redirect(url_for(".sign_in", next=wanted), 303)
    if request.method == "GET":
        return render_template("account/code.html", form=form, wanted=wanted)
    try:
        token = sessions.confirm(current.store(), pending, form.code.data or "", current.now(), place(half["username"]))
    except Refused as refusal:
        page = render_template("account/code.html", form=form, wanted=wanted, refusal=sentence(refusal))
        return page, refusal.status
    session.clear()
    role = people.get(current.store(), half["id"])["role"]
    then = url_for(".password") if half["first_until"] else wanted or home(role)
    answer = keep_cookie(redirect(then, 303), current.cookie_name("session"), token)
    return remember_browser(answer, half["username"])


@pages.post("/account/sign-out")
@audience("anyone")
def sign_out() -> Any:
    sessions.sign_out(current.store(), current.person(), current.now())
    session.clear()
    answer = redirect(url_for(".sign_in"), 303)
    answer.delete_cookie(current.cookie_name("session"), secure=request.is_secure, httponly=True, samesite="Strict")
    return answer


@pages.get("/account/")
@audience("anyone")
def account() -> Any:
    return own_page()


@pages.post("/account/language")
@audience("public")
def speak() -> Any:
    form = forms.Language()
    if not form.validate():
        raise NotAnswerable("Sproget findes ikke. Vælg dansk eller engelsk.")
    if current.person():
        people.speak(current.store(), current.person(), form.language.data)
    else:
        session["language"] = form.language.data
    return redirect(own_path(form.back.data) or url_for(".front"), 303)


@pages.route("/account/password", methods=["GET", "POST"])
@audience("anyone")
def password() -> Any:
    form, person = forms.Password(), current.person()
    if request.method == "GET":
        return render_template("account/password.html", first=person["first_until"])
    try:
        if form.new.data != form.again.data:
            raise NotAnswerable(DIFFERENT)
        if form.new.data == form.password.data:
            raise NotAnswerable(SAME)
        refuse_wrong_password(person, form.password.data or "")
        words = people.own_words(current.municipality().name)
        sessions.change_password(
            current.store(), person, form.new.data or "", words, current.now(), cost=current.service().cost
        )
    except Refused as refusal:
        said = sentence(refusal)
        if person["first_until"]:
            return render_template("account/password.html", first=True, refusal=said), refusal.status
        return own_page(refusal=said), refusal.status
    if person["first_until"]:
        return redirect(home(person["role"]), 303)
    session["changed"] = True
    return redirect(url_for(".account"), 303)


@pages.post("/account/sessions/end")
@audience("anyone")
def end_others() -> Any:
    sessions.end_others(current.store(), current.person(), current.now())
    return redirect(url_for(".account"), 303)


@pages.post("/account/sessions/<session_id>/end")
@audience("anyone")
def end_session(session_id: str) -> Any:
    sessions.end_own(current.store(), current.person(), session_id, current.now())
    return redirect(url_for(".account"), 303)


def own_page(refusal: str | None = None) -> str:
    person = current.person()
    open_ones = sessions.open_ones(current.store(), person, current.now(), current.service().lifetime)
    said = _(SAVED) if session.pop("changed", False) else None
    return render_template("account/account.html", sessions=open_ones, refusal=refusal, said=said)


def refuse_wrong_password(person: people.Person, password: str) -> None:
    """The first half of signing in again, throttled as that is; what it opens is closed at once."""
    try:
        token = sessions.sign_in(
            current.store(), person["username"], password, current.now(), place(person["username"]),
            current.service().cost,
        )  # fmt: skip
    except NotAllowed as refusal:
        raise NotAllowed(WRONG_OLD) from refusal
    sessions.end(current.store(), sessions.digest(token), current.now())


def keep_cookie(answer: Any, name: str, value: str, path: str = "/", seconds: int | None = None) -> Any:
    """A cookie that only this host gets, that no script reads and that no other site's page sends."""
    answer.set_cookie(
        name, value, max_age=seconds, path=path, secure=request.is_secure, httponly=True, samesite="Strict"
    )
    return answer


def place(account: str) -> str:
    """Where a try comes from: a browser that has signed in to this account before, else its network."""
    mark = browser_mark()
    known = attempts.scope("account", account) in mark["accounts"]
    return f"browser {mark['id']}" if known else attempts.network(request.remote_addr or "")


def remember_browser(answer: Any, account: str) -> Any:
    """Sign and keep that this browser has signed in to the account."""
    mark, digest = browser_mark(), attempts.scope("account", account)
    accounts = [digest, *(one for one in mark["accounts"] if one != digest)][:MOST_ACCOUNTS]
    attempts.succeed(current.store(), account, f"browser {mark['id']}", current.now())
    value = signer().dumps({"id": mark["id"], "accounts": accounts, "at": utc(current.now())})
    return keep_cookie(answer, mark_name(), value, MARK_PATH, MARK_SECONDS)


def mark_name() -> str:
    """The prefix that pins a cookie to a host wants it on every path; this one pins it to https."""
    return "__Secure-known" if request.is_secure else "known"


def browser_mark() -> dict[str, Any]:
    """What this browser shows, or a new mark where it shows none that is ours."""
    if "browser_mark" not in g:
        try:
            g.browser_mark = fresh(signer().loads(request.cookies.get(mark_name(), "")))
        except BadData:
            g.browser_mark = {"id": secrets.token_urlsafe(16), "accounts": []}
    return g.browser_mark


def fresh(mark: dict[str, Any]) -> dict[str, Any]:
    """The mark, unless it is older than a browser is told to keep it: whoever copied it may keep it longer."""
    if current.now() - parse_utc(mark["at"]) > timedelta(seconds=MARK_SECONDS):
        raise BadData("too old")
    return mark


def signer() -> URLSafeSerializer:
    sha256 = {"digest_method": hashlib.sha256}
    return URLSafeSerializer(app.secret_key, salt="browser that has signed in before", signer_kwargs=sha256)
